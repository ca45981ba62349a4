"""The measured populations and the fitted ones, which go on."""

from _recipe import axes, names_of, save
from _style import BLUE, ORANGE

p = names_of("ode", first=2)
np = p["np"]
path = p["solve"](p["y0"], np.exp(p["fit"].x), 0.05, 600)
times = 0.05 * np.arange(1, 601)

ax = axes("time", "population")
for k, (name, color) in enumerate([("prey", BLUE), ("predators", ORANGE)]):
    ax.plot(times, path[:, k], color=color, label=name)
    ax.plot(times[9:400:10], p["measured"][:, k], ".", color=color)
ax.legend()
save(ax.figure)
