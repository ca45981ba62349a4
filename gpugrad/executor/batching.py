"""The batching namespace: what computes with one part of a batch, run on all parts at once.

A step on batched arrays is one step on arrays with one axis more, which stands first. It is taken
by the namespace below: that of the arrays, a recorder's, or this one again for a batch of batches.
What has no rule here runs part by part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from gpugrad.backends import Array, Namespace, default, is_basic, kind_of, namespace_of
from gpugrad.backends.batched import Batched, Level
from gpugrad.errors import TrackedConversion
from gpugrad.executor.record import recorder_here
from gpugrad.executor.scalars import SCALARS

ELEMENTWISE = frozenset(SCALARS) - {"astype", "copy"} | frozenset(
    """
    acos acosh asin asinh atan atan2 atanh bitwise_left_shift bitwise_right_shift ceil copysign cosh
    digamma entr erf erfc floor floor_divide gammaln hypot log10 log2 log_ndtr logaddexp logical_xor
    logit ndtr nextafter positive reciprocal remainder round signbit sinh tan trunc xlog1py xlogy
    """.split()
)
REDUCTIONS = frozenset("all any count_nonzero max mean min prod std sum var".split())
ALONG = frozenset("argsort cumulative_prod cumulative_sum fft_fft fft_ifft fft_irfft fft_rfft sort"
                  .split())  # fmt: skip
"""What goes along one axis."""
MATRICES = frozenset(
    """
    cholesky cofactor complete_qr det eigh eigvalsh full_svd inv matrix_rank pinv qr slogdet svd
    svdvals tril triu
    """.split()
)
"""What takes the last two axes, or one number for a matrix, and goes through all others."""
SHAPED_BY_VALUES = frozenset(("nonzero", "repeat", "unique_all"))

Shape = tuple[int, ...]


class BatchingNamespace(Namespace):
    """The primitives, over batched arrays and others, which are the same for all parts."""

    name = "batching"
    absorbs = True

    def __init__(self) -> None:
        """The namespaces below are those of the operands."""

    def __getattr__(self, name: str) -> Any:
        """A dtype or constant of the default namespace, or a function, run part by part."""
        if name == "module":
            return self                             # whose functions the inherited extras call
        found = getattr(default(), name)
        if not callable(found) or isinstance(found, type):
            return found
        method = _method(name, _each)
        setattr(BatchingNamespace, name, method)    # kept from now on
        return getattr(self, name)

    # Arrays in and out

    def as_array(self, value: Any) -> Any:
        return value if isinstance(value, Batched) else _below((value,)).as_array(value)

    def asarray(self, data: Any, dtype: Any = None, device: Any = None, copy: Any = None) -> Any:
        if not isinstance(data, Batched):
            return _below(()).asarray(data, dtype=dtype)
        return data if dtype is None else self.astype(data, dtype)

    def scalar(self, value: Any, dtype: Any, like: Array) -> Any:
        like = _lowered(like)
        return _below((like,)).scalar(value, dtype, like)

    def scalar_dtype(self, arrays: list[Array], numbers: list[Any]) -> Any:
        lowered = [_lowered(x) for x in arrays]
        return _below(lowered).scalar_dtype(lowered, numbers)

    def result_type(self, *operands: Any) -> Any:
        lowered = [_lowered(x) for x in operands]
        return _below(lowered).result_type(*lowered)

    def to_numpy(self, x: Array) -> Any:
        raise x.refusal("a look at the values")

    def device_of(self, x: Array) -> str:
        below = _lowered(x)
        return _below((below,)).device_of(below)

    def one(self, like: Array) -> Any:
        return self.ones_like(like)

    def quiet(self) -> AbstractContextManager[Any]:
        return default().quiet()

    def floating(self, x: Array) -> Any:
        return x if kind_of(x.dtype) in "fc" else self.astype(x, default().float64)

    def astype(self, x: Array, dtype: Any) -> Any:
        return _mapped(x, lambda v, xp: xp.astype(v, dtype))

    def polygamma(self, x: Array, n: int) -> Any:
        return _mapped(x, lambda v, xp: xp.polygamma(v, n))

    def copy(self, x: Array) -> Any:
        return _mapped(x, lambda v, xp: xp.copy(v))

    def zeros_like(self, x: Array, dtype: Any = None) -> Any:
        return _mapped(x, lambda v, xp: xp.zeros_like(v, dtype=dtype))

    def ones_like(self, x: Array, dtype: Any = None) -> Any:
        return _mapped(x, lambda v, xp: xp.ones_like(v, dtype=dtype))

    def full_like(self, x: Array, fill_value: Any, dtype: Any = None) -> Any:
        return _mapped(x, lambda v, xp: xp.full_like(v, fill_value, dtype=dtype))

    def zeros(self, shape: Any, dtype: Any = None, device: Any = None) -> Any:
        return _below(()).zeros(shape, dtype=dtype)

    def ones(self, shape: Any, dtype: Any = None, device: Any = None) -> Any:
        return _below(()).ones(shape, dtype=dtype)

    def full(self, shape: Any, fill_value: Any, dtype: Any = None, device: Any = None) -> Any:
        return _below(()).full(shape, fill_value, dtype=dtype)

    def arange(self, *bounds: Any, dtype: Any = None, device: Any = None) -> Any:
        return _below(()).arange(*bounds, dtype=dtype)

    def isdtype(self, dtype: Any, kind: Any) -> Any:
        return default().isdtype(dtype, kind)

    def batch_leave(self, x: Array, level: Level, axis: int) -> Any:
        if not isinstance(x, Batched) or x.level is not level:
            return super().batch_leave(x, level, axis)
        value = _repeated(x.value, level.n)
        order = list(range(1, len(value.shape)))
        order.insert(axis, 0)
        return _below((value,)).permute_dims(value, tuple(order))

    def batch_sum(self, x: Array, level: Level) -> Any:
        if not isinstance(x, Batched) or x.level is not level:
            return super().batch_sum(x, level)
        total = _below((x.value,)).sum(x.value, axis=0)
        return total if x.value.shape[0] == level.n else total * level.n

    def add_into(self, owned: Array, x: Array) -> Any:
        return self.add(owned, x)

    def pow(self, a: Array, b: Array) -> Any:
        return self.power(a, b)

    # Movement

    def reshape(self, x: Array, shape: Any) -> Any:
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        if -1 in shape and isinstance(x, Batched):  # the length of the batch must not be guessed
            known = 1
            for n in shape:
                known *= 1 if n == -1 else n
            shape = tuple(x.size // max(known, 1) if n == -1 else n for n in shape)
        return _mapped(
            x, lambda v, xp: xp.reshape(v, (v.shape[0], *shape)), lambda v, xp: xp.reshape(v, shape)
        )

    def permute_dims(self, x: Array, axes: Sequence[int]) -> Any:
        order = tuple(a % len(x.shape) for a in axes)
        return _mapped(
            x,
            lambda v, xp: xp.permute_dims(v, (0, *(a + 1 for a in order))),
            lambda v, xp: xp.permute_dims(v, order),
        )

    def matrix_transpose(self, x: Array) -> Any:
        n = len(x.shape)
        return self.permute_dims(x, (*range(n - 2), n - 1, n - 2))

    def broadcast_to(self, x: Array, shape: Any) -> Any:
        shape, lacking = tuple(shape), len(shape) - len(x.shape)

        def batch(v: Any, xp: Any) -> Any:
            v = xp.reshape(v, (v.shape[0], *(1,) * lacking, *v.shape[1:]))
            return xp.broadcast_to(v, (v.shape[0], *shape))

        return _mapped(x, batch, lambda v, xp: xp.broadcast_to(v, shape))

    def expand_dims(self, x: Array, axis: int = 0) -> Any:
        axis = axis % (len(x.shape) + 1)
        return self.reshape(x, (*x.shape[:axis], 1, *x.shape[axis:]))

    def squeeze(self, x: Array, axis: Any) -> Any:
        axes = axis if isinstance(axis, tuple) else (axis,)
        gone = {a % len(x.shape) for a in axes}
        return self.reshape(x, tuple(n for i, n in enumerate(x.shape) if i not in gone))

    def concat(self, arrays: Any, axis: int | None = 0) -> Any:
        if axis is None:
            axis, arrays = 0, [self.reshape(x, (-1,)) for x in arrays]
        axis %= len(arrays[0].shape)
        return _side_by_side("concat", arrays, axis)

    def stack(self, arrays: Any, axis: int = 0) -> Any:
        return _side_by_side("stack", arrays, axis % (len(arrays[0].shape) + 1))

    def unstack(self, x: Array, axis: int = 0) -> tuple[Any, ...]:
        before = (slice(None),) * (axis % len(x.shape))
        return tuple(self.getitem(x, (*before, i)) for i in range(x.shape[axis]))

    def flip(self, x: Array, axis: Any = None) -> Any:
        axes = _axes(axis, len(x.shape))
        return _mapped(
            x,
            lambda v, xp: xp.flip(v, axis=tuple(a + 1 for a in axes)),
            lambda v, xp: xp.flip(v, axis=axes),
        )

    def roll(self, x: Array, shift: Any, axis: Any = None) -> Any:
        if axis is None:
            return self.reshape(self.roll(self.reshape(x, (-1,)), shift, 0), x.shape)
        axes = _axes(axis, len(x.shape))
        shifts = shift if isinstance(shift, tuple) else (shift,) * len(axes)
        return _mapped(
            x,
            lambda v, xp: xp.roll(v, shifts, axis=tuple(a + 1 for a in axes)),
            lambda v, xp: xp.roll(v, shifts, axis=axes),
        )

    # Reductions to a place

    def argmax(self, x: Array, axis: int | None = None, keepdims: bool = False) -> Any:
        return self._place("argmax", x, axis, keepdims)

    def argmin(self, x: Array, axis: int | None = None, keepdims: bool = False) -> Any:
        return self._place("argmin", x, axis, keepdims)

    def _place(self, name: str, x: Array, axis: int | None, keepdims: bool) -> Any:
        if axis is None:
            found = self._place(name, self.reshape(x, (-1,)), 0, False)
            return self.reshape(found, (1,) * len(x.shape)) if keepdims else found
        axis %= len(x.shape)
        return _mapped(
            x,
            lambda v, xp: getattr(xp, name)(v, axis=axis + 1, keepdims=keepdims),
            lambda v, xp: getattr(xp, name)(v, axis=axis, keepdims=keepdims),
        )

    # Products

    def matmul(self, a: Array, b: Array) -> Any:
        level = _level((a, b))
        if level is None:
            return _below((a, b)).matmul(a, b)
        if len(a.shape) == 1:
            product = self.matmul(self.expand_dims(a, 0), b)
            rest = product.shape[-1:] if len(b.shape) > 1 else ()
            return self.reshape(product, (*product.shape[: -1 - len(rest)], *rest))
        if len(b.shape) == 1:
            product = self.matmul(a, self.expand_dims(b, 1))
            return self.reshape(product, product.shape[:-1])
        if _varies(a, level) and len(b.shape) == 2 and not _varies(b, level):
            return Batched(_rows_times(a.value, _same(b, level)), level)
        if _varies(b, level) and len(a.shape) == 2 and not _varies(a, level) and b.shape[-1] == 1:
            turned = self.matrix_transpose(a)
            rows = self.matmul(self.reshape(b, (*b.shape[:-2], 1, b.shape[-2])), turned)
            return self.reshape(rows, (*rows.shape[:-2], rows.shape[-1], 1))
        rank = max(len(a.shape), len(b.shape))
        left, right = (_aligned(x, level, rank) for x in (a, b))
        return Batched(_below((left, right)).matmul(left, right), level)

    def solve(self, a: Array, b: Array) -> Any:
        level = _level((a, b))
        if level is None:
            return _below((a, b)).solve(a, b)
        if len(b.shape) == 1:
            found = self.solve(a, self.expand_dims(b, 1))
            return self.reshape(found, found.shape[:-1])
        rank = max(len(a.shape), len(b.shape))
        left, right = (_aligned(x, level, rank) for x in (a, b))
        return Batched(_below((left, right)).solve(left, right), level)

    # Indexing

    def getitem(self, x: Array, key: Any) -> Any:
        level = _level((x, *key))
        if level is None:
            return _below((x, *key)).getitem(x, key)
        if is_basic(key):
            return _mapped(x, lambda v, xp: xp.getitem(v, (slice(None), *key)))
        turned, places, back, _ = _turned(self, x, key, level)
        found = _below((turned, *places)).getitem(turned, places)
        xp = _below((found,))
        return Batched(xp.permute_dims(found, back), level)

    def add_at(self, owned: Array, key: Any, x: Any) -> Any:
        return self._updated("add_at", owned, key, x)

    def set_at(self, owned: Array, key: Any, x: Any) -> Any:
        return self._updated("set_at", owned, key, x)

    def _updated(self, name: str, owned: Array, key: Any, x: Any) -> Any:
        key = key if isinstance(key, tuple) else (key,)
        level = _level((owned, x, *key))
        if level is None:
            return getattr(_below((owned, x)), name)(owned, key, x)
        whole = _full(owned, level)
        xp = _below((whole,))
        if is_basic(key):
            shape = xp.getitem(whole, (slice(None), *key)).shape[1:]
            given = _aligned(x, level, len(shape)) if hasattr(x, "shape") else x
            return Batched(getattr(xp, name)(xp.copy(whole), (slice(None), *key), given), level)
        masks = [part for part in key if _is_mask(part)]
        if masks:
            return self._masked(name, owned, key, x)
        turned, places, back, order = _turned(self, Batched(whole, level), key, level)
        if hasattr(x, "shape"):
            given = _full(self.broadcast_to(x, _indexed_shape(turned, places, back)), level)
            x = xp.permute_dims(given, tuple(back.index(i) for i in range(len(back))))
        changed = getattr(_below((turned, *places)), name)(xp.copy(turned), places, x)
        home = tuple(order.index(i) for i in range(len(order)))
        return Batched(xp.reshape(xp.permute_dims(changed, home), whole.shape), level)

    def _masked(self, name: str, owned: Array, key: Any, x: Any) -> Any:
        if len(key) != 1 or len(getattr(x, "shape", ())) > 0:
            raise TrackedConversion(
                "x[mask] of a batch in gg.vmap: each part may have another number of hits. Choose "
                "elements with gg.where(mask, x, 0)."
            )
        (mask,) = key
        lacking = len(owned.shape) - len(mask.shape)
        mask = self.reshape(mask, (*mask.shape, *(1,) * lacking))
        return self.where(mask, self.add(owned, x) if name == "add_at" else x, owned)

    def scatter_add(self, g: Array, key: Any, shape: Shape) -> Any:
        return self.add_at(self.zeros(shape, dtype=g.dtype), key, g)

    def clear_at(self, g: Array, key: Any) -> Any:
        return self.set_at(g, key, 0)

    def take_along_axis(self, x: Array, indices: Array, axis: int = -1) -> Any:
        level = _level((x, indices))
        rank = len(indices.shape)
        axis = axis % rank + (level is not None)
        values = [_aligned(v, level, rank) if level else v for v in (x, indices)]
        if level is not None:                       # the library may not broadcast these
            n = max(v.shape[0] for v in values)
            values = [_repeated(v, n) for v in values]
        found = _below(values).take_along_axis(*values, axis=axis)
        return found if level is None else Batched(found, level)

    def add_along_axis(self, x: Array, indices: Array, axis: int, shape: Shape) -> Any:
        level = _level((x, indices))
        if level is None:
            return _below((x, indices)).add_along_axis(x, indices, axis=axis, shape=shape)
        x, indices = (_full(v, level) for v in (x, indices))
        whole = (level.n, *shape)
        found = _below((x, indices)).add_along_axis(x, indices, axis % len(shape) + 1, whole)
        return Batched(found, level)


def _method(name: str, kind: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: BatchingNamespace, *args: Any, **kwargs: Any) -> Any:
        return kind(name, *args, **kwargs)

    method.__name__ = name
    return method


# Operands


def _level(operands: Any) -> Level | None:
    """The deepest level among these."""
    levels = [x.level for x in operands if isinstance(x, Batched)]
    return max(levels, key=lambda level: level.order) if levels else None


def _below(values: Any) -> Namespace:
    """The namespace that computes with these."""
    if any(isinstance(x, Batched) for x in values):
        return namespace
    if recorder_here() is not None:
        # Imported now, because most programs record nothing.
        from gpugrad.executor.recording import namespace as recording

        return recording
    for x in values:
        if hasattr(x, "dtype") and hasattr(x, "shape"):
            return namespace_of(x)
    return default()


def _lowered(x: Any) -> Any:
    return x.value if isinstance(x, Batched) else x


def _mapped(
    x: Any, batch: Callable[[Any, Any], Any], one: Callable[[Any, Any], Any] | None = None
) -> Any:
    """What `batch` makes of the value of a batched array, or `one` of another."""
    if isinstance(x, Batched):
        return Batched(batch(x.value, _below((x.value,))), x.level)
    return (one or batch)(x, _below((x,)))


def _varies(x: Any, level: Level) -> bool:
    """Whether the parts differ."""
    return isinstance(x, Batched) and x.level is level and x.value.shape[0] != 1


def _same(x: Any, level: Level) -> Any:
    """The part that all are equal to."""
    if isinstance(x, Batched) and x.level is level:
        return _below((x.value,)).getitem(x.value, (0,))
    return x


def _rows_times(rows: Any, matrix: Any) -> Any:
    """The product of rows, however many axes count them, with one matrix: one product for all."""
    xp = _below((rows, matrix))
    if not rows.size:
        return xp.matmul(rows, matrix)
    flat = xp.reshape(rows, (-1, rows.shape[-1]))
    return xp.reshape(xp.matmul(flat, matrix), (*rows.shape[:-1], matrix.shape[-1]))


def _aligned(x: Any, level: Level, rank: int) -> Any:
    """The value of an operand with the batch first and `rank` axes behind, where it has the batch.

    Others broadcast as they are, because they have no more axes.
    """
    if not isinstance(x, Batched) or x.level is not level:
        if hasattr(x, "shape") and len(x.shape) > 0:
            return _below((x,)).reshape(x, (1, *(1,) * (rank - len(x.shape)), *x.shape))
        return x
    value, lacking = x.value, rank - len(x.shape)
    if not lacking:
        return value
    return _below((value,)).reshape(value, (value.shape[0], *(1,) * lacking, *value.shape[1:]))


def _full(x: Any, level: Level) -> Any:
    """The value with all parts of the batch along the first axis."""
    return _repeated(_aligned(x, level, len(x.shape)) if x.shape else _number(x, level), level.n)


def _number(x: Any, level: Level) -> Any:
    if isinstance(x, Batched) and x.level is level:
        return x.value
    return _below((x,)).reshape(x, (1,))


def _repeated(value: Any, n: int) -> Any:
    if value.shape[0] == n:
        return value
    return _below((value,)).broadcast_to(value, (n, *value.shape[1:]))


def _axes(axis: Any, ndim: int) -> Shape:
    if axis is None:
        return tuple(range(ndim))
    return tuple(a % max(ndim, 1) for a in (axis if isinstance(axis, tuple | list) else (axis,)))


# Functions by kind


def _elementwise(name: str, *operands: Any) -> Any:
    level = _level(operands)
    if level is None:
        return getattr(_below(operands), name)(*operands)
    rank = max(len(getattr(x, "shape", ())) for x in operands)
    values = [_aligned(x, level, rank) for x in operands]
    return Batched(getattr(_below(values), name)(*values), level)


def _reduction(
    name: str, x: Array, axis: Any = None, keepdims: bool = False, **settings: Any
) -> Any:
    axes = _axes(axis, len(x.shape))

    def batch(v: Any, xp: Any) -> Any:
        if not axes and name in ("max", "mean", "min"):
            return v                                # of one number
        return getattr(xp, name)(
            v, axis=tuple(a + 1 for a in axes), keepdims=keepdims, **settings
        )

    return _mapped(
        x, batch, lambda v, xp: getattr(xp, name)(v, axis=axis, keepdims=keepdims, **settings)
    )


def _along(name: str, x: Array, axis: int | None = -1, **settings: Any) -> Any:
    axis = (-1 if axis is None else axis) % max(len(x.shape), 1)
    return _mapped(
        x,
        lambda v, xp: getattr(xp, name)(v, axis=axis + 1, **settings),
        lambda v, xp: getattr(xp, name)(v, axis=axis, **settings),
    )


def _matrices(name: str, x: Array, **settings: Any) -> Any:
    if not isinstance(x, Batched):
        return getattr(_below((x,)), name)(x, **settings)
    found = getattr(_below((x.value,)), name)(x.value, **settings)
    if isinstance(found, tuple):
        return tuple(Batched(part, x.level) for part in found)
    return Batched(found, x.level)


def _each(name: str, *args: Any, **kwargs: Any) -> Any:
    """Part by part."""
    level = _level((*args, *kwargs.values()))
    if level is None:
        return getattr(_below(args), name)(*args, **kwargs)
    if name in SHAPED_BY_VALUES:
        raise TrackedConversion(
            f"{name!r} of a value in gg.vmap: the shape of the result would depend on values, and "
            "each part of the batch would have another."
        )
    parts = []
    for i in range(level.n):
        given, named = [_part(x, level, i) for x in args], {
            k: _part(v, level, i) for k, v in kwargs.items()
        }
        xp = _below((*given, *named.values()))
        found = getattr(xp, name)(*given, **named)
        parts.append(found if isinstance(found, tuple) else (xp.as_array(found),))
    whole = tuple(
        Batched(_below(column).stack(list(column), axis=0), level)
        for column in zip(*parts, strict=True)
    )
    return whole if isinstance(found, tuple) else whole[0]


def _part(x: Any, level: Level, i: int) -> Any:
    if not isinstance(x, Batched) or x.level is not level:
        return x
    return _below((x.value,)).getitem(x.value, (0 if x.value.shape[0] == 1 else i,))


def _side_by_side(name: str, arrays: Sequence[Any], axis: int) -> Any:
    level = _level(arrays)
    if level is None:
        return getattr(_below(arrays), name)(list(arrays), axis=axis)
    values = [_full(x, level) for x in arrays]
    return Batched(getattr(_below(values), name)(values, axis=axis + 1), level)


# Keys with arrays in them


def _is_mask(part: Any) -> bool:
    return hasattr(part, "dtype") and kind_of(part.dtype) == "b"


def _turned(
    xp: BatchingNamespace, x: Any, key: tuple[Any, ...], level: Level
) -> tuple[Any, tuple[Any, ...], Shape, Shape]:
    """An indexed array with the batch and the axes that arrays index in front.

    With it, the key for it, the order in which the axes of what it finds stand in NumPy's result
    with the batch in front, and the order in which those of `x` were put.
    """
    if any(_is_mask(part) and isinstance(part, Batched) for part in key):
        raise TrackedConversion(
            "x[mask] of a batch in gg.vmap: each part may have another number of hits. Choose "
            "elements with gg.where(mask, x, 0)."
        )
    whole = _full(x, level)
    entries = _entries(key, len(x.shape))
    new = [i for i, (kind, _) in enumerate(entries) if kind == "new"]
    if new:                                         # axes that the key makes are made first
        below, place = _below((whole,)), 0
        for kind, _ in entries:
            if kind == "new":
                whole = below.expand_dims(whole, axis=place + 1)
            place += 1
        entries = [("slice", slice(None)) if kind == "new" else (kind, part)
                   for kind, part in entries]  # fmt: skip
    advanced = [i for i, (kind, _) in enumerate(entries) if kind == "index"]
    others = [i for i, (kind, _) in enumerate(entries) if kind == "slice"]
    order = (0, *(i + 1 for i in advanced), *(i + 1 for i in others))
    turned = _below((whole,)).permute_dims(whole, order)
    indices = [entries[i][1] for i in advanced]
    rank = max(len(getattr(part, "shape", ())) for part in indices)
    rows = _below((whole,)).reshape(
        _below((whole,)).arange(level.n), (level.n, *(1,) * rank)
    )
    places = tuple(_aligned(part, level, rank) for part in indices)
    slices = tuple(entries[i][1] for i in others)
    # Where NumPy puts the axes of the indices: in the place of the first if all stand together.
    together = advanced == list(range(advanced[0], advanced[0] + len(advanced)))
    before = len([i for i in others if i < advanced[0]]) if together else 0
    count = len(others)
    behind = [1 + rank + k for k in range(count)]
    back = (0, *behind[:before], *range(1, 1 + rank), *behind[before:])
    return turned, (rows, *places, *slices), back, order


def _entries(key: tuple[Any, ...], ndim: int) -> list[tuple[str, Any]]:
    """What a key says of each axis: an index, a slice, or that it is new."""
    taken = sum(
        len(part.shape) if _is_mask(part) else part is not None and part is not ... for part in key
    )
    if ... not in [part if type(part) is type(...) else None for part in key]:
        key = (*key, ...)
    entries: list[tuple[str, Any]] = []
    arrays = any(hasattr(part, "dtype") for part in key)
    for part in key:
        if part is ...:
            entries += [("slice", slice(None))] * (ndim - taken)
        elif part is None:
            entries.append(("new", None))
        elif isinstance(part, slice):
            entries.append(("slice", part))
        elif _is_mask(part):
            entries += [("index", hits) for hits in _below((part,)).nonzero(part)]
        else:
            assert arrays
            entries.append(("index", part))
    return entries


def _indexed_shape(turned: Any, places: tuple[Any, ...], back: Shape) -> Shape:
    """The shape of one part of what is found there."""
    found = _below((turned, *places)).getitem(turned, places)
    return tuple(found.shape[i] for i in back[1:])


def _operator(name: str, reflected: bool = False) -> Callable[..., Any]:
    def method(self: Batched, *others: Any) -> Any:
        for x in others:
            if getattr(x, "__array_priority__", 0) > Batched.__array_priority__:
                return NotImplemented               # a Tensor, whose operator keeps its history
        operands = (*others, self) if reflected else (self, *others)
        return getattr(namespace, name)(*operands)

    return method


for _kind, _names in (
    (_elementwise, ELEMENTWISE),
    (_reduction, REDUCTIONS),
    (_along, ALONG),
    (_matrices, MATRICES),
    (_each, ("random_bits", "random_uniform")),
):
    for _name in _names:
        if _name not in vars(BatchingNamespace):
            setattr(BatchingNamespace, _name, _method(_name, _kind))

namespace = Batched.home = BatchingNamespace()

for _symbol, _name in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power",
    "matmul": "matmul", "and": "bitwise_and", "or": "bitwise_or",
}.items():  # fmt: skip
    setattr(Batched, f"__{_symbol}__", _operator(_name))
    setattr(Batched, f"__r{_symbol}__", _operator(_name, reflected=True))
for _symbol, _name in {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
    "ne": "not_equal", "neg": "negative", "abs": "abs", "invert": "bitwise_invert",
}.items():  # fmt: skip
    setattr(Batched, f"__{_symbol}__", _operator(_name))
