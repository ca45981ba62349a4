"""Functions of NumPy's arrays that a program of any backend calls as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from math import prod
from typing import Any

import numpy as np

from gpugrad.backends.dtypes import kind_of
from gpugrad.comparing import key
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.types import Shape

NUMERIC = "biufc"
"""The kinds of dtypes that hold numbers."""


class HostFunction:
    """A function from outside, what it gives, and how a batch is computed.

    `result` says shapes and dtypes, one pair for each array that it returns: as they are, or as a
    function of the operands' pairs; `None` where that is left open. With `vectorized` it takes a
    batch of operands along their first axes. One that is not `on_host` is given the arrays of the
    backend, its namespace before them, and `settings` behind. Two are equal if they do the same, as
    `comparing.key` tells.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        result: Specs | Callable[..., Specs] | None = None,
        vectorized: bool = False,
        on_host: bool = True,
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.function, self.result, self.vectorized = function, result, vectorized
        self.on_host, self.settings = on_host, settings or {}
        self.name = getattr(function, "__qualname__", type(function).__name__)
        self.batch: Shape = ()                      # the axes of a batch, in front of the operands'
        self._settled: dict[Specs, Specs] | None = None
        self._key = tuple(map(key, (function, result, vectorized, on_host, self.settings)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HostFunction):
            return NotImplemented
        return self._key == other._key and self.batch == other.batch

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"<host {self.name}>"

    def batched(self, n: int) -> HostFunction:
        """One for `n` parts along a new axis in front of all operands and results."""
        made = copy(self)
        made.batch = (n, *self.batch)
        return made

    def settled(self) -> HostFunction:
        """One whose results keep the shapes and dtypes of its first call with such operands."""
        made = copy(self)
        made._settled = {}
        return made

    def specs(self, operands: Sequence[Spec]) -> Specs | None:
        """Shapes and dtypes of what it gives for such operands, if that is known."""
        if not callable(self.result):
            found = self.result
        else:
            axes = len(self.batch)
            found = self.result(*((shape[axes:], dtype) for shape, dtype in operands))
        if found is None or not self.batch:
            return found
        return tuple(((*self.batch, *shape), dtype) for shape, dtype in found)

    def call(self, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """What it gives, as arrays of its own. It may write to its operands: they are copies."""
        given = [np.array(x) for x in operands]
        if len(self.batch) > 1:                     # batches of batches are one of all parts
            axes, parts = len(self.batch), prod(self.batch)
            given = [x.reshape((parts, *x.shape[axes:])) for x in given]
        made = self.function(*given)
        found = () if made is None else made if isinstance(made, tuple) else (made,)
        arrays = [self._array(y) for y in found]
        if len(self.batch) > 1:
            arrays = [
                y.reshape((*self.batch, *y.shape[1:])) if y.shape[:1] == (parts,) else y
                for y in arrays
            ]
        self.check(operands, arrays)
        return tuple(arrays)

    def _array(self, y: object) -> np.ndarray:
        found = np.array(y)
        if kind_of(found.dtype) not in NUMERIC:
            raise UnsupportedOperand(
                f"gg.host: {self.name} returned a {type(y).__name__}; expected an array of "
                "numbers, a tuple of them, or None where result=()."
            )
        return found

    def check(self, operands: Sequence[Any], results: Sequence[Any]) -> None:
        """Raises `InvalidArgument` for results that are not what was said."""
        given = tuple((tuple(x.shape), x.dtype) for x in operands)
        found = tuple((tuple(y.shape), y.dtype) for y in results)
        wanted, why = self.specs(given), "result= says"
        if wanted is None and any(shape[: len(self.batch)] != self.batch for shape, _ in found):
            wanted = tuple(((*self.batch, *shape[1:]), dtype) for shape, dtype in found)
            why = "the parts of a batch need"
        if wanted is None and self._settled is not None:
            wanted, why = self._settled.setdefault(given, found), "its first call gave"
        if wanted is None:
            return
        if found != tuple((tuple(shape), dtype) for shape, dtype in wanted):
            raise InvalidArgument(
                f"gg.host: {self.name} returned {_listed(found)}, and {why} {_listed(wanted)}."
            )


def _listed(specs: Specs) -> str:
    """Shapes and dtypes in words."""
    return ", ".join(f"{np.dtype(dtype)}{list(shape)}" for shape, dtype in specs) or "nothing"


Spec = tuple[Shape, np.dtype]
Specs = tuple[Spec, ...]
