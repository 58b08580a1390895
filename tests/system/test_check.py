"""`hash-realtime check` as a whole, its tables and its positions: what is wrong comes with the statement that mends it."""
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
    assert report.finding("warning", "pattern public.Missing matches no table", "HASH_REALTIME_TABLES")
    assert report.finding("warning", "not monitored: public.part_a", "Add to HASH_REALTIME_TABLES: public.part_a")
    assert report.finding("warning", "public.seen: a view")
    assert report.finding("warning", "0 tables are monitored")


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
