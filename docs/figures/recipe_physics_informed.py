"""The network's solution of the heat equation, and how far it is from the exact one."""

import matplotlib.pyplot as plt
from _recipe import names_of, save
from _style import GREY

p = names_of("physics-informed")
shape = (21, 21)
exact = p["exact"](p["t"], p["x"]).reshape(shape)
wrong = p["wrong"].reshape(shape)

figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
for ax, values, name in ((left, exact + wrong, "u"), (right, wrong, "error")):
    picture = ax.contourf(p["grid"], p["grid"], values.T, 20, cmap="cividis")
    ax.set(xlabel="t", ylabel="x")
    bar = figure.colorbar(picture, ax=ax, label=name)
    bar.formatter.set_powerlimits((-2, 2))
left.plot(*p["where"].T, "o", color="white", mec=GREY, ms=4)
save(figure)
