r"""
A classifier that knows where it has seen nothing
=================================================

Logistic regression gives a point with the features :math:`\phi` the probability
:math:`\sigma(\phi \cdot w)` of belonging to the first class. With a normal prior of
precision :math:`\alpha` on the weights, the negative logarithm of their posterior is

.. math::

    U(w) = \sum_i \ln\left(1 + e^{-s_i\, \phi_i \cdot w}\right)
           + \frac{\alpha}{2} \|w\|^2, \qquad s_i = \pm 1 .

The weights at its minimum give one classifier. The posterior around it, in Laplace's
approximation :math:`\mathcal N(\hat w, H^{-1})`, gives all classifiers that the data
allow, and their average is uncertain where they disagree. Here there are 400 features,
but in practice there may be millions, so the program never forms the Hessian :math:`H`.
It only multiplies by it, with `gg.hvp`, and solves by conjugate gradients.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.sparse.linalg import LinearOperator, cg
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression

import gpugrad as gg

FEATURES, ALPHA = 400, 0.1
points, labels = make_moons(150, noise=0.15, random_state=0)
signs = 2.0 * labels - 1.0
rng = np.random.default_rng(0)
frequencies = rng.normal(0.0, 1.5, (2, FEATURES))
phases = rng.uniform(0.0, 2.0 * np.pi, FEATURES)


def features(points):
    """Random waves: sums of them are smooth functions of the plane."""
    return np.sqrt(2.0 / FEATURES) * 10.0 * np.cos(points @ frequencies + phases)


phi = features(points)


def energy(w):
    return gg.sum(gg.softplus(-signs * (phi @ w))) + 0.5 * ALPHA * gg.sum(w**2)


# %%
# The best weights
# ----------------
#
# Newton's method moves by :math:`-H^{-1} \nabla U`. SciPy's conjugate gradient method
# computes this from products :math:`Hv` alone, each of which costs about as much as two
# gradients.

gradient = gg.jit(gg.grad(energy))
product = gg.jit(lambda w, v: gg.hvp(energy, (w,), (v,))[0])
products = 0


def solve(w, b):
    """H(w) x = b for x."""

    def multiply(v):
        global products
        products += 1
        return product(w, v)

    x, failed = cg(
        LinearOperator((FEATURES, FEATURES), multiply), b, rtol=1e-8, maxiter=2000
    )
    assert not failed
    return x


w, sizes = np.zeros(FEATURES), []
for _ in range(12):
    slope = gradient(w)
    sizes.append(np.linalg.norm(slope))
    if sizes[-1] < 1e-8:
        break
    w = w - solve(w, slope)
print(
    f"gradient {sizes[-1]:.0e} after {len(sizes) - 1} steps "
    f"and {products} products with H"
)
assert sizes[-1] < 1e-6

# %%
# scikit-learn, whose constant `C` is :math:`1/\alpha`, agrees.

theirs = LogisticRegression(C=1.0 / ALPHA, fit_intercept=False, tol=1e-8, max_iter=5000)
theirs.fit(phi, labels)
difference = np.abs(theirs.coef_[0] - w).max()
print(f"largest difference of a weight from scikit-learn's: {difference:.0e}")
assert difference < 1e-4

# %%
# Draws from the posterior
# ------------------------
#
# The Hessian is :math:`H = \Phi^T D\, \Phi + \alpha I` with
# :math:`D = \sigma(1-\sigma)` on its diagonal. So if :math:`\varepsilon` and
# :math:`\eta` are standard normal,
# :math:`b = \Phi^T D^{1/2} \varepsilon + \alpha^{1/2} \eta` has the covariance
# :math:`H`, and :math:`H^{-1} b` has the covariance :math:`H^{-1} H H^{-1} = H^{-1}`.
# Each draw takes one linear system, and no factorisation.

DRAWS = 40
p = gg.sigmoid(phi @ w)
sources = (np.sqrt(p * (1 - p)) * rng.normal(size=(DRAWS, len(phi)))) @ phi
sources += np.sqrt(ALPHA) * rng.normal(size=(DRAWS, FEATURES))
draws = w + np.array([solve(w, b) for b in sources])

# %%
# With 400 weights the full Hessian can still be formed to check this: compare the
# variance of the logit over the draws with the exact one, on a grid in the plane.

a, b = np.meshgrid(np.linspace(-2.5, 3.5, 61), np.linspace(-2.0, 2.5, 46))
plane = features(np.stack([a.ravel(), b.ravel()], axis=1))
covariance = np.linalg.inv(gg.hessian(energy)(w))
exact = np.sqrt(np.einsum("ni,ij,nj->n", plane, covariance, plane))
sampled = (plane @ draws.T).std(axis=1, ddof=1)
ratio = np.sqrt(np.mean((sampled / exact) ** 2))
print(
    f"spread of the logit by {DRAWS} draws, as a multiple of the exact one: {ratio:.3f}"
)
assert abs(ratio - 1.0) < 0.1

# %%
# On the left, the best weights alone: certain everywhere, even in corners without any
# data. In the middle, the average over the draws: certain among the data, and near one
# half away from them. On the right, the norm of the gradient, which Newton's method
# squares in each of its last steps.

best = gg.sigmoid(plane @ w).reshape(a.shape)
average = gg.sigmoid(plane @ draws.T).mean(axis=1).reshape(a.shape)
corners = exact.reshape(a.shape) > np.quantile(exact, 0.9)
sure, less = (np.abs(q - 0.5)[corners].mean() for q in (best, average))
assert less < 0.8 * sure

fig, axes = plt.subplots(
    1, 3, figsize=(11, 3.6), width_ratios=[1, 1, 0.7], layout="constrained"
)
for ax, q in zip(axes, (best, average), strict=False):
    image = ax.contourf(
        a, b, q, levels=np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.85
    )
    for label, colour in ((0, "C0"), (1, "C1")):
        ax.plot(
            *points[labels == label].T, "o", ms=3, color=colour, mec="black", mew=0.3
        )
    ax.set(xticks=[], yticks=[])
fig.colorbar(image, ax=axes[:2], label="probability", shrink=0.9)
axes[2].semilogy(sizes, "o-")
axes[2].set(xlabel="step", ylabel="norm of the gradient")
plt.show()
