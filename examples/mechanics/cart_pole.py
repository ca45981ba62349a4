r"""
Swinging up a pole by gradients through its dynamics
====================================================

A pole hangs from a cart. By pushing only the cart, we want to bring the pole upright
and to rest within two seconds. The program knows no control theory: it simulates the
motion for given forces, and follows the gradient of the error at the end.

Let :math:`x` be the position of the cart, :math:`\theta` the angle of the pole from
hanging, :math:`M` the mass of the cart, :math:`m` the mass of the bob and :math:`\ell`
the length. Then

.. math::

    \ddot x
    = \frac{u + m \sin\theta\, (\ell \dot\theta^2 + g \cos\theta)}{M + m \sin^2\theta},
    \qquad
    \ddot\theta = -\frac{\ddot x \cos\theta + g \sin\theta}{\ell} .

We look for the forces :math:`u_1 \ldots u_n`, one for each interval of time, at which

.. math::

    J(u) = \|\text{state}_n - \text{goal}\|^2 + \rho \sum_k u_k^2

is smallest, with :math:`\text{state}_{k+1} = F(\text{state}_k, u_k)`.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.integrate import solve_ivp

import gpugrad as gg

CART, BOB, LENGTH, G = 1.0, 0.3, 0.5, 9.81
STEPS, DURATION = 100, 2.0
DT = DURATION / STEPS
GOAL = np.array([0.0, np.pi, 0.0, 0.0])  # position, angle, and their velocities


def rate(state, u):
    _, angle, v, spin = state
    sine, cosine = gg.sin(angle), gg.cos(angle)
    a = (u + BOB * sine * (LENGTH * spin**2 + G * cosine)) / (CART + BOB * sine**2)
    return gg.stack([v, spin, a, -(a * cosine + G * sine) / LENGTH])


def advance(state, u):
    """One interval, by Runge and Kutta's method."""
    k1 = rate(state, u)
    k2 = rate(state + 0.5 * DT * k1, u)
    k3 = rate(state + 0.5 * DT * k2, u)
    k4 = rate(state + DT * k3, u)
    state = state + DT / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return state, state


def simulate(forces):
    return gg.scan(advance, np.zeros(4), forces)[1]


# %%
# The gradient of :math:`J` with respect to all hundred forces comes from one sweep back
# through the simulation. It costs a few simulations, however many forces there are.
# Adam does the rest, starting from a small push that decides the side.


def cost(forces):
    end = simulate(forces)[-1] - GOAL
    return gg.sum(end**2) + 1e-6 * gg.sum(forces**2)


ITERATIONS = 1500
optimiser = gg.optim.adam(gg.optim.cosine(0.3, ITERATIONS))


@gg.jit
def improve(forces, state):
    value, slope = gg.value_and_grad(cost)(forces)
    updates, state = optimiser.update(slope, state, forces)
    return gg.optim.apply_updates(forces, updates), state, value


forces = np.sin(np.linspace(0.0, 2.0 * np.pi, STEPS))
state, costs = optimiser.init(forces), []
for _ in range(ITERATIONS):
    forces, state, value = improve(forces, state)
    costs.append(float(value))
path = simulate(forces)
print(
    f"the pole ends {np.degrees(path[-1, 1] - np.pi):+.3f}° from upright, "
    f"and the cart {100 * path[-1, 0]:+.2f} cm from where it began"
)

# %%
# As an independent check, SciPy's adaptive integrator applies the same forces with a
# small tolerance.

exact = np.zeros(4)
for k, u in enumerate(forces):
    span = (k * DT, (k + 1) * DT)
    exact = solve_ivp(
        lambda t, s, u=u: rate(s, u), span, exact, rtol=1e-9, atol=1e-9
    ).y[:, -1]
print("the state at the end, by SciPy:", *(f"{value:.3f}" for value in exact))
assert np.abs(exact - GOAL).max() < 0.02

# %%
# At the top, the cart and its pole at every fourth interval, from light to dark: it
# swings to one side first, to gain height on the other. At the bottom, the forces that
# do this, and how the cost decreased.

fig = plt.figure(figsize=(9, 6.4), layout="constrained")
top, bottom = fig.subfigures(2, 1, height_ratios=[1.2, 1])
ax = top.subplots()
shades = plt.get_cmap("viridis_r")
for k in range(3, STEPS, 4):
    x, angle = path[k, :2]
    bob = (x + LENGTH * np.sin(angle), -LENGTH * np.cos(angle))
    colour = shades(k / STEPS)
    ax.plot([x, bob[0]], [0.0, bob[1]], color=colour, lw=1.5, alpha=0.8)
    ax.plot(*bob, "o", color=colour, ms=7)
    ax.plot(x, 0.0, "s", color=colour, ms=5)
ax.axhline(0.0, color="0.5", lw=0.5, zorder=0)
ax.set(aspect="equal", xlabel="position in m", ylabel="height in m")
left, right = bottom.subplots(1, 2)
left.step(DT * np.arange(STEPS), forces, where="post")
left.set(xlabel="time in s", ylabel="force in N")
right.semilogy(costs)
right.set(xlabel="iteration", ylabel="cost")
plt.show()
