"""Functions of the arguments that `argnum` chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

Function = Callable[..., Any]
Argnum = int | Sequence[int]


def places(argnum: Argnum) -> int | tuple[int, ...]:
    """`argnum` as `gg.grad` takes it."""
    return tuple(argnum) if isinstance(argnum, Sequence) else int(argnum)


def subvals(x: Sequence[Any], ivs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """`x` as a tuple, with the values of the pairs at their places."""
    changed = list(x)
    for i, value in ivs:
        changed[i] = value
    return tuple(changed)


def subval(x: Sequence[Any], i: int, v: Any) -> tuple[Any, ...]:
    """`x` as a tuple, with `v` at the place `i`."""
    return subvals(x, [(i, v)])


def of_chosen(
    fun: Function, argnum: Argnum, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Function, Any]:
    """`fun` of what `argnum` chooses alone, a tuple for several, and what it is there."""
    chosen = places(argnum)
    if isinstance(chosen, int):
        at = chosen
        return (lambda x: fun(*subval(args, at, x), **kwargs)), args[at]
    several = chosen
    return (
        lambda parts: fun(*subvals(args, zip(several, parts, strict=True)), **kwargs)
    ), tuple(args[i] for i in several)


def unary_to_nary(unary_operator: Function) -> Function:
    """A transform of functions of one argument, made one that is told which by `argnum`.

    `unary_operator(fun, x)` gives the result at `x` for a function `fun` of one argument.
    """

    @wraps(unary_operator)
    def operator(fun: Function, argnum: Argnum = 0, *settings: Any, **words: Any) -> Function:
        def at(*args: Any, **kwargs: Any) -> Any:
            return unary_operator(*of_chosen(fun, argnum, args, kwargs), *settings, **words)

        return at

    return operator
