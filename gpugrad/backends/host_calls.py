"""Functions of NumPy's arrays that a program of any backend calls as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from gpugrad.errors import InvalidArgument
from gpugrad.types import Shape


class HostFunction:
    """A function from outside, what it gives, and how a batch is computed.

    `result` says shapes and dtypes, one pair for each array that it returns: as they are, or as a
    function of the operands' pairs; `None` where that is left open. With `vectorized` it takes a
    batch of operands along their first axes. One that is not `on_host` is given the arrays of the
    backend, its namespace before them, and `settings` behind. Two are equal if they do the same:
    if they have the same code, or are one object, and close over the same objects.
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
        self._key = (
            *_identity(function), *_identity(result), vectorized, on_host,
            tuple(self.settings.items()),
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HostFunction) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"<host {self.name}>"

    def specs(self, operands: Sequence[Spec]) -> Specs | None:
        """Shapes and dtypes of what it gives for such operands, if that is known."""
        return self.result(*operands) if callable(self.result) else self.result

    def call(self, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """What it gives, as arrays. It may write to its operands: they are copies."""
        made = self.function(*(np.array(x) for x in operands))
        several = isinstance(made, tuple | list)
        found = tuple(np.asarray(y) for y in (made if several else (made,)))
        wanted = self.specs([(x.shape, x.dtype) for x in operands])
        if wanted is None or (self.vectorized and len(wanted) == len(found)):
            return found
        if len(found) != len(wanted):
            raise InvalidArgument(
                f"gg.host: {self.name} returned {len(found)} arrays, and result= says "
                f"{len(wanted)}."
            )
        for y, (shape, dtype) in zip(found, wanted, strict=True):
            if y.shape != tuple(shape) or y.dtype != dtype:
                raise InvalidArgument(
                    f"gg.host: {self.name} returned an array of shape {y.shape} and dtype "
                    f"{y.dtype}, and result= says {tuple(shape)} and {np.dtype(dtype)}."
                )
        return found


def _identity(function: object) -> tuple[object, ...]:
    """What tells a function from others: those that a program defines anew at each run are equal.

    What is closed over is told apart by being another object; it lives as long as the function.
    """
    if not isinstance(function, FunctionType):
        return (function if isinstance(function, tuple | None) else id(function),)
    cells = tuple(id(cell.cell_contents) for cell in function.__closure__ or ())
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return function.__code__, cells, tuple(map(id, defaults))


Spec = tuple[Shape, np.dtype]
Specs = tuple[Spec, ...]
