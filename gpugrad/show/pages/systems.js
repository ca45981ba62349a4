"use strict";
// Linear systems, inverses and determinants, by elimination with the largest pivot of each column.

const Systems = (() => {
  // Makes `rows` triangular, with 1 on the diagonal, and does the same to the rows of `right`. The
  // determinant of what was there.
  const eliminate = (rows, right) => {
    let det = 1;
    for (let k = 0; k < rows.length; k++) {
      let best = k;
      for (let i = k + 1; i < rows.length; i++) {
        if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
      }
      if (best !== k) {
        det = -det;
        for (const m of [rows, right]) [m[k], m[best]] = [m[best], m[k]];
      }
      const pivot = rows[k][k];
      det *= pivot;
      if (pivot === 0) return 0;
      for (let i = k + 1; i < rows.length; i++) {
        const factor = rows[i][k] / pivot;
        if (factor === 0) continue;
        for (let j = k; j < rows.length; j++) rows[i][j] -= factor * rows[k][j];
        right[i] = right[i].map((x, j) => x - factor * right[k][j]);
      }
    }
    return det;
  };

  const solved = (rows, right) => {
    if (eliminate(rows, right) === 0) throw new Error("a matrix without an inverse");
    for (let k = rows.length - 1; k >= 0; k--) {
      for (let j = k + 1; j < rows.length; j++) {
        right[k] = right[k].map((x, c) => x - rows[k][j] * right[j][c]);
      }
      right[k] = right[k].map((x) => x / rows[k][k]);
    }
    return right.flat();
  };

  // The rows of a matrix that begins at `start`.
  const rowsOf = (x, start, n, m) =>
    Array.from({ length: n }, (_, i) => [...x.data.slice(start + i * m, start + (i + 1) * m)]);

  const solve = ([a, b], settings, result) => {
    const isVector = b.shape.length === 1;
    const right = isVector ? { ...b, shape: [...b.shape, 1] } : b;
    const [n, m] = right.shape.slice(-2);
    const batch = Arrays.broadcastShape([a.shape.slice(0, -2), right.shape.slice(0, -2)]);
    const starts = (x, each) =>
      Arrays.offsets(
        batch,
        Arrays.stretched({ shape: x.shape.slice(0, -2) }, batch).map((s) => s * each),
      );
    const [x, y] = [starts(a, n * n), starts(right, n * m)];
    x.forEach((start, k) => {
      result.data.set(solved(rowsOf(a, start, n, n), rowsOf(right, y[k], n, m)), k * n * m);
    });
  };

  const inverse = ([x], settings, result) => {
    const n = x.shape[x.shape.length - 1];
    for (let start = 0; start < x.data.length; start += n * n) {
      const unit = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
      );
      result.data.set(solved(rowsOf(x, start, n, n), unit), start);
    }
  };

  const determinant = ([x], settings, result) => {
    const n = x.shape[x.shape.length - 1];
    result.data.forEach((_, k) => {
      const right = Array.from({ length: n }, () => []);
      result.data[k] = eliminate(rowsOf(x, k * n * n, n, n), right);
    });
  };

  return { solve, inverse, determinant };
})();
