"""Functions of one array with an axis: what each makes of every axis, in every way to call it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad.catalogue.examples import functions

NAMES = ("axis", "axes")

ARRAYS = [
    np.array(2.5), np.array([2.5, -0.5, 1.0]), np.array([[2.5, -0.5, 1.0], [0.5, 3.0, 2.0]]),
    np.array([[2.5]]),
]  # fmt: skip

BEHIND = {
    "broadcast_to": ((2, 3),), "nanpercentile": (30.0,), "nanquantile": (0.3,),
    "percentile": (30.0,), "quantile": (0.3,), "repeat": (2,), "roll": (1,), "split": (1,),
    "array_split": (1,), "take": ([0, 0],),
}  # fmt: skip
"""Arguments behind the array that a function requires."""

AXES = [None, 0, -1, 1, -2, 2, -3, (), (0,), (-1,), (1, 0), (0, -1), (0, 0), (0, 2), "0"]
"""For an array of two axes as for one without: many are refused, by each of the functions alike."""

REFUSED = "refused"


def _setting(f: Any) -> str | None:
    return next((name for name in NAMES if name in signature(f).parameters), None)


def _takes_one_array(f: Any, name: str) -> bool:
    for axis in (0, (0, 1), (1, 0)):
        try:
            f(ARRAYS[3], **{name: axis})
        except (TypeError, ValueError):
            continue
        return True
    return False


def _one_operand(name: str, f: Any) -> Callable[..., Any]:
    behind = BEHIND.get(name, ())
    return lambda x, **settings: f(x, *behind, **settings)


def found() -> dict[str, tuple[Callable[..., Any], str]]:
    """The public functions of one array with an axis, and what that is called."""
    named = {name: (_one_operand(name, f), _setting(f)) for name, f in functions().items()}
    return {
        name: (f, setting) for name, (f, setting) in named.items()
        if setting is not None and _takes_one_array(f, setting)
    }  # fmt: skip


def _gradient(f: Callable[[Any], Any], x: Any) -> Any:
    """Of a sum that depends on each of the results in another way than on others."""

    def total(x: Any) -> Any:
        y = f(x)
        parts = y if isinstance(y, tuple | list) else [y]
        return sum(gg.sum((gg.real(part) * 1.0) ** 3) for part in parts)

    return gg.grad(total)(x)


def _jitted(f: Callable[[Any], Any], x: Any) -> Any:
    compiled = gg.jit(f)
    return [compiled(x) for _ in range(2)][-1]


def _one_of_a_batch(f: Callable[[Any], Any], x: Any) -> Any:
    return gg.vmap(lambda many: f(many))(gg.stack([x, x * 2.0]))


WAYS = {
    "raw": lambda f, x: f(x),
    "of a Tensor": lambda f, x: f(gg.tensor(x)),
    "gradient": _gradient,
    "jit": _jitted,
    "vmap": _one_of_a_batch,
    "jit of vmap": lambda f, x: _jitted(partial(_one_of_a_batch, f), x),
}


def outcome(f: Callable[..., Any], x: Any, way: str, **settings: Any) -> Any:
    """The results, or that it is refused: by an error of a value or type, not by accident."""
    try:
        with np.errstate(all="ignore"):
            return WAYS[way](lambda x: f(x, **settings), x)
    except (TypeError, ValueError):
        return REFUSED
