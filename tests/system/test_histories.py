"""PostgreSQL restored, replaced, promoted, or without the slot: what cannot be reconciled is refused in words, never
skipped, until it is accepted; what can goes on by itself."""
import subprocess
import time

import pytest

from support.load import TABLES, Load
from support.postgres import Postgres, lsn_value
from support.processes import PATIENCE, wait_until
from support.proxy import Proxy
from support.service import binary
from support.world import World


@pytest.fixture
def own(folder, redis, plugin):
    """A world on a PostgreSQL of its own that may be ruined; the service reaches it through a proxy, as by a name."""
    postgres = Postgres(f"{folder}/histories.{time.monotonic_ns()}")
    world = World(postgres, redis, folder, plugin)
    world.sql(TABLES)
    with Proxy(postgres.port) as world.name:
        world.start(HASH_PG_PORT=str(world.name.port), HASH_REALTIME_REPLAY_WINDOW="500ms")
        yield world
        for service in world.services:
            service.kill()
    redis.client.flushall()
    if world.postgres is not postgres:
        world.postgres.stop("immediate")
    postgres.stop("immediate") if postgres.process.poll() is None else None


def insert(world, first, last, text="x"):
    world.sql("insert into load_a select i, 0, %s from generate_series(%s, %s) i", (text, first, last))


def ends_refusing(world, *words):
    """The service, whether it runs or not, ends with exit code 1 and says all of the words, at every start."""
    service = world.services[0]
    for _ in range(2):
        if not service.is_running():
            service.start()
        assert service.wait_exit() == 1, service.log_tail()
        text = service.log_text()
        for word in words:
            assert word in text, f"{word!r} is not in\n{text}"


def accept_loss_goes_on(world):
    service = world.services[0]
    ended = subprocess.run([binary(), "accept-loss", "--yes"], env=service.settings, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    service.start().wait_ready()
    assert service.status()["degraded"] == []
    insert(world, 900001, 900010, "after")
    for queue in world.queues:
        wait_until(lambda: f"the ten in {queue}\n{service.log_tail()}",
                   lambda: sum(b'"value":"after"' in message for message in world.held(queue)) == 10)
        assert all(b'"value":"after"' in message for message in world.held(queue)[-10:])


def record_lsn(world):
    return world.redis.record("search")["lsn"]


def deliver_past_a_copy(own):
    """Delivers rows, keeps a copy of the server, delivers more: the copy is older than the queues."""
    insert(own, 1, 10)
    own.caught_up()
    own.postgres.stop("fast")
    own.postgres.save()
    own.postgres.start()
    insert(own, 11, 2000)
    own.caught_up()


@pytest.mark.long
@pytest.mark.parametrize("running", [True, False])
def test_restored_from_an_older_copy(own, running):
    deliver_past_a_copy(own)
    if not running:
        own.services[0].stop()
    own.postgres.stop("fast")
    at = record_lsn(own)
    own.postgres.restore()
    own.postgres.start()
    ends_refusing(own, at, "accept-loss")
    accept_loss_goes_on(own)


@pytest.mark.long
def test_a_refused_history_stays_refused_when_the_log_grows_past_the_position(own):
    """The restored server writes on: its log passes the old position, and everything up to there would be skipped."""
    deliver_past_a_copy(own)
    own.postgres.stop("fast")
    at = record_lsn(own)
    own.postgres.restore()
    own.postgres.start()
    ends_refusing(own, at)
    insert(own, 11, 20000, "other rows")
    assert lsn_value(own.postgres.value("select pg_current_wal_lsn()::text")) > lsn_value(at)
    ends_refusing(own, at)
    accept_loss_goes_on(own)


@pytest.mark.long
def test_a_new_cluster_at_the_same_address(own, folder):
    insert(own, 1, 10)
    own.caught_up()
    at = record_lsn(own)
    system = own.redis.record("search")["system"]
    own.postgres.stop("immediate")
    own.postgres = Postgres(f"{folder}/stranger.{time.monotonic_ns()}")
    own.postgres.sql(f"create database {own.database}")
    if own.plugin == "pgoutput":
        own.sql("create publication hash_realtime for all tables")
    own.sql(TABLES)
    own.name.target = own.postgres.port
    theirs = own.postgres.value("select system_identifier::text from pg_control_system()")
    ends_refusing(own, system, theirs)
    assert own.postgres.slot(own.slot) is None
    accept_loss_goes_on(own)


def standby_of(world, folder, with_slot):
    """A running standby; the primary was stopped for a moment, so that the copy has the slots or not."""
    primary = world.postgres
    wait_until("confirmed", lambda: primary.held_back(world.slot) == 0)
    primary.stop("fast")
    standby = Postgres(f"{folder}/standby.{time.monotonic_ns()}", copy_of=primary)
    if not with_slot:
        subprocess.check_call(f"rm -rf {standby.data}/pg_replslot/*", shell=True)
    standby.follow(primary)
    primary.start()
    standby.start()
    world.services[0].wait_ready()
    return standby


def replayed(standby, lsn):
    return standby.value("select pg_last_wal_replay_lsn() >= %s", (lsn,))


@pytest.mark.long
@pytest.mark.parametrize("with_slot", [True, False])
def test_promotion_with_everything(own, folder, with_slot):
    insert(own, 1, 10)
    own.caught_up()
    standby = standby_of(own, folder, with_slot)
    primary = own.postgres
    insert(own, 11, 500)
    own.caught_up()
    at = record_lsn(own)
    end = primary.value("select pg_current_wal_flush_lsn()")
    wait_until("replayed", lambda: replayed(standby, end))
    own.name.black_hole()
    primary.stop("immediate")
    standby.value("select pg_promote()")
    own.postgres, own.name.target = standby, standby.port
    own.name.heal()
    own.name.reset()
    if with_slot:
        own.services[0].wait_ready()
        wait_until("streaming", lambda: (standby.slot(own.slot) or {}).get("active"))
        own.oracle.postgres = standby  # its slot came along
        insert(own, 501, 1000)
        own.caught_up()
        assert own.redis.record("search")["timeline"] == 2
        assert own.services[0].status()["degraded"] == []
    else:
        ends_refusing(own, own.slot, at)
        assert standby.slot(own.slot) is None
        accept_loss_goes_on(own)


@pytest.mark.long
def test_promotion_of_a_standby_that_lagged(own, folder):
    insert(own, 1, 10)
    own.caught_up()
    standby = standby_of(own, folder, with_slot=True)
    primary = own.postgres
    end = primary.value("select pg_current_wal_flush_lsn()")
    wait_until("replayed", lambda: replayed(standby, end))
    standby.stop("fast")
    insert(own, 11, 3000)
    own.caught_up()
    at = record_lsn(own)
    primary.stop("immediate")
    standby.configure(primary_conninfo="")
    standby.start()
    standby.value("select pg_promote()")
    own.postgres, own.name.target = standby, standby.port
    insert(own, 11, 9000, "other rows")  # its log grows past the position
    ends_refusing(own, at, "accept-loss")
    accept_loss_goes_on(own)


def test_slot_dropped_while_running(own):
    insert(own, 1, 10)
    own.caught_up()
    at = record_lsn(own)
    own.sql("insert into load_skip values (1)")
    own.postgres.sql("""do $$ begin loop
        perform pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '%s' and active;
        begin perform pg_drop_replication_slot('%s'); exit; exception when object_in_use then perform pg_sleep(0.005); end;
        end loop; end $$""" % (own.slot, own.slot))
    ends_refusing(own, own.slot, "accept-loss", at.split("/")[0] + "/")
    assert own.postgres.slot(own.slot) is None
    accept_loss_goes_on(own)


def test_slot_lost_while_running(own):
    insert(own, 1, 10)
    own.caught_up()
    service = own.services[0]
    own.redis.freeze()
    try:
        own.postgres.sql("alter system set max_slot_wal_keep_size = '1MB'")
        own.postgres.sql("select pg_reload_conf(), pg_sleep(0.2)")
        for _ in range(3):
            own.postgres.sql("create table filler as select repeat('x', 1000) t from generate_series(1, 20000)")
            own.postgres.sql("drop table filler")
            own.postgres.sql("select pg_switch_wal()")
        own.postgres.sql("checkpoint")
        wait_until("lost", lambda: own.postgres.slot(own.slot)["wal_status"] == "lost")
    finally:
        own.redis.thaw()
    ends_refusing(own, "is lost", "/", "accept-loss")
    own.postgres.sql("alter system reset max_slot_wal_keep_size")
    own.postgres.sql("select pg_reload_conf()")
    accept_loss_goes_on(own)
    assert service.is_running()


@pytest.mark.long
def test_a_short_wal_sender_timeout_with_a_full_pipeline_for_a_while(own):
    """Redis stands still for four timeouts, twice, while rows come: the walsender never gives us up."""
    own.postgres.sql("alter system set wal_sender_timeout = '3s'")
    own.postgres.sql("select pg_reload_conf()")
    service = own.services[0]
    service.stop()
    service.start(HASH_REALTIME_MAX_IN_FLIGHT_BYTES="1MiB").wait_ready()
    walsender = own.postgres.slot(own.slot)["active_pid"]
    with Load(own):
        for _ in range(2):
            own.redis.freeze()
            time.sleep(12)
            assert service.is_full()
            assert own.postgres.slot(own.slot)["active_pid"] == walsender, service.log_tail()
            own.redis.thaw()
            time.sleep(1)
    own.caught_up()
