"use strict";
// All that is known of one vertex.

class Details {
  constructor(model) {
    this.model = model;
    this.body = Dom.el("div");
    this.element = Dom.section("node", "Node", this.body);
  }

  rows(v) {
    const { model } = this;
    const rows = [
      ["operation", model.operation(v)],
      ["value", model.value(v)],
      [model.wantedName(v), model.gradient(v)],
      ["type", v.type],
      ["line", v.line],
    ];
    if (v.operation !== "input") {
      rows.push(["keeps", model.told(v.keeps)], ["why", model.told(v.why)]);
    }
    return rows.filter(([, text]) => text);
  }

  contribution({ via, text, sum }) {
    const isTotal = via === "total";
    const from = Dom.el("span", {}, isTotal ? via : `via ${via}`);
    const attributes = { class: isTotal ? "total" : null };
    return Dom.el("li", attributes, from, ` ${text} = `, Dom.el("b", {}, sum));
  }

  show(i) {
    const v = this.model.vertices[i];
    const lines = this.model.contributions(v).filter((line) => line.via);
    const sum = [
      Dom.el("p", { class: "hint" }, "Contributions to the gradient"),
      Dom.el("ul", { class: "sum" }, ...lines.map((line) => this.contribution(line))),
    ];
    this.body.replaceChildren(
      Dom.el("h3", { class: v.kind }, v.name),
      Dom.list(this.rows(v)),
      ...(lines.length ? sum : []),
    );
  }
}
