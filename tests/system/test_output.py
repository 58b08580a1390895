"""Standard output that takes nothing: a pipe that nobody reads, a full disk, closed descriptors."""
import contextlib
import json
import os
import re

from support.processes import wait_until


def shell(redirections):
    """Runs the service with other descriptors than the test gives it."""
    return ["sh", "-c", f'exec "$@" {redirections}', "sh"]


def dropped(service):
    return float(re.search(r"^hash_realtime_log_lines_dropped_total (\S+)$", service.get("/metrics")[1], re.M)[1])


@contextlib.contextmanager
def full_pipe():
    """(reading end, writing end) of a pipe that takes no byte more."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x")
    os.set_blocking(writing, True)
    try:
        yield reading, writing
    finally:
        os.close(reading)
        with contextlib.suppress(OSError):
            os.close(writing)


def test_a_pipe_that_nobody_reads_holds_up_neither_queues_nor_stop(world):
    world.sql("create table t (id int primary key)")
    with full_pipe() as (reading, writing):
        service = world.service()
        service.output = writing
        service.start().wait_ready()  # it has said a few lines by now
        world.make_oracle()
        world.sql("insert into t select generate_series(1, 1000)")
        world.redis.client.config_set("min-replicas-to-write", 1)  # both writers have something to say
        world.sql("insert into t select generate_series(1001, 2000)")
        wait_until("both are stuck", lambda: all(queue["stuck"] for queue in service.status()["queues"]))
        world.redis.client.config_set("min-replicas-to-write", 0)
        world.same_as_oracle()
        assert service.get("/health-check")[0] == 200
        service.stop()


def test_it_goes_on_where_the_pipe_goes_on(world):
    world.sql("create table t (id int primary key)")
    with full_pipe() as (reading, writing):
        service = world.service()
        service.output = writing
        service.start().wait_ready()
        os.close(writing)
        text = b""
        while b'"streaming"' not in text:
            text += os.read(reading, 65536).lstrip(b"x")
        lines = [json.loads(line) for line in text.splitlines()]
        assert lines[0]["message"].startswith("hash-realtime") and dropped(service) == 0
        service.stop()


def test_a_full_disk_is_counted_and_held_against_nobody(world):
    world.sql("create table t (id int primary key)")
    service = world.service()
    service.under = shell(">/dev/full 2>&1")
    service.start().wait_ready()
    world.make_oracle()
    world.sql("insert into t select generate_series(1, 100)")
    world.same_as_oracle()
    assert dropped(service) > 0
    service.stop()


def test_closed_descriptors_never_become_sockets(world):
    world.sql("create table t (id int primary key)")
    service = world.service(HASH_REALTIME_LOG_LEVEL="trace")
    service.under = shell("<&- >&- 2>&-")
    service.start().wait_ready()
    world.make_oracle()
    world.sql("insert into t select generate_series(1, 100)")
    world.same_as_oracle()
    for descriptor in range(3):
        assert os.readlink(f"/proc/{service.process.pid}/fd/{descriptor}") == "/dev/null"
    assert dropped(service) > 0
    service.stop()
