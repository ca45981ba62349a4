r"""
The double pendulum: chaos, measured by derivatives
===================================================

Two rods hang one from the other and swing. The equations of motion fill half a page;
the Lagrangian :math:`L`, kinetic minus potential energy, is one line:

.. math::

    L = \tfrac12 (m_1+m_2)\, \ell_1^2 \dot q_1^2 + \tfrac12 m_2 \ell_2^2 \dot q_2^2
      + m_2 \ell_1 \ell_2\, \dot q_1 \dot q_2 \cos(q_1 - q_2)
      + (m_1+m_2)\, g \ell_1 \cos q_1 + m_2\, g \ell_2 \cos q_2 .

So we write this line, and let gpugrad derive the equations of motion from it. Then we
differentiate the whole motion with respect to its starting point, which shows what
chaos is.
"""

import matplotlib.pyplot as plt
import numpy as np

import gpugrad as gg

G = 9.81


def lagrangian(q, v):
    """With rods and masses of one unit each."""
    kinetic = v[0] ** 2 + 0.5 * v[1] ** 2 + v[0] * v[1] * gg.cos(q[0] - q[1])
    return kinetic + G * (2.0 * gg.cos(q[0]) + gg.cos(q[1]))


# %%
# Lagrange's equations,
# :math:`\frac{d}{dt} \frac{\partial L}{\partial \dot q} = \frac{\partial L}{\partial q}`,
# contain the acceleration :math:`a` once the time derivative is written out:
#
# .. math::
#
#     \frac{\partial^2 L}{\partial \dot q^2}\; a
#     = \frac{\partial L}{\partial q} - \frac{\partial^2 L}{\partial \dot q\, \partial q}\; \dot q .
#
# The matrix on the left is `gg.hessian` with respect to the velocities. The product on
# the right is a directional derivative of the momenta, `gg.jvp`, and needs no matrix.


def acceleration(q, v):
    momentum = gg.grad(lagrangian, argnums=1)
    _, change = gg.jvp(lambda q: momentum(q, v), (q,), (v,))
    mass = gg.hessian(lagrangian, argnums=1)(q, v)
    return gg.linalg.solve(mass, gg.grad(lagrangian)(q, v) - change)


# %%
# A step of the fourth-order Runge-Kutta method, and a loop of such steps with
# `gg.scan`: under `gg.jit` the loop is one step of the plan, however long it is. Native
# code suits a loop over few numbers, so we ask for it.

STEP, STEPS = 0.01, 1500


def rate(state):
    q, v = state[:2], state[2:]
    return gg.concat([v, acceleration(q, v)])


def runge_kutta(state):
    k1 = rate(state)
    k2 = rate(state + 0.5 * STEP * k1)
    k3 = rate(state + 0.5 * STEP * k2)
    k4 = rate(state + STEP * k3)
    return state + STEP / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def motion(start):
    """All states, one row for each step."""

    def advance(state, _):
        state = runge_kutta(state)
        return state, state

    return gg.scan(advance, start, length=STEPS)[1]


motion = gg.jit(motion, engine="native")
start = np.array([2.0, 2.4, 0.0, 0.0])  # two angles from below, at rest
path = motion(start)


def energy(state):
    q, v = state[:2], state[2:]
    momentum = gg.grad(lagrangian, argnums=1)(q, v)
    return gg.sum(momentum * v) - lagrangian(q, v)


energies = gg.vmap(energy)(path)
drift = np.abs(energies - energy(start)).max() / G
print(f"the energy stays what it was, to {drift:.0e} of the weight of a mass")
assert drift < 1e-3

# %%
# How a small change grows
# ------------------------
#
# The tangent
# :math:`\delta(t) = \frac{\partial\, \text{state}(t)}{\partial\, \text{state}(0)}\, \delta(0)`
# says how an infinitesimal change of the start evolves. `gg.jvp` of a step carries it
# along with the state. The tangent always describes an infinitesimal change, so it may
# grow without limit. A real difference, however small, stops growing once the two
# pendulums move independently.

direction = np.array([1.0, 0.0, 0.0, 0.0])


@gg.jit
def tangents(start):
    def advance(carry, _):
        state, tangent = gg.jvp(runge_kutta, carry[:1], carry[1:])
        return (state, tangent), tangent

    return gg.scan(advance, (start, direction), length=STEPS)[1]


growth = np.linalg.norm(tangents(start), axis=1)
times = STEP * np.arange(1, STEPS + 1)
changes = (1e-3, 1e-6, 1e-9)
others = [motion(start + eps * direction) for eps in changes]
apart = [np.linalg.norm(other - path, axis=1) for other in others]

# %%
# As long as the difference is small, it agrees with the tangent.

early = times < 3.0
np.testing.assert_allclose(apart[1][early] / 1e-6, growth[early], rtol=1e-3)
late = times > 3.0
exponent = np.polyfit(times[late], np.log(growth[late]), 1)[0]
print(
    f"a change grows by a factor e in {1 / exponent:.2f} s, "
    f"and by ten in {np.log(10) / exponent:.2f} s"
)
assert 0.5 < exponent < 5.0

# %%
# On the left, the path of the lower mass, for the original start and for three that
# differ by a thousandth, a millionth and a billionth of a radian. On the right, the
# distance of each from the first: the lines are straight on this logarithmic scale, so
# the distance grows exponentially until it is as large as the pendulum. Starting a
# thousand times nearer gains only four more seconds each time, which is what makes the
# weather hard to predict. The dashed line is the derivative, times a billionth.

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
for states, colour in zip([path, *others], ("C4", "C1", "C2", "C0"), strict=True):
    q = states[:, :2]
    left.plot(
        np.sin(q).sum(axis=1), -np.cos(q).sum(axis=1), color=colour, lw=0.8, alpha=0.8
    )
left.set(aspect="equal", xlabel="x", ylabel="y")
for eps, distance, colour in zip(changes, apart, ("C1", "C2", "C0"), strict=True):
    right.semilogy(times, distance, color=colour, label=f"begun {eps:.0e} apart")
right.semilogy(times, 1e-9 * growth, color="0.5", ls="--", label="derivative · 1e-9")
right.set(xlabel="time in s", ylabel="distance of the states", ylim=(1e-10, 1e3))
right.legend(loc="lower right")
plt.show()
