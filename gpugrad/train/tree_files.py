"""Trees of arrays in `.safetensors` files, by the paths of their leaves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import namespace_of
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.ops.creation import tensor
from gpugrad.ops.operands import is_array
from gpugrad.train.folder import FORMAT
from gpugrad.train.tensors import read_arrays, write_tensors

T = TypeVar("T")


def save(path: str | os.PathLike[str], values: object) -> None:
    """`gg.tree.save`."""
    tensors: dict[str, np.ndarray] = {}
    for name, x in zip(tree.paths(values), tree.leaves(values), strict=True):
        if not _is_numeric(x):
            raise InvalidArgument(
                f"gg.tree.save: the leaf {name or 'itself'} is a {type(x).__name__}; expected "
                "arrays and numbers. Name it in static= of gg.tree.register."
            )
        if name in tensors:
            raise InvalidArgument(
                f"gg.tree.save: two leaves have the path {name}; rename a key of a dictionary."
            )
        tensors[name] = _written(_on_host(x))
    write_tensors(Path(path), tensors, {"format": FORMAT})


def load(path: str | os.PathLike[str], like: T) -> T:
    """`gg.tree.load`."""
    found, _ = read_arrays(Path(path))
    leaves, structure = tree.flatten(like)
    names = tree.paths(like)
    if set(found) != set(names):
        missing, more = sorted(set(names) - set(found)), sorted(set(found) - set(names))
        raise InvalidArgument(
            f"{path} lacks {', '.join(missing) or 'nothing'} and has "
            f"{', '.join(more) or 'nothing'} beyond the tree that was given."
        )
    made = [
        _read(found[name], x, f"{path}: {name or 'the array'}")
        for name, x in zip(names, leaves, strict=True)
    ]
    return tree.unflatten(structure, made)  # type: ignore[no-any-return]


def _is_numeric(x: object) -> bool:
    return hasattr(x, "dtype") or isinstance(x, bool | int | float | complex)


def _on_host(x: Any) -> np.ndarray:
    if isinstance(x, Tensor):
        x = x.value
    return namespace_of(x).to_numpy(x) if is_array(x) else np.asarray(x)


def _written(x: np.ndarray) -> np.ndarray:
    """An array as it stands in the file, whose format has no complex128."""
    return np.stack([x.real, x.imag], axis=-1) if x.dtype.kind == "c" else x


def _read(array: np.ndarray, like: Any, name: str) -> Any:
    """What stands in the file, as an array or a number like that one."""
    if not _is_numeric(like):
        raise InvalidArgument(
            f"{name} stands for a {type(like).__name__} in the tree that was given; expected "
            "arrays and numbers."
        )
    shape, dtype = (
        (tuple(like.shape), np.dtype(like.dtype)) if hasattr(like, "dtype")
        else ((), np.asarray(like).dtype)
    )  # fmt: skip
    if dtype.kind == "c" and array.shape == (*shape, 2) and array.dtype == dtype.type(0).real.dtype:
        pairs, array = array, np.empty(shape, dtype.newbyteorder("="))
        array.real, array.imag = pairs[..., 0], pairs[..., 1]
    if array.shape != shape or array.dtype != dtype.newbyteorder("="):
        raise InvalidArgument(
            f"{name} has shape {array.shape} and dtype {array.dtype}; expected {shape} and "
            f"{dtype}."
        )
    if not hasattr(like, "dtype"):
        return array.item()
    value = like.value if isinstance(like, Tensor) else like
    loaded = namespace_of(value).from_numpy(array.astype(dtype, copy=False), value)
    if not isinstance(like, Tensor):
        return loaded
    return tensor(loaded, requires_grad=like.requires_grad)
