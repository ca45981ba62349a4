"""Decompositions of matrices, which are the last two axes; the others are a batch.

The rules follow M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008), and S. Walter and L. Lehmann, "Algorithmic differentiation of
linear algebra functions" (2012), for complex matrices with H for the transpose. They are written
for a cotangent in the direction of steepest ascent, hence `conj` where they begin and end. Where
singular values or eigenvalues are equal, their vectors are not determined: a cotangent that depends
on the choice gives infinite numbers.
"""

from __future__ import annotations

from gpugrad.backends import Array, Namespace, conjugate, is_complex
from gpugrad.core.op import op
from gpugrad.errors import NotDifferentiable
from gpugrad.ops.matrices import adjoint, as_batch, as_column
from gpugrad.types import DTypeLike, Value

__all__ = [
]


def _eye(n: int, dtype: DTypeLike, xp: Namespace) -> Array:
    """The identity matrix, where `xp` computes."""
    return xp.one_hot(xp.arange(n), n, dtype)


def _diagonal(x: Array, n: int, xp: Namespace) -> Array:
    """`x` on the diagonal of matrices with `n` rows."""
    return xp.expand_dims(x, axis=-1) * _eye(n, x.dtype, xp)


def _to_lower(g: Array, xp: Namespace) -> Array:
    """The cotangent of the lower triangle from that of whole Hermitian matrices.

    The triangle is all that is read: elements below the diagonal stand for their mirror images too.
    """
    both = xp.tril(g + adjoint(g, xp))
    return both - both * (0.5 * _eye(g.shape[-1], both.dtype, xp))


def _cholesky_rule(g: Array, y: Array, xp: Namespace) -> Array:
    g = conjugate(g, xp)
    lower = xp.tril(xp.matmul(adjoint(y, xp), g))
    n = y.shape[-1]
    halved = lower - 0.5 * lower * _eye(n, lower.dtype, xp)
    upper = adjoint(y, xp)
    right = xp.solve_triangular(upper, adjoint(halved, xp), lower=False, unit_diagonal=False)
    right = xp.solve_triangular(upper, adjoint(right, xp), lower=False, unit_diagonal=False)
    return conjugate(_to_lower(right, xp), xp)


@op(_cholesky_rule, public=False, edges="only the triangle that is read has a gradient")
def cholesky(xp: Namespace, x: Array) -> Array:
    """The lower triangular `l` with `l @ l.T = x`, for symmetric positive definite `x`.

    Of complex matrices, with the adjoint for the transpose. Of `x`, the lower triangle counts.
    """
    return xp.cholesky(x)


def _apart(w: Array, xp: Namespace) -> Array:
    """One by the differences of eigenvalues, 0 on the diagonal."""
    n = w.shape[-1]
    eye = _eye(n, w.dtype, xp)
    return (1 - eye) / (xp.expand_dims(w, axis=-2) - xp.expand_dims(w, axis=-1) + eye)


def _eigh_rule(
    g: tuple[Array, Array],
    y: tuple[Array, Array],
    used: tuple[bool, ...],
    upper: bool,
    xp: Namespace,
) -> tuple[Array]:
    w, v = y
    inner: Array = 0.0  # type: ignore[assignment]  # some result is used
    if used[1]:
        inner = xp.scale(xp.matmul(adjoint(v, xp), conjugate(g[1], xp)), _apart(w, xp))
    if used[0]:
        inner = _diagonal(g[0], w.shape[-1], xp) + inner
    found = xp.matmul(v, xp.matmul(xp.astype(inner, v.dtype), adjoint(v, xp)))
    lower = conjugate(_to_lower(found, xp), xp)
    return (adjoint(lower, xp) if upper else lower,)


@op(
    vjp=_eigh_rule, results=2, public=False,
    edges="only the triangle that is read has a gradient; NaN for repeated eigenvalues",
)
def eigh(xp: Namespace, x: Array, /, *, upper: bool = False) -> tuple[Array, Array]:
    """Eigenvalues in ascending order, and eigenvectors as columns, of symmetric matrices.

    Of complex matrices, Hermitian ones. Of `x`, the lower triangle counts, or with `upper` the
    upper one. The signs or phases of the vectors are those that the library gives.
    """
    w, v = xp.eigh(x, UPLO="U") if upper else xp.eigh(x)
    return w, v


def _eigvalsh_rule(g: Array, x: Array, xp: Namespace) -> Array:
    _, v = xp.eigh(x)
    found = xp.matmul(v * xp.expand_dims(g, axis=-2), adjoint(v, xp))
    return conjugate(_to_lower(found, xp), xp)


@op(_eigvalsh_rule, public=False, edges="only the triangle that is read has a gradient")
def eigvalsh(xp: Namespace, x: Array) -> Array:
    """Eigenvalues of symmetric matrices in rising order; see `eigh`."""
    return xp.eigvalsh(x)


def _eig_rule(
    g: tuple[Array, Array],
    y: tuple[Array, Array],
    used: tuple[bool, ...],
    xp: Namespace,
) -> tuple[Array]:
    w, v = y
    n, vh = w.shape[-1], adjoint(v, xp)
    inner: Value = 0.0
    if used[1]:
        turned = xp.matmul(vh, xp.conj(g[1]))
        along = xp.sum(xp.real(turned) * _eye(n, xp.real(w).dtype, xp), axis=-2, keepdims=True)
        turned = turned - xp.matmul(vh, v) * along  # the length, which stays 1
        inner = xp.scale(turned, xp.conj(_apart(w, xp)))
    if used[0]:
        inner = _diagonal(xp.conj(g[0]), n, xp) + inner
    return (xp.conj(xp.solve(vh, xp.matmul(inner, vh))),)


@op(vjp=_eig_rule, results=2, public=False)
def eig(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """Eigenvalues, in no order, and eigenvectors of length 1 as columns; both are complex.

    The gradient is that of functions to which the phases of the vectors do not matter.
    """
    w, v = xp.eig(x)
    return w, v


def _eigvals_rule(g: Array, x: Array, xp: Namespace) -> Array:
    turned = xp.matrix_transpose(xp.eig(x)[1])
    return xp.solve(turned, as_column(g, xp) * turned)


@op(_eigvals_rule, public=False)
def eigvals(xp: Namespace, x: Array) -> Array:
    """Eigenvalues of square matrices, in no order, as complex numbers.

    Example:
        >>> a = np.array([[0.0, 1.0], [-1.0, 0.0]])
        >>> gg.sort(gg.imag(gg.linalg.eigvals(a))).round(6)
        array([-1.,  1.])
        >>> gg.grad(lambda a: gg.sum(gg.real(gg.linalg.eigvals(a) ** 2)))(a).round(6) + 0.0
        array([[ 0., -2.],
               [ 2.,  0.]])
    """
    return xp.eigvals(x)


def _svd_rule(
    g: tuple[Array, Array, Array],
    y: tuple[Array, Array, Array],
    used: tuple[bool, ...],
    xp: Namespace,
) -> tuple[Array]:
    u, s, vh = y
    (m, k), n = u.shape[-2:], vh.shape[-1]
    row, column = xp.expand_dims(s, axis=-2), as_column(s, xp)
    inner: Array = 0.0  # type: ignore[assignment]  # some result is used
    to_u = conjugate(g[0], xp) if used[0] else None
    to_vh = conjugate(g[2], xp) if used[2] else None
    if to_u is not None:
        turn = xp.matmul(adjoint(u, xp), to_u)
        turn = turn - adjoint(turn, xp)
        inner = xp.scale(turn, _apart(s * s, xp)) * row
        if is_complex(u.dtype):                     # the phase, which is common to both sides
            inner = inner + turn * (_eye(k, s.dtype, xp) / (2 * row))
    if to_vh is not None:
        turn = xp.matmul(to_vh, adjoint(vh, xp))
        inner = column * xp.scale(adjoint(turn, xp) - turn, _apart(s * s, xp)) + inner
    if used[1]:
        inner = _diagonal(g[1], k, xp) + inner
    found = xp.matmul(u, xp.matmul(xp.astype(inner, u.dtype), vh))
    if to_u is not None and m > k:
        outside = to_u - xp.matmul(u, xp.matmul(adjoint(u, xp), to_u))
        found = found + xp.matmul(outside / row, vh)
    if to_vh is not None and n > k:
        outside = to_vh - xp.matmul(xp.matmul(to_vh, adjoint(vh, xp)), vh)
        found = found + xp.matmul(u, outside / column)
    return (conjugate(found, xp),)


@op(vjp=_svd_rule, results=3, public=False)
def svd(xp: Namespace, x: Array) -> tuple[Array, Array, Array]:
    """`u`, `s`, `vh` with `x = u @ diag(s) @ vh`: columns of length 1, and `s` falling.

    There are as many as the shorter side of `x` is long.
    """
    u, s, vh = xp.svd(x)
    return u, s, vh


@op(results=3, public=False)
def full_svd(xp: Namespace, x: Array) -> tuple[Array, Array, Array]:
    """The singular value decomposition with square `u` and `vh`; it has no gradient."""
    u, s, vh = xp.full_svd(x)
    return u, s, vh


@op(results=2, public=False)
def complete_qr(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """The QR decomposition with a square `q`; it has no gradient."""
    q, r = xp.complete_qr(x)
    return q, r


def _svdvals_rule(g: Array, x: Array, xp: Namespace) -> Array:
    u, _, vh = xp.svd(x)
    return conjugate(xp.matmul(u * xp.expand_dims(g, axis=-2), vh), xp)


@op(_svdvals_rule, public=False)
def svdvals(xp: Namespace, x: Array) -> Array:
    """Singular values in descending order, as many as the shorter side is long.

    Example:
        >>> a = np.array([[3.0, 0.0], [0.0, 5.0], [0.0, 0.0]])
        >>> gg.linalg.svdvals(a).round(6)
        array([5., 3.])
        >>> gg.grad(lambda a: gg.max(gg.linalg.svdvals(a)))(a).round(6) + 0.0
        array([[0., 0.],
               [0., 1.],
               [0., 0.]])
    """
    return xp.svdvals(x)


def _polar_rule(g: Array, x: Array, xp: Namespace) -> Array:
    """Only sums of singular values divide, so equal ones do no harm."""
    u, s, vh = xp.svd(x)
    g, uh, v = conjugate(g, xp), adjoint(u, xp), adjoint(vh, xp)
    (m, k), n = u.shape[-2:], vh.shape[-1]
    row, column = xp.expand_dims(s, axis=-2), as_column(s, xp)
    inner = xp.matmul(uh, xp.matmul(g, v))
    found = xp.matmul(u, xp.matmul((inner - adjoint(inner, xp)) / (row + column), vh))
    if m > k:
        outside = xp.matmul(g - xp.matmul(u, xp.matmul(uh, g)), v)
        found = found + xp.matmul(outside / row, vh)
    if n > k:
        outside = xp.matmul(uh, g - xp.matmul(xp.matmul(g, v), vh))
        found = found + xp.matmul(u, outside / column)
    return conjugate(found, xp)


@op(_polar_rule, public=False)
def polar_factor(xp: Namespace, x: Array) -> Array:
    """The matrix nearest to `x` with orthonormal columns or rows: `u @ vh`, of its `svd`.

    It is one of many, and has no finite gradient, where `x` has not full rank.
    """
    return xp.polar_factor(x)


@op(lambda g, x, xp: as_batch(g, xp) * conjugate(xp.polar_factor(x), xp), public=False)
def nuclear_norm(xp: Namespace, x: Array) -> Array:
    """The sum of the singular values.

    Gradients to second order are exact also where some of these are equal.
    """
    return xp.sum(xp.svdvals(x), axis=-1)


def _qr_rule(
    g: tuple[Array, Array],
    y: tuple[Array, Array],
    used: tuple[bool, ...],
    xp: Namespace,
) -> tuple[Array]:
    q, r = y
    n = r.shape[-1]
    if r.shape[-2] < n:
        raise NotDifferentiable(
            f"qr of matrices with {r.shape[-2]} rows and {n} columns: use gg.linalg.qr, which is "
            "differentiated also for more columns than rows."
        )
    inner: Value = 0.0
    if used[1]:
        inner = xp.matmul(conjugate(g[1], xp), adjoint(r, xp))
    if used[0]:
        inner = inner - xp.matmul(adjoint(q, xp), conjugate(g[0], xp))
    upper = xp.triu(inner)
    both = upper + adjoint(upper, xp)
    both = both - both * (0.5 * _eye(n, both.dtype, xp))
    found = xp.matmul(q, both)
    if used[0]:
        found = found + conjugate(g[0], xp)
    found = xp.solve_triangular(r, adjoint(found, xp), lower=False, unit_diagonal=False)
    return (conjugate(adjoint(found, xp), xp),)


@op(vjp=_qr_rule, results=2, public=False)
def qr(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """`q` with orthonormal columns and upper triangular `r` with `x = q @ r`.

    The gradient is for matrices with at least as many rows as columns, which are independent.
    """
    q, r = xp.qr(x)
    return q, r


def _pinv_rule(g: Array, y: Array, x: Array, xp: Namespace) -> Array:
    g, yh = adjoint(conjugate(g, xp), xp), adjoint(y, xp)
    found = -xp.matmul(xp.matmul(yh, adjoint(g, xp)), yh)
    rows = xp.matmul(g, xp.matmul(y, yh))           # G^H P P^H
    columns = xp.matmul(xp.matmul(yh, y), g)        # P^H P G^H
    found = found + rows - xp.matmul(x, xp.matmul(y, rows))
    found = found + columns - xp.matmul(columns, xp.matmul(y, x))
    return conjugate(found, xp)


@op(_pinv_rule, public=False)
def pinv(xp: Namespace, x: Array, /, *, rtol: float | None = None) -> Array:
    """Pseudoinverse: singular values of at most `rtol` times the largest count as 0.

    The gradient is that among matrices of the same rank.
    """
    return xp.pinv(xp.floating(x), rtol=rtol)


@op(public=False)
def matrix_rank(xp: Namespace, x: Array, /, *, rtol: float | None = None) -> Array:
    """How many singular values are larger than `rtol` times the largest."""
    return xp.matrix_rank(x, rtol=rtol)
