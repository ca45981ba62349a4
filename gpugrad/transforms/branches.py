"""`cond` while it is recorded: one step that holds the plans of both branches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gpugrad import tree
from gpugrad.errors import InvalidArgument
from gpugrad.executor.record import Recorder
from gpugrad.executor.recording import namespace as recording_namespace
from gpugrad.graph import Edge, is_recording
from gpugrad.tensor import Tensor
from gpugrad.transforms.bodies import Body, traced
from gpugrad.transforms.control import Kind, cond
from gpugrad.transforms.segments import EdgeMap, SegmentVjp, cotangents, tracked_results

Branch = Callable[[], Any]


def record_cond(recorder: Recorder, pred: Any, true: Branch, false: Branch) -> Any:
    """Note the branches as one step; the result is that of the branch taken in this run."""
    condition = traced(pred)
    if condition.dtype.kind != "b":
        condition = recording_namespace.not_equal(condition, 0)
    bodies = [Body(recorder, branch, ()) for branch in (true, false)]
    _agree(*bodies)
    outside = list({x.slot: x for body in bodies for x in body.outside}.values())
    taken = bodies[0] if condition.value else bodies[1]
    settings = (("true", bodies[0].plan(outside)), ("false", bodies[1].plan(outside)))
    values = tuple(x.value for x in taken.outputs)
    results = recorder.emit_several("cond", (condition, *outside), values, settings)
    for result, x in zip(results, taken.outputs, strict=True):
        result.weak = x.weak
    sources = list(dict.fromkeys(edge for body in bodies for edge in body.sources))
    leaves = [Tensor(x) for x in results]
    if sources and is_recording():
        vjp = SegmentVjp("cond", _Reverse(bodies, sources), [None])
        leaves = tracked_results(vjp, sources, [condition], results)
    return tree.unflatten(taken.structure, leaves)


class _Reverse:
    """The reverse rule of a branch: a branch between the reverses of both."""

    def __init__(self, bodies: Sequence[Body], sources: Sequence[Edge]) -> None:
        self.bodies = bodies
        self.sources = sources

    def __call__(self, g: list[Any], saved: Sequence[Any], recorded: bool) -> Sequence[Any]:
        def back(body: Body) -> Branch:
            return lambda: cotangents(
                body.replay, (), self.sources, g, recorded, recording_namespace
            )[1]

        shares: list[Any] = cond(saved[0], *map(back, self.bodies))
        return shares

    def moved(self, edge: EdgeMap, value: Callable[[Any], Any]) -> _Reverse:
        bodies = [body.moved(edge, value) for body in self.bodies]
        return _Reverse(bodies, list(map(edge, self.sources)))


def _agree(true: Body, false: Body) -> None:
    """Give the results of both branches the same dtypes; raises where they differ otherwise."""
    if true.structure != false.structure:
        raise InvalidArgument(
            "the branches of gg.cond must return trees of the same structure; found are "
            f"{true.structure} if the condition holds and {false.structure} if not."
        )
    paths = tree.paths(tree.unflatten(true.structure, true.outputs))
    for i, path in enumerate(paths):
        kinds = Kind.of(true.outputs[i]), Kind.of(false.outputs[i])
        wanted = kinds[0].joined(kinds[1])
        if wanted is None:
            raise InvalidArgument(
                "the branches of gg.cond must return arrays of the same shapes and dtypes; found "
                f"in the result{path} are {kinds[0]} if the condition holds and {kinds[1]} if not."
            )
        for body in (true, false):
            body.make(i, wanted.dtype, wanted.weak)
