"""The documented JSON Schemas, held against what the service really writes."""
import functools
import json

import jsonschema

from .service import ROOT


@functools.lru_cache(maxsize=None)
def validator(name):
    with open(f"{ROOT}/docs/schema/{name}.schema.json") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def violations(name, document):
    return [f"{'/'.join(map(str, error.path))}: {error.message[:300]}" for error in validator(name).iter_errors(document)]


def check_messages(texts, most=40):
    """Some of them, of the first and of the last: a validator of this kind takes a millisecond for a wide row."""
    for text in [*texts[: most // 2], *texts[most // 2 :][-(most // 2) :]]:
        if len(text) < 100_000:
            found = violations("message", json.loads(text))
            assert not found, f"{text[:300]}\n{found}"
