"""`gg.linalg`: values against NumPy, gradients against finite differences, conventions at edges."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
import pytest
from agreement import check_function

import gpugrad as gg
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.testing import check_grads

la, npl = gg.linalg, np.linalg
rng = np.random.default_rng(0)


def R(*shape: int) -> Any:
    return rng.normal(size=shape)


def C(*shape: int) -> Any:
    return R(*shape) + 1j * R(*shape)


def positive(x: Any) -> Any:
    return x @ x.conj().mT + 3 * np.eye(x.shape[-1])


CASES: list[tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = [
    (la.vecdot, np.vecdot, (R(2, 3), R(3))),
    (la.vecdot, np.vecdot, (C(3), C(2, 3))),
    (lambda a, b: la.vecdot(a, b, axis=-2), lambda a, b: np.vecdot(a, b, axis=-2),
     (R(3, 2), R(3, 2))),
    (la.outer, np.outer, (R(3), R(2))),
    (la.tensordot, np.tensordot, (R(2, 3, 4), R(3, 4, 2))),
    (lambda a, b: la.tensordot(a, b, axes=((0, -1), (1, 0))),
     lambda a, b: np.tensordot(a, b, axes=((0, -1), (1, 0))), (R(2, 3, 4), R(4, 2))),
    (lambda a, b: la.tensordot(a, b, axes=0), lambda a, b: np.tensordot(a, b, 0), (R(2), R(3))),
    (la.diagonal, lambda x: npl.diagonal(x), (R(3, 4),)),
    (lambda x: la.diagonal(x, offset=1), lambda x: npl.diagonal(x, offset=1), (R(2, 3, 4),)),
    (lambda x: la.diagonal(x, offset=-2), lambda x: npl.diagonal(x, offset=-2), (R(4, 3),)),
    (lambda x: la.diagonal(x, offset=5), lambda x: npl.diagonal(x, offset=5), (R(2, 2),)),
    (la.trace, npl.trace, (R(4, 2),)),
    (lambda x: la.trace(x, offset=1), lambda x: npl.trace(x, offset=1), (R(2, 3, 3),)),
    (la.cross, np.cross, (R(2, 3), R(3))),
    (lambda a, b: la.cross(a, b, axis=0), lambda a, b: np.cross(a, b, axis=0), (R(3, 2), R(3, 2))),
    (la.matmul, np.matmul, (R(2, 3), R(3, 2))),
    (la.matrix_transpose, npl.matrix_transpose, (R(2, 3),)),
    (lambda *x: la.multi_dot(x), lambda *x: npl.multi_dot(x), (R(2, 3), R(3, 4))),
    (lambda *x: la.multi_dot(x), lambda *x: npl.multi_dot(x),
     (R(4), R(4, 2), R(2, 3), R(3, 4), R(4))),
    (lambda *x: la.multi_dot(x), lambda *x: npl.multi_dot(x), (R(3, 2), R(2, 4), R(4))),
    (lambda x: la.matrix_power(x, 5), lambda x: npl.matrix_power(x, 5), (R(2, 2),)),
    (lambda x: la.matrix_power(x, -2), lambda x: npl.matrix_power(x, -2), (positive(R(2, 2)),)),
    (lambda x: la.matrix_power(x, 0), lambda x: npl.matrix_power(x, 0), (R(2, 3, 3),)),
    (lambda x: la.cholesky(x), npl.cholesky, (positive(R(3, 3)),)),
    (lambda x: la.cholesky(x), npl.cholesky, (positive(C(3, 3)),)),
    (lambda x: la.cholesky(x, upper=True), lambda x: npl.cholesky(x).mT, (positive(R(3, 3)),)),
    (la.qr, npl.qr, (R(3, 2),)),
    (la.qr, npl.qr, (R(2, 4),)),
    (lambda x: la.qr(x, mode="complete"), lambda x: npl.qr(x, "complete"), (R(2, 3),)),
    (la.slogdet, npl.slogdet, (R(3, 3),)),
    (la.slogdet, npl.slogdet, (C(3, 3),)),
    (la.det, npl.det, (C(2, 3, 3),)),
    (la.pinv, npl.pinv, (C(3, 2),)),
    (la.solve, npl.solve, (C(3, 3), C(3))),
    *[(lambda x, p=p: la.vector_norm(x, ord=p), lambda x, p=p: npl.vector_norm(x, ord=p), (R(5),))
      for p in (0, 1, 1.5, 2, 3, inf, -inf)],
    (lambda x: la.vector_norm(x, axis=0, keepdims=True),
     lambda x: npl.vector_norm(x, axis=0, keepdims=True), (C(3, 2),)),
    (lambda x: la.vector_norm(x, axis=(0, 2), ord=3),
     lambda x: npl.vector_norm(x, axis=(0, 2), ord=3), (R(2, 3, 2),)),
    *[(lambda x, p=p: la.matrix_norm(x, ord=p), lambda x, p=p: npl.matrix_norm(x, ord=p),
       (R(2, 3, 4),)) for p in ("fro", "nuc", 1, -1, 2, -2, inf, -inf)],
    (lambda x: la.matrix_norm(x, ord=2, keepdims=True),
     lambda x: npl.matrix_norm(x, ord=2, keepdims=True), (R(3, 2),)),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(CASES)))
@pytest.mark.usefixtures("sweeps")
def test_values_and_gradients(case: int) -> None:
    check_function(*CASES[case], rtol=1e-11, atol=1e-13)


# What is determined of decompositions of complex matrices: their vectors have a free phase


def spectral(x: Any) -> Any:
    w, v = la.eigh(x)
    return (v * gg.exp(w)[..., None, :]) @ gg.conj(gg.matrix_transpose(v)), w, gg.abs(v)


def singular(x: Any) -> Any:
    u, s, vh = la.svd(x, full_matrices=False)
    return (u * gg.tanh(s)[..., None, :]) @ vh, s, gg.abs(u), gg.abs(vh)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)])
def test_complex_eigenvectors(shape: tuple[int, ...]) -> None:
    check_grads(spectral, (C(*shape),))


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 3), (2, 2, 3)])
def test_complex_singular_vectors(shape: tuple[int, ...]) -> None:
    check_grads(singular, (C(*shape),))


def test_functions_of_equal_eigenvalues() -> None:
    """The values have a gradient, and so has what does not depend on the choice of vectors."""
    x = np.diag([1.0, 1.0, 2.0])
    g = gg.grad(lambda x: gg.sum(la.eigvalsh(x) ** 2))(x)
    np.testing.assert_allclose(g, 2 * x, atol=1e-12)
    g = gg.grad(lambda x: la.matrix_norm(x, ord="nuc"))(np.eye(3))
    np.testing.assert_allclose(g, np.eye(3), atol=1e-12)


def test_determinant_of_singular_matrices() -> None:
    x = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(gg.grad(la.det)(x), [[4, -2], [-2, 1]], atol=1e-12)
    zeros = np.zeros((3, 3))
    np.testing.assert_array_equal(gg.grad(la.det)(zeros), zeros)
    one = np.diag([0.0, 2.0, 3.0])
    np.testing.assert_allclose(gg.grad(la.det)(one), np.diag([6.0, 0, 0]), atol=1e-12)


@pytest.mark.parametrize("field", [float, complex])
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_two_derivatives_of_the_determinant_at_every_rank(n: int, field: Any) -> None:
    """It is a polynomial: at singular matrices they are those of its terms, and symmetric."""
    draw = R if field is float else C
    many = [draw(n, rank) @ draw(rank, n) if rank else np.zeros((n, n), field)
            for rank in range(n + 1)]  # fmt: skip
    for x in many:
        check_grads(la.det, (x,), order=2)
        check_grads(ops.cofactor, (x,), order=1)
        if field is float:
            hessian = gg.hessian(la.det)(x).reshape(n * n, n * n)
            np.testing.assert_allclose(hessian, hessian.T, atol=1e-12 * np.abs(hessian).max())
    check_grads(la.det, (draw(n, n),), order=3)
    if field is float:
        wanted = np.stack([gg.hessian(la.det)(x) for x in many])
        found = gg.vmap(gg.hessian(la.det))(np.stack(many))
        np.testing.assert_allclose(found, wanted, atol=1e-12 * np.abs(wanted).max())


def test_second_derivatives_of_determinants_in_numbers() -> None:
    x = np.diag([2.0, 0.0, 0.0])
    wanted = np.zeros((3, 3, 3, 3))
    wanted[1, 1, 2, 2] = wanted[2, 2, 1, 1] = 2
    wanted[1, 2, 2, 1] = wanted[2, 1, 1, 2] = -2
    for f in (gg.hessian(la.det), gg.jit(gg.hessian(la.det), engine="numpy")):
        for _ in range(3):
            np.testing.assert_allclose(f(x), wanted, atol=1e-15)


def test_norms_at_zero_are_flat() -> None:
    zero = np.zeros(3)
    for p in (1, 1.5, 2, 3, inf):
        g = gg.grad(lambda x, p=p: la.vector_norm(x, ord=p))(zero)
        np.testing.assert_array_equal(g, zero)
    g = gg.grad(la.matrix_norm)(np.zeros((2, 2)))
    np.testing.assert_array_equal(g, np.zeros((2, 2)))
    twice = gg.grad(lambda x: gg.sum(gg.grad(la.vector_norm)(x)))(zero)
    assert np.isfinite(twice).all()


def test_trace_of_a_tall_matrix_has_ones_on_the_diagonal_alone() -> None:
    g = gg.grad(la.trace)(np.ones((4, 2)))
    assert g.tolist() == [[1, 0], [0, 1], [0, 0], [0, 0]]


def test_results_have_the_names_of_the_standard() -> None:
    x = positive(R(3, 3))
    assert la.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert la.qr(x)._fields == ("Q", "R")
    assert la.slogdet(x)._fields == ("sign", "logabsdet")
    assert la.svd(x)._fields == ("U", "S", "Vh")
    assert la.svd(R(3, 2)).U.shape == (3, 3)
    assert la.qr(R(3, 2), mode="complete").Q.shape == (3, 3)
    assert la.matrix_rank(np.ones((3, 3))) == 1


@pytest.mark.parametrize("f", [lambda x: la.svd(x).S, lambda x: la.qr(x, mode="complete").R])
def test_what_is_not_determined_is_refused(f: Any) -> None:
    with pytest.raises(NotDifferentiable, match="not determined"):
        gg.grad(lambda x: gg.sum(f(x)))(R(3, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: la.qr(R(2, 2), mode="full"), "'reduced', 'complete' or 'r'"),
        (lambda: la.matrix_norm(R(2, 2), ord=3), "'fro'"),
        (lambda: la.outer(R(2, 2), R(2)), "vectors"),
        (lambda: la.cross(R(2), R(2)), "three"),
        (lambda: la.vecdot(R(3), R(2)), "different lengths"),
        (lambda: la.vecdot(R(3), R(1)), "different lengths"),
        (lambda: la.tensordot(R(3), R(2), axes=1), "different"),
        (lambda: la.multi_dot([R(2, 2)]), "two arrays"),
        (lambda: la.multi_dot([R(2, 2), R(2), R(2, 2)]), "a vector as"),
        (lambda: la.multi_dot([R(2, 2), R(3, 2)]), "arrays 0 and 1"),
    ],
)
def test_what_is_wrong_is_said(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        call()


def test_compiled() -> None:
    """Each of these is a call between the steps of a plan."""

    def f(x: Any, b: Any) -> Any:
        s = x @ gg.matrix_transpose(x) + 3 * gg.eye(3)
        w, v = la.eigh(s)
        return gg.sum(la.solve(s, b) * v[:, 0]) + la.det(s) + la.slogdet(s).logabsdet + gg.sum(
            la.cholesky(s) * la.pinv(s)) + la.matrix_norm(la.qr(s).Q * w, ord="nuc")

    x, b = R(3, 3), R(3)
    wanted = gg.value_and_grad(f)(x, b)
    compiled = gg.jit(gg.value_and_grad(f), engine="numpy")
    for _ in range(4):
        for y, want in zip(compiled(x, b), wanted, strict=True):
            np.testing.assert_allclose(y, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["qr", "svd"])
def test_a_vector_is_no_matrix(name: str) -> None:
    for x in (np.ones(3), gg.tensor(np.ones(3), requires_grad=True)):
        with pytest.raises(InvalidArgument, match=f"{name}: an array of 1 axes"):
            getattr(gg.linalg, name)(x)


@pytest.mark.parametrize("p", [None, 2, -2])
def test_the_condition_of_zeros_is_that_of_numpy(p: int | None) -> None:
    """Also of some matrices of a batch, whose neighbours keep their gradients."""
    x = np.stack([np.zeros((2, 2)), np.diag([4.0, 2.0])])
    assert gg.linalg.cond(x, p).tolist() == np.linalg.cond(x, p).tolist()
    slope = gg.grad(lambda x: gg.linalg.cond(x, p)[1])(x)
    check_grads(lambda x: gg.linalg.cond(x, p), (x[1],))
    assert not slope[0].any()
    assert slope[1].any()
