"""A consumer of a queue of hash-realtime. Kill it whenever you like: nothing is lost, and what comes again changes nothing.

    consumer.py list QUEUE STORE             one consumer at a time
    consumer.py stream QUEUE STORE GROUP     one consumer at a time in a group; any number of groups

REDIS_URL names the server. KEYS has the keys of tables whose key is not `id`: "public.orders=tenant,number public.a=b".
CONSUMER is its name in the group, CLAIM_AFTER_MS when another's entries count as given up, TRIM=1 shortens the stream.
"""
import os
import sys
import time

import redis
from store import Store

CONSUMER = os.environ.get("CONSUMER", "consumer-1")
CLAIM_AFTER_MS = int(os.environ.get("CLAIM_AFTER_MS", "60000"))  # longer than the work on one batch may take
TRIM = os.environ.get("TRIM") == "1"  # only where this is the only group


def consume_list(client, queue, store):
    """The oldest message is at the right. It stays in the processing list until it has been applied."""
    processing = f"{queue}-processing"
    while message := client.lindex(processing, -1):  # what the consumer before us had in hand when it died
        store.apply(message)
        client.rpop(processing)
    while True:
        message = client.blmove(queue, processing, 5, "RIGHT", "LEFT")
        if message:
            store.apply(message)
            client.rpop(processing)


def consume_stream(client, queue, store, group):
    join(client, queue, group)
    claim(client, queue, group)
    after = "0"  # first what is ours and was not acknowledged, in order; then (">") what nobody has read
    while True:
        answer = client.xreadgroup(group, CONSUMER, {queue: after}, count=100, block=5000)
        entries = answer[0][1] if answer else []
        for identity, fields in entries:
            # Ids count changes, and the store keeps the last one in the same step as the row: each is applied once.
            if fields and order(identity) > order(store.position()):
                store.apply(fields[b"payload"], identity)
        if entries:
            client.xack(queue, group, *[identity for identity, _ in entries])
            if TRIM:
                client.xtrim(queue, minid=entries[-1][0])
        if after != ">":
            after = entries[-1][0] if entries else ">"


def join(client, queue, group):
    """The service makes the stream with its first entry. Without MKSTREAM: a key made by somebody else is not its own."""
    while True:
        try:
            return client.xgroup_create(queue, group, id="0")
        except redis.ResponseError as error:
            if "BUSYGROUP" in str(error):
                return None
            time.sleep(0.2)


def claim(client, queue, group):
    """Takes over what other consumers of the group left: all of it, before anything newer, or the order would be lost."""
    while any(other["name"] != CONSUMER.encode() and other["pending"] for other in client.xinfo_consumers(queue, group)):
        client.xautoclaim(queue, group, CONSUMER, CLAIM_AFTER_MS, "0", count=1000, justid=True)
        time.sleep(0.2)


def order(identity):
    text = identity.decode() if isinstance(identity, bytes) else identity
    return tuple(int(part) for part in text.split("-"))


def main():
    kind, queue, name, *group = sys.argv[1:]
    client = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://localhost:6379"))
    keys = dict(entry.split("=") for entry in os.environ.get("KEYS", "").split())
    store = Store(client, name, {table: columns.split(",") for table, columns in keys.items()})
    if kind == "list":
        consume_list(client, queue, store)
    else:
        consume_stream(client, queue, store, group[0])


if __name__ == "__main__":
    main()
