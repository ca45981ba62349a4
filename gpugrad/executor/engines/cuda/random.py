"""Random numbers as the source of a CUDA kernel, which takes the key from the device."""

from __future__ import annotations

from collections.abc import Mapping

from gpugrad.backends.kernels import RANDOM, random_launch
from gpugrad.executor.engines.cuda.kernel import Kernel, kernel_source
from gpugrad.executor.engines.cuda.table import Pointer, passed
from gpugrad.executor.plan import Slot, Step

STEPS = frozenset({"random_bits", "random_uniform"})


def write_random(
    name: str, step: Step, slots: tuple[Slot, ...], words: Mapping[int, int]
) -> Kernel:
    """The kernel of a step named in `STEPS`; `words` as for `write_kernel`."""
    (key,), (result,) = step.inputs, step.outputs
    kind = RANDOM[slots[result].dtype.name]
    pointers = [Pointer(key, "const unsigned *"), Pointer(result, f"{kind} *")]
    parameters, found, arguments = passed(pointers, words)
    size = slots[result].size
    body = [*found, f"gpugrad::random_fill(s{key}, s{result}, {size});"]
    source = kernel_source(name, parameters, body)
    return Kernel(name, source, arguments, (), 0, *random_launch(size), bool(found))
