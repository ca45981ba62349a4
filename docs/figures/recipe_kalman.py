"""The path, the observations of it, and what the filter makes of these."""

from _recipe import axes, names_of, save
from _style import BLUE, GREY, ORANGE

p = names_of("kalman", first=5)
mean, deviation = p["mean"][:, 0], p["deviation"]
times = range(len(mean))

ax = axes("time", "place")
ax.fill_between(times, mean - 2 * deviation, mean + 2 * deviation, color=BLUE, alpha=0.25, lw=0,
                label="two standard deviations")  # fmt: skip
ax.plot(times, mean, color=BLUE, label="filter")
ax.plot(times, p["places"], color=ORANGE, label="path")
ax.plot(times, p["y"][:, 0], ".", color=GREY, ms=3, label="observed")
ax.legend()
save(ax.figure)
