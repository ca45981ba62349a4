"""Libraries that choose by the type of an array whom to call, told of Tensors: einops and autoray.

Others need no telling: they find gpugrad by the protocols of NumPy and of the Array API standard,
or, as opt_einsum, by the name of the package that a Tensor comes from. einops asks backends of its
own alone, and autoray, which quimb and cotengra call, asks for some functions by names that gpugrad
gives to others. Both are told when both sides are there: at the end of `import gpugrad`, if the
library has been imported, or else when it is. Neither is imported for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np


def _tell_einops(backends: Any) -> None:
    """Tell einops, which asks all subclasses of its backends and holds these by weak references."""

    class Backend(backends.NumpyBackend):  # type: ignore[misc]  # einops is not imported for types
        framework_name = "gpugrad"

        def __init__(self) -> None:
            self.np = _gpugrad()

        def is_appropriate_type(self, tensor: object) -> bool:
            return isinstance(tensor, self.np.Tensor)

        def from_numpy(self, x: np.ndarray) -> Any:
            return self.np.asarray(x)

        def to_numpy(self, x: Any) -> np.ndarray:
            return np.asarray(x.to_device("cpu"))

    backends.GpugradBackend = Backend


def _tell_autoray(autoray: Any) -> None:
    """What it looks for under NumPy's and SciPy's names; of singular vectors it wants the few."""
    functions: dict[str, Callable[..., Any]] = {
        "array": lambda x, **words: _gpugrad().asarray(x, copy=True, **words),
        "complex": lambda real, imag: real + 1j * imag,
        "identity": lambda n, **words: _gpugrad().eye(n, **words),
        "indices": _indices,
        "linalg.svd": lambda x, full_matrices=False, **words: _gpugrad().linalg.svd(
            x, full_matrices=full_matrices, **words
        ),
        "scipy.linalg.expm": lambda x: _gpugrad().linalg.expm(x),
        "scipy.linalg.solve_triangular": lambda a, b, **words: _gpugrad().linalg.solve_triangular(
            a, b, **words
        ),
    }
    for name, function in functions.items():
        autoray.register_function("gpugrad", name, function)


def _indices(shape: Sequence[int]) -> Any:
    gg = _gpugrad()
    return gg.stack(gg.meshgrid(*map(gg.arange, shape), indexing="ij"))


_TOLD: dict[str, Callable[[ModuleType], None]] = {
    "autoray": _tell_autoray,
    "einops._backends": _tell_einops,
}
"""The modules that are told, and how."""


def tell() -> None:
    """Tells those that are imported, and sees to it that the others are told when they are."""
    sys.meta_path.insert(0, _Imports())             # asked for modules not yet imported alone
    for name, telling in _TOLD.items():
        if sys.modules.get(name) is not None:
            telling(import_module(name))            # waits for a thread that imports it


class _Imports:
    """A finder that leaves all finding to the others."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _TOLD:
            return None
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(name, path, target)) is not None:
                if spec.loader is not None:
                    spec.loader = _ThenTold(spec.loader)  # type: ignore[assignment]  # by its methods
                return spec
        return None


class _ThenTold:
    """A loader of a module that is told once another loader has executed it."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _TOLD[module.__name__](module)


def _gpugrad() -> Any:
    return sys.modules[__name__.partition(".")[0]]
