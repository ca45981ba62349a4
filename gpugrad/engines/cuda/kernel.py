"""A kernel, as the engine launches it, and what all that write one need."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from gpugrad.engines.cuda import given
from gpugrad.engines.cuda.given import Given
from gpugrad.engines.cuda.table import Parameter

Lines = list[str]

WARP = 32

BLOCK = 256
"""Threads of a block, and of a team for long rows."""

LONG = 1024
"""Columns up to which a warp takes a row."""

MOST = 1024
"""Blocks at most where each has a part of a total, which one block must join."""

LARGEST_GRID = 2**31 - 1

PACK = 4
"""Neighbouring elements that a thread takes at once, so that enough of the memory is under way."""


@dataclass(frozen=True)
class Kernel:
    """A kernel to be launched as `name<<<grid, block>>>` with pointers to what `arguments` name.

    These are slots, and for `scratch` the number of bytes that each of them takes. `table` says
    that the first argument is the table of addresses (see `table.py`). `counters` says how many
    `unsigned` the last one points to, which are 0 before each launch, and 0 again after it.
    The lines `body` know the number of their block as `block`, and what has the C++ type `shared`,
    if that is not empty, as `tiles`: one for the threads of a block; and the numbers `given` by
    their names; those `inside` lie behind them, and the body says where it needs which. Of
    what is `far` it gets the address, and not the words by value. `copies` says that it does
    nothing else.
    """

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[str, ...]
    arguments: tuple[int, ...]
    scratch: tuple[int, ...]
    counters: int
    grid: int
    block: int
    table: bool = False
    shared: str = ""
    copies: bool = False
    given: tuple[Given, ...] = ()
    inside: tuple[Given, ...] = ()
    far: bool = False

    @property
    def source(self) -> str:
        """The CUDA C++ of the kernel, for blocks of at most `BLOCK` threads."""
        head = [f"__shared__ {self.shared} tiles;"] if self.shared else []
        head += ["const int block = blockIdx.x;", *given.lines_of(self.given, 0)]
        parameters = [x.declared for x in self.parameters]
        if len(self.words):
            kind = f"gpugrad::Given<{len(self.words)}>"
            if self.far:
                parameters.append(f"const {kind} *far")
                head.insert(0, f"const {kind} &given = *far;")
            else:
                parameters.append(f"const __grid_constant__ {kind} given")
        return "\n".join(
            [
                f'extern "C" __global__ void __launch_bounds__({BLOCK})',
                f"{self.name}({', '.join(parameters)}) {{",
                *(f"  {line}" for line in (*head, *self.body)),
                "}",
                "",
            ]
        )

    @property
    def words(self) -> np.ndarray:
        """The words of what it is given, which is its last argument."""
        return given.words_of((*self.given, *self.inside))

    @property
    def takes_too_much(self) -> bool:
        """Whether these words are too many to be given by value."""
        return self.words.nbytes + given.WORD * len(self.parameters) > given.MOST

    @property
    def compiled(self) -> Kernel:
        """The same by a name that says what it does, and not where: equal ones are one kernel.

        Names of kernels end in digits.
        """
        stem = self.name.rstrip("0123456789")
        digest = hashlib.sha256(replace(self, name=stem).source.encode()).digest()
        return replace(self, name=f"{stem}{int.from_bytes(digest[:8], 'big'):020}")


def last_of(count: str, counter: str) -> Lines:
    """Lines after which only that of so many blocks goes on which comes there last."""
    return [
        "__shared__ bool last;",
        "__threadfence();",
        "__syncthreads();",
        f"if (threadIdx.x == 0) last = atomicAdd({counter}, 1u) == {count} - 1u;",
        "__syncthreads();",
        "if (!last) return;",
        "__threadfence();",
        f"if (threadIdx.x == 0) *({counter}) = 0;",
    ]


def index_type(reach: int) -> str:
    """The type of an index: of 64 bits where 32 do not hold `reach`."""
    return "int" if reach < 2**31 else "long long"
