"""Arrays of NumPy and CuPy as tensors of PyTorch and back, in the same memory, by DLPack."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

import numpy as np
import torch

from gpugrad.errors import BackendUnavailable, UnsupportedOperand
from gpugrad.hints import install
from gpugrad.types import Array


def to_array(t: torch.Tensor, shared: bool = True) -> Array:
    """The array of a tensor: of NumPy on the CPU, and of CuPy on a GPU.

    One of NumPy that is `shared` is read-only: nothing is to be written behind PyTorch's back.
    """
    if t.layout is not torch.strided or t.device.type not in ("cpu", "cuda"):
        raise UnsupportedOperand(
            f"a tensor of layout {t.layout} on the device {t.device} came from PyTorch; expected "
            "dense ones on a CPU or a CUDA device: t.to_dense(), t.cpu()."
        )
    t = t.detach().resolve_conj().resolve_neg()     # which copy where a bit is set
    try:
        if t.device.type == "cuda":
            found: Array = _cupy().from_dlpack(t)
            return found
        x = np.from_dlpack(t)
    except (RuntimeError, BufferError) as error:    # such as bfloat16
        raise UnsupportedOperand(
            f"a tensor of dtype {t.dtype} came from PyTorch, which NumPy and CuPy do not have "
            f"({error}). Convert it, as in t.float()."
        ) from error
    if shared:
        x.flags.writeable = False
    return x


def to_tensor(x: Any) -> torch.Tensor:
    """The tensor of an array; one that is read-only, or that PyTorch cannot describe, is copied."""
    if isinstance(x, np.ndarray | np.generic):
        x = np.asarray(x)
        native = x.dtype.isnative
        if not (native and x.flags.writeable) or any(step < 0 for step in x.strides):
            x = np.array(x, dtype=x.dtype if native else x.dtype.newbyteorder("="), order="C")
    try:
        found: torch.Tensor = torch.from_dlpack(x)
    except (RuntimeError, BufferError, TypeError) as error:
        raise UnsupportedOperand(
            f"an array of dtype {x.dtype} is to go to PyTorch, which refuses it: {error}"
        ) from error
    return found


def on_stream_of_torch(tensors: Iterable[torch.Tensor]) -> AbstractContextManager[object]:
    """Inside, CuPy works on PyTorch's stream of the device of `tensors`, and so in its order."""
    device = next((t.device for t in tensors if t.is_cuda), None)
    if device is None:
        return nullcontext()
    cupy, stream = _cupy(), torch.cuda.current_stream(device)
    both = ExitStack()
    both.enter_context(cupy.cuda.Device(device.index))
    both.enter_context(cupy.cuda.Stream.from_external(_Pointer(stream.cuda_stream)))
    return both


def on_stream_of_cupy(arrays: Iterable[Any]) -> AbstractContextManager[object]:
    """Inside, PyTorch works on CuPy's stream of the device of `arrays`, and so in its order."""
    on_gpu = next((x for x in arrays if hasattr(x, "__cuda_array_interface__")), None)
    if on_gpu is None:
        return nullcontext()
    stream = _cupy().cuda.get_current_stream()
    device = torch.device("cuda", on_gpu.device.id)
    held: AbstractContextManager[object] = torch.cuda.stream(
        torch.cuda.ExternalStream(stream.ptr, device=device)
    )
    return held


class _Pointer:
    """A stream as CuPy wants to be told of one; not each PyTorch has a method for that."""

    def __init__(self, pointer: int) -> None:
        self._pointer = pointer

    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, self._pointer                     # 0 is the version of this protocol


def _cupy() -> Any:
    try:
        import cupy
    except ImportError as error:
        raise BackendUnavailable(
            f"a tensor of PyTorch lies on a GPU, for which gpugrad needs CuPy: {install('cuda12')} "
            "or, for CUDA 13, with cuda13."
        ) from error
    return cupy
