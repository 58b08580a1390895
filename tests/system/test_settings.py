"""Settings: what is wrong is refused by name before anything is connected; --help and --version."""
import re
import subprocess

import pytest

from support.processes import PATIENCE
from support.service import ROOT, binary


def run(*arguments, **settings):
    settings = {"PATH": "/usr/bin:/bin", "HASH_SEARCH_QUEUE_NAME": "search"} | settings
    settings = {name: value for name, value in settings.items() if value is not None}
    return subprocess.run([binary(), *arguments], env=settings, capture_output=True, text=True, timeout=PATIENCE)


@pytest.mark.parametrize(
    "name, value",
    [
        ("HASH_SEARCH_QUEUE_NAME", None),
        ("HASH_SEARCH_QUEUE_NAME", "search-processing"),
        ("HASH_SEARCH_QUEUE_NAME", "se{arch}"),
        ("HASH_INTEGRATION_QUEUE_NAME", "x-owner"),
        ("HASH_REALTIME_QUEUES", "set:x"),
        ("HASH_REALTIME_QUEUES", "search"),
        ("NODE_ENV", "staging"),
        ("HASH_PG_PORT", "abc"),
        ("HASH_PG_PORT", "70000"),
        ("HASH_REDIS_PORT", "0"),
        ("HASH_REALTIME_PORT", "-1"),
        ("HASH_PG_HOST", "postgres://me:hunter2secret@db/x"),
        ("HASH_REDIS_HOST", "redis://:hunter2secret@cache:6379"),
        ("HASH_REDIS_DATABASE", "-1"),
        ("HASH_REDIS_ENCRYPTED_TRANSIT", "maybe"),
        ("HASH_REALTIME_TABLES", "orders"),
        ("HASH_REALTIME_TABLES", "public.a,"),
        ("HASH_REALTIME_EXCLUDE_TABLES", "x y.z"),
        ("HASH_REALTIME_SLOT_NAME", "Bad-Name"),
        ("HASH_REALTIME_PLUGIN", "test_decoding"),
        ("HASH_REALTIME_DECODER_THREADS", "0"),
        ("HASH_REALTIME_DECODER_THREADS", "1.5"),
        ("HASH_REALTIME_MAX_IN_FLIGHT_BYTES", "16 potatoes"),
        ("HASH_REALTIME_MAX_IN_FLIGHT_BYTES", "99999999999GiB"),
        ("HASH_REALTIME_LEASE", "ten"),
        ("HASH_REALTIME_LEASE", "1ms"),
        ("HASH_REALTIME_REPLAY_WINDOW", "5m"),
        ("HASH_REALTIME_LOG_LEVEL", "loud"),
        ("HASH_REALTIME_BIND", "not an address"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name, value):
    ended = run(**{name: value})
    output = ended.stdout + ended.stderr
    assert ended.returncode == 2, output
    assert name in output
    assert "hunter2secret" not in output
    if value is not None and "://" not in value:
        assert value in output or value.strip(",") in output


def test_a_service_link_of_kubernetes_is_explained():
    ended = run(HASH_REALTIME_PORT="tcp://10.0.0.1:3333")
    assert ended.returncode == 2 and "enableServiceLinks: false" in ended.stdout + ended.stderr


def test_every_wrong_value_is_named_at_once():
    output = str(run(HASH_PG_PORT="x", HASH_REDIS_PORT="y"))
    assert "HASH_PG_PORT" in output and "HASH_REDIS_PORT" in output


def test_help_names_every_setting():
    ended = run("--help", HASH_SEARCH_QUEUE_NAME=None)
    assert ended.returncode == 0
    contract = """NODE_ENV HASH_PG_HOST HASH_PG_PORT HASH_PG_USER HASH_PG_PASSWORD HASH_PG_DATABASE HASH_REDIS_HOST HASH_REDIS_PORT
    HASH_REDIS_USERNAME HASH_REDIS_PASSWORD HASH_REDIS_DATABASE HASH_PG_PASSWORD_FILE HASH_REDIS_PASSWORD_FILE
    HASH_REDIS_ENCRYPTED_TRANSIT HASH_REDIS_CA_FILE HASH_SEARCH_QUEUE_NAME HASH_INTEGRATION_QUEUE_NAME HASH_REALTIME_QUEUES
    HASH_REALTIME_TABLES HASH_REALTIME_EXCLUDE_TABLES HASH_REALTIME_SLOT_NAME HASH_REALTIME_PLUGIN HASH_REALTIME_PORT
    HASH_REALTIME_BIND HASH_REALTIME_DECODER_THREADS HASH_REALTIME_MAX_IN_FLIGHT_BYTES HASH_REALTIME_MAX_MESSAGE_BYTES
    HASH_REALTIME_QUEUE_WARN_LENGTH HASH_REALTIME_LEASE HASH_REALTIME_REPLAY_WINDOW HASH_REALTIME_LOG_LEVEL"""
    for name in contract.split():
        assert name in ended.stdout
    for default in ("5432", "6379", "3333", "public.*", "16MiB", "10s", "5s"):
        assert default in ended.stdout


def test_the_document_of_settings_is_current():
    ended = run("--help-markdown", HASH_SEARCH_QUEUE_NAME=None)
    with open(f"{ROOT}/docs/configuration.md") as document:
        assert ended.stdout == document.read(), "write it anew: hash-realtime --help-markdown > docs/configuration.md"


@pytest.mark.parametrize("word", ["--version", "-V", "version"])
def test_version(word):
    ended = run(word, HASH_SEARCH_QUEUE_NAME=None)
    assert ended.returncode == 0 and re.fullmatch(r"hash-realtime \d+\.\d+\.\d+\S*\n", ended.stdout)


def test_every_way_to_ask_for_help():
    whole = run("--help", HASH_SEARCH_QUEUE_NAME=None).stdout
    for word in ("-h", "help"):
        ended = run(word, HASH_SEARCH_QUEUE_NAME=None)
        assert ended.returncode == 0 and ended.stdout == whole and not ended.stderr
    own = {"run": "HASH_PG_HOST", "check": "--quiet", "status": "--url", "accept-loss": "--yes"}
    for command, flag in own.items():
        helps = [run(*words, HASH_SEARCH_QUEUE_NAME=None) for words in
                 ((command, "--help"), (command, "-h"), ("help", command), (command, "--wrong", "--help"))]
        assert {ended.stdout for ended in helps} == {helps[0].stdout} and all(ended.returncode == 0 for ended in helps)
        assert helps[0].stdout.startswith(f"Usage: hash-realtime {command}") and flag in helps[0].stdout
        assert max(map(len, helps[0].stdout.splitlines())) <= 104
    assert run("help", "wrong").returncode == 2


@pytest.mark.parametrize("arguments", [["--wrong"], ["wrong"], ["run", "wrong"], ["check", "--wrong"], ["check", "--quiet", "--json"], ["accept-loss", "now"]])
def test_wrong_usage(arguments):
    ended = run(*arguments)
    assert ended.returncode == 2 and ended.stderr


def test_an_address_that_is_not_this_machines_is_a_wrong_setting(world):
    service = world.service(HASH_REALTIME_BIND="192.0.2.1").start()
    assert service.wait_exit() == 2
    assert "HASH_REALTIME_BIND=192.0.2.1 is not an address of this machine" in service.log_text()


def test_a_misspelt_name_is_warned_of_with_the_nearest(world):
    service = world.start(HASH_REALTIME_TABELS="public.x", HASH_REALTIME_SERVICE_HOST="10.0.0.1", HASH_REALTIME_PORT_3333_TCP="tcp://x")
    warnings = [str(line) for line in service.log("warn")]
    assert any("HASH_REALTIME_TABELS" in line and "HASH_REALTIME_TABLES" in line for line in warnings), service.log_tail()
    assert not any("SERVICE_HOST" in line or "3333_TCP" in line for line in warnings)


def test_aliases_of_newer_hash_versions(world):
    service = world.service(HASH_GRAPH_PG_HOST="127.0.0.1", HASH_GRAPH_PG_PORT=str(world.postgres.port),
                            HASH_GRAPH_PG_DATABASE=world.database, HASH_GRAPH_REALTIME_PG_USER="realtime")
    for name in ("HASH_PG_HOST", "HASH_PG_PORT", "HASH_PG_DATABASE", "HASH_PG_USER"):
        del service.settings[name]
    service.start().wait_ready()


def test_a_unix_socket(world):
    world.sql("create table t (id int)")
    world.start(HASH_PG_HOST=world.postgres.folder)
    world.sql("insert into t values (1)")
    assert len(world.same_as_oracle()) == 1
