"""Numbers are not written into: `s += v` binds a name anew, as it does for scalars of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import NotDifferentiable

X = np.array([0.3, 0.2, 0.5, 0.1])


def _prices(x: Any) -> Any:
    price = 100.0 * np.exp(x[0])
    prices = [price]
    for rate in x[1:]:
        price *= np.exp(rate)
        prices.append(price)
    return np.mean(np.stack(prices))


def _totals(x: Any) -> Any:
    total, totals = 0.0, []
    for v in x:
        total += v
        totals.append(total)
    return totals[0] + 2 * totals[1] + 3 * totals[2]


def _old(x: Any) -> Any:
    best = np.sum(x)
    old = best
    best -= x[0]
    return old - best * 2


def _element(x: Any) -> Any:
    first = x[0]
    same = first
    first *= 3
    return first * same + x[0]


def _products(x: Any) -> Any:
    a = np.dot(x, x)
    b = a
    a /= 2
    b **= 2
    a -= np.linalg.norm(x)
    return a * b


def _of_elements(x: Any) -> Any:
    a = x[0] + x[1]
    b = -a
    a += 1
    b += a
    return a * b


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    f.__name__: f for f in (_prices, _totals, _old, _element, _products, _of_elements)
}

WAYS: dict[str, Callable[[Callable[[Any], Any]], Callable[[Any], Any]]] = {
    "of a Tensor": lambda f: lambda x: f(gg.tensor(x)),
    "of a leaf": lambda f: lambda x: f(gg.tensor(x, requires_grad=True)).value,
    "in a gradient": lambda f: lambda x: gg.value_and_grad(f)(x)[0],
    "numpy": lambda f: gg.jit(f, engine="numpy"),
    "native": lambda f: gg.jit(f, engine="native"),
    "compiled gradient": lambda f: gg.jit(lambda x: gg.value_and_grad(f)(x)[0]),
    "batch": lambda f: lambda x: gg.vmap(f)(np.stack([x, x * 2]))[0],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_name_is_bound_anew(name: str, way: str) -> None:
    f = PROGRAMS[name]
    made = WAYS[way](f)
    for _ in range(3):
        np.testing.assert_allclose(np.asarray(made(X)), f(X), rtol=1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_are_those_of_the_values(name: str) -> None:
    gg.testing.check_grads(PROGRAMS[name], (X,), order=2)


def test_arguments_that_are_numbers_are_not_written_into() -> None:
    def f(a: Any) -> Any:
        b = a
        b *= 2
        return a * b

    for way in (gg.value_and_grad(f), gg.jit(gg.value_and_grad(f))):
        for _ in range(3):
            value, slope = way(1.5)
            assert (float(value), float(slope)) == (4.5, 6.0)


def test_arrays_without_axes_are_written_into() -> None:
    """As NumPy's are: what was made as an array, and views that are arrays."""
    for made in (gg.zeros(()), gg.tensor(0.0), gg.asarray(0.0)):
        same = made
        made += 2
        assert same is made
        assert float(same) == 2.0
    t = gg.tensor(X.copy())
    view = t[0, ...]
    view += 1
    t[1] += 1
    t[2:3] *= 2
    np.testing.assert_array_equal(np.asarray(t), X + np.array([1, 1, 0.5, 0]))
    leaf = gg.tensor(1.0, requires_grad=True)
    same = leaf
    with gg.no_grad():
        leaf -= 0.5
    assert same is leaf
    assert float(leaf.value) == 0.5
    with pytest.raises(NotDifferentiable, match="write to a leaf"):
        leaf += 1


X2 = np.array([0.3, 2.4, 1.1, 1.9, 0.8, 0.35])
W = np.arange(1.0, 7.0)

HISTOGRAMS: dict[str, Callable[[Any], Any]] = {
    "ends": lambda t: np.sum(np.histogram(t, bins=4)[1] * np.arange(5.0)),
    "ends by a rule": lambda t: np.sum(np.histogram(t, bins="sqrt")[1] ** 2),
    "density": lambda t: np.sum(np.histogram(t, bins=4, density=True)[0] * np.arange(4.0)),
    "density in bins": lambda t: np.sum(
        np.histogram(X2, bins=np.sort(t) + 0.01, density=True)[0] * np.arange(5.0)
    ),
    "weights": lambda t: np.sum(np.histogram(X2, 4, weights=t, density=True)[0] * np.arange(4.0)),
    "equal elements": lambda t: np.sum(np.histogram(t * 0 + t[0], bins=3)[1] ** 2),
}


@pytest.mark.parametrize("name", HISTOGRAMS)
def test_histograms_have_the_slopes_of_their_ends(name: str) -> None:
    f = HISTOGRAMS[name]
    np.testing.assert_allclose(gg.value_and_grad(f)(X2)[0], f(X2), rtol=1e-12)
    gg.testing.check_grads(f, (X2,))
