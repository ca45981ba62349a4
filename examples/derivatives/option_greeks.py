r"""
The Greeks of an option, in one pass
====================================

Anyone who sells an option wants to know its price, and how the price changes with
everything it depends on. These derivatives are named after Greek letters, and their
formulas fill tables. Here the price is the only formula, and gpugrad derives the rest.

In the Black-Scholes model, the right to buy a share at the price :math:`K` (the
*strike*) at time :math:`T` is worth

.. math::

    C = S\,\Phi(d_1) - K e^{-rT}\,\Phi(d_2), \qquad
    d_1 = \frac{\ln(S/K) + (r + \sigma^2/2)\,T}{\sigma\sqrt{T}}, \qquad
    d_2 = d_1 - \sigma\sqrt T ,

today, where :math:`S` is the current share price, :math:`\sigma` its volatility per
year, :math:`r` the interest rate, and :math:`\Phi` the cumulative distribution function
of the normal distribution.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

import gpugrad as gg


def call(parameters, strike):
    """The price of a call; `parameters` are spot, volatility, time and rate."""
    spot, sigma, time, rate = parameters
    spread = sigma * gg.sqrt(time)
    d1 = (gg.log(spot / strike) + (rate + sigma**2 / 2) * time) / spread
    discounted = strike * gg.exp(-rate * time)
    return spot * gg.special.ndtr(d1) - discounted * gg.special.ndtr(d1 - spread)


# %%
# The Hessian is the Jacobian of the gradient. Here it is computed in forward mode, for
# a function that returns the gradient and, as an auxiliary result, the price and the
# gradient once more; so a single pass gives all three. `gg.vmap` applies it to a whole
# range of share prices, and `gg.jit` compiles everything.


def price_and_gradient(parameters, strike):
    price, gradient = gg.value_and_grad(call)(parameters, strike)
    return gradient, (price, gradient)


@gg.jit
def everything(parameters, strike):
    one = gg.jacobian(price_and_gradient, has_aux=True, mode="forward")
    second, (price, first) = gg.vmap(one, in_axes=(0, None))(parameters, strike)
    return price, first, second


STRIKE, SIGMA, TIME, RATE = 100.0, 0.25, 0.5, 0.03
spots = np.linspace(60.0, 140.0, 161)
parameters = np.stack(
    [spots, *(np.full_like(spots, v) for v in (SIGMA, TIME, RATE))], axis=1
)
price, first, second = everything(parameters, STRIKE)

greeks = {
    "delta: ∂C/∂S": first[:, 0],
    "gamma: ∂²C/∂S²": second[:, 0, 0],
    "vega: ∂C/∂σ": first[:, 1],
    "vanna: ∂²C/∂S∂σ": second[:, 0, 1],
    "theta: −∂C/∂T": -first[:, 2],
    "volga: ∂²C/∂σ²": second[:, 1, 1],
}

# %%
# These are closed forms from the tables, for comparison.

root = np.sqrt(TIME)
d1 = (np.log(spots / STRIKE) + (RATE + SIGMA**2 / 2) * TIME) / (SIGMA * root)
d2 = d1 - SIGMA * root
closed = {
    "delta: ∂C/∂S": norm.cdf(d1),
    "gamma: ∂²C/∂S²": norm.pdf(d1) / (spots * SIGMA * root),
    "vega: ∂C/∂σ": spots * norm.pdf(d1) * root,
    "vanna: ∂²C/∂S∂σ": -norm.pdf(d1) * d2 / SIGMA,
    "theta: −∂C/∂T": (
        -spots * norm.pdf(d1) * SIGMA / (2 * root)
        - RATE * STRIKE * np.exp(-RATE * TIME) * norm.cdf(d2)
    ),
    "volga: ∂²C/∂σ²": spots * norm.pdf(d1) * root * d1 * d2 / SIGMA,
}
for name, values in closed.items():
    np.testing.assert_allclose(greeks[name], values, rtol=1e-10, atol=1e-12)
print("all six agree with their closed forms to ten digits")

# %%
# The horizontal axis of each plot is the share price; the thin line marks the strike.
# The lines are gpugrad's results, the dots the closed forms.

fig, axes = plt.subplots(2, 3, figsize=(10, 5), sharex=True, layout="constrained")
for ax, (name, values) in zip(axes.T.flat, greeks.items(), strict=True):
    ax.plot(spots, values)
    ax.plot(spots[::20], closed[name][::20], "o", ms=4)
    ax.axvline(STRIKE, color="0.5", lw=0.5)
    ax.set_title(name, fontsize=11)
for ax in axes[-1]:
    ax.set_xlabel("share price")
plt.show()

# %%
# The volatility that the market has in mind
# ------------------------------------------
#
# The market quotes prices, not volatilities. The *implied volatility* is the
# :math:`\sigma` at which the formula gives the price paid. Newton's method finds it in
# a few steps. To differentiate it, there is no need to differentiate these steps:
# `gg.implicit` uses the equation that the result satisfies, :math:`C(\sigma) - p = 0`,
# so that :math:`\partial\sigma/\partial p = 1/\text{vega}`.


def misfit(sigma, paid):
    return call((100.0, sigma, TIME, RATE), STRIKE) - paid


@gg.implicit(misfit)
def implied_volatility(paid):
    sigma = 0.5
    for _ in range(8):
        value, slope = gg.value_and_grad(misfit)(sigma, paid)
        sigma = sigma - value / slope
    return sigma


sigma, slope = gg.value_and_grad(implied_volatility)(price[80])
print(
    f"implied volatility {sigma:.6f}, and its slope {slope:.6f} per unit of the price"
)
assert abs(sigma - SIGMA) < 1e-12
assert abs(slope * first[80, 1] - 1) < 1e-12
