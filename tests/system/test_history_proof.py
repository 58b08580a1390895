"""Other histories that share a beginning with the records' own: a disk set back, a second promotion, a copy beside the
server. What names a history is its log; whoever is refused has written nothing."""
import time

import pytest

from support.load import TABLES, Load
from support.postgres import Postgres, lsn_value
from support.processes import wait_until
from support.proxy import Proxy
from support.world import World

from test_histories import accept_loss_goes_on, deliver_past_a_copy, ends_refusing, insert, record_lsn  # the same stories, other endings

LEASE = "2s"


@pytest.fixture
def own(folder, redis, plugin):
    """A world on a PostgreSQL of its own that may be ruined; the service reaches it through a proxy, as by a name."""
    postgres = Postgres(f"{folder}/history_proof.{time.monotonic_ns()}")
    world = World(postgres, redis, folder, plugin)
    world.others = []
    world.sql(TABLES)
    with Proxy(postgres.port) as world.name:
        world.start(HASH_PG_PORT=str(world.name.port), HASH_REALTIME_REPLAY_WINDOW="500ms", HASH_REALTIME_LEASE=LEASE)
        yield world
        for service in world.services:
            service.kill()
    redis.client.flushall()
    for server in [postgres, *world.others]:
        if server.process is not None and server.process.poll() is None:
            server.stop("immediate")


def copy_of(world, name):
    """Another server with this one's data, which is stopped; the oracle's slot stays behind."""
    copy = Postgres(f"{world.folder}/{name}.{time.monotonic_ns()}", copy_of=world.postgres)
    world.others.append(copy)
    return copy


def everything(world):
    """All that the service writes in Redis, without the signs of life of a living owner."""
    return {queue: (world.redis.client.get(f"{{{queue}}}:position"), world.length(queue)) for queue in world.queues}


def is_clean(world):
    return all(world.redis.record(queue)["clean"] for queue in world.queues)


def end_service(world, clean):
    """The service ends with records that are clean (a keepalive was recorded, with the log's hash) or are not."""
    if clean:
        wait_until("the records are clean", lambda: is_clean(world), timeout=20)
        assert all(len(world.redis.record(queue)["log"]) == 32 for queue in world.queues), world.redis.record("search")
        world.services[0].kill()
    else:
        insert(world, 500_000, 500_010)
        wait_until("pushed", lambda: all(world.redis.record(queue)["number"] >= 1000 for queue in world.queues))
        world.services[0].kill()
        assert not is_clean(world)


def grow_past(world, lsn):
    """The log goes past the position, with rows that look like those that were delivered."""
    while lsn_value(world.postgres.value("select pg_current_wal_lsn()::text")) <= lsn_value(lsn):
        insert(world, *grow_past.rows, "other rows")
        grow_past.rows = [last + 5000 for last in grow_past.rows]


@pytest.fixture(autouse=True)
def fresh_rows():
    grow_past.rows = [1_000_000, 1_004_999]


def is_refused_and_has_written_nothing(world):
    before = everything(world)
    ends_refusing(world, "other_history", "of another history", record_lsn(world), "timeline", "accept-loss")
    assert everything(world) == before
    accept_loss_goes_on(world)


@pytest.mark.long
@pytest.mark.parametrize("clean", [True, False])
def test_a_disk_set_back_whose_log_grows_past_the_record(own, clean):
    deliver_past_a_copy(own)
    end_service(own, clean)
    at = record_lsn(own)
    own.postgres.stop("immediate")
    own.postgres.restore()
    own.postgres.start()
    grow_past(own, at)
    is_refused_and_has_written_nothing(own)


@pytest.mark.long
@pytest.mark.parametrize("clean", [True, False])
def test_a_second_promotion_to_the_same_timeline(own, clean):
    insert(own, 1, 10)
    own.caught_up()
    primary = own.postgres
    wait_until("confirmed", lambda: primary.held_back(own.slot) == 0, timeout=20)
    primary.stop("fast")
    first, second = copy_of(own, "first"), copy_of(own, "second")
    for standby in (first, second):
        standby.follow(primary)
        standby.configure(primary_conninfo="")
        standby.start()
        standby.value("select pg_promote()")
    own.postgres, own.name.target = first, first.port
    own.services[0].wait_ready(timeout=30)
    insert(own, 11, 2000)
    wait_until("delivered", lambda: all(own.length(queue) >= 2000 for queue in own.queues), timeout=30)
    assert own.redis.record("search")["timeline"] == 2
    end_service(own, clean)
    at = record_lsn(own)
    own.postgres, own.name.target = second, second.port
    grow_past(own, at)
    is_refused_and_has_written_nothing(own)


@pytest.mark.long
def test_a_copy_beside_the_server(own):
    """An instance that is started against a copy, with the real Redis, while the real owner lives and is idle: it is
    refused, or waits, whatever the copy's log has become; the owner streams on undisturbed."""
    insert(own, 1, 10)
    own.caught_up()
    own.postgres.stop("fast")
    copy = copy_of(own, "copy")
    own.postgres.start()
    copy.start()
    owner = own.services[0].wait_ready(timeout=30)
    insert(own, 11, 2000)
    own.caught_up()
    epoch = own.redis.record("search")["epoch"]
    copy.sql("insert into load_a select i, 0, 'of the copy' from generate_series(11, 9000) i", database=own.database)
    before = {queue: own.length(queue) for queue in own.queues}
    stray = own.service(HASH_PG_PORT=str(copy.port), HASH_REALTIME_REPLAY_WINDOW="500ms", HASH_REALTIME_LEASE="10s").start()
    time.sleep(15)
    if stray.is_running():
        status, why = stray.get("/ready")
        assert status == 503 and "an owner at another server goes on writing" in why, why
    else:
        assert "other_history" in stray.log_text()
    assert own.redis.record("search")["epoch"] == epoch and owner.is_ready()
    assert {queue: own.length(queue) for queue in own.queues} == before
    stray.kill()
    insert(own, 2001, 2100)
    own.caught_up()
    assert owner.status()["degraded"] == []


def test_the_slot_is_moved_behind_the_look(own):
    """Somebody advances the slot between the take-over's look at it and START_REPLICATION: a gap, and said as one."""
    insert(own, 1, 10)
    own.caught_up()
    own.services[0].stop()
    insert(own, 11, 25)
    at = record_lsn(own)
    advance = "select pg_replication_slot_advance(%s, pg_current_wal_lsn())"
    own.name.before(b"START_REPLICATION SLOT", lambda: own.postgres.sql(advance, (own.slot,), own.database))
    service = own.services[0].start()
    service.wait_ready(timeout=30)
    wait_until(lambda: f"degraded\n{service.log_tail()}", lambda: service.status()["degraded"], timeout=20)
    assert any(at in line["message"] for line in service.log("error")), service.log_tail()


def test_the_database_is_renamed(own):
    insert(own, 1, 10)
    own.caught_up()
    own.services[0].stop()
    # PostgreSQL ends the sessions of a service that is gone a moment later.
    sessions = "select count(*) from pg_stat_activity where datname = %s"
    wait_until("no session", lambda: own.postgres.sql(sessions, (own.database,)) == [(0,)])
    renamed = own.database + "_renamed"
    own.postgres.sql(f"alter database {own.database} rename to {renamed}")
    own.database = own.oracle.database = renamed
    own.services[0].start(HASH_PG_DATABASE=renamed).wait_ready(timeout=30)
    insert(own, 11, 20)
    own.caught_up()
    assert own.redis.record("search")["database"] == renamed


def test_a_server_that_refuses_its_log(own):
    """START_REPLICATION PHYSICAL is answered with 42501: keepalives are recorded without a hash, and kill -9, restarts and
    a quiet stop of the server lose and double nothing."""
    own.services[0].stop()
    own.name.refuse(b"START_REPLICATION PHYSICAL", "42501", "permission denied")
    service = own.services[0].start().wait_ready(timeout=30)
    insert(own, 1, 10)
    wait_until("clean without a hash", lambda: is_clean(own) and own.redis.record("search")["number"] == 10, timeout=40)
    assert "log" not in own.redis.record("search")
    service.kill()
    insert(own, 11, 20)
    service.start().wait_ready(timeout=30)
    own.caught_up()
    own.postgres.restart()
    insert(own, 21, 30)
    own.caught_up()
    assert service.status()["degraded"] == []


def test_a_clean_record_of_the_last_release(own):
    """Without a hash, a commit time and a sign of life: resumes without loss, doubling or a question."""
    insert(own, 1, 10)
    own.caught_up()
    wait_until("the records are clean", lambda: is_clean(own), timeout=20)
    own.services[0].kill()
    own.redis.as_written_by_the_last_release(own.queues)
    insert(own, 11, 20)
    own.services[0].start().wait_ready(timeout=30)
    own.caught_up()
    assert own.services[0].status()["degraded"] == []
