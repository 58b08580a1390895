"""The consumers of examples/ against the running service, killed again and again: their stores end as the tables stand.
EXAMPLES names the languages to try (scripts/checks/75-examples: all of them)."""
import json
import os
import random
import shutil
import subprocess
import time

import pytest

from support.documents import block
from support.processes import spawn, wait_until
from support.service import ROOT

FAR = 9007199254740993  # 2^53 + 1: a double cannot hold it
LANGUAGES = os.environ.get("EXAMPLES", "python").split(",")
TABLES = """
create table items (id bigint primary key, state text, price numeric(30,4), body text);
alter table items alter column body set storage external;
create table seats ("row" int, seat text, taken bool, primary key ("row", seat))
"""


def command(language, folder):
    """What runs the example; built in a folder of its own."""
    source = f"{ROOT}/examples/{language}"
    if language == "python":
        return ["/usr/bin/python3", f"{source}/consumer.py"]
    built = f"{folder}/example-{language}"
    if not os.path.exists(built):
        shutil.copytree(source, built)
        if language == "node":
            run = ["npm", "install", "--silent", "--no-audit", "--no-fund"]
        else:
            run = ["go", "build", "-o", "consumer", "."]
        packaged = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": f"{folder}/go-cache"}
        subprocess.run(run, cwd=built, env=os.environ | packaged, check=True)
    return [f"{built}/consumer"] if language == "go" else ["node", f"{built}/consumer.js"]


def allow(world, kind):
    """A user as docs/consumers.md says, who may write its store besides; its name."""
    rules = block("docs/consumers.md", "## Rights", "").splitlines()[kind == "stream"].split()
    world.redis.client.execute_command(*rules)
    world.redis.client.execute_command("ACL", "SETUSER", rules[2], "~store:*", *"+multi +exec +hget +hset +hdel +get +set".split())
    return rules[2]


class Example:
    """An example as a process: killed and started again until it has caught up. Its user has the documented rights, and
    those for its store."""

    def __init__(self, world, language, arguments, **settings):
        self.command = command(language, world.folder) + arguments
        self.user = allow(world, arguments[0])
        redis = f"redis://{self.user}:secret@127.0.0.1:{world.redis.port}"
        keys = "public.seats=row,seat"
        self.settings = os.environ | {"REDIS_URL": redis, "KEYS": keys, "CLAIM_AFTER_MS": "300"} | settings
        self.log = open(f"{world.folder}/{world.database}.{'-'.join(arguments)}.log", "ab")
        self.process = None

    def start(self, **settings):
        self.process = spawn(self.command, env=self.settings | settings, stdout=self.log, stderr=self.log)

    def kill(self):
        assert self.process.poll() is None, open(self.log.name).read()
        self.process.kill()
        self.process.wait()


def change_rows(world, dice, transactions):
    """Inserts, updates that leave a large column as it is, keys that change, deletes."""
    cursor = world.connect().cursor()
    for _ in range(transactions):
        near = dice.randint(1, 40)
        key, far = dice.choice([(near, near + FAR), (near + FAR, near)])
        cursor.execute(
            dice.choice(
                [
                    f"insert into items values ({key}, 'new', {dice.random():.4f}, repeat(md5(random()::text), 300)) "
                    "on conflict (id) do update set body = excluded.body",
                    f"update items set state = 's{dice.random()}' where id = {key}",
                    f"update items set id = {far} where id = {key} and not exists (select from items where id = {far})",
                    f"delete from items where id = {key}",
                    f"insert into seats values ({key % 5}, 'a{key}', true) on conflict do nothing",
                    f"update seats set seat = 'b{dice.random()}' where seat = 'a{key}'",
                ]
            )
        )


def stored(world, store, table):
    """The store's rows, each number as it is written."""
    rows = world.redis.client.hgetall(f"{store}:{table}").values()
    return sorted(sorted((name, str(value)) for name, value in json.loads(row, parse_float=str).items()) for row in rows)


def in_table(world, table):
    """The table's rows, each column as text."""
    rows = world.sql(f"select json_each_text(row_to_json(t))::text, t.ctid::text from {table} t")
    found = {}
    for pair, place in rows:
        name, value = pair[1:-1].split(",", 1)
        found.setdefault(place, []).append((name, value.strip('"').replace("true", "True")))
    return sorted(map(sorted, found.values()))


def expect_the_tables(world, store, example):
    def same():
        return all(stored(world, store, f"public.{table}") == in_table(world, table) for table in ("items", "seats"))

    wait_until(lambda: f"{store} as the tables stand\n{open(example.log.name).read()}", same)
    assert in_table(world, "items") and in_table(world, "seats")


def waiting(world, kind):
    """What nobody has read yet."""
    if kind == "list":
        return world.redis.client.llen("search")
    groups = world.redis.client.xinfo_groups("audit") if world.redis.client.exists("audit") else []
    return groups[0]["lag"] if groups else world.redis.client.xlen("audit")


def taken(world, kind):
    """What has been read and may not have been applied."""
    client = world.redis.client
    return client.llen("search-processing") if kind == "list" else client.xpending("audit", "group")["pending"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["list", "stream"])
def test_an_example_that_is_killed_again_and_again_loses_nothing(world, language, kind):
    world.script(TABLES)
    world.start(HASH_REALTIME_QUEUES="stream:audit")
    arguments = ["list", "search", "store"] if kind == "list" else ["stream", "audit", "store", "group"]
    example, dice = Example(world, language, arguments, TRIM="1"), random.Random(7)
    in_hand = 0
    for number in range(8):
        change_rows(world, dice, 80)
        # In a group another consumer takes over what the dead one left.
        example.start(CONSUMER=f"consumer-{number % 3}")
        unread = waiting(world, kind)
        wait_until("it has begun", lambda: waiting(world, kind) < unread)
        time.sleep(dice.random() / 50)
        example.kill()
        in_hand += taken(world, kind) > 0
    assert in_hand, "killed with something in hand"
    example.start(CONSUMER="consumer-0")
    expect_the_tables(world, "store", example)
    example.kill()
    assert waiting(world, kind) == taken(world, kind) == 0
    world.redis.client.acl_deluser(example.user)
    if kind == "stream":
        assert world.redis.client.xlen("audit") < 100, "trimmed"
