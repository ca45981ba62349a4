"""Namespace: an array library as rules see it, with the extras that the standard does not have.

This class serves any library of the Python Array API standard by composing standard functions;
NumPy and CuPy override what they can do faster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from math import log
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from gpugrad.backends import (
    correlation,
    half_spectra,
    integers,
    ordering,
    parameter_slopes,
    philox,
    product_logarithm,
    scaled_norms,
    scaled_products,
    sliding,
    slopes,
)
from gpugrad.backends.axes import reduced
from gpugrad.backends.batched import Batched, Level
from gpugrad.backends.collectives import Collective
from gpugrad.backends.dtypes import conjugate, is_complex, is_inexact
from gpugrad.backends.expm import expm
from gpugrad.backends.host_calls import HostFunction
from gpugrad.backends.unwritten import Cleared, Indexed
from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.types import (
    Array,
    ArrayFunction,
    Axis,
    BasicKey,
    DType,
    DTypeLike,
    Functions,
    Index,
    Key,
    Library,
    Shape,
    Value,
    View,
)

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from gpugrad.backends.kernels import Kernel

FOURIER = frozenset(("fft_fft", "fft_ifft", "fft_rfft", "fft_irfft"))
"""Functions of the extension `fft`, as they are called here."""

LINEAR_ALGEBRA = frozenset(
    ("cholesky", "det", "eigvalsh", "inv", "matrix_rank", "pinv", "qr", "slogdet", "solve")
) | {"svdvals"}
"""Functions of the extension `linalg`."""

SPECIAL = frozenset(
    """
    beta betainc betaincinv betaln digamma entr erf erfc erfcx erfinv exp1 expi expn gamma gammainc
    gammaincc gammainccinv gammaincinv gammaln i0 i0e i1 i1e iv j0 j1 jv kv log_ndtr logit ndtr
    ndtri xlog1py xlogy y0 y1 yv zeta
    """.split()
)
"""Functions of `scipy.special` and `cupyx.scipy.special`."""


class Namespace(Functions):
    """The functions of an array library, with extras under the same names on every backend.

    `load_kernel` is `None` where hand-written kernels cannot run.
    """

    name = "standard"
    device = "cpu"
    array_type: type | None = None                  # where arrays tell whether they are views
    load_kernel: Callable[..., Kernel] | None = None
    module: Library
    for_device: ClassVar[Callable[[str | None], Namespace]]     # which `select.py` puts here

    def __init__(self, module: ModuleType) -> None:
        own = {name for cls in type(self).__mro__[:-1] for name in vars(cls)}
        # Not by `dir` and `getattr`, which would import the parts of NumPy that are lazy.
        public = {k: v for k, v in vars(module).items() if k[0] != "_" and k not in own}
        vars(self).update(public)
        self.module = cast(Library, module)         # by its functions, whatever it is

    def __getattr__(self, name: str) -> ArrayFunction:
        """A function of an extension of the standard, which is imported now; kept from then on."""
        found: ArrayFunction
        if name in FOURIER:
            found = getattr(self.fourier_transforms(), name.partition("_")[2])
        elif name in LINEAR_ALGEBRA:
            found = getattr(self.module.linalg, name)
        elif name in SPECIAL:
            found = getattr(self.special_functions(), name)
        else:
            raise AttributeError(f"the array namespace of {self.module.__name__} has no {name!r}")
        setattr(self, name, found)
        return found

    def fourier_transforms(self) -> Functions:
        """The module with the Fourier transforms of this library."""
        return self.module.fft

    def special_functions(self) -> Functions:
        """The module with the special functions of this library."""
        raise BackendUnavailable(
            f"special functions are there for NumPy and CuPy, not for {self.module.__name__}."
        )

    def __repr__(self) -> str:
        return f"<Namespace {self.name}>"

    def info(self) -> dict[str, str]:
        """Versions and devices, for `gpugrad info`."""
        return {self.module.__name__: self.module.__version__}

    # Arrays in and out

    def as_array(self, value: Any) -> Array:
        """`value` as an array of this library: 0-d where the library gave a scalar."""
        return self.module.asarray(value)

    def scalar(self, value: Value, dtype: DTypeLike, like: Array) -> Array:
        """A Python number as a 0-d array of `dtype` on the device of `like`."""
        return self.module.asarray(value, dtype=dtype, device=like.device)

    def number(self, value: complex) -> Array:
        """A Python number as a compiled function takes it."""
        return self.module.asarray(value)

    def scalar_dtype(self, arrays: Sequence[Array], numbers: Sequence[Value]) -> DType:
        """The dtype that Python numbers take beside `arrays`: they are weak."""
        return self.module.result_type(*arrays, *numbers)

    def to_numpy(self, x: Array) -> np.ndarray:
        """The values of `x` in host memory."""
        return np.from_dlpack(x)  # type: ignore[arg-type]  # it is of the library

    def from_numpy(self, x: np.ndarray, like: Array) -> Array:
        """A host array as one of this library, on the device of `like`."""
        return self.module.asarray(x, device=like.device)

    def host_call(self, function: HostFunction, *operands: Array) -> tuple[Array, ...]:
        """What a function from outside gives for these."""
        if not function.on_host:
            given: object = function.function(self, *operands, **function.settings)
            parts = given if isinstance(given, tuple | list) else (given,)
            results = tuple(map(self.as_array, parts))
            function.check(operands, results)
            return results
        made = function.call([np.asarray(self.to_numpy(x)) for x in operands])
        if not operands:
            return tuple(self.asarray(y) for y in made)
        return tuple(self.from_numpy(y, operands[0]) for y in made)

    host_effect = host_call                         # which runs as often as the program says

    def communicate(self, x: Array, call: Collective) -> Array:
        """What a collective gives this process, which all others of its world call too."""
        return call.run(self, x)

    def device_of(self, x: Array) -> str:
        """The device of `x` as gpugrad names it: `"cpu"`, `"cuda:0"`."""
        return "cpu"

    def move(self, x: Array, *, device: str, home: str) -> Array:
        """`x`, which is on device `home`, on `device`; between libraries by way of the host."""
        if device == home:
            return x
        target = Namespace.for_device(device)
        return target.receive(x if target is self else self.to_numpy(x), device)

    def receive(self, x: Array, device: str) -> Array:
        """An array of this library or of the host as one of this library on `device`."""
        return self.module.asarray(x, copy=True)

    def copy(self, x: Array) -> Array:
        """An array of its own with the values of `x`."""
        return self.module.asarray(x, copy=True)

    def as_view(self, y: Array, x: Array) -> Array:
        """`y`, which was made of `x`, if it has no memory of its own, as far as that is known."""
        if self.array_type is None or not y.size or self.module.may_share_memory(x, y):
            return y
        raise InvalidArgument(
            f"copy=False: an array of shape {x.shape} and strides "
            f"{getattr(x, 'strides', None)} would have to be "
            f"copied to have shape {y.shape}. Leave copy away."
        )

    def astype(self, x: Array, dtype: DTypeLike) -> Array:
        """`x` with that dtype, which may be NumPy's."""
        if isinstance(dtype, np.dtype | type):
            dtype = getattr(self.module, np.dtype(dtype).name)
        return self.module.astype(x, dtype)

    def to_integer(self, x: Array, dtype: DTypeLike) -> Array:
        """A whole number as one of Python is converted.

        Raises `OverflowError` if it is too large for `dtype`.
        """
        return self.asarray(int(x), dtype=dtype)

    def compared(self, name: str, a: Array, b: Array) -> Array:
        """A comparison of integers of which no one dtype has all, as the library makes it."""
        compare: ArrayFunction = getattr(self, name)
        return compare(a, b)

    def of_integers(self, name: str, *numbers: Array) -> Array:
        """What Python's arithmetic makes of whole numbers (see `integers.py`)."""
        found = integers.compute(name, *numbers)
        wanted = self.module.int64 if type(found) is int else self.module.float64
        return self.asarray(found, dtype=wanted)

    def one(self, like: Array) -> Array:
        """1 as a 0-d array of the dtype and device of `like`; not to be written into."""
        return self.module.ones((), dtype=like.dtype, device=like.device)

    def floating(self, x: Array) -> Array:
        """`x`, or its numbers in the default floating dtype if they are integers or booleans."""
        return x if is_inexact(x.dtype) else self.astype(x, self.module.float64)

    def on(self, device: str) -> AbstractContextManager[object]:
        """Inside, what is made from nothing is made on `device`, which this library serves."""
        return nullcontext()

    def synchronize(self) -> None:
        """Wait until the device has finished what it was given."""

    def quiet(self) -> AbstractContextManager[object]:
        """Silence for warnings about special values, which a reverse sweep meets by design."""
        return nullcontext()

    def noting(self) -> AbstractContextManager[list[str]]:
        """A list of what the library would warn of about special values, in place of warnings."""
        return nullcontext([])

    # Arithmetic that every backend must do alike

    def scale(self, a: Array, d: Array) -> Array:
        """`a * d`, but 0 where `a == 0` and `d` is not finite (see the op of this name)."""
        product = a * d
        return self.where((a == 0) & ~self.isfinite(d), self.zeros_like(product), product)

    def add_into(self, owned: Array, x: Array) -> Array:
        """`owned + x`, written into `owned` where the library can."""
        return self.add(owned, x)

    def power(self, a: Array, b: Array) -> Array:
        """`a ** b`."""
        return self.module.pow(a, b)

    def sigmoid(self, x: Array) -> Array:
        """`1 / (1 + exp(-x))`; nothing overflows."""
        if is_complex(x.dtype):
            return self.tanh(x * 0.5) * 0.5 + 0.5
        e = self.exp(-self.abs(x))
        return self.where(x >= 0, self.ones_like(e), e) / (1 + e)

    def exp2(self, x: Array) -> Array:
        """`2 ** x`."""
        x = self.floating(x)
        return self.power(self.full_like(x, 2), x)

    def logaddexp2(self, x1: Array, x2: Array) -> Array:
        """`log2(2**x1 + 2**x2)`; nothing overflows."""
        apart = self.abs(self.where(x1 == x2, self.zeros_like(x1), x1 - x2))
        return self.maximum(x1, x2) + self.log1p(self.exp(apart * -log(2))) / log(2)

    def fmod(self, x1: Array, x2: Array) -> Array:
        """The rest of a division, with the sign of `x1`."""
        if is_inexact(x1.dtype) or is_inexact(x2.dtype):
            rest = self.remainder(self.abs(x1), self.abs(x2))
            return self.copysign(rest, x1)
        rest = self.remainder(x1, x2)               # the smallest integer has no absolute value
        other = ((rest < 0) != (x1 < 0)) & (rest != 0)
        return self.where(other, rest - x2, rest)

    def softmax(self, x: Array, axis: Axis) -> Array:
        """`exp(x)` divided by its sum along `axis`; nothing overflows."""
        e = self.exp(self.below_largest(x, axis))
        return e / self.sum(e, axis=axis, keepdims=True)

    def below_largest(self, x: Array, axis: Axis) -> Array:
        """`x` less its largest element along `axis`, as in `below`."""
        return self.below(x, self.max(x, axis=axis, keepdims=True))

    def below(self, x: Array, top: Array) -> Array:
        """`x` less `top`, which is the largest of it; infinite elements are equally large."""
        return self.where(x == float("inf"), self.zeros_like(x), x - top)

    def log_of_sum(self, x: Array, axis: Axis) -> Array:
        """`log(sum(exp(x)))` along kept axes, where the largest of `x` is 0, or all are smaller.

        The largest are counted, so that the others are not lost beside them.
        """
        largest = x == 0
        count = self.sum(self.astype(largest, x.dtype), axis=axis, keepdims=True)
        e = self.where(largest, self.zeros_like(x), self.exp(x))
        rest = self.sum(e, axis=axis, keepdims=True)
        none, one = count == 0, self.ones_like(count)
        count = self.where(none, one, count)
        found = self.log(count) + self.log1p(rest / count)
        return self.where(none, self.log(self.where(none, rest, one)), found)

    def nll(self, log_probs: Array, labels: Array) -> Array:
        """`-log_probs[..., label]`, one for each row; a label out of range gives NaN."""
        hit = self.expand_dims(labels, axis=-1) == self.arange(
            log_probs.shape[-1], dtype=labels.dtype, device=log_probs.device
        )
        picked = self.sum(self.where(hit, -log_probs, self.zeros_like(log_probs)), axis=-1)
        missing = self.full_like(picked, float("nan"))
        return self.where(self.any(hit, axis=-1), picked, missing)

    def one_hot(self, labels: Array, n: int, dtype: DTypeLike) -> Array:
        """Rows of length `n`, 1 at their label and 0 elsewhere; all 0 for one out of range."""
        hit = self.expand_dims(labels, axis=-1) == self.arange(
            n, dtype=labels.dtype, device=labels.device
        )
        return self.astype(hit, dtype)

    def cross_entropy(self, logits: Array, labels: Array) -> tuple[Array, Array]:
        """Cross entropy of the softmax along the last axis with integer labels, and the softmax."""
        shifted = logits - self.max(logits, axis=-1, keepdims=True)
        e = self.exp(shifted)
        total = self.sum(e, axis=-1)
        losses = self.log(total) + self.nll(shifted, labels)
        return losses, e / self.expand_dims(total, axis=-1)

    def cross_entropy_vjp(self, g: Array, softmax: Array, labels: Array) -> Array:
        """That of the logits, `g * (softmax - one_hot(labels))`, for `g` of the losses."""
        hot = self.one_hot(labels, softmax.shape[-1], softmax.dtype)
        return self.scale(self.expand_dims(g, axis=-1), softmax - hot)

    asin_slope, atan2_slope = slopes.asin_slope, slopes.atan2_slope
    hypot_slope, log_ndtr_slope = slopes.hypot_slope, slopes.log_ndtr_slope
    power_slope, tanh_slope = slopes.power_slope, slopes.tanh_slope
    ndtri_slope, sinc_derivative = slopes.ndtri_slope, slopes.sinc_derivative

    # Into a batch and out of it

    def batch_enter(self, x: Array, level: Level, axis: int) -> Array:
        """One part of `x`, whose parts lie along `axis`, for all parts at once."""
        order = (axis, *(i for i in range(len(x.shape)) if i != axis))
        return Batched(self.permute_dims(x, order), level)

    def batch_leave(self, x: Array, level: Level, axis: int) -> Array:
        """All parts along `axis`; here `x` is the same for all."""
        shape = (*x.shape[:axis], level.n, *x.shape[axis:])
        return self.broadcast_to(self.expand_dims(x, axis=axis), shape)

    def batch_spread(self, x: Array, level: Level) -> Array:
        """The part of a batch whose parts are all `x`."""
        return Batched(self.expand_dims(x, axis=0), level)

    def batch_sum(self, x: Array, level: Level) -> Array:
        """The sum of all parts; here `x` is the same for all."""
        return x * level.n

    # Norms and products

    euclidean_norm, unit_vector = scaled_norms.euclidean_norm, scaled_norms.unit_vector
    root_mean_square = scaled_norms.root_mean_square
    cumulative_prod_slope = scaled_products.cumulative_prod_slope
    other_products = scaled_products.other_products

    # Fourier transforms of real numbers

    fft_rfft_transposed = half_spectra.fft_rfft_transposed
    fft_irfft_transposed = half_spectra.fft_irfft_transposed

    # Order

    order_statistics, ordered_places = ordering.order_statistics, ordering.ordered_places
    inverse_take = ordering.inverse_take

    def reverse_cumulative_sum(self, x: Array, axis: int) -> Array:
        """The sums of each element and all behind it along `axis`."""
        return self.flip(self.cumulative_sum(self.flip(x, axis=axis), axis=axis), axis=axis)

    # Products and sums so far

    def prod(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        """The product along `axis`; floating ones are in range where their result is."""
        if is_inexact(x.dtype):
            return scaled_products.prod(self, x, axis, keepdims)
        return self.module.prod(x, axis=reduced(axis, len(x.shape)), keepdims=keepdims)

    def cumulative_prod(
        self, x: Array, axis: int | None = None, include_initial: bool = False
    ) -> Array:
        """The products up to each element along `axis`, as `prod` has them."""
        if is_inexact(x.dtype):
            return scaled_products.cumulative_prod(self, x, axis, include_initial)
        return self.module.cumulative_prod(x, axis=axis, include_initial=include_initial)

    # Matrices

    def svd(self, x: Array) -> tuple[Array, Array, Array]:
        """The singular value decomposition, with as many columns as the shorter side is long."""
        u, s, vh = self.module.linalg.svd(x, full_matrices=False)
        return u, s, vh

    def full_svd(self, x: Array) -> tuple[Array, Array, Array]:
        """The singular value decomposition with square matrices."""
        u, s, vh = self.module.linalg.svd(x, full_matrices=True)
        return u, s, vh

    def complete_qr(self, x: Array) -> tuple[Array, Array]:
        """The QR decomposition with a square matrix."""
        q, r = self.module.linalg.qr(x, mode="complete")
        return q, r

    def eigh(self, x: Array, UPLO: str = "L") -> tuple[Array, Array]:
        """Eigenvalues and eigenvectors, of the triangle that is named: the standard names none."""
        turned = self.conj(self.matrix_transpose(x)) if UPLO == "U" else x
        return self.module.linalg.eigh(turned)

    def eig(self, x: Array) -> tuple[Array, Array]:
        """Eigenvalues and eigenvectors, as complex numbers also where all are real."""
        values, vectors = self.module.linalg.eig(x)
        return self._as_complex(values), self._as_complex(vectors)

    def eigvals(self, x: Array) -> Array:
        """Eigenvalues, as complex numbers also where all are real."""
        return self._as_complex(self.module.linalg.eigvals(x))

    def _as_complex(self, x: Array) -> Array:
        return self.astype(x, self.module.result_type(x.dtype, self.module.complex64))

    def cofactor(self, x: Array) -> Array:
        """The slope of the determinant, also of singular matrices.

        With `x = u s vh`, that is det(u) det(vh) times `u s' vh`, where each of `s'` is the product
        of all other singular values.
        """
        u, s, vh = self.svd(x)
        n = s.shape[-1]
        rows = self.broadcast_to(self.expand_dims(s, axis=-2), (*s.shape, n))
        others = self.where(self.one_hot(self.arange(n), n, s.dtype) == 1, self.one(s), rows)
        slopes = self.astype(self.prod(others, axis=-1), u.dtype)
        turn = self.expand_dims(self.expand_dims(self.det(u) * self.det(vh), axis=-1), axis=-1)
        found = self.matmul(u * self.expand_dims(slopes, axis=-2), vh)
        return (self.conj(found) if is_complex(x.dtype) else found) * turn

    def cofactor_slope(self, x: Array, direction: Array) -> Array:
        """The slope of the cofactor along a direction, also at singular matrices.

        With `x = u s vh` and the direction `u e vh`, that is det(u) det(vh) times `u d vh`, where
        with p[i, j] the product of all singular values but two, d = diag(p @ diag(e)) - p * e.mT.
        """
        u, s, vh = self.svd(x)
        n = s.shape[-1]
        uh, v = (conjugate(self.matrix_transpose(part), self) for part in (u, vh))
        inner = self.matmul(uh, self.matmul(direction, v))
        eye = self.one_hot(self.arange(n), n, inner.dtype)
        pairs = self.astype(self._all_but_two(s), inner.dtype)
        along = self.sum(pairs * self.sum(inner * eye, axis=-2, keepdims=True), axis=-1)
        d = self.expand_dims(along, axis=-1) * eye - pairs * self.matrix_transpose(inner)
        turn = self.expand_dims(self.expand_dims(self.det(u) * self.det(vh), axis=-1), axis=-1)
        return self.matmul(conjugate(u, self), self.matmul(d, conjugate(vh, self))) * turn

    def _all_but_two(self, s: Array) -> Array:
        """The products of all numbers but two, in a matrix whose diagonal is 0."""
        n = s.shape[-1]
        place = self.arange(n)
        later = place > self.expand_dims(place, axis=-1)
        row, column = self.expand_dims(s, axis=-2), self.expand_dims(s, axis=-1)
        between = self._exclusive(self.where(later, row, self.ones_like(row)))
        before = self._exclusive(s)
        behind = self.flip(self._exclusive(self.flip(s, axis=-1)), axis=-1)
        ends = self.expand_dims(before, axis=-1) * self.expand_dims(behind, axis=-2)
        half = self.where(later, ends * between, self.zeros_like(row * column))
        return half + self.matrix_transpose(half)

    def _exclusive(self, x: Array) -> Array:
        """The products of all numbers before each along the last axis."""
        products = self.cumulative_prod(x, axis=-1, include_initial=True)
        return self.getitem(products, (..., slice(0, x.shape[-1])))

    expm = expm

    def polar_factor(self, x: Array) -> Array:
        """The matrix nearest to `x` with orthonormal columns or rows."""
        u, _, vh = self.svd(x)
        return self.matmul(u, vh)

    def solve_triangular(self, a: Array, b: Array, lower: bool, unit_diagonal: bool) -> Array:
        """The solution `x` of `a @ x = b`, where of `a` only one triangle counts."""
        first = int(unit_diagonal)
        a = self.tril(a, k=-first) if lower else self.triu(a, k=first)
        if unit_diagonal:
            a = a + self.one_hot(self.arange(a.shape[-1]), a.shape[-1], a.dtype)
        return self.solve(a, b)

    def gammainc_slope(self, a: Array, x: Array) -> Array:
        """The derivative of `gammainc` in its parameter."""
        return parameter_slopes.gammainc_slope(self, a, x)

    def betainc_slope(self, a: Array, b: Array, x: Array) -> Array:
        """The derivative of `betainc` in its first parameter."""
        return parameter_slopes.betainc_slope(self, a, b, x)

    def lambertw(self, x: Array, k: int) -> Array:
        """A branch of the inverse of `w * exp(w)`; of real `x`, NaN where it is complex."""
        if is_complex(x.dtype):
            return self.complex_lambertw(x, k)
        return product_logarithm.real(self, x, k)

    def complex_lambertw(self, x: Array, k: int) -> Array:
        """A branch of the inverse of `w * exp(w)` for complex `x`."""
        return self.special_functions().lambertw(x, k)

    def polygamma(self, x: Array, n: int) -> Array:
        """Derivative number `n` of the digamma function."""
        return self.special_functions().polygamma(n, x)

    # Along an axis

    def stack_in_order(self, arrays: Sequence[Array], axis: int) -> Array:
        """`stack` with a result that is contiguous where the library leaves that open."""
        return self.stack(arrays, axis=axis)

    windows, overlap_add = sliding.windows, sliding.overlap_add
    full_convolution, valid_correlation = sliding.full_convolution, sliding.valid_correlation
    batched_correlation = correlation.batched_correlation
    biased_correlation = correlation.biased_correlation
    correlation_inputs = correlation.correlation_inputs
    correlation_weights = correlation.correlation_weights

    # Random numbers, the same on every backend

    def random_bits(self, key: Array, shape: Shape) -> Array:
        """Random words of 32 bits from a key, as `uint32`; from keys (..., 2), (..., *shape)."""
        return self.from_numpy(philox.bits(self.to_numpy(key), shape), key)

    def random_uniform(
        self, key: Array, shape: Shape, dtype: DTypeLike, low: float, high: float
    ) -> Array:
        """The same as numbers from `low` on and below `high`, as `float32` or `float64`."""
        return self.from_numpy(philox.uniform(self.to_numpy(key), shape, dtype, low, high), key)

    # Indexing

    def getitem(self, x: Array, key: Key) -> Array:
        """`x[key]`."""
        return x[key]  # type: ignore[index, no-any-return]  # it has values: this is the library

    def add_at(self, owned: Array, key: Key, x: Array) -> Array:
        """`owned` with `x` added at `key`; repeated indices add up."""
        host = self.to_numpy(owned).copy()
        np.add.at(host, self._host_key(key), self.to_numpy(x))
        return self.from_numpy(host, owned)

    def set_at(self, owned: Array, key: Key, x: Array | complex) -> Array:
        """`owned` with `x` written at `key`; of repeated indices the last wins."""
        host = self.to_numpy(owned).copy()
        host[self._host_key(key)] = (
            x if isinstance(x, bool | int | float | complex) else self.to_numpy(x)
        )
        return self.from_numpy(host, owned)

    def add_along_axis(
        self, x: Array, indices: Array, axis: int, shape: Shape
    ) -> Array:
        """Zeros of `shape` with `x` added at `indices` along `axis`.

        Of other axes of length 1, all goes to the one place.
        """
        key = [
            self.reshape(
                self.zeros(1, dtype=self.int64) if shape[i] == 1 else self.arange(n),
                (*(1,) * i, -1, *(1,) * (len(shape) - i - 1)),
            )
            for i, n in enumerate(x.shape)
        ]
        key[axis % len(shape)] = self.broadcast_to(indices, x.shape)
        return self.add_at(self.zeros(shape, dtype=x.dtype), tuple(key), x)

    def _host_key(self, key: Key | Index) -> Any:
        if isinstance(key, tuple):
            return tuple(self._host_key(part) for part in key)
        return self.to_numpy(key) if hasattr(key, "__dlpack__") else key  # type: ignore[arg-type]

    def scatter_add(self, g: Array, key: Key, shape: Shape) -> Array | Indexed:
        """The cotangent of an indexed operand of that shape, not yet written out."""
        return Indexed(g, key, shape)

    def clear_at(self, g: Array, key: Key) -> Array | Cleared:
        """`g` with zeros at `key`, not yet written out."""
        return Cleared(g, key)

    def reshape(self, x: Array, shape: int | Shape) -> Array:
        """The elements of `x`, in order, in another shape."""
        return self.module.reshape(x, (shape,) if isinstance(shape, int) else tuple(shape))

    # Through views. Each is a primitive and its argument, as `("permute_dims", (1, 0))`

    def viewed(self, x: Array, views: tuple[View, ...]) -> Array:
        """What is seen of `x` through `views`, the first one first."""
        for name, *args in views:
            x = getattr(self, name)(x, *args)
        return x

    def write_in_view(self, owned: Array, views: tuple[View, ...], key: Key, value: Value) -> Array:
        """`owned` with `value` written at `key` of what is seen through `views`."""
        parts = [owned]
        for view in views:
            parts.append(self.viewed(parts[-1], (view,)))
        changed = self.set_at(parts[-1], key, value)
        for view, whole, part in zip(views[::-1], parts[-2::-1], parts[:0:-1], strict=True):
            if self.shows(part, whole) and changed is part:
                changed = whole                     # which was written to already
            else:
                changed = self._put_back(view, whole, changed)
        return changed

    def shows(self, part: Array, whole: Array) -> bool:
        """Whether `part`, seen of `whole`, is in the same memory, as far as that is known."""
        return False

    def _put_back(self, view: View, whole: Array, part: Array) -> Array:
        """`whole` with `part` in the place of what is seen of it through one view."""
        if view[0] == "getitem":
            return self.set_at(whole, view[1], part)
        if view[0] == "permute_dims":
            axes = view[1]
            return self.permute_dims(part, tuple(axes.index(i) for i in range(len(axes))))
        if view[0] == "reshape":
            return self.reshape(part, tuple(whole.shape))
        if view[0] == "real":
            return self.of_parts(part, self.imag(whole))
        return self.of_parts(self.real(whole), part)

    def of_parts(self, real: Array, imag: Array) -> Array:
        """Complex numbers of these parts, which may be infinite or NaN."""
        real, imag = self.to_numpy(real), self.to_numpy(imag)
        made = np.empty(real.shape, np.result_type(real, np.complex64))
        made.real, made.imag = real, imag
        return self.module.asarray(made)

    def clear_in_view(self, g: Array, key: Key, *, views: tuple[View, ...]) -> Array | Cleared:
        """`g` with zeros at `key` of what is seen through `views`, not yet written out."""
        return Cleared(g, key, views)


_BASIC = frozenset((int, slice, type(None), type(...)))


def is_basic(key: tuple[object, ...]) -> TypeIs[BasicKey]:
    """Whether an index key holds no arrays, so that it names no element twice."""
    return _BASIC.issuperset(map(type, key))
