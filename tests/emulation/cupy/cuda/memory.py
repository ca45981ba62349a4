"""Where CuPy keeps these."""

from cupy._device import MemoryPointer, MemoryPool, UnownedMemory

__all__ = ["MemoryPointer", "MemoryPool", "UnownedMemory"]
