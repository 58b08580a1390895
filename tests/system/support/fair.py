"""Seconds against a promised bound, on a machine that may be busy with something else."""
import os
import threading
import time


class Stopwatch:
    """How long something took, less the time for which the one of its threads that fared worst was ready to run and had no
    processor: what the product promised, however loaded the machine is. It is the wall clock's time where nobody waits, and
    where the kernel does not tell (no schedstat).

    `pids`: the processes whose work it is; children of theirs count too. Whoever waits calls look() meanwhile, so that
    what ends is not forgotten."""

    def __init__(self, *pids):
        self.pids, self.last, self.begin = pids, {}, time.monotonic()
        self.own = f"/proc/self/task/{threading.get_native_id()}"
        self.look()
        self.first = dict(self.last)

    def look(self):
        """Reads how long each thread has waited so far. True, so that it fits into a condition."""
        for path in self._threads():
            try:
                with open(f"{path}/schedstat") as file:
                    self.last[path] = int(file.read().split()[1])
            except (OSError, IndexError):
                pass  # it has ended, or nobody counts here
        return True

    def wait(self, process, timeout):
        """Waits for the end of a child; its exit code."""
        end = time.monotonic() + timeout
        while process.poll() is None:
            assert time.monotonic() < end, f"process {process.pid} has not ended within {timeout} s"
            self.look()
            time.sleep(0.01)
        return process.returncode

    def seconds(self):
        starved = max((value - self.first.get(path, 0) for path, value in self.last.items()), default=0)
        return time.monotonic() - self.begin - starved / 1e9

    def _threads(self):
        yield self.own
        left = list(self.pids)
        while left:
            pid = left.pop()
            try:
                for thread in os.listdir(f"/proc/{pid}/task"):
                    yield f"/proc/{pid}/task/{thread}"
                with open(f"/proc/{pid}/task/{pid}/children") as children:
                    left += children.read().split()
            except OSError:
                pass
