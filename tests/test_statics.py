"""Static arguments, keys and metadata: each value of each type has a plan of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import optree
import pytest

import gpugrad as gg
from gpugrad.transforms.jit.statics import is_plain, is_told_by_kinds, kinds_of, token
from gpugrad.tree import NAMESPACE

NAN = float("nan")


class Pair(NamedTuple):
    first: Any
    second: Any = "x"


@dataclass(frozen=True)
class Point:
    x: Any
    name: str = field(default="", compare=False)


@dataclass(frozen=True)
class Frozen:
    rate: Any
    counts: Any = field(default=0, hash=False)


DIFFERENT: dict[str, tuple[Any, Any]] = {
    "int, float": (1, 1.0),
    "int, bool": (1, True),
    "zeros": (0.0, -0.0),
    "complex zeros": (complex(0.0, 0.0), complex(0.0, -0.0)),
    "NumPy's scalars": (np.float32(1), np.float64(1)),
    "a NumPy scalar, float": (np.float64(1), 1.0),
    "decimals": (Decimal("0"), Decimal("-0")),
    "tuples": ((1,), (1.0,)),
    "bools in tuples": ((True,), (1,)),
    "zeros in tuples": ((0.0,), (-0.0,)),
    "deep": (((1, ("a", 2)),), ((1, ("a", 2.0)),)),
    "tuple, named tuple": ((1, "x"), Pair(1)),
    "named tuples": (Pair(1), Pair(1.0)),
    "frozen sets": (frozenset([1]), frozenset([True])),
    "sets of tuples": (frozenset([(0.0, 1)]), frozenset([(-0.0, 1)])),
    "dataclasses": (Frozen(1), Frozen(1.0)),
    "dataclasses in tuples": ((Frozen((0.0,)),), (Frozen((-0.0,)),)),
    "fields that are not hashed": (Frozen(1, counts=2), Frozen(1, counts=3)),
    "settings of a layer": ((8, True, 0.5, "gelu"), (8, 1, 0.5, "gelu")),
    "zeros among settings": ((8, (0.0, None)), (8, (-0.0, None))),
    "depth of settings": ((8, (2,)), (8, 2)),
    "an array's equality": ((8, 2.5), (8, np.float64(2.5))),
    "text": ("a", b"a"),
    "types": (np.float32, np.float64),
}

EQUAL: dict[str, Callable[[], Any]] = {
    "NaN": lambda: float("nan"),
    "NaN in a tuple": lambda: (1, float("nan")),
    "NumPy's NaN": lambda: np.float64("nan"),
    "NaN in a dataclass": lambda: Point(float("nan")),
    "names that are not compared": lambda: Point(1.0, name=str(object())),
    "a set": lambda: frozenset([(1, "a"), 2.0]),
    "text": lambda: "".join(["a", "b"]),
    "a large integer": lambda: 10**30,
    "settings of a layer": lambda: (int("300"), True, float("0.5"), (None, "".join(["a", "b"]))),
    "tuple of text": lambda: ("".join(["a", "b"]), None),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_static_values_that_differ_have_plans_of_their_own(name: str) -> None:
    a, b = DIFFERENT[name]
    assert token(a) != token(b)
    assert not (is_plain(a) and type(a) is type(b) and a == b)
    if is_told_by_kinds(a) and type(b) is tuple:
        assert kinds_of(a) != kinds_of(b) or a != b
    for by_name in (False, True):
        runs: list[Any] = []

        def f(x: Any, setting: Any, note: Any = runs.append) -> Any:
            note(setting)
            return x * 2

        step = gg.jit(f, static_argnames="setting") if by_name else gg.jit(f, static_argnums=1)
        for value in (a, b) * 3:
            step(np.ones(2), setting=value) if by_name else step(np.ones(2), value)
        assert list(map(token, runs)) == [token(value) for value in (a, b, a, b)]


@pytest.mark.parametrize("name", EQUAL)
def test_equal_static_values_share_a_plan(name: str) -> None:
    make, runs = EQUAL[name], []

    def f(x: Any, setting: Any) -> Any:
        runs.append(1)
        return x * 2

    step = gg.jit(f, static_argnums=1)
    for _ in range(5):
        step(np.ones(2), make())
    assert len(runs) == 2


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_static_number_keeps_its_type_and_sign(engine: str) -> None:
    step = gg.jit(lambda x, t: gg.copysign(x * t[0], t[0]), static_argnums=1, engine=engine)
    for _ in range(4):
        for t in ((1,), (1.0,), (True,), (0.0,), (-0.0,), (1j.imag,)):
            want = gg.copysign(gg.tensor(np.arange(1, 3)) * t[0], t[0]).value
            found = step(np.arange(1, 3), t)
            assert found.dtype == want.dtype
            np.testing.assert_array_equal(np.signbit(found), np.signbit(want))
            np.testing.assert_array_equal(found, want)


class Box:
    """A node with metadata."""

    def __init__(self, x: Any, meta: Any) -> None:
        self.x, self.meta = x, meta


_register: Any = optree.register_pytree_node
_register(
    Box,
    lambda box: ((box.x,), box.meta),
    lambda meta, children: Box(children[0], meta),
    namespace=NAMESPACE,
)


def test_keys_and_metadata_are_told_apart_as_static_values_are() -> None:
    by_key = gg.jit(lambda d: next(x * key for key, x in d.items()))
    by_meta = gg.jit(lambda box: gg.copysign(box.x, box.meta[0]) * box.meta[0])
    x = np.arange(1, 3)
    for _ in range(4):
        for number in (1, 1.0, True, 2, 2.0):
            assert by_key({number: x}).dtype == (x * number).dtype
        for number in (1, 1.0, 0.0, -0.0, NAN):
            found = by_meta(Box(x, (number, "a")))
            want = np.copysign(x, number) * number
            assert found.dtype == want.dtype
            np.testing.assert_array_equal(np.signbit(found), np.signbit(want))


@pytest.mark.parametrize("layer", [
    gg.nn.Conv2d(1, 2, 3), gg.nn.BatchNorm2d(2), gg.nn.LayerNorm(2), gg.nn.Dropout(0.5),
    gg.nn.GRUCell(2, 2), gg.nn.MultiheadAttention(4, 2), gg.nn.TransformerBlock(4, 2),
    gg.nn.Embedding(3, 2),
], ids=repr)  # fmt: skip
def test_settings_of_layers_are_told_at_once(layer: Any) -> None:
    """A call with many layers compares those of each."""
    meta = optree.register_pytree_node.get(type(layer), namespace=NAMESPACE).flatten_func(layer)[1]
    assert is_told_by_kinds(meta)


def test_the_options_alone_make_a_decorator() -> None:
    @gg.jit(static_argnames="count", engine="numpy")
    def repeated(x: Any, count: int) -> Any:
        for _ in range(count):
            x = x * 2
        return x

    assert repeated.__name__ == "repeated"
    for count in (1, 2, 2, 1):
        assert repeated(np.ones(2), count=count).tolist() == [2.0**count] * 2
    assert "engine     numpy" in repeated.explain(np.ones(2), count=2)
