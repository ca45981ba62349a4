"""Programs whose numbers only a careful compiler gets right: native code agrees with NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import tree

pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")


def check(f: Callable[..., Any], *args: Any, rtol: float = 0) -> None:
    """`f` gives on the native engine what it gives eagerly."""
    step = gg.jit(f, engine="native")
    step.compile(*args)
    with np.errstate(all="ignore"):
        wanted = tree.leaves(f(*args))
    for _ in range(2):
        for found, want in zip(tree.leaves(step(*args)), wanted, strict=True):
            assert found.dtype == np.asarray(want).dtype
            np.testing.assert_allclose(found, want, rtol=rtol, atol=rtol)


# One register, two dtypes


NUMBERS = np.array([0, 1, -1, 7, -8, 2**31 - 1, -(2**31), 12345] * 9, np.int32)

READERS: dict[str, Callable[[Any], Any]] = {
    "sum": gg.sum,
    "sum of rows": lambda x: gg.sum(gg.reshape(x, (8, 9)), axis=1),
    "less": lambda x: gg.astype(x, gg.int64) < -3,
    "float": lambda x: gg.astype(gg.astype(x, gg.int64), gg.float64) * 0.5,
    "maximum": lambda x: gg.maximum(gg.astype(x, gg.int64), 3),
    "divide": lambda x: x / 3,
    "shift": lambda x: gg.bitwise_right_shift(gg.astype(x, gg.int64), 1),
    "abs": lambda x: gg.abs(gg.astype(x, gg.int64)),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("first", [True, False])
def test_an_integer_without_a_sign_is_read_with_one_too(name: str, first: bool) -> None:
    """Integers are added and multiplied without a sign, so that they wrap. What else reads them
    reads their sign.
    """
    read = READERS[name]

    def f(x: Any) -> Any:
        wrapped = (x * x, -x, x + x)
        return (wrapped, read(x)) if first else (read(x), wrapped)

    check(f, NUMBERS)
    check(f, NUMBERS.astype(np.int64))
    check(lambda x: (f(x), f(gg.maximum(x, 0) * 2)), NUMBERS)


# What a round of a loop, or a branch, gives


def halves(x: Any) -> Any:
    y = gg.sin(x)
    return y[:2], y[2:]


def turned(x: Any) -> Any:
    return gg.permute_dims(gg.reshape(x, (2, 2)), (1, 0))


RESULTS: dict[str, Callable[[Any, Any], Any]] = {
    "a part": lambda c, x: gg.sin(c)[:2],
    "two parts": lambda c, x: halves(c),
    "a part and the whole": lambda c, x: (halves(c)[0], gg.sin(c)),
    "twice the same": lambda c, x: (gg.sin(c), gg.sin(c)),
    "in another shape": lambda c, x: gg.reshape(c * x, (2, 2)),
    "with other axes": lambda c, x: turned(c * x),
    "a copy in order, and a part of it": lambda c, x: gg.reshape(turned(c * x), (4,))[1:],
    "one for all": lambda c, x: gg.broadcast_to(gg.sum(c * x), (3,)),
    "a part of a product": lambda c, x: (turned(c) @ turned(x))[1],
    "a part of a whole of parts": lambda c, x: gg.concat([c[1:], x[:1]])[1:3],
    "a part of the row": lambda c, x: x[::2],
    "a part of the carry": lambda c, x: c[1:3],
    "a constant": lambda c, x: np.ones(3),
}


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("around", ["scan", "reverse", "cond", "carry"])
def test_a_body_gives_views_of_what_it_computes(name: str, around: str) -> None:
    """Results are views of arrays that only the body has, of what it is given, or constants."""
    result = RESULTS[name]
    x, rows = np.arange(1.0, 5), np.linspace(-1, 1, 12).reshape(3, 4)

    def round_(c: Any, x: Any) -> Any:
        after = c * 2 + x
        return (after[::-1] if around == "carry" else after), result(c, x)

    def f(x: Any, rows: Any) -> Any:
        if around != "cond":
            return gg.scan(round_, x, rows, reverse=around == "reverse")
        return gg.cond(
            gg.sum(x) > 3, lambda c: round_(c, rows[0]), lambda c: round_(c * 2, rows[1]), x
        )

    check(f, x, rows, rtol=1e-14)
    check(f, -x, rows, rtol=1e-14)

    def loss(x: Any, rows: Any) -> Any:
        return sum(gg.sum(y * y) for y in tree.leaves(f(x, rows)))

    check(gg.grad(loss, argnums=(0, 1)), x, rows, rtol=1e-12)
