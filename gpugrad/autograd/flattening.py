"""Nested arguments as vectors, under the names of HIPS autograd."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import accumulate, pairwise
from math import prod
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.core.registry import namespace as ops

Function = Callable[..., Any]


def flatten(value: Any) -> tuple[Any, Function]:
    """All numbers of nested lists, tuples and dictionaries as a vector, and the way back.

    Example:
        >>> params = {"b": np.array(1.0), "w": np.array([[2.0, 3.0]])}
        >>> vector, unflatten = gg.autograd.flatten(params)
        >>> vector, unflatten(10 * vector)
        (array([1., 2., 3.]), {'b': array(10.), 'w': array([[20., 30.]])})
    """
    leaves, structure = tree.flatten(value)
    shapes = [np.shape(x) for x in leaves]
    parts = [ops.reshape(x, (-1,)) if hasattr(x, "dtype") else np.asarray([x]) for x in leaves]
    vector = ops.concat(parts, axis=0) if parts else np.zeros(0)

    return vector, partial(_unflattened, structure, shapes)


def _unflattened(structure: Any, shapes: list[tuple[int, ...]], vector: Any) -> Any:
    ends = accumulate((prod(shape) for shape in shapes), initial=0)
    cut = [
        ops.reshape(vector[a:b], shape)
        for (a, b), shape in zip(pairwise(ends), shapes, strict=True)
    ]
    return tree.unflatten(structure, cut)


def flatten_func(fun: Function, example: Any) -> tuple[Function, Function, Any]:
    """Function of a vector in the place of the first argument, the way back, and `example` as one.

    What it returns is a vector, too.

    Example:
        >>> def line(p, x):
        ...     return {"y": p["w"] * x + p["b"]}
        >>> f, unflatten, vector = gg.autograd.flatten_func(line, {"b": 1.0, "w": np.array([2.0])})
        >>> vector, f(vector, 10.0)
        (array([1., 2.]), array([21.]))
    """
    vector, unflatten = flatten(example)

    def of_vector(vector: Any, *args: Any) -> Any:
        return flatten(fun(unflatten(vector), *args))[0]

    return of_vector, unflatten, vector
