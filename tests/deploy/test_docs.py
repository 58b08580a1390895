"""The documents name what there is: every kind of error, every metric, only settings that exist."""
import os
import re

import pytest

from sources import ROOT, errors, metrics, settings, text

DOCUMENTS = ["docs/deploying.md", "docs/migrating.md", "docs/operations.md"]
# Settings of the original service, which the migration guide names.
ORIGINAL = {"ENABLE_REALTIME_SYNC", "HASH_COLLAB_QUEUE_NAME", "HASH_REALTIME_ENTITY_STREAM_NAME"}
WORDS = {"retry": "waits", "stop": "exit 1", "yield": "standby"}


def test_every_kind_of_error_has_its_row_with_what_is_done():
    rows = re.findall(r"^\| `(\w+)` \| ([\w ]+) \| .+ \| .+ \|$", text("docs/operations.md"), re.M)
    rows = [row for row in rows if row != ("error", "then")]
    documented = dict(rows)
    assert len(documented) == len(rows)
    told = {name: WORDS[action] for name, (action, remedy) in errors().items() if remedy}
    assert documented.keys() == told.keys()
    for name, action in told.items():
        assert documented[name] == ("exit 2" if name == "wrong_setting" else action), name


def test_statements_of_the_error_table_are_those_of_the_guide():
    guide = text("docs/operations.md")
    for name, (_, remedy) in errors().items():
        for statement in re.findall(r"ALTER SYSTEM SET \w+|SELECT \w+\(|GRANT \w+|hash-realtime accept-loss", remedy):
            row = next(line for line in guide.splitlines() if line.startswith(f"| `{name}` |"))
            assert statement in row, f"{name}: {statement}"


def test_every_metric_is_in_the_table():
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \|$", text("docs/metrics.md"), re.M)
    assert rows == [(name, kind, words + (" For each queue." if labels else "")) for name, kind, words, labels in metrics()]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_settings_exist(document):
    named = set(re.findall(r"\b(?:HASH_\w+|ENABLE_\w+)\b", text(document)))
    assert named <= settings() | ORIGINAL, named - settings()


@pytest.mark.parametrize("document", DOCUMENTS + ["docs/metrics.md"])
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text(document)):
        assert os.path.exists(os.path.join(ROOT, os.path.dirname(document), target)), target
