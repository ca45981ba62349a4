"""Optimisers for parts of a tree: some leaves only, or another optimiser for each group of leaves.

Which leaves are meant is said by a tree of values, of which one may stand for a whole branch, or by
a function: of the params, which gives such a tree, or of the path of a leaf and the leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, TypeAlias

import numpy as np

import gpugrad.tree as tree
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Optimizer
from gpugrad.optim.extras import handing, taking
from gpugrad.optim.scaling import set_to_zero

Mask: TypeAlias = "Callable[..., Any] | Any"
"""A tree of booleans, or a function of the params or of path and leaf."""


def masked(inner: Optimizer, mask: Mask) -> Optimizer:
    """The optimiser `inner` for some leaves; the updates of all others stay as they are.

    To `inner`, the others are `None`, as `gg.tree.partition` leaves them, and its state is the
    state of all. Behind another optimiser in a chain, `inner` thus changes some updates only;
    to keep leaves from changing at all, use `freeze`.

    Args:
        inner: The optimiser for the leaves that are chosen.
        mask: Which leaves are chosen: a function of the path and the leaf, as for
            `gg.tree.partition`; a function of the params that returns a tree of booleans; or such
            a tree, in which one boolean may stand for a whole branch.

    Raises:
        InvalidArgument: By `init` and `update`, for a mask that does not fit the params, or holds
            something else than booleans.

    Example:
        >>> shrink = gg.optim.add_decayed_weights(0.5)
        >>> opt = gg.optim.masked(shrink, lambda path, leaf: leaf.ndim > 1)
        >>> params = {"bias": np.ones(1), "weight": np.ones((1, 1))}
        >>> grads = {"bias": np.zeros(1), "weight": np.zeros((1, 1))}
        >>> opt.update(grads, opt.init(params), params)[0]
        {'bias': array([0.]), 'weight': array([[0.5]])}
    """
    step, chosen_in = handing(inner), chosen_by(mask)

    def init(params: object) -> Any:
        return inner.init(_part(chosen_in(params), params))

    def update(
        grads: Any, state: Any, params: Any, extra: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        chosen = chosen_in(grads if params is None else params)
        leaves, structure = tree.flatten(grads)
        _check_as_many(leaves, chosen, params)
        updates, state = step(
            _of(chosen, leaves, structure), state, _part(chosen, params), extra
        )
        changed = iter(tree.leaves(updates))
        made = [next(changed) if yes else x for yes, x in zip(chosen, leaves, strict=True)]
        return tree.unflatten(structure, made), state

    return Optimizer(init, taking([inner], update, whole="masked"))


def partition(optimizers: Mapping[str, Optimizer], labels: Mask) -> Optimizer:
    """Another optimiser for each group of leaves, such as rates of their own.

    Its state is the dictionary of their states. To each optimiser, the leaves of the others are
    `None`.

    Args:
        optimizers: The optimiser of each label.
        labels: The label of each leaf: a function of the path and the leaf; a function of the
            params that returns a tree of labels; or such a tree, in which one label may stand for
            a whole branch.

    Raises:
        InvalidArgument: By `init` and `update`, for a label that no optimiser has, and for labels
            that do not fit the params.

    Example:
        >>> opt = gg.optim.partition(
        ...     {"body": gg.optim.sgd(0.1), "head": gg.optim.sgd(1.0)},
        ...     lambda path, leaf: "head" if "head" in path else "body",
        ... )
        >>> params = {"body": np.ones(1), "head": np.ones(1)}
        >>> opt.update(params, opt.init(params), params)[0]
        {'body': array([-0.1]), 'head': array([-1.])}
    """
    each = dict(optimizers)
    steps = {name: handing(opt) for name, opt in each.items()}
    labels_in = values_by(labels, "labels")

    def groups(params: object) -> dict[str, list[bool]]:
        found = labels_in(params)
        for place, name in enumerate(found):
            if name not in each:
                raise InvalidArgument(
                    f"the label of {tree.paths(params)[place] or 'the leaf'} is {name!r}; expected "
                    f"one of {', '.join(map(repr, each))}, which have an optimiser"
                )
        return {name: [name == other for other in found] for name in each}

    def init(params: object) -> dict[str, Any]:
        return {
            name: each[name].init(_part(chosen, params)) for name, chosen in groups(params).items()
        }

    def update(
        grads: Any, state: Any, params: Any, extra: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        if not isinstance(state, dict) or state.keys() != each.keys():
            raise InvalidArgument(
                "the state is not that of this partition, a dictionary with the keys "
                f"{', '.join(map(repr, each))}: call update(grads, state, params)"
            )
        leaves, structure = tree.flatten(grads)
        made, after = list(leaves), {}
        for name, chosen in groups(grads if params is None else params).items():
            _check_as_many(leaves, chosen, params)
            updates, after[name] = steps[name](
                _of(chosen, leaves, structure), state[name], _part(chosen, params), extra
            )
            places = (place for place, yes in enumerate(chosen) if yes)
            for place, x in zip(places, tree.leaves(updates), strict=True):
                made[place] = x
        return tree.unflatten(structure, made), after

    return Optimizer(init, taking(list(each.values()), update, whole="partition"))


def freeze(mask: Mask) -> Optimizer:
    """Updates of zero for the leaves that `mask` chooses, which thus keep their values.

    As the last part of a chain, it also stops weight decay. Gradients of the frozen leaves are
    still computed; `gg.tree.partition` saves that too.

    Args:
        mask: Which leaves are frozen, in any form that `masked` takes.

    Example:
        >>> opt = gg.optim.chain(gg.optim.sgd(0.1), gg.optim.freeze({"body": True, "head": False}))
        >>> params = {"body": np.ones(1), "head": np.ones(1)}
        >>> opt.update(params, opt.init(params), params)[0]
        {'body': array([0.]), 'head': array([-0.1])}
    """
    return masked(set_to_zero(), mask)


def values_by(given: Mask, name: str) -> Callable[[Any], list[Any]]:
    """A function of the params: the value for each leaf that a tree or a function gives.

    It asks again only where structure, shapes or dtypes are others than the last time. It raises
    `InvalidArgument` for a tree that does not fit the params.
    """
    last: list[Any] = [None, None]

    def found(params: Any) -> list[Any]:
        leaves, structure = tree.flatten(params)
        key = structure, [(getattr(x, "shape", None), getattr(x, "dtype", None)) for x in leaves]
        if last[0] != key:
            last[:] = key, _values(given, params, leaves, name)
        values: list[Any] = last[1]
        return values

    return found


def _values(given: Mask, params: Any, leaves: list[Any], name: str) -> list[Any]:
    if callable(given) and tree.is_leaf(given):     # a model is a tree, though it is called, too
        if _takes_two(given):
            pairs = zip(tree.paths(params), leaves, strict=True)
            return [given(path, leaf) for path, leaf in pairs]
        given = given(params)
    try:
        parts = tree.prefix(given, params)
    except ValueError as error:
        raise InvalidArgument(
            f"the {name} do not fit the params: {error} Give a tree like the params, or like an "
            "upper part of it, or a function of path and leaf"
        ) from None
    return [value for value, part in parts for _ in tree.leaves(part)]


def _takes_two(function: Callable[..., Any]) -> bool:
    """Whether it is to be called with path and leaf, and not with the params."""
    needed = [
        parameter for parameter in signature(function).parameters.values()
        if parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        and parameter.default is Parameter.empty
    ]  # fmt: skip
    return len(needed) == 2


def chosen_by(mask: Mask) -> Callable[[Any], list[bool]]:
    """A function of the params: which leaves a mask chooses.

    It raises `InvalidArgument` for a mask of other values than booleans.
    """
    values = values_by(mask, "booleans of the mask")

    def found(params: Any) -> list[bool]:
        chosen = values(params)
        for place, yes in enumerate(chosen):
            if not isinstance(yes, bool | np.bool_):
                raise InvalidArgument(
                    f"the mask of {tree.paths(params)[place] or 'the leaf'} is {yes!r}; expected "
                    "True or False"
                )
        return chosen

    return found


def _of(chosen: Sequence[bool], leaves: Sequence[Any], structure: tree.Structure) -> Any:
    """The tree with the chosen leaves, and `None` for the others."""
    made = [x if yes else None for yes, x in zip(chosen, leaves, strict=True)]
    return tree.unflatten(structure, made)


def _part(chosen: Sequence[bool], params: Any) -> Any:
    if params is None:
        return None
    leaves, structure = tree.flatten(params)
    return _of(chosen, leaves, structure)


def _check_as_many(leaves: Sequence[Any], chosen: Sequence[bool], params: Any) -> None:
    if len(leaves) != len(chosen):
        raise InvalidArgument(
            f"there are {len(leaves)} gradients and {len(chosen)} arrays in the params: pass the "
            "params that the gradients were taken of"
        )
