"""Which tables are monitored: HASH_REALTIME_TABLES and HASH_REALTIME_EXCLUDE_TABLES."""
import json

import pytest

from support.world import both_plugins

pytestmark = both_plugins
SETUP = """create schema s; create schema "My.S";
create table public.a (id int); create table public."Upper" (id int); create table public."b,c d" (id int);
create table s.a (id int); create table s.b (id int); create table "My.S"."dot.t" (id int)"""
TABLES = ["public.a", 'public."Upper"', 'public."b,c d"', "s.a", "s.b", '"My.S"."dot.t"']


@pytest.mark.parametrize(
    "tables, excluded, expected",
    [
        (None, None, ["public.a", "public.Upper", "public.b,c d"]),
        ("*.*", None, ["public.a", "public.Upper", "public.b,c d", "s.a", "s.b", "My.S.dot.t"]),
        ("s.*", None, ["s.a", "s.b"]),
        ("*.a", None, ["public.a", "s.a"]),
        ("public.Upper, s.b", None, ["public.Upper", "s.b"]),
        ("public.b\\,c\\ d,My\\.S.dot.t", None, ["public.b,c d", "My.S.dot.t"]),
        ("*.*", "public.*,s.a", ["s.b", "My.S.dot.t"]),
        ("s.*", "s.a", ["s.b"]),
    ],
)
def test_patterns(world, tables, excluded, expected):
    world.sql(SETUP)
    world.start(
        tables=tables or "public.*", excluded=excluded, HASH_REALTIME_TABLES=tables, HASH_REALTIME_EXCLUDE_TABLES=excluded
    )
    for table in TABLES:
        world.sql(f"insert into {table} values (1)")
    messages = [json.loads(message) for message in world.same_as_oracle()]
    assert [f"{message['schema']}.{message['table']}" for message in messages] == expected


def test_the_effective_list_is_logged(world):
    service = world.start(HASH_REALTIME_TABLES="public.orders,crm.*", HASH_REALTIME_EXCLUDE_TABLES="crm.log")
    assert "public.orders,crm.*" in service.log_text()
    assert "crm.log" in service.log_text()
