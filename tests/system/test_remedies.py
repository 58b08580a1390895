"""The fix follows the cause: each is provoked on a real server, and the statement that is advised mends it."""
import re

import pytest

from support.preflight import Report
from support.processes import wait_until
from support.redis_server import Redis


def mended(world, words, fix, **changes):
    """`check` names the cause and a fix that holds all of the words; running it as a superuser mends it."""
    remedy = Report(world, **changes).remedy("error", *words)
    assert all(word in remedy for word in fix) and "firewall" not in remedy and "<" not in remedy, remedy
    for statement in re.findall(r"(?:ALTER|GRANT) [^;]+;", remedy):
        world.sql(statement)
    report = Report(world, **changes)
    assert not report.of("error"), report.text


@pytest.fixture
def role(other):
    other.postgres.sql("create role odd login replication")
    yield "odd"
    other.sql("drop owned by odd")
    other.postgres.sql("drop role odd")


def test_what_keeps_a_role_out(other, role):
    user = {"HASH_PG_USER": role}
    other.postgres.sql("alter role odd nologin")
    service = other.service(**user).start()
    wait_until(lambda: service.log_tail(), lambda: "ALTER ROLE" in str(service.status().get("trouble")))
    assert service.status()["trouble"]["remedy"] == 'ALTER ROLE "odd" LOGIN;'
    mended(other, ["connection", "not permitted to log in"], ['ALTER ROLE "odd" LOGIN;'], **user)
    service.wait_ready()
    service.stop()
    other.postgres.sql(f"revoke connect on database {other.database} from public")
    mended(other, ["connection", "permission denied for database"], [f'GRANT CONNECT ON DATABASE "{other.database}" TO "odd";'], **user)
    other.postgres.sql("alter role odd connection limit 0")
    mended(other, ["connection", "too many connections for role"], ['ALTER ROLE "odd" CONNECTION LIMIT -1;'], **user)


def test_what_keeps_everybody_out(other):
    other.postgres.sql(f"alter database {other.database} allow_connections false")
    remedy = Report(other).remedy("error", "connection", "not currently accepting connections")
    assert remedy == f'ALTER DATABASE "{other.database}" ALLOW_CONNECTIONS true;'
    other.postgres.sql(remedy)
    assert Report(other, PGSSLMODE="require").finding("error", "connection", "does not support SSL", "ssl = on", "PGSSLMODE=prefer")
    nowhere = f"{other.folder}/no-password"  # a path whose folder exists is no password by mistake, and is shown
    assert Report(other, HASH_PG_PASSWORD_FILE=nowhere).finding(
        "error", "connection", nowhere, "HASH_PG_PASSWORD_FILE must name a file")


def test_a_right_on_an_object(other, role):
    """The service needs a view that is everybody's: taken away, and given back by the advised GRANT."""
    other.sql("revoke select on pg_replication_slots from public")
    service = other.service(HASH_PG_USER=role).start()
    grant = 'GRANT SELECT ON TABLE pg_catalog.pg_replication_slots TO "odd";'
    wait_until(lambda: service.log_tail(), lambda: (service.status().get("trouble") or {}).get("remedy") == grant)
    other.sql(grant)
    service.wait_ready()
    service.stop()


def test_a_prepared_transaction_holds_up_the_slot(other):
    other.sql("create table t (id int primary key)")
    cursor = other.connect().cursor()
    for statement in ("begin", "insert into t values (7)", "prepare transaction 'forgotten'"):
        cursor.execute(statement)
    try:
        assert Report(other).finding("unknown", "output plugin", "prepared transaction forgotten", "pg_prepared_xacts")
        service = other.service().start()
        wait_until(lambda: str(service.status()), lambda: "waiting for open transactions" in service.status().get("state", ""))
        found = other.sql(re.search("SELECT .*", service.status()["state"])[0])
        assert "prepared transaction forgotten" in str(found), found
    finally:
        cursor.execute("rollback prepared 'forgotten'")
    service.wait_ready().stop()


@pytest.mark.parametrize("made, asked", [("wal2json", "pgoutput"), ("pgoutput", "wal2json")])
def test_a_slot_of_the_other_plugin_is_never_to_be_dropped(other, made, asked):
    other.sql("create table t (id int primary key)")
    other.sql("create publication hash_realtime for all tables")
    other.service(HASH_REALTIME_PLUGIN=made).start().wait_ready().stop()
    remedy = Report(other, HASH_REALTIME_PLUGIN=asked).remedy("error", "slot: ", f"is of plugin {made}")
    assert remedy.startswith(f"set HASH_REALTIME_PLUGIN={made}") and "drop" not in remedy and "Changing the plugin of a slot" in remedy
    late = other.service(HASH_REALTIME_PLUGIN=asked).start()
    wait_until(lambda: late.log_tail(), lambda: (late.status().get("trouble") or {}).get("error") == "slot_unsuitable")
    assert f"HASH_REALTIME_PLUGIN={made}" in late.status()["trouble"]["remedy"]
    late.stop()


def test_a_sentinel_is_named_as_such(world, folder):
    server = Redis(f"{folder}/sentinel", as_sentinel=True)
    try:
        report = Report(world, HASH_REDIS_PORT=str(server.port))
        assert report.finding("error", "connection", "lead to a Redis Sentinel", "name the Redis itself")
        service = world.service(HASH_REDIS_PORT=str(server.port)).start()
        wait_until(lambda: service.log_tail(), lambda: "Sentinel" in str(service.status().get("trouble")))
        assert "rename-command" not in str(service.status())
    finally:
        server.kill()


def test_tables_of_every_kind(world):
    world.script("""create table root (id int, k int, primary key (id, k)) partition by range (id);
create table sub partition of root for values from (0) to (10) partition by range (k);
create table leaf partition of sub for values from (0) to (10);
create materialized view seen as select 1 as one;
create table made (id int primary key, twice int generated always as (id * 2) stored);
create publication hash_realtime for all tables""")
    report = Report(world)
    assert report.finding("ok", "public.root: partitioned", "public.leaf") and report.finding("ok", "public.sub: partitioned", "public.leaf")
    assert report.finding("ok", "public.seen: a materialized view", "REFRESH")
    assert not any("generated" in one["what"] for one in report.found)
    report = Report(world, HASH_REALTIME_PLUGIN="pgoutput", HASH_REALTIME_TABLES="public.*,public.seen")
    assert report.finding("warning", "public.seen: a materialized view, nothing of it ever arrives")
    assert report.finding("warning", "public.made: pgoutput leaves out its generated columns: twice")
