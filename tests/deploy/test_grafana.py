"""The dashboard: it can be imported, and each of its queries asks for metrics that exist."""
import json
import re

from sources import text
from test_alerts import known_metrics

BOARD = json.loads(text("deploy/grafana/hash-realtime.json"))
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_threads", "process_open_fds"}


def queries():
    return [target["expr"] for panel in PANELS for target in panel["targets"]]


def test_each_query_asks_for_metrics_that_exist():
    asked = [re.findall(r"\b(?:hash_realtime|process)_\w+", query) for query in queries()]
    assert all(asked), "a query without a metric"
    assert set().union(*asked) <= known_metrics() | PROCESS
    assert PROCESS <= {name for name in re.findall(r'"(process_\w+)"', text("src/status/metric_table.cpp"))}


def test_it_asks_only_for_the_instances_that_were_chosen():
    for query in queries():
        assert 'job=~"$job", instance=~"$instance"' in query, query


def test_it_can_be_imported():
    assert BOARD["uid"] == "hash-realtime" and "id" not in BOARD
    numbers = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(numbers)) == len(numbers)
    assert {variable["name"] for variable in BOARD["templating"]["list"]} == {"datasource", "job", "instance"}
    for panel in PANELS:
        assert panel["datasource"]["uid"] == "${datasource}", "any Prometheus"
        assert panel["title"] and panel["fieldConfig"]["defaults"]["unit"]


def test_no_panel_covers_another():
    taken = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
