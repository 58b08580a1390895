"""A bad network on either side: latency, throttling, resets, half-closed and silent connections."""
import random
import time

import pytest

from support.load import TABLES, Load
from support.processes import wait_until
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
    while proxy.resets < 6 and time.monotonic() - begin < 6:
        proxy.cut_after(dice.randint(1, 600 if few else 400_000), towards)
        world.sql(rows, (last + 1, last + 1000))
        last += 1000
        end = time.monotonic() + 1
        while not proxy.has_cut(towards) and time.monotonic() < end:
            time.sleep(0.02)
    proxy.heal()
    assert proxy.resets >= 3
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
    row = "insert into load_b values (%s, 0, 'x')"
    world.sql(row, (1,))
    world.caught_up()
    known = {each["id"] for each in client.client_list()}

    def readers():
        new = [each for each in client.client_list() if each["id"] not in known]
        return sum(each["cmd"] == "get" for each in new)

    with proxy.holding() as links:
        world.sql(row, (2,))
        time.sleep(0.3)  # its step is on the way
        world.sql(row, (3,))  # the next step pushes both
        proxy.latency = 0.7
        for link in links:
            link.half_close("service")
        wait_until("the old records were read again", lambda: readers() == len(world.queues), timeout=15)
    wait_until("the steps were done", lambda: all(world.redis.record(queue)["number"] == 2 for queue in world.queues), timeout=2)
    proxy.heal()
    assert len(world.caught_up()) == 3
    assert service.status()["totals"]["reconnects"] == 0, service.log_tail()
    assert "went back" not in service.log_text()


def is_noticed(service, side):
    status = service.status()
    if side == "redis":
        return any(queue["trouble"] for queue in status.get("queues", [])) or status.get("trouble")
    return status.get("trouble") is not None or status.get("totals", {}).get("reconnects", 0) > 0


@pytest.mark.long
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("moment", ["idle", "under load", "while it connects"])
def test_a_silent_server_is_noticed(network, side, moment):
    world, proxy, service = network.world, network.of[side], network.service
    if moment == "while it connects":
        service.stop()
        proxy.black_hole()
        service.start()
        begin = time.monotonic()
        wait_until("noticed", lambda: is_noticed(service, side), timeout=NOTICED + 2)
        seconds = time.monotonic() - begin
        proxy.heal()
        service.wait_ready(timeout=NOTICED + 5)
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
            begin = time.monotonic()
            wait_until(lambda: f"noticed\n{service.log_tail()}", lambda: is_noticed(service, side), timeout=NOTICED + 2)
            seconds = time.monotonic() - begin
            proxy.heal()
            proxy.reset()
            service.wait_ready(timeout=NOTICED + 5)
            if moment != "idle":
                network.compare(load)
    print(f"silent {side}, {moment}: noticed after {seconds:.1f} s")
    assert seconds <= NOTICED + 0.5
