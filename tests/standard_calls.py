"""Random calls of every function of the Array API standard, for a comparison of libraries.

Each entry of `CALLS` draws the arguments of one function with what `Draw` gives. Arrays among them
are NumPy's, dtypes are `Dtype`, so that each library gets its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

KINDS = {
    "b": ("bool",),
    "i": ("int8", "int16", "int32", "int64"),
    "u": ("uint8", "uint16", "uint32", "uint64"),
    "f": ("float32", "float64"),
    "c": ("complex64", "complex128"),
}


@dataclass(frozen=True)
class Dtype:
    """A dtype of whatever library is called."""

    name: str


@dataclass
class Arguments:
    """What a function is called with."""

    positional: tuple[Any, ...]
    named: dict[str, Any]


def call(*positional: Any, **named: Any) -> Arguments:
    """The arguments of a call, written as one; what is `...` is left out."""
    return Arguments(positional, {k: v for k, v in named.items() if v is not ...})


class Draw:
    """Choices of one example."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw = draw
        self.random = np.random.default_rng(self.integer(0, 2**32))

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def one_of(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def flag(self) -> bool:
        return self.draw(st.booleans())

    def dtype(self, kinds: str) -> str:
        return self.one_of(*(name for kind in kinds for name in KINDS[kind]))

    def shape(self, low: int = 0, high: int = 3) -> tuple[int, ...]:
        """Lengths from 0 to 3."""
        lengths = st.lists(st.sampled_from((2, 3, 1, 0)), min_size=low, max_size=high)
        return tuple(self.draw(lengths))

    def full_shape(self, low: int = 0, high: int = 3) -> tuple[int, ...]:
        """Lengths from 1 to 3."""
        return tuple(max(n, 1) for n in self.shape(low, high))

    def array(self, kinds: str = "biufc", shape: Any = None, dtype: str = "") -> Any:
        """Small numbers; those of unsigned dtypes are not negative."""
        shape = self.shape() if shape is None else shape
        dtype = dtype or self.dtype(kinds)
        kind = np.dtype(dtype).kind
        size = prod(shape)
        if kind == "b":
            values = self.random.integers(0, 2, size)
        elif kind in "iu":
            values = self.random.integers(0 if kind == "u" else -5, 6, size)
        else:
            values = self.random.choice([0.0, 0.5, 1.0, 2.0, -0.25, -1.0, -2.5, 0.7], size)
            if kind == "c":
                values = values + 1j * self.random.choice([0.0, 1.0, -0.5, 2.0], size)
        return values.astype(dtype).reshape(shape)

    def positive(self, x: Any) -> Any:
        """`x` without zeros and what is below."""
        return np.where(x > 0, x, np.ones((), x.dtype)) if x.dtype.kind in "iuf" else x

    def number(self, dtype: str) -> Any:
        """A Python number of the kind of a dtype."""
        return {"b": True, "i": 2, "u": 2, "f": 1.5, "c": 0.5 - 1j}[np.dtype(dtype).kind]

    def axis(self, ndim: int) -> int:
        return self.integer(-ndim, ndim - 1)

    def axes(self, ndim: int) -> Any:
        """One axis, several or `None`."""
        how = self.one_of("none", "one", "several") if ndim else "none"
        if how == "none":
            return None
        return self.axis(ndim) if how == "one" else tuple(self.order(ndim)[: self.integer(1, ndim)])

    def order(self, n: int) -> list[int]:
        return self.draw(st.permutations(range(n)))

    def pair(self, kinds: str, fill: bool = False) -> tuple[Any, Any]:
        """Two operands that broadcast and promote, of which one may be a Python number."""
        kind = self.one_of(*kinds)
        shape = self.full_shape() if fill else self.shape()
        a = self.array(dtype=self.one_of(*KINDS[kind]), shape=shape)
        if self.flag():
            number = self.number(a.dtype.name)
            return (a, number) if self.flag() else (number, a)
        other = tuple(self.one_of(n, 1) for n in shape[self.integer(0, len(shape)) :])
        b = self.array(dtype=self.one_of(*KINDS[kind]), shape=other)
        return (a, b) if self.flag() else (b, a)

    def matrices(self, kinds: str = "fc", columns: int | None = None) -> Any:
        rows = self.integer(1, 3)
        x = self.array(kinds, (*self.full_shape(0, 1), rows, columns or self.integer(1, 3)))
        return x + self.random.random(x.shape).astype(x.real.dtype)

    def square(self, kinds: str = "fc") -> Any:
        """Matrices that are far from singular."""
        n = self.integer(1, 3)
        x = self.array(kinds, (*self.full_shape(0, 1), n, n))
        return x + (7 * np.eye(n)).astype(x.dtype)


def _unary(kinds: str, change: Callable[[Any], Any] = lambda x: x) -> Callable[[Draw], Arguments]:
    return lambda d: call(np.asarray(change(d.array(kinds))))


def _binary(kinds: str, nonzero: bool = False) -> Callable[[Draw], Arguments]:
    def build(d: Draw) -> Arguments:
        a, b = d.pair(kinds)
        if nonzero and hasattr(b, "shape"):
            b = d.positive(b)
        return call(a, b)

    return build


def _reduction(kinds: str, fill: bool = False, **more: Any) -> Callable[[Draw], Arguments]:
    def build(d: Draw) -> Arguments:
        x = d.array(kinds, d.full_shape() if fill else d.shape())
        chosen = {name: draw(d, x) for name, draw in more.items()}
        return call(x, axis=d.axes(x.ndim), keepdims=d.flag(), **chosen)

    return build


def _dtype_for(d: Draw, x: Any) -> Any:
    """Another dtype of the same kind, or none."""
    return d.one_of(..., None, *map(Dtype, KINDS[x.dtype.kind])) if x.dtype.kind != "b" else ...


def _place(d: Draw) -> Arguments:
    x = d.array("iuf", d.full_shape(1))
    return call(x, axis=d.one_of(None, d.axis(x.ndim)), keepdims=d.flag())


def _cumulative(d: Draw) -> Arguments:
    x = d.array("iufc", d.shape(1))
    axis = d.axis(x.ndim) if x.ndim > 1 or d.flag() else ...
    return call(x, axis=axis, include_initial=d.flag(), dtype=_dtype_for(d, x))


def _reshape(d: Draw) -> Arguments:
    x = d.array(shape=d.full_shape())
    return call(x, d.one_of((-1,), x.shape[::-1], (1, *x.shape)), copy=d.one_of(..., None, True))


def _rolled(d: Draw) -> Arguments:
    x = d.array()
    axis = d.axes(x.ndim)
    shift = tuple(d.integer(-4, 4) for _ in axis) if isinstance(axis, tuple) else d.integer(-4, 4)
    return call(x, shift, axis=axis)


def _squeezed(d: Draw) -> Arguments:
    x = d.array(shape=(1, *d.shape(0, 2), 1))
    return call(x, d.one_of(0, -1, (0, -1), (-1,)))


def _expanded(d: Draw) -> Arguments:
    x = d.array()
    return call(x, axis=d.one_of(d.axis(x.ndim + 1), (0, -1), (1, 0)))


def _broadcast(d: Draw) -> Arguments:
    x = d.array()
    longer = tuple(2 if n == 1 and d.flag() else n for n in x.shape)
    return call(x, (*d.shape(0, 1), *longer))


def _joined(stack: bool) -> Callable[[Draw], Arguments]:
    def build(d: Draw) -> Arguments:
        kind, shape = d.one_of(*"biufc"), d.shape(0 if stack else 1)
        arrays = [d.array(dtype=d.one_of(*KINDS[kind]), shape=shape) for _ in range(3)]
        axis = d.axis(len(shape) + stack)
        return call(arrays, axis=d.one_of(axis, ..., axis if stack else None))

    return build


def _taken(d: Draw) -> Arguments:
    x = d.array(shape=d.full_shape(1))
    axis = d.axis(x.ndim)
    indices = d.random.integers(-x.shape[axis], x.shape[axis], d.integer(0, 4))
    return call(x, indices, axis=... if x.ndim == 1 and d.flag() else axis)


def _taken_along(d: Draw) -> Arguments:
    x = d.array(shape=d.full_shape(1))
    axis = d.axis(x.ndim)
    shape = list(x.shape)
    shape[axis] = d.integer(1, 3)
    return call(x, d.random.integers(-x.shape[axis], x.shape[axis], shape), axis=axis)


def _repeated(d: Draw) -> Arguments:
    x = d.array(shape=d.full_shape(1))
    axis = d.axis(x.ndim)
    each = d.random.integers(0, 3, x.shape[axis])
    return d.one_of(call(x, d.integer(0, 3)), call(x, 2, axis=axis), call(x, each, axis=axis))


def _differences(d: Draw) -> Arguments:
    x = d.array("iufc", d.full_shape(1))
    axis = d.axis(x.ndim)
    edge = list(x.shape)
    edge[axis] = 1
    more = d.array(dtype=x.dtype.name, shape=tuple(edge))
    # With n = 0, array_api_strict leaves what comes before and behind out.
    return call(x, axis=axis, n=d.integer(1, 3), prepend=d.one_of(..., more),
                append=d.one_of(..., more))  # fmt: skip


def _clipped(d: Draw) -> Arguments:
    x = d.array("iuf")
    low, high = (1, 3) if x.dtype.kind in "iu" else (-0.5, 0.75)
    bound = np.full(d.one_of((), x.shape), high, x.dtype)
    return call(x, d.one_of(None, low), d.one_of(None, high, bound))


def _selected(d: Draw) -> Arguments:
    a, b = d.pair("biufc")
    shape = np.broadcast_shapes(np.shape(a), np.shape(b))
    return call(d.array("b", shape), a, b)


def _sorted(d: Draw) -> Arguments:
    x = d.array("iuf", d.shape(1))
    return call(x, axis=d.axis(x.ndim), descending=d.flag())


def _searched(d: Draw) -> Arguments:
    x = np.sort(d.array("iuf", d.full_shape(1, 1)))
    values = d.one_of(d.array(dtype=x.dtype.name), d.number(x.dtype.name))
    sorter = d.one_of(..., np.argsort(x, kind="stable"))
    return call(x, values, side=d.one_of(..., "left", "right"), sorter=sorter)


def _products(d: Draw) -> Arguments:
    n, dtype = d.integer(0, 3), d.dtype("iufc")
    batch = d.full_shape(0, 1)
    left = d.one_of((n,), (2, n), (*batch, 2, n))
    right = d.one_of((n,), (n, 3), (*batch, n, 3))
    return call(d.array(dtype=dtype, shape=left), d.array(dtype=dtype, shape=right))


def _contracted(d: Draw) -> Arguments:
    dtype, n, m = d.dtype("iufc"), d.integer(1, 3), d.integer(1, 2)
    a, b = d.array(dtype=dtype, shape=(2, n, m)), d.array(dtype=dtype, shape=(n, m, 3))
    how = d.one_of(..., 2, 0, ((1, 2), (0, 1)), ((-1,), (1,)))
    return call(a, b, axes=how)


def _dotted(d: Draw) -> Arguments:
    dtype, n = d.dtype("iufc"), d.integer(0, 3)
    shape = (*d.full_shape(0, 1), n)
    a, b = d.array(dtype=dtype, shape=shape), d.array(dtype=dtype, shape=d.one_of(shape, (n,)))
    return call(a, b, axis=d.one_of(..., -1))


def _crossed(d: Draw) -> Arguments:
    dtype = d.dtype("iufc")
    return call(*(d.array(dtype=dtype, shape=d.one_of((3,), (2, 3))) for _ in range(2)))


def _vector_norm(d: Draw) -> Arguments:
    x = d.array("fc", d.full_shape())
    return call(x, axis=d.axes(x.ndim), keepdims=d.flag(), ord=d.one_of(1, 2, 3, 0, inf, -inf, 0.5))


def _matrix_norm(d: Draw) -> Arguments:
    order = d.one_of(..., "fro", "nuc", 1, -1, 2, -2, inf, -inf)
    return call(d.matrices(), keepdims=d.flag(), ord=order)


def _solved(d: Draw) -> Arguments:
    a = d.square()
    n = a.shape[-1]
    return call(a, d.array(dtype=a.dtype.name, shape=d.one_of((n,), (*a.shape[:-2], n, 2))))


def _definite(d: Draw) -> Any:
    x = d.square()
    return x @ x.conj().mT


def _transform(kinds: str, several: bool = False) -> Callable[[Draw], Arguments]:
    def build(d: Draw) -> Arguments:
        x = d.array(kinds, tuple(n + 1 for n in d.full_shape(1)))
        norm = d.one_of(..., "backward", "ortho", "forward")
        if several:
            axes = tuple(d.order(x.ndim)[: d.integer(1, x.ndim)])
            sizes = d.one_of(..., tuple(d.integer(2, 4) for _ in axes))
            return call(x, axes=axes, s=sizes, norm=norm)
        return call(x, n=d.one_of(..., 2, 3, 5), axis=d.axis(x.ndim), norm=norm)

    return build


def _shifted(d: Draw) -> Arguments:
    x = d.array("fc", d.full_shape(1))
    return call(x, axes=d.axes(x.ndim))


def _frequencies(d: Draw) -> Arguments:
    return call(d.integer(1, 6), d=d.one_of(..., 0.5), dtype=d.one_of(..., Dtype("float32")))


def _range(d: Draw) -> Arguments:
    start, stop, step = d.integer(-3, 3), d.integer(-3, 5), d.one_of(1, 2, -1)
    scale = d.one_of(1, 0.5)
    bounds = d.one_of((start * scale,), (start * scale, stop * scale),
                      (start * scale, stop * scale, step * scale))  # fmt: skip
    return call(*bounds, dtype=d.one_of(..., Dtype("float32")))


def _like(fill: bool = False) -> Callable[[Draw], Arguments]:
    def build(d: Draw) -> Arguments:
        x = d.array()
        more = (d.number(x.dtype.name),) if fill else ()
        other = ... if fill else Dtype(d.dtype("biufc"))
        return call(x, *more, dtype=d.one_of(..., other), device=d.one_of(..., None))

    return build


def _made(d: Draw) -> Arguments:
    return call(d.one_of(d.shape(), 3), dtype=d.one_of(..., None, Dtype(d.dtype("biufc"))))


def _cast(d: Draw) -> Arguments:
    x = d.array("biuf")
    return call(x, Dtype(d.dtype("biufc" if x.dtype.kind in "fb" else "biuf")), copy=d.flag())


def _from_data(d: Draw) -> Arguments:
    x = d.array()
    data = d.one_of(x, x.tolist()) if x.size else x
    return call(data, dtype=d.one_of(..., Dtype(x.dtype.name)), copy=d.one_of(..., None, True))


_FLOATING, _NUMBERS, _REAL = "fc", "iufc", "iuf"

CALLS: dict[str, Callable[[Draw], Arguments]] = {
    **dict.fromkeys("cos cosh exp expm1 sin sinh sqrt tan tanh asinh".split(), _unary(_FLOATING)),
    **dict.fromkeys("acos asin atanh".split(), _unary("f", lambda x: x / 3)),
    **dict.fromkeys("log log10 log1p log2 reciprocal atan acosh".split(),
                    _unary(_FLOATING, lambda x: x + x.dtype.type(3.75))),
    **dict.fromkeys("abs negative positive sign square round isfinite isinf isnan".split(),
                    _unary(_NUMBERS)),
    **dict.fromkeys("conj real".split(), _unary(_NUMBERS)),
    "imag": _unary("c"),
    **dict.fromkeys("ceil floor trunc".split(), _unary(_REAL)),
    "signbit": _unary("f"),
    "logical_not": _unary("b"),
    "bitwise_invert": _unary("biu"),
    **dict.fromkeys("add subtract multiply".split(), _binary(_NUMBERS)),
    "divide": _binary(_FLOATING, nonzero=True),
    "floor_divide": _binary(_REAL, nonzero=True),
    "remainder": _binary(_REAL, nonzero=True),
    "pow": lambda d: call(*(d.positive(x) if hasattr(x, "shape") else x for x in d.pair("uf"))),
    **dict.fromkeys("atan2 copysign hypot logaddexp nextafter".split(), _binary("f")),
    **dict.fromkeys("maximum minimum greater greater_equal less less_equal".split(),
                    _binary(_REAL)),
    **dict.fromkeys("equal not_equal".split(), _binary("biufc")),
    **dict.fromkeys("bitwise_and bitwise_or bitwise_xor".split(), _binary("biu")),
    **dict.fromkeys("bitwise_left_shift bitwise_right_shift".split(), _binary("u")),
    **dict.fromkeys("logical_and logical_or logical_xor".split(), _binary("b")),
    **dict.fromkeys(("sum", "prod"), _reduction(_NUMBERS, dtype=_dtype_for)),
    **dict.fromkeys(("max", "min"), _reduction(_REAL, fill=True)),
    "mean": _reduction(_FLOATING, fill=True),
    **dict.fromkeys(("std", "var"), _reduction(
        "f", fill=True, correction=lambda d, x: d.one_of(..., 0.0, 0.5))),
    **dict.fromkeys(("all", "any", "count_nonzero"), _reduction("biufc")),
    **dict.fromkeys(("argmax", "argmin"), _place),
    **dict.fromkeys(("cumulative_sum", "cumulative_prod"), _cumulative),
    "astype": _cast,
    "broadcast_arrays": lambda d: call(*(x for x in d.pair("biufc") if hasattr(x, "shape"))),
    "broadcast_to": _broadcast,
    "clip": _clipped,
    "concat": _joined(False),
    "diff": _differences,
    "expand_dims": _expanded,
    "flip": lambda d: (lambda x: call(x, axis=d.axes(x.ndim)))(d.array()),
    "meshgrid": lambda d: call(*(d.array(dtype="int32", shape=d.shape(1, 1)) for _ in range(3)),
                               indexing=d.one_of("xy", "ij")),
    "moveaxis": lambda d: (lambda x: call(x, d.axis(x.ndim), d.axis(x.ndim)))(
        d.array(shape=d.shape(1))),
    "permute_dims": lambda d: (lambda x: call(x, tuple(d.order(x.ndim))))(d.array()),
    "repeat": _repeated,
    "reshape": _reshape,
    "roll": _rolled,
    "squeeze": _squeezed,
    "stack": _joined(True),
    "take": _taken,
    "take_along_axis": _taken_along,
    "tile": lambda d: call(d.array(), tuple(d.integer(0, 2) for _ in range(d.integer(1, 3)))),
    **dict.fromkeys(("tril", "triu"),
                    lambda d: call(d.array(shape=d.shape(2)), k=d.integer(-3, 3))),
    "unstack": lambda d: (lambda x: call(x, axis=d.axis(x.ndim)))(d.array(shape=d.full_shape(1))),
    "where": _selected,
    **dict.fromkeys(("argsort", "sort"), _sorted),
    "searchsorted": _searched,
    "nonzero": lambda d: call(d.array(shape=d.shape(1))),
    **dict.fromkeys("unique_all unique_counts unique_inverse unique_values".split(),
                    _unary("biuf")),
    "isin": lambda d: call(*d.pair("iu")),         # array_api_strict does not invert
    **dict.fromkeys(("matmul", "linalg.matmul"), _products),
    **dict.fromkeys(("matrix_transpose", "linalg.matrix_transpose"),
                    lambda d: call(d.array(shape=d.shape(2)))),
    **dict.fromkeys(("tensordot", "linalg.tensordot"), _contracted),
    **dict.fromkeys(("vecdot", "linalg.vecdot"), _dotted),
    "linalg.cholesky": lambda d: call(_definite(d), upper=d.flag()),
    "linalg.cross": _crossed,
    **dict.fromkeys(("linalg.diagonal", "linalg.trace"),
                    lambda d: call(d.array(_NUMBERS, d.full_shape(2)), offset=d.integer(-3, 3))),
    **dict.fromkeys(("linalg.det", "linalg.inv", "linalg.slogdet"), lambda d: call(d.square())),
    **dict.fromkeys(("linalg.eig", "linalg.eigvals"), lambda d: call(d.square())),
    **dict.fromkeys(("linalg.eigh", "linalg.eigvalsh"), lambda d: call(_definite(d))),
    "linalg.matrix_norm": _matrix_norm,
    "linalg.matrix_power": lambda d: call(d.square(), d.integer(-2, 3)),
    "linalg.matrix_rank": lambda d: call(d.matrices(), rtol=d.one_of(..., 0.1)),
    "linalg.outer": lambda d: call(*(d.array("iu", d.shape(1, 1)) for _ in range(2))),
    "linalg.pinv": lambda d: call(d.matrices(), rtol=d.one_of(..., 0.01)),
    "linalg.qr": lambda d: call(d.matrices(), mode=d.one_of(..., "reduced", "complete")),
    "linalg.solve": _solved,
    "linalg.svd": lambda d: call(d.matrices(), full_matrices=d.flag()),
    "linalg.svdvals": lambda d: call(d.matrices()),
    "linalg.vector_norm": _vector_norm,
    **dict.fromkeys(("fft.fft", "fft.ifft"), _transform("c")),
    **dict.fromkeys(("fft.rfft", "fft.ihfft"), _transform("f")),
    **dict.fromkeys(("fft.irfft", "fft.hfft"), _transform("c")),
    **dict.fromkeys(("fft.fftn", "fft.ifftn", "fft.irfftn"), _transform("c", several=True)),
    "fft.rfftn": _transform("f", several=True),
    **dict.fromkeys(("fft.fftfreq", "fft.rfftfreq"), _frequencies),
    **dict.fromkeys(("fft.fftshift", "fft.ifftshift"), _shifted),
    "arange": _range,
    "asarray": _from_data,
    "eye": lambda d: call(d.integer(0, 3), d.one_of(None, 2), k=d.integer(-2, 2)),
    "full": lambda d: call(d.shape(), d.one_of(True, 2, 0.5, 1j)),
    "full_like": _like(fill=True),
    "linspace": lambda d: call(d.one_of(0, -1.5), d.one_of(2, 0.5), d.integer(0, 5),
                               endpoint=d.flag(), dtype=d.one_of(..., Dtype("float32"))),
    **dict.fromkeys(("ones", "zeros"), _made),
    **dict.fromkeys(("ones_like", "zeros_like"), _like()),
}  # fmt: skip
"""How to draw the arguments of each function."""
