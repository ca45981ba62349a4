"""Views: what a Tensor shares with the one that it was taken of.

Where NumPy returns a view, a Tensor knows what it is a view of, in `_base`: `None` for an array of
its own; `(None, strides)` for one whose elements lie in another order than those of NumPy's array
would; and for a view `(root, base, name, args, frozen)`: the array of its own that it goes back to,
the Tensor that it was taken of, the function and its arguments, and whether it was taken where
nothing was recorded, so that it has no history. `_views` of a root holds weak references to those
of its views that show its present values. A write makes these stale (see `Stale`), and a stale view
looks again when it is read: n writes through n views cost n looks, not n².

What a view is of its base is one of a few primitives, of which a write goes back through all but
the last two: `getitem`, `permute_dims`, `reshape`, `real`, `imag`, `broadcast_to`, `diagonal`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar
from weakref import ref

from gpugrad.backends import Batched, StandIn, is_basic, is_complex, numpy_namespace
from gpugrad.backends.strides import (
    Layout,
    Shape,
    alike,
    broadcast,
    contiguous,
    indexed,
    is_contiguous,
    permuted,
    reshaped,
    without_gaps,
)
from gpugrad.errors import InvalidArgument
from gpugrad.settings import settled
from gpugrad.tracing.tracer import tracer_here
from gpugrad.types import Array, BasicKey, Key, View

if TYPE_CHECKING:
    from gpugrad.graph import Edge

    class Handle(Protocol):
        """A Tensor as what it is a view of, and what writes to it, know it."""

        _value: Array
        _edge: Edge | None
        _base: Entry
        _views: list[ref[Handle]] | None
        _fresh: type
        _stale: type

        def __init__(self, value: Array, edge: Edge | None = None) -> None: ...
        def _check_writable(self) -> None: ...
        def _rebind(self, new: Handle) -> None: ...

Seen: TypeAlias = "tuple[Handle, Handle, str, tuple[object, ...], bool]"
Entry: TypeAlias = "Seen | tuple[None, Shape] | None"
"""What a Tensor knows of its place in memory, in `_base`."""

T = TypeVar("T", bound="Handle")

ndarray = numpy_namespace.array_type

MANY = 64
"""Views that a root notes before it looks which of them are still there."""

WHOLE = (...,)
"""The key of all elements."""

OWN: tuple[None, Shape] = (None, ())
"""What stands in `_base` of a Tensor without axes that was made as an array, as by `gg.zeros(())`:
NumPy would write into it, and not into the scalars that its functions return.
"""


def link(base: Handle, part: T, name: str, args: tuple[object, ...], frozen: bool) -> T:
    """`part`, which `name` gave for the Tensor `base` and `args`, as a view of it."""
    root = root_of(base)
    part._base = (root, base, name, args, frozen)
    note(root, part)
    return part


def root_of(t: Handle) -> Handle:
    """The Tensor whose memory it is."""
    entry = t._base
    return t if entry is None or entry[0] is None else entry[0]


def as_own(t: T) -> T:
    """`t`, as an array that is written into, also where it has no axes."""
    if not t._value.shape:
        t._base = OWN
    return t


def is_number(t: Handle) -> bool:
    """Whether a Tensor without axes stands for what NumPy has as a scalar.

    Nobody can write into that: it is the result of a function, an element, or an argument.
    """
    entry = t._base
    if entry is None:
        return True
    if entry[0] is None:
        return False
    root: Handle = entry[0]
    key: Any = entry[3][0] if entry[2] == "getitem" else (...,)
    if all(isinstance(part, int) for part in key):
        return True
    return not root._value.shape and is_number(root)


def note(root: Handle, part: Handle) -> None:
    """Let `root` know a view that shows its present values."""
    views = root._views
    if views is None:
        root._views = [ref(part)]
        return
    n = len(views)
    if n >= MANY and not n & (n - 1):               # at 64, 128 …: linear in all
        views[:] = [view for view in views if view() is not None]
    views.append(ref(part))


def own(part: Array) -> Array:
    """`part` as an array of its own, whose elements lie in order: where NumPy's function copies."""
    if not hasattr(part, "_views"):                 # a plain array
        return part.copy() if getattr(part, "base", None) is not None else part  # type: ignore[attr-defined]
    t: Handle = part  # type: ignore[assignment]
    value = t._value
    if t._base is not None:
        t = type(t)(value, t._edge)
    if type(value) is not ndarray or not value.flags.c_contiguous:
        strides = contiguous(tuple(value.shape), _itemsize(value))
        if not alike(value.shape, strides, strides_of(value)):
            t._base = (None, strides)
    return t  # type: ignore[return-value]


def shares(base: Handle, y: Array) -> bool:
    """Whether NumPy's `reshape` of the Tensor `base` to the shape of `y`, its value, is a view."""
    value, entry = base._value, base._base
    if type(value) is ndarray is type(y):
        # Most arrays lie in memory as they would in a program without Tensors.
        root = base if entry is None else entry[0]
        if root is not None and root._base is None and (entry is None or value.base is root._value):
            owner = y.base
            return owner is not None and (owner is value or owner is value.base)
    layout, itemsize = layout_of(base)
    shape = y.shape
    if len(_lengths(layout[0])) > 1 and _lengths(layout[0]) != _lengths(shape):
        ask_for_order()
    return reshaped(layout, tuple(shape), itemsize) is not None


def _lengths(shape: Shape) -> list[int]:
    return [n for n in shape if n != 1]


def lies_in_order(base: Array) -> bool:
    """Whether the elements lie one after another, so that `ravel` is a view."""
    value = getattr(base, "_value", base)
    if type(value) is ndarray and getattr(base, "_base", None) is None:
        return bool(value.flags.c_contiguous)
    if not hasattr(base, "_base"):
        return is_contiguous((tuple(value.shape), strides_of(value)), _itemsize(value))
    layout, itemsize = layout_of(base)  # type: ignore[arg-type]
    if len(_lengths(layout[0])) > 0:
        ask_for_order()
    return is_contiguous(layout, itemsize)


def ask_for_order() -> None:
    """Note that what is traced depends on the order of its arguments in memory."""
    tracer = tracer_here()
    while tracer is not None:
        tracer.asked_for_order = True
        tracer = tracer.parent


def layout_of(t: Handle) -> tuple[Layout, int]:
    """Shape and strides that the array would have without Tensors, and the bytes of an element."""
    path = _path(t)
    root = path[0][1] if path else t
    value, entry = root._value, root._base
    itemsize = _itemsize(value)
    strides = strides_of(value) if entry is None or entry[0] is not None else entry[1]
    layout = tuple(value.shape), strides
    complex_parts = is_complex(value.dtype)
    for _, _, name, args, _ in path:
        view = primitive_of(name, layout[0], complex_parts, args)
        if view[0] in ("real", "imag"):
            itemsize, complex_parts = itemsize // 2, False
        layout = _seen(view, layout, itemsize)
    return layout, itemsize


def strides_of(value: Array) -> Shape:
    """Strides of a plain array; of one that stands for others, what NumPy's would be."""
    shape, itemsize = tuple(value.shape), _itemsize(value)
    if type(value) is Batched and value.weights is None:
        return without_gaps(shape, strides_of(value.value)[1:], itemsize)
    if isinstance(value, StandIn):
        return contiguous(shape, itemsize) if type(value) is Batched else strides_of(value.value)
    return getattr(value, "strides", None) or contiguous(shape, itemsize)


def _itemsize(value: Array) -> int:
    """Bytes of an element; of a library that does not say, any number will do."""
    return getattr(value.dtype, "itemsize", 8)


def _path(t: Handle) -> list[Seen]:
    """The entries from the root of a view on to its own."""
    found: list[Seen] = []
    entry = t._base
    while entry is not None and entry[0] is not None:
        found.append(entry)
        entry = entry[1]._base
    return found[::-1]


def primitive_of(name: str, shape: Shape, complex_parts: bool, args: tuple[object, ...]) -> View:
    """What the view that the function `name` gave is of a base of that shape."""
    return PRIMITIVES[name](shape, complex_parts, *settled(args))


def way_to(t: Handle, key: Key) -> tuple[tuple[View, ...], Key]:
    """The views through which a write at `key` of `t` goes, from the root on, and the key there.

    Raises `InvalidArgument` where NumPy's view could not be written to.
    """
    path = _path(t)
    root = path[0][1]
    shape, complex_parts = tuple(root._value.shape), is_complex(root._value.dtype)
    views: list[View] = []
    shapes: list[Shape] = []
    for _, _, name, args, _ in path:
        view = primitive_of(name, shape, complex_parts, args)
        if view[0] in _READ_ONLY:
            raise InvalidArgument(
                f"a write into the result of {name}, which is read-only, as NumPy's is: its "
                "elements stand for several places, or for none. Write into a copy, "
                "gg.copy(t), or into the array that it was made of."
            )
        complex_parts = complex_parts and view[0] not in ("real", "imag")
        if views and views[-1][0] == "getitem" == view[0]:
            joined = composed(shapes[-1], views[-1][1], view[1])
            if joined is not None:
                views[-1] = ("getitem", joined)
                shape = _seen(view, (shape, shape), 1)[0]
                continue
        views.append(view)
        shapes.append(shape)
        shape = _seen(view, (shape, shape), 1)[0]
    if views[-1][0] == "getitem":
        whole = is_basic(key) and key == WHOLE
        joined = views[-1][1] if whole else composed(shapes[-1], views[-1][1], key)
        if joined is not None:
            return tuple(views[:-1]), joined
    return tuple(views), key


def _seen(view: View, layout: Layout, itemsize: int) -> Layout:
    """The layout of a view of what has that one."""
    if view[0] == "getitem":
        return indexed(layout, view[1])
    if view[0] == "permute_dims":
        return permuted(layout, view[1])
    if view[0] == "reshape":
        return reshaped(layout, view[1], itemsize) or (view[1], contiguous(view[1], itemsize))
    if view[0] == "broadcast_to":
        return broadcast(layout, view[1])
    if view[0] == "diagonal":
        return _diagonal(layout, *view[1:])
    return layout


def _diagonal(layout: Layout, offset: int, axis1: int, axis2: int) -> Layout:
    shape, strides = layout
    a, b = axis1 % len(shape), axis2 % len(shape)
    rest = [i for i in range(len(shape)) if i not in (a, b)]
    n = max(min(shape[a] + min(offset, 0), shape[b] - max(offset, 0)), 0)
    lengths, steps = permuted(layout, rest)
    return (*lengths, n), (*steps, strides[a] + strides[b])


def composed(
    shape: Shape, outer: BasicKey, inner: Key
) -> BasicKey | None:
    """The basic key of `x[outer][inner]` for `x` of that shape; `None` where there is none."""
    if None in outer or not is_basic(inner):
        return None
    parts = _spread(outer, len(shape))
    rest = iter(_spread(inner, sum(isinstance(part, slice) for part in parts)))
    key: list[int | slice | None] = []
    for n, part in zip(shape, parts, strict=True):
        if not isinstance(part, slice):
            key.append(part)
            continue
        places = range(*part.indices(n))
        within = next(rest)
        while within is None:
            key.append(None)
            within = next(rest)
        key.append(places[within] if not isinstance(within, slice) else _slice(places[within]))
    return (*key, *rest, ...)


def _slice(places: range) -> slice:
    if not places:
        return slice(0, 0)
    stop = places.stop
    return slice(places.start, stop if stop >= 0 else None, places.step)


def _spread(key: BasicKey, ndim: int) -> list[int | slice | None]:
    """A basic key with a part for each axis, and no `...`."""
    named = sum(part is not None and part is not ... for part in key)
    missing = [slice(None)] * (ndim - named)
    parts: list[int | slice | None] = []
    for part in key if ... in key else (*key, ...):
        parts += missing if part is ... else [part]
    return parts


Along: TypeAlias = int | tuple[int, ...] | list[int]


# The primitive of each function that returns a view, by the shape of what it is given, whether that
# is complex, and the arguments


def _whole(shape: Shape, *_: object) -> View:
    return "getitem", WHOLE


def _reshape(shape: Shape, _: bool, new: int | Sequence[int], copy: bool | None = None) -> View:
    new = (new,) if isinstance(new, int) else tuple(new)
    if -1 in new:
        known = prod(n for n in new if n != -1)
        new = tuple(prod(shape) // max(known, 1) if n == -1 else n for n in new)
    return "reshape", new


def _matrix_transpose(shape: Shape, _: bool) -> View:
    n = len(shape)
    return "permute_dims", (*range(n - 2), n - 1, n - 2)


def _axes(axis: Along, ndim: int) -> set[int]:
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    return {int(a) % ndim for a in axes}


def _expand_dims(shape: Shape, _: bool, axis: Along) -> View:
    ndim = len(shape) + (len(axis) if isinstance(axis, tuple | list) else 1)
    new = _axes(axis, ndim)
    return "getitem", tuple(None if i in new else slice(None) for i in range(ndim))


def _squeeze(shape: Shape, _: bool, axis: Along | None) -> View:
    gone = {i for i, n in enumerate(shape) if n == 1} if axis is None else set()
    gone = gone or (set() if axis is None else _axes(axis, max(len(shape), 1)))
    return "getitem", (*(0 if i in gone else slice(None) for i in range(len(shape))), ...)


def _flip(shape: Shape, _: bool, axis: Along | None) -> View:
    turned = set(range(len(shape))) if axis is None else _axes(axis, len(shape))
    back = slice(None, None, -1)
    return "getitem", (*(back if i in turned else slice(None) for i in range(len(shape))), ...)


PRIMITIVES: dict[str, Callable[..., View]] = {
    "getitem": lambda shape, _, key: ("getitem", key),
    "reshape": _reshape,
    "permute_dims": lambda shape, _, axes: ("permute_dims", tuple(a % len(shape) for a in axes)),
    "matrix_transpose": _matrix_transpose,
    "expand_dims": _expand_dims,
    "squeeze": _squeeze,
    "flip": _flip,
    "real": lambda shape, complex_parts: ("real",) if complex_parts else _whole(shape),
    "imag": lambda shape, complex_parts: ("imag",) if complex_parts else ("zeros",),
    "broadcast_to": lambda shape, _, new: (
        "broadcast_to", (new,) if isinstance(new, int) else tuple(new)
    ),
    "diagonal": lambda shape, _, *args: ("diagonal", *args),
}

_READ_ONLY = frozenset(("broadcast_to", "diagonal", "zeros"))
"""What NumPy does not let be written to; `zeros` are the imaginary parts of real numbers."""
