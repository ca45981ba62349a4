"""`cond` on a batch whose parts take different branches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.testing import check_grads

ENGINES = ("numpy", "native")

XS = np.array([-1.5, -0.25, 0.0, 0.75, 2.0])
W = np.array(0.6)

Function = Callable[..., Any]


def compiled(f: Function, engine: str) -> Function:
    return f if engine == "eager" else gg.jit(f, engine=engine)


WAYS = ("eager", *ENGINES)


def part(x: Any, w: Any) -> Any:
    """Each branch is NaN or infinite where the other one is taken, and so are its slopes."""
    return gg.cond(x > 0, lambda x: gg.log(x) * w, lambda x: gg.sqrt(-x) / (x - 1) + w * x, x)


def closed(x: Any, w: Any) -> Any:
    """The same without operands."""
    return gg.cond(x > 0, lambda: gg.log(x) * w, lambda: gg.sqrt(-x) / (x - 1) + w * x)


def row(x: float, w: float) -> float:
    return np.log(x) * w if x > 0 else np.sqrt(-x) / (x - 1) + w * x


def slopes(x: float, w: float) -> tuple[float, float]:
    if x > 0:
        return w / x, np.log(x)
    root = np.sqrt(-x)
    return -0.5 / root / (x - 1) - root / (x - 1) ** 2 + w, x


@pytest.mark.parametrize(
    ("f", "way"), [(part, "eager"), (part, "numpy"), *((closed, way) for way in WAYS)]
)
def test_what_is_not_taken_reaches_no_value_and_no_gradient(f: Function, way: str) -> None:
    """Neither by way of an operand, nor of what the branches close over, be it in the batch."""
    xs = XS[XS != 0]
    batched = gg.vmap(f, in_axes=(0, None))

    def all_of_it(xs: Any, w: Any) -> Any:
        of_each = gg.vmap(gg.grad(f, (0, 1)), in_axes=(0, None))(xs, w)
        return *gg.value_and_grad(lambda *given: gg.sum(batched(*given)), (0, 1))(xs, w), of_each

    each = np.array([slopes(x, 0.6) for x in xs]).T
    run = compiled(all_of_it, way)
    for _ in range(3):
        total, of_total, of_each = run(xs, W)
        np.testing.assert_allclose(total, np.sum([row(x, 0.6) for x in xs]), rtol=1e-13)
        np.testing.assert_allclose(of_total[0], each[0], rtol=1e-13)
        np.testing.assert_allclose(of_total[1], np.sum(each[1]), rtol=1e-13)
        np.testing.assert_allclose(of_each, each, rtol=1e-13)


def test_gradients_of_any_order() -> None:
    xs = XS[XS != 0]
    check_grads(gg.vmap(part, in_axes=(0, None)), (xs, W), order=3)
    check_grads(gg.vmap(gg.grad(part), in_axes=(0, None)), (xs, W))
    hessian = gg.hessian(lambda xs: gg.sum(gg.vmap(lambda x: part(x, W))(xs)))(xs)
    want = np.diag(gg.stack([gg.grad(gg.grad(part))(x, W) for x in xs]))
    np.testing.assert_allclose(hessian, want, rtol=1e-12)
    directions = np.linspace(0.5, 1.5, len(xs))
    found = gg.jvp(gg.vmap(lambda x: part(x, W)), (xs,), (directions,))[1]
    want = [slopes(x, 0.6)[0] * d for x, d in zip(xs, directions, strict=True)]
    np.testing.assert_allclose(found, want, rtol=1e-13)


@pytest.mark.parametrize("way", WAYS)
def test_trees_numbers_and_dtypes(way: str) -> None:
    """As under gg.jit: a number takes the dtype of the other branch; no array at all is none."""

    def f(x: Any, y: Any) -> Any:
        return gg.cond(
            x > 0, lambda: {"a": 1, "b": (y * 2, x)}, lambda: {"a": y[0], "b": (y, 0.5)}
        ), gg.cond(x > 0, lambda: (), lambda: ()), gg.cond(x > 0, lambda: 1, lambda: 2)

    ys = np.arange(10, dtype=np.float32).reshape(5, 2)
    (found, empty, number) = compiled(gg.vmap(f), way)(XS, ys)
    assert empty == ()
    positive = XS > 0
    np.testing.assert_array_equal(found["a"], np.where(positive, 1, ys[:, 0]))
    np.testing.assert_array_equal(found["b"][0], np.where(positive[:, None], ys * 2, ys))
    np.testing.assert_array_equal(found["b"][1], np.where(positive, XS, 0.5))
    np.testing.assert_array_equal(number, np.where(positive, 1, 2))
    assert [x.dtype for x in (found["a"], *found["b"])] == [ys.dtype, ys.dtype, XS.dtype]


def test_conditions_that_are_numbers_and_other_batches() -> None:
    counts = np.array([0, 3, 0, -1])
    found = gg.vmap(lambda n: gg.cond(n, lambda: n * 10, lambda: n - 1))(counts)
    np.testing.assert_array_equal(found, [-1, 30, -1, -10])
    table = gg.vmap(lambda x: gg.vmap(lambda y: gg.cond(x > y, lambda: x, lambda: y))(XS))(XS)
    np.testing.assert_array_equal(table, np.maximum(XS[:, None], XS))
    inner = gg.vmap(lambda x: gg.vmap(lambda y: gg.cond(x > 0, lambda: x, lambda: y))(XS))(XS)
    np.testing.assert_array_equal(inner, np.where(XS[:, None] > 0, XS[:, None], XS))


def test_branches_that_do_not_agree_are_refused() -> None:
    for other in (lambda x: (x, x), lambda x: gg.stack([x, x]), lambda x: x > 0):
        with pytest.raises(gg.errors.InvalidArgument, match=r"branches of gg\.cond"):
            gg.vmap(lambda x, other=other: gg.cond(x > 0, lambda x: x, other, x))(XS)
    with pytest.raises(gg.errors.UnsupportedOperand, match="leaf of type str"):
        gg.vmap(lambda x: gg.cond(x > 0, lambda: "yes", lambda: "no"))(XS)


@pytest.mark.parametrize("way", WAYS)
def test_batches_loops_and_parts_of_their_own_inside_of_a_branch(way: str) -> None:
    """Their cotangents are summed where they end, and let through where the branch is taken."""

    def inner(x: Any, w: Any) -> Any:
        total = gg.sum(gg.vmap(lambda s: gg.log(x * s) * w)(np.array([1.0, 2.0])))
        carry, _ = gg.scan(lambda c, s: (c * gg.sqrt(x) + s * w, None), w, np.array([0.5, 0.25]))
        kept = gg.checkpoint(lambda x: gg.log(x) * x * w)(x)
        return total + carry + kept

    def f(x: Any, w: Any) -> Any:
        return gg.cond(x > 0.5, inner, lambda x, w: x * w, x, w)

    def looped(xs: Any, w: Any) -> Any:
        return gg.sum(gg.stack([inner(x, w) if x > 0.5 else x * w for x in xs]))

    xs, total = XS, lambda xs, w: gg.sum(gg.vmap(f, in_axes=(0, None))(xs, w))
    want = np.sum([inner(x, W) if x > 0.5 else x * W for x in xs])
    np.testing.assert_allclose(compiled(total, way)(xs, W), want, rtol=1e-13)

    def slope(x: Any, w: Any) -> Any:
        return gg.grad(inner if x > 0.5 else lambda x, w: x * w, (0, 1))(x, w)

    each = [slope(x, W) for x in xs]
    found = compiled(gg.grad(total, (0, 1)), way)(xs, W)
    np.testing.assert_allclose(found[0], [a for a, _ in each], rtol=1e-13)
    np.testing.assert_allclose(found[1], np.sum([b for _, b in each]), rtol=1e-13)
    second = compiled(gg.grad(gg.grad(total, 1), 1), way)(xs, W)
    want = np.sum([gg.grad(gg.grad(inner, 1), 1)(x, W) if x > 0.5 else 0 for x in xs])
    np.testing.assert_allclose(second, want, rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_selection_inside_of_a_loop_inside_of_a_plan(engine: str) -> None:
    def walk(x: Any) -> Any:
        def step(c: Any, _: Any) -> Any:
            return gg.cond(c > 1, lambda c: gg.log(c), lambda c: c * c + 0.75, c), c

        return gg.scan(step, x, length=4)

    def by_hand(x: Any) -> Any:
        seen = []
        for _ in range(4):
            seen.append(x)
            x = gg.log(x) if x > 1 else x * x + 0.75
        return x, gg.stack(seen)

    want, seen = zip(*(by_hand(x) for x in XS), strict=True)
    step = gg.jit(gg.vmap(walk), engine=engine)
    gradient = gg.jit(gg.vmap(gg.grad(lambda x: walk(x)[0])), engine=engine)
    for _ in range(3):
        found = step(XS)
        np.testing.assert_allclose(found[0], want, rtol=1e-13)
        np.testing.assert_allclose(found[1], np.stack(seen), rtol=1e-13)
        slopes = [gg.grad(lambda x: by_hand(x)[0])(x) for x in XS]
        np.testing.assert_allclose(gradient(XS), slopes, rtol=1e-12)
