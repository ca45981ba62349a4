"""NCCL, which carries arrays of CuPy from GPU to GPU where each rank has one of its own.

It starts over MPI. Its calls are launches on the current stream: nobody waits for them, and a graph
captures them. Where it cannot be used, all ranks find the same reason.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from warnings import catch_warnings, simplefilter

from gpugrad.backends.collectives import (
    BROADCAST,
    COMPUTING,
    EXCHANGE,
    GATHER,
    MAX,
    MIN,
    PERMUTE,
    REDUCE,
    SCATTER,
    SUM,
    Collective,
    Launches,
    parts_of,
)
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.hints import install

if TYPE_CHECKING:
    import cupy

BY_HOST = "MPI, through pinned host memory"

_MACHINE = Path("/proc/sys/kernel/random/boot_id")

_TYPES = {
    "b": "INT8", "B": "UINT8", "i": "INT32", "I": "UINT32", "l": "INT64", "L": "UINT64",
    "q": "INT64", "Q": "UINT64", "f": "FLOAT32", "d": "FLOAT64",
}  # fmt: skip
"""What NCCL computes with, by the character of a dtype."""

_VIEWED = {"?": "B", "F": "f", "D": "d"}
"""What is computed with as other numbers of the same bits: of complex ones, as with two."""

_WIDER = {"e": "f", "E": "f", "h": "i", "H": "I"}
"""What is computed with as wider numbers: float16 and bfloat16 ("E") as single precision."""


class Ranks(Protocol):
    """The ranks of a world, which say by MPI what they need to know of each other."""

    @property
    def rank(self) -> int: ...

    @property
    def size(self) -> int: ...

    def each(self, x: Any) -> list[Any]: ...

    def share(self, x: Any, root: int = 0) -> Any: ...


def why_not() -> str:
    """Why this process cannot use NCCL, and what helps; empty where it can.

    Whether a world uses it depends on the GPUs of all its ranks: see its `transport`.
    """
    if find_spec("cupy") is None:
        return "CuPy is not installed"
    try:
        with catch_warnings():
            simplefilter("ignore")                  # it says at length what this does
            from cupy.cuda import nccl, runtime

        if not nccl.available:
            extra = f"nccl{runtime.runtimeGetVersion() // 1000}"
            return f"NCCL cannot be loaded: {install(extra)}"
        if not runtime.getDeviceCount():
            return "there is no GPU"
        nccl.get_version()
    except Exception as error:                      # of CUDA, or of a library that does not fit
        return f"CuPy cannot be used: {' '.join(str(error).split())}"
    return ""


def chosen(world: Ranks) -> tuple[Nccl | None, str]:
    """NCCL for the current device of each rank, or `None`; and in words what carries arrays.

    All ranks call it together.
    """
    why = next(filter(None, world.each(why_not())), "") or _shared(world.each(_place()))
    if why:
        return None, f"{BY_HOST}: {why}"
    # While a graph is captured, NCCL would otherwise exchange addresses: then all ranks would have
    # to capture at the same time, also where one alone needs memory for a second caller.
    os.environ.setdefault("NCCL_GRAPH_REGISTER", "0")
    made, why = _started(world)
    problems = [f"rank {rank}: {found}" for rank, found in enumerate(world.each(why)) if found]
    if problems:
        return None, f"{BY_HOST}: NCCL did not start: {'; '.join(problems)}"
    assert made is not None
    return made, made.name


def _place() -> tuple[str, str]:
    """The machine of this process, and the GPU that it computes on."""
    import cupy

    there = _MACHINE.read_text() if _MACHINE.exists() else os.uname().nodename
    return there.strip(), cupy.cuda.Device().pci_bus_id


def _shared(places: list[tuple[str, str]]) -> str:
    """Which ranks compute on one GPU, if any do."""
    for place in places:
        ranks = [rank for rank, other in enumerate(places) if other == place]
        if len(ranks) > 1:
            return (
                f"ranks {', '.join(map(str, ranks))} compute on one GPU, {place[1]}, and NCCL "
                "wants one for each: start a rank for each GPU, and call "
                "gg.parallel.world().use_gpu() at the beginning"
            )
    return ""


def _started(world: Ranks) -> tuple[Nccl | None, str]:
    """The communicator, or what went wrong on this rank."""
    from cupy.cuda import nccl

    key: bytes | str = ""
    try:
        key = nccl.get_unique_id() if world.rank == 0 else b""
    except nccl.NcclError as error:
        key = str(error)
    key = world.share(key)
    if isinstance(key, str):
        return None, key
    try:
        return Nccl(nccl.NcclCommunicator(world.size, key, world.rank), world), ""
    except nccl.NcclError as error:
        return None, str(error)


class Nccl:
    """A communicator of all ranks of a world, on the current device of each."""

    def __init__(self, comm: Any, world: Ranks) -> None:
        import cupy
        from cupy.cuda import nccl

        self._comm, self._rank, self._size = comm, world.rank, world.size
        self._device = cupy.cuda.Device().id
        self._nccl, self._stream = nccl, cupy.cuda.get_current_stream
        self._cupy = cupy
        version = nccl.get_version()
        self.name = f"NCCL {version // 10000}.{version // 100 % 100}.{version % 100}"
        # It is never destroyed: that waits for other ranks, and when the program ends, for ever.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(comm))

    def launches(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        """The call from `x` to `y`, which both lie in order."""
        if x.device.id != self._device:
            raise InvalidArgument(
                f"a collective of an array on cuda:{x.device.id}: this world's first one was of "
                f"an array on cuda:{self._device}, and a rank has one GPU. Move the array there."
            )
        if not x.size and not y.size:
            return Launches(lambda: None)
        kind = x.dtype.char
        if call.kind not in COMPUTING:
            moved = replace(call, axis=call.axis - 1, other=call.other - 1)
            return _KINDS[call.kind](self, moved, _bytes(x), _bytes(y))
        if kind in _WIDER:
            return self._wider(call, x, y, _WIDER[kind])
        if _VIEWED.get(kind, kind) not in _TYPES:
            raise UnsupportedOperand(
                f"a {call.kind} of an array of {x.dtype}: NCCL computes with no such numbers."
            )
        return _KINDS[call.kind](self, call, x, y)

    def _wider(
        self, call: Collective, x: cupy.ndarray, y: cupy.ndarray, kind: str
    ) -> Launches:
        """The same by way of other numbers."""
        copy = self._cupy.copyto
        a, b = self._cupy.empty(x.shape, kind), self._cupy.empty(y.shape, kind)
        inside = self.launches(call, a, b)
        return Launches(
            inside.carry,
            (lambda: copy(a, x, casting="unsafe"), *inside.before),
            (*inside.after, lambda: copy(y, b, casting="unsafe")),
        )

    def _numbers(self, x: cupy.ndarray) -> tuple[int, int]:
        """How many numbers an array has, and of which type, as NCCL computes with them."""
        kind = x.dtype.char
        count = x.size * (2 if x.dtype.kind == "c" else 1)
        return count, getattr(self._nccl, f"NCCL_{_TYPES[_VIEWED.get(kind, kind)]}")

    def _summed(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        (count, kind), op = self._numbers(x), self._op(call.kind)
        return Launches(
            lambda: self._comm.allReduce(
                x.data.ptr, y.data.ptr, count, kind, op, self._stream().ptr
            )
        )

    def _reduced(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        (count, kind), op = self._numbers(x), self._op(SUM)
        before = () if self._rank == call.root else (lambda: y.fill(0),)
        return Launches(
            lambda: self._comm.reduce(
                x.data.ptr, y.data.ptr, count, kind, op, call.root, self._stream().ptr
            ),
            before,
        )

    def _scattered(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        sent, before = self._cut(x, call.axis)
        (count, kind), op = self._numbers(y), self._op(SUM)
        return Launches(
            lambda: self._comm.reduceScatter(
                sent.data.ptr, y.data.ptr, count, kind, op, self._stream().ptr
            ),
            before,
        )

    def _broadcast(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        return Launches(
            lambda: self._comm.broadcast(
                x.data.ptr, y.data.ptr, x.size, self._nccl.NCCL_UINT8, call.root,
                self._stream().ptr,
            )
        )  # fmt: skip

    def _gathered(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        parts, after = self._joined(y, call.axis)
        return Launches(
            lambda: self._comm.allGather(
                x.data.ptr, parts.data.ptr, x.size, self._nccl.NCCL_UINT8, self._stream().ptr
            ),
            (), after,
        )  # fmt: skip

    def _exchanged(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        sent, before = self._cut(x, call.axis)
        parts, after = self._joined(y, call.other)
        nbytes = x.nbytes // self._size

        def carry() -> None:
            kind, stream = self._nccl.NCCL_UINT8, self._stream().ptr
            self._nccl.groupStart()
            for rank in range(self._size):
                at = rank * nbytes
                self._comm.send(sent.data.ptr + at, nbytes, kind, rank, stream)
                self._comm.recv(parts.data.ptr + at, nbytes, kind, rank, stream)
            self._nccl.groupEnd()

        return Launches(carry, before, after)

    def _permuted(self, call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Launches:
        sources = [a for a, b in call.pairs if b == self._rank]
        targets = [b for a, b in call.pairs if a == self._rank]

        def carry() -> None:
            kind, stream = self._nccl.NCCL_UINT8, self._stream().ptr
            self._nccl.groupStart()
            for rank in sources:
                self._comm.recv(y.data.ptr, y.size, kind, rank, stream)
            for rank in targets:
                self._comm.send(x.data.ptr, x.size, kind, rank, stream)
            self._nccl.groupEnd()

        return Launches(carry, () if sources else (lambda: y.fill(0),))

    def _op(self, kind: str) -> int:
        found: int = getattr(self._nccl, f"NCCL_{kind.upper()}")
        return found

    def _cut(
        self, x: cupy.ndarray, axis: int
    ) -> tuple[cupy.ndarray, tuple[Callable[[], None], ...]]:
        """Parts of an array along an axis, one behind the other, and what copies them there."""
        view = parts_of(x, axis, self._size)
        if view.flags.c_contiguous:
            return view, ()
        parts = self._cupy.empty(view.shape, view.dtype)
        return parts, (lambda: self._cupy.copyto(parts, view),)

    def _joined(
        self, y: cupy.ndarray, axis: int
    ) -> tuple[cupy.ndarray, tuple[Callable[[], None], ...]]:
        """Memory for parts that are to be joined along an axis, and what joins them."""
        view = parts_of(y, axis, self._size)
        if view.flags.c_contiguous:
            return view, ()
        parts = self._cupy.empty(view.shape, view.dtype)
        return parts, (lambda: self._cupy.copyto(view, parts),)


def _bytes(x: cupy.ndarray) -> cupy.ndarray:
    """The bytes of an array, along one more axis at its end, for calls that move them."""
    return x[..., None].view("B")


_KINDS: dict[str, Callable[[Nccl, Collective, Any, Any], Launches]] = {
    SUM: Nccl._summed, MAX: Nccl._summed, MIN: Nccl._summed, REDUCE: Nccl._reduced,
    BROADCAST: Nccl._broadcast, GATHER: Nccl._gathered, SCATTER: Nccl._scattered,
    EXCHANGE: Nccl._exchanged, PERMUTE: Nccl._permuted,
}  # fmt: skip
