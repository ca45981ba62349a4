"""What becomes of operands that are no arrays, beside arrays: looked up by what they are.

The dtype that a number takes depends on types and dtypes alone. So what the general application of
an op makes of operands of some kinds it makes of all of these kinds, and needs to be asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from gpugrad.backends import Namespace
from gpugrad.backends.dtypes import NUMBER_KINDS, kind_of
from gpugrad.core.half import narrow_of
from gpugrad.core.sequences import SEQUENCES
from gpugrad.types import NUMBERS, DType

if TYPE_CHECKING:
    from gpugrad.core.rules import Operation

    class Unwrapped(Protocol):
        """Operands as the general application of an op has them."""

        @property
        def values(self) -> Sequence[object]: ...

_SCALARS = frozenset(np.dtype(code).type for code in "?" + np.typecodes["AllInteger"])
_SCALARS |= frozenset(np.dtype(code).type for code in np.typecodes["AllFloat"])
"""The number types of NumPy, which are not weak."""

Kinds: TypeAlias = "tuple[DType | type, ...]"
"""For each operand the dtype of an array, or the type of what is none."""

Dtypes: TypeAlias = "tuple[DType | None, ...] | None"
"""For each operand the dtype in which it is made an array, `None` where it is taken as it is; empty
where all are.
"""


class Promotions(dict[Kinds, Dtypes]):
    """Of one op and library: what becomes of operands by their kinds, found when first asked for.

    It is `None` for operands that go the general way each time. `general` unwraps operands for the
    general application, as its `values`.
    """

    def __init__(self, op: Operation, xp: Namespace, general: Callable[..., Unwrapped]) -> None:
        self._op = op
        self._xp = xp
        self._general = general

    def __missing__(self, kinds: Kinds) -> Dtypes:
        if not all(map(self._is_known, kinds, self._op.parameters)):
            return None                             # not kept: there may be any number of types
        found = None
        if SEQUENCES.isdisjoint(kinds) and any(isinstance(kind, np.dtype) for kind in kinds):
            found = self._learnt(tuple(map(self._sample, kinds)))
        self[kinds] = found
        return found

    def _is_known(self, kind: DType | type, parameter: Parameter) -> bool:
        if isinstance(kind, np.dtype):
            return kind_of(kind) in NUMBER_KINDS
        if kind is type(None):
            return parameter.default is None        # an optional operand
        return kind in NUMBERS or kind in _SCALARS or kind in SEQUENCES

    def _sample(self, kind: DType | type) -> object:
        if isinstance(kind, np.dtype):
            return self._xp.zeros((1,), dtype=kind)
        return None if kind is type(None) else kind(0)

    def _learnt(self, samples: tuple[object, ...]) -> Dtypes:
        op = self._op
        if op.narrow is not None and narrow_of(samples, op.narrow) is not None:
            return None
        dtypes: list[DType | None] = []
        for sample, value in zip(samples, self._general(self._op, samples).values, strict=True):
            if value is sample:
                dtypes.append(None)
            elif isinstance(value, np.ndarray | np.generic):
                dtypes.append(value.dtype)
            else:
                return None                         # it was moved to a device
        return () if all(dtype is None for dtype in dtypes) else tuple(dtypes)
