"use strict";
// The drawing: boxes for vertices, frames for groups, and links. A folded group is one box.

class Drawing {
  // `describe(i)` gives of vertex `i` its lines, its op, and what a screen reader says of it;
  // `label(link)` is what stands beside a link. `onSelect(i)` is called with a vertex, `onKey` with other keys.
  constructor({ vertices, groups, groupOf, describe, label, onSelect, onKey, title }) {
    Object.assign(this, { vertices, groups, groupOf, describe, label, onSelect, onKey });
    this.open = new Set();
    this.selected = null;
    this.marked = new Set();
    this.shown = () => true;
    this.zoom = null; // as it fits, until somebody chooses
    this.links = vertices.flatMap((v, to) =>
      v.operands.flatMap((operand, position) =>
        operand.vertex === undefined ? [] : [{ from: operand.vertex, to, position }],
      ),
    );
    this.root = Dom.svg("svg", { class: "drawing", role: "group", "aria-label": title });
    this.box = Dom.el("div", { class: "scroll drawing-box" }, this.root);
    this.pen = document.createElement("canvas").getContext("2d");
    this.openSome();
  }

  static MOST = 24; // boxes at first, and half of it where it is narrow
  static LEAST = 0.6; // how small the drawing becomes by itself

  openSome() {
    const children = new Map([[null, []]]);
    this.groups.forEach((g, i) => {
      children.set(i, []);
      children.get(g.parent).push(i);
    });
    const inside = (i) => this.groupOf.filter((g) => g === i).length;
    let n = inside(null) + children.get(null).length;
    const waiting = [...children.get(null)];
    while (waiting.length) {
      const i = waiting.shift();
      const more = inside(i) + children.get(i).length - 1;
      if (n + more > (window.innerWidth < 640 ? Drawing.MOST / 2 : Drawing.MOST)) continue;
      n += more;
      this.open.add(i);
      waiting.push(...children.get(i));
    }
  }

  foldAll(open) {
    this.open = new Set(open ? this.groups.keys() : []);
    this.draw();
  }

  // The outermost folded group around a vertex, or the vertex itself.
  boxOf(i) {
    let found = `v${i}`;
    for (let g = this.groupOf[i]; g !== null; g = this.groups[g].parent) {
      if (!this.open.has(g)) found = `g${g}`;
    }
    return found;
  }

  reveal(i) {
    let folded = false;
    for (let g = this.groupOf[i]; g !== null; g = this.groups[g].parent) {
      folded ||= !this.open.has(g);
      this.open.add(g);
    }
    if (folded) this.draw();
  }

  width(text, size) {
    this.pen.font = `${size}px ${getComputedStyle(this.box).fontFamily || "sans-serif"}`;
    return this.pen.measureText(text).width;
  }

  sizes() {
    const found = new Map();
    this.vertices.forEach((_, i) => {
      if (this.boxOf(i) !== `v${i}`) return;
      const { lines, op: label } = this.describe(i);
      const pill = {
        w: Math.max(52, ...lines.map((line, k) => this.width(line, k ? 12 : 14))) + 28,
        h: 14 + 17 * lines.length,
      };
      const op = label ? { w: Math.max(30, this.width(label, 13) + 16), h: 28 } : { w: 0, h: 0 };
      found.set(`v${i}`, { pill, op, gap: label ? 9 : 0 });
    });
    this.groups.forEach((g, i) => {
      if (this.open.has(i) || this.hidden(i)) return;
      const w = Math.max(this.width(g.name, 14) + 48, 96);
      found.set(`g${i}`, { pill: { w, h: 48 }, op: { w: 0, h: 0 }, gap: 0 });
    });
    return found;
  }

  hidden(group) {
    for (let g = this.groups[group].parent; g !== null; g = this.groups[g].parent) {
      if (!this.open.has(g)) return true;
    }
    return false;
  }

  tree(sizes) {
    const make = (parent) => ({
      id: parent === null ? "top" : `g${parent}`,
      width: parent === null ? 0 : this.width(this.groups[parent].name, 14) + 60,
      children: [
        ...this.groupOf.flatMap((g, i) => (g === parent && sizes.has(`v${i}`) ? [`v${i}`] : [])),
        ...this.groups.flatMap((g, i) => {
          if (g.parent !== parent) return [];
          return this.open.has(i) ? [make(i)] : [`g${i}`];
        }),
      ],
    });
    return make(null);
  }

  // Links between what is shown; each stands for those of the graph that it holds.
  visible() {
    const found = new Map();
    for (const link of this.links) {
      const [from, to] = [this.boxOf(link.from), this.boxOf(link.to)];
      if (from === to) continue;
      const whole = to === `v${link.to}` ? `${link.to} ${link.position}` : to;
      const key = `${from} ${whole}`;
      if (!found.has(key)) found.set(key, { from, to, holds: [] });
      found.get(key).holds.push(link);
    }
    return [...found.values()];
  }

  // The drawing in the direction in which more of it can be seen.
  place(sizes, links) {
    const tree = this.tree(sizes);
    const [wide, narrow] = [this.box.clientWidth || 800, this.box.clientWidth < 640];
    const tried = [false, true].map((vertical) => {
      const boxes = new Map(
        [...sizes].map(([id, { pill, op, gap }]) => [
          id,
          vertical
            ? { along: pill.h + gap + op.h, across: Math.max(pill.w, op.w) }
            : { along: pill.w + gap + op.w, across: Math.max(pill.h, op.h) },
        ]),
      );
      const placed = Layout.place(tree, boxes, links, vertical);
      return { vertical, placed, scale: Math.min(1, wide / placed.width) };
    });
    const [flat, upright] = tried;
    const better = upright.scale > flat.scale;
    return (narrow ? upright.scale >= Drawing.LEAST || better : flat.scale < 0.75 && better)
      ? upright
      : flat;
  }

  draw() {
    const hadFocus =
      this.root.contains(document.activeElement) && document.activeElement.dataset.id;
    const sizes = this.sizes();
    const links = this.visible().map((link) => {
      const [one] = link.holds;
      const many = this.vertices[one.to].operands.length;
      const isVertex = link.to.startsWith("v");
      const text = isVertex ? this.label(one) : "";
      const apart = Math.min(10, 22 / Math.max(1, many - 1));
      return {
        ...link,
        text,
        label: text ? this.width(text, 12) : 0,
        offset: isVertex ? (one.position - (many - 1) / 2) * apart : 0,
      };
    });
    const { vertical, placed, scale } = this.place(sizes, links);
    this.scale = this.zoom ?? Math.max(scale, Drawing.LEAST);
    this.placed = placed;
    this.drawn = links;
    const { width, height } = placed;
    this.root.setAttribute("viewBox", `0 0 ${width.toFixed(1)} ${height.toFixed(1)}`);
    this.resize();
    this.root.replaceChildren(
      Drawing.arrows(),
      ...[...placed.frames].map(([id, frame]) => this.frame(Number(id.slice(1)), frame)),
      Dom.svg(
        "g",
        { class: "links" },
        ...links.map((link, k) => this.link(link, placed.routes[k], vertical)),
      ),
      ...[...placed.boxes].map(([id, box]) =>
        id.startsWith("v")
          ? this.vertex(Number(id.slice(1)), box, sizes.get(id), vertical)
          : this.folded(Number(id.slice(1)), box),
      ),
      Dom.svg(
        "g",
        { class: "labels" },
        ...links.map((link, k) => this.linkLabel(link, placed.routes[k], vertical)),
      ),
    );
    this.mark(this.marked);
    this.refresh();
    if (hadFocus) this.root.querySelector(`[data-id="${hadFocus}"]`)?.focus();
  }

  resize() {
    this.root.setAttribute("width", Math.floor(this.placed.width * this.scale));
    this.root.setAttribute("height", Math.floor(this.placed.height * this.scale));
  }

  // Larger or smaller by a factor; without one, as it fits.
  enlarge(factor) {
    this.zoom = factor
      ? Math.min(Math.max(this.scale * factor, 0.1), 4)
      : this.box.clientWidth / this.placed.width;
    this.scale = this.zoom;
    this.resize();
  }

  static arrows() {
    return Dom.svg(
      "defs",
      {},
      ...["arrow", "arrow-marked"].map((id) =>
        Dom.svg(
          "marker",
          {
            id,
            viewBox: "0 0 10 10",
            refX: 9,
            refY: 5,
            markerWidth: 10,
            markerHeight: 10,
            orient: "auto",
            markerUnits: "userSpaceOnUse",
          },
          Dom.svg("path", { d: "M0 1L9 5L0 9z", class: id }),
        ),
      ),
    );
  }

  text(x, y, content, attributes = {}) {
    return Dom.svg("text", { x: x.toFixed(1), y: y.toFixed(1), ...attributes }, content);
  }

  button(id, name, act, attributes, ...children) {
    return Dom.svg(
      "g",
      {
        tabindex: -1,
        role: "button",
        "data-id": id,
        "aria-label": name,
        ...attributes,
        onclick: act,
        onfocus:
          attributes["data-vertex"] === undefined
            ? null
            : () => this.select(Number(attributes["data-vertex"]), true),
        onkeydown: (event) => {
          if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            act();
          } else if (!event.ctrlKey && !event.metaKey && !event.altKey) {
            this.onKey(event);
          }
        },
      },
      ...children,
    );
  }

  vertex(i, { x, y, w, h }, { pill, op, gap }, vertical) {
    const v = this.vertices[i];
    const { lines, sentence, op: label } = this.describe(i);
    const [px, py] = vertical ? [x, y + h / 2 - pill.h / 2] : [x + w / 2 - pill.w / 2, y];
    const [ox, oy] = vertical ? [x, y - h / 2 + op.h / 2] : [x - w / 2 + op.w / 2, y];
    const parts = [];
    if (label) {
      const d = vertical
        ? `M${x} ${oy + op.h / 2}V${py - pill.h / 2}`
        : `M${ox + op.w / 2} ${y}H${px - pill.w / 2}`;
      parts.push(
        Dom.svg("path", { class: "joint", d }),
        Dom.svg("rect", {
          class: "op",
          x: ox - op.w / 2,
          y: oy - op.h / 2,
          width: op.w,
          height: op.h,
          rx: 6,
        }),
        this.text(ox, oy + 4.5, label, { class: "op-text" }),
      );
    }
    parts.push(
      Dom.svg("rect", {
        class: "pill",
        x: px - pill.w / 2,
        y: py - pill.h / 2,
        width: pill.w,
        height: pill.h,
        rx: Math.min(pill.h / 2, 24),
      }),
    );
    const first = py - (17 * (lines.length - 1)) / 2 + 5;
    lines.forEach((line, k) =>
      parts.push(this.text(px, first + 17 * k, line, { class: k ? "gradient" : "value" })),
    );
    return this.button(
      `v${i}`,
      sentence,
      () => this.select(i),
      {
        class: `vertex ${v.kind}`,
        "data-vertex": i,
        onmouseenter: () => this.mark(this.around(i)),
        onmouseleave: () => this.mark(new Set()),
      },
      ...parts,
    );
  }

  around(i) {
    return new Set(
      this.links.filter((l) => l.from === i || l.to === i).map((l) => `${l.to} ${l.position}`),
    );
  }

  folded(g, { x, y, w, h }) {
    const inside = this.groupOf.filter((_, i) => this.boxOf(i) === `g${g}`).length;
    return this.button(
      `g${g}`,
      `${this.groups[g].name}, ${inside} nodes, folded`,
      () => this.toggle(g),
      {
        class: "folded",
        "aria-expanded": "false",
      },
      Dom.svg("rect", {
        class: "back",
        x: x - w / 2 + 4,
        y: y - h / 2 + 4,
        width: w,
        height: h,
        rx: 10,
      }),
      Dom.svg("rect", { class: "front", x: x - w / 2, y: y - h / 2, width: w, height: h, rx: 10 }),
      this.text(x, y - 3, `▸ ${this.groups[g].name}`, { class: "value" }),
      this.text(x, y + 14, `${inside} nodes`, { class: "gradient" }),
    );
  }

  frame(g, { x, y, w, h }) {
    const [left, top] = [x - w / 2, y - h / 2];
    const title = this.button(
      `g${g}`,
      `${this.groups[g].name}, unfolded`,
      () => this.toggle(g),
      {
        class: "fold",
        "aria-expanded": "true",
      },
      Dom.svg("rect", {
        class: "fold-box",
        x: left + 6,
        y: top + 6,
        width: this.width(this.groups[g].name, 14) + 34,
        height: 22,
        rx: 6,
      }),
      this.text(left + 14, top + 22, `▾ ${this.groups[g].name}`, { class: "fold-text" }),
    );
    return Dom.svg(
      "g",
      { class: "frame" },
      Dom.svg("rect", { class: "frame-box", x: left, y: top, width: w, height: h, rx: 14 }),
      title,
    );
  }

  toggle(g) {
    if (this.open.has(g)) this.open.delete(g);
    else this.open.add(g);
    Dom.announce(`${this.groups[g].name} ${this.open.has(g) ? "unfolded" : "folded"}`);
    this.draw();
    this.root.querySelector(`[data-id="g${g}"]`)?.focus();
  }

  static curve(points, vertical) {
    const [[x0, y0], ...rest] = points;
    let [x, y] = [x0, y0];
    let d = `M${x.toFixed(1)} ${y.toFixed(1)}`;
    for (const [nx, ny] of rest) {
      const [mx, my] = [(x + nx) / 2, (y + ny) / 2];
      const ends = vertical ? [x, my, nx, my] : [mx, y, mx, ny];
      d += `C${[...ends, nx, ny].map((n) => n.toFixed(1)).join(" ")}`;
      [x, y] = [nx, ny];
    }
    return d;
  }

  link(link, points, vertical) {
    const holds = link.holds.map((l) => `${l.to} ${l.position}`);
    return Dom.svg("path", {
      class: "link",
      "data-holds": holds.join(";"),
      d: Drawing.curve(points, vertical),
    });
  }

  // Labels stand beside the arrows that end at one box: half on each side, one after the other.
  linkLabel(link, points, vertical) {
    if (!link.text) return null;
    const beside = this.drawn.filter((other) => other.text && other.to === link.to);
    const half = Math.ceil((beside.length - 1) / 2);
    const k = beside.indexOf(link);
    const [side, level] = k < half ? [-1, half - 1 - k] : [1, k - half];
    const [ex, ey] = points[points.length - 1];
    const [x, y] = vertical
      ? [ex + side * (link.label / 2 + 6), ey - 13 - 15 * level]
      : [ex - link.label / 2 - 14, ey + (beside.length === 1 ? -8 : side * (9 + 15 * level))];
    return Dom.svg(
      "g",
      { class: "label", "data-to": link.holds[0].to },
      Dom.svg("rect", {
        x: (x - link.label / 2 - 2).toFixed(1),
        y: (y - 8).toFixed(1),
        rx: 3,
        width: (link.label + 4).toFixed(1),
        height: 15,
      }),
      this.text(x, y + 4, link.text),
    );
  }

  // Highlight links, each as "user operand".
  mark(keys) {
    this.marked = keys;
    this.root.classList.toggle("marking", keys.size > 0);
    for (const path of this.root.querySelectorAll(".link")) {
      path.classList.toggle(
        "marked",
        path.dataset.holds.split(";").some((key) => keys.has(key)),
      );
    }
  }

  select(i, byFocus = false) {
    if (byFocus && this.selected === i) return;
    this.selected = i;
    this.refresh();
    this.onSelect(i);
  }

  focus(i) {
    this.reveal(i);
    this.root.querySelector(`[data-vertex="${i}"]`)?.focus({ preventScroll: true });
    this.follow();
  }

  // Scroll to what is selected, or to the folded group around it.
  follow() {
    if (this.selected === null) return;
    Dom.reveal(this.box, this.root.querySelector(`[data-id="${this.boxOf(this.selected)}"]`));
  }

  // What is selected, and what steps have not reached yet.
  refresh() {
    let tab = null;
    for (const g of this.root.querySelectorAll(".vertex")) {
      const i = Number(g.dataset.vertex);
      g.classList.toggle("selected", i === this.selected);
      g.classList.toggle("later", !this.shown(i));
      g.setAttribute("tabindex", -1);
      if (i === this.selected) tab = g;
    }
    for (const g of this.root.querySelectorAll(".folded, .fold")) {
      g.setAttribute("tabindex", 0);
      g.classList.toggle(
        "selected",
        this.selected !== null && this.boxOf(this.selected) === g.dataset.id,
      );
    }
    (tab ?? this.root.querySelector(".vertex"))?.setAttribute("tabindex", 0);
  }
}
