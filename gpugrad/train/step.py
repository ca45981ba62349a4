"""One training step, and the engine that runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import gpugrad.optim as optim
import gpugrad.tree as tree
from gpugrad.backends import Namespace
from gpugrad.backends.process_settings import is_deterministic
from gpugrad.errors import InvalidArgument
from gpugrad.ops.creation import zeros_like
from gpugrad.ops.rounding import floor
from gpugrad.ops.shape import astype
from gpugrad.optim import all_finite
from gpugrad.parallel import World, psum, rows_of
from gpugrad.parallel import value_and_grad as in_shares
from gpugrad.parallel.gradients import MICRO_SHARDS
from gpugrad.train.learning import Learning, Rows
from gpugrad.train.loss_scaling import Scaling
from gpugrad.train.parts import Batch
from gpugrad.train.pieces import added, in_pieces
from gpugrad.train.tasks.task import Model, Sums
from gpugrad.transforms import jit, value_and_grad
from gpugrad.transforms.reverse import stop_gradient
from gpugrad.types import Array


class Carried(NamedTuple):
    """What a step is given and gives anew: all that training changes."""

    params: Model
    optimizer: object
    sums: Sums  # of the epoch so far
    scaling: Scaling | None = None
    model_state: Any = None


Step = Callable[[Carried, Array | None, Batch], Carried]
"""Of what is carried, the factor of the rate if there is one, and the batch."""


def make_step(
    optimizer: optim.Optimizer, engine: str, learning: Learning, world: World | None = None
) -> Step:
    """One update; compiled it writes over what it is given to carry.

    `engine` is one that `choose_engine` gives. The ranks of `world` compute it together, each with
    a part of the batch, and all come to the same params; under `gg.use_deterministic()` also to the
    same bits for any number of ranks.
    """
    # That of CuPy arrays needs no name: for them, it is what `auto` means.
    engine = "auto" if engine == "cupy" else engine
    if is_deterministic() and world is not None:
        return _in_fixed_shares(optimizer, engine, learning, world)
    gradient = _of_ranks(learning, world)

    def step(carried: Carried, factor: Any, batch: Batch) -> Carried:
        return _updated(optimizer, carried, factor, *gradient(carried, batch))

    return step if engine == "eager" else jit(step, engine=engine, donate_argnums=0)


def _updated(
    optimizer: optim.Optimizer, carried: Carried, factor: Any, grads: Any, more: Sums, after: Any
) -> Carried:
    """What is carried on from a step with these gradients, scaled as the loss, on all ranks."""
    params, memory, sums, scaling, before = carried
    if scaling is not None:
        grads = scaling.scale.unscale(grads)
    extra = {} if factor is None else {"factor": factor}
    updates, next_memory = optimizer.update(grads, memory, params, **extra)
    new = optim.apply_updates(params, updates), next_memory, after
    if scaling is not None:
        finite = all_finite(grads)
        new = tree.where(finite, new, (params, memory, before))
        scaling = scaling.after(finite)
    return Carried(new[0], new[1], added(sums, more), scaling, new[2])


Gradient = Callable[[Carried, Batch], tuple[Any, Sums, Any]]
"""Of the mean loss of a batch, which may be scaled; with its sums, and the model's state after."""


def _of_ranks(learning: Learning, world: World | None) -> Gradient:
    """Each rank computes with a part of the batch.

    What they add up travels at once. The state is the mean of what the ranks have made of it, by
    their rows.
    """
    loss_and_gradient = value_and_grad(learning.loss, has_aux=True)
    alone = world is None or world.size == 1

    def gradient(carried: Carried, batch: Batch) -> tuple[Any, Sums, Any]:
        params, scale, share = carried.params, _scale(carried), 1.0
        index: Any = batch.numbers
        if not alone:
            n = index.shape[0]
            mine = rows_of(n, world)
            share = (mine.stop - mine.start) / n
            # One that has none computes with the first row, and adds nothing.
            index = index[mine] if share else index[:1]
        rows = _rows_at(index, batch)
        n = n if not alone else rows.y.shape[0]

        def of_piece(state: Any, rows: Rows) -> tuple[tuple[Any, Sums], Any]:
            (_, (sums, after)), grads = loss_and_gradient(params, state, scale, rows, n)
            return (grads, sums), after

        nothing = tree.map(zeros_like, (params, carried.sums))
        (grads, sums), after = in_pieces(
            of_piece, carried.model_state, rows, learning.pieces, nothing
        )
        if alone:
            return grads, sums, after
        if not share:
            grads, sums = _times(grads, 0), _times(sums, 0)
        found = psum((grads, sums, _times(after, share)), world)
        return found[0], found[1], _like(found[2], carried.model_state)

    return gradient


def _scale(carried: Carried) -> Any:
    return None if carried.scaling is None else carried.scaling.scale.value


def _rows_at(index: Any, batch: Batch) -> Rows:
    def at(each: Any) -> Any:
        return None if each is None else each[index]

    return Rows(at(batch.x), at(batch.y), at(batch.w), at(batch.keys))


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
        def loss(learned: Any, x: Array, y: Array, *more: Array) -> tuple[Array, Any]:
            params, state, scale = learned
            w = more[0] if weighted else None
            rows = Rows(x, y, w, more[-1] if len(more) > weighted else None)
            state = tree.map(stop_gradient, state)
            mean, (sums, after) = learning.loss(params, state, scale, rows, x.shape[0])
            return mean, (sums, _times(after, x.shape[0]))

        # As small as the shares of one piece.
        return in_shares(loss, world, MICRO_SHARDS * learning.pieces, has_aux=True, engine=engine)

    gradients = {weighted: gradient_of(weighted) for weighted in (False, True)}

    def update(carried: Carried, factor: Any, grads: Any, more: Sums, after: Any) -> Carried:
        return _updated(optimizer, carried, factor, grads, more, after)

    if engine != "eager":
        update = jit(update, engine=engine, donate_argnums=0)

    def step(carried: Carried, factor: Any, batch: Batch) -> Carried:
        rows = Rows(batch.x, batch.y, batch.w, batch.keys)
        if batch.numbers is not None:
            rows = _rows_at(batch.numbers, batch)
        learned = (carried.params, carried.model_state, _scale(carried))
        given = [each for each in rows if each is not None]
        (_, (more, sum_of)), (grads, *_) = gradients[rows.w is not None](learned, *given)
        after = _like(_times(sum_of, 1 / rows.y.shape[0]), carried.model_state)
        return update(carried, factor, grads, more, after)

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
