"""README.md is held to the program: its commands and settings exist, its links lead somewhere, its tables say the defaults."""
import os
import re

import pytest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def read(path):
    with open(f"{ROOT}/{path}") as file:
        return file.read()


README = read("README.md")
DOCUMENTS = ["README.md", "ARCHITECTURE.md", *(f"docs/{name}" for name in sorted(os.listdir(f"{ROOT}/docs")) if name.endswith(".md"))]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    for target, anchor in re.findall(r"\]\(([^)#:]*)(#[^)]*)?\)", read(document)):
        path = os.path.normpath(os.path.join(os.path.dirname(document), target)) if target else document
        assert os.path.exists(f"{ROOT}/{path}"), f"{document}: {target}"
        if anchor:
            headings = [re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
                        for line in read(path).splitlines() if line.startswith("#")]
            assert anchor[1:] in headings, f"{document}: {target}{anchor}"


def test_scripts_exist():
    for name in set(re.findall(r"`?((?:scripts|\.ci)/\w+)", README)):
        assert os.access(f"{ROOT}/{name}", os.X_OK), name


def test_settings_and_their_defaults_are_those_of_the_program():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| ", read("docs/configuration.md"), re.MULTILINE))
    table = README[README.index("## Settings"):README.index("## Watch it")]
    said = re.findall(r"^\| (`HASH_[^|]*) \| ([^|]*) \|", table, re.MULTILINE)
    assert len(said) > 10
    for names, defaults in said:
        names, values = re.findall(r"`(\w+)`", names), re.findall(r"`[^`]*`|–|required|cores − 1", defaults)
        names = [name if name.startswith("HASH") else re.match(r"HASH_(PG|REDIS)", names[0])[0] + name for name in names]
        assert len(names) == len(values), (names, values)
        for name, value in zip(names, values):
            assert name in rows, name
            if value.startswith("`"):
                assert rows[name].replace("\\", "") == value, name
    for name in re.findall(r"HASH_\w+[A-Z]", README):
        assert name in rows, name


def test_commands_are_those_of_the_program():
    commands = set(re.findall(r'^    \{"([a-z-]+)", "', read("src/cli/command_table.cpp"), re.MULTILINE)) - {"run"}
    assert commands == set(re.findall(r"^\| `hash-realtime ([a-z-]+)` \|", README, re.MULTILINE))
