"use strict";
// What the pages of graphs and of plans have in common: a head, the drawing with its controls.

const Shell = (() => {
  const { el, section } = Dom;
  const THEMES = ["auto", "light", "dark"];

  const button = (id, text, act, name = text) =>
    el("button", { type: "button", id, "aria-label": name, title: name, onclick: act }, text);

  const theme = () => {
    const { dataset } = document.documentElement;
    const made = el("button", { type: "button", id: "theme" }, "Colours: auto");
    made.addEventListener("click", () => {
      dataset.theme = THEMES[(THEMES.indexOf(dataset.theme ?? "auto") + 1) % THEMES.length];
      made.textContent = `Colours: ${dataset.theme}`;
    });
    return made;
  };

  const header = (title, text) => {
    const hint = el("p", { class: "hint" }, text);
    return el("header", {}, el("div", { class: "title" }, el("h1", {}, title), hint), theme());
  };

  const live = () =>
    el("div", { id: "live", class: "hidden", role: "status", "aria-live": "polite" });

  const controls = (drawing) => {
    const folds = [
      button("unfold", "Unfold all", () => drawing.foldAll(true)),
      button("fold", "Fold all", () => drawing.foldAll(false)),
    ];
    return [
      ...(drawing.folding.groups.length ? folds : []),
      button("smaller", "−", () => drawing.enlarge(0.8), "Smaller"),
      button("larger", "+", () => drawing.enlarge(1.25), "Larger"),
      button("fit", "Fit", () => drawing.enlarge(0), "Fit the drawing into its box"),
    ];
  };

  // The drawing, with steps and controls above it and what its colours mean below.
  const graph = (drawing, steps, kinds) => {
    const bar = el("div", { class: "bar-of-buttons" }, steps.element, ...controls(drawing));
    const keys = kinds.map(([kind, text]) =>
      el("span", {}, el("i", { class: `key ${kind}` }), text),
    );
    const legend = el("p", { class: "legend", "aria-hidden": "true" }, ...keys);
    return section("graph", "Graph", bar, drawing.box, legend);
  };

  // Call `act` when the window becomes wider or narrower.
  const onWidth = (act) => {
    let width = document.documentElement.clientWidth;
    new ResizeObserver(() => {
      if (document.documentElement.clientWidth === width) return;
      width = document.documentElement.clientWidth;
      act();
    }).observe(document.documentElement);
  };

  return { header, live, graph, onWidth };
})();
