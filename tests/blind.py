"""Arrays that refuse to be looked at: a forward or rule that needs their values fails on them.

A blind array has shape, dtype, operators and nothing else; its truth, number, values and attributes
foreign to the vocabulary raise. The namespace has the functions of the standard and gpugrad's
extras. It computes with NumPy underneath, where no rule can see it, and decides otherwise what a
library may decide (`liberties.py`), so that no rule relies on NumPy's signs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from liberties import LIBERTIES

import gpugrad as gg
from gpugrad.backends import Namespace
from gpugrad.core.registry import namespace as ops


class Looked(AssertionError):
    """A rule looked at what it must not see."""


def _refuse(what: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise Looked(f"a rule asked for {what} of a blind array")

    return method


def _operator(name: str) -> Callable[..., Any]:
    def method(self: Any, *others: Any) -> Any:
        if any(isinstance(x, gg.Tensor) for x in others):
            return NotImplemented                   # it computes with both
        return wrap(getattr(self._hidden, name)(*(unwrap(x) for x in others)))

    return method


class BlindArray:
    """An array of which only shape, dtype and operators can be used."""

    __slots__ = ("_hidden",)

    def __init__(self, hidden: Any) -> None:
        self._hidden = np.asarray(hidden)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._hidden.shape

    @property
    def dtype(self) -> Any:
        return self._hidden.dtype

    @property
    def ndim(self) -> int:
        return self._hidden.ndim

    @property
    def size(self) -> int:
        return self._hidden.size

    @property
    def device(self) -> str:
        return "cpu"

    @property
    def mT(self) -> BlindArray:
        return BlindArray(self._hidden.mT)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return BLIND

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("base", "strides"):
            raise AttributeError(name)  # what Python, the sweep or a view looks for
        raise Looked(f"a rule asked for the attribute {name!r} of a blind array")

    __bool__ = _refuse("the truth")
    __float__ = _refuse("the number")
    __int__ = _refuse("the number")
    __complex__ = _refuse("the number")
    __index__ = _refuse("the index")
    __len__ = _refuse("the length")
    __iter__ = _refuse("the elements")
    __array__ = _refuse("the values")
    __getitem__ = _refuse("elements by operator (xp.getitem is in the vocabulary)")
    __hash__ = object.__hash__


for _name in (
    "add radd sub rsub mul rmul truediv rtruediv pow rpow matmul rmatmul "
    "lt le gt ge eq ne and rand or ror neg abs invert"
).split():
    setattr(BlindArray, f"__{_name}__", _operator(f"__{_name}__"))


def wrap(x: Any) -> Any:
    """`x` with its arrays made blind."""
    if isinstance(x, np.ndarray | np.generic):
        return BlindArray(x)
    if isinstance(x, tuple | list):
        return (list if isinstance(x, list) else tuple)(wrap(part) for part in x)
    return x


def unwrap(x: Any) -> Any:
    """`x` with its blind arrays opened."""
    if isinstance(x, BlindArray):
        return x._hidden
    if type(x) in (tuple, list):
        return type(x)(unwrap(part) for part in x)
    return x


OPEN = "module name load_kernel device array_type EXTRAS to_numpy from_numpy".split()
"""What the sweep may ask the namespace itself."""


class BlindNamespace(Namespace):
    """Such a namespace over blind arrays, with no name that is not in gpugrad's vocabulary."""

    name = "blind"
    EXTRAS = frozenset(
        "add_at add_into as_array below below_largest cross_entropy device_of erfcx floating "
        "from_numpy host_effect log_of_sum one quiet receive scalar scalar_dtype synchronize "
        "to_numpy write_in_view".split()
    )
    """Functions of a namespace that are no ops."""

    def __init__(self) -> None:
        self.module = np

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__") or name in OPEN:
            return object.__getattribute__(self, name)
        if name in ("scatter_add", "clear_at", "clear_in_view"):
            return getattr(super(), name)
        if name == "quiet":
            return LIBERTIES.quiet
        if name not in self.EXTRAS and name not in vars(ops) and not _is_constant(name):
            raise Looked(f"a rule used xp.{name}, which is no op of gpugrad")
        found = getattr(LIBERTIES, name)
        if not callable(found) or isinstance(found, type):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            return wrap(found(*unwrap(args), **{k: unwrap(v) for k, v in kwargs.items()}))

        return call

    def to_numpy(self, x: Any) -> Any:
        """The hidden values, for the test that compares them."""
        return unwrap(x)

    def from_numpy(self, x: Any, like: Any) -> Any:
        """A blind array of these values."""
        return BlindArray(x)


def _is_constant(name: str) -> bool:
    return name in ("inf", "nan", "pi", "e", "newaxis") or isinstance(getattr(np, name, None), type)


BLIND = BlindNamespace()
