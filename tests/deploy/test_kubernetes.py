"""deploy/kubernetes.yaml, as a file: the fields that keep a rollout from hurting."""
import re

import yaml

from sources import settings, text

DOCUMENTS = {document["kind"]: document for document in yaml.safe_load_all(text("deploy/kubernetes.yaml"))}
DEPLOYMENT = DOCUMENTS["Deployment"]["spec"]
POD = DEPLOYMENT["template"]["spec"]
CONTAINER = POD["containers"][0]
LABELS = {"app.kubernetes.io/name": "hash-realtime"}


def test_owner_and_standby():
    assert DEPLOYMENT["replicas"] == 2
    assert DOCUMENTS["PodDisruptionBudget"]["spec"]["minAvailable"] == 1
    assert POD["topologySpreadConstraints"][0]["topologyKey"] == "kubernetes.io/hostname"


def test_a_rollout_of_changed_settings_does_not_wait_for_itself():
    assert DEPLOYMENT["strategy"] == {"type": "Recreate"}, "new pods are not ready before the old owner has gone"


def test_everything_selects_the_same_pods():
    assert DEPLOYMENT["selector"]["matchLabels"] == LABELS
    assert DEPLOYMENT["template"]["metadata"]["labels"] == LABELS
    assert DOCUMENTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == LABELS
    assert DOCUMENTS["Service"]["spec"]["selector"] == LABELS
    assert DOCUMENTS["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == LABELS


def test_no_injected_variables_and_no_token():
    assert POD["enableServiceLinks"] is False
    assert POD["automountServiceAccountToken"] is False


def test_probes():
    port = CONTAINER["ports"][0]
    assert port == {"name": "http", "containerPort": 3333}
    for probe, path in (("livenessProbe", "/health-check"), ("readinessProbe", "/ready")):
        assert CONTAINER[probe]["httpGet"] == {"path": path, "port": "http"}
        assert CONTAINER[probe]["timeoutSeconds"] >= 3, "the default of 1 s restarts a busy node's pods"


def test_no_rights():
    user = int(re.search(r"^USER (\d+):(\d+)$", text("Dockerfile"), re.M).group(1))
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] == user
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_a_stop_is_given_its_time():
    assert POD["terminationGracePeriodSeconds"] >= 10  # the service needs 5


def test_settings_exist_and_passwords_come_from_the_secret():
    names = set(DOCUMENTS["ConfigMap"]["data"]) | {variable["name"] for variable in CONTAINER["env"]}
    assert {name for name in names if not name.startswith("PG")} <= settings()
    assert not [name for name in names if name.endswith("PASSWORD")]
    assert all(isinstance(value, str) for value in DOCUMENTS["ConfigMap"]["data"].values())
    secret = POD["volumes"][0]
    assert secret["secret"]["secretName"] == "hash-realtime"
    mount = CONTAINER["volumeMounts"][0]
    assert mount["name"] == secret["name"]
    for variable in CONTAINER["env"]:
        assert variable["name"].endswith("_PASSWORD_FILE") and variable["value"].startswith(mount["mountPath"] + "/")


def test_resources_fit_the_largest_row():
    limit = int(re.fullmatch(r"(\d+)Mi", CONTAINER["resources"]["limits"]["memory"]).group(1))
    row = int(re.fullmatch(r"(\d+)MiB", DOCUMENTS["ConfigMap"]["data"]["HASH_REALTIME_MAX_MESSAGE_BYTES"]).group(1))
    assert limit >= 3 * row + 64
    assert CONTAINER["resources"]["requests"].keys() == {"cpu", "memory"}


def test_http_stays_inside():
    assert DOCUMENTS["Service"]["spec"]["type"] == "ClusterIP"
    assert DOCUMENTS["NetworkPolicy"]["spec"]["policyTypes"] == ["Ingress"]
    assert "Ingress" not in DOCUMENTS
