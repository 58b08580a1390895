"""What a name leads to: a resolver that does not answer, a name with several addresses."""
import os
import time

import pytest

from support.names import Names
from support.postgres import Postgres
from support.processes import wait_until


@pytest.fixture
def names(world, folder):
    names = Names(f"{folder}/names.{world.slot}")
    yield names
    names.close()


def threads(service):
    return len(os.listdir(f"/proc/{service.process.pid}/task"))


@pytest.mark.parametrize("setting", ["HASH_PG_HOST", "HASH_REDIS_HOST"])
def test_a_start_without_a_resolver_stops_when_it_is_told_to(world, names, setting):
    service = world.service(**{setting: "nobody.test"})
    service.under = names.under
    service.start()
    wait_until("the name server is asked", names.asked)
    code, seconds = service.terminate()
    assert code == 0 and seconds < 2, f"stopped with {code} after {seconds:.1f} s\n{service.log_tail()}"


def lost(world, names, service):
    """The names are known no longer, and the connections to Redis have ended."""
    names.set({"pg.test": ["127.0.0.1"]})
    names.asked()
    for client in world.redis.client.client_list():
        if client["name"] == "hash-realtime":
            world.redis.client.client_kill(client["addr"])
    wait_until("the name server is asked", names.asked)


def start_with_names(world, names):
    names.set({"pg.test": ["127.0.0.1"], "redis.test": ["127.0.0.1"]})
    service = world.service(HASH_PG_HOST="pg.test", HASH_REDIS_HOST="redis.test")
    service.under = names.under
    world.sql("create table t (id int primary key)")
    return service.start().wait_ready()


def test_a_writer_without_a_resolver_is_not_deaf(world, own_redis, names):
    service = start_with_names(world, names)
    before = threads(service)
    lost(world, names, service)
    world.sql("insert into t values (1)")
    service.stop()
    assert "terminate" not in service.log_text() and before < 400


@pytest.mark.long
def test_a_resolver_that_is_away_for_a_while(world, own_redis, names):
    """Nobody waits in it, no thread is left behind a try, and the service goes on when it is back."""
    service = start_with_names(world, names)
    before = threads(service)
    lost(world, names, service)
    world.sql("insert into t values (1)")
    for _ in range(24):
        time.sleep(0.5)
        assert service.get("/health-check")[0] == 200
        assert threads(service) <= before + 4, "two questions for each of the two names, for all who ask"
    assert world.postgres.slot(world.slot)["active"] or "Redis cannot be reached" in service.log_text()
    names.set({"pg.test": ["127.0.0.1"], "redis.test": ["127.0.0.1"]})
    service.wait_ready()
    wait_until("delivered", lambda: world.redis.client.llen("search") == 1)
    service.stop()


@pytest.mark.long
def test_a_name_whose_first_address_is_a_standby(world, names, folder):
    """PostgreSQL on both addresses, one of them in recovery; the order is the resolver's."""
    primary = Postgres(f"{folder}/names.primary")
    primary.stop()
    standby = Postgres(f"{folder}/names.standby", copy_of=primary)
    primary.start()
    standby.follow(primary)
    standby.configure(listen_addresses="127.0.0.2")
    standby.port = primary.port
    standby.start = None  # its answers() asks 127.0.0.1
    try:
        process = start_at(standby)
        shared, world.postgres = world.postgres, primary
        primary.sql(f"create database {world.database}")
        world.sql("create table t (id int primary key)")
        for order in (["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"]):
            names.set({"pg.test": order})
            service = world.service(HASH_PG_HOST="pg.test")
            service.under = names.under
            service.start().wait_ready()
            service.stop()
            assert "recovery" not in service.log_text(), service.log_tail()
        process.terminate()
        process.wait(30)
        world.close()
        world.services, world.postgres = [], shared
    finally:
        primary.stop("immediate")


def start_at(server):
    from support.postgres import bin_folder
    from support.processes import spawn

    log = open(server.log_path, "ab")
    command = [f"{bin_folder()}/postgres", "-D", server.data, "-p", str(server.port)]
    process = spawn(command, as_server=True, cwd=server.folder, stdout=log, stderr=log)

    def ready():
        with open(server.log_path, errors="replace") as text:
            return "ready to accept read-only connections" in text.read()

    wait_until("the standby", ready)
    return process
