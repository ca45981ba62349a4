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
from gpugrad.ops.reduction import sum
from gpugrad.ops.shape import astype
from gpugrad.optim import all_finite
from gpugrad.parallel import World, psum, rows_of
from gpugrad.parallel import value_and_grad as in_shares
from gpugrad.parallel.gradients import MICRO_SHARDS
from gpugrad.train.loss_scaling import Scaling
from gpugrad.train.objective import Objective
from gpugrad.train.pieces import added, in_pieces
from gpugrad.train.tasks.task import Model, Sums
from gpugrad.transforms import jit, value_and_grad
from gpugrad.types import Array


class Carried(NamedTuple):
    """What a step is given and gives anew: all that training changes."""

    params: Model
    optimizer: object
    sums: Sums  # of the epoch so far
    scaling: Scaling | None = None


Step = Callable[[Carried, Array | None, Any, Array, Array | None, Array | None], Carried]
"""Of what is carried, the factor of the rate if there is one, and what `Part.batch` gives."""


class Computing(NamedTuple):
    """How the rows of a step are computed.

    Args:
        precision: The dtype that the network computes in, if it is not that of the weights.
        pieces: In how many pieces, one after the other, so that only one takes up memory.
    """

    precision: str | None = None
    pieces: int = 1


PLAIN = Computing()


def make_step(
    optimizer: optim.Optimizer,
    engine: str,
    objective: Objective,
    world: World | None = None,
    computing: Computing = PLAIN,
) -> Step:
    """One update; compiled it writes over what it is given to carry.

    `engine` is one that `choose_engine` gives. The ranks of `world` compute it together, each with
    a part of the batch, and all come to the same params; under `gg.use_deterministic()` also to the
    same bits for any number of ranks.
    """
    # That of CuPy arrays needs no name: for them, it is what `auto` means.
    engine = "auto" if engine == "cupy" else engine
    loss = _loss(objective, computing.precision)
    if is_deterministic() and world is not None:
        return _in_fixed_shares(optimizer, engine, loss, computing, world)
    gradient = _of_ranks(loss, computing, world)

    def step(
        carried: Carried, factor: Any, rows: Any, targets: Any, weights: Any, index: Any
    ) -> Carried:
        grads, more = gradient(carried, rows, targets, weights, index)
        return _updated(optimizer, carried, factor, grads, more)

    return step if engine == "eager" else jit(step, engine=engine, donate_argnums=0)


Loss = Callable[..., tuple[Array, Sums]]
"""Of params, the scale of the loss or `None`, and rows with targets and weights: the sum of the
losses, scaled, over `n`, and the sums.
"""


def _loss(objective: Objective, precision: str | None) -> Loss:
    def loss(
        params: Model, scale: Any, x: Array, y: Array, w: Array | None, n: int
    ) -> tuple[Array, Sums]:
        if precision is None:
            outputs = params(x)
        else:
            network, inputs = tree.cast((params, x), precision)
            outputs = astype(network(inputs), "float32")
        losses = objective.weighted(outputs, y, w)
        mean = sum(losses) / n
        return mean if scale is None else mean * scale, objective.sums(outputs, losses, y, w)

    return loss


Gradient = Callable[[Carried, Any, Any, Any, Any], tuple[Any, Sums]]
"""Of the mean loss of some rows, with their sums."""


def _of_ranks(loss: Loss, computing: Computing, world: World | None) -> Gradient:
    """Each rank computes with a part of the batch, which may be none.

    What they add up travels at once.
    """
    loss_and_gradient = value_and_grad(loss, has_aux=True)

    def gradient(
        carried: Carried, rows: Any, targets: Any, weights: Any, index: Any
    ) -> tuple[Any, Sums]:
        params, scaling = carried.params, carried.scaling
        scale = None if scaling is None else scaling.scale.value
        alone = world is None or world.size == 1
        mine = index if alone else index[rows_of(index.shape[0], world)]
        batch = _rows_at(mine, rows, targets, weights)
        n = batch[0].shape[0] if alone else index.shape[0]

        def of_piece(x: Any, y: Any, w: Any) -> tuple[Any, Sums]:
            (_, sums), grads = loss_and_gradient(params, scale, x, y, w, n)
            return grads, sums

        nothing = tree.map(zeros_like, (params, carried.sums))
        found = in_pieces(of_piece, batch, computing.pieces, nothing)
        grads, sums = found if alone else psum(found, world)
        return grads if scaling is None else scaling.scale.unscale(grads), sums

    return gradient


def _updated(
    optimizer: optim.Optimizer, carried: Carried, factor: Any, grads: Any, more: Sums
) -> Carried:
    """What is carried on from a step with these gradients, which all ranks have."""
    params, state, sums, scaling = carried
    extra = {} if factor is None else {"factor": factor}
    updates, after = optimizer.update(grads, state, params, **extra)
    new = optim.apply_updates(params, updates), after
    if scaling is not None:
        finite = all_finite(grads)
        new = tree.where(finite, new, (params, state))
        scaling = scaling.after(finite)
    return Carried(*new, added(sums, more), scaling)


def _rows_at(index: Any, rows: Any, targets: Any, weights: Any) -> tuple[Any, Any, Any]:
    return rows[index], targets[index], None if weights is None else weights[index]


def _in_fixed_shares(
    optimizer: optim.Optimizer, engine: str, loss: Loss, computing: Computing, world: World
) -> Step:
    """The step in parts: shares of the batch that are compiled one by one, and the update."""
    def of_share(given: Any, x: Array, y: Array, *w: Array) -> tuple[Array, Sums]:
        params, scale = given
        return loss(params, scale, x, y, w[0] if w else None, x.shape[0])

    shares = MICRO_SHARDS * computing.pieces        # as small as those of a piece
    gradient = in_shares(of_share, world, shares, has_aux=True, engine=engine)

    def update(carried: Carried, factor: Any, grads: Any, more: Sums) -> Carried:
        if carried.scaling is not None:
            grads = carried.scaling.scale.unscale(grads)
        return _updated(optimizer, carried, factor, grads, more)

    if engine != "eager":
        update = jit(update, engine=engine, donate_argnums=0)

    def step(
        carried: Carried, factor: Any, rows: Any, targets: Any, weights: Any, index: Any
    ) -> Carried:
        if index is not None:
            rows, targets, weights = _rows_at(index, rows, targets, weights)
        batch = (rows, targets) if weights is None else (rows, targets, weights)
        scale = None if carried.scaling is None else carried.scaling.scale.value
        (_, more), (grads, _) = gradient((carried.params, scale), *batch)
        return update(carried, factor, grads, more)

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
