r"""
The shape of a hanging chain, and how to load it
================================================

A chain between two hooks hangs so that its potential energy is smallest. With :math:`n`
links of length :math:`\ell` at angles :math:`\varphi_i`, and masses :math:`m_i` at the
joints, this is a problem with two constraints: the last link must end at the second
hook, :math:`(w, 0)`.

.. math::

    \min_\varphi\; E = g \sum_{i=1}^{n-1} m_i\, y_i(\varphi), \qquad
    c(\varphi) = \sum_{i=1}^n \ell \begin{pmatrix} \cos\varphi_i \\ \sin\varphi_i \end{pmatrix}
    - \begin{pmatrix} w \\ 0 \end{pmatrix} = 0 .

At the minimum the gradient of the Lagrangian :math:`E - \lambda \cdot c` is zero, and
the multipliers :math:`\lambda` are the forces at the second hook. The program solves
this equation, differentiates the *solution* with respect to the masses, and so finds
the masses that give the chain a chosen shape.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import brentq

import gpugrad as gg

LINKS, TOTAL, WIDTH, G = 40, 2.4, 1.6, 9.81
LINK = TOTAL / LINKS


def joints(angles):
    """The places of the ends of all links."""
    steps = LINK * gg.stack([gg.cos(angles), gg.sin(angles)], axis=1)
    return gg.cumsum(steps, axis=0)


def lagrangian(unknowns, masses):
    angles, forces = unknowns
    places = joints(angles)
    energy = G * gg.sum(masses * places[:-1, 1])
    return energy - gg.sum(forces * (places[-1] - np.array([WIDTH, 0.0])))


# %%
# The equations are the gradient of the Lagrangian; Newton's method solves them.
# `gg.tree.ravel` combines the angles and forces into one vector, because a linear
# solver needs a matrix.

equations = gg.grad(lagrangian)


@gg.implicit(equations)
def hang(masses):
    unknowns = (np.linspace(-1.2, 1.2, LINKS), np.array([5.0, 5.0]))
    vector, unravel = gg.tree.ravel(unknowns)

    def residual(vector):
        return gg.tree.ravel(equations(unravel(vector), masses))[0]

    for _ in range(20):
        change = np.linalg.solve(gg.jacobian(residual)(vector), residual(vector))
        vector = vector - change
        if np.abs(change).max() < 1e-12:
            break
    return unravel(vector)


# %%
# With equal masses, the chain must hang like a catenary,
# :math:`y = a \cosh(x/a) + \text{const}`, and pull at the hook with the horizontal
# force :math:`a \cdot g \cdot` (mass per length).

even = np.full(LINKS - 1, 1.0 / (LINKS - 1))
angles, forces = hang(even)
chain = np.vstack([[0.0, 0.0], joints(angles)])
a = brentq(lambda a: 2 * a * np.sinh(WIDTH / (2 * a)) - TOTAL, 0.1, 10.0)


def catenary(x):
    return a * (np.cosh((x - WIDTH / 2) / a) - np.cosh(WIDTH / (2 * a)))


error = np.abs(chain[:, 1] - catenary(chain[:, 0])).max()
print(
    f"largest distance from the catenary: {1000 * error:.2f} mm, at a sag of "
    f"{-1000 * chain[:, 1].min():.0f} mm"
)
assert error < 1e-3
assert abs(abs(forces[0]) / (a * G / TOTAL) - 1) < 0.03

# %%
# The derivative of a solution
# ----------------------------
#
# `gg.implicit` differentiates `hang` not through Newton's steps but through the
# equations :math:`F(z, m) = 0` that its result :math:`z` satisfies:
#
# .. math::
#
#     \frac{\partial z}{\partial m}
#     = -\left(\frac{\partial F}{\partial z}\right)^{-1} \frac{\partial F}{\partial m} .
#
# This is how far the middle sinks per kilogram added at each joint. Finite differences
# agree.


def depth(masses):
    return -joints(hang(masses)[0])[LINKS // 2 - 1, 1]


slope = gg.grad(depth)(even)
k, eps = 12, 1e-5
moved = even.copy()
moved[k] += eps
difference = (depth(moved) - depth(even)) / eps
print(f"by gg.implicit {slope[k]:.5f}, by a difference {difference:.5f} m/kg")
assert abs(slope[k] - difference) < 1e-4

# %%
# Which masses make a parabola?
# -----------------------------
#
# The cables of a suspension bridge hang in a parabola. The Gauss-Newton method finds
# masses that make our chain do so: linearise the shape with the Jacobian of `hang`,
# solve for the masses, repeat. The total mass does not affect the shape, so we keep it
# at 1 kg.
#
# The target is the parabola through both hooks on which links of this length fit.


def parabola(angles, sag):
    x = joints(angles)[:, 0]
    return joints(angles)[:, 1] - 4.0 * sag * (x / WIDTH) * (x / WIDTH - 1.0)


target, sag = angles, 0.5
for _ in range(20):  # every joint on it, and the last at the hook
    vector, unravel = gg.tree.ravel((target, sag))

    def fit(vector, unravel=unravel):
        target, sag = unravel(vector)
        return gg.concat([parabola(target, sag), joints(target)[-1:, 0] - WIDTH])

    target, sag = unravel(
        vector - np.linalg.solve(gg.jacobian(fit)(vector), fit(vector))
    )

masses, misfits = even, []
for _ in range(6):
    misfit = hang(masses)[0] - target
    misfits.append(np.abs(misfit).max())
    jacobian = gg.jacobian(lambda m: hang(m)[0], mode="forward")(masses)
    rows = np.vstack([jacobian, np.ones(LINKS - 1)])
    masses = masses + np.linalg.lstsq(rows, np.append(-misfit, 1.0 - masses.sum()))[0]
print("largest misfit of an angle:", " ".join(f"{m:.0e}" for m in misfits))

# %%
# The theory of bridges predicts the result: a cable is a parabola if each metre of the
# *road* weighs the same, so the mass of a joint is proportional to the horizontal
# distance that it supports.

run = np.cos(target[:-1]) + np.cos(target[1:])
assert misfits[-1] < 1e-8
np.testing.assert_allclose(masses, run / run.sum(), rtol=1e-6)

# %%
# On the left, both chains; the area of a dot shows the mass of its joint. On the right,
# the masses, and the derivative of the depth of the middle with respect to each of the
# equal masses.

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for places, loads, colour, name in (
    (chain, even, "C0", "equal masses"),
    (np.vstack([[0.0, 0.0], joints(target)]), masses, "C1", "masses for a parabola"),
):
    left.plot(*places.T, color=colour, lw=1, label=name)
    left.scatter(*places[1:-1].T, s=600 * loads, color=colour)
x = np.linspace(0.0, WIDTH, 200)
left.plot(x, catenary(x), "--", color="0.5", lw=1, label="catenary", zorder=3)
left.set(xlabel="x in m", ylabel="y in m", aspect="equal")
left.legend(loc="upper center")
numbers = np.arange(1, LINKS)
right.plot(numbers, 1000 * even, label="equal masses, in g")
right.plot(numbers, 1000 * masses, label="masses for a parabola, in g")
right.plot(numbers, 100 * slope, "C2", label="slope of the depth, in cm/kg")
right.set(xlabel="joint", ylim=(-12, 68))
right.legend(loc="upper right")
plt.show()
