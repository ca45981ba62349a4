"""A function of gpugrad as other libraries apply it: by the leaves of its arguments, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import gpugrad.tree as tree
from gpugrad.backends import is_inexact
from gpugrad.core.tensor import Tensor
from gpugrad.errors import TrackedConversion
from gpugrad.transforms.forward import jvp
from gpugrad.transforms.jit.jit import Jit
from gpugrad.transforms.reverse import vjp
from gpugrad.transforms.vmap import vmap


class Structure(Protocol):
    """What a tree is without its leaves, in gpugrad or in another library."""

    def __hash__(self) -> int: ...
    def unflatten(self, leaves: Iterable[Any], /) -> Any: ...


class Found(NamedTuple):
    """What a function returned: its leaves, and of what tree they are."""

    leaves: list[Any]
    structure: Structure | None

    def arrays(self) -> list[Any]:
        """The leaves that are arrays."""
        return [x for x in self.leaves if is_array(x)]

    def without_arrays(self) -> Found:
        """The same with stand-ins for arrays."""
        return Found([STAND_IN if is_array(x) else x for x in self.leaves], self.structure)

    def with_arrays(self, arrays: Iterable[Any]) -> Found:
        """The same with these in the places of arrays, or of their stand-ins."""
        given = iter(arrays)
        leaves = [next(given) if x is STAND_IN or is_array(x) else x for x in self.leaves]
        return Found(leaves, self.structure)

    def tree(self) -> Any:
        """The tree itself; of a function of leaves, the list of these."""
        return self.leaves if self.structure is None else self.structure.unflatten(self.leaves)


STAND_IN = object()
"""In the place of an array among other results."""

Pullback = Callable[[Sequence[Any]], Sequence[Any]]
"""From cotangents of the results that move to those of the leaves that are wanted."""

Run = Callable[..., Found]


class Flat:
    """A function of leaves, and its derivatives, which are functions of leaves too.

    A result moves if it is an array of floating or complex numbers: there are cotangents and
    tangents for these alone. Of a function under `gg.jit` the derivatives are compiled as well, and
    compute its value again. With `conjugate`, complex cotangents are those of JAX.
    """

    def __init__(self, run: Run, like: Jit[..., Any] | None, conjugate: bool) -> None:
        self._run, self._like, self._conjugate = run, like, conjugate
        self._made: dict[tuple[object, ...], Flat] = {}

    def __call__(self, *leaves: Any) -> Found:
        """The leaves of the result, each an array of its own, or what is no array."""
        found = self._run(*leaves)
        fresh = self._like is not None              # a plan gives what nobody else has
        return found._replace(leaves=[_owned(x, fresh) for x in found.leaves])

    def kept(self, wanted: Sequence[int], leaves: Sequence[Any]) -> tuple[Found, Pullback | None]:
        """The same, and the pullback to the leaves that are `wanted`, if it is there already."""
        if self._like is not None:
            return self(*leaves), None

        def of_wanted(*chosen: Any) -> tuple[list[Any], list[Any]]:
            found = self._run(*_with(leaves, wanted, chosen))
            moving = [x for x in found.leaves if moves(x)]
            return moving, [STAND_IN if moves(x) else x for x in (*found.leaves, found.structure)]

        chosen = [leaves[i] for i in wanted]
        out, pullback, (*rest, structure) = vjp(
            of_wanted, *chosen, has_aux=True, conjugate=self._conjugate
        )
        moving = iter(out)
        return Found([next(moving) if x is STAND_IN else x for x in rest], structure), pullback

    def pulled(self, wanted: tuple[int, ...], count: int) -> Flat:
        """From `count` leaves, and cotangents of what moves, to the cotangents of the `wanted`."""

        def pull(*given: Any) -> list[Any]:
            leaves, g = given[:count], given[count:]
            _, pullback = vjp(
                self._moving(leaves, wanted), *(leaves[i] for i in wanted),
                conjugate=self._conjugate,
            )  # fmt: skip
            return list(pullback(list(g)))

        return self._derived(pull, "pulled", wanted, count)

    def pushed(self, wanted: tuple[int, ...], count: int) -> Flat:
        """From `count` leaves, and tangents of the `wanted`, to the tangents of what moves."""

        def push(*given: Any) -> list[Any]:
            leaves, tangents = given[:count], given[count:]
            chosen = [leaves[i] for i in wanted]
            found: list[Any] = jvp(self._moving(leaves, wanted), chosen, tangents)[1]
            return found

        return self._derived(push, "pushed", wanted, count)

    def batched(self, axes: tuple[int | None, ...]) -> Flat:
        """For a batch along these axes of the leaves; that of the results is their first."""
        made = self._made.get(axes)
        if made is None:
            over = tuple(i for i, axis in enumerate(axes) if axis is not None)
            made = Flat(self._over(over, tuple(axes[i] for i in over)), None, self._conjugate)
            self._made[axes] = made
        return made

    def _over(self, over: tuple[int, ...], axes: tuple[int | None, ...]) -> Run:
        def run(*leaves: Any) -> Found:
            said: list[Any] = []

            def of_parts(*parts: Any) -> list[Any]:
                found = self._run(*_with(leaves, over, parts))
                said.append(found.without_arrays())
                return found.arrays()

            arrays = vmap(of_parts, axes)(*(leaves[i] for i in over))
            found: Found = said[-1]
            return found.with_arrays(arrays)

        return run

    def _moving(
        self, leaves: Sequence[Any], wanted: Sequence[int]
    ) -> Callable[..., list[Any]]:
        """What moves of the result, as a function of the leaves that are `wanted`."""

        def of_wanted(*chosen: Any) -> list[Any]:
            return [x for x in self._run(*_with(leaves, wanted, chosen)).leaves if moves(x)]

        return of_wanted

    def _derived(self, f: Callable[..., list[Any]], *kind: object) -> Flat:
        made = self._made.get(kind)
        if made is None:
            if self._like is not None:
                f = _compiled(f, self._like)
            made = Flat(lambda *leaves: Found(f(*leaves), None), self._like, self._conjugate)
            self._made[kind] = made
        return made


def flat(f: Callable[..., Any], structure: Structure, conjugate: bool = False) -> Flat:
    """`f` as a function of the leaves of its arguments, whose trees have that `structure`."""

    def run(*leaves: Any) -> Found:
        args, kwargs = structure.unflatten(leaves)
        return Found(*tree.flatten(f(*args, **kwargs)))

    return Flat(run, f if isinstance(f, Jit) else None, conjugate)


def is_array(x: object) -> bool:
    """Whether a leaf is an array, a Tensor, or a number of NumPy."""
    return hasattr(x, "dtype") and hasattr(x, "shape")


def moves(x: Any) -> bool:
    """Whether a leaf is an array of floating or complex numbers."""
    return is_array(x) and is_inexact(x.dtype)


def _with(leaves: Sequence[Any], places: Sequence[int], others: Sequence[Any]) -> list[Any]:
    """The leaves with others in some places."""
    made = list(leaves)
    for i, x in zip(places, others, strict=True):
        made[i] = x
    return made


def _owned(x: Any, fresh: bool) -> Any:
    """A result as a plain array that nobody else has."""
    if not is_array(x):
        return x
    if isinstance(x, Tensor):
        if x._edge is not None:
            raise TrackedConversion(
                "a function that another library calls returned a Tensor that needs a gradient of "
                "gpugrad's own, which would be lost: pass what it is computed from as an argument, "
                "or take gg.stop_gradient of it."
            )
        x = x._value
    return x if fresh else x.copy()


def _compiled(f: Callable[..., list[Any]], like: Jit[..., Any]) -> Callable[..., list[Any]]:
    """`f` under `gg.jit`, as that function is; what is no array is static if that has statics."""
    has_statics = bool(like.static_argnums or like.static_argnames)
    made: dict[tuple[int, ...], Jit[..., list[Any]]] = {}

    def run(*leaves: Any) -> list[Any]:
        fixed = tuple(i for i, x in enumerate(leaves) if has_statics and not is_array(x))
        if fixed not in made:
            made[fixed] = Jit(f, like.engine, (), fixed, ())
        return made[fixed](*leaves)

    return run
