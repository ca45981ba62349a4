"""Functions of NumPy that the standard does not have: as `gg.f`, as `np.f` of Tensors, compiled, in
batches, and their gradients.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from agreement import check_function

import gpugrad as gg
from gpugrad import tree
from gpugrad.core.registry import namespace
from gpugrad.errors import InvalidArgument, TrackedConversion
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)


def R(*shape: int) -> Any:
    return rng.normal(size=shape)


Call = Callable[..., Any]

CALLS: dict[str, tuple[Call, tuple[Any, ...]]] = {
    # Each is called with `np` and with `gg`.
    "append": (lambda m, x, y: m.append(x, y, axis=1), (R(2, 3), R(2, 1))),
    "append flat": (lambda m, x, y: m.append(x, y), (R(2, 3), R(2))),
    "array_split": (lambda m, x: m.array_split(x, 3), (R(5, 2),)),
    "atleast": (lambda m, x: (m.atleast_1d(x), m.atleast_2d(x), m.atleast_3d(x)), (R(3),)),
    "atleast of numbers": (lambda m, x: (m.atleast_1d(x), m.atleast_3d(x)), (np.array(1.5),)),
    "atleast of several": (lambda m, x, y: m.atleast_3d(x, y), (R(2, 3), R(2, 2, 2))),
    "average": (lambda m, x: m.average(x, axis=1), (R(2, 3),)),
    "average, weights": (lambda m, x, w: m.average(x, axis=1, weights=w), (R(2, 3), R(3) + 5)),
    "average, all": (lambda m, x, w: m.average(x, weights=w, keepdims=True),
                     (R(2, 2), R(2, 2) + 5)),
    "block": (lambda m, x, y, z: m.block([[x, y], [z, 1.0]]), (R(2, 2), R(2, 1), R(2))),
    "block of one": (lambda m, x: m.block([x, x]), (R(2, 2),)),
    "column_stack": (lambda m, x, y: m.column_stack([x, y]), (R(3), R(3, 2))),
    "convolve": (lambda m, x, y: m.convolve(x, y, "same"), (R(5), R(3))),
    "corrcoef": (lambda m, x, y: m.corrcoef(x, y), (R(5), R(5))),
    "corrcoef of columns": (lambda m, x: m.corrcoef(x, rowvar=False), (R(4, 3),)),
    "cov": (lambda m, x, y: m.cov(x, y, ddof=0), (R(2, 4), R(4))),
    "cov of columns": (lambda m, x: m.cov(x, rowvar=False, bias=True), (R(4, 3),)),
    "cov of one": (lambda m, x: m.cov(x), (R(4),)),
    "cumsum": (lambda m, x: (m.cumsum(x), m.cumsum(x, axis=0)), (R(2, 3),)),
    "cumprod": (lambda m, x: (m.cumprod(x), m.cumprod(x, axis=1)), (R(2, 3),)),
    "deg2rad": (lambda m, x: (m.deg2rad(x), m.radians(x)), (R(3),)),
    "delete": (lambda m, x: m.delete(x, 1, axis=0), (R(3, 2),)),
    "delete several": (lambda m, x: m.delete(x, [0, -1]), (R(2, 3),)),
    "delete a slice": (lambda m, x: m.delete(x, slice(0, None, 2), axis=1), (R(2, 3),)),
    **{f"diag {k}": (lambda m, x, k=k: (m.diag(x, k), m.diag(x[0], k)), (R(3, 4),))
       for k in (-1, 0, 2)},
    "diagflat": (lambda m, x: m.diagflat(x, 1), (R(2, 2),)),
    "diagonal": (lambda m, x: m.diagonal(x), (R(2, 3, 4),)),
    "diagonal, axes": (lambda m, x: m.diagonal(x, 1, 2, 1), (R(2, 3, 4),)),
    "dot": (lambda m, x, y: m.dot(x, y), (R(2, 3), R(3, 2))),
    "dot, vector": (lambda m, x, y: m.dot(x, y), (R(2, 2, 3), R(3))),
    "dot, batch": (lambda m, x, y: m.dot(x, y), (R(2, 3), R(2, 3, 4))),
    "dot, number": (lambda m, x, y: m.dot(x, y), (R(2, 3), np.array(2.0))),
    "dsplit": (lambda m, x: m.dsplit(x, [1]), (R(2, 1, 3),)),
    "dstack": (lambda m, x, y: m.dstack([x, y]), (R(2, 3), R(2, 3))),
    "exp2": (lambda m, x: m.exp2(x), (R(3),)),
    "fabs": (lambda m, x: m.fabs(x), (R(3),)),
    "flips": (lambda m, x: (m.fliplr(x), m.flipud(x)), (R(2, 3),)),
    "fmax": (lambda m, x, y: (m.fmax(x, y), m.fmin(x, y)), (R(2, 3), R(3))),
    "fmod": (lambda m, x, y: m.fmod(x, y), (np.array([3.5, -3.5, 7.25]), np.array([2.0, 2, -3]))),
    "gradient": (lambda m, x: m.gradient(x), (R(3, 4),)),
    "gradient, axis": (lambda m, x: m.gradient(x, 0.5, axis=1), (R(3, 4),)),
    "gradient at": (lambda m, x, at: m.gradient(x, 2.0, at),
                    (R(2, 4), np.array([0.0, 0.3, 1.0, 1.2]))),
    "gradient of two": (lambda m, x: m.gradient(x), (R(2),)),
    "heaviside": (lambda m, h: m.heaviside(np.array([-1.0, 2.0, 0.0]), h), (R(3),)),
    "hsplit": (lambda m, x: (*m.hsplit(x, 2), *m.hsplit(x[0], [1])), (R(3, 4),)),
    "hstack": (lambda m, x, y: m.hstack([x, y]), (R(2, 1), R(2, 2))),
    "hstack of vectors": (lambda m, x, y: m.hstack((x, y)), (R(2), np.array(3.0))),
    "inner": (lambda m, x, y: m.inner(x, y), (R(2, 3), R(4, 3))),
    "kron": (lambda m, x, y: m.kron(x, y), (R(2, 3), R(3, 2))),
    "kron with a vector": (lambda m, x, y: m.kron(x, y), (R(2), R(2, 3))),
    "logaddexp2": (lambda m, x, y: m.logaddexp2(x, y), (R(3), R(2, 3))),
    "outer": (lambda m, x, y: m.outer(x, y), (R(2, 2), R(3))),
    "polyval": (lambda m, p, x: m.polyval(p, x), (R(4), R(2, 3))),
    "ptp": (lambda m, x: m.ptp(x, axis=1, keepdims=True), (R(2, 4),)),
    "rad2deg": (lambda m, x: (m.rad2deg(x), m.degrees(x)), (R(3),)),
    "ravel": (lambda m, x: m.ravel(x), (R(2, 3),)),
    **{f"rot90 {k}": (lambda m, x, k=k: m.rot90(x, k, axes=(0, 2)), (R(2, 3, 4),))
       for k in (-1, 0, 1, 2)},
    "select": (lambda m, x, y: m.select([np.array([True, False, False]),
                                         np.array([True, True, False])], [x, y], 7.0),
               (R(2, 3), R(3))),
    "split": (lambda m, x: m.split(x, 2, axis=1), (R(2, 4),)),
    "trace": (lambda m, x: (m.trace(x), m.trace(x, 1, 1, 2)), (R(2, 3, 4),)),
    "transpose": (lambda m, x: (m.transpose(x), m.transpose(x, (1, 0, 2))), (R(2, 3, 4),)),
    "vander": (lambda m, x: (m.vander(x), m.vander(x, 2, increasing=True)), (R(3),)),
    "vdot": (lambda m, x, y: m.vdot(x, y), (R(2, 2), R(2, 2))),
    "vdot, complex": (lambda m, x, y: m.vdot(x, y), (R(3) + 1j * R(3), R(3) + 1j * R(3))),
    "vsplit": (lambda m, x: m.vsplit(x, [1, 2]), (R(3, 2),)),
    "vstack": (lambda m, x, y: m.vstack([x, y]), (R(2, 3), R(3))),
    "angle": (lambda m, x: (m.angle(x), m.angle(x, deg=True)), (R(3) + 1j * R(3),)),
    "linalg": (lambda m, x: (m.linalg.norm(x, "nuc"), m.linalg.svd(x)[1], m.linalg.trace(x)),
               (R(3, 3),)),
    "fft": (lambda m, x: (m.fft.fftn(x), m.fft.fft(x, axis=0)), (R(3, 2),)),
    "aliases": (lambda m, x, y: (
        m.absolute(x), m.amax(x), m.amin(x, axis=0), m.arccos(x), m.arcsin(x), m.arctan(x),
        m.arcsinh(x), m.arctanh(x), m.arccosh(x + 3), m.arctan2(x, y), m.concatenate([x, y]),
        m.conjugate(x), m.mod(x, y), m.true_divide(x, y),
    ), (R(2, 3) / 5, R(2, 3))),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_functions_of_numpy(name: str) -> None:
    """Values are NumPy's however it is called; a tracked Tensor is not detached on the way."""
    call, arrays = CALLS[name]

    def f(*x: Any) -> Any:
        return tree.leaves(call(gg, *x))

    wanted = tree.leaves(call(np, *arrays))
    check_function(f, lambda *x: wanted, arrays, rtol=1e-12, atol=1e-14)
    tracked = tree.leaves(call(np, *(gg.tensor(x, requires_grad=True) for x in arrays)))
    many = gg.vmap(f)(*(np.stack([x, x]) for x in arrays))
    compiled = gg.jit(f)
    for found in (tracked, compiled(*arrays), compiled(*arrays), compiled(*arrays)):
        for y, want in zip(found, wanted, strict=True):
            np.testing.assert_allclose(getattr(y, "value", y), want, rtol=1e-12, atol=1e-14)
    assert all(y.requires_grad for y in tracked)
    for y, want in zip(many, wanted, strict=True):
        np.testing.assert_allclose(y[1], want, rtol=1e-12, atol=1e-14)


X = np.array([0.0, -0.0, 1.5, -2.5, inf, -inf, nan])


def test_special_values() -> None:
    """As NumPy's, pair by pair."""
    a, b = (x.ravel() for x in np.meshgrid(X, X))
    with np.errstate(all="ignore"):
        for name in "fmax fmin fmod heaviside logaddexp2 isclose".split():
            found, wanted = getattr(gg, name)(a, b), getattr(np, name)(a, b)
            np.testing.assert_allclose(found, wanted, rtol=1e-14)
            if name in ("fmax", "fmin", "fmod"):    # signs of zeros
                known = ~np.isnan(wanted) & (a != b)
                np.testing.assert_array_equal(np.signbit(found)[known], np.signbit(wanted)[known])
        for name in "cbrt exp2 fabs isposinf isneginf angle".split():
            found, wanted = getattr(gg, name)(X), getattr(np, name)(X)
            if name == "angle":                     # that of -0.0 is 0 here
                found, wanted = found[2:], wanted[2:]
            np.testing.assert_allclose(found, wanted, rtol=1e-15)
    assert gg.allclose(X[:-1], X[:-1])
    assert not gg.allclose(X, X)
    assert gg.allclose(X, X, equal_nan=True)
    assert gg.array_equal(X[:3], X[:3])
    assert not gg.array_equal(X[:3], X[:2])


def test_slopes_at_the_edges() -> None:
    assert gg.grad(gg.cbrt)(np.array(0.0)) == inf
    assert gg.grad(gg.cbrt)(np.array(-8.0)) == pytest.approx(1 / 12)
    assert gg.grad(gg.fabs)(np.array(0.0)) == 0
    assert gg.grad(lambda x: gg.heaviside(x, 0.5))(np.array(0.0)) == 0
    assert gg.grad(lambda p: gg.polyval(p, 0.0))(np.array([1.0, 2.0])).tolist() == [0, 1]
    g = gg.grad(lambda x: gg.sum(gg.vander(x, 3)))(np.array([0.0, 2.0]))
    assert g.tolist() == [1, 5]
    assert gg.grad(lambda x: gg.fmax(x, nan))(np.array(2.0)) == 1


def test_values_put_along_an_axis() -> None:
    """Into a Tensor, or a new array; the last of repeated indices wins, forward and backward."""
    for x, indices, values, axis in (
        (R(3, 4), np.array([[0, 2], [1, 1], [3, 0]]), R(3, 2), 1),
        (R(3, 2), np.array([[2, 0]]), R(1, 2), 0),
        (R(3, 2), np.array([[1], [0], [0]]), np.array(5.0), -1),
    ):
        def f(x: Any, values: Any, indices: Any = indices, axis: int = axis) -> Any:
            return gg.put_along_axis(x, indices, values, axis, inplace=False)

        def g(x: Any, values: Any, indices: Any = indices, axis: int = axis) -> Any:
            y = gg.asarray(gg.copy(x))
            assert np.put_along_axis(y, indices, values, axis) is None
            return y

        wanted = x.copy()
        np.put_along_axis(wanted, indices, values, axis)
        check_function(f, lambda *_, y=wanted: y, (x, values))
        np.testing.assert_array_equal(g(x, values).value, wanted)
        check_grads(g, (x, values))
        gg.put_along_axis(own := x.copy(), indices, values, axis)
        np.testing.assert_array_equal(own, wanted)
        many = gg.vmap(f)(np.stack([x, x]), np.stack([values] * 2))
        np.testing.assert_array_equal(many[1], wanted)
        compiled = gg.jit(f)
        for _ in range(3):
            np.testing.assert_array_equal(compiled(x, values), wanted)
    zeros = np.zeros((1, 3))
    g = gg.grad(lambda v: gg.sum(gg.put_along_axis(zeros, [[1, 1]], v, inplace=False) ** 2))
    assert g(np.array([[5.0, 7.0]])).tolist() == [[0, 14]]
    with pytest.raises(TrackedConversion):          # an array cannot hold the gradient
        gg.put_along_axis(zeros, np.array([[1]]), gg.tensor(R(1, 1), requires_grad=True), 1)


def test_covariance_of_integers_and_complex_numbers() -> None:
    whole = np.array([[1, 2, 4], [3, 1, 1]])
    np.testing.assert_allclose(gg.cov(whole), np.cov(whole), rtol=1e-14)
    z = R(2, 4) + 1j * R(2, 4)
    np.testing.assert_allclose(gg.cov(z), np.cov(z), rtol=1e-13)
    np.testing.assert_allclose(gg.corrcoef(z), np.corrcoef(z), rtol=1e-13)
    check_grads(gg.cov, (z,))


@pytest.mark.parametrize("place", [gg, namespace], ids=["gg", "xp"])
@pytest.mark.parametrize("name", ["__wrapped__", "__doc_", "__array__", "__cos__"])
def test_names_of_python_are_answered_at_once(
    place: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Traces ask many things for them; to look for what is spelled alike takes milliseconds."""
    def compared(*args: Any) -> None:
        raise RuntimeError("names are compared")

    monkeypatch.setattr(difflib, "SequenceMatcher", compared)
    assert not hasattr(place, name)
    with pytest.raises(RuntimeError):
        hasattr(place, "cosin")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gg.split(R(5), 2), "equal parts"),
        (lambda: gg.array_split(R(5), 0), "at least one"),
        (lambda: gg.diag(R(2, 2, 2)), "vector or a matrix"),
        (lambda: gg.select([R(2) > 0], []), "as many"),
        (lambda: gg.put_along_axis(R(2, 2), [0], 1.0), "as many axes"),
        (lambda: gg.average(R(2, 3), axis=1, weights=R(2)), "of the axis"),
        (lambda: gg.gradient(R(1)), "at least 2 samples"),
        (lambda: gg.gradient(R(3), R(2)), "as many"),
        (lambda: gg.digitize(R(3), R(2, 2)), "no vector"),
        (lambda: gg.digitize(R(3), np.array([0.0, 2.0, 1.0])), "rises or falls"),
        (lambda: gg.polyval(R(2, 2), 1.0), "vector"),
        (lambda: gg.vander(R(2, 2)), "vector"),
    ],
)
def test_what_is_wrong_is_said(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        call()


def test_places_to_delete_may_be_a_tensor() -> None:
    """Of integers, as NumPy takes an array; one that needs a gradient is refused."""
    x = gg.tensor(np.arange(4.0), requires_grad=True)
    assert gg.delete(x, gg.asarray([0, 2])).value.tolist() == [1.0, 3.0]
    with pytest.raises(TrackedConversion):
        gg.delete(np.arange(4.0), x)
