"""NumPy as a namespace. NumPy 2 follows the standard; what is here is faster or missing there."""

# Its functions are given arrays of NumPy alone, because a namespace is found by their type; and
# NumPy says of what it returns that it is anything.
# mypy: disable-error-code="override, no-any-return"

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache, cached_property, lru_cache
from math import inf, isfinite, prod
from operator import attrgetter
from typing import Any

import numpy as np

from gpugrad.backends import correlation, lapack, numpy_order
from gpugrad.backends.dtypes import WIDER, finfo, is_bfloat16, isdtype, result_type
from gpugrad.backends.half_spectra import pairs
from gpugrad.backends.short_axes import are_windows, joined
from gpugrad.backends.standard import Namespace, is_basic
from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.types import Array, ArrayFunction, Axis, DType, DTypeLike, Functions, Key, Shape

_FILL_LIMIT = 4096
"""Elements up to which filling an array is cheaper than `np.broadcast_to`."""

_RANGE_LIMIT = 4096
"""Rows up to which their numbers are kept from call to call."""

_BOOL = np.dtype("bool")
_HALF, _SINGLE, _DOUBLE = (np.dtype(name) for name in ("float16", "float32", "float64"))

BLAS_LIMIT = 4096
"""Terms up to which rows and columns are summed as a product with ones: twice as fast, and as exact
as long as the terms are no more than this; beyond, the pairwise sums of the ufunc are better."""

SERIES_BLOCK = 8192
"""Elements that are summed up together as series: they stay in the cache, and end together."""

_Reduction = Callable[..., np.ndarray]

_add_reduce: _Reduction = np.add.reduce             # `np.sum` costs twice as much on small arrays
_max_reduce: _Reduction = np.maximum.reduce
_multiply_reduce: _Reduction = np.multiply.reduce
_min_reduce: _Reduction = np.minimum.reduce

_SELECT_LIMIT = 2048
"""Elements up to which `np.where` is the fastest way to select."""

EYE_LIMIT = 100
"""Classes up to which one-hot rows are taken from a unit matrix; `label + 1` fits any integer."""

BITS: dict[DType, DType] = {_SINGLE: np.dtype("int32"), _DOUBLE: np.dtype("int64")}

_ZEROS = {dtype: np.zeros((), dtype) for dtype in (_HALF, _SINGLE, _DOUBLE)}


_dtype_of = attrgetter("dtype")


def _in_blocks(series: Callable[..., Any], *operands: np.ndarray) -> np.ndarray:
    """An elementwise function of many steps, of a block of elements after another."""
    whole = np.broadcast_arrays(*operands)
    if whole[0].size <= SERIES_BLOCK:
        return series(*operands)
    flat = [x.reshape(-1) for x in whole]
    parts = [
        series(*(x[i : i + SERIES_BLOCK] for x in flat))
        for i in range(0, flat[0].size, SERIES_BLOCK)
    ]
    return np.concatenate(parts).reshape(whole[0].shape)


class NumpyNamespace(Namespace):
    """NumPy, with reductions as bare ufunc calls."""

    name = "numpy"
    array_type: type[np.ndarray] = np.ndarray
    scalar_type = np.generic                        # what NumPy gives instead of 0-d arrays

    as_array: ArrayFunction = staticmethod(np.asarray)
    number: ArrayFunction = staticmethod(np.asarray)
    as_operand: ArrayFunction = staticmethod(np.array)  # of a number and a dtype

    isdtype: Callable[..., bool] = staticmethod(isdtype)
    result_type: Callable[..., DType] = staticmethod(result_type)
    exp2: ArrayFunction = staticmethod(np.exp2)
    fmod: ArrayFunction = staticmethod(np.fmod)
    logaddexp2: ArrayFunction = staticmethod(np.logaddexp2)

    def __init__(self) -> None:
        super().__init__(np)

    def gammainc_slope(self, a: np.ndarray, x: np.ndarray) -> np.ndarray:
        return _in_blocks(super().gammainc_slope, a, x)

    def betainc_slope(self, a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
        return _in_blocks(super().betainc_slope, a, b, x)

    def special_functions(self) -> Functions:
        try:
            import scipy.special
        except ImportError as error:
            raise BackendUnavailable(
                "special functions of NumPy arrays need SciPy, which is not installed: pip install "
                "scipy."
            ) from error
        return scipy.special

    def fourier_transforms(self) -> Functions:
        """SciPy's, where it is installed, which take several rows at a time."""
        try:
            import scipy.fft
        except ImportError:
            return np.fft  # type: ignore[return-value]
        return scipy.fft

    def fft_rfft_transposed(self, x: np.ndarray, n: int, axis: int, norm: str) -> Array:
        once = np.array(x)
        once[_paired(n, axis)] *= 0.5
        return self._hermitian.hfft(once, n, axis, norm)

    def fft_irfft_transposed(self, x: np.ndarray, axis: int, norm: str) -> Array:
        half = self._hermitian.ihfft(x, None, axis, norm)
        half[_paired(x.shape[axis], axis)] *= 2
        return half

    @cached_property
    def _hermitian(self) -> Any:
        """What has `hfft` and `ihfft`: conjugates on the way, where it is SciPy's."""
        return self.fourier_transforms()

    def info(self) -> dict[str, str]:
        return {"NumPy": np.__version__}

    def scalar(self, value: complex, dtype: DTypeLike, like: np.ndarray) -> np.ndarray:
        return np.array(value, dtype)

    def scalar_dtype(self, arrays: list[np.ndarray], numbers: list[complex]) -> DType:
        dtypes = tuple(a.dtype for a in arrays)
        return _scalar_dtype(dtypes, tuple(type(number) for number in numbers))

    def to_numpy(self, x: np.ndarray) -> np.ndarray:
        return x

    def from_numpy(self, x: np.ndarray, like: np.ndarray) -> np.ndarray:
        return x

    def copy(self, x: np.ndarray) -> np.ndarray:
        return np.array(x)

    def astype(self, x: np.ndarray, dtype: DTypeLike) -> np.ndarray:
        return x.astype(dtype)

    def one(self, like: Array) -> np.ndarray:
        return _one(like.dtype)

    def quiet(self) -> AbstractContextManager[object]:
        return np.errstate(all="ignore")

    @contextmanager
    def noting(self) -> Iterator[list[str]]:
        said: list[str] = []
        # One that is logged would be written to what is only called.
        told = ("warn", "log")
        noted: dict[str, Any] = {kind: "call" for kind, how in np.geterr().items() if how in told}
        with np.errstate(call=lambda kind, flag: said.append(kind), **noted):
            yield said

    def scale(self, a: np.ndarray, d: np.ndarray) -> np.ndarray:
        product = a * d
        # One cheap pass tells whether anything is not finite: then so is the sum of squares.
        dtype = product.dtype
        if dtype is _SINGLE or dtype is _DOUBLE:
            flat = product if product.ndim == 1 else product.ravel()
            if isfinite(flat.dot(flat)):
                return product
        elif dtype.kind == "c" and has_finite_parts(product):
            return product
        return np.where((a == 0) & ~np.isfinite(d), product.dtype.type(0), product)

    def tanh_slope(self, x: np.ndarray) -> Array:
        if x.dtype.kind == "c":
            return super().tanh_slope(x)
        short = 1 / np.cosh(x)                      # a third of the calls, and no square overflows
        return short * short

    def add_into(self, owned: np.ndarray, x: np.ndarray) -> np.ndarray:
        if type(owned) is np.ndarray:
            return np.add(owned, x, out=owned)
        return owned + x                            # NumPy gave a scalar

    def power(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if b.ndim == 0 and a.dtype == b.dtype and b.item() == 2:
            return np.square(a)
        y = np.power(a, b)
        return with_roots(a, b, y) if has_roots(b) else y

    def where(
        self, condition: np.ndarray, a: np.ndarray | complex, b: np.ndarray | complex
    ) -> np.ndarray:
        """`a` where `condition`, else `b`; against 0, without a branch for each element."""
        if condition.dtype is _BOOL:
            if type(b) is int and b == 0:
                return _selected(condition, a)  # type: ignore[arg-type]  # an array, beside 0
            if type(a) is int and a == 0:
                return _selected(~condition, b)  # type: ignore[arg-type]
        try:
            return np.where(condition, a, b)
        except TypeError:
            return np.where(condition, *_promoted((a, b)))

    def greater(self, a: np.ndarray, b: np.ndarray | complex) -> np.ndarray:
        # A Python number costs the ufunc as much again as a small array.
        return np.greater(a, _ZEROS.get(a.dtype, 0) if type(b) is int and b == 0 else b)

    def maximum(self, a: np.ndarray, b: np.ndarray | complex) -> np.ndarray:
        if type(b) is not int or b != 0:
            return np.maximum(a, b)
        # Of -0.0 and 0.0 NumPy takes the second, in float16 the first: relu(-0.0) is 0.0.
        zero = _ZEROS.get(a.dtype, 0)
        return np.maximum(zero, a) if a.dtype is _HALF else np.maximum(a, zero)

    def matmul(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        dtype = a.dtype
        if dtype is not _SINGLE and dtype is not _DOUBLE and WIDER[dtype] is not None:
            return self._narrow_product(a, b)
        if a.ndim == 2 == b.ndim:
            return a.dot(b)                         # the same product, with less to find out
        return np.matmul(a, b)

    def _narrow_product(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """By way of float32, of which BLAS knows products: a hundredth of the time of NumPy's."""
        dtype = result_type(a.dtype, b.dtype)
        found = self.matmul(a.astype(np.float32), b.astype(np.float32))
        return found.astype(dtype, copy=False)

    def sum(self, x: np.ndarray, axis: Axis = None, keepdims: bool = False) -> np.ndarray:
        """Sum over `axis`; float16 and bfloat16 accumulate in float32."""
        dtype = x.dtype
        if x.ndim == 2 and axis is not None and (dtype is _SINGLE or dtype is _DOUBLE):
            if axis == 0 and len(x) <= BLAS_LIMIT:
                total = _ones(len(x), dtype).dot(x)
                return total[None] if keepdims else total
            if axis in (1, -1) and x.shape[1] <= BLAS_LIMIT:
                total = x.dot(_ones(x.shape[1], dtype))
                return total[:, None] if keepdims else total
        if WIDER[dtype] is not None:
            total = _add_reduce(x, axis=axis, dtype=np.float32, keepdims=keepdims)
            return total.astype(dtype)
        return _add_reduce(x, axis=axis, keepdims=keepdims)

    def mean(self, x: np.ndarray, axis: Axis = None, keepdims: bool = False) -> np.ndarray:
        """Mean over `axis`; float16 and bfloat16 accumulate in float32."""
        if WIDER[x.dtype] is not None:
            return self.mean(x.astype(np.float32), axis, keepdims).astype(x.dtype)
        kind = x.dtype.kind
        # A sum of integers could be beyond 64 bits.
        if axis.__class__ is tuple and kind == "f" and are_windows(axis, x.shape):
            total = joined(np.add, x, axis, keepdims=keepdims)
        else:
            total = _add_reduce(x, axis, _DOUBLE if kind in "biu" else None, None, keepdims)
        n = x.size if axis is None else x.size // max(total.size, 1)
        if kind == "c":
            return divide_parts(np.asarray(total), n)
        return total / n

    def max(self, x: np.ndarray, axis: Axis = None, keepdims: bool = False) -> np.ndarray:
        if axis.__class__ is tuple and are_windows(axis, x.shape):
            return joined(np.maximum, x, axis, keepdims=keepdims)
        if is_bfloat16(x.dtype):                    # a thirtieth of the time
            return _max_reduce(x.astype(np.float32), axis=axis, keepdims=keepdims).astype(x.dtype)
        return _max_reduce(x, axis=axis, keepdims=keepdims)

    def min(self, x: np.ndarray, axis: Axis = None, keepdims: bool = False) -> np.ndarray:
        if axis.__class__ is tuple and are_windows(axis, x.shape):
            return joined(np.minimum, x, axis, keepdims=keepdims)
        if is_bfloat16(x.dtype):
            return _min_reduce(x.astype(np.float32), axis=axis, keepdims=keepdims).astype(x.dtype)
        return _min_reduce(x, axis=axis, keepdims=keepdims)

    def euclidean_norm(self, x: np.ndarray, axis: Axis = None, keepdims: bool = False) -> Array:
        """As the standard's, where the sum of squares shows that it must be so."""
        total = self._sum_of_squares(x, axis, keepdims)
        if _is_ordinary(total):
            return np.sqrt(total)
        with np.errstate(all="ignore"):
            return super().euclidean_norm(x, axis, keepdims)

    def unit_vector(self, x: np.ndarray, axis: Axis = None) -> Array:
        total = self._sum_of_squares(x, axis, True)
        if _is_ordinary(total):
            return x / np.sqrt(total)
        with np.errstate(all="ignore"):
            return super().unit_vector(x, axis)

    def prod(self, x: np.ndarray, axis: Axis = None, keepdims: bool = False) -> Array:
        """As the standard's, where the result may come from one that left the range."""
        with np.errstate(all="ignore"):
            found = _multiply_reduce(x, axis=axis, keepdims=keepdims)
            if x.dtype.kind not in "fc" or _in_range(found):
                return found
            return super().prod(x, axis, keepdims)

    def cumulative_prod(
        self, x: np.ndarray, axis: int | None = None, include_initial: bool = False
    ) -> Array:
        with np.errstate(all="ignore"):
            found = np.cumulative_prod(x, axis=axis, include_initial=include_initial)
            if x.dtype.kind not in "fc" or _in_range(found):
                return found
            return super().cumulative_prod(x, axis, include_initial)

    def other_products(self, x: np.ndarray) -> Array:
        with np.errstate(all="ignore"):
            if not _stay_in_range(x):
                return super().other_products(x)
            return self._exclusive(x) * np.flip(self._exclusive(np.flip(x, -1)), -1)

    def cumulative_prod_slope(self, x: np.ndarray, g: np.ndarray) -> Array:
        with np.errstate(all="ignore"):
            if not _stay_in_range(x, g):
                return super().cumulative_prod_slope(x, g)
            total = np.array(np.broadcast_to(g, np.broadcast_shapes(x.shape, g.shape)))
            factor, step = np.zeros_like(x), 1
            factor[..., :-1] = x[..., 1:]
            while step < x.shape[-1]:
                total[..., :-step] += factor[..., :-step] * total[..., step:]
                factor[..., :-step] *= factor[..., step:]
                factor[..., -step:] = 0
                step *= 2
            return total * self._exclusive(x)

    def _exclusive(self, x: np.ndarray) -> np.ndarray:
        return np.cumulative_prod(x, axis=-1, include_initial=True)[..., :-1]

    def below_largest(self, x: np.ndarray, axis: Axis) -> Array:
        return self.below(x, _max_reduce(x, axis, None, None, True))

    def below(self, x: np.ndarray, top: np.ndarray) -> Array:
        if np.isinf(top).any():
            with np.errstate(invalid="ignore"):
                return super().below(x, top)
        return x - top

    def log_of_sum(self, x: np.ndarray, axis: Axis) -> Array:
        total = self.sum(np.exp(x), axis, True)
        # Where one number is almost all of the sum, its logarithm has few digits.
        return super().log_of_sum(x, axis) if (total < 1.5).any() else np.log(total)

    def root_mean_square(self, x: np.ndarray, axis: Axis, eps: float) -> Array:
        with np.errstate(over="ignore"):
            square = self.mean(x * x, axis, True)
        if square.size and square.max() < inf:
            return np.sqrt(square + eps)
        with np.errstate(over="ignore"):
            return super().root_mean_square(x, axis, eps)

    def _sum_of_squares(self, x: np.ndarray, axis: Axis, keepdims: bool) -> np.ndarray:
        with np.errstate(over="ignore", under="ignore"):
            if axis is None and x.size <= BLAS_LIMIT and x.dtype in BITS:
                flat = x.ravel()
                total = flat.dot(flat)
                return total.reshape((1,) * x.ndim) if keepdims else total
            size = np.abs(x) if x.dtype.kind == "c" else x
            return self.sum(size * size, axis, keepdims)

    def sort(
        self, x: np.ndarray, axis: int = -1, descending: bool = False, stable: bool = True
    ) -> np.ndarray:
        return numpy_order.sort(x, axis, descending, stable)

    def argsort(
        self, x: np.ndarray, axis: int = -1, descending: bool = False, stable: bool = True
    ) -> np.ndarray:
        return numpy_order.argsort(x, axis, descending)

    def order_statistics(self, x: np.ndarray, places: Sequence[int], axis: int) -> np.ndarray:
        return numpy_order.order_statistics(x, places, axis)

    def ordered_places(self, x: np.ndarray, places: Sequence[int], axis: int) -> np.ndarray:
        return numpy_order.ordered_places(x, places, axis)

    def inverse_take(self, x: np.ndarray, order: np.ndarray, axis: int) -> np.ndarray:
        return numpy_order.inverse_take(x, order, axis)

    def cumulative_sum(
        self, x: np.ndarray, axis: int | None = None, include_initial: bool = False
    ) -> np.ndarray:
        if include_initial:
            return np.cumulative_sum(x, axis=axis, include_initial=True)
        return x.cumsum(axis)

    def reverse_cumulative_sum(self, x: np.ndarray, axis: int) -> Array:
        if x.dtype.kind not in "fc":                # whose sums have another dtype
            return super().reverse_cumulative_sum(x, axis)
        found = np.empty(x.shape, x.dtype)
        np.flip(x, axis).cumsum(axis, out=np.flip(found, axis))
        return found

    def expand_dims(self, x: np.ndarray, axis: int = 0) -> np.ndarray:
        if type(axis) is int and -1 <= axis <= 0:   # by the way of indexing, a tenth of the time
            return x[None] if axis == 0 else x[..., None]
        return np.expand_dims(x, axis)

    def permute_dims(self, x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
        return x.transpose(axes)

    def reshape(self, x: np.ndarray, shape: int | tuple[int, ...]) -> np.ndarray:
        return x.reshape(shape)

    matrix_transpose: ArrayFunction = staticmethod(attrgetter("mT"))

    def broadcast_to(self, x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        if x.shape == shape:                        # nothing is repeated: the order is kept too
            return _seen(x)
        if prod(shape) <= _FILL_LIMIT:
            filled = np.empty(shape, x.dtype)
            filled[...] = x
            return filled
        return np.broadcast_to(x, shape)

    def unstack(self, x: np.ndarray, axis: int = 0) -> tuple[np.ndarray, ...]:
        """The slices of `x` along `axis`; NumPy has it only from 2.1 on."""
        return tuple(x if type(axis) is int and axis == 0 < x.ndim else np.moveaxis(x, axis, 0))

    def concat(self, arrays: Sequence[Array], axis: int | None = 0) -> np.ndarray:
        try:
            return np.concat(arrays, axis=axis)  # type: ignore[arg-type]  # of NumPy
        except TypeError:
            return np.concat(_promoted(arrays), axis=axis)

    def stack(self, arrays: Sequence[np.ndarray], axis: int = 0) -> np.ndarray:
        if type(axis) is int and axis == 0 and arrays and type(arrays[0]) is np.ndarray:
            dtypes = set(map(_dtype_of, arrays))    # several are promoted two by two in an array
            if arrays[0].ndim < 2 and len(dtypes) == 1:
                try:
                    return np.array(arrays)         # the same, in a third of the time
                except ValueError:                  # their shapes differ, which NumPy says better
                    pass
        try:
            return np.stack(arrays, axis=axis)
        except TypeError:
            return np.stack(_promoted(arrays), axis=axis)

    def stack_in_order(self, arrays: list[np.ndarray], axis: int) -> np.ndarray:
        # Left to itself, NumPy keeps the order that the parts have in memory.
        shape = list(arrays[0].shape)
        shape.insert(axis, len(arrays))
        return np.stack(arrays, axis=axis, out=np.empty(shape, arrays[0].dtype))

    def full_convolution(self, a: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.convolve(a, v)

    def valid_correlation(self, a: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.convolve(a, v[::-1], "valid")

    # Of a large batch, part by part

    def batched_correlation(self, x: np.ndarray, w: np.ndarray, **settings: Any) -> Array:
        parts = correlation.parts(x.shape, w.shape[2:], x.itemsize)
        found = [correlation.batched_correlation(self, x[i], w, **settings) for i in parts]
        return found[0] if len(found) == 1 else self.concat(found, axis=0)

    def correlation_inputs(
        self, g: np.ndarray, w: np.ndarray, *, lengths: Shape, **settings: Any
    ) -> Array:
        shape = (g.shape[0], w.shape[1] * settings["groups"], *lengths)
        found = [
            correlation.correlation_inputs(self, g[i], w, lengths=lengths, **settings)
            for i in correlation.parts(shape, w.shape[2:], g.itemsize)
        ]
        return found[0] if len(found) == 1 else self.concat(found, axis=0)

    def correlation_weights(
        self, x: np.ndarray, g: np.ndarray, *, sizes: Shape, **settings: Any
    ) -> Array:
        first, *others = (
            correlation.correlation_weights(self, x[i], g[i], sizes=sizes, **settings)
            for i in correlation.parts(x.shape, sizes, x.itemsize)
        )
        return sum(others, first)

    def eigh(self, x: np.ndarray, UPLO: str = "L") -> tuple[np.ndarray, np.ndarray]:
        return np.linalg.eigh(x, UPLO)  # type: ignore[call-overload]

    def cholesky(self, x: np.ndarray) -> np.ndarray:
        found = lapack.cholesky(x)
        return np.linalg.cholesky(x) if found is None else found

    def solve_triangular(
        self, a: np.ndarray, b: np.ndarray, lower: bool, unit_diagonal: bool
    ) -> Array:
        """By LAPACK where SciPy is installed and there is no batch."""
        found = lapack.solve_triangular(a, b, lower, unit_diagonal)
        if found is not None:
            return found
        return super().solve_triangular(a, b, lower, unit_diagonal)

    def nll(self, log_probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """`-log_probs[..., label]`, one for each row; a label out of range raises."""
        return -_picked(log_probs, labels)

    def cross_entropy(
        self, logits: np.ndarray, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """As the standard's, in fewer and larger steps."""
        shifted = logits - _max_reduce(logits, -1, None, None, True)
        shares = np.exp(shifted)
        total = self.sum(shares, -1)
        losses = np.log(total)
        losses -= _picked(shifted, labels)
        shares /= total[..., None]
        return losses, shares

    def one_hot(self, labels: np.ndarray, n: int, dtype: DTypeLike) -> np.ndarray:
        if n <= EYE_LIMIT:
            return framed_eye(n, np.dtype(dtype)).take(labels + 1, 0, mode="clip")
        return np.equal(labels[..., None], _range(n)).astype(dtype)

    def add_at(self, owned: np.ndarray, key: Key, x: np.ndarray) -> np.ndarray:
        if is_basic(key):
            owned[key] += x
        elif WIDER[owned.dtype] is not None:
            owned += self.add_at(np.zeros(owned.shape, np.float32), key, x).astype(owned.dtype)
        else:
            np.add.at(owned, key, x)  # type: ignore[arg-type]
        return owned

    def set_at(self, owned: np.ndarray, key: Key, x: np.ndarray) -> np.ndarray:
        owned[key] = x
        return owned

    def shows(self, part: np.ndarray, whole: np.ndarray) -> bool:
        return np.may_share_memory(part, whole)

    def of_parts(self, real: np.ndarray, imag: np.ndarray) -> np.ndarray:
        made = np.empty(real.shape, np.result_type(real, np.complex64))
        made.real, made.imag = real, imag
        return made


_ORDINARY = {_SINGLE: (2.0**-80, 2.0**127), _DOUBLE: (2.0**-900, 2.0**1023)}
"""Sums of squares between which none was lost: each lies above the smallest number by more than the
digits that count.
"""


def _is_ordinary(x: np.ndarray) -> bool:
    """Whether all elements are of a size that rounding did not spoil."""
    least, most = _ORDINARY[x.dtype]
    if x.size == 1:
        return least < float(x.item()) < most
    return bool(x.size and least < x.min() and x.max() < most)


def _stay_in_range(x: np.ndarray, *others: np.ndarray) -> bool:
    """Whether no product of neighbours leaves the range; zeros do not count.

    Neighbours are those along the last axis, and along one of the others.
    """
    if not x.size:
        return True
    size = _nonzero_sizes(x)
    room = 1000.0 if finfo(x.dtype).bits == 64 else 120.0
    room -= sum(_powers_of_two(_nonzero_sizes(other)) for other in others)
    if x.shape[-1] * _powers_of_two(size) < room:   # however they are ordered
        return True
    powers = np.cumsum(np.log2(size), axis=-1)
    spread = np.maximum(powers.max(-1), 0) - np.minimum(powers.min(-1), 0)
    return bool(spread.max() < room)


def _nonzero_sizes(x: np.ndarray) -> np.ndarray:
    size = np.abs(x)
    return np.where(size == 0, size.dtype.type(1), size)


def _powers_of_two(size: np.ndarray) -> float:
    """Between how many powers of two the sizes and 1 lie."""
    return float(max(np.log2(size.max()), 0) - min(np.log2(size.min()), 0))


def _in_range(x: np.ndarray) -> bool:
    """Whether products, which all may be parts of others, are neither 0 nor infinite."""
    if not x.size:
        return True
    size = np.abs(x)
    limits = finfo(x.dtype)
    return bool(limits.tiny <= size.min() and size.max() <= limits.max)


def has_roots(b: np.ndarray) -> bool:
    """Whether an exponent is 0.5, for which NumPy may take the root."""
    return bool(b.item() == 0.5 if b.ndim == 0 else np.count_nonzero(b == 0.5))


def with_roots(a: np.ndarray, b: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`y`, which is `a ** b`, with the powers of -0.0 and -inf that are no roots: 0.0 and inf."""
    if y.dtype.kind != "f":
        return y
    return np.where((b == 0.5) & ((a == 0) | np.isinf(a)), np.abs(a), y)


def has_finite_parts(x: np.ndarray) -> bool:
    """Whether complex numbers are all finite, unless their squares are not."""
    flat = x.ravel()
    parts = flat.view(flat.real.dtype)
    return isfinite(parts.dot(parts))


def divide_parts(owned: np.ndarray, n: int) -> np.ndarray:
    """Complex numbers over `n`, in place: NaN in one part does not spread to the other."""
    for part in (owned.real, owned.imag):           # views
        part /= n
    return owned


def _picked(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`x[..., label]`, one for each row; a label out of range raises."""
    n, count = x.shape[-1], labels.size
    if not count:
        return np.empty(labels.shape, x.dtype)
    try:                                            # the check and the index in one pass
        rows = _range(count) if count <= _RANGE_LIMIT else np.arange(count)
        flat = labels if labels.ndim == 1 else labels.reshape(-1)
        places = np.ravel_multi_index((rows, flat), (count, n))
    except (TypeError, ValueError) as error:
        found = f"have dtype {labels.dtype}"
        if labels.dtype.kind in "biu":
            found = f"go from {labels.min()} to {labels.max()}"
        raise InvalidArgument(
            f"labels {found}, but there are {n} classes: they must be integers from 0 to {n - 1}."
        ) from error
    picked = x.ravel().take(places)
    return picked if labels.ndim == 1 else picked.reshape(labels.shape)


def _promoted(arrays: Sequence[Any]) -> list[np.ndarray]:
    """The arrays in one dtype, where NumPy knows none for bfloat16 and another; else its error."""
    dtype = result_type(*arrays)
    return [np.asarray(x).astype(dtype, copy=False) for x in arrays]


def _selected(condition: np.ndarray, x: np.ndarray) -> np.ndarray:
    """`x` where `condition`, else 0.

    `np.where` branches on each element: on a large random condition it is many times slower than
    the product with a mask, which makes NaN of `inf * 0`. Read as integers, though, the numbers can
    be multiplied: by 1 the bits stay as they are, and by 0 they become those of 0.0.
    """
    if x.size <= _SELECT_LIMIT or x.dtype not in BITS or x.shape != condition.shape:
        return np.where(condition, x, _ZEROS.get(x.dtype, 0))
    return np.multiply(x.view(BITS[x.dtype]), condition).view(x.dtype)


def _paired(n: int, axis: int) -> tuple[slice, ...]:
    """Which elements of half a spectrum of `n` along `axis` stand for two."""
    return (*(slice(None),) * axis, pairs(n))


@lru_cache(maxsize=64)
def _ones(n: int, dtype: DTypeLike) -> np.ndarray:
    ones = np.ones(n, dtype)
    ones.flags.writeable = False
    return ones


@lru_cache(maxsize=64)
def _range(n: int) -> np.ndarray:
    numbers = np.arange(n)
    numbers.flags.writeable = False
    return numbers


@cache
def framed_eye(n: int, dtype: DTypeLike) -> np.ndarray:
    """The unit matrix between two rows of zeros, which stand for labels out of range."""
    return np.eye(n + 2, n, -1, dtype)


@cache
def _one(dtype: DTypeLike) -> np.ndarray:
    one = np.ones((), dtype)
    one.flags.writeable = False
    return one


def _seen(x: np.ndarray) -> np.ndarray:
    """A view of `x` that cannot be written into."""
    view = x[...]
    view.flags.writeable = False
    return view


@cache
def _scalar_dtype(dtypes: tuple[DType, ...], kinds: tuple[type[complex], ...]) -> DType:
    return result_type(*dtypes, *(kind(0) for kind in kinds))


namespace = NumpyNamespace()
