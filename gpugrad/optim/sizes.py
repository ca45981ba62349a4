"""How large gradients are: norms and mean squares, computed in float64 so that no square overflows.

Sums over many elements then lose nothing either, whatever the dtype of the leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import prod
from operator import add

import gpugrad.tree as tree
from gpugrad.backends import default, is_complex, namespace_of
from gpugrad.backends.one_place import called_together
from gpugrad.optim.leaves import check_arrays
from gpugrad.optim.rates import whole
from gpugrad.optim.running_means import squared, wide
from gpugrad.types import Array


def global_norm(updates: object) -> Array:
    """The euclidean norm of all numbers of a tree together, as an array without axes.

    Its dtype is the real one that all leaves promote to, at least float32.

    Args:
        updates: A pytree of arrays, such as gradients.

    Example:
        >>> gg.optim.global_norm({"a": np.array([3.0]), "b": np.array([[4.0]])})
        array(5.)
    """
    leaves = tree.leaves(updates)
    check_arrays("updates", updates, leaves)
    if not leaves:
        return default().asarray(0.0)
    return called_together("global_norm", leaves, _norm_in_their_dtype, leaves)


def _norm_in_their_dtype(leaves: list[Array]) -> Array:
    xp = namespace_of(leaves[0])
    real = [wide(x) for x in leaves]
    dtype = xp.result_type(*(xp.real(x).dtype if is_complex(x.dtype) else x.dtype for x in real))
    return whole(xp.astype(norm_of(leaves), dtype))


def norm_of(leaves: Sequence[Array]) -> Array:
    """The norm of all leaves together, in float64."""
    total = reduce(add, map(sum_of_squares, leaves))
    return namespace_of(total).sqrt(total)


def sum_of_squares(x: Array) -> Array:
    """The sum of `|x|²` over all elements, in float64."""
    xp = namespace_of(x)
    x = xp.astype(x, xp.complex128 if is_complex(x.dtype) else xp.float64)
    return whole(xp.sum(squared(x)))


def root_mean_square(x: Array) -> Array:
    """The root of the mean of `|x|²` over all elements, in float64; 0 where there are none."""
    return namespace_of(x).sqrt(sum_of_squares(x) / max(prod(x.shape), 1))
