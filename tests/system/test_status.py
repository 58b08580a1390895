"""`hash-realtime status`: asks the instance of the same environment."""
import json
import signal
import subprocess

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
    service.freeze()
    assert status(service, "--probe").returncode == 1
    service.thaw()


def test_of_nobody(world):
    service = world.service(HASH_REALTIME_PORT=str(free_port()))
    for arguments in ((), ("--json",), ("--probe",)):
        ended = status(service, *arguments)
        assert ended.returncode == 1 and not ended.stdout
        assert arguments == ("--probe",) or "no instance answers" in ended.stderr


def test_watch_ends_by_a_signal(world):
    service = world.start()
    process = spawn([binary(), "status", "--watch"], env=service.settings, stdout=subprocess.PIPE, text=True)
    while world.slot not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.stdout.close()
    assert process.wait(5) == 0


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


def test_a_queue_that_is_emptied_is_seen_though_nothing_is_pushed(world):
    world.sql("create table t (id int primary key)")
    service = world.start()
    length = lambda: service.status()["queues"][0]["length"]
    assert wait_until("known before the first push", lambda: length() == 0)
    world.sql("insert into t values (1)")
    wait_until("the change", lambda: length() == 1)
    world.redis.client.rpop("search")
    wait_until("and that it was taken", lambda: length() == 0)
