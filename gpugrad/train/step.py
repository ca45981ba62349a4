"""One training step, and the engine that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import gpugrad.optim as optim
import gpugrad.tree as tree
from gpugrad.backends import Namespace
from gpugrad.backends.process_settings import is_deterministic
from gpugrad.errors import InvalidArgument
from gpugrad.nn.layer import form_of
from gpugrad.ops.reduction import mean, sum
from gpugrad.ops.rounding import floor
from gpugrad.ops.shape import astype
from gpugrad.parallel import World, psum, rows_of
from gpugrad.parallel import value_and_grad as in_shares
from gpugrad.random import split
from gpugrad.train.augmenting import Change, augmentation
from gpugrad.train.network import in_training
from gpugrad.train.objective import Objective
from gpugrad.train.parts import Batch
from gpugrad.train.tasks.task import Model, Sums
from gpugrad.transforms import jit, value_and_grad, vmap
from gpugrad.transforms.reverse import stop_gradient
from gpugrad.types import Array

Step = Callable[..., tuple[Model, object, Sums, Any]]
"""`step(params, optimizer, sums, state, *batch)`: parameters, optimiser state, sums of the epoch so
far, the model's state and what `Part.batch` gives in; the first four anew out.
"""


class Rows(NamedTuple):
    """The rows of a batch, or a part of them, with what belongs to them."""

    x: Any
    y: Array
    w: Array | None
    keys: Any = None


@dataclass(frozen=True)
class Learning:
    """What a step computes of some rows."""

    objective: Objective
    change: Change | None = None

    def outcome(self, params: Model, state: Any, rows: Rows) -> tuple[Array, Sums, Any]:
        """The losses of the rows, the sums over them, and the model's state after that."""
        x, key = rows.x, None
        if rows.keys is not None:
            if self.change is not None:
                x = vmap(self._changed)(rows.keys, x)
            own: Any = split(rows.keys[0])
            key = own[1]                            # the first half of a row's key is for changes
        outputs, state = in_training(params, state, x, key)
        losses = self.objective.weighted(outputs, rows.y, rows.w)
        return losses, self.objective.sums(outputs, losses, rows.y, rows.w), state

    def _changed(self, key: Array, x: Array) -> Array:
        assert self.change is not None
        own: Any = split(key)
        return self.change(own[0], x)


def needs_keys(model: Model, augment: tuple[str, ...]) -> bool:
    """Whether a step draws random numbers."""
    return bool(augment) or form_of(model).key


def make_step(
    optimizer: optim.Optimizer,
    engine: str,
    objective: Objective,
    world: World | None = None,
    augment: tuple[str, ...] = (),
) -> Step:
    """One update; compiled it writes over the params, the states and the sums that it is given.

    `engine` is one that `choose_engine` gives. The ranks of `world` compute it together, each with
    a part of the batch, and all come to the same params; under `gg.use_deterministic()` also to the
    same bits for any number of ranks.
    """
    # That of CuPy arrays needs no name: for them, it is what `auto` means.
    engine = "auto" if engine == "cupy" else engine
    learning = Learning(objective, augmentation(augment) if augment else None)
    if is_deterministic() and world is not None:
        return _in_fixed_shares(optimizer, engine, learning, world)
    alone = world is None or world.size == 1
    gradient = _of_all_rows(learning) if alone else _of_each_rank(learning, world)

    def step(
        params: Model, memory: object, sums: Sums, state: Any, *batch: Any
    ) -> tuple[Model, object, Sums, Any]:
        grads, more, state = gradient(params, state, *batch)
        updates, memory = optimizer.update(grads, memory, params)
        return optim.apply_updates(params, updates), memory, _added(sums, more), state

    return step if engine == "eager" else jit(step, engine=engine, donate_argnums=(0, 1, 2, 3))


Gradient = Callable[..., tuple[Any, Sums, Any]]
"""`gradient(params, state, *batch)`: that of the mean loss, the sums, and the state after that."""


def _added(sums: Sums, more: Sums) -> Sums:
    added: Sums = tree.map(lambda a, b: a + b, sums, more)
    return added


def _rows_at(index: Any, batch: Batch) -> Rows:
    def at(each: Any) -> Any:
        return None if each is None else each[index]

    return Rows(at(batch.x), at(batch.y), at(batch.w), at(batch.keys))


def _of_all_rows(learning: Learning) -> Gradient:
    def loss_of(params: Model, state: Any, rows: Rows) -> tuple[Array, Any]:
        losses, sums, state = learning.outcome(params, state, rows)
        return mean(losses), (sums, state)

    loss_and_gradient = value_and_grad(loss_of, has_aux=True)

    def gradient(params: Model, state: Any, *batch: Any) -> tuple[Any, Sums, Any]:
        rows = _rows_at(batch[3], Batch(*batch))
        (_, (sums, state)), grads = loss_and_gradient(params, state, rows)
        return grads, sums, state

    return gradient


def _of_each_rank(learning: Learning, world: World | None) -> Gradient:
    """Each rank computes with a part of the batch.

    What they add up travels at once. The state is the mean of what the ranks have made of it, by
    their rows.
    """
    def gradient(params: Model, state: Any, *batch: Any) -> tuple[Any, Sums, Any]:
        index = batch[3]
        n = index.shape[0]
        mine = rows_of(n, world)
        has_some = mine.stop > mine.start
        # One that has none computes with the first one, and adds nothing: there is no mean of none.
        rows = _rows_at(index[mine] if has_some else index[:1], Batch(*batch))

        def loss_of(params: Model) -> tuple[Array, Any]:
            losses, sums, after = learning.outcome(params, state, rows)
            return sum(losses) / n, (sums, after)

        (_, (sums, after)), grads = value_and_grad(loss_of, has_aux=True)(params)
        if not has_some:
            grads, sums = _times(grads, 0), _times(sums, 0)
        found = psum((grads, sums, _times(after, (mine.stop - mine.start) / n)), world)
        return found[0], found[1], _like(found[2], state)

    return gradient


def _times(values: Any, factor: float) -> Any:
    return tree.map(lambda x: x * factor, values)


def _like(mean: Any, state: Any) -> Any:
    """A mean of states in the dtypes of one."""
    def one(x: Any, like: Any) -> Any:
        whole = str(like.dtype).lstrip("u").startswith("int")
        return astype(floor(x + 0.5) if whole else x, like.dtype)

    return tree.map(one, mean, state)


def _in_fixed_shares(
    optimizer: optim.Optimizer, engine: str, learning: Learning, world: World
) -> Step:
    """The step in parts: shares of the batch that are compiled one by one, and the update.

    The state after it is the mean of what the shares have made of it, by their rows.
    """
    def gradient_of(weighted: bool) -> Any:
        def loss_of(learned: Any, x: Array, y: Array, *more: Array) -> tuple[Array, Any]:
            params, state = learned
            w = more[0] if weighted else None
            rows = Rows(x, y, w, more[-1] if len(more) > weighted else None)
            state = tree.map(stop_gradient, state)
            losses, sums, after = learning.outcome(params, state, rows)
            return mean(losses), (sums, _times(after, x.shape[0]))

        return in_shares(loss_of, world, has_aux=True, engine=engine)

    gradients = {weighted: gradient_of(weighted) for weighted in (False, True)}

    def update(
        params: Model, memory: object, sums: Sums, grads: Any, more: Sums
    ) -> tuple[Model, object, Sums]:
        updates, memory = optimizer.update(grads, memory, params)
        return optim.apply_updates(params, updates), memory, _added(sums, more)

    if engine != "eager":
        update = jit(update, engine=engine, donate_argnums=(0, 1, 2))

    def step(
        params: Model, memory: object, sums: Sums, state: Any, *batch: Any
    ) -> tuple[Model, object, Sums, Any]:
        whole = Batch(*batch)
        rows = Rows(whole.x, whole.y, whole.w, whole.keys)
        if whole.numbers is not None:
            rows = _rows_at(whole.numbers, whole)
        given = [each for each in rows if each is not None]
        (_, (more, added)), (grads, _) = gradients[rows.w is not None]((params, state), *given)
        after = _like(_times(added, 1 / rows.y.shape[0]), state)
        return *update(params, memory, sums, grads, more), after

    return step


def choose_engine(engine: str, backend: Namespace) -> str:
    """The engine that `auto` stands for: the one that has the name of the backend.

    It does not depend on what is installed or how fast it is, so that a run can go on elsewhere.
    Raises `InvalidArgument` for an engine that is for the arrays of another backend.
    """
    if engine == "auto":
        return backend.name
    if engine != "eager" and (engine == "cupy") != (backend.name == "cupy"):
        raise InvalidArgument(
            f"engine is '{engine}', which is not for arrays of the backend {backend.name}; use the "
            f"engine {backend.name} or eager, or another backend"
        )
    return engine
