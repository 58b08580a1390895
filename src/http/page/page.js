// Asks /status once a second and shows what it says; when nobody answers, says since when, and goes on asking.
const askEvery = 1000, askEveryHidden = 5000, patience = 2500;
let answeredAt = null, failedSince = null, startedAt = null, restarted = "", told = null;

/// What matters most, in one sentence, and the next thing in another.
function headline(s) {
  const stuck = (s.queues || []).filter((q) => q.stuck), lost = (s.degraded || []).filter((text) => text.startsWith("queue ")), p50 = worstDelivery(s.queues, "delivery_p50_seconds");
  const quiet = !(s.rates && s.rates.received_messages_per_second > 0.05);
  if (s.role === "stopping") return ["Stopping", "What is in flight is being delivered; the rest is replayed at the next start."];
  if (lost.length) return ["Changes were lost", "A person must look at it. The range stands below."];
  if (stuck.length) return [stuck.length === 1 ? `Queue ${words(stuck[0].name)} is stuck` : `${stuck.length} queues are stuck`,
                            "It is tried again and again; nothing is lost. Once the window is full every queue waits for it."];
  if (s.trouble) return [waitsFor(s) || capital(words(s.state)) || "Something is wrong", ""];
  if (s.role === "standby") return ["In warm standby", "Another instance streams. This one takes over when it stops."];
  if (s.catch_up) return ["Catching up", ""];
  if (s.role === "owner" && words(s.state) === "streaming") {
    if (quiet && s.lag && s.lag.seconds > 2) return ["Streaming", "Nothing new has come: Postgres is still reading its WAL."];
    return quiet ? ["Streaming, and all is quiet", "Everything the database has written is in the queues."]
                 : ["Streaming", p50 === null ? "" : `Half of all changes are in every queue within ${latency(p50)} of being sent.`];
  }
  return [capital(words(s.state)) || "Starting", ""];
}
/// What is awaited; the words themselves stand below.
function waitsFor(s) {
  if (!words(s.state).startsWith("waiting:")) return "";
  const error = words(s.trouble.error);
  if (/^(postgres|slot|row)_/.test(error)) return "Waiting for Postgres";
  return /^(redis|queue)_/.test(error) ? "Waiting for Redis" : "Waiting";
}
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
function worstDelivery(queues, field) {
  const known = (queues || []).map((q) => q[field]).filter(isNumber);
  return known.length ? Math.max(...known) : null;
}

function showTop(s) {
  const [title, below] = headline(s);
  put("headline", title);
  put("subline", below);
  put("role", words(s.role) || dash);
  put("of", s.role === "owner" || s.role === "standby" ? "of slot" : ", slot");
  put("slot", words(s.slot && s.slot.name) || dash);
  put("instance", words(s.instance) || dash);
  put("version", words(s.version) || dash);
  put("uptime", duration(s.uptime_seconds));
  const stuck = causes(s);
  rebuild(byId("troubles"), [s.trouble, s.degraded, stuck], () => [
    ...(s.trouble ? [troubleBox(`${words(s.trouble.error)}${sinceWords(s.trouble)}`, s.trouble)] : []),
    ...(s.degraded || []).map((text) => troubleBox("degraded", text.startsWith("queue ")
      ? { message: `Lost in ${text}`, remedy: "hash-realtime accept-loss, once you know what is lost" }
      : { message: text.split("; fix: ")[0], remedy: text.split("; fix: ")[1] })),
    ...stuck.map(({ names, trouble }) => troubleBox(`${names.join(", ")}: ${words(trouble.error)}${sinceWords(trouble)}`, trouble)),
  ]);
  const catchUp = s.catch_up;
  byId("catch-up").hidden = !catchUp;
  if (catchUp) {
    const bar = byId("catch-up-bar"), done = Math.floor((catchUp.done || 0) * 100);
    fill(bar, catchUp.done);
    bar.setAttribute("aria-valuenow", done);
    put("catch-up-text", `${done} % of ${bytes(catchUp.from_bytes)}, ${timeLeft(catchUp.seconds_left, s.rates)}`);
  }
  mood(s, title);
}

/// What the stuck queues wait for: each cause once, with the names of its queues.
function causes({ trouble, queues = [] }) {
  const found = new Map();
  for (const q of queues) {
    if (!q.stuck || !q.trouble || (trouble && trouble.error === q.trouble.error)) continue;
    const cause = found.get(q.trouble.error) || { names: [], trouble: q.trouble };
    cause.names.push(words(q.name));
    found.set(q.trouble.error, cause);
  }
  return [...found.values()];
}

function timeLeft(seconds, rates) {
  if (isNumber(seconds)) return `about ${duration(seconds)} left`;
  return rates && rates.taken_wal_bytes_per_second > 0 ? "the server writes faster than the queues take" : "nothing has come of it yet";
}

/// The tab's title and icon, and one sentence for screen readers whenever the state changes.
function mood(s, title) {
  const bad = s.trouble || (s.degraded || []).length || (s.queues || []).some((q) => q.stuck);
  document.title = `${title} · hash-realtime`;
  setIcon(bad ? "%23d1453b" : s.role === "owner" ? "%231c9c8c" : "%238a9096");
  if (told !== title) put("announcement", `${title}. ${s.trouble ? words(s.trouble.message) : ""}`);
  told = title;
}
function setIcon(colour) {
  const href = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='6' fill='${colour}'/></svg>`;
  if (byId("icon").getAttribute("href") !== href) byId("icon").setAttribute("href", href);
}

const delivered = (s) => Math.max(0, ...(s.queues || []).map((q) => q.messages_per_second || 0));
function showFigures(s) {
  const p99 = worstDelivery(s.queues, "delivery_p99_seconds"), flight = s.in_flight || {}, lag = s.lag || {};
  put("f-rate", rate(delivered(s)));
  put("f-p50", latency(worstDelivery(s.queues, "delivery_p50_seconds")));
  put("f-p99", p99 === null ? "nothing delivered lately" : `half of them; 99 of 100 in ${latency(p99)}`);
  put("f-lag", bytes(lag.bytes));
  put("f-lag-seconds", isNumber(lag.seconds) ? `of WAL, ${duration(lag.seconds)}` : "of WAL");
  put("f-flight", bytes(flight.bytes));
}

function show(s) {
  showTop(s);
  showFigures(s);
  showLine(s);
  showTime(s);
  showQueues(s.queues || []);
  showLadder(s);
  showSlot(s);
  const streams = s.role === "owner", lag = s.lag || {};
  remember({ at: Date.now(), rate: streams ? delivered(s) : null, lagBytes: lag.bytes, lagSeconds: lag.seconds });
  plots.forEach((plot) => plot.draw());
}

function pulse() {
  const away = failedSince !== null;
  byId("pulse").className = `pulse ${away ? "away" : answeredAt ? "live" : ""}`;
  byId("main").classList.toggle("away", away && answeredAt !== null);
  put("pulse-text", away ? `no answer since ${clock(answeredAt || failedSince)}` : answeredAt ? (restarted ? `live, restarted ${restarted}` : "live") : "connecting");
}

async function ask() {
  const abort = new AbortController(), timer = setTimeout(() => abort.abort(), patience);
  try {
    const response = await fetch("/status", { cache: "no-store", signal: abort.signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const status = await response.json();
    if (status === null || typeof status !== "object") throw new Error("no object");
    answeredAt = Date.now();
    failedSince = null;
    if (startedAt !== null && startedAt !== status.started_at) restarted = clock(status.started_at);
    startedAt = status.started_at;
    show(status);
  } catch {
    if (failedSince === null) {
      failedSince = Date.now();
      put("announcement", "The service does not answer.");
      setIcon("%23d1453b");
      document.title = "No answer · hash-realtime";
      told = null;
    }
    put("headline", answeredAt === null ? "The service does not answer" : `No answer since ${clock(answeredAt)}`);
    put("subline", answeredAt === null ? "" : "What stands below was so at that time.");
    remember({ at: Date.now(), rate: null, lagBytes: null, lagSeconds: null });
    plots.forEach((plot) => plot.draw());
  } finally {
    clearTimeout(timer);
    pulse();
    setTimeout(ask, document.hidden ? askEveryHidden : askEvery);
  }
}
ask();
