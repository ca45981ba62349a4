"use strict";
// Which groups are folded, and what is seen then: boxes for vertices and for folded groups.

class Folding {
  static MOST = 24; // boxes at first, and half of it where the window is narrow

  constructor(groups, groupOf) {
    Object.assign(this, { groups, groupOf });
    this.open = new Set();
    this.openSome(window.innerWidth < 640 ? Folding.MOST / 2 : Folding.MOST);
  }

  // Unfold outer groups first, as long as there are not too many boxes.
  openSome(most) {
    const children = new Map([[null, []]]);
    this.groups.forEach((g, i) => {
      children.set(i, []);
      children.get(g.parent).push(i);
    });
    const inside = (i) => this.groupOf.filter((g) => g === i).length;
    let n = inside(null) + children.get(null).length;
    const waiting = [...children.get(null)];
    while (waiting.length) {
      const i = waiting.shift();
      const more = inside(i) + children.get(i).length - 1;
      if (n + more > most) continue;
      n += more;
      this.open.add(i);
      waiting.push(...children.get(i));
    }
  }

  all(open) {
    this.open = new Set(open ? this.groups.keys() : []);
  }

  toggle(g) {
    if (!this.open.delete(g)) this.open.add(g);
  }

  // The groups around a vertex or group, from the inside to the outside.
  *around(g) {
    for (let at = g; at !== null; at = this.groups[at].parent) yield at;
  }

  // The outermost folded group around a vertex, or the vertex itself.
  boxOf(i) {
    const folded = [...this.around(this.groupOf[i])].filter((g) => !this.open.has(g));
    return folded.length ? `g${folded.pop()}` : `v${i}`;
  }

  // The folded groups that can be seen.
  folded() {
    const isOpen = (g) => [...this.around(this.groups[g].parent)].every((at) => this.open.has(at));
    return [...this.groups.keys()].filter((g) => !this.open.has(g) && isOpen(g));
  }

  // How many vertices a group holds, with those of the groups in it.
  count(g) {
    return this.groupOf.filter((at) => [...this.around(at)].includes(g)).length;
  }

  // Unfold what is around a vertex; whether there was anything to unfold.
  reveal(i) {
    const folded = [...this.around(this.groupOf[i])].filter((g) => !this.open.has(g));
    for (const g of folded) this.open.add(g);
    return folded.length > 0;
  }

  // What is seen, as a tree for the layout; `width` gives that of the name of a group.
  tree(width, parent = null) {
    const vertices = [...this.groupOf.keys()].filter((i) => this.groupOf[i] === parent);
    const groups = [...this.groups.keys()].filter((g) => this.groups[g].parent === parent);
    return {
      id: parent === null ? "top" : `g${parent}`,
      width: parent === null ? 0 : width(this.groups[parent].name) + 60,
      children: [
        ...vertices.map((i) => `v${i}`),
        ...groups.map((g) => (this.open.has(g) ? this.tree(width, g) : `g${g}`)),
      ],
    };
  }

  // Links between what is seen; each stands for those of the graph that it holds.
  links(links) {
    const found = new Map();
    for (const link of links) {
      const [from, to] = [this.boxOf(link.from), this.boxOf(link.to)];
      if (from === to) continue;
      const end = to === `v${link.to}` ? `${link.to} ${link.position}` : to;
      const key = `${from} ${end}`;
      if (!found.has(key)) found.set(key, { from, to, holds: [] });
      found.get(key).holds.push(link);
    }
    return [...found.values()];
  }
}
