r"""
Sampling by mechanics: Hamiltonian Monte Carlo
==============================================

To draw from a distribution :math:`p(x) \propto e^{-U(x)}` of which only :math:`U` is
known, you can walk at random, which is slow, or let a ball roll through the landscape
:math:`U`. *Hamiltonian Monte Carlo* gives the ball a random momentum :math:`v`, follows
its motion

.. math::

    \dot x = v, \qquad \dot v = -\nabla U(x)

for a while, and accepts its new position as the next draw with probability
:math:`\min(1, e^{-\Delta H})`, where :math:`H = U + v^2/2`; otherwise it stays. This
corrects the error of the integrator. The method needs only the gradient.

The distribution here has the shape of a banana, and known moments: :math:`x_1` is
normal with variance :math:`s^2`, and :math:`x_2`, given :math:`x_1`, is normal with
mean :math:`b\,(x_1^2 - s^2)` and variance 1.
"""

import matplotlib.pyplot as plt
import numpy as np

import gpugrad as gg

SPREAD, BEND = 2.0, 0.4


def energy(x):
    """U, for one point."""
    mean = BEND * (x[0] ** 2 - SPREAD**2)
    return 0.5 * (x[0] / SPREAD) ** 2 + 0.5 * (x[1] - mean) ** 2


# %%
# The leapfrog method takes half a step in momentum, a step in position, and another
# half step in momentum. Like everything here, it is written for one ball; the loop is
# `gg.scan`, which also returns the positions on the way.

STEP, LEAPS = 0.3, 12
slope = gg.grad(energy)


def leap(state, _):
    x, v = state
    v = v - 0.5 * STEP * slope(x)
    x = x + STEP * v
    v = v - 0.5 * STEP * slope(x)
    return (x, v), x


def roll(x, v):
    return gg.scan(leap, (x, v), length=LEAPS)


def draw(x, v, u):
    """The position after x, by a momentum and a uniform number, and whether it moved."""
    (x_new, v_new), _ = roll(x, v)
    change = energy(x_new) - energy(x) + 0.5 * (gg.sum(v_new**2) - gg.sum(v**2))
    moved = gg.log(u) < -change
    return gg.where(moved, x_new, x), moved


# %%
# `gg.vmap` turns the function of one chain into a function of many, and `gg.jit`
# compiles it, including the random numbers. These come from keys, a new one for each
# draw. The balls start far out, so the first hundred draws are discarded.
#
# If a draw is accepted in one run but not in another, because a last digit was rounded
# differently, everything after it changes. `gg.use_deterministic` keeps `gg.jit` from
# switching to native code in the middle of the program, so every run gives the same
# draws.

gg.use_deterministic()
CHAINS, DRAWS, WARMUP = 64, 600, 100


@gg.jit
def draw_all(x, key):
    for_momentum, for_choice = gg.random.split(key)
    v = gg.random.normal(for_momentum, x.shape)
    u = gg.random.uniform(for_choice, (CHAINS,))
    return gg.vmap(draw)(x, v, u)


rng = np.random.default_rng(0)
x = rng.uniform(-4.0, 4.0, (CHAINS, 2))
xs, moved = [], []
for key in gg.random.split(gg.random.key(1), DRAWS):
    x, accepted = draw_all(x, key)
    xs.append(x)
    moved.append(accepted)
xs, moved = np.stack(xs, axis=1)[:, WARMUP:], np.stack(moved)
print(
    f"{xs.shape[0]} chains of {xs.shape[1]} draws; "
    f"{moved.mean():.0%} of the moves were accepted"
)

# %%
# Do the chains agree with each other? The Gelman-Rubin ratio R compares the variance of
# all draws with that within the chains, and is near 1 if no chain is stuck. Do they
# agree with the truth? The error of a mean is estimated from how much the chains
# differ.

within = xs.var(axis=1, ddof=1).mean(axis=0)
between = xs.mean(axis=1).var(axis=0, ddof=1)
r_hat = np.sqrt(1.0 + between / within)
print("R:", r_hat.round(3))
assert r_hat.max() < 1.05

exact = {"x1": 0.0, "x2": 0.0, "x1²": SPREAD**2, "x2²": 1.0 + 2.0 * BEND**2 * SPREAD**4}
found = {
    "x1": xs[..., 0],
    "x2": xs[..., 1],
    "x1²": xs[..., 0] ** 2,
    "x2²": xs[..., 1] ** 2,
}
for name, values in found.items():
    means = values.mean(axis=1)
    mean, error = means.mean(), means.std(ddof=1) / np.sqrt(CHAINS)
    print(f"mean of {name:3}: {mean:6.3f} ± {error:.3f}, exactly {exact[name]:.3f}")
    assert abs(mean - exact[name]) < 4.0 * error

# %%
# On the left, draws of all chains on lines of equal density, and the path of one ball
# for a few draws. On the right, the distribution of :math:`x_1` and the exact one.

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
a, b = np.meshgrid(np.linspace(-7, 7, 200), np.linspace(-5, 14, 200))
level = gg.vmap(gg.vmap(energy))(np.stack([a, b], axis=-1))
left.plot(*xs[:, ::20].reshape(-1, 2).T, ".", ms=1.5, color="C0")
left.contour(a, b, level, levels=[0.5, 2.0, 4.5], colors="0.5", zorder=3)
x = np.array([-4.0, 5.0])
for _ in range(4):
    way = np.vstack([x[None], roll(x, rng.normal(size=2))[1]])
    left.plot(*way.T, "o-", ms=3, lw=1, color="C1")
    x = way[-1]
left.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-7, 7), ylim=(-5, 14))
places = np.linspace(-7, 7, 200)
density = np.exp(-0.5 * (places / SPREAD) ** 2) / (SPREAD * np.sqrt(2 * np.pi))
right.hist(xs[..., 0].ravel(), bins=60, density=True, color="C0", alpha=0.5)
right.plot(places, density, color="C1")
right.set(xlabel="$x_1$", ylabel="density")
plt.show()
