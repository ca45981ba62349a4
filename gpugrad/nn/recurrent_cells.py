"""One step of a recurrent network: the cells, which the layers of `recurrent.py` scan.

A cell multiplies its input by one matrix and its carry by another. The first product does not
depend on the steps before, so that `inputs` computes it for all steps of a sequence at once;
`step` computes the rest of one step.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import numpy as np

from gpugrad.backends import Array, default
from gpugrad.errors import InvalidArgument
from gpugrad.nn.activations import activation_of
from gpugrad.nn.initializers import Init, Rng, first_bias, in_turn, initialized
from gpugrad.nn.layer import flag, in_front, layer, whole
from gpugrad.ops.activation import sigmoid
from gpugrad.ops.elementwise import tanh
from gpugrad.ops.operands import filled, shape_of
from gpugrad.ops.products import linear, matmul
from gpugrad.ops.shape import concat
from gpugrad.types import DTypeLike, Shape

Carry: TypeAlias = Any
"""An array, the output of the step before; of an LSTM, a pair of arrays."""

_PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Cell:
    """What the cells have in common: two matrices and biases, of several gates side by side."""

    GATES: ClassVar[int]
    CARRIED: ClassVar[tuple[str, ...]] = ("h",)
    APART: ClassVar[bool] = False                   # whether `bias_hh` belongs to the carry's part

    n_in: int
    width: int
    weight_ih: Array
    weight_hh: Array
    bias_ih: Array | None
    bias_hh: Array | None

    def __init__(
        self,
        n_in: int,
        width: int,
        *,
        bias: bool = True,
        init: Init = "glorot_uniform",
        recurrent_init: Init = "orthogonal",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        name = type(self).__name__
        self.n_in, self.width = whole(f"{name}: n_in", n_in), whole(f"{name}: width", width)
        draws = in_turn(rng)
        n, gates = self.width, range(self.GATES)
        seen = n if init == "torch_uniform" else self.n_in      # PyTorch takes the width for both
        self.weight_ih = concat(
            [initialized(init, draws, (self.n_in, n), seen, n, dtype) for _ in gates], axis=-1
        )
        self.weight_hh = concat(
            [initialized(recurrent_init, draws, (n, n), n, n, dtype) for _ in gates], axis=-1
        )
        self.bias_ih = self.bias_hh = None
        if flag(f"{name}: bias", bias):
            shape = (self.GATES * n,)
            self.bias_ih = first_bias(init, draws, shape, n, n, dtype)
            self.bias_hh = first_bias(recurrent_init, draws, shape, n, n, dtype)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.n_in}, {self.width})"

    def __call__(self, x: Array, carry: Carry = None) -> tuple[Array, Carry]:
        """The output and the next carry, for inputs `x` of shape (..., n_in).

        Without a carry, the step starts from zeros.
        """
        check_width(self, x)
        inputs = self.inputs(x)
        carry = self.begun(inputs, inputs.shape[:-1], carry)
        return self.step(inputs, carry)

    def init_carry(self, batch: int | tuple[int, ...] = ()) -> Carry:
        """The carry before the first step: zeros of shape (..., width), like the weights."""
        return self._zeros(self.weight_hh, in_front("init_carry", batch))

    def begun(self, inputs: Array, batch: Shape, carry: Carry) -> Carry:
        """`carry`, or zeros in its place; raises `InvalidArgument` for one that does not fit."""
        if carry is None:
            return self._zeros(inputs, batch)
        wanted = (*batch, self.width)
        parts = carry if len(self.CARRIED) > 1 else (carry,)
        fits = isinstance(parts, tuple | list) and len(parts) == len(self.CARRIED)
        if fits and all(getattr(part, "shape", None) == wanted for part in parts):
            return tuple(carry) if len(self.CARRIED) > 1 else carry
        form = f"({', '.join(self.CARRIED)}), each" if len(self.CARRIED) > 1 else "an array"
        raise InvalidArgument(
            f"{type(self).__name__}: carry is {_described(carry)}; expected {form} of shape "
            f"{wanted}, or None to start from zeros."
        )

    def _zeros(self, like: Array, batch: Shape) -> Carry:
        made = [filled((*batch, self.width), 0, like) for _ in self.CARRIED]
        return tuple(made) if len(made) > 1 else made[0]

    def inputs(self, x: Array) -> Array:
        """What inputs of shape (..., n_in) add to the gates, of as many steps as there are.

        Both biases are in it, unless one of them has to wait for the product with the carry.
        """
        if self.bias_ih is None or self.bias_hh is None:
            return matmul(x, self.weight_ih)
        bias = self.bias_ih if self.APART else self.bias_ih + self.bias_hh
        return linear(x, self.weight_ih, bias)

    def step(self, inputs: Any, carry: Carry) -> tuple[Array, Carry]:
        """The output and the next carry, from what `inputs` made of the input of this step."""
        raise NotImplementedError


@layer(*_PARTS, static=("n_in", "width", "activation"))
class RNNCell(Cell):
    """One step of a simple recurrent network (Elman 1990): `h = tanh(x @ W + b + h @ R + c)`.

    The parameters are `weight_ih` of shape (n_in, width) and `weight_hh` of shape (width, width),
    and biases `bias_ih` and `bias_hh`. `gg.nn.RNN` is the layer for sequences.

    Args:
        n_in: The width of the input.
        width: That of the carry, which is the output, too.
        activation: A name in `gg.nn.ACTIVATIONS`.
        bias, init, recurrent_init, rng, dtype: As of `gg.nn.GRU`.

    Raises:
        InvalidArgument: For impossible sizes or names.

    Example:
        >>> cell = gg.nn.RNNCell(3, 4)
        >>> y, carry = cell(np.ones((2, 3), "float32"))
        >>> y.shape, y is carry
        ((2, 4), True)
    """

    GATES = 1

    def __init__(
        self,
        n_in: int,
        width: int,
        *,
        activation: str = "tanh",
        bias: bool = True,
        init: Init = "glorot_uniform",
        recurrent_init: Init = "orthogonal",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        activation_of(activation)
        super().__init__(
            n_in, width, bias=bias, init=init, recurrent_init=recurrent_init, rng=rng, dtype=dtype
        )
        self.activation = activation

    def step(self, inputs: Any, carry: Carry) -> tuple[Array, Carry]:
        """The output and the next carry, which are one; `inputs` are those of this step."""
        h = activation_of(self.activation)(inputs + matmul(carry, self.weight_hh))
        return h, h


@layer(*_PARTS, static=("n_in", "width"))
class GRUCell(Cell):
    """One step of a gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), as PyTorch has it.

    With the products `a = x @ weight_ih + bias_ih` and `b = h @ weight_hh + bias_hh`, of which the
    columns belong to the gates `r`, `z` and `n`, in this order:
    `r = sigmoid(a_r + b_r)`, `z = sigmoid(a_z + b_z)`, `n = tanh(a_n + r * b_n)`, and the next
    carry, which is the output, is `(1 - z) * n + z * h`. The weights have the shapes (n_in,
    3 * width) and (width, 3 * width). `gg.nn.GRU` is the layer for sequences.

    Args:
        n_in: The width of the input.
        width: That of the carry.
        bias, init, recurrent_init, rng, dtype: As of `gg.nn.GRU`.

    Raises:
        InvalidArgument: For impossible sizes or names.

    Example:
        >>> cell = gg.nn.GRUCell(3, 4)
        >>> y, carry = cell(np.ones((2, 3), "float32"))
        >>> y, carry = cell(np.ones((2, 3), "float32"), carry)
        >>> y.shape
        (2, 4)
    """

    GATES = 3
    APART = True

    def step(self, inputs: Any, carry: Carry) -> tuple[Array, Carry]:
        """The output and the next carry, which are one; `inputs` are those of this step."""
        n, bias = self.width, self.bias_hh
        product = matmul(carry, self.weight_hh)
        held: Any = product if bias is None else product + bias
        reset = sigmoid(inputs[..., :n] + held[..., :n])
        keep = sigmoid(inputs[..., n : 2 * n] + held[..., n : 2 * n])
        new = tanh(inputs[..., 2 * n :] + reset * held[..., 2 * n :])
        h = new + keep * (carry - new)
        return h, h


@layer(*_PARTS, static=("n_in", "width"))
class LSTMCell(Cell):
    """One step of a long short-term memory (Hochreiter and Schmidhuber 1997), as PyTorch has it.

    With the product `a = x @ weight_ih + bias_ih + h @ weight_hh + bias_hh`, of which the columns
    belong to the gates `i`, `f`, `g` and `o`, in this order, the next carry (h, c) is
    `c = sigmoid(a_f) * c + sigmoid(a_i) * tanh(a_g)` and `h = sigmoid(a_o) * tanh(c)`, which is the
    output, too. The weights have the shapes (n_in, 4 * width) and (width, 4 * width). The bias of
    the gate `f` starts at 1 (Jozefowicz et al. 2015), as in Keras. `gg.nn.LSTM` is the layer for
    sequences.

    Args:
        n_in: The width of the input.
        width: That of each half of the carry.
        bias, init, recurrent_init, rng, dtype: As of `gg.nn.GRU`.

    Raises:
        InvalidArgument: For impossible sizes or names.

    Example:
        >>> cell = gg.nn.LSTMCell(3, 4)
        >>> y, (h, c) = cell(np.ones((2, 3), "float32"))
        >>> c.shape
        (2, 4)
    """

    GATES = 4
    CARRIED = ("h", "c")

    def __init__(
        self,
        n_in: int,
        width: int,
        *,
        bias: bool = True,
        init: Init = "glorot_uniform",
        recurrent_init: Init = "orthogonal",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        super().__init__(
            n_in, width, bias=bias, init=init, recurrent_init=recurrent_init, rng=rng, dtype=dtype
        )
        if self.bias_ih is not None and init != "torch_uniform":
            keep = np.repeat([0.0, 1.0, 0.0, 0.0], self.width).astype(dtype)
            self.bias_ih = self.bias_ih + default().asarray(keep)

    def step(self, inputs: Any, carry: Carry) -> tuple[Array, Carry]:
        """The output and the next carry, from what `inputs` made of the input of this step."""
        (h, c), n = carry, self.width
        gates: Any = inputs + matmul(h, self.weight_hh)
        write, keep = sigmoid(gates[..., :n]), sigmoid(gates[..., n : 2 * n])
        c = keep * c + write * tanh(gates[..., 2 * n : 3 * n])
        h = sigmoid(gates[..., 3 * n :]) * tanh(c)
        return h, (h, c)


def check_width(cell: Cell, x: Array) -> None:
    """Raise `InvalidArgument` unless the last axis of `x` is that of the inputs."""
    shape = shape_of(x)
    if not shape or shape[-1] != cell.n_in:
        raise InvalidArgument(
            f"{type(cell).__name__}: x has shape {shape}; expected (..., {cell.n_in}). Ids of "
            "words or letters become vectors by gg.nn.Embedding."
        )


def _described(carry: Any) -> str:
    if hasattr(carry, "shape"):
        return f"an array of shape {tuple(carry.shape)}"
    if isinstance(carry, tuple | list):
        return f"a {type(carry).__name__} ({', '.join(map(_described, carry))})"
    return f"a {type(carry).__name__}"
