"""Correlations of a batch, and their gradients, as what the kernels for them do.

Windows lie along two axes, the first of which is of length 1 where there is but one.
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

FEW, MANY = 128, 2**15
"""Places of all samples below which, and weights from which on, columns may be better."""

LEAST = 8
"""Rows of windows up to which channels rather than rows are laid out apart, where all are too many.
"""

Pair = tuple[int, int]


@dataclass(frozen=True)
class Correlation:
    """Of each sample, groups of `channels` of images of `lengths`, by windows.

    There are zeros before the images. Of windows it says how large they are, how far their elements
    and they themselves lie apart, and how many there are. `before` is negative where the first
    elements are left out.
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
    """How a sample is laid out.

    It says how many channels and rows of windows there are at a time, and how long a phase of a
    row, a row, and a channel are.
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
    if _is_for_blas(found, dtype.itemsize):
        return None
    phases = phases_of(found) if kind == INPUTS else [Phase(found)]
    fits = all(tiles_of(phase.correlation, dtype.itemsize) for phase in phases)
    return found if phases and fits else None


def _pair(values: tuple[int, ...], missing: int) -> Pair:
    first, second = (missing, *values)[-2:]
    return int(first), int(second)


def _is_for_blas(x: Correlation, itemsize: int) -> bool:
    """Whether a product of columns takes less.

    It does where there are few places for many weights, so that these are read for little, or where
    rows fill half a vector at most and sums of few of them are many.
    """
    if x.kind == WEIGHTS:
        narrow = 2 * x.places[1] * itemsize <= WIDE
        return narrow and x.outputs * x.terms >= MANY
    return x.batch * prod(x.places) < FEW and x.outputs * x.terms >= MANY


@dataclass(frozen=True)
class Phase:
    """A part of a gradient with respect to inputs, as a correlation of its own.

    It is one of cotangents with weights from the last to the first: elements from number `first`
    on, as far apart as windows are, with each `every`-th weight from `start` on.
    """

    correlation: Correlation
    first: Pair = (0, 0)
    start: Pair = (0, 0)
    every: Pair = (1, 1)


def phases_of(x: Correlation) -> list[Phase]:
    """The parts of a gradient with respect to inputs; none where an element has no weight."""
    axes = [
        [_phase(phase, *sizes) for phase in range(min(sizes[3], sizes[0]))]
        for sizes in zip(x.lengths, x.before, x.sizes, x.steps, x.dilations, strict=True)
    ]
    found = []
    for down in axes[0]:
        for across in axes[1]:
            if down is None or across is None:
                return []
            first, count, start, every, size, dilation, before = zip(down, across, strict=True)
            turned = replace(
                x, channels=x.outputs, outputs=x.channels, lengths=x.places, places=count,
                before=before, sizes=size, dilations=dilation, steps=(1, 1),
            )  # fmt: skip
            found.append(Phase(turned, first, start, every))
    return found


def _phase(
    first: int, length: int, before: int, size: int, step: int, dilation: int
) -> tuple[int, ...] | None:
    """Along an axis, the phase of elements from number `first` on.

    It is given with how many there are, the first weight that they meet and how far the next ones
    are, how many, how far apart what they meet lies, and how many zeros come before.

    An element `u` behind the first zero meets weight `i` in window `(u - i dilation) / step`.
    """
    u = first + before
    met = [i for i in range(size) if (u - i * dilation) % step == 0]
    if not met:
        return None
    every = met[1] - met[0] if len(met) > 1 else 1
    apart = every * dilation // step if len(met) > 1 else 1
    last = (u - met[-1] * dilation) // step
    return first, -(-(length - first) // step), met[0], every, len(met), apart, -last


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
