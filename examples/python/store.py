"""A store that applies changes idempotently. Here it is one Redis hash a table; put your index or database in its place."""
import json
from decimal import Decimal


class Store:
    def __init__(self, redis, name, keys):
        """keys: table -> the columns of its key (default: id). The message of an INSERT does not say which they are."""
        self.redis, self.name, self.keys = redis, name, keys

    def apply(self, message, position=None):
        """Applying the last message again changes nothing. `position` is stored in the same step, for a stream's reader."""
        change = json.loads(message, parse_float=Decimal)  # Python's int holds a bigint; a float would round a numeric
        table = f"{change['schema']}.{change['table']}"
        new = {column["name"]: column["value"] for column in change.get("columns", [])}
        old = {column["name"]: column["value"] for column in change.get("identity", [])} or new
        before = self._key(table, old)

        step = self.redis.pipeline(transaction=True)
        if change["action"] == "D":
            step.hdel(self._hash(table), before)
        else:
            after = self._key(table, {**old, **new})
            # A large column that an UPDATE left as it was is absent: what the store has of it stays. The row may have
            # moved to its new key already, if this message comes again.
            row = {**self._row(table, after), **self._row(table, before), **new}
            if after != before:
                step.hdel(self._hash(table), before)
            step.hset(self._hash(table), after, json.dumps(row, default=str))
        if position is not None:
            step.set(f"{self.name}:position", position)
        step.execute()

    def position(self):
        return (self.redis.get(f"{self.name}:position") or b"0-0").decode()

    def _hash(self, table):
        return f"{self.name}:{table}"

    def _key(self, table, row):
        return json.dumps([row[column] for column in self.keys.get(table, ["id"])], default=str)

    def _row(self, table, key):
        return json.loads(self.redis.hget(self._hash(table), key) or "{}")
