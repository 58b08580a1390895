"""`hash-realtime check` as a whole, its tables and its positions: what is wrong comes with the statement that mends it."""
import re
import socket
import subprocess

from support.preflight import Report
from support.processes import PATIENCE
from support.service import binary


def test_all_is_well_and_nothing_is_left(world):
    world.sql("create table t (id int primary key)")
    report = Report(world)
    assert report.code == 0 and not report.of("error", "unknown"), report.text
    assert [one["check"] for one in report.of("warning")] == ["log limit"], report.text
    assert len(report.json["settings"]) > 30
    assert world.postgres.value("select count(*) from pg_replication_slots") == 0
    assert world.redis.client.keys("*") == []


def test_beside_a_running_owner(world):
    world.sql("create table t (id int primary key)")
    world.start()
    world.sql("insert into t values (1)")
    world.caught_up()
    slots = world.postgres.value("select count(*) from pg_replication_slots")
    report = Report(world)
    assert report.code == 0 and not report.of("error", "unknown"), report.text
    assert report.finding("ok", "owner", "hash-realtime/")
    assert report.finding("ok", "list search: 1 message")
    assert report.finding("ok", "queue search: at ", "message 1")
    world.sql("insert into t values (2)")
    assert len(world.same_as_oracle()) == 2
    assert world.postgres.value("select count(*) from pg_replication_slots") == slots


def test_for_a_person(world):
    settings = world.service(HASH_PG_PASSWORD="hunter2secret").settings
    ended = subprocess.run([binary(), "check"], env=settings, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 0, ended.stdout
    assert "hunter2secret" not in ended.stdout + ended.stderr
    for line in ("HASH_PG_PASSWORD", "***", "PostgreSQL", "Redis", "Tables", "Positions", "ready: 0 errors"):
        assert line in ended.stdout


def test_quiet(world):
    settings = world.service(HASH_REALTIME_TABELS="x").settings
    ended = subprocess.run([binary(), "check", "--quiet"], env=settings, capture_output=True, text=True, timeout=15)
    lines = ended.stdout.splitlines()
    assert ended.returncode == 0 and "\033" not in ended.stdout
    assert {line.split()[0] for line in lines if line.startswith("  ")} == {"warning"}, ended.stdout
    assert "HASH_REALTIME_TABLES" in ended.stdout and re.fullmatch(r"ready: 0 errors, \d+ warnings, 0 unknown", lines[-1])


def test_the_http_port(world):
    report = Report(world)
    assert report.finding("ok", "port", "is free")
    service = world.start()
    port = str(service.port)
    assert Report(world, HASH_REALTIME_PORT=port).finding("ok", "port", "a hash-realtime answers on", port)
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        taken = str(other.getsockname()[1])
        report = Report(world, HASH_REALTIME_PORT=taken)
        assert report.finding("error", "port", "HTTP port taken", taken, "ss -ltnp")
        late = world.service(HASH_REALTIME_PORT=taken).start()
        assert late.wait_exit() == 1 and "HTTP port taken" in late.log_text()
    assert Report(world, HASH_REALTIME_BIND="192.0.2.1").finding("error", "port", "not an address of this machine")


def test_what_will_be_missing(world):
    world.script("""create table good (id int primary key, t text);
create table nokey (id int);
create table "No Thing" (id int primary key);
alter table "No Thing" replica identity nothing;
create table whole (id int);
alter table whole replica identity full;
create unlogged table volatile (id int primary key);
create view seen as select 1;
create table parts (id int primary key) partition by range (id);
create table part_a partition of parts for values from (0) to (10)""")
    report = Report(world)
    assert report.code == 0
    assert report.finding("ok", "public.good: replica identity is the primary key", "large values")
    assert report.finding("ok", "public.whole: replica identity is FULL")
    assert report.finding("ok", "public.parts: partitioned", "public.part_a")
    assert report.remedy("warning", "public.nokey", "updates and deletes") == 'ALTER TABLE "public"."nokey" REPLICA IDENTITY FULL;'
    for words in (("public.nokey",), ("No\\ Thing",), ("public.volatile", "unlogged")):
        world.sql(report.remedy("warning", *words))
    assert [one["check"] for one in Report(world).of("warning")] == ["log limit"]


def test_patterns_that_cannot_match(world):
    world.script("""create table parts (id int primary key) partition by range (id);
create table part_a partition of parts for values from (0) to (10);
create view seen as select 1""")
    report = Report(world, HASH_REALTIME_TABLES="public.parts,public.seen,public.Missing")
    assert report.finding("warning", "pattern public.Missing of HASH_REALTIME_TABLES matches no table")
    assert report.finding("warning", "not monitored: public.part_a", "Add to HASH_REALTIME_TABLES: public.part_a")
    assert report.finding("warning", "public.seen: a view")
    assert report.finding("warning", "0 tables are monitored")


def test_a_pattern_that_was_meant_otherwise(world):
    world.script("create table orders (id int primary key); create schema empty")
    error = lambda tables: Report(world, HASH_REALTIME_TABLES=tables).finding("error", "table", "nothing would be streamed")["remedy"]
    assert error("public.Orders") == "did you mean public.orders?"
    assert error("pubic.*").startswith("write schema.table")
    assert "write the name without quotes" in error('public."orders"')
    assert "only for a whole schema or table name" in error("public.ord*")
    assert Report(world, HASH_REALTIME_TABLES="empty.*").finding("warning", "0 tables are monitored now")
    report = Report(world, HASH_REALTIME_TABLES='public.orders,public.o*,public."o"')
    assert report.code == 0 and report.finding("ok", "1 table is monitored")
    assert len([text for text in report.json["warnings_of_settings"] if "HASH_REALTIME_TABLES: in " in text]) == 2


def test_many_tables_are_a_bounded_list(world):
    world.sql("do $$ begin for i in 1..300 loop execute 'create table t' || i || ' (id int primary key)'; end loop; end $$")
    report = Report(world)
    assert len(report.found) < 260 and report.finding("ok", "300 tables are monitored") and report.finding("ok", "100 more")


def test_positions_without_their_slot(world):
    world.sql("create table t (id int primary key)")
    world.start().stop()
    assert Report(world).code == 0
    world.postgres.sql("select pg_drop_replication_slot(%s)", (world.slot,))
    assert Report(world).finding("error", "position", "missing is (", "accept-loss")


def test_positions_of_another_service(world):
    world.sql("create table t (id int primary key)")
    world.start().stop()
    assert Report(world, HASH_REALTIME_SLOT_NAME="another").finding("error", "position", "another service", world.slot)
    world.redis.client.set("{search}:position", "garbage")
    assert Report(world).finding("error", "queue search", "cannot be read", "accept-loss")
