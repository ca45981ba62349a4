"""`host`: functions of NumPy's arrays, of anybody's, within programs of Tensors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any, overload

import numpy as np

from gpugrad.backends import StandIn, is_inexact
from gpugrad.backends.host_calls import HostFunction, Spec, Specs
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, NotDifferentiable, UnsupportedOperand
from gpugrad.graph import is_recording
from gpugrad.transforms.custom import custom_vjp

Results = Any
"""One array or a tuple of them: arrays like the results, or pairs of a shape and a dtype."""


class Host:
    """A function of NumPy's arrays as one of Tensors; see `host`."""

    def __init__(
        self,
        f: Callable[..., Any],
        result: Results | Callable[..., Results] | None,
        vjp: Callable[..., Any] | None,
        vectorized: bool,
        pure: bool,
    ) -> None:
        self._one = not isinstance(result, tuple | list) or _is_spec(result)
        specs = _of_operands(result) if callable(result) else _specs(result)
        self._open = result is None or callable(result)
        self._function = HostFunction(f, specs, vectorized)
        self._pure, self._name = pure, self._function.name
        self._rule = None if vjp is None else self._differentiable(vjp)
        update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """What the function gives for these operands, as an array or Tensor, or a tuple of them."""
        if settings:
            raise InvalidArgument(
                f"gg.host: {self._name} was given {', '.join(settings)} by name; operands stand in "
                "their places. Say settings before: gg.host(functools.partial(f, name=value))."
            )
        args = tuple(_operand(self._name, x) for x in args)
        if self._rule is not None:
            return self._rule(*args)
        tracked = any(
            isinstance(x, Tensor) and x._edge is not None and is_inexact(x.dtype) for x in args
        )
        if tracked and is_recording():
            raise NotDifferentiable(
                f"gg.host: {self._name} was given a Tensor that needs a gradient, and has no rule: "
                "give it one with gg.host(f, vjp=...), or detach the operand with "
                "gg.stop_gradient."
            )
        return self._called(*args)

    def __repr__(self) -> str:
        return f"<gg.host of {self._name}>"

    def _called(self, *args: Any) -> Any:
        made: Any = ops.host_call(args, function=self._function, pure=self._pure)
        if self._open:                              # as many as there are
            return made[0] if len(made) == 1 else made
        return made[0] if self._one else made

    def _differentiable(self, vjp: Callable[..., Any]) -> custom_vjp:
        def called(*args: Any) -> Any:
            return self._called(*args)

        called.__name__ = called.__qualname__ = f"gg.host of {self._name}"
        rule = custom_vjp(called)

        def forward(*args: Any) -> tuple[Any, Any]:
            y = rule(*args)                         # tracked where the rule itself is recorded
            return y, (args, y)

        def backward(kept: tuple[tuple[Any, ...], Any], g: Any) -> tuple[Any, ...]:
            args, y = kept
            found = vjp(g, y, *args)
            return found if isinstance(found, tuple) else (found,)

        rule.defvjp(forward, backward)
        return rule


@overload
def host(
    f: Callable[..., Any],
    *,
    result: Results | Callable[..., Results] | None = None,
    vjp: Callable[..., Any] | None = None,
    vectorized: bool = False,
    pure: bool = True,
) -> Host: ...
@overload
def host(
    *,
    result: Results | Callable[..., Results] | None = None,
    vjp: Callable[..., Any] | None = None,
    vectorized: bool = False,
    pure: bool = True,
) -> Callable[[Callable[..., Any]], Host]: ...
def host(
    f: Callable[..., Any] | None = None,
    *,
    result: Results | Callable[..., Results] | None = None,
    vjp: Callable[..., Any] | None = None,
    vectorized: bool = False,
    pure: bool = True,
) -> Host | Callable[[Callable[..., Any]], Host]:
    """Call `f`, any function of NumPy arrays, with Tensors, traced values and batches.

    `f` is called unchanged, with arrays in host memory: in eager code, in plans of `gg.jit` on
    every engine, and by `gg.vmap` once per sample. Operands are arrays and numbers; it returns an
    array or a tuple of arrays. It receives copies, and its results are copied. `gg.host` and
    `gg.host(...)` are also decorators.

    Args:
        f: The function.
        result: A description of the result: an array like it, a pair `(shape, dtype)`, a tuple of
            these for several results, or a function that returns this given such pairs for the
            operands. It is checked at each call. It may be left out for a `pure` function, which
            must then return the same shapes as in its first call in each plan of `gg.jit`.
        vjp: The reverse rule: `vjp(g, y, *operands)` returns the cotangents of the operands, given
            the cotangent `g` of the result `y`: one value for one operand, otherwise a tuple, with
            `None` for an operand without a gradient. It uses functions of gpugrad, and may call
            others through `gg.host`, which need rules of their own for higher derivatives. Complex
            cotangents are in the direction of steepest ascent, so the rule of a matrix is its
            adjoint.
        vectorized: Whether `gg.vmap` calls it once for all samples: operands and results then have
            one more axis in front.
        pure: Whether it may be skipped if its result is unused, and called only once for equal
            operands. With False, it is called as often as the program says, and in that order, for
            example to plot or log.

    Returns:
        A function of arrays and Tensors; without `f`, a decorator.

    Raises:
        NotDifferentiable: If an operand needs a gradient and there is no `vjp`. The function that
            is returned raises it.

    Example:
        >>> import scipy.linalg
        >>> a = np.array([[2.0, 1.0], [1.0, 3.0]])
        >>> solve = gg.host(lambda b: scipy.linalg.solve(a, b), vjp=lambda g, y, b: solve(g))
        >>> gg.grad(lambda b: gg.sum(solve(b)))(np.ones(2))
        array([0.4, 0.2])
    """
    if f is None:
        return partial(host, result=result, vjp=vjp, vectorized=vectorized, pure=pure)
    if not callable(f):
        raise InvalidArgument(f"gg.host of a {type(f).__name__}; expected a function.")
    if not pure and result is None:
        raise InvalidArgument(
            "gg.host(pure=False) needs result=: what has an effect is not called to see what it "
            "gives. Name shapes and dtypes; () says that it gives nothing."
        )
    return Host(f, result, vjp, vectorized, pure)


def _is_spec(x: object) -> bool:
    """Whether it is a pair of a shape and a dtype."""
    return (
        isinstance(x, tuple) and len(x) == 2 and isinstance(x[0], tuple | list)
        and all(isinstance(n, int | np.integer) for n in x[0])
        and isinstance(x[1], type | str | np.dtype)
    )  # fmt: skip


def _spec(x: Any) -> Spec:
    if _is_spec(x):
        return tuple(int(n) for n in x[0]), np.dtype(x[1])
    if not hasattr(x, "dtype"):
        raise InvalidArgument(
            f"gg.host: result= holds a {type(x).__name__}; expected an array like the result, or "
            "a pair of its shape and dtype."
        )
    return tuple(x.shape), np.dtype(x.dtype)


def _specs(result: Results | None) -> Specs | None:
    if result is None:
        return None
    several = isinstance(result, tuple | list) and not _is_spec(result)
    return tuple(map(_spec, result)) if several else (_spec(result),)


def _of_operands(result: Callable[..., Results]) -> Callable[..., Specs]:
    def specs(*operands: Spec) -> Specs:
        found = _specs(result(*operands))
        assert found is not None
        return found

    return specs


def _operand(name: str, x: Any) -> Any:
    if hasattr(x, "dtype"):
        return x
    if not isinstance(x, bool | int | float | complex | list | tuple):
        raise UnsupportedOperand(
            f"gg.host: {name} was given a {type(x).__name__}; expected arrays and numbers. Give "
            "the leaves of a tree one by one, and close over anything else."
        )
    found: Any = ops.asarray(x)                     # which may hold Tensors
    return found if found._edge is not None or isinstance(found._value, StandIn) else found._value
