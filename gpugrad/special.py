"""Special functions under the names of `scipy.special`, on NumPy and CuPy arrays.

On NumPy arrays most of them need SciPy: `pip install scipy`.
"""

from __future__ import annotations

from typing import Any

from gpugrad.errors import UnsupportedOperand
from gpugrad.ops import special
from gpugrad.ops.activation import log_sigmoid, log_softmax, sigmoid, softmax
from gpugrad.ops.reduction import logsumexp
from gpugrad.ops.special import (
    digamma,
    entr,
    erf,
    erfc,
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

__all__ = [
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfinv",
    "expit",
    "gammaln",
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
]

expit, log_expit, psi = sigmoid, log_sigmoid, digamma


def polygamma(n: int, x: Any) -> Any:
    """Derivative number `n`, an integer of Python, of `digamma` at `x`."""
    if not isinstance(n, int) or n < 0:
        raise UnsupportedOperand(f"polygamma: n is {n!r}; wanted is an integer from 0 on.")
    return special.polygamma(x, n=n) if n else digamma(x)
