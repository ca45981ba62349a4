"""Arrays from nothing. With an array argument the result follows it; without one, it is a Tensor.

A Tensor, because `out = xp.zeros(n); out[i] = t` in anybody's Array API code must be
differentiable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import index
from typing import Protocol

import gpugrad.tree as tree
from gpugrad.backends import (
    Batched,
    Namespace,
    default,
    for_device,
    is_bfloat16,
    is_inexact,
    namespace_of,
    no_numbers,
    numpy_namespace,
    on_device,
)
from gpugrad.backends.dtypes import NUMBER_KINDS
from gpugrad.backends.one_place import check_place
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.core.views import as_own
from gpugrad.errors import GpugradError, InvalidArgument, NotDifferentiable, UnsupportedOperand
from gpugrad.graph import Node
from gpugrad.ops.operands import array, dtype_of, holds_tensor, is_array, is_weak, shape_of
from gpugrad.settings import settled
from gpugrad.tracing.tracer import Traced, tracer_here
from gpugrad.types import LISTS, Array, DTypeLike, Operand, Shape, Value

__all__ = [
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "tensor",
    "to_device",
    "zeros",
    "zeros_like",
]


class Exporter(Protocol):
    """Any object with an array that it exports by DLPack."""

    def __dlpack__(self, *, stream: None = None) -> object: ...

    def __dlpack_device__(self) -> tuple[int, int]: ...


_HOST_ARRAY = numpy_namespace.array_type

_DLPACK_HOST = 1
"""The kind of a device that is the host (kDLCPU in dlpack.h)."""


@op()
def zeros_like(
    xp: Namespace, x: Array, /, *, dtype: DTypeLike | None = None, device: str | None = None
) -> Array:
    """An array of zeros like `x`; `dtype` and `device` may differ.

    Example:
        >>> gg.zeros_like(np.array([[1, 2], [3, 4]]))
        array([[0, 0],
               [0, 0]])
        >>> gg.zeros_like(np.array([1, 2]), dtype="float32")
        array([0., 0.], dtype=float32)
    """
    return _moved(xp.zeros_like(x, dtype=dtype), device, xp)


@op()
def ones_like(
    xp: Namespace, x: Array, /, *, dtype: DTypeLike | None = None, device: str | None = None
) -> Array:
    """An array of ones like `x`; `dtype` and `device` may differ.

    Example:
        >>> gg.ones_like(np.array([[1.5, 2.5]]))
        array([[1., 1.]])
    """
    return _moved(xp.ones_like(x, dtype=dtype), device, xp)


@add_function
def full_like(
    x: Array, /, fill_value: Value, *, dtype: DTypeLike | None = None, device: str | None = None
) -> Array:
    """An array like `x` filled with `fill_value`; `dtype` and `device` may differ.

    The value is a number, or an array or Tensor that broadcasts to `x`, to which gradients go.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.full_like(x, 7)
        array([7., 7., 7.])
        >>> gg.grad(lambda value: gg.sum(gg.full_like(x, value)))(7.0)
        array(3.)
    """
    if not is_array(fill_value):
        return ops.filled_like(x, fill_value=fill_value, dtype=dtype, device=device)
    check_place("full_like", (x, fill_value))
    number = ops.astype(fill_value, dtype_of(x) if dtype is None else dtype)
    found = ops.copy(ops.broadcast_to(number, shape_of(x)))
    if isinstance(x, Tensor) and not isinstance(found, Tensor):
        found = Tensor(found)
    return found if device is None else ops.to_device(found, device)


@op(public=False)
def filled_like(
    xp: Namespace,
    x: Array,
    /,
    *,
    fill_value: complex,
    dtype: DTypeLike | None = None,
    device: str | None = None,
) -> Array:
    """An array that holds a number, like `x` but for a dtype or device that is named."""
    return _moved(xp.full_like(x, fill_value, dtype=dtype), device, xp)


@add_function
def empty_like(
    x: Array, /, *, dtype: DTypeLike | None = None, device: str | None = None
) -> Array:
    """An array like `x` with arbitrary contents; `dtype` and `device` may differ.

    Example:
        >>> gg.empty_like(np.array([[1.0, 2.0]])).shape
        (1, 2)
    """
    value = x._value if isinstance(x, Tensor) else x
    if type(value) is Traced or not hasattr(value, "dtype"):
        # A plan has no memory that nothing wrote.
        return ops.zeros_like(x, dtype=dtype, device=device)
    xp = namespace_of(value)
    made = _moved(xp.empty_like(value, dtype=dtype), device, xp)
    return Tensor(made) if isinstance(x, Tensor) else made


def _moved(x: Array, device: str | None, xp: Namespace) -> Array:
    return x if device is None else xp.move(x, device=device, home=xp.device_of(x))


def made(name: str, *args: object, device: str | None, **settings: object) -> Tensor:
    """A Tensor of the array that the function `name` of the library makes from nothing."""
    xp, tracer = for_device(device), tracer_here()
    with on_device(device):
        if tracer is not None and xp is tracer.base:
            xp = default()                          # which records
        return as_own(Tensor(getattr(xp, name)(*args, **settings)))


@add_function
def zeros(
    shape: int | Shape, *, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """A Tensor of zeros; float64 unless `dtype` says otherwise.

    Values written into it keep their gradients, so you can fill in results one by one.

    Example:
        >>> gg.zeros((2, 3), dtype="float32")
        Tensor([[0., 0., 0.],
                [0., 0., 0.]], dtype=float32)
        >>> def powers(x):
        ...     found = gg.zeros(3)
        ...     for i in range(3):
        ...         found[i] = x**i
        ...     return found.sum()
        >>> gg.grad(powers)(2.0)
        array(5.)
    """
    return made("zeros", settled(shape), dtype=dtype, device=device)


@add_function
def empty(
    shape: int | Shape, *, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """A Tensor with arbitrary contents; float64 unless `dtype` says otherwise.

    Example:
        >>> gg.empty((2, 3)).shape
        (2, 3)
    """
    return made("empty", settled(shape), dtype=dtype, device=device)


@add_function
def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: DTypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """A Tensor with ones on diagonal `k` and zeros elsewhere, square unless `n_cols` is given.

    Diagonal 0 is the main one, positive ones lie above.

    Example:
        >>> gg.eye(2)
        Tensor([[1., 0.],
                [0., 1.]], dtype=float64)
        >>> gg.eye(2, 3, k=1)
        Tensor([[0., 1., 0.],
                [0., 0., 1.]], dtype=float64)
    """
    rows, k = settled(n_rows), settled(k)
    cols = rows if n_cols is None else settled(n_cols)
    return made("eye", rows, cols, k=k, dtype=dtype or float, device=device)


@add_function
def ones(
    shape: int | Shape, *, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """A Tensor of ones; float64 unless `dtype` says otherwise.

    Example:
        >>> gg.ones((2, 2))
        Tensor([[1., 1.],
                [1., 1.]], dtype=float64)
        >>> gg.ones(3, dtype="int64")
        Tensor([1, 1, 1], dtype=int64)
    """
    return made("ones", settled(shape), dtype=dtype, device=device)


@add_function
def full(
    shape: int | Shape,
    fill_value: Value,
    *,
    dtype: DTypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """A Tensor filled with `fill_value`, in its dtype unless `dtype` says otherwise.

    The value is a number, or a Tensor or array that broadcasts to `shape`, to which gradients go.

    Example:
        >>> gg.full((2, 2), 7.0)
        Tensor([[7., 7.],
                [7., 7.]], dtype=float64)
        >>> gg.grad(lambda value: gg.sum(gg.full((2, 3), value)))(7.0)
        array(6.)
    """
    if is_array(fill_value):
        number = _as_tensor(fill_value, dtype, device)
        lengths = shape if isinstance(shape, list | tuple) else (shape,)
        return ops.copy(  # type: ignore[return-value]  # of a Tensor
            ops.broadcast_to(number, tuple(map(index, lengths)))
        )
    return made("full", settled(shape), fill_value, dtype=dtype, device=device)


@add_function
def asarray(
    data: Operand,
    /,
    *,
    dtype: DTypeLike | None = None,
    device: str | None = None,
    copy: bool | None = None,
) -> Tensor:
    """`data` (numbers, nested lists, an array or a Tensor) as a Tensor.

    A Tensor keeps its history, even in a list: the Tensors, arrays and numbers in a list are
    stacked, with the dtype that `np.array` gives. An array stays on its device unless `device`
    names another.

    Args:
        data: What becomes a Tensor.
        dtype: Its dtype, if another than that of the data.
        device: `"cpu"`, `"cuda"` or `"cuda:N"`.
        copy: True for new memory, False for that of the data, None to copy only if needed.

    Raises:
        InvalidArgument: For `copy=False` where a copy is needed.

    Example:
        >>> gg.asarray([[1, 2], [3, 4]], dtype="float64")
        Tensor([[1., 2.],
                [3., 4.]], dtype=float64)
        >>> gg.grad(lambda x: gg.sum(gg.asarray([x, 2 * x, 1.0]) ** 2))(3.0)
        array(30.)
    """
    if copy is None:
        return _as_tensor(data, dtype, device)
    source = data._value if isinstance(data, Tensor) else data
    found = _as_tensor(data, dtype, device)
    if copy:
        return ops.copy(found)  # type: ignore[return-value]  # of a Tensor
    if found._value is not source and not _shares_buffer(found._value, source):
        raise InvalidArgument(
            "asarray(copy=False) would have to copy: the data are no array, or of another dtype or "
            "device. Leave copy away, or convert them first."
        )
    return found


def _shares_buffer(found: Array, source: Operand) -> bool:
    """Whether an array lies in the memory of an object with Python's buffer protocol."""
    try:
        seen = numpy_namespace.as_array(memoryview(source))  # type: ignore[arg-type]  # if it has one
    except TypeError:
        return False
    return bool(numpy_namespace.module.may_share_memory(found, seen))


@add_function
def from_dlpack(
    x: Exporter, /, *, device: str | None = None, copy: bool | None = None
) -> Tensor:
    """The array that any object with `__dlpack__` exports, as a Tensor, which has no history.

    It shares the memory of that object, unless `device` or `copy` asks for a copy.

    Raises:
        UnsupportedOperand: For an object that has no `__dlpack__`.

    Example:
        >>> x = np.array([1.0, 2.0])
        >>> y = gg.from_dlpack(x)
        >>> x[0] = 5.0
        >>> y
        Tensor([5., 2.], dtype=float64)
    """
    if not hasattr(x, "__dlpack__"):
        raise UnsupportedOperand(
            f"from_dlpack: an operand is of type {type(x).__name__}; expected one that has the "
            "method __dlpack__."
        )
    on_host = x.__dlpack_device__()[0] == _DLPACK_HOST
    library = for_device("cpu" if on_host else "cuda")
    return asarray(library.from_dlpack(x), device=device, copy=copy)  # of a Tensor


def _as_tensor(data: Operand, dtype: DTypeLike | None, device: str | None) -> Tensor:
    if isinstance(data, LISTS) and holds_tensor(data):
        data = _stacked(data)
    if isinstance(data, Tensor):
        moved = data if device is None else ops.to_device(data, device)
        weak = is_weak(data)                        # which an array is not
        if dtype is not None or weak:
            moved = ops.astype(moved, data.dtype if dtype is None else dtype, copy=weak)
        return moved  # type: ignore[return-value]  # of a Tensor
    return as_own(Tensor(_array(data, dtype, device)))


def _array(data: Operand, dtype: DTypeLike | None, device: str | None) -> Array:
    found = _plain_array(data, dtype, device)
    tracer = tracer_here()
    if tracer is None or (type(found) is Batched and tracer.holds_part(found)):
        return found
    return tracer.traced(found)


def _plain_array(data: Operand, dtype: DTypeLike | None, device: str | None) -> Array:
    if type(data) is _HOST_ARRAY and data.dtype.kind in NUMBER_KINDS and dtype is device is None:
        return data
    if not hasattr(data, "dtype") or not hasattr(data, "shape"):
        library = for_device(device)
        with on_device(device):
            try:
                found = _plain_array(library.asarray(data), None, None)
                return found if dtype is None else library.asarray(data, dtype=dtype)
            except (TypeError, ValueError) as error:        # so libraries refuse arrays of others
                check_place("asarray", tree.leaves(data))
                if isinstance(error, GpugradError):
                    raise
                kind = InvalidArgument if isinstance(error, ValueError) else UnsupportedOperand
                raise kind(f"no array can be made of a {type(data).__name__}: {error}") from error
    data = _moved(data, device, namespace_of(data))  # type: ignore[arg-type]  # it is an array
    xp = namespace_of(data)
    if getattr(data.dtype, "kind", "f") not in NUMBER_KINDS and not is_bfloat16(data.dtype):
        raise no_numbers(data)
    if dtype is None or data.dtype == dtype:
        return xp.as_array(data)
    return xp.astype(data, dtype)


def _stacked(data: Sequence[Operand]) -> Tensor:
    """Nested lists that hold Tensors, beside arrays and numbers, as one Tensor, by `stack`.

    Its dtype is that which `np.array` gives the same lists of NumPy's scalars.
    """
    library = numpy_namespace
    typed = (x if hasattr(x, "dtype") else library.asarray(x) for x in _leaves(data))
    dtype = ops.result_type(*(x.dtype for x in typed))
    like = next(x for x in _leaves(data) if isinstance(x, Tensor))

    def whole(part: Operand) -> Array:
        if not isinstance(part, list | tuple | range):
            return ops.astype(array(part, like), dtype, copy=False)
        if not holds_tensor(part):
            return ops.astype(array(list(part), like), dtype)
        parts = [whole(x) for x in part]
        shapes = list(dict.fromkeys(shape_of(x) for x in parts))
        if len(shapes) > 1:
            raise InvalidArgument(
                f"a list of Tensors, arrays and numbers becomes an array if all have one shape; "
                f"found are {', '.join(map(str, shapes))}. Reshape or broadcast them first."
            )
        return ops.stack(parts)

    return whole(data)  # type: ignore[return-value]  # of a Tensor


def _leaves(data: Sequence[Operand]) -> Iterator[Operand]:
    """What nested lists hold; raises `UnsupportedOperand` for what is no array and no number."""
    for x in data:
        if isinstance(x, list | tuple | range):
            yield from _leaves(x)
        else:
            shape_of(x)
            yield x


@op(lambda g, device, home, xp: xp.move(g, device=home, home=device), public=False)
def move(xp: Namespace, x: Array, *, device: str, home: str) -> Array:
    """`x`, which is on device `home`, on `device`."""
    return xp.move(x, device=device, home=home)


@add_function
def to_device(x: Array, device: str, /, *, stream: None = None) -> Array:
    """`x` on `device`: `"cpu"`, `"cuda"` or `"cuda:N"`. Its gradient is moved back to where `x` is.

    The copy is made on the current stream of the library: another one is not taken.

    Raises:
        InvalidArgument: For a `stream` other than None.

    Example:
        >>> gg.to_device(np.array([1.0, 2.0]), "cpu")
        array([1., 2.])
    """
    if stream is not None:
        raise InvalidArgument(
            f"to_device: stream is {stream!r}; expected None. Make it the current stream instead."
        )
    value = x._value if isinstance(x, Tensor) else x
    return ops.move(x, device=device, home=namespace_of(value).device_of(value))


@add_function
def tensor(
    data: Operand,
    *,
    requires_grad: bool = False,
    dtype: DTypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """A Tensor of `data`: numbers, nested lists, or a NumPy or CuPy array, which is not copied.

    With `requires_grad` it is a leaf, to whose `.grad` `backward()` adds.

    Raises:
        NotDifferentiable: For a leaf of integers, and for Tensors that need a gradient.

    Example:
        >>> x = gg.tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> gg.sum(x * x).backward()
        >>> x.grad
        array([2., 4., 6.])
    """
    if isinstance(data, LISTS) and holds_tensor(data):
        data = _stacked(data)
    if isinstance(data, Tensor):
        if data._edge is not None:
            raise NotDifferentiable(
                "gg.tensor of a Tensor that needs a gradient would lose it: use gg.asarray to keep "
                "its history, or gg.stop_gradient to end it."
            )
        data = data._value
    value = _array(data, dtype, device)
    return as_own(leaf(value) if requires_grad else Tensor(value))


def leaf(value: Array, settings: tuple[object, ...] = ()) -> Tensor:
    """A tracked Tensor that was computed from nothing; `settings` is `ALIAS` inside a transform.

    Its node keeps the value, so that a graph can be shown with its numbers.
    """
    if not is_inexact(value.dtype):
        raise NotDifferentiable(
            f"a gradient was asked for an input of dtype {value.dtype}: only floating and complex "
            "inputs have one. Write 3.0 for 3, convert an array with x.astype('float64'), or leave "
            "it out of a tree with gg.tree.partition."
        )
    return Tensor(value, (Node(None, settings, (), (value,), value.shape, value.dtype), 0))
