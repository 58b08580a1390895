"""The alert rules: of metrics that exist, each with a test and a paragraph for the one who is woken by it."""
import re

import yaml

from sources import metrics, text

RULES = [rule for group in yaml.safe_load(text("deploy/prometheus/alerts.yml"))["groups"] for rule in group["rules"]]
TESTS = yaml.safe_load(text("deploy/prometheus/alerts_test.yml"))["tests"]
NAMES = [rule["alert"] for rule in RULES]


def metrics_in(expression):
    return set(re.findall(r"\bhash_realtime_\w+", expression))


def known_metrics():
    names = set()
    for name, kind, _, _ in metrics():
        names |= {name + end for end in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    return names


def test_rules_and_their_tests_use_metrics_that_exist():
    for rule in RULES:
        assert metrics_in(rule["expr"]) and metrics_in(rule["expr"]) <= known_metrics(), rule["alert"]
    for case in TESTS:
        for series in case["input_series"]:
            assert metrics_in(series["series"]) <= known_metrics(), series


def test_every_alert_is_seen_to_fire():
    fired = {case["alertname"] for test in TESTS for case in test.get("alert_rule_test", []) if case["exp_alerts"]}
    assert fired == set(NAMES)


def test_the_silent_case_has_the_metrics_of_every_rule():
    silent = next(test for test in TESTS if "promql_expr_test" in test)
    there = set().union(*(metrics_in(series["series"]) for series in silent["input_series"]))
    for rule in RULES:
        assert metrics_in(rule["expr"]) <= there, rule["alert"]


def test_every_rule_says_how_bad_it_is_and_what_it_means():
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert {"summary", "description"} <= set(rule["annotations"]), rule["alert"]
    assert len(set(NAMES)) == len(NAMES)


def test_every_alert_has_its_paragraph_in_the_operations_guide():
    paragraphs = re.findall(r"^### (HashRealtime\w+)$", text("docs/operations.md"), re.M)
    assert paragraphs == NAMES
