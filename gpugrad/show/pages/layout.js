"use strict";
// Where boxes and frames go: layers along one direction, few crossings, short links.
//
// The classical method: layers by the longest path, links that cross a layer run through points in
// it, the order within layers by repeated averaging, then places that pull linked boxes level. A
// group is laid out alone first, with a port for each link that leaves it, and is one box outside.

const Layout = (() => {
  const SPACE = 20; // between boxes side by side
  const GAP = 40; // between layers
  const PADDING = 16;
  const HEADER = 30; // of a frame, with its name
  const THIN = 10; // of a link that passes a layer
  const ROUNDS = 10;

  // `top` is a tree of `{ id, children, width }`, in which a child is an id or a tree; `boxes` gives
  // `{ along, across }` by id; a link has `from`, `to`, an `offset` at its end, and a `label` width.
  const place = (top, boxes, links, vertical) => {
    const inside = new Map();
    const collect = (group) => {
      const found = new Set();
      for (const child of group.children) {
        if (typeof child === "object") for (const id of collect(child)) found.add(id);
        else found.add(child);
      }
      inside.set(group.id, found);
      return found;
    };
    collect(top);
    const whole = level(top, boxes, links, inside, vertical, true);
    const found = { boxes: new Map(), frames: new Map(), segments: links.map(() => []) };
    settle(whole, 0, 0, 0, found, inside, links);
    return finished(found, links, vertical);
  };

  const level = (group, boxes, links, inside, vertical, outermost) => {
    const subs = new Map();
    const home = new Map();
    const cells = new Map();
    for (const child of group.children) {
      if (typeof child === "object") {
        const made = level(child, boxes, links, inside, vertical, false);
        subs.set(child.id, made);
        cells.set(child.id, { along: made.along, across: made.across });
        for (const id of inside.get(child.id)) home.set(id, child.id);
      } else {
        cells.set(child, { ...boxes.get(child) });
        home.set(child, child);
      }
    }
    const edges = edgesOf(links, home, subs, cells);
    const layers = layersOf(cells, edges);
    const chains = chainsOf(layers, edges, cells);
    order(layers, chains);
    const at = across(layers, chains, cells);
    return measured({ group, subs, cells, edges, layers, chains, at, vertical, outermost });
  };

  // The links between the children of a group, ports included. Those of one source into one group
  // are one.
  const edgesOf = (links, home, subs, cells) => {
    const found = new Map();
    links.forEach((link, i) => {
      const [from, to] = [home.get(link.from), home.get(link.to)];
      if ((from === undefined && to === undefined) || from === to) return;
      const s = from ?? `in ${link.from}`;
      const t = to ?? `out ${link.from}`;
      for (const [cell, given] of [
        [s, from],
        [t, to],
      ]) {
        if (given === undefined && !cells.has(cell))
          cells.set(cell, { along: 0, across: THIN, port: true });
      }
      const own = to !== undefined && !subs.has(to);
      const key = JSON.stringify([s, t, own ? i : link.from]);
      if (!found.has(key)) {
        found.set(key, {
          s,
          t,
          links: [],
          label: 0,
          leaves: subs.get(s)?.outPorts.get(link.from) ?? 0,
          enters: own ? link.offset : (subs.get(t)?.inPorts.get(link.from) ?? 0),
        });
      }
      const edge = found.get(key);
      edge.links.push(i);
      if (own) edge.label = Math.max(edge.label, link.label);
    });
    return [...found.values()];
  };

  const layersOf = (cells, edges) => {
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
  const chainsOf = (layers, edges, cells) => {
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

  // Where everything lies, measured from the centre of the group.
  const measured = (made) => {
    const { group, cells, edges, layers, at, vertical, outermost } = made;
    const real = [...cells].filter(([, cell]) => !cell.port);
    const low = Math.min(...real.map(([id, c]) => at.get(id) - c.across / 2));
    const high = Math.max(...real.map(([id, c]) => at.get(id) + c.across / 2));
    const header = outermost ? 0 : HEADER;
    const widths = layers.map((ids) => Math.max(0, ...ids.map((id) => cells.get(id).along)));
    const where = new Map(layers.flatMap((ids, n) => ids.map((id) => [id, n])));
    const labels = layers.map(() => 0);
    for (const edge of edges) {
      const n = where.get(edge.t);
      labels[n] = Math.max(labels[n], edge.label ? edge.label + 26 : 0);
    }
    const centres = [];
    let along = PADDING + (vertical ? header : 0);
    widths.forEach((w, n) => {
      const isPorts = w === 0 && layers[n].every((id) => cells.get(id).port);
      if (n)
        along += isPorts || widths[n - 1] === 0 ? GAP / 2 : Math.max(GAP, vertical ? 0 : labels[n]);
      centres.push(along + w / 2);
      along += w;
    });
    along += PADDING;
    let wide = high - low + 2 * PADDING + (vertical ? 0 : header);
    const least = outermost ? 0 : group.width;
    if (vertical) wide = Math.max(wide, least);
    const total = vertical ? along : Math.max(along, least);
    const shift = (low + high) / 2 - (vertical ? 0 : header / 2);
    const places = new Map();
    for (const [id, cell] of cells) {
      const n = where.get(id);
      const u = cell.port ? (n === 0 ? 0 : total) : centres[n];
      places.set(id, {
        u: u - total / 2,
        v: at.get(id) - shift,
        half: cell.passes ? widths[n] / 2 : cell.along / 2,
      });
    }
    const ports = (kind) =>
      new Map(
        [...cells.keys()]
          .filter((id) => cells.get(id).port && id.startsWith(kind))
          .map((id) => [portOf(id), places.get(id).v]),
      );
    return {
      ...made,
      along: total,
      across: wide,
      places,
      inPorts: ports("in "),
      outPorts: ports("out "),
    };
  };

  const portOf = (id) => id.slice(id.indexOf(" ") + 1);

  const settle = (made, u, v, depth, found, inside, links) => {
    if (depth) found.frames.set(made.group.id, { u, v, along: made.along, across: made.across });
    for (const [id, cell] of made.cells) {
      if (cell.port || cell.passes) continue;
      const p = made.places.get(id);
      const sub = made.subs.get(id);
      if (sub) settle(sub, u + p.u, v + p.v, depth + 1, found, inside, links);
      else found.boxes.set(id, { u: u + p.u, v: v + p.v, along: cell.along, across: cell.across });
    }
    made.edges.forEach((edge, i) => {
      const chain = made.chains[i];
      const points = chain.flatMap(({ id, offset }, k) => {
        const p = made.places.get(id);
        const [x, y] = [u + p.u, v + p.v + offset];
        if (k === 0) return [[x + p.half, y]];
        if (k === chain.length - 1) return [[x - p.half, y]];
        return [
          [x - p.half, y],
          [x + p.half, y],
        ];
      });
      for (const n of edge.links) {
        const here = inside.get(made.group.id);
        const phase = !here.has(links[n].to)
          ? -depth
          : !here.has(links[n].from)
            ? 2000 + depth
            : 1000;
        found.segments[n].push({ phase, points });
      }
    });
  };

  const finished = (found, links, vertical) => {
    const all = [...found.boxes.values(), ...found.frames.values()];
    const left = Math.min(...all.map((b) => b.u - b.along / 2)) - PADDING;
    const top = Math.min(...all.map((b) => b.v - b.across / 2)) - PADDING;
    const right = Math.max(...all.map((b) => b.u + b.along / 2)) + PADDING;
    const bottom = Math.max(...all.map((b) => b.v + b.across / 2)) + PADDING;
    const point = ([u, v]) => (vertical ? [v - top, u - left] : [u - left, v - top]);
    const box = (b) => {
      const [x, y] = point([b.u, b.v]);
      return vertical ? { x, y, w: b.across, h: b.along } : { x, y, w: b.along, h: b.across };
    };
    const boxesOf = (map) => new Map([...map].map(([id, b]) => [id, box(b)]));
    const routes = found.segments.map((parts) => {
      const points = parts
        .sort((a, b) => a.phase - b.phase)
        .flatMap((part) => part.points)
        .map(point);
      return points.filter(
        ([x, y], i) => !i || Math.hypot(x - points[i - 1][0], y - points[i - 1][1]) > 0.5,
      );
    });
    const [w, h] = [right - left, bottom - top];
    return {
      boxes: boxesOf(found.boxes),
      frames: boxesOf(found.frames),
      routes,
      width: vertical ? h : w,
      height: vertical ? w : h,
    };
  };

  return { place, HEADER };
})();
