"""Engines: each turns a plan into a program that can be called."""

from __future__ import annotations

from collections.abc import Collection
from importlib.util import find_spec
from typing import TYPE_CHECKING

from gpugrad.backends import Namespace
from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.hints import install

if TYPE_CHECKING:
    from gpugrad.backends import Namespace
    from gpugrad.engines.program import Program
    from gpugrad.plan.plan import Plan

ENGINES = ("auto", "numpy", "numba")
"""What `gg.jit` can be asked for; the engine for CuPy arrays needs no name."""


def check_engine(name: str) -> None:
    """Raises `InvalidArgument` for an unknown engine, `BackendUnavailable` for a missing one."""
    if name not in ENGINES:
        raise InvalidArgument(f"engine is {name!r}; wanted is one of {', '.join(ENGINES)}.")
    if name == "numba" and not has_numba():
        raise BackendUnavailable(
            "the engine numba needs Numba and SciPy: choose the engine numpy, or install them "
            f"with: {install('jit')}"
        )


def has_numba() -> bool:
    """Whether Numba is there, and SciPy, without which it compiles no products."""
    return find_spec("numba") is not None and find_spec("scipy") is not None


def engine_for(xp: Namespace, engine: str) -> str:
    """The engine for arrays of `xp` where `engine` was asked for: `"cupy"` runs those of CuPy.

    Raises `InvalidArgument` where an engine for the CPU was asked for by name.
    """
    if xp.name != "cupy":
        return engine
    if engine != "auto":
        raise InvalidArgument(
            f"the engine {engine} runs functions of NumPy arrays, and an argument is a CuPy array: "
            "leave out `engine`, or move the arguments to the CPU."
        )
    return "cupy"


def make_program(
    plan: Plan, engine: str, numbers: Collection[int] = (), plain: Collection[int] = ()
) -> Program:
    """`plan` compiled by an engine; `numbers` are the inputs that are Python numbers, and `plain`
    the places of the outputs that are to be such.
    """
    if engine == "cupy":
        from gpugrad.engines.cuda.engine import Program as CudaProgram

        return CudaProgram(plan, numbers, plain)
    if engine == "numba":
        from gpugrad.engines.native.numba import Program as NumbaProgram

        return NumbaProgram(plan)
    from gpugrad.engines.numpy.engine import Program as NumpyProgram

    return NumpyProgram(plan)
