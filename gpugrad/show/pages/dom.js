"use strict";
// Elements. Text becomes part of a page as text alone, never as markup.

const Dom = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  const filled = (made, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined)
        made.setAttribute(name, value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
  };

  const el = (tag, attributes = {}, ...children) =>
    filled(document.createElement(tag), attributes, children);

  const svg = (tag, attributes = {}, ...children) =>
    filled(document.createElementNS(SVG, tag), attributes, children);

  const section = (id, title, ...children) =>
    el(
      "section",
      { id, "aria-labelledby": `${id}-title` },
      el("h2", { id: `${id}-title` }, title),
      ...children,
    );

  // A table with a caption, a head and rows of cells; the first cell of a row may be its heading.
  const table = (caption, head, rows, attributes = {}) =>
    el(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
      el(
        "table",
        attributes,
        el("caption", {}, caption),
        el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, ...rows),
      ),
    );

  // Names with what is said of each.
  const list = (rows) => {
    const pairs = rows.flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]);
    return el("dl", { class: "summary" }, ...pairs);
  };

  // Scroll a box, and not the page, so that an element in it can be seen.
  const reveal = (box, element) => {
    if (!box || !element) return;
    const [outer, inner] = [box.getBoundingClientRect(), element.getBoundingClientRect()];
    const by = (low, high, from, to) =>
      low < from ? low - from - 40 : high > to ? high - to + 16 : 0;
    box.scrollTop += by(inner.top, inner.bottom, outer.top, outer.bottom);
    if (inner.width < outer.width) {
      box.scrollLeft += by(inner.left, inner.right, outer.left, outer.right);
    }
  };

  // What a screen reader says next.
  const announce = (text) => {
    document.getElementById("live").textContent = text;
  };

  return { el, svg, section, table, list, reveal, announce };
})();
