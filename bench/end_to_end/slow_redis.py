"""A Redis that others keep busy, and what it takes then from clients that do nothing but push, a step
at a time in each queue as the service does."""
import socket
import subprocess
import threading
import time

_BATCH = 1_100  # messages, of about 440 bytes: what the service pushes in one step at full speed


class Busy:
    """Two clients that have Redis count to `loops` in Lua, again and again, for the time of a with statement. Redis does
    their work between any two things that it does for others."""

    def __init__(self, servers, loops):
        self.command = ["redis-benchmark", "-p", servers.redis_port, "-c", "2", "-n", "1000000000", "-q",
                        "eval", f"for i = 1, {loops} do end", "0"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def _command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def _push(port, queue, counts, stopping):
    """Ready-made steps like the service's, one after the other; each empties the queue, too."""
    step = b"".join([_command(b"MULTI"), _command(b"UNLINK", queue), _command(b"LPUSH", queue, *[b"x" * 437] * _BATCH),
                     _command(b"EVAL", b"return redis.call('set', KEYS[1], ARGV[1])", b"1", b"record_" + queue, b"x" * 200),
                     _command(b"EXEC"), _command(b"GET", b"record_" + queue)])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answers = connection.makefile("rb")
        while not stopping.is_set():
            connection.sendall(step)
            for _ in range(10):  # OK, three times QUEUED, EXEC's array of three, GET's two lines
                answers.readline()
            counts[queue] += _BATCH


def own_rate(servers, seconds=3):
    """Messages a second that Redis takes into each of two lists."""
    counts, stopping = {b"own_1": 0, b"own_2": 0}, threading.Event()
    threads = [threading.Thread(target=_push, args=(int(servers.redis_port), queue, counts, stopping)) for queue in counts]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    rate = min(counts.values()) / (time.monotonic() - begin)
    stopping.set()
    for thread in threads:
        thread.join()
    servers.empty_redis()
    return rate


def loops_for(servers, wanted):
    """How far Redis has to count so that it takes `wanted` messages a second beside it: the time a message takes grows
    evenly with it."""
    loops = 20_000
    with Busy(servers, 0):
        unhindered = 1 / own_rate(servers, 1.5)
    for _ in range(2):
        with Busy(servers, loops):
            hindered = 1 / own_rate(servers, 1.5)
        loops = max(1, round(loops * (1 / wanted - unhindered) / max(hindered - unhindered, 1e-9)))
    return loops
