"""An example call of NumPy's functions and methods, with a value for each of their parameters.

Operands are drawn by their names; the first letter says their shape and kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Operand:
    """An array of that shape with elements in a range, which a form is tried with as a Tensor."""

    shape: tuple[int, ...]
    low: float = -2.0
    high: float = 2.0
    kind: str = ""

    def array(self, seed: int) -> np.ndarray:
        """Its elements: apart from each other, and in no order."""
        n = int(np.prod(self.shape))
        order = np.random.default_rng(seed).permutation(n)
        x = (self.low + (self.high - self.low) * (order + 0.37) / max(n, 1)).reshape(self.shape)
        if self.kind == "definite":
            return x @ x.swapaxes(-1, -2) + self.shape[-1] * np.eye(self.shape[-1])
        if self.kind == "regular":
            return x + 3 * np.eye(self.shape[-1])
        if self.kind == "complex":
            return x + 1j * np.roll(x.ravel(), 1).reshape(self.shape)
        return np.sort(x, axis=-1) if self.kind == "sorted" else x


@dataclass(frozen=True)
class Example:
    """A call: the name, the operands, and what parameters are given if not the `USUAL` values."""

    name: str
    args: tuple[Any, ...]
    given: dict[str, Any] = field(default_factory=dict)


def call(name: str, *args: Any, **given: Any) -> Example:
    """An example."""
    return Example(name, args, given)


class Marker:
    """Stands for an array that a form makes of its result or of its first operand."""


OUT, MASK = Marker(), Marker()
"""What a result is written to, and a mask of the shape of the first operand."""

NOTHING = object()
"""The value of a parameter with which a form is not tried."""

V, W = Operand((5,)), Operand((5,), 0.3, 2.6)
POSITIVE, UNIT = Operand((5,), 0.2, 3.0), Operand((5,), -0.9, 0.9)
ABOVE = Operand((5,), 1.2, 3.0)
RISING = Operand((5,), 0.1, 4.0, "sorted")
V1, V2, V3, V4 = Operand((1,)), Operand((2,)), Operand((3,)), Operand((4,))
U3 = Operand((3,), 0.3, 2.6)
M, N, B = Operand((3, 4)), Operand((3, 4), 0.3, 2.6), Operand((4, 2))
TALL, WIDE = Operand((4, 3)), Operand((2, 3))
REGULAR, DEFINITE = Operand((3, 3), kind="regular"), Operand((3, 3), kind="definite")
CUBE, BLOCKS = Operand((2, 3, 4)), Operand((2, 3, 6))
ONES = Operand((1, 3, 1))
Z, ZM = Operand((6,), kind="complex"), Operand((3, 4), kind="complex")
FAR = Operand((5,), -9.0, 9.0)
HITS = np.array([True, False, True, True, False])
UPPER = np.arange(5) > 2
COLUMN = np.array([[0], [1], [2]])

USUAL: dict[str, Any] = {
    "axis": 0, "keepdims": True, "dtype": np.float64, "out": OUT, "where": MASK, "initial": 0.5,
    "ddof": 1, "correction": 1, "order": "F", "casting": "unsafe", "subok": False, "copy": True,
    "decimals": 1, "mode": "wrap", "kind": "stable", "n": 3, "norm": "ortho", "method": "lower",
    "overwrite_input": True, "stable": True, "device": "cpu",
}  # fmt: skip
"""What parameters of these names are given; others need a value of their own to be tried."""

ELEMENTWISE = [
    *(call(name, V) for name in """
        abs absolute asinh arcsinh atan arctan cbrt ceil conj conjugate cos cosh deg2rad degrees exp
        exp2 expm1 fabs floor isfinite isinf isnan logical_not negative positive rad2deg radians
        rint sign signbit sin sinh spacing square tanh trunc
    """.split()),
    *(call(name, POSITIVE) for name in "log log10 log1p log2 reciprocal sqrt".split()),
    *(call(name, UNIT) for name in
      "acos arccos asin arcsin atanh arctanh tan".split()),
    *(call(name, ABOVE) for name in ("acosh", "arccosh")),
    *(call(name, V, W) for name in """
        add subtract multiply divide true_divide floor_divide remainder mod fmod maximum minimum
        fmax fmin atan2 arctan2 hypot logaddexp logaddexp2 copysign heaviside nextafter equal
        not_equal less less_equal greater greater_equal logical_and logical_or logical_xor divmod
    """.split()),
    *(call(name, POSITIVE, W) for name in ("power", "pow", "float_power")),
    call("matmul", M, B, axes=[(0, 1), (0, 1), (0, 1)], axis=NOTHING, keepdims=NOTHING),
    call("vecdot", V, W, axis=-1, axes=[(0,), (0,), ()]),
    call("matvec", M, V4, axes=[(0, 1), (0,), (0,)], axis=NOTHING, keepdims=NOTHING),
    call("vecmat", V3, M, axes=[(0,), (0, 1), (0,)], axis=NOTHING, keepdims=NOTHING),
    call("modf", V), call("frexp", V),
    call("ldexp", V, np.array([1, 0, 2, -1, 3]), dtype=NOTHING),
]  # fmt: skip

FUNCTIONS = [
    *(call(name, M) for name in """
        all any amax amin max min sum prod mean std var ptp median cumsum cumprod nancumsum
        nancumprod nansum nanprod nanmean nanstd nanvar nanmax nanmin nanmedian argmax argmin
        nanargmax nanargmin argwhere flatnonzero nonzero count_nonzero ravel fliplr flipud flip
        matrix_transpose shape size ndim isfortran asfortranarray
    """.split()),
    *(call(name, V) for name in """
        isreal iscomplex isrealobj iscomplexobj isneginf isposinf sinc i0 around round fix
        sort_complex unique_values unique_counts unique_inverse unique_all atleast_1d atleast_2d
        atleast_3d poly common_type min_scalar_type iterable isscalar array2string array_repr
        array_str copy asarray asanyarray ascontiguousarray require asmatrix
    """.split()),
    *(call(name, M, 0.4) for name in ("quantile", "nanquantile")),
    *(call(name, M, 40.0) for name in ("percentile", "nanpercentile")),
    *(call(name, M, order=NOTHING) for name in ("sort", "argsort")),
    *(call(name, M, 2, kind="introselect", order=NOTHING) for name in
      ("partition", "argpartition")),
    call("average", M, weights=np.array([[1.0, 2.0, 3.0, 4.0]] * 3), returned=True),
    call("cumulative_sum", V, include_initial=True),
    call("cumulative_prod", V, include_initial=True),
    call("lexsort", (V, W)),
    call("searchsorted", RISING, np.array([0.5, 2.0]), side="right", sorter=np.arange(5)),
    call("unique", V, return_index=True, return_inverse=True, return_counts=True, equal_nan=False,
         sorted=True),
    call("isin", V, [0.1, 0.2], assume_unique=True, invert=True, kind="sort"),
    call("allclose", V, W, rtol=1e-3, atol=1.0, equal_nan=True),
    call("isclose", V, W, rtol=1e-3, atol=1.0, equal_nan=True),
    call("array_equal", V, W, equal_nan=True), call("array_equiv", V, W),
    call("clip", V, -0.5, 0.7),
    call("nan_to_num", V, nan=1.0, posinf=2.0, neginf=-2.0),
    call("real", ZM), call("imag", ZM), call("angle", Z, deg=True), call("real_if_close", V, tol=9),
    call("unwrap", FAR, discont=3.5, axis=-1, period=6.0),
    call("reshape", M, (4, 3)), call("transpose", M, axes=(1, 0)),
    call("permute_dims", M, axes=(1, 0)), call("swapaxes", CUBE, 0, 2),
    call("moveaxis", CUBE, 0, 2), call("rollaxis", CUBE, 2, start=1), call("squeeze", ONES),
    call("expand_dims", M, 1), call("rot90", M, k=2, axes=(1, 0)), call("roll", M, 2, axis=1),
    call("repeat", M, 2, axis=1), call("tile", V, (2, 2)), call("resize", V, (3, 3)),
    call("broadcast_to", V, (2, 5)), call("broadcast_arrays", V4, M),
    call("concatenate", (V, W)), call("concat", (V, W)), call("stack", (V, W), axis=1),
    call("hstack", (V, W)), call("vstack", (V, W)), call("dstack", (V, W)),
    call("column_stack", (V, W)), call("block", [[M], [N]]), call("append", V, W),
    call("split", V, [2, 3]), call("array_split", V, 2), call("hsplit", M, 2),
    call("vsplit", M, [1]), call("dsplit", CUBE, 2), call("unstack", M, axis=1),
    call("insert", V, 2, 1.5), call("insert", V, [1, 3], V2), call("delete", V, 2),
    call("pad", V, 2), call("pad", V, 2, "reflect"),
    call("take", M, [0, 2], axis=1, mode="clip"), call("take_along_axis", M, COLUMN, 1),
    call("compress", [True, False, True], V3), call("extract", HITS, V),
    call("choose", np.array([0, 1, 0, 1, 0]), (V, W)),
    call("select", [UPPER], [V], default=0.5), call("where", UPPER, V, W),
    call("piecewise", V, [UPPER], [lambda u: u * u]),
    call("diag", V, k=1), call("diagflat", V, k=1),
    call("diagonal", CUBE, offset=1, axis1=-3, axis2=2),
    call("trace", CUBE, offset=1, axis1=-3, axis2=2), call("tril", M, k=1), call("triu", M, k=1),
    call("vander", V, N=3, increasing=True), call("trim_zeros", V, trim="f"),
    call("fill_diagonal", M, 2.0, wrap=True),
    call("dot", M, B), call("vdot", V, W), call("inner", M, N), call("outer", V, W),
    call("kron", M, B), call("cross", V3, U3, axisa=0, axisb=0, axisc=0),
    call("tensordot", M, B, 1), call("einsum", "ij,jk->ik", M, B, optimize=True),
    call("convolve", V, V3, mode="same"), call("correlate", V, V3, mode="same"),
    call("cov", M, rowvar=False, bias=True, fweights=np.array([1, 2, 1, 3]),
         aweights=np.array([1.0, 2.0, 0.5, 1.0])),
    call("corrcoef", M, y=N, rowvar=False),
    call("diff", V, n=2, prepend=0.5, append=0.5),
    call("ediff1d", V, to_end=[1.0], to_begin=[2.0]), call("gradient", V, edge_order=2),
    call("trapezoid", V, x=np.arange(5.0) ** 1.1, dx=0.5),
    call("interp", UNIT, np.linspace(-1, 1, 4), V4, left=0.0, right=1.0, period=2.5),
    call("histogram", V, bins=3, range=(-2, 2), density=True, weights=np.arange(5.0)),
    call("histogram2d", V, W, bins=3, density=True, weights=np.arange(5.0)),
    call("histogramdd", M, bins=2, density=True), call("histogram_bin_edges", V, bins=3),
    call("digitize", V, [0.0, 1.0], right=True),
    call("bincount", np.array([0, 1, 1, 2, 0]), V, minlength=5),
    call("polyval", V3, V), call("polyadd", V3, V), call("polysub", V3, V),
    call("polymul", V3, V), call("polyder", V, m=2), call("polyint", V, m=2, k=[1.0, 2.0]),
    call("polyfit", np.arange(5.0), V, 2, rcond=1e-10, full=True, w=np.arange(1.0, 6.0), cov=True),
    call("polydiv", V, V3), call("roots", V3),
    call("linspace", 0.5, V1, num=4, endpoint=False, retstep=True),
    call("logspace", 0.5, V1, num=4, endpoint=False, base=2.0),
    call("geomspace", 0.5, Operand((1,), 1, 2), num=4, endpoint=False),
    call("full_like", np.ones(3), V1, shape=(2,)), call("full", (2, 3), V3),
    call("zeros_like", V, shape=(2,)), call("ones_like", V, shape=(2,)),
    call("empty_like", V, shape=(2,)),
    call("meshgrid", V, V3, copy=False, sparse=True, indexing="ij"),
    call("apply_along_axis", lambda row: row * row, 0, M, axis=NOTHING),
    call("apply_over_axes", np.sum, M, [0]),
    call("array", V, ndmin=2), call("astype", V, np.float64),
    call("may_share_memory", V, W), call("shares_memory", V, W), call("result_type", V, W),
    call("tril_indices_from", M, k=1), call("triu_indices_from", M, k=1),
    call("diag_indices_from", REGULAR), call("einsum_path", "ij,jk->ik", M, B),
    call("copyto", M, N), call("put", V, [0, 1], 2.0), call("place", V, HITS, [1.0]),
    call("putmask", V, HITS, [1.0]), call("put_along_axis", M, COLUMN, 1.0, 1),
    *(call(name, V, W) for name in ("union1d", "intersect1d", "setdiff1d", "setxor1d")),
]  # fmt: skip

LINEAR_ALGEBRA = [
    call("cholesky", DEFINITE, upper=True), call("cond", REGULAR, p=1), call("cross", V3, U3),
    call("det", REGULAR), call("diagonal", M, offset=1), call("eigh", DEFINITE, UPLO="U"),
    call("eigvalsh", DEFINITE, UPLO="U"), call("eigvals", DEFINITE), call("eig", DEFINITE),
    call("inv", REGULAR), call("lstsq", TALL, V4, rcond=1e-12), call("matmul", M, B),
    call("matrix_norm", M, ord="nuc"), call("matrix_power", REGULAR, 3),
    call("matrix_rank", REGULAR, tol=1e-3, hermitian=True, rtol=1e-3),
    call("matrix_transpose", M), call("multi_dot", [M, B, WIDE]), call("norm", M, ord=1),
    call("norm", V, ord=3), call("outer", V, W),
    call("pinv", M, rcond=1e-12, hermitian=False, rtol=1e-12), call("qr", TALL, mode="r"),
    call("slogdet", REGULAR), call("solve", REGULAR, V3),
    call("svd", REGULAR, full_matrices=False, compute_uv=False, hermitian=False),
    call("svd", M, full_matrices=False), call("svdvals", M),
    call("tensordot", M, N, axes=([0], [0])),
    call("tensorinv", BLOCKS, ind=2), call("tensorsolve", BLOCKS, WIDE), call("trace", M, offset=1),
    call("vecdot", V, W), call("vector_norm", M, ord=3),
]  # fmt: skip

FOURIER = [
    *(call(name, M, n=5, s=(3, 5), axes=(0, 1)) for name in "fft rfft ihfft fft2 rfft2 fftn rfftn"
      .split()),
    *(call(name, ZM, n=5, s=(3, 5), axes=(0, 1)) for name in
      "ifft irfft hfft ifft2 irfft2 ifftn irfftn".split()),
    call("fftshift", V, axes=0), call("ifftshift", V, axes=0),
]  # fmt: skip

_REDUCED = {"axis": 0, "out": OUT, "keepdims": True, "where": MASK}
_SUMMED = {"axis": 0, "dtype": np.float64, "out": OUT, "keepdims": True, "where": MASK}
_SPREAD = {**_SUMMED, "ddof": 1}

METHODS = [
    call("all", M, **_REDUCED), call("any", M, **_REDUCED),
    call("max", M, axis=0, out=OUT, keepdims=True, initial=0.5),
    call("min", M, axis=0, out=OUT, keepdims=True, initial=0.5),
    call("sum", M, **_SUMMED, initial=0.5), call("prod", M, **_SUMMED, initial=0.5),
    call("mean", M, **_SUMMED), call("std", M, **_SPREAD), call("var", M, **_SPREAD),
    call("argmax", M, axis=0, out=OUT, keepdims=True),
    call("argmin", M, axis=0, out=OUT, keepdims=True),
    call("argpartition", M, 2, axis=0, kind="introselect"),
    call("argsort", M, axis=0, kind="stable", stable=True),
    call("astype", V, np.float64, order="F", casting="unsafe", subok=False, copy=False),
    call("clip", V, -0.5, 0.7, out=OUT), call("compress", V3, [True, False, True], axis=0),
    call("conj", V), call("conjugate", V), call("copy", M, order="F"),
    call("cumprod", M, axis=0, dtype=np.float64, out=OUT),
    call("cumsum", M, axis=0, dtype=np.float64, out=OUT),
    call("diagonal", CUBE, offset=1, axis1=-3, axis2=2), call("dot", M, B, out=OUT),
    call("fill", V, 2.0), call("flatten", M, order="F"), call("item", V1), call("nonzero", M),
    call("partition", M, 2, axis=0, kind="introselect"), call("put", V, [0, 1], 2.0, mode="wrap"),
    call("ravel", M, order="F"), call("repeat", M, 2, axis=0),
    call("reshape", M, (4, 3), order="F", copy=True), call("resize", V, (5,)),
    call("round", V, decimals=1, out=OUT),
    call("searchsorted", RISING, 1.0, side="right", sorter=np.arange(5)),
    call("sort", M, axis=0, kind="stable", stable=True), call("squeeze", ONES, axis=0),
    call("swapaxes", CUBE, 0, 2), call("take", M, [0, 2], axis=1, out=OUT, mode="clip"),
    call("tobytes", V, order="F"), call("tolist", V),
    call("trace", CUBE, offset=1, axis1=-3, axis2=2, dtype=np.float64, out=OUT),
    call("transpose", M), call("transpose", M, 1, 0), call("transpose", M, (1, 0)), call("view", V),
    call("byteswap", V), call("dumps", V), call("to_device", V, "cpu"),
]  # fmt: skip

ATTRIBUTES = {
    "T": CUBE, "mT": CUBE, "real": ZM, "imag": ZM, "strides": M, "itemsize": M, "nbytes": M,
    "ndim": M, "size": M, "shape": M, "dtype": M, "device": M,
}  # fmt: skip

WRITERS = frozenset(
    """
    np.fill_diagonal np.copyto np.put np.place np.putmask np.put_along_axis t.fill t.put t.sort
    t.partition
    """.split()
)
"""Those whose result is their first operand."""

ANSWERS = frozenset(
    "np.histogram np.histogram2d np.histogramdd np.histogram_bin_edges np.nextafter np.spacing"
    .split()
)
"""Those of which ends and steps have no gradient, though differences see one."""

BY_PHASE = frozenset({"np.linalg.eig"})
"""Those whose vectors are determined but for a factor."""

BY_PLACE = frozenset("np.unique_all np.unique_counts np.unique_inverse np.unique_values".split())
"""Those whose operands have no names, though their signatures show some."""
