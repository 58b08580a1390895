"""Rows that do not fit, and settings that change while a transaction is half delivered."""
import json
import re
import signal
import subprocess
import time

import pytest

from support.processes import PATIENCE, wait_until
from support.service import binary

MiB = 1 << 20


@pytest.fixture
def wide(world):
    world.sql("create table wide (id int primary key, v text)")
    world.sql("alter table wide alter v set storage external")
    world.start()
    world.sql("insert into wide values (1, 'small')")
    world.caught_up()
    world.services[0].stop()
    return world


def test_a_row_over_the_limit_stops_the_service(wide):
    wide.sql("insert into wide values (2, repeat('x', 3000000))")
    wide.sql("insert into wide values (3, 'small')")
    service = wide.services[0]
    for _ in range(2):
        service.start(HASH_REALTIME_MAX_MESSAGE_BYTES="1MiB")
        assert service.wait_exit() == 1, service.log_tail()
        said = service.log("error")[-1]
        text = json.dumps(said)
        assert "public.wide" in text and "/" in text and "300" in text and "HASH_REALTIME_ON_OVERSIZE" in text, text
        assert "xxxx" not in service.log_text()
    service.start(HASH_REALTIME_MAX_MESSAGE_BYTES=None).wait_ready()
    assert len(wide.caught_up()) == 3


def test_a_row_over_the_limit_is_skipped_and_counted(wide):
    service = wide.services[0]
    service.start(HASH_REALTIME_MAX_MESSAGE_BYTES="1MiB", HASH_REALTIME_ON_OVERSIZE="skip").wait_ready()
    wide.sql("insert into wide values (2, repeat('x', 3000000))")
    wide.sql("insert into wide values (3, 'small')")
    expected = wide.oracle.peek()
    del expected[1]
    for queue in wide.queues:
        wait_until(lambda: f"3\n{service.log_tail()}", lambda: wide.held(queue) == expected)
    assert service.status()["totals"]["oversize_skipped"] == 1
    assert any("public.wide" in json.dumps(line) for line in service.log("warn") + service.log("error")), service.log_tail()
    service.stop()
    service.start().wait_ready()
    wide.sql("insert into wide values (4, 'small')")
    for queue in wide.queues:
        wait_until("4", lambda: len(wide.held(queue)) == 3 and b'"value":4' in wide.held(queue)[-1])


def test_a_row_for_which_there_is_no_memory(wide):
    """The process may die of it, or say so and try again; whatever it does, nothing is lost or doubled."""
    service = wide.services[0]
    wide.sql("insert into wide select i, 'before' from generate_series(2, 1000) i")
    wide.sql("insert into wide values (1001, repeat('x', 150000000))")
    wide.sql("insert into wide values (1002, 'behind')")
    service.under = ["prlimit", f"--as={500 << 20}"]
    service.start()
    wait_until(lambda: f"an end, or words\n{service.log_tail()}", lambda: not service.is_running() or service.log("warn") + service.log("error"))
    wait_until("what came before it", lambda: wide.redis.client.llen("search") >= 1000)
    time.sleep(2)
    assert wide.redis.client.llen("search") == 1000
    if not service.is_running():
        assert service.wait_exit() in (-signal.SIGABRT, 1), service.log_tail()
    service.kill()
    service.under = []
    service.start().wait_ready()
    assert len(wide.caught_up()) == 1002


def test_odd_type_names_and_deep_json(world):
    world.sql('create type "q""t\\ \n" as enum (\'a"b\')')
    world.sql('create table odd (id int primary key, e "q""t\\ \n", j jsonb)')
    service = world.start()
    world.sql("insert into odd values (1, 'a\"b', null)")
    deep = "[" * 6000 + "]" * 6000
    world.sql("set max_stack_depth = '6MB'; insert into odd values (2, null, %s)", (deep,))
    world.sql("insert into odd values (3, null, %s)", ('{"a":' * 2000 + "1" + "}" * 2000,))
    wait_until(lambda: f"three\n{service.log_tail()}", lambda: all(world.redis.client.llen(queue) == 3 for queue in world.queues))
    held = world.held("search")
    assert held == world.held("integration")
    assert [json.loads(message)["columns"][0]["value"] for message in held] == [1, 2, 3]
    assert json.loads(held[1])["columns"][2]["value"] == deep


def test_a_database_that_is_not_utf8_is_refused_in_words(world):
    name = world.database + "_latin"
    world.postgres.sql(f"create database {name} encoding 'LATIN1' template template0 locale 'C'")
    service = world.service(HASH_PG_DATABASE=name).start()
    service.wait_log("LATIN1")
    assert service.status()["trouble"]["error"] == "postgres_encoding"
    assert service.get("/ready")[0] == 503 and service.is_running()
    world.postgres.sql(f"drop database {name} with (force)")


@pytest.fixture
def half_delivered(world):
    """The service died after it had pushed some of a large transaction: the record ends in its middle."""
    world.sql("create table a (id int primary key, v text); create table b (id int primary key, v text)")
    if world.plugin != "pgoutput":  # a world of pgoutput has it
        world.sql("create publication hash_realtime for all tables")  # must be older than the changes
    service = world.start()
    world.sql("insert into a values (0, 'before')")
    world.caught_up()
    service.stop()
    world.sql("do $$ begin for i in 1..6000 loop insert into a values (i, repeat('a', 90)); insert into b values (i, 'b'); end loop; end $$")
    world.sql("insert into b values (0, 'after')")
    service.start(HASH_REALTIME_FAILPOINT="between_queues:3")
    wait_until("an end or a warning", lambda: not service.is_running() or "no failpoints" in service.log_text())
    if service.is_running():
        pytest.skip("this build has no failpoints")
    assert service.wait_exit() == -signal.SIGKILL
    numbers = [world.redis.record(queue)["number"] for queue in world.queues]
    assert 1 < max(numbers) < 12000, numbers
    return world, service, numbers


def rows_of(messages, table):
    named = f'"table":"{table}"'.encode()
    return [message for message in messages if named in message]


@pytest.mark.parametrize("tables", ["public.a", "public.b", "public.b,public.a"])
def test_tables_changed_with_a_transaction_half_delivered(half_delivered, tables):
    """What a queue has taken stays, what is still monitored arrives once and in order, what no longer is may end."""
    world, service, _ = half_delivered
    expected = world.oracle.peek()
    service.start(HASH_REALTIME_FAILPOINT=None, HASH_REALTIME_TABLES=tables).wait_ready()
    world.sql("insert into a values (7001, 'end'); insert into b values (7001, 'end')")
    expected += world.oracle.peek()[len(expected):]
    kept = [name.removeprefix("public.") for name in tables.split(",")]
    last = rows_of(expected, kept[-1])[-1]
    for queue in world.queues:
        wait_until(lambda: f"the end in {queue}\n{service.log_tail()}", lambda: last in world.held(queue)[-2:])
        held = world.held(queue)
        for table in kept:
            assert rows_of(held, table) == rows_of(expected, table), f"{table} in {queue}"
        assert len(held) == len(set(held))
        order = iter(expected)
        assert all(message in order for message in held), "misordered"


def test_plugin_changed_with_a_transaction_half_delivered(half_delivered):
    """As docs/operations.md says: the slot is copied to the other plugin and the copy takes its name."""
    world, service, _ = half_delivered
    other = "wal2json" if world.plugin == "pgoutput" else "pgoutput"
    copied = f"select pg_copy_logical_replication_slot(%s, %s, false, '{other}')"
    kept = world.slot + "_kept"
    world.postgres.sql("select pg_copy_logical_replication_slot(%s, %s)", (world.slot, kept), world.database)
    world.postgres.sql("select pg_drop_replication_slot(%s)", (world.slot,))
    world.postgres.sql(copied, (kept, world.slot), world.database)
    world.postgres.sql("select pg_drop_replication_slot(%s)", (kept,))
    service.start(HASH_REALTIME_FAILPOINT=None, HASH_REALTIME_PLUGIN=other).wait_ready()
    world.sql("insert into a values (7001, 'end')")
    expected = [json.loads(message) for message in world.oracle.peek()]
    for queue in world.queues:
        wait_until(lambda: f"{world.redis.client.llen(queue)} of {len(expected)}\n{service.log_tail()}",
                   lambda: world.redis.client.llen(queue) >= len(expected))
        assert [json.loads(message) for message in world.held(queue)] == expected


def accept_loss(service):
    return subprocess.run([binary(), "accept-loss", "--yes"], env=service.settings, capture_output=True, text=True, timeout=PATIENCE)


@pytest.fixture
def poisoned(world):
    """A row whose JSON wal2json cannot hold in 1 GB: it fails on every connection, and changes behind it wait."""
    if world.plugin != "wal2json":
        pytest.skip("pgoutput sends the row as it is: test_a_row_over_the_limit_stops_the_service")
    world.sql("create table poison (id int primary key, v text); create table t (id int primary key)")
    for number in range(9):  # among which it must be found
        world.sql(f"create table bystander_{number} (id int primary key, v text)")
    world.sql("alter table poison alter v set storage external")
    world.start()
    world.sql("insert into t values (1)")
    world.caught_up()
    world.oracle.options["filter-tables"] = "public.poison"
    world.sql("insert into poison values (1, repeat(E'\\x01', 200000000))")
    world.sql("insert into t values (2)")
    service = world.services[0]
    confirmed = world.postgres.slot(world.slot)["confirmed_flush_lsn"]
    for _ in range(2):
        assert service.wait_exit() == 1, service.log_tail()
        said = json.dumps(service.log("error")[-1])
        assert "row_undecodable" in said and re.search("table public.poison, row at LSN [0-9A-F]+/[0-9A-F]+:", said), said
        assert "HASH_REALTIME_EXCLUDE_TABLES=public.poison" in said, said
        assert "HASH_REALTIME_EXCLUDE_TABLES" in said and "pg_replication_slot_advance" in said, said
        service.start()
    service.wait_exit()
    assert world.postgres.slot(world.slot)["confirmed_flush_lsn"] == confirmed, "looking for the table confirms nothing"
    return world, service


@pytest.mark.long
def test_a_poison_row_is_passed_over_by_leaving_its_table_out(poisoned):
    world, service = poisoned
    service.start(HASH_REALTIME_EXCLUDE_TABLES="public.poison").wait_ready()
    world.sql("insert into t values (3)")
    assert len(world.caught_up()) == 3


@pytest.mark.long
def test_a_poison_row_is_passed_over_by_moving_the_slot(poisoned):
    world, service = poisoned
    behind = world.postgres.value("select pg_current_wal_lsn()::text")
    world.sql("select pg_replication_slot_advance(%s, %s)", (world.slot, behind))
    ended = accept_loss(service)
    assert ended.returncode == 0 and "has lost" in ended.stdout, ended.stdout + ended.stderr
    service.start().wait_ready()
    world.sql("insert into t values (3)")
    expected = world.oracle.peek()
    for queue in world.queues:
        wait_until(lambda: f"1 and 3\n{service.log_tail()}", lambda: world.held(queue) == [expected[0], expected[-1]])
