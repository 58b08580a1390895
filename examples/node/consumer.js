// A consumer of a queue of hash-realtime. Kill it whenever you like: nothing is lost, and what comes again changes nothing.
//
//     node consumer.js list QUEUE STORE             one consumer at a time
//     node consumer.js stream QUEUE STORE GROUP     one consumer at a time in a group; any number of groups
//
// REDIS_URL names the server. KEYS has the keys of tables whose key is not `id`: "public.orders=tenant,number public.a=b".
// CONSUMER is its name in the group, CLAIM_AFTER_MS when another's entries count as given up, TRIM=1 shortens the stream.
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { Store } from "./store.js";

const consumer = process.env.CONSUMER ?? "consumer-1";
const claimAfter = Number(process.env.CLAIM_AFTER_MS ?? 60_000); // longer than the work on one batch may take
const trim = process.env.TRIM === "1"; // only where this is the only group

/** The oldest message is at the right. It stays in the processing list until it has been applied. */
async function consumeList(redis, queue, store) {
  const processing = `${queue}-processing`;
  for (let message; (message = await redis.lindex(processing, -1)) !== null; await redis.rpop(processing))
    await store.apply(message); // what the consumer before us had in hand when it died
  for (;;) {
    const message = await redis.blmove(queue, processing, "RIGHT", "LEFT", 5);
    if (message === null) continue;
    await store.apply(message);
    await redis.rpop(processing);
  }
}

async function consumeStream(redis, queue, store, group) {
  await join(redis, queue, group);
  await claim(redis, queue, group);
  let after = "0"; // first what is ours and was not acknowledged, in order; then (">") what nobody has read
  for (;;) {
    const answer = await redis.xreadgroup("GROUP", group, consumer, "COUNT", 100, "BLOCK", 5000, "STREAMS", queue, after);
    const entries = answer?.[0][1] ?? [];
    for (const [id, fields] of entries) {
      // Ids count changes, and the store keeps the last one in the same step as the row: each is applied once.
      if (fields && isAfter(id, await store.position())) await store.apply(fields[fields.indexOf("payload") + 1], id);
    }
    if (entries.length) {
      await redis.xack(queue, group, ...entries.map(([id]) => id));
      if (trim) await redis.xtrim(queue, "MINID", entries.at(-1)[0]);
    }
    if (after !== ">") after = entries.at(-1)?.[0] ?? ">";
  }
}

/** The service makes the stream with its first entry. Without MKSTREAM: a key made by somebody else is not its own. */
async function join(redis, queue, group) {
  for (;;) {
    try {
      return await redis.xgroup("CREATE", queue, group, "0");
    } catch (error) {
      if (error.message.includes("BUSYGROUP")) return;
      await sleep(200);
    }
  }
}

/** Takes over what other consumers of the group left: all of it, before anything newer, or the order would be lost. */
async function claim(redis, queue, group) {
  const others = async () =>
    (await redis.xinfo("CONSUMERS", queue, group))
      .map((facts) => Object.fromEntries(facts.flatMap((fact, i) => (i % 2 ? [] : [[fact, facts[i + 1]]]))))
      .some(({ name, pending }) => name !== consumer && pending > 0);
  while (await others()) {
    await redis.xautoclaim(queue, group, consumer, claimAfter, "0", "COUNT", 1000, "JUSTID");
    await sleep(200);
  }
}

function isAfter(id, other) {
  const [a, b] = [id, other].map((text) => text.split("-").map(BigInt));
  return a[0] === b[0] ? a[1] > b[1] : a[0] > b[0];
}

const [kind, queue, name, group] = process.argv.slice(2);
// Without the ready check: it asks INFO, which a consumer has no other use for.
const redis = new Redis(process.env.REDIS_URL ?? "redis://localhost:6379", { enableReadyCheck: false });
const entries = (process.env.KEYS ?? "").split(" ").filter(Boolean);
const keys = Object.fromEntries(entries.map((entry) => entry.split("=")).map(([table, columns]) => [table, columns.split(",")]));
const store = new Store(redis, name, keys);
await (kind === "list" ? consumeList(redis, queue, store) : consumeStream(redis, queue, store, group));
