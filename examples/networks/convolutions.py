r"""
A convolutional network, and what it looks at
=============================================

A convolution slides the same few weights over all positions in an image, so what it
learns in one place holds everywhere. This program trains a network of convolutions
on scikit-learn's 8 × 8 digits, with layers from `gg.nn` and an optimiser from
`gg.optim`, and then asks the trained network which pixels its answers depend on.

A layer maps :math:`c` channels to :math:`c'` ones. With filters of 3 × 3 weights
:math:`w`,

.. math::

    z_{k,ij} = b_k + \sum_{l=1}^{c} \sum_{u,v=-1}^{1} w_{k,l,uv}\; x_{l,\,i+u,\,j+v} ,

and the maximum over windows of 2 × 2 then halves the height and width. Between them,
batch normalisation keeps the numbers of each channel at mean 0 and variance 1, and
dropout hides some of the features in training, so that none is relied upon alone.
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

# %%
# The model is a pytree of layers. Each draws its weights from the generator in turn.
# What batch normalisation keeps of the batches that it saw, running averages of mean
# and variance, are no weights: they are the state of the model, which a call takes and
# returns.


def convolution(before, after):
    """A convolution, normalised."""
    filters = gg.nn.Conv2d(before, after, 3, padding="same", bias=False, rng=rng)
    return [filters, gg.nn.BatchNorm2d(after), "relu"]


model = gg.nn.Sequential(
    [
        *convolution(1, 16),
        gg.nn.MaxPool2d(2),
        gg.nn.Residual(convolution(16, 16)),
        *convolution(16, 32),
        gg.nn.MaxPool2d(2),
        gg.nn.Flatten(),
        gg.nn.Dropout(0.4),
        gg.nn.Linear(32 * 2 * 2, 10, rng=rng),
    ]
)
print(gg.nn.summary(model, x[:1]))

# %%
# In training, the model needs a key for dropout, and returns a new state beside its
# result; the gradient is taken of the loss alone.


def loss(model, state, x, y, key):
    logits, state = model(x, state, key=key, training=True)
    return gg.mean(gg.nn.softmax_cross_entropy(logits, y)), state


EPOCHS, BATCH = 20, 32
steps = EPOCHS * (len(x) // BATCH)
optimiser = gg.optim.adamw(gg.optim.cosine(1e-2, steps, warmup=20), weight_decay=0.02)


@gg.jit
def step(model, state, moments, x, y, key):
    found, grads = gg.value_and_grad(loss, has_aux=True)(model, state, x, y, key)
    updates, moments = optimiser.update(grads, moments, model)
    return gg.optim.apply_updates(model, updates), found[1], moments


state, moments, key = model.init_state(), optimiser.init(model), gg.random.key(0)
for epoch in range(EPOCHS):
    order = rng.permutation(len(x))
    for rows in order[: len(x) // BATCH * BATCH].reshape(-1, BATCH):
        key, own = gg.random.split(key)
        model, state, moments = step(model, state, moments, x[rows], y[rows], own)
    if epoch % 5 == 4:
        accuracy = np.mean(np.argmax(model(x_test, state)[0], axis=1) == y_test)
        print(f"epoch {epoch + 1:2}: {accuracy:.1%} of new images")

assert accuracy > 0.985

# %%
# What hangs on which pixel
# -------------------------
#
# The gradient of the log-probability of a digit with respect to the *image*, not the
# weights, shows which ink speaks for that digit. For all images at once it is the
# gradient of the sum, because no output depends on another image. The mean over the
# images of a digit shows what they have in common.


def evidence(images, labels):
    logits, _ = model(images, state)
    return -gg.sum(gg.nn.softmax_cross_entropy(logits, labels))


slopes = gg.grad(evidence)(x_test, y_test)[:, 0]
common = np.stack([slopes[y_test == digit].mean(axis=0) for digit in range(10)])
shown = x_test[[np.flatnonzero(y_test == digit)[3] for digit in range(10)]]
first = gg.nn.Sequential(model.layers[:3])
maps, _ = first(shown, state[:3])

# %%
# The first row shows an image of each digit; the second, what one filter of the first
# convolution makes of it. In the third row, ink in a red pixel speaks for the digit, and
# ink in a blue one against it. The middle of a 0, for example, must have none.

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
