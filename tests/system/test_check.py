"""`hash-realtime check`: every requirement is tried for real, and what is wrong comes with the statement that mends it."""
import os
import re
import signal
import subprocess

import pytest

from support.load import TABLES, Load
from support.postgres import Postgres
from support.preflight import Report
from support.processes import free_port, spawn, wait_until
from support.redis_server import Redis
from support.service import binary
from support.world import World


@pytest.fixture(scope="module")
def server(folder):
    """A PostgreSQL that the tests of this file may set as they like."""
    server = Postgres(f"{folder}/check.postgres")
    yield server
    server.stop("immediate")


@pytest.fixture
def other(server, redis, folder):
    """A world on that server; its settings are put back."""
    world = World(server, redis, folder)
    yield world
    server.sql("alter system reset all")
    server.restart("immediate")
    world.close()


@pytest.fixture
def cache(folder, request):
    name = re.sub(r"\W+", "_", request.node.name)
    server = Redis(f"{folder}/check.redis.{name}")
    yield server
    server.kill()


def change(server, restart=False, **settings):
    for name, value in settings.items():
        server.sql(f"alter system set {name} = {value}")
    if restart:
        server.restart()
    else:
        server.sql("select pg_reload_conf()")
        server.sql("select pg_sleep(0.2)")


def carry_out(server, remedy):
    """Executes the statements of a remedy as a person would: one after the other, a restart where it asks for one."""
    for statement in remedy.split(";"):
        if "restart PostgreSQL" in statement:
            server.restart()
        elif statement.strip():
            server.sql(statement)
    server.sql("select pg_sleep(0.2)")


# --- all is well
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
    ended = subprocess.run([binary(), "check"], env=settings, capture_output=True, text=True, timeout=15)
    assert ended.returncode == 0, ended.stdout
    assert "hunter2secret" not in ended.stdout + ended.stderr
    for line in ("HASH_PG_PASSWORD", "***", "PostgreSQL", "Redis", "Tables", "Positions", "ready: 0 errors"):
        assert line in ended.stdout


# --- PostgreSQL
def test_no_replication_right(world):
    world.postgres.sql("create role norep login")
    remedy = Report(world, HASH_PG_USER="norep").remedy("error", "replication: ")
    assert remedy == 'ALTER ROLE "norep" WITH REPLICATION;'
    world.postgres.sql(remedy)
    assert Report(world, HASH_PG_USER="norep").code == 0


def test_wal_level(other):
    change(other.postgres, restart=True, wal_level="replica")
    report = Report(other)
    remedy = report.remedy("error", "wal_level is replica", "ALTER SYSTEM SET wal_level = 'logical'")
    assert report.finding("unknown", "output plugin")
    carry_out(other.postgres, remedy)
    assert Report(other).code == 0


def test_plugin_not_allowed(other):
    if other.postgres.value("select count(*) from pg_settings where name = 'output_plugin_libraries'") == 0:
        pytest.skip("this server allows every plugin")
    change(other.postgres, output_plugin_libraries="pgoutput")
    remedy = Report(other).remedy("error", "output plugin", "output_plugin_libraries")
    carry_out(other.postgres, remedy)
    assert Report(other).code == 0


def test_plugin_not_installed(other):
    change(other.postgres, dynamic_library_path="'/nowhere'")
    assert Report(other).finding("error", "output plugin", "Install wal2json", "HASH_REALTIME_PLUGIN=pgoutput")


def test_password_and_hba(other):
    with open(f"{other.postgres.data}/pg_hba.conf") as hba:
        before = hba.read()
    other.postgres.sql("create role careful login replication password 'right'")
    with open(f"{other.postgres.data}/pg_hba.conf", "w") as hba:
        hba.write("host all careful 127.0.0.1/32 scram-sha-256\n" + before)
    other.postgres.sql("select pg_reload_conf(), pg_sleep(0.2)")
    try:
        wrong = Report(other, HASH_PG_USER="careful", HASH_PG_PASSWORD="hunter2secret")
        assert wrong.finding("error", "connection", "password authentication failed", "HASH_PG_PASSWORD")
        assert "hunter2secret" not in wrong.text
        assert Report(other, HASH_PG_USER="careful", HASH_PG_PASSWORD="right").code == 0
        with open(f"{other.postgres.data}/pg_hba.conf", "w") as hba:
            hba.write("host all careful 127.0.0.1/32 reject\n" + before)
        other.postgres.sql("select pg_reload_conf(), pg_sleep(0.2)")
        assert Report(other, HASH_PG_USER="careful", HASH_PG_PASSWORD="right").finding("error", "pg_hba.conf", "pg_reload_conf")
    finally:
        with open(f"{other.postgres.data}/pg_hba.conf", "w") as hba:
            hba.write(before)
        other.postgres.sql("select pg_reload_conf()")


def test_database_is_missing(world):
    assert Report(world, HASH_PG_DATABASE="ghost").finding("error", "connection", "ghost", "HASH_PG_DATABASE")


def test_encoding(world):
    world.postgres.sql("create database latin encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'")
    assert Report(world, HASH_PG_DATABASE="latin").finding("error", "encoding", "LATIN1", "CREATE DATABASE", "ENCODING 'UTF8'")


def test_no_free_slot(other):
    change(other.postgres, restart=True, max_replication_slots="1")
    other.postgres.sql("select pg_create_physical_replication_slot('taken')")
    report = Report(other)
    assert report.finding("error", "1 of 1 replication slots", "ALTER SYSTEM SET max_replication_slots = 11; then restart")
    assert report.finding("unknown", "output plugin", "no free slot")
    other.postgres.sql("select pg_drop_replication_slot('taken')")


def test_no_free_walsender(other):
    change(other.postgres, restart=True, max_wal_senders="0")
    assert Report(other).finding("error", "replication: ", "max_wal_senders")


@pytest.mark.parametrize("kind", ["test_decoding", "physical", "database"])
def test_slot_is_not_ours(world, kind):
    if kind == "physical":
        world.postgres.sql("select pg_create_physical_replication_slot(%s)", (world.slot,))
    elif kind == "database":
        world.postgres.sql("select pg_create_logical_replication_slot(%s, 'wal2json')", (world.slot,))
    else:
        world.sql("select pg_create_logical_replication_slot(%s, 'test_decoding')", (world.slot,))
    remedy = Report(world).remedy("error", "slot: slot " + world.slot, kind, "HASH_REALTIME_SLOT_NAME")
    world.postgres.sql(remedy[remedy.index("SELECT pg_drop"):])
    assert Report(world).code == 0


def test_open_transaction_is_not_waited_for(world):
    writer = world.connect()
    writer.autocommit = False
    writer.cursor().execute("create table open_for_long (id int)")
    report = Report(world, at_most=8)
    assert report.finding("unknown", "waits for open transactions", str(writer.info.backend_pid), "pg_stat_activity")
    assert report.finding("ok", "wal2json is installed")
    writer.commit()
    assert world.postgres.value("select count(*) from pg_replication_slots where slot_name like 'hash_realtime_check%'") == 0


def test_a_signal_leaves_nothing(world):
    writer = world.connect()
    writer.autocommit = False
    writer.cursor().execute("create table open_for_long (id int)")
    probes = "select count(*) from pg_replication_slots where slot_name like 'hash_realtime_check%'"
    process = spawn([binary(), "check"], env=world.service().settings, stdout=subprocess.DEVNULL)
    wait_until("a probing slot", lambda: world.postgres.value(probes) == 1)
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 1
    wait_until("no slot, while the transaction is still open", lambda: world.postgres.value(probes) == 0, timeout=3)
    writer.rollback()


def test_every_commit_would_wait_for_us(other):
    change(other.postgres, synchronous_standby_names="'*'")
    remedy = Report(other).remedy("error", "synchronous_standby_names is '*'")
    assert "ALTER SYSTEM SET synchronous_standby_names" in remedy
    change(other.postgres, synchronous_standby_names="'some_replica'")
    assert Report(other).code == 0


def test_how_long_the_slot_will_last(other):
    change(other.postgres, max_slot_wal_keep_size="'64MB'")
    other.sql("select pg_create_logical_replication_slot(%s, 'wal2json')", (other.slot,))
    report = Report(other)
    assert report.finding("ok", "log limit", "64MB")
    assert report.finding("ok", "the slot holds", "it is lost after", "MiB more")
    other.sql(TABLES)
    with Load(other, workers=1):
        report = Report(other)
    assert report.finding("warning", "log held", "at this rate in", "if nobody streams", "max_slot_wal_keep_size")


def test_postgres_hangs(other):
    other.postgres.process.send_signal(signal.SIGSTOP)  # its postmaster: connections are accepted by the kernel and never answered
    try:
        report = Report(other)
        assert report.finding("error", "connection", "did not answer")
        assert report.finding("ok", "eviction")
    finally:
        other.postgres.process.send_signal(signal.SIGCONT)


# --- tables
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


# --- Redis
def redis_world(world, cache, **changes):
    return Report(world, HASH_REDIS_PORT=str(cache.port), **changes)


@pytest.mark.parametrize("settings, words", [
    ({"maxmemory-policy": "allkeys-lru"}, ("eviction", "allkeys-lru", "CONFIG SET maxmemory-policy noeviction")),
    ({"appendonly": "no"}, ("persistence", "keeps nothing", "CONFIG SET appendonly yes")),
    ({"appendonly": "no", "save": "900 1"}, ("persistence", "RDB snapshots", "CONFIG SET appendonly yes")),
])
def test_redis_settings(world, cache, settings, words):
    for name, value in settings.items():
        cache.client.config_set(name, value)
    for statement in redis_world(world, cache).remedy("error", *words).split("; "):
        cache.client.execute_command(*statement.split())
    assert redis_world(world, cache).code == 0


def test_redis_is_out_of_memory(world, cache):
    cache.client.config_set("maxmemory", 1)
    report = redis_world(world, cache)
    assert report.finding("warning", "memory", "of 1 bytes used")
    assert report.finding("error", "rights", "OOM", "maxmemory")


def test_redis_is_a_replica(world, cache):
    cache.client.replicaof("127.0.0.1", 1)
    report = redis_world(world, cache)
    assert report.of("error") and report.finding("error", "replica", "HASH_REDIS_HOST")


def test_queues(world, cache):
    cache.client.set("search", "x")
    cache.client.lpush("integration", *range(20))
    report = redis_world(world, cache, HASH_REALTIME_QUEUE_WARN_LENGTH="10", HASH_REALTIME_QUEUES="stream:events")
    assert report.finding("error", "list search: the key holds a string", "RENAME search search-old")
    assert report.finding("warning", "list integration: 20 messages wait")
    assert report.finding("ok", "stream events: empty")
    assert cache.client.llen("integration") == 20 and not cache.client.exists("events")
    cache.client.execute_command("RENAME", "search", "search-old")


def test_stream_with_higher_ids(world, cache):
    cache.client.xadd("events", {"a": "b"})
    assert redis_world(world, cache, HASH_REALTIME_QUEUES="stream:events").finding("error", "queue events", "above", "RENAME or DEL")


def test_acl_user(world, cache):
    cache.client.execute_command(*"ACL SETUSER me on >pass ~* +get +multi".split())
    user = {"HASH_REDIS_USERNAME": "me", "HASH_REDIS_PASSWORD": "pass", "HASH_REALTIME_QUEUES": "stream:events"}
    line = redis_world(world, cache, **user).remedy("error", "rights", "may not use EXEC, WATCH, UNWATCH", "LPUSH", "XADD")
    assert line.startswith("ACL SETUSER me on ><password>")
    cache.client.execute_command("ACL", "SETUSER", "me", "reset")
    cache.client.execute_command(*line.replace("<password>", "pass").split())
    report = redis_world(world, cache, **user)
    assert report.code == 0 and report.finding("ok", "rights"), report.text
    cache.client.execute_command(*"ACL SETUSER me -llen -info -config|get".split())
    report = redis_world(world, cache, **user)
    assert report.code == 0, report.text
    assert report.finding("warning", "rights", "LLEN, INFO, CONFIG GET") and report.finding("unknown", "persistence")
    assert cache.client.keys("*") == []


def test_wrong_redis_password(world, cache):
    report = redis_world(world, cache, HASH_REDIS_USERNAME="me", HASH_REDIS_PASSWORD="hunter2secret")
    assert report.finding("error", "connection", "WRONGPASS", "HASH_REDIS_PASSWORD") and "hunter2secret" not in report.text
    cache.client.config_set("requirepass", "right")
    assert redis_world(world, cache).finding("error", "connection", "NOAUTH", "HASH_REDIS_PASSWORD")


def test_tls_to_a_server_without(world, cache):
    assert redis_world(world, cache, HASH_REDIS_ENCRYPTED_TRANSIT="true").finding("error", "connection", "TLS")


@pytest.fixture(scope="module")
def secured(folder):
    """A Redis that speaks TLS, with an authority of its own; (port, folder of the certificates)."""
    place = f"{folder}/check.tls"
    os.makedirs(place)
    run = lambda line: subprocess.run(line.split(), cwd=place, check=True, capture_output=True)
    for name in ("ca", "other"):
        run(f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.crt -days 2 -subj /CN={name}")
    run("openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=redis.example")
    with open(f"{place}/names", "w") as names:
        names.write("subjectAltName=DNS:redis.example")
    run("openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt -extfile names")
    for name in os.listdir(place):
        os.chmod(f"{place}/{name}", 0o644)
    os.chmod(place, 0o755)
    port = free_port()
    server = Redis(f"{folder}/check.redis.tls", tls_port=str(port), tls_auth_clients="no", tls_ca_cert_file=f"{place}/ca.crt",
                   tls_cert_file=f"{place}/server.crt", tls_key_file=f"{place}/server.key")
    yield port, place
    server.kill()


@pytest.mark.parametrize("authority, name, words", [
    ("ca", "redis.example", None),
    ("other", "redis.example", ("connection", "HASH_REDIS_CA_FILE")),
    ("ca", "another.example", ("connection", "HASH_REDIS_TLS_SERVER_NAME")),
])
def test_redis_tls(world, secured, authority, name, words):
    port, place = secured
    report = Report(world, HASH_REDIS_PORT=str(port), HASH_REDIS_ENCRYPTED_TRANSIT="true",
                    HASH_REDIS_CA_FILE=f"{place}/{authority}.crt", HASH_REDIS_TLS_SERVER_NAME=name)
    if words:
        assert report.finding("error", *words)
    else:
        assert report.code == 0 and report.finding("ok", "tls", "certificate and name are verified")


def test_cluster_mode(world, folder):
    server = Redis(f"{folder}/check.redis.cluster", cluster_enabled="yes")
    try:
        assert Report(world, HASH_REDIS_PORT=str(server.port)).finding("error", "connection", "cluster", "not supported yet")
    finally:
        server.kill()


def test_redis_hangs(world, cache):
    cache.freeze()
    try:
        report = redis_world(world, cache)
        assert report.finding("error", "connection", "has been silent for 4 s")
        assert report.finding("ok", "wal_level")
    finally:
        cache.thaw()


# --- both together
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
