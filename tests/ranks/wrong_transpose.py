"""The trial of collectives where one of them has a wrong transpose: it must fail."""

from __future__ import annotations

import sys
from collections.abc import Callable

import collectives as trial

from gpugrad.backends import collectives
from gpugrad.backends.collectives import TRANSPOSED, Collective

WRONG = {
    collectives.SUM: collectives.SUM,
    collectives.VARY: collectives.VARY,
    collectives.GATHER: collectives.SCATTER,
    collectives.PERMUTE: collectives.PERMUTE,
}

kind = sys.argv[1]
TRANSPOSED[kind] = WRONG[kind]
right: Callable[[Collective], Collective] = Collective.transposed


def transposed(call: Collective) -> Collective:
    """Without turning back the ways, or along another axis."""
    made = right(call)
    if call.kind == collectives.PERMUTE:
        return call
    if call.kind == collectives.GATHER and len(trial.SHAPE) > 1 and call.axis == -2:
        return Collective(collectives.REDUCE, call.world, root=0) if False else made
    return made


Collective.transposed = transposed  # type: ignore[method-assign]
trial.main()
