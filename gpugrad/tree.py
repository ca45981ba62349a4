"""Pytrees: nested lists, tuples, dictionaries and registered classes, with arrays as leaves.

>>> gg.tree.map(lambda x: 2 * x, {"w": np.ones(2), "rest": [np.zeros(1), None]})
{'w': array([2., 2.]), 'rest': [array([0.]), None]}

This and `tree_classes.py` are the places that name optree. What needs more than the structure is
imported when it is first used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import optree

from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.hints import install
from gpugrad.tree_classes import NAMESPACE, register
from gpugrad.types import offered

if TYPE_CHECKING:
    from gpugrad.types import Array, DTypeLike

__all__ = [
    "NAMESPACE",
    "Structure",
    "cast",
    "combine",
    "flatten",
    "is_leaf",
    "leaves",
    "load",
    "map",
    "partition",
    "paths",
    "prefix",
    "ravel",
    "register",
    "save",
    "unflatten",
    "where",
]

T = TypeVar("T")

Structure: TypeAlias = optree.PyTreeSpec
"""What a tree is without its leaves, which may be anything."""


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of `tree`, in order, and its structure.

    Lists, tuples, dictionaries, and classes that `register` knows are inner nodes; `None` is an
    empty tree; all else is a leaf.

    Example:
        >>> leaves, structure = gg.tree.flatten({"b": [1.0, 2.0], "a": None})
        >>> leaves
        [1.0, 2.0]
        >>> gg.tree.unflatten(structure, ["x", "y"])
        {'b': ['x', 'y'], 'a': None}
    """
    return optree.tree_flatten(tree, namespace=NAMESPACE)


def unflatten(structure: Structure, leaves: Iterable[object]) -> Any:
    """The tree of that `structure` with these `leaves`.

    Example:
        >>> _, structure = gg.tree.flatten((1.0, [2.0, 3.0]))
        >>> gg.tree.unflatten(structure, "abc")
        ('a', ['b', 'c'])
    """
    return structure.unflatten(leaves)


def leaves(tree: Any) -> list[Any]:
    """The leaves of `tree`, in order.

    Example:
        >>> model = gg.nn.MLP([1, 4, 1])
        >>> [x.shape for x in gg.tree.leaves(model)]
        [(1, 4), (4,), (4, 1), (1,)]
    """
    return optree.tree_leaves(tree, namespace=NAMESPACE)


def map(f: Callable[..., object], tree: Any, *rest: Any) -> Any:
    """`f` applied to each leaf of `tree` and the corresponding leaves of `rest`.

    Raises:
        InvalidArgument: If `rest` holds a tree of another structure.

    Example:
        >>> params, grads = {"w": 1.0, "b": 2.0}, {"w": 10.0, "b": 20.0}
        >>> gg.tree.map(lambda p, g: p - 0.1 * g, params, grads)
        {'w': 0.0, 'b': 0.0}
    """
    try:
        return optree.tree_map(f, tree, *rest, namespace=NAMESPACE)
    except ValueError:
        structure = flatten(tree)[1]
        for place, other in enumerate(rest, 2):     # it may be of `f`, too
            _check_alike(structure, other, place)
        raise


def _check_alike(structure: Structure, other: Any, place: int) -> None:
    try:
        structure.flatten_up_to(other)
    except ValueError as error:
        raise InvalidArgument(
            f"gg.tree.map: tree number {place} has another structure than the first: {error} Give "
            "trees that differ in their leaves alone."
        ) from None


def is_leaf(tree: Any) -> bool:
    """Whether `tree` is a single leaf.

    Example:
        >>> gg.tree.is_leaf(np.ones(3)), gg.tree.is_leaf([1.0]), gg.tree.is_leaf(None)
        (True, False, False)
    """
    return optree.tree_is_leaf(tree, namespace=NAMESPACE)


def paths(tree: Any) -> list[str]:
    """A readable path for each leaf, in order.

    Example:
        >>> gg.tree.paths({"layers": [1.0, 2.0], "scale": 3.0})
        ["['layers'][0]", "['layers'][1]", "['scale']"]
    """
    accessors = optree.tree_accessors(tree, namespace=NAMESPACE)
    return [accessor.codify("") for accessor in accessors]


def prefix(upper: Any, tree: Any) -> list[tuple[Any, Any]]:
    """The leaves of `upper`, of which `None` is one, each with the part of `tree` in its place.

    Raises:
        ValueError: If `upper` is not an upper part of `tree`.

    Example:
        >>> gg.tree.prefix((0, None), ([1.0, 2.0], {"a": 3.0}))
        [(0, [1.0, 2.0]), (None, {'a': 3.0})]
    """
    leaves, structure = optree.tree_flatten(upper, none_is_leaf=True, namespace=NAMESPACE)
    return list(zip(leaves, structure.flatten_up_to(tree), strict=True))


def difference(found: Structure, wanted: Structure) -> str:
    """Where two structures first differ, for a message: what there is, and what is wanted.

    Example:
        >>> one, other = (gg.tree.flatten(x)[1] for x in ({"a": 1.0}, {"a": [1.0, None]}))
        >>> gg.tree.difference(one, other)
        "['a'] is a leaf; expected a list of 2"
    """
    return _difference(found, wanted, "")


def _difference(found: Structure, wanted: Structure, path: str) -> str:
    if found.type is wanted.type and found.entries() == wanted.entries():
        offset = 0
        for entry, one, other in zip(
            wanted.entries(), found.children(), wanted.children(), strict=True
        ):
            step = f"[{entry!r}]"
            if other.num_leaves:
                step = wanted.accessors()[offset][:1].codify("")
            if one != other:
                return _difference(one, other, path + step)
            offset += other.num_leaves
        return f"{path or 'it'} is {_named(found)} with other static attributes than are wanted"
    return f"{path or 'it'} is {_named(found)}; expected {_named(wanted)}"


def _named(structure: Structure) -> str:
    """The outermost node of a structure in words."""
    if structure.is_leaf():
        return "a leaf"
    kind = structure.type
    if kind is None or kind is type(None):
        return "None"
    if issubclass(kind, dict):
        return f"a {kind.__name__} with the keys {structure.entries()}"
    if kind in (list, tuple):
        return f"a {kind.__name__} of {structure.num_children}"
    return f"a tree of type {kind.__name__}"


def partition(tree: Any, chosen: Callable[[str, Any], bool]) -> tuple[Any, Any]:
    """Two trees like `tree`: one with the chosen leaves, one with the others.

    In place of the other leaves, each has `None`, which is not a leaf. To freeze parts of a model,
    take the gradient with respect to one tree and put both together with `combine`.

    Args:
        tree: A pytree, such as a model.
        chosen: `chosen(path, leaf)` says whether a leaf goes into the first tree.

    Returns:
        The pair of the two trees.

    Example:
        >>> model = {"head": 2.0, "body": 3.0}
        >>> train, rest = gg.tree.partition(model, lambda path, x: "head" in path)
        >>> train
        {'head': 2.0, 'body': None}
        >>> def loss(train):
        ...     m = gg.tree.combine(train, rest)
        ...     return m["head"] * m["body"]
        >>> gg.grad(loss)(train)
        {'head': array(3.), 'body': None}
    """
    parts, structure = flatten(tree)
    picked = [chosen(path, x) for path, x in zip(paths(tree), parts, strict=True)]
    pairs = list(zip(parts, picked, strict=True))
    return (
        unflatten(structure, [x if yes else None for x, yes in pairs]),
        unflatten(structure, [None if yes else x for x, yes in pairs]),
    )


def combine(one: Any, other: Any) -> Any:
    """The tree from which `partition` made these two.

    Raises:
        InvalidArgument: If they are no halves of one tree, or both have a leaf in one place.

    Example:
        >>> gg.tree.combine([1.0, None], [None, 2.0])
        [1.0, 2.0]
    """

    def either(path: Any, a: Any, b: Any) -> Any:
        if a is not None and b is not None:
            raise InvalidArgument(
                f"gg.tree.combine: both trees have a leaf at {path.codify('') or 'their root'}; in "
                "one of them it must be None, as gg.tree.partition leaves it."
            )
        return b if a is None else a

    try:
        return optree.tree_map_with_accessor(
            either, one, other, none_is_leaf=True, namespace=NAMESPACE
        )
    except InvalidArgument:
        raise
    except ValueError as error:
        raise InvalidArgument(
            f"gg.tree.combine: these are no halves of one tree ({error})."
        ) from error


def ravel(values: Any) -> tuple[Array, Callable[[Array], Any]]:
    """All numbers of a tree as one vector, in order, and the function that restores the tree.

    Use it with optimisers that work on vectors, such as SciPy's. Both directions are
    differentiated. The vector has the dtype that all leaves promote to; restored leaves have their
    own dtypes again, and real ones the real part.

    Args:
        values: A pytree of arrays and numbers.

    Returns:
        The pair `(vector, unravel)`.

    Raises:
        InvalidArgument: For a leaf that is no array or number, and for a vector of another length,
            which `unravel` raises.

    Example:
        >>> vector, unravel = gg.tree.ravel({"a": np.ones((2, 2)), "b": np.zeros(1)})
        >>> vector
        array([1., 1., 1., 1., 0.])
        >>> unravel(2 * vector)["b"]
        array([0.])
    """
    found: tuple[Array, Callable[[Array], Any]] = _later("ops.raveling").ravel(values)
    return found


def cast(values: T, dtype: DTypeLike) -> T:
    """A tree with its real floating arrays in another dtype, and its other leaves as they are.

    It is differentiated: the gradients by what was cast have the dtype that it had before. So cast
    a model of float32 to float16 inside of a loss to compute in float16 and to train in float32.

    Args:
        values: A pytree, such as a model.
        dtype: A real floating dtype or its name.

    Raises:
        InvalidArgument: For a dtype that is not real and floating.

    Example:
        >>> tree = {"w": np.ones(2, np.float32), "count": np.array(3)}
        >>> gg.tree.cast(tree, "float16")
        {'w': array([1., 1.], dtype=float16), 'count': array(3)}
        >>> gg.grad(lambda t: gg.sum(gg.tree.cast(t, "float16")["w"]))({"w": tree["w"]})
        {'w': array([1., 1.], dtype=float32)}
    """
    made: T = _later("ops.leafwise").cast(values, dtype)
    return made


def where(condition: Array | bool, x1: T, x2: T) -> T:
    """The tree `x1` where a condition holds, else the tree `x2`, selected leaf by leaf.

    Under `gg.jit` both are computed, and the plan selects. Numbers of Python stay such if the
    condition is one that Python or NumPy knows.

    Args:
        condition: A boolean, or an array of one without axes.
        x1: A pytree of arrays and numbers.
        x2: One of the same structure and shapes.

    Raises:
        InvalidArgument: If the condition has axes, or structures or shapes differ.

    Example:
        >>> gg.tree.where(np.array(False), {"w": np.ones(2), "n": 1}, {"w": np.zeros(2), "n": 0})
        {'w': array([0., 0.]), 'n': 0}
    """
    made: T = _later("ops.leafwise").where(condition, x1, x2)
    return made


def save(path: str | os.PathLike[str], values: object) -> None:
    """Write the arrays of a tree to a `.safetensors` file, by their paths, atomically.

    Static parts of a registered class are not written: `load` takes them from the tree that it is
    given. Complex numbers are written as pairs of real numbers, along one more axis. Needs the
    extra `train`.

    Args:
        path: The file; an existing one is replaced.
        values: A pytree of arrays and numbers.

    Raises:
        InvalidArgument: For a leaf that is no array or number.
        BackendUnavailable: If the extra `train` is not installed.

    Example:
        >>> import tempfile, pathlib
        >>> model = gg.nn.MLP([2, 3, 1])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "model.safetensors")
        ...     gg.tree.save(path, model)
        ...     again = gg.tree.load(path, like=model)
        >>> bool(np.all(again.layers[0].weight == model.layers[0].weight))
        True
    """
    _later("train.tree_files").save(path, values)


def load(path: str | os.PathLike[str], like: T) -> T:
    """A tree like `like` with the arrays of a file that `save` wrote, on the devices of `like`.

    Args:
        path: The file.
        like: A tree with the names, shapes and dtypes of what was saved, such as a new model.

    Raises:
        CheckpointError: For a damaged file.
        InvalidArgument: If its names, shapes or dtypes are not those of `like`.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "state.safetensors")
        ...     gg.tree.save(path, {"w": np.array([1.0, 2.0])})
        ...     gg.tree.load(path, like={"w": np.zeros(2)})
        {'w': array([1., 2.])}
    """
    found: T = _later("train.tree_files").load(path, like)
    return found


def _later(name: str) -> Any:
    """A module that stands above this one, imported when it is first used."""
    try:
        return import_module(f"gpugrad.{name}")
    except ModuleNotFoundError as error:
        if error.name != "safetensors":
            raise
        raise BackendUnavailable(
            f"files of trees need safetensors, which is not installed: {install('train')}"
        ) from error

__dir__ = offered(globals())
