"""Arrays of NumPy and CuPy as those of JAX and back, and trees that either library knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import gpugrad.tree as tree
from gpugrad.backends.host_calls import NUMERIC
from gpugrad.errors import UnsupportedOperand

LARGE = 2**18
"""Bytes from which on it takes JAX less time to take over an array than to copy it."""

ALIGNED = 64
"""Bytes of which the address of an array must be a multiple for JAX to take it over."""


def to_jax(x: Any) -> Any:
    """The array of JAX of one of NumPy or CuPy.

    A large one shares its memory if JAX takes it over: if it is writable, aligned, and one row
    behind the other. All else is copied.
    """
    if not isinstance(x, np.ndarray | np.generic):
        return jax.dlpack.from_dlpack(x)
    x = np.asarray(x)
    if not x.dtype.isnative:
        x = x.astype(x.dtype.newbyteorder("="))
    shared = x.nbytes >= LARGE and x.flags.writeable and x.flags.c_contiguous
    if shared and x.ctypes.data % ALIGNED == 0 and canonical(x.dtype):
        return jax.dlpack.from_dlpack(x)
    return jnp.asarray(x)


def canonical(dtype: np.dtype) -> bool:
    """Whether JAX has it as it is set: without `jax_enable_x64`, 64 bits become 32."""
    return bool(jax.dtypes.canonicalize_dtype(dtype) == dtype)


def to_numpy(x: Any) -> np.ndarray:
    """The values of an array of JAX, read-only; they share its memory on the CPU."""
    if jnp.issubdtype(x.dtype, jax.dtypes.extended) or x.dtype.kind not in NUMERIC:
        raise UnsupportedOperand(
            f"an array of dtype {x.dtype} came from JAX, which NumPy does not have. Convert it, as "
            "in x.astype('float32'), or jax.random.key_data(x) for a key."
        )
    return np.asarray(x)


@dataclass(frozen=True)
class Structure:
    """A tree of JAX, whose leaves may be trees of gpugrad that JAX knows nothing of."""

    outer: Any
    inner: tuple[tree.Structure, ...]

    def unflatten(self, leaves: Iterable[Any]) -> Any:
        given = list(leaves)
        parts, start = [], 0
        for structure in self.inner:
            end = start + structure.num_leaves
            parts.append(structure.unflatten(given[start:end]))
            start = end
        return jax.tree_util.tree_unflatten(self.outer, parts)


def flatten(x: Any) -> tuple[list[Any], Structure]:
    """The leaves of a tree of either library, or of both."""
    parts, outer = jax.tree_util.tree_flatten(x)
    pairs: Sequence[tuple[list[Any], tree.Structure]] = [tree.flatten(part) for part in parts]
    leaves = [leaf for inner, _ in pairs for leaf in inner]
    return leaves, Structure(outer, tuple(structure for _, structure in pairs))
