"""The HTTP endpoints of a running service, also while 200 clients stall."""
import contextlib
import json
import re
import socket
import time

import pytest

from support.fair import Stopwatch
from support.postgres import lsn_value
from support.processes import PATIENCE, free_port, wait_until


@pytest.fixture(scope="module")
def service(stream):
    stream.sql("create table http (id int primary key)")
    stream.sql("insert into http select generate_series(1, 100)")
    stream.same_as_oracle()
    return stream.services[0]


def test_health_check(service):
    status, body = service.get("/health-check")
    assert status == 200 and json.loads(body)["msg"] == "realtime server healthy"


def test_ready(service):
    assert service.get("/ready")[0] == 200


def test_status_tells_where_everything_stands(stream, service):
    wait_until("nothing in flight", lambda: service.status()["in_flight"]["frames"] == 0)
    wait_until("something confirmed", lambda: service.status()["lsn"]["confirmed"])
    status = service.status()
    assert status["role"] == "owner" and status["ready"] is True and status["trouble"] is None
    assert status["in_flight"]["limit_frames"] == 4096
    assert status["slot"]["name"] == stream.slot and status["slot"]["plugin"] == "wal2json"
    lsn = {name: lsn_value(text) for name, text in status["lsn"].items() if text}
    assert lsn["confirmed"] <= lsn["written"] <= lsn["received"]
    assert [queue["name"] for queue in status["queues"]] == list(stream.queues)
    assert all(queue["messages"] >= 100 for queue in status["queues"])
    assert {"uptime_seconds", "version", "instance", "lag", "rates"} <= set(status)


def test_metrics_are_prometheus_text(service):
    status, body = service.get("/metrics")
    assert status == 200
    line = re.compile(r'^[a-z_:][a-z0-9_:]*(\{[a-z_]+="(?:[^"\\]|\\.)*"(,[a-z_]+="(?:[^"\\]|\\.)*")*\})? -?[0-9.e+-]+(Inf|NaN)?$', re.I)
    wrong = [text for text in body.splitlines() if not text.startswith("# ") and not line.match(text)]
    assert not wrong, wrong[:5]
    assert 'queue="search"' in body


def test_page_for_people(service):
    status, body = service.get("/")
    assert status == 200 and body.lower().startswith("<!doctype html>")


def test_what_is_not_there(service):
    assert service.get("/nothing")[0] == 404


def test_row_values_are_nowhere(stream, service):
    stream.sql("create table secret_rows (id int primary key, v text)")
    stream.sql("insert into secret_rows values (1, 'tr0ub4dor')")
    stream.same_as_oracle()
    for path in ("/health-check", "/ready", "/status", "/metrics", "/"):
        assert "tr0ub4dor" not in service.get(path)[1]
    assert "tr0ub4dor" not in service.log_text()


def test_hostile_requests_leave_it_alive(service):
    for request in (b"\0" * 5000, b"GET " + b"/x" * 50_000 + b" HTTP/1.1\r\n\r\n", b"PUT /status HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
                    b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", service.port), timeout=1) as client:
            client.sendall(request)
            assert b"root:" not in client.recv(65536)
    assert service.get("/health-check")[0] == 200


def test_200_stalled_clients_starve_nobody(service):
    with contextlib.ExitStack() as stack:
        for number in range(200):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE))
            client.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\n" if number % 2 else b"GET /met")
        time.sleep(0.3)
        for path in ("/health-check", "/ready", "/status", "/metrics"):
            watch = Stopwatch(service.process.pid)
            assert service.get(path)[0] == 200
            assert watch.look() and watch.seconds() < 1


def test_a_taken_port_ends_it_naming_the_setting(world):
    with socket.socket() as taken:
        port = free_port()
        taken.bind(("127.0.0.1", port))
        taken.listen()
        service = world.service(HASH_REALTIME_PORT=str(port)).start()
        assert service.wait_exit() == 1
    assert "HASH_REALTIME_PORT" in service.log_text()


def test_without_servers_it_lives_but_is_not_ready(world):
    service = world.service(HASH_PG_PORT=str(free_port()), HASH_REDIS_PORT=str(free_port())).start()
    wait_until("it answers", lambda: service.status())
    assert service.get("/health-check")[0] == 200
    status, body = service.get("/ready")
    assert status == 503 and json.loads(body)["reason"]
    service.stop()
