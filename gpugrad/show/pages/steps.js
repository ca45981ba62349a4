"use strict";
// Steps: buttons and a slider that go through a computation, one after the other.

class Steps {
  // `describe(i)` says where step `i` is, in words; `onStep(i)` is called when it is reached.
  constructor({ count, start, describe, onStep, unit }) {
    Object.assign(this, { count, describe, onStep });
    this.at = start;
    const go = (name, symbol, to) =>
      Dom.el(
        "button",
        { type: "button", "aria-label": name, title: name, onclick: () => this.go(to()) },
        symbol,
      );
    this.slider = Dom.el("input", {
      type: "range",
      min: 0,
      max: count - 1,
      value: start,
      "aria-label": unit,
      oninput: () => this.go(Number(this.slider.value)),
    });
    this.text = Dom.el("output", { class: "step-text" });
    this.element = Dom.el(
      "div",
      { class: "steps", role: "group", "aria-label": unit },
      go("First step", "|◀", () => 0),
      go("Step back", "◀", () => this.at - 1),
      this.slider,
      go("Next step", "▶", () => this.at + 1),
      go("Last step", "▶|", () => count - 1),
      this.text,
    );
    this.show();
  }

  go(i) {
    this.at = Math.min(Math.max(i, 0), this.count - 1);
    this.show();
    Dom.announce(this.describe(this.at));
    this.onStep(this.at);
  }

  show() {
    this.slider.value = this.at;
    this.slider.setAttribute("aria-valuetext", this.describe(this.at));
    this.text.textContent = this.describe(this.at);
  }

  // Arrow keys, Home and End, wherever they are pressed.
  key(event) {
    const to = {
      ArrowRight: this.at + 1,
      ArrowDown: this.at + 1,
      ArrowLeft: this.at - 1,
      ArrowUp: this.at - 1,
      Home: 0,
      End: this.count - 1,
    }[event.key];
    if (to === undefined) return false;
    event.preventDefault();
    this.go(to);
    return true;
  }
}

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
      return `Forward ${step + 1} of ${this.forward}: ${v.name} = ${this.model.operation(v)}, value ${this.model.value(v)}`;
    }
    const i = step - this.forward + 1;
    return `Backward ${i} of ${this.forward}: ${this.model.wantedName(v)} = ${this.model.gradient(v)}`;
  }

  // Whether the value, or the gradient, of a vertex is known at a step.
  hasValue(i, step) {
    return i <= step;
  }

  hasGradient(i, step) {
    return this.order.indexOf(i, this.forward) <= step;
  }
}
