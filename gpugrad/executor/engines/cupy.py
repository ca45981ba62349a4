"""The CuPy engine: a plan as launches of generated CUDA kernels.

It is the NumPy engine on a device: the same arena and the same source of calls, with fused steps
and products as kernels of one module. What no kernel is generated for is called between them, by
the functions of CuPy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from gpugrad.backends import choose, kernels
from gpugrad.executor.engines.cuda.kernel import Kernel, in_place, write_kernel
from gpugrad.executor.engines.cuda.product import Matrix, can_multiply, in_order, write_product
from gpugrad.executor.engines.numpy import Writer, part
from gpugrad.executor.passes.fuse import fuse
from gpugrad.executor.passes.memory import ALIGNMENT, VIEWS
from gpugrad.executor.plan import Plan, Step

HEADERS = ("engine", "product")
"""In `kernels/`: what generated kernels call."""

OPTIONS = ("-std=c++17",)


class Instance:
    """A compiled plan with an arena of its own on the current device (see `pool.py`)."""

    __slots__ = ("__weakref__", "_function", "donated", "kept", "memory", "run")

    def __init__(self, make: Callable[..., Any], size: int) -> None:
        import cupy

        self.memory = cupy.empty(max(size, ALIGNMENT), "uint8")
        self._function, self.donated = make(self.memory)
        self.kept: tuple[Any, ...] = ()
        self.run = self._function

    def run_as(self, variant: Callable[[Any], Any]) -> None:
        """From the next call on, run what `variant` makes of the function, in the same memory."""
        self.run = variant(self._function)


class Program:
    """A plan compiled for CuPy: `instance` gives it memory."""

    engine = "cupy"

    def __init__(self, plan: Plan) -> None:
        self.plan = fuse(plan)
        writer = CupyWriter(self.plan)
        self.source = writer.source()
        self.placement = writer.placement
        self.spans = writer.spans
        self.kernels = writer.kernels
        self._scope = writer.scope

    @property
    def cuda_source(self) -> str:
        """The CUDA C++ of all kernels."""
        parts = [*map(kernels.header, HEADERS), *(kernel.source for kernel in self.kernels)]
        return "\n".join(parts)

    @property
    def calls(self) -> int:
        """How many launches a run makes."""
        return sum(span.launches for span in self.spans)

    @cached_property
    def _make(self) -> Callable[..., Any]:
        import cupy

        module = cupy.RawModule(code=self.cuda_source, options=OPTIONS)
        for kernel in self.kernels:
            self._scope[kernel.name] = module.get_function(kernel.name)
        exec(compile(self.source, "<gpugrad plan>", "exec"), self._scope)
        return self._scope.pop("make")  # type: ignore[no-any-return]

    def instance(self) -> Instance:
        """The program with an arena of its own; the first one compiles the kernels."""
        return Instance(self._make, self.placement.size)


class CupyWriter(Writer):
    """Writes the source for a plan with fused steps."""

    def __init__(self, plan: Plan) -> None:
        import cupy

        self.cupy = cupy
        self.xp = choose("cupy")
        self.broadcast_to = cupy.broadcast_to
        self.runners = {}                           # branches and loops run step by step
        self.kernels: list[Kernel] = []
        self._turned = _transposes(plan)
        super().__init__(plan)

    def functions_in_scope(self) -> dict[str, Any]:
        cupy = self.cupy
        return {
            "array": cupy.array,
            "copyto": cupy.copyto,
            "empty": cupy.empty,
            "in_order": cupy.ascontiguousarray,
            "part": part,
            "zeros": cupy.zeros,
        }

    def constant(self, array: Any) -> Any:
        """On the device."""
        return self.xp.asarray(array)

    def allocates(self, step: Step) -> bool:
        return bool(step.outputs) and step.op != "pack" and not self._is_launched(step)

    def _is_launched(self, step: Step) -> bool:
        if step.op == "matmul":
            return can_multiply(self.plan.slots, step)
        return step.op == "fused"

    in_place = staticmethod(in_place)

    def write(self, step: Step) -> None:
        """Lines for one step; labels are not looked at, which would have to be waited for."""
        if step.op == "pack" or (step.op in VIEWS and step.outputs[0] in self.placement.roots):
            super().write(step)
        elif self._is_launched(step):
            self._launch(step)
        elif step.outputs:
            self._call_step(step)

    def _launch(self, step: Step) -> None:
        for slot in step.outputs:
            self.buffer(slot)
        name = f"{step.op}{len(self.kernels)}"
        kernel = self._product(name, step) if step.op == "matmul" else self._fused(name, step)
        self.kernels.append(kernel)
        passed = [self._passed(slot, step) for slot in kernel.arguments]
        for i, nbytes in enumerate(kernel.scratch):
            passed.append(f"{name}_scratch{i}")
            self.setup.append(f"{passed[-1]} = empty({nbytes}, 'uint8')")
        if kernel.counter:
            passed.append(f"{name}_done")
            self.setup.append(f"{passed[-1]} = zeros(1, 'uint32')")
        arguments = "".join(f"{argument}, " for argument in passed)
        self.lines.append(f"{name}(({kernel.grid},), ({kernel.block},), ({arguments}))")

    def _fused(self, name: str, step: Step) -> Kernel:
        numbers = {
            slot: number
            for slot in step.inputs
            if (number := self.number(slot)) is not None
        }
        return write_kernel(name, step, self.slots, numbers)

    def _product(self, name: str, step: Step) -> Kernel:
        left, right = (self._turned.get(slot) or in_order(self.slots, slot) for slot in step.inputs)
        return write_product(name, step, self.slots, left, right)

    def _passed(self, slot: int, step: Step) -> str:
        """An argument of a launch, whose elements must lie in their order."""
        if slot in step.outputs or slot in self.placement.offsets or slot in self.constants:
            return f"s{slot}"
        if slot in self.placement.roots and slot in self.placement.scattered:
            return f"in_order(s{slot})"
        if self.placement.root(slot) in self.parameters:
            line = f"if not s{slot}.flags.c_contiguous: s{slot} = in_order(s{slot})"
            if slot not in self.parameters:
                return f"in_order(s{slot})"
            if line not in self.lines:
                self.lines.append(line)
        return f"s{slot}"


def _transposes(plan: Plan) -> dict[int, Matrix]:
    """The slots that a product can read where they come from, with rows for columns."""
    found: dict[int, Matrix] = {}
    made = {slot: step for step in plan.steps for slot in step.outputs}
    for slot, step in made.items():
        if step.op != "permute_dims":
            continue
        axes, x = step.setting("axes"), step.inputs[0]
        n = len(axes)
        swapped = n in (2, 3) and axes == (*range(n - 2), n - 1, n - 2)
        if swapped and (x not in made or made[x].op not in VIEWS):
            matrix = in_order(plan.slots, x)
            found[slot] = Matrix(x, matrix.step, matrix.row, matrix.next)
    return found
