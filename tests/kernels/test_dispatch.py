"""CuPy arrays go to the kernels, with the right arguments; and what that costs is counted."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from cases import CASES, DTYPES, IDS

import gpugrad as gg
from gpugrad.backends import numpy_namespace

X = np.array([[-2.5, -0.0, 0.5], [1.0, 2.0, 30.0]])
G = np.array([[1.0, 2.0, -3.0], [4.0, 5.0, -0.5]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_one_launch_forward_and_one_backward(case, dtype, device):
    """Through the public functions, from arrays to the gradient that the caller owns."""
    function, name = case.op.function, f"gpugrad_{case.op.kernel}"
    x, g = device.put(X.astype(dtype)), device.put(G.astype(dtype))

    t = gg.tensor(x, requires_grad=True)
    result = function(t)
    assert device.launches == [name]
    result.backward(g)
    assert device.launches == [name, f"{name}_vjp"]
    y, share = result.value, t.grad

    wanted = case.reference(X.astype(dtype))
    kept = {"x": X.astype(dtype), "y": wanted, "g": G.astype(dtype)}
    wanted_share = case.reference_vjp(*(kept[name] for name in case.vjp_names))
    tolerance = 8 * np.finfo(dtype).eps
    assert y.dtype == share.dtype == np.dtype(dtype)
    np.testing.assert_allclose(device.get(y), wanted, rtol=tolerance)
    np.testing.assert_allclose(device.get(share), wanted_share, rtol=tolerance)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_raw_arrays_take_the_kernel_too(case, device, cupy):
    y = case.op.function(device.put(X))
    assert type(y) is cupy.ndarray
    assert device.launches == [f"gpugrad_{case.op.kernel}"]


def test_a_chain_costs_one_launch_for_each_op_and_direction(device):
    t = gg.tensor(device.put(X), requires_grad=True)
    gg.sin(gg.relu(gg.sin(t))).backward(device.put(G))
    forward = ["gpugrad_sin", "gpugrad_relu", "gpugrad_sin"]
    assert device.launches == [*forward, *(f"{name}_vjp" for name in reversed(forward))]


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.parametrize("dtype", ["int32", "complex64"])
def test_other_dtypes_go_to_the_reference(case, dtype, device):
    with suppress(TypeError):                   # which CuPy may raise
        case.op.function(device.put(X.astype(dtype)))
    assert f"gpugrad_{case.op.kernel}" not in device.launches


class Counting(np.ndarray):
    """A NumPy array that notes every ufunc and function that runs over it: each is a pass."""

    passes: list[str]

    def __array_finalize__(self, base: Any) -> None:
        self.passes = getattr(base, "passes", [])

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        self.passes.append(ufunc.__name__)
        plain = [np.asarray(x) if isinstance(x, Counting) else x for x in inputs]
        return self._counted(getattr(ufunc, method)(*plain, **options))

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        self.passes.append(function.__name__)
        plain = [np.asarray(x) if isinstance(x, Counting) else x for x in args]
        return self._counted(function(*plain, **options))

    def dot(self, other: Any) -> Any:
        self.passes.append("dot")
        return self._counted(np.asarray(self).dot(np.asarray(other)))

    def _counted(self, result: Any) -> Any:
        if not isinstance(result, np.ndarray):
            return result
        counted = result.view(Counting)
        counted.passes = self.passes
        return counted


def counting(x: np.ndarray[Any, Any], passes: list[str]) -> Counting:
    view = x.view(Counting)
    view.passes = passes
    return view


PASSES = {
    "relu": (["maximum"], ["greater", "where"]),
    "sin": (["sin"], ["cos", "multiply", "dot"]),       # dot: is anything not finite?
}
"""On NumPy: the passes over an array, forward and backward."""


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_array_passes_on_numpy(case):
    forward, backward = PASSES[case.op.name]
    passes: list[str] = []
    y = case.op.forward(numpy_namespace, counting(X, passes))
    assert passes == forward
    passes.clear()
    kept = {"x": X, "y": np.asarray(y), "g": G}
    case.reference_vjp(*(counting(kept[name], passes) for name in case.vjp_names))
    assert passes == backward
