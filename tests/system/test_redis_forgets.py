"""A Redis that comes back with an older state: within the replay window nothing is lost, beyond it nothing is silent."""
import re
import subprocess
import time

import pytest

from support.load import TABLES, Load
from support.power_cut import PowerCut
from support.processes import PATIENCE, wait_until
from support.proxy import Proxy
from support.redis_server import Redis
from support.service import binary


@pytest.fixture
def loaded(world):
    world.sql(TABLES)
    service = world.start(HASH_REALTIME_REPLAY_WINDOW="2s")
    return world, service


def test_power_loss_under_load(loaded):
    world, service = loaded
    power = PowerCut(world.redis)
    with Load(world):
        for _ in range(2):
            time.sleep(0.4)
            power.synced_for(0.9, within=1.7)
            power.fail()
            service.wait_ready()
    assert world.caught_up()
    assert service.status()["degraded"] == []
    assert "went back" in service.log_text() or "is gone" in service.log_text(), service.log_tail()


def test_power_loss_on_an_idle_database_with_redis_away_for_three_windows(loaded):
    world, service = loaded
    power = PowerCut(world.redis)
    world.sql("insert into load_a values (1, 0, 'kept')")
    world.caught_up()
    time.sleep(3)  # quiet: keepalives are recorded and confirmed
    power.synced()
    world.sql("insert into load_a select i, 0, 'forgotten' from generate_series(2, 100) i")
    wait_until("delivered", lambda: all(world.redis.client.llen(queue) == 100 for queue in world.queues))
    power.fail(away=6)
    service.wait_ready()
    assert len(world.caught_up()) == 100
    assert service.status()["degraded"] == []


@pytest.mark.long
def test_power_loss_when_the_service_dies_too(loaded):
    world, service = loaded
    power = PowerCut(world.redis)
    with Load(world):
        for _ in range(2):
            time.sleep(0.4)
            power.synced_for(0.9, within=1.7)
            service.kill()
            power.fail()
            service.start().wait_ready()
    assert world.caught_up()
    assert service.status()["degraded"] == []


@pytest.mark.long
def test_nothing_is_confirmed_while_redis_is_away(loaded):
    world, service = loaded
    world.sql("insert into load_a values (1, 0, 'x')")
    world.caught_up()
    world.redis.freeze()
    try:
        time.sleep(0.3)
        before = world.postgres.slot(world.slot)["confirmed_flush_lsn"]
        world.sql("insert into load_a values (2, 0, 'x')")
        time.sleep(5)
        assert world.postgres.slot(world.slot)["confirmed_flush_lsn"] == before
    finally:
        world.redis.thaw()
    world.caught_up()


def is_degraded(world, service, *queues):
    """Said with the LSN range, counted, in /status and the metrics until it is accepted."""
    for queue in queues:
        entry = wait_until(lambda: f"degraded: {queue}\n{service.log_tail()}",
                           lambda: next((text for text in service.status().get("degraded", []) if f"queue {queue}:" in text), None))
        assert re.search(r"[0-9A-F]+/[0-9A-F]+\.\.[0-9A-F]+/[0-9A-F]+", entry), entry
        said = [line for line in service.log("error") if line.get("queue") == queue and "from" in line and "lsn" in line]
        assert said, service.log_tail()
        metrics = service.get("/metrics")[1]
        assert re.search(rf'hash_realtime_queue_degraded{{[^}}]*queue="{queue}"[^}}]*}} 1', metrics)
        assert re.search(rf'hash_realtime_queue_loss_events{{[^}}]*queue="{queue}"[^}}]*}} [1-9]', metrics)


def accepted(world, service):
    """Degraded survives a restart, and ends with accept-loss."""
    service.stop()
    service.start().wait_ready()
    assert service.status()["degraded"] != []
    service.stop()
    subprocess.run([binary(), "accept-loss", "--yes"], env=service.settings, check=True, capture_output=True, timeout=PATIENCE)
    service.start().wait_ready()
    assert service.status()["degraded"] == []


def ends_like_the_oracle(world):
    """From a marked change on every queue has all, once and in order."""
    world.sql("insert into load_a values (1000000, 0, 'mark')")
    world.sql("insert into load_a select i, 0, 'after' from generate_series(1000001, 1000200) i")
    expected = world.oracle.take()[-201:]
    for queue in world.queues:
        wait_until("all of it", lambda: world.redis.client.llen(queue) > 0 and world.held(queue)[-1] == expected[-1])
        held = world.held(queue)
        assert held[-201:] == expected and held.count(expected[0]) == 1


@pytest.mark.parametrize("under_load", [False, True])
def test_flushall(loaded, under_load):
    world, service = loaded
    with Load(world):
        time.sleep(0.5)
        if under_load:
            world.redis.client.flushall()
            time.sleep(0.5)
    if not under_load:
        world.caught_up()
        world.redis.client.flushall()
    is_degraded(world, service, *world.queues)
    ends_like_the_oracle(world)
    accepted(world, service)


def test_one_record_deleted(loaded):
    world, service = loaded
    with Load(world):
        time.sleep(0.5)
        world.redis.client.delete("{search}:position")
        time.sleep(0.5)
    is_degraded(world, service, "search")
    assert not any("integration" in text for text in service.status()["degraded"])
    world.queues = ("integration",)
    world.caught_up()  # the other queue has not suffered
    world.queues = ("search", "integration")
    ends_like_the_oracle(world)
    accepted(world, service)


@pytest.mark.long
def test_everything_older_than_the_slot_holds(loaded):
    """An old dump: what lies between is gone, and that is said."""
    world, service = loaded
    power = PowerCut(world.redis)
    world.sql("insert into load_a values (1, 0, 'x')")
    world.caught_up()
    power.synced()
    world.sql("insert into load_a select i, 0, 'x' from generate_series(2, 100) i")
    world.caught_up()
    confirmed = lambda: world.postgres.held_back(world.slot)
    wait_until("confirmed", lambda: confirmed() == 0)
    power.fail()
    is_degraded(world, service, *world.queues)
    ends_like_the_oracle(world)
    accepted(world, service)


@pytest.mark.long
def test_a_replica_that_lagged_is_promoted(world, folder):
    """The service reaches Redis by a name that leads to the replica after the failover."""
    world.sql(TABLES)
    replica = Redis(f"{folder}/replica.{world.slot}")
    primary = world.redis
    try:
        with Proxy(primary.port) as replication, Proxy(primary.port) as name:
            replica.client.replicaof("127.0.0.1", replication.port)
            wait_until("in sync", lambda: replica.client.info("replication")["master_link_status"] == "up")
            service = world.start(HASH_REDIS_PORT=str(name.port), HASH_REALTIME_REPLAY_WINDOW="3s")
            with Load(world):
                time.sleep(1)
                replication.black_hole()
                time.sleep(1)
                name.target = replica.port
                replica.client.replicaof("NO", "ONE")
                name.reset()
                time.sleep(0.5)
            world.redis = replica
            service.wait_ready()
            assert world.caught_up()
            assert service.status()["degraded"] == []
    finally:
        world.redis = primary
        replica.kill()


def test_a_queue_added_removed_and_brought_back(world):
    world.sql("create table load_a (id bigint primary key, worker int, text text)")
    service = world.start()
    insert = lambda first, last: world.sql("insert into load_a select i, 0, 'x' from generate_series(%s, %s) i", (first, last))
    insert(1, 10)
    world.caught_up()
    service.stop()
    service.start(HASH_REALTIME_QUEUES="extra").wait_ready()
    insert(11, 20)
    world.caught_up()
    wait_until("ten", lambda: world.redis.client.llen("extra") == 10)
    service.stop()
    service.start(HASH_REALTIME_QUEUES=None).wait_ready()
    insert(21, 30)
    world.caught_up()
    wait_until("confirmed", lambda: world.postgres.held_back(world.slot) == 0)
    service.stop()
    service.start(HASH_REALTIME_QUEUES="extra").wait_ready()
    insert(31, 40)
    expected = world.caught_up()
    wait_until("the last", lambda: world.held("extra")[-1] == expected[-1])
    assert world.held("extra") == expected[10:20] + expected[30:40]
    is_degraded(world, service, "extra")


def test_what_a_flush_takes_is_what_came_before_and_what_is_sent_again_is_said(world):
    """FLUSHALL with 40 unread messages of which the slot has let go: they are lost, and that is what all of it says."""
    world.sql(TABLES)
    service = world.start(HASH_REALTIME_REPLAY_WINDOW="200ms")
    world.sql("insert into load_a select i, 0, 'x' from generate_series(1, 40) i")
    world.caught_up()
    wait_until("it is confirmed", lambda: world.postgres.held_back(world.slot) < 1000)
    wait_until("the length is seen", lambda: service.status()["queues"][0]["waiting"] == 40)
    world.redis.client.flushall()
    world.sql("insert into load_a values (100, 0, 'x')")
    wait_until(lambda: service.log_tail(), lambda: service.status().get("degraded"))
    before, sent = re.search(r"unread before (\S+) \(about 40 messages; (\S+) is sent again\)", service.status()["degraded"][0]).groups()
    assert sent.startswith(before + "..")
    words = f"everything unread before {before} (about 40 messages; {sent} is sent again)"
    assert words in str(service.log("error"))
    wait_until("what came since", lambda: world.length("search") >= 1)
    ended = subprocess.run([binary(), "accept-loss", "--yes"], env=service.settings, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 0 and f"queue search has lost: {words}" in ended.stdout, ended.stdout + ended.stderr
    # Nothing changes in the database meanwhile.
    wait_until(lambda: service.log_tail(), lambda: service.status().get("degraded") == [] and service.is_ready())
    assert "the loss was accepted" in service.log_text() and "another instance" not in service.log_text(), service.log_tail()
