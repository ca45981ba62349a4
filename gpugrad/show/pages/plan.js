"use strict";
// A function under gg.jit: what runs, in which order, from which lines, and how long it takes.

class PlanTables {
  constructor(data, onSelect) {
    Object.assign(this, { data, onSelect });
    this.timed = data.profile !== null;
    this.longest = Math.max(
      ...data.spans.map((s) => s.mean ?? 0),
      ...data.steps.map((s) => s.mean ?? 0),
      1e-12,
    );
    this.steps = Dom.section("plan-steps", "Steps", this.table());
  }

  summary() {
    const { summary, profile } = this.data;
    const none = "none was measured: pass profile=p, which with gg.profile() as p: gives";
    const told = ({ calls, mean, best }) =>
      `${Format.seconds(mean)} on average, ${Format.seconds(best)} at best, of ${calls} calls`;
    const time = profile === null ? none : told(profile);
    return Dom.section("summary", "What runs", Dom.list([...summary, ["time", time]]));
  }

  inputs() {
    const rows = this.data.inputs.map(([name, type, leaf, note]) =>
      Dom.el(
        "tr",
        {},
        Dom.el("th", { scope: "row" }, name),
        Dom.el("td", {}, type),
        Dom.el("td", {}, leaf),
        Dom.el("td", {}, note),
      ),
    );
    return Dom.section(
      "plan-inputs",
      "Inputs and outputs",
      Dom.table("Inputs and constants", ["Array", "Type", "Argument", "Memory"], rows),
      Dom.el("p", {}, `Outputs: ${this.data.outputs.join(", ")}`),
    );
  }

  table() {
    const head = [
      "Step",
      "What it does",
      ...(this.timed ? ["Time"] : []),
      "Moves",
      "Makes",
      "Memory",
      "Line",
    ];
    const rows = [];
    let last = -1;
    this.data.steps.forEach((step, i) => {
      const span = this.data.spans[step.span];
      if (step.span !== last && (span.name || (span.reason && span.launches)))
        rows.push(this.heading(span, head.length));
      last = step.span;
      rows.push(this.row(step, i, span));
    });
    return Dom.table("Steps in the order in which they run", head, rows);
  }

  heading(span, columns) {
    const text = span.name
      ? `Compiled function ${span.name}${span.reason ? `, ${span.reason}` : ""}`
      : `Called, not compiled: ${span.reason}`;
    const time =
      span.mean === undefined
        ? ""
        : ` · ${Format.seconds(span.mean)} on average, ${Format.seconds(span.best)} at best`;
    return Dom.el(
      "tr",
      { class: "span" },
      Dom.el("th", { colspan: columns, scope: "colgroup" }, text + time),
    );
  }

  row(step, i, span) {
    const own = step.mean !== undefined ? step : span.name ? {} : span;
    const cells = [
      Dom.el(
        "th",
        { scope: "row" },
        Dom.el(
          "button",
          {
            type: "button",
            class: "name",
            "aria-label": `Show step ${i + 1}`,
            onclick: () => this.onSelect(i),
          },
          i + 1,
        ),
      ),
      Dom.el(
        "td",
        {},
        Dom.el("code", {}, step.text),
        step.inside.length
          ? Dom.el(
              "ul",
              { class: "inside", "aria-label": `${step.inside.length} steps fused into one` },
              ...step.inside.map(([text, type]) =>
                Dom.el(
                  "li",
                  {},
                  Dom.el("code", {}, text),
                  " ",
                  Dom.el("span", { class: "type" }, type),
                ),
              ),
            )
          : null,
        ...step.plans.map(([name, text]) =>
          Dom.el("details", {}, Dom.el("summary", {}, name), Dom.el("pre", {}, text)),
        ),
        step.remark ? Dom.el("p", { class: "note" }, step.remark) : null,
        step.kernels ? Dom.el("p", { class: "note" }, `kernels: ${step.kernels.join(", ")}`) : null,
      ),
      this.timed ? this.time(own) : null,
      Dom.el("td", { class: "number" }, step.moved ? Format.bytes(step.moved) : ""),
      Dom.el("td", { class: "narrow" }, step.made.map(([type]) => type).join(", ")),
      Dom.el(
        "td",
        { class: "narrow" },
        step.made
          .map(([, note]) => note)
          .filter(Boolean)
          .join(", "),
      ),
      Dom.el("td", { class: "line" }, step.line),
    ];
    return Dom.el("tr", { "data-plan-step": i }, ...cells);
  }

  time({ mean, best }) {
    if (mean === undefined) return Dom.el("td", {});
    const bar = Dom.el("span", { class: "time-bar", "aria-hidden": "true" });
    bar.style.setProperty("--part", `${(100 * mean) / this.longest}%`);
    return Dom.el(
      "td",
      { class: "number time", title: `at best ${Format.seconds(best)}` },
      Format.seconds(mean),
      bar,
    );
  }

  describe(i) {
    const step = this.data.steps[i];
    const fused = step.inside.length ? `, ${step.inside.length} steps fused` : "";
    const made = step.made.length ? `, makes ${step.made.map(([type]) => type).join(", ")}` : "";
    return `Step ${i + 1} of ${this.data.steps.length}: ${step.text}${fused}${made}`;
  }

  step(at) {
    for (const row of this.steps.querySelectorAll("[data-plan-step]")) {
      const now = Number(row.dataset.planStep) === at;
      row.classList.toggle("now", now);
      if (now) Dom.reveal(row.closest(".scroll"), row);
    }
  }
}
