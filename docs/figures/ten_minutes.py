"""What the network of the ten minutes says of a sine, after some steps of its fit."""

import sys

import matplotlib.pyplot as plt
import numpy as np
from _style import BLUE, GREEN, GREY, ORANGE, STYLE, save

import gpugrad as gg

gg.use_backend("numpy")
plt.rcParams.update(STYLE)

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
        colour = {0: ORANGE, 20: BLUE, 500: GREEN}[step]
        axes.plot(x, model(x), color=colour, label=f"after {step} steps")
    model, state = update(model, state)
axes.set(xlabel="x")
axes.legend()
save(figure, sys.argv[1], "ten_minutes")
