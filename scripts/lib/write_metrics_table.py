#!/usr/bin/env python3
"""Writes docs/metrics.md from src/status/metric_table.cpp."""
import os
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "deploy"))

from sources import metrics  # noqa: E402

HEAD = """# Metrics

`GET /metrics` answers in Prometheus' text format. Metrics "for each queue" have the label `queue`; durations are
seconds, sizes are bytes, an LSN is a byte position in PostgreSQL's log. `deploy/prometheus/alerts.yml` has the alert rules,
[operations.md](operations.md) what to do about them.

This table is made from `src/status/metric_table.cpp` by `scripts/lib/write_metrics_table.py`.

| name | type | meaning |
|---|---|---|
"""

with open(os.path.join(ROOT, "docs", "metrics.md"), "w", encoding="utf-8") as file:
    file.write(HEAD)
    for name, kind, words, labels in metrics():
        file.write(f"| `{name}` | {kind} | {words}{' For each queue.' if labels else ''} |\n")
