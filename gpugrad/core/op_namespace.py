"""The namespace of all ops, which Tensors see as `xp`; `registry.py` fills it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from gpugrad.errors import UnknownOp
from gpugrad.types import ArrayFunction, Functions


class OpNamespace(Functions):
    """Every op and every function of the standard, looked up when used.

    This is the `xp` of a rule that receives Tensors: what it computes is itself recorded.
    """

    load_kernel = None                              # hand-written kernels are for raw arrays

    def __getattr__(self, name: str) -> ArrayFunction:
        raise unknown(name, vars(self))

    def __repr__(self) -> str:
        return "<Namespace gpugrad>"


def unknown(name: str, known: Iterable[str]) -> UnknownOp:
    """The error for an op that is not there. Python asks for names of its own: they get no hint."""
    close = [] if name.startswith("__") else get_close_matches(name, list(known), n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return UnknownOp(f"no operation named {name!r} is registered.{hint}")


namespace = OpNamespace()
