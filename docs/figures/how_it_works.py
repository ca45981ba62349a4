"""What a function goes through: as it comes, and as a plan."""

import sys

import matplotlib.pyplot as plt
from _style import BLUE, GREY, ORANGE, STYLE, save

plt.rcParams.update(STYLE)

BOXES = {
    "function": (0.0, 1.0, "your function", GREY),
    "ops": (2.0, 1.8, "ops", BLUE),
    "graph": (4.6, 1.8, "graph\nnodes, saved arrays", BLUE),
    "sweep": (7.6, 1.8, "reverse sweep\nrules, in reverse", BLUE),
    "trace": (2.0, 0.2, "trace\na run, noted", ORANGE),
    "plan": (4.1, 0.2, "plan\nsteps, slots", ORANGE),
    "passes": (5.7, 0.2, "passes", ORANGE),
    "engine": (7.6, 0.2, "engine\nnumpy, native, cupy", ORANGE),
    "arrays": (9.6, 1.0, "arrays", GREY),
}
ARROWS = [
    ("function", "ops", "as it comes", (-0.5, 0.12)),
    ("function", "trace", "under gg.jit", (-0.5, -0.12)),
    ("ops", "graph", "", (0, 0)),
    ("graph", "sweep", "", (0, 0)),
    ("sweep", "arrays", "", (0, 0)),
    ("trace", "plan", "", (0, 0)),
    ("plan", "passes", "", (0, 0)),
    ("passes", "engine", "", (0, 0)),
    ("engine", "arrays", "", (0, 0)),
    ("sweep", "trace", "a sweep that comes a third time", (1.35, -0.12)),
]

figure, axes = plt.subplots(figsize=(10.5, 3.2))
placed = {
    name: axes.text(
        x, y, text, ha="center", va="center", color=colour,
        bbox={"boxstyle": "round,pad=0.45", "facecolor": "none", "edgecolor": colour},
    )
    for name, (x, y, text, colour) in BOXES.items()
}  # fmt: skip
for start, end, label, (dx, dy) in ARROWS:
    rare = start == "sweep" and end == "trace"
    axes.annotate(
        "", xy=BOXES[end][:2], xytext=BOXES[start][:2],
        arrowprops={
            "arrowstyle": "->", "color": GREY, "linestyle": "--" if rare else "-",
            "patchA": placed[start].get_bbox_patch(), "patchB": placed[end].get_bbox_patch(),
            "shrinkA": 3, "shrinkB": 3,
        },
    )  # fmt: skip
    (x0, y0), (x1, y1) = BOXES[start][:2], BOXES[end][:2]
    axes.text((x0 + x1) / 2 + dx, (y0 + y1) / 2 + dy, label, ha="center", va="center",
              color=GREY, fontsize=9.5)  # fmt: skip
axes.set(xlim=(-0.8, 10.2), ylim=(-0.3, 2.3))
axes.axis("off")
save(figure, sys.argv[1], "how_it_works")
