"""gpugrad: automatic differentiation for NumPy and CuPy arrays.

`gg.grad(f)(x)` gives the gradient of NumPy-style code. Every op is in this namespace, which is also
one in the sense of the Array API standard.
"""

from importlib import import_module as _import_module
from types import ModuleType as _ModuleType

from gpugrad.signals import leave_while_imported as _leave_while_imported

_leave_while_imported()                             # before all that takes time

from numpy import bool_ as bool  # noqa: F401  # the standard's name; it differs from NumPy's
from numpy import complex64 as complex64
from numpy import complex128 as complex128
from numpy import e as e
from numpy import float16 as float16
from numpy import float32 as float32
from numpy import float64 as float64
from numpy import inf as inf
from numpy import int8 as int8
from numpy import int16 as int16
from numpy import int32 as int32
from numpy import int64 as int64
from numpy import nan as nan
from numpy import newaxis as newaxis
from numpy import pi as pi
from numpy import uint8 as uint8
from numpy import uint16 as uint16
from numpy import uint32 as uint32
from numpy import uint64 as uint64

from gpugrad import errors as errors
from gpugrad import ops as _ops
from gpugrad.backends import use_backend as use_backend
from gpugrad.backends import use_deterministic as use_deterministic
from gpugrad.core.op import op as op
from gpugrad.core.tensor import Tensor as Tensor
from gpugrad.dispatchers import tell as _tell_dispatchers
from gpugrad.graph import enable_grad as enable_grad
from gpugrad.graph import no_grad as no_grad
from gpugrad.hints import meant as _meant
from gpugrad.ops.inspection import ARRAY_API_VERSION as _ARRAY_API_VERSION
from gpugrad.ops.inspection import NamespaceInfo as _NamespaceInfo
from gpugrad.sweep.planned import planned_sweeps as planned_sweeps
from gpugrad.sweep.planned import use_planned_sweeps as use_planned_sweeps
from gpugrad.tracing.debug import debug as debug
from gpugrad.transforms import checkpoint as checkpoint
from gpugrad.transforms import cond as cond
from gpugrad.transforms import custom_vjp as custom_vjp
from gpugrad.transforms import grad as grad
from gpugrad.transforms import hessian as hessian
from gpugrad.transforms import host as host
from gpugrad.transforms import hvp as hvp
from gpugrad.transforms import implicit as implicit
from gpugrad.transforms import jacobian as jacobian
from gpugrad.transforms import jit as jit
from gpugrad.transforms import jvp as jvp
from gpugrad.transforms import linearize as linearize
from gpugrad.transforms import scan as scan
from gpugrad.transforms import stop_gradient as stop_gradient
from gpugrad.transforms import value_and_grad as value_and_grad
from gpugrad.transforms import vjp as vjp
from gpugrad.transforms import vmap as vmap
from gpugrad.types import as_written as _as_written

__version__ = "0.2.0"

__array_api_version__ = _ARRAY_API_VERSION
__array_namespace_info__ = _NamespaceInfo

_ELSEWHERE = frozenset(("bessel", "incomplete", "inspection", "systems"))
"""Files of ops whose functions are those of a room, or have other names."""

# No star imports: an editor that reads this file would offer all that the files of ops import, too.
for _file in map(vars(_ops).__getitem__, sorted({*_ops.__all__} - _ELSEWHERE)):
    globals().update({name: vars(_file)[name] for name in vars(_file).get("__all__", ())})

_ROOMS = (
    "autograd", "emath", "fft", "interop", "linalg", "nn", "optim", "optimize", "parallel",
    "random", "show", "sparse", "special", "stats", "testing", "tree",
)  # fmt: skip

_UNLISTED = ("data", "numpy", "sklearn", "train")
"""Modules that are imported by their whole names, and found as rooms are, too."""

_LATER = {"profile": "gpugrad.engines.profiling", "support": "gpugrad.catalogue"}
"""Functions whose modules not every program needs."""


def __getattr__(name: str) -> object:
    """What not every program needs, imported when first used."""
    if name in (*_ROOMS, *_UNLISTED):
        return _import_module(f"gpugrad.{name}")
    if name in _LATER:
        thing = getattr(_import_module(_LATER[name]), name)
        _as_written(thing)
        return thing
    if name == "bfloat16":                          # the type of ml_dtypes, as float16 is NumPy's
        from gpugrad.backends import dtype_named

        try:
            return dtype_named(name).type
        except errors.BackendUnavailable as error:
            raise AttributeError(f"gpugrad.{error}") from None
    if name in ("c_", "r_"):                        # no functions: they are indexed
        return getattr(_import_module("gpugrad.numpy"), name)
    raise AttributeError(f"module 'gpugrad' has no attribute {name!r}{_meant(name)}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


__all__ = sorted(
    {
        *(name for name, thing in globals().items() if not isinstance(thing, _ModuleType)),
        *_ROOMS,
        *_LATER,
        "errors",
    }
    - {name for name in globals() if name.startswith("_")}
)
"""What there is to be used; type checkers and editors read it in `__init__.pyi`."""

for _name in __all__:
    _as_written(globals().get(_name))

_tell_dispatchers()
