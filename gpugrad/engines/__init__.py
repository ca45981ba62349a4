"""Engines: each turns a plan into a program that can be called."""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.hints import install

if TYPE_CHECKING:
    from gpugrad.backends import Namespace
    from gpugrad.engines.program import Program
    from gpugrad.plan.plan import Plan


class Engine(NamedTuple):
    """An engine by the module whose `compile_plan` compiles plans, and what it needs.

    `needs` are modules that the extra `extra` installs; `arrays` is the library of what it runs on.
    """

    module: str
    needs: tuple[str, ...] = ()
    extra: str = ""
    arrays: str = "numpy"

    @property
    def is_there(self) -> bool:
        """Whether all that it needs is installed."""
        return all(find_spec(name) is not None for name in self.needs)


ALL = {
    "numpy": Engine("gpugrad.engines.numpy.engine"),
    "native": Engine("gpugrad.engines.native.engine", ("llvmlite",), "jit"),
    "cupy": Engine("gpugrad.engines.cuda.engine", arrays="cupy"),
}
"""The engines by name."""

ENGINES = ("auto", *(name for name, engine in ALL.items() if engine.arrays == "numpy"))
"""What `gg.jit` can be asked for; the engine for CuPy arrays needs no name."""


def check_engine(name: str) -> None:
    """Raises `InvalidArgument` for an unknown engine, `BackendUnavailable` for a missing one."""
    if name not in ENGINES:
        raise InvalidArgument(f"engine is {name!r}; expected one of {', '.join(ENGINES)}.")
    if name in ALL and (reason := why_not(name)):
        raise BackendUnavailable(f"the engine {name} {reason}, or choose the engine numpy")


def why_not(name: str) -> str:
    """Why an engine cannot run here, and what helps; empty where it can."""
    engine = ALL[name]
    if engine.is_there:
        return ""
    return f"needs {' and '.join(engine.needs)}: install it with {install(engine.extra)}"


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
    """`plan` compiled by an engine.

    `numbers` are the inputs that are Python numbers, and `plain` the places of the outputs that are
    to be such.
    """
    found = ALL["numpy" if engine == "auto" else engine]    # with which `auto` begins
    compiled: Callable[..., Program] = import_module(found.module).compile_plan
    return compiled(plan, numbers, plain) if found.arrays == "cupy" else compiled(plan)
