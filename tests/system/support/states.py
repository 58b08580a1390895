"""A state of Redis in which it refuses: begun and ended under load, and what the service must say of it."""
import time

from .load import Load
from .processes import wait_until


def troubles(service):
    status = service.status()
    of_queues = [queue["trouble"]["error"] for queue in status.get("queues", []) if queue["trouble"]]
    return set(of_queues) | ({status["trouble"]["error"]} if status.get("trouble") else set())


def says(service, error):
    wait_until(lambda: f"{error} in /status, it has {troubles(service)}\n{service.log_tail()}",
               lambda: error in troubles(service))


class State:
    """`with State(world, service, error, end):` the state begins in the block and `end()` ends it."""

    def __init__(self, world, service, error, end):
        self.world, self.service, self.error, self.end = world, service, error, end

    def __enter__(self):
        self.load = Load(self.world).__enter__()
        time.sleep(0.4)

    def __exit__(self, failed, *_):
        try:
            if failed is None:
                says(self.service, self.error)
                time.sleep(0.5)
                assert self.service.is_running() and self.service.get("/health-check")[0] == 200
                assert self.service.get("/ready")[0] == 503
        finally:
            self.end()
            time.sleep(0.3)
            self.load.stop()
        if failed is None:
            self.service.wait_ready()
            assert self.world.caught_up() and self.load.committed > 0
            lines = [line for line in self.service.log("warn") if line.get("error") == self.error and "queue" in line]
            assert len(lines) <= 4 * len(self.world.queues), "one line when it begins, not one a try"
