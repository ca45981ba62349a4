# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Special functions under the names of `scipy.special`, on NumPy and CuPy arrays.

On NumPy arrays most of them need SciPy: `pip install scipy`. Each has gradients, of any order,
where it is differentiable.

>>> gg.special.gammaln(np.array([1.0, 5.0])).round(6)
array([0.      , 3.178054])
>>> gg.grad(lambda x: gg.sum(gg.special.gammaln(x)))(np.array([1.0, 5.0])).round(6)
array([-0.577216,  1.506118])
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
    """The beta function: `gamma(a) * gamma(b) / gamma(a + b)`.

    Example:
        >>> gg.special.beta(2.0, 3.0).round(6)
        np.float64(0.083333)
        >>> gg.grad(gg.special.beta)(2.0, 3.0).round(6)
        np.float64(-0.090278)
    """

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

    NaN for other `x`. Its derivatives in `a` and `b` are series; these have none in them again.

    Example:
        >>> gg.special.betainc(2.0, 2.0, np.array([0.0, 0.25, 1.0])).round(6)
        array([0.     , 0.15625, 1.     ])
        >>> gg.grad(gg.special.betainc, argnums=2)(2.0, 2.0, 0.5).round(6)
        np.float64(1.5)
        >>> gg.grad(gg.special.betainc)(1.0, 1.0, 0.5).round(6)
        np.float64(-0.346574)
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
    """The `x` with `betainc(a, b, x) = p`, for `p` from 0 to 1; NaN elsewhere.

    Example:
        >>> gg.special.betaincinv(2.0, 2.0, 0.5).round(6)
        np.float64(0.5)
        >>> gg.grad(gg.special.betaincinv, argnums=2)(2.0, 2.0, 0.5).round(6)
        np.float64(0.666667)
    """

@overload
def betaln(a: ndarray, b: ndarray | generic | complex) -> ndarray: ...
@overload
def betaln(a: Tensor, b: Operand) -> Tensor: ...
@overload
def betaln(a: Operand, b: Tensor) -> Tensor: ...
@overload
def betaln(a: Operand, b: Operand) -> Array:
    """The logarithm of the absolute value of the beta function.

    It is finite where the beta function itself leaves the range of the dtype.

    Example:
        >>> gg.special.betaln(1000.0, 1000.0).round(6)
        np.float64(-1388.482602)
        >>> gg.grad(gg.special.betaln, argnums=(0, 1))(1.0, 1.0)
        (array(-1.), array(-1.))
    """

@overload
def digamma(x: ndarray) -> ndarray: ...
@overload
def digamma(x: Tensor) -> Tensor: ...
@overload
def digamma(x: Operand) -> Array:
    """The derivative of `gammaln`.

    It is -inf at 0 and NaN at negative integers, and its own slope is `polygamma(x, n=1)`.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.digamma(np.array([1.0, 2.0])).round(6)
        array([-0.577216,  0.422784])
        >>> gg.grad(gg.digamma)(1.0).round(6)
        np.float64(1.644934)
    """

@overload
def entr(x: ndarray) -> ndarray: ...
@overload
def entr(x: Tensor) -> Tensor: ...
@overload
def entr(x: Operand) -> Array:
    """The entropy of a probability, `-x * log(x)`.

    It is 0 at 0, where its slope is infinite, and -inf below.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.entr(np.array([0.0, 0.5])).round(6)
        array([0.      , 0.346574])
        >>> gg.grad(gg.entr)(1.0)
        array(-1.)
    """

@overload
def erf(x: ndarray) -> ndarray: ...
@overload
def erf(x: Tensor) -> Tensor: ...
@overload
def erf(x: Operand) -> Array:
    """Error function: 2/√π times the integral of `exp(-t²)` from 0 to `x`.

    It rises from -1 to 1. On NumPy, `x` may be complex.

    Example:
        >>> gg.erf(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.842701])
        >>> gg.grad(gg.erf)(0.0).round(6)
        np.float64(1.128379)
    """

@overload
def erfc(x: ndarray) -> ndarray: ...
@overload
def erfc(x: Tensor) -> Tensor: ...
@overload
def erfc(x: Operand) -> Array:
    """Complementary error function, `1 - erf(x)`, accurate for large `x`.

    On NumPy, `x` may be complex.

    Example:
        >>> x = np.array([10.0])
        >>> gg.log(gg.erfc(x)).round(4), 1 - gg.erf(x)
        (array([-102.8799]), array([0.]))
    """

@overload
def erfcx(x: ndarray) -> ndarray: ...
@overload
def erfcx(x: Tensor) -> Tensor: ...
@overload
def erfcx(x: Operand) -> Array:
    """Scaled complementary error function, `exp(x * x) * erfc(x)`, which is never 0.

    Far above 0 it is small, about 1/(√π x); far below it overflows.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.erfcx(np.array([0.0, 100.0])).round(6)
        array([1.      , 0.005642])
        >>> gg.grad(gg.erfcx)(0.0).round(6)
        np.float64(-1.128379)
    """

@overload
def erfinv(x: ndarray) -> ndarray: ...
@overload
def erfinv(x: Tensor) -> Tensor: ...
@overload
def erfinv(x: Operand) -> Array:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.erfinv(np.array([0.0, 0.5, 1.0])).round(6)
        array([0.      , 0.476936,      inf])
        >>> gg.grad(gg.erfinv)(0.0).round(6)
        np.float64(0.886227)
    """

@overload
def exp1(x: ndarray) -> ndarray: ...
@overload
def exp1(x: Tensor) -> Tensor: ...
@overload
def exp1(x: Operand) -> Array:
    """The exponential integral: that of `exp(-t) / t` from `x` on, of positive numbers.

    Infinite at 0.

    Example:
        >>> gg.special.exp1(np.array([0.5, 1.0])).round(6)
        array([0.559774, 0.219384])
        >>> gg.grad(gg.special.exp1)(1.0).round(6)
        np.float64(-0.367879)
    """

@overload
def expi(x: ndarray) -> ndarray: ...
@overload
def expi(x: Tensor) -> Tensor: ...
@overload
def expi(x: Operand) -> Array:
    """The exponential integral: the principal value of that of `exp(t) / t` from -inf to `x`.

    -inf at 0.

    Example:
        >>> gg.special.expi(np.array([-1.0, 1.0])).round(6)
        array([-0.219384,  1.895118])
        >>> gg.grad(gg.special.expi)(1.0).round(6)
        np.float64(2.718282)
    """

@overload
def expit(x: ndarray) -> ndarray: ...
@overload
def expit(x: Tensor) -> Tensor: ...
@overload
def expit(x: Operand) -> Array:
    """`1 / (1 + exp(-x))`, the logistic function, from 0 to 1.

    Integers give the default floating dtype. The value keeps its digits far below 0, and the slope
    far above.

    Example:
        >>> gg.sigmoid(np.array([-2.0, 0.0, 2.0])).round(6)
        array([0.119203, 0.5     , 0.880797])
        >>> gg.grad(gg.sigmoid)(0.0)
        array(0.25)
    """

@overload
def expn(n: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def expn(n: Tensor, x: Operand) -> Tensor: ...
@overload
def expn(n: Operand, x: Tensor) -> Tensor: ...
@overload
def expn(n: Operand, x: Operand) -> Array:
    """The integral of `exp(-x * t) / t**n` from `t = 1` on, for whole numbers `n` from 0.

    Raises:
        NotDifferentiable: For a gradient in the order `n`.

    Example:
        >>> gg.special.expn(2, np.array([0.0, 1.0])).round(6)
        array([1.      , 0.148496])
        >>> gg.grad(lambda x: gg.special.expn(2, x))(1.0).round(6)
        np.float64(-0.219384)
    """

@overload
def gamma(x: ndarray) -> ndarray: ...
@overload
def gamma(x: Tensor) -> Tensor: ...
@overload
def gamma(x: Operand) -> Array:
    """The gamma function of real numbers: `(x - 1)!` of whole ones.

    Its logarithm is `gammaln`, which is finite where this one leaves the range of the dtype.

    Example:
        >>> gg.special.gamma(np.array([0.5, 3.0, 5.0])).round(6)
        array([ 1.772454,  2.      , 24.      ])
        >>> gg.grad(gg.special.gamma)(1.0).round(6)
        np.float64(-0.577216)
    """

@overload
def gammainc(a: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def gammainc(a: Tensor, x: Operand) -> Tensor: ...
@overload
def gammainc(a: Operand, x: Tensor) -> Tensor: ...
@overload
def gammainc(a: Operand, x: Operand) -> Array:
    """The regularized lower incomplete gamma function, for positive `a` and `x` from 0 on.

    NaN where one is negative. Its derivative in `a` is a series; that has none in `a` again.

    Example:
        >>> gg.special.gammainc(2.0, np.array([0.0, 1.0, 10.0])).round(6)
        array([0.      , 0.264241, 0.999501])
        >>> gg.grad(gg.special.gammainc, argnums=1)(1.0, 0.0)
        array(1.)
        >>> gg.grad(gg.special.gammainc)(2.0, 1.0).round(6)
        np.float64(-0.276196)
    """

@overload
def gammaincc(a: ndarray, x: ndarray | generic | complex) -> ndarray: ...
@overload
def gammaincc(a: Tensor, x: Operand) -> Tensor: ...
@overload
def gammaincc(a: Operand, x: Tensor) -> Tensor: ...
@overload
def gammaincc(a: Operand, x: Operand) -> Array:
    """`1 - gammainc(a, x)`, accurate where that is small.

    Example:
        >>> 1 - gg.special.gammainc(2.0, 50.0)
        np.float64(0.0)
        >>> gg.special.gammaincc(2.0, 50.0) > 0
        np.True_
        >>> gg.grad(gg.special.gammaincc, argnums=1)(1.0, 1.0).round(6)
        np.float64(-0.367879)
    """

@overload
def gammainccinv(a: ndarray, p: ndarray | generic | complex) -> ndarray: ...
@overload
def gammainccinv(a: Tensor, p: Operand) -> Tensor: ...
@overload
def gammainccinv(a: Operand, p: Tensor) -> Tensor: ...
@overload
def gammainccinv(a: Operand, p: Operand) -> Array:
    """The `x` with `gammaincc(a, x) = p`, accurate where `p` is small.

    Example:
        >>> gg.special.gammainccinv(1.0, 1e-30).round(6)
        np.float64(69.077553)
        >>> gg.grad(gg.special.gammainccinv, argnums=1)(1.0, 0.5).round(6)
        np.float64(-2.0)
    """

@overload
def gammaincinv(a: ndarray, p: ndarray | generic | complex) -> ndarray: ...
@overload
def gammaincinv(a: Tensor, p: Operand) -> Tensor: ...
@overload
def gammaincinv(a: Operand, p: Tensor) -> Tensor: ...
@overload
def gammaincinv(a: Operand, p: Operand) -> Array:
    """The `x` with `gammainc(a, x) = p`, for `p` from 0 to 1; NaN elsewhere.

    Example:
        >>> x = gg.special.gammaincinv(2.0, 0.5)
        >>> gg.special.gammainc(2.0, x).round(6)
        np.float64(0.5)
        >>> gg.grad(gg.special.gammaincinv, argnums=1)(1.0, 0.5).round(6)
        np.float64(2.0)
    """

@overload
def gammaln(x: ndarray) -> ndarray: ...
@overload
def gammaln(x: Tensor) -> Tensor: ...
@overload
def gammaln(x: Operand) -> Array:
    """Logarithm of the absolute value of the gamma function; infinite at 0 and negative integers.

    Its gradient is `digamma`.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.gammaln(np.array([1.0, 5.0, -0.5])).round(6)
        array([0.      , 3.178054, 1.265512])
        >>> gg.exp(gg.gammaln(np.array([5.0]))).round(6)
        array([24.])
    """

@overload
def i0(x: ndarray) -> ndarray: ...
@overload
def i0(x: Tensor) -> Tensor: ...
@overload
def i0(x: Operand) -> Array:
    """The modified Bessel function of the first kind and order 0.

    Its slope is `i1`. For large numbers, where it overflows, see `i0e`.

    Example:
        >>> gg.special.i0(np.array([0.0, 1.0])).round(6)
        array([1.      , 1.266066])
        >>> gg.grad(gg.special.i0)(1.0).round(6)
        np.float64(0.565159)
    """

@overload
def i0e(x: ndarray) -> ndarray: ...
@overload
def i0e(x: Tensor) -> Tensor: ...
@overload
def i0e(x: Operand) -> Array:
    """`exp(-abs(x)) * i0(x)`, which does not overflow.

    Example:
        >>> gg.special.i0e(np.array([0.0, 1000.0])).round(6)
        array([1.      , 0.012617])
        >>> gg.grad(gg.special.i0e)(1.0).round(6)
        np.float64(-0.257849)
    """

@overload
def i1(x: ndarray) -> ndarray: ...
@overload
def i1(x: Tensor) -> Tensor: ...
@overload
def i1(x: Operand) -> Array:
    """The modified Bessel function of the first kind and order 1.

    For large numbers, where it overflows, see `i1e`.

    Example:
        >>> gg.special.i1(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.565159])
        >>> gg.grad(gg.special.i1)(0.0)
        array(0.5)
    """

@overload
def i1e(x: ndarray) -> ndarray: ...
@overload
def i1e(x: Tensor) -> Tensor: ...
@overload
def i1e(x: Operand) -> Array:
    """`exp(-abs(x)) * i1(x)`, which does not overflow.

    Example:
        >>> gg.special.i1e(np.array([0.0, 1000.0])).round(6)
        array([0.      , 0.012611])
        >>> gg.grad(gg.special.i1e)(0.0)
        array(0.5)
    """

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

    Raises:
        NotDifferentiable: For a gradient in the order.

    Example:
        >>> gg.special.iv(0.5, np.array([1.0, 2.0])).round(6)
        array([0.937675, 2.046237])
        >>> gg.grad(gg.special.iv, argnums=1)(0.5, 1.0).round(6)
        np.float64(0.762363)
    """

@overload
def j0(x: ndarray) -> ndarray: ...
@overload
def j0(x: Tensor) -> Tensor: ...
@overload
def j0(x: Operand) -> Array:
    """The Bessel function of the first kind and order 0.

    Its slope is `-j1`.

    Example:
        >>> gg.special.j0(np.array([0.0, 1.0])).round(6)
        array([1.      , 0.765198])
        >>> gg.grad(gg.special.j0)(1.0).round(6)
        np.float64(-0.440051)
    """

@overload
def j1(x: ndarray) -> ndarray: ...
@overload
def j1(x: Tensor) -> Tensor: ...
@overload
def j1(x: Operand) -> Array:
    """The Bessel function of the first kind and order 1.

    Example:
        >>> gg.special.j1(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.440051])
        >>> gg.grad(gg.special.j1)(0.0)
        array(0.5)
    """

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

    Raises:
        NotDifferentiable: For a gradient in the order.

    Example:
        >>> gg.special.jv(0.5, np.array([1.0, 2.0])).round(6)
        array([0.671397, 0.513016])
        >>> gg.grad(gg.special.jv, argnums=1)(0.5, 1.0).round(6)
        np.float64(0.095401)
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

    Raises:
        NotDifferentiable: For a gradient in the order.

    Example:
        >>> gg.special.kv(0.5, np.array([1.0, 2.0])).round(6)
        array([0.461069, 0.119938])
        >>> gg.grad(gg.special.kv, argnums=1)(0.5, 1.0).round(6)
        np.float64(-0.691603)
    """

@overload
def log_expit(x: ndarray) -> ndarray: ...
@overload
def log_expit(x: Tensor) -> Tensor: ...
@overload
def log_expit(x: Operand) -> Array:
    """Logarithm of `sigmoid(x)` for real `x`, accurate even where that rounds to 0 or 1.

    Example:
        >>> gg.log_sigmoid(-800.0)
        array(-800.)
        >>> gg.grad(gg.log_sigmoid)(0.0)
        array(0.5)
    """

@overload
def log_ndtr(x: ndarray) -> ndarray: ...
@overload
def log_ndtr(x: Tensor) -> Tensor: ...
@overload
def log_ndtr(x: Operand) -> Array:
    """Logarithm of `ndtr(x)`, accurate for very negative `x`, where `ndtr(x)` rounds to 0.

    On NumPy, `x` may be complex.

    Example:
        >>> x = np.array([-100.0])
        >>> gg.log_ndtr(x).round(4), gg.ndtr(x)
        (array([-5005.5242]), array([0.]))
        >>> gg.grad(gg.log_ndtr)(-100.0).round(4)
        np.float64(100.01)
    """

@overload
def log_softmax(x: ndarray, /, axis: Axis = -1) -> ndarray: ...
@overload
def log_softmax(x: Tensor, /, axis: Axis = -1) -> Tensor: ...
@overload
def log_softmax(x: Operand, /, axis: Axis = -1) -> Array:
    """Logarithm of the softmax along `axis`, accurate even where that rounds to 0.

    Example:
        >>> gg.log_softmax(np.array([0.0, 1000.0]))
        array([-1000.,     0.])
        >>> gg.grad(lambda x: gg.log_softmax(x)[0])(np.array([0.0, 0.0]))
        array([ 0.5, -0.5])
    """

@overload
def logit(x: ndarray) -> ndarray: ...
@overload
def logit(x: Tensor) -> Tensor: ...
@overload
def logit(x: Operand) -> Array:
    """The inverse of `sigmoid`, `log(x / (1 - x))`; infinite at 0 and 1, NaN beyond.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.logit(np.array([0.5, 0.9])).round(6)
        array([0.      , 2.197225])
        >>> gg.grad(gg.logit)(0.5)
        array(4.)
    """

@overload
def logsumexp(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> ndarray: ...
@overload
def logsumexp(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> Tensor: ...
@overload
def logsumexp(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> Array:
    """`log(sum(exp(x)))` along `axis`, without overflow; -inf (with gradient 0) if all are -inf.

    `axis` is an integer, a tuple of them, or `None` for all. The gradient is the softmax.

    Example:
        >>> x = np.array([1000.0, 1000.0])
        >>> (gg.logsumexp(x) - 1000).round(6)
        np.float64(0.693147)
        >>> gg.grad(gg.logsumexp)(x)
        array([0.5, 0.5])
    """

@overload
def ndtr(x: ndarray) -> ndarray: ...
@overload
def ndtr(x: Tensor) -> Tensor: ...
@overload
def ndtr(x: Operand) -> Array:
    """Cumulative distribution function of the standard normal distribution.

    On NumPy, `x` may be complex. The gradient is the density.

    Example:
        >>> gg.ndtr(np.array([0.0, 1.96])).round(4)
        array([0.5  , 0.975])
        >>> gg.grad(gg.ndtr)(0.0).round(6)
        np.float64(0.398942)
    """

@overload
def ndtri(x: ndarray) -> ndarray: ...
@overload
def ndtri(x: Tensor) -> Tensor: ...
@overload
def ndtri(x: Operand) -> Array:
    """The inverse of `ndtr`, the quantiles of the standard normal distribution.

    It is infinite at 0 and 1, and NaN beyond.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.ndtri(np.array([0.5, 0.975])).round(4)
        array([0.  , 1.96])
        >>> gg.grad(gg.ndtri)(0.5).round(6)
        np.float64(2.506628)
    """

@overload
def psi(x: ndarray) -> ndarray: ...
@overload
def psi(x: Tensor) -> Tensor: ...
@overload
def psi(x: Operand) -> Array:
    """The derivative of `gammaln`.

    It is -inf at 0 and NaN at negative integers, and its own slope is `polygamma(x, n=1)`.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.digamma(np.array([1.0, 2.0])).round(6)
        array([-0.577216,  0.422784])
        >>> gg.grad(gg.digamma)(1.0).round(6)
        np.float64(1.644934)
    """

@overload
def sinc(x: ndarray) -> ndarray: ...
@overload
def sinc(x: Tensor) -> Tensor: ...
@overload
def sinc(x: Operand) -> Array:
    """`sin(πx) / (πx)`, and 1 at 0, where its slopes are exact, too.

    Example:
        >>> gg.sinc(np.array([0.0, 0.5])).round(6)
        array([1.     , 0.63662])
        >>> gg.grad(gg.grad(gg.sinc))(0.0).round(6), -(np.pi ** 2) / 3
        (np.float64(-3.289868), -3.289868133696453)
    """

@overload
def softmax(x: ndarray, /, axis: Axis = -1) -> ndarray: ...
@overload
def softmax(x: Tensor, /, axis: Axis = -1) -> Tensor: ...
@overload
def softmax(x: Operand, /, axis: Axis = -1) -> Array:
    """`exp(x)` divided by its sum along `axis`, without overflow; `axis=None` means all axes.

    The results lie between 0 and 1 and add up to 1. Infinite elements count as equally large. For a
    loss, use `log_softmax`, or `softmax_cross_entropy`, which combines both.

    Example:
        >>> gg.softmax(np.array([1.0, 2.0, 3.0])).round(4)
        array([0.09  , 0.2447, 0.6652])
        >>> gg.grad(lambda x: gg.softmax(x)[2])(np.array([1.0, 2.0, 3.0])).round(4)
        array([-0.0599, -0.1628,  0.2227])
    """

@overload
def xlog1py(x: ndarray, z: ndarray | generic | complex) -> ndarray: ...
@overload
def xlog1py(x: Tensor, z: Operand) -> Tensor: ...
@overload
def xlog1py(x: Operand, z: Tensor) -> Tensor: ...
@overload
def xlog1py(x: Operand, z: Operand) -> Array:
    """`x * log(1 + z)`, accurate for small `z`, and 0 where `x` is 0, also for `z = -1`.

    Example:
        >>> gg.xlog1py(np.array([2.0, 0.0]), np.array([1.0, -1.0])).round(6)
        array([1.386294, 0.      ])
        >>> gg.grad(gg.xlog1py, argnums=1)(2.0, 0.0)
        array(2.)
    """

@overload
def xlogy(x: ndarray, z: ndarray | generic | complex) -> ndarray: ...
@overload
def xlogy(x: Tensor, z: Operand) -> Tensor: ...
@overload
def xlogy(x: Operand, z: Tensor) -> Tensor: ...
@overload
def xlogy(x: Operand, z: Operand) -> Array:
    """`x * log(z)`, and 0 where `x` is 0, also for `z = 0`.

    Example:
        >>> gg.xlogy(np.array([2.0, 0.0]), np.array([np.e, 0.0]))
        array([2., 0.])
        >>> gg.grad(gg.xlogy, argnums=(0, 1))(0.0, 1.0)
        (array(0.), array(0.))
    """

@overload
def y0(x: ndarray) -> ndarray: ...
@overload
def y0(x: Tensor) -> Tensor: ...
@overload
def y0(x: Operand) -> Array:
    """The Bessel function of the second kind and order 0, of positive numbers.

    -inf at 0, NaN below. Its slope is `-y1`.

    Example:
        >>> gg.special.y0(np.array([1.0, 2.0])).round(6)
        array([0.088257, 0.510376])
        >>> gg.grad(gg.special.y0)(1.0).round(6)
        np.float64(0.781213)
    """

@overload
def y1(x: ndarray) -> ndarray: ...
@overload
def y1(x: Tensor) -> Tensor: ...
@overload
def y1(x: Operand) -> Array:
    """The Bessel function of the second kind and order 1, of positive numbers.

    -inf at 0, NaN below.

    Example:
        >>> gg.special.y1(np.array([1.0, 2.0])).round(6)
        array([-0.781213, -0.107032])
        >>> gg.grad(gg.special.y1)(1.0).round(6)
        np.float64(0.86947)
    """

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

    Raises:
        NotDifferentiable: For a gradient in the order.

    Example:
        >>> gg.special.yv(0.5, np.array([1.0, 2.0])).round(6)
        array([-0.431099,  0.234786])
        >>> gg.grad(gg.special.yv, argnums=1)(0.5, 1.0).round(6)
        np.float64(0.886946)
    """

@overload
def zeta(x: ndarray, q: ndarray | generic | complex) -> ndarray: ...
@overload
def zeta(x: Tensor, q: Operand) -> Tensor: ...
@overload
def zeta(x: Operand, q: Tensor) -> Tensor: ...
@overload
def zeta(x: Operand, q: Operand) -> Array:
    """The Hurwitz zeta function: the sum of `(q + k)**-x` over `k` from 0 on.

    Infinite at `x = 1`. With `q = 1` it is Riemann's.

    Raises:
        NotDifferentiable: For a gradient in the exponent `x`.

    Example:
        >>> gg.special.zeta(2.0, np.array([1.0, 2.0])).round(6)
        array([1.644934, 0.644934])
        >>> gg.grad(gg.special.zeta, argnums=1)(2.0, 1.0).round(6)
        np.float64(-2.404114)
    """
