"use strict";
// Boxes in layers along one direction, and their places within each.
//
// The classical method: layers by the longest path, links that cross a layer run through points in
// it, the order within layers by repeated averaging, then places that pull linked boxes level.

const Layers = (() => {
  const SPACE = 20; // between boxes side by side
  const THIN = 10; // of a link that passes a layer
  const ROUNDS = 10;

  const of = (cells, edges) => {
    const into = new Map([...cells.keys()].map((id) => [id, 0]));
    const out = new Map([...cells.keys()].map((id) => [id, []]));
    for (const { s, t } of edges) {
      into.set(t, into.get(t) + 1);
      out.get(s).push(t);
    }
    const sources = [...into].filter(([, n]) => n === 0).map(([id]) => id);
    const ready = [...sources];
    const isIn = (id) => cells.get(id).port && id.startsWith("in ");
    const isOut = (id) => cells.get(id).port && id.startsWith("out ");
    const ports = [...cells.keys()].some(isIn) ? 1 : 0;
    const layer = new Map(ready.map((id) => [id, isIn(id) ? 0 : ports]));
    while (ready.length) {
      const id = ready.shift();
      for (const next of out.get(id)) {
        layer.set(next, Math.max(layer.get(next) ?? ports, layer.get(id) + 1));
        into.set(next, into.get(next) - 1);
        if (into.get(next) === 0) ready.push(next);
      }
    }
    for (const id of sources) {
      // a source stands just before its first use
      if (!isIn(id) && out.get(id).length) {
        layer.set(id, Math.max(ports, Math.min(...out.get(id).map((t) => layer.get(t))) - 1));
      }
    }
    const last = Math.max(...layer.values());
    const after = [...cells.keys()].some(isOut)
      ? last + ([...layer].some(([id, n]) => n === last && !isOut(id)) ? 1 : 0)
      : last;
    for (const id of cells.keys()) if (isOut(id)) layer.set(id, after);
    const found = Array.from({ length: after + 1 }, () => []);
    for (const [id, n] of layer) found[n].push(id);
    return found;
  };

  // For each edge the cells that it passes, ends included, with where it touches them.
  const chains = (layers, edges, cells) => {
    const where = new Map(layers.flatMap((ids, n) => ids.map((id) => [id, n])));
    return edges.map((edge, i) => {
      const chain = [{ id: edge.s, offset: edge.leaves }];
      for (let n = where.get(edge.s) + 1; n < where.get(edge.t); n++) {
        const id = `pass ${i} ${n}`;
        cells.set(id, { along: 0, across: THIN, passes: true });
        layers[n].push(id);
        chain.push({ id, offset: 0 });
      }
      chain.push({ id: edge.t, offset: edge.enters });
      return chain;
    });
  };

  const neighbours = (chains) => {
    const [before, after] = [new Map(), new Map()];
    const note = (map, key, value) => {
      (map.get(key) ?? map.set(key, []).get(key)).push(value);
    };
    for (const chain of chains) {
      for (let i = 1; i < chain.length; i++) {
        const [a, b] = [chain[i - 1], chain[i]];
        note(after, a.id, { id: b.id, theirs: b.offset, own: a.offset });
        note(before, b.id, { id: a.id, theirs: a.offset, own: b.offset });
      }
    }
    return [before, after];
  };

  const crossings = (layers, after) => {
    let n = 0;
    for (let i = 0; i + 1 < layers.length; i++) {
      const rank = new Map(layers[i + 1].map((id, k) => [id, k]));
      const ends = layers[i].flatMap((id) =>
        (after.get(id) ?? [])
          .map((next) => rank.get(next.id) + next.theirs / 1e4)
          .sort((a, b) => a - b),
      );
      for (let k = 0; k < ends.length; k++) {
        for (let l = k + 1; l < ends.length; l++) if (ends[k] > ends[l]) n += 1;
      }
    }
    return n;
  };

  const order = (layers, chains) => {
    const [before, after] = neighbours(chains);
    let best = layers.map((ids) => [...ids]);
    let fewest = crossings(layers, after);
    for (let turn = 0; turn < ROUNDS && fewest > 0; turn++) {
      const forward = turn % 2 === 0;
      const beside = forward ? before : after;
      const steps = layers.map((_, i) => i);
      for (const i of forward ? steps.slice(1) : steps.slice(0, -1).reverse()) {
        const rank = new Map(layers[forward ? i - 1 : i + 1].map((id, k) => [id, k]));
        const own = new Map(
          layers[i].map((id, k) => {
            const near = (beside.get(id) ?? []).map((x) => rank.get(x.id) + x.theirs / 1e3);
            return [id, near.length ? near.reduce((a, b) => a + b) / near.length : k];
          }),
        );
        layers[i].sort((a, b) => own.get(a) - own.get(b));
      }
      const n = crossings(layers, after);
      if (n < fewest) [best, fewest] = [layers.map((ids) => [...ids]), n];
    }
    best.forEach((ids, i) => layers[i].splice(0, ids.length, ...ids));
  };

  // Places in order that lie at least `apart`, and as near as can be to where they are wanted.
  const spaced = (wanted, apart) => {
    const blocks = [];
    let sum = 0;
    wanted.forEach((x, i) => {
      sum += i ? apart[i - 1] : 0;
      blocks.push({ mean: x - sum, n: 1 });
      while (blocks.length > 1 && blocks[blocks.length - 2].mean > blocks[blocks.length - 1].mean) {
        const b = blocks.pop();
        const a = blocks[blocks.length - 1];
        a.mean = (a.mean * a.n + b.mean * b.n) / (a.n + b.n);
        a.n += b.n;
      }
    });
    const flat = blocks.flatMap(({ mean, n }) => Array(n).fill(mean));
    let shift = 0;
    return flat.map((x, i) => x + (shift += i ? apart[i - 1] : 0));
  };

  const across = (layers, chains, cells) => {
    const both = neighbours(chains);
    const at = new Map();
    const apart = layers.map((ids) =>
      ids.slice(1).map((id, i) => {
        const [a, b] = [cells.get(ids[i]), cells.get(id)];
        return (a.across + b.across) / 2 + (a.passes || b.passes ? SPACE / 2 : SPACE);
      }),
    );
    layers.forEach((ids, i) => {
      const start = spaced(
        ids.map(() => 0),
        apart[i],
      );
      ids.forEach((id, k) => at.set(id, start[k]));
    });
    const settleLayer = (i, sides) => {
      const wanted = layers[i].map((id) => {
        const near = sides
          .flatMap((side) => side.get(id) ?? [])
          .map((x) => at.get(x.id) + x.theirs - x.own);
        return near.length ? near.reduce((a, b) => a + b) / near.length : at.get(id);
      });
      spaced(wanted, apart[i]).forEach((x, k) => at.set(layers[i][k], x));
    };
    for (let turn = 0; turn < 3 * ROUNDS; turn++) {
      const sides = turn > 2 * ROUNDS ? both : [both[turn % 2]];
      const steps = layers.map((_, i) => i);
      for (const i of turn % 2 ? steps.reverse() : steps) settleLayer(i, sides);
    }
    return at;
  };

  return { THIN, of, chains, order, across };
})();
