r"""
Handwritten digits, with every step written out
===============================================

Training a network takes four things: parameters, a loss, its gradient, and a rule that
changes the parameters. `gg.nn` and `gg.optim` provide them; here each is written out in
terms of NumPy, and gpugrad only differentiates and compiles. The result is compared
with two scikit-learn classifiers, on images that none of them was trained on.

The data are 1797 scans of digits, of 8 × 8 pixels. The network has one hidden layer;
the softmax turns its outputs :math:`z` into probabilities, and the loss is the mean
negative logarithm of the probability of the right digit :math:`y`:

.. math::

    z = \max(x W_1 + b_1,\, 0)\, W_2 + b_2, \qquad
    \ell = -\frac{1}{n}\sum_{i=1}^n \left( z_{i,y_i} - \ln \sum_k e^{z_{ik}} \right) .
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

import gpugrad as gg

digits = load_digits()
x, x_test, y, y_test = train_test_split(
    (digits.data / 16.0).astype("float32"),
    digits.target,
    test_size=0.25,
    random_state=0,
)

# %%
# The parameters are a dictionary of arrays. The gradient will be a dictionary of the
# same structure.

rng = np.random.default_rng(0)


def weights(n_in, n_out):
    return rng.normal(0.0, np.sqrt(2.0 / n_in), (n_in, n_out)).astype("float32")


params = {
    "W1": weights(64, 128),
    "b1": np.zeros(128, "float32"),
    "W2": weights(128, 10),
    "b2": np.zeros(10, "float32"),
}


def logits(params, x):
    hidden = gg.maximum(x @ params["W1"] + params["b1"], 0.0)
    return hidden @ params["W2"] + params["b2"]


def loss(params, x, one_hot):
    z = logits(params, x)
    return gg.mean(gg.special.logsumexp(z, axis=1) - gg.sum(z * one_hot, axis=1))


# %%
# Adam keeps two running means for each parameter, of the gradient :math:`g` and of its
# square, and moves by their ratio:
#
# .. math::
#
#     m \leftarrow \beta_1 m + (1-\beta_1)\, g, \qquad
#     s \leftarrow \beta_2 s + (1-\beta_2)\, g^2, \qquad
#     p \leftarrow p - \eta\, \frac{m / (1-\beta_1^t)}{\sqrt{s / (1-\beta_2^t)} + \epsilon} .
#
# `gg.tree.map` applies this to all arrays in the dictionary. Under `gg.jit` the whole
# step, including the gradient, is traced in its first two calls; from the third on, a
# compiled plan runs.

RATE, BETA1, BETA2, EPS = 2e-3, 0.9, 0.999, 1e-8


@gg.jit
def step(params, means, squares, t, x, one_hot):
    value, grads = gg.value_and_grad(loss)(params, x, one_hot)
    means = gg.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, means, grads)
    squares = gg.tree.map(lambda s, g: BETA2 * s + (1 - BETA2) * g**2, squares, grads)
    rate = RATE * gg.sqrt(1 - BETA2**t) / (1 - BETA1**t)
    params = gg.tree.map(
        lambda p, m, s: p - rate * m / (gg.sqrt(s) + EPS), params, means, squares
    )
    return params, means, squares, value


# %%
# Training goes through the images in batches of 64, each time in a new order.

EPOCHS, BATCH = 40, 64
one_hot = np.eye(10, dtype="float32")[y]
means = squares = gg.tree.map(np.zeros_like, params)
losses, accuracies, t = [], [], 0
for _ in range(EPOCHS):
    order = rng.permutation(len(x))
    for start in range(0, len(x) - BATCH + 1, BATCH):
        rows = order[start : start + BATCH]
        t += 1
        params, means, squares, value = step(
            params, means, squares, float(t), x[rows], one_hot[rows]
        )
        losses.append(float(value))
    accuracies.append(np.mean(np.argmax(logits(params, x_test), axis=1) == y_test))

# %%
# For comparison, train a linear classifier, and one that looks for the most similar
# images.

linear = LogisticRegression(max_iter=2000).fit(x, y).score(x_test, y_test)
neighbours = KNeighborsClassifier(3).fit(x, y).score(x_test, y_test)
network = accuracies[-1]
print(
    f"right on {len(x_test)} new images: network {network:.1%}, "
    f"nearest neighbours {neighbours:.1%}, linear {linear:.1%}"
)
assert network > linear

# %%
# On the left, the loss of every batch; in the middle, the share of new images that are
# recognised, with the two other classifiers as lines; on the right, images that the
# network gets wrong.

fig = plt.figure(figsize=(10, 3.4), layout="constrained")
left, middle, right = fig.subfigures(1, 3, width_ratios=[1, 1, 0.8])
ax = left.subplots()
ax.semilogy(np.arange(len(losses)) / (len(losses) / EPOCHS), losses, lw=0.8)
ax.set(xlabel="epoch", ylabel="loss of a batch")
ax = middle.subplots()
ax.plot(range(1, EPOCHS + 1), accuracies)
for score, name, colour in ((neighbours, "neighbours", "C1"), (linear, "linear", "C2")):
    ax.axhline(score, color=colour, ls="--", label=name)
ax.set(xlabel="epoch", ylabel="right on new images", ylim=(0.9, 1.0))
ax.legend(loc="lower right")

guess = np.argmax(logits(params, x_test), axis=1)
wrong = np.flatnonzero(guess != y_test)[:9]
for ax in right.subplots(3, 3).flat:
    ax.axis("off")
for ax, i in zip(right.axes, wrong, strict=False):
    ax.imshow(x_test[i].reshape(8, 8), cmap="gray_r")
    ax.set_title(f"{y_test[i]} as {guess[i]}", fontsize=9)
plt.show()
