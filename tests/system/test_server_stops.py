"""A fast shutdown of PostgreSQL waits for its walsender: never for longer than the replay window, whatever our queues do."""
import time

import pytest

from support.load import TABLES, Load
from support.processes import wait_until
from support.proxy import Proxy

WINDOW = 3


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def stop_in_time(world, service):
    """A fast shutdown; neither side may burn CPU on keepalives meanwhile."""
    walsender = world.postgres.slot(world.slot)["active_pid"]
    ours, server = cpu_seconds(service.process.pid), cpu_seconds(walsender)
    begin, last = time.monotonic(), server
    world.postgres.process.send_signal(2)
    while world.postgres.process.poll() is None:
        try:
            last = cpu_seconds(walsender)
        except OSError:
            pass
        assert time.monotonic() - begin < 3 * WINDOW + 20, service.log_tail()
        time.sleep(0.05)
    seconds = time.monotonic() - begin
    ours, server = cpu_seconds(service.process.pid) - ours, last - server
    print(f"shutdown {seconds:.2f} s, CPU: service {ours:.2f} s, walsender {server:.2f} s")
    assert seconds < WINDOW + 1.5, service.log_tail()
    assert ours < 0.5 + 0.2 * seconds and server < 0.5 + 0.2 * seconds


@pytest.fixture
def slow(world):
    """The way to Redis may be slow; the window is small enough to fill."""
    world.sql(TABLES)
    with Proxy(world.redis.port) as way:
        service = world.start(HASH_REALTIME_REPLAY_WINDOW=f"{WINDOW}s", HASH_REALTIME_MAX_IN_FLIGHT_BYTES="1MiB",
                              HASH_REDIS_PORT=str(way.port))
        world.caught_up()
        yield world, service, way


def fill(world, service):
    world.sql("insert into load_a select i, 0, repeat('x', 1000) from generate_series(1, 20000) i")
    wait_until(lambda: f"a full window\n{service.status()}", service.is_full, timeout=20)
    time.sleep(0.5)


@pytest.mark.parametrize("queues", ["moving", "stuck", "stuck with a full window", "slow with a full window"])
def test_a_fast_shutdown_is_not_held_up_and_burns_no_cpu(slow, queues):
    world, service, way = slow
    with Load(world):
        time.sleep(0.5)
    if queues.startswith("stuck"):
        world.redis.freeze()
        world.sql("insert into load_a values (1000000, 0, 'not delivered')")
    if queues.startswith("slow"):
        way.rate = 100_000  # 20 MB would take 200 s
    if "full" in queues:
        fill(world, service)
    time.sleep(0.2)
    try:
        stop_in_time(world, service)
    finally:
        world.postgres.process.wait(30)
        world.postgres.start()
        world.redis.thaw()
        way.heal()
    service.wait_ready(timeout=25)
    world.caught_up()
