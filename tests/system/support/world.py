"""One test's world: a database, a slot and two queues of its own on the session's servers."""
import itertools
import time

import pytest

from .oracle import Oracle, difference
from .processes import PATIENCE, TimedOut, wait_until
from .schema import check_messages
from .service import Service

_numbers = itertools.count(1)
QUEUES = ("search", "integration")
both_plugins = pytest.mark.parametrize("plugin", ["wal2json", "pgoutput"], scope="module")


class World:
    """`start()` begins the story: the service makes its slot, the oracle makes its own, and from here on
    `same_as_oracle()` says whether every queue holds what it should."""

    def __init__(self, postgres, redis, folder, plugin="wal2json"):
        number = next(_numbers)
        self.plugin = plugin
        self.postgres, self.redis, self.folder = postgres, redis, folder
        self.database, self.slot = f"test_{number}", f"slot_{number}"
        self.queues, self.services, self.oracle = QUEUES, [], None
        postgres.sql(f"create database {self.database}")
        if plugin == "pgoutput":  # the service's role may not make it
            self.sql("create publication hash_realtime for all tables")

    # --- building it
    def service(self, **changes):
        """A service that is not started yet."""
        settings = {
            "HASH_PG_HOST": "127.0.0.1",
            "HASH_PG_PORT": str(self.postgres.port),
            "HASH_PG_USER": self.postgres.role,
            "HASH_PG_DATABASE": self.database,
            "HASH_REDIS_HOST": "127.0.0.1",
            "HASH_REDIS_PORT": str(self.redis.port),
            "HASH_SEARCH_QUEUE_NAME": "search",
            "HASH_REALTIME_SLOT_NAME": self.slot,
            "HASH_REALTIME_REPLAY_WINDOW": "1s",
            "HASH_REALTIME_PLUGIN": self.plugin,
        }
        settings |= {name: value for name, value in changes.items() if value is not None}
        service = Service(f"{self.folder}/{self.database}.{len(self.services)}", settings)
        self.services.append(service)
        return service

    def start(self, tables="public.*", excluded=None, **changes):
        """Starts a service, waits until it streams, and makes the oracle. No change may be on its way meanwhile."""
        service = self.service(**changes).start().wait_ready()
        self.make_oracle(tables, excluded)
        return service

    def make_oracle(self, tables="public.*", excluded=None):
        self.oracle = Oracle(self.postgres, self.database, f"{self.slot}_oracle", tables, excluded)

    def sql(self, statement, values=None):
        return self.postgres.sql(statement, values, self.database)

    def script(self, statements):
        """Each statement in a transaction of its own."""
        connection = self.connect()
        for statement in filter(str.strip, statements.split(";\n")):
            connection.cursor().execute(statement)
        connection.close()

    def connect(self, **options):
        return self.postgres.connect(self.database, **options)

    # --- looking at it
    def held(self, queue):
        """What the queue holds, oldest first: a list or a stream."""
        if self.redis.client.type(queue) == b"stream":
            return [fields[b"payload"] for _, fields in self.redis.client.xrange(queue)]
        return self.redis.client.lrange(queue, 0, -1)[::-1]

    def length(self, queue):
        kind = self.redis.client.type(queue)  # none: it may be there by the next command, as either
        return {b"stream": self.redis.client.xlen, b"none": lambda _: 0}.get(kind, self.redis.client.llen)(queue)

    def popped(self, queue, count):
        """Waits for `count` messages and takes all there are, oldest first."""
        try:
            wait_until("", lambda: self.redis.client.llen(queue) >= count)
        except TimedOut:
            pass  # the comparison says what is missing
        messages = []
        while some := self.redis.client.rpop(queue, 10_000):
            messages += some
        return messages

    def same_as_oracle(self, known_difference=lambda text: text):
        """Takes what is new from the oracle and from every queue and compares: whole, once, in order.
        `known_difference` makes of wal2json's message what this plugin writes; None: nothing."""
        expected = [known for text in self.oracle.take() if (known := known_difference(text)) is not None]
        for queue in self.queues:
            got = self.popped(queue, len(expected))
            found = difference(expected, got)
            assert found is None, f"queue {queue}: {found}\n{self.services[-1].log_tail()}"
        check_messages(expected)
        return expected

    def caught_up(self, timeout=2 * PATIENCE):
        """Waits until every queue holds as much as the oracle, and a moment longer for what would be too much;
        compares without taking anything."""
        expected = self.oracle.peek()
        for queue in self.queues:
            lengths = lambda: f"{self.length(queue)} of {len(expected)} in {queue}"
            try:
                wait_until(lengths, lambda: self.length(queue) >= len(expected), timeout)
            except TimedOut as late:
                found = difference(expected, self.held(queue))
                raise AssertionError(f"{late}: {found}\n" + "\n".join(s.log_tail() for s in self.services)) from None
        time.sleep(0.3)
        for queue in self.queues:
            found = difference(expected, self.held(queue))
            assert found is None, f"queue {queue}: {found}\n" + "\n".join(s.log_tail() for s in self.services)
        return expected

    def forget(self):
        """Takes what was compared out of the way. Nothing may be on its way."""
        self.oracle.take()
        self.redis.client.delete(*self.queues)
        self.redis.trim_log()

    # --- its end
    def close(self):
        for service in self.services:
            service.kill()
        mine = "select slot_name from pg_replication_slots where database ~ %s"
        for (name,) in self.postgres.sql(mine, (f"^{self.database}(_|$)",)):
            wait_until("slot free", lambda: not (self.postgres.slot(name) or {}).get("active"))
            self.postgres.sql("select pg_drop_replication_slot(%s)", (name,))
        self.postgres.sql(f"drop database if exists {self.database} with (force)")
        self.redis.forget_everything()
