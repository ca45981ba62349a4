"""Writing to a Tensor: assignment, in-place operators, and views that see each other's writes.

A write gives the handle another value and another place in the graph; nodes made before keep
theirs. A write to a view goes to the array that it is a view of (see `views.py`), and those of its
views that show its present values become stale: they look again when they are read. It happens in
the buffer itself unless something else sees that: a node that saved it, or the user who made the
Tensor from it. Each of them holds a reference, so the reference count tells; that of the Tensor's
own leaf, which keeps the value, does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from sys import getrefcount
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from gpugrad.backends import (
    Namespace,
    is_basic,
    is_complex,
    kind_of,
    namespace_of,
    numpy_namespace,
)
from gpugrad.backends.references import HELD
from gpugrad.backends.strides import alike
from gpugrad.core.registry import namespace as ops
from gpugrad.core.views import WHOLE, Entry, is_number, note, primitive_of, strides_of, way_to
from gpugrad.errors import InvalidArgument, LeakedValue, NotDifferentiable
from gpugrad.graph import ALIAS, Edge, enable_grad, is_recording, no_grad
from gpugrad.tracing.tracer import Traced, tracer_here, tracers, user_line
from gpugrad.types import Array, DType, Index, Key, Operand, Shape, View

if TYPE_CHECKING:
    from gpugrad.core.views import Handle

ndarray = numpy_namespace.array_type

_AS_THEY_ARE = frozenset((int, slice, type(None), type(...), ndarray))
"""Most index keys, and what stands in them."""

_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}
"""Kinds of dtype: an in-place operation may not go down."""


def _in_place(name: str) -> Callable[[InPlace, Operand], Array | InPlace]:
    """The operator that writes what that function gives."""
    # Those of NumPy for `//` and `**` miss special cases, which the ops have.
    ufunc = None if name in ("floor_divide", "power") else getattr(numpy_namespace.module, name)

    def method(self: InPlace, other: Operand) -> Array | InPlace:
        held, edge = self._value, self._edge
        if not held.shape and is_number(self):      # whose name is rebound, as a scalar's is
            return getattr(ops, name)(self, other)  # type: ignore[no-any-return]
        if (
            # Nothing records the write, and nobody else sees the buffer: an update of parameters,
            # spelled out, because the way through an op costs more than the arithmetic.
            ufunc is not None
            and type(other) is ndarray is type(held)
            and other.dtype is held.dtype
            and held.dtype.kind in "fc"
            and held.base is None
            and self._base is None
            and (self._views is None or _let_go(self))
            and not tracers
            and (edge is None or not is_recording())
            and getrefcount(held) <= HELD + _is_kept(held, edge)
        ):
            try:                                    # it has written nothing if it refuses
                ufunc(held, other, held)
                return self
            except ValueError:                      # read-only, or not of that shape
                pass
        del held                                    # a view would keep its base from being written
        self._replace(getattr(ops, name)(self, other))
        return self

    method.__doc__ = f"`gg.{name}` of this Tensor and another operand, written into this Tensor."
    return method


class InPlace:
    """What lets a Tensor be written to as a NumPy array is; `views.py` says what the slots are."""

    if not TYPE_CHECKING:
        __slots__ = ()                              # those below are in `Tensor`

    _value: Array
    _edge: Edge | None
    _base: Entry
    _views: list[ref[Handle]] | None

    if TYPE_CHECKING:
        @property
        def shape(self) -> Shape: ...

        @property
        def dtype(self) -> DType: ...

    _fresh: type                                    # the class of Tensors, and that of stale views
    _stale: type

    def __getitem__(self, key: Key | Index) -> Array:
        if type(key) in _AS_THEY_ARE:
            return ops.getitem(self, (key,))
        return ops.getitem(self, _as_tuple(key, self._value))

    def __setitem__(self, key: Key | Index, value: Operand) -> None:
        key = _as_tuple(key, self._value)
        if isinstance(value, list | tuple | range):
            value = _row(value, namespace_of(self._value))
        entry = getattr(value, "_base", None)
        if (
            # `t[key] += x` has written through the view `t[key]` when it comes to assign it.
            entry is not None
            and entry[1] is self
            and entry[2] == "getitem"
            and not entry[4]                        # it would have no history
            and type(value) is not self._stale
            and is_basic(key)
            and entry[3][0] == key
        ):
            return
        self._write(key, value)

    __iadd__, __isub__ = _in_place("add"), _in_place("subtract")
    __imul__, __itruediv__ = _in_place("multiply"), _in_place("divide")
    __ifloordiv__, __imod__ = _in_place("floor_divide"), _in_place("remainder")
    __ipow__, __imatmul__ = _in_place("power"), _in_place("matmul")
    __iand__, __ior__ = _in_place("bitwise_and"), _in_place("bitwise_or")
    __ixor__ = _in_place("bitwise_xor")
    __ilshift__ = _in_place("bitwise_left_shift")
    __irshift__ = _in_place("bitwise_right_shift")

    def _replace(self, new: InPlace) -> None:
        """Take over value and history of `new`, cast to the dtype that this Tensor has."""
        shape, dtype = self._value.shape, self._value.dtype
        if new._value.shape != shape:
            self._check_writable()
            raise InvalidArgument(
                f"an in-place operation on a Tensor of shape {shape} gave shape {new.shape}: "
                "write t = t + x to let it grow."
            )
        if new._value.dtype is not dtype:
            if _RANK[kind_of(new.dtype)] > _RANK[kind_of(dtype)]:
                self._check_writable()
                raise InvalidArgument(
                    f"an in-place operation on a Tensor of dtype {dtype} gave {new.dtype}: "
                    "convert it first, with t = t.astype(...)."
                )
            new = ops.astype(new, dtype)  # type: ignore[assignment]  # of a Tensor
        if self._base is None or self._base[0] is None:
            self._check_writable()
            if tracers:
                _note_write()
            self._rebind(new)
            if self._views is not None:
                _let_go(self)
            return
        root = self._base[0]
        self._write(WHOLE, new)
        if is_recording() or root._edge is None:
            _show(self, new)

    def _write(self, key: Key, value: Operand | Handle) -> None:
        """Write `value` at `key`, through to the array that this is a view of."""
        dtype = self._value.dtype
        kind = kind_of(dtype)
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
        entry = self._base
        views: tuple[View, ...] = ()
        root: Handle = self
        if entry is not None and entry[0] is not None:
            root = entry[0]
            views, key = way_to(self, key)
            if entry[4] and is_recording():
                self._base = (*entry[:4], False)    # from now on it has a history
        root._check_writable()
        if tracers:
            _note_write()
        if root._views is not None:
            _let_go(root)
            for operand in (value, *key):           # views of the same array look at it again
                getattr(operand, "_value", None)
        held = root._value
        shared = (
            getrefcount(held) > HELD + _is_kept(held, root._edge)
            or getattr(held, "base", 0) is not None
            or not getattr(held.flags, "writeable", True)  # type: ignore[attr-defined]
        )
        if views:
            if isinstance(value, bool | int | float):   # of the dtype that the parts have
                value = namespace_of(held).scalar(value, dtype, held)
            new = ops.set_in_view(root, key, value, views=views, copy=shared)
        else:
            new = ops.setitem(root, key, value, copy=shared)
        root._rebind(new)  # type: ignore[arg-type]  # of a Tensor
        if root._views is not None:
            _let_go(root)

    def _rebind(self, new: Handle) -> None:
        """Take over the value of `new`, and its history if that is being recorded."""
        edge, held = self._edge, self._value
        if type(new._value) is Traced and type(held) is not Traced:
            raise LeakedValue(
                f"{user_line()}: a function under gg.jit writes into a Tensor from outside. Pass "
                "it as an argument and return the new value."
            )
        if new._value is not held and self._base is None and len(held.shape) > 1:
            before = strides_of(held)
            if not alike(held.shape, before, strides_of(new._value)):
                self._base = (None, before)
        self._value = new._value
        if is_recording() or edge is None:
            self._edge = new._edge
        elif edge[0].vjp is None:
            edge[0].saved = (new._value,)

    def _check_writable(self) -> None:
        """Raise if the write would be recorded, and this is a leaf of the user or a view of one."""
        entry = self._base
        edge = (self if entry is None or entry[0] is None else entry[0])._edge
        if (
            edge is not None
            and edge[0].vjp is None
            and edge[0].settings != ALIAS
            and is_recording()
        ):
            raise NotDifferentiable(
                "a write to a leaf that needs a gradient would cut it off from its .grad: "
                "write to gg.copy(t), or update parameters under `with gg.no_grad():`."
            )


def _note_write() -> None:
    """Tell those who trace that something is written to."""
    tracer = tracer_here()
    while tracer is not None:
        tracer.wrote = True
        tracer = tracer.parent


def _let_go(root: Handle) -> bool:
    """Make the views of `root` stale, which lets go of its buffer. True."""
    views, root._views = root._views, None
    for reference in views or ():
        view = reference()
        if view is not None and type(view) is not view._stale:
            view._value = view._edge = None  # type: ignore[assignment]  # until it looks again
            view.__class__ = view._stale
    return True


_SMALL = 1024
"""Elements up to which a view that looks again copies them, so that a node that saves them does not
keep the whole buffer from being written to; or one part in as many of the whole as this says."""
_FEW = 64


def look_again(view: Handle) -> None:
    """Let a stale view, and those that it was taken of, show the present values."""
    stale = []
    while type(view) is view._stale:
        stale.append(view)
        view = view._base[1]  # type: ignore[index, assignment]  # a view has them
    for view in reversed(stale):
        root, base, name, args, frozen = view._base  # type: ignore[misc]
        value = base._value
        shape, complex_parts = tuple(value.shape), is_complex(value.dtype)
        primitive, *rest = primitive_of(name, shape, complex_parts, args)
        with no_grad() if frozen else enable_grad():    # a view of what is tracked stays tracked
            part = getattr(ops, "imag" if primitive == "zeros" else primitive)(base, *rest)
        _show(view, part)
        value = view._value
        if type(value) is ndarray and (
            value.size <= _SMALL or value.size * _FEW <= root._value.size
        ):
            view._value = value.copy()


def _show(view: Handle, part: Handle) -> None:
    """Let a view show the values of `part`, which are those at its place now."""
    view.__class__ = view._fresh
    view._value, view._edge = part._value, part._edge
    note(view._base[0], view)  # type: ignore[index, arg-type]


def _is_kept(value: Array, edge: Edge | None) -> bool:
    """Whether the leaf at `edge` keeps `value`: one reference more that is no one else's."""
    if edge is None:
        return False
    leaf = edge[0]
    return bool(leaf.vjp is None and leaf.saved and leaf.saved[0] is value)


def _as_tuple(key: Key | Index, x: Array) -> Key:
    """An index key as a tuple, its lists as arrays of the library of `x`."""
    parts = key if type(key) is tuple else (key,)
    if _AS_THEY_ARE.issuperset(map(type, parts)):
        return parts
    xp = namespace_of(x)
    return tuple([part if type(part) in _AS_THEY_ARE else _index(part, xp) for part in parts])


_NUMBERS = frozenset((bool, int))
"""What a list in a key mostly holds."""


def _row(value: Sequence[Any], xp: Namespace) -> Array:
    """What nested sequences hold as an array of `xp`, or as a Tensor if there is one among it."""
    return ops.asarray(value) if _holds_tensor(value) else xp.asarray(list(value))


def _holds_tensor(x: object) -> bool:
    if isinstance(x, list | tuple):
        return any(map(_holds_tensor, x))
    return _is_tensor(x)


def _is_tensor(x: object) -> bool:
    return hasattr(type(x), "_edge")


def _of_another(part: Index, xp: Namespace) -> Index:
    """What can be converted to integers or booleans, such as a column of pandas, as an array."""
    if isinstance(part, Integral | bool | np.bool_) or not hasattr(part, "__array__"):
        return part
    found = np.asarray(part)
    return xp.asarray(found.tolist()) if kind_of(found.dtype) in "biu" and found.size else part


def _index(part: Index, xp: Namespace) -> Index:
    if isinstance(part, list | tuple | range):      # inside a key, NumPy takes all for arrays
        if not _NUMBERS.issuperset(map(type, part)) and _holds_tensor(part):
            return ops.asarray(list(part))
        return xp.asarray(list(part)) if len(part) else xp.asarray([], dtype=xp.int64)
    if _is_tensor(part):
        return part
    if not hasattr(part, "dtype") or hasattr(part, "to_numpy"):     # of another library
        part = _of_another(part, xp)
    # A NumPy integer indexes as a Python one does: the result is a view.
    return int(part) if isinstance(part, Integral) and not isinstance(part, bool) else part
