"use strict";
// The shapes of a drawing, each for a place that the layout gave.

const Shapes = (() => {
  const pen = document.createElement("canvas").getContext("2d");

  const width = (text, size) => {
    pen.font = `${size}px ${getComputedStyle(document.body).fontFamily || "sans-serif"}`;
    return pen.measureText(text).width;
  };

  const text = (x, y, content, attributes = {}) =>
    Dom.svg("text", { x: x.toFixed(1), y: y.toFixed(1), ...attributes }, content);

  // A box around a point.
  const box = (name, x, y, w, h, rx) =>
    Dom.svg("rect", { class: name, x: x - w / 2, y: y - h / 2, width: w, height: h, rx });

  const arrows = () => {
    const marker = (id) => {
      const size = { refX: 9, refY: 5, markerWidth: 10, markerHeight: 10 };
      const attributes = { id, viewBox: "0 0 10 10", ...size, orient: "auto" };
      const head = Dom.svg("path", { d: "M0 1L9 5L0 9z", class: id });
      return Dom.svg("marker", { ...attributes, markerUnits: "userSpaceOnUse" }, head);
    };
    return Dom.svg("defs", {}, marker("arrow"), marker("arrow-marked"));
  };

  // The sizes of the two parts of a vertex: a square for its op, a pill for its value.
  const sizes = (lines, label) => ({
    pill: {
      w: Math.max(52, ...lines.map((line, k) => width(line, k ? 12 : 14))) + 28,
      h: 14 + 17 * lines.length,
    },
    op: label ? { w: Math.max(30, width(label, 13) + 16), h: 28 } : { w: 0, h: 0 },
    gap: label ? 9 : 0,
  });

  const groupSizes = (name) => ({
    pill: { w: Math.max(width(name, 14) + 48, 96), h: 48 },
    op: { w: 0, h: 0 },
    gap: 0,
  });

  const vertex = ({ x, y, w, h }, { pill, op }, lines, label, vertical) => {
    const [px, py] = vertical ? [x, y + h / 2 - pill.h / 2] : [x + w / 2 - pill.w / 2, y];
    const [ox, oy] = vertical ? [x, y - h / 2 + op.h / 2] : [x - w / 2 + op.w / 2, y];
    const joint = vertical
      ? `M${x} ${oy + op.h / 2}V${py - pill.h / 2}`
      : `M${ox + op.w / 2} ${y}H${px - pill.w / 2}`;
    const first = py - (17 * (lines.length - 1)) / 2 + 5;
    const square = [
      Dom.svg("path", { class: "joint", d: joint }),
      box("op", ox, oy, op.w, op.h, 6),
      text(ox, oy + 4.5, label, { class: "op-text" }),
    ];
    return [
      ...(label ? square : []),
      box("pill", px, py, pill.w, pill.h, Math.min(pill.h / 2, 24)),
      ...lines.map((line, k) =>
        text(px, first + 17 * k, line, { class: k ? "gradient" : "value" }),
      ),
    ];
  };

  const folded = ({ x, y, w, h }, name, count) => [
    box("back", x + 4, y + 4, w, h, 10),
    box("front", x, y, w, h, 10),
    text(x, y - 3, `▸ ${name}`, { class: "value" }),
    text(x, y + 14, `${count} nodes`, { class: "gradient" }),
  ];

  const frame = ({ x, y, w, h }) => box("frame-box", x, y, w, h, 14);

  // What folds a frame, in its corner.
  const fold = ({ x, y, w, h }, name) => {
    const [left, top] = [x - w / 2, y - h / 2];
    const wide = width(name, 14) + 34;
    return [
      box("fold-box", left + 6 + wide / 2, top + 17, wide, 22, 6),
      text(left + 14, top + 22, `▾ ${name}`, { class: "fold-text" }),
    ];
  };

  // A smooth way through points, which leaves and enters each along the layers.
  const curve = (points, vertical) => {
    let [[x, y]] = points;
    let d = `M${x.toFixed(1)} ${y.toFixed(1)}`;
    for (const [nx, ny] of points.slice(1)) {
      const [mx, my] = [(x + nx) / 2, (y + ny) / 2];
      const ends = vertical ? [x, my, nx, my] : [mx, y, mx, ny];
      d += `C${[...ends, nx, ny].map((n) => n.toFixed(1)).join(" ")}`;
      [x, y] = [nx, ny];
    }
    return d;
  };

  const link = (holds, points, vertical) =>
    Dom.svg("path", { class: "link", "data-holds": holds.join(";"), d: curve(points, vertical) });

  // What stands beside the end of a link, which is number `k` of the `n` that end at one box: half
  // of them on each side, one after the other.
  const label = (content, [ex, ey], k, n, vertical) => {
    const wide = width(content, 12);
    const half = Math.ceil((n - 1) / 2);
    const [side, level] = k < half ? [-1, half - 1 - k] : [1, k - half];
    const [x, y] = vertical
      ? [ex + side * (wide / 2 + 6), ey - 13 - 15 * level]
      : [ex - wide / 2 - 14, ey + (n === 1 ? -8 : side * (9 + 15 * level))];
    const ground = box("ground", x, y - 0.5, wide + 4, 15, 3);
    return Dom.svg("g", { class: "label" }, ground, text(x, y + 4, content));
  };

  return { width, arrows, sizes, groupSizes, vertex, folded, frame, fold, link, label };
})();
