"use strict";
// Inputs that can be changed: the page computes all numbers anew.

class Inputs {
  static FIELDS = 16; // elements up to which each has a field

  constructor(model, onChange) {
    Object.assign(this, { model, onChange });
    this.first = model.given.map((x) => x.data.slice());
    this.body = Dom.el("div", { class: "inputs" });
    this.status = Dom.el("p", { class: "hint" });
    this.element = Dom.section("inputs", "Inputs", this.status, this.body);
    this.draw();
  }

  draw() {
    const { model } = this;
    if (!model.program) {
      this.status.textContent = `Inputs cannot be changed here: ${model.fixed}.`;
      return;
    }
    this.status.textContent =
      "Change a number: values and gradients are computed anew, in this page.";
    const fields = model.vertices.flatMap((v, i) => {
      const leaf = model.data.leaves[i];
      return leaf === null ? [] : [this.fields(v, leaf)];
    });
    this.body.replaceChildren(
      ...fields,
      Dom.el(
        "button",
        {
          type: "button",
          id: "reset",
          onclick: () => this.reset(),
        },
        "Reset",
      ),
    );
  }

  fields(v, leaf) {
    const x = this.model.given[leaf];
    const n = x.data.length;
    if (n > Inputs.FIELDS) return this.oneOfMany(v, leaf);
    const label = (i) => (x.shape.length ? `${v.name}[${Inputs.index(x.shape, i)}]` : v.name);
    const boxes = Array.from({ length: n }, (_, i) =>
      Dom.el(
        "label",
        { class: "field" },
        Dom.el("span", {}, label(i)),
        this.field(leaf, () => i),
      ),
    );
    if (!x.shape.length) return boxes[0];
    return Dom.el("fieldset", {}, Dom.el("legend", {}, v.name), ...boxes);
  }

  oneOfMany(v, leaf) {
    const x = this.model.given[leaf];
    const which = Dom.el("input", {
      type: "number",
      min: 0,
      max: x.data.length - 1,
      value: 0,
      step: 1,
    });
    const at = () => Math.min(Math.max(Math.trunc(Number(which.value)) || 0, 0), x.data.length - 1);
    const field = this.field(leaf, at);
    const where = Dom.el("span", {}, `${v.name}[${Inputs.index(x.shape, 0)}]`);
    which.addEventListener("input", () => {
      where.textContent = `${v.name}[${Inputs.index(x.shape, at())}]`;
      field.value = x.data[at()];
    });
    return Dom.el(
      "fieldset",
      {},
      Dom.el("legend", {}, `${v.name}, ${x.shape.join(" × ")} numbers`),
      Dom.el("label", { class: "field" }, Dom.el("span", {}, "element"), which),
      Dom.el("label", { class: "field" }, where, field),
    );
  }

  static index(shape, i) {
    return Arrays.strides(shape)
      .map((step, axis) => Math.floor(i / step) % shape[axis])
      .join(", ");
  }

  field(leaf, place) {
    const x = this.model.given[leaf];
    const field = Dom.el("input", { type: "number", step: "any", "data-leaf": leaf });
    field.value = Number(Format.plain(x.data[place()], x.dtype, true));
    field.addEventListener("input", () => {
      const number = field.value.trim() === "" ? NaN : Number(field.value);
      field.setAttribute("aria-invalid", String(!Number.isFinite(number)));
      if (!Number.isFinite(number)) return;
      x.data[place()] = number;
      this.compute();
    });
    return field;
  }

  compute() {
    const { model } = this;
    try {
      model.compute();
      this.status.textContent =
        "Change a number: values and gradients are computed anew, in this page.";
      Dom.announce(`${model.root.name} = ${model.value(model.root)}`);
    } catch (error) {
      this.status.textContent = `Nothing was computed for these inputs: ${error.message}.`;
    }
  }

  reset() {
    this.first.forEach((data, i) => this.model.given[i].data.set(data));
    this.draw();
    this.compute();
  }
}
