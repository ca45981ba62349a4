"""Where a kernel finds the elements of a view that do not lie in their order."""

from __future__ import annotations

from gpugrad.plan.layouts import Layout


def place_of(layout: Layout, i: str) -> str:
    """Where element `i` lies in the root, as a C++ expression."""
    terms, rest = [str(layout.start)] if layout.start else [], i
    for n, stride in reversed(list(zip(layout.shape, layout.strides, strict=True))):
        if n > 1 and stride:
            terms.append(f"{rest} % {n} * {stride}")
        rest = f"{rest} / {n}" if n > 1 else rest
    return " + ".join(terms) or "0"
