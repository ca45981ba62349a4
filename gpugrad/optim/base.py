"""What an optimiser is, and what all of them share: rates, checks, and the step itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from operator import mul
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import gpugrad.tree as tree
from gpugrad.backends import StandIn, home_of, namespace_of, within
from gpugrad.backends.one_place import are_plain_arrays, called_together
from gpugrad.context import holding
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import GpugradError, InvalidArgument
from gpugrad.ops.operands import is_weak, setting_of
from gpugrad.optim.leaves import check_arrays
from gpugrad.settings import settled
from gpugrad.types import LISTS, Array

T = TypeVar("T")
S = TypeVar("S")
"""A pytree, whose leaves are arrays unless said otherwise, and a state."""

Number: TypeAlias = "Array | float"
"""A rate or what is made of it: of Python, or without axes."""

Schedule: TypeAlias = Callable[[int], float]
"""The learning rate of a step, which is given as the number of updates before it."""


class Update(Protocol):
    """What to add to the parameters, as a tree like `grads`, and the state after this step."""

    def __call__(
        self, grads: T, state: S, params: T | None = None
    ) -> tuple[T, S]: ...


class Optimizer(NamedTuple):
    """A pair of pure functions that take steps down a gradient.

    `init(params)` gives a state, and `update(grads, state, params)` the pair of updates, which
    `gg.optim.apply_updates` adds to the parameters, and the next state. State and updates are
    pytrees of plain arrays; nothing is written to.

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


def scaled(arrays: Sequence[Array], factor: Number) -> list[Array]:
    """`x * factor` for each array. As an array, the factor costs half of what a number would."""
    dtype, typed, multiply = None, None, mul
    results = []
    for x in arrays:
        if x.dtype is not dtype:
            dtype, typed = x.dtype, like(factor, x)
            if typed is factor:
                xp = namespace_of(x)
                typed, multiply = xp.scalar(typed, dtype, x), xp.multiply
        y = multiply(x, typed)
        results.append(y if y.shape else whole(y))
    return results


def _add(p: Array, u: Array) -> Array:
    if u.shape != p.shape:
        raise InvalidArgument(
            f"an array of the params has shape {p.shape} and its update {u.shape}: pass the params "
            "that the gradients were taken of"
        )
    if u.dtype != p.dtype:
        u = namespace_of(u).astype(u, p.dtype)
    return whole(p + u)


def whole(x: Array) -> Array:
    """`x` as an array where NumPy gave a scalar, because arithmetic on 0-d arrays does."""
    return x if x.shape else namespace_of(x).as_array(x)


def check_state(state: object, kind: type) -> None:
    """Raises `InvalidArgument` for what `init` did not give, such as arguments in another order."""
    if not isinstance(state, kind):
        raise InvalidArgument(
            f"the state is of type {type(state).__name__}; wanted is the {kind.__name__} that init "
            "or the last update gave: call update(grads, state, params)"
        )


Step: TypeAlias = Callable[[list[Array], Any, list[Array] | None], tuple[list[Array], Any]]
"""An update by leaves: of the gradients, the state and the params, the updates and the state."""


def update_of(kind: type) -> Callable[[Step], Update]:
    """A decorator that makes the update of an optimiser, whose state is a `kind`, of its step.

    All arrays must be in one place; the count of steps is a number where it is one on the host.
    """

    def decorate(step: Step) -> Update:
        def update(grads: T, state: Any, params: T | None = None) -> tuple[T, Any]:
            check_state(state, kind)
            if type(state.steps) is not int:
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
    if not are_plain_arrays(found):
        found = tree.leaves(params)
        check_arrays("params", params, found)
    return found


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


def schedule_of(lr: float | Schedule) -> Callable[[int, Sequence[Array]], Number]:
    """`lr` as a function of the step and the arrays that it is for, in whose library it computes.

    A number is checked now, a function when it is called.
    """
    if any(getattr(x, "shape", ()) for x in tree.leaves(lr)):
        raise InvalidArgument(
            f"lr is of type {type(lr).__name__}; wanted is a number or a function of the step. The "
            "parameters go to init: opt = gg.optim.adam(1e-3), then state = opt.init(params)."
        )
    if not callable(lr):
        rate = checked("lr", lr, 0.0)
        return lambda step, arrays: rate

    def at(step: int, arrays: Sequence[Array]) -> Number:
        try:
            with holding(within, home_of(arrays)):
                return _rate(lr(step), step)
        except TypeError as error:
            if isinstance(error, GpugradError) or not isinstance(step, Tensor):
                raise
            raise step._value.refusal(f"Python arithmetic in a schedule ({error})") from error

    return at


def _rate(found: Any, step: object) -> Number:
    """What a schedule gave: a number of Python, or what is traced, tracked or on a device."""
    if isinstance(found, Tensor) and found._edge is None and not isinstance(found._value, StandIn):
        found = found._value
    rate: Number = settled(found)
    if getattr(rate, "shape", None) != () or getattr(rate, "dtype", None) is None:
        return checked(f"the rate at step {step}", rate, 0.0)
    return rate


def like(number: Any, x: Array) -> Any:
    """`number` such that it does not widen `x`: an array without axes in the dtype of `x`."""
    if not hasattr(number, "dtype") or is_weak(number):
        return number
    if isinstance(number, Tensor):
        return ops.astype(number, x.dtype)
    return namespace_of(number).astype(number, x.dtype)


def checked(name: str, value: Any, low: float, below: float = float("inf")) -> float:
    """`value` as a float, or `InvalidArgument` unless it is finite and `low ≤ value < below`."""
    value = setting_of(name, settled(value))
    if not isinstance(value, int | float) or not (isfinite(value) and low <= value < below):
        limit = "" if below == float("inf") else f" and below {below:g}"
        raise InvalidArgument(f"{name} is {value}; wanted is a number of at least {low:g}{limit}")
    return float(value)
