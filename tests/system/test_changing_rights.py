"""Rights of the Redis user that go and come while messages are pushed: nothing lost, nothing twice, also where the service
ends in between. The messages of the table are all equal, so that nothing but the record says how far a queue is."""
import pytest

from support.processes import wait_until
from support.states import says


@pytest.mark.parametrize("right", ["set", "type", "xrange"])
def test_a_right_goes_and_the_service_ends(world, own_redis, right):
    client = world.redis.client
    client.execute_command("ACL", "SETUSER", "role", "on", ">secret", "~*", "&*", "+@all")
    world.sql("create table hb (id int primary key); insert into hb values (1)")
    world.queues = ("search", "integration", "audit")
    service = world.start(HASH_REDIS_USERNAME="role", HASH_REDIS_PASSWORD="secret", HASH_REALTIME_QUEUES="stream:audit")
    for _ in range(3):
        world.sql("update hb set id = id")
    assert len(world.caught_up()) == 3
    client.execute_command("ACL", "SETUSER", "role", f"-{right}")
    for _ in range(9):
        world.sql("update hb set id = id")
    says(service, "redis_right_missing")
    if right == "xrange":
        wait_until("the lists need no such right", lambda: client.llen("search") == client.llen("integration") == 12)
    else:
        assert client.llen("search") == client.llen("integration") == 3
    assert client.xlen("audit") == 3
    service.kill()
    client.execute_command("ACL", "SETUSER", "role", f"+{right}")
    service.start().wait_ready()
    assert len(world.caught_up()) == 12
