"""Special functions under the names of `scipy.special`, on NumPy and CuPy arrays.

On NumPy arrays most of them need SciPy: `pip install scipy`. Each has gradients, of any order,
where it is differentiable.

>>> gg.special.gammaln(np.array([1.0, 5.0])).round(6)
array([0.      , 3.178054])
>>> gg.grad(lambda x: gg.sum(gg.special.gammaln(x)))(np.array([1.0, 5.0])).round(6)
array([-0.577216,  1.506118])
"""

from __future__ import annotations

import numpy as np

from gpugrad.backends import is_complex, namespace_of
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import UnsupportedOperand
from gpugrad.ops import lambert, special
from gpugrad.ops.activation import log_sigmoid, log_softmax, sigmoid, softmax
from gpugrad.ops.arrange import broadcast_shapes
from gpugrad.ops.bessel import (
    exp1,
    expi,
    expn,
    i0,
    i0e,
    i1,
    i1e,
    iv,
    j0,
    j1,
    jv,
    kv,
    y0,
    y1,
    yv,
    zeta,
)
from gpugrad.ops.incomplete import (
    beta,
    betainc,
    betaincinv,
    betaln,
    gamma,
    gammainc,
    gammaincc,
    gammainccinv,
    gammaincinv,
)
from gpugrad.ops.operands import array, arrays_or_numbers, is_array, number_of, shape_of
from gpugrad.ops.reduction import logsumexp
from gpugrad.ops.special import (
    digamma,
    entr,
    erf,
    erfc,
    erfcx,
    erfinv,
    gammaln,
    log_ndtr,
    logit,
    ndtr,
    ndtri,
    xlog1py,
    xlogy,
)
from gpugrad.ops.trigonometry import sinc
from gpugrad.ops.type_promotion import result_type
from gpugrad.types import Array, Operand, Value, offered

__all__ = [
    "beta",
    "betainc",
    "betaincinv",
    "betaln",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp1",
    "expi",
    "expit",
    "expn",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammainccinv",
    "gammaincinv",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "iv",
    "j0",
    "j1",
    "jv",
    "kv",
    "lambertw",
    "log_expit",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "sinc",
    "softmax",
    "xlog1py",
    "xlogy",
    "y0",
    "y1",
    "yv",
    "zeta",
]

expit, log_expit, psi = sigmoid, log_sigmoid, digamma


def polygamma(n: Value, x: Array) -> Array:
    """The `n`-th derivative of `digamma` at `x`.

    `n` is an integer, or an array of such numbers that is known: neither tracked nor traced. It
    broadcasts with `x`; where it is negative the result is NaN, as in SciPy. The gradient is by `x`
    alone.

    Raises:
        UnsupportedOperand: For an `n` that is no integer, or below 0 where it is a number.

    Example:
        >>> gg.special.polygamma(1, np.array([1.0, 2.0])).round(6)
        array([1.644934, 0.644934])
        >>> gg.special.polygamma(np.array([0, 1]), 1.0).round(6)
        array([-0.577216,  1.644934])
    """
    n = number_of(n)
    if is_array(n):
        return _each_polygamma(n, x)
    if not isinstance(n, int) or n < 0:
        raise UnsupportedOperand(f"polygamma: n is {n!r}; expected an integer from 0 on.")
    return special.polygamma(x, n=n) if n else digamma(x)


def lambertw(z: Operand, k: int = 0) -> Array:
    """Branch `k` of the inverse of `w * exp(w)`.

    Unlike SciPy's, that of real `z` is real: branch 0 from -1/e on, and branch -1 from there to 0;
    elsewhere it is NaN. Complex `z` have all branches.

    Raises:
        UnsupportedOperand: For a `k` that is no integer, and for real `z` in a branch that is
            complex.

    Example:
        >>> w = gg.special.lambertw(np.array([0.0, 1.0, 2.0]))
        >>> w.round(6), (w * np.exp(w)).round(6)
        (array([0.      , 0.567143, 0.852606]), array([0., 1., 2.]))
        >>> gg.special.lambertw(np.array([-1.0 + 0j])).round(4)
        array([-0.3181+1.3372j])
        >>> gg.grad(gg.special.lambertw)(0.0)
        array(1.)
    """
    k = number_of(k)
    (z,) = arrays_or_numbers(z)
    if not isinstance(k, int):
        raise UnsupportedOperand(f"lambertw: k is {k!r}; expected an integer.")
    if k not in (0, -1) and not (isinstance(z, complex) or is_complex(getattr(z, "dtype", float))):
        raise UnsupportedOperand(
            f"lambertw: branch {k} of real numbers is complex: give complex ones, z + 0j."
        )
    return lambert.lambertw(z, k=k)


def _each_polygamma(n: Array, x: Array) -> Array:
    """`polygamma` of an array of numbers, each selected from the derivative of that number."""
    orders = np.asarray(n if isinstance(n, Tensor) else namespace_of(n).to_numpy(n))
    if (orders % 1 != 0).any():
        raise UnsupportedOperand("polygamma: n holds numbers that are not whole.")
    x = ops.astype(array(x, n), result_type(n, x, 1.0))
    found = ops.broadcast_to(x * np.nan, broadcast_shapes(orders.shape, shape_of(x)))
    for order in np.unique(orders[orders >= 0]):
        found = ops.where(n == order, polygamma(int(order), x), found)
    return found


def _of_complex(z: Value, k: int, tolerance: float) -> Array:
    """`lambertw` as SciPy computes it, which has complex results of real numbers too."""
    return lambertw(ops.astype(z, np.complex128) if is_array(z) else z + 0j, k)


UFUNCS = {"_lambertw": _of_complex, "_zeta": zeta}
"""What SciPy's functions call that are no ufuncs themselves, by the names there."""

__dir__ = offered(globals())
