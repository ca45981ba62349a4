"""Trees of arrays in `.safetensors` files: nothing is unpickled, and every array is checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from gpugrad import tree
from gpugrad.atomic import write_atomically
from gpugrad.backends import Namespace
from gpugrad.errors import CheckpointError

Tensors = dict[str, NDArray[Any]]
NOTES = "gpugrad"  # the one key of the file's metadata: several would be written in random order


def write_tensors(path: Path, tensors: Mapping[str, Any], notes: Mapping[str, Any]) -> None:
    """Writes host arrays by name, with JSON notes, atomically. Equal contents give equal bytes."""
    whole = {name: np.array(array, order="C") for name, array in tensors.items()}
    write_atomically(path, save(whole, metadata={NOTES: json.dumps(notes)}))


def read_tensors(path: Path) -> tuple[Tensors, dict[str, Any]]:
    """The arrays and notes of a file of `write_tensors`; `CheckpointError` if it is none."""
    try:
        with safe_open(path, framework="np") as file:
            notes = json.loads((file.metadata() or {})[NOTES])
            return {name: file.get_tensor(name) for name in file.keys()}, dict(notes)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: it is no readable file of gpugrad ({error!r})") from error


def names(prefix: str, structure: Any) -> list[str]:
    """A name for each leaf, such as `params.layers.0.weight`."""
    return [".".join([prefix, *re.findall(r"\w+", path)]) for path in tree.paths(structure)]


def to_tensors(prefix: str, value: Any, backend: Namespace) -> Tensors:
    """The leaves of a tree on the host, by name. Python integers become 0-d arrays."""
    leaves = tree.leaves(value)
    return {
        name: np.asarray(leaf, np.int64) if isinstance(leaf, int) else backend.to_numpy(leaf)
        for name, leaf in zip(names(prefix, value), leaves, strict=True)
    }


def from_tensors(prefix: str, like: Any, tensors: Tensors, backend: Namespace, path: Path) -> Any:
    """The tree that `to_tensors` took apart, on the backend, taking its arrays out of `tensors`.

    `like` is a tree of the same structure, shapes and dtypes; `CheckpointError` where one is
    missing or different.
    """
    leaves, structure = tree.flatten(like)
    found = []
    for name, leaf in zip(names(prefix, like), leaves, strict=True):
        wanted = np.asarray(leaf, np.int64) if isinstance(leaf, int) else leaf
        array = take(tensors, name, tuple(wanted.shape), str(wanted.dtype), path)
        found.append(int(array) if isinstance(leaf, int) else backend.asarray(array))
    return tree.unflatten(structure, found)


def take(
    tensors: Tensors, name: str, shape: tuple[int, ...], dtype: str, path: Path
) -> NDArray[Any]:
    """Removes the array `name` from `tensors` and returns it, if it is there and as wanted."""
    array = tensors.pop(name, None)
    if array is None:
        raise CheckpointError(f"{path}: the array {name} is missing")
    if array.shape != shape or array.dtype != dtype:
        raise CheckpointError(
            f"{path}: the array {name} is {array.dtype} of shape {array.shape}; "
            f"wanted is {dtype} of shape {shape}"
        )
    return array


def check_empty(tensors: Tensors, path: Path) -> None:
    """Raises `CheckpointError` if arrays are left that nothing asked for."""
    if tensors:
        raise CheckpointError(f"{path}: arrays in it do not belong there: {', '.join(tensors)}")
