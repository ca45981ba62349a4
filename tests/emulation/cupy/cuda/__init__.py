"""The part of `cupy.cuda` that gpugrad uses."""

from cupy._device import Event, Graph, Stream
from cupy._device import current as get_current_stream
from cupy.cuda import device, runtime
from cupy.cuda.device import Device

__all__ = [
    "Device", "Event", "Graph", "Stream", "device", "get_current_stream", "is_available", "runtime",
]  # fmt: skip


def is_available() -> bool:
    return True
