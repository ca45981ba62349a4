"use strict";
// Primitives that multiply matrices or move elements: the rest of the table.

const Movement = (() => {
  const P = Primitives;

  const matmul = ([a, b], settings, result) => {
    const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
    const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
    const [n, depth] = left.slice(-2);
    const m = right[right.length - 1];
    const batch = Arrays.broadcastShape([left.slice(0, -2), right.slice(0, -2)]);
    const starts = (shape, each) =>
      Arrays.offsets(
        batch,
        Arrays.stretched({ shape: shape.slice(0, -2) }, batch).map((s) => s * each),
      );
    const [x, y] = [starts(left, n * depth), starts(right, depth * m)];
    for (let k = 0; k < x.length; k++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < m; j++) {
          let sum = 0;
          for (let d = 0; d < depth; d++) {
            sum += a.data[x[k] + i * depth + d] * b.data[y[k] + d * m + j];
          }
          P.put(result, (k * n + i) * m + j, sum);
        }
      }
    }
  };

  const copyAll = ([x], settings, result) => result.data.set(x.data);

  const transposed = ([x], { axes }, result) => {
    const own = Arrays.strides(x.shape);
    const places = Arrays.offsets(
      result.shape,
      axes.map((axis) => own[axis]),
    );
    places.forEach((at, i) => {
      result.data[i] = x.data[at];
    });
  };

  const stretched = ([x], settings, result) => {
    result.data.set(Arrays.broadcast(x, result.shape).data);
  };

  const picked = ([x], { key }, result) => {
    const { places } = Indexing.pick(x.shape, key);
    if (places.length !== result.data.length) throw new Error("a mask picks more, or less, now");
    for (let i = 0; i < places.length; i++) result.data[i] = x.data[places[i]];
  };

  const joined = (operands, { axis }, result) => {
    const inner = (shape) => Arrays.size(shape.slice(axis));
    const whole = inner(result.shape);
    let start = 0;
    for (const x of operands) {
      const n = inner(x.shape);
      for (let i = 0; i < x.data.length; i++) {
        result.data[Math.floor(i / n) * whole + start + (i % n)] = x.data[i];
      }
      start += n;
    }
  };

  const packed = (operands, settings, result) => {
    let start = 0;
    for (const x of operands) {
      result.data.set(x.data, start);
      start += x.data.length;
    }
  };

  // NumPy drops axes of length 1 in front of what is written.
  const written =
    (act) =>
    ([x, part], { key }, result) => {
      result.data.set(x.data);
      const { shape, places } = Indexing.pick(x.shape, key);
      const axes = part.shape.slice(Math.max(0, part.shape.length - shape.length));
      const wide = Arrays.broadcast({ ...part, shape: axes }, shape);
      places.forEach((at, i) => {
        result.data[at] = act(result.data[at], wide.data[i]);
      });
    };

  const checkLabels = ([labels], { n }) => {
    if (labels.data.some((k) => k < 0 || k >= n)) throw new Error(`a label beyond ${n} classes`);
  };

  const oneHot = ([labels], { n }, result) => {
    labels.data.forEach((k, i) => {
      if (k >= 0 && k < n) result.data[i * n + k] = 1;
    });
  };

  const nll = ([x, labels], settings, result) => {
    const n = x.shape[x.shape.length - 1];
    labels.data.forEach((k, i) => {
      result.data[i] = -x.data[i * n + k];
    });
  };

  const flipped = ([x], { axis }, result) => {
    const axes = P.listed(axis, x.shape.length);
    const key = x.shape.map((_, i) => ({ slice: [null, null, axes.includes(i) ? -1 : 1] }));
    picked([x], { key }, result);
  };

  const rolled = ([x], { shift, axis }, result) => {
    const n = x.shape.length;
    const flat = axis === null || axis === undefined;
    const shape = flat ? [x.data.length] : x.shape;
    const by = new Array(shape.length).fill(0);
    const axes = flat ? [0] : P.listed(axis, n);
    const shifts = Array.isArray(shift) ? shift : axes.map(() => shift);
    axes.forEach((at, i) => {
      by[at] += shifts[i];
    });
    const own = Arrays.strides(shape);
    const index = (i, at) => Math.floor(i / own[at]) % shape[at];
    for (let i = 0; i < x.data.length; i++) {
      let to = 0;
      for (let at = 0; at < shape.length; at++) {
        to += ((((index(i, at) + by[at]) % shape[at]) + shape[at]) % shape[at]) * own[at];
      }
      result.data[to] = x.data[i];
    }
  };

  const triangle =
    (keeps) =>
    ([x], { k }, result) => {
      const [n, m] = x.shape.slice(-2);
      x.data.forEach((value, i) => {
        const [row, column] = [Math.floor(i / m) % n, i % m];
        result.data[i] = keeps(column - row, k ?? 0) ? value : 0;
      });
    };

  const takenAlong = ([x, index], { axis }, result) => {
    const at = P.positive(axis ?? -1, x.shape.length);
    const others = x.shape.map((n, i) => (i === at ? 0 : n));
    const own = Arrays.strides(x.shape);
    const wide = Arrays.broadcast(index, result.shape);
    const steps = own.map((s, i) => (i === at || others[i] === 1 ? 0 : s));
    Arrays.offsets(result.shape, steps).forEach((start, i) => {
      const k = wide.data[i] < 0 ? wide.data[i] + x.shape[at] : wide.data[i];
      result.data[i] = x.data[start + k * own[at]];
    });
  };

  const TABLE = {
    ...Object.fromEntries(
      Object.entries(P.ELEMENTWISE).map(([name, f]) => [name, P.elementwise(f)]),
    ),
    ...P.REDUCTIONS,
    matmul,
    reshape: copyAll,
    permute_dims: transposed,
    broadcast_to: stretched,
    slice: picked,
    getitem: picked,
    concat: joined,
    pack: packed,
    add_at: written((x, y) => x + y),
    set_at: written((x, y) => y),
    check_labels: checkLabels,
    one_hot: oneHot,
    nll,
    unit_vector: P.unitVector,
    batched_correlation: Correlation.forward,
    biased_correlation: Correlation.forward,
    correlation_inputs: Correlation.toInputs,
    correlation_weights: Correlation.toWeights,
    solve: Systems.solve,
    inv: Systems.inverse,
    det: Systems.determinant,
    var: P.spread(0, false),
    std: P.spread(0, true),
    cumulative_sum: P.running((x, y) => x + y, 0, false),
    cumulative_prod: P.running((x, y) => x * y, 1, false),
    reverse_cumulative_sum: P.running((x, y) => x + y, 0, true),
    argmax: P.place((x, y) => x > y),
    argmin: P.place((x, y) => x < y),
    flip: flipped,
    roll: rolled,
    tril: triangle((d, k) => d <= k),
    triu: triangle((d, k) => d >= k),
    take_along_axis: takenAlong,
  };

  return { TABLE };
})();
