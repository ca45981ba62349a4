"""Optimizers as HIPS autograd has them: functions that take all of their steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from gpugrad.autograd.flattening import flatten

Gradient = Callable[[Any, int], Any]
"""The gradient at parameters, for the number of the step."""

Callback = Callable[[Any, int, Any], object]
"""It is told of the parameters before each step, its number, and the gradient."""


def _of_trees(optimize: Callable[..., Any]) -> Callable[..., Any]:
    """An optimizer of vectors as one of nested parameters."""

    @wraps(optimize)
    def optimizer(
        grad: Gradient, x0: Any, callback: Callback | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        vector, unflatten = flatten(x0)

        def of_vector(x: Any, i: int) -> Any:
            g = flatten(grad(unflatten(x), i))[0]
            if callback is not None:
                callback(unflatten(x), i, unflatten(g))
            return g

        return unflatten(optimize(of_vector, vector, None, *args, **kwargs))

    return optimizer


@_of_trees
def sgd(
    grad: Gradient,
    x0: Any,
    callback: Callback | None = None,
    num_iters: int = 200,
    step_size: float = 0.1,
    mass: float = 0.9,
) -> Any:
    """Gradient descent with momentum, all of its steps.

    Each step is along a running mean of gradients, which keeps the share `mass` of what it was.

    Args:
        grad: The gradient `grad(x, i)` at parameters, for the number of the step.
        x0: The parameters to begin with, nested lists, tuples and dictionaries of arrays.
        callback: It is told `(x, i, gradient)` before each step.
        num_iters: How many steps to take.
        step_size: How far each goes along the mean.
        mass: The share of the mean that is kept.

    Returns:
        The parameters after the last step.

    Example:
        >>> gradient = gg.autograd.grad(lambda x, i: gg.sum((x - 3.0) ** 2))
        >>> gg.autograd.sgd(gradient, np.zeros(2), num_iters=300).round(4)
        array([3., 3.])
    """
    x, velocity = x0, 0.0
    for i in range(num_iters):
        velocity = mass * velocity - (1.0 - mass) * grad(x, i)
        x = x + step_size * velocity
    return x


@_of_trees
def rmsprop(
    grad: Gradient,
    x0: Any,
    callback: Callback | None = None,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:
    """RMSProp, all of its steps: gradients over the root of a running mean of their squares.

    That mean begins at 1 and keeps the share `gamma` of what it was; `eps` is added to the root.
    The other arguments are those of `sgd`.

    Example:
        >>> gradient = gg.autograd.grad(lambda x, i: gg.sum((x - 3.0) ** 2))
        >>> gg.autograd.rmsprop(gradient, np.zeros(2)).round(4)
        array([3., 3.])
    """
    x, squares = x0, 1.0
    for i in range(num_iters):
        g = grad(x, i)
        squares = gamma * squares + (1.0 - gamma) * g**2
        x = x - step_size * g / (squares**0.5 + eps)
    return x


@_of_trees
def adam(
    grad: Gradient,
    x0: Any,
    callback: Callback | None = None,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    """Adam, all of its steps: running means of gradients and of their squares.

    These keep the shares `b1` and `b2` of what they were and are corrected for their beginning at
    0; `eps` is added to the root. The other arguments are those of `sgd`.

    Example:
        >>> gradient = gg.autograd.grad(lambda x, i: gg.sum((x - 3.0) ** 2))
        >>> gg.autograd.adam(gradient, np.zeros(2), num_iters=500, step_size=0.1).round(4)
        array([3., 3.])
    """
    x, mean, squares = x0, 0.0, 0.0
    for i in range(num_iters):
        g = grad(x, i)
        mean = b1 * mean + (1.0 - b1) * g
        squares = b2 * squares + (1.0 - b2) * g**2
        size = (squares / (1.0 - b2 ** (i + 1))) ** 0.5 + eps
        x = x - step_size * (mean / (1.0 - b1 ** (i + 1))) / size
    return x
