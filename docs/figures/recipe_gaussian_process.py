"""The posterior mean of the Gaussian process and its uncertainty."""

from _recipe import axes, names_of, save
from _style import BLUE, GREY

p = names_of("gaussian-process", first=5)
grid, mean, deviation = p["grid"], p["mean"], p["variance"] ** 0.5

ax = axes("x", "y")
ax.fill_between(grid, mean - 2 * deviation, mean + 2 * deviation, color=BLUE, alpha=0.25, lw=0,
                label="two standard deviations")  # fmt: skip
ax.plot(grid, mean, color=BLUE, label="mean")
ax.plot(p["x"], p["y"], ".", color=GREY, label="data")
ax.legend(loc="upper left")
save(ax.figure)
