"""Text that is not UTF-8: an old SQL_ASCII database that was relabelled, a C function. Messages are always valid."""
import json


from support.documents import block
from support.processes import wait_until
from support.world import both_plugins

pytestmark = both_plugins


def write_raw(world, *statements):
    """As such text comes into a database: while it is called SQL_ASCII, which checks nothing."""
    relabel = "update pg_database set encoding = pg_char_to_encoding(%s) where datname = %s"
    world.postgres.sql(relabel, ("SQL_ASCII", world.database))
    connection = world.connect()
    world.postgres.sql(relabel, ("UTF8", world.database))
    for statement in statements:
        connection.cursor().execute(statement)
    connection.close()


def arrived(world, count):
    service = world.services[-1]
    wait_until(lambda: f"{count} messages\n{service.log_tail()}", lambda: all(world.length(queue) == count for queue in world.queues))
    held = world.held("search")
    assert held == world.held("integration")
    return [json.loads(message.decode()) for message in held]  # strict: every byte of it is UTF-8


def test_text_that_is_not_utf8_is_mended_counted_and_said_once_a_table(world):
    world.sql("create table t (id int primary key, v text, w text[]); create table clean (id int primary key, v text)")
    service = world.start()
    raw = b"\xf0\x90\x80|\xe2\x82\xac|\xed\xa0\x80|\xff"
    write_raw(
        world,
        "insert into t values (1, E'caf\\xe9', null)",
        "insert into clean values (1, E'caf\\xc3\\xa9')",
        f"insert into t values (2, E'{''.join(f'{chr(92)}x{byte:02x}' for byte in raw)}', array[E'\\xe9', 'b'])",
        "insert into t values (3, repeat('x', 300000) || E'\\xe9', null)",
        "update t set id = 4 where id = 1",
    )
    messages = arrived(world, 5)
    value = lambda message, place: message["columns"][place]["value"]
    assert value(messages[0], 1) == "caf\ufffd" and value(messages[1], 1) == "café"
    assert value(messages[2], 1) == raw.decode(errors="replace") and value(messages[2], 2) == "{\ufffd,b}"
    assert value(messages[3], 1) == "x" * 300000 + "\ufffd"
    assert messages[4]["identity"][0]["value"] == 1 and value(messages[4], 1) == "caf\ufffd"
    replaced = 1 + raw.decode(errors="replace").count("\ufffd") + 1 + 1 + 1
    assert service.status()["totals"]["text_replaced"] == replaced
    assert f"hash_realtime_text_replaced_total {replaced}" in service.get("/metrics")[1]
    said = [line for line in service.log("warn") if "U+FFFD" in line["message"]]
    assert [line["table"] for line in said] == ["public.t"] and "caf" not in service.log_text(), said


def test_the_query_of_the_documents_finds_and_mends_it(world):
    world.sql("create table t (id int primary key, v text)")
    world.start()
    write_raw(world, "insert into t values (1, E'caf\\xe9'), (2, E'caf\\xc3\\xa9'), (3, 'plain'), (4, null)")
    statements = block("docs/operations.md", "Text that is not UTF-8", "sql").replace("<table>", "t").replace("<column>", "v")
    world.sql(statements)
    assert world.sql("select id, v from t order by id") == [(1, "café"), (2, "café"), (3, "plain"), (4, None)]
    messages = arrived(world, 5)
    assert messages[4]["action"] == "U" and messages[4]["columns"][1]["value"] == "café"
