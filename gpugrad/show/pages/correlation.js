"use strict";
// Correlations of batches, as in convolutional layers: forward, and towards inputs and weights. All
// three go over the same products, and add them up where they belong.

const Correlation = (() => {
  // The indices of an array of `shape`, in order.
  const indices = (shape) =>
    Array.from({ length: Arrays.size(shape) }, (_, i) =>
      Arrays.strides(shape).map((step, axis) => Math.floor(i / step) % shape[axis]),
    );

  // For each point of the result and each tap of the weights, where the input lies within its
  // channel; -1 in the padding.
  const reach = (lengths, sizes, places, { pads, strides, dilations }) => {
    const own = Arrays.strides(lengths);
    const taps = indices(sizes);
    return indices(places).map((point) =>
      taps.map((tap) => {
        const index = point.map((p, d) => p * strides[d] + tap[d] * dilations[d] - pads[d][0]);
        const inside = index.every((i, d) => i >= 0 && i < lengths[d]);
        return inside ? index.reduce((at, i, d) => at + i * own[d], 0) : -1;
      }),
    );
  };

  // Calls `act` with the places of each product: in the input, the weights and the result.
  const products = (x, w, y, settings, act) => {
    const [batch, channels, ...lengths] = x;
    const [outs, each, ...sizes] = w;
    const places = y.slice(2);
    const [whole, taps, points] = [lengths, sizes, places].map(Arrays.size);
    const at = reach(lengths, sizes, places, settings);
    for (let n = 0; n < batch; n++) {
      for (let o = 0; o < outs; o++) {
        const first = Math.floor(o / (outs / settings.groups)) * each;
        for (let c = 0; c < each; c++) {
          const start = (n * channels + first + c) * whole;
          for (let p = 0; p < points; p++) {
            for (let k = 0; k < taps; k++) {
              if (at[p][k] < 0) continue;
              act(start + at[p][k], (o * each + c) * taps + k, (n * outs + o) * points + p);
            }
          }
        }
      }
    }
  };

  const filled = (result, run) => {
    const sums = new Float64Array(result.data.length);
    run(sums);
    result.data.set(sums);
  };

  const forward = ([x, w, bias], settings, result) => {
    filled(result, (sums) => {
      const points = Arrays.size(result.shape.slice(2));
      if (bias) {
        for (let i = 0; i < sums.length; i++) {
          sums[i] = bias.data[Math.floor(i / points) % bias.data.length];
        }
      }
      products(x.shape, w.shape, result.shape, settings, (a, b, c) => {
        sums[c] += x.data[a] * w.data[b];
      });
    });
  };

  const toInputs = ([g, w], settings, result) => {
    filled(result, (sums) =>
      products(result.shape, w.shape, g.shape, settings, (a, b, c) => {
        sums[a] += g.data[c] * w.data[b];
      }),
    );
  };

  const toWeights = ([x, g], settings, result) => {
    filled(result, (sums) =>
      products(x.shape, result.shape, g.shape, settings, (a, b, c) => {
        sums[b] += x.data[a] * g.data[c];
      }),
    );
  };

  return { forward, toInputs, toWeights };
})();
