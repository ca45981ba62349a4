"use strict";
// The page of a function under gg.jit.

class PlanPage {
  constructor(data) {
    this.data = data;
    this.first = data.vertices.findIndex((v) => v.step === 0); // after inputs and constants
    this.drawing = new Drawing({
      ...data,
      title: `Steps of ${data.title}`,
      describe: (i) => this.describe(i),
      label: () => "",
      onSelect: (i) => this.select(i),
      onKey: (event) => this.steps.key(event) && this.drawing.focus(this.first + this.steps.at),
    });
    this.tables = new PlanTables(data, (i) => this.steps.go(i));
    this.memory = new MemoryChart(data, (i) => this.steps.go(i));
    this.steps = new Steps({
      count: data.steps.length,
      start: 0,
      unit: "Steps of the plan",
      describe: (i) => this.tables.describe(i),
      onStep: (i) => this.go(i),
    });
    this.assemble();
  }

  assemble() {
    const kinds = [
      ["input", "input or constant"],
      ["intermediate", "step"],
      ["output", "makes an output"],
    ];
    const parts = [
      this.tables.summary(),
      Shell.graph(this.drawing, this.steps, kinds),
      this.memory.element,
      this.tables.steps,
      this.tables.inputs(),
    ];
    const hint = "What runs at each call, in which order, and in which memory.";
    document.body.append(
      Shell.header(this.data.title, hint),
      Dom.el("main", { class: "one-column" }, Dom.el("div", { class: "wide" }, ...parts)),
      Shell.live(),
    );
    this.drawing.selected = this.first;
    this.draw();
    this.tables.step(0);
    Shell.onWidth(() => this.draw());
  }

  draw() {
    this.drawing.draw();
    this.memory.draw();
  }

  describe(i) {
    const v = this.data.vertices[i];
    const sentence = v.step === undefined ? v.lines.join(" ") : this.tables.describe(v.step);
    return { lines: v.lines, op: v.label, sentence };
  }

  select(i) {
    const { step } = this.data.vertices[i];
    if (step !== undefined && step !== this.steps.at) this.steps.go(step);
  }

  go(step) {
    this.tables.step(step);
    this.memory.step(step);
    this.drawing.selected = this.first + step;
    this.drawing.refresh();
    this.drawing.follow();
  }
}
