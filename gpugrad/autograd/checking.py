"""`check_grads` of HIPS autograd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import gpugrad as gg
import gpugrad.tree as tree
from gpugrad.autograd.chosen_arguments import Argnum
from gpugrad.errors import InvalidArgument
from gpugrad.testing import TOLERANCE
from gpugrad.testing import check_grads as check_reverse


def check_grads(
    f: Callable[..., Any],
    argnum: Argnum = 0,
    modes: Sequence[str] = ("fwd", "rev"),
    order: int = 2,
) -> Callable[..., None]:
    """Function that raises `AssertionError` unless gradients of `f` at its arguments are right.

    The reverse mode is compared with finite differences, as `gg.testing.check_grads` does it, and
    with "fwd" among the modes, the forward mode with the reverse mode.

    Args:
        f: A function of arrays.
        argnum: The argument by which it is differentiated, or several.
        modes: "fwd", "rev" or both.
        order: Up to which derivative.

    Raises:
        InvalidArgument: For other modes.

    Example:
        >>> gg.autograd.check_grads(lambda x: gg.sum(gg.sin(x)))(np.array([1.0, 2.0]))
        >>> gg.autograd.check_grads(lambda x: gg.stop_gradient(x) * x)(2.0)
        Traceback (most recent call last):
        ...
        AssertionError: ...
    """
    if not set(modes) <= {"fwd", "rev"}:
        raise InvalidArgument(f"check_grads: modes are {list(modes)}; expected 'fwd' and 'rev'.")

    def check(*args: Any, **kwargs: Any) -> None:
        chosen = (argnum,) if isinstance(argnum, int) else tuple(argnum)

        def of_chosen(*parts: Any) -> Any:
            given = dict(zip(chosen, parts, strict=True))
            return f(*(given.get(i, x) for i, x in enumerate(args)), **kwargs)

        point = tuple(args[i] for i in chosen)
        check_reverse(of_chosen, point, order)
        if "fwd" in modes:
            _check_forward(of_chosen, point)

    return check


def _check_forward(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """<v, J u> as both modes give it, for random u and v."""
    random = np.random.default_rng(0)

    def like(x: Any) -> Any:
        return random.normal(size=np.shape(x))

    point = tree.map(lambda x: np.asarray(x, dtype=float), args)
    u = tree.map(like, point)
    value, tangent = gg.jvp(f, point, u)
    v = tree.map(like, value)
    forward = _inner(v, tangent)
    reverse = _inner(gg.vjp(f, *point)[1](v), u)
    if abs(forward - reverse) > TOLERANCE * (1.0 + abs(reverse)):
        raise AssertionError(
            f"the forward mode gives a slope of {forward}, and the reverse mode {reverse}."
        )


def _inner(a: Any, b: Any) -> float:
    pairs = zip(tree.leaves(a), tree.leaves(b), strict=True)
    return float(sum(np.sum(np.asarray(x) * np.asarray(y)) for x, y in pairs))
