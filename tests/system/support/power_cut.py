"""A Redis whose disk has not everything yet when the power goes."""
import shutil
import subprocess
import time


class PowerCut:
    """What `appendfsync everysec` had on the disk at some moment, and a Redis that comes back with only that."""

    def __init__(self, redis):
        self.redis, self.saved = redis, f"{redis.folder}/saved"
        self.since = None

    def synced(self):
        """This moment is what the disk has. A copy of a growing log is a prefix of it."""
        self.since = time.monotonic()
        shutil.rmtree(self.saved, ignore_errors=True)
        subprocess.check_call(["cp", "-a", f"{self.redis.folder}/appendonlydir", self.saved])

    def synced_for(self, seconds, within):
        """It has been so long. Again where the machine had us wait for longer than the service promises to survive."""
        while True:
            self.synced()
            time.sleep(seconds)
            if time.monotonic() < self.since + within:
                return

    def fail(self, away=0.0):
        self.redis.kill()
        shutil.rmtree(f"{self.redis.folder}/appendonlydir")
        subprocess.check_call(["cp", "-a", self.saved, f"{self.redis.folder}/appendonlydir"])
        time.sleep(away)
        self.redis.start()
