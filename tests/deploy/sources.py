"""What the sources say, for comparing files and documents with it: settings, metrics, kinds of error."""
import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def _literal(source):
    """The text of adjacent string literals."""
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', source)).replace('\\"', '"')


def settings():
    """Every variable of the option table, with its aliases."""
    return set(re.findall(r'\.(?:variable|alias) = "(\w+)"', text("src/config/options.cpp")))


def metrics():
    """[(name, type, help, labels)] in the order of the metric table."""
    rows = re.findall(r'^    \{"(\w+)", (counter|gauge|histogram),\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*(\w+)',
                      text("src/status/metric_table.cpp"), re.M)
    return [(name, kind, _literal(words), "queue" if made_by.startswith("QUEUE") else "") for name, kind, words, made_by in rows]


def errors():
    """{name: (action, remedy)} of every kind of error."""
    source = text("src/contracts/error_policy.cpp")
    rows = re.findall(r'^    \{(\w+), (\w+),\s*"(\w+)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}', source, re.M)
    assert all(kind == name for kind, _, name, _ in rows)
    return {name: (action, _literal(remedy)) for _, action, name, remedy in rows}
