"""The PostgreSQL and the Redis that scripts/with_servers has started (the TEST_* variables)."""
import os
import time

import psycopg2
import redis

QUEUES = ("search", "integration")


class Servers:
    def __init__(self):
        env = os.environ
        if "TEST_SERVERS" not in env:
            raise SystemExit("run this through scripts/bench, which brings servers")
        self.pg_port, self.redis_port = env["TEST_PG_PORT"], env["TEST_REDIS_PORT"]
        self.pg_bin, self.socket_folder = env["TEST_PG_BIN"], env["TEST_PG_SOCKET_DIR"]
        self.database, self.user = env["TEST_PG_DATABASE"], env["TEST_PG_SUPERUSER"]
        self.redis = redis.Redis(host=env["TEST_REDIS_HOST"], port=int(self.redis_port))
        self.connection = self.connect()

    def connect(self):
        connection = psycopg2.connect(host="127.0.0.1", port=self.pg_port, user=self.user, dbname=self.database)
        connection.autocommit = True
        return connection

    def sql(self, statement, *values):
        cursor = self.connection.cursor()
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []

    def value(self, statement, *values):
        rows = self.sql(statement, *values)
        return rows[0][0] if rows else None

    # --- slots
    def create_slot(self, name):
        self.sql("select pg_create_logical_replication_slot(%s, 'wal2json')", name)

    def copy_slot(self, source, name):
        self.sql("select pg_copy_logical_replication_slot(%s, %s)", source, name)

    def drop_slot(self, name):
        deadline = time.monotonic() + 10
        while self.walsender_pid(name) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.sql("select pg_drop_replication_slot(%s)", name)

    def walsender_pid(self, slot):
        return self.value("select active_pid from pg_replication_slots where slot_name = %s", slot)

    # --- queues
    def lengths(self, queues=QUEUES):
        pipe = self.redis.pipeline(transaction=False)
        for queue in queues:
            pipe.llen(queue)
        return pipe.execute()

    def take_all(self, queues):
        """Empties the queues, as a consumer does; how much each held."""
        pipe = self.redis.pipeline()
        for queue in queues:
            pipe.llen(queue)
            pipe.unlink(queue)
        return pipe.execute()[::2]

    def empty_redis(self):
        self.redis.flushall()

    def redis_cpu_seconds(self):
        info = self.redis.info("cpu")
        return info["used_cpu_user"] + info["used_cpu_sys"]

    # --- how a contender finds them
    def environment(self, unix=False):
        return {
            "PATH": os.environ["PATH"],
            "HASH_PG_HOST": self.socket_folder if unix else "127.0.0.1",
            "HASH_PG_PORT": self.pg_port,
            "HASH_PG_USER": self.user,
            "HASH_PG_DATABASE": self.database,
            "HASH_REDIS_HOST": "127.0.0.1",
            "HASH_REDIS_PORT": self.redis_port,
            "HASH_SEARCH_QUEUE_NAME": QUEUES[0],
            "HASH_INTEGRATION_QUEUE_NAME": QUEUES[1],
        }
