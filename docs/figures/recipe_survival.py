"""Kaplan and Meier's estimate in both groups, and the fitted Weibull curves."""

from _recipe import axes, names_of, save
from _style import BLUE, ORANGE

p = names_of("survival", first=2)
np, gg = p["np"], p["gg"]
grid = np.linspace(0.01, 5, 100)

ax = axes("years", "survival")
for treated, name, color in ((0, "without treatment", BLUE), (1, "with treatment", ORANGE)):
    group = p["X"][:, 1] == treated
    order = np.argsort(p["times"][group])
    times, event = p["times"][group][order], p["event"][group][order]
    kept = np.cumprod(1 - event / np.arange(len(times), 0, -1))
    ax.step(times, kept, where="post", color=color, lw=1)
    # The mean over the ages in the group, as the estimate has them together.
    scale = np.exp(p["X"][group] @ p["fit"].x[1:])
    curves = gg.stats.weibull_min.sf(grid[:, None], np.exp(p["fit"].x[0]), scale=scale)
    ax.plot(grid, curves.mean(axis=1), "--", color=color, label=name)
ax.set_ylim(0, 1)
ax.legend()
save(ax.figure)
