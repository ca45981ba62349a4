"""Optimisers of optax for the trees and arrays of gpugrad."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import namespace_of
from gpugrad.errors import BackendUnavailable, InvalidArgument, UnsupportedOperand
from gpugrad.optim.base import Optimizer
from gpugrad.optim.leaves import check_arrays, params_of
from gpugrad.tracing.tracer import tracer_here
from gpugrad.types import Array


def from_optax(transformation: Any, *, jit: bool = True) -> Optimizer:
    """An optimiser of optax as one of gpugrad, for what `gg.optim` does not have.

    Arrays go to JAX and back at each call, through the memory of the host where they are CuPy's.
    So it is for eager code: `gg.jit` refuses it, and what `gg.optim` has itself is faster. To
    optax, params are the dictionary of their leaves by path, as `gg.tree.paths` names them, which
    its masks and labels get as well. The state is the tree of optax with arrays of NumPy in it,
    and can be saved.

    Args:
        transformation: A `GradientTransformation` of optax or of a package like it.
        jit: Whether `jax.jit` compiles its update. Set it to False for one that looks at values.

    Returns:
        The optimiser. Its `update` takes further arguments as well, which are arrays, numbers or
        trees of them.

    Raises:
        UnsupportedOperand: If it has no `init` and `update`.
        BackendUnavailable: If JAX cannot be imported.
        InvalidArgument: By `init` and `update`, under `gg.jit`, and for arrays of 64 bits where
            `jax_enable_x64` is off.

    Example:
        >>> import jax
        >>> import optax
        >>> opt, w = gg.optim.from_optax(optax.sign_sgd(0.5)), np.ones(2, "float32")
        >>> updates, state = opt.update(w, opt.init(w), w)
        >>> gg.optim.apply_updates(w, updates)
        array([0.5, 0.5], dtype=float32)
    """
    if not callable(getattr(transformation, "init", None)) or not callable(
        getattr(transformation, "update", None)
    ):
        raise UnsupportedOperand(
            f"gg.optim.from_optax was given a {type(transformation).__name__}; expected what has "
            "init and update, such as optax.adam(1e-3)"
        )
    try:
        jax: Any = import_module("jax")
    except ImportError as error:
        raise BackendUnavailable(
            f"gg.optim.from_optax: jax cannot be imported ({error}). Install it: pip install jax"
        ) from error
    step = jax.jit(transformation.update) if jit else transformation.update

    def to_jax(x: Any) -> Any:
        if not hasattr(x, "dtype"):
            return x
        x = namespace_of(x).to_numpy(x)
        made = jax.numpy.array(x)                   # a copy: JAX holds on to what it is given
        if made.dtype != x.dtype:
            raise InvalidArgument(
                f"gg.optim.from_optax: an array has dtype {x.dtype}, which JAX would make "
                f"{made.dtype}. Call jax.config.update('jax_enable_x64', True) first, or train in "
                f"{made.dtype}"
            )
        return made

    def by_path(name: str, values: Any) -> dict[str, Any]:
        leaves = tree.leaves(values)
        check_arrays(name, values, leaves)
        return {path: to_jax(x) for path, x in zip(tree.paths(values), leaves, strict=True)}

    def to_numpy(x: Any) -> Any:
        return np.array(x) if hasattr(x, "dtype") else x

    def init(params: Any) -> Any:
        _check_eager()
        params_of(params)
        return jax.tree.map(to_numpy, transformation.init(by_path("params", params)))

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        _check_eager()
        leaves, structure = tree.flatten(grads)
        given = None if params is None else by_path("params", params)
        further = {name: tree.map(to_jax, value) for name, value in extra.items()}
        made, after = step(
            by_path("grads", grads), jax.tree.map(to_jax, state), given, **further
        )
        updates = [
            _like(np.array(made[path]), x)
            for path, x in zip(tree.paths(grads), leaves, strict=True)
        ]
        return tree.unflatten(structure, updates), jax.tree.map(to_numpy, after)

    return Optimizer(init, update)


def _like(x: np.ndarray, given: Array) -> Array:
    """An update as an array of the library and dtype of its gradient."""
    return namespace_of(given).from_numpy(x.astype(given.dtype, copy=False), given)


def _check_eager() -> None:
    if tracer_here() is not None:
        raise InvalidArgument(
            "an optimiser of gg.optim.from_optax was called under gg.jit, which cannot compile "
            "what JAX computes. Compile the gradient alone, and update outside of gg.jit"
        )
