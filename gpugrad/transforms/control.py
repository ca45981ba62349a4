"""`cond` and `scan`: branches and loops that depend on values, also under `gg.jit`.

Without a recording they are Python's own; what they compute is differentiated as anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpugrad import tree
from gpugrad.backends import Batched, default, is_numpy_scalar, kind_of, namespace_of
from gpugrad.backends.devices import on_their_device
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.executor.record import Traced, recorder_here, stands_for
from gpugrad.registry import namespace as ops
from gpugrad.tensor import Tensor

_NUMBERS = (bool, int, float, complex)
_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}


@on_their_device
def cond(
    pred: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any
) -> Any:
    """`true_fun(*operands)` if `pred` holds, else `false_fun(*operands)`.

    `pred` is a boolean or a number of shape (): an array, a Tensor, or Python's own, which under
    `gg.jit` decides once and for all. Under `gg.jit` the branches become one step of the plan, of
    which a call runs the branch that is taken. Both run once while they are recorded, so they must
    be pure and must return pytrees of arrays and numbers of the same structure, shapes and dtypes
    (a number takes the dtype that the other branch has); `InvalidArgument` otherwise. The gradient
    of a branch computes the branch again and keeps nothing of it.

    Under `gg.vmap`, where a condition differs from part to part, both branches are computed for
    all parts, and each part gets the results of its own: the same rules hold for them. What the
    branch that is not taken would compute, NaN or not, never reaches a result or a gradient.
    """
    recorder = recorder_here()
    condition = stands_for(pred._value) if isinstance(pred, Tensor) else pred
    shape = getattr(condition, "shape", ())
    if shape != ():
        raise InvalidArgument(
            f"the condition of gg.cond has shape {shape}; wanted is one boolean or number, of "
            "shape (). To choose element by element use gg.where."
        )
    operands = tree.map(_own_handle, operands)

    def taken(branch: Callable[..., Any]) -> Callable[[], Any]:
        return lambda: branch(*tree.map(_own_handle, operands))

    if type(condition) is Batched:
        # Imported now, as what records is below: most programs need neither.
        from gpugrad.transforms.selection import select

        return select(condition, taken(true_fun), taken(false_fun))
    if recorder is None or type(condition) in _NUMBERS or is_numpy_scalar(condition):
        return (true_fun if condition else false_fun)(*operands)
    from gpugrad.transforms.branches import record_cond

    return record_cond(recorder, pred, taken(true_fun), taken(false_fun))


@on_their_device
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """The loop `carry, y = f(carry, x)` over `xs`, from `carry = init`: `(carry, ys)`.

    `init` is a pytree of arrays and numbers, `xs` one of arrays, whose first axis is gone through,
    from its end if `reverse`; `length` may be given instead of `xs`, and `x` is then `None`. `ys`
    is the pytree of the results `y`, stacked along a new first axis, in the order of `xs`. With
    length 0 the carry is `init` and `ys` has 0 rows (`f` runs once, on zeros, to find out of what).

    The carry keeps its structure, shapes and dtypes; `InvalidArgument` names the leaf that does
    not. A Python number in `init` stays one if `f` makes a number of it, and otherwise takes the
    dtype of the array that `f` makes of it.

    Under `gg.jit` the loop is one step of the plan, however long; `f`, which must be pure, runs a
    few times while it is recorded. Its gradient is again such a loop, which keeps the carry of each
    iteration (memory: length times the size of the carry) and computes the rest again.
    """
    recorder = recorder_here()
    loop = Loop(f, init, xs, length, reverse)
    if recorder is None:
        carry, ys = _run(loop)
    else:
        from gpugrad.transforms.loops import record_scan

        carry, ys = record_scan(recorder, loop)
    return tree.unflatten(loop.carry_structure, carry), tree.unflatten(loop.y_structure, ys)


@dataclass(frozen=True)
class Kind:
    """What of a leaf must not change: shape, whether it is a Python number, and dtype."""

    shape: tuple[int, ...]
    weak: bool
    dtype: Any                                      # last: libraries do not compare theirs

    @classmethod
    def of(cls, x: Any) -> Kind:
        """The kind of an array, a Tensor or a number."""
        x = x._value if isinstance(x, Tensor) else x
        if type(x) in _NUMBERS:
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


def check_leaf(x: Any) -> None:
    """Raise `UnsupportedOperand` unless `x` is an array or a number."""
    if type(x) not in _NUMBERS and not (hasattr(x, "shape") and hasattr(x, "dtype")):
        raise UnsupportedOperand(
            "gg.cond and gg.scan take and return pytrees of arrays and numbers; found is a leaf of "
            f"type {type(x).__name__}. Let the functions close over what is no array."
        )


def agreed_kinds(true: tuple[Any, list[Any]], false: tuple[Any, list[Any]]) -> list[Kind]:
    """The kinds that the results of both branches can have, given their structures and leaves."""
    if true[0] != false[0]:
        raise InvalidArgument(
            "the branches of gg.cond must return trees of the same structure; found are "
            f"{true[0]} if the condition holds and {false[0]} if not."
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
    """A scan by its leaves: called with those of a carry and of an element, it runs `f` once."""

    def __init__(
        self, f: Callable[..., Any], init: Any, xs: Any, length: int | None, reverse: bool
    ) -> None:
        self.f = f
        carry, self.carry_structure = tree.flatten(init)
        self.carry = [_own_handle(x) for x in carry]
        self.paths = tree.paths(init)
        self.xs, self.x_structure = tree.flatten(xs)
        self.length = _length(self.xs, tree.paths(xs), length)
        self.reverse = reverse
        self.y_structure: Any = None

    def __call__(self, carry: list[Any], x: list[Any]) -> tuple[list[Any], list[Any]]:
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
                f"the function of gg.scan returned a carry that is a tree {structure}; wanted is "
                f"one like the carry it was given, {self.carry_structure}."
            )
        ys, self.y_structure = tree.flatten(result[1])
        return after, ys

    def kind(self, i: int, before: Kind, after: Kind) -> Kind:
        """What leaf `i` of the carry is all the time, if it is `before` and becomes `after`."""
        found = before.joined(after)
        if found is None:
            raise InvalidArgument(
                f"gg.scan: the leaf carry{self.paths[i]} became {after} in an iteration; wanted is "
                f"{before}, as it was. Cast it in the function, or begin with that shape and dtype."
            )
        return found


def _own_handle(x: Any) -> Any:
    """A Tensor as another handle, so that nobody else sees a write to it."""
    return Tensor(x._value, x._edge) if isinstance(x, Tensor) else x


def _length(xs: list[Any], paths: list[str], length: int | None) -> int:
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
                f"gg.scan: the leaf xs{path} has {shape[0]} rows; wanted are {found}, as "
                f"{'length says' if length is not None else 'other leaves have'}."
            )
    if found is None:
        raise InvalidArgument("gg.scan: xs has no arrays; say how long the loop is with length=.")
    return found


def _run(loop: Loop) -> tuple[list[Any], list[Any]]:
    """The loop in Python: leaves of the last carry and of `ys`."""
    carry = [_copied(x) for x in loop.carry]
    if loop.length == 0:
        return carry, _no_rows(loop, carry)
    order = range(loop.length)
    rows: list[list[Any]] = []
    structure = None
    for i in reversed(order) if loop.reverse else order:
        x = [ops.getitem(leaf, (i, ...)) for leaf in loop.xs]
        carry, row = _iteration(loop, carry, x)
        if structure is not None and loop.y_structure != structure:
            raise InvalidArgument(
                f"the function of gg.scan returned a y that is a tree {loop.y_structure}; wanted "
                f"is one as in the iterations before, {structure}."
            )
        structure = loop.y_structure
        rows.append(row)
    if loop.reverse:
        rows.reverse()
    return carry, [ops.stack([_as_array(y) for y in column]) for column in zip(*rows, strict=True)]


def _iteration(loop: Loop, carry: list[Any], x: list[Any]) -> tuple[list[Any], list[Any]]:
    """One iteration, run again where a number of the carry turns out to be an array."""
    while True:
        after, row = loop(carry, x)
        kinds = [
            loop.kind(i, Kind.of(a), Kind.of(b))
            for i, (a, b) in enumerate(zip(carry, after, strict=True))
        ]
        begun = [_of_kind(a, kind, b) for a, kind, b in zip(carry, kinds, after, strict=True)]
        if all(a is b for a, b in zip(begun, carry, strict=True)):
            ended = [_of_kind(b, kind, a) for b, kind, a in zip(after, kinds, carry, strict=True)]
            return ended, row
        carry = begun


def _of_kind(x: Any, kind: Kind, like: Any) -> Any:
    """`x`, a number if it is not of that kind already, as one; as an array, of the library of
    `like`.
    """
    if Kind.of(x) == kind:
        return x
    if kind.weak:
        return type(like)(x)
    like = like._value if isinstance(like, Tensor) else like
    return namespace_of(like).asarray(x, dtype=kind.dtype)


def _no_rows(loop: Loop, carry: list[Any]) -> list[Any]:
    """`ys` of length 0."""
    x = [ops.zeros_like(_plain(leaf)) for leaf in loop.xs]
    empty = [namespace_of(leaf).zeros(leaf.shape[1:], dtype=leaf.dtype) for leaf in x]
    xp = namespace_of(empty[0]) if empty else default()
    with xp.quiet():
        _, row = _iteration(loop, carry, empty)
    found = [_as_array(_plain(y)) for y in row]
    return [namespace_of(y).zeros((0, *y.shape), dtype=y.dtype) for y in found]


def _plain(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x


def _copied(x: Any) -> Any:
    """A leaf that a function may write to without changing the argument of the caller."""
    return x if isinstance(x, Tensor) or type(x) in _NUMBERS else namespace_of(x).copy(x)


def _as_array(x: Any) -> Any:
    """A number as an array."""
    return default().asarray(x) if type(x) in _NUMBERS else x
