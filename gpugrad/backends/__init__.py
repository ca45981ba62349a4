"""Array libraries behind one namespace. With the engines, the only room that names one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from gpugrad.backends.batched import Batched
from gpugrad.backends.dtypes import (
    DOUBLE,
    HALF,
    SINGLE,
    WIDER,
    WIDER_THAN_BFLOAT16,
    conjugate,
    dtype_named,
    finfo,
    is_bfloat16,
    is_complex,
    is_inexact,
    isdtype,
    kind_of,
    result_type,
    wider,
)
from gpugrad.backends.masks import around_mask, is_mask, shape_for_all_hits
from gpugrad.backends.numpy import namespace as numpy_namespace
from gpugrad.backends.process_settings import use_deterministic
from gpugrad.backends.refusals import check_numbers, no_array, no_numbers
from gpugrad.backends.select import (
    choose,
    default,
    explain,
    for_device,
    on_device,
    probe_cupy,
    use_backend,
    within,
)
from gpugrad.backends.standard import Namespace, is_basic
from gpugrad.backends.standin import StandIn, behind
from gpugrad.backends.unwritten import Cleared, Indexed
from gpugrad.errors import MixedBackends
from gpugrad.types import LISTS, Array

if TYPE_CHECKING:
    from typing_extensions import TypeIs

__all__ = [
    "DOUBLE",
    "HALF",
    "SINGLE",
    "WIDER",
    "WIDER_THAN_BFLOAT16",
    "Array",
    "Batched",
    "Cleared",
    "Indexed",
    "Namespace",
    "StandIn",
    "around_mask",
    "check_numbers",
    "choose",
    "conjugate",
    "default",
    "dtype_named",
    "explain",
    "finfo",
    "for_device",
    "home_of",
    "is_basic",
    "is_bfloat16",
    "is_complex",
    "is_inexact",
    "is_mask",
    "is_numpy_scalar",
    "isdtype",
    "kind_of",
    "mixed",
    "namespace_for",
    "namespace_of",
    "no_numbers",
    "numpy_namespace",
    "on_device",
    "one_library",
    "probe_cupy",
    "result_type",
    "shape_for_all_hits",
    "use_backend",
    "use_deterministic",
    "wider",
    "within",
]

_by_type: dict[type, Namespace] = {np.ndarray: numpy_namespace}


_OF_NO_LIBRARY = (Indexed, Cleared, type(None))
"""Cotangents that are no arrays."""


def namespace_of(x: object) -> Namespace:
    """The namespace of an array, found by its type alone.

    NumPy scalars and memory maps count as NumPy arrays. Raises `UnsupportedOperand` for anything
    that is no array of NumPy, CuPy or another library of the Array API standard.
    """
    kind = type(x)
    found = _by_type.get(kind)
    if found is None:
        found = _by_type[kind] = _find(x, kind)
    return found


def namespace_for(x: object, xp: Namespace) -> Namespace:
    """The namespace for a cotangent, or for a list of them.

    That is `xp`, unless one is of a batch or comes from where a Tensor was moved to another
    library.
    """
    for part in x if isinstance(x, LISTS) else (x,):
        kind = type(part)
        if kind is Batched:
            return namespace_of(part)
        if kind is not xp.array_type and not isinstance(part, _OF_NO_LIBRARY):
            xp = namespace_of(part)
    return xp


def is_numpy_scalar(x: object) -> TypeIs[np.generic]:
    """Whether `x` is a NumPy scalar, such as `np.float32(1)`: it may stand beside any array."""
    return isinstance(x, np.generic)


def mixed(name: str, arrays: Iterable[Array]) -> MixedBackends:
    """The error about arrays of several libraries among the operands of the function `name`."""
    kinds = " and ".join(f"{_library(behind(x))} (shape {x.shape})" for x in arrays)
    return MixedBackends(
        f"{name}: operands come from different array libraries: {kinds}. {one_library(kinds)}"
    )


def one_library(kinds: str) -> str:
    """How operands of libraries that are named so come into one of them."""
    if "jax" in kinds or "torch" in kinds:
        return (
            "Hand over the numbers of the others: np.asarray(x) makes an array of NumPy. Functions "
            "of the other library are called by gg.interop."
        )
    if "sparse" in kinds:
        return "Multiply with a sparse matrix by gg.sparse.matmul(matrix.to_scipy_sparse(), t)."
    return (
        "Move them to one device first, for example with `gg.asarray(x, device='cuda')` or "
        "`t.to_device('cpu')`."
    )


def _library(x: object) -> str:
    """The name of the library of an array."""
    space = getattr(x, "__array_namespace__", None)
    named = getattr(space() if space is not None else None, "__name__", type(x).__module__)
    return str(named).partition(".")[0]


def home_of(leaves: Iterable[object]) -> Namespace:
    """Where what a function of these makes from nothing goes.

    It goes to the first that is an array, and no NumPy scalar; to the default without any.
    """
    for x in leaves:
        value = x._value if hasattr(type(x), "_edge") else x  # type: ignore[attr-defined]  # of a Tensor
        while type(value) is Batched:
            value = value.beneath
        if hasattr(value, "shape") and hasattr(value, "dtype") and not is_numpy_scalar(value):
            return namespace_of(value)
    return default()


def _find(x: object, kind: type) -> Namespace:
    if issubclass(kind, np.generic | np.memmap):
        return numpy_namespace
    if kind.__module__.partition(".")[0] == "cupy" and kind.__name__ == "ndarray":
        from gpugrad.backends.cupy import namespace

        return namespace()
    if hasattr(x, "__array_namespace__") and not issubclass(kind, np.ndarray):
        module = x.__array_namespace__()
        return module if isinstance(module, Namespace) else Namespace(module)
    raise no_array(x)
