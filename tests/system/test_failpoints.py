"""The service dies at every named point of a change's way, again and again; every change still arrives once, in order.

Needs a build with REALTIME_FAILPOINTS (scripts/test makes one)."""
import signal
import time

import pytest

from support.load import TABLES, Load
from support.processes import wait_until

POINTS = ["after_receive", "after_decode", "before_push", "after_push_before_reply", "between_queues", "before_confirm", "after_confirm"]


@pytest.mark.parametrize("point", POINTS)
def test_death_at(world, point):
    world.sql(TABLES)
    service = world.start(HASH_REALTIME_REPLAY_WINDOW="100ms", HASH_REALTIME_LEASE="1s")
    service.stop()
    with Load(world):
        for count in (1, 2, 7):
            service.start(HASH_REALTIME_FAILPOINT=f"{point}:{count}")
            wait_until("an end or a warning", lambda: not service.is_running() or "no failpoints" in service.log_text())
            if service.is_running():
                pytest.skip("this build has no failpoints")
            assert service.wait_exit() == -signal.SIGKILL, service.log_tail()
        service.start(HASH_REALTIME_FAILPOINT=None).wait_ready()
        time.sleep(0.3)
    assert len(world.caught_up()) > 0
