"use strict";
// The drawing: boxes for vertices, frames for groups, and links. A folded group is one box.

class Drawing {
  static LEAST = 0.6; // how small it becomes by itself

  // `describe(i)` gives of vertex `i` its lines, its op, and what a screen reader says of it;
  // `label(link)` is what stands beside a link. `onSelect(i)` is called with a vertex, `onKey` with
  // the event of any other key.
  constructor({ vertices, groups, groupOf, describe, label, onSelect, onKey, title }) {
    Object.assign(this, { vertices, describe, label, onSelect, onKey });
    this.folding = new Folding(groups, groupOf);
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
  }

  sizes() {
    const found = new Map();
    this.vertices.forEach((_, i) => {
      if (this.folding.boxOf(i) !== `v${i}`) return;
      const { lines, op } = this.describe(i);
      found.set(`v${i}`, Shapes.sizes(lines, op));
    });
    for (const g of this.folding.folded()) {
      found.set(`g${g}`, Shapes.groupSizes(this.folding.groups[g].name));
    }
    return found;
  }

  // The links that are seen, with their texts and where they enter the box that they lead to.
  linksSeen() {
    return this.folding.links(this.links).map((link) => {
      const [one] = link.holds;
      const many = this.vertices[one.to].operands.length;
      const isVertex = link.to.startsWith("v");
      const text = isVertex ? this.label(one) : "";
      const apart = Math.min(10, 22 / Math.max(1, many - 1));
      return {
        ...link,
        text,
        label: text ? Shapes.width(text, 12) : 0,
        offset: isVertex ? (one.position - (many - 1) / 2) * apart : 0,
      };
    });
  }

  // The layout in the direction in which more of it can be seen.
  place(sizes, links) {
    const tree = this.folding.tree((name) => Shapes.width(name, 14));
    const [wide, narrow] = [this.box.clientWidth || 800, this.box.clientWidth < 640];
    const [flat, upright] = [false, true].map((vertical) => {
      const size = ({ pill, op, gap }) =>
        vertical
          ? { along: pill.h + gap + op.h, across: Math.max(pill.w, op.w) }
          : { along: pill.w + gap + op.w, across: Math.max(pill.h, op.h) };
      const boxes = new Map([...sizes].map(([id, parts]) => [id, size(parts)]));
      const placed = Layout.place(tree, boxes, links, vertical);
      return { vertical, placed, scale: Math.min(1, wide / placed.width) };
    });
    const better = upright.scale > flat.scale;
    const turned = narrow ? upright.scale >= Drawing.LEAST : flat.scale < 0.75 && better;
    return turned || (narrow && better) ? upright : flat;
  }

  draw() {
    const focused = document.activeElement;
    const hadFocus = this.root.contains(focused) && focused.dataset.id;
    const sizes = this.sizes();
    const links = this.linksSeen();
    const { vertical, placed, scale } = this.place(sizes, links);
    this.scale = this.zoom ?? Math.max(scale, Drawing.LEAST);
    this.placed = placed;
    const { width, height, boxes, frames, routes } = placed;
    this.root.setAttribute("viewBox", `0 0 ${width.toFixed(1)} ${height.toFixed(1)}`);
    this.resize();
    const keys = (link) => link.holds.map((l) => `${l.to} ${l.position}`);
    const number = (id) => Number(id.slice(1));
    this.root.replaceChildren(
      Shapes.arrows(),
      ...[...frames].map(([id, frame]) => this.frame(number(id), frame)),
      ...links.map((link, k) => Shapes.link(keys(link), routes[k], vertical)),
      ...[...boxes].map(([id, box]) =>
        id.startsWith("v")
          ? this.vertex(number(id), box, sizes.get(id), vertical)
          : this.folded(number(id), box),
      ),
      ...this.labels(links, routes, vertical),
    );
    this.mark(this.marked);
    this.refresh();
    if (hadFocus) this.root.querySelector(`[data-id="${hadFocus}"]`)?.focus();
  }

  labels(links, routes, vertical) {
    return links.flatMap((link, k) => {
      if (!link.text) return [];
      const beside = links.filter((other) => other.text && other.to === link.to);
      const end = routes[k][routes[k].length - 1];
      return [Shapes.label(link.text, end, beside.indexOf(link), beside.length, vertical)];
    });
  }

  resize() {
    this.root.setAttribute("width", Math.floor(this.placed.width * this.scale));
    this.root.setAttribute("height", Math.floor(this.placed.height * this.scale));
  }

  // Larger or smaller by a factor; without one, as it fits.
  enlarge(factor) {
    const fits = this.box.clientWidth / this.placed.width;
    this.zoom = factor ? Math.min(Math.max(this.scale * factor, 0.1), 4) : fits;
    this.scale = this.zoom;
    this.resize();
  }

  button(id, name, act, attributes, ...children) {
    const onkeydown = (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        act();
      } else if (!event.ctrlKey && !event.metaKey && !event.altKey) {
        this.onKey(event);
      }
    };
    const own = { tabindex: -1, role: "button", "data-id": id, "aria-label": name };
    return Dom.svg("g", { ...own, ...attributes, onclick: act, onkeydown }, ...children);
  }

  vertex(i, box, sizes, vertical) {
    const { lines, sentence, op } = this.describe(i);
    const beside = this.links.filter((l) => l.from === i || l.to === i);
    const attributes = {
      class: `vertex ${this.vertices[i].kind}`,
      "data-vertex": i,
      onfocus: () => this.selected !== i && this.select(i),
      onmouseenter: () => this.mark(new Set(beside.map((l) => `${l.to} ${l.position}`))),
      onmouseleave: () => this.mark(new Set()),
    };
    const parts = Shapes.vertex(box, sizes, lines, op, vertical);
    return this.button(`v${i}`, sentence, () => this.select(i), attributes, ...parts);
  }

  folded(g, box) {
    const { name } = this.folding.groups[g];
    const count = this.folding.count(g);
    const told = `${name}, ${count} nodes, folded`;
    const attributes = { class: "folded", "aria-expanded": "false" };
    const parts = Shapes.folded(box, name, count);
    return this.button(`g${g}`, told, () => this.toggle(g), attributes, ...parts);
  }

  frame(g, box) {
    const { name } = this.folding.groups[g];
    const attributes = { class: "fold", "aria-expanded": "true" };
    const parts = Shapes.fold(box, name);
    const act = () => this.toggle(g);
    const title = this.button(`g${g}`, `${name}, unfolded`, act, attributes, ...parts);
    return Dom.svg("g", { class: "frame" }, Shapes.frame(box), title);
  }

  toggle(g) {
    this.folding.toggle(g);
    const now = this.folding.open.has(g) ? "unfolded" : "folded";
    Dom.announce(`${this.folding.groups[g].name} ${now}`);
    this.draw();
    this.root.querySelector(`[data-id="g${g}"]`)?.focus();
  }

  foldAll(open) {
    this.folding.all(open);
    this.draw();
  }

  reveal(i) {
    if (this.folding.reveal(i)) this.draw();
  }

  // Highlight links, each as "user operand".
  mark(keys) {
    this.marked = keys;
    this.root.classList.toggle("marking", keys.size > 0);
    for (const path of this.root.querySelectorAll(".link")) {
      const holds = path.dataset.holds.split(";");
      path.classList.toggle("marked", holds.some((key) => keys.has(key)));
    }
  }

  select(i) {
    this.selected = i;
    this.refresh();
    this.onSelect(i);
  }

  focus(i) {
    this.reveal(i);
    this.root.querySelector(`[data-vertex="${i}"]`)?.focus({ preventScroll: true });
    this.follow();
  }

  // Where the selected vertex is, or the folded group around it.
  boxSelected() {
    return this.selected === null ? null : this.folding.boxOf(this.selected);
  }

  follow() {
    Dom.reveal(this.box, this.root.querySelector(`[data-id="${this.boxSelected()}"]`));
  }

  // What is selected, what steps have not reached yet, and where the tab key leads.
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
      g.classList.toggle("selected", this.boxSelected() === g.dataset.id);
    }
    (tab ?? this.root.querySelector(".vertex"))?.setAttribute("tabindex", 0);
  }
}
