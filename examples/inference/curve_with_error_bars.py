r"""
A curve with its error bars
===========================

A sensor records a decaying vibration. We fit

.. math::

    f(t, p) = a\, e^{-t/\tau} \cos(\omega t + \varphi)

to noisy points, and ask how certain the four parameters :math:`p` are, and the curve
between the measurements. With noise of known size :math:`\sigma`, the negative
logarithm of the probability of the parameters, given the data, is, up to a constant,

.. math::

    U(p) = \frac{1}{2\sigma^2} \sum_i \left(y_i - f(t_i, p)\right)^2 .

Near its minimum :math:`\hat p` it is almost a quadratic function with Hessian
:math:`H`, which is the negative logarithm of a normal distribution. This is *Laplace's
approximation*: the parameters have the distribution :math:`\mathcal N(\hat p, H^{-1})`.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import curve_fit

import gpugrad as gg

NOISE = 0.2
TRUTH = np.array([1.5, 2.0, 5.0, 0.4])  # a, tau, omega, phi


def model(t, a, tau, omega, phi):
    return a * gg.exp(-t / tau) * gg.cos(omega * t + phi)


rng = np.random.default_rng(7)
t = np.sort(np.concatenate([rng.uniform(0.0, 1.5, 20), rng.uniform(2.7, 4.0, 20)]))
y = model(t, *TRUTH) + rng.normal(0.0, NOISE, t.shape)


def energy(p):
    return gg.sum((y - model(t, *p)) ** 2) / (2.0 * NOISE**2)


# %%
# Newton's method needs the gradient and the Hessian, and converges in a few steps from
# a good enough guess. We need the final Hessian anyway.

p = np.array([1.3, 1.8, 4.9, 0.5])
for _ in range(12):
    step = np.linalg.solve(gg.hessian(energy)(p), gg.grad(energy)(p))
    p = p - step
assert np.abs(step).max() < 1e-10
covariance = np.linalg.inv(gg.hessian(energy)(p))
errors = np.sqrt(np.diag(covariance))
for name, value, error, true in zip(
    ("a", "tau", "omega", "phi"), p, errors, TRUTH, strict=True
):
    print(f"{name:5} = {value:6.3f} ± {error:.3f}   (made with {true})")

# %%
# SciPy's `curve_fit` finds the same minimum. Its covariance comes from first
# derivatives alone, :math:`(J^T J)^{-1} \sigma^2`, so it leaves out the curvature of
# the model, and differs a little.

fitted, other = curve_fit(
    model,
    t,
    y,
    p0=[1.3, 1.8, 4.9, 0.5],
    sigma=np.full(t.shape, NOISE),
    absolute_sigma=True,
)
np.testing.assert_allclose(p, fitted, rtol=1e-4)
ratio = errors / np.sqrt(np.diag(other))
print("error bars, as multiples of those of curve_fit:", ratio.round(3))
assert np.abs(ratio - 1.0).max() < 0.25

# %%
# From parameters to the curve
# ----------------------------
#
# The uncertainty of the parameters carries over to the curve: with the Jacobian
# :math:`J(t) = \partial f / \partial p`, its variance is :math:`J H^{-1} J^T`. The
# parameters are correlated: a larger frequency with a smaller phase fits the data
# equally well. Without the off-diagonal elements of :math:`H^{-1}`, the band would be
# up to twice as wide.

grid = np.linspace(0.0, 5.0, 400)
jacobian = gg.jacobian(lambda p: model(grid, *p), mode="forward")(p)
band = np.sqrt(np.einsum("ti,ij,tj->t", jacobian, covariance, jacobian))
careless = np.sqrt(np.einsum("ti,i,ti->t", jacobian, errors**2, jacobian))
print(f"without correlations, up to {(careless / band).max():.1f} times as wide")

# %%
# Is the approximation good? To compare it with the exact distribution, take many draws
# from Laplace's normal distribution, and weight each by the ratio of the true density
# to the normal density. `gg.vmap` computes all their energies at once.

draws = rng.multivariate_normal(p, covariance, size=20_000)
quadratic = 0.5 * np.einsum(
    "ni,ij,nj->n", draws - p, np.linalg.inv(covariance), draws - p
)
log_weights = quadratic - (gg.vmap(energy)(draws) - energy(p))
weights = np.exp(log_weights - log_weights.max())
weights /= weights.sum()
exact = np.sqrt(weights @ (draws - weights @ draws) ** 2)
print("error bars, as multiples of the exact ones: ", (errors / exact).round(3))
assert np.abs(errors / exact - 1.0).max() < 0.2

# %%
# On the left, the fit with its band of two standard errors; the dotted lines are the
# band without the correlations. On the right, the draws of two of the parameters, with
# the ellipses of one and two standard errors.

fig, (left, right) = plt.subplots(
    1, 2, figsize=(10, 4), width_ratios=[1.8, 1], layout="constrained"
)
best = model(grid, *p)
left.fill_between(grid, best - 2 * band, best + 2 * band, color="C0", alpha=0.3, lw=0)
left.plot(grid, best, label="fit")
for sign in (-2, 2):
    left.plot(grid, best + sign * careless, ":", color="C0", lw=0.8)
left.plot(grid, model(grid, *TRUTH), "--", color="C2", label="truth")
left.plot(t, y, "o", ms=4, color="C1", label="data")
left.set(xlabel="time", ylabel="signal")
left.legend()

pair = [2, 3]
right.plot(*draws[:1500, pair].T, ".", ms=1.5, color="C4")
values, vectors = np.linalg.eigh(covariance[np.ix_(pair, pair)])
circle = np.linspace(0.0, 2.0 * np.pi, 100)
for scale in (1, 2):
    ellipse = (
        vectors * np.sqrt(values) @ np.stack([np.cos(circle), np.sin(circle)]) * scale
    )
    right.plot(*(p[pair, None] + ellipse), color="C0")
right.plot(*TRUTH[pair], "x", color="C2", ms=9, mew=2)
right.set(xlabel="omega", ylabel="phi")
plt.show()
