"""The emulated device: memory, streams, events, graphs, and a count of what it was asked to do.

Work is done at once, in order, except what a stream captures: that is kept in a graph and done when
the graph is launched. Each block of memory lies between guard zones, holds poison until it is
written and again when it is free, and a freed block is kept for a while: what is written outside of
a block, or into one that is free, is a fault. `check` raises for the faults since it last did.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

POISON = 0xA5

GUARD = 512
"""Bytes before and behind a block; CuPy's pool rounds sizes up to as many, and aligns to them."""

KEPT = 64 * 2**20
"""Bytes of freed blocks that are watched."""

counts: Counter[str] = Counter()
"""What was done: `launch`, `malloc`, `to device`, `to host`, `on device`, `synchronize`, ..."""

launches: list[str] = []
"""The names of what was launched, in order; that of a graph is `graph`."""

faults: list[str] = []


class Block:
    """Memory of the device, freed when nobody refers to it any more."""

    device_id = 0

    def __init__(self, nbytes: int) -> None:
        self.size = -(-max(nbytes, 1) // GUARD) * GUARD
        memory = np.full(self.size + 3 * GUARD, POISON, np.uint8)
        start = GUARD + -memory.ctypes.data % GUARD
        self.memory = memory
        self.inside = memory[start : start + self.size]
        self.ptr = int(self.inside.ctypes.data)
        _live[self.ptr] = self

    def __del__(self) -> None:
        if sys.is_finalizing():
            return
        start = self.ptr - self.memory.ctypes.data
        before, behind = self.memory[:start], self.memory[start + self.size :]
        if (before != POISON).any() or (behind != POISON).any():
            faults.append(f"something was written outside of a block of {self.size} bytes")
        self.memory[:] = POISON
        _freed.append(self.memory)
        _kept["bytes"] += self.memory.nbytes
        while _kept["bytes"] > KEPT:
            _check_freed(_freed.popleft())


_live: weakref.WeakValueDictionary[int, Block] = weakref.WeakValueDictionary()
_freed: deque[np.ndarray[Any, Any]] = deque()
_kept = Counter(bytes=0)


def _check_freed(memory: np.ndarray[Any, Any]) -> None:
    _kept["bytes"] -= memory.nbytes
    if (memory != POISON).any():
        faults.append(f"something was written into {memory.nbytes} bytes that had been freed")


def is_live(pointer: int) -> bool:
    """Whether an address lies in a block that somebody holds."""
    return any(b.ptr <= pointer < b.ptr + b.size for b in list(_live.values()))


def check() -> None:
    """Raise for what was written where it must not be."""
    for block in list(_live.values()):
        start = block.ptr - block.memory.ctypes.data
        zones = block.memory[:start], block.memory[start + block.size :]
        if any((zone != POISON).any() for zone in zones):
            faults.append(f"something was written outside of a block of {block.size} bytes")
            for zone in zones:
                zone[:] = POISON
    while _freed:
        _check_freed(_freed.popleft())
    found = list(dict.fromkeys(faults))
    faults.clear()
    if found:
        raise AssertionError("; ".join(found))


@dataclass
class MemoryPointer:
    """A place in a block."""

    mem: Any
    offset: int

    @property
    def ptr(self) -> int:
        return int(self.mem.ptr) + self.offset

    @property
    def device_id(self) -> int:
        return 0

    def __add__(self, n: int) -> MemoryPointer:
        return MemoryPointer(self.mem, self.offset + n)


def malloc(nbytes: int) -> MemoryPointer:
    """New memory."""
    counts["malloc"] += 1
    return MemoryPointer(Block(nbytes), 0)


@dataclass
class Graph:
    """What a stream captured: the names of the nodes, and what each does."""

    nodes: list[tuple[str, Callable[[], None]]] = field(default_factory=list)

    def launch(self, stream: Stream | None = None) -> None:
        where = current() if stream is None else stream
        if where.capturing is not None:
            raise RuntimeError("a graph is launched while a stream is capturing")
        counts["graph launch"] += 1
        launches.append("graph")
        with _one_at_a_time:
            for name, node in self.nodes:
                launches.append(name)
                node()


class Event:
    """A point in a stream."""

    def __init__(self, block: bool = False, disable_timing: bool = False) -> None:
        self.recorded: Stream | None = None

    def record(self, stream: Stream | None = None) -> None:
        counts["event record"] += 1
        self.recorded = stream or current()

    def synchronize(self) -> None:
        counts["synchronize"] += 1


class Stream:
    """A stream. `null` is the legacy one, which cannot capture."""

    null: Stream

    def __init__(self, null: bool = False, non_blocking: bool = False) -> None:
        self.ptr = 0 if null else id(self)
        self.non_blocking = non_blocking
        self.capturing: Graph | None = None
        self._before: list[Stream] = []

    def __enter__(self) -> Stream:
        self._before.append(current())
        _threads.stream = self
        return self

    def __exit__(self, *error: Any) -> None:
        _threads.stream = self._before.pop()

    def use(self) -> Stream:
        _threads.stream = self
        return self

    def begin_capture(self, mode: int | None = None) -> None:
        if not self.non_blocking:                   # cuda/stream.pyx: legacy and blocking streams
            raise RuntimeError("cudaErrorStreamCaptureImplicit: the stream must be non-blocking")
        self.capturing = Graph()

    def end_capture(self) -> Graph:
        graph, self.capturing = self.capturing, None
        if graph is None:
            raise RuntimeError("cudaErrorIllegalState: the stream is not capturing")
        return graph

    def is_capturing(self) -> bool:
        return self.capturing is not None

    def synchronize(self) -> None:
        forbid("synchronize")
        counts["synchronize"] += 1

    def record(self, event: Event | None = None) -> Event:
        event = event or Event()
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        counts["wait event"] += 1


_threads = threading.local()
_one_at_a_time = threading.RLock()
Stream.null = Stream(null=True)


def current() -> Stream:
    """The stream that this thread uses."""
    found: Stream = getattr(_threads, "stream", Stream.null)
    return found


def forbid(what: str) -> None:
    """Raise in a capture, as CuPy does (memory.pyx for copies, CUDA itself for the rest)."""
    if current().capturing is not None:
        raise RuntimeError(f"{what}: the current stream is capturing")


def launch(name: str, work: Callable[[], None]) -> None:
    """A launch: done now, or kept by a capture."""
    graph = current().capturing
    if graph is not None:
        graph.nodes.append((name, work))
        return
    counts["launch"] += 1
    launches.append(name)
    with _one_at_a_time:
        work()
