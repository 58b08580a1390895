// A store that applies changes idempotently. Here it is one Redis hash a table; put your index or database in its place.
import { parse, stringify } from "lossless-json"; // JSON.parse would round a bigint beyond 2^53 and a long numeric

export class Store {
  /** keys: table -> the columns of its key (default: id). The message of an INSERT does not say which they are. */
  constructor(redis, name, keys) {
    Object.assign(this, { redis, name, keys });
  }

  /** Applying the last message again changes nothing. `position` is stored in the same step, for a stream's reader. */
  async apply(message, position) {
    const change = parse(message);
    const table = `${change.schema}.${change.table}`;
    const values = (columns) => Object.fromEntries((columns ?? []).map(({ name, value }) => [name, value]));
    const row = values(change.columns);
    const old = change.identity?.length ? values(change.identity) : row;
    const before = this.#key(table, old);

    const step = this.redis.multi();
    if (change.action === "D") {
      step.hdel(this.#hash(table), before);
    } else {
      const after = this.#key(table, { ...old, ...row });
      // A large column that an UPDATE left as it was is absent: what the store has of it stays. The row may have moved
      // to its new key already, if this message comes again.
      const merged = { ...(await this.#row(table, after)), ...(await this.#row(table, before)), ...row };
      if (after !== before) step.hdel(this.#hash(table), before);
      step.hset(this.#hash(table), after, stringify(merged));
    }
    if (position) step.set(`${this.name}:position`, position);
    for (const [error] of await step.exec()) if (error) throw error;
  }

  async position() {
    return (await this.redis.get(`${this.name}:position`)) ?? "0-0";
  }

  #hash(table) {
    return `${this.name}:${table}`;
  }

  #key(table, row) {
    return stringify((this.keys[table] ?? ["id"]).map((column) => row[column]));
  }

  async #row(table, key) {
    return parse((await this.redis.hget(this.#hash(table), key)) ?? "{}");
  }
}
