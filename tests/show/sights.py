"""What can be seen of a page: geometry, contrast, and pictures, each with a check that raises."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np

GRID = (12, 20)
"""Rows and columns of the mean colours by which pictures are compared."""

_GEOMETRY = """() => {
  const rect = (e) => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
  const all = (css) => [...document.querySelectorAll(css)];
  const ends = (path) => {
    const at = (p) => { const q = p.matrixTransform(path.getScreenCTM()); return [q.x, q.y]; };
    const n = path.getTotalLength();
    return [at(path.getPointAtLength(0)), at(path.getPointAtLength(n))];
  };
  return {
    svg: rect(document.querySelector('svg.drawing')),
    boxes: all('.vertex, .folded').map((e) => [e.dataset.id, rect(e)]),
    frames: all('.frame-box').map(rect),
    links: all('.link').map(ends),
  };
}"""  # noqa: E501

_CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (text, under) => {
    canvas.fillStyle = under;
    canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
    return `rgb(${r}, ${g}, ${b})`;
  };
  const light = (text) => text.match(/[0-9]+/g).map((n) => n / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    const above = [];
    for (let at = e; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      above.unshift(style.backgroundColor);
    }
    return above.reduce((under, colour) => rgba(colour, under), 'rgb(255, 255, 255)');
  };
  const found = [];
  const note = (e, colour, under) => {
    const [a, b] = [light(rgba(colour, under)), light(under)].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), e.textContent.slice(0, 40), e.tagName, colour, under]);
  };
  for (const e of document.querySelectorAll('body *')) {
    if (['SCRIPT', 'STYLE', 'NOSCRIPT', 'OPTION'].includes(e.tagName) || !e.checkVisibility({ visibilityProperty: true })) continue;
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    if (e.ownerSVGElement && e.tagName === 'title') continue;
    const style = getComputedStyle(e);
    if (!e.ownerSVGElement) { note(e, style.color, ground(e)); continue; }
    let box = e.previousElementSibling;
    while (box && box.tagName !== 'rect') box = box.previousElementSibling;
    const under = ground(e.ownerSVGElement.parentElement);
    note(e, style.fill, box ? rgba(getComputedStyle(box).fill, under) : under);
  }
  return found;
}"""  # noqa: E501


def geometry(tab: Any) -> dict[str, Any]:
    """Where boxes, frames and the ends of links are on the screen, in pixels."""
    found: dict[str, Any] = tab.evaluate(_GEOMETRY)
    return found


def check_geometry(found: dict[str, Any]) -> None:
    """No two boxes overlap, frames hold boxes whole or not at all, links end at boxes."""
    boxes = found["boxes"]
    assert boxes
    left, top, right, bottom = found["svg"]
    for name, (x0, y0, x1, y1) in boxes:
        assert left - 1 <= x0 <= x1 <= right + 1, f"{name} is outside of the drawing"
        assert top - 1 <= y0 <= y1 <= bottom + 1, f"{name} is outside of the drawing"
    for i, (name, a) in enumerate(boxes):
        for other, b in boxes[i + 1 :]:
            assert not _overlap(a, b, 1), f"{name} and {other} overlap"
        for frame in found["frames"]:
            assert not _overlap(a, frame, 1) or _inside(a, frame), f"{name} crosses a frame"
    for start, end in found["links"]:
        for x, y in (start, end):
            near = any(
                x0 - 6 <= x <= x1 + 6 and y0 - 6 <= y <= y1 + 6 for _, (x0, y0, x1, y1) in boxes
            )
            assert near, f"a link ends at ({x:.0f}, {y:.0f}), where no box is"


def _overlap(a: list[float], b: list[float], slack: float) -> bool:
    return (
        a[0] + slack < b[2] and b[0] + slack < a[2] and a[1] + slack < b[3] and b[1] + slack < a[3]
    )


def _inside(a: list[float], frame: list[float]) -> bool:
    return a[0] >= frame[0] and a[1] >= frame[1] and a[2] <= frame[2] and a[3] <= frame[3]


def check_contrast(tab: Any, least: float = 4.5) -> None:
    """Each text that is seen has at least this contrast with what is behind it."""
    found = tab.evaluate(_CONTRAST)
    assert len(found) > 20
    worst = [x for x in found if x[0] < least]
    assert not worst, worst[:5]


def picture(png: bytes) -> np.ndarray:
    """The mean colours of a picture, cut into a grid, from 0 to 1."""
    whole = matplotlib.image.imread(BytesIO(png))[:, :, :3]
    rows = np.array_split(whole, GRID[0], axis=0)
    return np.array([
        [part.mean(axis=(0, 1)) for part in np.array_split(row, GRID[1], axis=1)] for row in rows
    ])


def check_picture(png: bytes, reference: Path) -> None:
    """The picture looks like the reference from afar: fonts may differ, places and colours not."""
    found, wanted = picture(png), picture(reference.read_bytes())
    difference = np.abs(found - wanted)
    assert difference.mean() < 0.01, f"{reference.name}: mean difference {difference.mean():.3f}"
    assert difference.max() < 0.12, f"{reference.name}: largest difference {difference.max():.3f}"
