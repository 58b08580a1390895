"""Every fault that the service must survive without a trace in the queues, each as one short deed."""
import contextlib
import os
import signal
import time

import redis as redis_client

from .power_cut import PowerCut
from .processes import TimedOut, wait_until

POINTS = ["after_receive", "after_decode", "before_push", "after_push_before_reply", "between_queues", "before_confirm", "after_confirm"]


class Faults:
    """Over a world with `services` (one slot, several instances) and `ways` to both servers through proxies."""

    def __init__(self, world, ways, dice):
        self.world, self.ways, self.dice = world, ways, dice
        self.power = PowerCut(world.redis)
        self.all = {name.removeprefix("do_"): getattr(self, name) for name in dir(self) if name.startswith("do_")}

    def inject(self):
        """One of them, by the dice; its name."""
        name = self.dice.choice(sorted(self.all))
        self.all[name]()
        return name

    # --- helpers
    def _pause(self, least=0.1, most=1.0):
        time.sleep(self.dice.uniform(least, most))

    def _service(self):
        owners = [service for service in self.world.services if service.role() == "owner"]
        return self.dice.choice(owners or self.world.services)

    def _way(self):
        return self.ways[self.dice.choice(sorted(self.ways))]

    def _set(self, name, value):
        self.world.redis.client.config_set(name, value)

    def _lasting(self, name, value, back):
        self._set(name, value)
        self._pause()
        self._set(name, back)

    # --- the service
    def do_kill_the_service(self):
        service = self._service()
        service.kill()
        service.start()

    def do_kill_every_instance(self):
        for service in self.world.services:
            service.kill()
        self._pause()
        for service in self.world.services:
            service.start()

    def do_kill_at_a_failpoint(self):
        service = self._service()
        service.kill()
        service.start(HASH_REALTIME_FAILPOINT=f"{self.dice.choice(POINTS)}:{self.dice.randint(1, 30)}")
        with contextlib.suppress(TimedOut):  # a standby passes none
            wait_until("", lambda: not service.is_running(), timeout=4)
        service.kill()
        service.start(HASH_REALTIME_FAILPOINT=None)

    def do_stop_the_service(self):
        service = self._service()
        with contextlib.suppress(Exception):
            service.terminate(timeout=6)
        service.kill()
        service.start()

    def do_freeze_the_service(self):
        service = self._service()
        service.freeze()
        time.sleep(self.dice.choice([0.3, 1, 5]))  # the last is longer than the lease
        service.thaw()

    # --- PostgreSQL
    def do_restart_postgres(self):
        with contextlib.suppress(Exception):
            self.world.postgres.stop(self.dice.choice(["fast", "immediate"]))
        self._pause(0, 0.5)
        self.world.postgres.start()

    def do_kill_a_walsender(self):
        self.world.postgres.sql("select pg_terminate_backend(pid) from pg_stat_replication")

    def do_freeze_a_walsender(self):
        pid = (self.world.postgres.slot(self.world.slot) or {}).get("active_pid")
        if pid:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGSTOP)
                self._pause()
                os.kill(pid, signal.SIGCONT)

    # --- Redis
    def do_kill_redis(self):
        self.world.redis.kill()
        self._pause(0, 0.8)
        self.world.redis.start()

    def do_cut_the_power_of_redis(self):
        self.power.synced_for(self.dice.uniform(0.1, 0.9), within=2.5)  # of a window of 3 s
        self.power.fail()

    def do_freeze_redis(self):
        self.world.redis.freeze()
        self._pause()
        self.world.redis.thaw()

    def do_pause_redis(self):
        self.world.redis.client.execute_command("CLIENT", "PAUSE", 500, self.dice.choice(["WRITE", "ALL"]))
        self.world.redis.client.script_flush()

    def do_fill_redis(self):
        self._lasting("maxmemory", max(1, self.world.redis.client.info("memory")["used_memory"] // 2), 0)

    def do_refuse_writes(self):
        self._lasting("min-replicas-to-write", 1, 0)

    def do_make_redis_a_replica(self):
        client = self.world.redis.client
        client.replicaof("127.0.0.1", 1)
        self._pause()
        client.replicaof("NO", "ONE")

    def do_kill_connections_to_redis(self):
        for client in self.world.redis.client.client_list():
            if client["cmd"] != "client|list":
                with contextlib.suppress(redis_client.RedisError):
                    self.world.redis.client.client_kill(client["addr"])

    # --- the network
    def do_reset_connections(self):
        self._way().reset()

    def do_cut_in_the_middle(self):
        way, towards = self._way(), self.dice.choice(["server", "service"])
        way.cut_after(self.dice.randint(1, 100_000), towards)
        self._pause()
        way.heal()

    def do_half_close(self):
        self._way().half_close(self.dice.choice(["server", "service"]))

    def do_black_hole(self):
        way = self._way()
        way.black_hole(*self.dice.choice([(), ("server",), ("service",)]))
        self._pause()
        way.heal()

    def do_slow_down(self):
        way = self._way()
        way.latency, way.rate = self.dice.choice([(0.02, None), (0.0, 200_000)])
        self._pause()
        way.heal()
