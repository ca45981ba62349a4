"""NumPy's functions that write into an array, which may be a Tensor: they return nothing."""

from __future__ import annotations

import numpy as np

from gpugrad.core.outside import check_written
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import array, dtype_of, moved_to, plain, shape_of
from gpugrad.types import Array, Operand

__all__ = ["copyto", "fill_diagonal", "place", "put", "putmask"]

Written = Tensor | np.ndarray


@add_function
def copyto(
    dst: Written, src: Operand, /, casting: str = "same_kind", where: Operand = True
) -> None:
    """Write `src`, which broadcasts, into `dst`, where `where` holds.

    Args:
        dst: An array or a Tensor, which is changed.
        src: What is written.
        casting: How far the dtype may change, in NumPy's words.
        where: A mask, which broadcasts.

    Raises:
        UnsupportedOperand: If `casting` forbids the dtype.

    Example:
        >>> x = np.array([1.0, -2.0, 3.0])
        >>> gg.copyto(x, 0.0, where=x < 0)
        >>> x
        array([1., 0., 3.])
    """
    check_written("copyto", dst, (src, where))
    src = array(src, dst)
    if not np.can_cast(src.dtype, dst.dtype, casting):  # type: ignore[arg-type]
        raise UnsupportedOperand(
            f"copyto: elements of dtype {src.dtype} cannot be cast to {dst.dtype} with "
            f"casting={casting!r}."
        )
    dst[...] = src if where is True else ops.where(where, src, dst)


@add_function
def putmask(a: Written, mask: Operand, values: Operand, /) -> None:
    """Write each of `values` into `a` at its own position, where `mask` holds.

    If there are fewer, they come again and again, counted through all places of `a`, also those
    where the mask does not hold; `place` counts those alone where it does.

    Example:
        >>> x = np.array([1.0, -2.0, -3.0])
        >>> gg.putmask(x, x < 0, np.array([10.0, 20.0, 30.0]))
        >>> x
        array([ 1., 20., 30.])
    """
    check_written("putmask", a, (mask, values))
    shape = shape_of(a)
    a[...] = ops.where(ops.reshape(array(mask, a), shape), _repeated(values, a), a)


@add_function
def place(arr: Written, mask: Operand, vals: Operand, /) -> None:
    """Write `vals` in order, repeated if necessary, where `mask` holds.

    Where the mask holds must be known.

    Raises:
        InvalidArgument: For no values, where the mask holds anywhere.

    Example:
        >>> x = np.array([1.0, -2.0, -3.0])
        >>> gg.place(x, x < 0, np.array([10.0, 20.0, 30.0]))
        >>> x
        array([ 1., 10., 20.])
    """
    check_written("place", arr, vals)
    places = np.flatnonzero(plain(mask))
    if not places.size:
        return
    values = ops.reshape(array(vals, arr), (-1,))
    n = shape_of(values)[0]
    if not n:
        raise InvalidArgument("place: there are no values to write; expected at least one.")
    chosen = ops.getitem(values, (moved_to((np.arange(places.size) % n), arr),))
    _write(arr, places, chosen)


@add_function
def put(a: Written, ind: Operand, v: Operand, /, mode: str = "raise") -> None:
    """Write `v`, repeated if necessary, to the positions `ind` of the flattened `a`.

    Args:
        a: An array or a Tensor, which is changed.
        ind: The places, which must be known.
        v: What is written.
        mode: What places beyond the ends are: refused ("raise"), counted from the other end
            ("wrap"), or the last one ("clip").

    Raises:
        InvalidArgument: For places beyond the ends with mode "raise", and for an unknown mode.

    Example:
        >>> x = np.zeros((2, 3))
        >>> gg.put(x, [0, 4], np.array([1.0, 2.0]))
        >>> x
        array([[1., 0., 0.],
               [0., 2., 0.]])
    """
    check_written("put", a, v)
    n = int(np.prod(shape_of(a), dtype=int))
    places = plain(ind).ravel().astype(int)
    if mode == "wrap":
        places = places % n
    elif mode == "clip":
        places = places.clip(0, n - 1)
    elif mode != "raise":
        raise InvalidArgument(f"put: mode is {mode!r}; expected 'raise', 'wrap' or 'clip'.")
    elif places.size and not -n <= places.min() <= places.max() < n:
        raise InvalidArgument(
            f"put: places from {places.min()} to {places.max()} for {n} elements; expected those "
            "from 0, or mode='wrap' or 'clip'."
        )
    values = ops.reshape(array(v, a), (-1,))
    count = shape_of(values)[0]
    if places.size and count:
        chosen = ops.getitem(values, (moved_to((np.arange(places.size) % count), a),))
        _write(a, places, chosen)


@add_function
def fill_diagonal(a: Written, val: Operand, /, wrap: bool = False) -> None:
    """Write `val`, repeated if necessary, to the main diagonal of `a`.

    With `wrap`, the diagonal of a high matrix begins anew below it.

    Raises:
        InvalidArgument: For a vector, and for more than two axes of different lengths.

    Example:
        >>> x = np.zeros((2, 3))
        >>> gg.fill_diagonal(x, 5.0)
        >>> x
        array([[5., 0., 0.],
               [0., 5., 0.]])
    """
    shape = shape_of(a)
    if len(shape) < 2 or (len(shape) > 2 and len(set(shape)) > 1):
        raise InvalidArgument(
            f"fill_diagonal: of an array of shape {shape}; expected a matrix, or axes of one "
            "length."
        )
    step = 1 + sum(int(np.prod(shape[i + 1 :])) for i in range(len(shape) - 1))
    end = shape[1] * shape[1] if len(shape) == 2 and not wrap else int(np.prod(shape))
    places = np.arange(0, min(end, int(np.prod(shape))), step)
    put(a, places, val)


def _repeated(values: Operand, a: Written) -> Array:
    """`values`, again and again, in the shape of `a`."""
    return ops.astype(ops.resize(array(values, a), shape_of(a)), dtype_of(a), copy=False)


def _write(a: Written, places: np.ndarray, values: Array) -> None:
    a[np.unravel_index(places, shape_of(a))] = values
