"""`hash-realtime check` on PostgreSQL: each requirement is broken for real, said, and mended by the statement it gives."""
import os
import shutil
import signal
import subprocess

import pytest

from support.load import TABLES, Load
from support.preflight import Report
from support.processes import PATIENCE, spawn, wait_until
from support.service import binary


def carry_out(server, remedy):
    """Executes the statements of a remedy as a person would: one after the other, a restart where it asks for one."""
    for statement in remedy.split(";"):
        if "restart PostgreSQL" in statement:
            server.restart()
        elif statement.strip():
            server.sql(statement)
    server.sql("select pg_sleep(0.2)")


def test_no_replication_right(world):
    world.postgres.sql("create role norep login")
    remedy = Report(world, HASH_PG_USER="norep").remedy("error", "replication: ")
    assert remedy == 'ALTER ROLE "norep" WITH REPLICATION;'
    world.postgres.sql(remedy)
    assert Report(world, HASH_PG_USER="norep").code == 0


def test_wal_level(other):
    other.postgres.alter(restart=True, wal_level="replica")
    report = Report(other)
    remedy = report.remedy("error", "wal_level is replica", "ALTER SYSTEM SET wal_level = 'logical'")
    assert report.finding("unknown", "output plugin")
    carry_out(other.postgres, remedy)
    assert Report(other).code == 0


def test_plugin_not_allowed(other):
    if other.postgres.value("select count(*) from pg_settings where name = 'output_plugin_libraries'") == 0:
        pytest.skip("this server allows every plugin")
    other.postgres.alter(output_plugin_libraries="pgoutput")
    report = Report(other)
    remedy = report.remedy("error", "output plugin", "output_plugin_libraries")
    assert report.finding("ok", "recommended: HASH_REALTIME_PLUGIN=pgoutput", "works on this server")
    assert report.finding("unknown", "publication hash_realtime does not exist", "CREATE PUBLICATION")
    carry_out(other.postgres, remedy)
    assert Report(other).code == 0


def test_plugin_not_installed(other, folder):
    other.postgres.alter(dynamic_library_path="'/nowhere'")
    nothing = Report(other)
    assert nothing.finding("error", "output plugin", "Install wal2json", "-wal2json")
    assert nothing.finding("unknown", "HASH_REALTIME_PLUGIN=pgoutput would not work either")
    assert "recommended" not in nothing.text
    libraries = other.postgres.value("select setting from pg_config where name = 'PKGLIBDIR'")
    os.makedirs(f"{folder}/libraries", mode=0o755, exist_ok=True)
    shutil.copy(f"{libraries}/pgoutput.so", f"{folder}/libraries")
    other.postgres.alter(dynamic_library_path=f"'{folder}/libraries'")
    assert Report(other).finding("ok", "recommended: HASH_REALTIME_PLUGIN=pgoutput")


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
    other.postgres.alter(restart=True, max_replication_slots="1")
    other.postgres.sql("select pg_create_physical_replication_slot('taken')")
    report = Report(other)
    assert report.finding("error", "1 of 1 replication slots", "ALTER SYSTEM SET max_replication_slots = 11; then restart")
    assert report.finding("unknown", "output plugin", "no free slot")
    other.postgres.sql("select pg_drop_replication_slot('taken')")


def test_no_free_walsender(other):
    other.postgres.alter(restart=True, max_wal_senders="0")
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
    assert "drop" not in remedy, "what it keeps may be needed"
    assert Report(world, HASH_REALTIME_SLOT_NAME=f"{world.slot}_free").code == 0


def test_open_transaction_is_not_waited_for(world):
    writer = world.connect()
    writer.autocommit = False
    writer.cursor().execute("create table open_for_long (id int)")
    report = Report(world, at_most=8)
    assert report.finding("unknown", "waits for open transactions", str(writer.info.backend_pid), "pg_stat_activity")
    assert report.finding("ok", "wal2json is installed")
    writer.commit()
    assert world.postgres.value("select count(*) from pg_replication_slots where slot_name like 'hash_realtime_check%'") == 0


def test_locks_are_not_waited_for(world):
    world.sql("create table t (id int primary key)")
    writer = world.connect()
    writer.autocommit = False
    writer.cursor().execute("lock table t in access exclusive mode")
    assert Report(world, at_most=8).finding("ok", "public.t: replica identity is the primary key")
    writer.cursor().execute("lock table pg_publication in access exclusive mode")
    report = Report(world, at_most=8)
    assert report.finding("unknown", "table: ", "lock timeout")
    assert report.finding("ok", "position", "neither slot nor positions"), "what follows is tried all the same"
    writer.rollback()


def test_a_signal_leaves_nothing(world):
    writer = world.connect()
    writer.autocommit = False
    writer.cursor().execute("create table open_for_long (id int)")
    probes = "select count(*) from pg_replication_slots where slot_name like 'hash_realtime_check%'"
    process = spawn([binary(), "check"], env=world.service().settings, stdout=subprocess.DEVNULL)
    wait_until("a probing slot", lambda: world.postgres.value(probes) == 1)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 1
    wait_until("no slot, while the transaction is still open", lambda: world.postgres.value(probes) == 0)
    writer.rollback()


def test_every_commit_would_wait_for_us(other):
    other.postgres.alter(synchronous_standby_names="'*'")
    remedy = Report(other).remedy("error", "synchronous_standby_names is '*'")
    assert "ALTER SYSTEM SET synchronous_standby_names" in remedy
    other.postgres.alter(synchronous_standby_names="'some_replica'")
    assert Report(other).code == 0


def test_how_long_the_slot_will_last(other):
    other.postgres.alter(max_slot_wal_keep_size="'64MB'")
    other.sql("select pg_create_logical_replication_slot(%s, 'wal2json')", (other.slot,))
    report = Report(other)
    assert report.finding("ok", "log limit", "64MB")
    assert report.finding("ok", "the slot holds", "it is lost after", "MiB more")
    other.sql(TABLES)
    with Load(other, workers=1):
        report = Report(other)
    assert report.finding("warning", "log held", "at this rate in", "if nobody streams", "max_slot_wal_keep_size")


def test_a_lost_slot(other):
    other.sql("select pg_create_logical_replication_slot(%s, 'wal2json')", (other.slot,))
    other.postgres.alter(max_slot_wal_keep_size="'1MB'")
    for _ in range(3):
        other.sql("create table filler as select repeat('x', 1000) t from generate_series(1, 20000)")
        other.sql("drop table filler")
        other.sql("select pg_switch_wal()")
    other.postgres.sql("checkpoint")
    assert other.postgres.slot(other.slot)["wal_status"] == "lost"
    assert Report(other).remedy("error", "slot: ", other.slot, "is lost", "/") == "hash-realtime accept-loss"


def test_postgres_hangs(other):
    other.postgres.process.send_signal(signal.SIGSTOP)  # its postmaster: connections are accepted by the kernel and never answered
    try:
        report = Report(other)
        assert report.finding("error", "connection", "did not answer")
        assert report.finding("ok", "eviction")
        assert report.finding("unknown", "position", "both servers")
    finally:
        other.postgres.process.send_signal(signal.SIGCONT)
