"""Keywords of transforms as other libraries spell them: an error that names ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import unwrap
from typing import ParamSpec, TypeVar

from gpugrad.errors import UnsupportedOperand

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
