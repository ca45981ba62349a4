"""Several devices: what is on one stays there, whichever is the current one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import pytest
from calls import called
from mixing import host, there
from wraps import WRAPS

import gpugrad as gg
from gpugrad import tree
from gpugrad.backends import devices
from gpugrad.catalogue.examples import example, functions
from gpugrad.errors import GpugradError, InvalidArgument, MixedBackends

pytestmark = [pytest.mark.two_devices, pytest.mark.usefixtures("current")]

X = np.array([[0.3, 0.7, 0.45], [0.9, 0.2, 0.55]])


def check_place(results: Any, device: int = 1) -> None:
    """All arrays in a tree are on that device."""
    for x in tree.leaves(results):
        x = getattr(x, "value", x)
        if isinstance(x, cp.ndarray):
            assert x.device.id == device
            assert not x.size or x.data.device_id == device


CREATED: dict[str, Callable[[str], Any]] = {
    "zeros": lambda d: gg.zeros((2, 3), device=d),
    "ones": lambda d: gg.ones(3, device=d),
    "empty": lambda d: gg.empty(3, device=d),
    "full": lambda d: gg.full((2,), 3.0, device=d),
    "full of an array": lambda d: gg.full((2, 3), X[0], device=d),
    "eye": lambda d: gg.eye(3, device=d),
    "arange": lambda d: gg.arange(0, 5, 1, device=d),
    "linspace": lambda d: gg.linspace(0.0, 1.0, 5, device=d),
    "asarray of numbers": lambda d: gg.asarray([[1.0, 2.0]], device=d),
    "asarray of a dtype": lambda d: gg.asarray([1, 2], dtype=gg.float32, device=d),
    "asarray": lambda d: gg.asarray(X, device=d),
    "asarray from a device": lambda d: gg.asarray(there(X, 0), device=d),
    "tensor": lambda d: gg.tensor(X, requires_grad=True, device=d),
    "to_device": lambda d: gg.tensor(X).to_device(d),
    "to_device from a device": lambda d: gg.tensor(there(X, 0)).to_device(d),
    "zeros_like": lambda d: gg.zeros_like(X, device=d),
    "ones_like": lambda d: gg.ones_like(there(X, 0), device=d),
    "full_like": lambda d: gg.full_like(there(X, 0), 2.0, device=d),
    "astype": lambda d: gg.astype(there(X, 0), gg.float32, device=d),
    "from_dlpack": lambda d: gg.from_dlpack(there(X, 0), device=d),
}


@pytest.mark.parametrize("name", CREATED)
def test_arrays_are_made_where_it_is_said(name: str) -> None:
    for device in (1, 0):
        made = CREATED[name](f"cuda:{device}")
        check_place(made, device)
        if isinstance(made, gg.Tensor):
            assert made.device == f"cuda:{device}"
        with cp.cuda.Device(1 - device):
            check_place(CREATED[name](f"cuda:{device}"), device)


def test_without_a_number_it_is_the_current_device() -> None:
    with cp.cuda.Device(1):
        check_place(gg.zeros(3, device="cuda"))
        check_place(gg.zeros(3))
        check_place(gg.asarray(X, device="cuda"))
        check_place(gg.tensor(X).to_device("cuda"))
    with pytest.raises(InvalidArgument, match=r"cuda:7.*cuda:0, cuda:1"):
        gg.zeros(3, device="cuda:7")
    with pytest.raises(InvalidArgument, match=r"cuda:7"):
        gg.tensor(X).to_device("cuda:7")


NOT_THERE = frozenset("move to_device from_dlpack empty_like tensor".split())
OF_ARRAYS = {
    name: f for name, f in functions().items() if example(name, f).arrays and name not in NOT_THERE
}


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_every_function_stays_on_the_device_of_its_operands(name: str) -> None:
    """Forward and backward, and its values are those on device 0."""
    call = example(name, OF_ARRAYS[name])
    found = call(*map(there, call.arrays))
    check_place(found)
    wanted = call(*(there(x, 0) for x in call.arrays))
    for x, y in zip(tree.leaves(found), tree.leaves(wanted), strict=True):
        if hasattr(y, "shape"):
            np.testing.assert_array_equal(host(x), host(y))
    leaves = [WRAPS["tracked"](there(x)) for x in call.arrays]
    results = [
        x for x in tree.leaves(call(*leaves)) if isinstance(x, gg.Tensor) and x.requires_grad
    ]
    check_place(results)
    if results:
        sum(gg.sum(gg.real(x)) for x in results).backward()
        check_place([x.grad for x in leaves if x.requires_grad])


def loss(w: Any, x: Any) -> Any:
    return gg.mean(gg.tanh(x @ w + gg.zeros(2)) ** 2) + gg.sum(w * 0.5)


W = np.linspace(-1, 1, 6).reshape(3, 2)

TRANSFORMS: dict[str, Callable[..., Any]] = {
    "grad": gg.grad(loss),
    "value_and_grad": gg.value_and_grad(loss),
    "jit": gg.jit(gg.value_and_grad(loss)),
    "hessian": gg.hessian(loss),
    "jacobian": gg.jacobian(lambda w, x: x @ w),
    "vmap": gg.vmap(lambda w, x: gg.sin(w) * 2, in_axes=(0, None)),
    "jit of vmap": gg.jit(gg.vmap(gg.grad(lambda w, x: gg.sum(x @ w)), in_axes=(1, None))),
    "vjp": lambda w, x: gg.vjp(loss, w, x)[1](gg.ones((), device="cuda:1")),
    "jvp": lambda w, x: gg.jvp(loss, (w, x), (w, x)),
    "hvp": lambda w, x: gg.hvp(lambda w: loss(w, x), (w,), (w,)),
    "checkpoint": gg.grad(lambda w, x: gg.checkpoint(loss)(w, x)),
    "scan": lambda w, x: gg.scan(lambda c, row: (c + row, c * row), x[0], x),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_run_on_the_device_of_their_arguments(name: str) -> None:
    f = TRANSFORMS[name]
    for _ in range(4):                              # recorded, compiled, and run from the plan
        found = f(there(W), there(X))
        check_place(found)
    with cp.cuda.Device(1):
        wanted = f(cp.asarray(W), cp.asarray(X))
    for x, y in zip(tree.leaves(found), tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(host(x), host(y), rtol=1e-12)


def test_a_compiled_function_on_one_device_after_the_other() -> None:
    f = gg.jit(loss)
    wanted = host(loss(cp.asarray(W), cp.asarray(X)))
    for _ in range(3):
        for device in (0, 1):
            y = f(there(W, device), there(X, device))
            check_place(y, device)
            np.testing.assert_allclose(host(y), wanted, rtol=1e-12)
    f.compile(there(W), there(X))
    assert "def" in f.source(there(W), there(X))


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_training_stays_on_its_device(name: str) -> None:
    opt = gg.optim.adam(1e-2) if name == "adam" else gg.optim.sgd(1e-2, momentum=0.9)
    found = []
    for device in (0, 1):
        params, x = {"w": there(W, device)}, there(X, device)
        state = opt.init(params)
        for _ in range(4):
            slopes = gg.grad(lambda p, x: loss(p["w"], x))(params, x)
            updates, state = opt.update(slopes, state, params)
            params = gg.optim.apply_updates(params, updates)
        check_place((params, state), device)
        found.append(host(params["w"]))
    np.testing.assert_array_equal(*found)
    with pytest.raises(MixedBackends, match="different devices"):
        gg.optim.apply_updates((there(W, 0), there(W, 1)), (there(W, 0), there(W, 1)))


def test_tensors_stay_on_their_device() -> None:
    """Operators, writes, views and gradients that add up."""
    t = gg.tensor(there(X), requires_grad=True)
    for _ in range(3):
        y = gg.copy(t) * 2 + 1
        y[0] = y[1] * 3
        y += there(np.ones(3))
        y[1, :2] *= 2.0
        y.T[0] -= 1.0
        gg.sum(y ** 2 @ y.T).backward()
        check_place((y, t.grad))
    with gg.no_grad():
        t -= gg.multiply(t.grad, 0.1)
    check_place(t)
    wanted = gg.tensor(X, requires_grad=True)
    assert t.shape == wanted.shape
    repr(t), float(t[0, 0].value), list(t.value[0])


def test_a_gradient_goes_back_from_device_to_device(sweeps: None) -> None:
    """Also where both ways meet, and to second order."""

    def f(x: Any) -> Any:
        y = gg.to_device(gg.sin(x), "cuda:0")
        z = gg.to_device(gg.exp(y) * y, "cuda:1")
        return gg.sum(z * x) + gg.to_device(gg.sum(y), "cuda:1")

    def same(x: Any) -> Any:
        y = gg.sin(x)
        return gg.sum(gg.exp(y) * y * x) + gg.sum(y)

    x = X[0]
    for _ in range(3):
        found = gg.grad(f)(there(x))
        check_place(found)
        np.testing.assert_allclose(host(found), gg.grad(same)(x), rtol=1e-12)
    t = gg.tensor(there(x), requires_grad=True)
    f(t).backward()
    check_place(t.grad)
    np.testing.assert_allclose(host(t.grad), gg.grad(same)(x), rtol=1e-12)
    np.testing.assert_allclose(
        host(gg.hessian(f)(there(x))), gg.hessian(same)(x), rtol=1e-9, atol=1e-12
    )


MIXED: dict[str, Callable[[Any, Any], Any]] = {
    "operator": lambda a, b: gg.tensor(a) + b,
    "function": gg.multiply,
    "product": lambda a, b: gg.tensor(a) @ gg.tensor(b.T),
    "several": lambda a, b: gg.concat([a, b]),
    "index": lambda a, b: gg.tensor(a)[gg.tensor(b)[0] > 0.5],
    "a number": lambda a, b: gg.tensor(a) * b[0, 0],
    "jit": lambda a, b: gg.jit(gg.add)(a, b),
    "write": lambda a, b: gg.tensor(a).__setitem__(0, b[0]),
    "in place": lambda a, b: gg.tensor(a).__iadd__(b),
}


@pytest.mark.parametrize("name", MIXED)
def test_devices_do_not_mix(name: str) -> None:
    for order in ((0, 1), (1, 0)):
        with pytest.raises(MixedBackends, match=r"different devices: cuda:.*to_device"):
            MIXED[name](*(there(X, device) for device in order))
    with pytest.raises(GpugradError):
        gg.jit(lambda x: gg.to_device(x, "cuda:0") * 2)(there(X))


WITHOUT_ARRAYS: dict[str, Any] = {
    "of nothing": (lambda: gg.ones((2, 3)) * 2, ()),
    "of a number": (lambda a: gg.sin(gg.arange(6, dtype=gg.float64) * a), (0.5,)),
    "of keywords": (lambda *, n: gg.zeros((3, 2)) + n, ()),
    "of an array on the host": (gg.sin, (X,)),
}


@pytest.mark.parametrize("name", WITHOUT_ARRAYS)
def test_without_arrays_a_compiled_function_runs_on_the_current_device(name: str) -> None:
    """Its kernels are loaded and its graphs made for that one, whichever came before."""
    f, args = WITHOUT_ARRAYS[name]
    kwargs = {"n": 3} if name == "of keywords" else {}
    compiled, wanted = gg.jit(f), host(f(*args, **kwargs))
    for device in (0, 0, 0, 1, 1, 1, 1, 0, 1):
        with cp.cuda.Device(device):
            found = compiled(*args, **kwargs)
        assert isinstance(found, np.ndarray if any(x is X for x in args) else cp.ndarray)
        check_place(found, device)
        np.testing.assert_allclose(host(found), wanted, rtol=1e-12)
    with cp.cuda.Device(1):
        compiled.compile(*args, **kwargs)
        assert "def" in compiled.source(*args, **kwargs)


CLOSED_OVER: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "an array": lambda w: lambda: gg.sum(gg.sin(w)),
    "a Tensor": lambda w: (lambda t: lambda: gg.sum(gg.sin(t)))(gg.tensor(w)),
    "a gradient": lambda w: lambda: gg.grad(lambda x: gg.sum(x * w))(w),
    "in a loop": lambda w: lambda: gg.scan(lambda c, row: (c + row, gg.sum(c)), w[0], w)[0],
    "as a result": lambda w: lambda: w,
}


@pytest.mark.parametrize("name", CLOSED_OVER)
def test_arrays_from_outside_are_on_the_device_of_the_plan(name: str) -> None:
    """Or they are refused, in the first call as in later ones; on their own they are read."""
    w = there(X)
    f = CLOSED_OVER[name](w)
    compiled, wanted = gg.jit(f), host(f())
    for _ in range(4):
        with pytest.raises(MixedBackends, match=r"cuda:1.*tracing for cuda:0.*cuda.Device\(1\)"):
            compiled()
        with cp.cuda.Device(1):
            found = compiled()
        check_place(found)
        np.testing.assert_allclose(host(found), wanted, rtol=1e-12)
    with pytest.raises(MixedBackends, match=r"cuda:1.*tracing for cuda:0"):
        compiled.compile()
    beside = gg.jit(lambda x: (gg.exp(x), f()))
    for _ in range(4):
        check_place(beside(there(X)))                # the argument says where
        with pytest.raises(MixedBackends, match=r"cuda:1.*tracing for cuda:0"):
            beside(there(X, 0))


def test_an_array_from_outside_that_becomes_one_of_another_device() -> None:
    kept = {"w": there(X, 0)}
    f = gg.jit(lambda x: (x * 2, gg.sum(kept["w"])))
    for _ in range(4):
        check_place(f(there(X, 0)), 0)
    kept["w"] = there(X, 1)
    with pytest.raises(MixedBackends, match=r"cuda:1.*tracing for cuda:0"):
        f(there(X, 0))
    kept["w"] = there(X + 1, 0)
    np.testing.assert_allclose(host(f(there(X, 0))[1]), (X + 1).sum(), rtol=1e-12)


def test_to_find_the_device_calls_nothing_for_each_array() -> None:
    """Of a step with many parameters, each call looks at all of them."""

    def calls(n: int) -> int:
        leaves = [there(X) for _ in range(n)]
        assert devices.device_of("f", leaves) == 1
        return len(called(lambda: devices.device_of("f", leaves), of_c=True))

    assert calls(40) == calls(1) > 0
    assert devices.device_of("f", [there(X[:0]), gg.tensor(there(X)), 1.0, X]) == 1
    assert devices.device_of("f", [X, 2.0]) is None


# Cotangents and tangents

ALONG: dict[str, Callable[[Any, Any], Any]] = {
    "backward": lambda x, v: (gg.tensor(x, requires_grad=True) * 2).backward(v),
    "vjp": lambda x, v: gg.vjp(gg.sin, x)[1](v),
    "vjp of one that is closed over": lambda x, v: gg.vjp(lambda y: x + y, x)[1](v),
    "jvp": lambda x, v: gg.jvp(gg.sin, (x,), (v,)),
    "linearize": lambda x, v: gg.linearize(gg.sin, x)[1](v),
    "hvp": lambda x, v: gg.hvp(lambda x: gg.sum(gg.sin(x)), (x,), (v,)),
}


@pytest.mark.parametrize("kind", WRAPS)
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("name", ALONG)
def test_cotangents_and_tangents_of_another_device_are_refused(
    name: str, place: int, kind: str
) -> None:
    """They were read as memory of the device of the others."""
    v = WRAPS[kind](there(X, 1 - place))
    for current in (0, 1):
        with cp.cuda.Device(current), pytest.raises(MixedBackends, match=r"tangent|vectors"):
            ALONG[name](there(X, place), v)


@pytest.mark.parametrize("place", [0, 1])
def test_a_cotangent_of_numbers_goes_to_the_device_of_the_result(place: int) -> None:
    x, numbers = there(X[0], place), [1.0, 2.0, 3.0]
    (found,) = gg.vjp(gg.sum, x)[1](2.0)
    check_place(found, place)
    np.testing.assert_allclose(host(found), 2)
    t = gg.tensor(x, requires_grad=True)
    (t * 2).backward(numbers)
    check_place(t.grad, place)
    np.testing.assert_allclose(host(t.grad), [2, 4, 6])
