r"""
A lens without blur
===================

Light passes straight through glass, parallel to the axis, and leaves it through a
curved surface. A good surface bends the rays so that all meet in one point. Spheres are
easy to grind, but do not do this; a conic section might. Its height above the middle,
at the distance :math:`r` from the axis, is

.. math::

    s(r) = -\frac{c\, r^2}{1 + \sqrt{1 - (1 + k)\, c^2 r^2}} ,

with a curvature :math:`c` and a conic constant :math:`k`, which is 0 for a sphere. We
trace rays, and improve :math:`c` and :math:`k` with derivatives of where the rays
arrive.
"""

import matplotlib.pyplot as plt
import numpy as np

import gpugrad as gg

INDEX, FOCUS = 1.5, 100.0  # of glass; in mm behind the lens
heights = np.linspace(1.0, 40.0, 40)


def surface(r, shape):
    c, k = shape
    return -c * r**2 / (1.0 + gg.sqrt(1.0 - (1.0 + k) * c**2 * r**2))


# %%
# The normal of the surface comes from its slope, which is one more derivative:
# `gg.grad` for one height, `gg.vmap` for all. With the incoming direction :math:`d` and
# the unit normal :math:`\hat n`, Snell's law in vectors is
#
# .. math::
#
#     t = \mu d + \left( \sqrt{1 - \mu^2 (1 - \gamma^2)} - \mu \gamma \right) \hat n,
#     \qquad \gamma = d \cdot \hat n ,
#
# with :math:`\mu = 1.5` on the way out of this glass.


def arrivals(shape, distance=FOCUS):
    """The distance from the axis at which each ray arrives."""
    slope = gg.vmap(gg.grad(surface), in_axes=(0, None))(heights, shape)
    size = gg.sqrt(1.0 + slope**2)
    normal_z, normal_r = 1.0 / size, -slope / size
    inside = 1.0 - INDEX**2 * (1.0 - normal_z**2)
    factor = gg.sqrt(inside) - INDEX * normal_z
    t_z, t_r = INDEX + factor * normal_z, factor * normal_r
    way = (distance - surface(heights, shape)) / t_z
    return heights + way * t_r


# %%
# First the best sphere: only :math:`c` may change. Then the best conic. Both are small
# least-squares problems, solved by Gauss-Newton steps with the Jacobian of all arrival
# points with respect to the shape. This Jacobian contains second derivatives of the
# surface, because the arrival points depend on its slope: one transform inside another.


def focused(shape, free):
    for _ in range(30):
        jacobian = gg.jacobian(arrivals, mode="forward")(shape)[:, free]
        step = np.linalg.lstsq(jacobian, -arrivals(shape))[0]
        shape = shape.copy()
        shape[free] += step
    return shape


sphere = focused(np.array([0.015, 0.0]), [0])
conic = focused(sphere, [0, 1])
for name, shape in (("sphere", sphere), ("conic", conic)):
    blur = np.sqrt(np.mean(arrivals(shape) ** 2))
    print(f"{name}: c = {shape[0]:.6f} / mm, k = {shape[1]:+.6f}, blur {blur:.1e} mm")

# %%
# Descartes knew in 1637 that the surface is a hyperbola whose eccentricity is the
# refractive index: :math:`k = -n^2`, with :math:`c = 1 / \left((n-1) f\right)`.

np.testing.assert_allclose(
    conic, [1.0 / ((INDEX - 1.0) * FOCUS), -(INDEX**2)], rtol=1e-8
)
assert np.abs(arrivals(conic)).max() < 1e-9 < 1e-2 < np.abs(arrivals(sphere)).max()

# %%
# The rays behind both lenses. Those of the sphere touch a curve, the *caustic*, like
# the bright line that the sun makes in a cup; those of the hyperbola meet in a point.

fig, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, shape, name in zip(axes, (sphere, conic), ("sphere", "hyperbola"), strict=True):
    rims = surface(heights, shape)
    far = arrivals(shape, 140.0)
    for sign in (-1, 1):
        for r, s, end in zip(heights[::2], rims[::2], far[::2], strict=True):
            ax.plot([-45, s, 140], [sign * r, sign * r, sign * end], color="C1", lw=0.5)
    r = np.concatenate([-heights[::-1], heights])
    ax.fill_betweenx(
        r, -45, np.concatenate([rims[::-1], rims]), color="C0", alpha=0.3, lw=0
    )
    ax.axvline(FOCUS, color="0.5", lw=0.5)
    ax.set(xlabel="mm along the axis", xlim=(-45, 140), ylim=(-42, 42))
    ax.set_title(name, fontsize=11)
axes[0].set_ylabel("mm from the axis")
plt.show()
