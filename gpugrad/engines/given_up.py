"""Arrays that callers gave up to a function under `gg.jit`: none may be passed to it again.

They are known by identity, as long as somebody holds them. An array that lies in the memory of
another one is not noted: so do the results that a function returns and takes again, time and again.
Nor are those of other libraries, which do not say so of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import ref

import numpy as np

from gpugrad.errors import DonatedArray

MANY = 64
"""Notes among which those are looked for whose array is gone."""


class GivenUp:
    """The arrays that were given up to one function, whose name is for messages."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: dict[int, ref[np.ndarray]] = {}
        self._most = MANY

    def check(self, arrays: Iterable[object]) -> None:
        """Raise `DonatedArray` where one of these was noted before."""
        for x in arrays:
            known = self._known.get(id(x))
            if known is not None and known() is x:
                raise self._used_again(x)

    def note(self, arrays: Iterable[object]) -> None:
        """Note these: the call that took them has succeeded, or has begun to write."""
        for x in arrays:
            if type(x) is np.ndarray and x.base is None:
                self._known[id(x)] = ref(x)
        if len(self._known) > self._most:           # without callbacks, which Ctrl-C may interrupt
            self._known = {i: x for i, x in [*self._known.items()] if x() is not None}
            self._most = 2 * len(self._known) + MANY

    def spoil(self, arrays: Iterable[object]) -> None:
        """Fill these with NaN, under `gg.debug`: whoever reads them meets it at once."""
        for x in arrays:
            if type(x) is np.ndarray and x.dtype.kind in "fc" and x.flags.writeable:
                x.fill(np.nan)

    def _used_again(self, x: Any) -> DonatedArray:
        return DonatedArray(
            f"an array {x.dtype}{list(x.shape)} was given up to {self._name} by an earlier call, "
            "as donate_argnums says, and is passed to it again. Pass on what that call returned; "
            "to keep an array, give up a copy, as step(copy.deepcopy(model))."
        )
