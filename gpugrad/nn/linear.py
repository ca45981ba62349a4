"""Linear layers."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
import optree

from gpugrad.backends import Array, is_inexact
from gpugrad.errors import InvalidArgument
from gpugrad.nn.initializers import Init, Rng, first_bias, in_turn, initialized
from gpugrad.nn.layer import flag, shown, whole
from gpugrad.ops.products import linear, matmul
from gpugrad.signatures import telling
from gpugrad.tree import NAMESPACE
from gpugrad.types import DTypeLike


@shown
class Linear(tuple[Any, ...]):
    """A linear layer with the parameters `weight` and `bias`, called like a function.

    `layer(x)` is `x @ weight + bias`: shapes (..., n_in), (n_in, n_out) and (n_out,) give (...,
    n_out). A layer is a tuple of its two arrays, and a pytree. It is made from sizes, as
    `Linear(n_in, n_out)`, or from arrays, as `Linear(weight, bias)`.

    Args:
        weight: A floating array of shape (n_in, n_out). Axes in front of these are those of an
            ensemble, for `gg.vmap`.
        bias: One of shape (n_out,), or None; from sizes, whether there is one.
        n_in: How many numbers a row has.
        n_out: How many the result has.
        init: What the weights start from: a name in `gg.nn.INITIALIZERS`, or a function.
        rng: A seed, a NumPy generator, which layers draw from in turn, or a key of `gg.random`.
        dtype: The dtype of the parameters.

    Raises:
        InvalidArgument: For anything but floating arrays of such shapes, and for sizes, an
            initialiser, an `rng` or a dtype that cannot be used.

    Example:
        >>> layer = gg.nn.Linear(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, 0.5]))
        >>> layer(np.array([1.0, 1.0]))
        array([4.5, 6.5])
        >>> gg.grad(lambda layer: gg.sum(layer(np.ones(2))))(layer).bias
        array([1., 1.])
        >>> gg.nn.Linear(784, 10, rng=0)
        Linear(784, 10)
    """

    __slots__ = ()

    if TYPE_CHECKING:
        @property
        def weight(self) -> Array: ...
        @property
        def bias(self) -> Any: ...
    else:
        weight = property(itemgetter(0), doc="The array of shape (n_in, n_out).")
        bias = property(itemgetter(1), doc="The array of shape (n_out,), or None.")

    @overload
    def __new__(cls, weight: Array, bias: Array | None = None) -> Self: ...
    @overload
    def __new__(
        cls,
        n_in: int,
        n_out: int,
        bias: bool = True,
        *,
        init: Init = "he_normal",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> Self: ...
    def __new__(cls, *given: Any, **settings: Any) -> Self:
        of_size = isinstance(given[0], int | np.integer) if given else "weight" not in settings
        from_sizes = of_size or "n_in" in settings
        made: Callable[..., tuple[Any, ...]] = _from_sizes if from_sizes else _from_arrays
        return tuple.__new__(cls, made(*given, **settings))

    def __reduce__(self) -> Any:
        return _restored, (type(self), tuple(self))

    def __repr__(self) -> str:
        weight, bias = self
        if not hasattr(weight, "shape") or len(weight.shape) < 2:
            return f"Linear(weight={weight!r}, bias={bias!r})"
        sizes = ", ".join(map(str, weight.shape[-2:]))
        return f"Linear({sizes})" if bias is not None else f"Linear({sizes}, bias=False)"

    def __call__(self, x: Array) -> Array:
        """`x @ weight + bias`."""
        weight, bias = self
        try:
            return matmul(x, weight) if bias is None else linear(x, weight, bias)
        except ValueError as error:
            if not _fit(weight, bias):
                raise _no_layer(weight, bias) from error
            raise InvalidArgument(
                f"Linear: x has shape {np.shape(x)}; expected (..., {weight.shape[-2]}) for a "
                f"weight of shape {weight.shape}."
            ) from error
        except TypeError as error:
            if not _fit(weight, bias):
                raise _no_layer(weight, bias) from error
            raise


@telling("Linear")
def _from_arrays(weight: Any, bias: Any = None) -> tuple[Any, Any]:
    if not _fit(weight, bias):
        raise _no_layer(weight, bias)
    return weight, bias


@telling("Linear")
def _from_sizes(
    n_in: int,
    n_out: int,
    bias: bool = True,
    *,
    init: Init = "he_normal",
    rng: Rng = 0,
    dtype: DTypeLike = "float32",
) -> tuple[Any, Any]:
    sizes = n_in, n_out = whole("Linear: n_in", n_in), whole("Linear: n_out", n_out)
    with_bias, draws = flag("Linear: bias", bias), in_turn(rng)
    weight = initialized(init, draws, sizes, n_in, n_out, dtype)
    return weight, first_bias(init, draws, (n_out,), n_in, n_out, dtype) if with_bias else None


def _fit(weight: Any, bias: Any) -> bool:
    """Whether these can be the parameters of a layer."""
    try:
        shape, dtype = weight.shape, weight.dtype
        fits = bias is None or shape[-1:] == bias.shape[-1:]
        return len(shape) > 1 and fits and is_inexact(dtype)
    except AttributeError:
        return False


def _no_layer(weight: Any, bias: Any) -> InvalidArgument:
    found = " and ".join(
        f"{name} is {x.dtype}{list(x.shape)}" if hasattr(x, "dtype") and hasattr(x, "shape") else
        f"{name} is {x!r}, of type {type(x).__name__}"
        for name, x in (("weight", weight), ("bias", bias))
    )  # fmt: skip
    return InvalidArgument(
        f"Linear: {found}; expected floating arrays of shapes (n_in, n_out) and (n_out,), or the "
        "sizes: gg.nn.Linear(n_in, n_out)."
    )


def _restored(cls: type[Linear], parts: tuple[Any, ...]) -> Linear:
    """A layer of anything, as trees hold it in place of arrays."""
    return tuple.__new__(cls, parts)


_register: Any = optree.register_pytree_node        # its types want a collection
_register(
    Linear,
    lambda layer: (layer, None, ("weight", "bias")),
    lambda _, parts: tuple.__new__(Linear, parts),
    path_entry_type=optree.GetAttrEntry,
    namespace=NAMESPACE,
)
