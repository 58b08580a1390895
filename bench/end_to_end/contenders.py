"""Who drains a slot. Each takes its own copy of the slot; all read the same WAL."""
import os
import random
import signal
import socket
import subprocess
import time
import urllib.request

from servers import QUEUES
from workloads import TABLE


def free_port():
    for _ in range(100):
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise SystemExit("no free port")


class Contender:
    """`pushes`: it ends when both queues hold everything; else it ends by itself."""

    pushes = False
    queues = ()

    def __init__(self, name, unix=False):
        self.name, self.unix = name, unix

    def start(self, servers, slot, messages, folder):
        environment = servers.environment(self.unix) | self.settings(slot)
        with open(f"{folder}/{self.name}.log", "wb") as log:
            return subprocess.Popen(self.command(servers, slot, messages), env=environment, cwd=folder, stdout=log, stderr=log,
                                    stdin=subprocess.DEVNULL)

    def settings(self, slot):
        return {}

    def counted(self):
        """Figures of its own, just before it is stopped."""
        return {}

    def stop(self, process):
        """Ends it in order and says with what code it ended."""
        if process.poll() is None and self.pushes:
            process.send_signal(signal.SIGTERM)
        try:
            return process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


class RecvLogical(Contender):
    """PostgreSQL's own client, which writes to /dev/null."""

    def command(self, servers, slot, messages):
        end = servers.value("select pg_current_wal_flush_lsn()")
        return [f"{servers.pg_bin}/pg_recvlogical", "-h", servers.environment(self.unix)["HASH_PG_HOST"], "-p", servers.pg_port,
                "-U", servers.user, "-d", servers.database, "-S", slot, "--start", "-f", "/dev/null", f"--endpos={end}",
                "--no-loop", "-o", "format-version=2", "-o", "include-transaction=false", "-o", f"add-tables=public.{TABLE}"]


class Nowhere(Contender):
    """The service's pipeline into queues that keep nothing."""

    def __init__(self, name, program, unix=False):
        super().__init__(name, unix)
        self.program = os.path.abspath(program)

    def command(self, servers, slot, messages):
        return [self.program, f"--slot={slot}", f"--messages={messages}", f"--tables=public.{TABLE}"]


class Service(Contender):
    """The service as it is, into two list queues in Redis, or as many as `queues` says."""

    pushes = True

    def __init__(self, name, program, unix=False, queues=len(QUEUES), tables=f"public.{TABLE}"):
        super().__init__(name, unix)
        self.program, self.tables, self.port = os.path.abspath(program), tables, None
        self.queues = [*QUEUES, *(f"further_{n}" for n in range(queues))][:queues]

    def command(self, servers, slot, messages):
        return [self.program]

    def settings(self, slot):
        self.port = free_port()
        return {"HASH_REALTIME_SLOT_NAME": slot, "HASH_REALTIME_TABLES": self.tables, "HASH_REALTIME_BIND": "127.0.0.1",
                "HASH_REALTIME_PORT": str(self.port), "HASH_INTEGRATION_QUEUE_NAME": "".join(self.queues[1:2])
                } | ({"HASH_REALTIME_QUEUES": ",".join(self.queues[2:])} if self.queues[2:] else {})

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return answer.read().decode()

    def metrics(self):
        """The plain ones, those without labels."""
        lines = [line.split() for line in self.ask("/metrics").splitlines() if not line.startswith("#")]
        return {name.removeprefix("hash_realtime_"): float(value) for name, value in lines if "{" not in name}

    def counted(self):
        metrics = self.metrics()
        return {name: int(metrics[f"received_{name}_total"]) for name in ("messages", "keepalives", "frames")}

    def wait_streaming(self, servers, slot, process):
        deadline = time.monotonic() + 15
        while not servers.walsender_pid(slot):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} does not stream")
            time.sleep(0.05)
