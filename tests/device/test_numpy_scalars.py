"""NumPy scalars beside arrays of CuPy: they go with any array, in every transform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import pytest
from mixing import host, there

import gpugrad as gg
from gpugrad import tree
from gpugrad.errors import MixedBackends

X = np.array([[0.5, 1.5], [2.0, -1.0], [3.0, 0.25]], np.float32)


def f(x: Any, s: Any) -> Any:
    return gg.multiply(s, x) + gg.ones(2, dtype=gg.float32)


def turned(s: Any, x: Any) -> Any:
    return f(x, s)


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "an op": f,
    "grad": lambda x, s: gg.grad(lambda x, s: gg.sum(f(x, s) ** 2), argnums=(0, 1))(x, s),
    "vmap": lambda x, s: gg.vmap(lambda x: f(x, s))(x),
    "vmap of an argument": lambda x, s: gg.vmap(f, in_axes=(0, None))(x, s),
    "vmap of an argument before": lambda x, s: gg.vmap(turned, in_axes=(None, 0))(s, x),
    "vmap of grad": lambda x, s: gg.vmap(gg.grad(lambda x: gg.sum(f(x, s) ** 2)))(x),
    "jit": lambda x, s: gg.jit(f)(x, s),
    "jit of an argument before": lambda x, s: gg.jit(turned)(s, x),
    "jit in jit": lambda x, s: gg.jit(lambda x: gg.jit(turned)(s, x))(x),
    "jit in grad": lambda x, s: gg.grad(lambda x: gg.sum(gg.jit(turned)(s, x) ** 2))(x),
    "jit in vmap": lambda x, s: gg.vmap(lambda x: gg.jit(turned)(s, x))(x),
    "jvp": lambda x, s: gg.jvp(f, (x, s), (x, s)),
    "hvp": lambda x, s: gg.hvp(lambda x: gg.sum(f(x, s) ** 2), (x,), (x,)),
    "cond": lambda x, s: gg.cond(gg.sum(x) > 0, f, lambda x, s: gg.sin(x) * s, x, s),
    "checkpoint": lambda x, s: gg.checkpoint(f)(x, s),
}


@pytest.mark.parametrize("scalar", [np.float64(2.5), np.float32(2.5), np.int64(3), np.bool_(True)])
@pytest.mark.parametrize("name", CALLS)
def test_a_scalar_is_what_it_is_on_the_host(name: str, scalar: Any) -> None:
    if name in ("grad", "jvp") and scalar.dtype.kind not in "fc":
        scalar = scalar.astype("float64")
    found = CALLS[name](cp.asarray(X), scalar)
    with gg.use_backend("numpy"):
        wanted = CALLS[name](X, scalar)
    for x, y in zip(tree.leaves(found), tree.leaves(wanted), strict=True):
        assert isinstance(getattr(x, "value", x), cp.ndarray)
        assert (x.dtype, x.shape) == (y.dtype, y.shape)
        np.testing.assert_allclose(host(x), host(y), rtol=2e-6)


@pytest.mark.parametrize("g", [f, turned], ids=["after", "before"])
def test_another_scalar_records_nothing(g: Any, runs: list[int]) -> None:
    step, x = gg.jit(g), cp.asarray(X)
    for n in range(5):
        s = np.float32(n)
        np.testing.assert_allclose(host(step(*((s, x) if g is turned else (x, s)))), X * n + 1)
    assert len(runs) == 2


BODIES: dict[str, Callable[[Any, Any], Any]] = {
    "the carry alone": lambda c, x: (c, c),
    "the row alone": lambda c, x: (c, x),
    "the carry as a row": lambda c, x: (c * x, c),
    "both": lambda c, x: (c + x, c * x),
}


def scanned(body: Any, c: Any, xs: Any) -> Any:
    return gg.scan(body, c, xs)


def chosen(body: Any, c: Any, xs: Any) -> Any:
    return gg.cond(gg.sum(xs) > 1.0, body, lambda c, x: body(c, x * 2.0), c, xs[0])


@pytest.mark.parametrize("call", [scanned, chosen])
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("number", [1.5, np.float64(1.5)], ids=["Python", "NumPy"])
def test_numbers_through_control_flow(number: Any, body: str, call: Any) -> None:
    """A number that a body passes on is a result like others."""
    xs = np.arange(3.0)

    def all_ways(xs: Any) -> list[Any]:
        f = gg.jit(lambda c, xs: call(BODIES[body], c, xs))
        loss = lambda xs: gg.sum(call(BODIES[body], number, xs)[1] * 2.0)  # noqa: E731
        calls = [f(number, xs) for _ in range(3)]
        slopes = [gg.grad(loss)(xs), gg.jit(gg.grad(loss))(xs)]
        return [call(BODIES[body], number, xs), *calls, *slopes]

    with gg.use_backend("numpy"):
        wanted = tree.leaves(all_ways(xs))
    for x, y in zip(tree.leaves(all_ways(cp.asarray(xs))), wanted, strict=True):
        assert isinstance(x, cp.ndarray) or isinstance(y, float)
        np.testing.assert_allclose(host(x), host(y), rtol=1e-15)


@pytest.mark.two_devices
def test_it_goes_to_the_device_of_the_arrays() -> None:
    x = there(X)
    for name in ("jit", "jit of an argument before", "vmap of an argument"):
        assert CALLS[name](x, np.float32(2)).device.id == 1


@pytest.mark.parametrize("order", [1, -1])
def test_arrays_of_the_host_are_refused(order: int) -> None:
    """Each time, and also where they do not meet: what is compiled is for one library."""
    step = gg.jit(lambda a, b: (a * 2, b * 2))
    for _ in range(3):
        with pytest.raises(MixedBackends, match=r"gg\.jit: .*numpy.* and cupy|cupy.* and numpy"):
            step(*(cp.asarray(X), X)[::order])
    with pytest.raises(MixedBackends, match=r"gg\.jit: operands come from different"):
        step.compile(*(cp.asarray(X), X)[::order])


RATES: dict[str, Callable[[Any], Any]] = {
    "of an op": lambda step: gg.sqrt(0.01),
    "of a Tensor": lambda step: gg.asarray(0.1),
    "of the step": lambda step: gg.astype(gg.asarray(step), gg.float64) * 0.1 + 0.1,
    "of NumPy": lambda step: np.float64(0.1),
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("backend", ["numpy", "cupy"])
@pytest.mark.parametrize("make", [gg.optim.sgd, gg.optim.adam, gg.optim.adamw])
def test_a_schedule_computes_where_the_parameters_are(make: Any, backend: str, rate: str) -> None:
    """Whatever is the default: a model on the host can be trained beside a GPU."""
    opt = make(RATES[rate])
    found = []
    for place in (np, cp):
        params = {"w": place.asarray(X)}
        with gg.use_backend(backend):
            state = opt.init(params)
            for _ in range(2):
                updates, state = opt.update(params, state, params)
                params = gg.optim.apply_updates(params, updates)
        assert type(params["w"]) is place.ndarray
        found.append(host(params["w"]))
    np.testing.assert_allclose(*found, rtol=1e-6)


@pytest.mark.parametrize("number", [1.0, 3, np.float32(1), np.int64(2)])
@pytest.mark.parametrize("tracked", [False, True])
def test_numbers_are_stacked_with_arrays(number: Any, tracked: bool) -> None:
    x = cp.asarray(2.0)
    t = gg.tensor(x, requires_grad=True) if tracked else x
    for parts in ([t, number], [number, t]):
        found = gg.stack(parts)
        wanted = np.stack([part if part is number else np.asarray(2.0) for part in parts])
        value = found.value if tracked else found
        assert value.dtype == wanted.dtype
        np.testing.assert_array_equal(value.get(), wanted)
