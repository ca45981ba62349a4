"""NumPy as another library might be: what it may decide otherwise is decided otherwise.

Vectors of decompositions have other signs and phases, eigenvalues come in another order, and what
linear algebra and transforms give is off by a rounding of its largest element.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpugrad.backends.numpy import NumpyNamespace

ROUNDED = (
    "cholesky", "det", "eigvalsh", "inv", "pinv", "solve", "svdvals",
    "fft_fft", "fft_ifft", "fft_irfft", "fft_rfft",
)  # fmt: skip


class Liberties(NumpyNamespace):
    """NumPy with other choices and other roundings, the same ones in each call."""

    def __init__(self) -> None:
        super().__init__()
        for name in ROUNDED:
            setattr(self, name, _rounded(getattr(self, name)))

    def svd(self, x: Any) -> Any:
        return self._turned_svd(super().svd(x))

    def full_svd(self, x: Any) -> Any:
        return self._turned_svd(super().full_svd(x))

    def _turned_svd(self, parts: Any) -> Any:
        u, s, vh = parts
        left, right = _phases(u), _phases(vh.mT).mT.conj()
        return _off(u * left), _off(s), _off(right * vh)

    def qr(self, x: Any) -> Any:
        return self._turned_qr(np.linalg.qr(x))

    def complete_qr(self, x: Any) -> Any:
        return self._turned_qr(super().complete_qr(x))

    def _turned_qr(self, parts: Any) -> Any:
        q, r = parts
        phases = _phases(q)
        return _off(q * phases), np.triu(_off(phases.mT.conj() * r))

    def eigh(self, x: Any, UPLO: str = "L") -> Any:
        values, vectors = super().eigh(x, UPLO)
        return _off(values), _off(vectors * _phases(vectors))

    def eig(self, x: Any) -> Any:
        values, vectors = super().eig(x)
        return _off(values[..., ::-1]), _off((vectors * _phases(vectors))[..., ::-1])

    def eigvals(self, x: Any) -> Any:
        return _off(super().eigvals(x)[..., ::-1])


def _phases(vectors: Any) -> Any:
    """For each column, or sign."""
    turns = np.arange(1, vectors.shape[-1] + 1)
    phases = np.exp(1j * turns) if vectors.dtype.kind == "c" else (-1.0) ** turns
    return phases[None, :].astype(vectors.dtype)


def _rounded(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **settings: _off(f(*args, **settings))


def _off(x: Any) -> Any:
    """`x` off by a rounding of its largest element, up and down in turn."""
    x = np.array(x)
    step = np.finfo(x.dtype).eps * np.abs(x).max(initial=0)
    return x + step * (-1.0) ** np.arange(x.size).reshape(x.shape)


LIBERTIES = Liberties()
