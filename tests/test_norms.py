"""Norms, the exponential, triangular and least squares solutions: beyond the standard's linalg."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from agreement import check_function

import gpugrad as gg
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.testing import check_grads

la = gg.linalg
rng = np.random.default_rng(0)


def R(*shape: int) -> Any:
    return rng.normal(size=shape)


NORMS: list[tuple[Any, Any, Any]] = [
    *((R(2, 3), order, 1) for order in (None, 0, 1, 2, 3, 0.5, -1.5, inf, -inf)),
    *((R(2, 3, 2), order, (0, -1)) for order in (None, "fro", "nuc", 1, -1, 2, -2, inf, -inf)),
    (R(2, 3, 2), None, None),
    (R(3), 3, None),
    (R(3, 2), "nuc", None),
    (R(3, 2), 1, (1, 0)),
    (R(2, 3) + 1j * R(2, 3), 3, (0,)),
    (R(2, 3) + 1j * R(2, 3), "nuc", None),
]


@pytest.mark.parametrize("case", range(len(NORMS)))
def test_norms_of_every_kind(case: int) -> None:
    x, order, axis = NORMS[case]
    for keepdims in (False, True):
        wanted = np.linalg.norm(x, order, axis, keepdims)
        found = la.norm(x, order, axis, keepdims)
        assert found.shape == np.shape(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
    check_grads(lambda x: la.norm(x, order, axis), (x,))
    many = gg.vmap(lambda x: la.norm(x, order, axis))(np.stack([x, 3 * x]))
    np.testing.assert_allclose(many[0], np.linalg.norm(x, order, axis), rtol=1e-13)


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, 2, inf])
def test_norms_of_zero_and_one(order: Any) -> None:
    """At 0 the gradient of the root of squares is 0; equal singular values do no harm."""
    slope = gg.grad(lambda x: la.norm(x, order))
    zero = slope(np.zeros((2, 2)))
    assert np.isfinite(zero).all()
    if order in (None, "fro"):
        assert not zero.any()
    wanted = {None: 0.5**0.5, "fro": 0.5**0.5, "nuc": 1.0}.get(order, 0.5)
    np.testing.assert_allclose(slope(np.eye(2)), wanted * np.eye(2), rtol=1e-14)


def test_the_nuclear_norm_is_smooth_where_singular_values_are_equal() -> None:
    turn = np.array([[0.6, -0.8], [0.8, 0.6], [0.0, 0.0]])
    check_grads(lambda x: la.norm(x, "nuc"), (2 * turn,))
    check_grads(ops.polar_factor, (2 * turn,), order=1)


@pytest.mark.parametrize("order", [0.5, 1, 1.5, 2, 3, inf, -1, -inf])
def test_norms_of_vectors_with_zeros(order: float) -> None:
    for x in (np.zeros(3), np.array([0.0, 2.0, 0.0])):
        with np.errstate(divide="ignore"):          # of negative orders, as NumPy warns too
            y, g = gg.value_and_grad(lambda x, p=order: la.norm(x, p))(x)
        wanted = x if order > 0 else 0 * x
        np.testing.assert_allclose(y, wanted.sum(), rtol=1e-15)
        np.testing.assert_allclose(g, wanted / 2, rtol=1e-15)


def test_the_exponential() -> None:
    """Against SciPy; of a batch each as if it were alone, also beside one of large norm."""
    small, large = 1e-3 * R(3, 3), 30 * R(3, 3)
    many = la.expm(np.stack([small, large]))
    np.testing.assert_allclose(many[0], scipy.linalg.expm(small), rtol=1e-15)
    np.testing.assert_allclose(many[1], scipy.linalg.expm(large), rtol=1e-11)
    turn = np.array([[0.0, -1e3], [1e3, 0.0]])
    wanted = [[np.cos(1e3), -np.sin(1e3)], [np.sin(1e3), np.cos(1e3)]]
    np.testing.assert_allclose(la.expm(turn), wanted, rtol=1e-11)
    nilpotent = np.array([[0.0, 3.0, 1.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    wanted = np.eye(3) + nilpotent + nilpotent @ nilpotent / 2
    np.testing.assert_allclose(la.expm(nilpotent), wanted, rtol=1e-15, atol=1e-16)
    assert la.expm(np.zeros((2, 2))).tolist() == np.eye(2).tolist()
    assert la.expm(np.array([[0]])).tolist() == [[1.0]]
    assert np.isnan(la.expm(np.full((2, 2), np.nan))).all()
    assert la.expm(np.zeros((0, 2, 2))).shape == (0, 2, 2)
    assert np.isinf(la.expm(np.array([[1e4]]))).all()


def test_the_gradient_of_the_exponential() -> None:
    """Where it can be known otherwise; and it is linear also in large cotangents."""
    x, g = R(3, 3), R(3, 3)
    _, pullback = gg.vjp(la.expm, x)
    wanted = scipy.linalg.expm_frechet(x.T, g, compute_expm=False)
    (found,) = pullback(g)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    (scaled,) = pullback(1e12 * g)
    np.testing.assert_allclose(scaled, 1e12 * wanted, rtol=1e-12)
    (none,) = pullback(np.zeros((3, 3)))
    assert not none.any()
    time = gg.grad(lambda t: gg.sum(la.expm(x * t)))(np.array(0.7))
    np.testing.assert_allclose(time, np.sum(x @ scipy.linalg.expm(0.7 * x)), rtol=1e-12)


def test_batches_and_recordings_of_the_exponential_and_of_triangles() -> None:
    x, b = R(4, 3, 3), R(4, 3)

    def f(x: Any, b: Any) -> Any:
        y = la.solve_triangular(x + 3 * np.eye(3), b, lower=True, trans=1)
        return gg.sum(la.expm(x) * y) + gg.sum(la.norm(x, "nuc", (-2, -1)))

    slope = gg.grad(f)
    wanted = np.stack([slope(*one) for one in zip(x, b, strict=True)])
    np.testing.assert_allclose(gg.vmap(slope)(x, b), wanted, rtol=1e-11)
    compiled = gg.jit(gg.vmap(slope))
    for _ in range(3):
        np.testing.assert_allclose(compiled(x, b), wanted, rtol=1e-11)


@pytest.mark.parametrize("trans", [0, "T", "C"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("unit", [False, True])
def test_triangular_solutions(trans: Any, lower: bool, unit: bool) -> None:
    settings = {"trans": trans, "lower": lower, "unit_diagonal": unit}
    for a, b in ((R(3, 3) + 2 * np.eye(3), R(3)), (R(3, 3) + 2j * np.eye(3), R(3, 2))):
        check_function(
            lambda a, b: la.solve_triangular(a, b, **settings),
            lambda a, b: scipy.linalg.solve_triangular(a, b, **settings),
            (a, b), rtol=1e-12,
        )  # fmt: skip
    a = np.array([[1.0, np.nan], [2.0, 3.0]])
    g = gg.grad(lambda a: gg.sum(la.solve_triangular(a, np.ones(2), lower=True)))(a)
    assert g[0, 1] == 0                             # what does not count


@pytest.mark.parametrize("shapes", [((4, 2), (4,)), ((3, 3), (3, 2)), ((2, 4), (2,))], ids=str)
def test_least_squares(shapes: Any) -> None:
    a, b = (R(*shape) for shape in shapes)
    found, wanted = la.lstsq(a, b), np.linalg.lstsq(a, b)
    np.testing.assert_allclose(found.x, wanted[0], rtol=1e-12)
    np.testing.assert_allclose(found.s, wanted[3], rtol=1e-12)
    assert found.rank == wanted[2]
    rest = np.sum((a @ wanted[0] - b) ** 2, axis=0)
    np.testing.assert_allclose(found.residuals, rest, rtol=1e-10, atol=1e-28)
    check_grads(lambda a, b: la.lstsq(a, b).x, (a, b))
    many = gg.vmap(lambda b: la.lstsq(a, b).x)(np.stack([b, 2 * b]))
    np.testing.assert_allclose(many[1], 2 * wanted[0], rtol=1e-12)


def test_least_squares_of_dependent_columns() -> None:
    column, b = R(4), R(4)
    a = np.stack([column, 2 * column], axis=1)
    found = la.lstsq(a, b)
    assert found.rank == 1
    np.testing.assert_allclose(found.x, np.linalg.lstsq(a, b)[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: la.norm(R(2, 2, 2), 2), "two different axes"),
        (lambda: la.norm(R(2, 2), "fro", 0), "number"),
        (lambda: la.norm(R(2, 2), 2, (0, 0)), "different"),
        (lambda: la.norm(R(2, 2), 3), "'fro'"),
        (lambda: la.solve_triangular(R(2, 2), R(2), trans="X"), "'NTC'"),
    ],
)
def test_what_is_wrong_is_said(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        call()


@pytest.mark.parametrize("x", [[3e200, 4e200], [3e-200, 4e-200], [0.0, 0.0]], ids=str)
def test_no_norm_warns_of_what_does_not_happen(x: list[float]) -> None:
    """Warnings are errors here: squares that leave the range are no business of the caller's."""
    along = [lambda x: la.norm(x, 3), lambda x: la.norm(gg.stack([x, x]), axis=1)]
    for f in (la.norm, gg.std, *along):
        for g in (f, gg.grad(lambda x, f=f: gg.sum(f(x))), gg.jit(f)):
            assert np.isfinite(g(np.array(x))).all()
