"""Graphs to step through: that of the chapter, the loss of a network, and a step under gg.jit."""

import sys
from pathlib import Path

import numpy as np

import gpugrad as gg

FOLDER = Path(sys.argv[1])
gg.use_backend("numpy")


def f(x, y):
    a = x + y
    return a * x


gg.show.page(f, 3.0, 2.0).save(FOLDER / "graph_page-chapter.html")

rng = np.random.default_rng(0)
model = gg.nn.MLP([4, 8, 8, 3], activation="tanh", rng=0, dtype="float64")
x, labels = rng.normal(size=(5, 4)), np.array([0, 1, 2, 0, 1])


def loss(model, x):
    decay = gg.sum(gg.stack([gg.sum(part**2) for part in gg.tree.leaves(model)]))
    return gg.mean(gg.softmax_cross_entropy(model(x), labels)) + 1e-3 * decay


gg.show.page(loss, model, x).save(FOLDER / "graph_page-network.html")

opt = gg.optim.adam(1e-2)


@gg.jit(engine="native")
def step(model, state):
    value, grads = gg.value_and_grad(loss)(model, x)
    updates, state = opt.update(grads, state, model)
    return gg.optim.apply_updates(model, updates), state, value


state = opt.init(model)
for _ in range(4):
    model, state, value = step(model, state)
with gg.profile() as profile:
    for _ in range(100):
        model, state, value = step(model, state)
gg.show.page(step, model, state, profile=profile).save(FOLDER / "graph_page-step.html")
