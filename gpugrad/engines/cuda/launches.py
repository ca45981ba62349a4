"""The launches of a plan: for each step its kernel, and of which arrays it is launched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from math import prod

from gpugrad.backends import choose
from gpugrad.backends.collectives import BEGINS, WAITS, Collective
from gpugrad.engines.cuda import cublas, gather, places, random
from gpugrad.engines.cuda.beside import share_launch
from gpugrad.engines.cuda.branch import Branch
from gpugrad.engines.cuda.carried import launched
from gpugrad.engines.cuda.epilogue import read_after, write_epilogue
from gpugrad.engines.cuda.fewest_launches import is_launched, is_of_library, matrices, transposes
from gpugrad.engines.cuda.fused import can_read_views, write_kernel
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.kernel_operands import OperandWriter
from gpugrad.engines.cuda.numbering import Numbering
from gpugrad.engines.cuda.product import Matrix, is_large, write_product
from gpugrad.engines.lines import Line
from gpugrad.plan.effects import collective
from gpugrad.plan.plan import Plan, Step


class LaunchWriter(OperandWriter):
    """Writes the launches of steps."""

    def __init__(self, plan: Plan, numbers: Collection[int]) -> None:
        import cupy

        super().__init__(plan, numbers)
        self.xp = choose("cupy")
        self.broadcast_to = cupy.broadcast_to
        self._turned = transposes(plan)
        self._library = 0                           # products by cuBLAS
        self._without_library = 0                   # that would be by it, if it were there
        self._carried: list[str] = []               # by what, for each collective
        self._sums: dict[int, str] = {}             # beside kernels, by where they travel to
        self._under_way: list[int] = []             # those not waited for yet

    @property
    def details(self) -> str:
        """How many of the kernels are products by cuBLAS, collectives, and copies."""
        parts = []
        if self._library:
            parts.append(f"{self._library} product{'s' * (self._library > 1)} by cuBLAS")
        if self._without_library:
            n = self._without_library
            parts.append(
                f"{n} large product{'s' * (n > 1)} without cuBLAS, which {cublas.why_missing()}"
            )
        for carrier in dict.fromkeys(self._carried):
            n = self._carried.count(carrier)
            parts.append(f"{n} collective{'s' * (n > 1)} by {carrier}")
        if self._sums:
            parts.append(f"{len(self._sums)} of these beside other kernels")
        copies = sum(kernel.copies for kernel in self.kernels)
        if copies:
            parts.append(f"{copies} cop{'ies' if copies > 1 else 'y'}")
        return f", among them {' and '.join(parts)}" if parts else ""

    # Steps

    def is_launched(self, step: Step) -> bool:
        """Whether a step needs no call of CuPy."""
        if step.op == "reshape":
            return step.inputs[0] in self._layouts
        return step.op == "beside" or is_launched(self.slots, step)

    def launch(self, step: Step) -> None:
        """A line in the graph, and the kernel that it launches."""
        name = self.named(step.op)
        call = collective(step)
        if call is not None and call.part == WAITS:
            self._wait(name, step)
            return
        if call is not None:
            self._collective(name, step, call)
            return
        operands = matrices(self._turned, self.slots, step) if step.op == "matmul" else ()
        if operands and is_of_library(self.slots, step, operands):
            self._library_product(name, step, *operands)
            return
        for inner in _products(step):
            found = matrices(self._turned, self.slots, inner)
            self._without_library += is_large(self.slots, inner, *found)
        for slot in step.outputs:
            self.buffer(slot)
        write = _LAUNCHES.get(step.op)
        if write is None:
            self.add(self._kernel(name, step))
        else:
            write(self, name, step)

    def _kernel(self, name: str, step: Step) -> Kernel:
        """The kernel of a step that needs no other."""
        write = _KERNELS.get(step.op)
        if write is not None:
            return write(self, name, step)
        words = self.words_for((*step.inputs, *step.outputs))
        mine = Numbering(self.slots)
        own = mine.step(step)
        kernel = _SIMPLE_KERNELS[step.op](name, own, mine.slots, mine.keys(words))
        return mine.launched(kernel)

    def _product(self, name: str, step: Step) -> Kernel:
        operands = matrices(self._turned, self.slots, step)
        words = self.words_for((*(x.slot for x in operands), *step.outputs))
        mine = Numbering(self.slots)
        own, operands = mine.step(step), mine.matrices(*operands)
        return mine.launched(write_product(name, own, mine.slots, operands, mine.keys(words)))

    def _product_with_epilogue(self, name: str, step: Step) -> Kernel:
        operands = matrices(self._turned, self.slots, step.body[0])
        read = [slot for slot in read_after(step) if self.number(slot) is None]
        numbers = {slot: self.number(slot) for slot in read_after(step) if slot not in read}
        words = self.words_for((*(x.slot for x in operands), *read, *step.outputs))
        mine = Numbering(self.slots)
        own, operands = mine.step(step), mine.matrices(*operands)
        words, numbers = mine.keys(words), mine.keys(numbers)
        return mine.launched(write_epilogue(name, own, mine.slots, numbers, operands, words))

    def _fused(self, name: str, step: Step) -> Kernel:
        slots = [slot for slot in step.inputs if self.number(slot) is None]
        numbers = {slot: self.number(slot) for slot in step.inputs if slot not in slots}
        views = self._scattered(slots)
        if views and not can_read_views(step, self.slots):
            views = {}
        read = [views[slot].root if slot in views else slot for slot in slots]
        words = self.words_for((*read, *step.outputs))
        mine = Numbering(self.slots)
        own = mine.step(step)
        words, numbers = mine.keys(words), mine.keys(numbers)
        lying = {slot: mine.layout(layout) for slot, layout in mine.keys(views).items()}
        return mine.launched(write_kernel(name, own, mine.slots, numbers, words, lying))

    def _beside(self, name: str, step: Step) -> None:
        members = [self._kernel(self.named(member.op), member) for member in step.body]
        self.add(share_launch(name, members))

    def _reshape(self, name: str, step: Step) -> None:
        view, result = step.inputs[0], step.outputs[0]
        layout = self._layouts[view]
        words = self.words_for((layout.root, result))
        self.add(self._gather(name, view, layout, result, words))

    def _join(self, name: str, step: Step) -> None:
        """A copy of what is brought together and was not computed there; for a pack, most was."""
        packed = step.outputs[0]
        start, parts = 0, []
        for slot in step.inputs:
            if not self.placement.lies_in(slot, packed, start * self.slots[slot].dtype.itemsize):
                parts.append((slot, start))
            start += self.slots[slot].size
        if parts:
            words = self.words_for((*(slot for slot, _ in parts), packed))
            self.add(self.joined_parts(name, parts, packed, words))

    def _library_product(self, name: str, step: Step, left: Matrix, right: Matrix) -> None:
        """A product by cuBLAS, which has to know where the matrices lie when it is captured."""
        self._library += 1
        if "Blas" not in self.scope:
            self.bind("Blas", cublas.Blas)
            self.bind("Matrix", Matrix)
            self.setup.append(Line("blas = Blas()", ("blas",)))
        for operand in (left.slot, right.slot):
            self._place(operand)
        (result,) = step.outputs
        slot = self.slots[result]
        self._place_result(result)
        shape = (prod(slot.shape[:-2]), *slot.shape[-2:], self.slots[step.inputs[0]].shape[-1])
        names = [self.array(matrix.slot) for matrix in (left, right)]
        a, b = (f"({x}, {matrix!r})" for x, matrix in zip(names, (left, right), strict=True))
        text = f"{name} = blas.product({shape}, {slot.dtype.name!r}, {a}, {b}, s{result})"
        self.setup.append(Line(text, (name,), ("blas", *names, f"s{result}")))
        self.graph.append(Line(f"{name}()", reads=(name,)))

    def _collective(self, name: str, step: Step, call: Collective) -> None:
        """A collective by NCCL, which has to know where arrays lie too."""
        carrier = call.world.on_gpus()
        assert carrier is not None                  # as `is_launched` found
        self._carried.append(carrier.name)
        (x,), (y,) = step.inputs, step.outputs
        self._place(x)
        self._place_result(y)
        self.bind(f"{name}_call", call)
        names = (self.array(x), f"s{y}")
        arguments = f"({name}_call, {', '.join(names)})"
        if call.part == BEGINS:
            self._begin(name, y, arguments, names)
        else:
            self._wait_for_all()
            self.bind("launched", launched)
            self.setup.append(Line(f"{name} = launched{arguments}", (name,), names))
            self.graph.append(Line(f"{name}()", reads=(name,)))
        spec = self.slots[x]                        # each run notes what its graphs are about to do
        noted = self.bind(f"{name}_noted", call.world.noting(call, spec.dtype, spec.shape))
        self.lines.append(Line(f"{noted}()", launches=0))

    def _begin(self, name: str, travels: int, arguments: str, names: tuple[str, ...]) -> None:
        """A sum that travels on the branch of the graph."""
        if not self._sums:
            self.bind("Branch", Branch)
            self.setup.append(Line("branch = Branch()", ("branch",)))
        self.setup.append(Line(f"{name} = branch.sum{arguments}", (name,), ("branch", *names)))
        self.graph.append(Line(f"{name}.begin()", reads=(name,)))
        self._sums[travels] = name
        self._under_way.append(travels)

    def _wait(self, name: str, step: Step) -> None:
        """Where the branch joins again. What has travelled is there, or is copied there."""
        travels, (result,) = step.inputs[0], step.outputs
        if travels in self._under_way:
            self._join_branch(travels)
        self.buffer(result)
        if self.placement.reused.get(result) != travels:
            words = self.words_for((travels, result))
            self.add(self.joined_parts(name, [(travels, 0)], result, words))

    def _wait_for_all(self) -> None:
        """All collectives have one order on all ranks, whichever stream they are on."""
        if self._under_way:
            self._join_branch(self._under_way[-1])

    def _join_branch(self, travels: int) -> None:
        """Wait for a sum, and with it for those that began before."""
        name = self._sums[travels]
        self.graph.append(Line(f"{name}.wait()", reads=(name,), launches=0))
        del self._under_way[: self._under_way.index(travels) + 1]

    def _place(self, slot: int) -> None:
        """Lay an operand where it is before a run, in order."""
        if self.words_for((slot,)):
            self._lay_in_order(slot)

    def _place_result(self, slot: int) -> None:
        """The memory of a result that is known before a run.

        Of one for the caller, that is the place of a copy, too.
        """
        if slot in self.placement.offsets:
            self.buffer(slot)
        else:
            self.setup.append(self.made(slot, "empty"))
            self.fixed.add(slot)


def _products(step: Step) -> Iterator[Step]:
    """The products of matrices in a step."""
    if step.op == "matmul":
        yield step
    for inner in step.body:
        yield from _products(inner)


_LAUNCHES: dict[str, Callable[[LaunchWriter, str, Step], None]] = {
    "beside": LaunchWriter._beside,
    "concat": LaunchWriter._join,
    "pack": LaunchWriter._join,
    "reshape": LaunchWriter._reshape,
}
"""What writes the launch of a step that is of other kernels than its own."""

_KERNELS: dict[str, Callable[[LaunchWriter, str, Step], Kernel]] = {
    "fused": LaunchWriter._fused,
    "matmul": LaunchWriter._product,
    "product": LaunchWriter._product_with_epilogue,
}
"""What writes the kernel of a step."""

_SIMPLE_KERNELS = {
    "add_at": gather.write_add,
    "getitem": gather.write_take,
    **dict.fromkeys(places.STEPS, places.write_find),
    **dict.fromkeys(random.STEPS, random.write_random),
}
"""What writes the kernel of a step from its inputs and outputs alone."""
