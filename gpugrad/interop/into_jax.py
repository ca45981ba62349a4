"""Functions of gpugrad as functions of JAX's arrays, which all its transforms go through."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import gpugrad.tree as tree
from gpugrad.errors import InvalidArgument
from gpugrad.interop.inside import Flat, Found, is_array
from gpugrad.interop.jax_arrays import Structure, flatten
from gpugrad.interop.jax_primitive import Described, Specs, Step, applied, of_arrays
from gpugrad.transforms.jit.jit import Jit
from gpugrad.tree_classes import Same


def jax_function(f: Callable[..., Any], result: Any) -> Callable[..., Any]:
    """`f` as a function of trees of JAX's arrays."""

    @lru_cache
    def made(structure: Structure, rest: tuple[Same | None, ...]) -> Step:
        def args_of(arrays: Any) -> Any:
            given = iter(arrays)
            return structure.unflatten(next(given) if x is None else x.value for x in rest)

        def run(*arrays: Any) -> Found:
            args, kwargs = args_of(arrays)
            return Found(*tree.flatten(f(*args, **kwargs)))

        def describe(specs: Specs) -> Described:
            if result is None:
                found = _tried(run, specs)
            else:
                args, kwargs = args_of(specs)
                said = result(*args, **kwargs) if callable(result) else result
                found = Found(*tree.flatten(said))
            return Described(of_arrays(found.arrays()), found.without_arrays())

        return Step(Flat(run, f if isinstance(f, Jit) else None, conjugate=True), describe)

    @wraps(f, updated=())
    def function(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten((args, kwargs))
        arrays = [jnp.asarray(x) for x in leaves if is_array(x)]
        step = made(structure, tuple(None if is_array(x) else Same(x) for x in leaves))
        results = applied.bind(*arrays, step=step)
        return step.describe(arrays).found.with_arrays(results).tree()

    return function


def _tried(run: Callable[..., Found], specs: Specs) -> Found:
    """What a function gives for made-up operands, of which only the shapes are of interest."""
    try:
        with np.errstate(all="ignore"):
            return run(*map(_made_up, specs))
    except Exception as error:
        raise InvalidArgument(
            "JAX must know the shapes of what a function gives before there are values; with "
            f"made-up ones, half on the diagonal more than beside it, it raised "
            f"{type(error).__name__}: {error}. Say them: gg.interop.jax_function(f, result=...), "
            "with a tree of jax.ShapeDtypeStruct or a function of those of the arguments."
        ) from error


def _made_up(spec: jax.ShapeDtypeStruct) -> np.ndarray:
    """Numbers that most functions take: as matrices they are regular, symmetric and positive."""
    x = np.zeros(spec.shape, spec.dtype)
    if x.dtype.kind in "fc":
        x += 0.5
        if x.ndim > 1:
            x += np.eye(*x.shape[-2:], dtype=x.dtype) * x.shape[-1]
    return x
