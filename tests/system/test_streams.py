"""Stream queues beside lists: the same changes, once and in order, with ids that are the numbers of the changes."""
import time

import pytest

from support.load import TABLES, Load
from support.processes import wait_until
from support.world import both_plugins

pytestmark = both_plugins


@pytest.fixture
def streaming(world):
    world.sql(TABLES)
    world.queues = ("search", "integration", "events")
    return world, world.start(HASH_REALTIME_QUEUES="stream:events", HASH_REALTIME_REPLAY_WINDOW="500ms")


def trouble_of(service, queue):
    of_queue = next((one for one in service.status().get("queues", []) if one["name"] == queue), {})
    return (of_queue.get("trouble") or {}).get("error")


def test_a_stream_has_the_changes_of_the_lists_through_every_kill(streaming):
    world, service = streaming
    with Load(world) as load:
        for _ in range(2):
            time.sleep(0.3)
            service.kill()
            service.start()
            time.sleep(0.3)
            world.redis.kill()
            world.redis.start()
            time.sleep(0.3)
            world.postgres.sql("select pg_terminate_backend(pid) from pg_stat_replication")
    assert load.committed > 0
    expected = world.caught_up()
    entries = world.redis.client.xrange("events")
    assert [entry_id for entry_id, _ in entries] == [b"%d-0" % (number + 1) for number in range(len(expected))]
    assert all(set(fields) == {b"payload", b"lsn", b"xid"} for _, fields in entries)


def test_a_stream_with_higher_ids_is_refused_in_words_and_stops_no_other_queue(streaming):
    world, service = streaming
    world.sql("insert into load_a values (1, 0, 'x')")
    world.caught_up()
    world.redis.client.xadd("events", {"who": "another"})  # its id is a time, far above ours
    world.sql("insert into load_a select i, 0, 'x' from generate_series(2, 100) i")
    wait_until(lambda: f"words\n{service.log_tail()}", lambda: trouble_of(service, "events") == "queue_ids_higher")
    wait_until("the lists flow", lambda: world.length("search") == world.length("integration") == 100)
    assert world.redis.record("events")["number"] == 1 and world.length("events") == 2
    world.redis.client.delete("events")
    service.wait_ready()
    wait_until("the rest", lambda: world.length("events") == 99)
    assert world.held("events") == world.held("search")[1:]


def test_a_stream_is_trimmed_where_it_should_be(streaming):
    world, service = streaming
    service.stop()
    service.start(HASH_REALTIME_STREAM_MAXLEN="1000").wait_ready()
    world.sql("insert into load_a select i, 0, 'x' from generate_series(1, 20000) i")
    wait_until("all of it", lambda: world.length("search") == 20000 and world.redis.record("events")["number"] == 20000)
    assert 1000 <= world.length("events") < 2000, "approximate trimming keeps whole nodes"
    assert world.held("events") == world.held("search")[-world.length("events"):]


def test_what_waits_in_a_stream_is_what_its_group_has_not_acknowledged(streaming):
    world, service = streaming
    client, queue = world.redis.client, lambda: next(one for one in service.status()["queues"] if one["name"] == "events")
    world.sql("insert into load_a select i, 0, 'x' from generate_series(1, 500) i")
    wait_until("all of it", lambda: world.length("events") == 500)
    client.xgroup_create("events", "readers", "0")
    wait_until(lambda: str(queue()), lambda: queue()["waiting"] == 500)
    read = client.xreadgroup("readers", "one", {"events": ">"})[0][1]
    client.xack("events", "readers", *[entry_id for entry_id, _ in read[:-1]])
    wait_until(lambda: str(queue()), lambda: queue()["waiting"] == 1 and queue()["length"] == 500)
    client.xack("events", "readers", read[-1][0])
    wait_until(lambda: str(queue()), lambda: queue()["waiting"] == 0)
    assert 'hash_realtime_queue_waiting{queue="events"} 0' in service.get("/metrics")[1]
    world.sql("insert into load_a select i, 0, 'x' from generate_series(501, 600) i")
    wait_until(lambda: str(queue()), lambda: queue()["waiting"] == 100)
    client.xtrim("events", maxlen=20, approximate=False)  # as HASH_REALTIME_STREAM_MAXLEN would
    wait_until(lambda: str(queue()), lambda: queue()["waiting"] == 20 and queue()["cut_unread"] == 80)
    service.wait_log("80 entries were cut off before its slowest consumer group had read them")
    world.redis.client.delete("events")


def test_that_a_limit_cuts_off_unread_entries_is_said_at_the_start(streaming):
    world, service = streaming
    service.stop()
    service.start(HASH_REALTIME_STREAM_MAXLEN="1000").wait_ready()
    service.wait_log("HASH_REALTIME_STREAM_MAXLEN=1000 cuts off the oldest entries")
