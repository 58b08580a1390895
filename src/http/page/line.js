// The line: Postgres, the stages, the queues, Redis, as stations of a transit map. Built once; then only texts change.
const rowHeight = 92, railMiddle = 9.5;  // of .q-stop in the style

/// An address that may break after its colon and slash.
const broken = (address) => address.replace(/[:/]/g, "$&\u200b");

function station(title, withBar) {
  const parts = { value: make("span", "v"), more: make("span", ""), bar: make("div", "bar", make("i")) };
  parts.element = make("div", "stop", make("div", "rail", make("span", "station"), make("span", "track")),
                       make("h3", "", title),
                       make("p", "", parts.value, make("br"), parts.more), ...(withBar ? [parts.bar] : []));
  return parts;
}

const stations = {
  postgres: station("Postgres"), reader: station("Reader"), window: station("Window", true),
  decoders: station("Decoders", true), sequencer: station("Sequencer"),
};
const redis = make("div", "stop", make("div", "rail", make("span", "station")), make("h3", "", "Redis"), make("p", ""));
const branches = svg("svg", { "aria-hidden": "true" });
const joins = svg("svg", { "aria-hidden": "true" });
const queueStops = make("div", "q-stops");
byId("line").append(...Object.values(stations).map((s) => s.element), branches, queueStops, joins, redis);

/// How fast the flow is drawn: a step a second for a few messages, eight for many thousands.
function setFlow(element, perSecond) {
  element.classList.toggle("still", !(perSecond > 0.05));
  const speed = Math.min(3, Math.max(0.35, 0.35 + Math.log10(1 + (perSecond || 0)) * 0.5));
  const seconds = `${Math.round(20 / speed) / 10 / 2}s`;
  if (element.style.getPropertyValue("--s") !== seconds) element.style.setProperty("--s", seconds);
}

const bend = (from, to) => `M0 ${from}C26 ${from} 14 ${to} 44 ${to}`;
let drawnNames = null;
function buildQueueStops(queues) {
  const names = JSON.stringify(queues.map((q) => q.name));
  if (names === drawnNames) return;
  drawnNames = names;
  queueStops.replaceChildren(...queues.map(() => {
    const stop = make("div", "q-stop", make("div", "rail", make("span", "station"), make("span", "track")),
                      make("h3", ""), make("p", "", make("span", "v"), make("br"), make("span", "")));
    return stop;
  }));
  const height = Math.max(1, queues.length) * rowHeight;
  for (const [picture, y] of [[branches, (i) => bend(railMiddle, i * rowHeight + railMiddle)],
                              [joins, (i) => bend(i * rowHeight + railMiddle, railMiddle)]]) {
    picture.setAttribute("viewBox", `0 0 44 ${height}`);
    picture.setAttribute("height", height);
    picture.replaceChildren(...queues.map((_, i) => svg("g", {}, svg("path", { d: y(i) }), svg("path", { class: "flow", d: y(i) }))));
  }
}

function showStation({ value, more, bar, element }, text, below, share, tone) {
  put(value, text);
  put(more, below);
  if (share !== undefined) fill(bar, share, tone);
  return element;
}

/// The servers that are the cause of what is wrong now, not the queues that wait for them.
function stationsAway({ trouble, queues = [] }) {
  const errors = [trouble, ...queues.filter((q) => q.stuck).map((q) => q.trouble)].map((t) => words(t && t.error));
  return [...(errors.some((error) => error.startsWith("postgres_")) ? [stations.postgres.element] : []),
          ...(errors.some((error) => error.startsWith("redis_")) ? [redis] : [])];
}

function showLine(s) {
  const { rates = {}, in_flight: flight = {}, decoders = {}, queues = [], limited_by: limit = {} } = s;
  const streams = s.role === "owner";
  byId("line").classList.toggle("idle", !streams);
  const full = flight.limit_bytes > 0 ? flight.bytes / flight.limit_bytes : 0;
  const flows = rates.received_messages_per_second;
  showStation(stations.postgres, `${bytes(rates.server_wal_bytes_per_second)}/s of WAL`, broken(words(s.postgres)));
  showStation(stations.reader, `${rate(flows)} messages/s`, `${bytes(rates.received_bytes_per_second)}/s`);
  showStation(stations.window, `${bytes(flight.bytes)} in flight`, `of ${bytes(flight.limit_bytes)}, ${count(flight.frames)} ${flight.frames === 1 ? "frame" : "frames"}`,
              full, full > 0.9 ? "warn" : "");
  showStation(stations.decoders, `${percent(decoders.busy)} busy`, `${count(decoders.threads)} ${decoders.threads === 1 ? "thread" : "threads"}`,
              decoders.busy, decoders.busy > 0.9 ? "warn" : "");
  showStation(stations.sequencer, `${rate(rates.sequenced_messages_per_second)} changes/s`, `number ${count(s.totals && s.totals.number)}`);
  for (const name of ["postgres", "reader", "window", "decoders"]) setFlow(stations[name].element, streams ? flows : 0);
  setFlow(stations.sequencer.element, streams ? rates.sequenced_messages_per_second : 0);
  stations.decoders.element.classList.toggle("waits", limit.by === "decoders");
  put(redis.lastChild, broken(words(s.redis)));

  const away = stationsAway(s);
  for (const stop of [stations.postgres.element, redis]) stop.classList.toggle("stuck", away.includes(stop));

  buildQueueStops(queues);
  queues.forEach((q, i) => {
    const stop = queueStops.children[i], flow = streams ? q.messages_per_second : 0;
    const [, title, text] = stop.children;
    put(title, words(q.name));
    title.title = words(q.name);
    put(text.children[0], q.stuck ? "stuck" : `${rate(q.messages_per_second)} messages/s`);
    put(text.children[2], isNumber(waiting(q)) ? `${count(waiting(q))} waiting in it` : isNumber(q.length) ? `${count(q.length)} entries` : "length not known");
    const itsFault = q.stuck === true && !away.includes(redis);
    stop.classList.toggle("stuck", itsFault);
    stop.classList.toggle("waits", !itsFault && (q.stuck === true || (limit.by === "queue" && limit.queue === q.name)));
    for (const element of [stop, branches.children[i], joins.children[i]]) setFlow(element, flow);
  });
}

function showTime({ waiting: shares = {}, limited_by: limit = {}, rates = {}, role, trouble, queues = [] }) {
  const postgres = shares.postgres || 0, room = shares.window || 0, work = Math.max(0, 1 - postgres - room);
  [work, postgres, room].forEach((share, i) => byId("shares").children[i].style.setProperty("--share", share));
  ["the reader works", "waits for Postgres", "waits for a queue"].forEach((name, i) =>
    put(byId("shares-keys").children[i], `${name} ${percent([work, postgres, room][i])}`));
  const what = { postgres: "Postgres sets the pace: the stages wait for it.", decoders: "The decoders set the pace.",
                 queue: `Queue ${words(limit.queue)} sets the pace: everything waits for it.` }[limit.by];
  const stuck = queues.filter((q) => q.stuck);
  put("limit", stuck.length ? `${stuck.length === 1 ? `Queue ${words(stuck[0].name)} is` : "Queues are"} stuck: the stream goes on until the window is full.`
                            : what || (trouble ? "" : "Nothing is held up."));
  const notYetKnown = !stuck.length && postgres + room === 0 && !(rates.received_messages_per_second > 0);
  byId("limit").parentNode.hidden = role !== "owner" || notYetKnown;
}
