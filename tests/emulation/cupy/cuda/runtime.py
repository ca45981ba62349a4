"""What `gpugrad info` asks for."""

from typing import Any


def runtimeGetVersion() -> int:
    return 13000


def getDeviceCount() -> int:
    return 1


def getDeviceProperties(device: int) -> dict[str, Any]:
    return {"name": b"emulated", "multiProcessorCount": 4}
