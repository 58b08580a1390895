// Queues, positions, and the facts that change rarely.
function troubleBox(title, trouble, tone) {
  const box = make("div", `trouble ${tone || ""}`, make("h3", "", title), make("p", "", words(trouble.message)));
  if (words(trouble.remedy)) box.append(make("p", "remedy", make("b", "", "Fix: "), trouble.remedy));
  return box;
}
function sinceWords(trouble) {
  return words(trouble.since) ? `, since ${clock(trouble.since)}` : "";
}
/// Replaces the children of an element when what they are made of has changed.
function rebuild(element, from, build) {
  const key = JSON.stringify(from);
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  element.replaceChildren(...build());
}

function measure(title) {
  const value = make("span", ""), small = make("small", ""), bar = make("div", "bar", make("i"));
  return { element: make("dl", "", make("dt", "", title), make("dd", "", value, small)), value, small, bar };
}
const cards = [];
function queueCard() {
  const card = { name: make("h3", ""), kind: make("span", "kind"), state: make("span", "state"), box: make("div", ""),
                 length: measure("Waiting"), speed: measure("Rate"), delivery: measure("Delivery"), taken: measure("Delivered") };
  card.length.element.append(card.length.bar);
  card.element = make("article", "queue", make("div", "", card.name, make("p", "kind", card.state, card.kind)),
                      card.length.element, card.speed.element, card.delivery.element, card.taken.element);
  return card;
}
/// What a consumer still has to take; null where it is not known.
const waiting = (q) => (isNumber(q.waiting) ? q.waiting : q.kind === "stream" || !isNumber(q.length) ? null : q.length);
function showQueueCard(card, q) {
  const waits = waiting(q), long = isNumber(waits) && q.warn_length > 0 && waits > q.warn_length;
  put(card.name, words(q.name));
  put(card.kind, `, ${words(q.kind)}`);
  put(card.state, (words(q.state) || (q.stuck ? "stuck" : dash)) + (q.degraded ? ", lost changes" : ""));
  card.state.className = `state ${q.stuck || q.degraded ? "bad" : q.state === "streaming" ? "" : "dim"}`;
  put(card.length.value, isNumber(waits) ? count(waits) : "not known");
  put(card.length.small, [q.kind === "stream" && isNumber(q.length) ? `of ${count(q.length)} entries` : "",
                          q.cut_unread > 0 ? `${count(q.cut_unread)} were cut off unread` : "",
                          long ? `more than ${count(q.warn_length)}: is it read?` : ""].filter(Boolean).join("; "));
  card.length.small.className = long || q.cut_unread > 0 ? "state warn" : "";
  card.length.bar.hidden = !isNumber(waits);
  fill(card.length.bar, waits / q.warn_length, long ? "warn" : "");
  put(card.speed.value, `${rate(q.messages_per_second)}/s`);
  put(card.speed.small, `${bytes(q.bytes_per_second)}/s`);
  put(card.delivery.value, latency(q.delivery_p50_seconds));
  put(card.delivery.small, isNumber(q.delivery_p99_seconds) ? `99 of 100 within ${latency(q.delivery_p99_seconds)}` : "nothing lately");
  put(card.taken.value, count(q.messages));
  put(card.taken.small, `${bytes(q.bytes)}${q.retries ? `, ${count(q.retries)} retries` : ""}`);
  // While it is stuck the box stands at the top, once for all queues of one cause.
  rebuild(card.box, [q.trouble, q.stuck], () =>
    q.trouble && !q.stuck ? [troubleBox(`Last error: ${words(q.trouble.error)}${sinceWords(q.trouble)}`, q.trouble, "warn")] : []);
  if (card.box.childElementCount === 0) card.box.remove();
  else if (!card.box.parentNode) { card.box.style.gridColumn = "1 / -1"; card.element.append(card.box); }
}
function showQueues(queues) {
  if (cards.length !== queues.length) {
    cards.splice(0, cards.length, ...queues.map(queueCard));
    byId("queues").replaceChildren(...cards.map((card) => card.element));
    if (!queues.length) byId("queues").append(make("p", "note", "None yet: queues are opened by the owner."));
  }
  queues.forEach((q, i) => showQueueCard(cards[i], q));
}

/// Logarithmic: the end of the log at the right, a tebibyte behind it at the left.
const placeOf = (behind) => Math.max(0, 1 - Math.log2(1 + behind) / 40);
function ruler() {
  const marks = [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10], ["end", 0]].map(([name, behind]) => {
    const mark = make("span", "", name === "end" ? name : `1 ${name}`);
    mark.style.setProperty("--at", placeOf(behind));
    return mark;
  });
  const row = make("li", "ruler", make("span", "who"), make("span", ""), make("span", "axis", ...marks), make("span", "gap", "behind"));
  row.setAttribute("aria-hidden", "true");
  return row;
}
function showLadder({ lsn = {}, queues = [] }) {
  const rungs = [["end of WAL", lsn.server], ["received", lsn.received], ["sequenced", lsn.sequenced],
                 ...queues.map((q) => [`written to ${words(q.name)}`, q.written_lsn]),
                 ["durable in Redis", lsn.verified, true], ["confirmed", lsn.confirmed, true], ["slot keeps from", lsn.restart, true]];
  const end = Math.max(...rungs.map(([, text]) => lsnNumber(text) || 0));
  const ladder = byId("ladder");
  if (ladder.children.length !== rungs.length + 1) {
    ladder.replaceChildren(ruler(), ...rungs.map(() => make("li", "", make("span", "who"), make("code", ""), make("span", "axis", make("i")), make("span", "gap"))));
  }
  rungs.forEach(([who, text, minor], i) => {
    const row = ladder.children[i + 1], at = lsnNumber(text), behind = at === null ? null : end - at;
    row.className = minor ? "minor" : "";
    put(row.children[0], who);
    row.children[0].title = who;
    put(row.children[1], at === null ? dash : text);
    row.children[2].firstChild.hidden = at === null;
    row.children[2].firstChild.style.setProperty("--at", placeOf(behind || 0));
    put(row.children[3], at === null ? "" : behind === 0 ? "at the end" : `− ${bytes(behind)}`);
  });
}

function showFacts(id, rows) {
  rebuild(byId(id), rows, () => rows.map(([name, value, tone]) => make("div", "", make("dt", "", name), make("dd", tone || "", value))));
}
function showSlot(s) {
  const slot = s.slot || {}, status = words(slot.wal_status);
  showFacts("slot-facts", [
    ["Postgres", words(s.postgres) || dash], ["Redis", words(s.redis) || dash],
    ["Slot", `${words(slot.name) || dash}, ${words(slot.plugin) || dash}`],
    ["WAL status", status || dash, status === "lost" || status === "unreserved" ? "bad" : status === "extended" ? "warn" : ""],
    ["WAL kept for it", bytes(slot.retained_wal_bytes)],
    ["Until it may be lost", isNumber(slot.safe_wal_bytes) ? bytes(slot.safe_wal_bytes) : "no limit known",
     isNumber(slot.safe_wal_bytes) && slot.safe_wal_bytes < slot.retained_wal_bytes ? "warn" : ""],
  ]);
  const t = s.totals || {}, odd = (x) => (x > 0 ? "warn" : "");
  showFacts("totals", [
    ["Messages received", count(t.messages)], ["Changes in order", count(t.changes)],
    ["Received again", count(t.discarded)], ["Connections built anew", count(t.reconnects)],
    ["TRUNCATEs, not sent", count(t.truncates_ignored), odd(t.truncates_ignored)],
    ["Without replica identity", count(t.dropped_without_identity), odd(t.dropped_without_identity)],
    ["Too large, skipped", count(t.oversize_skipped), odd(t.oversize_skipped)],
    ["Text not UTF-8, replaced", count(t.text_replaced), odd(t.text_replaced)],
  ]);
  const peers = Array.isArray(s.peers) ? s.peers : [];
  rebuild(byId("peers"), [s.instance, s.role, peers], () => [[`${words(s.instance)} (this one)`, words(s.role)], ...peers.map((p) => [words(p.instance), words(p.state)])]
    .map(([who, what]) => make("li", "", make("span", "", who), make("span", `state ${what === "owner" ? "" : what === "differs" ? "bad" : "dim"}`, what === "differs" ? "set up differently" : what))));
}
