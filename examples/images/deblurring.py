r"""
A sharp picture from a blurred and noisy one
============================================

A camera was out of focus, and its sensor added noise: the picture is
:math:`y = Kx + \text{noise}`, where :math:`K` blurs. Inverting :math:`K` would amplify
the noise enormously. Instead, look for a picture that resembles :math:`y` when blurred,
and that is *plausible*: pictures have large smooth areas with sharp edges between them.
For such pictures, the *total variation*, the sum of the norms of all gradients, is
small:

.. math::

    \min_x\; \tfrac12 \|K x - y\|^2
    + \mu \sum_{ij}
    \sqrt{(x_{i+1,j} - x_{ij})^2 + (x_{i,j+1} - x_{ij})^2 + \epsilon^2} .

The :math:`\epsilon` smooths the kink of the norm. A quadratic penalty could be
minimised in one line, but it blurs edges; this one does not, and needs only a gradient.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

import gpugrad as gg

photo = load_sample_image("china.jpg").mean(axis=2) / 255.0
truth = photo[20:420, 60:540].reshape(200, 2, 240, 2).mean(axis=(1, 3))

# %%
# Blurring multiplies the Fourier transforms. `gg.fft` is differentiated like anything
# else.

rows, columns = (np.fft.fftfreq(n) for n in truth.shape)
frequencies = np.hypot(rows[:, None], columns[None, : truth.shape[1] // 2 + 1])
transfer = np.exp(-2.0 * (np.pi * 2.0 * frequencies) ** 2)  # a Gaussian of 2 pixels


def blur(x):
    return gg.fft.irfft2(transfer * gg.fft.rfft2(x), s=truth.shape)


rng = np.random.default_rng(0)
y = blur(truth) + rng.normal(0.0, 0.005, truth.shape)

MU, EPS = 8e-5, 1e-2


def cost(x):
    down = gg.diff(x, axis=0, append=x[-1:])
    right = gg.diff(x, axis=1, append=x[:, -1:])
    variation = gg.sum(gg.sqrt(down**2 + right**2 + EPS**2))
    return 0.5 * gg.sum((blur(x) - y) ** 2) + MU * variation


# %%
# The cost is convex and smooth, so Nesterov's accelerated gradient method converges.
# Its step size is 1 over the largest curvature. The curvature of the first term is 1,
# because blurring amplifies nothing, and that of the second is at most
# :math:`8 \mu / \epsilon`. There are 48,000 unknowns; the gradient with respect to all
# of them costs as much as five or six blurs.

RATE = 1.0 / (1.0 + 8.0 * MU / EPS)
slope = gg.grad(cost)


@gg.jit
def iterate(x, last, k):
    ahead = x + k / (k + 3.0) * (x - last)
    return ahead - RATE * slope(ahead), x


x, last, costs = y, y, []
for k in range(300):
    if k % 10 == 0:
        costs.append(cost(x))
    x, last = iterate(x, last, float(k))
print(
    f"the norm of the gradient came down from {np.linalg.norm(slope(y)):.3f} "
    f"to {np.linalg.norm(slope(x)):.5f}"
)

# %%
# For comparison, here is the best *linear* method: the Wiener filter, which divides by
# :math:`K` where the signal is stronger than the noise. It may even use its best
# setting, which cannot be known without the truth.


def quality(x):
    """The signal-to-noise ratio of a picture, in decibels."""
    return -10.0 * np.log10(np.mean((x - truth) ** 2))


def wiener(strength):
    spectrum = np.fft.rfft2(y) * transfer / (transfer**2 + strength * frequencies**2)
    spectrum[0, 0] = np.fft.rfft2(y)[0, 0]
    return np.fft.irfft2(spectrum, s=truth.shape)


with np.errstate(invalid="ignore"):
    linear = max((wiener(s) for s in np.logspace(-3, 2, 30)), key=quality)
for name, image in (("blurred", y), ("linear filter", linear), ("total variation", x)):
    print(f"{name:16} {quality(image):.1f} dB")
assert quality(x) > quality(linear) + 0.5
assert quality(x) > quality(y) + 2.0

# %%
# At the top, the camera's picture, and the result of the best linear filter, with
# ripples along the edges and grain in the sky. At the bottom, our result, and the
# truth.

fig, axes = plt.subplots(2, 2, figsize=(9, 7.4), layout="constrained")
names = ("blurred, with noise", "best linear filter", "total variation", "truth")
for ax, image, name in zip(axes.flat, (y, linear, x, truth), names, strict=True):
    ax.imshow(image, cmap="gray", vmin=0, vmax=1)
    ax.set_title(name, fontsize=11)
    ax.axis("off")
plt.show()
