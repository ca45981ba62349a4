"""The trial of collectives where the cotangent of one goes another way: it must fail."""

from __future__ import annotations

import sys
from dataclasses import replace

import collectives as trial

from gpugrad.backends import collectives
from gpugrad.backends.collectives import TRANSPOSED, Collective

KIND = sys.argv[1]

right = Collective.transposed


def transposed(call: Collective) -> Collective:
    """Of that kind a wrong one: the same call again, or that of another rank or axis."""
    made = right(call)
    if call.kind != KIND:
        return made
    if KIND == collectives.GATHER:
        return replace(made, axis=-3 - made.axis)
    return replace(made, kind=call.kind, pairs=call.pairs)


assert KIND in TRANSPOSED
Collective.transposed = transposed  # type: ignore[method-assign]
trial.main()
