"""`hash-realtime check` on Redis: each requirement is broken for real, said, and mended by the statement it gives."""
import os
import subprocess

import pytest

from support.preflight import Report
from support.processes import free_port
from support.redis_server import Redis


def redis_world(world, cache, **changes):
    return Report(world, HASH_REDIS_PORT=str(cache.port), **changes)


@pytest.mark.parametrize("settings, words", [
    ({"maxmemory-policy": "allkeys-lru"}, ("eviction", "allkeys-lru", "CONFIG SET maxmemory-policy noeviction")),
    ({"appendonly": "no"}, ("persistence", "keeps nothing", "CONFIG SET appendonly yes")),
    ({"appendonly": "no", "save": "900 1"}, ("persistence", "RDB snapshots", "CONFIG SET appendonly yes")),
])
def test_redis_settings(world, cache, settings, words):
    for name, value in settings.items():
        cache.client.config_set(name, value)
    for statement in redis_world(world, cache).remedy("error", *words).split("; "):
        cache.client.execute_command(*statement.split())
    assert redis_world(world, cache).code == 0


def test_redis_is_out_of_memory(world, cache):
    cache.client.config_set("maxmemory", 1)
    report = redis_world(world, cache)
    assert report.finding("warning", "memory", "of 1 bytes used")
    assert report.finding("error", "rights", "OOM", "maxmemory")


def test_redis_is_a_replica(world, cache):
    cache.client.replicaof("127.0.0.1", 1)
    report = redis_world(world, cache)
    assert report.of("error") and report.finding("error", "replica", "HASH_REDIS_HOST")


def test_queues(world, cache):
    cache.client.set("search", "x")
    cache.client.lpush("integration", *range(20))
    report = redis_world(world, cache, HASH_REALTIME_QUEUE_WARN_LENGTH="10", HASH_REALTIME_QUEUES="stream:events")
    assert report.finding("error", "list search: the key holds a string", "RENAME search search-old")
    assert report.finding("warning", "list integration: 20 messages wait")
    assert report.finding("ok", "stream events: empty")
    assert cache.client.llen("integration") == 20 and not cache.client.exists("events")
    cache.client.execute_command("RENAME", "search", "search-old")


def test_stream_with_higher_ids(world, cache):
    cache.client.xadd("events", {"a": "b"})
    assert redis_world(world, cache, HASH_REALTIME_QUEUES="stream:events").finding("error", "queue events", "above", "RENAME it")


def test_acl_user(world, cache):
    cache.client.execute_command(*"ACL SETUSER me on >pass ~* +get +multi".split())
    user = {"HASH_REDIS_USERNAME": "me", "HASH_REDIS_PASSWORD": "pass", "HASH_REALTIME_QUEUES": "stream:events"}
    line = redis_world(world, cache, **user).remedy("error", "rights", "may not use EXEC, WATCH, UNWATCH", "LPUSH", "XADD")
    assert line.startswith("ACL SETUSER me on ><password>")
    cache.client.execute_command("ACL", "SETUSER", "me", "reset")
    cache.client.execute_command(*line.replace("<password>", "pass").split())
    report = redis_world(world, cache, **user)
    assert report.code == 0 and report.finding("ok", "rights"), report.text
    cache.client.execute_command(*"ACL SETUSER me -llen -info -config|get".split())
    report = redis_world(world, cache, **user)
    assert report.code == 0, report.text
    assert report.finding("warning", "rights", "LLEN, INFO, CONFIG GET") and report.finding("unknown", "persistence")
    assert cache.client.keys("*") == []


def test_what_a_provider_hides_is_unknown(world, folder):
    server = Redis(f"{folder}/check.redis.hides", rename_command="CONFIG hidden")
    try:
        report = redis_world(world, server)
        assert report.code == 0 and not [one for one in report.of("warning") if one["area"] == "redis"], report.text
        assert report.finding("unknown", "rights", "does not offer CONFIG GET") and report.finding("unknown", "persistence")
        assert report.finding("ok", "eviction", "noeviction"), "INFO tells it"
        world.service(HASH_REDIS_PORT=str(server.port)).start().wait_ready()
    finally:
        server.kill()


def test_wrong_redis_password(world, cache):
    report = redis_world(world, cache, HASH_REDIS_USERNAME="me", HASH_REDIS_PASSWORD="hunter2secret")
    assert report.finding("error", "connection", "WRONGPASS", "HASH_REDIS_PASSWORD") and "hunter2secret" not in report.text
    cache.client.config_set("requirepass", "right")
    assert redis_world(world, cache).finding("error", "connection", "NOAUTH", "HASH_REDIS_PASSWORD")


def test_tls_to_a_server_without(world, cache):
    assert redis_world(world, cache, HASH_REDIS_ENCRYPTED_TRANSIT="true").finding("error", "connection", "TLS")


@pytest.fixture(scope="module")
def secured(folder):
    """A Redis that speaks TLS, with an authority of its own; (port, folder of the certificates)."""
    place = f"{folder}/check.tls"
    os.makedirs(place)
    run = lambda line: subprocess.run(line.split(), cwd=place, check=True, capture_output=True)
    for name in ("ca", "other"):
        run(f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.crt -days 2 -subj /CN={name}")
    run("openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=redis.example")
    with open(f"{place}/names", "w") as names:
        names.write("subjectAltName=DNS:redis.example")
    run("openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt -extfile names")
    for name in os.listdir(place):
        os.chmod(f"{place}/{name}", 0o644)
    os.chmod(place, 0o755)
    port = free_port()
    server = Redis(f"{folder}/check.redis.tls", tls_port=str(port), tls_auth_clients="no", tls_ca_cert_file=f"{place}/ca.crt",
                   tls_cert_file=f"{place}/server.crt", tls_key_file=f"{place}/server.key")
    yield port, place
    server.kill()


@pytest.mark.parametrize("authority, name, words", [
    ("ca", "redis.example", None),
    ("other", "redis.example", ("connection", "HASH_REDIS_CA_FILE")),
    ("ca", "another.example", ("connection", "HASH_REDIS_TLS_SERVER_NAME")),
])
def test_redis_tls(world, secured, authority, name, words):
    port, place = secured
    report = Report(world, HASH_REDIS_PORT=str(port), HASH_REDIS_ENCRYPTED_TRANSIT="true",
                    HASH_REDIS_CA_FILE=f"{place}/{authority}.crt", HASH_REDIS_TLS_SERVER_NAME=name)
    if words:
        assert report.finding("error", *words)
    else:
        assert report.code == 0 and report.finding("ok", "tls", "certificate and name are verified")


def test_cluster_mode(world, folder):
    server = Redis(f"{folder}/check.redis.cluster", cluster_enabled="yes")
    try:
        assert Report(world, HASH_REDIS_PORT=str(server.port)).finding("error", "connection", "cluster", "not supported yet")
    finally:
        server.kill()


def test_redis_hangs(world, cache):
    cache.freeze()
    try:
        report = redis_world(world, cache)
        assert report.finding("error", "connection", "has been silent for 4 s")
        assert report.finding("ok", "wal_level")
    finally:
        cache.thaw()
