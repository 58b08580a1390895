"""`hash-realtime accept-loss`: after a loss that nothing can mend the service goes on, once and knowingly."""
import json
import os
import pty
import subprocess
import time

import pytest

from support.load import TABLES, Load
from support.postgres import Postgres
from support.processes import PATIENCE, spawn, wait_until
from support.service import binary
from support.world import World

from test_positions import change_record


@pytest.fixture
def begun(world):
    """A service that has delivered ten changes and is stopped."""
    return begin(world)


def begin(world):
    world.sql("create table t (id int primary key)")
    service = world.start()
    world.sql("insert into t select generate_series(1, 10)")
    world.caught_up()
    service.stop()
    return world


def accept(world, *arguments, **changes):
    """(exit code, all it says)"""
    settings = world.services[0].settings | changes
    ended = subprocess.run([binary(), "accept-loss", *arguments], env=settings, capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, timeout=PATIENCE)
    return ended.returncode, ended.stdout + ended.stderr


def records(world):
    return [world.redis.client.get(f"{{{queue}}}:position") for queue in world.queues]


def goes_on(world, new=2, **changes):
    """The service starts, says that nothing is wrong, and delivers what is new, once."""
    before = {queue: world.redis.client.llen(queue) for queue in world.queues}
    service = world.services[0].start(**changes).wait_ready()
    assert service.status()["degraded"] == []
    connection = world.connect() if not changes else None
    for i in range(new):
        (connection.cursor().execute if connection else world.sql)(f"insert into t values ({1000 + i})")
    for queue in world.queues:
        wait_until(lambda: f"{world.redis.client.llen(queue)} in {queue}\n{service.log_tail()}",
                   lambda: world.redis.client.llen(queue) == before[queue] + new)
    for _ in ("beside the running service", "after it"):
        code, said = accept(world)
        assert code == 0 and "nothing is lost" in said, said
        service.stop()


def test_nothing_is_wrong(begun):
    before = records(begun)
    code, said = accept(begun, "--yes")
    assert code == 0 and "nothing is lost" in said and records(begun) == before
    goes_on(begun)


def test_slot_dropped(begun):
    at = begun.redis.record("search")
    begun.postgres.sql("select pg_drop_replication_slot(%s)", (begun.slot,))
    before = records(begun)
    code, said = accept(begun)
    assert code == 2 and "--yes" in said and f"({at['lsn']}, " in said, said
    assert records(begun) == before and begun.postgres.slot(begun.slot) is None
    code, said = accept(begun, "--yes")
    assert code == 0 and "accepted" in said, said
    now = begun.redis.record("search")
    assert now["number"] == at["number"] and now["epoch"] > at["epoch"] and now["lsn"] in said
    assert now["lsn"] == begun.postgres.slot(begun.slot)["confirmed_flush_lsn"]
    goes_on(begun)


def test_slot_lost(folder, redis, plugin):
    postgres = Postgres(f"{folder}/accept.lost")
    world = World(postgres, redis, folder, plugin)
    try:
        begin(world)
        postgres.sql("alter system set max_slot_wal_keep_size = '1MB'")
        postgres.sql("select pg_reload_conf(), pg_sleep(0.2)")
        for _ in range(3):
            postgres.sql("create table filler as select repeat('x', 1000) t from generate_series(1, 20000)")
            postgres.sql("drop table filler")
            postgres.sql("select pg_switch_wal()")
        postgres.sql("checkpoint")
        assert postgres.slot(world.slot)["wal_status"] == "lost"
        code, said = accept(world, "--yes")
        assert code == 0 and "is lost" in said and "made anew" in said, said
        goes_on(world)
    finally:
        world.close()
        postgres.stop("immediate")


def test_another_cluster(begun, folder):
    stranger = Postgres(f"{folder}/accept.stranger")
    try:
        stranger.sql(f"create database {begun.database}")
        if begun.plugin == "pgoutput":
            stranger.sql("create publication hash_realtime for all tables", database=begun.database)
        port = {"HASH_PG_PORT": str(stranger.port)}
        code, said = accept(begun, "--yes", **port)
        assert code == 0 and "another PostgreSQL cluster" in said and "given up" in said, said
        assert begun.redis.record("search")["system"] == str(stranger.value("select system_identifier from pg_control_system()"))
        begun.services[0].start(**port).wait_ready().stop()
    finally:
        stranger.stop("immediate")


def test_degraded_marks_go_and_nothing_moves(begun):
    change_record(begun, "search", loss="0/10..0/20")
    before = begun.redis.record("search")
    code, said = accept(begun, "--yes")
    after = begun.redis.record("search")
    assert code == 0 and "queue search has lost: 0/10..0/20" in said, said
    assert "loss" not in after and (after["lsn"], after["number"]) == (before["lsn"], before["number"])
    goes_on(begun)


def test_degraded_marks_go_beside_a_running_owner(begun):
    change_record(begun, "search", loss="0/10..0/20")
    begun.sql(TABLES)
    owner = begun.services[0].start().wait_ready()
    standby = begun.service().start().wait_role("standby")
    assert "0/10..0/20" in owner.status()["degraded"][0]
    with Load(begun):
        wait_until("load", lambda: begun.redis.client.llen("search") > 300)
        assert accept(begun)[0] == 2, "it asks here too"
        code, said = accept(begun, "--yes")
        assert code == 0 and "queue search has lost: 0/10..0/20" in said and "goes on" in said, said
        wait_until("an owner without a mark", lambda: any(one.status()["role"] == "owner" and one.status()["degraded"] == [] for one in (owner, standby)))
    begun.caught_up()


def test_another_instance_holds_it_up_where_more_is_to_change(begun):
    begun.services[0].start().wait_ready()
    code, said = accept(begun, "--yes", HASH_REALTIME_QUEUES="a_queue_of_another_set")
    assert code == 1 and "Stop every instance" in said, said


def test_slot_that_somebody_else_read_on(begun):
    begun.sql("insert into t values (100)")
    begun.postgres.sql("select pg_replication_slot_advance(%s, pg_current_wal_lsn())", (begun.slot,), begun.database)
    code, said = accept(begun, "--yes")
    assert code == 0 and "queue search has lost" in said, said
    goes_on(begun)


def test_unreadable_record(begun):
    begun.redis.client.set("{search}:position", "9 {}")
    assert accept(begun)[0] == 2
    code, said = accept(begun, "--yes")
    assert code == 0 and "queue search" in said and begun.redis.record("search")["number"] == 10, said
    goes_on(begun)


def test_one_foreign_record_beside_sound_ones(begun):
    change_record(begun, "search", slot="of_another_service")
    sound = begun.redis.record("integration")
    code, said = accept(begun, "--yes")
    assert code == 0 and "another service" in said and "like the others" in said, said
    now = begun.redis.record("integration")
    # What says that an owner lives is not of a command that has ended.
    assert now | {"beat": 0, "lease": 0} == sound | {"epoch": now["epoch"], "beat": 0, "lease": 0}
    # The clock's, not merely the next one: Redis may have forgotten a take-over that had that.
    assert now["epoch"] > sound["epoch"] and abs(now["epoch"] - time.time() * 1000) < 60_000
    goes_on(begun)


def test_record_beyond_the_end(begun):
    for queue in begun.queues:
        change_record(begun, queue, lsn="7F/FFFFFFF0")
    code, said = accept(begun, "--yes")
    assert code == 0 and "7F/FFFFFFF0" in said and "comes twice" in said, said
    service = begun.services[0].start().wait_ready()
    begun.sql("insert into t values (1000)")
    for queue in begun.queues:
        wait_until(queue, lambda: b'"value":1000' in begun.held(queue)[-1])
    assert service.status()["degraded"] == []


def test_slot_of_another_plugin_is_no_loss(begun):
    begun.postgres.sql("select pg_drop_replication_slot(%s)", (begun.slot,))
    begun.sql("select pg_create_logical_replication_slot(%s, 'test_decoding')", (begun.slot,))
    before = records(begun)
    code, said = accept(begun, "--yes")
    assert code == 1 and "test_decoding" in said and records(begun) == before


def test_open_transaction_is_said(begun):
    begun.postgres.sql("select pg_drop_replication_slot(%s)", (begun.slot,))
    writer = begun.connect()
    writer.autocommit = False
    writer.cursor().execute("insert into t values (500)")
    process = spawn([binary(), "accept-loss", "--yes"], env=begun.services[0].settings, stdout=subprocess.PIPE, text=True)
    while "waiting for open transactions" not in (line := process.stdout.readline()):
        assert line, "it ended without saying that it waits"
    writer.commit()
    assert process.wait(10) == 0
    goes_on(begun)


@pytest.mark.parametrize("answer, code", [("no", 1), ("yes", 0)])
def test_on_a_terminal_it_asks(begun, answer, code):
    begun.postgres.sql("select pg_drop_replication_slot(%s)", (begun.slot,))
    terminal, its_end = pty.openpty()
    process = subprocess.Popen([binary(), "accept-loss"], env=begun.services[0].settings, stdin=its_end,
                               stdout=subprocess.PIPE, text=True)
    os.write(terminal, f"{answer}\n".encode())
    said, _ = process.communicate(timeout=PATIENCE)
    os.close(terminal)
    os.close(its_end)
    assert process.returncode == code and "Type yes" in said, said
    assert (begun.postgres.slot(begun.slot) is not None) == (answer == "yes")
