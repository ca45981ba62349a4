"use strict";
// Functions of single numbers that Math does not have, with the edges that gpugrad promises.

const Functions = (() => {
  const { exp, log, log1p, abs, sqrt, PI } = Math;

  const larger = (x, y) => (x !== x ? x : x > y ? x : y);
  const smaller = (x, y) => (x !== x ? x : x < y ? x : y);

  // A cotangent of zero stays zero, whatever slope it meets that is not finite.
  const scale = (g, slope) => (g === 0 && !Number.isFinite(slope) ? 0 : g * slope);

  const isNegative = (x) => x < 0 || Object.is(x, -0);
  const copysign = (x, y) => (isNegative(y) ? -abs(x) : abs(x));

  // Halves go to the even neighbour.
  const roundEven = (x) => {
    if (!Number.isFinite(x)) return x;
    const low = Math.floor(x);
    const part = x - low;
    const near = part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1;
    return copysign(near, x);
  };

  const sigmoid = (x) => {
    const e = exp(-abs(x));
    return x >= 0 ? 1 / (1 + e) : x < 0 ? e / (1 + e) : x;
  };

  const tanhSlope = (x) => {
    const e = exp(-2 * abs(x));
    return (4 * e) / ((1 + e) * (1 + e));
  };

  const logaddexp = (x, y) => (x === y ? x + Math.LN2 : (x > y ? x : y) + log1p(exp(-abs(x - y))));

  const logaddexp2 = (x, y) =>
    x === y ? x + 1 : (x > y ? x : y) + log1p(2 ** -abs(x - y)) * Math.LOG2E;

  const logit = (x) => {
    if (x < 0.3 || x > 0.65) return log(x / (1 - x));
    return 2 * Math.atanh(x - 0.5 + (x - 0.5));
  };

  const xlogy = (x, y) => (x === 0 && y === y ? 0 : x * log(y));
  const xlog1py = (x, y) => (x === 0 && y === y ? 0 : x * log1p(y));
  const entr = (x) => (x < 0 ? -Infinity : x === 0 ? 0 : -x * log(x));

  // exp(-x²) without the rounding of x², of which the square of the first part has none.
  const bell = (x) => {
    const first = Math.fround(x);
    return exp(-first * first) * exp(-(x - first) * (x + first));
  };

  // For small numbers a series of positive terms, for large ones a continued fraction.
  const series = (x) => {
    let term = x;
    let sum = x;
    for (let n = 1; abs(term) > 1e-17 * abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / sqrt(PI)) * bell(x) * sum;
  };

  const fraction = (x) => {
    if (x > 27.3) return 0; // less than the smallest number
    let rest = 0;
    for (let n = Math.ceil(200 / (x * x)) + 20; n > 0; n--) rest = n / 2 / (x + rest);
    return bell(x) / sqrt(PI) / (x + rest);
  };

  const erf = (x) => (x !== x ? x : abs(x) < 2 ? series(x) : Math.sign(x) * (1 - fraction(abs(x))));

  const erfc = (x) => (x !== x ? x : x < 0.5 ? 1 - erf(x) : fraction(x));

  const ndtr = (x) => erfc(-x / Math.SQRT2) / 2;

  // The remainder has the sign of the divisor.
  const remainder = (x, y) => {
    const r = x % y;
    return r !== 0 && r < 0 !== y < 0 ? r + y : r === 0 ? copysign(0, y) : r;
  };

  const floorDivide = (x, y) => {
    if (y === 0) return x / y;
    const rest = x % y;
    const q = (x - rest) / y - (rest !== 0 && rest < 0 !== y < 0 ? 1 : 0);
    return q === 0 ? copysign(0, x / y) : roundEven(q);
  };

  const bits = (act) => (x, y) => Number(act(BigInt(x), BigInt(y)));

  // A base of 1 and an exponent of 0 give 1 in C, as in NumPy, whatever the other is.
  const power = (x, y) => (x === 1 ? 1 : x === -1 && !Number.isFinite(y) && y === y ? 1 : x ** y);

  return {
    larger,
    smaller,
    scale,
    roundEven,
    sigmoid,
    tanhSlope,
    logaddexp,
    logaddexp2,
    logit,
    xlogy,
    xlog1py,
    entr,
    erf,
    erfc,
    ndtr,
    isNegative,
    copysign,
    remainder,
    floorDivide,
    bits,
    power,
  };
})();
