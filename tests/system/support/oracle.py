"""What should be in a queue: the same changes, read by another slot of the same server."""
import collections
import json
import re

# What the service sets in its own session, so that both write the same text.
SESSION = {
    "bytea_output": "hex",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "lc_monetary": "C",
    "xmlbinary": "base64",
    "search_path": '"$user", public',
}
# wal2json writes a type name that begins and ends with a quote as it is: "type":"Odd"."t" is no JSON.
RAW_TYPE = re.compile(r'"type":("(?:[^"]|"")*"(?:\."(?:[^"]|"")*")?)(?=,"value":)')


class Oracle:
    """Made before the first change that counts; every take() gives what has been committed since the last one."""

    def __init__(self, postgres, database, slot, tables="public.*", excluded=None):
        self.postgres, self.database, self.slot = postgres, database, slot
        self.options = {"format-version": "2", "include-transaction": "0", "add-tables": tables}
        if excluded:
            self.options["filter-tables"] = excluded
        postgres.sql("select pg_create_logical_replication_slot(%s, 'wal2json')", (slot,), database)

    def peek(self):
        return self._read("peek")

    def take(self):
        return self._read("get")

    def _read(self, verb):
        settings = " ".join("-c " + f"{name}={value}".replace(" ", "\\ ") for name, value in SESSION.items())
        connection = self.postgres.connect(self.database, options=settings)
        try:
            with connection.cursor() as cursor:
                options = [text for option in self.options.items() for text in option]
                cursor.execute(
                    f"select data from pg_logical_slot_{verb}_changes(%s, null, null, variadic %s)", (self.slot, options)
                )
                texts = (row[0] for row in cursor)
                return [mended(text).encode() for text in texts if text.startswith(('{"action":"I', '{"action":"U', '{"action":"D'))]
        finally:
            connection.close()


def mended(text):
    """The message with such type names written as JSON strings."""

    def as_string(match):
        plain = '"' not in match[1][1:-1]  # "My Type" is a JSON string as it is
        return match[0] if plain else '"type":' + json.dumps(match[1], ensure_ascii=False)

    return RAW_TYPE.sub(as_string, text) if '"type":"' in text else text


def difference(expected, got):
    """None if `got` is `expected`; else the first difference and how much is lost, doubled and out of order."""
    if got == expected:
        return None
    want, have = collections.Counter(expected), collections.Counter(got)
    lost = sum((want - have).values())
    doubled = sum(max(0, count - want[text]) for text, count in have.items() if text in want)
    foreign = sum(count for text, count in have.items() if text not in want)
    place = {text: i for i, text in enumerate(expected)}
    order = [place[text] for text in got if text in place]
    misordered = sum(b < a for a, b in zip(order, order[1:]))
    first = next((i for i, pair in enumerate(zip(expected, got)) if pair[0] != pair[1]), min(len(expected), len(got)))
    shown = [(texts[first][:600] if first < len(texts) else "(nothing)") for texts in (expected, got)]
    return (
        f"{len(got)} of {len(expected)} changes: lost {lost}, doubled {doubled}, misordered {misordered}, "
        f"foreign {foreign}\nfirst difference at {first}:\n  expected {shown[0]}\n  got      {shown[1]}"
    )
