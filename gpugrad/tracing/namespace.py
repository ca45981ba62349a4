"""The tracing namespace: the array library that forwards and rules see while they are traced.

Each primitive computes with the base namespace and notes a step. What is made of several
primitives, such as softmax, is noted as these; what no engine knows becomes an opaque step, which
calls the base namespace again when it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from math import prod

import numpy as np

from gpugrad.backends import WIDER, Array, Namespace, is_basic, kind_of, sliding
from gpugrad.backends.axes import counted, named, reduced
from gpugrad.backends.host_calls import HostFunction
from gpugrad.backends.standin import set_operators
from gpugrad.errors import UnsupportedOperand
from gpugrad.plan.primitive import CALLED, EFFECT
from gpugrad.plan.primitives import PRIMITIVES, SCALARS
from gpugrad.tracing import deferred
from gpugrad.tracing.elementwise_steps import elementwise, of_numbers
from gpugrad.tracing.opaque import (
    check_masks,
    host_call,
    like,
    opaque,
    opaque_method,
    template,
    unwrapped,
)
from gpugrad.tracing.standin_namespace import StandInNamespace
from gpugrad.tracing.tracer import Traced, active, user_line
from gpugrad.tracing.weak_numbers import as_traced, holds
from gpugrad.types import ArrayFunction, Axis, DType, DTypeLike, Key, Shape, Value


class TracingNamespace(StandInNamespace):
    """The primitives, over traced arrays; raw arrays among the operands are captured."""

    name = "tracing"

    def __init__(self) -> None:
        """The base namespace is that of the tracer at work."""

    def _base(self) -> Namespace:
        return active().base

    def _function(self, name: str) -> ArrayFunction:
        """As an opaque primitive."""
        return partial(opaque_method(name), self)

    # Arrays in and out

    def as_array(self, value: Value) -> Traced:
        return as_traced(value)

    def asarray(
        self,
        data: Array,
        dtype: DTypeLike | None = None,
        device: str | None = None,
        copy: bool | None = None,
    ) -> Array:
        if not isinstance(data, Traced):
            base = active().base
            if hasattr(data, "dtype"):
                data = self.as_array(data)
            else:
                return active().literal(base.to_numpy(base.asarray(data, dtype=dtype)))
        return self.astype(data, data.dtype if dtype is None else dtype)

    def scalar(self, value: Value, dtype: DTypeLike, like: Array) -> Traced:
        if isinstance(value, Traced):
            return self.astype(value, dtype)
        return active().literal(value, dtype)

    def scalar_dtype(self, arrays: Sequence[Array], numbers: Sequence[Value]) -> DType:
        plain = [x.weak(0) if isinstance(x, Traced) and x.weak else x for x in numbers]
        return active().base.scalar_dtype([like(x) for x in arrays], plain)

    def result_type(self, *operands: Value | DType) -> DType:
        return active().base.result_type(*map(like, operands))

    def one(self, like: Array) -> Traced:
        return active().literal(1, like.dtype)

    def quiet(self) -> AbstractContextManager[object]:
        return active().base.quiet()

    def device_of(self, x: Array) -> str:
        return active().base.device_of(like(x))

    def move(self, x: Array, *, device: str, home: str) -> Array:
        if device == home:
            return x
        raise UnsupportedOperand(
            f"{user_line()}: an array is moved from {home} to {device} in a function under gg.jit, "
            "whose plan runs on one device: move what it is given before the call."
        )

    def floating(self, x: Array) -> Array:
        return x if kind_of(x.dtype) in "fc" else self.astype(x, np.dtype("float64"))

    # Elementwise primitives; the others are set below

    def astype(self, x: Array, dtype: DTypeLike) -> Traced:
        tracer = active()
        x, dtype = tracer.traced(x), np.dtype(dtype)
        if x.dtype == dtype:
            return Traced(tracer, x.slot, x.value, None) if x.weak else x
        if x.weak is int and kind_of(dtype) in "iu" and not holds(dtype, x):
            return opaque("to_integer", (x, dtype), {})
        as_dtype = partial(tracer.base.astype, dtype=dtype)
        value = deferred.elementwise(tracer.base, as_dtype, (x.held,))
        return tracer.emit("astype", (x,), value, (("dtype", dtype),))

    def floor_divide(self, a: Array, b: Array) -> Array:
        return of_numbers("floor_divide", a, b)

    def remainder(self, a: Array, b: Array) -> Array:
        return of_numbers("remainder", a, b)

    def zeros_like(self, x: Array, dtype: DTypeLike | None = None) -> Traced:
        return self.full_like(x, 0, dtype)

    def ones_like(self, x: Array, dtype: DTypeLike | None = None) -> Traced:
        return self.full_like(x, 1, dtype)

    def full_like(self, x: Array, fill_value: Value, dtype: DTypeLike | None = None) -> Traced:
        return self.full(x.shape, fill_value, dtype=x.dtype if dtype is None else dtype)

    def full(
        self,
        shape: int | Shape,
        fill_value: Value,
        dtype: DTypeLike | None = None,
        device: str | None = None,
    ) -> Traced:
        if isinstance(fill_value, Traced):
            number = fill_value if dtype is None else self.astype(fill_value, dtype)
        else:
            number = active().literal(fill_value, dtype)
        filled = self.broadcast_to(number, (shape,) if isinstance(shape, int) else tuple(shape))
        # With memory of its own, as outside of a trace: in this order its views lie.
        return Traced(filled.tracer, filled.slot, active().base.copy(filled.value), filled.weak)

    def zeros(
        self, shape: int | Shape, dtype: DTypeLike | None = None, device: str | None = None
    ) -> Traced:
        return self.full(shape, 0, dtype=np.float64 if dtype is None else dtype)

    empty = zeros                                   # a plan has no memory that nothing wrote

    def ones(
        self, shape: int | Shape, dtype: DTypeLike | None = None, device: str | None = None
    ) -> Traced:
        return self.full(shape, 1, dtype=np.float64 if dtype is None else dtype)

    def sigmoid(self, x: Array) -> Array:
        return super().sigmoid(x) if kind_of(x.dtype) == "c" else _sigmoid(self, x)

    def tanh_slope(self, x: Array) -> Array:
        return super().tanh_slope(x) if kind_of(x.dtype) == "c" else _tanh_slope(self, x)

    def reciprocal(self, x: Array) -> Array:
        if kind_of(x.dtype) == "f":
            return self.divide(1, x)
        return opaque("reciprocal", (x,), {})      # of 0 as an integer: whatever the library has

    # Reductions

    def sum(
        self, x: Array, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike | None = None
    ) -> Array:
        if dtype is not None:
            x = self.astype(x, dtype)
        wider = WIDER[x.dtype]
        if wider is not None:
            return self.astype(self.sum(self.astype(x, wider), axis, keepdims), x.dtype)
        return _reduction("sum", x, axis, keepdims)

    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        wider = WIDER[x.dtype]
        if wider is not None:
            return self.astype(self.mean(self.astype(x, wider), axis, keepdims), x.dtype)
        if kind_of(x.dtype) == "c":                 # as a step of its own: a part may be NaN
            return opaque("mean", (x,), {"axis": axis, "keepdims": keepdims})
        count = prod(x.shape[i] for i in reduced(axis, x.ndim))
        return self.divide(self.sum(self.floating(x), axis, keepdims), count)

    def var(
        self, x: Array, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
    ) -> Array:
        if kind_of(x.dtype) == "c":
            settings = {"axis": axis, "correction": correction, "keepdims": keepdims}
            return opaque("var", (x,), settings)
        x = self.floating(x)
        centred = self.subtract(x, self.mean(x, axis, keepdims=True))
        count = prod(x.shape[i] for i in reduced(axis, x.ndim))
        total = self.sum(self.square(centred), axis, keepdims)
        return self.divide(total, max(count - correction, 0))

    # On the CPU, a look at the sum of squares saves the passes that keep it in range; a GPU is not
    # waited for.

    def euclidean_norm(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        if active().base.load_kernel is not None:
            return super().euclidean_norm(x, axis=axis, keepdims=keepdims)
        return opaque("euclidean_norm", (x,), {"axis": axis, "keepdims": keepdims})

    def unit_vector(self, x: Array, axis: Axis = None) -> Array:
        if active().base.load_kernel is not None:
            return super().unit_vector(x, axis=axis)
        return opaque("unit_vector", (x,), {"axis": axis})

    # Contractions

    def batched_correlation(self, x: Array, w: Array, **settings: object) -> Array:
        return _correlation("batched_correlation", (x, w), settings)

    def biased_correlation(self, x: Array, w: Array, bias: Array, **settings: object) -> Array:
        return _correlation("biased_correlation", (x, w, bias), settings)

    def correlation_inputs(self, g: Array, w: Array, **settings: object) -> Array:
        return _correlation("correlation_inputs", (g, w), settings)

    def correlation_weights(self, x: Array, g: Array, **settings: object) -> Array:
        return _correlation("correlation_weights", (x, g), settings)

    def matmul(self, a: Array, b: Array) -> Traced:
        tracer = active()
        a, b = tracer.traced(a), tracer.traced(b)
        value = tracer.base.as_array(tracer.base.matmul(a.value, b.value))
        wider = WIDER[value.dtype]
        if wider is not None and tracer.base.load_kernel is None:       # as the namespace computes
            found = self.matmul(self.astype(a, wider), self.astype(b, wider))
            return self.astype(found, value.dtype)
        if a.dtype != b.dtype:
            a, b = self.astype(a, value.dtype), self.astype(b, value.dtype)
        return tracer.emit("matmul", (a, b), value)

    # Movement

    def reshape(self, x: Array, shape: int | Shape) -> Traced:
        tracer = active()
        x = tracer.traced(x)
        value = tracer.base.reshape(x.value, shape)
        if value.shape == x.shape:
            return x
        return tracer.emit("reshape", (x,), value, (("shape", tuple(value.shape)),))

    def expand_dims(self, x: Array, axis: int = 0) -> Array:
        return self.reshape(x, active().base.expand_dims(like(x), axis=axis).shape)

    def squeeze(self, x: Array, axis: Axis) -> Array:
        return self.reshape(x, active().base.squeeze(like(x), axis=axis).shape)

    def permute_dims(self, x: Array, axes: Sequence[int]) -> Traced:
        tracer = active()
        x = tracer.traced(x)
        axes = named(tuple(axes), x.ndim)
        value = tracer.base.permute_dims(x.value, axes)
        return tracer.emit("permute_dims", (x,), value, (("axes", axes),))

    def matrix_transpose(self, x: Array) -> Array:
        n = len(x.shape)
        if n < 2:                                   # the base namespace says what is wrong
            return active().base.matrix_transpose(like(x))
        return self.permute_dims(x, (*range(n - 2), n - 1, n - 2))

    def broadcast_to(self, x: Array, shape: Shape) -> Traced:
        tracer = active()
        shape, traced = tuple(shape), tracer.traced(x)
        if traced.shape == shape:
            return traced
        value = tracer.base.module.broadcast_to(traced.value, shape)
        return tracer.emit("broadcast_to", (traced,), value, (("shape", shape),))

    def stack(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        axis = counted(axis, len(arrays[0].shape) + 1)
        return self.concat([self.expand_dims(x, axis) for x in arrays], axis=axis)

    def concat(self, arrays: Sequence[Array], axis: int | None = 0) -> Array:
        tracer = active()
        traced = [tracer.traced(x) for x in arrays]
        if axis is None:
            axis, traced = 0, [self.reshape(x, (-1,)) for x in traced]
        value = tracer.base.concat([x.value for x in traced], axis=axis)
        traced = [self.astype(x, value.dtype) for x in traced]
        return tracer.emit("concat", tuple(traced), value, (("axis", axis % value.ndim),))

    def tril(self, x: Array, k: int = 0) -> Array:
        return self._where_columns("less_equal", x, k)

    def triu(self, x: Array, k: int = 0) -> Array:
        return self._where_columns("greater_equal", x, k)

    def _where_columns(self, compare: str, x: Array, k: int) -> Array:
        """`x`, and 0 where the number of a column does not compare so with that of its diagonal."""
        base, (rows, columns) = active().base, x.shape[-2:]
        diagonal = base.expand_dims(base.arange(rows) + k, axis=-1)
        inside = getattr(self, compare)(base.arange(columns), diagonal)
        return self.where(inside, x, self.zeros_like(x))

    # Indexing

    def getitem(self, x: Array, key: Key) -> Array:
        tracer = active()
        if not is_basic(key):
            check_masks(key)
            return opaque("getitem", (x, key), {})
        x = tracer.traced(x)
        value = tracer.base.as_array(tracer.base.getitem(x.value, key))
        return tracer.emit("slice", (x,), value, (("key", key),))

    def add_at(self, owned: Array, key: Key, x: Array | complex) -> Array:
        return _update("add_at", owned, key, x)

    def set_at(self, owned: Array, key: Key, x: Array | complex) -> Array:
        return _update("set_at", owned, key, x)

    def overlap_add(self, x: Array, **settings: int) -> Array:
        # On the CPU, writes into parts of one array are fewer passes than a sum of many arrays; on
        # a GPU they would cut its graph in pieces.
        of_gpu = active().base.load_kernel is not None
        return (sliding.overlap_sum if of_gpu else sliding.overlap_add)(self, x, **settings)

    def host_call(self, function: HostFunction, *operands: Array) -> tuple[Array, ...]:
        return host_call(function, operands)

    # Of several primitives elsewhere; here each is one, because engines do better

    def nll(self, log_probs: Array, labels: Array) -> Array:
        tracer = active()
        log_probs, labels = tracer.traced(log_probs), tracer.traced(labels)
        value = tracer.base.nll(log_probs.value, labels.value)
        # A step of its own, because it stays also where nobody needs the losses.
        tracer.emit_several("check_labels", (labels,), (), (("n", log_probs.shape[-1]),))
        return tracer.emit("nll", (log_probs, labels), tracer.base.as_array(value))

    def one_hot(self, labels: Array, n: int, dtype: DTypeLike) -> Array:
        tracer = active()
        labels, dtype = tracer.traced(labels), np.dtype(dtype)
        value = tracer.base.one_hot(labels.value, n, dtype)
        return tracer.emit("one_hot", (labels,), value, (("n", n), ("dtype", dtype)))


def _correlation(name: str, arrays: tuple[Array, ...], settings: dict[str, object]) -> Array:
    """On the CPU one step: columns of windows would take more memory than all else.

    On a GPU, where a call would cut its graph in pieces, of several primitives.
    """
    if active().base.load_kernel is None:
        return opaque(name, arrays, settings)
    composed: ArrayFunction = getattr(Namespace, name)
    return composed(namespace, *arrays, **settings)


def _update(name: str, owned: Array, key: Key, x: Value) -> Traced:
    """`owned` changed at `key`: a new array, as far as the plan knows."""
    tracer = active()
    owned = tracer.traced(owned)
    x = tracer.traced(x) if hasattr(x, "shape") else tracer.literal(x, owned.dtype)
    operands = [owned, x]
    given = template(key, tracer, operands)
    # Whoever gives up a buffer that was made here can do without the copy: a loop stays linear.
    buffer = owned.value if owned.slot in tracer.buffers else tracer.base.copy(owned.value)
    value = getattr(tracer.base, name)(buffer, unwrapped(key), x.value)
    result = tracer.emit(name, tuple(operands), value, (("key", given),))
    tracer.buffers.add(result.slot)
    return result


def _reduction(name: str, x: Array, axis: Axis, keepdims: bool) -> Traced:
    tracer = active()
    x = tracer.traced(x)
    axes, base = tuple(sorted(reduced(axis, x.ndim))), tracer.base
    if type(x.held) is deferred.Deferred:
        value = base.as_array(x.held.reduced(name, axes, keepdims))
    else:
        value = base.as_array(getattr(base, name)(x.held, axis=axis, keepdims=keepdims))
    settings = (("axes", axes), ("keepdims", bool(keepdims)))
    return tracer.emit(name, (x,), value, settings)


def _reduction_method(name: str) -> Callable[..., Traced]:
    def method(
        self: TracingNamespace, x: Array, axis: Axis = None, keepdims: bool = False
    ) -> Traced:
        return _reduction(name, x, axis, keepdims)

    method.__name__ = name
    return method


_tanh_slope = elementwise("tanh_slope", SCALARS["tanh_slope"])
_sigmoid = elementwise("sigmoid", SCALARS["sigmoid"])

for _name, _row in PRIMITIVES.items():
    if _name in vars(TracingNamespace):
        continue
    if _row.scalar is not None:
        setattr(TracingNamespace, _name, elementwise(_name, _row.scalar))
    elif _row.reduction is not None:
        setattr(TracingNamespace, _name, _reduction_method(_name))
    elif _row.kind in (CALLED, EFFECT):
        setattr(TracingNamespace, _name, opaque_method(_name))

namespace = Traced.home = TracingNamespace()

set_operators(Traced, namespace)
