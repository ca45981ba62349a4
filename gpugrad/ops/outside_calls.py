"""The op that a function of NumPy's arrays becomes; `gg.host` makes calls of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gpugrad.backends import Namespace
from gpugrad.backends.host_calls import HostFunction
from gpugrad.core.op import op
from gpugrad.core.op_info import call, of
from gpugrad.types import Array


@op(
    results=None, nested="operands", public=False,
    reference=lambda operands, function, pure: (function.function(*operands),),
    example=call((of(2, 3), of(3)), function=HostFunction(np.hypot), pure=True),
)
def host_call(
    xp: Namespace, operands: Sequence[Array], /, *, function: HostFunction, pure: bool
) -> tuple[Array, ...]:
    """What a function of NumPy's arrays gives; one that is not `pure` is never left out."""
    made = (xp.host_call if pure else xp.host_effect)(function, *operands)
    return made if isinstance(made, tuple) else () if made is None else (made,)
