"""Statements out of the documents, so that what a person pastes is what was tried."""
import re

from .service import ROOT


def block(document, heading, language):
    """The first code block of this language below the heading (or bold words) that contains `heading`."""
    with open(f"{ROOT}/{document}") as file:
        text = file.read()
    assert heading in text, f"{document} has no {heading!r}"
    found = re.search(rf"```{language}\n(.*?)```", text[text.index(heading):], re.DOTALL)
    assert found, f"{document}: no {language} block after {heading!r}"
    return found[1]


def statements(document, heading, **values):
    """The SQL statements of that block, without comments, with <name> replaced by the value given for it."""
    text = re.sub(r"--[^\n]*", "", block(document, heading, "sql"))
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    assert not re.search(r"<\w+>", text), text
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def operations(heading, **values):
    return statements("docs/operations.md", heading, **values)
