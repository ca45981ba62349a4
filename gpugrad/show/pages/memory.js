"use strict";
// The memory of a plan: which buffer lies in which bytes of the arena, during which steps.

class MemoryChart {
  static HEIGHT = 240;

  constructor(data, onStep) {
    Object.assign(this, { data, onStep });
    this.root = Dom.svg("svg", { class: "memory", role: "img", "aria-label": this.sentence() });
    this.text = Dom.el(
      "p",
      { class: "hint" },
      "Each bar is a result in the arena. Point at one to see what it is.",
    );
    this.box = Dom.el(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "Memory chart" },
      this.root,
    );
    this.element = Dom.section(
      "memory",
      "Memory",
      Dom.el("p", {}, this.sentence()),
      this.box,
      this.text,
      this.table(),
    );
  }

  // How many bytes are in use at each step.
  inUse() {
    return this.data.steps.map((_, i) => {
      const there = this.data.buffers.filter((b) => b.from <= i + 1 && i + 1 <= b.to);
      const ends = there.map((b) => [b.offset, b.offset + b.bytes]).sort((a, b) => a[0] - b[0]);
      let [n, last] = [0, 0];
      for (const [start, end] of ends) {
        n += Math.max(0, end - Math.max(start, last));
        last = Math.max(last, end);
      }
      return n;
    });
  }

  sentence() {
    const { buffers, arena, steps } = this.data;
    if (!buffers.length) return "No result lies in an arena.";
    const used = this.inUse();
    const most = Math.max(...used);
    const whole = buffers.reduce((n, b) => n + b.bytes, 0);
    return (
      `${buffers.length} results of ${Format.bytes(whole)} share an arena of ` +
      `${Format.bytes(arena)}; at most ${Format.bytes(most)} are in use at once, in step ` +
      `${used.indexOf(most) + 1} of ${steps.length}.`
    );
  }

  table() {
    const rows = this.data.buffers.map((b) =>
      Dom.el(
        "tr",
        {},
        Dom.el("th", { scope: "row" }, b.name),
        Dom.el("td", {}, b.type),
        Dom.el("td", { class: "number" }, Format.bytes(b.bytes)),
        Dom.el("td", { class: "number" }, b.offset),
        Dom.el("td", { class: "number" }, b.from || "before"),
        Dom.el("td", { class: "number" }, b.to),
        Dom.el("td", {}, b.inPlaceOf),
      ),
    );
    return Dom.el(
      "details",
      {},
      Dom.el("summary", {}, "All buffers as a table"),
      Dom.table(
        "Buffers in the arena",
        ["Result", "Type", "Size", "At byte", "From step", "To step", "In place of"],
        rows,
      ),
    );
  }

  draw() {
    const { buffers, arena, steps } = this.data;
    if (!buffers.length) return;
    const n = steps.length;
    const wide = Math.max(6, (this.box.clientWidth - 70) / (n + 1));
    const [left, high] = [62, MemoryChart.HEIGHT];
    const [width, height] = [left + wide * (n + 1) + 4, high + 34];
    const x = (step) => left + wide * step;
    const y = (byte) => 6 + (byte / arena) * high;
    this.root.setAttribute("viewBox", `0 0 ${width.toFixed(0)} ${height}`);
    this.root.setAttribute("width", width.toFixed(0));
    this.root.setAttribute("height", height);
    const label = (at, byte) =>
      Dom.svg(
        "text",
        { x: left - 6, y: at, class: "axis", "text-anchor": "end" },
        Format.bytes(byte),
      );
    const every = Math.ceil(n / Math.max(1, (wide * n) / 40));
    this.root.replaceChildren(
      Dom.svg("rect", { class: "ground", x: left, y: 6, width: wide * (n + 1), height: high }),
      (this.now = Dom.svg("rect", { class: "now", y: 6, width: wide, height: high })),
      ...buffers.map((b, i) =>
        this.bar(b, i, x(b.from), y(b.offset), wide * (b.to - b.from + 1), y(b.bytes) - 6),
      ),
      label(14, 0),
      label(high + 6, arena),
      ...steps.flatMap((_, i) =>
        i % every
          ? []
          : [
              Dom.svg(
                "text",
                { x: x(i + 1.5), y: high + 20, class: "axis", "text-anchor": "middle" },
                i + 1,
              ),
            ],
      ),
      Dom.svg("text", { x: left, y: high + 32, class: "axis" }, "step"),
    );
    this.step(this.at ?? 0);
  }

  bar(b, i, x, y, width, height) {
    const text =
      `${b.name}: ${b.type}, ${Format.bytes(b.bytes)} at byte ${b.offset}, ` +
      (b.from ? `made in step ${b.from}` : "there before the first step") +
      `, in use until step ${b.to}` +
      (b.inPlaceOf ? `, in place of ${b.inPlaceOf}` : "");
    const h = Math.max(height - 1, 1.5);
    return Dom.svg(
      "g",
      {
        class: `bar tone${i % 3}`,
        "data-buffer": i,
        onmouseenter: () => {
          this.text.textContent = text;
        },
        onclick: () => this.onStep(Math.max(b.from, 1) - 1),
      },
      Dom.svg("title", {}, text),
      Dom.svg("rect", {
        x: x.toFixed(1),
        y: y.toFixed(1),
        width: Math.max(width - 1, 2).toFixed(1),
        height: h.toFixed(1),
        rx: 3,
      }),
      h >= 13 && width > 8 * b.name.length + 6
        ? Dom.svg(
            "text",
            { x: (x + 5).toFixed(1), y: (y + h / 2 + 4).toFixed(1), class: "bar-text" },
            b.name,
          )
        : null,
    );
  }

  step(at) {
    this.at = at;
    this.now?.setAttribute("x", 62 + Number(this.now.getAttribute("width")) * (at + 1));
    this.root.querySelectorAll(".bar").forEach((bar, i) => {
      const b = this.data.buffers[i];
      bar.classList.toggle("live", b.from <= at + 1 && at + 1 <= b.to);
    });
  }
}
