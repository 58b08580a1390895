"""How long a row takes from its commit to a consumer that blocks on the queue, and what an idle service costs."""
import json
import os
import subprocess
import time

import workloads
from drain import Failed
from meter import cpu_seconds, machine_seconds, scheduled
from servers import QUEUES


class Streaming:
    """A service that streams a slot of its own, for the time of a with statement."""

    def __init__(self, servers, service, folder):
        self.servers, self.service, self.folder, self.slot = servers, service, folder, "bench_latency"

    def __enter__(self):
        workloads.create_table(self.servers)
        self.servers.empty_redis()
        self.servers.create_slot(self.slot)
        self.process = self.service.start(self.servers, self.slot, 0, self.folder)
        self.service.wait_streaming(self.servers, self.slot, self.process)
        time.sleep(0.5)
        return self

    def __exit__(self, *_):
        self.service.stop(self.process)
        self.servers.drop_slot(self.slot)
        self.servers.empty_redis()


def latency(servers, service, consumer, rates, seconds, folder, say):
    """One run a rate; the first second is left out. A list of runs."""
    runs = []
    for rate in rates:
        rows = rate * (seconds + 1)
        with Streaming(servers, service, folder) as streaming:
            reader = subprocess.Popen([consumer, f"--port={servers.redis_port}", f"--queue={QUEUES[0]}", f"--messages={rows}",
                                       f"--skip={rate}"], stdout=subprocess.PIPE, text=True)
            reader.stdout.readline()  # it is ready
            connection = servers.connect()
            before, begin = cpu_seconds(streaming.process.pid), time.monotonic()
            workloads.commit_steadily(connection, rate, rows)
            took = time.monotonic() - begin
            busy = (cpu_seconds(streaming.process.pid) - before) / took
            connection.close()
            line = reader.communicate(timeout=60)[0]
            if not line:
                raise Failed(f"the consumer got nothing, see {folder}/{service.name}.log")
        figures = {"rate": rate, "reached_rate": round(rows / took), "client_busy_cores": round(busy, 3)} | json.loads(line)
        runs.append({"contender": service.name} | figures)
        say(f"  {rate:>6}/s  p50 {figures['p50_ms']:.2f} ms  p99 {figures['p99_ms']:.2f} ms  max {figures['max_ms']:.1f} ms"
            f"  ({figures['reached_rate']}/s reached)")
    return runs


def idle(servers, service, seconds, folder, say):
    """CPU and wake-ups of a service that has nothing to do."""
    with Streaming(servers, service, folder) as streaming:
        time.sleep(2)
        begin, (used, woken), machine, own = time.monotonic(), scheduled(streaming.process.pid), machine_seconds(), cpu_seconds(os.getpid())
        time.sleep(seconds)
        used_now, woken_now = scheduled(streaming.process.pid)
        took = time.monotonic() - begin
    figures = {"contender": service.name, "busy_percent_of_a_core": round(100 * (used_now - used) / took, 3),
               "wakeups_per_second": round((woken_now - woken) / took, 1),
               "others_busy_cores": round((machine_seconds() - machine - (cpu_seconds(os.getpid()) - own)) / took, 2)}
    say(f"  idle: {figures['busy_percent_of_a_core']} % of a core, {figures['wakeups_per_second']} wake-ups a second")
    return figures
