"use strict";
// The steps of a graph: forward to the output, then backward to the inputs.
class GraphSteps {
  constructor(model) {
    this.model = model;
    const n = model.vertices.length;
    const forward = Array.from({ length: n }, (_, i) => i);
    const inputs = forward.filter((i) => model.vertices[i].operation === "input");
    const ops = forward.filter((i) => model.vertices[i].operation !== "input").reverse();
    this.order = [...forward, ...ops, ...inputs];
    this.forward = n;
  }

  get count() {
    return this.order.length;
  }

  describe(step) {
    const v = this.model.vertices[this.order[step]];
    if (step < this.forward) {
      const made = `${v.name} = ${this.model.operation(v)}, value ${this.model.value(v)}`;
      return `Forward ${step + 1} of ${this.forward}: ${made}`;
    }
    const i = step - this.forward + 1;
    const gradient = `${this.model.wantedName(v)} = ${this.model.gradient(v)}`;
    return `Backward ${i} of ${this.forward}: ${gradient}`;
  }

  // Whether the value, or the gradient, of a vertex is known at a step.
  hasValue(i, step) {
    return i <= step;
  }

  hasGradient(i, step) {
    return this.order.indexOf(i, this.forward) <= step;
  }
}
