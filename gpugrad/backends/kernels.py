"""The kernel loader: `kernels/NAME.cu` as CuPy elementwise kernels.

A source defines two device functions in the namespace `gpugrad`, templated over the dtype:
`NAME`, which takes the array arguments of the op, and `NAME_vjp`, which takes the names of its rule
without `xp`. CuPy's `ElementwiseKernel` owns strides, broadcasting and launch size.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np

from gpugrad.errors import InvalidOp
from gpugrad.types import ArrayFunction


def folder() -> Traversable:
    """Where the `.cu` files are: inside an installed wheel, else at the top of the checkout."""
    packaged = files("gpugrad") / "_kernels"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "kernels"


def names() -> list[str]:
    """The names of all kernels that have a source."""
    place = folder()
    found = place.iterdir() if place.is_dir() else iter(())
    return sorted(x.name.removesuffix(".cu") for x in found if x.name.endswith(".cu"))


@cache
def source(name: str) -> str:
    """The CUDA C++ of kernel `name`; a compiler's messages name our file and its lines."""
    known = names()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise InvalidOp(
            f"no kernel named {name!r}: {folder()} holds {', '.join(known) or 'none'}.{hint} "
            f"Write kernels/{name}.cu, or leave out `kernel={name!r}` in `@op`."
        )
    text = (folder() / f"{name}.cu").read_text(encoding="utf-8")
    return f'#line 1 "kernels/{name}.cu"\n{text}'


@cache
def header(name: str) -> str:
    """The device functions in `kernels/NAME.cuh`, which the kernels of an engine call."""
    text = (folder() / f"{name}.cuh").read_text(encoding="utf-8")
    return f'#line 1 "kernels/{name}.cuh"\n{text}\n'


RANDOM_BLOCK, RANDOM_MOST = 256, 1024


def random_launch(size: int) -> tuple[int, int]:
    """Blocks, and threads of a block, to make so many random numbers: two or four a thread."""
    return max(1, min(-(-size // (2 * RANDOM_BLOCK)), RANDOM_MOST)), RANDOM_BLOCK


_FLOATING = {"float32": "float", "float64": "double"}

FUNCTIONS = {
    "cross_entropy": (
        ("engine", "cross_entropy"),
        _FLOATING,
        "const {kind} *x, const long long *labels, {kind} *losses, {kind} *softmax, "
        "long long rows, long long columns",
    ),
    "random_bits": (
        ("philox",),
        {"uint32": "unsigned"},
        "const unsigned *keys, {kind} *y, long long size, long long streams",
    ),
    "random_uniform": (
        ("philox",),
        _FLOATING,
        "const unsigned *keys, {kind} *y, long long size, long long streams, "
        "{kind} start, {kind} span, {kind} factor, {kind} below",
    ),
    "add_sorted": (
        ("scatter",),
        _FLOATING,
        "const long long *places, const long long *order, const {kind} *x, {kind} *y, "
        "long long size",
    ),
}
"""Device functions that eager code launches as kernels: headers, C++ types by dtype, parameters."""


def functions_source(name: str) -> str:
    """The CUDA C++ of the kernels of one of `FUNCTIONS`: `add_sorted_float32` and so on."""
    files, kinds, template = FUNCTIONS[name]
    parts = [header(file) for file in files]
    for dtype, kind in kinds.items():
        parameters = template.format(kind=kind)
        names = ", ".join(part.split()[-1].lstrip("*") for part in parameters.split(", "))
        parts.append(
            f'extern "C" __global__ void\n{name}_{dtype}({parameters}) {{\n'
            f"  gpugrad::{name}({names});\n}}\n"
        )
    return "\n".join(parts)


@cache
def load_functions(name: str) -> dict[np.dtype, Callable[..., None]]:
    """The kernels of one of `FUNCTIONS` by dtype, to be launched; needs CuPy."""
    import cupy

    module = cupy.RawModule(code=functions_source(name), options=("-std=c++17",))
    kinds = FUNCTIONS[name][1]
    return {np.dtype(dtype): module.get_function(f"{name}_{dtype}") for dtype in kinds}


class Kernel:
    """The device functions of one source, as calls that take and return CuPy arrays.

    `forward(*arrays)` and `vjp(g, *kept)` are one launch each. The arrays of a call have one dtype:
    float16, which is computed in float32, float32 or float64. The result is a new array of that
    dtype and of the broadcast shape.
    """

    __slots__ = ("forward", "name", "vjp")

    def __init__(self, name: str, forward: tuple[str, ...], vjp: tuple[str, ...]) -> None:
        self.name = name
        self.forward = _elementwise(name, name, forward)
        self.vjp = _elementwise(name, f"{name}_vjp", vjp)

    def __repr__(self) -> str:
        return f"<Kernel {self.name}>"


def _elementwise(name: str, function: str, parameters: tuple[str, ...]) -> ArrayFunction:
    """A CuPy kernel that applies one device function; it is compiled at its first launch."""
    import cupy

    kernel: ArrayFunction = cupy.ElementwiseKernel(
        ", ".join(f"T {parameter}" for parameter in parameters),
        "T result",
        f"result = gpugrad::{function}({', '.join(parameters)})",
        f"gpugrad_{function}",
        preamble=source(name),
    )
    return kernel


@cache
def load(name: str, forward: tuple[str, ...], vjp: tuple[str, ...]) -> Kernel:
    """Kernel `name` of an op whose forward and rule have these parameters (`("x",)`, `("g", "y")`).

    Needs CuPy, but no GPU before the first launch. Raises `InvalidOp` if there is no such source.
    """
    return Kernel(name, forward, vjp)
