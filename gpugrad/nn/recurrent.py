"""Recurrent layers: `gg.scan` of a cell over the steps of sequences."""

from __future__ import annotations

from typing import Any, ClassVar

import gpugrad.random as random
from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.dropout import Dropout
from gpugrad.nn.initializers import Init, Rng, in_turn
from gpugrad.nn.layer import flag, layer, whole
from gpugrad.nn.recurrent_cells import Carry, Cell, GRUCell, LSTMCell, RNNCell
from gpugrad.ops.arrange import moveaxis
from gpugrad.ops.elementwise import where
from gpugrad.ops.operands import shape_of
from gpugrad.ops.shape import concat, expand_dims
from gpugrad.transforms.control.scan import scan
from gpugrad.types import DTypeLike

_PARTS = ("cells", "backward_cells", "dropout")
_SETTINGS = ("n_in", "width", "bidirectional")


class Recurrent:
    """What the recurrent layers have in common: cells, one above the other, and their loops.

    `cells` holds those that read forward, from the lowest to the highest; `backward_cells` those
    that read backward, as many or none.
    """

    CELL: ClassVar[type[Cell]]

    n_in: int
    width: int
    bidirectional: bool
    dropout: Dropout
    cells: tuple[Cell, ...]
    backward_cells: tuple[Cell, ...]

    def __init__(
        self,
        n_in: int,
        width: int,
        *,
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        bias: bool = True,
        init: Init = "glorot_uniform",
        recurrent_init: Init = "orthogonal",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        settings = {"bias": bias, "init": init, "recurrent_init": recurrent_init, "dtype": dtype}
        self._make(n_in, width, layers, bidirectional, dropout, rng, settings)

    def _make(
        self,
        n_in: int,
        width: int,
        layers: int,
        bidirectional: bool,
        dropout: float,
        rng: Rng,
        settings: dict[str, Any],
    ) -> None:
        name = type(self).__name__
        self.n_in, self.width = whole(f"{name}: n_in", n_in), whole(f"{name}: width", width)
        self.bidirectional = flag(f"{name}: bidirectional", bidirectional)
        self.dropout = Dropout(dropout)
        draws: Any = in_turn(rng)
        read = self.width * (1 + self.bidirectional)
        both: list[list[Cell]] = [[], []]
        for i in range(whole(f"{name}: layers", layers)):
            for cells in both[: 1 + self.bidirectional]:
                below = read if i else self.n_in
                cells.append(self.CELL(below, self.width, rng=draws, **settings))
        self.cells, self.backward_cells = map(tuple, both)

    def __repr__(self) -> str:
        layers = f", layers={len(self.cells)}" if len(self.cells) > 1 else ""
        both = ", bidirectional=True" if self.bidirectional else ""
        return f"{type(self).__name__}({self.n_in}, {self.width}{layers}{both})"

    def __call__(
        self,
        xs: Array,
        carry: Carry = None,
        *,
        mask: Array | None = None,
        reverse: bool = False,
        key: Array | None = None,
        training: bool = False,
    ) -> tuple[Array, Carry]:
        """The outputs of all steps, and the carry after the last one.

        Args:
            xs: Sequences of shape (steps, n_in), or (batch, steps, n_in) with any axes in front.
            carry: That before the first step, as an earlier call returned it; without it, zeros.
            mask: Booleans of shape (batch, steps), false where a sequence is padded: there, the
                carry stays as it is, and the outputs are 0.
            reverse: Whether the steps are taken from the end; the outputs stay in the order of
                `xs`.
            key: A key of `gg.random` for dropout, when training.
            training: Whether to drop outputs between the layers.

        Returns:
            The pair `(ys, carry)`, with `ys` of shape (batch, steps, width), or twice the width
            from both directions. The carry is that of the cell, of shape (batch, width), for an
            LSTM a pair of these. Where there are several cells, it is a tuple of one for each: of
            the lowest layer forward, then backward if there is one, and so on upward.

        Raises:
            InvalidArgument: For shapes that do not fit, and for `training` without a key where
                there is dropout.
        """
        name = type(self).__name__
        shape = shape_of(xs)
        if len(shape) < 2 or shape[-1] != self.n_in:
            raise InvalidArgument(
                f"{name}: xs has shape {shape}; expected (batch, steps, {self.n_in}) or (steps, "
                f"{self.n_in}). Ids of words or letters become vectors by gg.nn.Embedding."
            )
        if reverse and self.bidirectional:
            raise InvalidArgument(f"{name}: reverse=True of a layer that reads in both directions.")
        valid = None if mask is None else self._valid(mask, shape)
        below = moveaxis(xs, -2, 0)
        after: list[Carry] = []
        carries = self._carries(carry)
        keys = self._keys(key, training)
        for i, cell in enumerate(self.cells):
            if i and keys is not None:
                below = self.dropout(below, key=keys[i - 1], training=True)
            ys, end = _scanned(cell, below, carries.pop(0), valid, reverse)
            after.append(end)
            if self.bidirectional:
                zs, end = _scanned(self.backward_cells[i], below, carries.pop(0), valid, True)
                after.append(end)
                ys = concat([ys, zs], axis=-1)
            below = ys
        if valid is not None:
            below = where(valid, below, 0)
        return moveaxis(below, 0, -2), tuple(after) if len(after) > 1 else after[0]

    def init_carry(self, batch: int | tuple[int, ...] = ()) -> Carry:
        """The carry before the first step: zeros of shape (..., width), like the weights."""
        both = self.backward_cells or [None] * len(self.cells)
        cells = [cell for pair in zip(self.cells, both, strict=True) for cell in pair if cell]
        made = tuple(cell.init_carry(batch) for cell in cells)
        return made if len(made) > 1 else made[0]

    def _carries(self, carry: Carry) -> list[Carry]:
        """One for each cell."""
        n = len(self.cells) + len(self.backward_cells)
        if carry is None:
            return [None] * n
        if n == 1:
            return [carry]
        if isinstance(carry, tuple | list) and len(carry) == n:
            return list(carry)
        found = f"{len(carry)} parts" if isinstance(carry, tuple | list) else type(carry).__name__
        raise InvalidArgument(
            f"{type(self).__name__}: carry is of {found}; expected a tuple of {n}, one for each "
            "cell, as a call returns it."
        )

    def _valid(self, mask: Array, shape: tuple[int, ...]) -> Array:
        """`mask` with the steps first, and an axis for the width."""
        dtype = str(getattr(mask, "dtype", type(mask).__name__))
        if not dtype.endswith("bool") or shape_of(mask) != shape[:-1]:
            raise InvalidArgument(
                f"{type(self).__name__}: mask is {dtype}{list(getattr(mask, 'shape', ()))}; "
                f"expected booleans of shape {shape[:-1]}, false where a sequence is padded, as "
                "np.arange(steps) < lengths[:, None]."
            )
        return expand_dims(moveaxis(mask, -1, 0), axis=-1)

    def _keys(self, key: Array | None, training: bool) -> Any:
        """One for each place of dropout; `None` where nothing is dropped."""
        places = len(self.cells) - 1
        if not (training and self.dropout.rate and places):
            return None
        return [None] * places if key is None else random.split(key, places)


def _scanned(
    cell: Cell, xs: Array, carry: Carry, valid: Array | None, reverse: bool
) -> tuple[Array, Carry]:
    """One cell over sequences with the steps first."""
    inputs = cell.inputs(xs)
    carry = cell.begun(inputs, inputs.shape[1:-1], carry)

    def step(carry: Carry, inputs: Array) -> tuple[Carry, Array]:
        y, carry = cell.step(inputs, carry)
        return carry, y

    def kept_step(carry: Carry, row: tuple[Array, Array]) -> tuple[Carry, Array]:
        inputs, here = row
        y, after = cell.step(inputs, carry)
        if isinstance(carry, tuple):
            return tuple(where(here, b, a) for a, b in zip(carry, after, strict=True)), y
        return where(here, after, carry), y

    if valid is None:
        carry, ys = scan(step, carry, inputs, reverse=reverse)
    else:
        carry, ys = scan(kept_step, carry, (inputs, valid), reverse=reverse)
    return ys, carry


@layer(*_PARTS, static=_SETTINGS)
class RNN(Recurrent):
    """A layer of simple recurrent cells, `gg.nn.RNNCell`, over the steps of sequences.

    It is called, and has carries, as `gg.nn.GRU`.

    Args:
        n_in: The width of the inputs.
        width: That of the outputs.
        activation: A name in `gg.nn.ACTIVATIONS`.
        layers, bidirectional, dropout, bias, init, recurrent_init, rng, dtype: As of `gg.nn.GRU`.

    Raises:
        InvalidArgument: For impossible sizes or names.

    Example:
        >>> layer = gg.nn.RNN(3, 4, activation="relu")
        >>> ys, carry = layer(np.ones((2, 5, 3), "float32"))
        >>> ys.shape, carry.shape
        ((2, 5, 4), (2, 4))
    """

    CELL = RNNCell

    def __init__(
        self,
        n_in: int,
        width: int,
        *,
        activation: str = "tanh",
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        bias: bool = True,
        init: Init = "glorot_uniform",
        recurrent_init: Init = "orthogonal",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        settings = {"bias": bias, "init": init, "recurrent_init": recurrent_init, "dtype": dtype,
                    "activation": activation}  # fmt: skip
        self._make(n_in, width, layers, bidirectional, dropout, rng, settings)


@layer(*_PARTS, static=_SETTINGS)
class GRU(Recurrent):
    """A layer of gated recurrent units, `gg.nn.GRUCell`, over the steps of sequences.

    `ys, carry = layer(xs)` maps (batch, steps, n_in) to (batch, steps, width). The carry is what
    the layer knows after the last step; given to the next call, the sequence goes on there.
    The gates are those of PyTorch, in its order.

    Args:
        n_in: The width of the inputs.
        width: That of the outputs.
        layers: How many cells, each of which reads the outputs of the one below.
        bidirectional: Whether another cell beside each reads backward; the outputs of both stand
            side by side, with twice the width.
        dropout: The share of outputs that are dropped between two layers, when training.
        bias: Whether there are biases, which start at 0.
        init: How the weights of the inputs are drawn: a name in `gg.nn.INITIALIZERS`, or a
            function. The default is that of Keras.
        recurrent_init: The same for those of the carry; the default is that of Keras and flax,
            each gate by itself. PyTorch starts from `"torch_uniform"` in both places.
        rng: A seed, a generator of NumPy, or a key of `gg.random`.
        dtype: That of the parameters.

    Raises:
        InvalidArgument: For impossible sizes or names.

    Example:
        >>> layer = gg.nn.GRU(3, 4, rng=0)
        >>> xs = np.ones((2, 5, 3), "float32")
        >>> ys, carry = layer(xs)
        >>> more, carry = layer(xs, carry)                  # goes on where it stopped
        >>> ys.shape, carry.shape, np.array_equal(more[:, -1], carry)
        ((2, 5, 4), (2, 4), True)
        >>> lengths = np.array([5, 2])                      # the second sequence is padded
        >>> ys, carry = layer(xs, mask=np.arange(5) < lengths[:, None])
        >>> np.array_equal(carry[1], ys[1, 1]), float(ys[1, 2:].max())
        (True, 0.0)
    """

    CELL = GRUCell


@layer(*_PARTS, static=_SETTINGS)
class LSTM(Recurrent):
    """A layer of long short-term memory, `gg.nn.LSTMCell`, over the steps of sequences.

    It is called as `gg.nn.GRU`, and its carry is a pair (h, c) of arrays. The gates are those of
    PyTorch, in its order.

    Args:
        n_in: The width of the inputs.
        width: That of the outputs.
        layers, bidirectional, dropout, bias, init, recurrent_init, rng, dtype: As of `gg.nn.GRU`.

    Raises:
        InvalidArgument: For impossible sizes or names.

    Example:
        >>> layer = gg.nn.LSTM(3, 4, layers=2)
        >>> ys, ((h, c), (h_above, c_above)) = layer(np.ones((2, 5, 3), "float32"))
        >>> ys.shape, c_above.shape
        ((2, 5, 4), (2, 4))
    """

    CELL = LSTMCell
