"""SIGTERM: exit 0 within 5 s whatever is going on, and nothing lost or doubled after the next start."""
import signal
import time

import pytest

from support.fair import Stopwatch
from support.load import TABLES, Load
from support.processes import PATIENCE, wait_until
from support.world import both_plugins

pytestmark = both_plugins


def stops_in_order(service, by=signal.SIGTERM):
    code, seconds = service.terminate(by=by)
    print(f"stopped after {seconds:.2f} s")
    assert code == 0, service.log_tail()
    assert seconds < 5


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_idle(world, by):
    service = world.start()
    stops_in_order(service, by)
    assert not world.postgres.slot(world.slot)["active"]


def test_under_full_load(world):
    world.sql(TABLES)
    service = world.start()
    with Load(world, workers=3):
        for _ in range(2):
            time.sleep(1)
            stops_in_order(service)
            service.start().wait_ready()
    world.same_as_oracle()


def test_in_the_middle_of_a_large_transaction(world):
    world.sql("create table large (id int primary key, v text)")
    service = world.start()
    world.sql("insert into large select i, 'value ' || i from generate_series(1, 300000) i")
    wait_until("it is in the middle", lambda: world.redis.client.llen("search") > 30_000)
    assert world.redis.client.llen("search") < 270_000
    stops_in_order(service)
    service.start().wait_ready()
    wait_until("all of it", lambda: all(world.redis.client.llen(queue) >= 300_000 for queue in world.queues))
    assert len(world.same_as_oracle()) == 300_000


def test_while_redis_is_frozen(world):
    world.sql("create table t (id int primary key)")
    service = world.start()
    world.redis.freeze()
    try:
        world.sql("insert into t select generate_series(1, 1000)")
        time.sleep(0.5)
        stops_in_order(service)
    finally:
        world.redis.thaw()
    service.start().wait_ready()
    assert len(world.caught_up()) == 1000


def test_before_anything_is_connected(world):
    world.redis.kill()
    try:
        service = world.service().start()
        wait_until("it answers", lambda: service.status())
        stops_in_order(service)
    finally:
        world.redis.start()


def test_a_second_signal_ends_it_at_once(world):
    world.sql("create table t (id int primary key)")
    service = world.start()
    world.redis.freeze()
    try:
        world.sql("insert into t values (1)")
        time.sleep(0.3)
        watch = Stopwatch(service.process.pid)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        service.process.send_signal(signal.SIGTERM)
        watch.wait(service.process, PATIENCE)
        assert watch.seconds() < 2
    finally:
        world.redis.thaw()
