"""CuPy as a namespace. CuPy is imported when the namespace is first asked for, never before."""

# mypy: disable-error-code="override"
# Its functions are given arrays of CuPy alone, because a namespace is found by their type.

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from math import factorial, inf, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gpugrad.backends import cupy_special, devices, kernels, philox
from gpugrad.backends.axes import reduced
from gpugrad.backends.collectives import VARY, Collective
from gpugrad.backends.dtypes import WIDER, is_bfloat16, isdtype, kind_of, result_type
from gpugrad.backends.numpy import divide_parts
from gpugrad.backends.process_settings import is_deterministic
from gpugrad.backends.standard import SPECIAL, Namespace
from gpugrad.errors import InvalidArgument
from gpugrad.types import Array, ArrayFunction, Axis, DType, Functions, Key, Shape, Value

if TYPE_CHECKING:
    import cupy

_KERNEL_DTYPES = (np.dtype("float32"), np.dtype("float64"))
_LABEL = np.dtype("int64")

LONG = 4096
"""Elements of the shorter vector beyond which a convolution is made by Fourier transforms."""

BEYOND = 171
"""The first number whose factorial is out of range."""

REDUCTIONS = "all any argmax argmin count_nonzero max min var".split()
"""Those that CuPy has as they are, but for arrays without axes."""

_CONVOLVE = """
long long k = i + first;
long long begin = k < m ? 0 : k - m + 1, end = k < n ? k + 1 : n;
T sum = T(0);
for (long long j = begin; j < end; ++j) sum += a[j] * v[k - j];
y = sum;
"""

_DIVIDE = """
typedef typename T::value_type real;
const real re = b.real(), im = b.imag();
if (re == 0 && im == 0) {
    y = T(a.real() / abs(re), a.imag() / abs(re));
} else if (abs(re) >= abs(im)) {
    const real ratio = im / re, scale = real(1) / (re + im * ratio);
    y = T((a.real() + a.imag() * ratio) * scale, (a.imag() - a.real() * ratio) * scale);
} else {
    const real ratio = re / im, scale = real(1) / (im + re * ratio);
    y = T((a.real() * ratio + a.imag()) * scale, (a.imag() * ratio - a.real()) * scale);
}
"""
"""Of complex numbers as NumPy divides them. CuPy finds NaN for a number over an infinite one."""

_FORMULAS = {
    "_scale": ("T a, T d", "y = (a == T(0) && !isfinite(d)) ? T(0) : a * d"),
    "_sigmoid": (
        "T x", "T e = exp(x < T(0) ? x : -x); y = (x < T(0) ? e : T(1)) / (T(1) + e)"
    ),
    "_below": ("T x, T top", "y = (isinf(x) && x > T(0)) ? T(0) : x - top"),
    "_sign": ("T x", "y = x > T(0) ? T(1) : x < T(0) ? T(-1) : x == x ? T(0) : x"),
    # CuPy's own two take the rounded quotient for the true one: 2 // 0.2 is 9.
    "_remainder": (
        "T a, T b",
        "T rest = fmod(a, b); "
        "y = rest == T(0) ? copysign(T(0), b) : (b < T(0)) != (rest < T(0)) ? rest + b : rest",
    ),
    "_floor_divide": (
        "T a, T b",
        "T rest = fmod(a, b), whole = (a - rest) / b; "
        "if (rest != T(0) && (b < T(0)) != (rest < T(0))) whole -= T(1); "
        "T low = floor(whole); "
        "y = b == T(0) ? a / b : whole == T(0) ? copysign(T(0), a / b) : "
        "whole - low > T(0.5) ? low + T(1) : low",
    ),
}  # fmt: skip
"""Functions of one elementwise kernel: parameters, and what `y` is."""


class CupyNamespace(Namespace):
    """CuPy on its current device."""

    name = "cupy"
    load_kernel = staticmethod(kernels.load)

    def __init__(self) -> None:
        import array_api_compat.cupy as compat
        import cupy

        super().__init__(compat)
        self.cupy = cupy
        self.array_type = cupy.ndarray
        self.isdtype, self.result_type = isdtype, result_type
        vars(self).update(exp2=cupy.exp2, fmod=cupy.fmod, logaddexp2=cupy.logaddexp2)
        for name in REDUCTIONS:
            setattr(self, name, _of_any_rank(getattr(self, name)))
        for name, (parameters, formula) in _FORMULAS.items():
            kernel = cupy.ElementwiseKernel(parameters, "T y", formula, f"gpugrad{name}")
            setattr(self, name, kernel)
        self._divide = cupy.ElementwiseKernel("T a, T b", "T y", _DIVIDE, "gpugrad_divide")
        self._one_hot = cupy.ElementwiseKernel(
            "raw L labels, int64 n", "T y", "y = labels[i / n] == i % n", "gpugrad_one_hot"
        )
        self._to_logits = cupy.ElementwiseKernel(
            "T g, T p, raw L labels, int64 n",
            "T y",
            "T d = p - T(labels[i / n] == i % n); y = (g == T(0) && !isfinite(d)) ? T(0) : g * d",
            "gpugrad_to_logits",
        )
        self._convolve = cupy.ElementwiseKernel(
            "raw T a, raw T v, int64 first, int64 n, int64 m", "T y", _CONVOLVE, "gpugrad_convolve"
        )

    def __getattr__(self, name: str) -> ArrayFunction:
        if name not in SPECIAL:
            return super().__getattr__(name)
        found = cupy_special.function(name, self.cupy)
        setattr(self, name, found)
        return found

    def special_functions(self) -> Functions:
        import cupyx.scipy.special

        functions: Functions = cupyx.scipy.special
        return functions

    @property
    def device(self) -> str:                         # the current device can change
        return f"cuda:{self.cupy.cuda.Device().id}"

    def info(self) -> dict[str, str]:
        runtime = self.cupy.cuda.runtime
        found = {"CuPy": self.cupy.__version__, "CUDA": str(runtime.runtimeGetVersion())}
        for number in range(runtime.getDeviceCount()):
            found[f"cuda:{number}"] = runtime.getDeviceProperties(number)["name"].decode()
        return found

    def as_array(self, value: Array) -> cupy.ndarray:
        return value if type(value) is self.cupy.ndarray else self.cupy.asarray(value)

    def scalar(self, value: complex, dtype: DType, like: cupy.ndarray) -> cupy.ndarray:
        return self.as_operand(value, dtype)

    def as_operand(self, value: complex, dtype: DType) -> object:
        """A number beside arrays.

        A NumPy scalar goes into the launch by value, without a copy to the device.
        """
        return np.dtype(dtype).type(value)

    def number(self, value: complex) -> cupy.ndarray:
        return np.asarray(value)[()]                # on the host, which may go on at once

    def scalar_dtype(self, arrays: list[cupy.ndarray], numbers: list[complex]) -> object:
        return result_type(*(a.dtype for a in arrays), *numbers)

    def eigh(self, x: cupy.ndarray, UPLO: str = "L") -> object:
        return self.module.linalg.eigh(x, UPLO=UPLO)

    def to_numpy(self, x: cupy.ndarray) -> object:
        return self.cupy.asnumpy(x)

    def from_numpy(self, x: Array, like: cupy.ndarray) -> cupy.ndarray:
        with like.device:
            return self.cupy.asarray(x)

    def communicate(self, x: cupy.ndarray, call: Collective) -> cupy.ndarray:
        if call.kind == VARY:
            return x
        with x.device:
            x = x if x.flags.c_contiguous else x.copy(order="C")
            carrier = call.world.on_gpus()
            if carrier is None:                     # MPI must be given no array of a GPU
                return self.cupy.asarray(call.world.carry(call, self._on_host(x)))
            call.world.agree(call, x.dtype, x.shape)
            y = self.cupy.empty(call.made_of(x.shape), x.dtype)
            call.world.noting(call, x.dtype, x.shape)()
            carrier.launches(call, x, y)()
            return y

    def _on_host(self, x: cupy.ndarray) -> np.ndarray:
        """A copy in pinned memory, when the current stream has made it."""
        import cupyx

        if not x.size:
            return np.empty(x.shape, x.dtype)
        host: np.ndarray = cupyx.empty_pinned(x.shape, x.dtype)
        x.get(out=host)
        return host

    def on(self, device: str | None) -> AbstractContextManager[object]:
        number = (device or "").partition(":")[2]
        if not number:
            return nullcontext()
        count = self.cupy.cuda.runtime.getDeviceCount()
        if int(number) >= count:
            there = ", ".join(f"cuda:{i}" for i in range(count))
            raise InvalidArgument(f"device {device!r} is not there; there are {there}.")
        inside: AbstractContextManager[object] = self.cupy.cuda.Device(int(number))
        return inside

    def receive(self, x: cupy.ndarray, device: str) -> cupy.ndarray:
        with self.on(device):
            if type(x) is not self.cupy.ndarray or x.device == self.cupy.cuda.Device():
                return self.cupy.asarray(x)
            return self._from_another_device(x)

    def _from_another_device(self, x: cupy.ndarray) -> cupy.ndarray:
        """The copy waits for what is made there, and what comes next there for the copy."""
        here = self.cupy.cuda.get_current_stream()
        with x.device:
            there = self.cupy.cuda.get_current_stream()
            made = there.record()
        here.wait_event(made)
        copied = self.cupy.array(x)
        done = here.record()
        with x.device:
            there.wait_event(done)
        return copied

    def device_of(self, x: cupy.ndarray) -> str:
        return f"cuda:{x.device.id}"

    def copy(self, x: cupy.ndarray) -> cupy.ndarray:
        if devices.several:
            with x.device:
                return self.cupy.array(x)
        return self.cupy.array(x)

    def astype(self, x: cupy.ndarray, dtype: DType) -> cupy.ndarray:
        return x.astype(dtype)

    def one(self, like: cupy.ndarray) -> cupy.ndarray:
        return self.cupy.ones((), like.dtype)

    def synchronize(self) -> None:
        self.cupy.cuda.get_current_stream().synchronize()

    # What array-api-compat has, without the calls around CuPy's

    def matmul(self, a: cupy.ndarray, b: cupy.ndarray) -> cupy.ndarray:
        return a.dot(b) if a.ndim == 2 == b.ndim else self.cupy.matmul(a, b)

    def matrix_transpose(self, x: cupy.ndarray) -> cupy.ndarray:
        return x.mT

    def permute_dims(self, x: cupy.ndarray, axes: tuple[int, ...]) -> cupy.ndarray:
        if len(axes) != x.ndim:                     # CuPy takes none for all in reverse
            raise InvalidArgument(
                f"axes={axes} for an array of {x.ndim} axes; expected each of them once."
            )
        return x.transpose(axes)

    def reshape(self, x: cupy.ndarray, shape: Shape, copy: bool | None = None) -> cupy.ndarray:
        return x.reshape(shape) if copy is None else self.module.reshape(x, shape, copy=copy)

    def scale(self, a: cupy.ndarray, d: cupy.ndarray) -> cupy.ndarray:
        if a.dtype == d.dtype and a.dtype in _KERNEL_DTYPES:
            return self._scale(a, d)
        return super().scale(a, d)

    def below(self, x: cupy.ndarray, top: cupy.ndarray) -> cupy.ndarray:
        return self._below(x, top) if x.dtype in _KERNEL_DTYPES else super().below(x, top)

    def sigmoid(self, x: cupy.ndarray) -> cupy.ndarray:
        return self._sigmoid(x) if x.dtype in _KERNEL_DTYPES else super().sigmoid(x)

    def sign(self, x: cupy.ndarray) -> cupy.ndarray:
        """The sign of `x`; array-api-compat's looks for NaN in a way that waits for the device."""
        if x.dtype in _KERNEL_DTYPES:
            return self._sign(x)
        return self._complex_sign(x) if x.dtype.kind == "c" else self.cupy.sign(x)

    def divide(self, a: cupy.ndarray, b: cupy.ndarray) -> cupy.ndarray:
        if not (_is_complex(a) or _is_complex(b)):
            return self.cupy.divide(a, b)
        dtype = result_type(*(getattr(x, "dtype", x) for x in (a, b)))
        return self._divide(*(
            x.astype(dtype, copy=False) if hasattr(x, "dtype") else dtype.type(x) for x in (a, b)
        ))

    def reciprocal(self, x: cupy.ndarray) -> cupy.ndarray:
        return self.divide(1, x) if _is_complex(x) else self.cupy.reciprocal(x)

    def remainder(self, a: cupy.ndarray, b: cupy.ndarray) -> cupy.ndarray:
        return self._divided("remainder", a, b)

    def floor_divide(self, a: cupy.ndarray, b: cupy.ndarray) -> cupy.ndarray:
        return self._divided("floor_divide", a, b)

    def _divided(self, name: str, a: cupy.ndarray, b: cupy.ndarray) -> cupy.ndarray:
        dtype = result_type(*(getattr(x, "dtype", x) for x in (a, b)))
        if kind_of(dtype) != "f":
            return getattr(self.cupy, name)(a, b)
        wide = WIDER[dtype] or dtype
        a, b = (
            x.astype(wide, copy=False) if hasattr(x, "dtype") else wide.type(x) for x in (a, b)
        )
        return getattr(self, f"_{name}")(a, b).astype(dtype, copy=False)

    def _complex_sign(self, x: cupy.ndarray) -> cupy.ndarray:
        cupy = self.cupy
        infinite = [cupy.isinf(part) for part in (x.real, x.imag)]
        real, imag = (
            cupy.where(far, self.sign(part), part.dtype.type(0))
            for far, part in zip(infinite, (x.real, x.imag), strict=True)
        )
        size = cupy.absolute(x)
        finite = cupy.where(size == 0, x, x / size)
        return cupy.where(cupy.logical_xor(*infinite), real + imag * 1j, finite)

    def one_hot(self, labels: cupy.ndarray, n: int, dtype: DType) -> cupy.ndarray:
        hot = self.cupy.empty((*labels.shape, n), dtype)
        return self._one_hot(labels, n, hot) if hot.size else hot

    def cross_entropy(
        self, logits: cupy.ndarray, labels: cupy.ndarray
    ) -> tuple[cupy.ndarray, cupy.ndarray]:
        if logits.dtype not in _KERNEL_DTYPES or not logits.size:
            return super().cross_entropy(logits, labels)
        cupy = self.cupy
        x, columns = cupy.ascontiguousarray(logits), logits.shape[-1]
        losses = cupy.empty(labels.shape, x.dtype)
        softmax = cupy.empty(x.shape, x.dtype)
        rows = losses.size
        kernel = kernels.load_functions("cross_entropy")[x.dtype]
        wide = cupy.ascontiguousarray(labels.astype(_LABEL, copy=False))
        sizes = (np.int64(rows), np.int64(columns))
        kernel((min(-(-rows // 8), 4096),), (256,), (x, wide, losses, softmax, *sizes))
        return losses, softmax

    def cross_entropy_vjp(
        self, g: cupy.ndarray, softmax: cupy.ndarray, labels: cupy.ndarray
    ) -> cupy.ndarray:
        if softmax.dtype in _KERNEL_DTYPES and g.dtype == softmax.dtype and softmax.size:
            return self._to_logits(g[..., None], softmax, labels, softmax.shape[-1])
        return super().cross_entropy_vjp(g, softmax, labels)

    def stack(self, arrays: Sequence[cupy.ndarray], axis: int = 0) -> cupy.ndarray:
        """Of numbers too, which CuPy's own takes as 0-d arrays alone."""
        return self.cupy.stack([self.cupy.asarray(x) for x in arrays], axis=axis)

    def add_into(self, owned: cupy.ndarray, x: cupy.ndarray) -> cupy.ndarray:
        return self.cupy.add(owned, x, out=owned)

    def power(self, a: cupy.ndarray, b: cupy.ndarray) -> cupy.ndarray:
        return self.cupy.power(a, b)

    def where(self, condition: cupy.ndarray, a: Any, b: Any) -> cupy.ndarray:
        """CuPy's own, which gives float32 for bfloat16."""
        found = self.cupy.where(condition, a, b)
        given = [x for x in (a, b) if is_bfloat16(getattr(x, "dtype", None))]
        return found.astype(result_type(a, b), copy=False) if given else found

    def sum(self, x: cupy.ndarray, axis: Axis = None, keepdims: bool = False) -> cupy.ndarray:
        """Sum over `axis`; float16 and bfloat16 accumulate in float32, as CUB would not."""
        axis = axis if x.ndim else reduced(axis, 0)
        wider = WIDER[x.dtype]
        if wider is None:
            return x.sum(axis=axis, keepdims=keepdims)
        return x.sum(axis=axis, dtype=wider, keepdims=keepdims).astype(x.dtype)

    def mean(self, x: cupy.ndarray, axis: Axis = None, keepdims: bool = False) -> cupy.ndarray:
        axis = axis if x.ndim else reduced(axis, 0)
        if x.dtype.kind != "c":
            return x.mean(axis=axis, keepdims=keepdims)
        total = self.sum(x, axis, keepdims)
        return divide_parts(total, x.size // max(total.size, 1))

    def full_convolution(self, a: cupy.ndarray, v: cupy.ndarray) -> cupy.ndarray:
        return self._convolution(a, v, 0, a.size + v.size - 1)

    def valid_correlation(self, a: cupy.ndarray, v: cupy.ndarray) -> cupy.ndarray:
        return self._convolution(a, v[::-1], v.size - 1, a.size - v.size + 1)

    def _convolution(
        self, a: cupy.ndarray, v: cupy.ndarray, first: int, count: int
    ) -> cupy.ndarray:
        """`count` sums of the convolution of two vectors, from number `first` on.

        CuPy takes Fourier transforms for floating ones of any length, in which one NaN is in every
        sum, and small ones are lost beside large ones.
        """
        dtype = result_type(a.dtype, v.dtype)
        wide = WIDER[dtype] or dtype
        a, v = (x.astype(wide, copy=False) for x in (a, v))     # CuPy's takes the lesser
        if dtype.kind == "b" or min(a.size, v.size) > LONG:
            return self.cupy.convolve(a, v)[first : first + count].astype(dtype, copy=False)
        y = self.cupy.empty((count,), wide)
        self._convolve(a, v, first, a.size, v.size, y)
        return y.astype(dtype, copy=False)

    def solve(self, a: cupy.ndarray, b: cupy.ndarray) -> cupy.ndarray:
        """The solution `x` of `a @ x = b`; CuPy's own takes batches of equal shapes alone."""
        if a.ndim == 2 and b.ndim <= 2:
            return self.cupy.linalg.solve(a, b)
        vector = b.ndim == 1
        b = b[:, None] if vector else b
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        a, b = (self.cupy.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (a, b))
        x = self.cupy.linalg.solve(a, b)
        return x[..., 0] if vector else x

    def complex_lambertw(self, x: cupy.ndarray, k: int) -> cupy.ndarray:
        return cupy_special.on_host("lambertw", self.cupy)(x, k)

    def polygamma(self, x: cupy.ndarray, n: int) -> cupy.ndarray:
        factor = float(factorial(n)) if n < BEYOND else inf
        # In double precision: the two factors may leave a range that their product is in.
        wide: cupy.ndarray = x.astype("float64", copy=False)
        found: cupy.ndarray = self.special_functions().zeta(n + 1.0, wide)
        return (found * (factor if n % 2 else -factor)).astype(x.dtype, copy=False)

    def random_bits(self, key: cupy.ndarray, shape: tuple[int, ...]) -> cupy.ndarray:
        return self._random("random_bits", key, shape, np.dtype("uint32"))

    def random_uniform(
        self, key: cupy.ndarray, shape: tuple[int, ...], dtype: DType, low: float, high: float
    ) -> cupy.ndarray:
        interval = philox.Interval.of(dtype, low, high)
        return self._random("random_uniform", key, shape, np.dtype(dtype), *interval)

    def _random(
        self,
        name: str,
        key: cupy.ndarray,
        shape: tuple[int, ...],
        dtype: np.dtype,
        *numbers: object,
    ) -> cupy.ndarray:
        result = self.cupy.empty((*key.shape[:-1], *shape), dtype)
        words = self.cupy.ascontiguousarray(key)
        if result.size:
            grid, block = kernels.random_launch(result.size)
            fill = kernels.load_functions(name)[dtype]
            sizes = np.int64(prod(shape)), np.int64(key.size // 2)
            fill((grid,), (block,), (words, result, *sizes, *numbers))
        return result

    def add_at(self, owned: cupy.ndarray, key: Key, x: cupy.ndarray) -> cupy.ndarray:
        """`owned` with `x` added at `key`, by atomics where an element may be named twice.

        CUDA has them for some dtypes; the others are added up as parts, or in a wider type.
        """
        add = self.cupy.add
        if not _may_repeat(key):
            part = owned[key]
            if part.base is None:                   # selected by a mask, so a copy
                owned[key] = part + x
            else:
                add(part, x, out=part)
        elif owned.dtype.kind == "c":
            for name in ("real", "imag"):
                part = self.cupy.ascontiguousarray(getattr(owned, name))
                getattr(owned, name)[...] = self.add_at(part, key, getattr(x, name))
        elif owned.dtype.itemsize < 4:              # float16 and bfloat16 are summed in float32
            wide = owned.astype("float32" if kind_of(owned.dtype) == "f" else "int32")
            owned[...] = self.add_at(wide, key, x.astype(wide.dtype)).astype(owned.dtype)
        elif is_deterministic() and owned.dtype.kind == "f":
            self._add_sorted(owned, key, x)
        else:
            add.at(owned, key, x)
        return owned

    def _add_sorted(self, owned: cupy.ndarray, key: Key, x: cupy.ndarray) -> None:
        """The same in the order of the indices, by sorting the places."""
        cupy = self.cupy
        places = self._places(owned, key, "int64")
        values = cupy.broadcast_to(x, places.shape).astype(owned.dtype).ravel()
        sums = cupy.array(owned, order="C")
        order = cupy.argsort(places.ravel())        # which is stable
        size = order.size
        if size:
            grid = (min(-(-size // 256), 1024),)
            kernel = kernels.load_functions("add_sorted")[sums.dtype]
            kernel(grid, (256,), (places.ravel()[order], order, values, sums, np.int64(size)))
            owned[...] = sums

    def _places(self, owned: cupy.ndarray, key: Key, dtype: str) -> cupy.ndarray:
        """For each element that `key` names, its number in `owned`."""
        return self.cupy.arange(owned.size, dtype=dtype).reshape(owned.shape)[key]

    def set_at(self, owned: cupy.ndarray, key: Key, x: cupy.ndarray) -> cupy.ndarray:
        """`owned` with `x` written at `key`; of repeated indices the last wins.

        On a device any of them may, so each place is first told who writes there last, and what
        that one writes is what all of them write.
        """
        if getattr(x, "shape", ())[:1] == (1,):     # NumPy's writes ignore axes that are too many
            rank = owned[key].ndim
            while x.ndim > rank and x.shape[0] == 1:
                x = x[0]
        if _may_repeat(key) and getattr(x, "size", 1) > 1:
            cupy = self.cupy
            numbers = "int32" if owned.size < 2**31 else "int64"
            places = self._places(owned, key, numbers)
            order = cupy.arange(places.size, dtype=numbers).reshape(places.shape)
            last = cupy.zeros(owned.size, numbers)
            cupy.maximum.at(last, places, order)
            x = cupy.broadcast_to(x, places.shape).ravel()[last[places]]
        owned[key] = x
        return owned

    def shows(self, part: cupy.ndarray, whole: cupy.ndarray) -> bool:
        return bool(self.cupy.may_share_memory(part, whole))

    def of_parts(self, real: cupy.ndarray, imag: cupy.ndarray) -> cupy.ndarray:
        made = self.cupy.empty(real.shape, result_type(real.dtype, np.complex64))
        made.real, made.imag = real, imag
        return made


def _is_complex(x: Value) -> bool:
    return x.dtype.kind == "c" if hasattr(x, "dtype") else isinstance(x, complex)


def _of_any_rank(function: ArrayFunction) -> ArrayFunction:
    """A reduction that takes what NumPy takes as an axis of an array without any."""

    def call(x: cupy.ndarray, axis: Axis = None, **settings: object) -> cupy.ndarray:
        return function(x, axis=axis if x.ndim else reduced(axis, 0), **settings)

    return call


def _may_repeat(key: object) -> bool:
    """Whether an index can name an element twice: whether there are integer arrays in it."""
    parts = key if isinstance(key, tuple) else (key,)
    return any(getattr(part, "shape", ()) and part.dtype.kind in "iu" for part in parts)


_made: dict[str, CupyNamespace] = {}


@cache
def namespace() -> CupyNamespace:
    """The one CuPy namespace; imports CuPy."""
    made = _made.setdefault("cupy", CupyNamespace())    # also where two threads come first
    devices.of_several()
    devices.natives[made.cupy.ndarray] = made
    return made
