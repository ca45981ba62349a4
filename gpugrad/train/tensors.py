"""Trees of arrays in `.safetensors` files: nothing is unpickled, and every array is checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from reprlib import repr as shortened
from typing import Any, TypeVar

import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

import gpugrad.tree as tree
from gpugrad.atomic import read_file, write_atomically
from gpugrad.backends import Namespace, dtype_named
from gpugrad.backends.dtypes import BFLOAT16
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.train.checksum import BLANK, NAME, has_place, seal, verify
from gpugrad.train.fields import Fields, read_json
from gpugrad.train.folder import FORMAT

T = TypeVar("T")

Tensors = dict[str, np.ndarray]
NOTES = "gpugrad"  # the one key of the file's metadata: several would be written in random order


def write_tensors(
    path: Path,
    tensors: Mapping[str, object],
    notes: Mapping[str, object],
    previous: Path | None = None,
) -> None:
    """Writes host arrays by name, with JSON notes, atomically. Equal contents give equal bytes.

    A file that was there becomes `previous`, if that is given.
    """
    whole = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    content, _ = seal(save(whole, metadata={NOTES: json.dumps({**BLANK, **notes})}))
    write_atomically(path, content, previous)


def read_tensors(path: Path) -> tuple[Tensors, Fields]:
    """The arrays and notes of a file of `write_tensors`; `CheckpointError` if it is none."""
    content = _read(path)
    if verify(content) is None:
        raise _damaged(path)
    return _arrays(path, content), _notes(path, content)


def read_arrays(path: Path) -> tuple[Tensors, Fields | None]:
    """The same, or the arrays of a file that somebody else made, without notes."""
    content = _read(path)
    tensors = _arrays(path, content)
    if verify(content) is not None:
        return tensors, _notes(path, content)
    metadata = _header(path, content).left.get("__metadata__") or {}
    # Damage to one place of a file of ours leaves at least one of these two traces.
    if has_place(content) or NOTES in metadata:
        raise _damaged(path)
    return tensors, None


def _notes(path: Path, content: bytes) -> Fields:
    metadata = _header(path, content).part("__metadata__")
    notes = Fields(path, read_json(path, metadata.text(NOTES)), "notes")
    notes.value(NAME)
    version = notes.whole("format")
    if version != FORMAT:
        raise CheckpointError(
            f"{path}: its format is {version}; this version of gpugrad reads {FORMAT}: use the "
            "version that wrote it"
        )
    return notes


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise CheckpointError(f"{path}: it cannot be read ({error.strerror})") from error


def _header(path: Path, content: bytes) -> Fields:
    end = 8 + int.from_bytes(content[:8], "little")
    return Fields(path, read_json(path, content[8:end]))


def _arrays(path: Path, content: bytes) -> Tensors:
    try:
        return {name: _array(part) for name, part in _parts(content)}
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        reason = shortened(str(error))
        raise CheckpointError(
            f"{path}: it is no .safetensors file, or its arrays cannot be read ({reason})"
        ) from error


def _parts(content: bytes) -> list[tuple[str, Mapping[str, Any]]]:
    found: list[tuple[str, Mapping[str, Any]]] = deserialize(content)  # type: ignore[no-untyped-call]
    return found


def _array(part: Mapping[str, Any]) -> np.ndarray:
    """An array as it stands in a file, whose own reader for NumPy knows no bfloat16."""
    name = part["dtype"]
    if name in ("BOOL", "BF16"):
        dtype = np.dtype(bool) if name == "BOOL" else dtype_named(BFLOAT16)
    else:
        dtype = np.dtype(f"{name[0].lower()}{int(name[1:]) // 8}")      # F32, I8, C64
    return np.frombuffer(part["data"], dtype).reshape(part["shape"])


def _damaged(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path}: it is damaged, or gpugrad did not write it: it has no checksum that fits"
    )


def names(prefix: str, structure: object) -> list[str]:
    """A name for each leaf, such as `params.layers.0.weight`.

    `InvalidArgument` where two leaves would have the same one.
    """
    found = [".".join([prefix, *re.findall(r"\w+", path)]) for path in tree.paths(structure)]
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise InvalidArgument(
            f"two arrays of the model would be called {twice} in its file; rename a key of a "
            "dictionary in it"
        )
    return found


def to_tensors(prefix: str, value: object, backend: Namespace) -> Tensors:
    """The leaves of a tree on the host, by name. Python integers become 0-d arrays."""
    leaves = tree.leaves(value)
    return {
        name: np.asarray(leaf, np.int64) if isinstance(leaf, int) else backend.to_numpy(leaf)
        for name, leaf in zip(names(prefix, value), leaves, strict=True)
    }


def from_tensors(prefix: str, like: T, tensors: Tensors, backend: Namespace, path: Path) -> T:
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
    made: T = tree.unflatten(structure, found)
    return made


def take(
    tensors: Tensors, name: str, shape: tuple[int, ...], dtype: str, path: Path
) -> np.ndarray:
    """Removes the array `name` from `tensors` and returns it, if it is there and as wanted."""
    array = tensors.pop(name, None)
    if array is None:
        raise CheckpointError(f"{path}: the array {name} is missing")
    if array.shape != shape or array.dtype != dtype:
        raise CheckpointError(
            f"{path}: the array {name} is {array.dtype} of shape {array.shape}; "
            f"expected {dtype} of shape {shape}"
        )
    return array


def check_empty(tensors: Tensors, path: Path) -> None:
    """Raises `CheckpointError` if arrays are left that nothing asked for."""
    if tensors:
        surplus = ", ".join(map(shortened, sorted(tensors)[:5]))
        raise CheckpointError(f"{path}: arrays in it do not belong there: {surplus}")
