"""Several instances, one slot: one owner, the rest warm standby."""
import time

import pytest

from support.fair import Stopwatch
from support.load import TABLES, Load
from support.processes import wait_until
from support.proxy import Proxy


@pytest.fixture
def three(world):
    world.sql(TABLES)
    owner = world.start()
    standbys = [world.service().start().wait_role("standby") for _ in range(2)]
    return world, owner, standbys


def owner_among(services):
    return next((service for service in services if service.is_running() and service.role() == "owner"), None)


def hands_over(services, within):
    """Waits until one of the services is owner and ready; the seconds it took, which are fewer than `within`."""
    watch = Stopwatch(*(service.process.pid for service in services if service.is_running()))
    owner = wait_until("a new owner", lambda: watch.look() and owner_among(services))
    wait_until("it streams", lambda: watch.look() and owner.is_ready())
    assert watch.seconds() < within, f"{watch.seconds():.2f} s\n{owner.log_tail()}"
    return owner, watch.seconds()


def test_one_owner_and_warm_standbys(three):
    world, owner, standbys = three
    assert owner.role() == "owner"
    for standby in standbys:
        assert standby.role() == "standby" and standby.get("/ready")[0] == 200
    log_readers = "select count(*) from pg_stat_replication where application_name = 'hash-realtime log'"
    walsenders = "select count(*) from pg_stat_replication where application_name <> 'hash-realtime log'"
    # The checks that each instance makes at its start take some for a moment.
    wait_until("a standby costs no walsender", lambda: world.postgres.value(walsenders) == 1)
    assert world.postgres.value(log_readers) <= 1, "nor reads it the log"
    assert {service.status()["slot"]["name"] if isinstance(service.status()["slot"], dict) else service.status()["slot"]
            for service in [owner, *standbys]} == {world.slot}


def test_owner_killed_again_and_again(three):
    world, owner, standbys = three
    services, times = [owner, *standbys], []
    with Load(world):
        for _ in range(4):
            time.sleep(0.5)
            owner.kill()
            heir, seconds = hands_over(services, within=6)
            times.append(seconds)
            owner.start()
            owner = heir
    print("hand-over after kill -9, seconds:", [f"{seconds:.2f}" for seconds in times])
    assert min(times) < 2, times
    world.same_as_oracle()


def test_sigterm_hands_over(three):
    world, owner, standbys = three
    with Load(world):
        time.sleep(0.5)
        owner.stop()
        _, seconds = hands_over(standbys, within=6)
    print(f"hand-over after SIGTERM: {seconds:.2f} s")
    world.same_as_oracle()


def test_a_frozen_owner_is_replaced_and_writes_no_more(world):
    world.sql(TABLES)
    owner = world.start(HASH_REALTIME_LEASE="3s")
    standby = world.service(HASH_REALTIME_LEASE="3s").start().wait_role("standby")
    with Load(world):
        time.sleep(0.5)
        owner.freeze()
        _, seconds = hands_over([standby], within=15)
        time.sleep(0.5)
        owner.thaw()
        owner.wait_role("standby")
    print(f"hand-over from a frozen owner, lease 3 s: {seconds:.2f} s")
    assert standby.role() == "owner"
    world.same_as_oracle()


def test_a_standby_with_other_queues_says_so_and_does_not_take_over(world):
    owner = world.start()
    odd = world.service(HASH_REALTIME_QUEUES="extra").start()
    wait_until("it answers", lambda: odd.role() == "standby")
    wait_until("it is not ready", lambda: odd.get("/ready")[0] == 503)
    owner.kill()
    time.sleep(3)
    assert odd.role() != "owner"


@pytest.mark.long
def test_a_frozen_owner_is_replaced_within_15_s_with_the_default_lease(world):
    """And again, with the roles changed: each thawed owner says that it was replaced, and stands by."""
    world.sql(TABLES)
    services = [world.start(), world.service().start().wait_role("standby")]
    with Load(world):
        for _ in range(2):
            time.sleep(0.5)
            owner, standby = services
            owner.freeze()
            _, seconds = hands_over([standby], within=15)
            time.sleep(0.5)
            owner.thaw()
            owner.wait_role("standby")
            said = [line["message"] for line in owner.log("warn")]
            assert any("gave the slot up" in text or "closed" in text or "terminat" in text for text in said), owner.log_tail()
            print(f"hand-over from a frozen owner: {seconds:.2f} s")
            services.reverse()
    world.same_as_oracle()


def two_through(way, world, **of_owner):
    """An owner, which has settings of its own, and a standby: with a lease of 2 s, and `way` between them and Redis."""
    settings = {"HASH_REALTIME_LEASE": "2s", "HASH_REDIS_PORT": str(way.port)}
    owner = world.start(**settings, **of_owner)
    return owner, world.service(**settings).start().wait_role("standby")


def test_an_owner_frozen_in_the_middle_of_a_batch_writes_no_more(world):
    """Its bytes lie in the proxy while another takes over: they come too late, and Redis refuses them."""
    world.sql(TABLES)
    with Proxy(world.redis.port) as way:
        owner, standby = two_through(way, world)
        with Load(world):
            time.sleep(0.5)
            with way.holding():
                time.sleep(0.2)
                owner.freeze()
                hands_over([standby], within=15)
                time.sleep(0.5)
            time.sleep(0.3)
            owner.thaw()
            owner.wait_role("standby")
        world.same_as_oracle()


def test_an_owner_cut_off_from_postgres_is_refused_by_the_epoch_and_says_so(world):
    """It hears nothing of the take-over and holds messages still: Redis refuses them, and it becomes standby."""
    world.sql(TABLES)
    with Proxy(world.redis.port) as way, Proxy(world.postgres.port) as cable:
        owner, standby = two_through(way, world, HASH_PG_PORT=str(cable.port))
        with Load(world):
            time.sleep(0.5)
            with way.holding():
                time.sleep(0.2)
                cable.black_hole()
                hands_over([standby], within=15)
                assert owner.role() == "owner", "it does not know yet: two believe that they own the slot"
            owner.wait_log("another instance has taken over (epoch ")
            cable.heal()
            cable.reset()
            owner.wait_role("standby")
            assert "gave the slot up" in owner.log_text()
            time.sleep(0.5)
        assert standby.role() == "owner"
        world.same_as_oracle()


def test_an_owner_that_cannot_reach_redis_gives_the_slot_up_after_the_lease(world):
    world.sql(TABLES)
    with Proxy(world.redis.port) as way:
        owner, standby = two_through(way, world)
        with Load(world):
            time.sleep(0.5)
            way.only_for = standby.process.pid
            way.reset()
            begin = time.monotonic()
            _, seconds = hands_over([standby], within=20)
            print(f"an owner without Redis, lease 2 s: replaced after {time.monotonic() - begin:.2f} s")
            time.sleep(0.5)
            way.only_for = None
            owner.wait_role("standby")
        assert standby.role() == "owner"
        world.same_as_oracle()


@pytest.mark.long
def test_a_frozen_owner_whose_walsender_does_not_notice_is_ended(world):
    """PostgreSQL decodes a long transaction of unmonitored tables and looks at no timeout meanwhile: the standby ends the
    walsender, as the same plain role may."""
    world.sql(TABLES)
    settings = {"HASH_REALTIME_LEASE": "1s", "HASH_REALTIME_EXCLUDE_TABLES": "public.load_skip"}
    owner = world.start(excluded="public.load_skip", **settings)
    standby = world.service(**settings).start().wait_role("standby")
    world.sql("insert into load_a values (1, 0, 'before')")
    world.caught_up()
    world.sql("insert into load_skip select generate_series(1, 12000000)")
    # It has read the log, and is at the transaction as a whole.
    decoding = """select count(*) from pg_stat_replication join pg_stat_activity using (pid)
        where wait_event is null and pg_current_wal_lsn() - sent_lsn < 1000000"""
    wait_until("it decodes", lambda: world.postgres.value(decoding))
    owner.freeze()
    is_ended = lambda: "its walsender is ended" in standby.log_text()
    # pgoutput may be through the transaction before anybody loses patience; then the server ends the walsender itself.
    by_itself = lambda: world.plugin == "pgoutput" and standby.role() == "owner"
    wait_until(lambda: f"it is ended\n{standby.log_tail()}", lambda: is_ended() or by_itself())
    _, seconds = hands_over([standby], within=6)
    print(f"the walsender was ended, and the standby streamed {seconds:.1f} s later")
    owner.thaw()
    owner.wait_role("standby")
    world.sql("insert into load_a values (2, 0, 'after')")
    assert len(world.caught_up()) == 2
    assert standby.role() == "owner" and "is ended" not in owner.log_text(), "an owner that is well is left alone"


def test_a_rollout_of_changed_settings_ends(world):
    """The new instance is no standby of the old owner, and the next owner once that is gone and no equal one has come."""
    world.sql(TABLES)
    lease = {"HASH_REALTIME_LEASE": "3s"}
    old = world.start(**lease)
    new = world.service(HASH_REALTIME_QUEUES="extra", **lease).start().wait_role("standby")
    wait_until("it differs", lambda: (new.status()["trouble"] or {}).get("error") == "wrong_setting")
    assert not new.is_ready()
    equal = world.service(**lease).start().wait_role("standby")
    wait_until("it does not differ", equal.is_ready)
    old.stop()
    equal.wait_role("owner")
    assert not new.is_ready() and new.role() == "standby"
    world.sql("insert into load_a values (1, 0, 'x')")
    world.caught_up()
    stopped = time.monotonic()
    equal.stop()
    new.wait_role("owner")
    assert time.monotonic() - stopped >= 3, "an equal one is first, should there be one"
    new.wait_ready()
    assert new.status()["trouble"] is None
    world.sql("insert into load_a values (2, 0, 'y')")
    wait_until("the new queue has it", lambda: world.redis.client.llen("extra") == 1)
    world.caught_up()
