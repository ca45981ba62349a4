"""`primitive` and `defvjp` of HIPS autograd: functions with rules of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any

import gpugrad as gg
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, NotDifferentiable

Function = Callable[..., Any]


class Primitive:
    """A function that is given plain arrays, whatever it does with them; see `primitive`."""

    def __init__(self, f: Function) -> None:
        self._f = f
        self._makers: dict[int, Function | None] = {}
        self._name = getattr(f, "__name__", type(f).__name__)
        update_wrapper(self, f)
        self.__name__ = self._name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        places = [i for i, x in enumerate(args) if isinstance(x, Tensor)]
        if not places:
            return self._f(*args, **kwargs)
        for i in places:
            if args[i].requires_grad and i not in self._makers:
                raise NotDifferentiable(
                    f"{self._name} has no rule for its argument {i}: give it one with "
                    f"defvjp({self._name}, ..., argnums=({i},)), or None for a gradient of zero."
                )

        def restored(operands: Sequence[Any]) -> list[Any]:
            given = dict(zip(places, operands, strict=True))
            return [given.get(i, x) for i, x in enumerate(args)]

        def forward(*operands: Any) -> Any:
            return self._f(*restored(operands), **kwargs)

        def pulled(g: Any, y: Any, *operands: Any) -> tuple[Any, ...]:
            makers = [self._makers.get(i) for i in places]
            return tuple(
                None if maker is None else maker(y, *restored(operands), **kwargs)(g)
                for maker in makers
            )

        return gg.host(forward, vjp=pulled)(*(args[i] for i in places))

    def set_rules(self, makers: Sequence[Function | None], argnums: Sequence[int]) -> None:
        """Set what makes the rules for these arguments."""
        self._makers.update(zip(argnums, makers, strict=True))


def primitive(f: Function) -> Primitive:
    """A decorator for a function of arrays that is not looked into: `defvjp` gives its rule.

    It is called with plain arrays where it was given Tensors, as by `gg.host`, and may do with them
    what it likes.
    """
    return Primitive(f)


def defvjp(
    fun: Primitive, *vjpmakers: Function | None, argnums: Sequence[int] | None = None
) -> None:
    """Set the reverse rules of a `primitive`, one for each argument or for each of `argnums`.

    `vjpmaker(ans, *args, **kwargs)` returns the function that makes the cotangent of the argument
    from that of the result `ans`. `None` stands for a gradient of zero.
    """
    if not isinstance(fun, Primitive):
        raise InvalidArgument(
            f"defvjp of a {type(fun).__name__}; wanted is a function with the decorator primitive."
        )
    places = range(len(vjpmakers)) if argnums is None else argnums
    if len(places) != len(vjpmakers):
        raise InvalidArgument(
            f"defvjp: {len(vjpmakers)} rules for {len(places)} arguments; wanted are as many."
        )
    fun.set_rules(vjpmakers, places)
