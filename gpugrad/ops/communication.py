"""The op that a collective becomes; `gg.parallel` has the functions that make calls of it."""

from __future__ import annotations

from gpugrad.backends import Namespace
from gpugrad.backends.collectives import SUM, TRANSPOSED, Alone, Collective
from gpugrad.core.op import op
from gpugrad.core.op_info import call, of
from gpugrad.errors import NotDifferentiable
from gpugrad.types import Array


def _rule(g: Array, call: Collective, xp: Namespace) -> Array:
    if call.kind not in TRANSPOSED:
        raise NotDifferentiable(
            f"gg.parallel.p{call.kind} has no gradient: which rank has the {call.kind}imum is not "
            "passed on. Detach it with gg.stop_gradient, or gather the values with "
            "gg.parallel.all_gather and take their extreme, which has one."
        )
    return xp.communicate(g, call=call.transposed())


@op(
    _rule, public=False, reference=lambda x, call: x,
    example=call(of(2, 3), call=Collective(SUM, Alone())),
)
def communicate(xp: Namespace, x: Array, /, *, call: Collective) -> Array:
    """What a collective gives this process, which all others of its world call too."""
    return xp.communicate(x, call=call)
