"""The comparison itself: every way in which a queue may be wrong is seen and counted."""
import json

import pytest

from support.oracle import difference, mended

EXPECTED = [b"a", b"b", b"c", b"d"]


def test_equal_is_no_difference():
    assert difference(EXPECTED, list(EXPECTED)) is None
    assert difference([b"a", b"a"], [b"a", b"a"]) is None


@pytest.mark.parametrize(
    "got, words",
    [
        ([b"a", b"b", b"d"], "lost 1, doubled 0, misordered 0"),
        ([b"a", b"b", b"c"], "lost 1, doubled 0, misordered 0"),
        ([], "lost 4, doubled 0, misordered 0"),
        ([b"a", b"b", b"b", b"c", b"d"], "lost 0, doubled 1, misordered 0"),
        ([b"a", b"b", b"a", b"b", b"c", b"d"], "lost 0, doubled 2, misordered 1"),
        ([b"a", b"c", b"b", b"d"], "lost 0, doubled 0, misordered 1"),
        ([b"a", b"b", b"c", b"d", b"e"], "foreign 1"),
        ([b"a", b"B", b"c", b"d"], "lost 1, doubled 0, misordered 0, foreign 1"),
    ],
)
def test_what_is_wrong_is_counted(got, words):
    assert words in difference(EXPECTED, got)


@pytest.mark.parametrize(
    "written, meant",
    [
        ('"My Type"', "My Type"),  # a JSON string by luck: left as it is
        ('"Odd Sch.ema"."Q t"', '"Odd Sch.ema"."Q t"'),
        ('"q""t"', '"q""t"'),
        ('"\\"My Type\\"[]"', '"My Type"[]'),
        ('"integer"', "integer"),
    ],
)
def test_type_names_are_mended_as_json(written, meant):
    assert json.loads(mended('{"type":' + written + ',"value":1}'))["type"] == meant
