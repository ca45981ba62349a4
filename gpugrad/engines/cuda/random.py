"""Random numbers as the source of a CUDA kernel, which takes the keys from the device."""

from __future__ import annotations

from collections.abc import Mapping

from gpugrad.backends.kernels import random_launch
from gpugrad.backends.philox import Interval
from gpugrad.engines.cuda.expressions import type_of
from gpugrad.engines.cuda.given import Numbers
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.table import Pointer, passed
from gpugrad.plan.plan import Slot, Step

STEPS = frozenset({"random_bits", "random_uniform"})


def write_random(
    name: str, step: Step, slots: tuple[Slot, ...], words: Mapping[int, int]
) -> Kernel:
    """The kernel of a step named in `STEPS`; `words` as for `write_kernel`."""
    (key,), (result,) = step.inputs, step.outputs
    dtype = slots[result].dtype
    kind, ends, numbers = "unsigned", "", Numbers()
    if step.op == "random_uniform":
        *_, low, high = step.setting("args")
        kind = type_of(dtype)
        interval = enumerate(Interval.of(dtype, low, high))
        ends = "".join(f", {numbers.of(f'end{i}', x, dtype)}" for i, x in interval)
    pointers = [Pointer(key, "const unsigned *"), Pointer(result, f"{kind} *")]
    parameters, found, arguments = passed(pointers, words, numbers)
    size, streams = slots[result].size, slots[key].size // 2
    counts = (
        f"{numbers('long long', 'size', size // (streams or 1))}, "
        f"{numbers('long long', 'streams', streams)}"
    )
    body = (*found, f"gpugrad::{step.op}(s{key}, s{result}, {counts}{ends});")
    launch = random_launch(size)
    return Kernel(
        name, tuple(parameters), body, arguments, (), 0, *launch, bool(found), given=numbers.given
    )
