"""Where a kernel finds the elements of a view that do not lie in their order."""

from __future__ import annotations

from gpugrad.engines.cuda.given import DIVISOR, Numbers
from gpugrad.plan.layouts import Layout


def place_of(layout: Layout, i: str, index: str, numbers: Numbers, name: str) -> str:
    """Where element `i`, of that type of index, lies in the root, as a C++ expression.

    What it is given is called by `name` and more.
    """
    axes = [(n, stride) for n, stride in zip(layout.shape, layout.strides, strict=True) if n > 1]
    terms = [numbers(index, f"{name}_start", layout.start)] if layout.start else []
    rest = i
    for axis, (n, stride) in reversed([*enumerate(axes)]):
        size = numbers(f"{DIVISOR}<{index}>", f"{name}_size{axis}", n) if axis else ""
        if stride:
            place = f"{rest} % {size}" if axis else rest
            along = "" if stride == 1 else f" * {numbers(index, f'{name}_stride{axis}', stride)}"
            terms.append(f"{place}{along}")
        rest = f"{rest} / {size}" if axis else rest
    return " + ".join(terms) or "0"
