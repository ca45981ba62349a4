"""First values of parameters, by name or by a function.

Where a name has two parts, the first says the variance and the second the distribution. With `n_in`
numbers that each output sums and `n_out` outputs that each input reaches, the variance is 2 / n_in
for `he` (He et al. 2015, arXiv:1502.01852), which suits relu and what is like it; 1 / n_in for
`lecun` (LeCun et al. 1998, "Efficient backprop"), and 2 / (n_in + n_out) for `glorot` (Glorot and
Bengio 2010), which suit tanh and what is like the identity around 0.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from math import prod, sqrt
from typing import Any, TypeAlias

import numpy as np

import gpugrad.linalg as linalg
import gpugrad.random as random
from gpugrad.backends import Array, default, dtype_named, is_inexact
from gpugrad.errors import InvalidArgument
from gpugrad.ops.elementwise import sign
from gpugrad.ops.shape import astype, reshape
from gpugrad.ops.special import erfinv
from gpugrad.types import DType, DTypeLike, Shape

Initializer: TypeAlias = Callable[[Any, Shape, int, int, DType], Array]
"""`(rng, shape, n_in, n_out, dtype)`, of which `rng` is a generator of NumPy or a key."""

Init: TypeAlias = "str | Initializer"
"""What layers take: a name in `INITIALIZERS`, or a function."""

Rng: TypeAlias = "int | np.random.Generator | Array"
"""What layers draw from: a seed, a generator, or a key of `gg.random`."""

DEVIATION = 0.02
"""The standard deviation of `normal` and `truncated_normal`, as in BERT and GPT-2."""

BOUND = 0.05
"""That of `uniform` on each side, as in Keras."""

CUT = 2.0
"""How many standard deviations `truncated_normal` reaches to, before it is cut."""

_ERF_OF_CUT = 0.9544997361036416
"""The share of a normal distribution within `CUT`: `erf(CUT / sqrt(2))`."""

_DRAWN = frozenset(("float16", "float32", "float64"))
"""Dtypes that `gg.random` draws; others are cast."""


class Keys:
    """A key that is split at each draw."""

    def __init__(self, key: Array) -> None:
        self._key = key

    def next(self) -> Array:
        """A key for one use."""
        pair: Any = random.split(self._key)
        self._key = pair[0]
        own: Array = pair[1]
        return own


def in_turn(rng: Any) -> Any:
    """What the arrays of one layer are drawn from, one after the other.

    A generator is itself, so that the layers that it is given to are drawn in turn, too.

    Raises:
        InvalidArgument: For what is no seed, no generator and no key.
    """
    if isinstance(rng, np.random.Generator | Keys):
        return rng
    if getattr(rng, "shape", None) == (2,) and str(getattr(rng, "dtype", "")).endswith("uint32"):
        return Keys(rng)
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(
            f"rng is {rng!r}; expected a seed, an integer from 0 on, or a generator, "
            "np.random.default_rng(seed), or a key, gg.random.key(seed)."
        ) from error


def initialized(
    init: Init, rng: Any, shape: Shape, n_in: int, n_out: int, dtype: DTypeLike
) -> Array:
    """An array of first values on the default backend, or where the key is that draws them.

    NumPy draws in float64, and the numbers are cast: equal seeds give equal numbers on every
    backend. With a key, `gg.random` draws in the dtype, also under `gg.vmap` and `gg.jit`.

    Args:
        init: A name in `gg.nn.INITIALIZERS`, or a function `(rng, shape, n_in, n_out, dtype)`.
        rng: A seed, a generator of NumPy, which goes on, or a key of `gg.random`.
        shape: That of the array.
        n_in: How many numbers each output sums.
        n_out: How many outputs each input reaches.
        dtype: A floating one.

    Raises:
        InvalidArgument: For an unknown name, an `rng` or dtype that cannot be used, and a function
            that returns another shape.

    Example:
        >>> weight = gg.nn.initialized("he_normal", 0, (300, 100), 300, 100, "float32")
        >>> round(float(weight.std()), 2), round((2 / 300) ** 0.5, 2)
        (0.08, 0.08)
    """
    draw, draws, dtype = initializer(init), in_turn(rng), checked_dtype(dtype)
    source = draws.next() if isinstance(draws, Keys) else draws
    found: Any = draw(source, shape, n_in, n_out, dtype)
    if getattr(found, "shape", None) != shape:
        raise InvalidArgument(
            f"init returned {_described(found)}; expected an array of shape {shape}, as it was "
            "called with: init(rng, shape, n_in, n_out, dtype)."
        )
    if isinstance(found, np.ndarray):
        return default().asarray(found.astype(dtype))
    return found if found.dtype == dtype else astype(found, dtype)


def first_bias(
    init: Init, rng: Any, shape: Shape, n_in: int, n_out: int, dtype: DTypeLike
) -> Array:
    """The first values of a bias: drawn beside `"torch_uniform"` as PyTorch does, else zeros."""
    same = init if init == "torch_uniform" else "zeros"
    return initialized(same, rng, shape, n_in, n_out, dtype)


def initializer(init: Any) -> Initializer:
    """The function for a name; raises `InvalidArgument` for an unknown one."""
    if isinstance(init, str) and init in INITIALIZERS:
        return INITIALIZERS[init]
    if callable(init):
        made: Initializer = init
        return made
    near = get_close_matches(init, INITIALIZERS, 1) if isinstance(init, str) else []
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InvalidArgument(
        f"init is {init!r}; expected a function (rng, shape, n_in, n_out, dtype), or one of "
        f"{', '.join(INITIALIZERS)}.{hint}"
    )


def checked_dtype(dtype: Any) -> DType:
    """A dtype for parameters; raises `InvalidArgument` for one that has no gradients."""
    try:
        found: DType | None = dtype_named(dtype)    # of None it would be float64
    except TypeError:
        found = None
    if dtype is None or found is None or not is_inexact(found):
        raise InvalidArgument(f"dtype is {dtype}; parameters need a floating one, as float32.")
    return found


def _described(x: Any) -> str:
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        return f"{x.dtype}{list(x.shape)}"
    return f"something of type {type(x).__name__}"


# Draws of a generator, in float64, or of a key


def _normal(rng: Any, shape: Shape, deviation: float, dtype: DType) -> Any:
    if isinstance(rng, np.random.Generator):
        return rng.normal(0.0, deviation, shape)
    return random.normal(rng, shape, dtype=_drawn(dtype)) * deviation


def _uniform(rng: Any, shape: Shape, bound: float, dtype: DType) -> Any:
    if isinstance(rng, np.random.Generator):
        return rng.uniform(-bound, bound, shape)
    return random.uniform(rng, shape, -bound, bound, _drawn(dtype))


def _drawn(dtype: DType) -> DType:
    """A dtype that `gg.random` has and that holds the numbers of `dtype`."""
    if dtype.name in _DRAWN:
        return dtype
    return np.dtype("float64" if dtype.name == "complex128" else "float32")


# Initialisers


def _scaled(
    uniform: bool,
    share: tuple[float, float],
    gain: float,
    rng: Any,
    shape: Shape,
    n_in: int,
    n_out: int,
    dtype: DType,
) -> Any:
    """Numbers of variance `gain / (share[0] * n_in + share[1] * n_out)`."""
    variance = gain / max(share[0] * n_in + share[1] * n_out, 1)
    if uniform:
        return _uniform(rng, shape, sqrt(3 * variance), dtype)
    return _normal(rng, shape, sqrt(variance), dtype)


def _plain_normal(rng: Any, shape: Shape, n_in: int, n_out: int, dtype: DType) -> Any:
    return _normal(rng, shape, DEVIATION, dtype)


def _plain_uniform(rng: Any, shape: Shape, n_in: int, n_out: int, dtype: DType) -> Any:
    return _uniform(rng, shape, BOUND, dtype)


def _truncated_normal(rng: Any, shape: Shape, n_in: int, n_out: int, dtype: DType) -> Any:
    if not isinstance(rng, np.random.Generator):    # by the inverse of the distribution function
        share = _uniform(rng, shape, _ERF_OF_CUT, dtype)
        return erfinv(share) * (sqrt(2.0) * DEVIATION)
    found = rng.standard_normal(shape)
    while True:
        beyond = np.abs(found) > CUT
        if not beyond.any():
            return found * DEVIATION
        found[beyond] = rng.standard_normal(int(beyond.sum()))


def _torch_uniform(rng: Any, shape: Shape, n_in: int, n_out: int, dtype: DType) -> Any:
    return _uniform(rng, shape, 1 / sqrt(max(n_in, 1)), dtype)


def _orthogonal(rng: Any, shape: Shape, n_in: int, n_out: int, dtype: DType) -> Any:
    """Saxe et al. 2013, arXiv:1312.6120: the rows or, if there are more of them, the columns.

    The axes behind the first count as one.
    """
    rows, columns = shape[0] if shape else 1, prod(shape[1:])
    tall = (max(rows, columns), min(rows, columns))
    if isinstance(rng, np.random.Generator):
        q, r = np.linalg.qr(rng.standard_normal(tall))
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)     # else they are not evenly distributed
        return (q if rows >= columns else q.T).reshape(shape)
    wide = np.dtype("float64" if dtype.itemsize > 4 else "float32")
    found: Any = linalg.qr(random.normal(rng, tall, dtype=wide))
    q = found[0] * sign(linalg.diagonal(found[1]))
    return reshape(q if rows >= columns else q.mT, shape)


def _constant(value: float, rng: Any, shape: Shape, n_in: int, n_out: int, dtype: DType) -> Any:
    return np.full(shape, value)


_VARIANCES = {"lecun": ((1.0, 0.0), 1.0), "glorot": ((0.5, 0.5), 1.0), "he": ((1.0, 0.0), 2.0)}

INITIALIZERS: dict[str, Initializer] = {
    **{
        f"{name}_{kind}": partial(_scaled, kind == "uniform", share, gain)
        for name, (share, gain) in _VARIANCES.items()
        for kind in ("normal", "uniform")
    },
    "normal": _plain_normal,
    "truncated_normal": _truncated_normal,
    "uniform": _plain_uniform,
    "torch_uniform": _torch_uniform,
    "orthogonal": _orthogonal,
    "zeros": partial(_constant, 0.0),
    "ones": partial(_constant, 1.0),
}
"""Functions `(rng, shape, n_in, n_out, dtype)` that draw first values, by name.

`rng` is a generator of NumPy or a key of `gg.random`; `n_in` and `n_out` are how many numbers each
output sums, and how many outputs each input reaches. The values of `he_*`, `lecun_*` and `glorot_*`
have the variance 2 / n_in, 1 / n_in and 2 / (n_in + n_out); those of `normal` and
`truncated_normal` the standard deviation 0.02, the latter cut at two of these; `uniform` is within
0.05. `torch_uniform` is what layers of PyTorch start from, within 1 / sqrt(n_in), and then biases
are drawn so, too, which else are zeros. `orthogonal` has orthonormal rows, or columns.
"""
