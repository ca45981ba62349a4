"""Lengths and numbers that depend on the batch size, as they follow from several runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np


@dataclass(frozen=True, slots=True)
class Size:
    """The integer `slope * batch + offset`, which is known when a model runs.

    It is no number, so that nothing can take the one of a run for it.
    """

    slope: int
    offset: int = 0

    def __str__(self) -> str:
        times = "batch" if self.slope == 1 else f"{self.slope}*batch"
        return times if not self.offset else f"{times}{self.offset:+d}"


Length: TypeAlias = int | Size
Lengths: TypeAlias = tuple[Length, ...]


class Differs(Exception):
    """What runs with several batch sizes say has no common form; it says what."""


def agreed_integer(values: Sequence[int], batches: Sequence[int]) -> Length:
    """The integer that is each of `values` for these batch sizes.

    Two runs give the line, and the others lie on it or `Differs` is raised.
    """
    first = values[0]
    if all(value == first for value in values):
        return first
    if batches[0] == batches[1]:
        raise Differs(f"is {_listed(values)} in two runs")
    slope, rest = divmod(values[1] - first, batches[1] - batches[0])
    found = Size(slope, first - slope * batches[0])
    lies = (value == slope * n + found.offset for value, n in zip(values, batches, strict=True))
    if rest or not all(lies):
        raise Differs(f"is {_listed(values)} for batches of {_listed(batches)}")
    return found


def _listed(values: Sequence[int]) -> str:
    return ", ".join(map(str, values))


@dataclass(frozen=True, slots=True)
class Share:
    """The number `over / batch`."""

    over: float


@dataclass(frozen=True, slots=True)
class Given:
    """An array that follows from the batch size, of that dtype and those lengths.

    It is `of` everywhere: a number, or an array of which one axis is repeated; or, without it, it
    goes up along the only axis that is longer than 1, from `start` in equal steps.
    """

    dtype: np.dtype
    lengths: Lengths
    of: np.ndarray | Size | Share | None = None
    start: int = 0
    step: int = 0


def agreed_array(arrays: Sequence[np.ndarray], batches: Sequence[int]) -> np.ndarray | Given:
    """The array that is each of these for its batch size; raises `Differs` if none is known."""
    first = arrays[0]
    if len({(x.dtype, x.ndim) for x in arrays}) > 1:
        raise Differs("has another dtype or number of axes in each run")
    if all(x.shape == first.shape and x.tobytes() == first.tobytes() for x in arrays):
        return first
    lengths = agreed_lengths([x.shape for x in arrays], batches)
    if all(x.size == 1 for x in arrays):
        return Given(first.dtype, lengths, _number(arrays, batches))
    if all(x.tobytes() == x.size * first.flat[0].tobytes() for x in arrays):
        return Given(first.dtype, lengths, np.asarray(first.flat[0]))
    dynamic = [axis for axis, n in enumerate(lengths) if isinstance(n, Size)]
    if len(dynamic) == 1:
        (axis,) = dynamic
        parts = [x.take([0], axis) for x in arrays]
        repeated = all(
            (x == part).all() and part.tobytes() == parts[0].tobytes()
            for x, part in zip(arrays, parts, strict=True)
        )
        if repeated:
            return Given(first.dtype, lengths, parts[0])
        if all(x.size == x.shape[axis] for x in arrays) and first.dtype.kind in "iuf":
            start, step = (first.flat[i].item() for i in (0, 1))
            step -= start
            whole = start == int(start) and step == int(step)
            if whole and all((x.ravel() == start + step * np.arange(x.size)).all() for x in arrays):
                return Given(first.dtype, lengths, None, int(start), int(step))
    raise Differs("holds other numbers for each batch size")


def agreed_lengths(shapes: Sequence[tuple[int, ...]], batches: Sequence[int]) -> Lengths:
    """The shape that is each of these."""
    return tuple(agreed_integer(values, batches) for values in zip(*shapes, strict=True))


def _number(arrays: Sequence[np.ndarray], batches: Sequence[int]) -> Size | Share:
    """A number as the batch size has it: a whole one, or a share of one."""
    dtype, values = arrays[0].dtype, [x.item() for x in arrays]
    if all(np.isfinite(value) and value == int(value) for value in values):
        found = agreed_integer([int(value) for value in values], batches)
        assert isinstance(found, Size)
        return found
    if dtype.kind not in "biu":
        over, eps = values[0] * batches[0], _eps(dtype)
        over = float(round(over)) if abs(over - round(over)) <= 2 * eps * abs(over) else over
        pairs = zip(values, batches, strict=True)
        if all(abs(value * n - over) <= 2 * eps * abs(over) for value, n in pairs):
            return Share(over)
    raise Differs(f"is {', '.join(f'{value:.6g}' for value in values)} for batches of "
                  f"{_listed(batches)}")


def _eps(dtype: np.dtype) -> float:
    return 2.0**-7 if dtype.name == "bfloat16" else float(np.finfo(dtype).eps)
