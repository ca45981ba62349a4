# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""What type checkers and editors know of gpugrad."""

from collections.abc import Callable
from collections.abc import Sequence
from gpugrad._rooms import autograd as autograd
from gpugrad._rooms import emath as emath
from gpugrad._rooms import errors as errors
from gpugrad._rooms import fft as fft
from gpugrad._rooms import linalg as linalg
from gpugrad._rooms import nn as nn
from gpugrad._rooms import optim as optim
from gpugrad._rooms import parallel as parallel
from gpugrad._rooms import random as random
from gpugrad._rooms import show as show
from gpugrad._rooms import sparse as sparse
from gpugrad._rooms import special as special
from gpugrad._rooms import stats as stats
from gpugrad._rooms import testing as testing
from gpugrad._rooms import tree as tree
from gpugrad.backends.process_settings import use_deterministic as use_deterministic
from gpugrad.backends.select import use_backend as use_backend
from gpugrad.catalogue.support_table import support as support
from gpugrad.core.op import op as op
from gpugrad.core.tensor import Tensor as Tensor
from gpugrad.engines.profiling import profile as profile
from gpugrad.graph.state import enable_grad as enable_grad
from gpugrad.graph.state import no_grad as no_grad
from gpugrad.ops.arrange import Axes
from gpugrad.ops.choosing import Piece
from gpugrad.ops.convolution import Padding
from gpugrad.ops.convolution import Sizes
from gpugrad.ops.creation import Exporter
from gpugrad.ops.einsum import Optimize
from gpugrad.ops.einsum import Subscripts
from gpugrad.ops.padding import Values
from gpugrad.ops.padding import Widths
from gpugrad.ops.searching import UniqueAllResult
from gpugrad.ops.searching import UniqueCountsResult
from gpugrad.ops.searching import UniqueInverseResult
from gpugrad.ops.type_promotion import FloatLimits
from gpugrad.ops.type_promotion import IntegerLimits
from gpugrad.ops.writing import Written
from gpugrad.sweep.planned import planned_sweeps as planned_sweeps
from gpugrad.sweep.planned import use_planned_sweeps as use_planned_sweeps
from gpugrad.tracing.debug import debug as debug
from gpugrad.transforms.checkpoint import checkpoint as checkpoint
from gpugrad.transforms.control.cond import cond as cond
from gpugrad.transforms.control.scan import scan as scan
from gpugrad.transforms.custom import custom_vjp as custom_vjp
from gpugrad.transforms.forward import hvp as hvp
from gpugrad.transforms.forward import jvp as jvp
from gpugrad.transforms.forward import linearize as linearize
from gpugrad.transforms.host import host as host
from gpugrad.transforms.implicit import implicit as implicit
from gpugrad.transforms.jacobian import hessian as hessian
from gpugrad.transforms.jacobian import jacobian as jacobian
from gpugrad.transforms.jit.jit import jit as jit
from gpugrad.transforms.reverse import grad as grad
from gpugrad.transforms.reverse import stop_gradient as stop_gradient
from gpugrad.transforms.reverse import value_and_grad as value_and_grad
from gpugrad.transforms.reverse import vjp as vjp
from gpugrad.transforms.vmap import vmap as vmap
from gpugrad.types import Array
from gpugrad.types import Axis
from gpugrad.types import DType
from gpugrad.types import DTypeLike
from gpugrad.types import Key
from gpugrad.types import Operand
from gpugrad.types import Shape
from numpy import bool as bool
from numpy import complex128 as complex128
from numpy import complex64 as complex64
from numpy import e as e
from numpy import float16 as float16
from numpy import float32 as float32
from numpy import float64 as float64
from numpy import generic
from numpy import inf as inf
from numpy import int16 as int16
from numpy import int32 as int32
from numpy import int64 as int64
from numpy import int8 as int8
from numpy import nan as nan
from numpy import ndarray
from numpy import newaxis as newaxis
from numpy import pi as pi
from numpy import uint16 as uint16
from numpy import uint32 as uint32
from numpy import uint64 as uint64
from numpy import uint8 as uint8
from typing import Any
from typing import overload
import builtins

__version__: str

__all__ = [
    "Tensor",
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "all",
    "allclose",
    "amax",
    "amin",
    "angle",
    "any",
    "append",
    "apply_along_axis",
    "apply_over_axes",
    "arange",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "argwhere",
    "around",
    "array_equal",
    "array_equiv",
    "array_split",
    "asarray",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "autograd",
    "average",
    "avg_pool2d",
    "bincount",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "block",
    "bool",
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "can_cast",
    "cbrt",
    "ceil",
    "checkpoint",
    "choose",
    "clip",
    "column_stack",
    "complex128",
    "complex64",
    "compress",
    "concat",
    "concatenate",
    "cond",
    "conj",
    "conjugate",
    "conv1d",
    "conv2d",
    "convolve",
    "convolve2d",
    "copy",
    "copysign",
    "copyto",
    "corrcoef",
    "correlate",
    "cos",
    "cosh",
    "count_nonzero",
    "cov",
    "cross",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "custom_vjp",
    "debug",
    "deg2rad",
    "degrees",
    "delete",
    "diag",
    "diagflat",
    "diagonal",
    "diff",
    "digamma",
    "digitize",
    "divide",
    "divmod",
    "dot",
    "dsplit",
    "dstack",
    "dynamic_slice",
    "e",
    "ediff1d",
    "einsum",
    "elu",
    "emath",
    "empty",
    "empty_like",
    "enable_grad",
    "entr",
    "equal",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "errors",
    "exp",
    "exp2",
    "expand_dims",
    "expm",
    "expm1",
    "extract",
    "eye",
    "fabs",
    "fft",
    "fill_diagonal",
    "finfo",
    "fix",
    "flatnonzero",
    "flip",
    "fliplr",
    "flipud",
    "float16",
    "float32",
    "float64",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "frexp",
    "from_dlpack",
    "full",
    "full_like",
    "gammaln",
    "gelu",
    "geomspace",
    "grad",
    "gradient",
    "greater",
    "greater_equal",
    "heaviside",
    "hessian",
    "histogram",
    "host",
    "hsplit",
    "hstack",
    "hvp",
    "hypot",
    "iinfo",
    "imag",
    "implicit",
    "inf",
    "inner",
    "insert",
    "int16",
    "int32",
    "int64",
    "int8",
    "interp",
    "intersect1d",
    "invert",
    "isclose",
    "iscomplex",
    "isdtype",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "jacobian",
    "jit",
    "jvp",
    "kron",
    "layer_norm",
    "ldexp",
    "leaky_relu",
    "left_shift",
    "less",
    "less_equal",
    "lexsort",
    "linalg",
    "linear",
    "linearize",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_ndtr",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logit",
    "logspace",
    "logsumexp",
    "matmul",
    "matrix_transpose",
    "matvec",
    "max",
    "max_pool2d",
    "maximum",
    "mean",
    "mean_squared_error",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mod",
    "modf",
    "moveaxis",
    "multiply",
    "nan",
    "nan_to_num",
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "ndtr",
    "ndtri",
    "negative",
    "newaxis",
    "nextafter",
    "nll",
    "nn",
    "no_grad",
    "nonzero",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "op",
    "optim",
    "outer",
    "pad",
    "parallel",
    "partition",
    "percentile",
    "permute_dims",
    "pi",
    "piecewise",
    "place",
    "planned_sweeps",
    "poly",
    "polyadd",
    "polyder",
    "polydiv",
    "polyfit",
    "polygamma",
    "polyint",
    "polymul",
    "polysub",
    "polyval",
    "positive",
    "pow",
    "power",
    "prod",
    "profile",
    "ptp",
    "put",
    "put_along_axis",
    "putmask",
    "quantile",
    "rad2deg",
    "radians",
    "random",
    "ravel",
    "real",
    "real_if_close",
    "reciprocal",
    "relu",
    "remainder",
    "repeat",
    "reshape",
    "resize",
    "result_type",
    "right_shift",
    "rint",
    "roll",
    "rollaxis",
    "roots",
    "rot90",
    "round",
    "scan",
    "scatter_add",
    "searchsorted",
    "select",
    "setdiff1d",
    "setxor1d",
    "show",
    "sigmoid",
    "sign",
    "signbit",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "sliding_window_view",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sort",
    "sort_complex",
    "spacing",
    "sparse",
    "special",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "stats",
    "std",
    "stop_gradient",
    "subtract",
    "sum",
    "support",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensor",
    "tensordot",
    "testing",
    "tile",
    "to_device",
    "trace",
    "transpose",
    "trapezoid",
    "tree",
    "tril",
    "trim_zeros",
    "triu",
    "true_divide",
    "trunc",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "union1d",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "unstack",
    "unwrap",
    "use_backend",
    "use_deterministic",
    "use_planned_sweeps",
    "value_and_grad",
    "vander",
    "var",
    "vdot",
    "vecdot",
    "vecmat",
    "vjp",
    "vmap",
    "vsplit",
    "vstack",
    "where",
    "xlog1py",
    "xlogy",
    "zeros",
    "zeros_like",
]

@overload
def abs(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def abs(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def abs(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Absolute value. The derivative at 0 is 0."""

@overload
def absolute(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def absolute(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def absolute(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Absolute value. The derivative at 0 is 0."""

@overload
def acos(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def acos(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def acos(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose cosine is `x`, from 0 to π; NaN beyond 1. Its slope at ±1 is infinite."""

@overload
def acosh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def acosh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def acosh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `cosh`; NaN below 1, where its slope is infinite."""

@overload
def add(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def add(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def add(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def add(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Sum of `a` and `b`."""

@overload
def all(x: ndarray, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def all(x: Tensor, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def all(x: Operand, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> Array:
    """Whether all elements along `axis` are true."""

@overload
def allclose(a: ndarray, b: ndarray | generic | complex, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> ndarray: ...
@overload
def allclose(a: Tensor, b: Operand, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Tensor: ...
@overload
def allclose(a: Operand, b: Tensor, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Tensor: ...
@overload
def allclose(a: Operand, b: Operand, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Array:
    """Whether all elements are close; see `isclose`."""

@overload
def amax(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def amax(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def amax(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Largest element along `axis`; NaN if there is one. Equal elements share the gradient."""

@overload
def amin(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def amin(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def amin(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Smallest element along `axis`; NaN if there is one. Equal elements share the gradient."""

@overload
def angle(x: ndarray, /, deg: builtins.bool = False) -> ndarray: ...
@overload
def angle(x: Tensor, /, deg: builtins.bool = False) -> Tensor: ...
@overload
def angle(x: Operand, /, deg: builtins.bool = False) -> Array:
    """The phase of complex `x` in radians, or degrees; of real `x` 0 or π, whose slope is 0."""

@overload
def any(x: ndarray, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def any(x: Tensor, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def any(x: Operand, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> Array:
    """Whether any element along `axis` is true."""

@overload
def append(x: ndarray, values: ndarray | generic | complex, /, axis: int | None = None) -> ndarray: ...
@overload
def append(x: Tensor, values: Operand, /, axis: int | None = None) -> Tensor: ...
@overload
def append(x: Operand, values: Tensor, /, axis: int | None = None) -> Tensor: ...
@overload
def append(x: Operand, values: Operand, /, axis: int | None = None) -> Array:
    """`x` with `values` behind it along `axis`; without one, of all elements in order."""

@overload
def apply_along_axis(function: Callable[..., Any], axis: int, x: ndarray, /, *args: object, **kwargs: object) -> ndarray: ...
@overload
def apply_along_axis(function: Callable[..., Any], axis: int, x: Tensor, /, *args: object, **kwargs: object) -> Tensor: ...
@overload
def apply_along_axis(function: Callable[..., Any], axis: int, x: Operand, /, *args: object, **kwargs: object) -> Array:
    """What `function` gives for each vector of `x` along `axis`; its axes take the place of that.

    `args` and `kwargs` go to the function. It is called once for each vector.
    """

@overload
def apply_over_axes(function: Callable[..., Any], x: ndarray, axes: int | Sequence[int], /) -> ndarray: ...
@overload
def apply_over_axes(function: Callable[..., Any], x: Tensor, axes: int | Sequence[int], /) -> Tensor: ...
@overload
def apply_over_axes(function: Callable[..., Any], x: Operand, axes: int | Sequence[int], /) -> Array:
    """`x` after `function(x, axis)` for each of `axes`, which keeps the axis or drops it."""

def arange(start: float, /, stop: float | None = None, step: float = 1, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Numbers from `start` (or 0) up to but not including `stop`, `step` apart.

    How many there are depends on the values, so none of them may be tracked.
    """

@overload
def arccos(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arccos(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arccos(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose cosine is `x`, from 0 to π; NaN beyond 1. Its slope at ±1 is infinite."""

@overload
def arccosh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arccosh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arccosh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `cosh`; NaN below 1, where its slope is infinite."""

@overload
def arcsin(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arcsin(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arcsin(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose sine is `x`, from -π/2 to π/2; NaN beyond 1. Its slope at ±1 is infinite."""

@overload
def arcsinh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arcsinh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arcsinh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `sinh`."""

@overload
def arctan(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arctan(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arctan(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose tangent is `x`, from -π/2 to π/2."""

@overload
def arctan2(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arctan2(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arctan2(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arctan2(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle of the point with height `x1` and breadth `x2`, from -π to π.

    The gradient at the origin, where there is no angle, is 0.
    """

@overload
def arctanh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arctanh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arctanh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `tanh`; infinite at ±1 and NaN beyond."""

@overload
def argmax(x: ndarray, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def argmax(x: Tensor, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def argmax(x: Operand, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """Index of the first largest element along `axis`."""

@overload
def argmin(x: ndarray, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def argmin(x: Tensor, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def argmin(x: Operand, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """Index of the first smallest element along `axis`."""

@overload
def argpartition(x: ndarray, kth: int | Sequence[int], /, axis: int | None = -1, kind: str = 'introselect', *, order: Any = ...) -> ndarray: ...
@overload
def argpartition(x: Tensor, kth: int | Sequence[int], /, axis: int | None = -1, kind: str = 'introselect', *, order: Any = ...) -> Tensor: ...
@overload
def argpartition(x: Operand, kth: int | Sequence[int], /, axis: int | None = -1, kind: str = 'introselect', *, order: Any = ...) -> Array:
    """Indices that bring to `kth` along `axis` what sorting brings there; here they sort all."""

@overload
def argsort(x: ndarray, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> ndarray: ...
@overload
def argsort(x: Tensor, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> Tensor: ...
@overload
def argsort(x: Operand, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> Array:
    """Indices that bring `x` in order along `axis`; of equal ones the first first if `stable`.

    With `axis=None`, they are those of all elements, in order, as a vector.
    """

@overload
def argwhere(x: ndarray, /) -> ndarray: ...
@overload
def argwhere(x: Tensor, /) -> Tensor: ...
@overload
def argwhere(x: Operand, /) -> Array:
    """The indices of the elements that are not 0, one in each row."""

@overload
def around(x: ndarray, *, decimals: Any = ..., out: Any = ...) -> ndarray: ...
@overload
def around(x: Tensor, *, decimals: Any = ..., out: Any = ...) -> Tensor: ...
@overload
def around(x: Operand, *, decimals: Any = ..., out: Any = ...) -> Array:
    """Nearest whole number; of two as near, the even one."""

@overload
def array_equal(a: Tensor, b: Operand, /, equal_nan: builtins.bool = False) -> Tensor | builtins.bool: ...
@overload
def array_equal(a: Operand, b: Tensor, /, equal_nan: builtins.bool = False) -> Tensor | builtins.bool: ...
@overload
def array_equal(a: Operand, b: Operand, /, equal_nan: builtins.bool = False) -> Array | builtins.bool:
    """Whether two arrays have the same shape and equal elements, NaN to NaN with `equal_nan`."""

@overload
def array_equiv(a: Tensor, b: Operand, /) -> Tensor | builtins.bool: ...
@overload
def array_equiv(a: Operand, b: Tensor, /) -> Tensor | builtins.bool: ...
@overload
def array_equiv(a: Operand, b: Operand, /) -> Array | builtins.bool:
    """Whether two arrays broadcast to one shape and have equal elements there."""

@overload
def array_split(x: Tensor, places: int | Sequence[int], /, axis: int = 0) -> list[Tensor]: ...
@overload
def array_split(x: Operand, places: int | Sequence[int], /, axis: int = 0) -> list[Array]:
    """`x` cut before the indices `places` along `axis`, or into so many parts, of which the first
    are longer by one where the length asks for it.
    """

def asarray(data: Operand, /, *, dtype: DTypeLike | None = None, device: str | None = None, copy: builtins.bool | None = None) -> Tensor:
    """`data` (numbers, nested lists, an array or a Tensor) as a Tensor.

    A Tensor keeps its history, also in lists: what they hold, Tensors, arrays and numbers, is
    stacked, in the dtype that `np.array` gives. An array stays on its device unless `device` names
    another. With `copy=True` the result has memory of its own; with `False` there is no copy, or
    else `InvalidArgument` is raised; with `None` a copy is made where one is needed.
    """

@overload
def asin(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def asin(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def asin(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose sine is `x`, from -π/2 to π/2; NaN beyond 1. Its slope at ±1 is infinite."""

@overload
def asinh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def asinh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def asinh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `sinh`."""

@overload
def astype(x: ndarray, dtype: DTypeLike, /, *, copy: builtins.bool = True, device: str | None = None) -> ndarray: ...
@overload
def astype(x: Tensor, dtype: DTypeLike, /, *, copy: builtins.bool = True, device: str | None = None) -> Tensor: ...
@overload
def astype(x: Operand, dtype: DTypeLike, /, *, copy: builtins.bool = True, device: str | None = None) -> Array:
    """`x` with that dtype, on `device` if one is named. Integers and booleans have no gradient.

    Without `copy`, what has that dtype already is returned itself. Raises `UnsupportedOperand` for
    complex numbers that should become real.
    """

@overload
def atan(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def atan(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def atan(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose tangent is `x`, from -π/2 to π/2."""

@overload
def atan2(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def atan2(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def atan2(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def atan2(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle of the point with height `x1` and breadth `x2`, from -π to π.

    The gradient at the origin, where there is no angle, is 0.
    """

@overload
def atanh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def atanh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def atanh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `tanh`; infinite at ±1 and NaN beyond."""

@overload
def atleast_1d(*operands: Tensor) -> Tensor | tuple[Tensor, ...]: ...
@overload
def atleast_1d(*operands: Operand) -> Array | tuple[Array, ...]:
    """The arrays, each with 1 axes or more, of which new ones have length 1: a tuple, or of one array that."""

@overload
def atleast_2d(*operands: Tensor) -> Tensor | tuple[Tensor, ...]: ...
@overload
def atleast_2d(*operands: Operand) -> Array | tuple[Array, ...]:
    """The arrays, each with 2 axes or more, of which new ones have length 1: a tuple, or of one array that."""

@overload
def atleast_3d(*operands: Tensor) -> Tensor | tuple[Tensor, ...]: ...
@overload
def atleast_3d(*operands: Operand) -> Array | tuple[Array, ...]:
    """The arrays, each with 3 axes or more, of which new ones have length 1: a tuple, or of one array that."""

@overload
def average(x: Tensor, /, axis: Axis = None, weights: Operand | None = None, returned: builtins.bool = False, *, keepdims: builtins.bool = False) -> Tensor | tuple[Tensor, Tensor]: ...
@overload
def average(x: Operand, /, axis: Axis = None, weights: Tensor | None = ..., returned: builtins.bool = False, *, keepdims: builtins.bool = False) -> Tensor | tuple[Tensor, Tensor]: ...
@overload
def average(x: Operand, /, axis: Axis = None, weights: Operand | None = None, returned: builtins.bool = False, *, keepdims: builtins.bool = False) -> Array | tuple[Array, Array]:
    """Mean along `axis`, or with `weights` the sum of products with these divided by their sum.

    `weights` have the shape of `x`, or of its axes `axis`. With `returned`, also the sums of the
    weights.
    """

@overload
def avg_pool2d(x: ndarray, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> ndarray: ...
@overload
def avg_pool2d(x: Tensor, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Tensor: ...
@overload
def avg_pool2d(x: Operand, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """The mean of each window of the last two axes of `x`, with zeros as `padding`, which count.

    See `max_pool2d`.
    """

@overload
def bincount(x: ndarray, /, weights: ndarray | generic | complex | None = ..., minlength: int = 0) -> ndarray: ...
@overload
def bincount(x: Tensor, /, weights: Operand | None = None, minlength: int = 0) -> Tensor: ...
@overload
def bincount(x: Operand, /, weights: Tensor | None = ..., minlength: int = 0) -> Tensor: ...
@overload
def bincount(x: Operand, /, weights: Operand | None = None, minlength: int = 0) -> Array:
    """How often each whole number from 0 occurs in the vector `x`, or the sums of their `weights`.

    The numbers must be known. There are at least `minlength` of them.
    """

@overload
def bitwise_and(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_and(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_and(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_and(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`a & b`, bit by bit."""

@overload
def bitwise_invert(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_invert(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_invert(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`~x`, bit by bit."""

@overload
def bitwise_left_shift(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_left_shift(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_left_shift(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_left_shift(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bits of `a`, moved up by `b` places."""

@overload
def bitwise_not(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_not(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_not(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`~x`, bit by bit."""

@overload
def bitwise_or(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_or(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_or(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_or(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`a | b`, bit by bit."""

@overload
def bitwise_right_shift(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_right_shift(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_right_shift(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_right_shift(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bits of `a`, moved down by `b` places; the sign stays."""

@overload
def bitwise_xor(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_xor(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_xor(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_xor(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bits that only one of `a` and `b` has."""

@overload
def block(operands: ndarray, /) -> ndarray: ...
@overload
def block(operands: Tensor, /) -> Tensor: ...
@overload
def block(operands: Operand, /) -> Array:
    """An array made of blocks: innermost lists go along the last axis, others along those before.

    Blocks with fewer axes than there are lists in each other get axes of length 1 in front.
    """

@overload
def broadcast_arrays(*arrays: Tensor) -> tuple[Tensor, ...]: ...
@overload
def broadcast_arrays(*arrays: Operand) -> tuple[Array, ...]:
    """The arrays, each repeated to the shape that they have together; one that has it is itself."""

def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that arrays of these shapes have together."""

@overload
def broadcast_to(x: ndarray, /, shape: int | Shape, *, subok: Any = ...) -> ndarray: ...
@overload
def broadcast_to(x: Tensor, /, shape: int | Shape, *, subok: Any = ...) -> Tensor: ...
@overload
def broadcast_to(x: Operand, /, shape: int | Shape, *, subok: Any = ...) -> Array:
    """`x` repeated along new axes, and along those of length 1, to have that shape."""

def can_cast(from_: Operand | DTypeLike, to: DTypeLike, /) -> builtins.bool:
    """Whether every value of the dtype, or of that of an array, has a place in the dtype `to`."""

@overload
def cbrt(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def cbrt(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def cbrt(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Cube root of real `x`, also where it is negative. The derivative at 0 is infinite."""

@overload
def ceil(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def ceil(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def ceil(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Smallest whole number that is not below `x`."""

@overload
def choose(a: ndarray, choices: Sequence[ndarray | generic | complex], /, mode: str = 'raise', *, out: Any = ...) -> ndarray: ...
@overload
def choose(a: Tensor, choices: Sequence[Operand], /, mode: str = 'raise', *, out: Any = ...) -> Tensor: ...
@overload
def choose(a: Operand, choices: Sequence[Tensor], /, mode: str = 'raise', *, out: Any = ...) -> Tensor: ...
@overload
def choose(a: Operand, choices: Sequence[Operand], /, mode: str = 'raise', *, out: Any = ...) -> Array:
    """At each place the element of that one of `choices` whose number `a` has there.

    All broadcast. With `mode` "wrap" or "clip", numbers beyond the choices count from the other end
    or as the nearest; with "raise", known ones raise `InvalidArgument`.
    """

@overload
def clip(x: ndarray, min: ndarray | generic | complex | None = ..., max: ndarray | generic | complex | None = ..., *, a_min: Operand | None = ..., a_max: Operand | None = ..., out: Any = ...) -> ndarray: ...
@overload
def clip(x: Tensor, min: Operand | None = None, max: Operand | None = None, *, a_min: Operand | None = ..., a_max: Operand | None = ..., out: Any = ...) -> Tensor: ...
@overload
def clip(x: Operand, min: Tensor | None = ..., max: Operand | None = None, *, a_min: Operand | None = ..., a_max: Operand | None = ..., out: Any = ...) -> Tensor: ...
@overload
def clip(x: Operand, min: Operand | None = None, max: Tensor | None = ..., *, a_min: Operand | None = ..., a_max: Operand | None = ..., out: Any = ...) -> Tensor: ...
@overload
def clip(x: Operand, min: Operand | None = None, max: Operand | None = None, *, a_min: Operand | None = ..., a_max: Operand | None = ..., out: Any = ...) -> Array:
    """`x` held between `min` and `max`; either may be left out, and `max` wins over `min`.

    The gradient goes to `x` inside and at the bounds, to a bound where `x` lies strictly outside.
    """

@overload
def column_stack(operands: Sequence[ndarray], /) -> ndarray: ...
@overload
def column_stack(operands: Sequence[Tensor], /) -> Tensor: ...
@overload
def column_stack(operands: Sequence[Operand], /) -> Array:
    """The arrays beside each other: along the second axis, vectors as columns."""

@overload
def compress(condition: ndarray, x: ndarray | generic | complex, /, axis: int | None = None, *, out: Any = ...) -> ndarray: ...
@overload
def compress(condition: Tensor, x: Operand, /, axis: int | None = None, *, out: Any = ...) -> Tensor: ...
@overload
def compress(condition: Operand, x: Tensor, /, axis: int | None = None, *, out: Any = ...) -> Tensor: ...
@overload
def compress(condition: Operand, x: Operand, /, axis: int | None = None, *, out: Any = ...) -> Array:
    """The slices of `x` along `axis` where the vector `condition` holds, which must be known.

    Without an axis, elements in order. What the condition is too short for is left out.
    """

@overload
def concat(arrays: Sequence[ndarray], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def concat(arrays: Sequence[Tensor], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def concat(arrays: Sequence[Operand], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Array:
    """The arrays one after another along `axis`; `None` flattens them first."""

@overload
def concatenate(arrays: Sequence[ndarray], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def concatenate(arrays: Sequence[Tensor], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def concatenate(arrays: Sequence[Operand], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Array:
    """The arrays one after another along `axis`; `None` flattens them first."""

@overload
def conj(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def conj(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def conj(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Complex conjugate of `x`."""

@overload
def conjugate(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def conjugate(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def conjugate(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Complex conjugate of `x`."""

@overload
def conv1d(x: ndarray, w: ndarray | generic | complex, bias: ndarray | generic | complex | None = ..., *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> ndarray: ...
@overload
def conv1d(x: Tensor, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv1d(x: Operand, w: Tensor, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv1d(x: Operand, w: Operand, bias: Tensor | None = ..., *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv1d(x: Operand, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Array:
    """`conv2d` along one axis: shapes (batch, channels, length) and (outputs, channels, size)."""

@overload
def conv2d(x: ndarray, w: ndarray | generic | complex, bias: ndarray | generic | complex | None = ..., *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> ndarray: ...
@overload
def conv2d(x: Tensor, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv2d(x: Operand, w: Tensor, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv2d(x: Operand, w: Operand, bias: Tensor | None = ..., *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv2d(x: Operand, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Padding = 0, dilation: Sizes = 1, groups: int = 1) -> Array:
    """The convolution of networks, with the layout and meaning that it has in PyTorch.

    That is the cross-correlation of `x`, of shape (batch, channels, height, width), where the batch
    may be left away, with `w`, of shape (outputs, channels, height, width). `bias` has a number for
    each output. `padding` is how many zeros come before and behind each axis, or "valid" for none,
    or "same" for as many places as before; `stride` and `dilation` are how far windows, and their
    elements, lie apart; each is a number or a pair. With `groups`, each group of outputs sees one
    of the channels, and `w` has channels / groups. Raises `InvalidArgument` for what does not fit.
    """

@overload
def convolve(a: ndarray, v: ndarray | generic | complex, /, mode: str = 'full') -> ndarray: ...
@overload
def convolve(a: Tensor, v: Operand, /, mode: str = 'full') -> Tensor: ...
@overload
def convolve(a: Operand, v: Tensor, /, mode: str = 'full') -> Tensor: ...
@overload
def convolve(a: Operand, v: Operand, /, mode: str = 'full') -> Array:
    """The convolution of two vectors: sums of `a[i] * v[k - i]`, for each `k` that `mode` says.

    "full" is wherever they overlap, "valid" where the shorter one lies within the longer, "same"
    as many in the middle as the longer one has. On CuPy, long ones are multiplied by way of their
    Fourier transforms.
    """

@overload
def convolve2d(a: ndarray, v: ndarray | generic | complex, /, mode: str = 'full') -> ndarray: ...
@overload
def convolve2d(a: Tensor, v: Operand, /, mode: str = 'full') -> Tensor: ...
@overload
def convolve2d(a: Operand, v: Tensor, /, mode: str = 'full') -> Tensor: ...
@overload
def convolve2d(a: Operand, v: Operand, /, mode: str = 'full') -> Array:
    """The convolution of two matrices, with zeros around them.

    "full" is wherever they overlap, "same" as large as `a` and in the middle of that, "valid" where
    one lies within the other. As `scipy.signal.convolve2d` with its default boundary.
    """

@overload
def copy(x: ndarray, *, order: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def copy(x: Tensor, *, order: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def copy(x: Operand, *, order: Any = ..., subok: Any = ...) -> Array:
    """An array of its own with the values of `x`."""

@overload
def copysign(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def copysign(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def copysign(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def copysign(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`|x1|` with the sign of `x2`. The derivative at `x1 = 0` is 0, as that of `abs`."""

def copyto(dst: Written, src: Operand, /, casting: str = 'same_kind', where: Operand = True) -> None:
    """Write `src`, which broadcasts, into `dst`, where `where` holds.

    Raises `UnsupportedOperand` if `casting` forbids the dtype.
    """

@overload
def corrcoef(x: ndarray, y: ndarray | generic | complex | None = ..., /, rowvar: builtins.bool = True, *, dtype: Any = ...) -> ndarray: ...
@overload
def corrcoef(x: Tensor, y: Operand | None = None, /, rowvar: builtins.bool = True, *, dtype: Any = ...) -> Tensor: ...
@overload
def corrcoef(x: Operand, y: Tensor | None = ..., /, rowvar: builtins.bool = True, *, dtype: Any = ...) -> Tensor: ...
@overload
def corrcoef(x: Operand, y: Operand | None = None, /, rowvar: builtins.bool = True, *, dtype: Any = ...) -> Array:
    """The correlations of variables: their covariances divided by the deviations of both.

    NaN with what does not vary.
    """

@overload
def correlate(a: ndarray, v: ndarray | generic | complex, /, mode: str = 'valid') -> ndarray: ...
@overload
def correlate(a: Tensor, v: Operand, /, mode: str = 'valid') -> Tensor: ...
@overload
def correlate(a: Operand, v: Tensor, /, mode: str = 'valid') -> Tensor: ...
@overload
def correlate(a: Operand, v: Operand, /, mode: str = 'valid') -> Array:
    """The correlation of two vectors: sums of `a[i + k] * conj(v[i])`.

    `mode` says for which `k`; see `convolve`.
    """

@overload
def cos(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def cos(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def cos(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Cosine of `x`, in radians."""

@overload
def cosh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def cosh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def cosh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Hyperbolic cosine of `x`."""

@overload
def count_nonzero(x: ndarray, *, axis: Axis = None, keepdims: builtins.bool = False) -> ndarray: ...
@overload
def count_nonzero(x: Tensor, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor: ...
@overload
def count_nonzero(x: Operand, *, axis: Axis = None, keepdims: builtins.bool = False) -> Array:
    """How many elements along `axis` are not 0."""

@overload
def cov(x: ndarray, y: ndarray | generic | complex | None = ..., /, rowvar: builtins.bool = True, bias: builtins.bool = False, ddof: int | None = None, fweights: ndarray | generic | complex | None = ..., aweights: ndarray | generic | complex | None = ..., *, dtype: Any = ...) -> ndarray: ...
@overload
def cov(x: Tensor, y: Operand | None = None, /, rowvar: builtins.bool = True, bias: builtins.bool = False, ddof: int | None = None, fweights: Operand | None = None, aweights: Operand | None = None, *, dtype: Any = ...) -> Tensor: ...
@overload
def cov(x: Operand, y: Tensor | None = ..., /, rowvar: builtins.bool = True, bias: builtins.bool = False, ddof: int | None = None, fweights: Operand | None = None, aweights: Operand | None = None, *, dtype: Any = ...) -> Tensor: ...
@overload
def cov(x: Operand, y: Operand | None = None, /, rowvar: builtins.bool = True, bias: builtins.bool = False, ddof: int | None = None, fweights: Tensor | None = ..., aweights: Operand | None = None, *, dtype: Any = ...) -> Tensor: ...
@overload
def cov(x: Operand, y: Operand | None = None, /, rowvar: builtins.bool = True, bias: builtins.bool = False, ddof: int | None = None, fweights: Operand | None = None, aweights: Tensor | None = ..., *, dtype: Any = ...) -> Tensor: ...
@overload
def cov(x: Operand, y: Operand | None = None, /, rowvar: builtins.bool = True, bias: builtins.bool = False, ddof: int | None = None, fweights: Operand | None = None, aweights: Operand | None = None, *, dtype: Any = ...) -> Array:
    """The covariances of variables, which are the rows of `x` and of `y`, or with `rowvar=False`
    the columns.

    Sums are divided by the number of samples less `ddof`, which is 1, or with `bias` 0. `fweights`
    says how often each sample was found, `aweights` how much it counts.
    """

@overload
def cross(x1: ndarray, x2: ndarray | generic | complex, /, *, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> ndarray: ...
@overload
def cross(x1: Tensor, x2: Operand, /, *, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor: ...
@overload
def cross(x1: Operand, x2: Tensor, /, *, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor: ...
@overload
def cross(x1: Operand, x2: Operand, /, *, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Array:
    """Vector products of vectors with three components; the other axes broadcast.

    The components lie along `axisa` of `x1` and `axisb` of `x2`, those of the result along `axisc`;
    `axis` stands for all three.
    """

@overload
def cumprod(x: ndarray, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def cumprod(x: Tensor, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def cumprod(x: Operand, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Array:
    """`cumulative_prod` along `axis`; without one, of all elements in order."""

@overload
def cumsum(x: ndarray, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def cumsum(x: Tensor, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def cumsum(x: Operand, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Array:
    """`cumulative_sum` along `axis`; without one, of all elements in order."""

@overload
def cumulative_prod(x: ndarray, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def cumulative_prod(x: Tensor, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def cumulative_prod(x: Operand, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Array:
    """Products of the elements up to each along `axis`, which may be left out for a vector.

    With `include_initial`, a 1 comes first. They are in `dtype` if one is given, as in `sum`. The
    gradient is exact also with zeros.
    """

@overload
def cumulative_sum(x: ndarray, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def cumulative_sum(x: Tensor, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def cumulative_sum(x: Operand, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Array:
    """Sums of the elements up to each along `axis`, which may be left out for a vector.

    With `include_initial`, a 0 comes first. They are in `dtype` if one is given, as in `sum`.
    """

@overload
def deg2rad(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def deg2rad(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def deg2rad(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The angle `x`, given in degrees, in radians."""

@overload
def degrees(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def degrees(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def degrees(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The angle `x`, given in radians, in degrees."""

@overload
def delete(x: ndarray, places: int | slice | Sequence[int] | ndarray | Tensor, /, axis: int | None = None) -> ndarray: ...
@overload
def delete(x: Tensor, places: int | slice | Sequence[int] | ndarray | Tensor, /, axis: int | None = None) -> Tensor: ...
@overload
def delete(x: Operand, places: int | slice | Sequence[int] | ndarray | Tensor, /, axis: int | None = None) -> Array:
    """`x` without what is at `places` along `axis`: an index, a slice or several indices.

    Without an axis, of all elements in order.
    """

@overload
def diag(x: ndarray, /, k: int = 0) -> ndarray: ...
@overload
def diag(x: Tensor, /, k: int = 0) -> Tensor: ...
@overload
def diag(x: Operand, /, k: int = 0) -> Array:
    """Of a matrix, its diagonal number `k`; of a vector, the matrix with it there."""

@overload
def diagflat(x: ndarray, /, k: int = 0) -> ndarray: ...
@overload
def diagflat(x: Tensor, /, k: int = 0) -> Tensor: ...
@overload
def diagflat(x: Operand, /, k: int = 0) -> Array:
    """The matrix with all elements of `x` on its diagonal number `k`."""

@overload
def diagonal(x: ndarray, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> ndarray: ...
@overload
def diagonal(x: Tensor, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor: ...
@overload
def diagonal(x: Operand, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The diagonals of the matrices along two axes, as the last axis: the main ones, or those so
    many places above. As NumPy's it is a view that cannot be written to.
    """

@overload
def diff(x: ndarray, /, *, axis: int = -1, n: int = 1, prepend: ndarray | generic | complex | None = ..., append: ndarray | generic | complex | None = ...) -> ndarray: ...
@overload
def diff(x: Tensor, /, *, axis: int = -1, n: int = 1, prepend: Operand | None = None, append: Operand | None = None) -> Tensor: ...
@overload
def diff(x: Operand, /, *, axis: int = -1, n: int = 1, prepend: Tensor | None = ..., append: Operand | None = None) -> Tensor: ...
@overload
def diff(x: Operand, /, *, axis: int = -1, n: int = 1, prepend: Operand | None = None, append: Tensor | None = ...) -> Tensor: ...
@overload
def diff(x: Operand, /, *, axis: int = -1, n: int = 1, prepend: Operand | None = None, append: Operand | None = None) -> Array:
    """Differences of neighbours along `axis`, `n` times; `prepend` comes before, `append` behind.

    A number there stands for one element at each place. Of booleans, whether they differ. With
    `n=0`, `x` itself.
    """

@overload
def digamma(x: ndarray) -> ndarray: ...
@overload
def digamma(x: Tensor) -> Tensor: ...
@overload
def digamma(x: Operand) -> Array:
    """Derivative of `gammaln`, of real numbers."""

@overload
def digitize(x: ndarray, bins: ndarray | generic | complex, /, right: builtins.bool = False) -> ndarray: ...
@overload
def digitize(x: Tensor, bins: Operand, /, right: builtins.bool = False) -> Tensor: ...
@overload
def digitize(x: Operand, bins: Tensor, /, right: builtins.bool = False) -> Tensor: ...
@overload
def digitize(x: Operand, bins: Operand, /, right: builtins.bool = False) -> Array:
    """The number of the span between neighbours of the vector `bins` in which each element lies.

    `bins` rise or fall. A span holds its lower end, or with `right` its upper one; 0 and the number
    of bins are beyond the ends.
    """

@overload
def divide(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def divide(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def divide(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def divide(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Quotient of `a` and `b`; integers give the default floating dtype."""

@overload
def divmod(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Tensor, Tensor]: ...
@overload
def divmod(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Tensor, Tensor]: ...
@overload
def divmod(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Array, Array]:
    """`floor_divide` and `remainder`."""

@overload
def dot(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ...) -> ndarray: ...
@overload
def dot(x1: Tensor, x2: Operand, /, *, out: Any = ...) -> Tensor: ...
@overload
def dot(x1: Operand, x2: Tensor, /, *, out: Any = ...) -> Tensor: ...
@overload
def dot(x1: Operand, x2: Operand, /, *, out: Any = ...) -> Array:
    """Sums of products over the last axis of `x1` and the last but one, or only one, of `x2`.

    Of numbers, their product. For batches of matrices see `matmul`.
    """

@overload
def dsplit(x: Tensor, places: int | Sequence[int], /) -> list[Tensor]: ...
@overload
def dsplit(x: Operand, places: int | Sequence[int], /) -> list[Array]:
    """`split` along the third axis."""

@overload
def dstack(operands: Sequence[ndarray], /) -> ndarray: ...
@overload
def dstack(operands: Sequence[Tensor], /) -> Tensor: ...
@overload
def dstack(operands: Sequence[Operand], /) -> Array:
    """The arrays behind each other: along the third axis."""

@overload
def dynamic_slice(x: ndarray, starts: Sequence[ndarray | generic | complex], sizes: Sequence[int], /) -> ndarray: ...
@overload
def dynamic_slice(x: Tensor, starts: Sequence[Operand], sizes: Sequence[int], /) -> Tensor: ...
@overload
def dynamic_slice(x: Operand, starts: Sequence[Tensor], sizes: Sequence[int], /) -> Tensor: ...
@overload
def dynamic_slice(x: Operand, starts: Sequence[Operand], sizes: Sequence[int], /) -> Array:
    """The part of `x` of lengths `sizes` that begins at `starts`, whole numbers that may be traced.

    Negative ones count from the end, and what would reach beyond an end begins earlier instead, as
    in JAX. There is one of each for every axis.
    """

@overload
def ediff1d(x: ndarray, /, to_end: ndarray | generic | complex | None = ..., to_begin: ndarray | generic | complex | None = ...) -> ndarray: ...
@overload
def ediff1d(x: Tensor, /, to_end: Operand | None = None, to_begin: Operand | None = None) -> Tensor: ...
@overload
def ediff1d(x: Operand, /, to_end: Tensor | None = ..., to_begin: Operand | None = None) -> Tensor: ...
@overload
def ediff1d(x: Operand, /, to_end: Operand | None = None, to_begin: Tensor | None = ...) -> Tensor: ...
@overload
def ediff1d(x: Operand, /, to_end: Operand | None = None, to_begin: Operand | None = None) -> Array:
    """The differences of neighbours in order, between what is to come first and last."""

@overload
def einsum(subscripts: Subscripts, /, *operands: ndarray, optimize: Optimize = True) -> ndarray: ...
@overload
def einsum(subscripts: Subscripts, /, *operands: Tensor, optimize: Optimize = True) -> Tensor: ...
@overload
def einsum(subscripts: Subscripts, /, *operands: Operand, optimize: Optimize = True) -> Array:
    """Sums of products over named axes, such as `"ij,jk->ik"` for a matrix product.

    A letter that is not in the result is summed over; one that stands twice at an operand takes its
    diagonal; `...` stands for axes that broadcast. Without `->`, the result has the letters that
    occur once, in alphabetic order. As in NumPy, operands and lists of numbers for letters may take
    turns instead. Lengths of one letter must be equal or 1.

    Operands are contracted two at a time, in the cheapest order: of all, where there are at most
    six operands, else by a "greedy" choice. `optimize` may name one of these ("optimal",
    "greedy"), also as a pair with how many elements a result of two operands should have at most,
    be False for from left to right, or be a path as `np.einsum_path` gives it.
    """

@overload
def elu(x: ndarray, /, *, alpha: float = 1.0) -> ndarray: ...
@overload
def elu(x: Tensor, /, *, alpha: float = 1.0) -> Tensor: ...
@overload
def elu(x: Operand, /, *, alpha: float = 1.0) -> Array:
    """`x` where it is positive, else `alpha * (exp(x) - 1)`. The slope at 0 is `alpha`."""

def empty(shape: int | Shape, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor of float64 unless `dtype` says otherwise; what it holds is not said."""

@overload
def empty_like(x: ndarray, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> ndarray: ...
@overload
def empty_like(x: Tensor, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def empty_like(x: Operand, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Array:
    """An array like `x` but for a dtype or device that is named; what it holds is not said."""

@overload
def entr(x: ndarray) -> ndarray: ...
@overload
def entr(x: Tensor) -> Tensor: ...
@overload
def entr(x: Operand) -> Array:
    """`-x * log(x)`: 0 at 0, where its slope is infinite, and -inf below."""

@overload
def equal(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def equal(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def equal(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def equal(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a == b`."""

@overload
def erf(x: ndarray) -> ndarray: ...
@overload
def erf(x: Tensor) -> Tensor: ...
@overload
def erf(x: Operand) -> Array:
    """Error function: 2/√π times the integral of `exp(-t²)` from 0 to `x`."""

@overload
def erfc(x: ndarray) -> ndarray: ...
@overload
def erfc(x: Tensor) -> Tensor: ...
@overload
def erfc(x: Operand) -> Array:
    """`1 - erf(x)`, accurate for large `x`."""

@overload
def erfcx(x: ndarray) -> ndarray: ...
@overload
def erfcx(x: Tensor) -> Tensor: ...
@overload
def erfcx(x: Operand) -> Array:
    """`exp(x * x) * erfc(x)` of real numbers, which is small far above 0 and never 0."""

@overload
def erfinv(x: ndarray) -> ndarray: ...
@overload
def erfinv(x: Tensor) -> Tensor: ...
@overload
def erfinv(x: Operand) -> Array:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond."""

@overload
def exp(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def exp(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def exp(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Exponential of `x`."""

@overload
def exp2(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def exp2(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def exp2(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """2 to the power `x`."""

@overload
def expand_dims(x: ndarray, /, axis: int | Shape = 0) -> ndarray: ...
@overload
def expand_dims(x: Tensor, /, axis: int | Shape = 0) -> Tensor: ...
@overload
def expand_dims(x: Operand, /, axis: int | Shape = 0) -> Array:
    """`x` with an axis of length 1 put in at `axis`, or at several places of the result."""

@overload
def expm(x: ndarray) -> ndarray: ...
@overload
def expm(x: Tensor) -> Tensor: ...
@overload
def expm(x: Operand) -> Array:
    """The exponential of square matrices, `1 + x + x @ x / 2 + ...`.

    N. Higham, "The scaling and squaring method for the matrix exponential revisited" (2005).
    """

@overload
def expm1(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def expm1(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def expm1(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`exp(x) - 1`, accurate near 0."""

@overload
def extract(condition: ndarray, x: ndarray | generic | complex, /) -> ndarray: ...
@overload
def extract(condition: Tensor, x: Operand, /) -> Tensor: ...
@overload
def extract(condition: Operand, x: Tensor, /) -> Tensor: ...
@overload
def extract(condition: Operand, x: Operand, /) -> Array:
    """The elements of `x`, in order, where `condition` holds, which must be known."""

def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor with ones on diagonal `k` and zeros elsewhere, square unless `n_cols` is given.

    Diagonal 0 is the main one, positive ones lie above.
    """

@overload
def fabs(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def fabs(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fabs(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Absolute value of real `x`, in a floating dtype."""

def fill_diagonal(a: Written, val: Operand, /, wrap: builtins.bool = False) -> None:
    """Write `val`, again and again if it has fewer elements, to the main diagonal of `a`.

    Of more than two axes, all have one length. With `wrap`, the diagonal of a high matrix begins
    anew below it.
    """

def finfo(type: Operand | DTypeLike, /) -> FloatLimits:
    """The limits of a floating dtype, or of that of an array: bits, eps, max, min and others.

    Of a complex dtype they are those of its parts.
    """

@overload
def fix(x: ndarray, *, out: Any = ...) -> ndarray: ...
@overload
def fix(x: Tensor, *, out: Any = ...) -> Tensor: ...
@overload
def fix(x: Operand, *, out: Any = ...) -> Array:
    """`x` without what comes after the point."""

@overload
def flatnonzero(x: ndarray, /) -> ndarray: ...
@overload
def flatnonzero(x: Tensor, /) -> Tensor: ...
@overload
def flatnonzero(x: Operand, /) -> Array:
    """The places, counted in order, of the elements that are not 0."""

@overload
def flip(x: ndarray, /, *, axis: int | Shape | None = None) -> ndarray: ...
@overload
def flip(x: Tensor, /, *, axis: int | Shape | None = None) -> Tensor: ...
@overload
def flip(x: Operand, /, *, axis: int | Shape | None = None) -> Array:
    """`x` in the reverse order along `axis`, or along all axes."""

@overload
def fliplr(x: ndarray, /) -> ndarray: ...
@overload
def fliplr(x: Tensor, /) -> Tensor: ...
@overload
def fliplr(x: Operand, /) -> Array:
    """`x` in the reverse order along the second axis."""

@overload
def flipud(x: ndarray, /) -> ndarray: ...
@overload
def flipud(x: Tensor, /) -> Tensor: ...
@overload
def flipud(x: Operand, /) -> Array:
    """`x` upside down: in the reverse order along the first axis."""

@overload
def float_power(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def float_power(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def float_power(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def float_power(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x1` to the power `x2`, computed in float64, or complex128 for complex operands."""

@overload
def floor(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def floor(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def floor(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Largest whole number that is not above `x`."""

@overload
def floor_divide(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def floor_divide(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def floor_divide(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def floor_divide(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Largest whole number that is not above `x1 / x2`; of infinities too, unlike Python's."""

@overload
def fmax(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def fmax(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmax(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmax(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`maximum`, but where one is NaN the other."""

@overload
def fmin(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def fmin(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmin(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmin(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`minimum`, but where one is NaN the other."""

@overload
def fmod(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def fmod(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmod(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmod(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The rest of `x1` divided by `x2`, with the sign of `x1`; `remainder` has that of `x2`."""

@overload
def frexp(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Tensor, Tensor]: ...
@overload
def frexp(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Array, Array]:
    """The mantissa of each number, from 0.5 to 1, and the power of 2 that goes with it."""

def from_dlpack(x: Exporter, /, *, device: str | None = None, copy: builtins.bool | None = None) -> Tensor:
    """The array that any object with `__dlpack__` exports, as a Tensor, which has no history."""

def full(shape: int | Shape, fill_value: Operand, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor that holds `fill_value`: a number, or a Tensor or array that broadcasts to `shape`.
    
    """

@overload
def full_like(x: ndarray, /, fill_value: ndarray | generic | complex, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> ndarray: ...
@overload
def full_like(x: Tensor, /, fill_value: Operand, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def full_like(x: Operand, /, fill_value: Tensor, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def full_like(x: Operand, /, fill_value: Operand, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Array:
    """An array that holds `fill_value`, like `x` but for a dtype or device that is named.

    It is a number, or an array or Tensor that broadcasts to `x`.
    """

@overload
def gammaln(x: ndarray) -> ndarray: ...
@overload
def gammaln(x: Tensor) -> Tensor: ...
@overload
def gammaln(x: Operand) -> Array:
    """Logarithm of the size of the gamma function; infinite at 0 and negative integers."""

@overload
def gelu(x: ndarray) -> ndarray: ...
@overload
def gelu(x: Tensor) -> Tensor: ...
@overload
def gelu(x: Operand) -> Array:
    """`x` times the normal distribution function at `x`, by its approximation with tanh.

    D. Hendrycks and K. Gimpel, "Gaussian error linear units" (2016). What they write as
    `(1 + tanh(u)) / 2` is `sigmoid(2 * u)`, which keeps its digits far below 0.
    """

@overload
def geomspace(start: ndarray, stop: ndarray | generic | complex, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, axis: int = 0) -> ndarray: ...
@overload
def geomspace(start: Tensor, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, axis: int = 0) -> Tensor: ...
@overload
def geomspace(start: Operand, stop: Tensor, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, axis: int = 0) -> Tensor: ...
@overload
def geomspace(start: Operand, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, axis: int = 0) -> Array:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before.

    They are as `linspace` has them otherwise. Neither end may be 0; in a trace, where values
    are not looked at, a 0 gives NaN.
    """

@overload
def gradient(f: Tensor, /, *spacing: Operand, axis: Axis = None, edge_order: int = 1) -> Tensor | tuple[Tensor, ...]: ...
@overload
def gradient(f: Operand, /, *spacing: Tensor, axis: Axis = None, edge_order: int = 1) -> Tensor | tuple[Tensor, ...]: ...
@overload
def gradient(f: Operand, /, *spacing: Operand, axis: Axis = None, edge_order: int = 1) -> Array | tuple[Array, ...]:
    """The slopes of samples `f` along each axis, or along those that `axis` names: a tuple, or of
    one axis an array.

    `spacing` is how far the samples are apart, or a vector with where they are; one for all axes or
    one for each. Inside, slopes are exact for parabolas, at the ends for straight lines, or for
    parabolas with `edge_order=2`. For the gradient of a function see `gg.grad`.
    """

@overload
def greater(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def greater(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def greater(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def greater(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a > b`."""

@overload
def greater_equal(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def greater_equal(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def greater_equal(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def greater_equal(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a >= b`."""

@overload
def heaviside(x: ndarray, h: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def heaviside(x: Tensor, h: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def heaviside(x: Operand, h: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def heaviside(x: Operand, h: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """0 where `x` is negative, 1 where it is positive, `h` where it is 0. Its slope in `x` is 0."""

@overload
def histogram(x: Tensor, /, bins: int | str | Operand = 10, range: tuple[float, float] | None = None, density: builtins.bool | None = None, weights: Operand | None = None) -> tuple[Tensor, Tensor]: ...
@overload
def histogram(x: Operand, /, bins: int | str | Tensor = ..., range: tuple[float, float] | None = None, density: builtins.bool | None = None, weights: Operand | None = None) -> tuple[Tensor, Tensor]: ...
@overload
def histogram(x: Operand, /, bins: int | str | Operand = 10, range: tuple[float, float] | None = None, density: builtins.bool | None = None, weights: Tensor | None = ...) -> tuple[Tensor, Tensor]: ...
@overload
def histogram(x: Operand, /, bins: int | str | Operand = 10, range: tuple[float, float] | None = None, density: builtins.bool | None = None, weights: Operand | None = None) -> tuple[Array, Array]:
    """How many elements, or the sums of which `weights`, lie in each bin, and the ends of the bins.

    The elements must be known. With `density`, divided by the widths of the bins and by the whole.
    Counts have no gradient; sums of weights have one, and so have the ends of the bins, which are
    `bins` themselves or lie between the least and the largest element.
    """

@overload
def hsplit(x: Tensor, places: int | Sequence[int], /) -> list[Tensor]: ...
@overload
def hsplit(x: Operand, places: int | Sequence[int], /) -> list[Array]:
    """`split` along the second axis, of vectors along their only one."""

@overload
def hstack(operands: Sequence[ndarray], /, *, dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def hstack(operands: Sequence[Tensor], /, *, dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def hstack(operands: Sequence[Operand], /, *, dtype: Any = ..., casting: Any = ...) -> Array:
    """The arrays beside each other: along the second axis, vectors along their only one."""

@overload
def hypot(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def hypot(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def hypot(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def hypot(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`sqrt(x1² + x2²)` without overflow. The gradient at the origin is 0."""

def iinfo(type: Operand | DTypeLike, /) -> IntegerLimits:
    """The limits of an integer dtype, or of that of an array: bits, max, min."""

@overload
def imag(x: ndarray) -> ndarray: ...
@overload
def imag(x: Tensor) -> Tensor: ...
@overload
def imag(x: Operand) -> Array:
    """Imaginary part of `x`."""

@overload
def inner(x1: ndarray, x2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def inner(x1: Tensor, x2: Operand, /) -> Tensor: ...
@overload
def inner(x1: Operand, x2: Tensor, /) -> Tensor: ...
@overload
def inner(x1: Operand, x2: Operand, /) -> Array:
    """Sums of products over the last axes of both. Of numbers, their product."""

@overload
def insert(x: ndarray, places: ndarray | generic | complex, values: ndarray | generic | complex, /, axis: int | None = None) -> ndarray: ...
@overload
def insert(x: Tensor, places: Operand, values: Operand, /, axis: int | None = None) -> Tensor: ...
@overload
def insert(x: Operand, places: Tensor, values: Operand, /, axis: int | None = None) -> Tensor: ...
@overload
def insert(x: Operand, places: Operand, values: Tensor, /, axis: int | None = None) -> Tensor: ...
@overload
def insert(x: Operand, places: Operand, values: Operand, /, axis: int | None = None) -> Array:
    """`x` with `values` put in before what is at `places` along `axis`: an index, a slice or
    several indices, which must be known.

    Without an axis, elements in order. Values broadcast to the slices that are put in.
    """

@overload
def interp(x: ndarray, xp: ndarray | generic | complex, fp: ndarray | generic | complex, /, left: ndarray | generic | complex | None = ..., right: ndarray | generic | complex | None = ..., period: float | None = None) -> ndarray: ...
@overload
def interp(x: Tensor, xp: Operand, fp: Operand, /, left: Operand | None = None, right: Operand | None = None, period: float | None = None) -> Tensor: ...
@overload
def interp(x: Operand, xp: Tensor, fp: Operand, /, left: Operand | None = None, right: Operand | None = None, period: float | None = None) -> Tensor: ...
@overload
def interp(x: Operand, xp: Operand, fp: Tensor, /, left: Operand | None = None, right: Operand | None = None, period: float | None = None) -> Tensor: ...
@overload
def interp(x: Operand, xp: Operand, fp: Operand, /, left: Tensor | None = ..., right: Operand | None = None, period: float | None = None) -> Tensor: ...
@overload
def interp(x: Operand, xp: Operand, fp: Operand, /, left: Operand | None = None, right: Tensor | None = ..., period: float | None = None) -> Tensor: ...
@overload
def interp(x: Operand, xp: Operand, fp: Operand, /, left: Operand | None = None, right: Operand | None = None, period: float | None = None) -> Array:
    """The line through the points (`xp`, `fp`), with rising `xp`, at `x`.

    Beyond its ends it is `left` and `right`, or as at the ends. With a `period`, places are counted
    in it, and `xp` may come in any order. At a point, the slope is that of the line behind it.
    """

def intersect1d(x1: Operand, x2: Operand, /, assume_unique: builtins.bool = False, return_indices: builtins.bool = False) -> Any:
    """The elements that are in both, in order, which must be known; the gradient goes to `x1`."""

@overload
def invert(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def invert(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def invert(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`~x`, bit by bit."""

@overload
def isclose(a: ndarray, b: ndarray | generic | complex, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> ndarray: ...
@overload
def isclose(a: Tensor, b: Operand, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Tensor: ...
@overload
def isclose(a: Operand, b: Tensor, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Tensor: ...
@overload
def isclose(a: Operand, b: Operand, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Array:
    """Whether elements differ by no more than `atol + rtol * |b|`; equal infinities are close, and
    NaN to NaN with `equal_nan`.
    """

@overload
def iscomplex(x: ndarray, /) -> ndarray: ...
@overload
def iscomplex(x: Tensor, /) -> Tensor: ...
@overload
def iscomplex(x: Operand, /) -> Array:
    """Whether the imaginary parts of elements are not 0."""

def isdtype(dtype: DTypeLike, kind: DTypeLike | tuple[DTypeLike, ...]) -> builtins.bool:
    """Whether a dtype is of a kind: a dtype, a name such as "integral", or a tuple of these."""

@overload
def isfinite(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def isfinite(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def isfinite(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `x` is neither infinite nor NaN."""

@overload
def isin(x1: ndarray, x2: ndarray | generic | complex, /, *, invert: builtins.bool = False, assume_unique: Any = ..., kind: Any = ...) -> ndarray: ...
@overload
def isin(x1: Tensor, x2: Operand, /, *, invert: builtins.bool = False, assume_unique: Any = ..., kind: Any = ...) -> Tensor: ...
@overload
def isin(x1: Operand, x2: Tensor, /, *, invert: builtins.bool = False, assume_unique: Any = ..., kind: Any = ...) -> Tensor: ...
@overload
def isin(x1: Operand, x2: Operand, /, *, invert: builtins.bool = False, assume_unique: Any = ..., kind: Any = ...) -> Array:
    """Whether each element of `x1` is among those of `x2`; with `invert`, whether it is not."""

@overload
def isinf(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def isinf(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def isinf(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `x` is infinite."""

@overload
def isnan(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def isnan(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def isnan(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `x` is NaN."""

@overload
def isneginf(x: ndarray, /, *, out: Any = ...) -> ndarray: ...
@overload
def isneginf(x: Tensor, /, *, out: Any = ...) -> Tensor: ...
@overload
def isneginf(x: Operand, /, *, out: Any = ...) -> Array:
    """Whether elements are negative infinity."""

@overload
def isposinf(x: ndarray, /, *, out: Any = ...) -> ndarray: ...
@overload
def isposinf(x: Tensor, /, *, out: Any = ...) -> Tensor: ...
@overload
def isposinf(x: Operand, /, *, out: Any = ...) -> Array:
    """Whether elements are positive infinity."""

@overload
def isreal(x: ndarray, /) -> ndarray: ...
@overload
def isreal(x: Tensor, /) -> Tensor: ...
@overload
def isreal(x: Operand, /) -> Array:
    """Whether the imaginary parts of elements are 0."""

@overload
def kron(x1: ndarray, x2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def kron(x1: Tensor, x2: Operand, /) -> Tensor: ...
@overload
def kron(x1: Operand, x2: Tensor, /) -> Tensor: ...
@overload
def kron(x1: Operand, x2: Operand, /) -> Array:
    """The Kronecker product: `x2` in place of each element of `x1`, times that."""

@overload
def layer_norm(x: ndarray, weight: ndarray | generic | complex | None = ..., bias: ndarray | generic | complex | None = ..., *, axis: Axis = -1, eps: float = 1e-05) -> ndarray: ...
@overload
def layer_norm(x: Tensor, weight: Operand | None = None, bias: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-05) -> Tensor: ...
@overload
def layer_norm(x: Operand, weight: Tensor | None = ..., bias: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-05) -> Tensor: ...
@overload
def layer_norm(x: Operand, weight: Operand | None = None, bias: Tensor | None = ..., *, axis: Axis = -1, eps: float = 1e-05) -> Tensor: ...
@overload
def layer_norm(x: Operand, weight: Operand | None = None, bias: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-05) -> Array:
    """`x` with mean 0 and variance 1 along `axis`, times `weight` plus `bias`, which broadcast.

    `eps` is added to the variance, so that equal elements give 0. Raises `InvalidArgument` for a
    negative one, and where `weight` or `bias` would enlarge `x`.
    """

@overload
def ldexp(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def ldexp(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def ldexp(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def ldexp(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x1 * 2**x2` for integers `x2`."""

@overload
def leaky_relu(x: ndarray, /, *, slope: float = 0.01) -> ndarray: ...
@overload
def leaky_relu(x: Tensor, /, *, slope: float = 0.01) -> Tensor: ...
@overload
def leaky_relu(x: Operand, /, *, slope: float = 0.01) -> Array:
    """`x` where it is positive, else `slope * x`. The slope at 0 is `slope`."""

@overload
def left_shift(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def left_shift(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def left_shift(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def left_shift(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bits of `a`, moved up by `b` places."""

@overload
def less(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def less(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def less(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def less(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a < b`."""

@overload
def less_equal(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def less_equal(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def less_equal(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def less_equal(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a <= b`."""

@overload
def lexsort(keys: Sequence[ndarray], /, axis: int = -1) -> ndarray: ...
@overload
def lexsort(keys: Sequence[Tensor], /, axis: int = -1) -> Tensor: ...
@overload
def lexsort(keys: Sequence[Operand], /, axis: int = -1) -> Array:
    """Indices that sort by the last of `keys`, equal ones by that before it, and so on."""

@overload
def linear(a: ndarray, b: ndarray | generic | complex, c: ndarray | generic | complex) -> ndarray: ...
@overload
def linear(a: Tensor, b: Operand, c: Operand) -> Tensor: ...
@overload
def linear(a: Operand, b: Tensor, c: Operand) -> Tensor: ...
@overload
def linear(a: Operand, b: Operand, c: Tensor) -> Tensor: ...
@overload
def linear(a: Operand, b: Operand, c: Operand) -> Array:
    """`a @ b + c`, a layer of a network: shapes (..., n), (n, m) and (m,) give (..., m)."""

@overload
def linspace(start: Tensor, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, retstep: builtins.bool = False, axis: int = 0) -> Tensor | tuple[Tensor, Tensor]: ...
@overload
def linspace(start: Operand, stop: Tensor, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, retstep: builtins.bool = False, axis: int = 0) -> Tensor | tuple[Tensor, Tensor]: ...
@overload
def linspace(start: Operand, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, retstep: builtins.bool = False, axis: int = 0) -> Array | tuple[Array, Array]:
    """`num` evenly spaced numbers from `start` to `stop`, which is left out without `endpoint`.

    Those between the elements of arrays, which broadcast, lie along the new axis `axis`. With
    `retstep`, the distances between neighbours come with them; NaN where there are none.
    """

@overload
def log(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def log(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def log(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Natural logarithm of `x`; -inf at 0, NaN below."""

@overload
def log10(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def log10(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def log10(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Logarithm of `x` to base 10; -inf at 0, NaN below."""

@overload
def log1p(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def log1p(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def log1p(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`log(1 + x)`, accurate near 0."""

@overload
def log2(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def log2(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def log2(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Logarithm of `x` to base 2; -inf at 0, NaN below."""

@overload
def log_ndtr(x: ndarray) -> ndarray: ...
@overload
def log_ndtr(x: Tensor) -> Tensor: ...
@overload
def log_ndtr(x: Operand) -> Array:
    """Logarithm of `ndtr(x)`, accurate for very negative `x`."""

@overload
def log_sigmoid(x: ndarray) -> ndarray: ...
@overload
def log_sigmoid(x: Tensor) -> Tensor: ...
@overload
def log_sigmoid(x: Operand) -> Array:
    """Logarithm of `sigmoid(x)` of real `x`, accurate where that is 0 or 1 in its dtype."""

@overload
def log_softmax(x: ndarray, /, axis: Axis = -1) -> ndarray: ...
@overload
def log_softmax(x: Tensor, /, axis: Axis = -1) -> Tensor: ...
@overload
def log_softmax(x: Operand, /, axis: Axis = -1) -> Array:
    """Logarithm of the softmax along `axis`."""

@overload
def logaddexp(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logaddexp(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logaddexp(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logaddexp(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`log(exp(x1) + exp(x2))` without overflow. Equal operands share the gradient evenly."""

@overload
def logaddexp2(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logaddexp2(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logaddexp2(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logaddexp2(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`log2(2**x1 + 2**x2)` without overflow; see `logaddexp`."""

@overload
def logical_and(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logical_and(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_and(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_and(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether both are true."""

@overload
def logical_not(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logical_not(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_not(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `x` is false."""

@overload
def logical_or(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logical_or(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_or(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_or(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether one is true, or both."""

@overload
def logical_xor(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logical_xor(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_xor(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_xor(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether one is true, but not both."""

@overload
def logit(x: ndarray) -> ndarray: ...
@overload
def logit(x: Tensor) -> Tensor: ...
@overload
def logit(x: Operand) -> Array:
    """`log(x / (1 - x))`, the inverse of `expit`; infinite at 0 and 1, NaN beyond."""

@overload
def logspace(start: ndarray, stop: ndarray | generic | complex, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, base: ndarray | generic | complex = ..., axis: int = 0) -> ndarray: ...
@overload
def logspace(start: Tensor, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, base: Operand = 10.0, axis: int = 0) -> Tensor: ...
@overload
def logspace(start: Operand, stop: Tensor, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, base: Operand = 10.0, axis: int = 0) -> Tensor: ...
@overload
def logspace(start: Operand, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, base: Tensor = ..., axis: int = 0) -> Tensor: ...
@overload
def logspace(start: Operand, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, base: Operand = 10.0, axis: int = 0) -> Array:
    """`base` to the power of each of `num` evenly spaced numbers from `start` to `stop`.

    Arrays among the first two and `base` broadcast; see `linspace`.
    """

@overload
def logsumexp(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> ndarray: ...
@overload
def logsumexp(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> Tensor: ...
@overload
def logsumexp(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> Array:
    """`log(sum(exp(x)))` along `axis`, without overflow; -inf (with gradient 0) if all are -inf."""

@overload
def matmul(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def matmul(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matmul(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matmul(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """Matrix product of the last two axes, batched over the others; a vector has one axis."""

@overload
def matrix_transpose(x: ndarray) -> ndarray: ...
@overload
def matrix_transpose(x: Tensor) -> Tensor: ...
@overload
def matrix_transpose(x: Operand) -> Array:
    """`x` with its last two axes swapped."""

@overload
def matvec(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def matvec(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matvec(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matvec(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """The products of matrices `x1` and vectors `x2`; the axes before broadcast."""

@overload
def max(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def max(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def max(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Largest element along `axis`; NaN if there is one. Equal elements share the gradient."""

@overload
def max_pool2d(x: ndarray, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> ndarray: ...
@overload
def max_pool2d(x: Tensor, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Tensor: ...
@overload
def max_pool2d(x: Operand, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """The largest element of each window of the last two axes of `x`.

    `window` is a length or a pair; windows lie `stride` apart, or side by side without one. Of
    `padding`, which comes before and behind, no element is the largest. Equal elements share the
    gradient evenly, as in `max`.
    """

@overload
def maximum(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def maximum(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def maximum(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def maximum(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The larger of `a` and `b`; NaN if one is. Equal operands share the gradient evenly."""

@overload
def mean(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def mean(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def mean(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> Array:
    """Mean along `axis`; float16 accumulates in float32. The mean of nothing is NaN."""

@overload
def mean_squared_error(predicted: ndarray, target: ndarray | generic | complex) -> ndarray: ...
@overload
def mean_squared_error(predicted: Tensor, target: Operand) -> Tensor: ...
@overload
def mean_squared_error(predicted: Operand, target: Tensor) -> Tensor: ...
@overload
def mean_squared_error(predicted: Operand, target: Operand) -> Array:
    """Mean of `(predicted - target) ** 2` over all elements.

    One of the operands may broadcast to the shape of the other. Raises `InvalidArgument` where both
    would: of shapes (n, 1) and (n,), each would be compared with each.
    """

@overload
def median(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def median(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def median(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """The element in the middle along `axis`, or the mean of the two; NaN where one of them is."""

@overload
def meshgrid(*arrays: Tensor, indexing: str = 'xy', sparse: builtins.bool = False, copy: builtins.bool = True) -> tuple[Tensor, ...]: ...
@overload
def meshgrid(*arrays: Operand, indexing: str = 'xy', sparse: builtins.bool = False, copy: builtins.bool = True) -> tuple[Array, ...]:
    """Coordinates of a grid: each vector along an axis of its own, repeated along the others.

    With `indexing="xy"` the first two axes are swapped, as in a picture; with `"ij"` they are not.
    With `sparse`, nothing is repeated: the coordinates broadcast to the grid. Without `copy` they
    are views, which cannot be written to.
    """

@overload
def min(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def min(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def min(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Smallest element along `axis`; NaN if there is one. Equal elements share the gradient."""

@overload
def minimum(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def minimum(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def minimum(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def minimum(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The smaller of `a` and `b`; NaN if one is. Equal operands share the gradient evenly."""

@overload
def mod(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def mod(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def mod(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def mod(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x1 - x2 * floor(x1 / x2)`: it has the sign of `x2`."""

@overload
def modf(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Tensor, Tensor]: ...
@overload
def modf(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Array, Array]:
    """What comes after the point, and the whole part, both with the sign of `x`.

    The whole part has gradient 0. The fraction of an infinity is 0.
    """

@overload
def moveaxis(x: ndarray, source: Axes, destination: Axes, /) -> ndarray: ...
@overload
def moveaxis(x: Tensor, source: Axes, destination: Axes, /) -> Tensor: ...
@overload
def moveaxis(x: Operand, source: Axes, destination: Axes, /) -> Array:
    """`x` with the axes `source` at the places `destination`; the others stay in their order."""

@overload
def multiply(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def multiply(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def multiply(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def multiply(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Product of `a` and `b`."""

@overload
def nan_to_num(x: ndarray, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None, copy: Any = ...) -> ndarray: ...
@overload
def nan_to_num(x: Tensor, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None, copy: Any = ...) -> Tensor: ...
@overload
def nan_to_num(x: Operand, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None, copy: Any = ...) -> Array:
    """`x` with `nan` for NaN, and for infinities `posinf` and `neginf`, or the largest numbers.

    Of complex numbers, in each part. What was replaced has gradient 0.
    """

@overload
def nanargmax(x: ndarray, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def nanargmax(x: Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def nanargmax(x: Operand, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """Where the largest element along `axis` is that is not NaN; there has to be one."""

@overload
def nanargmin(x: ndarray, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def nanargmin(x: Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def nanargmin(x: Operand, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """Where the smallest element along `axis` is that is not NaN; there has to be one."""

@overload
def nancumprod(x: ndarray, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> ndarray: ...
@overload
def nancumprod(x: Tensor, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> Tensor: ...
@overload
def nancumprod(x: Operand, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> Array:
    """`cumprod` with 1 for NaN."""

@overload
def nancumsum(x: ndarray, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> ndarray: ...
@overload
def nancumsum(x: Tensor, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> Tensor: ...
@overload
def nancumsum(x: Operand, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> Array:
    """`cumsum` with 0 for NaN."""

@overload
def nanmax(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nanmax(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nanmax(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Largest element along `axis` that is not NaN; NaN where nothing is left."""

@overload
def nanmean(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nanmean(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nanmean(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> Array:
    """Mean along `axis` of what is not NaN; NaN where nothing is left."""

@overload
def nanmedian(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def nanmedian(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanmedian(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """`median` of what is not NaN; NaN where nothing is left."""

@overload
def nanmin(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nanmin(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nanmin(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Smallest element along `axis` that is not NaN; NaN where nothing is left."""

@overload
def nanpercentile(x: ndarray, q: ndarray | generic | complex, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def nanpercentile(x: Tensor, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanpercentile(x: Operand, q: Tensor, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanpercentile(x: Operand, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """`nanquantile` for shares in percent."""

@overload
def nanprod(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nanprod(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nanprod(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Product along `axis` of what is not NaN."""

@overload
def nanquantile(x: ndarray, q: ndarray | generic | complex, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def nanquantile(x: Tensor, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanquantile(x: Operand, q: Tensor, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanquantile(x: Operand, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """`quantile` of what is not NaN; NaN where nothing is left."""

@overload
def nanstd(x: ndarray, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> ndarray: ...
@overload
def nanstd(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Tensor: ...
@overload
def nanstd(x: Operand, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Array:
    """Standard deviation along `axis` of what is not NaN; see `std` and `nanvar`."""

@overload
def nansum(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nansum(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nansum(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Sum along `axis` of what is not NaN."""

@overload
def nanvar(x: ndarray, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> ndarray: ...
@overload
def nanvar(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Tensor: ...
@overload
def nanvar(x: Operand, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Array:
    """Variance along `axis` of what is not NaN; see `var`. NaN where too little is left."""

@overload
def ndtr(x: ndarray) -> ndarray: ...
@overload
def ndtr(x: Tensor) -> Tensor: ...
@overload
def ndtr(x: Operand) -> Array:
    """Distribution function of the standard normal distribution."""

@overload
def ndtri(x: ndarray) -> ndarray: ...
@overload
def ndtri(x: Tensor) -> Tensor: ...
@overload
def ndtri(x: Operand) -> Array:
    """The inverse of `ndtr`: infinite at 0 and 1, NaN beyond."""

@overload
def negative(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def negative(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def negative(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x` with the other sign."""

@overload
def nextafter(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def nextafter(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def nextafter(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def nextafter(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Next number after `x1` that the dtype has, towards `x2`."""

@overload
def nll(log_probs: ndarray, labels: ndarray | generic | complex) -> ndarray: ...
@overload
def nll(log_probs: Tensor, labels: Operand) -> Tensor: ...
@overload
def nll(log_probs: Operand, labels: Tensor) -> Tensor: ...
@overload
def nll(log_probs: Operand, labels: Operand) -> Array:
    """Negative log-likelihood `-log_probs[..., label]` of integer labels.

    Shapes (..., n) and (...) give (...). A label outside of `range(n)` raises `InvalidArgument` on
    the CPU; on a GPU, which is not waited for, the loss is NaN.
    """

@overload
def nonzero(x: Tensor) -> tuple[Tensor, ...]: ...
@overload
def nonzero(x: Operand) -> tuple[Array, ...]:
    """Indices of the elements that are not 0: for each axis an array."""

@overload
def not_equal(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def not_equal(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def not_equal(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def not_equal(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a != b`."""

@overload
def one_hot(labels: ndarray, /, n: int, dtype: DTypeLike) -> ndarray: ...
@overload
def one_hot(labels: Tensor, /, n: int, dtype: DTypeLike) -> Tensor: ...
@overload
def one_hot(labels: Operand, /, n: int, dtype: DTypeLike) -> Array:
    """Rows of length `n` that are 1 at their label and 0 elsewhere; all 0 for one out of range."""

def ones(shape: int | Shape, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor of ones; float64 unless `dtype` says otherwise."""

@overload
def ones_like(x: ndarray, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> ndarray: ...
@overload
def ones_like(x: Tensor, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def ones_like(x: Operand, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Array:
    """Ones of the shape of `x`, and of its dtype and device unless others are named."""

@overload
def outer(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ...) -> ndarray: ...
@overload
def outer(x1: Tensor, x2: Operand, /, *, out: Any = ...) -> Tensor: ...
@overload
def outer(x1: Operand, x2: Tensor, /, *, out: Any = ...) -> Tensor: ...
@overload
def outer(x1: Operand, x2: Operand, /, *, out: Any = ...) -> Array:
    """The products of each element of `x1` with each of `x2`, which are taken for vectors."""

@overload
def pad(x: ndarray, pad_width: Widths, /, mode: str = 'constant', *, constant_values: Values | None = None, end_values: Values | None = None, stat_length: int | Sequence[int] | Sequence[Sequence[int]] | None = None, reflect_type: str | None = None) -> ndarray: ...
@overload
def pad(x: Tensor, pad_width: Widths, /, mode: str = 'constant', *, constant_values: Values | None = None, end_values: Values | None = None, stat_length: int | Sequence[int] | Sequence[Sequence[int]] | None = None, reflect_type: str | None = None) -> Tensor: ...
@overload
def pad(x: Operand, pad_width: Widths, /, mode: str = 'constant', *, constant_values: Values | None = None, end_values: Values | None = None, stat_length: int | Sequence[int] | Sequence[Sequence[int]] | None = None, reflect_type: str | None = None) -> Array:
    """`x` with more elements before and behind along each axis.

    `pad_width` is a number, a pair (before, behind), a pair for each axis, or a mapping from axes
    to these. With `mode` "constant" the new ones are `constant_values` (0), with "linear_ramp" on
    a line from the last one to `end_values` (0), with "maximum", "mean", "median" and "minimum"
    that of all, or of the `stat_length` last ones; each is a number, a pair or a pair for each
    axis. With "edge" they are the last one, with "reflect" and "symmetric" mirror images without
    and with it, with "wrap" those from the other end; with `reflect_type="odd"` a mirror image is
    what it takes from twice the last one. Gradients of elements that are repeated add up.
    """

@overload
def partition(x: ndarray, kth: int | Sequence[int], /, axis: int | None = -1, *, kind: Any = ..., order: Any = ...) -> ndarray: ...
@overload
def partition(x: Tensor, kth: int | Sequence[int], /, axis: int | None = -1, *, kind: Any = ..., order: Any = ...) -> Tensor: ...
@overload
def partition(x: Operand, kth: int | Sequence[int], /, axis: int | None = -1, *, kind: Any = ..., order: Any = ...) -> Array:
    """`x` such that the elements `kth` along `axis` are where sorting would put them.

    Smaller ones stand before and larger ones behind; here all are sorted.
    """

@overload
def percentile(x: ndarray, q: ndarray | generic | complex, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def percentile(x: Tensor, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def percentile(x: Operand, q: Tensor, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def percentile(x: Operand, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """`quantile` for shares in percent."""

@overload
def permute_dims(x: ndarray, /, axes: Sequence[int]) -> ndarray: ...
@overload
def permute_dims(x: Tensor, /, axes: Sequence[int]) -> Tensor: ...
@overload
def permute_dims(x: Operand, /, axes: Sequence[int]) -> Array:
    """`x` with its axes in the order `axes`."""

@overload
def piecewise(x: ndarray, conditions: Sequence[ndarray | generic | complex], functions: Sequence[Piece | (ndarray | generic | complex)], /, *args: object, **kwargs: object) -> ndarray: ...
@overload
def piecewise(x: Tensor, conditions: Sequence[Operand], functions: Sequence[Piece | Operand], /, *args: object, **kwargs: object) -> Tensor: ...
@overload
def piecewise(x: Operand, conditions: Sequence[Tensor], functions: Sequence[Piece | Operand], /, *args: object, **kwargs: object) -> Tensor: ...
@overload
def piecewise(x: Operand, conditions: Sequence[Operand], functions: Sequence[Piece | Tensor], /, *args: object, **kwargs: object) -> Tensor: ...
@overload
def piecewise(x: Operand, conditions: Sequence[Operand], functions: Sequence[Piece | Operand], /, *args: object, **kwargs: object) -> Array:
    """At each place what the function, or the number, of the last condition that holds there gives.

    One more function than conditions is for where none holds, else that is 0. Each function is
    given all of `x`, and `args` and `kwargs`; its values where its condition does not hold have no
    effect.
    """

def place(arr: Written, mask: Operand, vals: Operand, /) -> None:
    """Write the first of `vals` where `mask` holds first, and so on, again and again.

    Where the mask holds must be known.
    """

@overload
def poly(seq_of_zeros: ndarray, /) -> ndarray: ...
@overload
def poly(seq_of_zeros: Tensor, /) -> Tensor: ...
@overload
def poly(seq_of_zeros: Operand, /) -> Array:
    """The coefficients of the polynomial that has these zeros, or of the characteristic one of a
    square matrix.
    """

@overload
def polyadd(a1: ndarray, a2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def polyadd(a1: Tensor, a2: Operand, /) -> Tensor: ...
@overload
def polyadd(a1: Operand, a2: Tensor, /) -> Tensor: ...
@overload
def polyadd(a1: Operand, a2: Operand, /) -> Array:
    """The sum of two polynomials."""

@overload
def polyder(p: ndarray, /, m: int = 1) -> ndarray: ...
@overload
def polyder(p: Tensor, /, m: int = 1) -> Tensor: ...
@overload
def polyder(p: Operand, /, m: int = 1) -> Array:
    """The derivative of order `m` of a polynomial."""

@overload
def polydiv(u: Tensor, v: Operand, /) -> tuple[Tensor, Tensor]: ...
@overload
def polydiv(u: Operand, v: Tensor, /) -> tuple[Tensor, Tensor]: ...
@overload
def polydiv(u: Operand, v: Operand, /) -> tuple[Array, Array]:
    """The quotient of two polynomials, and what is left over.

    Leading coefficients of the remainder that are 0 are left out, as NumPy leaves them.
    """

@overload
def polyfit(x: Tensor, y: Operand, deg: int, /, rcond: float | None = None, full: builtins.bool = False, w: Operand | None = None, cov: builtins.bool | str = False) -> Tensor | tuple[Tensor, ...]: ...
@overload
def polyfit(x: Operand, y: Tensor, deg: int, /, rcond: float | None = None, full: builtins.bool = False, w: Operand | None = None, cov: builtins.bool | str = False) -> Tensor | tuple[Tensor, ...]: ...
@overload
def polyfit(x: Operand, y: Operand, deg: int, /, rcond: float | None = None, full: builtins.bool = False, w: Tensor | None = ..., cov: builtins.bool | str = False) -> Tensor | tuple[Tensor, ...]: ...
@overload
def polyfit(x: Operand, y: Operand, deg: int, /, rcond: float | None = None, full: builtins.bool = False, w: Operand | None = None, cov: builtins.bool | str = False) -> Array | tuple[Array, ...]:
    """The polynomial of degree `deg` that fits samples `y` at `x` best, by least squares.

    `y` may have several columns; `w` weighs residuals. With `full`, also the squares of the
    residuals, the rank and the singular values of the scaled powers, and `rcond`; with `cov`, also
    the covariances of the coefficients, scaled by the residuals, or with "unscaled" not.
    """

@overload
def polygamma(x: ndarray, /, *, n: int) -> ndarray: ...
@overload
def polygamma(x: Tensor, /, *, n: int) -> Tensor: ...
@overload
def polygamma(x: Operand, /, *, n: int) -> Array:
    """Derivative number `n` of `digamma`."""

@overload
def polyint(p: ndarray, /, m: int = 1, k: ndarray | generic | complex | Sequence[ndarray | generic | complex] | None = ...) -> ndarray: ...
@overload
def polyint(p: Tensor, /, m: int = 1, k: Operand | Sequence[Operand] | None = None) -> Tensor: ...
@overload
def polyint(p: Operand, /, m: int = 1, k: Tensor | Sequence[Tensor] | None = ...) -> Tensor: ...
@overload
def polyint(p: Operand, /, m: int = 1, k: Operand | Sequence[Operand] | None = None) -> Array:
    """The integral of order `m` of a polynomial, with the constants `k`, which are 0."""

@overload
def polymul(a1: ndarray, a2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def polymul(a1: Tensor, a2: Operand, /) -> Tensor: ...
@overload
def polymul(a1: Operand, a2: Tensor, /) -> Tensor: ...
@overload
def polymul(a1: Operand, a2: Operand, /) -> Array:
    """The product of two polynomials."""

@overload
def polysub(a1: ndarray, a2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def polysub(a1: Tensor, a2: Operand, /) -> Tensor: ...
@overload
def polysub(a1: Operand, a2: Tensor, /) -> Tensor: ...
@overload
def polysub(a1: Operand, a2: Operand, /) -> Array:
    """The difference of two polynomials."""

@overload
def polyval(p: ndarray, x: ndarray | generic | complex, /) -> ndarray: ...
@overload
def polyval(p: Tensor, x: Operand, /) -> Tensor: ...
@overload
def polyval(p: Operand, x: Tensor, /) -> Tensor: ...
@overload
def polyval(p: Operand, x: Operand, /) -> Array:
    """The polynomial with coefficients `p`, that of the highest power first, at `x`."""

@overload
def positive(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def positive(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def positive(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x`."""

@overload
def pow(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def pow(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def pow(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def pow(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`a` to the power `b`. d/da is exact for b = 0, 1, 2; d/db of a negative base is NaN."""

@overload
def power(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def power(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def power(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def power(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`a` to the power `b`. d/da is exact for b = 0, 1, 2; d/db of a negative base is NaN."""

@overload
def prod(x: ndarray, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def prod(x: Tensor, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def prod(x: Operand, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Product along `axis`, in `dtype` if one is given, as in `sum`. The product of nothing is 1.

    The gradient is exact also with zeros.
    """

@overload
def ptp(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def ptp(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def ptp(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """The largest element along `axis` less the smallest."""

def put(a: Written, ind: Operand, v: Operand, /, mode: str = 'raise') -> None:
    """Write `v`, again and again if they are fewer, at the places `ind` of `a`, counted in order.

    The places must be known. With `mode` "wrap" or "clip", those beyond the ends count from the
    other end or as the last one.
    """

@overload
def put_along_axis(x: Tensor | ndarray, indices: Tensor, values: Operand, axis: int = -1, *, inplace: builtins.bool = True) -> Tensor | None: ...
@overload
def put_along_axis(x: Tensor | ndarray, indices: Operand, values: Tensor, axis: int = -1, *, inplace: builtins.bool = True) -> Tensor | None: ...
@overload
def put_along_axis(x: Tensor | ndarray, indices: Operand, values: Operand, axis: int = -1, *, inplace: builtins.bool = True) -> Array | None:
    """Write `values` into `x` at `indices` along `axis`, each at its own place on the others.

    As NumPy's function it writes into `x`, an array or a Tensor, and returns nothing. With
    `inplace=False`, `x` stays as it is, and the changed array is returned. On the other axes,
    shapes broadcast; of repeated indices the last wins. What was overwritten has gradient 0.
    """

def putmask(a: Written, mask: Operand, values: Operand, /) -> None:
    """Write `values` into `a` where `mask` holds, each at its own place, again and again if they
    are fewer.
    """

@overload
def quantile(x: ndarray, q: ndarray | generic | complex, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def quantile(x: Tensor, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def quantile(x: Operand, q: Tensor, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def quantile(x: Operand, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """What a share `q` of the elements along `axis` lies below; NaN where one of them is.

    `q` is a number from 0 to 1, or an array of them, whose axes come first in the result. Between
    two elements, `method` takes a point of the line ("linear"), the "lower", the "higher", the
    "nearest" or the "midpoint". The gradient goes to the elements that are taken.
    """

@overload
def rad2deg(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def rad2deg(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def rad2deg(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The angle `x`, given in radians, in degrees."""

@overload
def radians(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def radians(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def radians(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The angle `x`, given in degrees, in radians."""

@overload
def ravel(x: ndarray, /, *, order: Any = ...) -> ndarray: ...
@overload
def ravel(x: Tensor, /, *, order: Any = ...) -> Tensor: ...
@overload
def ravel(x: Operand, /, *, order: Any = ...) -> Array:
    """All elements of `x` in order, as a vector: a view where they lie in memory in that order."""

@overload
def real(x: ndarray) -> ndarray: ...
@overload
def real(x: Tensor) -> Tensor: ...
@overload
def real(x: Operand) -> Array:
    """Real part of `x`."""

@overload
def real_if_close(x: ndarray, /, tol: float = 100) -> ndarray: ...
@overload
def real_if_close(x: Tensor, /, tol: float = 100) -> Tensor: ...
@overload
def real_if_close(x: Operand, /, tol: float = 100) -> Array:
    """The real part of complex numbers whose imaginary parts are all nearly 0, else `x`.

    They are if they are less than `tol`, in units of the rounding error if it is larger than 1.
    """

@overload
def reciprocal(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def reciprocal(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def reciprocal(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`1 / x`."""

@overload
def relu(x: ndarray) -> ndarray: ...
@overload
def relu(x: Tensor) -> Tensor: ...
@overload
def relu(x: Operand) -> Array:
    """`x` where it is positive, else 0; NaN stays NaN. The derivative at 0 and at NaN is 0."""

@overload
def remainder(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def remainder(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def remainder(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def remainder(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x1 - x2 * floor(x1 / x2)`: it has the sign of `x2`."""

@overload
def repeat(x: ndarray, repeats: ndarray | generic | complex, /, *, axis: int | None = None) -> ndarray: ...
@overload
def repeat(x: Tensor, repeats: Operand, /, *, axis: int | None = None) -> Tensor: ...
@overload
def repeat(x: Operand, repeats: Tensor, /, *, axis: int | None = None) -> Tensor: ...
@overload
def repeat(x: Operand, repeats: Operand, /, *, axis: int | None = None) -> Array:
    """`x` with each element repeated along `axis`: `repeats` times, or each as often as it says.

    Without an axis, of all elements in order.
    """

@overload
def reshape(x: ndarray, /, shape: Shape, *, copy: builtins.bool | None = None, order: Any = ...) -> ndarray: ...
@overload
def reshape(x: Tensor, /, shape: Shape, *, copy: builtins.bool | None = None, order: Any = ...) -> Tensor: ...
@overload
def reshape(x: Operand, /, shape: Shape, *, copy: builtins.bool | None = None, order: Any = ...) -> Array:
    """The elements of `x`, in order, in another shape; one length may be -1.

    With `copy=True` the result has memory of its own; with `False`, `InvalidArgument` is raised
    where it would need some.
    """

@overload
def resize(x: ndarray, shape: int | Shape, /) -> ndarray: ...
@overload
def resize(x: Tensor, shape: int | Shape, /) -> Tensor: ...
@overload
def resize(x: Operand, shape: int | Shape, /) -> Array:
    """The elements of `x` in order, again and again, in an array of that shape."""

def result_type(*operands: Operand | DTypeLike) -> DType:
    """The dtype of a result of arrays, Tensors, dtypes and numbers; numbers of Python are weak."""

@overload
def right_shift(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def right_shift(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def right_shift(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def right_shift(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bits of `a`, moved down by `b` places; the sign stays."""

@overload
def rint(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def rint(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def rint(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Nearest whole number, of integers too as a floating one; of two as near, the even one."""

@overload
def roll(x: ndarray, /, shift: int | Shape, *, axis: int | Shape | None = None) -> ndarray: ...
@overload
def roll(x: Tensor, /, shift: int | Shape, *, axis: int | Shape | None = None) -> Tensor: ...
@overload
def roll(x: Operand, /, shift: int | Shape, *, axis: int | Shape | None = None) -> Array:
    """`x` moved by `shift` places along `axis`; what leaves at the end comes in at the begin.

    Without an axis, all elements in order are moved.
    """

@overload
def rollaxis(x: ndarray, axis: int, /, start: int = 0) -> ndarray: ...
@overload
def rollaxis(x: Tensor, axis: int, /, start: int = 0) -> Tensor: ...
@overload
def rollaxis(x: Operand, axis: int, /, start: int = 0) -> Array:
    """`x` with `axis` moved before the one that is now at `start`; `moveaxis` is plainer."""

@overload
def roots(p: ndarray, /) -> ndarray: ...
@overload
def roots(p: Tensor, /) -> Tensor: ...
@overload
def roots(p: Operand, /) -> Array:
    """The zeros of a polynomial, complex where one of them is, in no order.

    They are eigenvalues; where two are equal they have no gradient. Which coefficients at both ends
    are 0 must be known.
    """

@overload
def rot90(x: ndarray, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> ndarray: ...
@overload
def rot90(x: Tensor, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor: ...
@overload
def rot90(x: Operand, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """`x` turned `k` times by 90°, from the first of two axes to the second."""

@overload
def round(x: ndarray, *, decimals: Any = ..., out: Any = ...) -> ndarray: ...
@overload
def round(x: Tensor, *, decimals: Any = ..., out: Any = ...) -> Tensor: ...
@overload
def round(x: Operand, *, decimals: Any = ..., out: Any = ...) -> Array:
    """Nearest whole number; of two as near, the even one."""

@overload
def scatter_add(x: ndarray, key: Key, /, shape: tuple[int, ...]) -> ndarray: ...
@overload
def scatter_add(x: Tensor, key: Key, /, shape: tuple[int, ...]) -> Tensor: ...
@overload
def scatter_add(x: Operand, key: Key, /, shape: tuple[int, ...]) -> Array:
    """Zeros of `shape` with `x` added at `key`; repeated indices add up."""

@overload
def searchsorted(x1: ndarray, x2: ndarray | generic | complex, /, *, side: str = 'left', sorter: ndarray | generic | complex | None = ...) -> ndarray: ...
@overload
def searchsorted(x1: Tensor, x2: Operand, /, *, side: str = 'left', sorter: Operand | None = None) -> Tensor: ...
@overload
def searchsorted(x1: Operand, x2: Tensor, /, *, side: str = 'left', sorter: Operand | None = None) -> Tensor: ...
@overload
def searchsorted(x1: Operand, x2: Operand, /, *, side: str = 'left', sorter: Tensor | None = ...) -> Tensor: ...
@overload
def searchsorted(x1: Operand, x2: Operand, /, *, side: str = 'left', sorter: Operand | None = None) -> Array:
    """Where in the vector `x1` each of `x2` belongs, before its equals or after them.

    `x1` is sorted, or else `sorter` holds the indices that sort it.
    """

@overload
def select(conditions: Sequence[ndarray], choices: Sequence[ndarray | generic | complex], /, default: ndarray | generic | complex = ...) -> ndarray: ...
@overload
def select(conditions: Sequence[Tensor], choices: Sequence[Operand], /, default: Operand = 0) -> Tensor: ...
@overload
def select(conditions: Sequence[Operand], choices: Sequence[Tensor], /, default: Operand = 0) -> Tensor: ...
@overload
def select(conditions: Sequence[Operand], choices: Sequence[Operand], /, default: Tensor = ...) -> Tensor: ...
@overload
def select(conditions: Sequence[Operand], choices: Sequence[Operand], /, default: Operand = 0) -> Array:
    """Elements of the first of `choices` whose condition holds, and else of `default`."""

@overload
def setdiff1d(x1: ndarray, x2: ndarray | generic | complex, /, assume_unique: builtins.bool = False) -> ndarray: ...
@overload
def setdiff1d(x1: Tensor, x2: Operand, /, assume_unique: builtins.bool = False) -> Tensor: ...
@overload
def setdiff1d(x1: Operand, x2: Tensor, /, assume_unique: builtins.bool = False) -> Tensor: ...
@overload
def setdiff1d(x1: Operand, x2: Operand, /, assume_unique: builtins.bool = False) -> Array:
    """The elements of `x1` that are not in `x2`, in order, which must be known."""

@overload
def setxor1d(x1: ndarray, x2: ndarray | generic | complex, /, assume_unique: builtins.bool = False) -> ndarray: ...
@overload
def setxor1d(x1: Tensor, x2: Operand, /, assume_unique: builtins.bool = False) -> Tensor: ...
@overload
def setxor1d(x1: Operand, x2: Tensor, /, assume_unique: builtins.bool = False) -> Tensor: ...
@overload
def setxor1d(x1: Operand, x2: Operand, /, assume_unique: builtins.bool = False) -> Array:
    """The elements that are in one of both alone, in order, which must be known."""

@overload
def sigmoid(x: ndarray) -> ndarray: ...
@overload
def sigmoid(x: Tensor) -> Tensor: ...
@overload
def sigmoid(x: Operand) -> Array:
    """`1 / (1 + exp(-x))`."""

@overload
def sign(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def sign(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def sign(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """-1, 0 or 1; `x / |x|` for complex `x`. Its gradient counts as 0."""

@overload
def signbit(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def signbit(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def signbit(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether the sign of `x` is negative, also for -0.0 and NaN."""

@overload
def silu(x: ndarray) -> ndarray: ...
@overload
def silu(x: Tensor) -> Tensor: ...
@overload
def silu(x: Operand) -> Array:
    """`x * sigmoid(x)`."""

@overload
def sin(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def sin(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def sin(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Sine of `x`, in radians."""

@overload
def sinc(x: ndarray) -> ndarray: ...
@overload
def sinc(x: Tensor) -> Tensor: ...
@overload
def sinc(x: Operand) -> Array:
    """`sin(πx) / (πx)`, and 1 at 0."""

@overload
def sinh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def sinh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def sinh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Hyperbolic sine of `x`."""

@overload
def sliding_window_view(x: ndarray, window_shape: int | Shape, /, axis: Axis = None) -> ndarray: ...
@overload
def sliding_window_view(x: Tensor, window_shape: int | Shape, /, axis: Axis = None) -> Tensor: ...
@overload
def sliding_window_view(x: Operand, window_shape: int | Shape, /, axis: Axis = None) -> Array:
    """All windows of that shape along `axis`, or along all axes; those of each go to the end.

    Unlike NumPy's it is no view: the windows are copies.
    """

@overload
def softmax(x: ndarray, /, axis: Axis = -1) -> ndarray: ...
@overload
def softmax(x: Tensor, /, axis: Axis = -1) -> Tensor: ...
@overload
def softmax(x: Operand, /, axis: Axis = -1) -> Array:
    """`exp(x)` divided by its sum along `axis`."""

@overload
def softmax_cross_entropy(logits: ndarray, labels: ndarray | generic | complex, /) -> ndarray: ...
@overload
def softmax_cross_entropy(logits: Tensor, labels: Operand, /) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Tensor, /) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Operand, /) -> Array:
    """Cross entropy of the softmax of `logits` with `labels`: one loss for each row.

    `logits` has shape (..., n). Integer `labels` have shape (...) and values in `range(n)` (checked
    on the CPU; on a GPU, which is not waited for, the loss is NaN outside); floating ones have the
    shape of `logits` and hold the probability of each class, such as one-hot rows. Raises
    `InvalidArgument` for other shapes and for labels out of range.
    """

@overload
def softplus(x: ndarray) -> ndarray: ...
@overload
def softplus(x: Tensor) -> Tensor: ...
@overload
def softplus(x: Operand) -> Array:
    """`log(1 + exp(x))` of real `x`, a smooth relu."""

@overload
def sort(x: ndarray, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> ndarray: ...
@overload
def sort(x: Tensor, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> Tensor: ...
@overload
def sort(x: Operand, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> Array:
    """`x` in order along `axis`, the smallest first unless `descending`; NaN last.

    With `axis=None`, all elements, as a vector.
    """

@overload
def sort_complex(x: ndarray, /) -> ndarray: ...
@overload
def sort_complex(x: Tensor, /) -> Tensor: ...
@overload
def sort_complex(x: Operand, /) -> Array:
    """The elements of `x` along the last axis in order, as complex numbers."""

@overload
def spacing(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def spacing(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def spacing(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """How far it is from each number to the next one away from 0."""

@overload
def split(x: Tensor, places: int | Sequence[int], /, axis: int = 0) -> list[Tensor]: ...
@overload
def split(x: Operand, places: int | Sequence[int], /, axis: int = 0) -> list[Array]:
    """`array_split` into parts of equal length, where their number is given."""

@overload
def sqrt(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def sqrt(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def sqrt(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Square root of `x`. The derivative at 0 is infinite."""

@overload
def square(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def square(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def square(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x * x`."""

@overload
def squeeze(x: ndarray, /, axis: int | Shape | None = None) -> ndarray: ...
@overload
def squeeze(x: Tensor, /, axis: int | Shape | None = None) -> Tensor: ...
@overload
def squeeze(x: Operand, /, axis: int | Shape | None = None) -> Array:
    """`x` without the axes `axis`, which must have length 1; `None` takes all of these."""

@overload
def stack(arrays: Sequence[ndarray], /, axis: int = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def stack(arrays: Sequence[Tensor], /, axis: int = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def stack(arrays: Sequence[Operand], /, axis: int = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Array:
    """Arrays of one shape side by side along a new axis."""

@overload
def std(x: ndarray, /, axis: Axis = None, *, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> ndarray: ...
@overload
def std(x: Tensor, /, axis: Axis = None, *, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Tensor: ...
@overload
def std(x: Operand, /, axis: Axis = None, *, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Array:
    """Standard deviation along `axis`, the root of `var`, also where that leaves the range.

    Where it is 0, so is its gradient.
    """

@overload
def subtract(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def subtract(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def subtract(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def subtract(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`a` less `b`."""

@overload
def sum(x: ndarray, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def sum(x: Tensor, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def sum(x: Operand, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Sum along `axis`, in `dtype` if one is given. The sum of nothing is 0.

    Without `dtype`, float16 accumulates in float32, and integers in 64 bits. A sum of floating
    numbers as integers counts as a constant.
    """

@overload
def swapaxes(x: ndarray, axis1: int, axis2: int, /) -> ndarray: ...
@overload
def swapaxes(x: Tensor, axis1: int, axis2: int, /) -> Tensor: ...
@overload
def swapaxes(x: Operand, axis1: int, axis2: int, /) -> Array:
    """`x` with these two axes in each other's place."""

@overload
def take(x: ndarray, indices: ndarray | generic | complex, /, *, axis: int | None = None, mode: str = 'raise', out: Any = ...) -> ndarray: ...
@overload
def take(x: Tensor, indices: Operand, /, *, axis: int | None = None, mode: str = 'raise', out: Any = ...) -> Tensor: ...
@overload
def take(x: Operand, indices: Tensor, /, *, axis: int | None = None, mode: str = 'raise', out: Any = ...) -> Tensor: ...
@overload
def take(x: Operand, indices: Operand, /, *, axis: int | None = None, mode: str = 'raise', out: Any = ...) -> Array:
    """Elements of `x` at the integers `indices` along `axis`, or without one of all in order.

    With `mode` "wrap" or "clip", indices beyond the ends count from the other end or as the nearest
    one. Gradients of elements that are named several times add up.
    """

@overload
def take_along_axis(x: ndarray, indices: ndarray | generic | complex, /, *, axis: int | None = -1) -> ndarray: ...
@overload
def take_along_axis(x: Tensor, indices: Operand, /, *, axis: int | None = -1) -> Tensor: ...
@overload
def take_along_axis(x: Operand, indices: Tensor, /, *, axis: int | None = -1) -> Tensor: ...
@overload
def take_along_axis(x: Operand, indices: Operand, /, *, axis: int | None = -1) -> Array:
    """Elements of `x` at `indices` along `axis`, each from its own place on the other axes.

    On these, shapes broadcast. Without an axis, of all elements in order, at the indices of a
    vector. Gradients of elements that are named several times add up.
    """

@overload
def tan(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def tan(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def tan(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Tangent of `x`."""

@overload
def tanh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def tanh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def tanh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Hyperbolic tangent of `x`."""

def tensor(data: Operand, *, requires_grad: builtins.bool = False, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor of `data`: numbers, nested lists, or a NumPy or CuPy array, which is not copied.

    With `requires_grad` it is a leaf, into whose `.grad` `backward()` adds. Raises
    `NotDifferentiable` for a leaf of integers, and for Tensors that need a gradient.
    """

@overload
def tensordot(x1: ndarray, x2: ndarray | generic | complex, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> ndarray: ...
@overload
def tensordot(x1: Tensor, x2: Operand, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Tensor: ...
@overload
def tensordot(x1: Operand, x2: Tensor, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Tensor: ...
@overload
def tensordot(x1: Operand, x2: Operand, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Array:
    """Sums of products over axes of `x1` and `x2`: the last of one with the first of the other, so
    many of them, or those that a pair names: for each of the two an axis, or several.
    """

@overload
def tile(x: ndarray, repetitions: Sequence[int], /) -> ndarray: ...
@overload
def tile(x: Tensor, repetitions: Sequence[int], /) -> Tensor: ...
@overload
def tile(x: Operand, repetitions: Sequence[int], /) -> Array:
    """`x` side by side with itself, so many times along each axis, counted from the last."""

@overload
def to_device(x: ndarray, device: str, /, *, stream: None = None) -> ndarray: ...
@overload
def to_device(x: Tensor, device: str, /, *, stream: None = None) -> Tensor: ...
@overload
def to_device(x: Operand, device: str, /, *, stream: None = None) -> Array:
    """`x` on `device`: `"cpu"`, `"cuda"` or `"cuda:N"`. Its gradient comes back to where `x` is.

    The copy is made on the current stream of the library: another one is not taken.
    """

@overload
def trace(x: ndarray, /, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike | None = None, *, out: Any = ...) -> ndarray: ...
@overload
def trace(x: Tensor, /, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike | None = None, *, out: Any = ...) -> Tensor: ...
@overload
def trace(x: Operand, /, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike | None = None, *, out: Any = ...) -> Array:
    """Sums of the diagonals, in `dtype` if one is given; see `diagonal`."""

@overload
def transpose(x: ndarray, /, axes: Sequence[int] | None = None) -> ndarray: ...
@overload
def transpose(x: Tensor, /, axes: Sequence[int] | None = None) -> Tensor: ...
@overload
def transpose(x: Operand, /, axes: Sequence[int] | None = None) -> Array:
    """`x` with its axes in the order `axes`, or reversed without one."""

@overload
def trapezoid(y: ndarray, /, x: ndarray | generic | complex | None = ..., *, dx: float = 1.0, axis: int = -1) -> ndarray: ...
@overload
def trapezoid(y: Tensor, /, x: Operand | None = None, *, dx: float = 1.0, axis: int = -1) -> Tensor: ...
@overload
def trapezoid(y: Operand, /, x: Tensor | None = ..., *, dx: float = 1.0, axis: int = -1) -> Tensor: ...
@overload
def trapezoid(y: Operand, /, x: Operand | None = None, *, dx: float = 1.0, axis: int = -1) -> Array:
    """Integral along `axis` by the rule of trapezoids, of samples `y` at `x`, or `dx` apart."""

@overload
def tril(x: ndarray, /, *, k: int = 0) -> ndarray: ...
@overload
def tril(x: Tensor, /, *, k: int = 0) -> Tensor: ...
@overload
def tril(x: Operand, /, *, k: int = 0) -> Array:
    """Matrices `x` with zeros above diagonal `k`; 0 is the main one, positive ones lie above."""

@overload
def trim_zeros(x: ndarray, /, trim: str = 'fb', axis: Axis = None) -> ndarray: ...
@overload
def trim_zeros(x: Tensor, /, trim: str = 'fb', axis: Axis = None) -> Tensor: ...
@overload
def trim_zeros(x: Operand, /, trim: str = 'fb', axis: Axis = None) -> Array:
    """`x` without the zeros at its front ("f"), its back ("b") or both, along `axis`, or all axes.

    Which elements are 0 must be known.
    """

@overload
def triu(x: ndarray, /, *, k: int = 0) -> ndarray: ...
@overload
def triu(x: Tensor, /, *, k: int = 0) -> Tensor: ...
@overload
def triu(x: Operand, /, *, k: int = 0) -> Array:
    """Matrices `x` with zeros below diagonal `k`; 0 is the main one, positive ones lie above."""

@overload
def true_divide(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def true_divide(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def true_divide(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def true_divide(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Quotient of `a` and `b`; integers give the default floating dtype."""

@overload
def trunc(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def trunc(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def trunc(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x` without what comes after the point."""

@overload
def union1d(x1: ndarray, x2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def union1d(x1: Tensor, x2: Operand, /) -> Tensor: ...
@overload
def union1d(x1: Operand, x2: Tensor, /) -> Tensor: ...
@overload
def union1d(x1: Operand, x2: Operand, /) -> Array:
    """The different elements of both, in order, which must be known."""

def unique(x: Operand, /, return_index: builtins.bool = False, return_inverse: builtins.bool = False, return_counts: builtins.bool = False, axis: int | None = None, *, equal_nan: builtins.bool = True, sorted: builtins.bool = True) -> Any:
    """The different elements of `x`, or slices along `axis`, in order, which must be known.

    On demand also where each comes first, which of them each is, and how many there are. NaNs are
    one, or with `equal_nan=False` each its own. The gradient of an element goes to the first of its
    equals.
    """

@overload
def unique_all(x: Tensor, /) -> UniqueAllResult[Tensor]: ...
@overload
def unique_all(x: Operand, /) -> UniqueAllResult[Array]:
    """The different elements of `x` in order of size, where each comes first, which of them each
    element is, and how many there are. NaNs differ from each other.
    """

@overload
def unique_counts(x: Tensor, /) -> UniqueCountsResult[Tensor]: ...
@overload
def unique_counts(x: Operand, /) -> UniqueCountsResult[Array]:
    """The different elements of `x` in order of size, and how many there are of each."""

@overload
def unique_inverse(x: Tensor, /) -> UniqueInverseResult[Tensor]: ...
@overload
def unique_inverse(x: Operand, /) -> UniqueInverseResult[Array]:
    """The different elements of `x` in order of size, and which of them each element is."""

@overload
def unique_values(x: ndarray, /) -> ndarray: ...
@overload
def unique_values(x: Tensor, /) -> Tensor: ...
@overload
def unique_values(x: Operand, /) -> Array:
    """The different elements of `x` in order of size."""

@overload
def unstack(x: Tensor, /, axis: int = 0) -> tuple[Tensor, ...]: ...
@overload
def unstack(x: Operand, /, axis: int = 0) -> tuple[Array, ...]:
    """The slices of `x` along `axis`, as a tuple."""

@overload
def unwrap(p: ndarray, /, discont: float | None = None, axis: int = -1, *, period: float = 6.283185307179586) -> ndarray: ...
@overload
def unwrap(p: Tensor, /, discont: float | None = None, axis: int = -1, *, period: float = 6.283185307179586) -> Tensor: ...
@overload
def unwrap(p: Operand, /, discont: float | None = None, axis: int = -1, *, period: float = 6.283185307179586) -> Array:
    """`p` without jumps along `axis`: whole periods are added so that neighbours differ by at most
    half of one, or by less than `discont` if that is more.
    """

@overload
def vander(x: ndarray, /, N: int | None = None, increasing: builtins.bool = False) -> ndarray: ...
@overload
def vander(x: Tensor, /, N: int | None = None, increasing: builtins.bool = False) -> Tensor: ...
@overload
def vander(x: Operand, /, N: int | None = None, increasing: builtins.bool = False) -> Array:
    """The powers of each element of a vector in a row, `N` or as many as there are elements.

    The highest comes first, unless they are `increasing`. Those of integers are of 64 bits.
    """

@overload
def var(x: ndarray, /, axis: Axis = None, *, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> ndarray: ...
@overload
def var(x: Tensor, /, axis: Axis = None, *, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Tensor: ...
@overload
def var(x: Operand, /, axis: Axis = None, *, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Array:
    """Variance along `axis`: the mean squared distance from the mean.

    The sum of squares is divided by n - `correction`; with 1, the estimate has no bias. NaN where
    that is not positive.
    """

@overload
def vdot(x1: ndarray, x2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def vdot(x1: Tensor, x2: Operand, /) -> Tensor: ...
@overload
def vdot(x1: Operand, x2: Tensor, /) -> Tensor: ...
@overload
def vdot(x1: Operand, x2: Operand, /) -> Array:
    """The sum of `conj(x1) * x2` over all elements."""

@overload
def vecdot(x1: ndarray, x2: ndarray | generic | complex, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def vecdot(x1: Tensor, x2: Operand, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecdot(x1: Operand, x2: Tensor, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecdot(x1: Operand, x2: Operand, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """Sums of `conj(x1) * x2` along `axis`; the other axes broadcast."""

@overload
def vecmat(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def vecmat(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecmat(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecmat(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """The products of vectors `x1`, which are conjugated, and matrices `x2`; the axes before
    broadcast.
    """

@overload
def vsplit(x: Tensor, places: int | Sequence[int], /) -> list[Tensor]: ...
@overload
def vsplit(x: Operand, places: int | Sequence[int], /) -> list[Array]:
    """`split` along the first axis."""

@overload
def vstack(operands: Sequence[ndarray], /, *, dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def vstack(operands: Sequence[Tensor], /, *, dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def vstack(operands: Sequence[Operand], /, *, dtype: Any = ..., casting: Any = ...) -> Array:
    """The arrays above each other: along the first axis, vectors as rows."""

@overload
def where(condition: ndarray, x1: ndarray | generic | complex, x2: ndarray | generic | complex) -> ndarray: ...
@overload
def where(condition: Tensor, x1: Operand, x2: Operand) -> Tensor: ...
@overload
def where(condition: Operand, x1: Tensor, x2: Operand) -> Tensor: ...
@overload
def where(condition: Operand, x1: Operand, x2: Tensor) -> Tensor: ...
@overload
def where(condition: Operand, x1: Operand, x2: Operand) -> Array:
    """`x1` where `condition` is true (or a number that is not 0), else `x2`."""

@overload
def xlog1py(x: ndarray, z: ndarray | generic | complex) -> ndarray: ...
@overload
def xlog1py(x: Tensor, z: Operand) -> Tensor: ...
@overload
def xlog1py(x: Operand, z: Tensor) -> Tensor: ...
@overload
def xlog1py(x: Operand, z: Operand) -> Array:
    """`x * log(1 + z)`, and 0 where `x` is 0."""

@overload
def xlogy(x: ndarray, z: ndarray | generic | complex) -> ndarray: ...
@overload
def xlogy(x: Tensor, z: Operand) -> Tensor: ...
@overload
def xlogy(x: Operand, z: Tensor) -> Tensor: ...
@overload
def xlogy(x: Operand, z: Operand) -> Array:
    """`x * log(z)`, and 0 where `x` is 0."""

def zeros(shape: int | Shape, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor of zeros; float64 unless `dtype` says otherwise."""

@overload
def zeros_like(x: ndarray, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> ndarray: ...
@overload
def zeros_like(x: Tensor, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def zeros_like(x: Operand, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Array:
    """Zeros of the shape of `x`, and of its dtype and device unless others are named."""
