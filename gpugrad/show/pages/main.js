"use strict";
// Puts the page together, for a graph or for a plan.

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { el, section } = Dom;

  const themes = ["auto", "light", "dark"];
  const theme = el(
    "button",
    {
      type: "button",
      id: "theme",
      onclick: () => {
        const next =
          themes[
            (themes.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % themes.length
          ];
        document.documentElement.dataset.theme = next;
        theme.textContent = `Colours: ${next}`;
      },
    },
    "Colours: auto",
  );

  const header = (...more) =>
    el("header", {}, el("div", { class: "title" }, el("h1", {}, data.title), ...more), theme);

  const live = el("div", { id: "live", class: "hidden", role: "status", "aria-live": "polite" });

  const button = (id, text, act, name = text) =>
    el("button", { type: "button", id, "aria-label": name, title: name, onclick: act }, text);

  const controls = (drawing) => [
    ...(data.groups.length
      ? [
          button("unfold", "Unfold all", () => drawing.foldAll(true)),
          button("fold", "Fold all", () => drawing.foldAll(false)),
        ]
      : []),
    button("smaller", "−", () => drawing.enlarge(0.8), "Smaller"),
    button("larger", "+", () => drawing.enlarge(1.25), "Larger"),
    button("fit", "Fit", () => drawing.enlarge(0), "Fit the drawing into its box"),
  ];

  const legend = (...kinds) =>
    el(
      "p",
      { class: "legend", "aria-hidden": "true" },
      ...kinds.map(([kind, text]) => el("span", {}, el("i", { class: `key ${kind}` }), text)),
    );

  const redrawn = (act) => {
    let width = 0;
    new ResizeObserver(() => {
      if (document.documentElement.clientWidth === width) return;
      width = document.documentElement.clientWidth;
      act();
    }).observe(document.documentElement);
  };

  const graph = () => {
    const model = new Model(data);
    const order = new GraphSteps(model);
    let at = order.count - 1;

    const describe = (i) => {
      const v = model.vertices[i];
      const lines = [
        order.hasValue(i, at)
          ? `${v.name} = ${model.values.short(model.number(v.value))}`
          : `${v.name} = ?`,
      ];
      if (v.gradient !== null && order.hasGradient(i, at)) {
        lines.push(`${model.wantedName(v)} = ${model.gradients.short(model.number(v.gradient))}`);
      }
      return { lines, op: model.told(v.label), sentence: model.sentence(v) };
    };

    const label = ({ from, to, position }) => {
      const share = model.share(from, [to, position]);
      return share && order.hasGradient(to, at)
        ? model.gradients.short(model.number(share.value), 12)
        : "";
    };

    const go = (step) => {
      at = step;
      tables.step(at);
      drawing.shown = (i) => order.hasValue(i, at);
      drawing.selected = order.order[at];
      drawing.draw();
      drawing.follow();
      node(drawing.selected);
    };

    const drawing = new Drawing({
      ...data,
      vertices: model.vertices,
      describe,
      label,
      title: `Graph of ${data.title}`,
      onSelect: (i) => node(i),
      onKey: (event) => {
        if (steps.key(event)) drawing.focus(order.order[at]);
      },
    });
    const steps = new Steps({
      count: order.count,
      start: at,
      unit: "Steps of the computation",
      describe: (i) => order.describe(i),
      onStep: go,
    });
    const select = (i) => {
      drawing.reveal(i);
      drawing.select(i);
      drawing.follow();
    };
    const tables = new Tables(model, order, select);
    const paths = new Paths(model, (keys) => drawing.mark(keys));
    const inputs = new Inputs(model);
    const details = el("div", { class: "details" });

    const node = (i) => {
      const v = model.vertices[i];
      const rows = [
        ["operation", model.operation(v)],
        ["value", model.value(v)],
        [model.wantedName(v), model.gradient(v)],
        ["type", v.type],
        ...(v.line ? [["line", v.line]] : []),
        ...(v.operation === "input"
          ? []
          : [["keeps", model.told(v.keeps)], ...(v.why ? [["why", model.told(v.why)]] : [])]),
      ];
      const lines = model
        .contributions(v)
        .filter((line) => line.via)
        .map((line) =>
          el(
            "li",
            { class: line.via === "total" ? "total" : null },
            el("span", {}, line.via === "total" ? "total" : `via ${line.via}`),
            ` ${line.text} = `,
            el("b", {}, line.sum),
          ),
        );
      details.replaceChildren(
        el("h3", { class: v.kind }, v.name),
        el(
          "dl",
          { class: "summary" },
          ...rows.flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]),
        ),
        ...(lines.length
          ? [
              el("p", { class: "hint" }, "Contributions to the gradient"),
              el("ul", { class: "sum" }, ...lines),
            ]
          : []),
      );
      if (v.operation === "input") paths.show(i);
    };

    model.changed.push(() => {
      tables.draw();
      drawing.draw();
      paths.draw();
      node(drawing.selected);
      steps.show();
    });

    document.body.append(
      header(
        el(
          "p",
          { class: "hint" },
          "Values go forward, gradients come back. Arrow keys in the drawing go step by step.",
        ),
      ),
      el(
        "main",
        {},
        el(
          "div",
          { class: "wide" },
          section(
            "graph",
            "Graph",
            el("div", { class: "bar-of-buttons" }, steps.element, ...controls(drawing)),
            drawing.box,
            legend(
              ["input", "input"],
              ["intermediate", "intermediate"],
              ["output", "output"],
              ["share", "what an edge adds to a gradient"],
            ),
          ),
        ),
        el(
          "div",
          { class: "side" },
          inputs.element,
          section("node", "Node", details),
          paths.element,
        ),
        el(
          "div",
          { class: "wide" },
          section("tables", "Tables", tables.forward, tables.backward, tables.kept),
        ),
      ),
      live,
    );
    drawing.selected = data.root;
    node(data.root);
    drawing.draw();
    redrawn(() => drawing.draw());
    window.page = { model, drawing, steps }; // for tests, and for whoever looks inside
  };

  const plan = () => {
    const first = data.vertices.findIndex((v) => v.step === 0);
    const drawing = new Drawing({
      ...data,
      title: `Steps of ${data.title}`,
      label: () => "",
      describe: (i) => {
        const v = data.vertices[i];
        return {
          lines: v.lines,
          op: v.label,
          sentence: v.step === undefined ? v.lines.join(" ") : tables.describe(v.step),
        };
      },
      onSelect: (i) => {
        if (data.vertices[i].step !== undefined && steps.at !== data.vertices[i].step)
          steps.go(data.vertices[i].step);
      },
      onKey: (event) => {
        if (steps.key(event)) drawing.focus(first + steps.at);
      },
    });
    const tables = new PlanTables(data, (i) => steps.go(i));
    const memory = new MemoryChart(data, (i) => steps.go(i));
    const go = (at) => {
      tables.step(at);
      memory.step(at);
      drawing.selected = first + at;
      drawing.refresh();
      drawing.follow();
    };
    const steps = new Steps({
      count: data.steps.length,
      start: 0,
      unit: "Steps of the plan",
      describe: (i) => tables.describe(i),
      onStep: go,
    });
    document.body.append(
      header(
        el("p", { class: "hint" }, "What runs at each call, in which order, and in which memory."),
      ),
      el(
        "main",
        { class: "one-column" },
        el(
          "div",
          { class: "wide" },
          tables.summary(),
          section(
            "graph",
            "Graph",
            el("div", { class: "bar-of-buttons" }, steps.element, ...controls(drawing)),
            drawing.box,
            legend(
              ["input", "input or constant"],
              ["intermediate", "step"],
              ["output", "makes an output"],
            ),
          ),
          memory.element,
          tables.steps,
          tables.inputs(),
        ),
      ),
      live,
    );
    drawing.selected = first;
    drawing.draw();
    memory.draw();
    tables.step(0);
    redrawn(() => {
      drawing.draw();
      memory.draw();
    });
    window.page = { data, drawing, steps };
  };

  if (data.kind === "graph") graph();
  else plan();
})();
