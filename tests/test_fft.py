"""`gg.fft`: values against NumPy, gradients against finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)
REAL = rng.normal(size=(3, 4, 5))
COMPLEX = REAL + 1j * rng.normal(size=REAL.shape)

SETTINGS: list[dict[str, Any]] = [
    {},
    {"norm": "ortho"},
    {"norm": "forward", "axis": 0},
    {"n": 3, "axis": 1},
    {"n": 8},
]
SEVERAL: list[dict[str, Any]] = [
    {},
    {"axes": (0, -1), "norm": "forward"},
    {"s": (2, 6), "axes": (2, 0), "norm": "ortho"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
@pytest.mark.usefixtures("sweeps")
def test_transforms(name: str, settings: dict[str, Any]) -> None:
    x = REAL if name in ("rfft", "ihfft") else COMPLEX
    f, reference = getattr(gg.fft, name), getattr(np.fft, name)
    np.testing.assert_allclose(f(x, **settings), reference(x, **settings), atol=1e-13)
    check_grads(lambda x: f(x, **settings), (x,))
    if name in ("fft", "ifft"):
        check_grads(lambda x: f(x, **settings), (REAL,))


@pytest.mark.parametrize("settings", SEVERAL, ids=str)
@pytest.mark.parametrize("name", ["fftn", "ifftn", "rfftn", "irfftn"])
def test_transforms_along_several_axes(name: str, settings: dict[str, Any]) -> None:
    x = REAL if name == "rfftn" else COMPLEX
    f, reference = getattr(gg.fft, name), getattr(np.fft, name)
    np.testing.assert_allclose(f(x, **settings), reference(x, **settings), atol=1e-13)
    check_grads(lambda x: f(x, **settings), (x,))


@pytest.mark.parametrize("n", [1, 4, 5])
def test_frequencies(n: int) -> None:
    np.testing.assert_allclose(gg.fft.fftfreq(n, d=0.3).value, np.fft.fftfreq(n, 0.3))
    np.testing.assert_allclose(gg.fft.rfftfreq(n, d=0.3).value, np.fft.rfftfreq(n, 0.3))
    assert gg.fft.fftfreq(n, dtype="float32").dtype == np.float32


@pytest.mark.parametrize("axes", [None, 1, (0, 2)])
@pytest.mark.parametrize("name", ["fftshift", "ifftshift"])
def test_shifts(name: str, axes: Any) -> None:
    f, reference = getattr(gg.fft, name), getattr(np.fft, name)
    np.testing.assert_array_equal(f(REAL, axes=axes), reference(REAL, axes=axes))
    check_grads(lambda x: f(x, axes=axes), (REAL,))


def test_the_gradient_of_real_numbers_is_real() -> None:
    g = gg.grad(lambda x: gg.sum(gg.abs(gg.fft.rfft(x)) ** 2))(REAL)
    assert g.dtype == np.float64
    g = gg.grad(lambda x: gg.sum(gg.abs(gg.fft.fft(x)) ** 2))(REAL)
    np.testing.assert_allclose(g, 2 * REAL.shape[-1] * REAL)    # Parseval
    single = REAL.astype("float32")
    assert gg.fft.fft(single).dtype == np.complex64


def test_compiled() -> None:
    def f(x: Any) -> Any:
        return gg.sum(gg.abs(gg.fft.irfft(gg.fft.rfft(x) ** 2)) ** 1.5)

    wanted = gg.grad(f)(REAL)
    compiled = gg.jit(gg.grad(f), engine="numpy")
    for _ in range(4):
        np.testing.assert_allclose(compiled(REAL), wanted, rtol=1e-12)


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(InvalidArgument, match="one of backward"):
        gg.fft.hfft(COMPLEX, norm="none")
    with pytest.raises(InvalidArgument, match="one for each"):
        gg.fft.fftn(COMPLEX, s=(3,), axes=(0, 1))
