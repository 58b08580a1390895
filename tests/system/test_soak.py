"""Random mixtures of every fault under load, compared after each round. SOAK_SECONDS and SEED choose another run;
scripts/soak runs it for minutes."""
import collections
import os
import random
import time

import pytest
from support.faults import Faults
from support.load import TABLES, Load
from support.postgres import Postgres
from support.proxy import Proxy
from support.redis_server import Redis
from support.world import World

ROUND = 12  # faults between two comparisons


@pytest.fixture
def ground(folder, plugin):
    """Servers of its own: this may leave them in any state."""
    postgres, redis = Postgres(f"{folder}/soak_postgres"), Redis(f"{folder}/soak_redis", repl_diskless_load="disabled")
    world = World(postgres, redis, folder, plugin)
    world.sql(TABLES)
    ways = {"postgres": Proxy(postgres.port), "redis": Proxy(redis.port)}
    settings = {"HASH_PG_PORT": str(ways["postgres"].port), "HASH_REDIS_PORT": str(ways["redis"].port),
                "HASH_REALTIME_LEASE": "3s", "HASH_REALTIME_REPLAY_WINDOW": "3s", "HASH_REALTIME_QUEUES": "stream:events"}
    world.queues = ("search", "integration", "events")
    world.start(**settings)
    for _ in range(2):
        world.service(**settings).start().wait_role("standby")
    yield world, ways
    for service in world.services:
        service.kill()
    for way in ways.values():
        way.close()
    postgres.stop("immediate")
    redis.kill()


def test_soak(ground):
    world, ways = ground
    seconds, seed = float(os.environ.get("SOAK_SECONDS", 12)), int(os.environ.get("SEED", 5))
    dice, done, checked, rounds = random.Random(seed), collections.Counter(), 0, 0
    faults = Faults(world, ways, dice)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            rounds += 1
            with Load(world, seed=1000 + rounds):
                for _ in range(ROUND):
                    done[faults.inject()] += 1
                    time.sleep(dice.choice([0, 0.1, 0.6]))
                    if time.monotonic() > end:
                        break
            checked += len(world.caught_up())
            assert all(service.is_running() for service in world.services), "an instance has given up"
            time.sleep(4)  # what is taken out of the queues now must not come again: past the window
            world.forget()
    except AssertionError as wrong:
        raise AssertionError(f"seed {seed}, round {rounds}, faults {dict(done)}: {wrong}") from None
    print(f"seed {seed}: {sum(done.values())} faults injected in {rounds} rounds, {checked} changes checked: "
          "lost 0, doubled 0, misordered 0")
    print(", ".join(f"{name.replace('_', ' ')} {count}" for name, count in sorted(done.items())))
