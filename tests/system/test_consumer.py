"""The consumers of HASH Realtime's queues, played against the running service: search-loader and collab."""
import json
import threading

from support.processes import PATIENCE, wait_until


class Consumer(threading.Thread):
    """Takes with BRPOPLPUSH, works, then removes with LPOP; holds `<queue>-owner` while it lives."""

    def __init__(self, redis, queue, crash_after=None):
        super().__init__(daemon=True)
        self.redis, self.queue, self.crash_after, self.done = redis, queue, crash_after, []
        self.finished = threading.Event()

    def run(self):
        owner, processing = f"{self.queue}-owner", f"{self.queue}-processing"
        assert self.redis.setnx(owner, "consumer")
        while not self.finished.is_set():
            self.redis.expire(owner, 5)
            # What a crashed consumer left comes first.
            message = self.redis.rpoplpush(processing, processing) or self.redis.brpoplpush(self.queue, processing, 1)
            if message is None:
                continue
            if self.crash_after is not None and len(self.done) == self.crash_after:
                break  # dies with the message in hand
            self.done.append(message)
            self.redis.lpop(processing)
        self.redis.delete(owner)

    def finish(self, count):
        wait_until(lambda: f"{len(self.done)} of {count}", lambda: len(self.done) >= count)
        self.finished.set()
        self.join(PATIENCE)
        return self.done


def test_consumers_of_both_queues_get_every_change_in_order(world):
    world.sql("create table t (id int primary key, v text)")
    world.start()
    consumers = [Consumer(world.redis.client, queue) for queue in world.queues]
    for consumer in consumers:
        consumer.start()
    for i in range(50):
        world.sql("insert into t select %s * 100 + i, 'v' from generate_series(1, 20) i", (i,))
    expected = world.oracle.take()
    assert len(expected) == 1000
    for consumer in consumers:
        assert consumer.finish(1000) == expected
        assert world.redis.client.llen(f"{consumer.queue}-processing") == 0
        assert world.redis.client.llen(consumer.queue) == 0


def test_a_consumer_that_died_finds_its_message_again(world):
    world.sql("create table t (id int primary key)")
    world.start()
    world.sql("insert into t select generate_series(1, 10)")
    first = Consumer(world.redis.client, "search", crash_after=4)
    first.start()
    first.join(PATIENCE)
    assert world.redis.client.llen("search-processing") == 1
    second = Consumer(world.redis.client, "search")
    second.start()
    assert first.done + second.finish(6) == world.oracle.take()


def test_the_service_leaves_the_consumers_keys_alone(world):
    world.sql("create table t (id int primary key)")
    client = world.redis.client
    client.set("search-owner", "somebody", ex=600)
    client.lpush("search-processing", "in work")
    service = world.start()
    world.sql("insert into t values (1)")
    world.same_as_oracle()
    service.stop()
    assert client.get("search-owner") == b"somebody" and client.ttl("search-owner") > 500
    assert client.lrange("search-processing", 0, -1) == [b"in work"]
    assert sorted(client.keys("*")) == [b"search-owner", b"search-processing", b"{integration}:position", b"{search}:position"]


def test_a_set_but_empty_integration_queue_is_none(world):
    world.sql("create table t (id int primary key)")
    world.queues = ("search",)
    world.start(HASH_INTEGRATION_QUEUE_NAME="")
    world.sql("insert into t values (1)")
    world.same_as_oracle()
    assert sorted(world.redis.client.keys("*")) == [b"{search}:position"]


def test_further_queues(world):
    world.sql("create table t (id int primary key)")
    world.queues = ("search", "integration", "audit", "mirror")
    world.start(HASH_REALTIME_QUEUES="audit,list:mirror")
    world.sql("insert into t select generate_series(1, 100)")
    assert len(world.same_as_oracle()) == 100


def test_messages_are_json_of_the_known_keys(world):
    world.sql("create table t (id int primary key)")
    world.start()
    world.sql("insert into t values (1)")
    message = json.loads(world.same_as_oracle()[0])
    assert list(message) == ["action", "schema", "table", "columns"]
