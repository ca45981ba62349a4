"use strict";
// Runs a program: steps over slots, in the order in which they stand, as Python's reference does.

const Evaluate = (() => {
  const CONTROL = ["cond", "scan"];
  const DTYPES = [
    "float64",
    "float32",
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
  ];

  const plansOf = (settings) =>
    Object.values(settings)
      .filter((x) => x !== null && typeof x === "object" && "plan" in x)
      .map((x) => x.plan);

  // What keeps a page from running this program: words, or nothing.
  const missing = (program) => {
    for (const [, dtype] of program.slots) {
      if (!DTYPES.includes(dtype)) return `a page does not compute with numbers of ${dtype}`;
    }
    for (const [op, , outputs, settings] of program.steps) {
      const known = op in Movement.TABLE || CONTROL.includes(op);
      if (!known) return `a page does not know how to compute ${op}`;
      if (outputs.length > 1 && !CONTROL.includes(op)) return `${op} has several results`;
      for (const plan of plansOf(settings)) {
        const inside = missing(plan);
        if (inside) return inside;
      }
    }
    return "";
  };

  const filled = (x, operands) => {
    if (Array.isArray(x)) return x.map((part) => filled(part, operands));
    if (x === null || typeof x !== "object" || "slice" in x) return x;
    if ("operand" in x) return operands[x.operand];
    if ("number" in x) return { inf: Infinity, "-inf": -Infinity, nan: NaN }[x.number];
    return Object.fromEntries(Object.entries(x).map(([key, y]) => [key, filled(y, operands)]));
  };

  // Arrays and settings of a step. What is called as a function says which of its arguments are
  // arrays; numbers may stand among them.
  const taken = (operands, settings) => {
    const { arrays, ...rest } = settings;
    if (arrays === undefined) return [operands, filled(settings, operands)];
    const array = (x) =>
      typeof x === "object"
        ? filled(x, operands)
        : { shape: [], dtype: "float64", data: [Number(x)] };
    return [arrays.map(array), filled(rest, operands)];
  };

  const step = (op, operands, settings, slots) => {
    if (op === "cond")
      return run(settings[operands[0].data[0] ? "true" : "false"].plan, operands.slice(1));
    if (op === "scan") return scan(operands, settings, slots);
    const [arrays, found] = taken(operands, settings);
    const results = slots.map(([shape, dtype]) => Arrays.make(shape, dtype));
    Movement.TABLE[op](arrays, found, results[0]);
    return results;
  };

  const scan = (operands, { body, carries, xs, length, reverse }, slots) => {
    let carry = operands.slice(0, carries);
    const rows = operands.slice(carries, carries + xs);
    const outside = operands.slice(carries + xs);
    const results = slots.slice(carries).map(([shape, dtype]) => Arrays.make(shape, dtype));
    for (let n = 0; n < length; n++) {
      const i = reverse ? length - 1 - n : n;
      const parts = rows.map((x) => {
        const size = x.data.length / x.shape[0];
        return {
          shape: x.shape.slice(1),
          dtype: x.dtype,
          data: x.data.slice(i * size, (i + 1) * size),
        };
      });
      const made = run(body.plan, [...carry, ...parts, ...outside]);
      carry = made.slice(0, carries);
      made.slice(carries).forEach((y, k) => results[k].data.set(y.data, i * y.data.length));
    }
    return [...carry, ...results];
  };

  // The outputs of a program for arrays in the order of its inputs.
  const run = (program, inputs) => {
    const values = new Array(program.slots.length);
    for (const [slot, x] of program.constants) values[slot] = Arrays.unpack(x);
    program.inputs.forEach((slot, i) => {
      values[slot] = inputs[i];
    });
    for (const [op, from, to, settings] of program.steps) {
      const results = step(
        op,
        from.map((i) => values[i]),
        settings,
        to.map((i) => program.slots[i]),
      );
      to.forEach((slot, i) => {
        values[slot] = results[i];
      });
    }
    return program.outputs.map((slot) => values[slot]);
  };

  return { missing, run };
})();
