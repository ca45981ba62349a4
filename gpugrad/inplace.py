"""Writing to a Tensor: assignment, in-place operators, and views that see each other's writes.

A write gives the handle another value and another place in the graph; nodes made before keep
theirs. It happens in the buffer itself unless something else sees that: a node that saved it, a
view, or the user who made the Tensor from it. Each of them holds a reference, so the reference
count tells; that of the Tensor's own leaf, which keeps the value, does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from sys import getrefcount
from typing import Any
from weakref import ref

from gpugrad.backends import (
    Namespace,
    is_basic,
    is_complex,
    kind_of,
    namespace_of,
    numpy_namespace,
)
from gpugrad.errors import InvalidArgument, LeakedValue, NotDifferentiable
from gpugrad.executor.record import Traced, recorders, user_line
from gpugrad.executor.sweep import HELD
from gpugrad.graph import ALIAS, Edge, enable_grad, is_recording
from gpugrad.registry import namespace as ops

ndarray = numpy_namespace.array_type

_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}
"""Kinds of dtype: an in-place operation may not go down."""


def _in_place(name: str) -> Callable[[Any, Any], Any]:
    # Those of NumPy for `//` and `**` miss special cases, which the ops have.
    ufunc = None if name in ("floor_divide", "power") else getattr(numpy_namespace.module, name)

    def method(self: Any, other: Any) -> Any:
        held, edge = self._value, self._edge
        if (
            # Nothing records the write, and nobody else sees the buffer: an update of parameters,
            # spelled out, because the way through an op costs more than the arithmetic.
            ufunc is not None
            and type(other) is ndarray is type(held)
            and other.dtype is held.dtype
            and held.dtype.kind in "fc"
            and held.base is self._base is self._views is None
            and not recorders
            and (edge is None or not is_recording())
            and getrefcount(held) <= HELD + _is_kept(held, edge)
        ):
            try:                                    # it has written nothing if it refuses
                ufunc(held, other, held)
                return self
            except ValueError:                      # read-only, or not of that shape
                pass
        del held                                    # a view would keep its base from being written
        if type(self._value) is Traced and self._value.weak:
            return getattr(ops, name)(self, other)  # a number is not changed: its name is rebound
        self._replace(getattr(ops, name)(self, other))
        return self

    return method


class InPlace:
    """What lets a Tensor be written to as a NumPy array is.

    `_base` is `None` or, for a view, the Tensor that it was taken of and the key; `_views` holds
    weak references to the views taken of this Tensor.
    """

    __slots__ = ()

    _value: Any
    _edge: Any
    _base: Any
    _views: Any
    shape: Any
    dtype: Any

    def __getitem__(self, key: Any) -> Any:
        key = _as_tuple(key, self._value)
        part = ops.getitem(self, key)
        if part._value.ndim and is_basic(key):      # one element is a copy, as in NumPy
            part._base = (self, key)
            if self._views is None:
                self._views = []
            elif len(self._views) & (len(self._views) - 1) == 0:    # at 1, 2, 4 …: linear in all
                self._views = [view for view in self._views if view() is not None]
            self._views.append(ref(part))
        return part

    def __setitem__(self, key: Any, value: Any) -> None:
        self._check_writable()
        self._assign(_as_tuple(key, self._value), value)
        self._propagate()

    __iadd__, __isub__ = _in_place("add"), _in_place("subtract")
    __imul__, __itruediv__ = _in_place("multiply"), _in_place("divide")
    __ifloordiv__, __imod__ = _in_place("floor_divide"), _in_place("remainder")
    __ipow__, __imatmul__ = _in_place("power"), _in_place("matmul")
    __iand__, __ior__ = _in_place("bitwise_and"), _in_place("bitwise_or")
    __ixor__ = _in_place("bitwise_xor")
    __ilshift__ = _in_place("bitwise_left_shift")
    __irshift__ = _in_place("bitwise_right_shift")

    def _replace(self, new: Any) -> None:
        """Take over value and history of `new`, cast to the dtype that this Tensor has."""
        self._check_writable()
        shape, dtype = self._value.shape, self._value.dtype
        if new._value.shape != shape:
            raise InvalidArgument(
                f"an in-place operation on a Tensor of shape {shape} gave shape {new.shape}: "
                "write t = t + x to let it grow."
            )
        if new._value.dtype is not dtype:
            if _RANK[kind_of(new.dtype)] > _RANK[kind_of(dtype)]:
                raise InvalidArgument(
                    f"an in-place operation on a Tensor of dtype {dtype} gave {new.dtype}: "
                    "convert it first, with t = t.astype(...)."
                )
            new = ops.astype(new, dtype)
        self._rebind(new)
        self._propagate()

    def _assign(self, key: tuple[Any, ...], value: Any) -> None:
        kind = kind_of(self._value.dtype)
        if getattr(value, "_edge", None) is not None and kind not in ("f", "c"):
            raise NotDifferentiable(
                f"a Tensor that needs a gradient was assigned into one of dtype {self.dtype}, "
                "which has none: make the target floating."
            )
        complex_value = isinstance(value, complex) or is_complex(getattr(value, "dtype", None))
        if complex_value and kind != "c":
            raise InvalidArgument(
                f"a complex value was assigned into a Tensor of dtype {self.dtype}: take gg.real "
                "of it, or make the target complex."
            )
        held = self._value
        shared = (
            getrefcount(held) > HELD + _is_kept(held, self._edge)
            or getattr(held, "base", 0) is not None
            or not getattr(held.flags, "writeable", True)
        )
        self._rebind(ops.setitem(self, key, value, copy=shared))

    def _rebind(self, new: Any) -> None:
        """Take over the value of `new`, and its history if that is being recorded."""
        edge = self._edge
        if type(new._value) is Traced and type(self._value) is not Traced:
            raise LeakedValue(
                f"{user_line()}: a function under gg.jit writes into a Tensor from outside. Pass "
                "it as an argument and return the new value."
            )
        self._value = new._value
        if is_recording() or edge is None:
            self._edge = new._edge
        elif edge[0].vjp is None:
            edge[0].saved = (new._value,)

    def _check_writable(self) -> None:
        """Raise if the write would be recorded, and this is a leaf of the user or a view of one."""
        if not is_recording():
            return
        top: Any = self
        while top is not None:
            edge = top._edge
            if edge is not None and edge[0].vjp is None and edge[0].settings != ALIAS:
                raise NotDifferentiable(
                    "a write to a leaf that needs a gradient would cut it off from its .grad: "
                    "write to gg.copy(t), or update parameters under `with gg.no_grad():`."
                )
            top = None if top._base is None else top._base[0]

    def _propagate(self) -> None:
        """Write through to the Tensors that this one is a view of, and show all their views."""
        if self._base is None and self._views is None:
            return
        top = self
        while top._base is not None:
            base, key = top._base
            base._assign(key, top)
            top = base
        changed = [top]
        with enable_grad():                         # a view of what is tracked stays tracked
            while changed:
                source = changed.pop()
                for view in [view() for view in source._views or ()]:
                    if view is not None:
                        part = ops.getitem(source, view._base[1])
                        view._value, view._edge = part._value, part._edge
                        changed.append(view)


def _is_kept(value: Any, edge: Edge | None) -> bool:
    """Whether the leaf at `edge` keeps `value`: one reference more that is no one else's."""
    if edge is None:
        return False
    leaf = edge[0]
    return bool(leaf.vjp is None and leaf.saved and leaf.saved[0] is value)


def _as_tuple(key: Any, x: Any) -> tuple[Any, ...]:
    """An index key as a tuple, its lists as arrays of the library of `x`."""
    parts = key if type(key) is tuple else (key,)
    if is_basic(parts):
        return parts
    return tuple(_index(part, namespace_of(x)) for part in parts)


def _index(part: Any, xp: Namespace) -> Any:
    if isinstance(part, list):
        return xp.asarray(part) if part else xp.asarray(part, dtype=xp.int64)
    # A NumPy integer indexes as a Python one does: the result is a view.
    return int(part) if isinstance(part, Integral) and not isinstance(part, bool) else part
