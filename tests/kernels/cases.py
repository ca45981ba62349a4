"""What the kernels are held to: for every op that names one, its own definition run on NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from typing import Any

import gpugrad  # noqa: F401  (registers every op)
from gpugrad.backends import kernels, numpy_namespace
from gpugrad.core import registry

DTYPES = ("float16", "float32", "float64")

ULPS = {
    "relu": dict.fromkeys(DTYPES, 0),
    # The sin and cos of NumPy, C and CUDA are each at most 2 off, in halves at most 1; there, NumPy
    # rounds the slope and then the product, the kernel only the product.
    "sin": {"float16": 2, "float32": 4, "float64": 4},
}
"""How many units in the last place a kernel may differ from its reference."""


@dataclass(frozen=True)
class Case:
    """An op with a kernel. It has one array argument that has a gradient, hence one rule."""

    op: Any

    @property
    def rule(self) -> Any:
        (rule,) = filter(None, self.op.rules.each)
        return rule

    @property
    def vjp_names(self) -> tuple[str, ...]:
        return tuple(name for name in signature(self.rule).parameters if name != "xp")

    @property
    def ulps(self) -> dict[str, int]:
        return ULPS[self.op.name]

    def load(self) -> kernels.Kernel:
        """The kernel, as the op asks for it."""
        return kernels.load(self.op.kernel, self.op.arrays, self.vjp_names)

    def reference(self, *arrays: Any) -> Any:
        """The forward on NumPy."""
        return self.op.forward(numpy_namespace, *arrays)

    def reference_vjp(self, *arrays: Any) -> Any:
        """The rule on NumPy; the arrays are those of `vjp_names`."""
        named = dict(zip(self.vjp_names, arrays, strict=True), xp=numpy_namespace)
        return self.rule(**{name: named[name] for name in signature(self.rule).parameters})


CASES = [Case(op) for op in registry.all_ops() if op.kernel]
IDS = [case.op.name for case in CASES]
