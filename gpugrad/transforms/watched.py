"""Functions that a transform runs under `gg.debug`: what came into them with their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any

import gpugrad.tree as tree
from gpugrad.tracing.debug import checks_here


def begin_watching() -> None:
    """Under `gg.debug`, a transform begins to run a function."""
    checks = checks_here()
    if checks is not None:
        checks.begin()


def check_data(
    f: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object], out: object
) -> None:
    """Under `gg.debug`, raise `NonFinite` if what `f` gave is not finite because of its data.

    These are its arguments, or an array that it read elsewhere.
    """
    checks = checks_here()
    if checks is None:
        return
    name = getattr(f, "__name__", type(f).__name__)
    roots = [*positional_names(f, len(args)), *kwargs]
    given = [
        (f"{root}{path}", _value(x))
        for root, part in zip(roots, [*args, *kwargs.values()], strict=True)
        for path, x in zip(tree.paths(part), tree.leaves(part), strict=True)
    ]
    checks.came_in(f"the result of {name}", given, [_value(x) for x in tree.leaves(out)])


def _value(x: Any) -> Any:
    return x._value if hasattr(type(x), "_edge") else x


def positional_names(f: Callable[..., object], count: int) -> list[str]:
    """The names of that many positional arguments."""
    names: list[str] = []
    try:
        parameters = list(signature(f).parameters.values())
    except (TypeError, ValueError):                 # some built-in functions tell nothing
        parameters = []
    others = "args"
    for parameter in parameters:
        if parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
        elif parameter.kind is Parameter.VAR_POSITIONAL:
            others = parameter.name
    rest = [f"{others}[{i}]" for i in range(count - len(names))]
    return [*names, *rest][:count]
