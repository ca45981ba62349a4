"""`primitive` and `defvjp` of HIPS autograd: functions with rules of their own."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache, partial, update_wrapper
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad.autograd.chosen_arguments import subvals
from gpugrad.backends import kind_of
from gpugrad.backends.host_calls import NUMERIC
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.transforms.complex import conjugated

Function = Callable[..., Any]

_FIXED = frozenset((bool, int, str, type(None)))
"""Types of settings that are equal only if they are the same; of floats, zeros are not."""


class Primitive:
    """A function that is given plain arrays, whatever it does with them; see `primitive`."""

    def __init__(self, f: Function) -> None:
        self._f = f
        self._makers: dict[int, Function | None] = {}
        self._rule: Function | None = None
        self._kept = lru_cache(typed=True)(self._made)
        self._name = getattr(f, "__name__", type(f).__name__)
        update_wrapper(self, f)
        self.__name__ = self._name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        tensors = [i for i, x in enumerate(args) if isinstance(x, Tensor)]
        if not tensors:
            return self._f(*args, **kwargs)
        for i in tensors:
            if args[i].requires_grad and self._rule is None and i not in self._makers:
                raise NotDifferentiable(
                    f"{self._name} has no rule for its argument {i}: give it one with "
                    f"defvjp({self._name}, ..., argnums=({i},)), or None for a gradient of zero. "
                    "Rules of defjvp are not used: the forward mode is made of those of defvjp."
                )
        places = tuple(i for i, x in enumerate(args) if _is_operand(x))
        rest = tuple(None if _is_operand(x) else x for x in args)
        needed = tuple(i for i in tensors if args[i].requires_grad)
        settings = (*rest, *kwargs.values())
        fixed = all(type(x) in _FIXED or (type(x) is float and x != 0) for x in settings)
        make = self._kept if fixed else self._made
        return make(places, needed, tuple(kwargs), *settings)(*(args[i] for i in places))

    def _made(
        self, places: tuple[int, ...], needed: tuple[int, ...], words: tuple[str, ...],
        *settings: Any,
    ) -> Any:
        """The function of the operands at `places`, of which gradients by `needed` are asked for.

        `settings` are the other arguments, with `None` for operands, and those called `words`.
        """
        count = len(settings) - len(words)
        rest, kwargs = settings[:count], dict(zip(words, settings[count:], strict=True))
        call: Any = partial(self._value, places, rest, kwargs)
        call.__qualname__ = self._name
        return gg.host(call, vjp=partial(self._cotangents, places, rest, kwargs, needed))

    def _value(
        self, places: Sequence[int], rest: Sequence[Any], kwargs: dict[str, Any], *operands: Any
    ) -> Any:
        return self._f(*subvals(rest, zip(places, operands, strict=True)), **kwargs)

    def _cotangents(
        self,
        places: Sequence[int],
        rest: Sequence[Any],
        kwargs: dict[str, Any],
        needed: tuple[int, ...],
        g: Any,
        y: Any,
        *operands: Any,
    ) -> tuple[Any, ...]:
        given, g = subvals(rest, zip(places, operands, strict=True)), conjugated(g)
        if self._rule is not None:
            found = self._rule(needed, y, given, kwargs)(g)
            slopes = dict(zip(needed, found, strict=True))
        else:
            makers = ((i, self._makers.get(i)) for i in needed)
            slopes = {i: make(y, *given, **kwargs)(g) for i, make in makers if make is not None}
        return tuple(conjugated(slopes[i]) if i in slopes else None for i in places)

    def set_rules(self, makers: Sequence[Function | None], argnums: Sequence[int]) -> None:
        """Set what makes the rules for these arguments."""
        self._makers.update(zip(argnums, makers, strict=True))

    def set_rule(self, rule: Function) -> None:
        """Set one rule for all arguments; see `defvjp_argnums`."""
        self._rule = rule


def primitive(f: Function) -> Primitive:
    """Decorator for a function of arrays that is not looked into: `defvjp` gives its rule.

    It is called with plain arrays where it was given Tensors, as by `gg.host`, and may do with them
    what it likes.

    Example:
        >>> from gpugrad.autograd import defvjp, grad, primitive
        >>> @primitive
        ... def logsumexp(x):
        ...     most = np.max(x)
        ...     return most + np.log(np.sum(np.exp(x - most)))
        >>> defvjp(logsumexp, lambda ans, x: lambda g: g * np.exp(x - ans))
        >>> grad(logsumexp)(np.array([2.0, 2.0]))
        array([0.5, 0.5])
    """
    return Primitive(f)


def defvjp(
    fun: Primitive, *vjpmakers: Function | None, argnums: Sequence[int] | None = None
) -> None:
    """Set the reverse rules of a `primitive`, one for each argument or for each of `argnums`.

    `vjpmaker(ans, *args, **kwargs)` returns the function that makes the cotangent of the argument
    from that of the result `ans`. `None` stands for a gradient of zero. Complex cotangents are
    those of the transposed product, without conjugates. A function that is no primitive is
    differentiated as it is: then there is a warning, and the rule is not used.

    Raises:
        InvalidArgument: Where there are not as many rules as `argnums`, or `fun` is no function.

    Example:
        >>> from gpugrad.autograd import defvjp, grad, primitive
        >>> product = primitive(lambda x, y: x * y)
        >>> defvjp(product, lambda ans, x, y: lambda g: g * y, lambda ans, x, y: lambda g: g * x)
        >>> grad(product, (0, 1))(2.0, 3.0)
        (array(3.), array(2.))
    """
    if not _has_rules("defvjp", fun):
        return
    places = range(len(vjpmakers)) if argnums is None else argnums
    if len(places) != len(vjpmakers):
        raise InvalidArgument(
            f"defvjp: {len(vjpmakers)} rules for {len(places)} arguments; expected as many."
        )
    fun.set_rules(vjpmakers, places)


def defvjp_argnum(fun: Primitive, vjpmaker: Function) -> None:
    """Set one reverse rule for all arguments of a `primitive`.

    `vjpmaker(argnum, ans, args, kwargs)` returns the function that makes the cotangent of the
    argument `argnum` from that of the result.

    Example:
        >>> from gpugrad.autograd import defvjp_argnum, grad, primitive
        >>> product = primitive(lambda x, y: x * y)
        >>> defvjp_argnum(product, lambda argnum, ans, args, kwargs: lambda g: g * args[1 - argnum])
        >>> grad(product, (0, 1))(2.0, 3.0)
        (array(3.), array(2.))
    """

    def of_each(argnums: tuple[int, ...], *given: Any) -> Function:
        pulls = [vjpmaker(i, *given) for i in argnums]
        return lambda g: tuple(pull(g) for pull in pulls)

    defvjp_argnums(fun, of_each)


def defvjp_argnums(fun: Primitive, vjpmaker: Function) -> None:
    """Set one reverse rule of a `primitive` for several arguments at once.

    `vjpmaker(argnums, ans, args, kwargs)` returns the function that makes the cotangents of these
    arguments, a tuple, from that of the result.

    Example:
        >>> from gpugrad.autograd import defvjp_argnums, grad, primitive
        >>> product = primitive(lambda x, y: x * y)
        >>> def rule(argnums, ans, args, kwargs):
        ...     return lambda g: tuple(g * args[1 - i] for i in argnums)
        >>> defvjp_argnums(product, rule)
        >>> grad(product, (0, 1))(2.0, 3.0)
        (array(3.), array(2.))
    """
    if _has_rules("defvjp_argnums", fun):
        fun.set_rule(vjpmaker)


def defjvp(
    fun: Primitive, *jvpfuns: Function | str | None, argnums: Sequence[int] | None = None
) -> None:
    """Take forward rules as HIPS autograd does, which are not used.

    The forward mode is made of the rules of `defvjp`, and what has none is not differentiated.

    Example:
        >>> from gpugrad.autograd import defjvp, defvjp, make_jvp, primitive
        >>> double = primitive(lambda x: 2 * x)
        >>> defvjp(double, lambda ans, x: lambda g: 2 * g)
        >>> defjvp(double, lambda g, ans, x: 2 * g)         # a program may say it, and need not
        >>> make_jvp(double)(3.0)(1.0)
        (array(6.), array(2.))
    """


def defjvp_argnum(fun: Primitive, jvpmaker: Function) -> None:
    """Take one forward rule for all arguments, which is not used; see `defjvp`."""


def defjvp_argnums(fun: Primitive, jvpmaker: Function) -> None:
    """Take one forward rule for several arguments, which is not used; see `defjvp`."""


def _is_operand(x: object) -> bool:
    return isinstance(x, Tensor) or (isinstance(x, np.ndarray) and kind_of(x.dtype) in NUMERIC)


def _has_rules(name: str, fun: object) -> bool:
    """Whether it can be given rules; others are looked into, or have those of gpugrad."""
    if isinstance(fun, Primitive):
        return True
    if not callable(fun):
        raise InvalidArgument(
            f"{name} of a {type(fun).__name__}; expected a function with the decorator primitive."
        )
    warnings.warn(
        f"{name} of {getattr(fun, '__name__', fun)}, which has no decorator primitive: it is "
        "differentiated as it is, and the rule is not used.", stacklevel=3,
    )  # fmt: skip
    return False
