"""Writers that keep a database busy with every kind of change, through restarts of the server."""
import random
import threading
import time

import psycopg2

from .processes import PATIENCE, wait_until

TABLES = """
create table load_a (id bigint primary key, worker int, text text);
create table load_b (id bigint primary key, worker int, payload text);
alter table load_b replica identity full;
create table load_skip (id bigint);
"""


class Load:
    """`with Load(world):` writes until the block ends; `statements` counts what was committed for sure."""

    def __init__(self, world, workers=2, tables="public.", seed=1):
        self.world, self.tables, self.seed = world, tables, seed
        self.stopping, self.committed = threading.Event(), 0
        self.threads = [threading.Thread(target=self._run, args=(worker,), daemon=True) for worker in range(workers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        wait_until("the load flows", lambda: self.committed > 0)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(PATIENCE)

    def _run(self, worker):
        number = self.seed * 100 + worker  # also keeps the keys of several loads apart
        dice, connection, last = random.Random(number), None, number * 10**12
        while not self.stopping.is_set():
            try:
                if connection is None:
                    connection = self.world.connect()
                    connection.autocommit = False
                last = self._transaction(connection.cursor(), dice, worker, last)
                if dice.random() < 0.1:
                    connection.rollback()
                else:
                    connection.commit()
                    self.committed += 1
                self.stopping.wait(0.001)  # some thousands of changes a second; what is compared later costs as much
            except psycopg2.Error:  # the server restarts: try again
                connection = None
                time.sleep(0.05)

    def _transaction(self, cursor, dice, worker, last):
        for _ in range(dice.choice([1, 1, 1, 2, 5, 40])):
            last += 1
            kind = dice.random()
            if kind < 0.5:
                cursor.execute("insert into load_a values (%s, %s, %s)", (last, worker, "x" * dice.choice([3, 30, 300, 3000])))
            elif kind < 0.7:
                many = dice.choice([1, 3, 20])
                cursor.execute("insert into load_b select %s + i, %s, 'é\"\\' || i from generate_series(1, %s) i", (last, worker, many))
                last += many
            elif kind < 0.85:
                cursor.execute("update load_a set text = %s where id = %s", (f"u{last}", last - dice.randint(1, 9)))
            elif kind < 0.92:
                cursor.execute("delete from load_b where id = %s", (last - dice.randint(1, 9),))
            elif kind < 0.96:
                cursor.execute("insert into load_skip values (%s)", (last,))
            else:
                cursor.execute("savepoint s")
                cursor.execute("insert into load_a values (%s, %s, 'rolled back')", (last, worker))
                cursor.execute("rollback to savepoint s")
        return last
