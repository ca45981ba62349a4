"""Methods, operators and attributes of Tensors: those of NumPy's arrays, differentiated."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)
X = rng.uniform(0.3, 0.9, (2, 3))
Z = X + 1j * rng.uniform(0.3, 0.9, (2, 3))
I = np.array([[5, 3, 1], [2, 0, 7]])  # noqa: E741

METHODS: dict[str, Callable[[Any], Any]] = {
    **{name: operator.methodcaller(name) for name in
       "sum mean prod max min var std cumsum cumprod ravel flatten copy conj conjugate transpose "
       "trace diagonal".split()},
    **{f"{name}, axis 0": operator.methodcaller(name, 0) for name in
       "sum mean prod max min var std cumsum cumprod".split()},
    "sum, keepdims": lambda t: t.sum(axis=1, keepdims=True),
    "reshape": lambda t: t.reshape(3, 2),
    "reshape to a tuple": lambda t: t.reshape((6,)),
    "transpose with axes": lambda t: t.transpose(1, 0),
    "take": lambda t: t.take(np.array([0, 5, 0])),
    "take, axis 1": lambda t: t.take(np.array([0, 2, 0]), 1),
    "repeat": lambda t: t.repeat(2),
    "repeat, axis 1": lambda t: t.repeat(2, axis=1),
    "swapaxes": lambda t: t.swapaxes(0, 1),
    "clip": lambda t: t.clip(0.4, 0.7),
    "dot": lambda t: t.dot(np.ones(3)),
    "T": lambda t: t.T,
    "mT": lambda t: t.mT,
    "squeeze": lambda t: t[:, :1].squeeze(1),
    "floor division": lambda t: t * (t // 0.25),
    "remainder": lambda t: t % 0.25,
    "reflected remainder": lambda t: 2.0 % t,
    "power": lambda t: 2.0**t,
    "plus": lambda t: +t,
}  # fmt: skip

OF_INTEGERS: dict[str, Callable[[Any], Any]] = {
    "xor": lambda t: t ^ 3,
    "reflected xor": lambda t: 3 ^ t,
    "and, or": lambda t: (t & 6) | 1,
    "shifts": lambda t: (t << 2) >> 1,
    "reflected shifts": lambda t: (16 >> t) + (1 << t),
    "floor division": lambda t: t // 2 + 7 // (t + 1),
    "remainder": lambda t: t % 3 + 7 % (t + 1),
    "argmax": lambda t: t.argmax(),
    "argmin": lambda t: t.argmin(axis=1),
    "argsort": lambda t: t.argsort(),
    "all, any": lambda t: t.all(axis=0) | t.any(),
    "round": lambda t: (t * 0.3).round(),
    "astype": lambda t: t.astype("float32"),
    "nonzero": lambda t: t.nonzero()[1],
}


@pytest.mark.parametrize("name", METHODS)
def test_methods(name: str) -> None:
    f = METHODS[name]
    np.testing.assert_allclose(f(gg.tensor(X)).value, f(X), rtol=1e-13)
    check_grads(lambda x: f(gg.asarray(x)), (X,))


@pytest.mark.parametrize("name", OF_INTEGERS)
def test_methods_of_integers(name: str) -> None:
    f = OF_INTEGERS[name]
    found, wanted = f(gg.tensor(I)).value, f(I)
    np.testing.assert_array_equal(found, wanted)
    assert found.dtype == wanted.dtype


def test_parts_of_complex_numbers() -> None:
    t = gg.tensor(Z)
    np.testing.assert_array_equal(t.real.value, Z.real)
    np.testing.assert_array_equal(t.imag.value, Z.imag)
    check_grads(lambda z: gg.asarray(z).real * 2.0 + gg.asarray(z).imag, (Z,))


@pytest.mark.parametrize(
    "update",
    [operator.ifloordiv, operator.imod, operator.iand, operator.ior, operator.ixor,
     operator.ilshift, operator.irshift, operator.imul],
)  # fmt: skip
def test_updates_of_integers(update: Callable[[Any, Any], Any]) -> None:
    t, x = gg.tensor(I.copy()), I.copy()
    same = update(t, 2)
    np.testing.assert_array_equal(t.value, update(x, 2))
    assert same is t


def test_a_matrix_updated_by_a_product() -> None:
    def f(x: Any, w: Any) -> Any:
        y = gg.copy(x)
        y @= w
        y %= 0.5
        return y

    w = rng.uniform(0.1, 0.2, (3, 3))
    np.testing.assert_allclose(f(gg.tensor(X), w).value, (X @ w) % 0.5)
    check_grads(f, (X, w))


def test_membership() -> None:
    assert gg.isin(I, np.array([1, 7])).tolist() == np.isin(I, [1, 7]).tolist()
    assert gg.isin(I, np.array([1, 7]), invert=True).tolist() == (~np.isin(I, [1, 7])).tolist()
    assert gg.pow is gg.power


def test_reshape_copies_or_not_in_any_order() -> None:
    t = gg.asarray(np.arange(6.0))
    t.reshape((2, 3), copy=True, order="C")[0, 0] = 7.0
    assert float(t[0]) == 0.0
    t.reshape((2, 3), copy=False, order="C")[0, 0] = 7.0
    assert float(t[0]) == 7.0
    with pytest.raises(ValueError, match="copy"):
        t.reshape((2, 3)).reshape((6,), copy=False, order="F")


@pytest.mark.parametrize("axes", [range(2, -1, -1), np.array([2, 0, 1]), [0, 2, 1], (1, 0, 2)])
def test_transposed_by_any_sequence_of_axes(axes: Any) -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(gg.tensor(x).transpose(axes).value, x.transpose(axes))
