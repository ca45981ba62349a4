"""What happens in the first calls of a compiled function."""

import sys

import matplotlib.pyplot as plt
from _style import BLUE, ORANGE, STYLE, save

plt.rcParams.update(STYLE)

CALLS = (
    ("call 1", "runs the function,\nnotes its steps", 3.0, ORANGE),
    ("call 2", "runs it again, compares,\nmakes the plan", 3.8, ORANGE),
    ("call 3", "plan", 1.0, BLUE),
    ("call 4", "plan", 1.0, BLUE),
    ("call 5", "plan", 1.0, BLUE),
)

figure, panel = plt.subplots(figsize=(8, 1.4))
left = 0.0
for name, what, width, colour in CALLS:
    panel.add_patch(plt.Rectangle((left, 0), width, 1, fill=False, color=colour, linewidth=2))
    panel.text(left + width / 2, 0.5, what, ha="center", va="center")
    panel.text(left + width / 2, 1.2, name, ha="center", va="bottom")
    left += width + 0.25
panel.text(left, 0.5, "...", va="center")
panel.set(xlim=(-0.1, left + 0.4), ylim=(-0.1, 1.7))
panel.axis("off")
save(figure, sys.argv[1], "jit_calls")
