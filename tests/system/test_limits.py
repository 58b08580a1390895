"""The machine's limits: named with what they must be, and exit 1; never an abort, at the start or later."""
import contextlib
import json
import os
import resource
import socket
import subprocess
import time

import pytest

from support.processes import wait_until

# Nobody else's: RLIMIT_NPROC counts the threads of an account, and never those of root.
ACCOUNT = 50_000 + os.getpid() % 10_000

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="takes another account to be limited alone")


def limited(service, *limits, account=None):
    service.under = ["prlimit", *limits]
    if account:
        service.under += become(account)
    return service


def become(account):
    return ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups"]


def limit_now(service, *limits, account=None):
    subprocess.check_call([*(become(account) if account else []), "prlimit", f"--pid={service.process.pid}", *limits])


def last_error(service):
    return [line for line in service.log("error") if line.get("error") == "machine_limit"][-1]


def text_of(line):
    return json.dumps(line)


@contextlib.contextmanager
def stalled_clients(service, count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            client = socket.socket()
            stack.enter_context(client)
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", service.port))
        time.sleep(0.2)
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def seconds_of_a_probe(service):
    begin = time.monotonic()
    assert service.get("/health-check", timeout=10)[0] == 200
    return time.monotonic() - begin


@needs_root
def test_too_few_threads_are_named_at_the_start(world):
    service = limited(world.service(), "--nproc=12", account=ACCOUNT).start()
    assert service.wait_exit() == 1
    assert "RLIMIT_NPROC (ulimit -u) = 12" in text_of(last_error(service)) and "at least" in text_of(last_error(service))


@needs_root
def test_no_thread_for_a_new_pipeline_is_named_later(world):
    service = limited(world.service(), "--nproc=400", account=ACCOUNT).start().wait_ready()
    limit_now(service, "--nproc=5", account=ACCOUNT)
    world.postgres.sql("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = %s", (world.slot,))
    assert service.wait_exit() == 1
    assert "RLIMIT_NPROC (ulimit -u) = " in text_of(last_error(service))


@needs_root
def test_600_stalled_clients_with_100_threads(world):
    service = limited(world.service(), "--nproc=100", account=ACCOUNT).start().wait_ready()
    with stalled_clients(service, 600):
        assert max(seconds_of_a_probe(service) for _ in range(2)) < 2
    service.stop()


def test_too_few_descriptors_are_named_at_the_start(world):
    service = limited(world.service(), "--nofile=40:40").start()
    assert service.wait_exit() == 1
    assert "RLIMIT_NOFILE (ulimit -n) = 40" in text_of(last_error(service)) and "at least" in text_of(last_error(service))


def test_clients_do_not_take_the_descriptors_of_the_stream(world):
    world.sql("create table t (id int primary key)")
    service = limited(world.service(), "--nofile=150:150").start().wait_ready()
    world.make_oracle()
    with stalled_clients(service, 600):
        world.postgres.sql("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = %s", (world.slot,))
        world.sql("insert into t select generate_series(1, 100)")
        world.same_as_oracle()
    wait_until("a probe is answered", lambda: service.is_ready())
    service.stop()


def test_too_little_address_space_is_named(world):
    service = limited(world.service(), f"--as={100 << 20}").start()
    assert service.wait_exit() == 1
    assert "RLIMIT_AS" in text_of(last_error(service)) and "at least" in text_of(last_error(service))


@pytest.mark.long
def test_no_memory_later_is_no_abort(world):
    world.sql("create table t (id int primary key, v text)")
    service = world.start()
    limit_now(service, f"--as={service.memory('VmSize') + (8 << 20)}:")  # the soft one
    world.sql("insert into t values (1, repeat('x', 40 << 20))")
    with contextlib.suppress(subprocess.TimeoutExpired):  # who goes on waiting for memory says so
        assert service.wait_exit(timeout=5) == 1
        assert "RLIMIT_AS" in text_of(last_error(service))
        service.start()
    if service.is_running():
        limit_now(service, "--as=unlimited:")
    world.same_as_oracle()
