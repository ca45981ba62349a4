"""What this namespace can do, as the Array API standard lets programs ask for it."""

from __future__ import annotations

import numpy as np

from gpugrad.backends import default, probe_cupy
from gpugrad.errors import InvalidArgument
from gpugrad.types import DType

__all__ = ["ARRAY_API_VERSION", "NamespaceInfo"]

ARRAY_API_VERSION = "2025.12"

_KINDS = {
    "bool": ("bool",),
    "signed integer": ("int8", "int16", "int32", "int64"),
    "unsigned integer": ("uint8", "uint16", "uint32", "uint64"),
    "real floating": ("float32", "float64"),
    "complex floating": ("complex64", "complex128"),
}
_KINDS["integral"] = (*_KINDS["signed integer"], *_KINDS["unsigned integer"])
_KINDS["numeric"] = (*_KINDS["integral"], *_KINDS["real floating"], *_KINDS["complex floating"])

_DEFAULTS = {
    "real floating": "float64",
    "complex floating": "complex128",
    "integral": "int64",
    "indexing": "int64",
}


class NamespaceInfo:
    """Devices, dtypes and capabilities of gpugrad as an array namespace.

    Example:
        >>> info = gg.__array_namespace_info__()
        >>> info.default_dtypes()["real floating"]
        dtype('float64')
        >>> list(info.dtypes(kind="complex floating"))
        ['complex64', 'complex128']
    """

    def capabilities(self) -> dict[str, bool | int]:
        """Whether masks can be used as indices, and shapes depend on values; axes at most.

        Under `gg.jit` no shape may depend on values.
        """
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """Where an array goes that is made from nothing."""
        return str(default().device)

    def devices(self) -> list[str]:
        """The devices that can be used."""
        if probe_cupy() is not None:
            return ["cpu"]
        from gpugrad.backends import choose

        return ["cpu", *(x for x in choose("cupy").info() if x.startswith("cuda:"))]

    def default_dtypes(self, *, device: str | None = None) -> dict[str, DType]:
        """The dtype of each kind that an array has if none is named; equal on every device."""
        return {kind: np.dtype(name) for kind, name in _DEFAULTS.items()}

    def dtypes(
        self, *, device: str | None = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, DType]:
        """The dtypes by name: all, or those of a kind or of several kinds."""
        kinds = ("bool", "numeric") if kind is None else (kind,) if isinstance(kind, str) else kind
        for name in kinds:
            if name not in _KINDS:
                raise InvalidArgument(
                    f"dtypes: {name!r} is no kind of dtypes; there are {', '.join(_KINDS)}."
                )
        return {name: np.dtype(name) for k in kinds for name in _KINDS[k]}
