"""Child processes that cannot outlive the test run, free ports, and waiting with a deadline."""
import ctypes
import os
import pwd
import random
import signal
import socket
import subprocess
import time

_libc = ctypes.CDLL(None)
# Seconds after which what has not come will not come. It ends a test that has failed and is no guess at the machine's
# speed: what was promised within a time is measured (fair.py).
PATIENCE = 120.0


def spawn(command, *, dies_by=signal.SIGKILL, as_server=False, **options):
    """Starts a child of this thread's process that gets the signal `dies_by` when the test run dies."""
    if as_server and os.getuid() == 0:  # neither PostgreSQL nor a cautious Redis runs as root
        account = pwd.getpwnam("postgres")
        options |= dict(user=account.pw_uid, group=account.pw_gid, extra_groups=[])
    return subprocess.Popen(
        command, preexec_fn=lambda: _libc.prctl(1, dies_by), start_new_session=True, stdin=subprocess.DEVNULL, **options
    )


def give_to_servers(path):
    """Makes `path` a folder that the servers' user owns."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    if os.getuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(path, account.pw_uid, account.pw_gid)


def free_port():
    """A port outside the range that the kernel gives to outgoing connections."""
    while True:
        port = random.randint(20000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class TimedOut(AssertionError):
    pass


def wait_until(what, true, timeout=PATIENCE, pause=0.02):
    """Returns the first truthy answer of `true()`; after `timeout` seconds fails, saying `what` did not come."""
    end = time.monotonic() + timeout
    while True:
        answer = true()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimedOut(f"not within {timeout} s: {what() if callable(what) else what}")
        time.sleep(pause)
