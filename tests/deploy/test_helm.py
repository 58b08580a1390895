"""The Helm chart: with its own values it gives what deploy/kubernetes.yaml gives. HELM_RENDER is the program that renders it
(scripts/checks/76-helm builds it)."""
import json
import os
import subprocess

import pytest
import yaml

from sources import ROOT, settings, text

CHART = f"{ROOT}/deploy/helm/hash-realtime"
RENDER = os.environ.get("HELM_RENDER")
needs_renderer = pytest.mark.skipif(not RENDER, reason="rendered by scripts/checks/76-helm")
PLAIN = {document["kind"]: document for document in yaml.safe_load_all(text("deploy/kubernetes.yaml"))}
VALUES = yaml.safe_load(text("deploy/helm/hash-realtime/values.yaml"))


def rendered(release="hash-realtime", **values):
    run = subprocess.run([RENDER, CHART, release, "default", json.dumps(values)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return [document for document in yaml.safe_load_all(run.stdout) if document]


def without_labels(document):
    """The document without what Helm adds to labels and annotations."""
    if isinstance(document, dict):
        extra = ("app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart",
                 "checksum/settings")
        return {name: without_labels(value) for name, value in document.items() if name not in extra}
    return [without_labels(value) for value in document] if isinstance(document, list) else document


def test_versions_agree():
    chart = yaml.safe_load(text("deploy/helm/hash-realtime/Chart.yaml"))
    version = text("CMakeLists.txt").split("VERSION ")[2].split()[0]
    assert chart["version"] == chart["appVersion"] == version


def test_its_settings_exist():
    assert {name for name in VALUES["settings"] if not name.startswith("PG")} <= settings()


@needs_renderer
def test_the_chart_gives_what_the_plain_manifest_gives():
    documents = {document["kind"]: without_labels(document) for document in rendered()}
    assert documents.keys() == PLAIN.keys()
    for kind, document in documents.items():
        assert document == PLAIN[kind], kind


@needs_renderer
def test_two_releases_do_not_select_each_others_pods():
    first, second = ({d["kind"]: d for d in rendered(release)} for release in ("a", "b"))
    assert first["Deployment"]["metadata"]["name"] == "a"
    assert first["Service"]["spec"]["selector"] != second["Service"]["spec"]["selector"]
    selector = first["Deployment"]["spec"]["selector"]["matchLabels"].items()
    assert selector <= first["Deployment"]["spec"]["template"]["metadata"]["labels"].items()


@needs_renderer
def test_changed_settings_start_new_pods():
    def annotations(**values):
        deployment = next(d for d in rendered(**values) if d["kind"] == "Deployment")
        return deployment["spec"]["template"]["metadata"]["annotations"]

    assert annotations() == annotations() != annotations(settings={"HASH_PG_HOST": "other"})


@needs_renderer
def test_what_may_be_added():
    added = rendered(podMonitor={"enabled": True}, prometheusRule={"enabled": True}, dashboard={"enabled": True})
    monitor, rule = (next(d for d in added if d["kind"] == kind) for kind in ("PodMonitor", "PrometheusRule"))
    dashboard = next(d for d in added if d["metadata"]["name"].endswith("-dashboard"))
    assert rule["spec"] == yaml.safe_load(text("deploy/prometheus/alerts.yml"))
    assert monitor["spec"]["podMetricsEndpoints"][0]["path"] == "/metrics"
    assert json.loads(dashboard["data"]["hash-realtime.json"])["uid"] == "hash-realtime"
    assert not [d for d in rendered(networkPolicy={"enabled": False}) if d["kind"] == "NetworkPolicy"]
    assert not [d for d in rendered(replicas=1) if d["kind"] == "PodDisruptionBudget"], "it would keep the one from ever moving"


@needs_renderer
def test_a_password_among_the_settings_is_refused():
    for name in ("HASH_PG_PASSWORD", "PGPASSWORD"):
        run = subprocess.run([RENDER, CHART, "a", "b", json.dumps({"settings": {name: "secret"}})], capture_output=True, text=True)
        assert run.returncode != 0 and name in run.stderr and "secret" not in run.stderr
