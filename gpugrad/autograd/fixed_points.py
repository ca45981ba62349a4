"""`fixed_point` of HIPS autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gpugrad as gg
import gpugrad.tree as tree


def fixed_point(
    f: Callable[[Any], Callable[[Any], Any]],
    a: Any,
    x0: Any,
    distance: Callable[[Any, Any], Any],
    tol: float,
) -> Any:
    """Value `x` to which `x = f(a)(x)` converges from `x0`: when a step goes no farther than `tol`.

    The gradient by `a`, of any order, is that of the exact fixed point near which it stopped, by
    `gg.implicit`; that by `x0` is zero.

    Args:
        f: A function of `a` that gives a step: a function from `x` to the next one.
        a: What it depends on, a tree of arrays.
        x0: Where to begin.
        distance: A function that says how far two values are apart.
        tol: How far apart two values are to be, one after the other, at most.

    Example:
        >>> def heron(a):
        ...     return lambda x: 0.5 * (x + a / x)
        >>> def root(a):
        ...     return gg.autograd.fixed_point(heron, a, 1.0, lambda x, y: abs(x - y), 1e-12)
        >>> np.round([root(2.0), gg.grad(root)(2.0)], 6)
        array([1.414214, 0.353553])
    """

    def residual(x: Any, a: Any) -> Any:
        return tree.map(lambda after, before: after - before, f(a)(x), x)

    @gg.implicit(residual)
    def solve(a: Any) -> Any:
        step = f(a)
        before, after = x0, step(x0)
        while distance(after, before) > tol:
            before, after = after, step(after)
        return after

    x0 = tree.map(gg.stop_gradient, x0)
    return solve(a)
