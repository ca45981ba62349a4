"""The modules of HIPS autograd by their places, as `gpugrad.autograd.scipy.stats.norm`.

What they are made of stands in other files. A name that `autograd` has and this library has not
is there all the same, and says when it is used what to write; what HIPS autograd hands on from
SciPy without a gradient is SciPy's.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

import gpugrad.numpy
import gpugrad.special as special
import gpugrad.stats as stats
from gpugrad.autograd import (
    boxes,
    broadcast_rules,
    checking,
    chosen_arguments,
    derivatives,
    extending,
    fixed_points,
    flattening,
    integrating,
    linear_systems,
    optimizers,
    signal,
    special_functions,
    tracing,
    unary,
    vector_spaces,
)
from gpugrad.errors import UnsupportedOperand

_PARTS: dict[str, Sequence[ModuleType]] = {
    "builtins": (boxes,),
    "core": (unary, extending, boxes, tracing, vector_spaces),
    "differential_operators": (derivatives,),
    "extend": (extending, boxes, vector_spaces),
    "misc": (flattening, fixed_points, optimizers),
    "misc.fixed_points": (fixed_points,),
    "misc.flatten": (flattening,),
    "misc.optimizers": (optimizers,),
    "numpy": (),
    "numpy.numpy_boxes": (boxes,),
    "numpy.numpy_vjps": (broadcast_rules,),
    "scipy": (),
    "scipy.integrate": (integrating,),
    "scipy.linalg": (linear_systems,),
    "scipy.signal": (signal,),
    "scipy.special": (special_functions, special),
    "scipy.stats": (stats,),
    "test_util": (checking,),
    "tracer": (tracing, boxes, extending),
    "util": (chosen_arguments,),
    "wrap_util": (chosen_arguments,),
}
"""The modules, and what holds their names."""

_MISSING: dict[str, str] = {
    **dict.fromkeys(("JVPNode", "VJPNode"), "gg.vjp and gg.jvp give what its sweeps give"),
    **dict.fromkeys(("SparseObject", "def_linear"), "write the rule with defvjp"),
    **dict.fromkeys(("const_graph", "full_graph"), "compile the function with gg.jit"),
}
"""What to write instead of what is missing."""


class _Missing:
    """Something of HIPS autograd's that is not here, and says so when it is used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise UnsupportedOperand(
            f"gpugrad has no {self._name} of HIPS autograd: {_MISSING[self._name]}."
        )

    __call__ = __instancecheck__ = __mro_entries__ = _refuse

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):                   # what Python asks for itself
            raise AttributeError(name)
        self._refuse()


class _Module(ModuleType):
    """A module of HIPS autograd, made of what `_PARTS` says."""

    def __init__(self, place: str) -> None:
        super().__init__(f"gpugrad.autograd.{place}", f"`autograd.{place}` of HIPS autograd.")
        self._place = place
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        for part in _PARTS[self._place]:
            if name in getattr(part, "__all__", vars(part)):
                return getattr(part, name)
        place = f"{self._place}.{name}"
        if place in _PARTS:
            return sys.modules[f"gpugrad.autograd.{place}"]
        if name.startswith("__") and (self._place != "numpy" or not hasattr(gpugrad.numpy, name)):
            raise AttributeError(name)
        if self._place == "numpy":
            found = getattr(gpugrad.numpy, name)
        elif self._place.startswith("scipy"):
            found = getattr(import_module(self._place), name)
        else:
            found = missing(self._place, name)
        setattr(self, name, found)                  # to be found faster
        return found

    def __dir__(self) -> list[str]:
        inner = {place.rpartition(".")[2] for place in _PARTS
                 if place.rpartition(".")[0] == self._place}  # fmt: skip
        inner |= set(dir(gpugrad.numpy)) if self._place == "numpy" else set()
        public = (n for part in _PARTS[self._place] for n in getattr(part, "__all__", vars(part)))
        return sorted({n for n in public if not n.startswith("_")} | inner)


def missing(place: str, name: str) -> Any:
    """What stands for a name that only HIPS autograd has; `AttributeError` for any other."""
    if name in _MISSING:
        return _Missing(name)
    module = f"gpugrad.autograd.{place}".rstrip(".")
    close = get_close_matches(name, dir(sys.modules[module]), n=1)
    hint = f". Did you mean {close[0]}?" if close else ""
    raise AttributeError(f"module {module!r} has no attribute {name!r}{hint}")


def put_in_place() -> None:
    """Let `import` find the modules."""
    made: dict[str, Any] = {place: _Module(place) for place in _PARTS}
    for room in ("fft", "linalg", "random"):
        made[f"numpy.{room}"] = sys.modules[f"gpugrad.numpy.{room}"]
    for name in stats.__all__:
        made[f"scipy.stats.{name}"] = getattr(stats, name)
    sys.modules.update({f"gpugrad.autograd.{place}": module for place, module in made.items()})
