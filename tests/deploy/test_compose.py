"""deploy/compose.yaml, as a file: nothing is started."""
import os

import yaml

from sources import ROOT, settings, text

COMPOSE = yaml.safe_load(text("deploy/compose.yaml"))
SERVICES = COMPOSE["services"]
INSTANCES = [SERVICES["hash-realtime"], SERVICES["hash-realtime-standby"]]


def test_it_sets_only_settings_that_exist_and_the_required_one():
    for service in INSTANCES:
        assert set(service["environment"]) <= settings()
        assert service["environment"]["HASH_SEARCH_QUEUE_NAME"]


def test_compose_1_29_reads_it():
    assert "name" not in COMPOSE, "the docker-compose of Debian 12 refuses it"
    assert set(COMPOSE) <= {"version", "services", "volumes", "networks", "secrets", "configs"} | {key for key in COMPOSE if key.startswith("x-")}


def test_the_service_runs_read_only_without_rights():
    for service in INSTANCES:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "user" not in service, "the image's own number is the user"


def test_owner_and_standby_are_the_same_but_for_their_ports():
    owner, standby = ({k: v for k, v in s.items() if k not in ("build", "ports", "profiles", "networks")} for s in INSTANCES)
    assert owner == standby


def test_nothing_is_reachable_from_other_machines():
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name


def test_redis_keeps_what_it_is_given():
    command = SERVICES["redis"]["command"]
    assert "--appendonly yes" in command and "--maxmemory-policy noeviction" in command
    assert any(volume.endswith(":/data") for volume in SERVICES["redis"]["volumes"])


def test_postgres_is_built_with_wal2json_and_the_service_has_its_socket():
    assert "wal2json" in text("deploy/postgres/Dockerfile")
    sockets = [volume for volume in SERVICES["postgres"]["volumes"] if volume.endswith(":/var/run/postgresql")]
    for service in INSTANCES:
        assert service["environment"]["HASH_PG_HOST"] == "/var/run/postgresql"
        assert service["volumes"] == [sockets[0] + ":ro"]


def test_every_volume_and_file_it_names_exists():
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert os.path.isfile(os.path.join(ROOT, "deploy", source)), name
            else:
                assert source in COMPOSE["volumes"], name
        if "build" in service:
            assert os.path.isfile(os.path.join(ROOT, "deploy", service["build"], "Dockerfile")), name


def test_prometheus_has_our_rules():
    prometheus = yaml.safe_load(text("deploy/prometheus/prometheus.yml"))
    mounted = [os.path.basename(volume.split(":")[0]) for volume in SERVICES["prometheus"]["volumes"]]
    assert set(prometheus["rule_files"]) <= set(mounted)
    scraped = prometheus["scrape_configs"][0]["dns_sd_configs"][0]
    assert scraped["names"] == ["hash-realtime"] and scraped["port"] == 3333
