"""Trees of arrays in `.safetensors` files, by the paths of their leaves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import numpy as np

from gpugrad import tree
from gpugrad.backends import namespace_of
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.train.folder import FORMAT
from gpugrad.train.tensors import read_arrays, write_tensors

T = TypeVar("T")


def save(path: str | os.PathLike[str], values: object) -> None:
    """`gg.tree.save`."""
    tensors = {}
    for name, x in zip(tree.paths(values), tree.leaves(values), strict=True):
        value = x._value if isinstance(x, Tensor) else x
        if hasattr(value, "dtype"):
            tensors[name] = namespace_of(value).to_numpy(value)
        elif isinstance(value, bool | int | float | complex):
            tensors[name] = np.asarray(value)
        else:
            raise InvalidArgument(
                f"gg.tree.save: the leaf {name or 'itself'} is a {type(x).__name__}; wanted are "
                "arrays and numbers. Name it in static= of gg.tree.register."
            )
    write_tensors(Path(path), tensors, {"format": FORMAT})


def load(path: str | os.PathLike[str], like: T) -> T:
    """`gg.tree.load`."""
    found = read_arrays(Path(path))
    leaves, structure = tree.flatten(like)
    names = tree.paths(like)
    if set(found) != set(names):
        missing, more = sorted(set(names) - set(found)), sorted(set(found) - set(names))
        raise InvalidArgument(
            f"{path} lacks {', '.join(missing) or 'nothing'} and has "
            f"{', '.join(more) or 'nothing'} beyond the tree that was given."
        )
    made: list[object] = []
    for name, x in zip(names, leaves, strict=True):
        value = x._value if isinstance(x, Tensor) else x
        array = found[name]
        if not hasattr(value, "dtype"):
            made.append(array.item())
            continue
        if array.shape != tuple(value.shape) or array.dtype != value.dtype:
            raise InvalidArgument(
                f"{path}: {name} has shape {array.shape} and dtype {array.dtype}; wanted are "
                f"{tuple(value.shape)} and {value.dtype}."
            )
        loaded = namespace_of(value).from_numpy(array, value)
        made.append(Tensor(loaded) if isinstance(x, Tensor) else loaded)
    return tree.unflatten(structure, made)  # type: ignore[no-any-return]
