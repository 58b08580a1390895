"""The log: JSON lines that name slot, queue and LSN, readable in development, with never a secret in it."""
import json
import re
import time

import pytest

from support.load import TABLES, Load
from support.processes import free_port, wait_until

PASSWORD = "Sup3r-s3cret/pass word"


@pytest.mark.parametrize("level", ["info", "trace"])
def test_production_writes_json_lines(world, level):
    world.sql("create table t (id int primary key, v text)")
    service = world.start(HASH_REALTIME_LOG_LEVEL=level)
    world.sql("insert into t values (1, 'row value')")
    world.same_as_oracle()
    service.stop()
    lines = service.log()  # each is parsed as JSON
    assert lines
    for line in lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["level"] in ("trace", "debug", "info", "warn", "error") and line["message"]
    assert any(line.get("slot") == world.slot for line in lines)
    assert "row value" not in service.log_text()


def test_development_is_readable(world):
    service = world.start(NODE_ENV="development")
    assert not service.log_text().lstrip().startswith("{")
    assert world.slot in service.log_text()


@pytest.mark.parametrize("environment", ["production", "development"])
def test_no_secret_is_ever_logged(world, environment):
    service = world.service(
        HASH_PG_PASSWORD=PASSWORD, HASH_REDIS_PASSWORD=PASSWORD, NODE_ENV=environment, HASH_REALTIME_LOG_LEVEL="trace"
    ).start()  # Redis has no password: it refuses
    time.sleep(1.5)
    service.terminate()
    service.start(HASH_PG_PORT=str(free_port()))
    time.sleep(0.5)
    texts = [service.log_text(), *(service.get(path)[1] for path in ("/status", "/ready", "/metrics", "/"))]
    service.terminate()
    for text in texts:
        assert PASSWORD not in text and "s3cret" not in text


def test_a_secret_that_others_echo_is_taken_out(world):
    """The password stands where the database's name should: the server says it back."""
    service = world.service(HASH_PG_PASSWORD="Sup3r-s3cret", HASH_PG_DATABASE="Sup3r-s3cret").start()
    service.wait_log("does not exist")
    wait_until("it is the trouble", lambda: service.status().get("trouble"))
    texts = [service.log_text(), *(service.get(path)[1] for path in ("/status", "/ready", "/metrics", "/"))]
    service.stop()
    for text in texts:
        assert "s3cret" not in text
    assert 'database \\"***\\" does not exist' in texts[0]


@pytest.mark.parametrize("settings", [
    {"HASH_PG_DATABASE": "postgres://app:Sup3r-s3cret@db/app"},
    {"HASH_PG_PASSWORD_FILE": "Sup3r-s3cret"},
    {"HASH_PG_HOST": "host=db password = 'Sup3r-s3cret'"},
    {"HASH_REDIS_HOST": "app:Sup3r-s3cret"},
    {"HASH_SEARCH_QUEUE_NAME": "redis://app:Sup3r-s3cret@cache/search"},
], ids=lambda settings: next(iter(settings)))
def test_a_setting_that_holds_a_secret_is_refused_without_it(world, settings):
    service = world.service(**settings).start()
    assert service.wait_exit() == 2
    assert next(iter(settings)) in service.log_text() and "s3cret" not in service.log_text()


def test_characters_that_turn_a_line_are_escaped(world):
    service = world.service(HASH_PG_USER="nobody", HASH_REALTIME_EXCLUDE_TABLES="public.a\u202eb\u2028c").start()
    service.wait_log("starts")
    service.terminate()
    assert "\u202e" not in service.log_text() and "\\u202eb\\u2028c" in service.log_text()


def test_an_outage_is_one_line_when_it_begins_and_one_when_it_ends(world):
    world.sql("create table t (id int primary key)")
    service = world.start()
    before = len(service.log())
    world.redis.kill()
    world.sql("insert into t values (1)")
    wait_until("both queues say it", lambda: sum(queue["trouble"] is not None for queue in service.status().get("queues", [])) == len(world.queues))
    time.sleep(2)
    world.redis.start()
    world.caught_up()
    warned = [line for line in service.log()[before:] if line["level"] in ("warn", "error")]
    during = [line for line in warned if "check" not in line]  # the start's advice runs beside
    assert {line["queue"] for line in during if "queue" in line} == set(world.queues), service.log_tail()
    assert 1 <= len(during) <= 2 * len(world.queues), service.log_tail()


def test_a_storm_floods_nothing(world):
    """Redis away for longer than the lease under a busy stream, PostgreSQL restarted meanwhile."""
    world.sql(TABLES)
    service = world.start(HASH_REALTIME_LEASE="5s")
    with Load(world, workers=2):
        time.sleep(1)
        before = len(service.log())
        world.redis.kill()
        time.sleep(7)
        world.postgres.restart()
        time.sleep(3)
        world.redis.start()
        service.wait_ready()
    world.same_as_oracle()
    begins, ends = (lambda line: line["level"] == "warn" and "error" in line), (lambda line: "lasted_seconds" in line)
    of = lambda kind: {line.get("queue", line.get("subject")) for line in service.log()[before:] if kind(line)}
    wait_until(lambda: f"{of(begins)} have begun, {of(ends)} ended", lambda: of(begins) and of(begins) == of(ends))
    lines = service.log()[before:]  # each is JSON
    texts = "\n".join(json.dumps(line) for line in lines)
    assert 2 <= len(lines) <= 20, texts
