"""Fourier transforms as native kernels: of lengths of every sort of pass, there and back.

What is found is measured beside the eager transform, of single precision beside that in double.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="the native engine")

from on_engines import compiled

import gpugrad as gg
from gpugrad.codegen.fft_passes import BLOCK, LARGEST, LEAST, passes
from gpugrad.core.registry import namespace as ops
from gpugrad.plan.passes.parallel import WORTH
from gpugrad.testing import check_grads

RNG = np.random.default_rng(11)

NORMS = ["backward", "ortho", "forward"]

LENGTHS = [64, 128, 192, 256, 320, 512, 960, 1024, 2048, 4096]
"""Of passes: 4 4 4, 8 4 4, 4 4 4 3, 8 8 4, 4 4 4 5, 8 8 8, 4 4 4 3 5, and so on."""

OPS = ["fft_fft", "fft_ifft", "fft_rfft", "fft_irfft", "fft_rfft_transposed",
       "fft_irfft_transposed"]  # fmt: skip

MORE = {"float32": "float64", "complex64": "complex128"}

ROUNDINGS = 8
"""Of the largest number: far less than what one wrong factor makes."""


def _operand(op: str, n: int, dtype: str, rows: tuple[int, ...] = (3,)) -> np.ndarray:
    """What `op` makes numbers of which there are `n`, or is given."""
    if op in ("fft_rfft", "fft_irfft_transposed"):
        return RNG.standard_normal((*rows, n)).astype(dtype)
    length = n if op in ("fft_fft", "fft_ifft") else n // 2 + 1
    parts = RNG.standard_normal((2, *rows, length)).astype(dtype)
    return np.asarray(parts[0] + 1j * parts[1])


def _settings(op: str, n: int) -> dict[str, int]:
    return {} if op == "fft_irfft_transposed" else {"n": n}


def _check(step: Any, f: Any, x: np.ndarray) -> np.ndarray:
    """Compiled as a kernel, right, and the same at each call."""
    found = np.array(step(x))
    assert found.tobytes() == np.array(step(x)).tobytes()
    spans = step._cache.compiled((x,), {}).program.spans
    assert all(span.compiled for span in spans if "fft" in " ".join(s.op for s in span.steps))
    wanted = f(x.astype(MORE.get(x.dtype.name, x.dtype)))
    eps = np.finfo(x.dtype).eps
    assert (found.dtype, found.shape) == (f(x).dtype, f(x).shape)
    assert np.abs(found - wanted).max() <= ROUNDINGS * eps * np.abs(wanted).max()
    return found


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("op", OPS)
def test_transforms_are_right_at_every_length(op: str, n: int, dtype: str, norm: str) -> None:
    n *= 1 if op in ("fft_fft", "fft_ifft") else 2
    x = _operand(op, n, dtype)
    kept = x.copy()

    def f(x: Any) -> Any:
        return getattr(ops, op)(x, norm=norm, **_settings(op, n))

    _check(compiled(f, x), f, x)
    assert x.tobytes() == kept.tobytes()


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 100, 128, 129, 255, 256, 257, 300])
@pytest.mark.parametrize("op", ["fft_fft", "fft_ifft", "fft_rfft"])
def test_rows_are_filled_up_or_cut_off(op: str, count: int, dtype: str) -> None:
    x = _operand(op, count, dtype)

    def f(x: Any) -> Any:
        return getattr(ops, op)(x, n=256)

    _check(compiled(f, x), f, x)


@pytest.mark.parametrize("n", [1, 2, 30, 32, 63, 7 * 64, 129, 254, 2 * 97, 11 * 128])
@pytest.mark.parametrize("op", OPS)
def test_other_lengths_are_left_to_numpy(op: str, n: int) -> None:
    if op not in ("fft_fft", "fft_ifft", "fft_rfft", "fft_rfft_transposed"):
        n += n % 2
    x = _operand(op, n, "float32")

    def f(x: Any) -> Any:
        return getattr(ops, op)(x, **_settings(op, n))

    assert not passes(n // 2) or not passes(n)
    np.testing.assert_array_equal(compiled(f, x)(x), f(x))


def test_passes_are_whole_vectors() -> None:
    done = [n for n in range(1, 5000) if passes(n)]
    assert {64, 128, 192, 320, 4096} <= set(done)
    assert not set(done) & {1, 32, 63, 96, 65, 7 * 64}
    for n in (*done, LARGEST):
        stride = 1
        for each in passes(n):
            assert each.stride == stride
            assert each.part % BLOCK == 0
            assert stride % BLOCK == 0 or (stride < BLOCK and stride & (stride - 1) == 0)
            stride *= each.radix
        assert stride == n >= LEAST
    assert not passes(2 * LARGEST)


@pytest.mark.parametrize("shape", [(256, 3), (2, 256, 3)])
def test_other_axes_and_views_are_transformed_too(shape: tuple[int, ...]) -> None:
    x = RNG.standard_normal(shape)
    axis = len(shape) - 2

    def f(x: Any) -> Any:
        y = gg.fft.rfft(x, axis=axis)
        z = gg.fft.rfft(gg.moveaxis(x, axis, -1)[..., ::-1])
        back = gg.fft.irfft(gg.moveaxis(y, axis, -1) * z, n=256)
        return back + gg.fft.irfft(z[..., ::-1], n=256), gg.fft.irfft(y, axis=axis)

    for found, wanted in zip(compiled(f, x)(x), f(x), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_rows_are_transformed_side_by_side_with_equal_bits() -> None:
    x = RNG.standard_normal((4 * WORTH // 256, 256)).astype("float32")
    y = compiled(gg.fft.rfft, x)(x)
    one = compiled(gg.fft.rfft, x[:1])
    for i in (0, 1, len(x) // 2, len(x) - 1):
        assert np.array(y[i]).tobytes() == np.array(one(x[i : i + 1])).tobytes()


def test_bits_do_not_depend_on_where_arrays_lie() -> None:
    x = RNG.standard_normal(256).astype("float32")
    step, found = compiled(gg.fft.rfft, x), set()
    for begin in range(17):
        memory = np.empty(300, "float32")
        memory[begin : begin + 256] = x
        found.add(np.array(step(memory[begin : begin + 256])).tobytes())
    assert len(found) == 1


def test_gradients_of_a_convolution_are_right_on_the_engine() -> None:
    x, h = RNG.standard_normal((2, 64)), RNG.standard_normal(64)

    def f(x: Any, h: Any) -> Any:
        y = gg.fft.irfft(gg.fft.rfft(x, n=128) * gg.fft.rfft(h, n=128), n=128)
        return gg.sum(y[..., :64] ** 2)

    step = gg.jit(gg.grad(f, (0, 1)), engine="native")
    for _ in range(3):
        found = step(x, h)
    for one, wanted in zip(found, gg.grad(f, (0, 1))(x, h), strict=True):
        np.testing.assert_allclose(one, wanted, rtol=1e-12, atol=1e-12)
    check_grads(gg.jit(f, engine="native"), (x, h))


def test_loops_hold_no_spectra_and_are_right() -> None:
    x = RNG.standard_normal((3, 128))

    def f(x: Any) -> Any:
        def body(c: Any, row: Any) -> Any:
            c = gg.fft.irfft(gg.fft.rfft(c + row) * 0.5, n=128)
            return c, gg.sum(c)

        return gg.scan(body, gg.zeros(128), x)

    for found, wanted in zip(compiled(f, x)(x), f(x), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)
