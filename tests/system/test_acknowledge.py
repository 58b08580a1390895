"""What is confirmed to PostgreSQL: never more than every record says, and all of it when nothing moves."""
import time

from support.fair import Stopwatch
from support.load import TABLES, Load
from support.postgres import STOP, lsn_value
from support.processes import PATIENCE, wait_until


def test_idle_slot_holds_nothing_back_while_others_are_busy(world):
    world.sql("create table seen (id int primary key); create schema other; create table other.unseen (id int, pad text)")
    world.start()
    world.sql("insert into seen values (1)")
    world.same_as_oracle()
    for _ in range(4):
        world.sql("insert into other.unseen select i, repeat('x', 500) from generate_series(1, 10000) i")
        world.postgres.sql("create table if not exists busy (id int, pad text)")
        world.postgres.sql("insert into busy select i, repeat('x', 500) from generate_series(1, 10000) i")
    held = lambda: world.postgres.held_back(world.slot)
    assert held() > 1_000_000, "the test should have written more than that"
    wait_until(lambda: f"{held()} bytes held back", lambda: held() < 1_000_000)
    slot = world.postgres.slot(world.slot)
    assert lsn_value(slot["confirmed_flush_lsn"]) <= lsn_value(world.redis.record("search")["lsn"])


def test_confirmed_never_passes_a_record_under_load(world):
    world.sql(TABLES)
    world.start(excluded="public.load_skip", HASH_REALTIME_EXCLUDE_TABLES="public.load_skip",
                HASH_REALTIME_REPLAY_WINDOW="100ms", HASH_REALTIME_LEASE="1s")  # a status every quarter of the lease
    samples, moved = 0, set()
    with Load(world):
        end = time.monotonic() + 3
        while time.monotonic() < end or (len(moved) <= 5 and time.monotonic() < end + PATIENCE):
            confirmed = world.postgres.slot(world.slot)["confirmed_flush_lsn"]  # read first: it only grows
            for queue in world.queues:
                record = world.redis.record(queue)
                assert lsn_value(confirmed) <= lsn_value(record["lsn"]), f"{queue}: {confirmed} confirmed, record {record}"
            samples, moved = samples + 1, moved | {confirmed}
    assert len(moved) > 5, f"only {len(moved)} positions confirmed in {samples} samples"
    world.same_as_oracle()


def test_confirmation_stays_the_replay_window_behind_delivery(world):
    world.sql("create table t (id int primary key)")
    world.start(HASH_REALTIME_REPLAY_WINDOW="3s")
    begin = time.monotonic()
    world.sql("insert into t values (1)")
    committed = lsn_value(world.postgres.value("select pg_current_wal_lsn()::text"))
    confirmed = lambda: lsn_value(world.postgres.slot(world.slot)["confirmed_flush_lsn"])
    world.same_as_oracle()
    while True:
        early = confirmed() >= committed
        if time.monotonic() > begin + 3:  # it may be by now
            break
        assert not early, "confirmed before the window had passed"
        time.sleep(0.1)
    wait_until("confirmed after the window", lambda: confirmed() >= committed)


def test_without_redis_nothing_more_is_confirmed(world):
    world.sql("create table t (id int primary key)")
    world.start(HASH_REALTIME_REPLAY_WINDOW="200ms", HASH_REALTIME_LEASE="1s")
    world.sql("insert into t values (1)")
    world.caught_up()
    recorded = min(lsn_value(world.redis.record(queue)["lsn"]) for queue in world.queues)
    world.redis.kill()
    try:
        world.sql("insert into t values (2)")
        time.sleep(2.5)
        confirmed = lsn_value(world.postgres.slot(world.slot)["confirmed_flush_lsn"])
    finally:
        world.redis.start()
    assert confirmed <= recorded
    assert len(world.caught_up()) == 2


def test_a_fast_shutdown_of_the_server_is_not_held_up(world):
    world.sql("create table t (id int primary key)")
    world.start(HASH_REALTIME_REPLAY_WINDOW="2s")
    world.sql("insert into t select generate_series(1, 1000)")
    watch = Stopwatch(world.services[0].process.pid, world.postgres.process.pid)
    world.postgres.process.send_signal(STOP["fast"])
    watch.wait(world.postgres.process, PATIENCE)
    took = watch.seconds()
    world.postgres.start()
    assert took < 4, f"the server needed {took:.1f} s to stop"
    assert len(world.caught_up()) == 1000
