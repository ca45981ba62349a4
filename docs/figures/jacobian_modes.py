"""The order in which reverse and forward mode fill a Jacobian: rows, or columns."""

import sys

import matplotlib.pyplot as plt
from _style import BLUE, ORANGE, STYLE, save

plt.rcParams.update(STYLE)

figure, panels = plt.subplots(1, 2, figsize=(7.2, 2.6))
for panel, mode in zip(panels, ("reverse", "forward"), strict=True):
    for i in range(3):
        for j in range(5):
            part, of = (i, 3) if mode == "reverse" else (j, 5)
            colour = BLUE if mode == "reverse" else ORANGE
            panel.add_patch(plt.Rectangle(
                (j + 0.04, i + 0.04), 0.92, 0.92, color=colour, alpha=1 - 0.75 * part / (of - 1)
            ))  # fmt: skip
    what = "a cotangent for each row" if mode == "reverse" else "a tangent for each column"
    panel.set(xlim=(-0.1, 5.1), ylim=(3.1, -0.1), aspect="equal")
    panel.text(2.5, -0.3, f"{mode}: {what}", ha="center")
    panel.text(2.5, 3.5, "5 arguments", ha="center")
    panel.text(-0.3, 1.5, "3 results", ha="center", va="center", rotation=90)
    panel.axis("off")
save(figure, sys.argv[1], "jacobian_modes")
