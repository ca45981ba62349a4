"""What makes a class of layers a tree, and how a layer wants to be called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from inspect import signature
from typing import Any, NamedTuple, TypeVar

import optree

from gpugrad.errors import InvalidArgument
from gpugrad.generated import compile_source
from gpugrad.settings import settled
from gpugrad.signatures import telling
from gpugrad.tree import NAMESPACE

C = TypeVar("C", bound=type)


def layer(*parts: str, static: Iterable[str] = ()) -> Callable[[C], C]:
    """A decorator that makes a class a tree of the attributes `parts`, as cheaply as can be.

    `gg.tree.register` looks at each attribute each time. Here the class says once which there are,
    and two functions are written for these: `parts` hold arrays, trees of arrays or `None`, and
    those in `static` belong to the structure: they can be hashed, and equal ones are the same.
    """

    def define(cls: C) -> C:
        scope: dict[str, Any] = {"new": object.__new__, "cls": cls, "parts": parts}
        exec(compile_source(_source(parts, tuple(static)), cls.__name__), scope)
        shown(cls)
        register: Any = optree.register_pytree_node     # its types want a collection
        register(
            cls,
            scope["flatten"],
            scope["unflatten"],
            path_entry_type=optree.GetAttrEntry,
            namespace=NAMESPACE,
        )
        return cls

    return define


def shown(cls: C) -> C:
    """A decorator for layers, which notebooks show as tables; `__init__` says what it takes.

    A call says that in Python's words alone: to put them better would cost each call some time.
    """
    kind: Any = cls
    kind._repr_html_ = _html
    if kind.__init__ is not object.__init__:
        kind.__init__ = telling(cls.__name__, hidden=1)(kind.__init__)
    return cls


def _html(layer: Any) -> str:
    # By its name: it knows of layers that stand on this module.
    page: str = import_module("gpugrad.nn.summary").summary(layer)._repr_html_()
    return page


def _source(parts: tuple[str, ...], static: tuple[str, ...]) -> str:
    """How objects with these attributes are taken apart and made: setting each by name is fast."""

    def these(names: tuple[str, ...]) -> str:
        return f"({''.join(f'x.{name}, ' for name in names)})"

    return "\n".join([
        f"def flatten(x): return {these(parts)}, {these(static)}, parts",
        "def unflatten(values, children):",
        "    x = new(cls)",
        f"    {these(parts)} = children",
        f"    {these(static)} = values",
        "    return x",
        "",
    ])


class Form(NamedTuple):
    """Which of the arguments `state`, `key` and `training` a layer takes."""

    state: bool
    key: bool
    training: bool


NOTHING = Form(False, False, False)


def form_of(inner: Any) -> Form:
    """How a layer or a function wants to be called.

    One with state has a method `init_state` that returns some; it takes `state`, and returns it
    beside its result. Containers know what the layers in them take.
    """
    form = getattr(inner, "form", None)
    if isinstance(form, Form):
        return form
    kind: Any = type(inner)
    names = _names(kind)
    may_have_state = "state" in names and hasattr(inner, "init_state")
    has_state = may_have_state and inner.init_state() is not None
    return Form(has_state, "key" in names, "training" in names)


@lru_cache
def _names(cls: type) -> frozenset[str]:
    """Those of the three names that are parameters of a layer's call."""
    call: Any = cls.__call__ if "__call__" in dir(cls) else None
    try:
        found = signature(call).parameters
    except (TypeError, ValueError):                 # a function of C, which takes arrays alone
        return frozenset()
    return frozenset(("state", "key", "training")) & found.keys()


def called(
    inner: Any, form: Form, x: Any, state: Any, key: Any, training: bool
) -> tuple[Any, Any]:
    """The result of a layer, and its state after that."""
    if form == NOTHING:
        return inner(x), None
    arguments: dict[str, Any] = {}
    if form.state:
        arguments["state"] = state
    if form.key:
        arguments["key"] = key
    if form.training:
        arguments["training"] = training
    found = inner(x, **arguments)
    if not form.state:
        return found, None
    y, state = found
    return y, state


def whole(name: str, value: Any, least: int = 1) -> int:
    """`value` as an integer of at least `least`; raises `InvalidArgument` under its name."""
    found = settled(value)
    if type(found) is not int or found < least:
        raise InvalidArgument(f"{name} is {value!r}; expected an integer of at least {least}.")
    return found


def in_front(name: str, batch: Any) -> tuple[int, ...]:
    """The axes of a batch, as a tuple, from one length or several; raises `InvalidArgument`."""
    given = settled(batch)
    lengths = tuple(given) if isinstance(given, tuple | list) else (given,)
    return tuple(whole(f"{name}: batch", n, 0) for n in lengths)


def flag(name: str, value: Any) -> bool:
    """`value` as True or False; raises `InvalidArgument` under its name for anything else."""
    found = settled(value)
    if type(found) is not bool:
        raise InvalidArgument(f"{name} is {value!r}; expected True or False.")
    return found


def number(name: str, value: Any) -> float:
    """`value` as a number of at least 0; raises `InvalidArgument` under its name."""
    found = settled(value)
    if isinstance(found, bool) or not isinstance(found, int | float) or not found >= 0:
        raise InvalidArgument(f"{name} is {value!r}; expected a number of at least 0.")
    return float(found)
