# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Special functions under the names of `scipy.special`, on NumPy and CuPy arrays.

On NumPy arrays most of them need SciPy: `pip install scipy`.
"""

from gpugrad.core.tensor import Tensor
from gpugrad.special import lambertw as lambertw
from gpugrad.special import polygamma as polygamma
from gpugrad.types import Array
from gpugrad.types import Axis
from gpugrad.types import Operand
from numpy import generic
from numpy import ndarray
from typing import overload
import builtins

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

@overload
def beta(a: ndarray, b: ndarray | generic | complex, /) -> ndarray: ...
@overload
def beta(a: Tensor, b: Operand, /) -> Tensor: ...
@overload
def beta(a: Operand, b: Tensor, /) -> Tensor: ...
@overload
def beta(a: Operand, b: Operand, /) -> Array:
    """The beta function: `gamma(a) * gamma(b) / gamma(a + b)`."""

@overload
def betainc(a: ndarray, b: ndarray | generic | complex, x: ndarray | generic | complex) -> ndarray: ...
@overload
def betainc(a: Tensor, b: Operand, x: Operand) -> Tensor: ...
@overload
def betainc(a: Operand, b: Tensor, x: Operand) -> Tensor: ...
@overload
def betainc(a: Operand, b: Operand, x: Tensor) -> Tensor: ...
@overload
def betainc(a: Operand, b: Operand, x: Operand) -> Array:
    """The regularized incomplete beta function, for positive `a` and `b` and `x` from 0 to 1.

    Its derivatives in `a` and `b` are series; these have none in them again.
    """

@overload
def betaincinv(a: ndarray, b: ndarray | generic | complex, p: ndarray | generic | complex) -> ndarray: ...
@overload
def betaincinv(a: Tensor, b: Operand, p: Operand) -> Tensor: ...
@overload
def betaincinv(a: Operand, b: Tensor, p: Operand) -> Tensor: ...
@overload
def betaincinv(a: Operand, b: Operand, p: Tensor) -> Tensor: ...
@overload
def betaincinv(a: Operand, b: Operand, p: Operand) -> Array:
    """The `x` with `betainc(a, b, x) = p`."""

@overload
def betaln(a: ndarray, b: ndarray | generic | complex) -> ndarray: ...
@overload
def betaln(a: Tensor, b: Operand) -> Tensor: ...
@overload
def betaln(a: Operand, b: Tensor) -> Tensor: ...
@overload
def betaln(a: Operand, b: Operand) -> Array:
    """The logarithm of the size of the beta function."""

@overload
def digamma(x: ndarray) -> ndarray: ...
@overload
def digamma(x: Tensor) -> Tensor: ...
@overload
def digamma(x: Operand) -> Array:
    """Derivative of `gammaln`, of real numbers."""

@overload
def entr(x: ndarray) -> ndarray: ...
@overload
def entr(x: Tensor) -> Tensor: ...
@overload
def entr(x: Operand) -> Array:
    """`-x * log(x)`: 0 at 0, where its slope is infinite, and -inf below."""

@overload
def erf(x: ndarray) -> ndarray: ...
@overload
def erf(x: Tensor) -> Tensor: ...
@overload
def erf(x: Operand) -> Array:
    """Error function: 2/√π times the integral of `exp(-t²)` from 0 to `x`."""

@overload
def erfc(x: ndarray) -> ndarray: ...
@overload
def erfc(x: Tensor) -> Tensor: ...
@overload
def erfc(x: Operand) -> Array:
    """`1 - erf(x)`, accurate for large `x`."""

@overload
def erfcx(x: ndarray) -> ndarray: ...
@overload
def erfcx(x: Tensor) -> Tensor: ...
@overload
def erfcx(x: Operand) -> Array:
    """`exp(x * x) * erfc(x)` of real numbers, which is small far above 0 and never 0."""

@overload
def erfinv(x: ndarray) -> ndarray: ...
@overload
def erfinv(x: Tensor) -> Tensor: ...
@overload
def erfinv(x: Operand) -> Array:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond."""

@overload
def exp1(x: ndarray) -> ndarray: ...
@overload
def exp1(x: Tensor) -> Tensor: ...
@overload
def exp1(x: Operand) -> Array:
    """The exponential integral: that of `exp(-t) / t` from `x` on, of positive numbers."""

@overload
def expi(x: ndarray) -> ndarray: ...
@overload
def expi(x: Tensor) -> Tensor: ...
@overload
def expi(x: Operand) -> Array:
    """The exponential integral: the principal value of that of `exp(t) / t` from -inf to `x`."""

@overload
def expit(x: ndarray) -> ndarray: ...
@overload
def expit(x: Tensor) -> Tensor: ...
@overload
def expit(x: Operand) -> Array:
    """`1 / (1 + exp(-x))`."""

@overload
def expn(n: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def expn(n: Tensor, x: Operand) -> Tensor: ...
@overload
def expn(n: Operand, x: Tensor) -> Tensor: ...
@overload
def expn(n: Operand, x: Operand) -> Array:
    """The integral of `exp(-x * t) / t**n` from `t = 1` on, for whole numbers `n` from 0."""

@overload
def gamma(x: ndarray) -> ndarray: ...
@overload
def gamma(x: Tensor) -> Tensor: ...
@overload
def gamma(x: Operand) -> Array:
    """The gamma function, that of real numbers: `(x - 1)!` of whole ones."""

@overload
def gammainc(a: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def gammainc(a: Tensor, x: Operand) -> Tensor: ...
@overload
def gammainc(a: Operand, x: Tensor) -> Tensor: ...
@overload
def gammainc(a: Operand, x: Operand) -> Array:
    """The regularized lower incomplete gamma function, for positive `a` and `x` from 0 on.

    Its derivative in `a` is a series; that has none in `a` again.
    """

@overload
def gammaincc(a: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def gammaincc(a: Tensor, x: Operand) -> Tensor: ...
@overload
def gammaincc(a: Operand, x: Tensor) -> Tensor: ...
@overload
def gammaincc(a: Operand, x: Operand) -> Array:
    """`1 - gammainc(a, x)`, accurate where that is small."""

@overload
def gammainccinv(a: ndarray, p: ndarray | generic | complex) -> ndarray: ...
@overload
def gammainccinv(a: Tensor, p: Operand) -> Tensor: ...
@overload
def gammainccinv(a: Operand, p: Tensor) -> Tensor: ...
@overload
def gammainccinv(a: Operand, p: Operand) -> Array:
    """The `x` with `gammaincc(a, x) = p`, accurate where `p` is small."""

@overload
def gammaincinv(a: ndarray, p: ndarray | generic | complex) -> ndarray: ...
@overload
def gammaincinv(a: Tensor, p: Operand) -> Tensor: ...
@overload
def gammaincinv(a: Operand, p: Tensor) -> Tensor: ...
@overload
def gammaincinv(a: Operand, p: Operand) -> Array:
    """The `x` with `gammainc(a, x) = p`."""

@overload
def gammaln(x: ndarray) -> ndarray: ...
@overload
def gammaln(x: Tensor) -> Tensor: ...
@overload
def gammaln(x: Operand) -> Array:
    """Logarithm of the size of the gamma function; infinite at 0 and negative integers."""

@overload
def i0(x: ndarray) -> ndarray: ...
@overload
def i0(x: Tensor) -> Tensor: ...
@overload
def i0(x: Operand) -> Array:
    """The modified Bessel function of the first kind and order 0."""

@overload
def i0e(x: ndarray) -> ndarray: ...
@overload
def i0e(x: Tensor) -> Tensor: ...
@overload
def i0e(x: Operand) -> Array:
    """`exp(-abs(x)) * i0(x)`, which does not overflow."""

@overload
def i1(x: ndarray) -> ndarray: ...
@overload
def i1(x: Tensor) -> Tensor: ...
@overload
def i1(x: Operand) -> Array:
    """The modified Bessel function of the first kind and order 1."""

@overload
def i1e(x: ndarray) -> ndarray: ...
@overload
def i1e(x: Tensor) -> Tensor: ...
@overload
def i1e(x: Operand) -> Array:
    """`exp(-abs(x)) * i1(x)`, which does not overflow."""

@overload
def iv(v: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def iv(v: Tensor, x: Operand) -> Tensor: ...
@overload
def iv(v: Operand, x: Tensor) -> Tensor: ...
@overload
def iv(v: Operand, x: Operand) -> Array:
    """The modified Bessel function of the first kind and real order `v`.

    Of CuPy's arrays it is computed by SciPy, on the host.
    """

@overload
def j0(x: ndarray) -> ndarray: ...
@overload
def j0(x: Tensor) -> Tensor: ...
@overload
def j0(x: Operand) -> Array:
    """The Bessel function of the first kind and order 0."""

@overload
def j1(x: ndarray) -> ndarray: ...
@overload
def j1(x: Tensor) -> Tensor: ...
@overload
def j1(x: Operand) -> Array:
    """The Bessel function of the first kind and order 1."""

@overload
def jv(v: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def jv(v: Tensor, x: Operand) -> Tensor: ...
@overload
def jv(v: Operand, x: Tensor) -> Tensor: ...
@overload
def jv(v: Operand, x: Operand) -> Array:
    """The Bessel function of the first kind and real order `v`.

    Of CuPy's arrays it is computed by SciPy, on the host.
    """

@overload
def kv(v: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def kv(v: Tensor, x: Operand) -> Tensor: ...
@overload
def kv(v: Operand, x: Tensor) -> Tensor: ...
@overload
def kv(v: Operand, x: Operand) -> Array:
    """The modified Bessel function of the second kind and real order `v`.

    Of CuPy's arrays it is computed by SciPy, on the host.
    """

@overload
def log_expit(x: ndarray) -> ndarray: ...
@overload
def log_expit(x: Tensor) -> Tensor: ...
@overload
def log_expit(x: Operand) -> Array:
    """Logarithm of `sigmoid(x)` of real `x`, accurate where that is 0 or 1 in its dtype."""

@overload
def log_ndtr(x: ndarray) -> ndarray: ...
@overload
def log_ndtr(x: Tensor) -> Tensor: ...
@overload
def log_ndtr(x: Operand) -> Array:
    """Logarithm of `ndtr(x)`, accurate for very negative `x`."""

@overload
def log_softmax(x: ndarray, /, axis: Axis = -1) -> ndarray: ...
@overload
def log_softmax(x: Tensor, /, axis: Axis = -1) -> Tensor: ...
@overload
def log_softmax(x: Operand, /, axis: Axis = -1) -> Array:
    """Logarithm of the softmax along `axis`."""

@overload
def logit(x: ndarray) -> ndarray: ...
@overload
def logit(x: Tensor) -> Tensor: ...
@overload
def logit(x: Operand) -> Array:
    """`log(x / (1 - x))`, the inverse of `expit`; infinite at 0 and 1, NaN beyond."""

@overload
def logsumexp(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> ndarray: ...
@overload
def logsumexp(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> Tensor: ...
@overload
def logsumexp(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> Array:
    """`log(sum(exp(x)))` along `axis`, without overflow; -inf (with gradient 0) if all are -inf."""

@overload
def ndtr(x: ndarray) -> ndarray: ...
@overload
def ndtr(x: Tensor) -> Tensor: ...
@overload
def ndtr(x: Operand) -> Array:
    """Distribution function of the standard normal distribution."""

@overload
def ndtri(x: ndarray) -> ndarray: ...
@overload
def ndtri(x: Tensor) -> Tensor: ...
@overload
def ndtri(x: Operand) -> Array:
    """The inverse of `ndtr`: infinite at 0 and 1, NaN beyond."""

@overload
def psi(x: ndarray) -> ndarray: ...
@overload
def psi(x: Tensor) -> Tensor: ...
@overload
def psi(x: Operand) -> Array:
    """Derivative of `gammaln`, of real numbers."""

@overload
def sinc(x: ndarray) -> ndarray: ...
@overload
def sinc(x: Tensor) -> Tensor: ...
@overload
def sinc(x: Operand) -> Array:
    """`sin(πx) / (πx)`, and 1 at 0."""

@overload
def softmax(x: ndarray, /, axis: Axis = -1) -> ndarray: ...
@overload
def softmax(x: Tensor, /, axis: Axis = -1) -> Tensor: ...
@overload
def softmax(x: Operand, /, axis: Axis = -1) -> Array:
    """`exp(x)` divided by its sum along `axis`."""

@overload
def xlog1py(x: ndarray, z: ndarray | generic | complex) -> ndarray: ...
@overload
def xlog1py(x: Tensor, z: Operand) -> Tensor: ...
@overload
def xlog1py(x: Operand, z: Tensor) -> Tensor: ...
@overload
def xlog1py(x: Operand, z: Operand) -> Array:
    """`x * log(1 + z)`, and 0 where `x` is 0."""

@overload
def xlogy(x: ndarray, z: ndarray | generic | complex) -> ndarray: ...
@overload
def xlogy(x: Tensor, z: Operand) -> Tensor: ...
@overload
def xlogy(x: Operand, z: Tensor) -> Tensor: ...
@overload
def xlogy(x: Operand, z: Operand) -> Array:
    """`x * log(z)`, and 0 where `x` is 0."""

@overload
def y0(x: ndarray) -> ndarray: ...
@overload
def y0(x: Tensor) -> Tensor: ...
@overload
def y0(x: Operand) -> Array:
    """The Bessel function of the second kind and order 0, of positive numbers."""

@overload
def y1(x: ndarray) -> ndarray: ...
@overload
def y1(x: Tensor) -> Tensor: ...
@overload
def y1(x: Operand) -> Array:
    """The Bessel function of the second kind and order 1, of positive numbers."""

@overload
def yv(v: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def yv(v: Tensor, x: Operand) -> Tensor: ...
@overload
def yv(v: Operand, x: Tensor) -> Tensor: ...
@overload
def yv(v: Operand, x: Operand) -> Array:
    """The Bessel function of the second kind and real order `v`.

    Of CuPy's arrays it is computed by SciPy, on the host.
    """

@overload
def zeta(x: ndarray, q: ndarray | generic | complex) -> ndarray: ...
@overload
def zeta(x: Tensor, q: Operand) -> Tensor: ...
@overload
def zeta(x: Operand, q: Tensor) -> Tensor: ...
@overload
def zeta(x: Operand, q: Operand) -> Array:
    """The Hurwitz zeta function: the sum of `(q + k)**-x` over `k` from 0 on."""
