r"""
A convolutional network, and what it looks at
=============================================

A convolution slides the same few weights over all positions in an image, so what it
learns in one place holds everywhere. This program trains a network of two convolutions
on scikit-learn's 8 × 8 digits, with layers from `gg.nn` and an optimiser from
`gg.optim`, and then asks the trained network which pixels its answers depend on.

A layer maps :math:`c` channels to :math:`c'` ones. With filters of 3 × 3 weights
:math:`w`,

.. math::

    z_{k,ij} = b_k + \sum_{l=1}^{c} \sum_{u,v=-1}^{1} w_{k,l,uv}\; x_{l,\,i+u,\,j+v} ,

and the maximum over windows of 2 × 2 then halves the height and width.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import gpugrad as gg

digits = load_digits()
images = (digits.images[:, None] / 16.0).astype("float32")
x, x_test, y, y_test = train_test_split(
    images, digits.target, test_size=0.25, random_state=0
)

rng = np.random.default_rng(0)


def normal(*shape):
    fan_in = np.prod(shape[1:])
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), shape).astype("float32")


# %%
# The model is a pytree: a dictionary of arrays and a ready-made linear layer. Any
# pytree can be differentiated, optimised and saved.

model = {
    "filters1": normal(16, 1, 3, 3),
    "bias1": np.zeros(16, "float32"),
    "filters2": normal(32, 16, 3, 3),
    "bias2": np.zeros(32, "float32"),
    "head": gg.nn.MLP([32 * 2 * 2, 10], rng=rng),
}


def features(model, x):
    """The output of the first layer: 16 images of 8 × 8 for each image."""
    return gg.relu(gg.nn.conv2d(x, model["filters1"], model["bias1"], padding="same"))


def logits(model, x):
    x = gg.nn.max_pool2d(features(model, x), 2)
    x = gg.relu(gg.nn.conv2d(x, model["filters2"], model["bias2"], padding="same"))
    x = gg.nn.max_pool2d(x, 2)
    return model["head"](gg.reshape(x, (x.shape[0], -1)))


def loss(model, x, y):
    return gg.mean(gg.nn.softmax_cross_entropy(logits(model, x), y))


EPOCHS, BATCH = 20, 32
steps = EPOCHS * (len(x) // BATCH)
optimiser = gg.optim.adam(gg.optim.cosine(1e-2, steps, warmup=20))


@gg.jit
def step(model, state, x, y):
    value, grads = gg.value_and_grad(loss)(model, x, y)
    updates, state = optimiser.update(grads, state, model)
    return gg.optim.apply_updates(model, updates), state, value


state = optimiser.init(model)
for epoch in range(EPOCHS):
    order = rng.permutation(len(x))
    for rows in order[: len(x) // BATCH * BATCH].reshape(-1, BATCH):
        model, state, value = step(model, state, x[rows], y[rows])
    if epoch % 5 == 4:
        accuracy = np.mean(np.argmax(logits(model, x_test), axis=1) == y_test)
        print(f"epoch {epoch + 1:2}: {accuracy:.1%} of new images")

assert accuracy > 0.975

# %%
# What hangs on which pixel
# -------------------------
#
# The gradient of the log-probability of a digit with respect to the *image*, not the
# weights, shows which ink speaks for that digit. For all images at once it is the
# gradient of the sum, because no output depends on another image. The mean over the
# images of a digit shows what they have in common.


def evidence(images, labels):
    return -gg.sum(gg.nn.softmax_cross_entropy(logits(model, images), labels))


slopes = gg.grad(evidence)(x_test, y_test)[:, 0]
common = np.stack([slopes[y_test == digit].mean(axis=0) for digit in range(10)])
shown = x_test[[np.flatnonzero(y_test == digit)[3] for digit in range(10)]]
maps = features(model, shown)

# %%
# The first row shows an image of each digit; the second, the output of one filter of
# the first layer. In the third row, ink in a red pixel speaks for the digit, and ink in
# a blue one against it. The middle of a 0, for example, must have none.

assert common[0, 3:5, 3:5].mean() < 0

busiest = np.argmax(np.var(maps, axis=(0, 2, 3)))
fig, axes = plt.subplots(3, 10, figsize=(10, 3.3), layout="constrained")
for k in range(10):
    limit = np.abs(common[k]).max()
    axes[0, k].imshow(shown[k, 0], cmap="gray_r")
    axes[1, k].imshow(maps[k, busiest], cmap="gray_r")
    axes[2, k].imshow(common[k], cmap="RdBu_r", vmin=-limit, vmax=limit)
for ax, name in zip(axes[:, 0], ("image", "feature", "slope"), strict=True):
    ax.set_ylabel(name)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
plt.show()
