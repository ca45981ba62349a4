"""Functions of JAX among those of gpugrad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gpugrad.backends import namespace_of
from gpugrad.errors import InvalidArgument
from gpugrad.interop.foreign import Flat, function
from gpugrad.interop.inside import Found, Pullback, moves
from gpugrad.interop.jax_arrays import canonical, flatten, to_jax, to_numpy
from gpugrad.types import Array


def from_jax(f: Callable[..., Any], jit: bool) -> Callable[..., Any]:
    """`f`, of trees of JAX's arrays, as a function of arrays and Tensors."""
    return function(_Jax(jax.jit if jit else _as_it_is), f, flatten)


class _Jax:
    """How JAX runs and differentiates its functions."""

    def __init__(self, jit: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._run = lru_cache(lambda f: jit(lambda *given: _Packed(f(*given))))
        self._run_with_pullback = lru_cache(lambda f, wanted: jit(_with_pullback(f, wanted)))
        self._pull = jit(lambda pullback, g: pullback(g))

    def run(self, f: Flat, arrays: Sequence[Any]) -> Found:
        return _as_arrays(self._run(f)(*map(_given, arrays)).found, arrays)

    def kept(
        self, f: Flat, wanted: Sequence[int], arrays: Sequence[Any]
    ) -> tuple[Found, Pullback]:
        moving, pull, rest = self._run_with_pullback(f, wanted)(*map(_given, arrays))
        found = _joined(moving, rest.found)

        def pullback(g: Sequence[Any]) -> Sequence[Any]:
            shares = self._pull(pull, [_conjugate(_given(x)) for x in g])
            return [_as_array(_conjugate(x), arrays) for x in shares]

        return _as_arrays(found, arrays), pullback

    def pulled(self, f: Flat, wanted: Sequence[int], count: int) -> Flat:
        run = _with_pullback(f, wanted)

        def pull(*given: Any) -> Found:
            pullback = run(*given[:count])[1]
            shares = pullback([jnp.conj(x) for x in given[count:]])
            return Found([jnp.conj(x) for x in shares], None)

        return pull


def _with_pullback(f: Flat, wanted: Sequence[int]) -> Callable[..., Any]:
    """What moves of the result of `f`, its pullback to the `wanted`, and the rest."""

    def run(*given: Any) -> tuple[list[Any], Callable[..., Any], _Packed]:
        def of_wanted(*chosen: Any) -> tuple[list[Any], _Packed]:
            arrays = list(given)
            for i, x in zip(wanted, chosen, strict=True):
                arrays[i] = x
            found = f(*arrays)
            rest = [_MOVES if moves(x) else x for x in found.leaves]
            return [x for x in found.leaves if moves(x)], _Packed(found._replace(leaves=rest))

        moving, pullback, rest = jax.vjp(of_wanted, *(given[i] for i in wanted), has_aux=True)
        return moving, pullback, rest

    return run


_MOVES = object()
"""In the place of a result that moves among those that do not."""


def _joined(moving: Sequence[Any], rest: Found) -> Found:
    given = iter(moving)
    return rest._replace(leaves=[next(given) if x is _MOVES else x for x in rest.leaves])


class _Packed:
    """Leaves and their structure as a tree of JAX, so that its compiled functions return both."""

    def __init__(self, found: Found) -> None:
        self.found = found


def _pack(packed: _Packed) -> tuple[list[Any], Found]:
    return packed.found.arrays(), packed.found.without_arrays()


def _unpack(found: Found, arrays: Sequence[Any]) -> _Packed:
    return _Packed(found.with_arrays(arrays))


jax.tree_util.register_pytree_node(_Packed, _pack, _unpack)


def _as_it_is(f: Callable[..., Any]) -> Callable[..., Any]:
    return f


def _given(x: Any) -> Any:
    """An operand for JAX; it must not lose digits on the way."""
    if x.dtype.kind in "fc" and not canonical(x.dtype):
        raise InvalidArgument(
            f"an array of dtype {x.dtype} is to go to JAX, which would make 32 bits of 64: turn "
            "them on with jax.config.update('jax_enable_x64', True), or give it arrays of float32."
        )
    return to_jax(x)


def _conjugate(x: Any) -> Any:
    """JAX's cotangents are the conjugates of gpugrad's."""
    return jnp.conj(x) if x.dtype.kind == "c" else x


def _as_arrays(found: Found, operands: Sequence[Any]) -> Found:
    return found.with_arrays([_as_array(x, operands) for x in found.arrays()])


def _as_array(x: Any, operands: Sequence[Any]) -> Array:
    """A copy of an array of JAX, of the library of the operands: JAX's own never change."""
    like = next((y for y in operands if not isinstance(y, np.ndarray | np.generic)), None)
    if like is None:
        return np.array(to_numpy(x))
    xp = namespace_of(like)
    return xp.copy(xp.module.from_dlpack(x))
