"""Large transactions and rows pass with bounded memory, while the server keeps hearing from us."""
import threading
import time

import pytest

from support.processes import wait_until
from support.world import both_plugins

pytestmark = both_plugins
MiB = 1 << 20


@pytest.mark.parametrize("rows", [250_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_transaction_of_many_rows(world, rows):
    world.sql("create table large (id int primary key, v text)")
    world.postgres.sql("alter system set wal_sender_timeout = '3s'")
    world.postgres.sql("select pg_reload_conf()")
    try:
        service = world.start()
        world.sql("insert into large select i, 'value ' || i from generate_series(1, %s) i", (rows,))
        wait_until("all of it", lambda: all(world.redis.client.llen(queue) >= rows for queue in world.queues))
        peak = service.memory("VmHWM")
        print(f"peak {peak / MiB:.0f} MiB")
        assert peak < (64 if world.plugin == "wal2json" else 96) * MiB  # what is in flight grows when it becomes text
        assert len(world.same_as_oracle()) == rows
        assert service.status()["totals"]["reconnects"] == 0, service.log_tail()
    finally:
        world.postgres.sql("alter system reset wal_sender_timeout")
        world.postgres.sql("select pg_reload_conf()")


def test_a_row_of_120_mb(world):
    world.sql("create table wide (id int primary key, v text)")
    world.sql("alter table wide alter v set storage external")  # saves the time to compress it
    service = world.start()
    world.sql("insert into wide values (1, 'small')")
    world.caught_up()
    before = service.memory()
    world.sql("insert into wide values (2, repeat(md5('x'), 3750000))")
    world.sql("insert into wide values (3, 'small again')")
    row = 120_000_000
    assert len(world.same_as_oracle()[1]) > row
    peak = service.memory("VmHWM")
    wait_until(lambda: f"memory given back: {service.memory() / MiB:.0f} MiB, {before / MiB:.0f} before",
               lambda: service.memory() < before + 24 * MiB)
    print(f"before {before / MiB:.0f}, peak {peak / MiB:.0f}, after {service.memory() / MiB:.0f} MiB")
    assert peak < 64 * MiB + 3 * row


def test_a_full_pipeline_still_sends_status(world):
    """Redis stands still for longer than wal_sender_timeout: the walsender must not give us up."""
    world.sql("create table full_ (id int primary key, v text)")
    world.postgres.sql("alter system set wal_sender_timeout = '3s'")
    world.postgres.sql("select pg_reload_conf()")
    try:
        service = world.start(HASH_REALTIME_MAX_IN_FLIGHT_BYTES="1MiB")
        world.redis.freeze()
        world.sql("insert into full_ select i, repeat('x', 1000) from generate_series(1, 30000) i")
        walsender = lambda: world.postgres.slot(world.slot)["active_pid"]
        before = walsender()
        time.sleep(5)
        assert walsender() == before and before is not None, service.log_tail()
        assert service.memory() < 96 * MiB
    finally:
        world.redis.thaw()
        world.postgres.sql("alter system reset wal_sender_timeout")
        world.postgres.sql("select pg_reload_conf()")
    assert len(world.caught_up()) == 30000


def test_many_connections_at_once(world):
    world.sql("create table t (id bigint primary key, v text)")
    world.start()

    def write(worker):
        connection = world.connect()
        for i in range(300):
            connection.cursor().execute("insert into t values (%s, 'v')", (worker * 1000 + i,))
        connection.close()

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.same_as_oracle()) == 3000
