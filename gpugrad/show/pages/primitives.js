"use strict";
// The primitives of a plan: each takes arrays and settings, and fills a result of known shape and
// dtype. What is not in this table, a page cannot compute, and says so.

const Primitives = (() => {
  const F = Functions;

  // One element of the result for one of each operand.
  const ELEMENTWISE = {
    add: (x, y) => x + y,
    subtract: (x, y) => x - y,
    multiply: (x, y) => x * y,
    divide: (x, y) => x / y,
    power: F.power,
    maximum: F.larger,
    minimum: F.smaller,
    scale: F.scale,
    negative: (x) => -x,
    positive: (x) => x,
    copy: (x) => x,
    square: (x) => x * x,
    sqrt: Math.sqrt,
    exp: Math.exp,
    exp2: (x) => 2 ** x,
    expm1: Math.expm1,
    log: Math.log,
    log1p: Math.log1p,
    log2: Math.log2,
    log10: Math.log10,
    logaddexp: F.logaddexp,
    logaddexp2: F.logaddexp2,
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    atan2: Math.atan2,
    hypot: (x, y) => Math.hypot(x, y),
    sinh: Math.sinh,
    cosh: Math.cosh,
    tanh: Math.tanh,
    tanh_slope: F.tanhSlope,
    asinh: Math.asinh,
    acosh: Math.acosh,
    atanh: Math.atanh,
    sigmoid: F.sigmoid,
    logit: F.logit,
    erf: F.erf,
    erfc: F.erfc,
    ndtr: F.ndtr,
    xlogy: F.xlogy,
    xlog1py: F.xlog1py,
    entr: F.entr,
    floor: Math.floor,
    ceil: Math.ceil,
    trunc: Math.trunc,
    round: F.roundEven,
    abs: Math.abs,
    sign: (x) => (x === 0 ? 0 : Math.sign(x)),
    signbit: F.isNegative,
    copysign: F.copysign,
    conj: (x) => x,
    real: (x) => x,
    imag: () => 0,
    astype: (x) => x,
    where: (c, x, y) => (c ? x : y),
    equal: (x, y) => x === y,
    not_equal: (x, y) => x !== y,
    less: (x, y) => x < y,
    less_equal: (x, y) => x <= y,
    greater: (x, y) => x > y,
    greater_equal: (x, y) => x >= y,
    bitwise_and: F.bits((x, y) => x & y),
    bitwise_or: F.bits((x, y) => x | y),
    bitwise_xor: F.bits((x, y) => x ^ y),
    logical_not: (x) => x === 0,
    logical_and: (x, y) => x !== 0 && y !== 0,
    logical_or: (x, y) => x !== 0 || y !== 0,
    logical_xor: (x, y) => (x !== 0) !== (y !== 0),
    isnan: (x) => x !== x,
    isfinite: (x) => Number.isFinite(x),
    isinf: (x) => x === Infinity || x === -Infinity,
    cbrt: Math.cbrt,
    reciprocal: (x) => 1 / x,
    floor_divide: F.floorDivide,
    remainder: F.remainder,
    fmod: (x, y) => x % y,
  };

  const put = (result, i, x) => {
    if (Arrays.isFloat(result.dtype) || x === true || x === false) {
      result.data[i] = x;
      return;
    }
    const whole = result.dtype === "bool" ? x !== 0 : Math.trunc(x);
    if (!Number.isSafeInteger(Number(whole))) throw new Error("an integer beyond 2**53");
    result.data[i] = whole;
  };

  const elementwise = (f) => (operands, settings, result) => {
    const wide = operands.map((x) => Arrays.broadcast(x, result.shape).data);
    const [x, y, z] = wide;
    for (let i = 0; i < result.data.length; i++) {
      put(
        result,
        i,
        y === undefined ? f(x[i]) : z === undefined ? f(x[i], y[i]) : f(x[i], y[i], z[i]),
      );
    }
  };

  const positive = (axis, n) => (axis < 0 ? axis + n : axis);

  // Axes as a list, of one number, several, or none for all.
  const listed = (axes, n) => {
    if (axes === null || axes === undefined) return Array.from({ length: n }, (_, i) => i);
    return (Array.isArray(axes) ? axes : [axes]).map((axis) => positive(axis, n));
  };

  // For each element of `x` in order, to which element of the result it belongs.
  const targets = (x, axes) => {
    const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
    const steps = Arrays.strides(kept).map((s, i) => (axes.includes(i) ? 0 : s));
    return Arrays.offsets(x.shape, steps);
  };

  const reduced = (x, axes, start, join) => {
    const count = x.shape.reduce((n, k, i) => (axes.includes(i) ? n : n * k), 1);
    const found = new Float64Array(count).fill(start);
    targets(x, axes).forEach((to, i) => {
      found[to] = join(found[to], x.data[i]);
    });
    return found;
  };

  const fill = (result, found) => {
    for (let i = 0; i < found.length; i++) put(result, i, found[i]);
  };

  const reduction =
    (start, join) =>
    ([x], settings, result) => {
      fill(result, reduced(x, listed(settings.axes ?? settings.axis, x.shape.length), start, join));
    };

  const REDUCTIONS = {
    sum: reduction(0, (x, y) => x + y),
    max: reduction(-Infinity, F.larger),
    min: reduction(Infinity, F.smaller),
    prod: reduction(1, (x, y) => x * y),
    all: reduction(1, (x, y) => (x !== 0 && y !== 0 ? 1 : 0)),
    any: reduction(0, (x, y) => (x !== 0 || y !== 0 ? 1 : 0)),
    count_nonzero: reduction(0, (n, y) => n + (y !== 0 ? 1 : 0)),
    mean: ([x], settings, result) => {
      const sums = reduced(x, listed(settings.axis, x.shape.length), 0, (a, b) => a + b);
      fill(
        result,
        sums.map((s) => s / (x.data.length / sums.length)),
      );
    },
    euclidean_norm: ([x], settings, result) => {
      const axes = listed(settings.axis, x.shape.length);
      const largest = reduced(x, axes, 0, (a, b) => F.larger(a, Math.abs(b)));
      const to = targets(x, axes);
      const squares = new Float64Array(largest.length);
      to.forEach((t, i) => {
        squares[t] += largest[t] ? (x.data[i] / largest[t]) ** 2 : 0;
      });
      fill(
        result,
        squares.map((s, t) =>
          Number.isFinite(largest[t]) ? largest[t] * Math.sqrt(s) : largest[t],
        ),
      );
    },
  };

  // Over its norm along axes; 0 where that is 0.
  const unitVector = ([x], settings, result) => {
    const axes = listed(settings.axis, x.shape.length);
    const to = targets(x, axes);
    const largest = reduced(x, axes, 0, (a, b) => F.larger(a, Math.abs(b)));
    const far = (k) => largest[k] === Infinity; // infinities count as equally large
    const part = (i) => {
      const [k, one] = [to[i], x.data[i]];
      if (far(k)) return Number.isFinite(one) ? 0 : Math.sign(one);
      return largest[k] === 0 ? one : one / largest[k];
    };
    const squares = new Float64Array(largest.length);
    to.forEach((k, i) => {
      squares[k] += part(i) ** 2;
    });
    to.forEach((k, i) => {
      put(result, i, part(i) / (squares[k] === 0 ? 1 : Math.sqrt(squares[k])));
    });
  };

  const spread =
    (correction, root) =>
    ([x], settings, result) => {
      const axes = listed(settings.axis, x.shape.length);
      const to = targets(x, axes);
      const sums = reduced(x, axes, 0, (a, b) => a + b);
      const n = x.data.length / sums.length;
      const squares = new Float64Array(sums.length);
      to.forEach((t, i) => {
        squares[t] += (x.data[i] - sums[t] / n) ** 2;
      });
      const over = n - (settings.correction ?? correction);
      fill(
        result,
        squares.map((s) => (root ? Math.sqrt(s / over) : s / over)),
      );
    };

  // Along one axis: `act` is given the places of each line of `x`, one after the other.
  const alongAxis = (x, axis, act) => {
    const at = positive(axis ?? -1, x.shape.length);
    const n = x.shape[at];
    const step = Arrays.strides(x.shape)[at];
    const others = x.shape.map((k, i) => (i === at ? 1 : k));
    for (const start of Arrays.offsets(others, Arrays.strides(x.shape))) {
      act(Array.from({ length: n }, (_, i) => start + i * step));
    }
  };

  const running =
    (join, start, reverse) =>
    ([x], settings, result) => {
      const places = [];
      alongAxis(x, settings.axis, (line) => places.push(line));
      const longer = settings.include_initial ? 1 : 0;
      const rows = [];
      alongAxis({ shape: result.shape }, settings.axis, (line) => rows.push(line));
      places.forEach((line, k) => {
        let total = start;
        if (longer) result.data[rows[k][0]] = start;
        (reverse ? [...line.keys()].reverse() : [...line.keys()]).forEach((i) => {
          total = join(total, x.data[line[i]]);
          put(result, rows[k][i + longer], total);
        });
      });
    };

  const place =
    (better) =>
    ([x], settings, result) => {
      const flat = settings.axis === null || settings.axis === undefined;
      const whole = flat ? { shape: [x.data.length], data: x.data } : x;
      let at = 0;
      alongAxis(whole, flat ? 0 : settings.axis, (line) => {
        let best = 0;
        for (let i = 1; i < line.length; i++) {
          const [now, then] = [x.data[line[i]], x.data[line[best]]];
          if (then === then && (now !== now || better(now, then))) best = i;
        }
        result.data[at++] = best;
      });
    };

  return {
    ELEMENTWISE,
    REDUCTIONS,
    elementwise,
    put,
    positive,
    listed,
    alongAxis,
    running,
    place,
    spread,
    unitVector,
  };
})();
