"""What the namespaces of arrays that stand for others have in common: another one computes."""

from __future__ import annotations

from gpugrad.backends import Array, Namespace
from gpugrad.backends.axes import counted
from gpugrad.types import ArrayFunction


class StandInNamespace(Namespace):
    """The functions of such arrays.

    `_base` is the namespace whose dtypes and constants they have, and `_function` makes what is
    neither here nor one of these.
    """

    def _base(self) -> Namespace:
        raise NotImplementedError

    def _function(self, name: str) -> ArrayFunction:
        raise NotImplementedError

    def __getattr__(self, name: str) -> ArrayFunction:
        """A dtype or constant of the base namespace, or a function that it has."""
        if name == "module":
            return self  # type: ignore[return-value]  # whose functions the inherited extras call
        found = getattr(self._base(), name)
        if not callable(found) or isinstance(found, type):
            return found  # type: ignore[no-any-return]
        return self._function(name)

    def pow(self, a: Array, b: Array) -> Array:
        return self.power(a, b)

    def unstack(self, x: Array, axis: int = 0) -> tuple[Array, ...]:
        axis = counted(axis, len(x.shape))
        before = (slice(None),) * axis
        return tuple(self.getitem(x, (*before, i)) for i in range(x.shape[axis]))
