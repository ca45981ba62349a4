"""What an optimiser is, and what all of them share: the step itself, and its checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import gpugrad.tree as tree
from gpugrad.backends import namespace_of
from gpugrad.backends.one_place import are_plain_arrays, called_together, in_one_place
from gpugrad.errors import InvalidArgument
from gpugrad.optim.leaves import check_arrays, params_of
from gpugrad.optim.rates import whole
from gpugrad.settings import settled
from gpugrad.types import LISTS, Array

T = TypeVar("T")
S = TypeVar("S")
"""A pytree, whose leaves are arrays unless said otherwise, and a state."""


class Update(Protocol):
    """What to add to the parameters, as a tree like `grads`, and the state after this step.

    Some take more, by its name: the loss, or the function that is to become small.
    """

    def __call__(
        self, grads: T, state: S, params: T | None = None, *_: Any, **extra: Any
    ) -> tuple[T, S]: ...


class Optimizer(NamedTuple):
    """A pair of pure functions that take steps down a gradient.

    `init(params)` gives a state, and `update(grads, state, params)` the pair of updates, which
    `gg.optim.apply_updates` adds to the parameters, and the next state. State and updates are
    pytrees of plain arrays; nothing is written to. What changes gradients only in part, such as
    `gg.optim.clip`, is one too, and `gg.optim.chain` makes one of several.

    Example:
        >>> def update(grads, state, params=None):
        ...     return gg.tree.map(lambda g: -0.5 * g, grads), state
        >>> opt = gg.optim.Optimizer(init=lambda params: None, update=update)
        >>> w = [np.array([1.0])]
        >>> updates, state = opt.update([np.array([2.0])], opt.init(w))
        >>> gg.optim.apply_updates(w, updates)
        [array([0.])]
    """

    init: Callable[[object], Any]
    update: Update


@dataclass(frozen=True)
class Named:
    """An optimiser under the name by which a run asks for it, with what suits it.

    `make` takes a rate, and `weight_decay=` where there is a decay that suits it.
    """

    make: Callable[..., Optimizer]
    lr: float
    weight_decay: float | None = None


def apply_updates(params: T, updates: object) -> T:
    """`params + updates`, leaf by leaf, as new arrays of the dtypes of `params`.

    Args:
        params: A pytree of arrays.
        updates: A pytree of the same structure and shapes.

    Raises:
        InvalidArgument: If the structures, or the shapes of corresponding leaves, differ.

    Example:
        >>> gg.optim.apply_updates({"w": np.array([1.0, 2.0])}, {"w": np.array([-0.5, 0.5])})
        {'w': array([0.5, 2.5])}
    """
    leaves, structure = tree.flatten(params)
    steps, other = tree.flatten(updates)
    if len(steps) != len(leaves):
        raise InvalidArgument(
            f"params have {len(leaves)} arrays and updates {len(steps)}: pass the params that the "
            "gradients were taken of"
        )
    if other != structure:
        raise InvalidArgument(
            "the updates have another structure than the params: "
            f"{tree.difference(other, structure)}. Pass the params that the gradients were taken of"
        )
    try:
        added = called_together("apply_updates", (*leaves, *steps), _added, leaves, steps)
    except AttributeError:                          # a leaf without a dtype
        check_arrays("params", params, leaves)
        check_arrays("updates", updates, steps)
        raise
    made: T = tree.unflatten(structure, added)
    return made


def _added(leaves: list[Array], steps: list[Array]) -> list[Array]:
    return [
        p + u if u.dtype is p.dtype and u.shape == p.shape != () else _add(p, u)
        for p, u in zip(leaves, steps, strict=True)
    ]


def _add(p: Array, u: Array) -> Array:
    if u.shape != p.shape:
        raise InvalidArgument(
            f"an array of the params has shape {p.shape} and its update {u.shape}: pass the params "
            "that the gradients were taken of"
        )
    if u.dtype != p.dtype:
        u = namespace_of(u).astype(u, p.dtype)
    return whole(p + u)


def check_state(state: object, kind: type) -> None:
    """Raises `InvalidArgument` for what `init` did not give, such as arguments in another order."""
    if not isinstance(state, kind):
        raise InvalidArgument(
            f"the state is of type {type(state).__name__}; expected the {kind.__name__} that init "
            "or the last update gave: call update(grads, state, params)"
        )


Step: TypeAlias = Callable[[list[Array], Any, list[Array] | None], tuple[list[Array], Any]]
"""An update by leaves: of the gradients, the state and the params, the updates and the state."""


def update_of(kind: type) -> Callable[[Step], Update]:
    """A decorator that makes the update of an optimiser, whose state is a `kind`, of its step.

    All arrays must be in one place; the count of steps, if the state has one, is a number where it
    is one on the host.
    """
    counts = "steps" in kind.__annotations__

    def decorate(step: Step) -> Update:
        def update(grads: T, state: Any, params: T | None = None) -> tuple[T, Any]:
            check_state(state, kind)
            if counts and type(state.steps) is not int:
                state = state._replace(steps=settled(state.steps))
            leaves, structure = tree.flatten(grads)
            check_arrays("grads", grads, leaves)
            given, weights = list(leaves), None
            if params is not None:
                weights = _leaves_as(structure, params)
                given += weights
            for part in state:
                given += part if isinstance(part, LISTS) else (part,)
            updates, state = called_together("opt.update", given, step, leaves, state, weights)
            return tree.unflatten(structure, updates), state

        return update

    return decorate


def _leaves_as(structure: tree.Structure, params: Any) -> list[Array]:
    """The leaves of `params`, found faster where they are like those of the gradients.

    It takes a fraction of the time where they are plain arrays in a tree of that structure.
    """
    try:
        found: list[Any] = structure.flatten_up_to(params)
    except ValueError:
        found = tree.leaves(params)
        if len(found) != structure.num_leaves:
            different = tree.difference(tree.flatten(params)[1], structure)
            raise InvalidArgument(
                f"the params have another structure than the grads: {different}. Pass the params "
                "that the gradients were taken of"
            ) from None
    if not are_plain_arrays(found):
        found = tree.leaves(params)
        check_arrays("params", params, found)
    return found


def by_leaves(
    kind: type, start: Callable[[list[Array]], Any], step: Step, *, whole: str = ""
) -> Optimizer:
    """The optimiser whose state, a `kind`, begins as `start` of the params, and goes on by `step`.

    Both are given leaves, not trees. `whole` is its name if the update of an element depends on
    more than what belongs to that element, so that it does not serve a part of the leaves alone.
    """

    @in_one_place("opt.init")
    def init(params: object) -> Any:
        return start(params_of(params))

    return Optimizer(init, marked(update_of(kind)(step), whole))


def marked(update: Update, whole: str) -> Update:
    """`update` with the name of what in it needs whole leaves, for `needs_whole`."""
    if whole:
        update.whole = whole  # type: ignore[attr-defined]  # it is a function
    return update


def needs_whole(update: Callable[..., Any]) -> str:
    """The name of what in an update needs whole leaves; empty where nothing is known to."""
    return getattr(update, "whole", "")


class EmptyState(NamedTuple):
    """The state of what remembers nothing from step to step.

    Example:
        >>> gg.optim.scale(0.5).init(np.ones(2))
        EmptyState()
    """


def stateless(
    step: Callable[[list[Array], list[Array] | None], list[Array]], *, whole: str = ""
) -> Optimizer:
    """The optimiser whose updates are `step` of the leaves of gradients and params alone."""
    return by_leaves(
        EmptyState,
        lambda leaves: EmptyState(),
        lambda leaves, state, weights: (step(leaves, weights), state),
        whole=whole,
    )


def needed(weights: list[Array] | None, leaves: Sequence[Array], name: str) -> list[Array]:
    """The leaves of the params, one for each gradient.

    Raises `InvalidArgument` if `update` was called without.
    """
    if weights is None:
        raise InvalidArgument(f"{name} needs the params: call update(grads, state, params)")
    check_count(leaves, weights, "params")
    return weights


def zeros(params: object) -> tuple[Array, ...]:
    """Zeros for each leaf of `params`, in order, like it in shape, dtype and device."""
    return tuple(namespace_of(p).zeros_like(p) for p in tree.leaves(params))


def check_count(grads: Sequence[Array], held: Sequence[Array], what: str) -> None:
    """Raises `InvalidArgument` if there is not one gradient for each array held."""
    if len(grads) != len(held):
        raise InvalidArgument(
            f"there are {len(grads)} gradients and {len(held)} arrays in the {what}: "
            "pass trees of one and the same structure"
        )
