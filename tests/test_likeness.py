"""Arguments that machine code looks at: what it says yes to is what Python would say yes to."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import UnsupportedOperand
from gpugrad.plan.plan import Slot

pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")

from gpugrad.engines.native.likeness import likeness
from gpugrad.engines.native.machine_code import likeness_address


class Own(np.ndarray):
    """A kind of array of somebody's own."""


F4 = np.dtype("f4")
X = np.arange(6.0, dtype="f4").reshape(2, 3)

ALIKE: dict[str, Any] = {
    "another one": X + 1,
    "turned": np.ascontiguousarray(X.T).T,
    "strided": np.zeros((4, 6), "f4")[::2, ::2],
    "of one row": np.broadcast_to(X[0], (2, 3)),
    "read only": np.frombuffer(X.tobytes(), "f4").reshape(2, 3),
    "unaligned": np.zeros(25, "u1")[1:].view("f4").reshape(2, 3),
}

OTHER: dict[str, Any] = {
    "longer": np.zeros((2, 4), "f4"),
    "longer outside": np.zeros((3, 3), "f4"),
    "the other way": np.zeros((3, 2), "f4"),
    "flat": np.zeros(6, "f4"),
    "deeper": np.zeros((2, 3, 1), "f4"),
    "a number": np.float32(1),
    "without axes": np.zeros((), "f4"),
    "empty": np.zeros((0, 3), "f4"),
    "wider": np.zeros((2, 3), "f8"),
    "as wide": np.zeros((2, 3), "i4"),
    "in another order of bytes": np.zeros((2, 3), ">f4" if sys.byteorder == "little" else "<f4"),
    "of a kind of its own": X.view(Own),
    "a Tensor": gg.tensor(X),
    "a list": X.tolist(),
    "nothing": None,
    "a float": 1.0,
}


def looks(*slots: Slot) -> Any:
    return likeness(likeness_address(), slots)


@pytest.mark.parametrize("name", [*ALIKE, *OTHER])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_each_argument_is_looked_at(name: str, place: int) -> None:
    alike = looks(*[Slot((2, 3), F4)] * 3)
    given = [X] * 3
    assert alike(*given) == 1
    given[place] = {**ALIKE, **OTHER}[name]
    assert alike(*given) == (name in ALIKE)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (5,), (2, 0, 3), (1, 2, 3, 4), (1,) * 32])
@pytest.mark.parametrize("dtype", ["f4", "f8", "c16", "?", "i8", "u1"])
def test_shapes_and_dtypes(shape: tuple[int, ...], dtype: str) -> None:
    x = np.ones(shape, dtype)
    alike = looks(Slot(shape, x.dtype))
    assert alike(x) == 1
    assert alike(x[..., None] if len(shape) < 32 else x[0]) == 0
    assert alike(x.astype("O")) == 0


def test_the_number_of_arguments_counts() -> None:
    alike = looks(*[Slot((2, 3), F4)] * 2)
    assert [alike(*[X] * n) for n in range(4)] == [0, 0, 1, 0]


def test_a_dtype_that_is_another_object_is_left_to_python() -> None:
    named = np.dtype("f4", metadata={"unit": "m"})
    assert named == F4
    assert looks(Slot((2, 3), F4))(X.astype(named)) == 0


def test_answers_are_counted_as_references() -> None:
    alike = looks(Slot((2, 3), F4))
    before = sys.getrefcount(X), sys.getrefcount(F4)
    for _ in range(1000):
        alike(X)
        alike(None)
    assert before == (sys.getrefcount(X), sys.getrefcount(F4))


@pytest.mark.parametrize("name", [*ALIKE, *OTHER])
@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_a_call_is_right_whatever_a_leaf_becomes(name: str, kind: Any) -> None:
    """After calls with arrays of one kind, one leaf is another thing: as op by op."""

    def f(tree: Any, scale: float) -> Any:
        leaves = tree.values() if isinstance(tree, dict) else tree
        return [leaf * scale for leaf in leaves]

    def tree(*leaves: Any) -> Any:
        return dict(zip("abc", leaves, strict=True)) if kind is dict else kind(leaves)

    step = gg.jit(f, engine="native")
    for _ in range(4):
        step(tree(X, X, X), 2.0)
    given = {**ALIKE, **OTHER}[name]
    if name in ("a list", "nothing"):               # which are trees of other leaves
        given = np.zeros((7, 7), "f4")
    if isinstance(given, Own):
        with pytest.raises(UnsupportedOperand):
            step(tree(X, given, X), 2.0)
        return
    for _ in range(4):
        for got, x in zip(step(tree(X, given, X), 2.0), (X, given, X), strict=True):
            wanted = np.asarray(x.value if isinstance(x, gg.Tensor) else x) * 2.0
            found = got.value if isinstance(got, gg.Tensor) else got
            np.testing.assert_array_equal(found, wanted)
            assert np.shape(found) == np.shape(wanted)


@pytest.mark.parametrize("shape", [(3, 2), (6,), (1, 6), (2, 3, 1)])
def test_an_array_that_takes_another_shape_in_place_is_seen(shape: tuple[int, ...]) -> None:
    step = gg.jit(lambda a, b: (a * 2.0, b + 1.0), engine="native")
    a, b = X.copy(), X.copy()
    for _ in range(4):
        step(a, b)
    b.shape = shape
    assert [np.shape(x) for x in step(a, b)] == [(2, 3), shape]


def test_calls_take_the_short_way() -> None:
    """It says yes in ordinary calls: what is slow is looked at by nobody there."""
    step = gg.jit(lambda tree: tree[0] + tree[-1], engine="native")
    leaves = [X.copy() for _ in range(50)]
    for _ in range(4):
        step(leaves)
    (entry,) = step._cache.kept.entries.values()
    scope = entry.call.__globals__
    assert scope["alike"](*leaves) == 1
    assert scope["alike"](*leaves[:-1], 1.0) == 0
