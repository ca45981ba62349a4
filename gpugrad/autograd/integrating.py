"""`odeint` of SciPy with the gradient of the adjoint equations, as HIPS autograd has it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad.autograd.flattening import flatten
from gpugrad.core.registry import namespace as ops

Dynamics = Callable[..., Any]


def odeint(func: Dynamics, y0: Any, t: Any, args: Any = (), **settings: Any) -> Any:
    """Solve a system of ordinary differential equations with `scipy.integrate.odeint`.

    It is differentiated by `y0`, `t` and `args`, trees of arrays. The gradient, of any order, is
    that of the exact solution: its equations are solved backward in time with the same settings,
    and so it is as accurate as these ask for.

    Args:
        func: The slope `func(y, t, *args)` of the state.
        y0: The state at the first time, a vector.
        t: The times of which states are wanted.
        args: What else the slope depends on.
        **settings: Those of SciPy, such as `rtol`.

    Returns:
        The states, one a row.

    Example:
        >>> def remains(rate):
        ...     y0, times = np.array([1.0]), np.array([0.0, 1.0])
        ...     return gg.autograd.odeint(lambda y, t, rate: -rate * y, y0, times, (rate,))[-1, 0]
        >>> np.round([remains(1.0), gg.grad(remains)(1.0)], 4)        # exp(-1) and its slope
        array([ 0.3679, -0.3679])
    """
    vector, unflatten = flatten(tuple(args))
    return _solved(partial(_slope, func, unflatten), settings, y0, t, vector)


# Functions are bound to what they are of, and hold nothing that is made anew at each call: `gg.jit`
# takes functions for equal by that.


def _slope(func: Dynamics, unflatten: Dynamics, y: Any, t: Any, vector: Any) -> Any:
    return func(y, t, *unflatten(vector))


def _solved(slope: Dynamics, settings: dict[str, Any], y0: Any, t: Any, vector: Any) -> Any:
    """The solution for a slope that takes all its arguments as one vector."""
    operands = [np.asarray(x, dtype=float) if not hasattr(x, "dtype") else x
                for x in (y0, t, vector)]  # fmt: skip
    return gg.host(partial(_solve, slope, settings), vjp=partial(_pulled, slope, settings))(
        *operands
    )


def _solve(slope: Dynamics, settings: dict[str, Any], y0: Any, t: Any, vector: Any) -> Any:
    from scipy.integrate import odeint as scipy_odeint

    return scipy_odeint(lambda y, s: np.asarray(slope(y, s, vector)), y0, t, **settings)


def _pulled(
    slope: Dynamics, settings: dict[str, Any], g: Any, states: Any, y0: Any, t: Any, vector: Any
) -> tuple[Any, Any, Any]:
    """The cotangents of the first state, of the times, and of the vector of arguments.

    From one time back to that before it, the cotangent a of the state follows a' = -a ∂f/∂y, and
    that of the arguments adds up a ∂f/∂v. A state moves with its own time along the slope there.
    """
    count, n = states.shape
    backward = partial(_backward, slope, n)
    a = g[count - 1]
    to_first: Any = ops.zeros_like(t[:1])           # what comes to the first time from all others
    to_times = []
    to_vector: Any = ops.zeros_like(vector)
    for i in range(count - 1, 0, -1):
        share = ops.reshape(ops.sum(slope(states[i], t[i], vector) * g[i]), (1,))
        to_times.append(share)
        begin = ops.concat([states[i], a, to_first - share, to_vector])
        span = ops.stack([t[i], t[i - 1]])
        end = _solved(backward, settings, begin, span, vector)[1]
        a = end[n : 2 * n] + g[i - 1]
        to_first, to_vector = end[2 * n : 2 * n + 1], end[2 * n + 1 :]
    return a, ops.concat([to_first, *to_times[::-1]]), to_vector


def _backward(slope: Dynamics, n: int, augmented: Any, s: Any, vector: Any) -> Any:
    """The slope of a state of size `n`, of its cotangent, and of those of all else."""
    now = np.asarray(s, dtype=float) if not hasattr(s, "dtype") else s
    dy, pull = gg.vjp(slope, augmented[:n], now, vector)
    to_y, to_t, to_vector = pull(ops.negative(augmented[n : 2 * n]))
    return ops.concat([dy, to_y, ops.reshape(to_t, (1,)), to_vector])
