"""`vmap`: a function of one part of a batch, run on all parts at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from math import prod
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import StandIn, home_of, namespace_of, within
from gpugrad.backends.batched import Level
from gpugrad.backends.one_place import in_one_place
from gpugrad.context import called_holding, warnings_to
from gpugrad.core.causes import check_refused
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.graph import now
from gpugrad.ops.operands import axis_of
from gpugrad.tracing.batching import diagonals
from gpugrad.tracing.batching import namespace as _batching  # noqa: F401  # of what enters
from gpugrad.tracing.debug import open_checks
from gpugrad.tracing.frames import PROGRAM
from gpugrad.tracing.tracer import tracer_here
from gpugrad.transforms.spelling import spelled
from gpugrad.transforms.watched import begin_watching, check_data
from gpugrad.types import Array

R = TypeVar("R")

_AXES = frozenset((int, type(None)))
"""Types of what says where parts lie; integers of NumPy do, too."""

InAxes = int | None | Sequence[object]


@spelled
def vmap(
    f: Callable[..., R], in_axes: InAxes = 0, out_axes: object = 0
) -> Callable[..., R]:
    """A function that applies `f` to every sample of a batch, and stacks the results.

    `f` is written for one sample. It is called once, with Tensors that each stand for one sample:
    every operation in it runs on all samples at once, without a Python loop. With `gg.grad` inside,
    it computes per-sample gradients. Keyword arguments hold their samples along axis 0. Arguments
    and results are pytrees.

    Args:
        f: A function of one sample.
        in_axes: The axis along which the positional arguments hold the samples: a number for all,
            or a tuple with a number or `None` for each, where `None` gives the whole argument to
            every sample. Instead of a number there may be a tree of numbers, like the argument.
        out_axes: The axis along which the results are stacked: a number, or a tree of numbers like
            the result.

    Returns:
        A function with the parameters of `f`, whose arguments have one more axis.

    Raises:
        InvalidArgument: If the arguments have different numbers of samples, or `in_axes` names an
            axis that does not exist. The function that is returned raises it.

    Example:
        >>> def distance(a, b):
        ...     return gg.sqrt(gg.sum((a - b) ** 2))
        >>> points = np.array([[0.0, 0.0], [3.0, 4.0]])
        >>> gg.vmap(distance, in_axes=(0, None))(points, np.zeros(2))
        array([0., 5.])
        >>> def loss(w, x):
        ...     return gg.sum(w * x) ** 2
        >>> gg.vmap(gg.grad(loss), in_axes=(None, 0))(np.array([1.0]), np.array([[1.0], [2.0]]))
        array([[2.],
               [8.]])
    """

    @wraps(f)
    @in_one_place("gg.vmap")
    def batched(*args: object, **kwargs: object) -> R:
        axes = in_axes if isinstance(in_axes, tuple | list) else (in_axes,) * len(args)
        if len(axes) != len(args):
            raise InvalidArgument(
                f"in_axes has {len(axes)} entries for {len(args)} positional arguments; expected "
                "one for each, or one number for all."
            )
        leaves, structure = tree.flatten((args, kwargs))
        places = [p for a, x in zip(axes, args, strict=True) for p in _places("in_axes", a, x)]
        places += [0] * (len(leaves) - len(places))
        level = Level(_count(leaves, places), now())
        given = [_entered(x, level, axis) for x, axis in zip(leaves, places, strict=True)]
        inner_args, inner_kwargs = tree.unflatten(structure, given)
        inside = partial(f, *inner_args, **inner_kwargs)
        if not open_checks:
            return _through(inside, leaves, level, out_axes)
        begin_watching()
        out = _through(inside, leaves, level, out_axes)
        check_data(f, args, kwargs, out)
        return out

    return batched


@in_one_place("gg.jacobian")
def of_units(f: Callable[[Array], R], like: Array, out_axes: object = 0) -> R:
    """As `vmap`, of all arrays of the shape of `like` that are 1 in one place and 0 elsewhere."""
    value = like._value if isinstance(like, Tensor) else like
    level = Level(prod(value.shape), now(), units=True)
    return _through(partial(f, Tensor(diagonals.units(value, level))), [like], level, out_axes)


def _through(
    f: Callable[[], R], leaves: Sequence[object], level: Level, out_axes: object
) -> R:
    """What `f` returns of one part of a batch, all parts together; `leaves` came into the batch."""
    as_tensor = tracer_here() is not None or any(isinstance(x, Tensor) for x in leaves)
    try:
        with warnings_to(PROGRAM):
            out, results, found = called_holding(within, home_of(leaves), _run, f)
    except Exception as error:
        check_refused(error)
        raise
    finally:
        level.active = False
    ends = _places("out_axes", out_axes, out)
    left = [_left(y, level, axis) for y, axis in zip(results, ends, strict=True)]
    whole: R = tree.unflatten(found, left if as_tensor else [
        y if y._edge is not None or isinstance(y._value, StandIn) else y._value for y in left
    ])  # fmt: skip
    return whole


def _run(f: Callable[[], R]) -> tuple[R, list[Array], tree.Structure]:
    """What `f` returns, its leaves as Tensors, and their structure."""
    out = f()
    results, found = tree.flatten(out)
    return out, [y if isinstance(y, Tensor) else ops.asarray(y) for y in results], found


def _places(name: str, axes: object, argument: object) -> list[Any]:
    """The axis of each leaf of an argument, given one for all or a tree whose leaves are axes."""
    try:
        given = tree.prefix(axes, argument)
    except ValueError as error:
        raise InvalidArgument(
            f"vmap: {name} is a tree {axes!r}; expected one like what it is for, or the upper "
            f"part of such a one: {error}"
        ) from error
    kinds = set(map(type, map(itemgetter(0), given))) - _AXES
    if kinds and not all(issubclass(kind, np.integer) for kind in kinds):
        raise InvalidArgument(
            f"vmap: {name} is {axes!r}; expected the number of an axis, or a tuple or tree of "
            "such numbers, with None for what is given whole to each part."
        )
    return [axis for axis, part in given for _ in tree.leaves(part)]


def _count(leaves: list[object], places: list[int | None]) -> int:
    """The number of parts, which must be that of every argument."""
    counts: dict[int, tuple[int, ...]] = {}
    for x, axis in zip(leaves, places, strict=True):
        if axis is None:
            continue
        shape = tuple(getattr(x, "shape", ()))
        if not -len(shape) <= axis < len(shape):
            listed = "" if hasattr(x, "shape") else (
                " A list is a pytree of its numbers: np.array(x) makes an array of it."
            )
            raise InvalidArgument(
                f"vmap: an argument has shape {shape} and no axis {axis} along which its parts "
                "could lie. Name another in in_axes, or None to give it whole to each part."
                f"{listed}"
            )
        counts.setdefault(shape[axis], shape)
    if len(counts) != 1:
        found = " and ".join(f"{n} (shape {shape})" for n, shape in counts.items()) or "none"
        raise InvalidArgument(
            f"vmap: the arguments have different numbers of parts: {found}. Expected one number."
        )
    return next(iter(counts))


def _entered(x: object, level: Level, axis: int | None) -> object:
    if axis is None:
        return x
    t = x if isinstance(x, Tensor) else ops.asarray(x)
    return ops.batch_enter(t, level=level, axis=axis % len(t.shape))


def _left(t: Array, level: Level, axis: int | None) -> Tensor:
    if axis is None:
        raise InvalidArgument(
            "vmap: out_axes is None for a result; expected the axis along which its parts go. "
            "Where all are the same, take one part afterwards, as result[0]."
        )
    # One that is the same for all parts too: its cotangent is that of each part, until the sweep
    # comes to what was there before the batch.
    axis = axis_of(axis, len(t.shape) + 1, "vmap, out_axes")
    left = ops.batch_leave(t, level=level, axis=axis)
    assert isinstance(left, Tensor)
    if left._edge is not None:
        return left
    return Tensor(namespace_of(left._value).copy(left._value))     # it may show what a caller holds
