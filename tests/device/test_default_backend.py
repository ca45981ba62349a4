"""The default backend says where new arrays go, and nothing of what is beside arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cupy as cp
import numpy as np
import pytest

import gpugrad as gg
from gpugrad import tree

OTHERS = {"numpy": cp, "cupy": np}


@pytest.fixture(params=OTHERS)
def library(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each library while the other one is the default."""
    with gg.use_backend(request.param):
        yield OTHERS[request.param]


def of(library: Any, results: Any) -> bool:
    arrays = [getattr(x, "value", x) for x in tree.leaves(results)]
    return all(type(x) is library.ndarray for x in arrays)


NUMBERS: dict[str, tuple[str, Any]] = {
    "of its dtype": ("float32", 1.5),
    "of a smaller kind": ("float32", -1),
    "a bool": ("int64", True),
    "for integers": ("int64", -1),
    "for complex numbers": ("complex128", 2.5),
    "complex": ("complex128", 1.5j),
}
KEYS: dict[str, Callable[[Any], Any]] = {
    "an index": lambda t: 1,
    "a slice": lambda t: slice(0, 2),
    "all": lambda t: ...,
    "a mask": lambda t: gg.abs(t) >= 0,
}
VIEWS: dict[str, Callable[[Any], Any]] = {
    "none": lambda t: t,
    "turned": lambda t: t.T,
    "reshaped": lambda t: gg.reshape(t, (6,)),
    "a part of a part": lambda t: t[1:].T,
    "the real part": gg.real,
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("tracked", [False, True])
def test_numbers_are_written(
    library: Any, number: str, key: str, view: str, tracked: bool
) -> None:
    dtype, value = NUMBERS[number]
    if view == "the real part" and (dtype != "complex128" or isinstance(value, complex)):
        dtype, value = "complex128", 2.5
    if tracked and dtype == "int64":
        dtype = "float64"

    def written(library: Any) -> Any:
        t = gg.tensor(library.ones((3, 2), dtype), requires_grad=tracked)
        t = t * 1 if tracked else t
        part = VIEWS[view](t)
        part[KEYS[key](part)] = value
        return t

    found = written(library)
    assert of(library, found)
    with gg.use_backend("numpy"):
        wanted = written(np).value
    np.testing.assert_array_equal(cp.asnumpy(found.value), wanted)


@gg.custom_vjp
def doubled(x: Any) -> Any:
    return x * 2.0


doubled.defvjp(lambda x: (x * 2.0, None), lambda needed, g: (2.0,))


@gg.custom_vjp
def constant(x: Any) -> Any:
    return x * 0.0 + 3.0


constant.defvjp(lambda x: (3.0, None), lambda needed, g: (0.0,))


def backward(f: Callable[[Any], Any], x: Any) -> Any:
    t = gg.tensor(x, requires_grad=True)
    y = f(t)
    y.backward()
    return y, t.grad


CALLS: dict[str, Callable[[Any], Any]] = {
    "a rule of one's own": lambda xp: backward(doubled, xp.asarray(2.0)),
    "a function of one's own": lambda xp: backward(constant, xp.asarray(2.0)),
    "such a gradient": lambda xp: gg.grad(doubled)(xp.asarray(2.0)),
    "rows of a loop": lambda xp: gg.scan(lambda c, x: (c + x, 1.0), xp.zeros(2), xp.ones(3)),
    "made in a loop": lambda xp: gg.scan(
        lambda c, x: (c + x * gg.ones(()), gg.zeros(2)), xp.asarray(0.0), xp.ones(3)
    ),
    "no rows of a loop": lambda xp: gg.scan(
        lambda c, x: (c + x, 1.0), xp.asarray(0.0), xp.ones(0)
    )[1],
    "parts": lambda xp: gg.vmap(lambda x: 1.0)(xp.ones(3)),
    "branches": lambda xp: gg.vmap(lambda x: gg.cond(x > 1, lambda: 1.0, lambda: 2.0))(xp.ones(3)),
    "a choice": lambda xp: gg.where(xp.ones(3) > 0, 1.0, 2.0),
}


@pytest.mark.parametrize("name", CALLS)
def test_numbers_go_to_the_library_of_the_arrays(library: Any, name: str) -> None:
    assert of(library, CALLS[name](library))


FROM_NOTHING: dict[str, Callable[[Any], Any]] = {
    "a filled transform": lambda x: gg.real(gg.fft.rfft(x, n=5)),
    "a cut transform": lambda x: gg.fft.irfft(x + 0j),
    "a product": lambda x: gg.prod(x, axis=1),
    "running products": lambda x: gg.cumulative_prod(x, axis=1),
    "a part": lambda x: x[:, 1:],
    "sorted": gg.sort,
    "weights": lambda x: gg.quantile(x, 0.3),
}
"""Functions whose rules make arrays from nothing, or could."""


@pytest.mark.parametrize("name", FROM_NOTHING)
def test_a_pullback_that_is_recorded_makes_arrays_beside_its_cotangents(
    library: Any, name: str
) -> None:
    """Long after the function, which was run inside of what says which library is in use."""
    x = library.arange(1.0, 7.0).reshape(2, 3)
    y, pullback = gg.vjp(FROM_NOTHING[name], x)
    (share,) = pullback(gg.tensor(library.ones_like(y), requires_grad=True))
    assert share.requires_grad
    assert of(library, share)
