"""What the device on the CPU was asked to do, and what it found wrong, for tests to read.

    observe.begin()                     # forgets what was
    f(x)
    assert observe.counts() == {"launch": 2, "malloc": 2}
    assert observe.launches() == ["sin", "add"]
    observe.check()                     # raises for what was written where it must not be

Works in a process whose CuPy is that of the overlay (`ON_CPU`).
"""

from __future__ import annotations

import ctypes
import functools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_cupy = find_spec("cupy")

ON_CPU = _cupy is not None and (Path(str(_cupy.origin)).parents[1] / "cuda_on_cpu").exists()
"""Whether `import cupy` finds the CuPy of the overlay."""

if ON_CPU:
    import cupy  # noqa: F401 - loads the runtime

    _library = ctypes.CDLL("libcuda.so.1")
    for _name in ("check", "counts", "entries"):
        getattr(_library, f"cuda_on_cpu_{_name}").restype = ctypes.c_char_p
    _library.cuda_on_cpu_seed.argtypes = [ctypes.c_uint64]


@dataclass(frozen=True)
class Entry:
    """One thing that the device was asked to do."""

    kind: str
    """`launch`, `graph launch`, `node` (of the graph that was launched), `malloc`, `to device`,
    `to host`, `on device`, `memset`, `host function`, `synchronize`, `event record`, ..."""

    name: str
    """Of the kernel, or of the library's function."""

    device: int
    stream: int
    grid: tuple[int, ...]
    block: tuple[int, ...]

    bytes: int
    """Copied or allocated; of a launch, its dynamic shared memory."""

    arguments: tuple[bytes, ...]
    """Of a launch, each as it lies in memory."""


def begin() -> None:
    """Forget what was, and write down all that comes."""
    _library.cuda_on_cpu_watch(1)


def end() -> None:
    """Write nothing down any more: it takes memory."""
    _library.cuda_on_cpu_watch(0)


def counts() -> Counter[str]:
    """How often each kind of thing was done, without the nodes of graphs."""
    lines = _library.cuda_on_cpu_counts().decode().splitlines()
    pairs = (line.split("\t") for line in lines)
    return Counter({kind: int(number) for kind, number in pairs if kind != "node"})


def entries() -> list[Entry]:
    """All that was done since `begin`, in the order in which it was asked for."""
    return [_entry(line) for line in _library.cuda_on_cpu_entries().decode().splitlines()]


def _entry(line: str) -> Entry:
    kind, name, device, stream, grid, block, size, arguments = line.split("\t")
    return Entry(
        kind,
        name,
        int(device),
        int(stream),
        tuple(map(int, grid.split())),
        tuple(map(int, block.split())),
        int(size),
        tuple(map(bytes.fromhex, arguments.split())),
    )


def launches() -> list[str]:
    """The names of what was launched, in order; that of a graph is `graph`, then come its nodes."""
    return [x.name for x in entries() if x.kind in ("launch", "graph launch", "node")]


def check() -> None:
    """Let all work be done; raise for what was written where it must not be, or has failed."""
    found = _library.cuda_on_cpu_check().decode()
    if found:
        raise AssertionError(found)


def seed(number: int) -> None:
    """Choose the orders in which the threads of the launches to come are run."""
    _library.cuda_on_cpu_seed(number)


@functools.cache
def _allocator() -> Any:
    """By functions in C: those in Python may be garbage before the memory that they should free."""
    from cupy.cuda import CFunctionAllocator, get_current_stream

    stream_now = ctypes.CFUNCTYPE(ctypes.c_size_t)(lambda: get_current_stream().ptr)
    addresses = (
        ctypes.cast(x, ctypes.c_void_p).value
        for x in (stream_now, _library.cuda_on_cpu_malloc, _library.cuda_on_cpu_free)
    )
    return CFunctionAllocator(*addresses, stream_now)


@contextmanager
def guarded_memory() -> Iterator[None]:
    """Each array of CuPy gets memory of its own between guard zones, instead of a part of the pool.

    It is freed as that of the pool is: what the stream has before may still use it.
    """
    from cupy import cuda

    before = cuda.get_allocator()
    cuda.set_allocator(_allocator().malloc)
    try:
        yield
    finally:
        cuda.set_allocator(before)
