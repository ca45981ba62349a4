"""`vspace` of HIPS autograd: the vectors that an array or a tree of arrays is one of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import is_complex
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import UnsupportedOperand


class VSpace:
    """All arrays, or trees of arrays, of the shapes and dtypes of `value`.

    Complex numbers count as two real ones each.
    """

    def __init__(self, value: Any) -> None:
        leaves, self._structure = tree.flatten(value)
        self._kinds = [(np.shape(x), _dtype(x)) for x in leaves]
        if tree.is_leaf(value):
            (self.shape, self.dtype), = self._kinds
            self.ndim = len(self.shape)
        self.iscomplex = any(map(is_complex, (dtype for _, dtype in self._kinds)))

    def __init_subclass__(cls) -> None:
        cls.register(cls)

    @classmethod
    def register(cls, value_type: type, vspace_maker: object = None) -> NoReturn:
        """Refused: values of own classes are trees."""
        raise UnsupportedOperand(
            "gpugrad has no vector spaces but those of trees. Make the class of the values a tree "
            "with gg.tree.register: then every transform takes them."
        )

    @property
    def size(self) -> int:
        """How many real numbers a vector holds."""
        return sum(int(np.prod(shape)) * len(_units(dtype)) for shape, dtype in self._kinds)

    def zeros(self) -> Any:
        """The vector of zeros."""
        return self._made(lambda shape, dtype: np.zeros(shape, dtype))

    def ones(self) -> Any:
        """The sum of the basis."""
        return self._made(lambda shape, dtype: np.full(shape, sum(_units(dtype)), dtype))

    def randn(self) -> Any:
        """Normal numbers, by the generator of `np.random.seed`."""

        def normal(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
            return np.asarray(
                sum(unit * np.random.randn(*shape) for unit in _units(dtype)), dtype  # noqa: NPY002
            )

        return self._made(normal)

    def standard_basis(self) -> Iterator[Any]:
        """The vectors with a single one; of complex numbers, those with the imaginary unit too."""
        for place, (shape, dtype) in enumerate(self._kinds):
            for i in np.ndindex(shape):
                for unit in _units(dtype):
                    leaves = [np.zeros(*kind) for kind in self._kinds]
                    leaves[place][i] = unit
                    yield tree.unflatten(self._structure, leaves)

    def add(self, x_prev: Any, x_new: Any) -> Any:
        """The sum of two vectors."""
        return tree.map(lambda a, b: a + b, x_prev, x_new)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """A vector times a number."""
        return tree.map(lambda leaf: leaf * a, x)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The inner product of vectors of real numbers."""
        pairs = zip(tree.leaves(x), tree.leaves(y), strict=True)
        return sum(ops.real(ops.sum(ops.conj(a) * b)) for a, b in pairs)

    def covector(self, x: Any) -> Any:
        """The gradient that stands for a direction: of complex numbers, the conjugate."""
        return tree.map(ops.conj, x)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VSpace):
            return NotImplemented
        return (self._structure, self._kinds) == (other._structure, other._kinds)

    def __hash__(self) -> int:
        return hash((self._structure, tuple(self._kinds)))

    def __repr__(self) -> str:
        return f"VSpace({self._made(lambda shape, dtype: f'{dtype}{list(shape)}')})"

    def _made(self, make: Callable[[tuple[int, ...], np.dtype], Any]) -> Any:
        return tree.unflatten(self._structure, [make(*kind) for kind in self._kinds])


def vspace(value: Any) -> VSpace:
    """The vectors of which `value` is one."""
    return VSpace(value)


def _units(dtype: np.dtype) -> tuple[complex, ...]:
    """What all numbers are sums of real multiples of."""
    return (1, 1j) if is_complex(dtype) else (1,)


def _dtype(x: Any) -> np.dtype:
    return np.dtype(x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype)
