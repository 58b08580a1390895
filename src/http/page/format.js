// Numbers for people. Whatever is not known, or is no number, is a dash.
const dash = "—";
const isNumber = (x) => typeof x === "number" && Number.isFinite(x);
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const three = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const count = (x) => (isNumber(x) ? whole.format(x) : dash);
const rate = (x) => (!isNumber(x) ? dash : x >= 1000 ? whole.format(x) : three.format(x < 0.05 ? 0 : x));
const percent = (x) => (isNumber(x) ? `${Math.round(x * 100)} %` : dash);

function bytes(x) {
  if (!isNumber(x)) return dash;
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (Math.abs(x) >= 1000 && unit < units.length - 1) { x /= 1024; ++unit; }
  return `${unit === 0 ? Math.round(x) : three.format(x)} ${units[unit]}`;
}

/// A short time, as a latency: "0.42 ms".
function latency(s) {
  if (!isNumber(s)) return dash;
  return s < 0.001 ? `${Math.max(1, Math.round(s * 1e6))} µs` : s < 1 ? `${three.format(s * 1e3)} ms` : duration(s);
}

/// A longer time in its two largest units: "2 min 14 s".
function duration(s) {
  if (!isNumber(s)) return dash;
  if (s < 10) return `${three.format(Math.max(0, Math.round(s * 10) / 10))} s`;
  s = Math.round(s);
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const at = parts.findIndex(([size]) => s >= size);
  const [size, name] = parts[at];
  const rest = at < 3 ? Math.floor((s % size) / parts[at + 1][0]) : 0;
  return `${Math.floor(s / size)} ${name}${rest ? ` ${rest} ${parts[at + 1][1]}` : ""}`;
}

function clock(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? dash : date.toLocaleTimeString("en-GB");
}

/// An LSN text as a number; a difference of two near ones is exact enough for a distance.
function lsnNumber(text) {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/.exec(typeof text === "string" ? text : "");
  return match ? parseInt(match[1], 16) * 2 ** 32 + parseInt(match[2], 16) : null;
}

// The document. Text from outside goes in as text, never as markup.
const byId = (id) => document.getElementById(id);
const words = (x) => (typeof x === "string" ? x : "");
function put(target, text) {
  const element = typeof target === "string" ? byId(target) : target;
  if (element.textContent !== text) element.textContent = text;
}
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
function fill(bar, share, tone) {
  bar.style.setProperty("--fill", isNumber(share) ? Math.min(1, Math.max(0, share)) : 0);
  if (tone !== undefined) bar.className = `bar ${tone}`;
}
