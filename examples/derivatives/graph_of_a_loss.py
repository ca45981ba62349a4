r"""
What the loss of a network is made of
=====================================

A gradient is computed by going backwards over a graph: a node for each operation, and
an edge for each value that it used. gpugrad keeps that graph and shows it. This program
draws the graph of the loss of a network small enough to follow by hand, and then uses
the same sweep to see what happens to gradients in a deep network.

The small network has one input, one hidden unit, one output, and a single data point
:math:`(x, y)`:

.. math::

    h = \tanh(w_1 x + b_1), \qquad \hat y = w_2 h + b_2, \qquad \ell = (\hat y - y)^2 .
"""

import matplotlib.pyplot as plt
import numpy as np

import gpugrad as gg

x, y = 0.5, 1.0


def loss(w1, b1, w2, b2):
    h = gg.tanh(w1 * x + b1)
    return (w2 * h + b2 - y) ** 2


w1, b1, w2, b2 = 1.5, 0.1, -0.8, 0.3

# %%
# `gg.show.page` runs the function and shows what it did, as a page to step through. A
# rounded node shows a value and, below it, the derivative of the loss with respect to
# that value; the red number on an edge is what the sweep sent back along it. The second
# half of the steps goes backward, from the end: the derivative of the loss with respect
# to itself is 1, and each operation multiplies what it receives by its own slope.
# (`gg.show.graph` draws the same as a picture.)

gg.show.page(loss, w1, b1, w2, b2)

# %%
# `gg.show.trace` shows the same as tables. The last one says what the graph must keep
# for the sweep, and why: this is where the memory of training goes.

gg.show.trace(loss, w1, b1, w2, b2)

# %%
# The chain rule on paper says the same:
#
# .. math::
#
#     \frac{\partial \ell}{\partial w_1}
#     = 2 (\hat y - y) \cdot w_2 \cdot (1 - h^2) \cdot x .

h = np.tanh(w1 * x + b1)
by_hand = 2 * (w2 * h + b2 - y) * w2 * (1 - h**2) * x
by_sweep = gg.grad(loss)(w1, b1, w2, b2)
print(f"by hand {by_hand:.6f}, by gpugrad {by_sweep:.6f}")
assert abs(by_hand - by_sweep) < 1e-12

# %%
# A deep network
# --------------
#
# With 30 hidden layers, the cotangent passes 30 such products on its way to the first
# weights. A layer multiplies it by its matrix and by the slopes of its activation. If
# each layer shrinks it a little, nothing is left for the first layers: gradients
# *vanish*. The slope of the sigmoid is at most 1/4, and that of tanh at most 1. That of
# relu is 1 for half of the units and 0 for the rest, which `gg.nn.MLP` compensates with
# larger initial weights.
#
# The gradient of a network has the structure of the network, so the gradient of a layer
# is found where the layer is.

rng = np.random.default_rng(0)
inputs = rng.normal(size=(100, 32))
targets = rng.normal(size=(100, 1))
DEPTH = 30


def sizes_of_gradients(activation):
    model = gg.nn.MLP(
        [32] * (DEPTH + 1) + [1], activation=activation, rng=1, dtype="float64"
    )
    grads = gg.grad(lambda m: gg.mean((m(inputs) - targets) ** 2))(model)
    return [np.linalg.norm(layer.weight) for layer in grads.layers[:DEPTH]]


fig, ax = plt.subplots(figsize=(7, 4))
found = {name: sizes_of_gradients(name) for name in ("relu", "tanh", "sigmoid")}
for name, sizes in found.items():
    ax.semilogy(range(1, DEPTH + 1), sizes, "o-", ms=4, label=name)
ax.set(xlabel="layer, from the input", ylabel="norm of the gradient of its weights")
ax.legend()
plt.show()

# %%
# In the last layer the gradient with the sigmoid is even the largest. In the first
# layer it is 18 orders of magnitude smaller, and nothing is learned there.

assert found["sigmoid"][0] < 1e-12 * found["sigmoid"][-1]
assert found["relu"][0] > 0.05 * found["relu"][-1]
