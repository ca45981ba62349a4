"""The primitive of JAX that a function of gpugrad becomes, with its rules.

It is called as it is where there are values, and by `jax.pure_callback` where JAX compiles. With
`jax.custom_vjp` instead, JAX would know no forward mode of it, and so no Hessian.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from gpugrad.errors import InvalidArgument
from gpugrad.interop.inside import STAND_IN, Flat, Found, moves
from gpugrad.interop.jax_arrays import to_jax, to_numpy

Specs = tuple[jax.ShapeDtypeStruct, ...]


class Described(NamedTuple):
    """What a function gives for operands of some shapes: shapes and dtypes, and the tree."""

    specs: Specs
    found: Found


class Step:
    """A function of arrays, and what JAX must know of it.

    `describe` says what it gives by shapes and dtypes of operands alone. In the operands from the
    place `first` on it is linear.
    """

    def __init__(
        self, flat: Flat, describe: Callable[[Specs], Described], first: int | None = None
    ) -> None:
        self.flat, self.first = flat, first
        self.transposed: Step | None = None         # of the other operands and cotangents
        self._describe = describe
        self._described: dict[Specs, Described] = {}
        self._derived: dict[object, Any] = {}

    def describe(self, operands: Sequence[Any]) -> Described:
        """What it gives for operands of these shapes."""
        specs = tuple(jax.ShapeDtypeStruct(x.shape, x.dtype) for x in operands)
        if specs not in self._described:
            self._described[specs] = self._describe(specs)
        return self._described[specs]

    def run(self, arrays: Sequence[Any]) -> list[np.ndarray]:
        """The arrays that it gives for these of JAX."""
        found = self.flat(*map(to_numpy, arrays))
        results = [np.asarray(x) for x in found.arrays()]
        specs = tuple(jax.ShapeDtypeStruct(x.shape, x.dtype) for x in arrays)
        if specs not in self._described:
            self._described[specs] = Described(of_arrays(results), found.without_arrays())
        wanted = self._described[specs].specs
        if [x.shape for x in results] != [x.shape for x in wanted]:
            raise InvalidArgument(
                "a function that JAX calls returned arrays of the shapes "
                f"{[x.shape for x in results]}, and for such operands expected "
                f"{[x.shape for x in wanted]}, of result= or of an earlier call. Shapes must not "
                "depend on values."
            )
        return [x.astype(y.dtype, copy=False) for x, y in zip(results, wanted, strict=True)]

    def derived(self, wanted: tuple[int, ...], count: int) -> tuple[Step, Step]:
        """What pushes tangents of the `wanted` operands, and what pulls cotangents back to them.

        Both take the operands too, of which there are `count`, in front.
        """

        def of_push(specs: Specs) -> Described:
            return _of_leaves([x for x in self.describe(specs[:count]).specs if moves(x)])

        def of_pull(specs: Specs) -> Described:
            return _of_leaves([specs[i] for i in wanted])

        if wanted not in self._derived:
            push = Step(self.flat.pushed(wanted, count), of_push, count)
            pull = Step(self.flat.pulled(wanted, count), of_pull, count)
            push.transposed, pull.transposed = pull, push
            self._derived[wanted] = push, pull
        made: tuple[Step, Step] = self._derived[wanted]
        return made

    def batched(self, axes: tuple[int | None, ...], n: int) -> Step:
        """That of `n` operands each along these axes, and of results along their first."""

        def of_batch(specs: Specs) -> Described:
            one = self.describe([
                x if axis is None else jax.ShapeDtypeStruct(_without(x.shape, axis), x.dtype)
                for x, axis in zip(specs, axes, strict=True)
            ])  # fmt: skip
            several = (jax.ShapeDtypeStruct((n, *x.shape), x.dtype) for x in one.specs)
            return Described(tuple(several), one.found)

        key = axes, n
        if key not in self._derived:
            self._derived[key] = Step(self.flat.batched(axes), of_batch, self.first)
        made: Step = self._derived[key]
        return made


def of_arrays(arrays: Sequence[Any]) -> Specs:
    """Their shapes and dtypes, as JAX is set to have them."""
    return tuple(
        jax.ShapeDtypeStruct(x.shape, jax.dtypes.canonicalize_dtype(x.dtype)) for x in arrays
    )


def _of_leaves(specs: Sequence[jax.ShapeDtypeStruct]) -> Described:
    return Described(tuple(specs), Found([STAND_IN] * len(specs), None))


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])


applied = Primitive("gpugrad")
applied.multiple_results = True


def _impl(*arrays: Any, step: Step) -> list[Any]:
    return [to_jax(x) for x in step.run(arrays)]


def _abstract(*operands: Any, step: Step) -> list[Any]:
    return [jax.core.ShapedArray(x.shape, x.dtype) for x in step.describe(operands).specs]


def _lowered(*operands: Any, step: Step) -> list[Any]:
    specs = step.describe(operands).specs
    made: list[Any] = jax.pure_callback(lambda *arrays: step.run(arrays), list(specs), *operands)
    return made


def _jvp(
    primals: Sequence[Any], tangents: Sequence[Any], *, step: Step
) -> tuple[Sequence[Any], Sequence[Any]]:
    results = applied.bind(*primals, step=step)
    wanted = tuple(i for i, t in enumerate(tangents) if type(t) is not ad.Zero)
    push, _ = step.derived(wanted, len(primals))
    found = iter(applied.bind(*primals, *(tangents[i] for i in wanted), step=push))
    return results, [
        next(found) if moves(y) else ad.Zero(_tangent(y)) for y in results
    ]


def _transpose(g: Sequence[Any], *operands: Any, step: Step) -> list[Any]:
    if step.first is None:
        raise InvalidArgument(
            "jax.linear_transpose was given a gg.interop.jax_function, of which JAX does not know "
            "that it is linear; expected one of JAX's own operations. Write jax.vjp(f, x)[1], "
            "which is the transpose of a linear f."
        )
    specs = step.describe([_aval(x) for x in operands]).specs
    g = [
        jnp.zeros(x.shape, x.dtype) if type(y) is ad.Zero else y
        for y, x in zip(g, specs, strict=True)
    ]
    first, count = step.first, len(operands)
    if step.transposed is not None:
        shares = applied.bind(*operands[:first], *g, step=step.transposed)
    else:                                           # where it is evaluated does not matter
        _, pull = step.derived(tuple(range(first, count)), count)
        zeros = [jnp.zeros(x.shape, x.dtype) for x in map(_aval, operands[first:])]
        shares = applied.bind(*operands[:first], *zeros, *g, step=pull)
    wanted = map(ad.is_undefined_primal, operands[first:])
    return [None] * first + [
        share if is_wanted else None for share, is_wanted in zip(shares, wanted, strict=True)
    ]


def _batch(
    operands: Sequence[Any], axes: Sequence[Any], *, step: Step
) -> tuple[list[Any], list[int]]:
    mapped = tuple(axis if isinstance(axis, int) else None for axis in axes)
    n = next(x.shape[axis] for x, axis in zip(operands, mapped, strict=True) if axis is not None)
    results: list[Any] = applied.bind(*operands, step=step.batched(mapped, n))
    return results, [0] * len(results)


def _aval(x: Any) -> Any:
    return x.aval if ad.is_undefined_primal(x) else x


def _tangent(y: Any) -> Any:
    """The kind of tangents of what has none."""
    return jax.core.ShapedArray(y.shape, jax.dtypes.float0)


applied.def_impl(_impl)
applied.def_abstract_eval(_abstract)
ad.primitive_jvps[applied] = _jvp
ad.primitive_transposes[applied] = _transpose
batching.primitive_batchers[applied] = _batch
mlir.register_lowering(applied, mlir.lower_fun(_lowered, multiple_results=True))
