"""`hash-realtime status`: asks the instance of the same environment."""
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time

from support.processes import PATIENCE, free_port, spawn, wait_until
from support.service import binary


def status(service, *arguments):
    # Only where it listens matters; nothing else need be set.
    settings = {name: service.settings[name] for name in ("HASH_REALTIME_PORT", "HASH_REALTIME_BIND")}
    return subprocess.run([binary(), "status", *arguments], env=settings, capture_output=True, text=True, timeout=PATIENCE)


def test_of_a_running_instance(world):
    service = world.start()
    screen = status(service)
    assert screen.returncode == 0 and world.slot in screen.stdout and "search" in screen.stdout, screen.stdout + screen.stderr
    assert "\033" not in screen.stdout
    asked = status(service, "--json")
    assert asked.returncode == 0 and json.loads(asked.stdout)["role"] == "owner"
    assert status(service, "--probe").returncode == 0
    assert status(service, "--probe=ready").returncode == 0 and status(service, "--probe=live").returncode == 0
    service.freeze()
    assert status(service, "--probe").returncode == 1
    service.thaw()


def test_of_another_address(world):
    here = world.start()
    asked = lambda url, *more: subprocess.run([binary(), "status", *more, "--url", url], env={}, capture_output=True, text=True, timeout=10)
    for url in (f"http://127.0.0.1:{here.port}", f"http://localhost:{here.port}/"):
        assert json.loads(asked(url, "--json").stdout)["slot"]["name"] == world.slot
    assert asked(f"http://127.0.0.1:{here.port}", "--probe=ready").returncode == 0
    assert asked(f"http://127.0.0.1:{here.port}/elsewhere", "--probe=ready").returncode == 1
    attached = subprocess.run([binary(), "status", f"--url=http://127.0.0.1:{here.port}"], env={}, capture_output=True, text=True, timeout=10)
    assert attached.returncode == 0 and world.slot in attached.stdout
    for wrong in ("https://h", "h:3333", "http://", "http://me:hunter2secret@h", "http://h:x", "http://h:0", "http://h:99999", "http://[::1", "http://h/?a", "http://h/a b"):
        ended = asked(wrong)
        assert ended.returncode == 2 and "http://host[:port][/prefix]" in ended.stderr and "hunter2secret" not in ended.stderr, wrong
    assert subprocess.run([binary(), "status", "--url"], env={}, capture_output=True, timeout=10).returncode == 2


def test_ready_is_another_question_than_alive(world, own_redis):
    service = world.start()
    own_redis.kill()
    world.sql("create table t (id int primary key)")
    world.sql("insert into t values (1)")
    wait_until("not ready", lambda: status(service, "--probe=ready").returncode == 1)
    wait_until(lambda: service.log_tail(), lambda: 'hash_realtime_trouble{error="redis_unreachable"} 1' in service.get("/metrics")[1])
    screen = lambda: status(service).stdout
    wait_until(screen, lambda: "waiting for queue" in screen() and screen().count("Fix: ") == 1)  # one cause, once
    assert status(service, "--probe").returncode == 0


def test_of_nobody(world):
    service = world.service(HASH_REALTIME_PORT=str(free_port()))
    for arguments in ((), ("--json",), ("--probe",), ("--probe=ready",)):
        ended = status(service, *arguments)
        assert ended.returncode == 1 and not ended.stdout
        assert "--probe" in str(arguments) or "no instance answers" in ended.stderr


def test_watch_ends_by_a_signal(world):
    service = world.start()
    process = spawn([binary(), "status", "--watch"], env=service.settings, stdout=subprocess.PIPE, text=True)
    while world.slot not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.stdout.close()
    assert process.wait(5) == 0


def test_watch_on_a_small_terminal_ends_by_q(world):
    service = world.start()
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
    before = termios.tcgetattr(its)
    process = subprocess.Popen([binary(), "status", "--watch"], env=service.settings, stdin=its, stdout=its, stderr=its,
                               start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    shown = ""
    while "more lines" not in shown:
        shown += os.read(ours, 65536).decode(errors="replace")
    screen = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", shown.split("\x1b[J")[1]).splitlines()
    assert len(screen) < 20 and max(map(len, screen)) <= 60, screen
    assert screen[0].startswith("hash-realtime") and world.slot in screen[1]
    os.write(ours, b"q")
    assert process.wait(5) == 0
    assert termios.tcgetattr(its) == before
    os.close(ours), os.close(its)


def test_wrong_usage(world):
    service = world.service()
    assert status(service, "--json", "--probe").returncode == 2
    assert status(service, "--wrong").returncode == 2


def test_the_other_instances_are_listed(world):
    owner, standby = world.start(), world.service().start().wait_role("standby")
    names = [service.status()["instance"] for service in (owner, standby)]
    seen = lambda service: [(peer["instance"], peer["state"]) for peer in service.status()["peers"]]
    wait_until(lambda: str(seen(owner)), lambda: seen(owner) == [(names[1], "standby")])
    wait_until(lambda: str(seen(standby)), lambda: seen(standby) == [(names[0], "owner")])
    owner.kill()
    wait_until(lambda: str(seen(standby)), lambda: seen(standby) == [])
    odd = world.service(HASH_REALTIME_QUEUES="extra").start().wait_role("standby")
    wait_until(lambda: str(seen(standby)), lambda: seen(standby) == [(odd.status()["instance"], "differs")])


def test_nobody_else_is_listed_by_calling_himself_so(world):
    owner, standby = world.start(), world.service().start().wait_role("standby")
    seen = lambda: [peer["state"] for peer in owner.status()["peers"]]
    wait_until("the standby is listed", lambda: seen() == ["standby"])
    name = world.postgres.value("select application_name from pg_stat_activity where application_name like 'hash-realtime:%% %%' limit 1")
    stranger = world.connect(application_name=name[:34] + "fake")  # a superuser's, of another role than the service's
    time.sleep(2.5)  # the monitor looks at least as often
    assert seen() == ["standby"]
    stranger.close()


def test_a_queue_that_is_emptied_is_seen_though_nothing_is_pushed(world):
    world.sql("create table t (id int primary key)")
    service = world.start()
    length = lambda: service.status()["queues"][0]["length"]
    assert wait_until("known before the first push", lambda: length() == 0)
    world.sql("insert into t values (1)")
    wait_until("the change", lambda: length() == 1)
    world.redis.client.rpop("search")
    wait_until("and that it was taken", lambda: length() == 0)
