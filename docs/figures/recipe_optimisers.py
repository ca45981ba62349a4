"""The fitted oscillation, and the band that the Jacobian gives it."""

from _recipe import axes, names_of, save
from _style import BLUE, GREY

p = names_of("optimisers")
curve = p["damped"](p["fit"].x, p["grid"])

ax = axes("time", "signal")
ax.fill_between(p["grid"], curve - p["band"], curve + p["band"], color=BLUE, alpha=0.25, lw=0,
                label="two standard errors")  # fmt: skip
ax.plot(p["grid"], curve, color=BLUE, label="fit")
ax.plot(p["times"], p["measured"], ".", color=GREY, label="measured")
ax.legend()
save(ax.figure)
