"""Polynomials as NumPy's functions take them: vectors of coefficients, the highest power first."""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np

from gpugrad.backends import finfo, is_complex
from gpugrad.backends.one_place import check_library
from gpugrad.core.half import in_single
from gpugrad.core.op_info import call, of
from gpugrad.core.registry import composed
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import array, arrays, floating, moved_to, plain, shape_of
from gpugrad.settings import settled
from gpugrad.types import Array, Operand, Value

__all__ = [
    "poly",
    "polyadd",
    "polyder",
    "polydiv",
    "polyfit",
    "polyint",
    "polymul",
    "polysub",
    "roots",
]


def _coefficients(name: str, *polynomials: Operand) -> list[Array]:
    """The polynomials as vectors of one kind."""
    found = [ops.reshape(p, (1,)) if not shape_of(p) else p for p in arrays(*polynomials)]
    for p in found:
        if len(shape_of(p)) != 1 or not shape_of(p)[0]:
            raise InvalidArgument(
                f"{name}: coefficients of shape {shape_of(p)}; expected a vector of at least one."
            )
    return found


def _filled(p: Array, n: int) -> Array:
    """`p` with zeros for the higher powers."""
    missing = n - shape_of(p)[0]
    return ops.pad(p, (missing, 0)) if missing > 0 else p


@composed(reference=np.polyadd, example=call(of(3), of(2)))
def polyadd(a1: Array, a2: Array, /) -> Array:
    """The sum of two polynomials, as vectors of coefficients, highest power first.

    Example:
        >>> gg.polyadd(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0]))
        array([ 1., 12., 23.])
    """
    a, b = _coefficients("polyadd", a1, a2)
    n = max(shape_of(a)[0], shape_of(b)[0])
    return ops.add(_filled(a, n), _filled(b, n))


@composed(reference=np.polysub, example=call(of(3), of(2)))
def polysub(a1: Array, a2: Array, /) -> Array:
    """The difference of two polynomials, as vectors of coefficients, highest power first.

    Example:
        >>> gg.polysub(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0]))
        array([  1.,  -8., -17.])
    """
    a, b = _coefficients("polysub", a1, a2)
    n = max(shape_of(a)[0], shape_of(b)[0])
    return ops.subtract(_filled(a, n), _filled(b, n))


@composed(reference=np.polymul, example=call(of(3), of(2)))
def polymul(a1: Array, a2: Array, /) -> Array:
    """The product of two polynomials, as vectors of coefficients, highest power first.

    Example:
        >>> gg.polymul(np.array([1.0, 2.0]), np.array([1.0, -2.0]))
        array([ 1.,  0., -4.])
    """
    return ops.convolve(*_coefficients("polymul", a1, a2))


@composed(reference=np.polyder, example=call(of(4)))
def polyder(p: Array, /, m: int = 1) -> Array:
    """The derivative of order `m` of a polynomial, as coefficients, highest power first.

    It differentiates the polynomial in its variable; `gg.grad` through it differentiates in the
    coefficients. Of a polynomial of lower degree, nothing is left, a vector without elements.

    Raises:
        InvalidArgument: For a negative `m`.

    Example:
        >>> gg.polyder(np.array([1.0, 0.0, -4.0, 5.0]))
        array([ 3.,  0., -4.])
    """
    (p,) = _coefficients("polyder", p)
    m, n = settled(m), shape_of(p)[0]
    if m < 0:
        raise InvalidArgument(f"polyder: the order is {m}; expected one that is not negative.")
    if m >= n:
        return ops.getitem(p, (slice(0),))
    factors = [factorial(k) // factorial(k - m) for k in range(n - 1, m - 1, -1)]
    numbers = moved_to(np.array(factors, _real_of(p)), p)
    return ops.multiply(ops.getitem(p, (slice(n - m),)), numbers)


@composed(reference=np.polyint, example=call(of(3)))
def polyint(p: Array, /, m: int = 1, k: Operand | Sequence[Operand] | None = None) -> Array:
    """The integral of order `m` of a polynomial, as coefficients, highest power first.

    Args:
        p: The coefficients of the polynomial.
        m: How many times it is integrated.
        k: The constants of the integrations in turn, or one for all; 0 by default.

    Raises:
        InvalidArgument: For a negative `m`, and for several constants that are fewer than `m`.

    Example:
        >>> gg.polyint(np.array([3.0, 0.0, -4.0]), k=5.0)
        array([ 1.,  0., -4.,  5.])
    """
    (p,) = _coefficients("polyint", floating(p))
    m = settled(m)
    constants: Sequence[Operand] = (
        [0.0] * m if k is None else list(k) if isinstance(k, Sequence) else [k]
    )
    if len(constants) == 1:
        constants = [*constants] * m
    if m < 0 or len(constants) < m:
        raise InvalidArgument(
            f"polyint: the order is {m}, with {len(constants)} constants; expected one for all "
            "or as many as the order."
        )
    for constant in constants[:m]:
        n = shape_of(p)[0]
        terms = ops.divide(p, moved_to(np.arange(n, 0, -1).astype(_real_of(p)), p))
        last = ops.broadcast_to(ops.astype(array(constant, p), p.dtype), (1,))
        p = ops.concat([terms, last], axis=0)
    return p


@composed(reference=np.poly, example=call(of(3)))
def poly(seq_of_zeros: Array, /) -> Array:
    """The coefficients of the polynomial with these zeros, highest power first; that one is 1.

    Of a square matrix, it is the characteristic polynomial, whose zeros are the eigenvalues.

    Raises:
        InvalidArgument: For what is neither a vector nor a square matrix.

    Example:
        >>> gg.poly(np.array([2.0, -2.0]))
        array([ 1.,  0., -4.])
    """
    (zeros,) = arrays(floating(seq_of_zeros))
    shape = shape_of(zeros)
    if len(shape) == 2 and shape[0] == shape[1] and shape[0]:
        zeros = ops.eigvals(zeros)
    elif len(shape) != 1:
        raise InvalidArgument(
            f"poly: zeros of shape {shape}; expected a vector of them, or a square matrix."
        )
    found = ops.ones_like(ops.pad(ops.getitem(zeros, (slice(0),)), (1, 0)))
    for i in range(shape_of(zeros)[0]):
        rest = ops.multiply(found, ops.getitem(zeros, (i,)))
        found = ops.subtract(ops.pad(found, (0, 1)), ops.pad(rest, (1, 0)))
    return ops.real(found) if len(shape) == 2 and not is_complex(seq_of_zeros.dtype) else found


def _real_of(p: Array) -> np.dtype:
    """The dtype in which whole factors are to meet `p`."""
    return np.dtype(p.dtype)


@composed(reference=np.roots, example=call([1.0, -3.0, 2.0]))
def roots(p: Array, /) -> Array:
    """The zeros of a polynomial, in no order; complex if any of them is.

    The coefficients come with that of the highest power first. The zeros are eigenvalues; where
    two are equal they have no gradient. Which coefficients at both ends are 0 must be known.

    Example:
        >>> np.sort(gg.roots(np.array([1.0, -3.0, 2.0]))).round(6)
        array([1., 2.])
        >>> largest = lambda p: gg.max(gg.roots(p))
        >>> gg.grad(largest)(np.array([1.0, -3.0, 2.0])).round(6)
        array([-4., -2., -1.])
    """
    (p,) = _coefficients("roots", floating(p))
    places = np.flatnonzero(plain(p))
    if not places.size:
        return ops.getitem(p, (slice(0),))
    first, last = int(places[0]), int(places[-1])
    inner = ops.getitem(p, (slice(first, last + 1),))
    n, behind = last - first, shape_of(p)[0] - 1 - last
    found = ops.getitem(inner, (slice(0),))
    if n:
        lead = ops.getitem(inner, (slice(1),))
        row = ops.negative(ops.divide(ops.getitem(inner, (slice(1, None),)), lead))
        below = moved_to(np.eye(n)[:-1].astype(np.dtype(p.dtype)), p)
        found = ops.eigvals(ops.concat([ops.reshape(row, (1, n)), below], axis=0))
        if not is_complex(p.dtype) and not np.any(plain(found).imag):
            found = ops.astype(ops.real(found), p.dtype, copy=False)
    return ops.pad(found, (0, behind)) if behind else found


@composed(reference=np.polydiv, example=call(of(4), of(2)))
def polydiv(u: Array, v: Array, /) -> tuple[Array, Array]:
    """The quotient and the remainder of two polynomials.

    Both are vectors of coefficients, the highest power first. Leading coefficients of the remainder
    that are 0 are left out, as NumPy leaves them.

    Example:
        >>> gg.polydiv(np.array([1.0, 0.0, 1.0]), np.array([1.0, 1.0]))
        (array([ 1., -1.]), array([2.]))
    """
    u, v = (floating(p) for p in _coefficients("polydiv", u, v))
    m, n = shape_of(u)[0] - 1, shape_of(v)[0] - 1
    quotient = []
    lead = ops.getitem(v, (0,))
    rest = u
    for k in range(m - n + 1):
        share = ops.divide(ops.getitem(rest, (k,)), lead)
        quotient.append(share)
        taken = ops.multiply(v, share)
        pads = (k, m - n - k)
        rest = ops.subtract(rest, ops.pad(taken, pads))
    none = ops.pad(ops.getitem(u, (slice(0),)), (1, 0))
    found = ops.stack(quotient, axis=0) if quotient else none
    begin, values = max(m - n + 1, 0), plain(rest)
    while begin < m and np.allclose(values[begin], 0, rtol=1e-14):
        begin += 1
    return found, ops.getitem(rest, (slice(min(begin, m), None),))


@composed(
    reference=np.polyfit,
    example=call([0.0, 1.0, 2.0, 3.0], [0.3, 0.9, 0.5, 0.8], 1),
)
@in_single
def polyfit(
    x: Array,
    y: Array,
    deg: int,
    /,
    rcond: float | None = None,
    full: bool = False,
    w: Value | None = None,
    cov: bool | str = False,
) -> Array | tuple[Array, ...]:
    """The polynomial of degree `deg` that best fits samples `y` at `x`, by least squares.

    Args:
        x: The places of the samples.
        y: The samples, a vector or several columns, of which each has a polynomial.
        deg: The degree.
        rcond: Singular values of the scaled powers that are smaller than this share of the largest
            count as 0; by default the number of samples times the rounding error.
        full: Whether to return, too, the sums of the squared residuals, the rank and the singular
            values of the scaled powers, and `rcond`.
        w: What the residuals of the samples are multiplied by before they are squared.
        cov: Whether to return, too, the covariances of the coefficients: scaled by the residuals,
            or with "unscaled" not.

    Raises:
        InvalidArgument: With `cov=True`, for too few samples to scale by.

    Example:
        >>> x = np.array([0.0, 1.0, 2.0, 3.0])
        >>> y = np.array([1.0, 3.0, 5.0, 7.0])
        >>> gg.polyfit(x, y, 1).round(6)
        array([2., 1.])
        >>> gg.grad(lambda y: gg.polyfit(x, y, 1)[0])(y).round(6)
        array([-0.3, -0.1,  0.1,  0.3])
    """
    check_library("polyfit", (x, y, w))
    x, y = (floating(part) for part in arrays(x, y))
    deg, full, cov, n = settled(deg), settled(full), settled(cov), shape_of(x)[0]
    powers = ops.vander(x, deg + 1)
    scale = ops.sqrt(ops.sum(ops.square(powers), axis=0))
    rows, values = powers, y
    if w is not None:
        weights = array(w, x)
        rows = ops.multiply(rows, ops.reshape(weights, (-1, 1)))
        values = ops.multiply(y, ops.reshape(weights, (-1, *(1,) * (len(shape_of(y)) - 1))))
        scale = ops.sqrt(ops.sum(ops.square(rows), axis=0))
    scaled = ops.divide(rows, scale)
    cutoff = n * float(finfo(x.dtype).eps) if rcond is None else settled(rcond)
    inverse = ops.pinv(scaled, rtol=cutoff)
    found = ops.matmul(inverse, values)
    column = scale if len(shape_of(y)) == 1 else ops.reshape(scale, (-1, 1))
    found = ops.divide(found, column)
    left = ops.subtract(values, ops.matmul(rows, found))
    squares = ops.sum(ops.square(left), axis=0)
    if full:
        singular = ops.svdvals(scaled)
        rank = int(np.linalg.matrix_rank(plain(scaled), rtol=cutoff))
        sums = ops.reshape(squares, (-1,))
        if rank < deg + 1 or n <= deg + 1:
            sums = ops.getitem(sums, (slice(0),))
        return found, sums, np.int32(rank), singular, np.float64(cutoff)  # type: ignore[return-value]
    if cov is False:
        return found
    base = ops.inv(ops.matmul(ops.matrix_transpose(scaled), scaled))
    base = ops.divide(base, ops.multiply(ops.reshape(scale, (-1, 1)), scale))
    if cov == "unscaled":
        return found, base
    if n <= deg + 1:
        raise InvalidArgument(
            f"polyfit(cov=True): {n} samples for degree {deg}; expected more than {deg + 1}."
        )
    factor = ops.divide(squares, float(n - deg - 1))
    if len(shape_of(y)) == 1:
        return found, ops.multiply(base, factor)
    return found, ops.multiply(ops.expand_dims(base, -1), factor)
