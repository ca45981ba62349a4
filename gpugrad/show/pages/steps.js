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
