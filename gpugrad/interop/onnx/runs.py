"""Runs of a function under a tracer, for several batch sizes, as plans of what ONNX can say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from reprlib import repr as short
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.errors import ImpureFunction, InvalidArgument, LeakedValue, TrackedConversion
from gpugrad.interop.onnx.general_definitions import composed
from gpugrad.interop.onnx.idioms import with_idioms
from gpugrad.plan.passes import improve
from gpugrad.plan.plan import Plan
from gpugrad.transforms.jit.arguments import Arguments
from gpugrad.transforms.jit.traces import trace

BATCHES = ((7, 12, 17), (11, 18, 29), (13, 19, 30))
"""Batch sizes to try: odd and even ones, and no powers of two, whose quotients are exact."""

_FOR_ENGINES = ("assemble", "horizontal", "products")
"""Passes that lay arrays side by side in memory."""


@dataclass(frozen=True)
class Run:
    """One run: its plan, whose inputs are the arguments and then the `captured` arrays.

    `paths` are those of the results.
    """

    plan: Plan
    captured: list[tuple[int, Any, np.ndarray]]
    arguments: int
    paths: list[str]


def run(f: Callable[..., Any], arrays: Sequence[Any]) -> Run:
    """What `f` does with these arrays."""
    given = Arguments(
        tuple(arrays), {}, donate_argnums=(), static_argnums=(), static_argnames=()
    )
    try:
        found = trace(f, given)
    except (ImpureFunction, LeakedValue, TrackedConversion) as error:
        raise type(error)(
            f"gg.interop.to_onnx traces the function as gg.jit does, and it cannot be: {error}"
        ) from error
    paths = tree.paths(tree.unflatten(found.structure, found.traced))
    for path, is_array, x in zip(paths, found.traced, found.fixed, strict=True):
        if not is_array:
            raise InvalidArgument(
                f"gg.interop.to_onnx: the result{path} of the function is the {type(x).__name__} "
                f"{short(x)}; expected arrays, as by gg.asarray(...), or None."
            )
    plan = improve(found.plan([]), without=_FOR_ENGINES)
    plan = with_idioms(improve(composed(plan), without=_FOR_ENGINES))
    base = found.tracer.base
    captured = [(slot, x, base.to_numpy(x)) for slot, x in found.tracer.captured]
    return Run(plan, captured, len(arrays), paths)


def resized(array: np.ndarray, axis: int | None, batch: int) -> np.ndarray:
    """The array with `batch` elements along the axis, which are its own, again and again."""
    if axis is None:
        return array
    found: np.ndarray = array.take(np.arange(batch) % array.shape[axis], axis)
    return found
