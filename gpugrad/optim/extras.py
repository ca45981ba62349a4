"""What `update` takes beyond gradients, state and params, such as the loss: handed on by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature, signature
from typing import Any, TypeAlias

from gpugrad.errors import UnsupportedOperand
from gpugrad.optim.base import Optimizer, Update, marked, needs_whole

Names: TypeAlias = "frozenset[str] | None"
"""Which arguments an update takes beyond the usual ones; `None` for any."""

Wrapping: TypeAlias = Callable[[Any, Any, Any, Mapping[str, Any]], tuple[Any, Any]]
"""An update of gradients, state and params that is given all other arguments as a dictionary."""

_USUAL = [
    Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default)
    for name, default in (
        ("grads", Parameter.empty), ("state", Parameter.empty), ("params", None),
    )
]  # fmt: skip


def names_of(update: Callable[..., Any]) -> Names:
    """The further arguments of an update, which its signature says."""
    names = set()
    for place, parameter in enumerate(signature(update).parameters.values()):
        if parameter.kind is Parameter.VAR_KEYWORD:
            return None
        if parameter.kind is not Parameter.VAR_POSITIONAL and place >= len(_USUAL):
            names.add(parameter.name)
    return frozenset(names)


def only(names: Names, extra: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an update that takes these names is given."""
    if names is None or not extra:
        return extra
    return {name: value for name, value in extra.items() if name in names}


def taking(inner: Sequence[Optimizer], update: Wrapping, *, whole: str = "") -> Update:
    """`update` as that of an optimiser, which takes what any of the `inner` ones takes.

    Its signature says so; any other name is refused, as it would reach nobody. It needs whole
    leaves where one of them does, or by itself, under the name `whole`.
    """
    each = [names_of(opt.update) for opt in inner]
    known = None if None in each else frozenset[str]().union(*(names for names in each if names))

    def call(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        if extra and known is not None and not known.issuperset(extra):
            raise _unknown(set(extra) - known, known)
        return update(grads, state, params, extra)

    further = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in sorted(known or ())
    ]
    if known is None:
        further.append(Parameter("extra", Parameter.VAR_KEYWORD))
    call.__signature__ = Signature([*_USUAL, *further])  # type: ignore[attr-defined]
    return marked(call, whole or next(filter(None, (needs_whole(o.update) for o in inner)), ""))


def handing(opt: Optimizer) -> Callable[..., tuple[Any, Any]]:
    """The update of `opt` that is given further arguments as a dictionary, and takes its own."""
    names = names_of(opt.update)

    def update(grads: Any, state: Any, params: Any, extra: Mapping[str, Any]) -> tuple[Any, Any]:
        return opt.update(grads, state, params, **only(names, extra))

    return update


def _unknown(found: set[str], known: frozenset[str]) -> UnsupportedOperand:
    given, taken = (", ".join(f"{name}=" for name in sorted(names)) for names in (found, known))
    wanted = f"and {taken}" if known else "and nothing else"
    return UnsupportedOperand(
        f"update was given {given}, which nothing in this optimiser takes; expected grads, "
        f"state, params {wanted}"
    )
