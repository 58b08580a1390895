"""HASH_REALTIME_PLUGIN=pgoutput: its publication, and what only a person who changes the plugin sees."""
import re

import psycopg2
import pytest

from support.documents import operations
from support.load import TABLES, Load
from support.preflight import Report
from support.processes import wait_until

PGOUTPUT = {"HASH_REALTIME_PLUGIN": "pgoutput"}


@pytest.fixture(scope="module")
def plugin():
    """These tests choose themselves, and make the publication themselves."""
    return "wal2json"


def publications(world):
    return [name for (name,) in world.sql("select pubname from pg_publication")]


def test_the_publication_is_made_where_the_role_may(world):
    """For the monitored tables that there are, and no more: a table made later is its maker's own."""
    world.script("create table a (id int primary key);\ncreate schema s;\ncreate table s.b (id int primary key)")
    world.sql("create table r (id int primary key) partition by range (id); create table l partition of r for values from (0) to (9)")
    world.postgres.sql("create role owner_of_all login superuser")
    service = world.start(**PGOUTPUT, HASH_PG_USER="owner_of_all", HASH_REALTIME_TABLES="public.*,s.b", tables="public.*,s.b")
    assert publications(world) == ["hash_realtime"]
    assert world.sql("select puballtables from pg_publication") == [(False,)] and not world.sql("select from pg_publication_namespace")
    for table in ("a", "s.b", "r"):
        world.sql(f"insert into {table} values (1)")
    assert len(world.same_as_oracle()) == 3
    made = [line for line in service.log("info") if line.get("publication") == "hash_realtime"]
    assert [line["statement"] for line in made] == ['CREATE PUBLICATION "hash_realtime" FOR TABLE "public"."a", "public"."r", "s"."b";']
    world.sql("create table later (id int)")  # no identity: its updates are nobody's business but its own
    world.sql("insert into later values (1); update later set id = 2")
    wait_until("its name", lambda: "public.later: not in publication" in str(service.status()["degraded"]), timeout=10)
    assert service.is_ready()


def test_it_is_not_made_where_it_would_refuse_the_application_its_updates(world):
    world.sql("create table a (id int primary key); create table nokey (id int); create table late (id int primary key deferrable)")
    world.postgres.sql("do $$ begin create role owner_of_some login superuser; exception when duplicate_object then end $$")
    as_owner = {**PGOUTPUT, "HASH_PG_USER": "owner_of_some"}
    check = Report(world, **as_owner)
    service = world.service(**as_owner).start()
    service.wait_log("refuses every UPDATE and DELETE")
    trouble = service.status()["trouble"]
    assert trouble["error"] == "postgres_publication" and '"public"."late", "public"."nokey"' in trouble["message"], trouble
    assert trouble["remedy"] == check.remedy("error", "the service does not make it", '"public"."nokey"')
    assert publications(world) == [] and world.postgres.slot(world.slot) is None
    world.sql("update nokey set id = 2")
    for statement in re.findall("ALTER TABLE [^;]*;", trouble["remedy"]):
        world.sql(statement)
    service.wait_ready()
    assert publications(world) == ["hash_realtime"]
    world.sql("insert into nokey values (1)")
    world.sql("update nokey set id = 2")
    wait_until("both", lambda: world.redis.client.llen("search") == 2)


def test_else_the_statement_is_shown_and_mends_it(world):
    world.sql("create table a (id int primary key)")
    service = world.service(**PGOUTPUT).start()
    service.wait_log("CREATE PUBLICATION")
    assert service.get("/ready")[0] == 503 and "CREATE PUBLICATION" in service.get("/ready")[1]
    status = service.status()["trouble"]
    assert status["error"] == "postgres_publication" and "hash_realtime does not exist" in status["message"]
    statement = re.search("CREATE PUBLICATION .*;", status["remedy"])[0]
    assert statement == 'CREATE PUBLICATION "hash_realtime" FOR TABLE "public"."a";'
    assert world.postgres.slot(world.slot) is None, "the publication comes before the slot"
    world.sql(statement)
    service.wait_ready()
    world.sql("insert into a values (1)")
    wait_until("the change", lambda: world.redis.client.llen("search") == 1)


@pytest.mark.parametrize("tables, clause", [
    ("*.*", ' FOR TABLE "public"."a", "public"."a""b", "s"."a", "s"."b"'),
    ("*.a", ' FOR TABLE "public"."a", "s"."a"'),
    ("public.a,s.*", ' FOR TABLE "public"."a", "s"."a", "s"."b"'),
    ('public.a"b', ' FOR TABLE "public"."a""b"'),
    ("public.none", ""),
])
def test_the_statement_covers_the_patterns(world, tables, clause):
    world.sql('create schema s; create table a (id int primary key); create table "a""b" (id int primary key)')
    world.sql("create table s.a (id int primary key); create table s.b (id int primary key)")
    service = world.service(**PGOUTPUT, HASH_REALTIME_TABLES=tables).start()
    service.wait_log("CREATE PUBLICATION")
    assert service.status()["trouble"]["remedy"].endswith(f'CREATE PUBLICATION "hash_realtime"{clause};')


def test_the_patterns_decide_not_the_publication(world):
    world.sql("create publication hash_realtime for all tables")
    world.script("create table a (id int primary key);\ncreate table b (id int primary key)")
    world.start(**PGOUTPUT, HASH_REALTIME_TABLES="public.b,public.c", tables="public.b,public.c")
    world.sql("create table c (id int primary key)")
    for table in "abc":
        world.sql(f"insert into {table} values (1)")
    assert len(world.same_as_oracle()) == 2


def test_an_idle_stream_is_confirmed(world):
    world.sql("create publication hash_realtime for all tables")
    world.sql("create table t (id int primary key)")
    world.start(**PGOUTPUT, HASH_REALTIME_LEASE="2s")
    world.sql("insert into t values (1)")
    world.same_as_oracle()
    world.postgres.sql("create database elsewhere_" + world.database)
    connection = world.postgres.connect("elsewhere_" + world.database)  # log of which nothing arrives
    connection.cursor().execute("create table t as select i from generate_series(1, 20000) i")
    connection.close()
    end = world.postgres.value("select pg_current_wal_lsn()")
    confirmed = "select confirmed_flush_lsn >= %s::pg_lsn from pg_replication_slots where slot_name = %s"
    wait_until("confirmed", lambda: world.postgres.value(confirmed, (end, world.slot)))


def test_updates_without_identity_are_warned_of_by_check(world):
    world.sql("create publication hash_realtime for all tables")
    world.sql("create table nokey (id int)")
    report = Report(world, **PGOUTPUT)
    assert report.code == 0
    remedy = report.remedy("warning", "public.nokey", "refuses updates and deletes")
    world.sql("insert into nokey values (1)")
    with pytest.raises(psycopg2.errors.ObjectNotInPrerequisiteState):
        world.sql("update nokey set id = 2")
    world.sql(remedy)
    world.sql("update nokey set id = 2")


def test_check_tries_the_publication(world):
    world.sql("create table a (id int primary key)")
    world.sql("create table b (id int primary key)")
    remedy = Report(world, **PGOUTPUT).remedy("error", "publication hash_realtime does not exist", "CREATE PUBLICATION")
    world.sql("create publication hash_realtime for table a")
    missing = Report(world, **PGOUTPUT).remedy("warning", "public.b", "not in publication hash_realtime")
    world.sql(missing)
    assert not [one for one in Report(world, **PGOUTPUT).of("error", "warning") if "publication" in one["check"]]
    world.sql("drop publication hash_realtime")
    world.sql(remedy)
    assert Report(world, **PGOUTPUT).code == 0


def test_check_recommends_wal2json_where_there_is_no_publication(world):
    report = Report(world, **PGOUTPUT)
    assert report.finding("error", "publication hash_realtime does not exist, and this role may not make it", "CREATE PUBLICATION")
    assert report.finding("ok", "pgoutput is installed and may be used")
    assert report.finding("ok", "recommended: HASH_REALTIME_PLUGIN=wal2json")
    world.sql("create publication hash_realtime for all tables")
    assert "recommended" not in Report(world, **PGOUTPUT).text


def test_check_makes_the_publication_and_takes_it_back(world):
    world.postgres.sql("create role maker login superuser")
    assert Report(world, **PGOUTPUT, HASH_PG_USER="maker").finding("ok", "publication hash_realtime does not exist yet", "tried")
    assert publications(world) == []
    assert world.postgres.value("select count(*) from pg_replication_slots where slot_name like 'hash_realtime_check%'") == 0


def test_check_sees_what_a_publication_leaves_out(world):
    world.sql("create table a (id int primary key, v text)")
    world.sql("create publication hash_realtime for table a where (id > 1)")
    world.sql("alter publication hash_realtime set (publish = 'insert, update', publish_via_partition_root)")
    report = Report(world, **PGOUTPUT)
    remedies = [report.remedy("warning", "does not publish deletes"), report.remedy("warning", "under the name of their root"),
                report.remedy("warning", "leaves rows or columns out: of a")]
    for remedy in remedies:
        world.sql(remedy)
    assert not [one for one in Report(world, **PGOUTPUT).of("warning", "error") if "publication" in one["what"]]


def test_a_publication_younger_than_the_changes(world):
    """It is made too late: said beforehand by check and, if the plugin is changed all the same, by the service."""
    world.sql("create table t (id int primary key)")
    service = world.start()
    service.stop()
    world.sql("insert into t values (1)")
    world.sql("create publication hash_realtime for all tables")
    world.sql("insert into t values (2)")
    assert Report(world, **PGOUTPUT).finding("warning", "made or altered since", "wal2json")
    change_plugin(world, "pgoutput")
    assert Report(world, **PGOUTPUT).finding("warning", "made or altered since")
    service.start(**PGOUTPUT)
    service.wait_log("publication")
    wait_until("its trouble", lambda: service.status().get("trouble"))
    trouble = service.status()["trouble"]
    assert trouble["error"] == "postgres_publication" and "wal2json" in trouble["remedy"], trouble
    service.stop()
    change_plugin(world, "wal2json")
    service.start(HASH_REALTIME_PLUGIN="wal2json").wait_ready()
    assert len(world.same_as_oracle()) == 2
    for _ in range(3):  # the slot moves on
        world.sql("insert into t values (%s)", (world.postgres.value("select floor(random() * 1e6)::int + 10"),))
        world.postgres.sql("checkpoint")
    young = lambda: "made or altered since" in Report(world, **PGOUTPUT).text
    wait_until("old enough", lambda: not world.postgres.sql("checkpoint") and not young())


def change_plugin(world, to):
    """The statements of docs/operations.md."""
    for statement in operations("the plugin of a slot", slot=world.slot, plugin=to):
        world.sql(statement)


def test_the_plugin_is_changed_between_two_starts(world):
    world.sql("create publication hash_realtime for all tables")
    world.sql(TABLES)
    service = world.start()
    with Load(world):
        for to in ("pgoutput", "wal2json", "pgoutput"):
            wait_until("some load", lambda: service.status().get("totals", {}).get("messages", 1) and service.is_ready())
            service.stop()
            change_plugin(world, to)
            service.start(HASH_REALTIME_PLUGIN=to).wait_ready()
    world.same_as_oracle()


@pytest.mark.parametrize("first, second", [("wal2json", "pgoutput"), ("pgoutput", "wal2json")])
def test_the_plugin_is_changed_in_the_middle_of_a_transaction(world, first, second):
    world.sql("create publication hash_realtime for all tables")
    world.sql("create table t (id int primary key, v text)")
    service = world.start(HASH_REALTIME_PLUGIN=first)
    world.sql("insert into t select i, 'v' from generate_series(1, 100000) i")
    wait_until("the middle", lambda: world.redis.client.llen("search") > 10_000)
    service.kill()
    wait_until("the slot is free", lambda: not world.postgres.slot(world.slot)["active"])
    assert 10_000 < world.redis.client.llen("search") < 100_000
    change_plugin(world, second)
    service.start(HASH_REALTIME_PLUGIN=second).wait_ready()
    world.sql("delete from t where id < 10")
    assert len(world.same_as_oracle()) == 100_009
