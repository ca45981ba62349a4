"""The names of the leaves of arguments, as a reader of the function would write them."""

from __future__ import annotations

from collections.abc import Callable

import optree

from gpugrad.transforms.jit.arguments import Arguments
from gpugrad.transforms.watched import positional_names


def leaf_names(f: Callable[..., object], given: Arguments) -> list[str]:
    """A name for each leaf, such as `model.layers[0].weight`."""
    roots = positional_names(f, len(given.args))
    trees = [*zip(roots, given.structures, strict=True), *given.named.items()]
    return [
        accessor.codify(root)
        for root, structure in trees
        for accessor in optree.treespec_accessors(structure)
    ]
