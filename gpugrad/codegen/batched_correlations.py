"""Correlations of a batch, and their gradients, as what the kernels for them do: windows along two
axes, the first of which is of length 1 where there is but one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from gpugrad.codegen.correlation_weights import SIDE
from gpugrad.codegen.ir import FLOATS, WIDE
from gpugrad.plan.called import arguments
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import CALLS

FORWARD, INPUTS, WEIGHTS = "forward", "inputs", "weights"

KINDS = {
    "batched_correlation": FORWARD, "biased_correlation": FORWARD,
    "correlation_inputs": INPUTS, "correlation_weights": WEIGHTS,
}  # fmt: skip
"""The steps that there are kernels for."""

LAID, DEEP = 2**17, 512
"""Bytes of a sample that are laid out at a time, and for how many numbers of the weights."""

LEAST = 8
"""Rows of windows up to which channels rather than rows are laid out apart, where all are too many.
"""

Pair = tuple[int, int]


@dataclass(frozen=True)
class Correlation:
    """Of each sample, groups of `channels` of images of `lengths`, with zeros before them, by
    windows: how large, how far their elements and they themselves lie apart, and how many there
    are. `before` is negative where the first elements are left out.
    """

    kind: str
    batch: int
    groups: int
    channels: int
    outputs: int
    lengths: Pair
    before: Pair
    sizes: Pair
    dilations: Pair
    steps: Pair
    places: Pair

    @property
    def terms(self) -> int:
        """Products of which each element of the result is a sum."""
        return self.channels * prod(self.sizes)

    @property
    def work(self) -> int:
        """Multiplications."""
        return self.batch * self.groups * self.outputs * self.terms * prod(self.places)

    @property
    def apart(self) -> bool:
        """Whether windows do not begin at each element of a row."""
        return self.steps[1] != 1


@dataclass(frozen=True)
class Tiles:
    """How a sample is laid out: so many channels and rows of windows at a time, and how long a
    phase of a row, a row, and a channel are.
    """

    chunk: int
    rows: int
    phase: int
    pitch: int
    plane: int


def correlation_of(step: Step, slots: tuple[Slot, ...] | list[Slot]) -> Correlation | None:
    """What such a step computes, or `None` where it is not for the kernels."""
    specs = [slots[slot] for slot in (*step.inputs, *step.outputs)]
    dtype = specs[0].dtype
    if dtype.name not in FLOATS or not dtype.isnative:
        return None
    if any(spec.dtype != dtype or not spec.size for spec in specs) or len(specs[0].shape) > 4:
        return None
    _, settings = arguments(step.op, CALLS[step.op], dict(step.settings))
    kind = KINDS[step.op]
    result = specs[-1].shape
    x, y = (specs[0].shape, result) if kind == FORWARD else (result, specs[0].shape)
    w = specs[1].shape
    if kind == WEIGHTS:
        x, y, w = specs[0].shape, specs[1].shape, result
    groups = int(settings["groups"])
    found = Correlation(
        kind, x[0], groups, w[1], w[0] // groups, _pair(x[2:], 1),
        _pair(tuple(before for before, _ in settings["pads"]), 0), _pair(w[2:], 1),
        _pair(settings["dilations"], 1), _pair(settings["strides"], 1), _pair(y[2:], 1),
    )  # fmt: skip
    if kind == INPUTS:
        if found.steps != (1, 1):
            return None
        found = _turned(found)
    return found if tiles_of(found, dtype.itemsize) else None


def _pair(values: tuple[int, ...], missing: int) -> Pair:
    first, second = (missing, *values)[-2:]
    return int(first), int(second)


def _turned(x: Correlation) -> Correlation:
    """The correlation of cotangents with the weights from the last to the first."""
    reach = [(size - 1) * apart for size, apart in zip(x.sizes, x.dilations, strict=True)]
    before = (reach[0] - x.before[0], reach[1] - x.before[1])
    return replace(
        x, channels=x.outputs, outputs=x.channels, lengths=x.places, before=before,
        places=x.lengths,
    )  # fmt: skip


def tiles_of(x: Correlation, itemsize: int) -> Tiles | None:
    """How samples are laid out, or `None` where a single row of windows is too much."""
    unit = WIDE // itemsize
    (_, width), (step_h, step_w) = x.places, x.steps
    reach = [(size - 1) * apart + 1 for size, apart in zip(x.sizes, x.dilations, strict=True)]
    # Windows end within a phase, whichever of its elements they begin with.
    phase = -(-(width + (reach[1] - 1) // step_w) // unit) * unit
    pitch = phase * step_w
    together = SIDE if x.kind == WEIGHTS else 1     # so that squares of sums are whole
    chunk, rows = _some(x.channels, DEEP // prod(x.sizes), together), x.places[0]
    while True:
        plane = ((rows - 1) * step_h + reach[0]) * pitch
        plane += unit * (plane // unit % 2 == 0)    # so that channels are not in each other's way
        if chunk * plane * itemsize <= LAID:
            return Tiles(chunk, rows, phase, pitch, plane)
        if rows > LEAST:
            rows = -(-rows // 2)
        elif chunk > together:
            chunk = _some(x.channels, chunk // 2, together)
        elif rows > 1:
            rows = -(-rows // 2)
        else:
            return None


def _some(channels: int, most: int, together: int) -> int:
    """As many channels, of those that there are, or a multiple of `together`."""
    return channels if most >= channels else max(together, most // together * together)


def geometry(x: Correlation, tiles: Tiles, rows: Pair) -> list[int]:
    """The words of a kernel that say how samples lie, for rows of windows from one to another."""
    height, width = x.lengths
    return [
        x.channels, tiles.chunk, height * width, width, height, width, *x.before, *x.sizes,
        *x.dilations, *x.steps, *rows, tiles.rows, x.places[1], tiles.phase, tiles.plane,
        tiles.pitch,
    ]  # fmt: skip
