"""What the server filters is watched while it streams: a publication, a swapped table, rights on type names."""
import json
import re

import pytest

from support.preflight import Report
from support.processes import wait_until


def degraded(service):
    return service.status().get("degraded", [])


def metric(service, name):
    return float(re.search(rf"^{name}(?:{{.*}})? (.*)$", service.get("/metrics")[1], re.MULTILINE)[1])


def looked(service):
    """The owner's monitor has been round: it looks at the tables before it says how far behind the stream is."""
    wait_until("the first look", lambda: service.status().get("lag", {}).get("bytes") is not None)


def logged(service, level, is_meant):
    """Its log lines of this kind; the log has a thread of its own and may come after the status."""
    found = lambda: [line for line in service.log(level) if is_meant(line["message"])]
    wait_until(lambda: f"a log line\n{service.log_tail()}", found)
    return found()


def carry_out(world, remedy):
    for statement in re.findall("[A-Z][A-Z]+ [^;]*;", remedy):
        world.sql(statement)


def noticed(world, service, words, statement, *, ready):
    """It is said with the statement that mends it, which is then carried out; the end is said too."""
    world.sql(statement)
    wait_until(lambda: f"{words}\n{service.status()}\n{service.log_tail()}", lambda: any(words in text for text in degraded(service)), timeout=10)
    said = logged(service, "warn", lambda message: words in message)[-1]
    assert said["remedy"] and metric(service, "hash_realtime_tables_incomplete") >= 1
    code, body = service.get("/ready")
    assert (code == 200) == ready, body
    if not ready:
        answer = json.loads(body)
        assert words in answer["reason"] and answer["remedy"] == said["remedy"] and answer["error"] == "postgres_publication", answer
        assert service.status()["trouble"]["message"] == answer["reason"]
    carry_out(world, said["remedy"])
    wait_until(lambda: f"the end of {words}\n{service.log_tail()}", lambda: not degraded(service) and service.is_ready(), timeout=10)
    logged(service, "info", lambda message: message.startswith("over: ") and words in message)
    assert metric(service, "hash_realtime_tables_incomplete") == 0


@pytest.fixture
def published(world):
    world.sql("create table t (id int primary key, v text); create table u (id int primary key)")
    world.sql("create publication hash_realtime for table t, u")
    service = world.start(HASH_REALTIME_PLUGIN="pgoutput")
    looked(service)
    world.sql("insert into t values (1, 'a')")
    world.caught_up()
    return world, service


@pytest.fixture
def plugin():
    return "wal2json"  # the tests make their publications themselves, or set the plugin


def test_whatever_narrows_the_publication_is_noticed(published):
    world, service = published
    gone = "public.t: not in publication hash_realtime"
    narrowed = "public.t: publication hash_realtime leaves rows or columns of it out"
    noticed(world, service, gone, "alter publication hash_realtime drop table t", ready=False)
    noticed(world, service, narrowed, "alter publication hash_realtime set table t where (id > 100), u", ready=True)
    noticed(world, service, narrowed, "alter publication hash_realtime set table t (id), u", ready=True)
    noticed(world, service, "does not publish updates, deletes", "alter publication hash_realtime set (publish = 'insert')", ready=True)
    noticed(world, service, gone, "create table n (like t including all); alter table t rename to o; alter table n rename to t; drop table o", ready=False)
    noticed(world, service, gone, "drop table t; create table t (id int primary key, v text)", ready=False)
    noticed(world, service, gone, "drop publication hash_realtime; create publication hash_realtime for table u", ready=False)
    noticed(world, service, "publication hash_realtime does not exist", "drop publication hash_realtime", ready=False)
    world.sql("insert into t values (7, 'a')")
    world.caught_up()


def test_a_table_made_later_is_named_and_holds_nobody_up(published):
    world, service = published
    noticed(world, service, "public.later: not in publication hash_realtime", "create table later (id int primary key)", ready=True)
    world.sql("insert into later values (1)")
    assert len(world.caught_up()) == 2


def test_partitions_under_the_name_of_their_root(world):
    world.sql("create table r (id int primary key) partition by range (id); create table l partition of r for values from (0) to (9)")
    world.sql("create publication hash_realtime for table r")
    service = world.start(HASH_REALTIME_PLUGIN="pgoutput")
    noticed(world, service, "under the name of their root", "alter publication hash_realtime set (publish_via_partition_root)", ready=True)
    world.sql("alter table r add column v int")
    world.sql("insert into r values (1)")
    assert len(world.caught_up()) == 1


def test_an_unlogged_table_arrives_no_more(world):
    """With wal2json too."""
    world.sql("create table t (id int primary key)")
    service = world.start()
    looked(service)
    world.sql("insert into t values (1)")
    world.caught_up()
    noticed(world, service, "public.t: unlogged", "alter table t set unlogged", ready=False)


class TestTypeNames:
    """Names of types depend on what the role may see, and pgoutput tells none of their changes."""

    @pytest.fixture(params=["wal2json", "pgoutput"])
    def plugin(self, request):
        return request.param

    def last_type(self, world):
        held = world.held("search")
        return json.loads(held[-1])["columns"][-1]["type"] if held else None

    def test_they_are_watched(self, world):
        world.sql("create type mood as enum ('ok'); create table t (id int primary key, m mood)")
        service = world.start()
        numbers = iter(range(1, 1000))

        def becomes(name):
            def arrived():
                world.sql(f"insert into t values ({next(numbers)}, 'ok')")
                return self.last_type(world) == name
            wait_until(lambda: f"{name} after {self.last_type(world)}\n{service.log_tail()}", arrived, pause=0.3, timeout=10)

        def said(name, since):
            words = f"a type of schema public is delivered as {name}"
            wait_until(lambda: f"{words}\n{service.log_tail()}", lambda: [line for line in service.log("warn")[since:] if words in line["message"]], timeout=10)
            wait_until("the metric", lambda: metric(service, "hash_realtime_type_names_changed") == 1, timeout=10)
            assert service.is_ready() and not degraded(service)
            return [line for line in service.log("warn") if words in line["message"]][-1]["remedy"]

        becomes("mood")
        world.sql("alter type mood rename to feeling")
        becomes("feeling")
        world.sql("revoke usage on schema public from public")
        remedy = said("public.feeling", 0)
        becomes("public.feeling")
        assert remedy == Report(world).remedy("warning", "type names: ", "public.feeling")
        world.sql(remedy)
        becomes("feeling")
        wait_until("the end", lambda: metric(service, "hash_realtime_type_names_changed") == 0, timeout=10)
        lines = len(service.log("warn"))
        if world.plugin == "pgoutput":
            return
        world.sql("drop schema public cascade; create schema public")
        world.sql("create type mood as enum ('ok'); create table t (id int primary key, m mood)")
        remedy = said("public.mood", lines)
        becomes("public.mood")
        world.sql(remedy)
        becomes("mood")
