"""A trouble ends when what failed has worked, not when its first half has: in the log, in /ready and in /status."""
import threading
import time

from support.processes import wait_until
from support.proxy import Proxy

SETTINGS = {"HASH_REALTIME_LEASE": "3s"}


class Cutter:
    """Resets every connection to a server once so many bytes have gone over it to the service, until it is stopped."""

    def __init__(self, proxy, count):
        self.proxy, self.count, self.stopping, self.cuts = proxy, count, threading.Event(), 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping.is_set():
            if self.proxy.has_cut("service"):
                self.cuts += 1
                self.proxy.cut_after(self.count, "service")
            time.sleep(0.002)

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.proxy.heal()


def test_a_stream_that_breaks_off_each_time_it_is_started(world):
    with Proxy(world.postgres.port) as proxy:
        service = world.start(HASH_PG_PORT=str(proxy.port))
        world.sql("create table t (id int primary key, text text)")
        world.sql("insert into t select i, repeat('x', 500) from generate_series(1, 2000) i")
        world.caught_up()
        service.freeze()  # all of it is in one transaction, and none of it on its way
        world.sql("update t set text = text || 'y'")
        cutter = Cutter(proxy, 200_000)
        service.thaw()
        wait_until("in trouble", lambda: (service.status().get("trouble")))
        since, end, seen = service.status()["trouble"]["since"], time.monotonic() + 5, set()
        while time.monotonic() < end:
            status = service.status()
            seen.add((status["trouble"] or {}).get("since"))
            assert service.get("/ready")[0] == 503, service.log_tail()
            time.sleep(0.02)
        assert seen == {since} and cutter.cuts > 3
        cutter.stop()
        service.wait_ready()
        lines = [line for line in service.log() if line["level"] in ("info", "warn", "error")]
        begun = [line for line in lines if line.get("subject") == "takeover" and line.get("error")]
        ended = [line for line in lines if line.get("subject") == "takeover" and not line.get("error")]
        assert len(begun) <= 2 and len(ended) == 1, service.log_tail()  # a cut has two kinds: in the login, and later
        assert len([line for line in lines if line["message"] == "streaming"]) == 1, service.log_tail()
        assert service.status()["trouble"] is None
        world.caught_up()


def test_both_servers_are_cut_in_one_moment_and_another_takes_over(world):
    with Proxy(world.postgres.port) as to_postgres, Proxy(world.redis.port) as to_redis:
        first = world.start(HASH_PG_PORT=str(to_postgres.port), HASH_REDIS_PORT=str(to_redis.port), **SETTINGS)
        world.sql("create table t (id int primary key, text text)")
        second = world.service(HASH_REDIS_PORT=str(to_redis.port), **SETTINGS)
        second.settings["HASH_PG_PORT"] = str(world.postgres.port)
        to_redis.black_hole()  # the first owner's writers wait for their replies
        world.sql("insert into t values (1, 'x')")
        time.sleep(0.3)
        to_postgres.black_hole()
        to_redis.reset()
        wait_until("stuck", lambda: any(queue["stuck"] for queue in first.status()["queues"]))
        to_postgres.reset()
        to_redis.heal()
        second.start().wait_role("owner")
        to_postgres.heal()
        first.wait_role("standby")
        wait_until("ready", first.is_ready)
        status = first.status()
        assert status["trouble"] is None and not any(queue["stuck"] or queue["trouble"] for queue in status["queues"]), status
        assert 'hash_realtime_queue_stuck{' in first.get("/metrics")[1]
        assert not [line for line in first.get("/metrics")[1].splitlines() if line.startswith("hash_realtime_queue_stuck{") and line.endswith(" 1")]
        world.caught_up()
