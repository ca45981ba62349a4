"""Where views lie: the layouts of plans are NumPy's, and what lies in order is never copied."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_strides import random_key
from view_programs import shape_of_size

import gpugrad as gg
from gpugrad.plan.layouts import Layout, in_order, layouts, whole
from gpugrad.plan.passes.memory import place
from gpugrad.plan.plan import Plan, Slot, Step


def resolved(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def view_of(rng: np.random.Generator, x: np.ndarray) -> tuple[str, tuple[Any, ...], np.ndarray]:
    """A step that makes a view of an array, by its primitive and setting, and what NumPy makes."""
    match rng.integers(0, 4):
        case 0:
            axes = tuple(int(axis) for axis in rng.permutation(x.ndim))
            return "permute_dims", (("axes", axes),), x.transpose(axes)
        case 1:
            key = resolved(random_key(rng, x))
            key = key if ... in key else (*key, ...)
            return "slice", (("key", key),), x[key]
        case 2:
            shape = (*rng.choice((1, 2, 3), size=rng.integers(0, 2)), *x.shape)
            shape = tuple(int(3 if n == 1 and rng.random() < 0.5 else n) for n in shape)
            return "broadcast_to", (("shape", shape),), np.broadcast_to(x, shape)
    shape = tuple(int(n) for n in shape_of_size(rng, x.size))
    y = x.reshape(shape)
    return "reshape", (("shape", y.shape),), y


def random_views(rng: np.random.Generator) -> tuple[Plan, list[np.ndarray]]:
    """A plan of views of one input, each of an earlier one; and what NumPy makes of numbers."""
    shape = tuple(int(n) for n in rng.choice((0, 1, 1, 2, 3, 4), p=(0.02, *(0.196,) * 5),
                                             size=rng.integers(0, 5)))  # fmt: skip
    arrays = [np.arange(int(np.prod(shape))).reshape(shape)]
    steps = []
    for _ in range(6):
        x = int(rng.integers(0, len(arrays)))
        op, settings, y = view_of(rng, arrays[x])
        if y.size <= 2000:
            steps.append(Step(op, (x,), (len(arrays),), settings))
            arrays.append(y)
    slots = tuple(Slot(x.shape, np.dtype("float32")) for x in arrays)
    return Plan(slots, (0,), (), tuple(steps), tuple(range(len(arrays)))), arrays


def elements(layout: Layout) -> np.ndarray:
    """The numbers of the elements of the root that a layout shows."""
    found = np.full(layout.shape, layout.start)
    for axis, (n, stride) in enumerate(zip(layout.shape, layout.strides, strict=True)):
        along = [1] * len(layout.shape)
        along[axis] = n
        found = found + (np.arange(n) * stride).reshape(along)
    return found


def test_layouts_of_plans_are_those_of_numpys_views() -> None:
    rng = np.random.default_rng(0)
    views = ordered = 0
    for _ in range(1000):
        plan, arrays = random_views(rng)
        placement = place(plan, plan.steps, lambda *_: False)
        found = layouts(plan, placement)
        for slot, layout in found.items():
            array = arrays[slot]
            root = layout.root
            assert root == placement.root(slot)
            assert layout.shape == array.shape
            here = elements(layout)
            if root == 0:
                assert (here == array).all(), (plan.steps, slot)
            assert not here.size or 0 <= here.min() <= here.max() <= layout.reach
            wanted = np.arange(here.size).reshape(here.shape) + layout.start
            assert layout.ordered == bool((here == wanted).all()), layout
            assert layout.ordered or slot in placement.scattered
            views += 1
            ordered += layout.ordered
        assert set(found) <= {slot for step in plan.steps for slot in step.outputs}
    assert views > 3000
    assert 0.2 < ordered / views < 0.9


@pytest.mark.parametrize(
    ("shape", "strides", "ordered"),
    [
        ((2, 3), (3, 1), True),
        ((2, 3), (4, 1), False),
        ((2, 1), (1, 7), True),                     # a stride that is never taken
        ((1, 3), (0, 1), True),
        ((1, 1, 1), (5, -3, 9), True),
        ((2, 0), (5, 5), True),                     # no element
        ((3, 1), (-1, 1), False),
        ((3,), (0,), False),
        ((), (), True),
    ],
)
def test_what_lies_in_order(
    shape: tuple[int, ...], strides: tuple[int, ...], ordered: bool
) -> None:
    assert Layout(0, 4, shape, strides).ordered == ordered


def test_a_whole_slot_lies_in_order() -> None:
    for shape in [(), (3,), (2, 3, 4), (2, 1, 0), (1, 1)]:
        layout = whole(7, shape)
        assert layout.ordered
        assert (layout.root, layout.start, layout.strides) == (7, 0, in_order(shape))
        assert 0 in shape or layout.reach == np.prod(shape) - 1


SHOWN = {
    "a row of a plane": lambda x: x[1:2, 2],
    "a row of a plane, turned": lambda x: x[1:2, 2].T,
    "one plane": lambda x: x[1:2],
    "one row": lambda x: x[1, 2],
}
"""Views that lie in order, though the strides of axes of length 1 may be any."""


@pytest.mark.parametrize("name", SHOWN)
def test_what_lies_in_order_is_not_copied(name: str) -> None:
    """A kernel reads it where it lies: a block, as of the array itself."""
    pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")
    x = np.arange(36.0).reshape(3, 3, 4) / 36

    def blocks(f: Any) -> int:
        compiled = gg.jit(f, engine="native")
        np.testing.assert_allclose(compiled(x), f(x))
        program = compiled._cache.compiled((x,), {}).program
        return sum(len(run.keys) for run in program.runs.values())

    assert blocks(lambda x: gg.exp(SHOWN[name](x)) * 2) == 1
    assert blocks(lambda x: gg.exp(x[:, 1]) * 2) == 2
