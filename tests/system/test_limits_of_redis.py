"""What Redis does not take, and what it does to connections: found out by trying, and said as what it is."""
import time

import pytest

from support.processes import wait_until

BIG = "insert into t values (%s, (select string_agg(md5(i::text), '') from generate_series(1, 50000) i))"  # 1.6 MB

LIMITS = {
    "proto-max-bulk-len": "1mb",  # answered with an error, then closed
    "client-query-buffer-limit": "1mb",  # closed without a word
}


@pytest.fixture
def service(world, own_redis):
    world.sql("create table t (id int primary key, text text)")
    return world.service()


def limit(world, name):
    world.redis.client.config_set(name, LIMITS[name])


def few_lines(service, most):
    lines = [line for line in service.log() if line["level"] in ("warn", "error") and "queue" in line]
    assert len(lines) <= most, "\n".join(map(str, lines))


@pytest.mark.parametrize("name", LIMITS)
def test_a_row_above_a_limit_of_redis_is_left_out(world, service, name):
    service.start(HASH_REALTIME_ON_OVERSIZE="skip").wait_ready()
    limit(world, name)
    world.sql("insert into t values (1, 'before')")
    world.sql(BIG, (2,))
    world.sql("insert into t values (3, 'behind')")
    for queue in world.queues:
        wait_until(lambda: f"two in {queue}\n{service.log_tail()}", lambda: world.redis.client.llen(queue) == 2)
        held = world.held(queue)
        assert b"before" in held[0] and b"behind" in held[1]
    wait_until("ready", service.is_ready)
    left_out = [line for line in service.log("error") if "left out" in line["message"]]
    assert sorted(line["queue"] for line in left_out) == sorted(world.queues), service.log_tail()
    assert all(line["table"] == "public.t" and line["bytes"] > 1_500_000 and "/" in line["lsn"] for line in left_out)
    few_lines(service, 3 * len(world.queues))
    service.stop()


def test_a_limit_that_redis_tells_is_kept_from_the_start(world, service):
    """No connection is broken by the row, and no queue is stuck."""
    limit(world, "proto-max-bulk-len")
    service.start(HASH_REALTIME_ON_OVERSIZE="skip").wait_ready()
    world.sql(BIG, (1,))
    world.sql("insert into t values (2, 'behind')")
    wait_until("delivered", lambda: world.redis.client.llen("search") == 1)
    assert service.status()["totals"]["oversize_skipped"] == 1
    assert all(queue["retries"] == 0 for queue in service.status()["queues"]), service.log_tail()
    service.stop()


@pytest.mark.long
@pytest.mark.parametrize("name", LIMITS)
def test_a_row_above_a_limit_of_redis_stops_the_service(world, service, name):
    service.start().wait_ready()
    limit(world, name)
    world.sql(BIG, (1,))
    assert service.wait_exit() == 1
    said = next(line for line in service.log("error") if line.get("error") == "row_too_large")
    assert "public.t" in said["message"] and "1600" in said["message"] and "HASH_REALTIME_ON_OVERSIZE" in said["remedy"]
    few_lines(service, 6)


def test_idle_connections_that_redis_closes_are_no_trouble(world, service):
    world.redis.client.config_set("timeout", 1)
    service.start().wait_ready()
    world.sql("insert into t values (1, 'x')")
    end = time.monotonic() + 3.5
    while time.monotonic() < end:
        assert service.get("/ready")[0] == 200, service.log_tail()
        time.sleep(0.1)
    for client in world.redis.client.client_list():
        if client["name"] == "hash-realtime":
            world.redis.client.client_kill(client["addr"])
    world.sql("insert into t values (2, 'y')")
    for queue in world.queues:
        wait_until("delivered", lambda: world.redis.client.llen(queue) == 2)
    assert not [line for line in service.log() if line["level"] in ("warn", "error") and "stuck" in line["message"]], service.log_tail()
    assert service.is_ready()
    service.stop()
