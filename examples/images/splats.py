r"""
Painting a photograph with two hundred brush strokes
====================================================

A renderer turns a description of a scene into a picture. If it is differentiable, you
can also turn a picture into a description: render, compare with the photograph, and
follow the gradient. The scene here consists of coloured Gaussian spots, each with a
position, two widths, an angle, a colour and a weight. The colour of a pixel :math:`u`
is the weighted mean of their colours,

.. math::

    I(u) = \frac{\sum_k a_k(u)\, c_k}{\sum_k a_k(u) + \delta}, \qquad
    a_k(u) = e^{w_k - \frac12 \left| R(\theta_k)\, (u - p_k) / s_k \right|^2} .

A spot with a large weight covers those below it. With nothing but this formula and
Adam, two hundred spots find their places.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

import gpugrad as gg

photo = load_sample_image("flower.jpg")[20:404, 60:572].astype("float32") / 255.0
target = photo.reshape(48, 8, 64, 8, 3).mean(axis=(1, 3))  # 48 by 64 pixels
SPOTS = 200


def grid(height, width):
    """The centres of the pixels of a picture of any size, in units of its height."""
    v, u = np.mgrid[0:height, 0:width].astype("float32")
    return ((u + 0.5) / height).ravel(), ((v + 0.5) / height).ravel()


def render(scene, u, v):
    """The colours at the points (u, v)."""
    x, y = scene["place"]
    sine, cosine = gg.sin(scene["angle"]), gg.cos(scene["angle"])
    across, down = u[:, None] - x, v[:, None] - y
    first = (cosine * across + sine * down) * gg.exp(-scene["size"][0])
    second = (cosine * down - sine * across) * gg.exp(-scene["size"][1])
    cover = gg.exp(scene["weight"] - 0.5 * (first**2 + second**2))
    return (cover @ gg.sigmoid(scene["colour"])) / (
        gg.sum(cover, axis=1, keepdims=True) + 1e-4
    )


# %%
# The scene starts at random. All parameters are unconstrained real numbers: widths are
# given by their logarithms, and colours go through a sigmoid.

rng = np.random.default_rng(0)
scene = gg.tree.map(
    lambda values: values.astype("float32"),
    {
        "place": rng.uniform(0.0, [[4.0 / 3.0], [1.0]], (2, SPOTS)),
        "size": np.full((2, SPOTS), np.log(0.06)),
        "angle": rng.uniform(0.0, np.pi, SPOTS),
        "weight": rng.normal(0.0, 0.5, SPOTS),
        "colour": rng.normal(0.0, 0.5, (SPOTS, 3)),
    },
)

ITERATIONS = 400
optimiser = gg.optim.adam(gg.optim.cosine(3e-2, ITERATIONS))
u, v = grid(48, 64)
pixels = target.reshape(-1, 3)


def loss(scene):
    return gg.mean((render(scene, u, v) - pixels) ** 2)


@gg.jit
def step(scene, state):
    value, grads = gg.value_and_grad(loss)(scene)
    updates, state = optimiser.update(grads, state, scene)
    return gg.optim.apply_updates(scene, updates), state, value


def quality(image, reference):
    """The signal-to-noise ratio, in decibels."""
    return -10.0 * np.log10(np.mean((image - reference) ** 2))


# %%
# Each step evaluates 200 spots at 3072 pixels, forward and backward.

state, kept, losses = optimiser.init(scene), {}, []
for i in range(ITERATIONS + 1):
    if i in (0, 20, 80, ITERATIONS):
        kept[i] = render(scene, u, v).reshape(target.shape)
    scene, state, value = step(scene, state)
    losses.append(float(value))
final = quality(kept[ITERATIONS], target)
print(
    f"{quality(kept[0], target):.1f} dB at the beginning, {final:.1f} dB at the end, "
    f"with {sum(a.size for a in scene.values())} numbers for {target.size}"
)
assert final > 24.0

# %%
# The scene does not depend on pixels. The last picture renders it at four times the
# resolution; the dots are the centres of the spots.

fig, axes = plt.subplots(2, 3, figsize=(10, 5.4), layout="constrained")
fine = render(scene, *grid(192, 256)).reshape(192, 256, 3)
shown = {f"after {i} steps": image for i, image in kept.items()}
shown |= {"photograph": target, "the scene, rendered finer": fine}
for ax, (name, image) in zip(axes.flat, shown.items(), strict=True):
    ax.imshow(image, extent=(0, 4 / 3, 1, 0))
    ax.set_title(name, fontsize=11)
    ax.axis("off")
axes[1, 2].plot(*scene["place"], ".", ms=2, color="white")
axes[1, 2].set(xlim=(0, 4 / 3), ylim=(1, 0))
plt.show()
