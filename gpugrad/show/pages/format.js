"use strict";
// Numbers and arrays as text, as gpugrad's tables write them: six digits, or all of them.

const Format = (() => {
  const SMALL = 8; // elements up to which an array is written out
  const NOISE = 1e-12; // what is smaller, of the largest, is shown as 0

  // A number as Python writes it: by digits, where its power of ten lies below `most`.
  const written = (x, text, most) => {
    const [mantissa, power] = text.split("e");
    const n = Number(power);
    const digits = mantissa.replace(/[-.]/g, "").replace(/0+$/, "");
    const sign = x < 0 ? "-" : "";
    if (n < -4 || n >= most) {
      const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
      const places = String(Math.abs(n)).padStart(2, "0");
      return `${sign}${digits[0]}${rest}e${n < 0 ? "-" : "+"}${places}`;
    }
    if (n < 0) return `${sign}0.${"0".repeat(-n - 1)}${digits}`;
    const whole = digits.slice(0, n + 1).padEnd(n + 1, "0");
    const rest = digits.slice(n + 1);
    return sign + whole + (rest ? `.${rest}` : "");
  };

  const shortest = (x, dtype) => {
    if (dtype !== "float32") return x.toExponential();
    for (let n = 0; n < 9; n++) {
      if (Math.fround(Number(x.toExponential(n))) === x) return x.toExponential(n);
    }
    return x.toExponential();
  };

  const plain = (x, dtype, exact) => {
    if (x !== x) return "nan";
    if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
    if (x === 0) return exact && Object.is(x, -0) ? "-0" : "0";
    return exact ? written(x, shortest(x, dtype), 16) : written(x, x.toExponential(5), 6);
  };

  const largest = (entry) => {
    if (!entry || entry.dtype === "bool") return 0;
    const numbers = entry.data ?? entry.complex ?? entry.range ?? [];
    return numbers.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0);
  };

  // What writes the numbers of a table, of which `entries` are all.
  const writer = (entries, exact) => {
    const floor = exact ? 0 : NOISE * entries.reduce((m, x) => Math.max(m, largest(x)), 0);
    const w = { rounded: false };

    const number = (x, dtype) => {
      if (dtype === "bool") return x ? "True" : "False";
      if (x !== 0 && Math.abs(x) < floor) {
        w.rounded = true;
        return "0";
      }
      return plain(x, dtype, exact);
    };

    const element = (entry, i) => {
      if (!entry.complex) return number(entry.data[i], entry.dtype);
      const [re, im] = entry.complex.slice(2 * i, 2 * i + 2);
      return `${number(re)}${im >= 0 ? "+" : ""}${number(im)}i`;
    };

    const nested = (entry, shape, start) => {
      if (!shape.length) return element(entry, start);
      const [n, ...rest] = shape;
      const size = Arrays.size(rest);
      const parts = Array.from({ length: n }, (_, i) => nested(entry, rest, start + i * size));
      return `[${parts.join(", ")}]`;
    };

    w.array = (entry) => {
      if (entry === null) return "not kept";
      if (Array.isArray(entry)) return `(${entry.map((x) => (x ? w.array(x) : "-")).join(", ")})`;
      const size = Arrays.size(entry.shape);
      if (size <= SMALL) return nested(entry, entry.shape, 0);
      const shape = entry.shape.join(" × ");
      if (entry.complex) return `${shape} complex numbers`;
      const { range, finite } = ranged(entry);
      if (!finite) return `${shape} numbers, none finite`;
      const ends = range.map((x) => number(x, entry.dtype)).join(" … ");
      return `${shape} numbers, ${ends}${finite < size ? ", some not finite" : ""}`;
    };

    // As it fits beside an edge or into a box.
    w.short = (entry, most = 24) => {
      const text = w.array(entry);
      if (entry === null || text.length <= most) return text;
      if (Array.isArray(entry)) return `${entry.length} results`;
      if (!entry.shape.length) return text;
      return `${entry.shape.join(" × ")} numbers`;
    };

    // As part of a formula: a large one by its shape.
    w.constant = (entry) =>
      Arrays.size(entry.shape) > SMALL ? `[${entry.shape.join(" × ")}]` : w.array(entry);

    w.factor = (entry) => {
      const text = w.array(entry);
      return text.startsWith("-") || text.endsWith("i") ? `(${text})` : text;
    };
    return w;
  };

  const ranged = (entry) => {
    if ("finite" in entry) return entry;
    let [low, high, finite] = [Infinity, -Infinity, 0];
    for (const x of entry.data) {
      if (!Number.isFinite(x)) continue;
      finite += 1;
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    return { range: [low, high], finite };
  };

  const bytes = (n) => {
    let amount = n;
    for (const unit of ["B", "KiB", "MiB", "GiB"]) {
      if (amount < 1024 || unit === "GiB")
        return unit === "B" ? `${amount} B` : `${amount.toFixed(1)} ${unit}`;
      amount /= 1024;
    }
    return "";
  };

  const seconds = (s) => {
    if (s === null || s === undefined) return "";
    if (s >= 1) return `${s.toFixed(2)} s`;
    return s >= 1e-3 ? `${(s * 1e3).toFixed(2)} ms` : `${(s * 1e6).toFixed(2)} µs`;
  };

  return { writer, plain, ranged, bytes, seconds };
})();
