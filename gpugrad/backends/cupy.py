"""CuPy as a namespace. CuPy is imported when the namespace is first asked for, never before."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from gpugrad.backends import kernels
from gpugrad.backends.standard import Array, Namespace

_SCALE_DTYPES = (np.dtype("float32"), np.dtype("float64"))


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
        self._scale = cupy.ElementwiseKernel(
            "T a, T d",
            "T y",
            "y = (a == T(0) && !isfinite(d)) ? T(0) : a * d",
            "gpugrad_scale",
        )

    @property
    def device(self) -> str:  # type: ignore[override]  # the current device can change
        return f"cuda:{self.cupy.cuda.Device().id}"

    def info(self) -> dict[str, str]:
        runtime = self.cupy.cuda.runtime
        found = {"CuPy": self.cupy.__version__, "CUDA": str(runtime.runtimeGetVersion())}
        for number in range(runtime.getDeviceCount()):
            found[f"cuda:{number}"] = runtime.getDeviceProperties(number)["name"].decode()
        return found

    def as_array(self, value: Any) -> Array:
        return value if type(value) is self.cupy.ndarray else self.cupy.asarray(value)

    def scalar(self, value: complex, dtype: Any, like: Array) -> Array:
        # A NumPy scalar goes into the launch by value: no copy to the device.
        return np.dtype(dtype).type(value)

    def scalar_dtype(self, arrays: list[Array], numbers: list[complex]) -> Any:
        return np.result_type(*(a.dtype for a in arrays), *numbers)

    def to_numpy(self, x: Array) -> Any:
        return self.cupy.asnumpy(x)

    def from_numpy(self, x: Any, like: Array) -> Array:
        with like.device:
            return self.cupy.asarray(x)

    def receive(self, x: Array, device: str) -> Array:
        number = device.partition(":")[2]
        with self.cupy.cuda.Device(int(number) if number else None):
            return self.cupy.asarray(x)

    def device_of(self, x: Array) -> str:
        return f"cuda:{x.device.id}"

    def copy(self, x: Array) -> Array:
        return self.cupy.array(x)

    def astype(self, x: Array, dtype: Any) -> Array:
        return x.astype(dtype)

    def synchronize(self) -> None:
        self.cupy.cuda.get_current_stream().synchronize()

    def scale(self, a: Array, d: Array) -> Array:
        if a.dtype == d.dtype and a.dtype in _SCALE_DTYPES:
            return self._scale(a, d)
        return super().scale(a, d)

    def add_into(self, owned: Array, x: Array) -> Array:
        return self.cupy.add(owned, x, out=owned)

    def power(self, a: Array, b: Array) -> Array:
        return self.cupy.power(a, b)

    def sum(self, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        """Sum over `axis`; CuPy accumulates float16 in float32."""
        return self.cupy.sum(x, axis=axis, keepdims=keepdims)

    def add_at(self, owned: Array, key: Any, x: Array) -> Array:
        self.cupy.add.at(owned, key, x)
        return owned

    def set_at(self, owned: Array, key: Any, x: Array) -> Array:
        owned[key] = x
        return owned


@cache
def namespace() -> CupyNamespace:
    """The one CuPy namespace; imports CuPy."""
    return CupyNamespace()
