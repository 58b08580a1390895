"""Fixtures: the session's servers, a world for each test. The service runs as a plain role, never as a superuser."""
import contextlib
import fcntl
import glob
import os
import re
import shutil
import sys
import tempfile
import time

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from support.postgres import Postgres  # noqa: E402
from support.redis_server import Redis  # noqa: E402
from support.world import World  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes more than some seconds; runs only with -m (scripts/checks/50-faults)")


HEAVY = ("test_large", "test_stop", "test_hostile_data", "test_soak", "test_faults", "test_pgoutput")  # begun first


def spread(items):
    """For --dist loadgroup: the tests that share something go to one worker, every other one to whichever is free."""
    for item in items:
        known = item._fixtureinfo.name2fixturedefs
        if any(known[name][-1].scope == "module" for name in item.fixturenames if name in known and name != "plugin"):
            item.add_marker(pytest.mark.xdist_group(item.module.__name__))
    items.sort(key=lambda item: item.module.__name__ not in HEAVY)


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups after it
def pytest_collection_modifyitems(config, items):
    spread(items)
    if config.option.markexpr or any("::" in argument for argument in config.args):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def roomy_memory():
    """/dev/shm where it has room enough: the suite writes some GB, and a slow disk would be what it measures."""
    room = shutil.disk_usage("/dev/shm").free if os.path.isdir("/dev/shm") else 0
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return "/dev/shm" if min(room, free) > 6 << 30 else None


def hold(path):
    """Locks the folder for as long as this process lives; None where another has it. No process id would do: this place
    may be shared with other namespaces."""
    lock = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    except OSError:
        return os.close(lock)


def remove_leftovers(place):
    """Folders of runs that were killed; their servers died with them."""
    for path in glob.glob(f"{place}/hash-realtime-tests.*"):
        with contextlib.suppress(OSError):
            status = os.stat(path)
            is_old = time.time() - status.st_ctime > 60  # a younger one may be about to be locked
            if status.st_uid == os.getuid() and is_old and (lock := hold(path)) is not None:
                shutil.rmtree(path, ignore_errors=True)
                os.close(lock)


@pytest.fixture(scope="session")
def folder():
    place = roomy_memory() or tempfile.gettempdir()
    remove_leftovers(place)
    path = tempfile.mkdtemp(prefix=f"hash-realtime-tests.{os.getpid()}.", dir=place)
    os.chmod(path, 0o711)  # the servers have another user where this is root
    lock = hold(path)
    yield path
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


@pytest.fixture(scope="session")
def postgres(folder):
    server = Postgres(f"{folder}/postgres")
    yield server
    server.stop("immediate")


@pytest.fixture(scope="session")
def redis(folder):
    server = Redis(f"{folder}/redis")
    yield server
    server.kill()


@pytest.fixture(scope="session")
def plugin():
    """The output plugin of the service. A file whose tests hold for both says `pytestmark = both_plugins`."""
    return os.environ.get("TEST_PLUGIN", "wal2json")


@pytest.fixture
def world(postgres, redis, folder, plugin):
    """A database, a slot and two queues of this test's own."""
    world = World(postgres, redis, folder, plugin)
    yield world
    world.close()


@pytest.fixture
def own_redis(folder, world):
    """The world with a Redis of the test's own: for faults that are dangerous to neighbours."""
    shared, world.redis = world.redis, Redis(f"{folder}/own.{world.slot}")
    yield world.redis
    own, world.redis = world.redis, shared
    own.kill()


@pytest.fixture(scope="module")
def stream(postgres, redis, folder, plugin):
    """A world with a running service, shared by the tests of one file: each compares what it has added."""
    world = World(postgres, redis, folder, plugin)
    world.start(tables="*.*", HASH_REALTIME_TABLES="*.*")
    yield world
    world.close()


# --- servers that a test may set as it likes

@pytest.fixture(scope="module")
def server(folder, request):
    server = Postgres(f"{folder}/{request.module.__name__}.postgres")
    yield server
    server.stop("immediate")


@pytest.fixture
def other(server, redis, folder):
    """A world on that server; its settings are put back."""
    world = World(server, redis, folder)
    yield world
    server.sql("alter system reset all")
    server.restart("immediate")
    world.close()


@pytest.fixture
def cache(folder, request):
    name = re.sub(r"\W+", "_", request.node.name)
    server = Redis(f"{folder}/{request.module.__name__}.redis.{name}")
    yield server
    server.kill()
