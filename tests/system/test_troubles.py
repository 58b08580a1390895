"""What a person reads when something is wrong: each trouble is provoked, said with its remedy, and gone once mended."""
import glob
import json
import os
import re
import shutil

import pytest

from support.postgres import Postgres
from support.preflight import Report
from support.processes import free_port, give_to_servers, spawn, wait_until
from support.redis_server import Redis
from support.service import ROOT


@pytest.fixture
def other(other):
    other.sql("create table t (id int primary key)")
    return other


def says(service, error, *words):
    """/ready, /status and the log all say it, the log once. The remedy."""
    wait_until(lambda: f"{error}\n{service.log_tail()}", lambda: (service.status().get("trouble") or {}).get("error") == error)
    code, ready = service.get("/ready")
    trouble = service.status()["trouble"]
    lines = [line for line in service.log() if line.get("error") == error]
    assert code == 503 and len(lines) == 1, service.log_tail()
    for word in words:
        assert word in trouble["message"] + trouble["remedy"], trouble
        assert word in lines[0]["message"] + lines[0].get("remedy", ""), lines
        assert word.replace('"', '\\"') in ready, ready
    return trouble["remedy"]


def works(world, service):
    """It goes on by itself; the log says that the trouble is over and how long it took."""
    service.wait_ready()
    world.sql("insert into t values (1)")
    wait_until("the change", lambda: world.redis.client.llen("search") == 1)


# --- PostgreSQL

def test_wal_level(other):
    other.postgres.alter(restart=True, wal_level="replica")
    service = other.service().start()
    says(service, "postgres_wal_level", "ALTER SYSTEM SET wal_level")
    other.postgres.alter(restart=True, wal_level="logical")
    works(other, service)


def test_plugin_not_listed(other):
    if other.postgres.value("select count(*) from pg_settings where name = 'output_plugin_libraries'") == 0:
        pytest.skip("this server allows every plugin")
    other.postgres.alter(output_plugin_libraries="pgoutput")
    service = other.service().start()
    remedy = says(service, "postgres_plugin_refused", "output_plugin_libraries", "HASH_REALTIME_PLUGIN=pgoutput")
    for statement in re.search("ALTER SYSTEM.*?; SELECT pg_reload_conf\\(\\)", remedy)[0].split(";"):
        other.postgres.sql(statement)
    works(other, service)


def test_plugin_not_installed(other):
    other.postgres.alter(dynamic_library_path="'/nowhere'")
    service = other.service().start()
    says(service, "postgres_plugin_missing", "wal2json", "HASH_REALTIME_PLUGIN=pgoutput")
    other.postgres.alter(dynamic_library_path="'$libdir'")
    works(other, service)


def test_no_right_to_replicate(world):
    world.postgres.sql("create role plain login")
    world.sql("create table t (id int primary key)")
    service = world.service(HASH_PG_USER="plain").start()
    remedy = says(service, "postgres_right_missing", "ALTER ROLE", "REPLICATION")
    service.wait_log("max_slot_wal_keep_size")  # the start's advice, which says nothing a second time
    assert service.log_text().count(json.dumps(remedy)) == 1, service.log_text()
    world.postgres.sql(remedy)
    works(world, service)
    service.stop()
    world.postgres.sql("drop role plain")


def test_no_free_slot_and_no_free_walsender(other):
    other.postgres.alter(restart=True, max_replication_slots="1", max_wal_senders="0")
    other.postgres.sql("select pg_create_physical_replication_slot('taken')")
    service = other.service().start()
    says(service, "postgres_no_free_walsender", "max_wal_senders")
    other.postgres.alter(restart=True, max_wal_senders="5")
    says(service, "postgres_no_free_slot", "max_replication_slots", "pg_drop_replication_slot")
    other.postgres.sql("select pg_drop_replication_slot('taken')")
    works(other, service)


@pytest.mark.parametrize("kind", ["plugin", "physical", "database"])
def test_a_slot_of_another_kind(world, kind):
    world.sql("create table t (id int primary key)")
    made = {"plugin": "select pg_create_logical_replication_slot(%s, 'test_decoding')", "physical": "select pg_create_physical_replication_slot(%s)",
            "database": "select pg_create_logical_replication_slot(%s, 'wal2json')"}[kind]
    world.postgres.sql(made, (world.slot,), "postgres" if kind == "database" else world.database)
    service = world.service().start()
    says(service, "slot_unsuitable", world.slot, "HASH_REALTIME_SLOT_NAME", {"plugin": "test_decoding", "physical": "physical", "database": '"postgres"'}[kind])
    world.postgres.sql("select pg_drop_replication_slot(%s)", (world.slot,))
    works(world, service)


def test_a_database_that_is_not_utf8(world):
    world.postgres.sql("create database odd_letters encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'")
    says(world.service(HASH_PG_DATABASE="odd_letters").start(), "postgres_encoding", "LATIN1")


def test_a_standby_server_is_waited_for_until_it_is_promoted(other, folder):
    other.postgres.stop()
    follower = Postgres(f"{folder}/follower", copy_of=other.postgres)
    other.postgres.start()
    follower.follow(other.postgres)
    follower.start()
    try:
        service = other.service(HASH_PG_PORT=str(follower.port)).start()
        says(service, "postgres_starting", "waiting for a primary")
        assert "waiting for a primary" in service.status()["state"]
        report = Report(other, HASH_PG_PORT=str(follower.port))
        assert report.finding("error", "server: ", "in recovery", "HASH_PG_HOST", "pg_promote()")
        follower.sql("select pg_promote()")
        service.wait_ready()
    finally:
        follower.stop("immediate")


def test_open_transactions_hold_up_the_slot(world):
    world.sql("create table t (id int primary key)")
    writer = world.connect()
    writer.autocommit = False
    writer.cursor().execute("insert into t values (7)")
    service = world.service().start()
    wait_until(lambda: str(service.status()), lambda: "waiting for open transactions" in service.status().get("state", ""))
    state = service.status()["state"]
    rows = world.sql(re.search("SELECT .*", state)[0])
    assert writer.info.backend_pid in [row[0] for row in rows]
    code, ready = service.get("/ready")
    assert code == 503 and "waiting for open transactions" in ready and "pg_stat_activity" in ready
    writer.commit()
    works(world, service)


def test_the_original_service_still_runs(world):
    world.script("""create schema realtime;
create table realtime.ownership (slot_name text primary key, slot_owner uuid, ownership_expires_at timestamptz);
grant usage on schema realtime to public;
grant select on realtime.ownership to public;
create table t (id int primary key)""")
    world.sql("insert into realtime.ownership values (%s, gen_random_uuid(), now() + interval '6 seconds')", (world.slot,))
    service = world.service().start()
    says(service, "slot_unsuitable", "the original HASH Realtime still runs", "realtime.ownership")
    works(world, service)  # once its row has expired


def test_the_original_service_holds_a_temporary_slot_of_our_name(world):
    world.sql("create table t (id int primary key)")
    original = world.connect()
    original.cursor().execute("select pg_create_logical_replication_slot(%s, 'wal2json', true)", (world.slot,))
    service = world.service().start()
    says(service, "slot_unsuitable", "the original HASH Realtime still runs", "temporary")
    original.cursor().execute("select 1")  # nobody has ended it
    original.close()
    works(world, service)


@pytest.mark.parametrize("trace, right, level", [
    ("rds_superuser", 'GRANT rds_replication TO "plain"', "rds.logical_replication = 1"),
    ("cloudsqlsuperuser", 'ALTER ROLE "plain" WITH REPLICATION', "cloudsql.logical_decoding = on"),
    ("azure_pg_admin", 'ALTER ROLE "plain" WITH REPLICATION', "server parameter wal_level"),
])
def test_remedies_follow_the_provider(other, trace, right, level):
    other.postgres.sql(f"create role {trace}")
    other.postgres.sql("create role plain login")
    try:
        service = other.service(HASH_PG_USER="plain").start()
        says(service, "postgres_right_missing", right)
        assert right in Report(other, HASH_PG_USER="plain").remedy("error", "replication: ")
        service.stop()
        other.postgres.alter(restart=True, wal_level="replica")
        says(other.service().start(), "postgres_wal_level", level)
        assert level in Report(other).remedy("error", "wal_level: ")
    finally:
        other.postgres.sql(f"drop role {trace}")
        other.postgres.sql("drop role plain")


def test_every_commit_would_wait_for_us(other):
    other.postgres.alter(synchronous_standby_names="'*'")
    service = other.service().start()
    service.wait_log("synchronous_standby_names")
    line = next(line for line in service.log() if "synchronous_standby_names" in line["message"])
    assert line["level"] in ("warn", "error") and "ALTER SYSTEM SET synchronous_standby_names" in line["remedy"]


@pytest.fixture
def pooler(world, folder):
    unpacked = f"{ROOT}/build/packages/pgbouncer"  # by scripts/test
    program = shutil.which("pgbouncer", path=f"/usr/sbin:{unpacked}/usr/sbin")
    if not program:
        pytest.skip("no pgbouncer here")
    place, port = f"{folder}/pooler", free_port()
    if program.startswith(unpacked):  # the servers' user may not look into every folder that a clone stands in
        shutil.copytree(unpacked, f"{place}/program")
        program, unpacked = program.replace(unpacked, f"{place}/program"), f"{place}/program"
    give_to_servers(place)
    with open(f"{place}/ini", "w") as ini:
        ini.write(f"[databases]\n* = host=127.0.0.1 port={world.postgres.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
                  f"auth_type = any\npool_mode = transaction\nunix_socket_dir =\nignore_startup_parameters = extra_float_digits\n")
        ini.write("[databases]\n* = host=127.0.0.1 port=%d user=%s\n" % (world.postgres.port, world.postgres.role))
    log = open(f"{place}/log", "wb")
    libraries = ":".join(glob.glob(f"{unpacked}/usr/lib/*-linux-gnu"))
    process = spawn([program, f"{place}/ini"], as_server=True, stdout=log, stderr=log, env=os.environ | {"LD_LIBRARY_PATH": libraries})
    yield port
    process.kill()
    process.wait()


def test_a_pooler(world, pooler):
    service = world.service(HASH_PG_PORT=str(pooler)).start()
    says(service, "postgres_pooler", "Connect to the server itself")
    assert Report(world, HASH_PG_PORT=str(pooler)).finding("error", "replication: ", "Connect to the server itself")


# --- Redis

def test_a_redis_that_evicts(world, cache):
    cache.client.config_set("maxmemory-policy", "allkeys-lru")
    service = world.service(HASH_REDIS_PORT=str(cache.port)).start().wait_ready()
    service.wait_log("allkeys-lru")
    line = next(line for line in service.log("warn") if "allkeys-lru" in line["message"])
    assert "maxmemory-policy noeviction" in line["remedy"]


@pytest.mark.parametrize("settings, words", [({}, "keeps nothing"), ({"save": "900 1"}, "RDB snapshots")])
def test_a_redis_that_does_not_keep_what_it_takes(world, cache, settings, words):
    for name, value in ({"appendonly": "no"} | settings).items():
        cache.client.config_set(name, value)
    service = world.service(HASH_REDIS_PORT=str(cache.port)).start().wait_ready()
    service.wait_log(words)
    assert "appendonly yes" in next(line for line in service.log("warn") if words in line["message"])["remedy"]


def test_a_redis_cluster_is_refused(world, folder):
    server = Redis(f"{folder}/troubles.cluster", cluster_enabled="yes")
    try:
        service = world.service(HASH_REDIS_PORT=str(server.port)).start()
        assert service.wait_exit() == 1
        assert "cluster mode" in service.log_text() and "not supported" in service.log_text()
    finally:
        server.kill()


def test_a_replica(world, cache):
    world.sql("create table t (id int primary key)")
    cache.client.replicaof("127.0.0.1", free_port())
    service = world.service(HASH_REDIS_PORT=str(cache.port)).start()
    says(service, "redis_read_only", "primary")
    cache.client.replicaof("no", "one")
    service.wait_ready()


def test_a_wrong_password(world, cache):
    cache.client.config_set("requirepass", "right")
    service = world.service(HASH_REDIS_PORT=str(cache.port)).start()
    says(service, "redis_authentication", "HASH_REDIS_PASSWORD")


def test_a_database_that_redis_has_not_is_an_error_nobody_knows(world, cache):
    service = world.service(HASH_REDIS_PORT=str(cache.port), HASH_REDIS_DATABASE="99").start()
    says(service, "redis_unknown", "DB index is out of range")
