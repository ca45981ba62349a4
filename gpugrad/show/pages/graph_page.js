"use strict";
// The page of a graph.

class GraphPage {
  constructor(data) {
    this.model = new Model(data);
    this.order = new GraphSteps(this.model);
    this.at = this.order.count - 1;
    this.drawing = new Drawing({
      ...data,
      title: `Graph of ${data.title}`,
      describe: (i) => this.describe(i),
      label: (link) => this.label(link),
      onSelect: (i) => this.show(i),
      onKey: (event) => this.steps.key(event) && this.drawing.focus(this.order.order[this.at]),
    });
    this.steps = new Steps({
      count: this.order.count,
      start: this.at,
      unit: "Steps of the computation",
      describe: (i) => this.order.describe(i),
      onStep: (i) => this.go(i),
    });
    this.details = new Details(this.model);
    this.tables = new Tables(this.model, this.order, (i) => this.find(i));
    this.paths = new Paths(this.model, (keys) => this.drawing.mark(keys));
    this.inputs = new Inputs(this.model);
    this.model.changed.push(() => this.redraw());
    this.assemble(data);
  }

  assemble(data) {
    const { el } = Dom;
    const kinds = [
      ["input", "input"],
      ["intermediate", "intermediate"],
      ["output", "output"],
      ["share", "what an edge adds to a gradient"],
    ];
    const { forward, backward, kept } = this.tables;
    const graph = Shell.graph(this.drawing, this.steps, kinds);
    const side = [this.inputs.element, this.details.element, this.paths.element];
    const tables = Dom.section("tables", "Tables", forward, backward, kept);
    const hint = "Values go forward, gradients come back. Arrow keys in the drawing step through.";
    document.body.append(
      Shell.header(data.title, hint),
      el(
        "main",
        {},
        el("div", { class: "wide" }, graph),
        el("div", { class: "side" }, ...side),
        el("div", { class: "wide" }, tables),
      ),
      Shell.live(),
    );
    this.drawing.selected = data.root;
    this.details.show(data.root);
    this.drawing.draw();
    Shell.onWidth(() => this.drawing.draw());
  }

  // A vertex as far as the steps have come.
  describe(i) {
    const { model, order, at } = this;
    const v = model.vertices[i];
    const value = order.hasValue(i, at) ? model.values.short(model.number(v.value)) : "?";
    const lines = [`${v.name} = ${value}`];
    if (v.gradient !== null && order.hasGradient(i, at)) {
      lines.push(`${model.wantedName(v)} = ${model.gradients.short(model.number(v.gradient))}`);
    }
    return { lines, op: model.told(v.label), sentence: model.sentence(v) };
  }

  // What came back over a link.
  label({ from, to, position }) {
    const { model } = this;
    const share = model.share(from, [to, position]);
    if (!share || !this.order.hasGradient(to, this.at)) return "";
    return model.gradients.short(model.number(share.value), 12);
  }

  show(i) {
    this.details.show(i);
    if (this.model.vertices[i].operation === "input") this.paths.show(i);
  }

  go(step) {
    this.at = step;
    this.tables.step(step);
    this.drawing.shown = (i) => this.order.hasValue(i, step);
    this.drawing.selected = this.order.order[step];
    this.drawing.draw();
    this.drawing.follow();
    this.show(this.drawing.selected);
  }

  find(i) {
    this.drawing.reveal(i);
    this.drawing.select(i);
    this.drawing.follow();
  }

  redraw() {
    this.tables.draw();
    this.drawing.draw();
    this.paths.draw();
    this.details.show(this.drawing.selected);
    this.steps.show();
  }
}
