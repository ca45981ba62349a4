"""Tensor: a handle to a value and to the place in the graph that it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from threading import RLock
from typing import TYPE_CHECKING, TypeGuard
from weakref import ref

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import Namespace, StandIn, namespace_of
from gpugrad.backends.devices import on_their_device, several
from gpugrad.backends.one_place import check_place, together
from gpugrad.core.inplace import InPlace, look_again
from gpugrad.core.methods import Methods, named
from gpugrad.core.protocols import Protocols
from gpugrad.core.registry import namespace as ops
from gpugrad.core.views import MANY, Entry, note
from gpugrad.errors import (
    InvalidArgument,
    NotDifferentiable,
    UnknownOp,
    UnsupportedOperand,
)
from gpugrad.forks import free_in_child
from gpugrad.graph import ALIAS, Edge, Node, Vjp, now
from gpugrad.sweep.planned import sweep
from gpugrad.tracing.debug import checks_here, open_checks
from gpugrad.tracing.tracer import Traced
from gpugrad.types import LISTS, Array, Axis, DType, DTypeLike, Index, Key, Operand, Shape

if TYPE_CHECKING:
    from gpugrad.core.views import Handle

_lock = free_in_child(RLock())
"""Held while gradients are added to those of leaves, which threads may share."""


class Tensor(InPlace, Methods, Protocols):
    """An array whose history is recorded, so that it can be differentiated.

    Make Tensors with `gg.tensor` from numbers, lists and arrays; operations on Tensors return
    Tensors. The class itself is only for `isinstance`. A Tensor is *tracked* if it needs a
    gradient: if it was made with `requires_grad=True` or computed from such a Tensor. Operators,
    indexing and methods are the ops of the same name, and NumPy's functions take Tensors too.
    Inside `gg.grad` and the other transforms, arguments are Tensors; plain arrays come out.

    Whatever NumPy returns as a view is a view here too: a write through it reaches its base, with
    the right gradient.

    Example:
        >>> w = gg.tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> loss = np.sum(w[1:] ** 2)
        >>> loss
        Tensor(13., dtype=float64, requires_grad=True)
        >>> loss.backward()
        >>> w.grad
        array([0., 4., 6.])
    """

    __slots__ = ("__weakref__", "_base", "_edge", "_value", "_views")

    __array_priority__ = 1000                       # above cupy.ndarray, which has 100

    def __init__(self, value: Array, edge: Edge | None = None) -> None:
        if type(value) not in _ARRAYS or type(edge) not in _EDGES:
            _check_made_of(value, edge)
        self._value = value
        self._edge = edge
        self._base: Entry = None
        self._views: list[ref[Handle]] | None = None

    # What the operators and methods of the bases give, where this is what they are called of.

    if TYPE_CHECKING:
        def __getitem__(self, key: Key | Index) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __pos__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __add__(self, other: Operand, /) -> Tensor: ...
        def __radd__(self, other: Operand, /) -> Tensor: ...
        def __sub__(self, other: Operand, /) -> Tensor: ...
        def __rsub__(self, other: Operand, /) -> Tensor: ...
        def __mul__(self, other: Operand, /) -> Tensor: ...
        def __rmul__(self, other: Operand, /) -> Tensor: ...
        def __truediv__(self, other: Operand, /) -> Tensor: ...
        def __rtruediv__(self, other: Operand, /) -> Tensor: ...
        def __floordiv__(self, other: Operand, /) -> Tensor: ...
        def __rfloordiv__(self, other: Operand, /) -> Tensor: ...
        def __mod__(self, other: Operand, /) -> Tensor: ...
        def __rmod__(self, other: Operand, /) -> Tensor: ...
        def __pow__(self, other: Operand, /) -> Tensor: ...
        def __rpow__(self, other: Operand, /) -> Tensor: ...
        def __matmul__(self, other: Operand, /) -> Tensor: ...
        def __rmatmul__(self, other: Operand, /) -> Tensor: ...
        def __and__(self, other: Operand, /) -> Tensor: ...
        def __rand__(self, other: Operand, /) -> Tensor: ...
        def __or__(self, other: Operand, /) -> Tensor: ...
        def __ror__(self, other: Operand, /) -> Tensor: ...
        def __xor__(self, other: Operand, /) -> Tensor: ...
        def __rxor__(self, other: Operand, /) -> Tensor: ...
        def __lshift__(self, other: Operand, /) -> Tensor: ...
        def __rlshift__(self, other: Operand, /) -> Tensor: ...
        def __rshift__(self, other: Operand, /) -> Tensor: ...
        def __rrshift__(self, other: Operand, /) -> Tensor: ...
        def __lt__(self, other: Operand, /) -> Tensor: ...
        def __le__(self, other: Operand, /) -> Tensor: ...
        def __gt__(self, other: Operand, /) -> Tensor: ...
        def __ge__(self, other: Operand, /) -> Tensor: ...
        def __eq__(self, other: Operand, /) -> Tensor: ...  # type: ignore[override]
        def __ne__(self, other: Operand, /) -> Tensor: ...  # type: ignore[override]
        def __iadd__(self, other: Operand, /) -> Tensor: ...
        def __isub__(self, other: Operand, /) -> Tensor: ...
        def __imul__(self, other: Operand, /) -> Tensor: ...
        def __itruediv__(self, other: Operand, /) -> Tensor: ...
        def __ifloordiv__(self, other: Operand, /) -> Tensor: ...
        def __imod__(self, other: Operand, /) -> Tensor: ...
        def __ipow__(self, other: Operand, /) -> Tensor: ...
        def __imatmul__(self, other: Operand, /) -> Tensor: ...
        def __iand__(self, other: Operand, /) -> Tensor: ...
        def __ior__(self, other: Operand, /) -> Tensor: ...
        def __ixor__(self, other: Operand, /) -> Tensor: ...
        def __ilshift__(self, other: Operand, /) -> Tensor: ...
        def __irshift__(self, other: Operand, /) -> Tensor: ...
        def sum(self, axis: Axis = None, *args: object, **kwargs: object) -> Tensor:
            """The sum along `axis`, as `gg.sum`."""
        def mean(self, axis: Axis = None, *args: object, **kwargs: object) -> Tensor:
            """The mean along `axis`, as `gg.mean`."""
        def prod(self, axis: Axis = None, *args: object, **kwargs: object) -> Tensor:
            """The product along `axis`, as `gg.prod`."""
        def max(self, axis: Axis = None, *args: object, **kwargs: object) -> Tensor:
            """The largest element along `axis`, as `gg.max`."""
        def min(self, axis: Axis = None, *args: object, **kwargs: object) -> Tensor:
            """The smallest element along `axis`, as `gg.min`."""
        def all(self, axis: Axis = None, *args: object, **kwargs: object) -> Tensor:
            """Whether all elements along `axis` are true, as `gg.all`."""
        def any(self, axis: Axis = None, *args: object, **kwargs: object) -> Tensor:
            """Whether some element along `axis` is true, as `gg.any`."""
        def var(self, axis: Axis = None, *args: object, **kwargs: object) -> Tensor:
            """The variance along `axis`, as `gg.var`."""
        def std(self, axis: Axis = None, *args: object, **kwargs: object) -> Tensor:
            """The standard deviation along `axis`, as `gg.std`."""
        def argmax(self, axis: int | None = None, *args: object, **kwargs: object) -> Tensor:
            """The index of the largest element along `axis`, as `gg.argmax`."""
        def argmin(self, axis: int | None = None, *args: object, **kwargs: object) -> Tensor:
            """The index of the smallest element along `axis`, as `gg.argmin`."""
        def cumsum(self, axis: int | None = None, *args: object, **kwargs: object) -> Tensor:
            """The sums up to each element along `axis`, as `gg.cumsum`."""
        def cumprod(self, axis: int | None = None, *args: object, **kwargs: object) -> Tensor:
            """The products up to each element along `axis`, as `gg.cumprod`."""
        def argsort(self, axis: int = -1, *args: object, **kwargs: object) -> Tensor:
            """The indices that sort along `axis`, as `gg.argsort`."""
        def clip(self, *args: object, **kwargs: object) -> Tensor:
            """The elements held between two bounds, as `gg.clip`."""
        def copy(self, *args: object, **kwargs: object) -> Tensor:
            """A copy with memory of its own, as `gg.copy`: its gradient flows on."""
        def round(self, *args: object, **kwargs: object) -> Tensor:
            """The elements rounded to some decimals, as `gg.round`."""
        def dot(self, *args: object, **kwargs: object) -> Tensor:
            """The product with another array, as `gg.dot`."""
        def repeat(self, *args: object, **kwargs: object) -> Tensor:
            """Each element several times, as `gg.repeat`."""
        def trace(self, *args: object, **kwargs: object) -> Tensor:
            """The sum of a diagonal, as `gg.trace`."""
        def ravel(self, *args: object, **kwargs: object) -> Tensor:
            """All elements in order, as `gg.ravel`."""
        def squeeze(self, *args: object, **kwargs: object) -> Tensor:
            """Without axes of length 1, as `gg.squeeze`."""
        def conj(self, *args: object, **kwargs: object) -> Tensor:
            """The complex conjugate, as `gg.conj`."""
        def conjugate(self, *args: object, **kwargs: object) -> Tensor:
            """The complex conjugate, as `gg.conj`."""
        def diagonal(self, *args: object, **kwargs: object) -> Tensor:
            """A diagonal, as `gg.diagonal`."""
        def swapaxes(self, *args: object, **kwargs: object) -> Tensor:
            """Two axes in each other's place, as `gg.swapaxes`."""
        def nonzero(self) -> tuple[Tensor, ...]:  # type: ignore[override]
            """The indices of the elements that are not zero, as `gg.nonzero`."""
        def astype(
            self, dtype: DTypeLike, order: str = "K", casting: str = "unsafe",
            subok: bool = True, copy: bool = True, *, device: str | None = None,
        ) -> Tensor:  # fmt: skip
            """The elements in another dtype, as `gg.astype`."""
        def compress(self, *args: object, **kwargs: object) -> Tensor:
            """The slices along an axis where a condition holds, as `gg.compress`."""
        def argpartition(self, *args: object, **kwargs: object) -> Tensor:
            """The indices that partition, as `gg.argpartition`."""
        def searchsorted(self, *args: object, **kwargs: object) -> Tensor:
            """Where elements would stand in this sorted vector, as `gg.searchsorted`."""
        def choose(self, *args: object, **kwargs: object) -> Tensor:
            """Elements of several arrays, chosen by the integers here, as `gg.choose`."""
        def to_device(self, device: str, /, *, stream: None = None) -> Tensor:
            """The same Tensor on another device, as `gg.to_device`."""
        def view(self, dtype: DTypeLike | None = None) -> Tensor:
            """A Tensor of its own that shows, and writes to, the same elements."""
        def reshape(
            self, *shape: int | Shape, copy: bool | None = None, order: str | None = None
        ) -> Tensor:
            """The same elements in another shape, as `gg.reshape`."""
        def flatten(self, order: str = "C") -> Tensor:
            """All elements in order, as a vector with memory of its own."""
        def take(
            self, indices: Operand, axis: int | None = None, *args: object, **kwargs: object
        ) -> Tensor:
            """Elements at indices along an axis, as `gg.take`."""
        def transpose(self, *axes: int | Sequence[int] | None) -> Tensor:
            """The axes in the given order; reversed where none is given."""

        @property
        def real(self) -> Tensor:
            """The real part."""
        @real.setter
        def real(self, value: Operand) -> None: ...
        @property
        def imag(self) -> Tensor:
            """The imaginary part."""
        @imag.setter
        def imag(self, value: Operand) -> None: ...

    # What it is

    @property
    def value(self) -> Array:
        """The plain array: not a copy, and without history.

        Raises:
            TrackedConversion: Under `gg.jit` and `gg.vmap`, where there is none.
        """
        if isinstance(self._value, StandIn):
            raise self._value.refusal("t.value")
        return self._value

    @property
    def requires_grad(self) -> bool:
        """Whether it is tracked, so that gradients flow to what it was computed from."""
        return self._edge is not None

    @property
    def grad(self) -> Array | None:
        """The gradient that `backward()` left here, a plain array; `None` before, or for no leaf.

        It accumulates over calls of `backward()`; set it to `None` to start anew.
        """
        edge = self._edge
        found = None if edge is None else edge[0].grad
        return Tensor(found) if isinstance(found, StandIn) else found

    @grad.setter
    def grad(self, value: Array | None) -> None:
        edge = self._edge
        if edge is None or not self._is_leaf():
            raise NotDifferentiable(
                "only a leaf, made by gg.tensor(..., requires_grad=True), has a gradient to set."
            )
        edge[0].grad = None if value is None else self._gradient(value)

    def _gradient(self, value: Array) -> Array:
        """`value` if it can be the gradient of this Tensor."""
        wanted = f"expected a plain array of shape {self.shape} and dtype {self.dtype}, or None"
        if isinstance(value, Tensor):
            raise UnsupportedOperand(f"the gradient is a Tensor; {wanted}: pass its .value.")
        if not hasattr(value, "shape") or not hasattr(value, "dtype"):
            raise UnsupportedOperand(
                f"the gradient is of type {type(value).__name__}; {wanted}: to start anew, set it "
                "to None."
            )
        check_place("a Tensor and its gradient", (self, value))
        if value.shape != self.shape or value.dtype != self.dtype:
            raise InvalidArgument(
                f"the gradient has shape {value.shape} and dtype {value.dtype}; {wanted}: convert "
                "it first."
            )
        return namespace_of(value).as_array(value)

    def _is_leaf(self) -> bool:
        """Whether it is one that the user made: no argument of a transform, which has settings."""
        edge = self._edge
        return edge is not None and edge[0].vjp is None and not edge[0].settings

    @property
    def shape(self) -> Shape:
        """Length along each axis."""
        return self._value.shape

    @shape.setter
    def shape(self, shape: object) -> None:
        raise UnknownOp("the shape of a Tensor cannot be set: write t = t.reshape(shape).")

    @property
    def dtype(self) -> DType:
        """Type of the elements."""
        return self._value.dtype

    @dtype.setter
    def dtype(self, dtype: object) -> None:
        raise UnknownOp("the dtype of a Tensor cannot be set: write t = t.astype(dtype).")

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self._value.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._value.size

    @property
    def device(self) -> str:
        """Where the elements are: `"cpu"` or `"cuda:N"`."""
        return namespace_of(self._value).device_of(self._value)

    @property
    def T(self) -> Tensor:
        """The axes in reverse order, as NumPy has them: of a matrix, its transpose."""
        ndim = self._value.ndim
        if ndim == 2:
            return ops.matrix_transpose(self)  # type: ignore[return-value]
        return ops.permute_dims(self, tuple(range(ndim))[::-1])  # type: ignore[return-value]

    @property
    def mT(self) -> Tensor:
        """The transpose of the last two axes."""
        return ops.matrix_transpose(self)  # type: ignore[return-value]

    def __len__(self) -> int:
        if not self.shape:
            raise UnsupportedOperand("len() of a 0-d Tensor: it has no axis.")
        return self.shape[0]

    def __repr__(self) -> str:
        if isinstance(self._value, StandIn):        # a value would be that of one call only
            how = "traced by gg.jit" if type(self._value) is Traced else "batched by gg.vmap"
            return f"Tensor({how}, shape={self.shape}, dtype={self.dtype})"
        values = np.array2string(
            namespace_of(self._value).to_numpy(self._value), separator=", ", prefix="Tensor("
        )
        tracked = ", requires_grad=True" if self.requires_grad else ""
        where = "" if self.device == "cpu" else f", device={self.device!r}"
        return f"Tensor({values}, dtype={self.dtype}{where}{tracked})"

    # Copies

    def __copy__(self) -> Tensor:
        """Another handle to the same value and history: a write to one does not touch the other."""
        return Tensor(self._value, self._edge)

    def __reduce__(self) -> tuple[object, ...]:
        """For copy.deepcopy and pickle: value and, of a leaf, the gradient. A leaf stays one."""
        if isinstance(self._value, StandIn):
            raise self._value.refusal("a deep copy or pickle")
        if self._edge is None:
            return _restored, (self._value, False, None)
        if not self._is_leaf():
            raise NotDifferentiable(
                "a deep copy or pickle of a Tensor that was computed from others would lose its "
                "history. Take gg.stop_gradient(t) or t.value, or copy it with gg.copy(t)."
            )
        return _restored, (self._value, True, self._edge[0].grad)

    # Differentiation

    @on_their_device
    def backward(self, g: Operand | None = None, keep_graph: bool = False) -> None:
        """Add the gradient of this Tensor to `.grad` of every leaf that it was computed from.

        Leaves are the Tensors that `gg.tensor(..., requires_grad=True)` made.

        Args:
            g: The cotangent of this Tensor, of the same shape. It may be left out for a single
                element, and is then 1.
            keep_graph: Whether to keep the arrays that the graph saved, for another sweep.
                Otherwise they are freed.

        Raises:
            NotDifferentiable: If this Tensor is not tracked.
            InvalidArgument: If `g` is missing or has another shape.
            GraphFreed: If an earlier sweep has freed the graph.

        Example:
            >>> x = gg.tensor([1.0, 2.0], requires_grad=True)
            >>> (x * x).backward(g=np.array([1.0, 10.0]))
            >>> x.grad
            array([ 2., 40.])
        """
        if self._edge is None:
            raise NotDifferentiable(
                "backward() of a Tensor that was not computed from one that needs a gradient: make "
                "an input with gg.tensor(..., requires_grad=True)."
            )
        value = self._value
        raw = namespace_of(value)
        seed = raw.one(value) if g is None and value.shape == () else self._seed(g, raw)
        seeds = [(self._edge, seed)]
        gradients = sweep(seeds, raw, free=not keep_graph)
        if open_checks and (checks := checks_here()) is not None:
            checks.came_in("the Tensor of backward()", (), (value,))
        if ALIAS in [leaf.settings for leaf in gradients]:
            raise NotDifferentiable(
                "backward() inside a function that gg.grad or gg.vjp differentiates would lose "
                "the outer gradient: use gg.grad or gg.vjp inside as well."
            )
        with _lock:
            for leaf, gradient in gradients.items():
                if leaf.grad is not None:
                    gradient = leaf.grad + gradient
                    if not gradient.shape:          # NumPy gave a scalar
                        gradient = namespace_of(gradient).as_array(gradient)
                    gradients[leaf] = gradient
            for leaf, gradient in gradients.items():  # all or, where memory ends before, none
                leaf.grad = gradient

    def _seed(self, g: Operand | None, raw: Namespace) -> Array:
        if g is None and prod(self.shape) == 1:
            return raw.ones_like(self._value)
        if g is None:
            raise InvalidArgument(
                f"backward() of a Tensor of shape {self.shape} needs its cotangent: pass g of "
                "that shape, or reduce to one number first, for example with gg.sum."
            )
        if isinstance(g, Tensor):
            g = g._value
        value = self._value
        if _is_like(g, value) and not several:
            seed = g
        else:
            parts = tree.leaves(g) if isinstance(g, LISTS) else (g,)
            with together("a Tensor and its cotangent", (value, *parts)):
                seed = raw.asarray(g, dtype=value.dtype)
        if seed.shape != value.shape:
            raise InvalidArgument(
                f"the cotangent g has shape {seed.shape}; expected {self.shape}, that of the "
                "Tensor."
            )
        return seed

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))


def _is_like(x: Operand, value: Array) -> TypeGuard[Array]:
    """Whether `x` is an array of the type and dtype of `value`."""
    return type(x) is type(value) and x.dtype is value.dtype


_ARRAYS: set[type] = {np.ndarray}
"""Types of arrays that Tensors were made of so far."""

_EDGES = frozenset((type(None), tuple))


def _check_made_of(value: object, edge: object) -> None:
    """Raise `UnsupportedOperand` for what a user, who took the class for the function, may pass."""
    if isinstance(value, Tensor) or not hasattr(value, "dtype") or type(edge) not in _EDGES:
        given = type(value).__name__ + ("" if type(edge) in _EDGES else f" and {edge!r}")
        raise UnsupportedOperand(
            f"gg.Tensor was called with a {given}: it is the class of Tensors, for isinstance. "
            "Expected gg.tensor(data, requires_grad=...), which makes one of numbers, lists and "
            "arrays."
        )
    _ARRAYS.add(type(value))


class Stale(Tensor):
    """A view whose array was written to: it shows the new values as soon as it is looked at.

    It is the Tensor itself, of another class for the time: so nobody who reads a Tensor has to ask
    whether it is up to date.
    """

    __slots__ = ()

    @property
    def _value(self) -> Array:  # type: ignore[override]
        look_again(self)  # type: ignore[arg-type]
        return self._value

    @property
    def _edge(self) -> Edge | None:  # type: ignore[override]
        look_again(self)  # type: ignore[arg-type]
        return self._edge


InPlace._fresh, InPlace._stale = Tensor, Stale
named(InPlace)

_new = object.__new__


def untracked_result(y: Array) -> Tensor:
    """`Tensor(y)` of an array that an op made, which needs no look."""
    made = _new(Tensor)
    made._value = y
    made._edge = None
    made._base = None
    made._views = None
    return made


def recorded_result(
    vjp: Vjp,
    settings: tuple[object, ...],
    edges: tuple[Edge | None, ...],
    saved: tuple[object, ...],
    y: Array,
) -> Tensor:
    """The Tensor of `y`, the one result of an op, with its node.

    It is `Tensor(y, (Node(...), 0))` without the calls of two classes: every recorded op comes
    through here.
    """
    node = _new(Node)
    node.vjp = vjp
    node.settings = settings
    node.edges = edges
    node.saved = saved
    node.shape = y.shape
    node.dtype = y.dtype
    node.order = now()
    node.grad = None
    made = _new(Tensor)
    made._value = y
    made._edge = (node, 0)
    made._base = None
    made._views = None
    return made


def view_result(
    base: Tensor, y: Array, edge: Edge | None, name: str, args: tuple[object, ...], frozen: bool
) -> Tensor:
    """The Tensor of `y`, a view of `base`, without the calls of a class and of `link`.

    What a view is says `views.py`.
    """
    made = _new(Tensor)
    made._value = y
    made._edge = edge
    made._views = None
    entry = base._base
    root = base if entry is None or entry[0] is None else entry[0]
    made._base = (root, base, name, args, frozen)
    views = root._views
    if views is None:
        root._views = [ref(made)]
    elif len(views) < MANY:
        views.append(ref(made))
    else:
        note(root, made)
    return made


def recorded_view(
    base: Tensor,
    name: str,
    args: tuple[object, ...],
    vjp: Vjp,
    settings: tuple[object, ...],
    edges: tuple[Edge | None, ...],
    saved: tuple[object, ...],
    y: Array,
) -> Tensor:
    """`recorded_result` of a view of `base`."""
    node = _new(Node)
    node.vjp = vjp
    node.settings = settings
    node.edges = edges
    node.saved = saved
    node.shape = y.shape
    node.dtype = y.dtype
    node.order = now()
    node.grad = None
    made = _new(Tensor)
    made._value = y
    made._edge = (node, 0)
    made._views = None
    entry = base._base
    root = base if entry is None or entry[0] is None else entry[0]
    made._base = (root, base, name, args, False)
    views = root._views
    if views is None:
        root._views = [ref(made)]
    elif len(views) < MANY:
        views.append(ref(made))
    else:
        note(root, made)
    return made


def _restored(value: Array, tracked: bool, grad: Array | None) -> Tensor:
    """A Tensor out of a pickle, a new leaf if it is `tracked`."""
    if not tracked:
        return Tensor(value)
    node = Node(None, (), (), (value,), value.shape, value.dtype)
    node.grad = grad
    return Tensor(value, (node, 0))
