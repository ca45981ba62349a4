"use strict";
// Where boxes and frames go. A group is laid out alone first, with a port for each link that leaves
// it, and is one box outside.

const Layout = (() => {
  const GAP = 40; // between layers
  const PADDING = 16;
  const HEADER = 30; // of a frame, with its name

  // `top` is a tree of `{ id, children, width }`, in which a child is an id or a tree; `boxes`
  // gives `{ along, across }` by id; a link has `from`, `to`, an `offset` at its end, and `label`,
  // the width of what stands there.
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
    const layers = Layers.of(cells, edges);
    const chains = Layers.chains(layers, edges, cells);
    Layers.order(layers, chains);
    const at = Layers.across(layers, chains, cells);
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
          cells.set(cell, { along: 0, across: Layers.THIN, port: true });
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

  return { place };
})();
