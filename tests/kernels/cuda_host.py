"""Runs generated kernels on the CPU: the same CUDA source, compiled by the host compiler.

Every access is watched, so what is outside of the arrays, misaligned or a race is found
(`tests/cuda_on_cpu/device/races.cpp`); and results are poisoned before a launch, so what was not
written is. Every kernel runs with its threads and blocks in several orders, and with its arrays one
element further, which must give the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from cuda_on_cpu.loaded import Loaded

from gpugrad.backends import kernels
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.plan.plan import Slot

SEEDS = 3
"""So many orders of blocks and threads each kernel is run in."""

GUARD = 64
"""Bytes before and behind each buffer."""

POISON = 0xA5


class Buffer:
    """Poisoned memory, with other memory on both sides."""

    def __init__(self, nbytes: int, fill: int = POISON, shift: int = 0) -> None:
        memory = np.full(nbytes + 3 * GUARD, POISON, np.uint8)
        begin = GUARD + -memory.ctypes.data % GUARD + shift
        self.inside = memory[begin : begin + nbytes]
        self.inside[:] = fill

    def array(self, slot: Slot) -> Any:
        return self.inside.view(slot.dtype).reshape(slot.shape)


class HostCompiler:
    """Compiles kernels for the CPU."""

    def load(self, source: str) -> Loaded:
        """The kernels of a source; raises with the compiler's messages."""
        return Loaded(source)


class Library:
    """Kernels, compiled together, behind those headers of `kernels/`."""

    def __init__(
        self, compiler: HostCompiler, made: Sequence[Kernel], headers: Sequence[str] = ("engine",)
    ) -> None:
        parts = [*map(kernels.header, headers), *(kernel.source for kernel in made)]
        self._loaded = compiler.load("\n".join(parts))

    def run(self, kernel: Kernel, slots: tuple[Slot, ...], given: dict[int, Any]) -> dict[int, Any]:
        """What the kernel computes for the inputs that `given` has by slot."""
        first, *others = (self._run(kernel, slots, given, seed=seed) for seed in range(SEEDS))
        shifted = self._run(kernel, slots, given, shift=1)
        for slot, array in first.items():
            assert all(array.tobytes() == other[slot].tobytes() for other in others), (
                f"{kernel.name}: s{slot} depends on the order in which threads run"
            )
            assert array.tobytes() == shifted[slot].tobytes(), (
                f"{kernel.name}: s{slot} depends on where its arrays lie"
            )
        return first

    def _run(
        self,
        kernel: Kernel,
        slots: tuple[Slot, ...],
        given: dict[int, Any],
        *,
        seed: int = 0,
        shift: int = 0,
    ) -> dict[int, Any]:
        buffers: dict[str, Buffer] = {}
        for slot in kernel.arguments:
            spec = slots[slot]
            buffer = Buffer(spec.nbytes, shift=shift * spec.dtype.itemsize)
            buffers[f"s{slot}"] = buffer
            if slot in given:
                buffer.array(spec)[...] = given[slot]
        for i, nbytes in enumerate(kernel.scratch):
            buffers[f"scratch {i}"] = Buffer(nbytes)
        if kernel.counters:
            buffers["counter"] = Buffer(4 * kernel.counters, fill=0)
        before = {name: b.inside.copy() for name, b in buffers.items()}
        arrays = [b.inside for b in buffers.values()]
        words = kernel.words
        if len(words):                              # by value, as a structure of one element
            arrays.append(words if kernel.far else words.view(f"V{words.nbytes}")[0])
        self._loaded.run(kernel.name, kernel.grid, kernel.block, *arrays, seed=seed)
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
