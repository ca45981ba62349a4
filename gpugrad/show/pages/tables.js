"use strict";
// The tables of a graph: forward, backward, and what each op keeps.

class Tables {
  constructor(model, steps, onSelect) {
    Object.assign(this, { model, steps, onSelect });
    this.forward = Dom.el("div");
    this.backward = Dom.el("div");
    this.kept = Dom.el("div");
    this.draw();
  }

  static GAP(text) {
    return Dom.el("tr", {}, Dom.el("td", { colspan: 6 }, text));
  }

  name(i) {
    const v = this.model.vertices[i];
    return Dom.el(
      "th",
      { scope: "row" },
      Dom.el(
        "button",
        {
          type: "button",
          class: `name ${v.kind}`,
          "aria-label": `Show ${v.name}`,
          onclick: () => this.onSelect(i),
        },
        v.name,
      ),
    );
  }

  draw() {
    this.drawForward();
    this.drawBackward();
    this.drawKept();
    if (this.at !== undefined) this.step(this.at);
  }

  notes(writer, more) {
    const zero = writer.rounded
      ? ["0 stands for less than 1e-12 of the largest number in the table."]
      : [];
    return [...zero, ...more].map((text) => Dom.el("p", { class: "note" }, text));
  }

  left(list) {
    const { gap, leftOut } = this.model.data;
    if (leftOut) list.splice(gap, 0, Tables.GAP(`${leftOut} nodes are left out`));
    return list;
  }

  drawForward() {
    const { model } = this;
    const rows = model.vertices.map((v, i) =>
      Dom.el(
        "tr",
        { "data-step": i, "data-vertex": i },
        Dom.el("td", { class: "count" }, i + 1),
        this.name(i),
        Dom.el("td", {}, model.operation(v)),
        Dom.el("td", { class: "number" }, model.value(v)),
      ),
    );
    const notes = [];
    const unknown = model.vertices.filter((v) => v.value === null).map((v) => v.name);
    if (unknown.length) {
      const names = unknown.slice(0, 5).join(", ") + (unknown.length > 5 ? ", …" : "");
      notes.push(`The graph does not keep the value of ${names}: no derivative needs it.`);
    }
    if (model.vertices.some((v) => v.operation.includes("?"))) {
      notes.push("? is a constant operand, which no derivative needs.");
    }
    if (model.data.batched)
      notes.push("Of what is in gg.vmap, all parts are shown, along the first axes.");
    this.forward.replaceChildren(
      Dom.table("Forward", ["Step", "Node", "Operation", "Value"], this.left(rows)),
      ...this.notes(model.values, notes),
    );
  }

  drawBackward() {
    const { model, steps } = this;
    const rows = steps.order.slice(steps.forward).flatMap((i, k) => {
      const v = model.vertices[i];
      return model.contributions(v).map((line, n) =>
        Dom.el(
          "tr",
          {
            "data-step": steps.forward + k,
            "data-vertex": i,
            class: line.via === "total" ? "total" : null,
            "data-link":
              line.share && line.share.via !== null
                ? `${line.share.via} ${line.share.position}`
                : null,
          },
          Dom.el("td", { class: "count" }, n ? "" : k + 1),
          n ? Dom.el("td", {}) : this.name(i),
          Dom.el(
            "td",
            { class: "number narrow" },
            n ? "" : `${model.wantedName(v)} = ${model.gradient(v)}`,
          ),
          Dom.el("td", {}, line.via),
          Dom.el("td", {}, line.text),
          Dom.el("td", { class: "number narrow" }, line.sum),
        ),
      );
    });
    const shape = model.number(model.root.value)?.shape ?? [];
    const notes = shape.length
      ? [`Gradients are those of the sum of all elements of ${model.root.name}.`]
      : [];
    this.backward.replaceChildren(
      Dom.table(
        "Backward",
        ["Step", "Node", "Gradient", "Via", "Computation", "Contribution"],
        rows,
      ),
      ...this.notes(model.gradients, notes),
    );
  }

  drawKept() {
    const { model } = this;
    const rows = model.vertices.flatMap((v, i) =>
      v.operation === "input"
        ? []
        : [
            Dom.el(
              "tr",
              { "data-vertex": i },
              this.name(i),
              Dom.el("td", {}, model.operation(v)),
              Dom.el("td", {}, model.told(v.keeps)),
              Dom.el("td", {}, model.told(v.why)),
            ),
          ],
    );
    this.kept.replaceChildren(
      Dom.table("Kept for the backward pass", ["Node", "Operation", "Keeps", "Why"], rows),
    );
  }

  step(at) {
    this.at = at;
    for (const row of [
      ...this.forward.querySelectorAll("tr"),
      ...this.backward.querySelectorAll("tr"),
    ]) {
      const own = Number(row.dataset.step ?? 0);
      row.classList.toggle("now", own === at && row.dataset.step !== undefined);
      row.classList.toggle("later", own > at);
      if (own === at && row.dataset.step !== undefined) Dom.reveal(row.closest(".scroll"), row);
    }
  }
}
