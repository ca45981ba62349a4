"""The names of the leaves of arguments, as a reader of the function would write them."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature

import optree

from gpugrad.transforms.jit.arguments import Arguments


def leaf_names(f: Callable[..., object], given: Arguments) -> list[str]:
    """A name for each leaf, such as `model.layers[0].weight`."""
    roots = positional_names(f, len(given.args))
    trees = [*zip(roots, given.structures, strict=True), *given.named.items()]
    return [
        accessor.codify(root)
        for root, structure in trees
        for accessor in optree.treespec_accessors(structure)
    ]


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
