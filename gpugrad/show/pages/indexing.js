"use strict";
// Index keys as NumPy has them: numbers, slices, an ellipsis, new axes, and arrays of integers.

const Indexing = (() => {
  const length = (from, to, step) => Math.max(0, Math.ceil((to - from) / step));

  // The first place, the step and the length of a slice along an axis of `n` elements.
  const ends = ([start, stop, by], n) => {
    const step = by ?? 1;
    const low = step < 0 ? -1 : 0;
    const high = step < 0 ? n - 1 : n;
    const within = (i, otherwise) => {
      if (i === null) return otherwise;
      return Math.min(Math.max(i < 0 ? i + n : i, low), high);
    };
    const from = within(start, step < 0 ? high : 0);
    return { from, step, length: length(from, within(stop, step < 0 ? -1 : n), step) };
  };

  const isArray = (part) => part !== null && typeof part === "object" && "data" in part;
  const kind = (part, name) => part !== null && typeof part === "object" && name in part;

  // A mask as the arrays of integers that pick the same.
  const ofMask = (mask) => {
    const found = [...mask.data.keys()].filter((i) => mask.data[i]);
    const shape = [found.length];
    return Arrays.strides(mask.shape).map((step, axis) => ({
      shape,
      dtype: "int64",
      data: found.map((i) => Math.floor(i / step) % mask.shape[axis]),
    }));
  };

  // The parts of a key, one for each axis, with an ellipsis written out.
  const whole = (key, axes) => {
    const given = Array.isArray(key) ? [...key] : [key];
    const parts = given.flatMap((p) => (isArray(p) && p.dtype === "bool" ? ofMask(p) : [p]));
    const used = parts.filter((p) => p !== null && !kind(p, "ellipsis")).length;
    const rest = Array(axes - used).fill({ slice: [null, null, null] });
    const at = parts.findIndex((p) => kind(p, "ellipsis"));
    if (at < 0) return [...parts, ...rest];
    return [...parts.slice(0, at), ...rest, ...parts.slice(at + 1)];
  };

  // What a key picks of an array of `shape`: the shape of the result, and a place for each element.
  const pick = (shape, key) => {
    const own = Arrays.strides(shape);
    const parts = whole(key, shape.length);
    const lengths = [];
    const steps = [];
    const arrays = [];
    let start = 0;
    let axis = 0;
    const many = parts.some(isArray);
    let first = -1; // where the axes of index arrays go
    let last = -1;
    let apart = false;
    for (const [i, part] of parts.entries()) {
      if (part === null) {
        lengths.push(1);
        steps.push(0);
        continue;
      }
      const n = shape[axis];
      const step = own[axis];
      axis += 1;
      if (kind(part, "slice")) {
        const found = ends(part.slice, n);
        if (found.length) start += found.from * step;
        lengths.push(found.length);
        steps.push(found.step * step);
      } else if (many && (isArray(part) || typeof part === "number")) {
        const index = isArray(part) ? part : { shape: [], dtype: "int64", data: [part] };
        arrays.push({ index, n, step });
        if (first < 0) first = lengths.length;
        if (last >= 0 && i !== last + 1) apart = true;
        last = i;
      } else if (typeof part === "number") {
        start += (part < 0 ? part + n : part) * step;
      } else {
        throw new Error("an index of another kind");
      }
    }
    if (!arrays.length) return { shape: lengths, places: Arrays.offsets(lengths, steps, start) };
    return withArrays(lengths, steps, start, arrays, apart ? 0 : first);
  };

  const withArrays = (lengths, steps, start, arrays, at) => {
    const inner = Arrays.broadcastShape(arrays.map((a) => a.index.shape));
    const moved = new Float64Array(Arrays.size(inner));
    for (const { index, n, step } of arrays) {
      const wide = Arrays.broadcast(
        { shape: index.shape, dtype: "float64", data: Float64Array.from(index.data) },
        inner,
      );
      wide.data.forEach((j, i) => {
        if (j < -n || j >= n) throw new Error(`index ${j} where there are ${n} elements`);
        moved[i] += (j < 0 ? j + n : j) * step;
      });
    }
    const shape = [...lengths.slice(0, at), ...inner, ...lengths.slice(at)];
    const none = inner.map(() => 0);
    const plain = Arrays.offsets(
      shape,
      [...steps.slice(0, at), ...none, ...steps.slice(at)],
      start,
    );
    const zeros = lengths.map(() => 0);
    const which = Arrays.offsets(shape, [
      ...zeros.slice(0, at),
      ...Arrays.strides(inner),
      ...zeros.slice(at),
    ]);
    return { shape, places: plain.map((place, i) => place + moved[which[i]]) };
  };

  return { pick };
})();
