"""Redis refuses for long, or for one key only, or throws things away: nothing lost in silence, doubled or out of order."""
import os
import time

import pytest
import redis as redis_client

from support.load import TABLES, Load
from support.processes import wait_until
from support.states import State, says


@pytest.fixture
def loaded(world, own_redis):
    world.sql(TABLES)
    return world, world.start(HASH_REALTIME_REPLAY_WINDOW="500ms", HASH_REALTIME_MAX_IN_FLIGHT_BYTES="1MiB")


def test_snapshots_that_fail(loaded):
    """MISCONF: its disk does not take the snapshot, so Redis takes no writes until one succeeds."""
    world, service = loaded
    client, place = world.redis.client, world.redis.folder
    client.config_set("save", "3600 1000000")
    client.config_set("stop-writes-on-bgsave-error", "yes")

    def snapshot(status):
        client.bgsave()
        wait_until(f"a snapshot, {status}", lambda: client.info("persistence")["rdb_last_bgsave_status"] == status)

    def end():
        os.chmod(place, 0o700)
        snapshot("ok")

    with State(world, service, "redis_cannot_persist", end):
        os.chmod(place, 0o500)
        snapshot("err")
        with pytest.raises(redis_client.ResponseError, match="MISCONF"):
            client.set("probe", "x")


def test_a_full_disk(world, own_redis):
    """Redis answers from its memory what it cannot write to its disk: nothing of it is confirmed, so that all of it comes again
    where Redis then dies."""
    client = world.redis.client
    client.config_set("appendfsync", "everysec")  # with "always" Redis ends
    world.sql("create table a (id int)")
    service = world.start(HASH_REALTIME_REPLAY_WINDOW="500ms")
    world.sql("insert into a values (0)")
    world.caught_up()
    confirmed = lambda: world.postgres.slot(world.slot)["confirmed_flush_lsn"]
    before = world.sql("select pg_current_wal_lsn()")[0][0]
    wait_until("confirmed", lambda: world.sql("select %s::pg_lsn >= %s::pg_lsn", (confirmed(), before))[0][0])
    world.redis.fill_disk()
    for i in range(1, 6):
        world.sql(f"insert into a values ({i})")
    end = world.sql("select pg_current_wal_lsn()")[0][0]
    says(service, "redis_cannot_persist")
    assert client.llen("search") > 1, "some of it stands in the memory of Redis"
    time.sleep(2)
    assert world.sql("select %s::pg_lsn < %s::pg_lsn", (confirmed(), end))[0][0]
    world.redis.kill()
    world.redis.start()
    service.wait_ready()
    assert len(world.caught_up()) == 6


def test_one_key_of_a_wrong_type_under_load(loaded):
    """The stuck queue stays as it is and the other flows, until the operator has put things right."""
    world, service = loaded
    client = world.redis.client
    with Load(world) as load:
        time.sleep(0.4)
        client.pipeline().rename("search", "kept").set("search", "not a list").execute()
        stuck_at, flown = world.redis.record("search")["number"], client.llen("integration")
        says(service, "queue_wrong_type")
        wait_until("the other queue flows", lambda: client.llen("integration") > flown + 50)
        assert service.get("/ready")[0] == 503 and service.is_running()
        assert client.get("search") == b"not a list" and world.redis.record("search")["number"] == stuck_at
        client.pipeline().delete("search").rename("kept", "search").execute()
        service.wait_ready()
        time.sleep(0.3)
    assert load.committed > 0 and world.caught_up()


@pytest.mark.long
def test_out_of_memory_for_longer_than_a_server_is_left_unread(loaded):
    """After a minute with a full window the slot's connection is closed, so that PostgreSQL is not held up; memory stays
    bounded, and everything arrives once Redis takes it again."""
    world, service = loaded
    client = world.redis.client
    with Load(world):
        time.sleep(0.5)
        client.config_set("maxmemory", client.info("memory")["used_memory"])
        says(service, "redis_out_of_memory")
        wait_until("a full window", service.is_full)
        begun = service.memory()
        wait_until(lambda: f"the slot is let go\n{service.log_tail()}", lambda: not world.postgres.slot(world.slot)["active"])
        time.sleep(15)
        grown = service.memory() - begun
        assert grown < 8 << 20, f"{grown} bytes more than when it began"
        assert service.is_running() and service.get("/health-check")[0] == 200 and service.get("/ready")[0] == 503
        client.config_set("maxmemory", 0)
        service.wait_ready()
    world.caught_up()
    lines = [line for line in service.log("warn") if line.get("error") == "redis_out_of_memory"]
    assert len(lines) <= 3 * len(world.queues), "one line when it begins and one a minute, not one a try"


def test_an_evicted_position_is_said(loaded):
    """allkeys-random and too little memory: Redis throws away whatever it likes. What is gone is gone, but it is said."""
    world, service = loaded
    client = world.redis.client
    with Load(world):
        time.sleep(0.5)
        client.config_set("maxmemory-policy", "allkeys-random")
        client.config_set("maxmemory", 1)
        wait_until("evicted", lambda: client.info("stats")["evicted_keys"] > 0)
        wait_until(lambda: f"degraded\n{service.log_tail()}", lambda: service.status().get("degraded"))
        service.wait_log("keys for want of memory (maxmemory-policy allkeys-random)")
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")
        service.wait_ready()
    said = [line for line in service.log("error") if "queue" in line and "from" in line and "lsn" in line]
    assert said, service.log_tail()
    world.sql("insert into load_a values (1000000, 0, 'mark')")
    world.sql("insert into load_a select i, 0, 'after' from generate_series(1000001, 1000200) i")
    expected = world.oracle.take()[-201:]
    for queue in world.queues:
        wait_until("all of it", lambda: client.llen(queue) > 0 and world.held(queue)[-1] == expected[-1])
        assert world.held(queue)[-201:] == expected
