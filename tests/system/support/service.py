"""hash-realtime as a process: started with settings, watched from outside, ended in every way."""
import http.client
import json
import os
import signal
import time

from .fair import Stopwatch
from .processes import PATIENCE, free_port, spawn, wait_until

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


def binary():
    """REALTIME_BINARY, else the newest build."""
    if "REALTIME_BINARY" in os.environ:
        return os.environ["REALTIME_BINARY"]
    built = [f"{ROOT}/build/{name}/src/cli/hash-realtime" for name in sorted(os.listdir(f"{ROOT}/build"))]
    return max(filter(os.path.exists, built), key=os.path.getmtime)


class Service:
    def __init__(self, folder, settings):
        self.port = int(settings.get("HASH_REALTIME_PORT") or free_port())
        keep = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TSAN_OPTIONS", "ASAN_OPTIONS")}
        self.settings = keep | {"HASH_REALTIME_BIND": "127.0.0.1"} | settings | {"HASH_REALTIME_PORT": str(self.port)}
        self.folder, self.process, self.log_path = folder, None, None
        self.under = []  # a command that runs it, with its arguments
        self.output = None  # a descriptor that takes the log instead of a file

    # --- its life
    def start(self, **changes):
        """Starts it (again), with changed settings; None takes one away."""
        for name, value in changes.items():
            self.settings.pop(name, None)
            if value is not None:
                self.settings[name] = value
        os.makedirs(self.folder, exist_ok=True)
        self.log_path = f"{self.folder}/{time.monotonic_ns()}.log"
        with open(self.log_path, "wb") as log:
            output = log if self.output is None else self.output
            self.process = spawn([*self.under, binary()], env=self.settings, cwd=self.folder, stdout=output, stderr=output)
        return self

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def terminate(self, timeout=PATIENCE, by=signal.SIGTERM):
        """Asks it to stop; (exit code, seconds it took, as a Stopwatch counts them)."""
        watch = Stopwatch(self.process.pid)
        self.process.send_signal(by)
        code = watch.wait(self.process, timeout)
        return code, watch.seconds()

    def stop(self):
        code, seconds = self.terminate()
        assert code == 0 and seconds < 5, f"stopped with {code} after {seconds:.1f} s\n{self.log_tail()}"

    def kill(self):
        if self.is_running():
            self.process.kill()
            self.process.wait()

    def wait_exit(self, timeout=PATIENCE):
        return self.process.wait(timeout)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    # --- what it says
    def get(self, path, timeout=30):
        """(HTTP status, body as text)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def status(self):
        """/status; an empty dictionary as long as nothing answers."""
        try:
            return json.loads(self.get("/status")[1])
        except (OSError, http.client.HTTPException):
            return {}

    def role(self):
        return self.status().get("role")

    def is_ready(self):
        try:
            return self.get("/ready")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_ready(self, timeout=PATIENCE):
        def ready():
            assert self.is_running(), f"it ended with {self.process.poll()}\n{self.log_tail()}"
            return self.is_ready()

        wait_until(lambda: f"ready\n{self.log_tail()}", ready, timeout)
        return self

    def wait_role(self, role, timeout=PATIENCE):
        wait_until(lambda: f"role {role}\n{self.log_tail()}", lambda: self.role() == role, timeout)
        return self

    def is_full(self):
        """Its window has no room: it reads no more until its queues take some."""
        flight = self.status().get("in_flight", {})
        return flight.get("bytes", 0) >= flight.get("limit_bytes", 1) or flight.get("frames", 0) >= flight.get("limit_frames", 1)

    def log_text(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def log_tail(self, lines=25):
        return "\n".join(self.log_text().splitlines()[-lines:])

    def log(self, level=None):
        """Its log lines as dictionaries, of all levels or of one."""
        lines = [json.loads(line) for line in self.log_text().splitlines()]
        return [line for line in lines if level in (None, line["level"])]

    def wait_log(self, words, timeout=PATIENCE):
        wait_until(lambda: f"log line with {words!r}\n{self.log_tail()}", lambda: words in self.log_text(), timeout)

    def memory(self, field="VmRSS"):
        """Bytes: VmRSS now, VmHWM at its peak."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field + ":"))
