"""The functions generated for ops: what they take without `apply`, and that it is the same there.

Beside NumPy's arrays and Tensors of them that are numbers of Python and NumPy, lists of numbers,
sequences of arrays, and keys with arrays. Whatever else they meet goes the general way.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from functools import partial
from itertools import product
from types import CodeType
from typing import Any

import numpy as np
import pytest
from calls import called
from general_way import check, kept

import gpugrad as gg
from gpugrad.core.registry import all_ops
from gpugrad.core.rules import _GENERATED, RESERVED
from gpugrad.core.source import call_source

X = np.linspace(-0.9, 0.9, 6, dtype="float32")
MASK = X > 0.2
INDICES = np.array([0, 2, 2])

CALLS: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "t * 2.0": (4, lambda t: t * 2.0),
    "1 - t": (3, lambda t: 1 - t),
    "t ** 2": (4, lambda t: t**2),
    "t / np.float32(3)": (4, lambda t: t / np.float32(3)),
    "maximum": (3, lambda t: gg.maximum(t, 0.0)),
    "maximum of a scalar": (3, lambda t: gg.maximum(np.float32(0), t)),
    "where": (4, lambda t: gg.where(MASK, t, 0.0)),
    "where, a Tensor": (8, lambda t: gg.where(t > 0, 1, t)),
    "clip": (4, lambda t: gg.clip(t, -1, 1)),
    "clip, one bound": (4, lambda t: gg.clip(t, None, 1)),
    "a comparison": (4, lambda t: t > 0.5),
    "stack": (3, lambda t: gg.stack([t, t])),
    "stack with an array": (3, lambda t: gg.stack((X, t))),
    "concat": (4, lambda t: gg.concat([t, t])),
    "sum": (5, lambda t: gg.sum(t)),
    "an index": (4, lambda t: t[3]),
    "a slice": (3, lambda t: t[1:3]),
    "an index array": (3, lambda t: t[INDICES]),
    "a mask": (3, lambda t: t[MASK]),
    "a list of indices": (7, lambda t: t[[0, 2]]),
    "a mask that is a Tensor": (12, lambda t: t[t > 0]),
}
"""Python functions that each may call."""


@pytest.mark.parametrize("tracked", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_calls(name: str, tracked: bool) -> None:
    """Few functions run, and `apply` is none of them."""
    most, f = CALLS[name]
    t = gg.tensor(X, requires_grad=tracked)
    f(t)                                            # which makes the functions
    found = called(partial(f, t))
    assert "apply" not in found
    assert most - 1 <= len(found) - found.count(f.__qualname__) <= most, found


def test_the_general_way_is_seen() -> None:
    assert called(lambda: gg.add(1.0, 2.0)).count("apply") == 1


# The same as in the general way

OPERANDS: tuple[Any, ...] = (
    True, 3, -2, 2**40, 0.5, -0.0, float("nan"), 1e300, 2j, None, [1, 2, 3], (0.5, True, 1.5), [],
    [[1.0], [2.0]], [2**70],
    *(np.dtype(code).type(1) for code in "?bBiQefdgF"), np.str_("a"), np.datetime64(0, "s"),
    *(np.array([1, 0, 2], code) for code in "?bBiQefdgF"), np.array(2.0),
    np.array([1, 2, 3], ">f4"), np.array([None]), np.array(["a"]), "a",
)  # fmt: skip
"""All that may stand beside an array."""

LIKE = tuple(np.array([1, 0, 2], code) for code in "?bQiefdF")


BINARY = [op.name for op in all_ops() if len(op.arrays) == 2 and not op.settings and not op.nested]


@pytest.mark.parametrize("name", BINARY)
def test_two_operands(name: str) -> None:
    for x, other in product(LIKE, OPERANDS):
        for like in (x, gg.tensor(x), gg.tensor(x, requires_grad=x.dtype.kind in "fc")):
            check(name, like, other)
            check(name, other, like)


@pytest.mark.parametrize("name", ["where", "clip"])
def test_three_operands(name: str) -> None:
    few = [x for x in OPERANDS if type(x) is not list][::2]
    for x, a, b in product((LIKE[0], LIKE[3], LIKE[5]), few, few):
        like = gg.tensor(x, requires_grad=x.dtype.kind == "f")
        for operands in ((like, a, b), (a, like, b), (a, b, x)):
            check(name, *operands)


MATRIX = np.arange(12, dtype="float32").reshape(3, 4)
AT = INDICES
KEYS: tuple[Any, ...] = (
    (0,), (1, 2), (slice(1),), (..., 0), (None, 1), (), (...,), (1, 2, ...), (True,), (7,), "a", 0,
    (np.int64(1),), (AT,), (AT, AT), (AT, 0), (0, AT), (slice(None), AT), (..., AT), (AT, None),
    [0, 1],
    (MATRIX > 4,), (MATRIX[:, 0] > 1,), (MATRIX[:, 0] > 1, 2), (np.array(1),), (np.array(True),),
    (gg.tensor(AT),), (gg.tensor(MATRIX > 4),), (0, gg.tensor(AT)), (gg.tensor(1), AT), ([0, 1],),
    (np.array([0.5]),), (gg.tensor([0.5]),), (AT, "a"), (np.array([9]),), (np.array([], int),),
    (AT.astype("uint8"),),
)  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_keys(key: Any) -> None:
    for x in (MATRIX, gg.tensor(MATRIX), gg.tensor(MATRIX, requires_grad=True), MATRIX.astype(int)):
        check("getitem", x, key)
        check("setitem", x, key, 2.0)
        check("setitem", x, key, gg.tensor(1.0, requires_grad=True))
        check("clear_at", x, key)
    with gg.no_grad():
        check("getitem", gg.tensor(MATRIX, requires_grad=True), key)


T = gg.tensor(MATRIX, requires_grad=True)
SEQUENCES: tuple[Any, ...] = (
    [T, T], (T, MATRIX), [MATRIX, MATRIX], [gg.tensor(MATRIX), T * 2], [], (), [T], [T[0], T[1]],
    [T[0, 0], T[1, 1]], [T[0], MATRIX[0].astype(float)], [T[0], MATRIX[0].astype("float16")],
    [T[0], INDICES], [T[0], T], [T[0, 0], 1.0], [T[0, 0], np.float32(2)], [T, None], [T, [1.0]],
    [T[0], "a"], T, MATRIX, 1.0, None, iter([T]), [MATRIX.T, MATRIX.T], [MATRIX.T[0], MATRIX.T[1]],
    [X[::-1], X[::-1]], [gg.tensor(X[::2]), X[::-2]], [np.zeros(0), np.zeros(0)], [np.zeros(0), X],
)  # fmt: skip


@pytest.mark.parametrize("axis", [0, -1, 1, np.int64(0), None, "a"])
@pytest.mark.parametrize("name", ["stack", "concat"])
def test_sequences(name: str, axis: Any) -> None:
    for parts in SEQUENCES:
        check(name, parts, axis=axis)


@pytest.mark.parametrize("n", [2, 3])
def test_stacks_of_several_dtypes_are_those_of_numpy(n: int) -> None:
    """In any order: NumPy promotes all at once, and some three otherwise than two by two."""
    for dtypes in product("?bBhHiIlLefdFD", repeat=n):
        arrays = [np.ones(2, dtype) for dtype in dtypes]
        assert gg.stack(arrays).dtype == np.stack(arrays).dtype == np.result_type(*arrays), dtypes



@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("shape", [(), (4,), (0,)])
def test_stacks_are_those_of_numpy(shape: tuple[int, ...], n: int) -> None:
    """Also in the order of their elements in memory."""
    for first, second in product("?bBiQefdgF", repeat=2):
        parts = [np.ones((*shape, 2), code)[..., 0] for code in (first, *second * (n - 1))]
        assert kept(gg.stack(parts)) == kept(np.stack(parts))


def test_sequences_beside_other_operands(own_ops: None) -> None:
    """Of an op of one's own, of which any operand may be tracked."""

    @gg.op(lambda g, xs, xp: xp.sum(g * xs[0]), lambda g, a, xs: [g * a for x in xs], nested="xs")
    def scaled_sum(xp: Any, a: Any, xs: Any) -> Any:
        return a * sum(xs[1:], xs[0])

    a, x = (gg.tensor(value, requires_grad=True) for value in (np.float64(2), np.ones(3)))
    one, two = np.ones(3), np.full((), 2.0)
    for operands in ((a, [x]), (a, [one]), (two, (x, one, x)), (a, [x, x])):
        check("scaled_sum", *operands)
        scaled_sum(*operands).backward(np.ones(3))
    np.testing.assert_array_equal(x.grad, [10, 10, 10])
    assert a.grad == 9


# What must go the general way


def test_while_somebody_looks_on_the_general_way_is_gone() -> None:
    t = gg.tensor(X, requires_grad=True)

    def f(t: Any) -> Any:
        parts = [t * 2.0, gg.where(t > 0, t, 0.0), gg.clip(t, -1, np.float32(1)), t[INDICES]]
        return gg.concat([*parts, gg.ravel(gg.stack([t, t]))])

    with gg.debug():
        assert called(lambda: f(t)).count("apply") == 8
    step = gg.jit(lambda x: (gg.sum(f(x)), gg.grad(lambda x: gg.sum(f(x)))(x)), engine="numpy")
    step(X), step(X)
    gg.sum(f(t)).backward()
    for found, wanted in zip(step(X), (gg.sum(f(X)), t.grad), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_names_in_generated_code_are_reserved() -> None:
    """So that no parameter of an op can hide one of them."""

    def names(code: CodeType) -> set[str]:
        return {*code.co_names, *code.co_varnames} - {"call"}

    for op in all_ops():
        for kernel, is_open in product((False, True), repeat=2):
            scope: dict[str, Any] = {f"default_{p.name}": p.default for p in op.parameters}
            scope["absent"] = None
            source = call_source(op, kernel, is_open)
            exec(source, scope)
            code = scope["call"].__code__
            own = {*op.arrays, *op.settings} | attributes(source)
            for name in names(code) - own:
                assert _GENERATED.fullmatch(name) or name in RESERVED, (op, name)


def attributes(source: str) -> set[str]:
    """Names behind a dot."""
    return set(re.findall(r"\.(\w+)", source))


def test_promotions_forget_unknown_types() -> None:
    """There may be any number of them, which a table would keep alive."""
    known = gg.add.__globals__["promotions"]
    gg.add(X, 1.0)
    before = len(known)
    for _ in range(3):
        kind = type("Unknown", (), {})
        with pytest.raises(TypeError):
            gg.add(X, kind())
    assert len(known) == before
    assert operator.add(gg.tensor(X), 1.0).dtype == "float32"
