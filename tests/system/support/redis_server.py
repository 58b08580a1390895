"""A Redis of the test's own that can be killed and comes back with all it acknowledged."""
import json
import os
import shutil
import signal
import subprocess

import redis

from .processes import free_port, give_to_servers, spawn, wait_until

SETTINGS = {
    "bind": "127.0.0.1",
    "save": "",
    "appendonly": "yes",
    "appendfsync": "always",
    "auto-aof-rewrite-percentage": "0",  # trim_log() does it, at a quiet moment
    # Redis itself would cut a torn transaction in its middle, and at the next start run the half that is left, so that its
    # messages are there twice (valkey-io/valkey#4342). A torn log is mended by start().
    "aof-load-truncated": "no",
    "maxmemory-policy": "noeviction",
    "enable-debug-command": "local",
}


def program():
    """REDIS_SERVER, else what is installed: redis-tools has the server under the name of a tool."""
    return shutil.which(os.environ.get("REDIS_SERVER", "redis-server")) or shutil.which("redis-check-rdb")


class Redis:
    def __init__(self, folder, as_sentinel=False, **settings):
        self.as_sentinel, self.folder, self.port = as_sentinel, folder, free_port()
        self.settings = SETTINGS | {name.replace("_", "-"): value for name, value in settings.items()}
        if "cluster-enabled" in self.settings:
            self.settings["cluster-port"] = str(free_port())  # else 10000 above, where outgoing connections are
        give_to_servers(folder)
        # One program is all of them: the name decides what it does.
        self.program, self.mender = f"{folder}/redis-server", f"{folder}/redis-check-aof"
        for name in (self.program, self.mender):
            os.symlink(program(), name)
        self.process = None
        self.client = redis.Redis(port=self.port, socket_timeout=60)
        self.start()

    def start(self):
        manifest = f"{self.folder}/appendonlydir/appendonly.aof.manifest"
        if os.path.exists(manifest):
            subprocess.run([self.mender, "--fix", manifest], input=b"y\n", stdout=subprocess.DEVNULL, check=True)
        # A disk that is full (fill_disk) is an error of write(), not the end of Redis.
        command = ["env", "--ignore-signal=XFSZ", self.program, "--port", str(self.port), "--dir", self.folder]
        for name, value in self.settings.items():
            command += [f"--{name}", *value.split(" ")]
        if self.as_sentinel:  # it writes its own file, and has few settings
            open(f"{self.folder}/sentinel.conf", "w").close()
            os.chmod(f"{self.folder}/sentinel.conf", 0o666)
            command = [self.program, f"{self.folder}/sentinel.conf", "--port", str(self.port), "--bind", "127.0.0.1", "--sentinel"]
        log = open(f"{self.folder}/log", "ab")
        self.process = spawn(command, as_server=True, cwd=self.folder, stdout=log, stderr=log)
        wait_until(self._last_log_lines, self.answers)

    def answers(self):
        try:
            return self.client.ping()
        except redis.RedisError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def fill_disk(self):
        """No file of this process may grow any more; the next one may."""
        assert spawn(["prlimit", "--pid", str(self.process.pid), "--fsize=0:"], as_server=True).wait() == 0

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def forget_everything(self):
        """Between two tests."""
        self.client.flushall()
        self.trim_log()

    def trim_log(self):
        """A long log takes long to load. Nothing may be on its way."""
        if self.client.info("persistence").get("aof_current_size", 0) > 256 << 20:
            self.client.bgrewriteaof()
            idle = lambda: not self.client.info("persistence")["aof_rewrite_in_progress"]
            wait_until("append-only file rewritten", idle)

    def as_written_by_the_last_release(self, queues):
        """The records without the members that release 1.0.0 does not write."""
        for queue in queues:
            key = f"{{{queue}}}:position"
            version, text = self.client.get(key).split(b" ", 1)
            record = json.loads(text)
            for newer in ("log", "log_bytes", "beat", "started", "lease", "oid", "ended", "committed"):
                record.pop(newer, None)
            self.client.set(key, version + b" " + json.dumps(record, separators=(",", ":")).encode())

    def record(self, queue):
        """What the position record of `queue` says; None if there is none."""
        text = self.client.get(f"{{{queue}}}:position")
        return json.loads(text.split(b" ", 1)[1]) if text else None

    def _last_log_lines(self):
        with open(f"{self.folder}/log", errors="replace") as log:
            return "Redis ready: " + "".join(log.readlines()[-3:])
