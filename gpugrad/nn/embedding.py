"""Vectors for ids."""

from __future__ import annotations

from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.initializers import Init, Rng, initialized
from gpugrad.nn.layer import layer, whole
from gpugrad.ops.arrange import take
from gpugrad.ops.operands import shape_of
from gpugrad.ops.products import matmul
from gpugrad.ops.shape import matrix_transpose
from gpugrad.types import DTypeLike


@layer("weight", static=("n", "width"))
class Embedding:
    """A table with one vector for each of `n` ids, which are integers from 0 on.

    `layer(ids)` maps integers of any shape to the rows of `weight`, of shape (..., width);
    as of any array, negative ids count from the end. `layer.attend(x)` is the product with the
    table, of shape (..., n): scores of all ids, where a model predicts them from the same vectors.

    Args:
        n: How many ids there are.
        width: The width of the vectors.
        init: What the table starts from: a name in `gg.nn.INITIALIZERS`, or a function. The
            default has the standard deviation 1 / sqrt(width), as in flax.
        rng: A seed, a NumPy generator, which layers draw from in turn, or a key of `gg.random`.
        dtype: The dtype of the table.

    Raises:
        InvalidArgument: For impossible sizes; when called, for ids that are no integers.
        IndexError: When called, for ids that are too large, on the CPU.

    Example:
        >>> layer = gg.nn.Embedding(10, 4, rng=0)
        >>> layer(np.array([[1, 2, 2], [0, 9, 3]])).shape
        (2, 3, 4)
        >>> gg.grad(lambda m: gg.sum(m(np.array([1, 1]))))(layer).weight[:3, 0]
        array([0., 2., 0.], dtype=float32)
    """

    n: int
    width: int
    weight: Array

    def __init__(
        self,
        n: int,
        width: int,
        *,
        init: Init = "lecun_normal",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        self.n, self.width = whole("Embedding: n", n), whole("Embedding: width", width)
        self.weight = initialized(init, rng, (self.n, self.width), self.width, self.n, dtype)

    def __repr__(self) -> str:
        return f"Embedding({self.n}, {self.width})"

    def __call__(self, ids: Array) -> Array:
        """The vectors of `ids`."""
        if str(getattr(ids, "dtype", "")).lstrip("u")[:3] != "int":
            found = getattr(ids, "dtype", None)
            said = f"of dtype {found}" if found is not None else f"of type {type(ids).__name__}"
            raise InvalidArgument(
                f"Embedding: ids are {said}; expected an array of integers from 0 to {self.n - 1}."
            )
        return take(self.weight, ids, axis=0)

    def attend(self, x: Array) -> Array:
        """`x @ weight.T`: for each vector of `x`, its product with that of each id."""
        shape = shape_of(x)
        if not shape or shape[-1] != self.width:
            raise InvalidArgument(
                f"Embedding: x has shape {shape}; expected (..., {self.width}) for the scores of "
                f"{self.n} ids."
            )
        return matmul(x, matrix_transpose(self.weight))
