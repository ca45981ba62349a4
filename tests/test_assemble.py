"""Arrays that are read and written part by part: what is left of it in a plan."""

from collections import Counter

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.plan import interpret
from gpugrad.plan.passes import improve


def plan_of(f, *args):
    return gg.jit(f)._cache.compiled(args, {}).traced


def counts(plan):
    return Counter(step.op for step in plan.steps)


def same(recorded, args):
    arrays = [np.asarray(x) for x in args]
    wanted = interpret.run(recorded, arrays, numpy_namespace)
    for without in ((), ("assemble",), ("horizontal",), ("algebra",)):
        found = interpret.run(improve(recorded, without=without), arrays, numpy_namespace)
        for mine, right in zip(found, wanted, strict=True):
            np.testing.assert_allclose(mine, right, rtol=1e-12)


def test_the_gradient_of_slices_is_put_together_once():
    """Seven slices of x: their gradients are one product with the seven numbers of c."""

    def f(x, c):
        return gg.grad(lambda x: sum(gg.sum(gg.sin(x[i]) * c[i]) for i in range(7)))(x)

    args = np.linspace(0, 1, 21).reshape(7, 3), np.arange(7.0)
    recorded = plan_of(f, *args)
    assert counts(recorded)["add_at"] == 7
    improved = counts(improve(recorded))
    assert improved["add_at"] == 0
    assert improved["pack"] == 0
    assert improved["slice"] == 0
    assert improved["cos"] == 1
    same(recorded, args)


def test_an_ensemble_of_slices_is_one_stacked_model():
    """Two products forward, three backward, however many models there are."""

    def loss(w1, w2, x):
        total = 0.0
        for i in range(x.shape[0]):
            total = total + gg.sum((gg.relu(x[i] @ w1[i]) @ w2[i]) ** 2)
        return total

    def f(w1, w2, x):
        return gg.value_and_grad(loss, argnums=(0, 1))(w1, w2, x)

    rng = np.random.default_rng(0)
    for n in (8, 20):
        args = rng.normal(size=(n, 2, 4)), rng.normal(size=(n, 4, 1)), rng.normal(size=(n, 1, 2))
        recorded = plan_of(f, *args)
        assert counts(improve(recorded))["matmul"] == 5
        assert counts(improve(recorded))["add_at"] == 0
        same(recorded, args)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: gg.grad(lambda x: gg.sum(x[0] ** 2) + gg.sum(x[2] ** 3))(x),      # a gap
        lambda x: gg.grad(lambda x: gg.sum(x[0:2] ** 2) + gg.sum(x[1:3] ** 3))(x),  # an overlap
        lambda x: gg.grad(lambda x: sum(gg.sum(x[:, i] ** i) for i in range(4)))(x),  # columns
        lambda x: gg.grad(lambda x: gg.sum(x[0] ** 2) + gg.sum(x[0] ** 3))(x),      # the same twice
    ],
    ids=["gap", "overlap", "columns", "twice"],
)
def test_what_does_not_fill_the_array_once_is_added_up(f):
    args = (np.linspace(0, 1, 12).reshape(3, 4),)
    recorded = plan_of(f, *args)
    assert counts(improve(recorded))["add_at"] > 0
    same(recorded, args)


def test_parts_in_another_order_are_not_the_array():
    def f(x):
        return gg.stack([x[2], x[1], x[0]]) * 2, gg.stack([x[0], x[1]]) * 3

    args = (np.arange(12.0).reshape(3, 4),)
    same(plan_of(f, *args), args)


def test_swapping_an_axis_of_length_one_is_a_reshape():
    recorded = plan_of(lambda x: gg.permute_dims(x, (1, 0, 2)) * 2, np.ones((1, 3, 4)))
    assert counts(improve(recorded)) == {"reshape": 1, "multiply": 1}
    recorded = plan_of(lambda x: gg.permute_dims(x, (2, 1, 0)) * 2, np.ones((2, 1, 4)))
    assert counts(improve(recorded)) == {"permute_dims": 1, "multiply": 1}
