// Moving plots. What was seen is kept in the page alone, and for five minutes.
const keptSeconds = 300;
const seen = [];  // {at, rate, lagBytes, lagSeconds}; a null is a gap in the curve

function remember(sample) {
  seen.push(sample);
  while (seen.length > 0 && seen[0].at < sample.at - keptSeconds * 1000) seen.shift();
}

/// The next round number, so that the scale rarely moves.
function ceiling(value, least, base) {
  let top = least;
  for (const step = base === 2 ? [2, 2, 2] : [2, 2.5, 2], i = { at: 0 }; top < value; ++i.at) top *= step[i.at % 3];
  return top;
}

class Plot {
  constructor({ title, read, show, least, base }) {
    Object.assign(this, { read, show, least, base });
    this.now = make("b", "");
    this.top = make("span", "top");
    this.fill = svg("path", { class: "fill" });
    this.stroke = svg("path", { class: "stroke" });
    this.cross = svg("line", { class: "cross", y1: 0, y2: 100, visibility: "hidden" });
    const rules = [0, 50, 100].map((y) => svg("line", { class: "grid", x1: 0, x2: 100, y1: y, y2: y }));
    this.picture = svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img" },
                       ...rules, this.fill, this.stroke, this.cross);
    this.area = make("div", "area", this.picture, this.top);
    this.title = title;
    this.element = make("figure", "plot", make("figcaption", "", title, this.now), this.area,
                        make("div", "ages", make("span", "", "5 min ago"), make("span", "", "now")));
    this.area.addEventListener("pointermove", (event) => this.point(event));
    this.area.addEventListener("pointerleave", () => { this.pointed = null; this.draw(); });
  }

  point(event) {
    const box = this.area.getBoundingClientRect();
    this.pointed = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    this.draw();
  }

  draw() {
    const last = seen[seen.length - 1];
    if (!last) return;
    const from = last.at - keptSeconds * 1000;
    const values = seen.map(this.read);
    const top = ceiling(Math.max(0, ...values.filter(isNumber)), this.least, this.base);
    const x = (at) => ((at - from) / (keptSeconds * 1000)) * 100;
    let line = "", area = "", begun = null, before = null;
    const close = () => { if (begun !== null) area += `L${before} 100L${begun} 100Z`; begun = null; };
    seen.forEach((sample, i) => {
      if (!isNumber(values[i])) return close();
      const px = x(sample.at).toFixed(2), point = `${px} ${(100 - (values[i] / top) * 100).toFixed(2)}`;
      line += (begun === null ? "M" : "L") + point;
      area += begun === null ? `M${px} 100L${point}` : `L${point}`;
      if (begun === null) begun = px;
      before = px;
    });
    close();
    this.stroke.setAttribute("d", line);
    this.fill.setAttribute("d", area);
    put(this.top, this.show(top));
    this.label(values, from, last, x);
  }

  label(values, from, last, x) {
    let index = seen.length - 1, prefix = "";
    if (isNumber(this.pointed)) {
      const at = from + this.pointed * keptSeconds * 1000;
      seen.forEach((sample, i) => { if (Math.abs(sample.at - at) < Math.abs(seen[index].at - at)) index = i; });
      prefix = `${clock(seen[index].at)}  `;
      for (const end of ["x1", "x2"]) this.cross.setAttribute(end, x(seen[index].at));
    }
    this.cross.setAttribute("visibility", isNumber(this.pointed) ? "visible" : "hidden");
    put(this.now, prefix + this.show(values[index]));
    this.picture.setAttribute("aria-label", `${this.title}, the last five minutes; now ${this.show(values[values.length - 1])}`);
  }
}

const plots = [
  new Plot({ title: "Delivered, messages a second", read: (s) => s.rate, show: rate, least: 10, base: 10 }),
  new Plot({ title: "Behind, bytes of the log", read: (s) => s.lagBytes, show: bytes, least: 1024, base: 2 }),
  new Plot({ title: "Behind, seconds", read: (s) => s.lagSeconds, show: duration, least: 1, base: 10 }),
];
byId("plots").append(...plots.map((plot) => plot.element));
