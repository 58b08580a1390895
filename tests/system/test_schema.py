"""docs/schema/message.schema.json says what a message is: whatever test compares messages holds them against it too
(support/schema.py). Here: it refuses what is none."""
import copy
import json

import pytest

from support.schema import violations

UPDATE = json.loads(
    '{"action":"U","schema":"public","table":"t","columns":[{"name":"id","type":"bigint","value":1}],'
    '"identity":[{"name":"id","type":"bigint","value":1}]}'
)
INSERT = {name: value for name, value in UPDATE.items() if name != "identity"} | {"action": "I"}
DELETE = {name: value for name, value in UPDATE.items() if name != "columns"} | {"action": "D"}


@pytest.mark.parametrize("message", [INSERT, UPDATE, DELETE], ids=lambda message: message["action"])
def test_messages(message):
    assert violations("message", message) == []
    for name in message:
        assert violations("message", {key: value for key, value in message.items() if key != name}), f"without {name}"
    assert violations("message", message | {"further": 1})
    assert violations("message", message | {"action": "X"})
    wrong = copy.deepcopy(message)
    wrong.get("columns", wrong.get("identity"))[0]["value"] = {"a": 1}
    assert violations("message", wrong)


def test_actions_do_not_lend_each_other_their_members():
    assert violations("message", INSERT | {"identity": UPDATE["identity"]})
    assert violations("message", DELETE | {"columns": UPDATE["columns"]})
