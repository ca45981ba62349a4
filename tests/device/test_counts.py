"""How much the device is asked to do: launches, allocations, copies and synchronisations."""

from __future__ import annotations

from typing import Any

import cupy as cp
import networks
import numpy as np
import pytest

import gpugrad as gg
from gpugrad.engines.cuda import product
from gpugrad.train.learning import Learning
from gpugrad.train.objective import Objective
from gpugrad.train.parts import Batch
from gpugrad.train.step import Carried, make_step
from gpugrad.train.tasks import TASKS

rng = np.random.default_rng(0)


def on_device(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return gg.tree.map(lambda a: cp.asarray(a) if isinstance(a, np.ndarray) else a, arguments)


def digits() -> tuple[Any, tuple[Any, ...]]:
    """The training step of the digits MLP, and its arguments on the device."""
    step, arguments = networks.digits()
    return step, on_device(arguments)


SIZES = {
    "toy": (32, (2, 16, 16, 2)),
    "digits": (64, (64, 128, 64, 10)),
    "mnist": (128, (784, 256, 128, 10)),
    "two layers": (16, (5, 7, 3)),
}
"""Those of the benchmarks, and another one."""

STEP = ["product", "product", "matmul", "fused", "beside", "beside", "beside", "fused"]
"""The kernels of a step of three layers: their products, of which two end with bias and relu; the
loss and its slope; of the last layer the gradients of weights and operand, with the mask; those of
the one before, with the sum for a bias; of the first layer what is left; and the optimiser.
"""


@pytest.mark.parametrize(
    "optimizer", [gg.optim.sgd(0.01), gg.optim.adam(1e-3)], ids=["sgd", "adam"]
)
@pytest.mark.parametrize("size", SIZES)
def test_a_captured_step_is_two_launches(size: str, optimizer: Any, done: Any) -> None:
    """The table of addresses, and a graph. One array is allocated, for the loss; nothing is copied
    and nobody waits.
    """
    batch, widths = SIZES[size]
    step, arguments = networks.step_of(batch, widths, optimizer)
    model, state, x, labels = on_device(arguments)
    compiled = gg.jit(step, donate_argnums=(0, 1))
    for _ in range(4):
        done.begin()
        model, state, _ = compiled(model, state, x, labels)
    assert done.counts() == {"launch": 1, "graph launch": 1, "malloc": 1}
    first, graph, *kernels = done.launches()
    assert first.startswith("write_")
    assert graph == "graph"
    wanted = STEP if len(widths) == 4 else [*STEP[1:5], *STEP[6:]]
    assert [name.rstrip("0123456789") for name in kernels] == wanted
    text = compiled.explain(model, state, x, labels)
    assert f"1 graph of {len(wanted)} kernels in each run" in text


def test_the_step_of_gpugrad_train_is_one_graph(done: Any) -> None:
    """With the rows of the batch, the rate of the step, and the sums of loss and hits so far.

    These are two numbers, which are copied to where they were; nothing else is.
    """
    _, (model, _, x, labels) = digits()
    optimizer = gg.optim.adam(gg.optim.cosine(1e-3, 100))
    task = TASKS["multiclass"]
    objective = Objective(task, task.loss("cross_entropy", 0.0), ((), ()))
    step, order = make_step(optimizer, "cupy", Learning(objective)), cp.arange(64)[::-1]
    carried = Carried(model, optimizer.init(model), (cp.zeros(()), cp.zeros(())))
    for i in range(4):
        index = cp.ascontiguousarray(order[i : i + 32])
        done.begin()
        carried = step(carried, None, Batch(x, labels, None, index))
    assert done.counts() == {"launch": 1, "graph launch": 1}
    kernels = [name.rstrip("0123456789") for name in done.launches()[2:]]
    assert kernels == ["beside", *STEP, "order", "move", "move"]


def test_what_is_donated_stays_in_its_memory(done: Any) -> None:
    step, (model, state, x, labels) = digits()
    compiled = gg.jit(step, donate_argnums=(0, 1))
    for _ in range(3):
        model, state, _ = compiled(model, state, x, labels)
    before = [a.data.ptr for a in gg.tree.leaves(model)]
    model, state, _ = compiled(model, state, x, labels)
    assert [a.data.ptr for a in gg.tree.leaves(model)] == before


def test_an_uncaptured_step_cuts_the_graph(done: Any) -> None:
    def f(x: Any) -> Any:
        some = gg.any(gg.tanh(x @ x) @ x > 0, axis=0)
        return gg.sum(x @ x, axis=0) * some

    compiled = gg.jit(f)
    x = cp.asarray(rng.normal(size=(4, 4)))
    for _ in range(4):
        done.begin()
        compiled(x)
    assert done.counts()["graph launch"] == 2
    assert done.launches().count("cupy_any") == 1
    assert not done.counts()["synchronize"]


def pairwise(x: Any, y: Any) -> Any:
    return gg.exp(-gg.sum((x[:, None, :] - y[None, :, :]) ** 2, axis=-1))


def middle_sum(x: Any, y: Any) -> Any:
    return gg.sum(gg.sin(x[:, None, :] - y[None, :, :]), axis=1)


def inner_sum(x: Any, y: Any) -> Any:
    return gg.sum(gg.sin(x[:, None, :] - y[None, :, :]), axis=(1, 2))


@pytest.mark.parametrize("f", [pairwise, middle_sum, inner_sum])
def test_arrays_of_pairs_are_one_kernel(f: Any, done: Any) -> None:
    """With the table of addresses."""
    arrays = rng.normal(size=(7, 3)), rng.normal(size=(90, 3))
    compiled = gg.jit(f)
    for _ in range(4):
        done.begin()
        found = compiled(*on_device(arrays))
    assert [name.rstrip("0123456789") for name in done.launches()][-1:] == ["fused"]
    assert done.counts()["launch"] == 2
    np.testing.assert_allclose(found.get(), f(*arrays), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "launches"),
    [("sin", 1), ("exp", 1), ("relu", 1), ("add", 1), ("sign", 1), ("sigmoid", 1), ("softmax", 5)],
)
def test_eager_ops_launch_no_more_than_their_functions(
    name: str, launches: int, done: Any
) -> None:
    x = cp.asarray(rng.normal(size=(3, 4)).astype("float32"))
    operands = (x, x) if name == "add" else (x,)
    f = getattr(gg, name)
    f(*operands)
    done.begin()
    f(*operands)
    assert done.counts() == {"launch": launches, "malloc": launches}


def test_the_cross_entropy_and_its_gradient_are_a_launch_each(done: Any) -> None:
    x, g = (cp.asarray(rng.normal(size=shape).astype("float32")) for shape in ((3, 4), (3,)))
    labels = cp.asarray([0, 2, 1])
    done.begin()
    losses = gg.softmax_cross_entropy(x, labels)
    assert done.launches() == ["cross_entropy_float32"]
    np.testing.assert_array_less(0, losses.get())
    _, pullback = gg.vjp(lambda x: gg.softmax_cross_entropy(x, labels), x)
    done.begin()
    pullback(g)
    assert done.launches() == ["gpugrad_to_logits"]


def test_an_eager_step_neither_copies_nor_waits(done: Any) -> None:
    step, arguments = digits()
    model, state, _ = step(*arguments)
    done.begin()
    step(model, state, *arguments[2:])
    waits = ("to host", "to device", "synchronize", "event record")
    assert not any(done.counts()[what] for what in waits), done.counts()
    assert done.counts()["launch"] <= 105


def test_large_products_are_nodes_of_the_library_in_the_graph(
    done: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One input is copied, because the library has to know where it lies."""
    monkeypatch.setattr(product, "LARGE", 40**3)
    a, b = (cp.asarray(rng.normal(size=(40, 40))) for _ in range(2))
    compiled = gg.jit(lambda a, b: gg.sum(gg.tanh(gg.exp(a) @ b) @ gg.sin(a)))
    for _ in range(4):
        done.begin()
        compiled(a, b)
    names = [name.rstrip("0123456789") for name in done.launches()[2:]]
    by_library = names.count("cublasGemmStridedBatchedEx")
    assert (by_library, names.count("order"), names.count("matmul")) == (2, 1, 0)
    assert done.counts()["graph launch"] == 1
    assert "2 products by cuBLAS" in compiled.explain(a, b)


def test_atomics_come_in_any_order(done: Any) -> None:
    """Another one at each launch, so that equal bits mean something."""
    at = cp.asarray([0, 0, 0])
    sums = []
    for _ in range(20):
        y = cp.zeros(1, "float32")
        cp.add.at(y, at, cp.asarray(np.float32([1.0, 1e8, -1e8])))
        sums.append(float(y[0]))
    assert len(set(sums)) > 1
