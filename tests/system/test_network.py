"""A bad network on either side: latency, throttling, resets, half-closed and silent connections."""
import contextlib
import random
import time

import pytest

from support.fair import Stopwatch
from support.load import TABLES, Load
from support.processes import PATIENCE, wait_until
from support.proxy import Proxy

NOTICED = 15  # seconds within which a silent server must be noticed, whatever its own timeouts


class Network:
    """A world whose service reaches both servers through proxies."""

    def __init__(self, world):
        self.world = world
        self.of = {"postgres": Proxy(world.postgres.port), "redis": Proxy(world.redis.port)}
        world.sql(TABLES)
        self.service = world.start(
            HASH_PG_PORT=str(self.of["postgres"].port),
            HASH_REDIS_PORT=str(self.of["redis"].port),
            HASH_REALTIME_REPLAY_WINDOW="500ms",
        )

    def compare(self, load):
        """After the load: all healed, everything there, once and in order."""
        load.stop()
        for proxy in self.of.values():
            proxy.heal()
        self.world.caught_up()
        assert load.committed > 0
        self.world.forget()


@pytest.fixture
def network(world):
    network = Network(world)
    yield network
    for proxy in network.of.values():
        proxy.close()


SIDES = ["postgres", "redis"]


@pytest.mark.long
@pytest.mark.parametrize("side", SIDES)
def test_latency_and_throttling(network, side):
    proxy = network.of[side]
    with Load(network.world) as load:
        proxy.latency = 0.02
        time.sleep(1.5)
        proxy.latency, proxy.rate = 0.0, 300_000
        time.sleep(2)
        network.compare(load)
    assert network.service.status()["totals"]["reconnects"] == 0, network.service.log_tail()


@pytest.mark.parametrize("side", SIDES)
def test_resets(network, side):
    with Load(network.world) as load:
        for _ in range(8):
            time.sleep(0.15)
            network.of[side].reset()
        network.compare(load)


@pytest.mark.parametrize("side, towards", [("postgres", "service"), ("postgres", "server"), ("redis", "service"), ("redis", "server")])
def test_cut_in_the_middle_of_a_transaction_or_of_a_batch(network, side, towards):
    """One transaction of 20,000 rows is cut after every so many bytes; so is every batch to Redis."""
    dice = random.Random(len(side + towards))
    proxy, world = network.of[side], network.world
    rows = "insert into load_b select i, 0, repeat('x', 100) from generate_series(%s, %s) i"
    world.sql(rows, (1, 20000))
    few = (side, towards) in (("postgres", "server"), ("redis", "service"))  # status updates and replies are short
    begin, last = time.monotonic(), 20000
    while proxy.resets < 6 and (proxy.resets < 3 or time.monotonic() - begin < 6):
        assert time.monotonic() - begin < PATIENCE, f"{proxy.resets} resets"
        proxy.cut_after(dice.randint(1, 600 if few else 400_000), towards)
        world.sql(rows, (last + 1, last + 1000))
        last += 1000
        end = time.monotonic() + 1
        while not proxy.has_cut(towards) and time.monotonic() < end:
            time.sleep(0.02)
    proxy.heal()
    assert len(world.caught_up()) == last


@pytest.mark.long
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("towards", ["service", "server"])
def test_half_closed(network, side, towards):
    with Load(network.world) as load:
        for _ in range(3):
            time.sleep(0.3)
            network.of[side].half_close(towards)
        network.compare(load)


def test_a_step_that_is_given_up_and_done_after_all(network):
    """It waits in the network while its connection ends; Redis comes to it once a new connection has read the
    old record, and before what is pushed over that one."""
    world, proxy, service, client = network.world, network.of["redis"], network.service, network.world.redis.client
    insert = lambda key: world.sql("insert into load_b values (%s, 0, 'x')", (key,))
    insert(1)
    known = {each["id"] for each in client.client_list()}

    def readers():
        new = [each for each in client.client_list() if each["id"] not in known]
        return sum(each["cmd"] == "get" for each in new)

    def steps(links, with_messages=b""):
        held = [link.held for link in links if b":position" in link.held]
        return len(held) == len(world.queues) and all(with_messages in step for step in held)

    @contextlib.contextmanager
    def held_step(key):
        """The step with this row is held in the network. What is held may be a keepalive's step: then the next row's."""
        world.caught_up()
        with proxy.holding() as links:
            insert(key)
            wait_until("steps are on the way", lambda: steps(links))
            if steps(links, with_messages=b"LPUSH"):
                yield key, links
                return
        with held_step(key + 1) as more:
            yield more

    with held_step(2) as (key, links):
        insert(key + 1)  # the next step pushes both
        proxy.mute_from = b":position"  # a new connection reads the old record, and hears of it when the steps are done
        for link in links:
            link.half_close("service")
        wait_until("the old records were read again", lambda: readers() >= len(world.queues))
    wait_until("the steps were done", lambda: all(world.redis.record(queue)["number"] == key for queue in world.queues))
    proxy.heal()
    assert len(world.caught_up()) == key + 1
    assert service.status()["totals"]["reconnects"] == 0, service.log_tail()
    assert "went back" not in service.log_text()


def is_noticed(service, side):
    status = service.status()
    if side == "redis":
        return any(queue["trouble"] for queue in status.get("queues", [])) or status.get("trouble")
    return status.get("trouble") is not None or status.get("totals", {}).get("reconnects", 0) > 0


def until_noticed(service, side):
    watch = Stopwatch(service.process.pid)
    wait_until(lambda: f"noticed\n{service.log_tail()}", lambda: watch.look() and is_noticed(service, side))
    return watch.seconds()


@pytest.mark.long
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("moment", ["idle", "under load", "while it connects"])
def test_a_silent_server_is_noticed(network, side, moment):
    world, proxy, service = network.world, network.of[side], network.service
    if moment == "while it connects":
        service.stop()
        proxy.black_hole()
        service.start()
        seconds = until_noticed(service, side)
        proxy.heal()
        service.wait_ready()
        with Load(world) as load:
            time.sleep(0.5)
            network.compare(load)
    else:
        with Load(world) as load:
            time.sleep(0.5)
            if moment == "idle":
                network.compare(load)
                time.sleep(1)
            proxy.black_hole()
            if (side, moment) == ("redis", "idle"):  # a connection over which nothing is to be said is not missed
                world.sql("insert into load_a values (1, 0, 'x')")
            seconds = until_noticed(service, side)
            proxy.heal()
            proxy.reset()
            service.wait_ready()
            if moment != "idle":
                network.compare(load)
    print(f"silent {side}, {moment}: noticed after {seconds:.1f} s")
    assert seconds <= NOTICED + 0.5
