"""A fast shutdown of PostgreSQL waits for its walsender: never for longer than the replay window, whatever our queues do."""
import re
import time

import pytest

from support.fair import Stopwatch
from support.load import TABLES, Load
from support.processes import PATIENCE, wait_until
from support.proxy import Proxy

WINDOW = 3


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def updates(service):
    return float(re.search(r"^hash_realtime_status_updates_total\S* (\S+)", service.get("/metrics")[1], re.MULTILINE)[1])


def stop_in_time(world, service, limit):
    """A fast shutdown. A logical walsender uses a whole core while it waits, whoever its client is; no storm of
    keepalives and answers may come on top."""
    ours, sent, begin = cpu_seconds(service.process.pid), updates(service), time.monotonic()
    watch = Stopwatch(service.process.pid, world.postgres.process.pid)
    world.postgres.process.send_signal(2)
    watch.wait(world.postgres.process, PATIENCE)
    fair, seconds = watch.seconds(), time.monotonic() - begin
    ours, sent = cpu_seconds(service.process.pid) - ours, updates(service) - sent
    print(f"shutdown {seconds:.2f} s, {fair:.2f} of them its own; service: {ours:.2f} s of CPU, {sent:.0f} status updates")
    assert fair < limit, service.log_tail()
    assert ours < 0.5 + 0.1 * seconds and sent < 5 + 15 * seconds


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
    wait_until(lambda: f"a full window\n{service.status()}", service.is_full)
    time.sleep(0.5)


LIMITS = {"moving": WINDOW + 1.5, "refused": WINDOW - 0.5, "hanging": WINDOW + 1.5, "hanging with a full window": WINDOW + 1.5,
          "slow with a full window": WINDOW + 1.5}


@pytest.mark.parametrize("queues", LIMITS)
def test_a_fast_shutdown_is_not_held_up(slow, queues):
    world, service, way = slow
    with Load(world):
        time.sleep(0.5)
    # A connection that has confirmed something is waited for until it has confirmed everything.
    wait_until(lambda: f"confirmed\n{service.log_tail()}", lambda: world.postgres.held_back(world.slot) == 0)
    if queues.startswith("hanging"):
        world.redis.freeze()
    if queues == "refused":
        world.redis.client.config_set("maxmemory", 1)
    if queues.startswith("slow"):
        way.rate = 100_000  # 20 MB would take 200 s
    world.sql("insert into load_a values (1000000, 0, 'the last second')")
    if "full" in queues:
        fill(world, service)
    if queues == "refused":
        wait_until("stuck", lambda: not service.is_ready())
    try:
        stop_in_time(world, service, LIMITS[queues])
        # A server that stops gives no log for the hash of its last keepalive: that one stays unrecorded.
        ended = ("the server ended the stream", "everything that is recorded has been confirmed")
        assert queues != "moving" or any(words in service.log_text() for words in ended), service.log_tail()
    finally:
        world.redis.thaw()
        world.postgres.process.send_signal(2)
        world.postgres.process.wait(PATIENCE)
        world.postgres.start()
        world.redis.client.config_set("maxmemory", 0)
        way.heal()
    service.wait_ready()
    world.caught_up()
    assert service.log_text().count("the slot's connection is closed") <= 1, "the server has let us in again"
