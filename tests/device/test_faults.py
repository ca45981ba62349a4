"""That what is wrong on a device is found by the emulation: each kind of fault, made on purpose."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest
from cupy import _device

import gpugrad as gg
from gpugrad.backends import kernels
from gpugrad.executor.engines import cupy as engine

HEAD = 'extern "C" __global__ void\n'


def kernel(name: str, parameters: str, body: str) -> Any:
    """A kernel of this body."""
    source = f"{kernels.header('engine')}{HEAD}{name}({parameters}) {{\n{body}\n}}\n"
    return cp.RawModule(code=source).get_function(name)


def softmax_rows(x: Any) -> Any:
    return gg.softmax(x, axis=1)


def run_softmax() -> None:
    """A compiled function of rows, against NumPy."""
    x = np.random.default_rng(0).normal(size=(5, 2000))
    f = gg.jit(softmax_rows)
    for _ in range(3):
        y = cp.asnumpy(f(cp.asarray(x)))
    e = np.exp(x - x.max(axis=1, keepdims=True))
    np.testing.assert_allclose(y, e / e.sum(axis=1, keepdims=True), rtol=1e-12)


def test_a_right_kernel_passes() -> None:
    run_softmax()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return a + b;", "return a - b;"),                                # a wrong number
        ("if (threadIdx.x % 32 == 0) parts[warp] = value;\n    __syncthreads();",
         "if (threadIdx.x % 32 == 0) parts[warp] = value;"),               # a missing barrier
    ],
    ids=["wrong", "barrier"],
)  # fmt: skip
def test_a_wrong_kernel_is_found(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = kernels.header

    def header(name: str) -> str:
        text = real(name)
        assert name != "engine" or old in text
        return text.replace(old, new)

    monkeypatch.setattr(kernels, "header", header)
    with pytest.raises(AssertionError):
        run_softmax()


def test_an_unwritten_element_is_found() -> None:
    """What is allocated holds poison, and no number that a test could want."""
    half = kernel("half", "double *y", "  if (threadIdx.x < 4) y[threadIdx.x] = 1;")
    y = cp.empty(8)
    half((1,), (8,), (y,))
    found = cp.asnumpy(y)
    assert (found[:4] == 1).all()
    assert (found[4:] != 1).all()
    assert (np.abs(found[4:]) < 1e-100).all()       # finite, so that a NaN does not hide it


def test_a_foreign_element_is_found() -> None:
    beyond = kernel("beyond", "char *y", "  y[threadIdx.x] = 1;")
    y = cp.empty(512, "int8")
    beyond((1,), (513,), (y,))
    with pytest.raises(AssertionError, match="outside of a block of 512 bytes"):
        _device.check()


def test_a_write_after_free_is_found() -> None:
    late = kernel("late", "void *const *table", "  *static_cast<double *>(table[0]) = 1;")
    y = cp.empty(8)
    table = cp.asarray(np.array([y.data.ptr], np.uint64))
    del y
    late((1,), (1,), (table,))
    with pytest.raises(AssertionError, match="that had been freed"):
        _device.check()


def test_a_read_after_free_is_found() -> None:
    """A graph whose memory nobody keeps: its next launch raises."""
    copy = kernel("copy", "const double *x, double *y", "  y[threadIdx.x] = x[threadIdx.x];")
    x, y = cp.ones(8), cp.zeros(8)
    with cp.cuda.Stream(non_blocking=True) as stream:
        stream.begin_capture()
        copy((1,), (8,), (x, y))
        graph = stream.end_capture()
    graph.launch()
    assert cp.asnumpy(y).tolist() == [1.0] * 8
    del x
    with pytest.raises(AssertionError, match="copy is launched on memory that was freed"):
        graph.launch()


def test_a_graph_that_keeps_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's own graphs, made to forget what their launches read and write."""
    real = engine.Graph
    monkeypatch.setattr(engine, "Graph", lambda function, launch: real(lambda: None, launch))
    f = gg.jit(lambda x: (gg.sum(gg.exp(x)), gg.sum(x @ x, axis=0)))
    x = cp.asarray(np.random.default_rng(0).normal(size=(20, 20)))
    f(x)
    f(x)
    with pytest.raises(AssertionError, match="on memory that was freed"):
        f(x)


def test_a_product_by_cupy_is_refused_in_a_capture() -> None:
    x = cp.ones((2, 2))
    with cp.cuda.Stream(non_blocking=True) as stream:
        stream.begin_capture()
        try:
            with pytest.raises(NotImplementedError, match="cuBLAS API during stream capture"):
                cp.matmul(x, x)
        finally:
            stream.end_capture()
