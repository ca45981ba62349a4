"""What the network of the ten minutes says of a sine, after some steps of its fit."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import gpugrad as gg

gg.use_backend("numpy")
GREY = "#808080"
plt.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "gpugrad", "text.color": GREY,
    "axes.labelcolor": GREY, "axes.edgecolor": GREY, "xtick.color": GREY, "ytick.color": GREY,
})  # fmt: skip

x = np.linspace(-1, 1, 200)[:, None]
target = np.sin(3 * x)
model = gg.nn.MLP([1, 32, 32, 1], activation="tanh", rng=0, dtype="float64")
opt = gg.optim.adam(1e-2)
state = opt.init(model)


@gg.jit
def update(model: gg.nn.MLP, state: object) -> tuple[gg.nn.MLP, object]:
    grads = gg.grad(lambda m: gg.mean((m(x) - target) ** 2))(model)
    updates, state = opt.update(grads, state, model)
    return gg.optim.apply_updates(model, updates), state


figure, axes = plt.subplots(figsize=(6.4, 3.0))
axes.plot(x, target, color=GREY, linewidth=5, alpha=0.5, label="sin 3x")
for step in range(501):
    if step in (0, 20, 500):
        colour = {0: "#d55e00", 20: "#0072b2", 500: "#009e73"}[step]
        axes.plot(x, model(x), color=colour, label=f"after {step} steps")
    model, state = update(model, state)
axes.set(xlabel="x")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
figure.savefig(Path(sys.argv[1]) / "ten_minutes.svg", transparent=True, bbox_inches="tight",
               metadata={"Date": None})  # fmt: skip
