"""The tracing namespace: the array library that forwards and rules see while they are traced.

Each primitive computes with the base namespace and notes a step. What is made of several
primitives, such as softmax, is noted as these; what no engine knows becomes an opaque step, which
calls the base namespace again when it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from math import prod
from typing import Any, TypeVar

import numpy as np

from gpugrad.backends import Array, Namespace, is_basic, kind_of, sliding
from gpugrad.backends.axes import counted, named, reduced
from gpugrad.backends.integers import ALL, ARITHMETIC
from gpugrad.backends.standin import set_operators
from gpugrad.errors import ImpureFunction, TrackedConversion, UnsupportedOperand
from gpugrad.plan.plan import Operand, Settings
from gpugrad.plan.primitive import CALLED, EFFECT, Primitive, Scalar
from gpugrad.plan.primitives import PRIMITIVES, SCALARS
from gpugrad.tracing import integer_ranges
from gpugrad.tracing.held_effects import check_effect, stand_ins
from gpugrad.tracing.tracer import Traced, Tracer, active, user_line, weak_type
from gpugrad.types import ArrayFunction, Axis, DType, DTypeLike, Key, Shape, Value

V = TypeVar("V")

_NUMBERS = (bool, int, float, complex)


class TracingNamespace(Namespace):
    """The primitives, over traced arrays; raw arrays among the operands are captured."""

    name = "tracing"

    def __init__(self) -> None:
        """The base namespace is that of the tracer at work."""

    def __getattr__(self, name: str) -> ArrayFunction:
        """A dtype or constant of the base namespace, or a function as an opaque primitive."""
        if name == "module":
            return self  # type: ignore[return-value]  # whose functions the inherited extras call
        found = getattr(active().base, name)
        if not callable(found) or isinstance(found, type):
            return found  # type: ignore[no-any-return]
        return partial(_opaque_method(name), self)

    # Arrays in and out

    def as_array(self, value: Value) -> Traced:
        if type(value) in _NUMBERS:
            return _cast_weak(value, np.asarray(value).dtype)
        return active().traced(value)

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
        return active().base.scalar_dtype([_value(x) for x in arrays], plain)

    def result_type(self, *operands: Value | DType) -> DType:
        return active().base.result_type(*map(_value, operands))

    def one(self, like: Array) -> Traced:
        return active().literal(1, like.dtype)

    def quiet(self) -> AbstractContextManager[Any]:
        return active().base.quiet()

    def device_of(self, x: Array) -> str:
        return active().base.device_of(_value(x))

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
        if x.weak is int and kind_of(dtype) in "iu" and not _holds(dtype, x):
            return _opaque("to_integer", (x, dtype), {})
        value = tracer.base.astype(x.value, dtype)
        return tracer.emit("astype", (x,), value, (("dtype", dtype),))

    def add_into(self, owned: Array, x: Array) -> Array:
        return self.add(owned, x)

    def pow(self, a: Array, b: Array) -> Array:
        return self.power(a, b)

    def floor_divide(self, a: Array, b: Array) -> Array:
        return _of_numbers("floor_divide", a, b)

    def remainder(self, a: Array, b: Array) -> Array:
        return _of_numbers("remainder", a, b)

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
        return _opaque("reciprocal", (x,), {})      # of 0 as an integer: whatever the library has

    # Reductions

    def sum(
        self, x: Array, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike | None = None
    ) -> Array:
        if dtype is not None:
            x = self.astype(x, dtype)
        if x.dtype == np.float16:
            wide = self.astype(x, np.float32)
            return self.astype(self.sum(wide, axis, keepdims), np.float16)
        return _reduction("sum", x, axis, keepdims)

    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        if x.dtype == np.float16:
            wide = self.astype(x, np.float32)
            return self.astype(self.mean(wide, axis, keepdims), np.float16)
        if kind_of(x.dtype) == "c":                 # as a step of its own: a part may be NaN
            return _opaque("mean", (x,), {"axis": axis, "keepdims": keepdims})
        count = prod(x.shape[i] for i in reduced(axis, x.ndim))
        return self.divide(self.sum(self.floating(x), axis, keepdims), count)

    # On the CPU, a look at the sum of squares saves the passes that keep it in range; a GPU is not
    # waited for.

    def euclidean_norm(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        if active().base.load_kernel is not None:
            return super().euclidean_norm(x, axis=axis, keepdims=keepdims)
        return _opaque("euclidean_norm", (x,), {"axis": axis, "keepdims": keepdims})

    def unit_vector(self, x: Array, axis: Axis = None) -> Array:
        if active().base.load_kernel is not None:
            return super().unit_vector(x, axis=axis)
        return _opaque("unit_vector", (x,), {"axis": axis})

    # Contractions

    def matmul(self, a: Array, b: Array) -> Traced:
        tracer = active()
        a, b = tracer.traced(a), tracer.traced(b)
        value = tracer.base.as_array(tracer.base.matmul(a.value, b.value))
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
        return self.reshape(x, active().base.expand_dims(_value(x), axis=axis).shape)

    def squeeze(self, x: Array, axis: Axis) -> Array:
        return self.reshape(x, active().base.squeeze(_value(x), axis=axis).shape)

    def permute_dims(self, x: Array, axes: Sequence[int]) -> Traced:
        tracer = active()
        x = tracer.traced(x)
        axes = named(tuple(axes), x.ndim)
        value = tracer.base.permute_dims(x.value, axes)
        return tracer.emit("permute_dims", (x,), value, (("axes", axes),))

    def matrix_transpose(self, x: Array) -> Array:
        n = len(x.shape)
        if n < 2:                                   # the base namespace says what is wrong
            return active().base.matrix_transpose(_value(x))
        return self.permute_dims(x, (*range(n - 2), n - 1, n - 2))

    def broadcast_to(self, x: Array, shape: Shape) -> Traced:
        tracer = active()
        shape, traced = tuple(shape), tracer.traced(x)
        if traced.shape == shape:
            return traced
        value = tracer.base.module.broadcast_to(traced.value, shape)
        return tracer.emit("broadcast_to", (traced,), value, (("shape", shape),))

    def unstack(self, x: Array, axis: int = 0) -> tuple[Array, ...]:
        axis = counted(axis, len(x.shape))
        before = (slice(None),) * axis
        return tuple(self.getitem(x, (*before, i)) for i in range(x.shape[axis]))

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

    # Indexing

    def getitem(self, x: Array, key: Key) -> Array:
        tracer = active()
        if not is_basic(key):
            _check_masks(key)
            return _opaque("getitem", (x, key), {})
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


def _known_range(tracer: Tracer, x: Traced) -> integer_ranges.Range:
    """In what range `x`, which stands for an integer, is in every run."""
    constant = tracer.constants.get(x.slot)
    if constant is not None:
        number = int(constant.array())
        return number, number
    return (0, 1) if x.weak is bool else tracer.ranges.get(x.slot, ALL)


def _value(x: V) -> V | Array:
    return x.value if isinstance(x, Traced) else x


def _unwrapped(x: object) -> object:
    """Arguments with the values of traced arrays."""
    if isinstance(x, Traced):
        return x.value
    if isinstance(x, tuple | list):
        return type(x)(map(_unwrapped, x))
    return x


def _template(x: object, tracer: Tracer, operands: list[Traced]) -> object:
    """Arguments with an `Operand` for each array, which is added to `operands`."""
    if isinstance(x, tuple | list):
        return tuple(_template(part, tracer, operands) for part in x)
    if isinstance(x, type) and issubclass(x, np.generic):       # which has the attributes of arrays
        return np.dtype(x)
    if not hasattr(x, "shape") or isinstance(x, np.dtype):      # which has a shape of its own
        return x
    operands.append(tracer.traced(x))
    return Operand(len(operands) - 1)


def _call(
    tracer: Tracer, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[tuple[Traced, ...], Settings]:
    """The operands of a called function and the settings of its step."""
    operands: list[Traced] = []
    template = _template(args, tracer, operands)
    named = tuple((k, _template(v, tracer, operands)) for k, v in kwargs.items())
    return tuple(operands), (("args", template), ("kwargs", named))


def _values(name: str, tracer: Tracer, args: Sequence[object], kwargs: Mapping[str, object]) -> Any:
    """What the base namespace makes of these arguments."""
    named = {k: _unwrapped(v) for k, v in kwargs.items()}
    return getattr(tracer.base, name)(*map(_unwrapped, args), **named)


def _opaque(name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> Traced:
    tracer = active()
    operands, settings = _call(tracer, args, kwargs)
    values = _values(name, tracer, args, kwargs)
    if isinstance(values, tuple | list):
        arrays = tuple(tracer.base.as_array(y) for y in values)
        if not arrays:
            return arrays  # type: ignore[return-value]  # of which nobody reads anything
        several = tracer.emit_several(name, operands, arrays, settings)
        return several  # type: ignore[return-value]  # as the function itself has them
    if not operands:
        return tracer.literal(tracer.base.to_numpy(tracer.base.as_array(values)))
    return tracer.emit(name, operands, tracer.base.as_array(values), settings)


def _effect(row: Primitive, args: Sequence[object], kwargs: Mapping[str, object]) -> Any:
    """A step that is an effect: it runs now, but in a branch or loop, whose plan is run then."""
    tracer = active()
    check_effect(row.name)
    assert row.makes is not None
    operands, settings = _call(tracer, args, kwargs)
    slots = row.makes(tuple(tracer.slots[x.slot] for x in operands), dict(settings))
    if tracer.parent is not None:
        values = stand_ins(slots, operands, tracer.base)
    else:
        found = _values(row.name, tracer, args, kwargs)
        parts = () if found is None else found if isinstance(found, tuple | list) else (found,)
        values = tuple(tracer.base.copy(tracer.base.as_array(part)) for part in parts)
    results = tracer.emit_several(row.name, operands, values, settings)
    made = tuple(tracer.slots[x.slot] for x in results)
    if made != slots:
        raise ImpureFunction(
            f"{user_line()}: the effect {row.name!r} gives {', '.join(map(str, made)) or 'nothing'}"
            f", and `makes` in its row says {', '.join(map(str, slots)) or 'nothing'}."
        )
    return None if not results else results[0] if len(results) == 1 else results


def _may_change(x: Traced) -> bool:
    """Whether the values of an operand may differ from call to call, and nobody looks at them."""
    tracer = active()
    return x.slot not in tracer.constants and tracer.captured_as(x) is None


def _check_values(name: str, args: Sequence[object]) -> None:
    """Raises `TrackedConversion` where values that decide about a shape may change; those of
    arrays from outside are looked at before each call.
    """
    tracer = active()
    for x in (tracer.traced(x) for x in args if hasattr(x, "shape")):
        if _may_change(x):
            raise TrackedConversion(
                f"{user_line()}: {name!r} of a value that gg.jit traces: the shape of the "
                "result would depend on values. Compute it outside and pass it as an argument, "
                "or choose elements with gg.where."
            )
        found = tracer.captured_as(x)
        if found is not None:
            tracer.read[id(found)] = tracer.base.copy(found)
            tracer.base.synchronize()               # later calls may be on other streams


def _check_masks(key: Key) -> None:
    """The same for masks, whose number of hits counts."""
    tracer = active()
    masks = [
        x for x in key if hasattr(x, "shape") and kind_of(x.dtype) == "b"  # type: ignore[union-attr]
    ]
    for x in map(tracer.traced, masks):
        if _may_change(x):
            raise TrackedConversion(
                f"{user_line()}: x[mask] with a mask that gg.jit traces: the shape of the result "
                "would depend on values. Choose elements with gg.where(mask, x, 0), or write "
                "x[mask] = value, which keeps the shape."
            )
        found = tracer.captured_as(x)
        if found is not None:
            tracer.counts[id(found)] = int(tracer.base.count_nonzero(found))


def _update(name: str, owned: Array, key: Key, x: Value) -> Traced:
    """`owned` changed at `key`: a new array, as far as the plan knows."""
    tracer = active()
    owned = tracer.traced(owned)
    x = tracer.traced(x) if hasattr(x, "shape") else tracer.literal(x, owned.dtype)
    operands = [owned, x]
    template = _template(key, tracer, operands)
    # Whoever gives up a buffer that was made here can do without the copy: a loop stays linear.
    buffer = owned.value if owned.slot in tracer.buffers else tracer.base.copy(owned.value)
    value = getattr(tracer.base, name)(buffer, _unwrapped(key), x.value)
    result = tracer.emit(name, tuple(operands), value, (("key", template),))
    tracer.buffers.add(result.slot)
    return result


def _reduction(name: str, x: Array, axis: Axis, keepdims: bool) -> Traced:
    tracer = active()
    x = tracer.traced(x)
    base = tracer.base
    value = base.as_array(getattr(base, name)(x.value, axis=axis, keepdims=keepdims))
    settings = (("axes", tuple(sorted(reduced(axis, x.ndim)))), ("keepdims", bool(keepdims)))
    return tracer.emit(name, (x,), value, settings)


def _elementwise(name: str, scalar: Scalar) -> Callable[..., Traced]:
    counts_booleans = PRIMITIVES[name].counts_booleans

    def method(self: TracingNamespace, *operands: Any) -> Traced:
        tracer = active()
        base = tracer.base
        operands = tuple(x if type(x) in _NUMBERS else tracer.traced(x) for x in operands)
        weak = all(type(x) is not Traced or x.weak for x in operands)
        if weak and counts_booleans:
            operands = _as_numbers(name, operands, tracer)
        within = None
        if weak and name in integer_ranges.CHECKED and _are_integers(operands):
            ranges = [_known_range(tracer, x) for x in operands]
            within = integer_ranges.range_of_result(name, ranges)
            by_float = name == "divide" and integer_ranges.is_plain_quotient(ranges)
            if within is None and not by_float:
                return _by_python(name, operands)
        values = [_value(x) if weak else _as_operand(x) for x in operands]
        y = base.as_array(getattr(base, name)(*values))
        dtypes = _operand_dtypes(scalar, operands, y.dtype)
        if dtypes is None:
            return _opaque("compared", (name, *operands), {})
        cast = _cast_weak if weak else _cast
        inputs = tuple([cast(x, dtype) for x, dtype in zip(operands, dtypes, strict=True)])
        result = tracer.emit(name, inputs, y)
        if weak:
            result.weak = weak_type(y.dtype)
        if within is not None:
            tracer.ranges[result.slot] = within
        return result

    method.__name__ = name
    return method


def _are_integers(operands: Iterable[object]) -> bool:
    return all(type(x) is Traced and x.weak in (int, bool) for x in operands)


def _by_python(name: str, operands: Sequence[Traced]) -> Traced:
    """Arithmetic of integers that arrays may do otherwise, as a step of its own."""
    constants = active().constants
    if all(x.slot in constants for x in operands):
        numbers = [int(constants[x.slot].array()) for x in operands]
        return namespace.as_array(ARITHMETIC[name](*numbers))
    found: Traced = _opaque("of_integers", (name, *operands), {})
    return Traced(found.tracer, found.slot, found.value, weak_type(found.dtype))


def _of_numbers(name: str, *operands: Value) -> Traced:
    """A primitive without a scalar expression, which may be one of numbers alone."""
    if any(type(x) not in _NUMBERS and not (type(x) is Traced and x.weak) for x in operands):
        return _opaque(name, operands, {})
    traced = [namespace.as_array(x) for x in operands]
    if _are_integers(traced):
        return _by_python(name, traced)
    found: Traced = _opaque(name, tuple(traced), {})
    return Traced(found.tracer, found.slot, found.value, weak_type(found.dtype))


def _holds(dtype: DType, x: Traced) -> bool:
    """Whether a dtype of integers holds the one of Python that `x` stands for, in every run."""
    limits = np.iinfo(dtype)
    smallest, largest = _known_range(active(), x)
    return limits.min <= smallest and largest <= limits.max


def _as_operand(x: Value) -> Value:
    """What the base namespace gets: for a number one of Python, which is weak there too."""
    if type(x) is not Traced:
        return x
    return x.weak(x.value) if x.weak is int else x.value


def _as_numbers(
    name: str, operands: tuple[Any, ...], tracer: Tracer
) -> tuple[Traced, ...]:
    """Numbers such that the library calculates as Python does: True is 1, and 2 ** -1 is 0.5."""
    numbers = tuple(namespace.as_array(x) if type(x) in _NUMBERS else x for x in operands)
    kinds = {x.weak for x in numbers}
    if kinds == {bool}:
        numbers = tuple(_cast_weak(x, np.dtype("int64")) for x in numbers)
    if name == "power" and kinds <= {int, bool}:
        base, exponent = numbers
        if exponent.slot in tracer.constants and exponent.value < 0:
            numbers = (base, _cast_weak(exponent, np.dtype("float64")))
    return numbers


def _operand_dtypes(
    scalar: Scalar, operands: Sequence[Value], result: DType
) -> tuple[DType, ...] | None:
    """The dtypes in which an elementwise primitive takes its operands; `None` if no one has all
    that they may be.
    """
    if scalar.takes == "result":
        return (result,) * len(operands)
    if scalar.takes == "select":
        return (np.dtype(bool), result, result)
    if scalar.takes == "common":
        common = _common(operands)
        return None if common is None else (common,) * len(operands)
    return tuple(np.asarray(x).dtype if isinstance(x, _NUMBERS) else x.dtype for x in operands)


def _common(operands: Sequence[Any]) -> DType | None:
    """The dtype in which operands are compared; `None` for integers if none has all of them: one of
    Python may be beyond those of the array, and those of `uint64` are beyond `int64`.
    """
    arrays = [x.dtype for x in operands if type(x) is Traced and not x.weak]
    numbers = [x for x in operands if type(x) is not Traced or x.weak]
    kinds: list[Any] = [x.weak if type(x) is Traced else type(x) for x in numbers]
    integers = all(kind_of(dtype) in "biu" for dtype in arrays) and {int, bool}.issuperset(kinds)
    if not integers:
        return np.result_type(*arrays, *(kind(0) for kind in kinds))
    own = np.result_type(*arrays, np.bool_)
    if int not in kinds:
        return None if kind_of(own) == "f" else own
    tracer = active()
    ranges = [
        _known_range(tracer, x) if type(x) is Traced else (int(x), int(x)) for x in numbers
    ]
    for dtype in (own, np.dtype("int64"), np.dtype("uint64")):
        if kind_of(dtype) in "iu" and np.result_type(own, dtype) == dtype:
            limits = np.iinfo(dtype)
            if all(limits.min <= low and high <= limits.max for low, high in ranges):
                return dtype
    return None


def _cast(x: Value, dtype: DType) -> Traced:
    """An operand, number or array, as an array of that dtype."""
    if type(x) is not Traced:
        return active().literal(x, dtype)
    if dtype == np.bool_ != x.dtype:
        return active().traced(namespace.not_equal(x, 0))
    return namespace.astype(x, dtype)


def _cast_weak(x: Value, dtype: DType) -> Traced:
    """The same where all operands are numbers: the result is one too."""
    cast = _cast(x, dtype)
    return Traced(cast.tracer, cast.slot, cast.value, weak_type(dtype))


def _opaque_method(name: str) -> Callable[..., Traced]:
    row = PRIMITIVES.get(name)
    by_values = row is not None and row.shaped_by_values

    def method(self: TracingNamespace, *args: object, **kwargs: object) -> Traced:
        if row is not None and row.kind == EFFECT:
            return _effect(row, args, kwargs)  # type: ignore[no-any-return]
        if by_values:
            _check_values(name, args)
        return _opaque(name, args, kwargs)

    method.__name__ = name
    return method


def _reduction_method(name: str) -> Callable[..., Traced]:
    def method(
        self: TracingNamespace, x: Array, axis: Axis = None, keepdims: bool = False
    ) -> Traced:
        return _reduction(name, x, axis, keepdims)

    method.__name__ = name
    return method


_tanh_slope = _elementwise("tanh_slope", SCALARS["tanh_slope"])
_sigmoid = _elementwise("sigmoid", SCALARS["sigmoid"])

for _name, _row in PRIMITIVES.items():
    if _name in vars(TracingNamespace):
        continue
    if _row.scalar is not None:
        setattr(TracingNamespace, _name, _elementwise(_name, _row.scalar))
    elif _row.reduction is not None:
        setattr(TracingNamespace, _name, _reduction_method(_name))
    elif _row.kind in (CALLED, EFFECT):
        setattr(TracingNamespace, _name, _opaque_method(_name))

namespace = Traced.home = TracingNamespace()

set_operators(Traced, namespace)
