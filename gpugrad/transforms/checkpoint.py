"""`checkpoint`: a part of a function that is computed again instead of kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

import gpugrad.tree as tree
from gpugrad.backends import Namespace, is_inexact, namespace_for, namespace_of
from gpugrad.backends.one_place import check_place
from gpugrad.core.tensor import Tensor
from gpugrad.graph import ALIAS, ENDED, Edge, enable_grad, is_recording, now, older
from gpugrad.ops.creation import leaf
from gpugrad.tracing.tracer import tracer_here
from gpugrad.transforms.composite import (
    CompositeVjp,
    EdgeMap,
    Rule,
    Shares,
    ValueMap,
    cotangents,
    tracked_results,
)
from gpugrad.transforms.remaking import Remaking
from gpugrad.types import Array

P = ParamSpec("P")
R = TypeVar("R")


def checkpoint(f: Callable[P, R]) -> Callable[P, R]:
    """`f`, but the graph keeps only its arguments and results.

    Everything in between is recomputed when a gradient is needed: a chain of n checkpoints, each of
    one layer, keeps the results of the layers and nothing inside them. This takes less memory, and
    the time of running `f` once more. Values and gradients of any order are those of `f`, also with
    respect to Tensors that it closes over. Under `gg.jit` it has no effect: the plan decides how
    long each array is kept.

    Args:
        f: A function of pytrees. It must compute the same when it runs again, so draw random
            numbers from keys.

    Returns:
        A function with the parameters and results of `f`.

    Example:
        >>> layer = gg.checkpoint(lambda w, x: gg.tanh(w * x))
        >>> slope = gg.grad(lambda w: layer(w, layer(w, 0.5)))(1.0)
        >>> round(float(slope), 6)
        0.695856
    """

    @wraps(f)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        leaves, structure = tree.flatten((args, kwargs))
        check_place("gg.checkpoint", leaves)
        if tracer_here() is not None or not is_recording():
            return f(*args, **kwargs)
        tracked = [isinstance(x, Tensor) and x._edge is not None and is_inexact(x.dtype)
                   for x in leaves]  # fmt: skip
        began = now()
        aliases: list[Any] = [leaf(x._value, settings=ALIAS) if is_tracked else x
                   for x, is_tracked in zip(leaves, tracked, strict=True)]  # fmt: skip
        # The nodes, because the function may write to the handles and thereby give them others.
        nodes = [x._edge[0] for x, is_tracked in zip(aliases, tracked, strict=True) if is_tracked]
        replay = _Replay(f, structure, leaves, tracked)
        out = replay.call(aliases)
        results, found = tree.flatten(out)
        places = [i for i, y in enumerate(results) if isinstance(y, Tensor) and y._edge is not None]
        for node in nodes:
            node.settings = ENDED
        if not places:
            return out
        replay.places = places
        sources = older([results[i]._edge for i in places], began)
        inputs = [x for x, is_tracked in zip(leaves, tracked, strict=True) if is_tracked]
        rule = _Again(replay, {edge: edge for edge in sources})
        vjp = CompositeVjp("checkpoint", rule, [x._edge for x in inputs])
        edges = [*(x._edge for x in inputs), *sources]
        values = [results[i]._value for i in places]
        saved = [x._value for x in inputs]
        for i, y in zip(places, tracked_results(vjp, edges, saved, values), strict=True):
            results[i] = y
        whole: R = tree.unflatten(found, results)
        return whole

    return run


class _Replay(Generic[R]):
    """`f` as a function of its tracked arguments, giving the results at `places`."""

    def __init__(
        self,
        f: Callable[..., R],
        structure: tree.Structure,
        leaves: list[object],
        tracked: list[bool],
    ) -> None:
        self._f = f
        self._structure = structure
        # Of the tracked ones only the places are kept: their values are kept by the node.
        self._leaves = [None if is_tracked else x
                        for x, is_tracked in zip(leaves, tracked, strict=True)]  # fmt: skip
        self._tracked = [i for i, is_tracked in enumerate(tracked) if is_tracked]
        self.places: list[int] = []

    def call(self, leaves: Sequence[object]) -> R:
        args, kwargs = tree.unflatten(self._structure, leaves)
        with enable_grad():
            return self._f(*args, **kwargs)

    def __call__(self, inputs: Sequence[Tensor]) -> list[object]:
        leaves = list(self._leaves)
        for i, x in zip(self._tracked, inputs, strict=True):
            leaves[i] = x
        results = tree.leaves(self.call(leaves))
        return [results[i] for i in self.places]


class _Again:
    """The rule: run it again, and sweep.

    `sources` are the edges of what it closes over, where its runs lead, each with the edge that
    stands for it in the graph that is swept.
    """

    def __init__(
        self, replay: Callable[[Sequence[Tensor]], list[object]], sources: dict[Edge, Edge]
    ) -> None:
        self._replay = replay
        self._sources = sources

    def __call__(
        self, g: list[Array | None], saved: Sequence[Array], recorded: bool
    ) -> Shares:
        inputs = [x if isinstance(x, Tensor) else Tensor(x) for x in saved]
        sources = list(self._sources.values())
        inside, outside = cotangents(
            self._again, inputs, sources, g, recorded, _namespace(g, saved)
        )
        return [*inside, *outside]

    def _again(self, inputs: Sequence[Tensor]) -> Sequence[object]:
        """The results of another run, computed from what stands for the sources."""
        began = now()
        results = self._replay(inputs)
        if all(edge == stands_for for edge, stands_for in self._sources.items()):
            return results
        remaking = Remaking(began, now(), lambda edge: self._sources.get(edge, edge), lambda x: x)
        edges = remaking.edges([x._edge if isinstance(x, Tensor) else None for x in results])
        return [
            Tensor(x._value, edge) if isinstance(x, Tensor) and edge is not None else x
            for x, edge in zip(results, edges, strict=True)
        ]

    def moved(self, edge: EdgeMap, value: ValueMap) -> Rule:
        return _Again(self._replay, {e: edge(found) for e, found in self._sources.items()})


def _namespace(g: Shares, saved: Sequence[Array]) -> Namespace:
    arrays = [x._value if isinstance(x, Tensor) else x for x in (*g, *saved) if x is not None]
    return namespace_for(arrays, namespace_of(arrays[0]))
