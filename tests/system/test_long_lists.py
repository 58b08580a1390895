"""Lists of tables that are too long for a record: 10,000 patterns stand beside it, and cost nothing a message."""
import json

from support.processes import wait_until
from support.states import says

LONG = "public.a," + ",".join(f"s.t{i}" for i in range(9_999))
OTHER = LONG.replace("public.a", "public.a,public.b").replace(",s.t9998", "")


def beside(world, queue):
    text = world.redis.client.get(f"{{{queue}}}:stream")
    return json.loads(text.split(b" ", 1)[1])["tables"] if text else None


def test_long_lists_stand_beside_the_record(world):
    world.sql("create table public.a (id int); create table public.b (id int)")
    client = world.redis.client
    service = world.start(tables=LONG, HASH_REALTIME_TABLES=LONG)
    for i in range(20):
        world.sql(f"insert into a values ({i})")
    assert len(world.caught_up()) == 20
    for queue in world.queues:
        text = client.get(f"{{{queue}}}:position")
        assert text.startswith(b"2 ") and len(text) < 600, text
        assert beside(world, queue) == LONG

    # A queue that is behind catches up under the old lists, which are read from beside its record.
    client.pipeline().rename("search", "kept").set("search", "not a list").execute()
    world.sql("insert into a values (20)")
    wait_until("the other goes on", lambda: client.llen("integration") == 21)
    service.kill()
    service.start(HASH_REALTIME_TABLES=OTHER)
    says(service, "queue_wrong_type")
    client.pipeline().delete("search").rename("kept", "search").execute()
    service.wait_log("every queue is at the same position")
    service.wait_ready()
    assert len(world.caught_up()) == 21

    # Where the old lists are gone, the changed ones wait.
    client.pipeline().rename("search", "kept").set("search", "not a list").execute()
    world.sql("insert into a values (21)")
    wait_until("the other goes on", lambda: client.llen("integration") == 22)
    wait_until("both have the lists", lambda: beside(world, "integration") == OTHER)
    service.kill()
    client.delete("{search}:stream", "{integration}:stream")
    service.start(HASH_REALTIME_TABLES="public.a")
    says(service, "tables_unknown")
    assert service.is_running() and service.get("/ready")[0] == 503
    service.kill()
    client.pipeline().delete("search").rename("kept", "search").execute()
    service.start(HASH_REALTIME_TABLES=OTHER).wait_ready()
    assert len(world.caught_up()) == 22

    # Lists that fit stand in the record, and nothing beside it.
    service.stop()
    service.start(HASH_REALTIME_TABLES="public.a").wait_ready()
    world.sql("insert into a values (22)")
    assert len(world.caught_up()) == 23
    for queue in world.queues:
        assert client.get(f"{{{queue}}}:position").startswith(b"1 ")
        wait_until("no lists beside it", lambda: beside(world, queue) is None)
