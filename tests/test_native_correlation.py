"""Correlations of a batch as kernels of the native engine, and on NumPy in parts of the batch."""

from __future__ import annotations

from typing import Any

import correlations_by_hand as by_hand
import numpy as np
import pytest
from on_engines import said_with_threads

import gpugrad as gg
from gpugrad.backends import correlation, numpy_namespace
from gpugrad.core.registry import namespace as ops

pytest.importorskip("llvmlite")

from gpugrad.codegen import batched_correlations

SHAPES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "one output": ((2, 1, 5, 6), (1, 1, 2, 3), {}),
    "rows longer than two vectors": ((1, 2, 5, 71), (3, 2, 3, 2), {"pads": ((1, 1), (0, 2))}),
    "rows of a vector and a half": ((2, 3, 6, 26), (9, 3, 3, 3), {"pads": ((1, 1), (1, 1))}),
    "short rows, an odd number": ((2, 2, 7, 5), (11, 2, 3, 3), {"pads": ((1, 1), (1, 1))}),
    "more zeros than elements": ((1, 2, 3, 2), (2, 2, 3, 3), {"pads": ((5, 4), (3, 6))}),
    "along one axis": ((3, 2, 37), (5, 2, 4), {"pads": ((2, 1),)}),
    "groups": ((2, 6, 5, 18), (9, 2, 3, 3), {"groups": 3, "pads": ((1, 1), (1, 1))}),
    "apart": ((2, 3, 9, 40), (6, 3, 3, 5), {"strides": (2, 3), "pads": ((1, 1), (2, 2))}),
    "rows apart": ((2, 3, 9, 20), (6, 3, 3, 5), {"strides": (2, 1)}),
    "dilated": ((2, 3, 9, 40), (6, 3, 3, 4), {"dilations": (2, 5), "pads": ((0, 3), (1, 0))}),
    "apart and dilated": ((1, 2, 9, 40), (4, 2, 2, 4), {"strides": (1, 3), "dilations": (3, 5)}),
    "many channels": ((1, 65, 3, 2), (2, 65, 3, 3), {"pads": ((1, 1), (1, 1))}),
    "a window as large as the sample": ((3, 2, 4, 19), (5, 2, 4, 19), {}),
    "windows of one element": ((2, 5, 4, 9), (6, 5, 1, 1), {}),
}
"""Of a batch and of weights, and settings."""


@pytest.fixture(params=["whole", "in many tiles"])
def tiles(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay out what samples hold at once, or few channels and rows at a time."""
    if request.param != "whole":
        monkeypatch.setattr(batched_correlations, "LAID", 2**13)
        monkeypatch.setattr(batched_correlations, "DEEP", 20)
        monkeypatch.setattr(batched_correlations, "LEAST", 2)


def _case(name: str, dtype: str) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
    """A batch, weights, a bias, cotangents, and all settings."""
    x, w, given = SHAPES[name]
    n = len(x) - 2
    settings = {
        "pads": ((0, 0),) * n, "strides": (1,) * n, "dilations": (1,) * n, "groups": 1, **given
    }  # fmt: skip
    rng = np.random.default_rng(0)
    x, w, bias = (rng.normal(size=shape) for shape in (x, w, w[:1]))
    g = rng.normal(size=by_hand.correlation(x, w, **settings).shape)
    x, w, bias, g = (v.astype(dtype) for v in (x, w, bias, g))
    return x, w, bias, g, settings


def _native(f: Any, *arrays: Any) -> Any:
    compiled = gg.jit(f, engine="native")
    compiled.compile(*arrays)
    assert "no kernel" not in str(compiled.explain(*arrays))
    found = [np.asarray(compiled(*arrays)) for _ in range(2)]
    assert found[0].tobytes() == found[1].tobytes()
    return found[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.usefixtures("tiles")
def test_kernels_compute_what_the_definition_says(name: str, dtype: str) -> None:
    x, w, bias, g, settings = _case(name, dtype)
    near = {"rtol": 1e-4, "atol": 1e-4} if dtype == "float32" else {"rtol": 1e-11, "atol": 1e-11}
    lengths, sizes = x.shape[2:], w.shape[2:]
    for f, arrays, wanted in (
        (lambda x, w: ops.batched_correlation(x, w, **settings), (x, w),
         by_hand.correlation(x, w, **settings)),
        (lambda x, w, b: ops.biased_correlation(x, w, b, **settings), (x, w, bias),
         by_hand.correlation(x, w, bias, **settings)),
        (lambda x, g: ops.correlation_weights(x, g, sizes=sizes, **settings), (x, g),
         by_hand.weights(x, g, sizes, **settings)),
        (lambda g, w: ops.correlation_inputs(g, w, lengths=lengths, **settings), (g, w),
         by_hand.inputs(g, w, lengths, **settings)),
    ):  # fmt: skip
        found = _native(f, *arrays)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, wanted, **near)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["rows of a vector and a half", "short rows, an odd number",
                                  "rows longer than two vectors", "apart"])  # fmt: skip
def test_what_is_not_finite_stays_in_the_windows_that_hold_it(name: str, bad: float) -> None:
    x, w, _, g, settings = _case(name, "float32")
    x[-1, 0, -1, -1] = x[0, 0, 1, 0] = bad
    sizes = w.shape[2:]
    for f, arrays, wanted in (
        (lambda x, w: ops.batched_correlation(x, w, **settings), (x, w),
         by_hand.correlation(x, w, **settings)),
        (lambda x, g: ops.correlation_weights(x, g, sizes=sizes, **settings), (x, g),
         by_hand.weights(x, g, sizes, **settings)),
    ):  # fmt: skip
        found = _native(f, *arrays)
        assert np.array_equal(np.isfinite(found), np.isfinite(wanted))


THREADS = """
import numpy as np, gpugrad as gg
rng = np.random.default_rng(0)
w = rng.normal(size=(16, 8, 3, 3)).astype("float32")
def loss(x, w):
    return gg.sum(gg.nn.conv2d(x, w, padding=1) ** 2)
for shape in (9, 8, 28, 29), (1, 8, 61, 60):
    x = rng.normal(size=shape).astype("float32")
    step = gg.jit(gg.grad(loss, argnums=(0, 1)), engine="native")
    step.compile(x, w)
    program = step._cache.compiled((x, w), {}).program
    print(any(run.parallel for run in program.runs.values()))
    for offset in (0, 1, 5):
        room = np.empty(x.size + offset, "float32")
        own = room[offset:].reshape(shape)
        own[...] = x
        for part in step(own, w):
            print(hash(np.asarray(part).tobytes()))
"""


def test_bits_do_not_depend_on_threads_or_on_where_arrays_lie() -> None:
    said = said_with_threads(THREADS, ("1", "2", "3"))
    for whole in said.values():
        for lines in whole[:7], whole[7:]:
            assert lines[0] == "True"
            assert lines[1:3] == lines[3:5] == lines[5:7]
    assert said["1"] == said["2"] == said["3"]


@pytest.mark.parametrize("engine", ["", "native"])
@pytest.mark.parametrize("settings", [{}, {"groups": 2, "stride": 2}], ids=str)
def test_gradients_of_each_part_of_a_batch(settings: dict[str, Any], engine: str) -> None:
    """Of samples, of weights, and of both, which are one correlation of more samples or groups."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 2, 4, 7, 8))
    w = rng.normal(size=(3, 6, 4 // settings.get("groups", 1), 3, 3))

    def loss(x: Any, w: Any) -> Any:
        return gg.sum(gg.nn.conv2d(x, w, padding=1, **settings) ** 3)

    each = gg.grad(loss, argnums=(0, 1))
    for axes in ((0, None), (None, 0), (0, 0)):
        given = [v if a == 0 else v[0] for v, a in zip((x, w), axes, strict=True)]
        wanted = [
            each(*(v[k] if a == 0 else v for v, a in zip(given, axes, strict=True)))
            for k in range(3)
        ]
        f = gg.vmap(each, in_axes=axes)
        if engine:
            f = gg.jit(f, engine=engine)
            f.compile(*given)
        for found, parts in zip(f(*given), zip(*wanted, strict=True), strict=True):
            np.testing.assert_allclose(found, np.stack(parts), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", SHAPES)
def test_numpy_goes_through_a_batch_in_parts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x, w, _, g, settings = _case(name, "float64")
    whole = (
        numpy_namespace.batched_correlation(x, w, **settings),
        numpy_namespace.correlation_inputs(g, w, lengths=x.shape[2:], **settings),
        numpy_namespace.correlation_weights(x, g, sizes=w.shape[2:], **settings),
    )
    monkeypatch.setattr(correlation, "CACHED", 1)
    parts = (
        numpy_namespace.batched_correlation(x, w, **settings),
        numpy_namespace.correlation_inputs(g, w, lengths=x.shape[2:], **settings),
        numpy_namespace.correlation_weights(x, g, sizes=w.shape[2:], **settings),
    )
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(whole[0], by_hand.correlation(x, w, **settings), atol=1e-12)
    np.testing.assert_allclose(
        whole[1], by_hand.inputs(g, w, x.shape[2:], **settings), atol=1e-12
    )
    np.testing.assert_allclose(
        whole[2], by_hand.weights(x, g, w.shape[2:], **settings), atol=1e-12
    )
