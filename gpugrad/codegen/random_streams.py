"""Random words and numbers from keys, by Philox4x32-10.

`gpugrad/backends/philox.py` says what it is, and gives the same bits. Each lane computes a block of
four words, in registers of 64 bits, of which a product of two words needs all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from gpugrad.backends.philox import FACTORS, ROUNDS, STEPS, Interval
from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import FLOATS, Value, lanes_for, type_of
from gpugrad.codegen.words import Words, module
from gpugrad.plan.called import arguments
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import CALLS

STREAMS = ("random_bits", "random_uniform")
"""The steps that there are kernels for."""

BLOCK = 4
"""Words of a block."""

_WORD = 0xFFFFFFFF


@dataclass(frozen=True)
class StreamKey:
    """Random words, as `"uint32"`, or floats; with `stretched`, not from 0 to 1."""

    dtype: str
    stretched: bool

    @property
    def each(self) -> int:
        """How many a block makes."""
        return BLOCK // 2 if self.dtype == "float64" else BLOCK


@dataclass(frozen=True)
class Streams:
    """What a step computes: `size` results from each of `count` keys.

    `interval` is what stretches them.
    """

    key: StreamKey
    count: int
    size: int
    interval: tuple[np.floating, ...]


def streams_of(step: Step, slots: Sequence[Slot]) -> Streams | None:
    """What such a step computes, or `None` where it is not for this kernel."""
    keys, result = slots[step.inputs[0]], slots[step.outputs[0]]
    _, settings = arguments(step.op, CALLS[step.op], dict(step.settings))
    drawn = settings.get("dtype", np.float64) if step.op == "random_uniform" else np.uint32
    dtype = np.dtype(drawn)
    if not result.size or result.dtype != dtype or dtype.name not in ("uint32", *FLOATS):
        return None
    if keys.dtype != np.uint32 or keys.shape[-1:] != (2,):
        return None
    ends = settings.get("low", 0.0), settings.get("high", 1.0)
    stretched = ends != (0.0, 1.0)
    interval = tuple(Interval.of(result.dtype, *ends)) if stretched else ()
    count = prod(keys.shape[:-1])
    key = StreamKey(result.dtype.name, stretched)
    return Streams(key, count, result.size // count, interval)


def print_stream(key: StreamKey, name: str, wide: bool) -> str:
    """The text of a module with the kernel as the function `name`.

    The words of a block are the places of the keys and of the results, how many keys there are, the
    first block of each stream, how many results it makes, how far apart those of two keys lie, and
    the numbers that stretch them.
    """
    b = Body(wide=wide)
    words = Words(b)
    keys, target = words.address(), words.address()
    count, first, size, apart = (words.word() for _ in range(4))
    interval = [words.number(key.dtype) for _ in range(4 * key.stretched)]
    zero = b.constant("int64", 0)
    lanes = lanes_for(64, wide)
    with b.loop(zero, count, 1) as (stream, _, _):
        rounds = _round_keys(b, b.at(keys, stream * 2, "int32"))
        to = b.at(target, stream * apart, _stored(key.dtype))
        with b.loop(zero, size, lanes * key.each) as (i, _, _):
            number = b.emit(f"udiv {i.typed}, {key.each}", "int64")
            four = _blocks(b, b.numbered("int64", lanes) + (first + number), rounds)
            for j, x in enumerate(_results(b, key.dtype, four)):
                if key.stretched:
                    x = _stretched(b, x, interval)
                left = b.intrinsic("smax", size - i - j * x.lanes, 0)
                place = b.at(to, i + j * x.lanes, _stored(key.dtype))
                b.store(x, place, b.first(left, x.lanes))
    b.act("ret i64 0")
    return module(b, name)


def _stored(dtype: str) -> str:
    """What LLVM stores: its integers have no sign."""
    return "int32" if dtype == "uint32" else dtype


def _round_keys(b: Body, place: Value) -> list[list[Value]]:
    """The two words of the key of each round."""
    found = []
    for j, step in enumerate(STEPS):
        at = b.at(place, b.constant("int64", j), "int32")
        word = b.read(f"load i32, {at.typed}, align 4", "int32")
        first = b.emit(f"zext {word.typed} to i64", "int64")
        found.append([(first + r * int(step)) & _WORD for r in range(ROUNDS)])
    return [list(pair) for pair in zip(*found, strict=True)]


def _blocks(b: Body, number: Value, rounds: list[list[Value]]) -> list[Value]:
    """The four words of the blocks of these numbers, one block in each lane."""
    nothing = b.constant("int64", 0, number.lanes)
    words = [number & _WORD, _behind(b, number, 32), nothing, nothing]
    for first, second in rounds:
        one, other = words[0] * int(FACTORS[0]), words[2] * int(FACTORS[1])
        words = [
            (_behind(b, other, 32) ^ words[1] ^ first) & _WORD, other & _WORD,
            (_behind(b, one, 32) ^ words[3] ^ second) & _WORD, one & _WORD,
        ]  # fmt: skip
    return words


def _results(b: Body, dtype: str, words: list[Value]) -> list[Value]:
    """What the words of the blocks make, in the order of memory, as two vectors."""
    if dtype == "float64":
        pairs = ((words[0], words[1]), (words[2], words[3]))
        whole = [(high << 21) ^ _behind(b, low, 11) for high, low in pairs]
        return [b.convert(x, dtype) * 2.0**-53 for x in _in_turn(b, *whole)]
    both = [words[j] | (words[j + 1] << 32) for j in (0, 2)]
    found = []
    for x in _in_turn(b, *both):
        lanes = 2 * x.lanes
        y = b.emit(f"bitcast {x.typed} to {type_of('int32', lanes)}", "int32", lanes)
        if dtype in FLOATS:
            y = b.convert(_behind(b, y, 8), dtype) * 2.0**-24
        found.append(y)
    return found


def _in_turn(b: Body, x: Value, y: Value) -> list[Value]:
    """The lanes of two vectors in turn, as two others."""
    order = [place for i in range(x.lanes) for place in (i, x.lanes + i)]
    return [b.shuffle(x, y, order[: x.lanes]), b.shuffle(x, y, order[x.lanes :])]


def _stretched(b: Body, unit: Value, interval: list[Value]) -> Value:
    """`min((start + unit * span) * factor, below)`, of which each operation is rounded."""
    start, span, factor, below = (b.spread(x, unit.lanes) for x in interval)
    x = unit
    for operation, y in (("fmul", span), ("fadd", start), ("fmul", factor)):
        x = b.emit(f"{operation} {x.typed}, {y.text}", x.dtype, x.lanes)
    return b.select(x < below, x, below)


def _behind(b: Body, x: Value, bits: int) -> Value:
    """`x` moved to the right, with zeros in front."""
    return b.emit(f"lshr {x.typed}, {b.constant(x.dtype, bits, x.lanes).text}", x.dtype, x.lanes)
