"use strict";
// The paths from an input to the output: what each adds to the gradient, and their sum.

class Paths {
  constructor(model, onMark) {
    Object.assign(this, { model, onMark });
    this.paths = model.data.paths;
    this.chosen = 0;
    this.choice = Dom.el(
      "select",
      {
        id: "path-input",
        onchange: () => {
          this.chosen = Number(this.choice.value);
          this.draw();
        },
      },
      ...this.paths.map((p, i) => Dom.el("option", { value: i }, model.vertices[p.input].name)),
    );
    this.list = Dom.el("div");
    this.element = Dom.section(
      "paths",
      "Paths",
      Dom.el(
        "p",
        { class: "hint" },
        "A gradient is the sum over all paths from the input to the output. ",
        "Point at a path, or focus it, to see it in the drawing.",
      ),
      Dom.el("p", {}, Dom.el("label", { for: "path-input" }, "Input "), this.choice),
      this.list,
    );
    this.draw();
  }

  show(input) {
    const found = this.paths.findIndex((p) => p.input === input);
    if (found < 0) return;
    this.chosen = found;
    this.choice.value = found;
    this.draw();
  }

  // The local derivatives along a path, from the output on; nothing where there are arrays.
  factors(input, edges) {
    let at = input;
    const shares = edges.map((edge) => {
      const share = this.model.share(at, edge);
      [at] = edge;
      return share;
    });
    if (shares.some((s) => s.local === null)) return "";
    return shares
      .reverse()
      .map((s) => this.model.gradients.factor(this.model.number(s.local)))
      .join(" · ");
  }

  row({ input }, { edges, number }, n, cell) {
    const { model } = this;
    const along = [input, ...edges.map(([user]) => user)].map((i) => model.vertices[i].name);
    const names = along.join(" → ");
    const most = 24; // of a longer one, the ends
    const between = `… ${along.length - 16} more …`;
    const shown =
      along.length > most ? [...along.slice(0, 8), between, ...along.slice(-8)].join(" → ") : names;
    const keys = new Set(edges.map(([user, position]) => `${user} ${position}`));
    const mark = () => this.onMark(keys);
    const clear = () => this.onMark(new Set());
    const text = model.gradients.array(model.numbers[number]);
    return Dom.el(
      "tr",
      { class: "path", onmouseenter: mark, onmouseleave: clear },
      Dom.el(
        "th",
        { scope: "row" },
        Dom.el(
          "button",
          {
            type: "button",
            class: "path-name",
            title: names,
            onfocus: mark,
            onblur: clear,
            onclick: mark,
            "aria-label": `Path ${n + 1}: ${names}, contributes ${text}`,
          },
          shown,
        ),
      ),
      cell(this.factors(input, edges)),
      Dom.el("td", { class: "number narrow" }, text),
    );
  }

  draw() {
    const { model } = this;
    const path = this.paths[this.chosen];
    if (!path) {
      this.list.replaceChildren(Dom.el("p", {}, "The output is itself the only input."));
      return;
    }
    const v = model.vertices[path.input];
    // Only of single numbers there are local derivatives to multiply.
    const scalar = path.listed.some(({ edges }) => this.factors(path.input, edges));
    const cell = (text) => (scalar ? Dom.el("td", {}, text) : null);
    const rows = path.listed.map((one, n) => this.row(path, one, n, cell));
    const more = BigInt(path.count) - BigInt(path.listed.length);
    if (more > 0n && path.listed.length) rows.push(this.rest(path, v, more, cell));
    rows.push(
      Dom.el(
        "tr",
        { class: "total" },
        Dom.el("th", { scope: "row" }, `Sum = ${model.wantedName(v)}`),
        cell(this.terms(path, more)),
        Dom.el("td", { class: "number narrow" }, model.gradient(v)),
      ),
    );
    const head = scalar ? ["Path", "Local derivatives", "Contribution"] : ["Path", "Contribution"];
    const count = BigInt(path.count).toLocaleString("en");
    const noun = path.count === "1" ? "path" : "paths";
    const caption = `${count} ${noun} from ${v.name} to ${model.root.name}`;
    const why = "None is listed: arrays are too large, or hold complex numbers or a batch.";
    const note = path.listed.length || path.count === "0" ? "" : why;
    this.list.replaceChildren(
      Dom.table(caption, head, rows),
      Dom.el("p", { class: "note" }, note),
    );
  }

  // What all paths that are not listed add: the gradient less those that are.
  rest({ listed }, v, more, cell) {
    const { model } = this;
    const whole = model.number(v.gradient);
    const text =
      whole === null || !whole.data
        ? ""
        : model.gradients.array({
            ...whole,
            data: [...whole.data].map((x, i) =>
              listed.reduce((sum, { number }) => sum - (model.numbers[number].data?.[i] ?? NaN), x),
            ),
          });
    return Dom.el(
      "tr",
      {},
      Dom.el("th", { scope: "row" }, `${more.toLocaleString("en")} other paths`),
      cell(""),
      Dom.el("td", { class: "number narrow" }, text),
    );
  }

  terms({ listed }, more) {
    if (more > 0n || listed.length < 2) return "";
    const terms = listed.map(({ number }) =>
      this.model.gradients.factor(this.model.numbers[number]),
    );
    return Math.max(...terms.map((t) => t.length)) > 24 ? "" : terms.join(" + ");
  }
}
