"use strict";
// Arrays: a shape, a dtype, and elements in C order in a typed array. Integers and truth values are
// held as doubles, which are exact up to 2**53.

const Arrays = (() => {
  const size = (shape) => shape.reduce((n, k) => n * k, 1);

  const storage = (dtype, n) => (dtype === "float32" ? new Float32Array(n) : new Float64Array(n));

  const make = (shape, dtype) => ({ shape, dtype, data: storage(dtype, size(shape)) });

  const strides = (shape) => {
    const found = new Array(shape.length);
    let step = 1;
    for (let i = shape.length - 1; i >= 0; i--) {
      found[i] = step;
      step *= shape[i];
    }
    return found;
  };

  // An array as Python wrote it: the bytes of its elements, least significant first, in base64.
  const unpack = ({ shape, dtype, bytes }) => {
    const raw = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
    const view = new DataView(raw.buffer);
    const made = make(shape, dtype);
    const wide = dtype === "float32" ? 4 : 8;
    for (let i = 0; i < made.data.length; i++) {
      made.data[i] = wide === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true);
    }
    return made;
  };

  const broadcastShape = (shapes) => {
    const n = Math.max(...shapes.map((s) => s.length));
    return Array.from({ length: n }, (_, i) => {
      const lengths = shapes.map((s) => s[s.length - n + i] ?? 1);
      return lengths.find((k) => k !== 1) ?? 1;
    });
  };

  // For each element of `shape` in order, where it lies in memory with these strides.
  const offsets = (shape, steps, start = 0) => {
    const found = new Int32Array(size(shape));
    const index = new Array(shape.length).fill(0);
    let at = start;
    for (let i = 0; i < found.length; i++) {
      found[i] = at;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        at += steps[axis];
        if (++index[axis] < shape[axis]) break;
        at -= steps[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return found;
  };

  // The steps over an array that is stretched to `shape`: 0 along axes that are.
  const stretched = (x, shape) => {
    const own = strides(x.shape);
    const before = shape.length - x.shape.length;
    return shape.map((_, i) => (i < before || x.shape[i - before] === 1 ? 0 : own[i - before]));
  };

  const broadcast = (x, shape) => {
    if (x.shape.length === shape.length && x.shape.every((n, i) => n === shape[i])) return x;
    const made = make(shape, x.dtype);
    offsets(shape, stretched(x, shape)).forEach((at, i) => {
      made.data[i] = x.data[at];
    });
    return made;
  };

  // Elements of `x` at `places`, as an array of `shape`.
  const gathered = (x, shape, places) => {
    const made = make(shape, x.dtype);
    for (let i = 0; i < places.length; i++) made.data[i] = x.data[places[i]];
    return made;
  };

  const isFloat = (dtype) => dtype === "float64" || dtype === "float32";

  return {
    size,
    storage,
    make,
    strides,
    unpack,
    broadcastShape,
    offsets,
    stretched,
    broadcast,
    gathered,
    isFloat,
  };
})();
