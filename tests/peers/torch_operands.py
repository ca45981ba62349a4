"""Operands to try functions of two libraries on: shapes, settings, and what makes matrices good."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import torch
from op_cases import Shape

import gpugrad as gg

Function = Callable[..., Any]
Drawn = tuple[tuple[Any, ...], dict[str, Any]]
"""Shapes to fill, and settings under gpugrad's names."""

Draw = Callable[[Random], Drawn]


def _shape(choose: Random, least: int = 0, length: int = 0) -> Shape:
    """At least that many axes, of at least that length; up to 3, of up to 4."""
    return Shape(choose.randint(length, 4) for _ in range(choose.randint(least, 3)))


def one(choose: Random) -> Drawn:
    """An array of any shape, without settings."""
    return (_shape(choose),), {}


def two(choose: Random) -> Drawn:
    """Two that broadcast."""
    shape = _shape(choose)
    operands = []
    for _ in range(2):
        kept = shape[choose.randint(0, len(shape)) :] if choose.random() < 0.3 else shape
        operands.append(Shape(1 if choose.random() < 0.2 else n for n in kept))
    return tuple(operands), {}


def axis_of(choose: Random) -> Drawn:
    """An array and one of its axes."""
    shape = _shape(choose, 1, 1)
    return (shape,), {"axis": choose.randint(-len(shape), len(shape) - 1)}


def reduced(choose: Random, length: int = 1) -> Drawn:
    """An array and several of its axes, which may stay with length 1."""
    shape = _shape(choose, 1, length)
    axes = sorted(choose.sample(range(len(shape)), choose.randint(1, len(shape))))
    return (shape,), {"axis": tuple(axes), "keepdims": choose.random() < 0.5}


def spread(choose: Random) -> Drawn:
    """The same, with two elements at least along each axis."""
    return reduced(choose, 2)


def reduced_by_one(choose: Random) -> Drawn:
    """An array and one of its axes, which may stay with length 1."""
    shapes, settings = axis_of(choose)
    return shapes, {**settings, "keepdims": choose.random() < 0.5}


def matrix(choose: Random) -> Drawn:
    """Matrices in a batch, or one."""
    return (Shape((*_batch(choose), choose.randint(1, 4), choose.randint(1, 4))),), {}


def _batch(choose: Random) -> tuple[int, ...]:
    return choose.choice([(), (), (2,), (3, 1), (0,)])


def squares(choose: Random) -> Drawn:
    """Square ones."""
    n = choose.randint(1, 4)
    return (Shape((*_batch(choose), n, n)),), {}


def tall_matrix(choose: Random) -> Drawn:
    """Those with at least as many rows as columns."""
    n = choose.randint(1, 3)
    return (Shape((*_batch(choose), n + choose.randint(0, 2), n)),), {}


def system(choose: Random) -> Drawn:
    """Square ones, and right sides."""
    n = choose.randint(1, 4)
    batch = _batch(choose)
    return (Shape((*batch, n, n)), Shape((*batch, n, choose.randint(1, 3)))), {}


def factors(choose: Random) -> Drawn:
    """The two of a matrix product."""
    n, k, m = (choose.randint(0, 4) for _ in range(3))
    a, b = choose.choice([((n, k), (k, m)), ((k,), (k, m)), ((n, k), (k,)), ((k,), (k,)),
                          ((2, n, k), (k, m)), ((2, n, k), (2, k, m)), ((1, n, k), (3, k, m)),
                          ((n, k), (2, k, m))])  # fmt: skip
    return (Shape(a), Shape(b)), {}


def vectors(choose: Random) -> Drawn:
    """Two of any lengths."""
    return (Shape((choose.randint(0, 4),)), Shape((choose.randint(0, 4),))), {}


def alike(choose: Random) -> Drawn:
    """Two arrays of one shape."""
    shape = _shape(choose, 1, 1)
    return (shape, shape), {}


def also(draw: Draw, **choices: list[Any]) -> Draw:
    """The same with more settings, each chosen from a list."""

    def drawn(choose: Random) -> Drawn:
        operands, settings = draw(choose)
        return operands, settings | {name: choose.choice(x) for name, x in choices.items()}

    return drawn


def always(*shapes: tuple[int, ...], **choices: list[Any]) -> Draw:
    """Arrays of these shapes, and settings that are each chosen from a list."""
    return also(lambda choose: (tuple(map(Shape, shapes)), {}), **choices)


# What makes good matrices


def regular(x: Any) -> Any:
    """A matrix that is far from singular."""
    n = x.shape[-1]
    return x + 2 * _eye_like(x, n)


def _eye_like(x: Any, n: int) -> Any:
    if isinstance(x, torch.Tensor):
        return torch.eye(n, dtype=x.dtype)
    return gg.eye(n, dtype=x.dtype)


def definite(x: Any) -> Any:
    """A positive definite matrix."""
    adjoint = x.mT.conj() if isinstance(x, torch.Tensor) else gg.conj(x.mT)
    return x @ adjoint + _eye_like(x, x.shape[-1])


def inverse(x: Any) -> Any:
    """`1 / x`: between 1.1 and 3.4."""
    return 1 / x
