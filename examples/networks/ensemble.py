r"""
Sixteen networks at once, and where they disagree
=================================================

A network answers everywhere, even where it has seen no data. One way to notice is an
*ensemble*: train several networks that differ only in their initial weights, and see
how much they disagree. Here `gg.vmap` trains all of them with a program written for one
network.

If network :math:`k` predicts :math:`f_k(x)`, the ensemble predicts the mean
:math:`\mu`, and the spread :math:`s` says how uncertain it is:

.. math::

    \mu(x) = \frac{1}{K} \sum_{k=1}^K f_k(x), \qquad
    s(x)^2 = \frac{1}{K-1} \sum_{k=1}^K \left(f_k(x) - \mu(x)\right)^2 .

The data are noisy points of a curve, with a gap in the middle and nothing beyond the
ends.
"""

import matplotlib.pyplot as plt
import numpy as np

import gpugrad as gg

rng = np.random.default_rng(0)
x = np.concatenate([rng.uniform(-2.0, -0.6, 40), rng.uniform(0.7, 2.0, 40)])[:, None]
y = np.sin(3.0 * x) + 0.5 * x + rng.normal(0.0, 0.1, x.shape)

# %%
# The ensemble is one model whose arrays have one more axis in front: the weights of
# sixteen networks, stacked leaf by leaf.

MEMBERS = 16
members = [
    gg.nn.MLP([1, 32, 32, 1], "tanh", rng=seed, dtype="float64")
    for seed in range(MEMBERS)
]
ensemble = gg.tree.map(lambda *leaves: np.stack(leaves), *members)

# %%
# The training step is written for one network, and vectorised over the axis in front.
# The data are shared: `None` says that `x` and `y` have no such axis.

optimiser = gg.optim.adam(gg.optim.cosine(1e-2, 1200))


def step(model, state, x, y):
    value, grads = gg.value_and_grad(lambda m: gg.mean((m(x) - y) ** 2))(model)
    updates, state = optimiser.update(grads, state, model)
    return gg.optim.apply_updates(model, updates), state, value


step_all = gg.jit(gg.vmap(step, in_axes=(0, 0, None, None)))

states = gg.vmap(optimiser.init)(ensemble)
for _ in range(1200):
    ensemble, states, losses = step_all(ensemble, states, x, y)
print(
    f"losses between {losses.min():.4f} and {losses.max():.4f}; "
    "the noise alone makes 0.01"
)

# %%
# The sixteen networks are the same as if each had been trained alone.

alone, state = members[3], optimiser.init(members[3])
step_one = gg.jit(step)
for _ in range(1200):
    alone, state, _ = step_one(alone, state, x, y)

grid = np.linspace(-3.2, 3.2, 321)[:, None]
curves = gg.vmap(lambda model: model(grid))(ensemble)[:, :, 0]
print(
    f"largest difference of one that was trained alone: "
    f"{np.abs(curves[3] - alone(grid)[:, 0]).max():.0e}"
)

# %%
# Between the points and beyond them, the thin lines, one for each network, diverge. The
# band is :math:`\mu \pm 2s`.

mean, spread = curves.mean(axis=0), curves.std(axis=0, ddof=1)
t = grid[:, 0]
fig, ax = plt.subplots(figsize=(8, 4))
ax.plot(t, curves.T, color="C4", lw=0.5, alpha=0.6)
ax.fill_between(t, mean - 2 * spread, mean + 2 * spread, color="C0", alpha=0.25, lw=0)
ax.plot(t, mean, color="C0", label="mean of 16 networks")
ax.plot(
    t, np.sin(3 * t) + 0.5 * t, color="C2", ls="--", label="the curve behind the data"
)
ax.plot(x, y, "o", ms=3, color="C1", label="data")
ax.set(xlabel="x", ylabel="y", ylim=(-4, 4))
ax.legend(loc="upper left")
plt.show()

seen = ((t > -1.9) & (t < -0.7)) | ((t > 0.8) & (t < 1.9))
print(
    f"spread among the data {spread[seen].mean():.3f}, in the gap {spread[160]:.3f}, "
    f"at the right end {spread[-1]:.3f}"
)
assert spread[seen].mean() < 0.06
assert spread[-1] > 10 * spread[seen].mean()
