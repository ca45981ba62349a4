"""What transforms are told beside a function: keywords and places, and errors that name ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import unwrap
from typing import ParamSpec, TypeVar

from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.settings import settled
from gpugrad.types import LISTS

P = ParamSpec("P")
R = TypeVar("R")

OURS = {
    "argnum": "argnums",
    "donate": "donate_argnums",
    "static_argnum": "static_argnums",
    "in_dims": "in_axes",
    "out_dims": "out_axes",
    "wrt": "argnums",
}
"""What HIPS autograd, JAX and PyTorch call otherwise."""


def spelled(transform: Callable[P, R]) -> Callable[P, R]:
    """A transform whose error for a keyword that it does not know says which one was meant."""
    code = unwrap(transform).__code__
    known = frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])

    @wraps(transform)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if args and args[0] is not None and not callable(args[0]):
            raise UnsupportedOperand(
                f"gg.{transform.__name__} was given a {type(args[0]).__name__}; expected a "
                "function: f itself, and not what it returned, f(x)."
            )
        try:
            return transform(*args, **kwargs)
        except TypeError:
            for word in kwargs.keys() - known:
                ours = OURS.get(word)
                meant = f" Write {ours}=." if ours in known else ""
                raise UnsupportedOperand(
                    f"gg.{transform.__name__}() has no argument {word!r}.{meant} It takes "
                    f"{', '.join(sorted(known))}."
                ) from None
            raise

    return call


def places_of(keyword: str, given: object) -> tuple[int, ...]:
    """The places of arguments that a transform was told: one or several integers."""
    plain = settled(given)
    places = tuple(plain) if isinstance(plain, LISTS) else (plain,)
    for place in places:
        if isinstance(place, bool) or not isinstance(place, int):
            by_name = ""
            if isinstance(place, str):
                by_name = (
                    f" Name it in {keyword.replace('nums', 'names')}." if keyword.startswith("stat")
                    else " Count: of f(x, y), the place of y is 1."
                )
            raise InvalidArgument(
                f"{keyword} is {given!r}; expected the place of an argument, an integer from 0 "
                f"on, or a tuple of such.{by_name}"
            )
    return places


def check_arguments(transform: str, name: str, given: object, beside: str) -> None:
    """Raise `InvalidArgument` unless `given` holds the arguments of a function, one by one."""
    if not isinstance(given, LISTS):
        found = f"of type {type(given).__name__}"
        if hasattr(given, "shape") and hasattr(given, "dtype"):
            found = f"an array of shape {tuple(given.shape)}"
        raise InvalidArgument(
            f"gg.{transform}: {name} is {found}; expected a tuple with one for each argument of "
            f"the function: gg.{transform}(f, {beside})."
        )
