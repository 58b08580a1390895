"""Whatever is killed, restarted or cut off under load: every change reaches every queue once and in order.

Each test writes with several connections, injects its fault several times, lets the load end, and compares what the
queues hold with what another slot of the same server says they should. FAULTS=300 makes the mixture longer, SEED=7
makes it another one."""
import contextlib
import os
import pathlib
import random
import time

import pytest
import redis as redis_client

from support.load import TABLES, Load
from support.processes import wait_until


@pytest.fixture
def loaded(world):
    world.sql(TABLES)
    service = world.start(HASH_REALTIME_REPLAY_WINDOW="500ms")
    return world, service


@contextlib.contextmanager
def load_then_compare(world, seed=1):
    with Load(world, seed=seed) as load:
        time.sleep(0.3)
        yield
        time.sleep(0.3)
    expected = world.caught_up()
    print(f"{load.committed} transactions, {len(expected)} changes: none lost, doubled or out of order")
    assert load.committed > 0
    world.forget()


def test_service_killed(loaded):
    world, service = loaded
    dice = random.Random(7)
    with load_then_compare(world):
        for _ in range(8):
            time.sleep(dice.uniform(0.05, 0.6))
            service.kill()
            service.start()
    service.wait_ready()


def test_service_killed_while_it_catches_up_over_a_unix_socket(world):
    """There two threads take turns in reading (pipeline/relief.hpp)."""
    world.sql(TABLES)
    service = world.start(HASH_REALTIME_REPLAY_WINDOW="500ms", HASH_PG_HOST=world.postgres.folder)
    assert "relief" in threads_of(service)
    service.stop()
    rows, kills, held = 100_000, 0, 0
    for first in range(0, rows, 1_000):
        world.sql(f"insert into load_a select i, 0, repeat('x', i % 300) from generate_series({first}, {first + 999}) i")
    while kills < 4 and held < rows:
        service.start()
        wait_until("it drains", lambda: world.length("search") > held)  # noqa: B023
        service.kill()
        kills, held = kills + 1, world.length("search")
    service.start()
    assert len(world.caught_up()) == rows


def threads_of(service):
    return [task.read_text().strip() for task in pathlib.Path(f"/proc/{service.process.pid}/task").glob("*/comm")]


def test_service_frozen_for_a_while(loaded):
    world, service = loaded
    with load_then_compare(world):
        for seconds in (0.2, 1.5):
            service.freeze()
            time.sleep(seconds)
            service.thaw()
            time.sleep(0.2)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_restarted(loaded, mode):
    world, _ = loaded
    with load_then_compare(world):
        for _ in range(3):
            time.sleep(0.5)
            world.postgres.restart(mode)


def test_postgres_restarted_while_the_service_is_away(loaded):
    world, service = loaded
    with load_then_compare(world):
        for mode in ("immediate", "fast"):
            service.kill()
            world.postgres.restart(mode)
            time.sleep(0.2)
            service.start()
            time.sleep(0.5)


def test_walsender_terminated(loaded):
    world, _ = loaded
    with load_then_compare(world):
        for _ in range(6):
            time.sleep(0.3)
            world.postgres.sql("select pg_terminate_backend(pid) from pg_stat_replication")


def test_redis_killed(loaded):
    world, _ = loaded
    with load_then_compare(world):
        for _ in range(3):
            time.sleep(0.4)
            world.redis.kill()
            time.sleep(0.2)
            world.redis.start()


def test_redis_connections_killed(loaded):
    world, _ = loaded
    with load_then_compare(world):
        for _ in range(20):
            time.sleep(0.05)
            for client in world.redis.client.client_list():
                if client["cmd"] != "client|list":
                    with contextlib.suppress(redis_client.RedisError):
                        world.redis.client.client_kill(client["addr"])


def test_redis_paused_and_scripts_flushed(loaded):
    world, _ = loaded
    with load_then_compare(world):
        for _ in range(3):
            world.redis.client.client_pause(400)
            time.sleep(0.6)
            world.redis.client.script_flush()


def test_redis_out_of_memory_for_a_while(loaded):
    world, service = loaded
    with load_then_compare(world):
        used = world.redis.client.info("memory")["used_memory"]
        world.redis.client.config_set("maxmemory", used // 2)
        time.sleep(2)
        assert service.is_running()
        world.redis.client.config_set("maxmemory", 0)


def test_everything_in_turn(loaded):
    world, service = loaded
    dice = random.Random(int(os.environ.get("SEED", 11)))
    count = int(os.environ.get("FAULTS", 10))

    def kill_service():
        service.kill()
        service.start()

    def kill_redis():
        world.redis.kill()
        world.redis.start()

    faults = [
        kill_service,
        kill_redis,
        lambda: world.postgres.restart("immediate"),
        lambda: world.postgres.sql("select pg_terminate_backend(pid) from pg_stat_replication"),
    ]
    for begin in range(0, count, 20):  # compared now and then, so that the queues do not outgrow the memory
        with load_then_compare(world, seed=2 + begin):
            for _ in range(min(20, count - begin)):
                dice.choice(faults)()
                time.sleep(dice.uniform(0.05, 0.5))
