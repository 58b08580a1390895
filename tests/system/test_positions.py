"""The position records: their fields, resuming from them, and what is refused rather than skipped."""
import json

import pytest

from support.load import TABLES, Load
from support.postgres import Postgres
from support.processes import wait_until
from support.world import both_plugins

pytestmark = both_plugins
FIELDS = {"epoch", "lsn", "number", "clean", "system", "timeline", "database", "slot", "plugin", "tables", "excluded"}


@pytest.fixture
def begun(world):
    """A world whose service has delivered ten changes."""
    world.sql("create table t (id int primary key)")
    world.start()
    world.sql("insert into t select generate_series(1, 10)")
    world.caught_up()
    return world


def change_record(world, queue, **fields):
    key = f"{{{queue}}}:position"
    version, text = world.redis.client.get(key).split(b" ", 1)
    record = json.loads(text) | fields
    world.redis.client.set(key, version + b" " + json.dumps(record, separators=(",", ":")).encode())


def refused(world, *words, **changes):
    """The stopped service, started again, ends with exit code 1 and says all of the words; twice alike."""
    service = world.services[0]
    for _ in range(2):
        service.start(**changes)
        assert service.wait_exit() == 1, service.log_tail()
        for word in words:
            assert word in service.log_text(), f"{word!r} is not in\n{service.log_text()}"


def test_fields_of_the_record(begun):
    record = begun.redis.record("search")
    assert FIELDS <= set(record), record
    assert record["number"] == 10
    assert record["slot"] == begun.slot and record["database"] == begun.database
    assert record["tables"] == "public.*" and record["plugin"] == begun.plugin
    assert record["system"] == str(begun.postgres.value("select system_identifier from pg_control_system()"))
    assert begun.redis.client.get("{search}:position").startswith(b"1 {")
    assert begun.redis.client.ttl("{search}:position") == -1


def test_restart_goes_on_without_loss_or_double(begun):
    service = begun.services[0]
    for begin in range(11, 41, 10):
        service.stop()
        begun.sql(f"insert into t select generate_series({begin}, {begin + 9})")
        service.start().wait_ready()
    assert len(begun.caught_up()) == 40


def test_a_restart_while_nothing_happened_sends_nothing(begun):
    for _ in range(3):
        begun.services[0].stop()
        begun.services[0].start().wait_ready()
    assert len(begun.caught_up()) == 10


def test_slot_dropped_while_away(begun):
    begun.services[0].stop()
    at = begun.redis.record("search")["lsn"]
    begun.postgres.sql(f"select pg_drop_replication_slot('{begun.slot}')")
    refused(begun, begun.slot, at, "accept-loss")
    assert begun.postgres.slot(begun.slot) is None, "it made a new slot and lost what lies between"


def test_record_of_another_slot(begun):
    begun.services[0].stop()
    begun.postgres.sql("select pg_create_logical_replication_slot('another', %s)", (begun.plugin,), begun.database)
    refused(begun, begun.slot, "another", HASH_REALTIME_SLOT_NAME="another")


def test_record_of_another_database(begun):
    begun.services[0].stop()
    other = begun.database + "_other"
    begun.postgres.sql(f"create database {other}")
    begun.postgres.sql("select pg_drop_replication_slot(%s)", (begun.slot,))
    begun.postgres.sql("select pg_create_logical_replication_slot(%s, %s)", (begun.slot, begun.plugin), other)
    refused(begun, begun.database, other, HASH_PG_DATABASE=other)


def test_record_of_another_system(begun, folder):
    begun.services[0].stop()
    stranger = Postgres(f"{folder}/stranger.{begun.slot}")
    try:
        stranger.sql(f"create database {begun.database}")
        stranger.sql("select pg_create_logical_replication_slot(%s, %s)", (begun.slot, begun.plugin), begun.database)
        mine = begun.redis.record("search")["system"]
        theirs = stranger.value("select system_identifier::text from pg_control_system()")
        refused(begun, mine, theirs, HASH_PG_PORT=str(stranger.port))
    finally:
        stranger.stop("immediate")


def test_position_beyond_the_end_of_the_servers_wal(begun):
    begun.services[0].stop()
    for queue in begun.queues:
        change_record(begun, queue, lsn="7F/FFFFFFF0")
    refused(begun, "7F/FFFFFFF0")


def test_slot_that_somebody_else_read_on(begun):
    service = begun.services[0]
    service.stop()
    begun.sql("insert into t select generate_series(11, 20)")
    begun.postgres.sql("select pg_replication_slot_advance(%s, pg_current_wal_lsn())", (begun.slot,), begun.database)
    at = begun.redis.record("search")["lsn"]
    service.start()
    wait_until("it says the range", lambda: at in service.log_text() and service.log("error"))


def test_a_newer_or_unreadable_record_is_refused(begun):
    begun.services[0].stop()
    begun.redis.client.set("{search}:position", b'2 {"lsn":"0/1"}')
    refused(begun, "queue search")
    begun.redis.client.set("{search}:position", b"nonsense")
    refused(begun, "queue search")
    assert begun.redis.client.get("{search}:position") == b"nonsense"


def test_no_record_at_all_on_an_existing_slot_is_a_warning(begun):
    service = begun.services[0]
    service.stop()
    begun.redis.client.flushall()
    begun.oracle.take()
    begun.sql("insert into t values (11)")
    service.start().wait_ready()
    assert any("lsn" in line for line in service.log("warn")), service.log_tail()
    for queue in begun.queues:
        wait_until("the change", lambda: begun.oracle.peek()[-1] in begun.held(queue))


def test_a_new_queue_beside_others_starts_from_now(begun):
    service = begun.services[0]
    service.stop()
    begun.sql("insert into t values (11)")
    service.start(HASH_REALTIME_QUEUES="late").wait_ready()
    begun.sql("insert into t values (12)")
    assert len(begun.caught_up()) == 12
    wait_until("the last change", lambda: begun.oracle.peek()[-1] in begun.held("late"))
    late = begun.held("late")
    assert begun.oracle.peek()[-len(late):] == late, "what it has, it has whole and in order"
    assert any("late" in line.get("queue", "") for line in service.log()), service.log_tail()


def test_restarts_under_load(world):
    world.sql(TABLES)
    service = world.start()
    with Load(world):
        for _ in range(3):
            wait_until("some load", lambda: service.is_ready())
            service.stop()
            service.start().wait_ready()
    world.same_as_oracle()


def test_changed_filter_goes_on_without_loss(begun):
    begun.sql("create schema more; create table more.t (id int)")
    service = begun.services[0]
    service.stop()
    begun.sql("insert into t values (11)")
    service.start(HASH_REALTIME_TABLES="public.*,more.*").wait_ready()
    begun.sql("insert into more.t values (1)")
    begun.sql("insert into t values (12)")
    begun.oracle.options["add-tables"] = "public.*,more.*"
    assert len(begun.caught_up()) == 13
