"""A drawing as SVG: self-contained, and legible on a light and on a dark page."""

from __future__ import annotations

from xml.sax.saxutils import escape

from gpugrad.show.flow import COLOURS, Box, Flow, Link
from gpugrad.show.layout import MARGIN, Point, Size, place, spaced

_CHARACTER = 7.4                                    # mean width at 13px, with room to spare
_SMALL = 6.6                                        # at 11.5px
_LINE = 17.0
_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"
_HEADER = 36.0
_FOOTER = 30.0
_KINDS = ("input", "intermediate", "output")

_STYLE = f"""
    text {{ font-family: {_FONT}; font-size: 13px; fill: #212121; }}
    .title {{ font-size: 15px; font-weight: 600; }}
    .gradient {{ font-size: 11.5px; fill: #546e7a; }}
    .note {{ font-size: 11.5px; fill: #757575; }}
    .label {{ font-size: 11.5px; fill: #c62828; }}
    .link {{ fill: none; stroke: #90a4ae; stroke-width: 1.4px; }}
""".rstrip()


def svg(flow: Flow, title: str) -> str:
    """The drawing as an SVG document."""
    sizes = {box.id: _size(box) for box in flow.boxes}
    placed = place(flow, sizes, lambda label: len(label) * _SMALL)
    header = _HEADER if title else 0.0
    legend = [kind for kind in _KINDS if any(box.kind == kind for box in flow.boxes)]
    width = max(placed.size[0], len(title) * 8.6 + 2 * MARGIN, 110.0 * len(legend) + 190)
    height = placed.size[1] + header + _FOOTER
    shift = (width - placed.size[0]) / 2
    centres = {id: (x + shift, y + header) for id, (x, y) in placed.boxes.items()}
    routes = [[(x + shift, y + header) for x, y in route] for route in placed.routes]
    paths, labels = _links(flow.links, routes, centres, sizes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"  <title>{escape(title or 'computational graph')}</title>",
        f"  <style>{_STYLE}\n  </style>",
        '  <defs><marker id="gpugrad-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 1L9 5L0 9z" fill="#90a4ae"/></marker></defs>',
        f'  <rect x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1:.0f}" rx="10" '
        'fill="#ffffff" stroke="#e0e0e0"/>',
    ]
    if title:
        parts.append(f'  <text class="title" x="{MARGIN:.0f}" y="28">{escape(title)}</text>')
    parts += paths
    parts += [_box(box, centres[box.id], sizes[box.id]) for box in flow.boxes]
    parts += labels
    parts += _legend(legend, height - _FOOTER + 12)
    return "\n".join([*parts, "</svg>"])


def _size(box: Box) -> Size:
    if box.kind in ("op", "gap"):
        return max(34.0, len(box.lines[0]) * _CHARACTER + 20), 32.0
    widths = [len(box.lines[0]) * _CHARACTER, *(len(line) * _SMALL for line in box.lines[1:])]
    return max(52.0, max(widths) + 30), 18.0 + _LINE * len(box.lines)


def _box(box: Box, centre: Point, size: Size) -> str:
    fill, stroke = COLOURS[box.kind]
    (x, y), (w, h) = centre, size
    radius = 6.0 if box.kind in ("op", "gap") else h / 2
    pen = 'stroke-width="1.2"' if box.kind == "op" else 'stroke-width="2"'
    if box.kind == "gap":
        pen += ' stroke-dasharray="4 4"'
    shape = (
        f'  <rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w:.1f}" height="{h:.1f}" '
        f'rx="{radius:.1f}" fill="{fill}" stroke="{stroke}" {pen}/>'
    )
    first = y + 4.5 - _LINE * (len(box.lines) - 1) / 2
    texts = [
        f'  <text class="{"gradient" if i else "value"}" text-anchor="middle" '
        f'x="{x:.1f}" y="{first + i * _LINE:.1f}">{escape(line)}</text>'
        for i, line in enumerate(box.lines)
    ]
    return "\n".join([shape, *texts])


def _links(
    links: list[Link],
    routes: list[list[Point]],
    centres: dict[str, Point],
    sizes: dict[str, Size],
) -> tuple[list[str], list[str]]:
    """The curves, and their labels, which are moved apart where they would overlap."""
    paths: list[str] = []
    spots: dict[int, list[tuple[float, float, str]]] = {}
    for link, route, bulge in zip(links, routes, _bulges(links), strict=True):
        x0, x1 = route[0][0] + sizes[link.source][0] / 2, route[-1][0] - sizes[link.target][0] / 2
        points = [(x0, route[0][1]), *route[1:-1], (x1 - 1, route[-1][1])]
        d = _curve(points, bulge)
        paths.append(f'  <path class="link" marker-end="url(#gpugrad-arrow)" d="{d}"/>')
        if link.label:
            (ax, ay), (bx, by) = points[0], points[1]
            middle = (ax + bx) / 2 if len(points) == 2 else ax + min(bx - ax, 90) / 2
            level = (ay + by) / 2 + bulge * 0.75
            spots.setdefault(round(middle / 30), []).append((level, middle, link.label))
    labels: list[str] = []
    for group in spots.values():
        group.sort()
        levels = spaced([level for level, _, _ in group], [15.0] * (len(group) - 1))
        for (_, x, label), y in zip(group, levels, strict=True):
            width = len(label) * _SMALL + 3
            labels += [
                f'  <rect x="{x - width / 2:.1f}" y="{y - 7:.1f}" width="{width:.1f}" height="14" '
                'rx="3" fill="#ffffff"/>',
                f'  <text class="label" text-anchor="middle" x="{x:.1f}" y="{y + 4:.1f}">'
                f"{escape(label)}</text>",
            ]
    return paths, labels


def _bulges(links: list[Link]) -> list[float]:
    """How far each link bends aside: those between the same two boxes must not coincide."""
    pairs = [(link.source, link.target) for link in links]
    total = {pair: pairs.count(pair) for pair in set(pairs)}
    seen: dict[tuple[str, str], int] = {}
    bulges = []
    for pair in pairs:
        i = seen[pair] = seen.get(pair, -1) + 1
        bulges.append((i - (total[pair] - 1) / 2) * 34.0)
    return bulges


def _curve(points: list[Point], bulge: float) -> str:
    """A smooth way through the points, level at each of them."""
    (x, y), *rest = points
    parts = [f"M{x:.1f} {y:.1f}"]
    for nx, ny in rest:
        middle = (x + nx) / 2
        parts.append(
            f"C{middle:.1f} {y + bulge:.1f} {middle:.1f} {ny + bulge:.1f} {nx:.1f} {ny:.1f}"
        )
        x, y = nx, ny
    return " ".join(parts)


def _legend(kinds: list[str], y: float) -> list[str]:
    parts = []
    x = MARGIN
    for kind in kinds:
        fill, stroke = COLOURS[kind]
        parts.append(
            f'  <circle cx="{x + 6:.1f}" cy="{y:.1f}" r="6" fill="{fill}" stroke="{stroke}" '
            f'stroke-width="2"/>\n'
            f'  <text class="note" x="{x + 18:.1f}" y="{y + 4:.1f}">{kind}</text>'
        )
        x += 34 + len(kind) * _SMALL
    parts.append(
        f'  <text class="note" x="{x:.1f}" y="{y + 4:.1f}" style="fill:#c62828">'
        "what each edge adds to the gradient</text>"
    )
    return parts
