"""What `cond` and `scan` take and return: leaves of a kind, and a loop by its leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import kind_of
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.tracing.tracer import Traced
from gpugrad.tree import Structure
from gpugrad.types import Array, DType, Value, is_number

_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}


@dataclass(frozen=True)
class Kind:
    """What of a leaf must not change: shape, whether it is a Python number, and dtype."""

    shape: tuple[int, ...]
    weak: bool
    dtype: DType                                    # last: libraries do not compare theirs

    @classmethod
    def of(cls, x: Value) -> Kind:
        """The kind of an array, a Tensor or a number."""
        x = x._value if isinstance(x, Tensor) else x
        if is_number(x):
            return cls((), True, np.asarray(x).dtype)
        check_leaf(x)
        return cls(tuple(x.shape), type(x) is Traced and x.weak is not None, x.dtype)

    def __str__(self) -> str:
        number = "a number, " if self.weak else ""
        return f"{number}{self.dtype}[{', '.join(map(str, self.shape))}]"

    def joined(self, other: Kind) -> Kind | None:
        """The kind that both can have: a number takes the other's dtype where that can hold it."""
        if self == other:
            return self
        if self.shape == other.shape == () and (self.weak or other.weak):
            number, wanted = (self, other) if self.weak else (other, self)
            if _RANK[kind_of(number.dtype)] <= _RANK[kind_of(wanted.dtype)]:
                return wanted
            if wanted.weak:
                return number
        return None


def check_leaf(x: object) -> None:
    """Raise `UnsupportedOperand` unless `x` is an array or a number."""
    if not is_number(x) and not (hasattr(x, "shape") and hasattr(x, "dtype")):
        raise UnsupportedOperand(
            "gg.cond and gg.scan take and return pytrees of arrays and numbers; found is a leaf of "
            f"type {type(x).__name__}. Let the functions close over what is no array."
        )


def agreed_kinds(
    true: tuple[Structure, Sequence[Value]], false: tuple[Structure, Sequence[Value]]
) -> list[Kind]:
    """The kinds that the results of both branches can have, given their structures and leaves."""
    if true[0] != false[0]:
        raise InvalidArgument(
            "the branches of gg.cond must return trees of the same structure: where the condition "
            f"does not hold, {tree.difference(false[0], true[0])}, as where it holds."
        )
    paths = tree.paths(tree.unflatten(*true))
    wanted = []
    for path, a, b in zip(paths, map(Kind.of, true[1]), map(Kind.of, false[1]), strict=True):
        kind = a.joined(b)
        if kind is None:
            raise InvalidArgument(
                "the branches of gg.cond must return arrays of the same shapes and dtypes; found "
                f"in the result{path} are {a} if the condition holds and {b} if not."
            )
        wanted.append(kind)
    return wanted


class Loop:
    """A scan by its leaves: called with those of a carry and of an element, it runs `f` once.

    `y_structure` is the structure of what it returned as `y` the last time.
    """

    y_structure: Structure

    def __init__(
        self, f: Callable[..., object], init: object, xs: object, length: int | None, reverse: bool
    ) -> None:
        self.f = f
        carry, self.carry_structure = tree.flatten(init)
        self.carry: list[Value] = [own_handle(x) for x in carry]
        self.paths = tree.paths(init)
        self.xs: list[Array]
        self.xs, self.x_structure = tree.flatten(xs)
        self.length = _length(self.xs, tree.paths(xs), length)
        self.reverse = reverse

    def __call__(
        self, carry: Sequence[Value], x: Sequence[Value]
    ) -> tuple[list[Value], list[Value]]:
        """Leaves of the next carry and of `y`."""
        result = self.f(
            tree.unflatten(self.carry_structure, carry), tree.unflatten(self.x_structure, x)
        )
        if not isinstance(result, tuple) or len(result) != 2:
            raise InvalidArgument(
                "the function of gg.scan must return a pair (carry, y); it returned "
                f"{type(result).__name__}. Return (carry, None) where there is no y."
            )
        after, structure = tree.flatten(result[0])
        if structure != self.carry_structure:
            raise InvalidArgument(
                "the function of gg.scan returned a carry that is no tree like the one that it was "
                f"given: {tree.difference(structure, self.carry_structure)}."
            )
        ys, self.y_structure = tree.flatten(result[1])
        return after, ys

    def kind(self, i: int, before: Kind, after: Kind) -> Kind:
        """What leaf `i` of the carry is all the time, if it is `before` and becomes `after`."""
        found = before.joined(after)
        if found is None:
            raise InvalidArgument(
                f"gg.scan: the leaf carry{self.paths[i]} became {after} in an iteration; expected "
                f"{before}, as it was. Cast it in the function, or begin with that shape and dtype."
            )
        return found


def own_handle(x: Value) -> Value:
    """A Tensor as another handle, so that nobody else sees a write to it."""
    return Tensor(x._value, x._edge) if isinstance(x, Tensor) else x


def _length(xs: list[Array], paths: list[str], length: int | None) -> int:
    found = length
    for x, path in zip(xs, paths, strict=True):
        shape = getattr(x, "shape", ())
        if not shape:
            raise InvalidArgument(
                f"gg.scan: the leaf xs{path} is no array with an axis to go through: found is "
                f"{'an array of shape ()' if hasattr(x, 'shape') else type(x).__name__}."
            )
        found = shape[0] if found is None else found
        if shape[0] != found:
            raise InvalidArgument(
                f"gg.scan: the leaf xs{path} has {shape[0]} rows; expected {found}, as "
                f"{'length says' if length is not None else 'other leaves have'}."
            )
    if found is None:
        raise InvalidArgument("gg.scan: xs has no arrays; say how long the loop is with length=.")
    return found
