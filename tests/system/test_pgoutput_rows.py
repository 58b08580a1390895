"""What pgoutput tells otherwise than wal2json: keys, names of types, prepared transactions, rows that it cannot write."""
import json
import re
import subprocess

import pytest

from support.documents import operations
from support.preflight import Report
from support.processes import wait_until
from support.service import binary


@pytest.fixture(scope="module")
def plugin():
    return "pgoutput"


def without(text, column):
    """wal2json's message without a generated column, which pgoutput does not send before PostgreSQL 18."""
    message = json.loads(text)
    message["columns"] = [one for one in message["columns"] if one["name"] != column]
    return json.dumps(message, separators=(",", ":")).encode()


def test_a_change_whose_key_is_not_sent_is_left_out_and_said(world):
    """A key with a generated column, in whole or in part: never an empty identity, nor half of one."""
    world.sql("create table whole (id int, k int generated always as (id * 2) stored primary key, v text)")
    world.sql("create table part (id int, k int generated always as (id * 2) stored, v text, primary key (id, k))")
    world.sql("create table late (id int primary key deferrable initially deferred)")
    check = Report(world)
    remedies = {table: check.remedy("warning", f"public.{table}: ", "generated column") for table in ("whole", "part")}
    late = check.remedy("warning", "public.late: ", "DEFERRABLE", "refuses updates and deletes")
    assert "DEFERRABLE" in Report(world, HASH_REALTIME_PLUGIN="wal2json").text
    service = world.start()
    service.wait_log("public.whole: its replica identity has a generated column")  # at the start, too

    def change(first):
        for table in ("whole", "part"):
            world.sql(f"insert into {table} (id, v) values ({first}, 'a')")
            world.sql(f"update {table} set v = 'b' where id = {first}")
            world.sql(f"update {table} set id = {first + 1} where id = {first}")
            world.sql(f"delete from {table} where id = {first + 1}")

    change(1)
    inserts = world.same_as_oracle(lambda text: without(text, "k") if b'"action":"I"' in text else None)
    assert len(inserts) == 2
    assert service.status()["totals"]["dropped_without_identity"] == 6
    said = [line for line in service.log("warn") if "cannot be delivered" in line["message"]]
    assert sorted(line["table"] for line in said) == ["public.part", "public.whole"], said
    assert all("REPLICA IDENTITY FULL" in line["remedy"] for line in said)
    for table, remedy in remedies.items():
        world.sql(re.search("ALTER TABLE .*?;", remedy)[0])
    change(3)

    def published(text):
        message = json.loads(text)
        for part in ("columns", "identity"):
            if part in message:
                message[part] = [one for one in message[part] if one["name"] != "k"]
        return json.dumps(message, separators=(",", ":")).encode()

    assert len(world.same_as_oracle(published)) == 8
    world.sql(late)
    world.sql("insert into late values (1)")
    world.sql("update late set id = 2")
    assert len(world.same_as_oracle()) == 2


def test_names_of_types_that_are_gone(world):
    """Dropped before they were looked up: what their declaration tells, as SQL says it."""
    world.sql("create type mood as enum ('ok'); create domain number as int; create schema s; create type s.mood as enum ('ok')")
    world.sql("create table t (id int primary key, a mood[], b mood, c number, d s.mood[], e timestamptz[])")
    service = world.start()
    service.stop()
    world.sql("insert into t values (1, '{ok}', 'ok', 7, '{ok}', null)")
    world.sql("drop table t; drop type mood, s.mood; drop domain number")
    service.start().wait_ready()
    wait_until("the row", lambda: world.length("search") == 1)
    types = [column["type"] for column in json.loads(world.held("search")[0])["columns"]]
    # A domain's own name is what nobody knows any more: docs/pgoutput.md.
    assert types == ["integer", "mood[]", "mood", "integer", "s.mood[]", "timestamp with time zone[]"], types


def test_tables_that_are_gone_take_no_memory(world):
    service = world.start()
    columns = ", ".join(f"a_column_with_a_name_{number} int" for number in range(300))
    tables = """do $$ begin for i in %s..%s loop
        execute 'create table w' || i || ' (id int primary key, {columns})'; execute 'insert into w' || i || ' values (1)'; commit;
        execute 'drop table w' || i; commit; end loop; end $$""".replace("{columns}", columns)
    rows = lambda count: wait_until(f"{count} rows", lambda: world.length("search") >= count, timeout=30)
    world.sql(tables % (1, 160))
    rows(160)
    before = service.memory()
    world.sql(tables % (161, 420))  # 29 KB each
    rows(420)
    grown = service.memory() - before
    assert grown < 4 << 20, f"grown by {grown >> 10} KiB"


def test_a_slot_with_two_phase_is_refused_and_mended(world):
    """It would deliver at PREPARE what may never be committed."""
    world.sql("create table t (id int primary key)")
    world.sql("select pg_create_logical_replication_slot(%s, 'pgoutput', false, true)", (world.slot,))
    world.sql("insert into t values (1)")
    check = Report(world)
    service = world.service().start()
    service.wait_log("two_phase")
    trouble = service.status()["trouble"]
    assert trouble["error"] == "slot_unsuitable" and service.get("/ready")[0] == 503
    assert trouble["remedy"] == check.remedy("error", "slot: ", "two_phase")
    connection = world.connect()
    for gid, end in (("gone", "rollback prepared 'gone'"), ("kept", "commit prepared 'kept'")):
        for statement in ("begin", f"insert into t values ({len(gid + end)})", f"prepare transaction '{gid}'", end):
            connection.cursor().execute(statement)
    connection.close()
    for statement in re.findall("SELECT [^;]*;", trouble["remedy"]):
        world.sql(statement)
    assert not world.postgres.slot(world.slot)["two_phase"] and Report(world).code == 0
    service.wait_ready()
    wait_until("what was committed", lambda: world.length("search") == 2)
    assert [json.loads(text)["columns"][0]["value"] for text in world.held("search")] == [1, len("kept" + "commit prepared 'kept'")]


@pytest.fixture
def poisoned(world):
    """An update whose new row holds a value that its type's output function raises on."""
    world.sql("create type mood as enum ('ok'); create table poison (id int primary key, m mood); create table t (id int primary key)")
    service = world.start()
    world.sql("insert into poison values (1, 'ok'); insert into t values (1)")
    world.caught_up()
    world.oracle.options["filter-tables"] = "public.poison"
    world.sql("delete from pg_enum where enumlabel = 'ok'")
    world.sql("insert into t values (2)")
    world.sql("insert into t values (3); update poison set id = 2; insert into t values (33)")
    world.sql("insert into t values (4)")
    for _ in range(2):
        assert service.wait_exit(timeout=30) == 1, service.log_tail()
        said = service.log("error")[-1]
        assert said["error"] == "row_undecodable" and re.match("table public.poison, row at LSN [0-9A-F]+/[0-9A-F]+: ", said["message"]), said
        service.start()
    service.wait_exit(timeout=30)
    return world, service, said


def test_a_poison_row_is_passed_over_with_its_transaction(poisoned):
    world, service, said = poisoned
    world.sql(re.search("SELECT pg_replication_slot_advance.*?;", said["remedy"])[0])
    ended = subprocess.run([binary(), "accept-loss", "--yes"], env=service.settings, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    service.start().wait_ready()
    wait_until(lambda: f"the rest: {world.held('search')}\n{service.log_tail()}", lambda: world.length("search") == 5)
    values = [json.loads(text)["columns"][0]["value"] for text in world.held("search")]
    assert values == [1, 1, 2, 3, 4], "the rest of its transaction and no other"


def test_a_poison_row_is_passed_over_with_the_other_plugin(poisoned):
    world, service, said = poisoned
    for statement in operations("the plugin of a slot", slot=world.slot, plugin="wal2json"):
        world.sql(statement)
    excluded = re.search("HASH_REALTIME_EXCLUDE_TABLES=([^ ;]*)", said["remedy"])[1]
    service.start(HASH_REALTIME_PLUGIN="wal2json", HASH_REALTIME_EXCLUDE_TABLES=excluded).wait_ready()
    wait_until("the rest", lambda: world.length("search") == 6)
    assert [json.loads(text)["columns"][0]["value"] for text in world.held("search")] == [1, 1, 2, 3, 33, 4]
