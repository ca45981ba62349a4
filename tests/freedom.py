"""What the definition of a decomposition leaves open, and each library decides for itself.

A vector may have any sign, or phase if it is complex; values without an order may come in any; and
what completes a basis may be any basis of the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import gpugrad as gg


def aligned(op: str, found: tuple[Any, ...], wanted: tuple[Any, ...]) -> tuple[Any, ...]:
    """The results of that op with what is open decided as in `wanted`, and nothing else changed."""
    return OPEN[op](found, wanted) if op in OPEN else found


def _eigh(found: tuple[Any, ...], wanted: tuple[Any, ...]) -> tuple[Any, ...]:
    (values, vectors), (_, theirs) = found, wanted
    return values, vectors * _phases(vectors, theirs)


def _eig(found: tuple[Any, ...], wanted: tuple[Any, ...]) -> tuple[Any, ...]:
    (values, vectors), (their_values, _) = found, wanted
    order = _order(values, their_values)
    ordered = np.take_along_axis(vectors, order[..., None, :], -1)
    return _eigh((np.take_along_axis(values, order, -1), ordered), wanted)


def _eigvals(found: tuple[Any, ...], wanted: tuple[Any, ...]) -> tuple[Any, ...]:
    return (np.take_along_axis(found[0], _order(found[0], wanted[0]), -1),)


def _svd(found: tuple[Any, ...], wanted: tuple[Any, ...]) -> tuple[Any, ...]:
    """A pair of vectors has one phase for both."""
    (u, s, vh), (their_u, _, their_vh) = found, wanted
    n = s.shape[-1]
    phases = _phases(u[..., :n], their_u[..., :n])
    left = np.concat([u[..., :n] * phases, _basis(u[..., n:], their_u[..., n:])], -1)
    rest = _basis(vh[..., n:, :].mT, their_vh[..., n:, :].mT).mT
    return left, s, np.concat([phases.conj().mT * vh[..., :n, :], rest], -2)


def _qr(found: tuple[Any, ...], wanted: tuple[Any, ...]) -> tuple[Any, ...]:
    """A column of Q has the phase that its row of R lacks."""
    (q, r), (their_q, _) = found, wanted
    n = min(r.shape[-2:])
    phases = _phases(q[..., :n], their_q[..., :n])
    full = np.concat([q[..., :n] * phases, _basis(q[..., n:], their_q[..., n:])], -1)
    return full, np.concat([phases.conj().mT * r[..., :n, :], r[..., n:, :]], -2)


OPEN: dict[str, Callable[[tuple[Any, ...], tuple[Any, ...]], tuple[Any, ...]]] = {
    "complete_qr": _qr, "eig": _eig, "eigh": _eigh, "eigvals": _eigvals, "full_svd": _svd,
    "qr": _qr, "svd": _svd,
}  # fmt: skip
"""The ops whose results are not determined by their definition."""


def determined(name: str, f: Callable[..., Any]) -> Callable[..., Any]:
    """What the definition determines of the results of a decomposition by that name, `f` itself if
    it is none: sizes instead of numbers with a phase, and sums of what has no order. Of a square
    matrix nothing is completed, so that the complete decompositions are the others.
    """
    kind = name.rpartition(".")[2]
    if kind in ("eigvals", "roots"):
        return lambda *args: [gg.sum(f(*args), -1), gg.sum(f(*args) ** 2, -1)]
    if kind == "eig":
        return lambda *args: [gg.sum(f(*args)[0], -1), gg.sum(gg.abs(f(*args)[1]), -1)]
    if kind not in ("complete_qr", "eigh", "full_svd", "qr", "svd"):
        return f
    return lambda *args: [gg.abs(y) if np.ndim(y) > 1 else y for y in f(*args)]


def _phases(vectors: Any, theirs: Any) -> Any:
    """By what each column is multiplied to lie as theirs does: numbers of absolute value 1."""
    inner = np.sum(vectors.conj() * theirs, axis=-2, keepdims=True)
    size = np.abs(inner)
    return np.where(size == 0, 1, inner / np.where(size == 0, 1, size))


def _basis(vectors: Any, theirs: Any) -> Any:
    """Their vectors as far as they lie in the span of these, if these are orthonormal."""
    return vectors @ (vectors.mT.conj() @ theirs)


def _order(values: Any, theirs: Any) -> Any:
    """Places of the values, each nearest to one of theirs and taken once."""
    order = np.empty(values.shape, int)
    for row in np.ndindex(values.shape[:-1]):
        far = np.abs(values[row] - theirs[row][:, None])
        for i in range(values.shape[-1]):
            order[row][i] = place = int(np.argmin(far[i]))
            far[:, place] = np.inf
    return order
