"""The batching namespace: the primitives over batched arrays and others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from math import prod
from typing import Any, NoReturn

from gpugrad.backends import (
    Array,
    Batched,
    Namespace,
    around_mask,
    default,
    is_basic,
    is_mask,
    is_numpy_scalar,
    kind_of,
    shape_for_all_hits,
)
from gpugrad.backends.axes import counted, named, reduced
from gpugrad.backends.batched import Level
from gpugrad.backends.collectives import Collective
from gpugrad.backends.host_calls import HostFunction
from gpugrad.backends.standin import StandIn, set_operators
from gpugrad.errors import InvalidArgument
from gpugrad.plan.primitive import (
    ALONG_AXIS,
    BY_BROADCAST,
    BY_MATRIX,
    OF_RANDOM_KEYS,
    OVER_AXES,
    PART_BY_PART,
)
from gpugrad.plan.primitives import PRIMITIVES
from gpugrad.tracing.batching import diagonals, keys, kinds
from gpugrad.tracing.batching.batch_operands import (
    aligned,
    below,
    full,
    is_of_later,
    level_of,
    lowered,
    mapped,
    repeated,
    rows_times,
    same_for_all,
    varies,
)
from gpugrad.tracing.batching.correlated_parts import correlated
from gpugrad.tracing.held_effects import check_effect
from gpugrad.tracing.standin_namespace import StandInNamespace
from gpugrad.types import ArrayFunction, Axis, DType, DTypeLike, Key, Shape, Value, View


class BatchingNamespace(StandInNamespace):
    """The primitives, over batched arrays and others, which are the same for all parts."""

    name = "batching"

    def __init__(self) -> None:
        """The namespaces below are those of the operands."""

    def _base(self) -> Namespace:
        return default()

    def _function(self, name: str) -> ArrayFunction:
        """Run part by part."""
        method = _method(name, kinds.each)
        setattr(BatchingNamespace, name, method)    # kept from now on
        bound: ArrayFunction = getattr(self, name)
        return bound

    # Arrays in and out

    def as_array(self, value: Value) -> Array:
        if isinstance(value, Batched):
            return value
        return below(() if is_numpy_scalar(value) else (value,)).as_array(value)

    def asarray(
        self,
        data: Array,
        dtype: DTypeLike | None = None,
        device: str | None = None,
        copy: bool | None = None,
    ) -> Array:
        if not isinstance(data, Batched):
            return below(()).asarray(data, dtype=dtype)
        return data if dtype is None else self.astype(data, dtype)

    def scalar(self, value: Value, dtype: DTypeLike, like: Array) -> Array:
        like = lowered(like)
        return below((like,)).scalar(value, dtype, like)

    def scalar_dtype(self, arrays: Sequence[Array], numbers: Sequence[Value]) -> DType:
        values = [lowered(x) for x in arrays]
        return below(values).scalar_dtype(values, numbers)

    def result_type(self, *operands: Array) -> DType:
        values = [lowered(x) for x in operands]
        return below(values).result_type(*values)

    def to_numpy(self, x: Array) -> NoReturn:
        raise x.refusal("a look at the values")  # type: ignore[attr-defined]  # it is batched

    def device_of(self, x: Array) -> str:
        value = lowered(x)
        return below((value,)).device_of(value)

    def move(self, x: Array, *, device: str, home: str) -> Array:
        return mapped(x, lambda v, xp: xp.move(v, device=device, home=home))

    def one(self, like: Array) -> Array:
        return self.ones_like(like)

    def quiet(self) -> AbstractContextManager[object]:
        return default().quiet()

    def noting(self) -> AbstractContextManager[list[str]]:
        return default().noting()

    def floating(self, x: Array) -> Array:
        return x if kind_of(x.dtype) in "fc" else self.astype(x, default().float64)

    def astype(self, x: Array, dtype: DTypeLike) -> Array:
        if isinstance(x, Batched) and x.weights is not None:
            return diagonals.converted(x, dtype)
        return mapped(x, lambda v, xp: xp.astype(v, dtype))

    def lambertw(self, x: Array, k: int) -> Array:
        return mapped(x, lambda v, xp: xp.lambertw(v, k))

    def polygamma(self, x: Array, n: int) -> Array:
        return mapped(x, lambda v, xp: xp.polygamma(v, n))

    def copy(self, x: Array) -> Array:
        return mapped(x, lambda v, xp: xp.copy(v))

    def zeros_like(self, x: Array, dtype: DTypeLike | None = None) -> Array:
        return mapped(x, lambda v, xp: xp.zeros_like(v, dtype=dtype))

    empty_like = zeros_like

    def ones_like(self, x: Array, dtype: DTypeLike | None = None) -> Array:
        return mapped(x, lambda v, xp: xp.ones_like(v, dtype=dtype))

    def full_like(self, x: Array, fill_value: Value, dtype: DTypeLike | None = None) -> Array:
        return mapped(x, lambda v, xp: xp.full_like(v, fill_value, dtype=dtype))

    def zeros(
        self, shape: int | Shape, dtype: DTypeLike | None = None, device: str | None = None
    ) -> Array:
        return below(()).zeros(shape, dtype=dtype)

    def ones(
        self, shape: int | Shape, dtype: DTypeLike | None = None, device: str | None = None
    ) -> Array:
        return below(()).ones(shape, dtype=dtype)

    def full(
        self,
        shape: int | Shape,
        fill_value: Value,
        dtype: DTypeLike | None = None,
        device: str | None = None,
    ) -> Array:
        return below(()).full(shape, fill_value, dtype=dtype)

    def arange(
        self, *bounds: float, dtype: DTypeLike | None = None, device: str | None = None
    ) -> Array:
        return below(()).arange(*bounds, dtype=dtype)

    def isdtype(
        self, dtype: DTypeLike, kind: object
    ) -> bool:
        return default().isdtype(dtype, kind)

    def all_parts(self, x: Batched) -> Array:
        """All parts of a diagonal batch."""
        return diagonals.all_parts(x)

    # Into a batch and out of it. A batch that began later stays the outer one, also where a sweep
    # in it goes through the graph of one that has ended.

    def batch_enter(self, x: Array, level: Level, axis: int) -> Array:
        if is_of_later(x, level):
            return mapped(x, lambda v, xp: xp.batch_enter(v, level, axis + 1))
        return super().batch_enter(x, level, axis)

    def batch_spread(self, x: Array, level: Level) -> Array:
        if is_of_later(x, level):
            return mapped(x, lambda v, xp: xp.batch_spread(v, level))
        return super().batch_spread(x, level)

    def batch_leave(self, x: Array, level: Level, axis: int) -> Array:
        if is_of_later(x, level):
            return mapped(x, lambda v, xp: xp.batch_leave(v, level, axis + 1))
        if not isinstance(x, Batched) or x.level is not level:
            return super().batch_leave(x, level, axis)
        value = repeated(x.value, level.n)
        order = list(range(1, len(value.shape)))
        order.insert(axis, 0)
        return below((value,)).permute_dims(value, tuple(order))

    def batch_sum(self, x: Array, level: Level) -> Array:
        if is_of_later(x, level):
            return mapped(x, lambda v, xp: xp.batch_sum(v, level))
        if not isinstance(x, Batched) or x.level is not level:
            return super().batch_sum(x, level)
        total = below((x.value,)).sum(x.value, axis=0)
        return total if x.value.shape[0] == level.n else total * level.n

    # Movement

    def reshape(self, x: Array, shape: int | Shape) -> Array:
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        if -1 in shape and isinstance(x, Batched):  # the length of the batch must not be guessed
            known = prod(n for n in shape if n != -1)
            shape = tuple(x.size // max(known, 1) if n == -1 else n for n in shape)
        if isinstance(x, Batched) and x.weights is not None:
            return diagonals.reshaped(x, shape)
        return mapped(
            x, lambda v, xp: xp.reshape(v, (v.shape[0], *shape)), lambda v, xp: xp.reshape(v, shape)
        )

    def permute_dims(self, x: Array, axes: Sequence[int]) -> Array:
        order = named(tuple(axes), len(x.shape))
        return mapped(
            x,
            lambda v, xp: xp.permute_dims(v, (0, *(a + 1 for a in order))),
            lambda v, xp: xp.permute_dims(v, order),
        )

    def matrix_transpose(self, x: Array) -> Array:
        n = len(x.shape)
        return self.permute_dims(x, (*range(n - 2), n - 1, n - 2))

    def broadcast_to(self, x: Array, shape: Shape) -> Array:
        shape, lacking = tuple(shape), len(shape) - len(x.shape)

        def batch(v: Array, xp: Namespace) -> Array:
            v = xp.reshape(v, (v.shape[0], *(1,) * lacking, *v.shape[1:]))
            return xp.broadcast_to(v, (v.shape[0], *shape))

        return mapped(x, batch, lambda v, xp: xp.broadcast_to(v, shape))

    def expand_dims(self, x: Array, axis: int = 0) -> Array:
        axis = counted(axis, len(x.shape) + 1)
        return self.reshape(x, (*x.shape[:axis], 1, *x.shape[axis:]))

    def squeeze(self, x: Array, axis: int | Shape) -> Array:
        gone = reduced(axis, len(x.shape))
        return self.reshape(x, tuple(n for i, n in enumerate(x.shape) if i not in gone))

    def concat(self, arrays: Sequence[Array], axis: int | None = 0) -> Array:
        if axis is None:
            axis, arrays = 0, [self.reshape(x, (-1,)) for x in arrays]
        return kinds.side_by_side("concat", arrays, counted(axis, len(arrays[0].shape)))

    def stack(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return kinds.side_by_side("stack", arrays, counted(axis, len(arrays[0].shape) + 1))

    def flip(self, x: Array, axis: Axis = None) -> Array:
        axes = named(axis, len(x.shape))
        return mapped(
            x,
            lambda v, xp: xp.flip(v, axis=tuple(a + 1 for a in axes)),
            lambda v, xp: xp.flip(v, axis=axes),
        )

    def roll(self, x: Array, shift: int | Shape, axis: Axis = None) -> Array:
        if axis is None:
            return self.reshape(self.roll(self.reshape(x, (-1,)), shift, 0), x.shape)
        axes = axis if isinstance(axis, tuple) else (axis,)     # one may be named twice
        axes = tuple(counted(a, len(x.shape)) for a in axes)
        shifts = shift if isinstance(shift, tuple) else (shift,) * len(axes)
        return mapped(
            x,
            lambda v, xp: xp.roll(v, shifts, axis=tuple(a + 1 for a in axes)),
            lambda v, xp: xp.roll(v, shifts, axis=axes),
        )

    # Reductions to a place

    def argmax(self, x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
        return self._place("argmax", x, axis, keepdims)

    def argmin(self, x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
        return self._place("argmin", x, axis, keepdims)

    def _place(self, name: str, x: Array, axis: int | None, keepdims: bool) -> Array:
        if axis is None or not reduced(axis, len(x.shape)):
            found = self._place(name, self.reshape(x, (-1,)), 0, False)
            return self.reshape(found, (1,) * len(x.shape)) if keepdims else found
        axis = counted(axis, len(x.shape))
        return mapped(
            x,
            lambda v, xp: getattr(xp, name)(v, axis=axis + 1, keepdims=keepdims),
            lambda v, xp: getattr(xp, name)(v, axis=axis, keepdims=keepdims),
        )

    # Along axes that stay

    def unit_vector(self, x: Array, axis: Axis = None) -> Array:
        return self._along_kept("unit_vector", x, axis)

    def root_mean_square(self, x: Array, axis: Axis, eps: float) -> Array:
        return self._along_kept("root_mean_square", x, axis, eps=eps)

    def _along_kept(self, name: str, x: Array, axis: Axis, **settings: object) -> Array:
        axes = reduced(axis, len(x.shape))
        return mapped(
            x,
            lambda v, xp: getattr(xp, name)(v, axis=tuple(a + 1 for a in axes), **settings),
            lambda v, xp: getattr(xp, name)(v, axis=axes, **settings),
        )

    # Products

    def matmul(self, a: Array, b: Array) -> Array:
        level = level_of((a, b))
        if level is None:
            return below((a, b)).matmul(a, b)
        if () in (a.shape, b.shape):
            raise InvalidArgument(
                f"matmul: the operands have shapes {a.shape} and {b.shape} in each part; expected "
                "vectors or matrices. Write * for a product with a number."
            )
        if len(a.shape) == 1:
            product = self.matmul(self.expand_dims(a, 0), b)
            rest = product.shape[-1:] if len(b.shape) > 1 else ()
            return self.reshape(product, (*product.shape[: -1 - len(rest)], *rest))
        if len(b.shape) == 1:
            product = self.matmul(a, self.expand_dims(b, 1))
            return self.reshape(product, product.shape[:-1])
        if level.units and (found := diagonals.product(a, b, level)) is not None:
            return found
        if varies(a, level) and len(b.shape) == 2 and not varies(b, level):
            return Batched(rows_times(a.value, same_for_all(b, level)), level)
        if varies(b, level) and len(a.shape) == 2 and not varies(a, level) and b.shape[-1] == 1:
            turned = self.matrix_transpose(a)
            rows = self.matmul(self.reshape(b, (*b.shape[:-2], 1, b.shape[-2])), turned)
            return self.reshape(rows, (*rows.shape[:-2], rows.shape[-1], 1))
        return kinds.broadcasting("matmul", a, b)

    def batched_correlation(self, x: Array, w: Array, **settings: Any) -> Array:
        return correlated("batched_correlation", x, w, **settings)

    def correlation_inputs(self, g: Array, w: Array, **settings: Any) -> Array:
        return correlated("correlation_inputs", g, w, **settings)

    def correlation_weights(self, x: Array, g: Array, **settings: Any) -> Array:
        return correlated("correlation_weights", x, g, **settings)

    def solve(self, a: Array, b: Array) -> Array:
        return self._solved("solve", a, b)

    def solve_triangular(self, a: Array, b: Array, lower: bool, unit_diagonal: bool) -> Array:
        return self._solved("solve_triangular", a, b, lower=lower, unit_diagonal=unit_diagonal)

    def _solved(self, name: str, a: Array, b: Array, **settings: object) -> Array:
        if len(b.shape) == 1:                       # with the batch it would be taken for a matrix
            found = self._solved(name, a, self.expand_dims(b, 1), **settings)
            return self.reshape(found, found.shape[:-1])
        return kinds.broadcasting(name, a, b, **settings)

    # Indexing

    def getitem(self, x: Array, key: Key) -> Array:
        level = level_of((x, *key))
        if level is None:
            return below((x, *key)).getitem(x, key)
        if is_basic(key):
            return mapped(x, lambda v, xp: xp.getitem(v, (slice(None), *key)))
        turned, places, back, _ = keys.turned(x, key, level)
        found = below((turned, *places)).getitem(turned, places)
        xp = below((found,))
        return Batched(xp.permute_dims(found, back), level)

    def add_at(self, owned: Array, key: Key, x: Array) -> Array:
        return self._updated("add_at", owned, key, x)

    def set_at(self, owned: Array, key: Key, x: Value) -> Array:
        return self._updated("set_at", owned, key, x)

    def _updated(self, name: str, owned: Array, key: Key, x: Any) -> Array:
        key = key if isinstance(key, tuple) else (key,)
        level = level_of((owned, x, *key))
        if level is None:
            update: ArrayFunction = getattr(below((owned, x)), name)
            return update(owned, key, x)
        whole = full(owned, level)
        if is_basic(key):
            rank = len(below((whole,)).getitem(whole, (slice(None), *key)).shape) - 1
            given = aligned(self._shorter(x, rank), level, rank) if hasattr(x, "shape") else x
            xp = below((whole, given))
            return Batched(getattr(xp, name)(xp.copy(whole), (slice(None), *key), given), level)
        masks = [part for part in key if is_mask(part)]
        if masks and (not getattr(x, "shape", ()) or any(isinstance(m, StandIn) for m in masks)):
            return self._masked(name, owned, key, x)
        turned, places, back, order = keys.turned(Batched(whole, level), key, level)
        if hasattr(x, "shape"):
            shape = keys.indexed_shape(turned, places, back)
            given = full(self.broadcast_to(self._shorter(x, len(shape)), shape), level)
            turn = tuple(back.index(i) for i in range(len(back)))
            x = below((given,)).permute_dims(given, turn)
        xp = below((turned, *places, x))
        changed = getattr(xp, name)(xp.copy(turned), places, x)
        home = tuple(order.index(i) for i in range(len(order)))
        return Batched(xp.reshape(xp.permute_dims(changed, home), whole.shape), level)

    def _shorter(self, x: Array, rank: int) -> Array:
        """A value without axes of length 1 in front that are too many, which a write ignores."""
        more = len(x.shape) - rank
        if more > 0 and set(x.shape[:more]) == {1}:
            return self.reshape(x, x.shape[more:])
        return x

    def _masked(self, name: str, owned: Array, key: Key, x: Array) -> Array:
        """A write to where one mask says, whose hits need not be counted."""
        found = around_mask(key, len(owned.shape))
        if found is None:
            raise keys.other_hits()
        basic, mask, _, behind = found
        part = self.getitem(owned, basic)
        shape = shape_for_all_hits(getattr(x, "shape", ()), key, len(mask.shape), behind)
        if shape is None:
            raise keys.other_values(x.shape)
        value = self.reshape(x, shape) if shape else x
        mask = self.reshape(mask, (*mask.shape, *(1,) * behind))
        changed = self.add(part, value) if name == "add_at" else value
        return self.set_at(owned, basic, self.astype(self.where(mask, changed, part), owned.dtype))

    def scatter_add(self, g: Array, key: Key, shape: Shape) -> Array:
        zeros = below((lowered(g),)).zeros(shape, dtype=g.dtype)
        return self.add_at(zeros, key, g)

    def clear_at(self, g: Array, key: Key) -> Array:
        return self.set_at(g, key, 0)

    def clear_in_view(self, g: Array, key: Key, *, views: tuple[View, ...]) -> Array:
        return self.write_in_view(g, views, key, 0)

    def of_parts(self, real: Array, imag: Array) -> Array:
        return kinds.broadcasting("of_parts", real, imag)

    def take_along_axis(self, x: Array, indices: Array, axis: int = -1) -> Array:
        level = level_of((x, indices))
        rank = len(indices.shape)
        axis = counted(axis, rank) + (level is not None)
        values = [aligned(v, level, rank) if level else v for v in (x, indices)]
        if level is not None:                       # the library may not broadcast these
            n = max(v.shape[0] for v in values)
            values = [repeated(v, n) for v in values]
        found = below(values).take_along_axis(*values, axis=axis)
        return found if level is None else Batched(found, level)

    def communicate(self, x: Array, call: Collective) -> Array:
        check_effect("communicate")
        return mapped(x, lambda v, xp: xp.communicate(v, call=call))

    def host_call(self, function: HostFunction, *operands: Array) -> tuple[Array, ...]:
        return self._of_host("host_call", function, operands)

    def host_effect(self, function: HostFunction, *operands: Array) -> tuple[Array, ...]:
        check_effect("host_effect")
        return self._of_host("host_effect", function, operands)

    def _of_host(
        self, name: str, function: HostFunction, operands: tuple[Array, ...]
    ) -> tuple[Array, ...]:
        """Once for all parts where the function takes a batch, else once for each."""
        level = level_of(operands)
        if level is None or not function.vectorized:
            return _several(kinds.each(name, function, *operands))  # type: ignore[arg-type]
        values = [full(x, level) for x in operands]
        call = getattr(below(values), name)
        made = _several(call(function.batched(level.n), *values))
        return tuple(Batched(y, level) for y in made)

    def inverse_take(self, x: Array, order: Array, axis: int) -> Array:
        level = level_of((x, order))
        if level is None:
            return below((x, order)).inverse_take(x, order, axis=axis)
        axis = counted(axis, len(x.shape)) + 1
        x, order = (full(v, level) for v in (x, order))
        return Batched(below((x, order)).inverse_take(x, order, axis=axis), level)

    def add_along_axis(self, x: Array, indices: Array, axis: int, shape: Shape) -> Array:
        level = level_of((x, indices))
        if level is None:
            return below((x, indices)).add_along_axis(x, indices, axis=axis, shape=shape)
        x, indices = (full(v, level) for v in (x, indices))
        whole = (level.n, *shape)
        found = below((x, indices)).add_along_axis(x, indices, axis % len(shape) + 1, whole)
        return Batched(found, level)


def _several(results: object) -> tuple[Array, ...]:
    """The results of an effect, of which there may be one or none, as a tuple."""
    return results if isinstance(results, tuple) else () if results is None else (results,)


def _method(name: str, kind: Callable[..., object]) -> Callable[..., object]:
    def method(self: BatchingNamespace, *args: object, **kwargs: object) -> object:
        return kind(name, *args, **kwargs)

    method.__name__ = name
    return method


_KINDS: dict[str, Callable[..., object]] = {
    BY_BROADCAST: kinds.broadcasting,
    OVER_AXES: kinds.reduction,
    ALONG_AXIS: kinds.along,
    BY_MATRIX: kinds.matrices,
    OF_RANDOM_KEYS: kinds.of_keys,
    PART_BY_PART: kinds.each,
}

for _name, _row in PRIMITIVES.items():
    if _row.batching and _name not in vars(BatchingNamespace):
        setattr(BatchingNamespace, _name, _method(_name, _KINDS[_row.batching]))

namespace = Batched.home = BatchingNamespace()

set_operators(Batched, namespace)
