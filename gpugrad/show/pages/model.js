"use strict";
// What is known of a graph at the moment: its numbers, which change with its inputs, and the texts
// that are made of them.

class Model {
  constructor(data) {
    this.data = data;
    this.vertices = data.vertices;
    this.root = data.vertices[data.root];
    this.numbers = data.numbers.map(Model.read);
    this.wanted = this.numbers; // as Python computed them
    this.program = data.program ?? null;
    this.fixed = data.fixed ?? "";
    this.changed = [];
    this.given = this.program ? this.program.arrays.map(Arrays.unpack) : [];
    if (this.program) this.fixed = this.check();
    if (this.fixed) this.program = null;
    this.write();
  }

  static read(entry) {
    const numbers = (list) =>
      list?.map((x) =>
        typeof x === "string" ? { inf: Infinity, "-inf": -Infinity, nan: NaN }[x] : Number(x),
      );
    return {
      ...entry,
      data: numbers(entry.data),
      complex: numbers(entry.complex),
      range: numbers(entry.range),
    };
  }

  // Why inputs cannot be changed: what the page computes of the inputs as they are must be what
  // Python computed.
  check() {
    const missing = Evaluate.missing(this.program);
    if (missing) return missing;
    try {
      const found = Evaluate.run(this.program, this.given);
      const i = found.findIndex((y, k) => !Model.near(y, this.wanted[k]));
      if (i >= 0) return "this browser computes other numbers than Python did";
      return "";
    } catch (error) {
      return error.message;
    }
  }

  static near(y, x) {
    if (y.shape.join() !== x.shape.join()) return false;
    const tolerance = y.dtype === "float32" ? 1e-3 : 1e-8;
    const [a, b] = x.data ? [[...y.data], x.data] : [Format.ranged(y).range, x.range ?? []];
    const most = b.reduce((m, n) => (Number.isFinite(n) ? Math.max(m, Math.abs(n)) : m), 1e-12);
    return b.every(
      (n, i) => Object.is(a[i], n) || a[i] === n || Math.abs(a[i] - n) <= tolerance * most,
    );
  }

  compute() {
    this.numbers = Evaluate.run(this.program, this.given);
    this.write();
    for (const act of this.changed) act();
  }

  number(place) {
    if (place === null) return null;
    return Array.isArray(place) ? place.map((i) => this.number(i)) : this.numbers[place];
  }

  // The writers of both tables. What is noise in one of them is shown as 0.
  write() {
    const flat = (place) =>
      (Array.isArray(place) ? place : [place])
        .filter((i) => i !== null)
        .map((i) => this.numbers[i]);
    const { exact } = this.data;
    this.constants = Format.writer([], exact);
    this.values = Format.writer(
      this.vertices.flatMap((v) => flat(v.value)),
      exact,
    );
    this.gradients = Format.writer(
      this.vertices.flatMap((v) => [
        ...flat(v.gradient),
        ...v.shares.flatMap((s) => [...flat(s.value), ...flat(s.local)]),
      ]),
      exact,
    );
  }

  // A text in which the numbers of operands stand that change with the inputs.
  told(text) {
    const written = (whole, i) =>
      i in this.numbers ? this.constants.constant(this.numbers[i]) : whole;
    return text.replace(/⟦(\d+)⟧/g, written);
  }

  value(v) {
    return this.values.array(this.number(v.value));
  }

  gradient(v) {
    return v.gradient === null ? "none reached it" : this.gradients.array(this.number(v.gradient));
  }

  wantedName(v) {
    return `∂${this.root.name}/∂${v.name}`;
  }

  // One line for each contribution to the gradient of a vertex, and their total.
  contributions(v) {
    if (v === this.root) return [{ via: "", text: "start", sum: this.gradient(v), share: null }];
    const lines = v.shares.map((share) => ({
      via: share.via === null ? "…" : share.user,
      text: this.computation(share),
      sum: this.gradients.array(this.number(share.value)),
      share,
    }));
    if (lines.length > 1)
      lines.push({ via: "total", text: this.terms(v), sum: this.gradient(v), share: null });
    return lines.length ? lines : [{ via: "", text: "", sum: "", share: null }];
  }

  terms(v) {
    const longest = Math.max(
      ...v.shares.map((s) => this.gradients.array(this.number(s.value)).length),
    );
    if (longest > 24) return `sum of ${v.shares.length} contributions`;
    return v.shares.map((s) => this.gradients.factor(this.number(s.value))).join(" + ");
  }

  // `∂f/∂a · ∂(a²)/∂x = 3 · 2 · x = 3 · 4` for a single number, else what the rule does.
  computation(share) {
    if (share.local === null) return this.told(share.text);
    const user = this.vertices[share.via];
    const words = `${this.wantedName(user)} · ${this.told(share.partial)}`;
    const formula = share.formula === undefined ? undefined : this.told(share.formula);
    const g = this.gradients.factor(this.number(user.gradient));
    const local = this.gradients.factor(this.number(share.local));
    if (formula === undefined || formula === local) return `${words} = ${g} · ${local}`;
    return `${words} = ${g} · ${formula} = ${g} · ${local}`;
  }

  operation(v) {
    return this.told(v.operation);
  }

  // What a screen reader says of a vertex.
  sentence(v) {
    return `${v.name} = ${this.operation(v)}, value ${this.value(v)}, gradient ${this.gradient(v)}`;
  }

  share(input, [user, position]) {
    return this.vertices[input].shares.find((s) => s.via === user && s.position === position);
  }
}
