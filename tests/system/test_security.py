"""TLS to both servers, passwords that change meanwhile, and the least rights, which are the documents' own statements."""
import os
import pwd
import re

import pytest

from support.certificates import Authority
from support.documents import block, statements
from support.postgres import Postgres
from support.preflight import Report
from support.processes import free_port, wait_until
from support.redis_server import Redis
from support.world import World

SERVER = "localhost"  # the name in the certificates


@pytest.fixture(scope="module")
def authority(folder):
    return Authority(f"{folder}/authority")


@pytest.fixture(scope="module")
def stranger(folder):
    return Authority(f"{folder}/stranger", "an authority that nobody knows")


def server_user():
    return pwd.getpwnam("postgres").pw_uid if os.getuid() == 0 else os.getuid()


@pytest.fixture(scope="module")
def postgres(folder, authority):
    """A PostgreSQL as docs/deploying.md sets it up, that lets the role in by TLS and password alone."""
    server = Postgres(f"{folder}/secure.postgres")
    certificate, key = authority.sign(SERVER, server_user())
    server.sql("drop role realtime")
    for statement in statements("docs/deploying.md", "As a superuser, once"):
        server.sql(statement.replace("'...'", "'first'"))
    for name, value in dict(ssl="on", ssl_cert_file=certificate, ssl_key_file=key).items():
        server.sql(f"alter system set {name} = '{value}'")
    server.stop()
    with open(f"{server.data}/pg_hba.conf") as hba:
        rules = hba.read()
    with open(f"{server.data}/pg_hba.conf", "w") as hba:
        hba.write("hostssl all realtime all scram-sha-256\nhost all realtime all reject\n" + rules)
    server.start()
    yield server
    server.stop("immediate")


@pytest.fixture(scope="module")
def redis(folder, authority):
    """A Redis with TLS, a client certificate needed."""
    certificate, key = authority.sign("redis.example", server_user())
    server = Redis(f"{folder}/secure.redis", tls_port=str(free_port()), tls_auth_clients="yes", tls_ca_cert_file=authority.file,
                   tls_cert_file=certificate, tls_key_file=key)
    yield server
    server.kill()


@pytest.fixture
def secure(postgres, redis, folder, authority):
    """A world whose service speaks TLS to both, and what is changed of that."""
    world = World(postgres, redis, folder)
    world.sql("create table t (id int primary key)")
    certificate, key = authority.sign("client.example")
    world.settings = {
        "PGSSLMODE": "verify-full", "PGSSLROOTCERT": authority.file, "HASH_PG_HOST": SERVER, "HASH_PG_PASSWORD": "first",
        "HASH_REDIS_PORT": redis.settings["tls-port"], "HASH_REDIS_ENCRYPTED_TRANSIT": "true", "HASH_REDIS_CA_FILE": authority.file,
        "HASH_REDIS_TLS_SERVER_NAME": "redis.example", "HASH_REDIS_CERT_FILE": certificate, "HASH_REDIS_KEY_FILE": key,
    }
    yield world
    world.close()


def trouble(service):
    return (service.status().get("trouble") or {}).get("error")


def test_verified_to_both(secure):
    secure.start(**secure.settings)
    secure.sql("insert into t values (1)")
    assert len(secure.same_as_oracle()) == 1
    encrypted = secure.postgres.sql(
        "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'realtime' and datname = %s", (secure.database,))
    assert len(encrypted) >= 2 and all(ssl for (ssl,) in encrypted)
    with open(f"{secure.redis.folder}/log") as log:
        assert "error" not in log.read().lower()


@pytest.mark.parametrize("mode, words", [
    ("verify-full", "certificate and name are verified"), ("verify-ca", "certificate is verified, its name is not"),
    ("require", "certificate is not verified"),
])
def test_check_says_what_tls_is_worth(secure, mode, words):
    changed = {} if mode != "require" else {"PGSSLROOTCERT": None}  # with it libpq takes require for verify-ca
    report = Report(secure, **secure.settings | {"PGSSLMODE": mode} | changed)
    tls = [one["what"] for one in report.of("ok") if one["check"] == "tls"]
    assert report.code == 0 and words in tls[0] and "certificate and name are verified" in tls[1], report.text


@pytest.mark.parametrize("changed, words", [
    ({"PGSSLROOTCERT": "stranger"}, "certificate verify failed"),
    ({"HASH_PG_HOST": "127.0.0.1"}, "does not match host name"),
    ({"PGSSLROOTCERT": "/nowhere.crt"}, "/nowhere.crt"),
])
def test_another_postgres_is_refused(secure, stranger, changed, words):
    changed = {name: stranger.file if value == "stranger" else value for name, value in changed.items()}
    service = secure.service(**secure.settings | changed).start()
    wait_until(lambda: service.log_tail(), lambda: trouble(service))
    assert words in service.status()["trouble"]["message"], service.status()["trouble"]
    assert secure.postgres.slot(secure.slot) is None


@pytest.mark.parametrize("changed, remedy", [
    ({"HASH_REDIS_CA_FILE": "stranger"}, "HASH_REDIS_CA_FILE"),
    ({"HASH_REDIS_CA_FILE": None}, "HASH_REDIS_CA_FILE"),  # the system's authorities do not know it either
    ({"HASH_REDIS_TLS_SERVER_NAME": "another.example"}, "HASH_REDIS_TLS_SERVER_NAME"),
    ({"HASH_REDIS_TLS_SERVER_NAME": None}, "HASH_REDIS_TLS_SERVER_NAME"),  # 127.0.0.1 is not in the certificate
    ({"HASH_REDIS_CERT_FILE": None, "HASH_REDIS_KEY_FILE": None}, "HASH_REDIS_CERT_FILE"),
])
def test_another_redis_is_refused(secure, stranger, changed, remedy):
    changed = {name: stranger.file if value == "stranger" else value for name, value in changed.items()}
    service = secure.service(**secure.settings | changed).start()
    # TLS 1.3 refuses a client after its handshake: the first tries may only see a cut connection.
    wait_until(lambda: service.log_tail(), lambda: trouble(service) == "redis_tls")
    assert remedy in service.status()["trouble"]["remedy"], service.status()["trouble"]
    assert service.get("/ready")[0] == 503 and secure.redis.client.keys("*") == []


def test_passwords_are_read_at_each_connect(secure, tmp_path):
    for name in ("pg", "redis"):
        (tmp_path / name).write_text("first\n")
    secure.redis.client.execute_command(*"ACL SETUSER rotated reset on >first ~* +@all".split())
    files = {"HASH_PG_PASSWORD": None, "HASH_PG_PASSWORD_FILE": str(tmp_path / "pg"),
             "HASH_REDIS_USERNAME": "rotated", "HASH_REDIS_PASSWORD_FILE": str(tmp_path / "redis")}
    service = secure.start(**secure.settings | files)
    secure.sql("insert into t values (1)")
    secure.same_as_oracle()
    # Both passwords change; connections that exist go on, and new ones need the new file.
    secure.postgres.sql("alter role realtime password 'second'")
    secure.redis.client.execute_command(*"ACL SETUSER rotated resetpass >second".split())
    for name in ("pg", "redis"):
        (tmp_path / name).write_text("second\n")
    try:
        secure.postgres.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'realtime'")
        for client in secure.redis.client.client_list():
            if client["user"] == "rotated":
                secure.redis.client.client_kill_filter(_id=client["id"])
        secure.sql("insert into t values (2)")
        assert len(secure.same_as_oracle()) == 1
        service.wait_ready()
        assert not [line for line in service.log() if "authentication" in str(line.get("error"))], service.log_tail()
    finally:
        secure.postgres.sql("alter role realtime password 'first'")


def acl_of_the_document():
    return block("docs/deploying.md", "The least rights", "redis").replace("\\\n", " ").replace("<password>", "pass").split()


@pytest.mark.parametrize("useful", [True, False])
def test_the_rights_of_the_document_suffice(secure, useful):
    statement = acl_of_the_document()
    if not useful:  # the last line, of which the document says that it may be left out
        statement = statement[:statement.index("+llen")]
    secure.redis.client.execute_command("ACL", "DELUSER", "realtime")
    secure.redis.client.execute_command(*statement)
    service = secure.start(**secure.settings, HASH_REDIS_USERNAME="realtime", HASH_REDIS_PASSWORD="pass")
    secure.sql("insert into t values (1)")
    wait_until("the change", lambda: secure.redis.client.llen("search") == 1)
    wait_until(lambda: service.get("/status")[1], lambda: (service.status()["queues"][0]["length"] is None) != useful)
    if useful:
        assert service.status()["queues"][0]["length"] == 1
    service.stop()  # a second start reads what the first has written
    service.start().wait_ready()
    secure.sql("insert into t values (2)")
    assert len(secure.same_as_oracle()) == 2
    assert service.is_ready() and not service.log("error"), service.log_tail()
    assert useful or not [line for line in service.log("warn") if line.get("queue")], service.log_tail()


def test_a_right_that_is_missing_is_named(secure):
    statement = acl_of_the_document()
    needed = statement[:statement.index("+llen")]
    for right in ("+lpush", "+get", "+exec"):
        secure.redis.client.execute_command("ACL", "DELUSER", "realtime")
        secure.redis.client.execute_command(*[word for word in needed if word != right])
        service = secure.service(**secure.settings, HASH_REDIS_USERNAME="realtime", HASH_REDIS_PASSWORD="pass").start()

        def said_after_a_change():
            secure.sql("insert into t select coalesce(max(id), 0) + 1 from t")
            return "redis_right_missing" in service.log_text()

        wait_until(service.log_tail, said_after_a_change, pause=0.2)
        said = next(line for line in service.log() if line.get("error") == "redis_right_missing")
        assert re.search(right[1:], said["message"], re.IGNORECASE), said
        assert secure.redis.client.llen("search") == 0
        service.kill()
