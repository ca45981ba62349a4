"""`scan`: a loop over the rows of arrays, also under `gg.jit`.

Without a trace it is Python's own; what it computes is differentiated as anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import gpugrad.tree as tree
from gpugrad.backends import default, home_of, is_numpy_scalar, namespace_of, within
from gpugrad.backends.one_place import check_place, in_one_place
from gpugrad.context import holding
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.tracing.tracer import tracer_here
from gpugrad.transforms.control.structure import Kind, Loop
from gpugrad.types import Array, Value, is_number

C = TypeVar("C")


@in_one_place("gg.scan")
def scan(
    f: Callable[..., tuple[C, object]],
    init: object,
    xs: object = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[C, Any]:
    """The loop `carry, y = f(carry, x)` over `xs`, from `carry = init`.

    Under `gg.jit` the loop is one step of the plan, however long. Its gradient is also such a loop,
    which keeps the carry of each iteration (memory: length times the size of the carry) and
    recomputes the rest. Two things are kept besides, where they are no larger than what that loop
    reads and writes anyway: products of matrices, and what gradients of weights are computed of
    behind it, for all iterations at once.

    Args:
        f: The body of the loop: it takes the carry and an element of `xs`, and returns the next
            carry and a result `y`. The carry must keep its structure, shapes and dtypes. Under
            `gg.jit`, `f` runs a few times during tracing, so it must be pure.
        init: The first carry, a pytree of arrays and numbers. A Python number stays one if `f`
            returns a number in its place, and otherwise takes the dtype of the array that `f`
            returns.
        xs: A pytree of arrays, over whose first axis the loop runs. Without it, `x` is `None`.
        length: The number of iterations, if there is no `xs`.
        reverse: Whether to start from the end of `xs`.

    Returns:
        The pair `(carry, ys)` of the last carry and the results `y`, stacked along a new first axis
        in the order of `xs`. With length 0 the carry is `init` and `ys` has 0 rows (`f` runs once,
        on zeros, to find their shape and dtype).

    Raises:
        InvalidArgument: If the carry changes structure, shape or dtype; the message names the leaf.

    Example:
        >>> def body(total, x):
        ...     total = total + x
        ...     return total, total
        >>> total, totals = gg.scan(body, 0.0, np.array([1.0, 2.0, 3.0]))
        >>> totals
        array([1., 3., 6.])
        >>> def compound(rate):
        ...     return gg.scan(lambda money, _: (money * (1 + rate), None), 100.0, length=3)[0]
        >>> round(float(gg.grad(compound)(0.1)), 6)
        363.0
    """
    tracer = tracer_here()
    loop = Loop(f, init, xs, length, reverse)
    if tracer is None:
        with holding(within, home_of((*loop.carry, *loop.xs))):
            carry, ys = _run(loop)
    else:
        # Imported now, because most programs trace nothing.
        from gpugrad.transforms.control.scan_step import trace_scan

        carry, ys = trace_scan(tracer, loop, scan)
    return tree.unflatten(loop.carry_structure, carry), tree.unflatten(loop.y_structure, ys)


def _run(loop: Loop) -> tuple[Sequence[Value], Sequence[Array]]:
    """The loop in Python: leaves of the last carry and of `ys`."""
    carry = [_copied(x) for x in loop.carry]
    if loop.length == 0:
        return carry, _no_rows(loop, carry)
    order = range(loop.length)
    rows: list[list[Value]] = []
    structure = None
    for i in reversed(order) if loop.reverse else order:
        x = [ops.getitem(leaf, (i, ...)) for leaf in loop.xs]
        carry, row = _iteration(loop, carry, x)
        if structure is not None and loop.y_structure != structure:
            raise InvalidArgument(
                "the function of gg.scan returned a y that is no tree like those of the iterations "
                f"before: {tree.difference(loop.y_structure, structure)}."
            )
        structure = loop.y_structure
        rows.append(row)
    if loop.reverse:
        rows.reverse()
    return carry, [ops.stack([_as_array(y) for y in column]) for column in zip(*rows, strict=True)]


def _iteration(
    loop: Loop, carry: list[Value], x: list[Array]
) -> tuple[list[Value], list[Value]]:
    """One iteration, run again where a number of the carry turns out to be an array."""
    while True:
        after, row = loop(carry, x)
        for a, b in zip(carry, after, strict=True):
            check_place("gg.scan, a leaf of the carry before and after an iteration", (a, b))
        kinds = [
            loop.kind(i, Kind.of(a), Kind.of(b))
            for i, (a, b) in enumerate(zip(carry, after, strict=True))
        ]
        begun = [_of_kind(a, kind, b) for a, kind, b in zip(carry, kinds, after, strict=True)]
        if all(a is b for a, b in zip(begun, carry, strict=True)):
            ended = [_of_kind(b, kind, a) for b, kind, a in zip(after, kinds, carry, strict=True)]
            return ended, row
        carry = begun


def _of_kind(x: Value, kind: Kind, like: Value) -> Value:
    """`x`, as a number if it is not of that kind already.

    As an array, it is of the library of `like`.
    """
    if Kind.of(x) == kind:
        return x
    if is_number(like):
        return type(like)(x)
    like = like._value if isinstance(like, Tensor) else like
    return namespace_of(like).asarray(x, dtype=kind.dtype)


def _no_rows(loop: Loop, carry: list[Value]) -> list[Array]:
    """`ys` of length 0."""
    x = [ops.zeros_like(_plain(leaf)) for leaf in loop.xs]
    empty = [namespace_of(leaf).zeros(leaf.shape[1:], dtype=leaf.dtype) for leaf in x]
    xp = namespace_of(empty[0]) if empty else default()
    with xp.quiet():
        _, row = _iteration(loop, carry, empty)
    found = [_as_array(_plain(y)) for y in row]
    return [namespace_of(y).zeros((0, *y.shape), dtype=y.dtype) for y in found]


def _plain(x: Value) -> Value:
    return x._value if isinstance(x, Tensor) else x


def _copied(x: Value) -> Value:
    """A leaf that a function may write to without changing the argument of the caller."""
    if isinstance(x, Tensor) or is_number(x):
        return x
    if is_numpy_scalar(x):                          # which goes with any array
        return default().asarray(x)
    return namespace_of(x).copy(x)


def _as_array(x: Value) -> Array:
    """A number as an array."""
    return default().asarray(x) if is_number(x) else x
