"""Products of several arrays, and convolution by the Fourier transform."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from workloads.workload import Draw, Program, Workload, differentiated, with_gradient

CONTRACTION = "ijk,ia,jb,kc->abc"


def _signals(size: tuple[int, int]) -> tuple[Any, ...]:
    """Rows of samples, and the response that each is convolved with."""
    rows, length = size
    draw = Draw()
    return draw.normal(rows, length), draw.normal(length, scale=length**-0.5)


def _convolution(xp: Any) -> Program:
    fft = xp.fft

    def run(x: Any, response: Any) -> Any:
        n = 2 * x.shape[-1]
        return fft.irfft(fft.rfft(x, n=n) * fft.rfft(response, n=n), n=n)[..., : n // 2]

    return run


def _energy(xp: Any) -> Program:
    convolution = _convolution(xp)
    return lambda x, response: (convolution(x, response) ** 2).mean()


def _core(n: int) -> tuple[Any, ...]:
    """A tensor and a matrix for each of its axes."""
    draw = Draw()
    return draw.normal(n, n, n), *(draw.normal(n, n // 2, scale=n**-0.5) for _ in range(3))


def _contraction(xp: Any) -> Program:
    return lambda *operands: xp.einsum(CONTRACTION, *operands)


def _squared(xp: Any) -> Program:
    return lambda *operands: (xp.einsum(CONTRACTION, *operands) ** 2).mean()


def _chain(n: int) -> tuple[Any, ...]:
    """Matrices of which the last product is best done first."""
    draw = Draw()
    sides = (n, n, n, n, 1)
    return tuple(draw.normal(a, b, scale=a**-0.5) for a, b in pairwise(sides))


def _batch(size: tuple[int, int]) -> tuple[Any, ...]:
    number, side = size
    draw = Draw()
    pair = tuple(draw.normal(number, side, side, scale=side**-0.5) for _ in range(2))
    return pair, draw.normal(number, side, side)


def _products(xp: Any) -> Program:
    return lambda pair, target: ((pair[0] @ pair[1] - target) ** 2).mean()


ROWS = (
    Workload(
        "convolution by real FFT",
        {"4 x 1,024": (4, 1024), "16 x 4,096": (16, 4096)},
        _signals,
        _convolution,
        _convolution,
        _convolution,
        _convolution,
    ),
    Workload(
        "convolution by real FFT, gradient",
        {"4 x 1,024": (4, 1024), "16 x 4,096": (16, 4096)},
        _signals,
        differentiated(_energy),
        differentiated(_energy),
        with_gradient(_energy),
    ),
    Workload(
        "einsum of four operands",
        {"side 16": 16, "side 64": 64},
        _core,
        _contraction,
        _contraction,
        _contraction,
        lambda np: lambda *operands: np.einsum(CONTRACTION, *operands, optimize="optimal"),
    ),
    Workload(
        "einsum of four operands, gradient",
        {"side 16": 16, "side 64": 64},
        _core,
        differentiated(_squared),
        differentiated(_squared),
        with_gradient(_squared),
    ),
    Workload(
        "product of four matrices",
        {"side 50": 50, "side 500": 500},
        _chain,
        lambda xp: lambda *operands: xp.einsum("ab,bc,cd,de->ae", *operands),
        lambda xp: lambda *operands: xp.linalg.multi_dot(operands),
        lambda torch: lambda *operands: torch.linalg.multi_dot(operands),
        lambda np: lambda *operands: np.linalg.multi_dot(operands),
    ),
    Workload(
        "batched products, gradient",
        {"16 of 16 x 16": (16, 16), "64 of 64 x 64": (64, 64)},
        _batch,
        differentiated(_products),
        differentiated(_products),
        with_gradient(_products),
    ),
)
