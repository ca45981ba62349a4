"""Runs generated kernels on the CPU: the same CUDA source, compiled by the host compiler.

Around every buffer lies a guard zone, and results are poisoned before a launch: what was written
outside, and what was not written at all, is found. Every kernel runs with its threads and blocks in
both orders, and with its arrays one element further, which must give the same bits.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from host_compiler import HostCompiler

from gpugrad.backends import kernels
from gpugrad.executor.engines.cuda.kernel import Kernel
from gpugrad.executor.plan import Slot

THREADS = Path(__file__).with_name("cuda_threads.h")

FLAGS = (
    "-Wno-tautological-compare", "-Wno-unused-variable", "-Wno-unused-function",
    "-Wno-int-in-bool-context", "-Wno-unknown-pragmas",
)  # fmt: skip
"""What generated code may do, such as to compare an integer with itself, as one does with NaN."""

GUARD = 64
"""Bytes before and behind each buffer."""

POISON = 0xA5

LAUNCH = """
extern "C" const char *launch_{name}(int grid, int block, int backwards, void **given) {{
  int n = 0;
  auto next = [&] {{ return given[n++]; }};
  return shim::{how}(grid, block, backwards, bind_all({name}, next));
}}
"""

BIND = """
template <typename... T, typename Next>
static std::function<void()> bind_all(void (*kernel)(T...), Next next) {
  std::tuple<T...> taken{*static_cast<T *>(next())...};
  return [=] { std::apply(kernel, taken); };
}
"""

_KERNEL = re.compile(r"__global__ void(?: __launch_bounds__\(\d+\))?\s+(\w+)\(")

_WAITING = ("gpugrad::join_", "__syncthreads", "product<", "cross_entropy(")
"""What stands in a kernel whose threads wait for each other."""


def launcher(compiler: HostCompiler, code: str) -> dict[str, Any]:
    """The kernels of CUDA source as functions of grid, block, order and addresses of arguments.

    They return `None`, or what went wrong as bytes.
    """
    names = _KERNEL.findall(code)
    parts = [THREADS.read_text(), "#include <tuple>", BIND, code]
    for name in names:
        body = code.partition(f" {name}(")[2] or code.partition(f"\n{name}(")[2]
        waits = any(word in body.partition("\n}\n")[0] for word in _WAITING)
        parts.append(LAUNCH.format(name=name, how="launch" if waits else "launch_apart"))
    library = compiler.build("\n".join(parts), *FLAGS)
    found = {name: getattr(library, f"launch_{name}") for name in names}
    for function in found.values():
        function.restype = ctypes.c_char_p
    return found


class Guarded:
    """A buffer with a guard zone on both sides."""

    def __init__(self, nbytes: int, fill: int = POISON, shift: int = 0) -> None:
        self.memory = np.full(nbytes + 2 * GUARD, POISON, np.uint8)
        self.begin, self.end = GUARD + shift, GUARD + shift + nbytes
        self.inside = self.memory[self.begin : self.end]
        self.inside[:] = fill

    @property
    def pointer(self) -> int:
        return int(self.inside.ctypes.data)

    def array(self, slot: Slot) -> Any:
        return self.inside.view(slot.dtype).reshape(slot.shape)

    def check(self, what: str) -> None:
        for zone in (self.memory[: self.begin], self.memory[self.end :]):
            assert (zone == POISON).all(), f"{what}: written outside of its buffer"


class Library:
    """Kernels, compiled together, behind those headers of `kernels/`."""

    def __init__(
        self, compiler: HostCompiler, made: Sequence[Kernel], headers: Sequence[str] = ("engine",)
    ) -> None:
        parts = [*map(kernels.header, headers), *(kernel.source for kernel in made)]
        code = "\n".join(parts)
        self._launch = launcher(compiler, code)

    def run(self, kernel: Kernel, slots: tuple[Slot, ...], given: dict[int, Any]) -> dict[int, Any]:
        """What the kernel computes for the inputs that `given` has by slot."""
        first = self._run(kernel, slots, given)
        second = self._run(kernel, slots, given, backwards=True)
        third = self._run(kernel, slots, given, shift=1)
        for slot, array in first.items():
            assert array.tobytes() == second[slot].tobytes(), (
                f"{kernel.name}: s{slot} depends on the order in which threads run"
            )
            assert array.tobytes() == third[slot].tobytes(), (
                f"{kernel.name}: s{slot} depends on where its arrays lie"
            )
        return first

    def _run(
        self,
        kernel: Kernel,
        slots: tuple[Slot, ...],
        given: dict[int, Any],
        *,
        backwards: bool = False,
        shift: int = 0,
    ) -> dict[int, Any]:
        buffers: dict[str, Guarded] = {}
        for slot in kernel.arguments:
            spec = slots[slot]
            buffer = Guarded(spec.nbytes, shift=shift * spec.dtype.itemsize)
            buffers[f"s{slot}"] = buffer
            if slot in given:
                buffer.array(spec)[...] = given[slot]
        for i, nbytes in enumerate(kernel.scratch):
            buffers[f"scratch {i}"] = Guarded(nbytes)
        if kernel.counters:
            buffers["counter"] = Guarded(4 * kernel.counters, fill=0)
        before = {name: b.inside.copy() for name, b in buffers.items()}
        values = np.array([b.pointer for b in buffers.values()], np.uint64)
        places = [values.ctypes.data + 8 * i for i in range(len(values))]
        pointers = (ctypes.c_void_p * len(places))(*places)
        launch = self._launch[kernel.name]
        problem = launch(kernel.grid, kernel.block, int(backwards), pointers)
        assert problem is None, f"{kernel.name}: {problem.decode()}"
        for name, buffer in buffers.items():
            buffer.check(f"{kernel.name}, {name}")
        if kernel.counters:
            assert not buffers["counter"].inside.any(), f"{kernel.name}: a counter is not 0 again"
        results = {}
        for slot in kernel.arguments:
            buffer = buffers[f"s{slot}"]
            if slot in given:
                assert (buffer.inside == before[f"s{slot}"]).all(), f"s{slot} was written to"
            else:
                results[slot] = buffer.array(slots[slot]).copy()
                self._check_written(kernel, slot, slots[slot], results[slot])
        return results

    @staticmethod
    def _check_written(kernel: Kernel, slot: int, spec: Slot, array: Any) -> None:
        size = spec.dtype.itemsize
        elements = array.reshape(-1).view(np.uint8).reshape(-1, size)
        missing = (elements == POISON).all(axis=1)
        assert not missing.any(), f"{kernel.name}: elements of s{slot} were not written"
