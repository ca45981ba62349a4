"""Pytrees: the one place that names optree and the namespace in which gpugrad registers classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import optree

NAMESPACE = "gpugrad"

Structure: TypeAlias = optree.PyTreeSpec
"""What a tree is without its leaves, which may be anything."""


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of `tree`, in order, and its structure; `None` is an empty tree."""
    return optree.tree_flatten(tree, namespace=NAMESPACE)


def unflatten(structure: Structure, leaves: Iterable[object]) -> Any:
    """The tree of that `structure` with these `leaves`."""
    return structure.unflatten(leaves)


def leaves(tree: Any) -> list[Any]:
    """The leaves of `tree`, in order."""
    return optree.tree_leaves(tree, namespace=NAMESPACE)


def map(f: Callable[..., object], tree: Any, *rest: Any) -> Any:
    """`f` applied to each leaf of `tree` and to the leaves of `rest` in the same places."""
    return optree.tree_map(f, tree, *rest, namespace=NAMESPACE)


def is_leaf(tree: Any) -> bool:
    """Whether `tree` is one leaf and no more."""
    return optree.tree_is_leaf(tree, namespace=NAMESPACE)


def paths(tree: Any) -> list[str]:
    """A readable path for each leaf, such as `['layers'][0].weight`."""
    accessors = optree.tree_accessors(tree, namespace=NAMESPACE)
    return [accessor.codify("") for accessor in accessors]


def prefix(upper: Any, tree: Any) -> list[tuple[Any, Any]]:
    """The leaves of `upper`, of which `None` is one, each with the part of `tree` in its place.

    Raises `ValueError` where there is none.
    """
    leaves, structure = optree.tree_flatten(upper, none_is_leaf=True, namespace=NAMESPACE)
    return list(zip(leaves, structure.flatten_up_to(tree), strict=True))
