"""Redis refuses for a while, in each of its ways: the service says which, waits, and goes on without loss or double."""
import contextlib
import threading
import time

import pytest
import redis as redis_client

from support.load import TABLES, Load
from support.oracle import difference
from support.processes import PATIENCE, wait_until
from support.states import State, says


@pytest.fixture
def loaded(world, own_redis):
    world.sql(TABLES)
    return world, world.start(HASH_REALTIME_REPLAY_WINDOW="500ms")


def test_out_of_memory(loaded):
    world, service = loaded
    client = world.redis.client
    with State(world, service, "redis_out_of_memory", lambda: client.config_set("maxmemory", 0)):
        client.config_set("maxmemory", client.info("memory")["used_memory"])


@pytest.mark.long
def test_read_only(loaded):
    """The primary becomes a replica of nobody that answers, and primary again: it keeps its data meanwhile."""
    world, service = loaded
    client = world.redis.client
    with State(world, service, "redis_read_only", lambda: client.replicaof("NO", "ONE")):
        client.replicaof("127.0.0.1", 1)


@pytest.mark.long
def test_cannot_persist(loaded):
    world, service = loaded
    client = world.redis.client
    with State(world, service, "redis_cannot_persist", lambda: client.config_set("min-replicas-to-write", 0)):
        client.config_set("min-replicas-to-write", 1)


def test_password_changed_and_back(loaded):
    world, service = loaded
    client = world.redis.client

    def back():
        world.redis.client.execute_command("CONFIG", "SET", "requirepass", "")

    with State(world, service, "redis_authentication", back):
        client.config_set("requirepass", "another")
        client.execute_command("AUTH", "another")
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        world.redis.client = redis_client.Redis(port=world.redis.port, password="another", socket_timeout=60)


@pytest.mark.long
def test_busy_with_a_script(loaded):
    world, service = loaded
    client = world.redis.client
    client.config_set("busy-reply-threshold", 100)

    def loop():
        with contextlib.suppress(redis_client.RedisError):
            redis_client.Redis(port=world.redis.port).eval("while true do end", 0)

    def end():
        client.script_kill()

    with State(world, service, "redis_busy", end):
        threading.Thread(target=loop, daemon=True).start()
        time.sleep(0.4)


@pytest.mark.long
def test_loading(loaded):
    """key-load-delay (microseconds a key) makes the reading of the data slow."""
    world, service = loaded
    world.sql("insert into load_a select i, 0, 'x' from generate_series(1, 30000) i")
    world.caught_up()
    for i in range(300):
        world.redis.client.set(f"filler{i}", "x")
    world.redis.client.execute_command("BGREWRITEAOF")
    wait_until("rewritten", lambda: not world.redis.client.info("persistence")["aof_rewrite_in_progress"])
    with Load(world):
        world.redis.kill()
        world.redis.settings["key-load-delay"] = "10000"
        world.redis.settings["loading-process-events-interval-bytes"] = "1024"
        answers, world.redis.answers = world.redis.answers, lambda: True
        world.redis.start()
        world.redis.answers = answers
        says(service, "redis_loading")
        wait_until("loaded", world.redis.answers)
    service.wait_ready()
    assert len(world.caught_up()) > 30000


@pytest.mark.long
def test_paused_and_scripts_flushed(loaded):
    world, service = loaded
    with Load(world):
        for mode in ("WRITE", "ALL"):
            time.sleep(0.3)
            world.redis.client.execute_command("CLIENT", "PAUSE", 700, mode)
            world.redis.client.script_flush()
            time.sleep(0.9)
    assert world.caught_up()


def test_one_queue_of_a_wrong_type_holds_the_other_up_only_at_the_bound(world, own_redis):
    world.sql(TABLES)
    service = world.start(HASH_REALTIME_MAX_IN_FLIGHT_BYTES="4MiB")
    world.redis.client.set("search", "not a list")
    world.sql("insert into load_a values (1, 0, 'x')")
    says(service, "queue_wrong_type")
    wait_until("the other goes on", lambda: world.redis.client.llen("integration") == 1)
    world.sql("insert into load_a select i, 0, repeat('x', 1000) from generate_series(2, 9000) i")
    wait_until("some of them", lambda: world.redis.client.llen("integration") >= 40)  # a frame of 64 KiB has at least one
    time.sleep(1)
    held = world.redis.client.llen("integration")
    assert held < 4500, f"{held} messages of 1.1 KB: the bound of 4 MiB was not kept"
    assert world.redis.client.get("search") == b"not a list" and world.redis.record("search")["number"] == 0
    world.redis.client.delete("search")
    service.wait_ready()
    assert len(world.caught_up()) == 9000


def test_a_consumer_moves_messages_meanwhile(loaded):
    """BRPOPLPUSH to search-processing and LPOP from there, as the consumers do, through kills of both sides."""
    world, service = loaded
    consumed, stopping = [], threading.Event()
    own = redis_client.Redis(port=world.redis.port, single_connection_client=True)

    def consume():
        while not (stopping.is_set() and own.llen("search") == 0):
            if (message := own.rpoplpush("search", "search-processing")) is None:
                time.sleep(0.01)
                continue
            consumed.append(message)
            own.lpop("search-processing")

    with Load(world):
        consumer = threading.Thread(target=consume, daemon=True)
        consumer.start()
        for _ in range(3):
            time.sleep(0.3)
            service.kill()
            service.start()
            time.sleep(0.3)
            for client in world.redis.client.client_list():
                if client["cmd"] not in ("client|list", "rpoplpush", "lpop", "llen"):
                    with contextlib.suppress(redis_client.RedisError):
                        world.redis.client.client_kill(client["addr"])
    service.wait_ready()
    expected = world.oracle.peek()
    wait_until("all consumed", lambda: len(consumed) >= len(expected))
    stopping.set()
    consumer.join(PATIENCE)
    found = difference(expected, consumed)
    assert found is None, found
    world.queues = ("integration",)
    world.caught_up()
