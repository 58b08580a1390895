"""What a run costs: CPU seconds of the contender, of its walsender and of Redis, its peak memory, and how busy the
machine was with anything else."""
import os
import time

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """CPU time of a process so far, in nanoseconds' precision; None once it is gone."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # what clock_getcpuclockid(3) makes of a process id
    except OSError:
        return None


def peak_rss_mb(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def scheduled(pid):
    """(seconds on a CPU, times put on one) summed over a process' threads, in nanoseconds' precision."""
    seconds = times = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
            running, _, slices = stat.read().split()
        seconds, times = seconds + int(running) / 1e9, times + int(slices)
    return seconds, times


def machine_seconds():
    """CPU seconds that the machine has spent on anything, stolen ones included."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, steal = (int(x) / _TICK for x in stat.readline().split()[1:9])
    return user + nice + system + irq + softirq + steal


class Meter:
    """From its construction to stop(); sample() now and then, since a process that has ended tells nothing more."""

    def __init__(self, pid, servers, slot):
        self.pid, self.servers, self.slot = pid, servers, slot
        self.begin, self.machine = time.monotonic(), machine_seconds()
        self.own = cpu_seconds(os.getpid())
        self.redis = servers.redis_cpu_seconds()
        self.client = self.walsender = self.rss = 0
        self.walsender_pid = None

    def sample(self):
        if self.walsender_pid is None:
            self.walsender_pid = self.servers.walsender_pid(self.slot)
        self.client = cpu_seconds(self.pid) or self.client
        self.rss = max(self.rss, peak_rss_mb(self.pid))
        if self.walsender_pid:
            self.walsender = cpu_seconds(self.walsender_pid) or self.walsender

    def stop(self, messages):
        """The figures; CPU seconds are those of a million messages."""
        seconds = time.monotonic() - self.begin
        self.sample()
        redis = self.servers.redis_cpu_seconds() - self.redis
        ours = self.client + self.walsender + redis + cpu_seconds(os.getpid()) - self.own
        million = messages / 1e6
        return {
            "seconds": round(seconds, 3),
            "messages_per_second": round(messages / seconds),
            "client_cpu_per_million": round(self.client / million, 2),
            "walsender_cpu_per_million": round(self.walsender / million, 2),
            "redis_cpu_per_million": round(redis / million, 2),
            "walsender_busy": round(self.walsender / seconds, 2),
            "peak_rss_mb": round(self.rss, 1),
            "others_busy_cores": round(max(0, machine_seconds() - self.machine - ours) / seconds, 2),
        }
