# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""What type checkers and editors know of gpugrad."""

from collections.abc import Callable
from collections.abc import Sequence
from gpugrad._rooms import autograd as autograd
from gpugrad._rooms import emath as emath
from gpugrad._rooms import errors as errors
from gpugrad._rooms import fft as fft
from gpugrad._rooms import interop as interop
from gpugrad._rooms import linalg as linalg
from gpugrad._rooms import nn as nn
from gpugrad._rooms import optim as optim
from gpugrad._rooms import optimize as optimize
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

bfloat16: type[Any]

__all__ = [
    "Tensor",
    "abs",
    "absolute",
    "acos",
    "acosh",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
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
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
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
    "conv_transpose1d",
    "conv_transpose2d",
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
    "group_norm",
    "heaviside",
    "hessian",
    "histogram",
    "host",
    "hsplit",
    "hstack",
    "huber_loss",
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
    "interop",
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
    "max_pool1d",
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
    "optimize",
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
    "rms_norm",
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
    "sigmoid_binary_cross_entropy",
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
    """Absolute value; for complex numbers, the magnitude.

    The derivative at 0 is 0.

    Example:
        >>> gg.abs(np.array([-2.0, 0.0, 3 + 4j]))
        array([2., 0., 5.])
        >>> gg.vmap(gg.grad(gg.abs))(np.array([-2.0, 0.0, 5.0]))
        array([-1.,  0.,  1.])
    """

@overload
def absolute(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def absolute(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def absolute(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Absolute value; for complex numbers, the magnitude.

    The derivative at 0 is 0.

    Example:
        >>> gg.abs(np.array([-2.0, 0.0, 3 + 4j]))
        array([2., 0., 5.])
        >>> gg.vmap(gg.grad(gg.abs))(np.array([-2.0, 0.0, 5.0]))
        array([-1.,  0.,  1.])
    """

@overload
def acos(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def acos(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def acos(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose cosine is `x`, in radians, from 0 to π.

    NaN beyond 1, and the slope at ±1 is infinite.

    Example:
        >>> gg.acos(np.array([1.0, 0.0])).round(6)
        array([0.      , 1.570796])
        >>> gg.grad(gg.acos)(0.0)
        array(-1.)
    """

@overload
def acosh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def acosh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def acosh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `cosh`, not negative; NaN below 1, where its slope is infinite.

    Example:
        >>> gg.acosh(np.array([1.0, 2.0])).round(6)
        array([0.      , 1.316958])
        >>> gg.grad(gg.acosh)(2.0).round(6)
        np.float64(0.57735)
    """

@overload
def adaptive_avg_pool1d(x: ndarray, output_size: int, /) -> ndarray: ...
@overload
def adaptive_avg_pool1d(x: Tensor, output_size: int, /) -> Tensor: ...
@overload
def adaptive_avg_pool1d(x: Operand, output_size: int, /) -> Array:
    """The means of `output_size` windows that cover the last axis; see `adaptive_avg_pool2d`.

    Example:
        >>> gg.adaptive_avg_pool1d(np.array([1.0, 2.0, 4.0, 3.0]), 1)
        array([2.5])
    """

@overload
def adaptive_avg_pool2d(x: ndarray, output_size: Sizes, /) -> ndarray: ...
@overload
def adaptive_avg_pool2d(x: Tensor, output_size: Sizes, /) -> Tensor: ...
@overload
def adaptive_avg_pool2d(x: Operand, output_size: Sizes, /) -> Array:
    """The means of windows that cover the last two axes, of which there are as many as is said.

    With 1, it is the mean over each image (global average pooling). Where the number divides a
    length, windows are equally long; else they overlap, as in PyTorch.

    Args:
        x: Floating numbers of shape (..., height, width).
        output_size: How many windows lie along both axes: a number or a pair.

    Raises:
        InvalidArgument: For sizes that are no positive integers, and for an empty image.
        UnsupportedOperand: For integers, and for an array of fewer than two axes.

    Example:
        >>> image = np.array([[1.0, 2.0, 0.0], [4.0, 3.0, 5.0]])
        >>> gg.adaptive_avg_pool2d(image, 1)
        array([[2.5]])
        >>> gg.adaptive_avg_pool2d(image, (1, 2))
        array([[2.5, 2.5]])
    """

@overload
def add(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def add(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def add(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def add(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Elementwise sum of `a` and `b`; shapes broadcast.

    A number of Python leaves the precision of the other operand as it is. The gradient of an
    operand that was repeated is the sum over its copies.

    Example:
        >>> gg.add(np.array([1.0, 2.0]), np.array([[10.0], [20.0]]))
        array([[11., 12.],
               [21., 22.]])
        >>> gg.grad(lambda b: gg.sum(gg.add(np.array([1.0, 2.0]), b)))(10.0)
        array(2.)
    """

@overload
def all(x: ndarray, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def all(x: Tensor, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def all(x: Operand, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> Array:
    """Whether all elements along `axis` are true.

    `axis` is an integer, a tuple of them, or `None` for all. Of no elements, all are true.

    Example:
        >>> x = np.array([[1.0, 2.0], [0.0, 3.0]])
        >>> gg.all(x > 0, axis=1)
        array([ True, False])
    """

@overload
def allclose(a: ndarray, b: ndarray | generic | complex, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> ndarray: ...
@overload
def allclose(a: Tensor, b: Operand, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Tensor: ...
@overload
def allclose(a: Operand, b: Tensor, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Tensor: ...
@overload
def allclose(a: Operand, b: Operand, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Array:
    """Whether all elements are close; see `isclose`.

    Example:
        >>> gg.allclose(np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-6]))
        array(True)
        >>> gg.allclose(np.array([1.0, 2.0]), np.array([1.0, 2.1]))
        array(False)
    """

@overload
def amax(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def amax(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def amax(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Largest element along `axis`; NaN if there is one.

    `axis` is an integer, a tuple of them, or `None` for all. Equal elements share the gradient
    evenly. There must be one element at least.

    Example:
        >>> x = np.array([3.0, 5.0, 5.0])
        >>> gg.max(x)
        array(5.)
        >>> gg.grad(gg.max)(x)
        array([0. , 0.5, 0.5])
    """

@overload
def amin(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def amin(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def amin(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Smallest element along `axis`; NaN if there is one.

    `axis` is an integer, a tuple of them, or `None` for all. Equal elements share the gradient
    evenly. There must be one element at least.

    Example:
        >>> x = np.array([[3.0, 5.0], [4.0, 1.0]])
        >>> gg.min(x, axis=1)
        array([3., 1.])
        >>> gg.grad(gg.min)(x)
        array([[0., 0.],
               [0., 1.]])
    """

@overload
def angle(x: ndarray, /, deg: builtins.bool = False) -> ndarray: ...
@overload
def angle(x: Tensor, /, deg: builtins.bool = False) -> Tensor: ...
@overload
def angle(x: Operand, /, deg: builtins.bool = False) -> Array:
    """The phase of complex `x` in radians or degrees; for real `x`, 0 or π, with slope 0.

    Example:
        >>> gg.angle(np.array([1j, -1.0])).round(6)
        array([1.570796, 3.141593])
        >>> gg.angle(1 + 1j, deg=True)
        array(45.)
        >>> gg.grad(gg.angle)(2.0 + 0j)
        array(0.+0.5j)
    """

@overload
def any(x: ndarray, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def any(x: Tensor, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def any(x: Operand, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., where: Any = ...) -> Array:
    """Whether any element along `axis` is true.

    `axis` is an integer, a tuple of them, or `None` for all. Of no elements, none is true.

    Example:
        >>> x = np.array([[1.0, np.nan], [0.0, 3.0]])
        >>> gg.any(gg.isnan(x), axis=1)
        array([ True, False])
    """

@overload
def append(x: ndarray, values: ndarray | generic | complex, /, axis: int | None = None) -> ndarray: ...
@overload
def append(x: Tensor, values: Operand, /, axis: int | None = None) -> Tensor: ...
@overload
def append(x: Operand, values: Tensor, /, axis: int | None = None) -> Tensor: ...
@overload
def append(x: Operand, values: Operand, /, axis: int | None = None) -> Array:
    """The array `x` with `values` appended along `axis`.

    Without an axis, both are flattened first, and the result is a vector.

    Example:
        >>> x = np.array([[1.0, 2.0]])
        >>> gg.append(x, np.array([[3.0, 4.0]]), axis=0)
        array([[1., 2.],
               [3., 4.]])
        >>> gg.append(x, 3.0)
        array([1., 2., 3.])
    """

@overload
def apply_along_axis(function: Callable[..., Any], axis: int, x: ndarray, /, *args: object, **kwargs: object) -> ndarray: ...
@overload
def apply_along_axis(function: Callable[..., Any], axis: int, x: Tensor, /, *args: object, **kwargs: object) -> Tensor: ...
@overload
def apply_along_axis(function: Callable[..., Any], axis: int, x: Operand, /, *args: object, **kwargs: object) -> Array:
    """`function` applied to each vector of `x` along `axis`, which its result's axes replace.

    It is called once for each vector, with `args` and `kwargs` after it; `gg.vmap` calls a function
    once for all of them.

    Raises:
        InvalidArgument: For an array that holds no vector.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.apply_along_axis(lambda row: row[0] * row, 1, x)
        array([[ 1.,  2.],
               [ 9., 12.]])
        >>> gg.grad(lambda x: gg.sum(gg.apply_along_axis(gg.prod, 1, x)))(x)
        array([[2., 1.],
               [4., 3.]])
    """

@overload
def apply_over_axes(function: Callable[..., Any], x: ndarray, axes: int | Sequence[int], /) -> ndarray: ...
@overload
def apply_over_axes(function: Callable[..., Any], x: Tensor, axes: int | Sequence[int], /) -> Tensor: ...
@overload
def apply_over_axes(function: Callable[..., Any], x: Operand, axes: int | Sequence[int], /) -> Array:
    """`function(x, axis)` applied for each of `axes` in turn; it keeps the axis or drops it.

    An axis that was dropped comes back with length 1.

    Raises:
        InvalidArgument: For a function that drops more than one axis.

    Example:
        >>> x = np.arange(8.0).reshape(2, 2, 2)
        >>> gg.apply_over_axes(gg.sum, x, (0, 2))
        array([[[10.],
                [18.]]])
    """

def arange(start: float, /, stop: float | None = None, step: float = 1, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Numbers from `start` (or 0) to below `stop` in steps of `step`, as a Tensor.

    How many there are depends on the values, so none of them may be tracked or traced.

    Raises:
        TrackedConversion: For a bound that needs a gradient or is traced.

    Example:
        >>> gg.arange(3)
        Tensor([0, 1, 2], dtype=int64)
        >>> gg.arange(1.0, 2.0, 0.25)
        Tensor([1.  , 1.25, 1.5 , 1.75], dtype=float64)
    """

@overload
def arccos(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arccos(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arccos(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose cosine is `x`, in radians, from 0 to π.

    NaN beyond 1, and the slope at ±1 is infinite.

    Example:
        >>> gg.acos(np.array([1.0, 0.0])).round(6)
        array([0.      , 1.570796])
        >>> gg.grad(gg.acos)(0.0)
        array(-1.)
    """

@overload
def arccosh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arccosh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arccosh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `cosh`, not negative; NaN below 1, where its slope is infinite.

    Example:
        >>> gg.acosh(np.array([1.0, 2.0])).round(6)
        array([0.      , 1.316958])
        >>> gg.grad(gg.acosh)(2.0).round(6)
        np.float64(0.57735)
    """

@overload
def arcsin(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arcsin(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arcsin(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose sine is `x`, in radians, from -π/2 to π/2.

    NaN beyond 1, and the slope at ±1 is infinite.

    Example:
        >>> gg.asin(np.array([0.0, 0.5])).round(6)
        array([0.      , 0.523599])
        >>> gg.grad(gg.asin)(0.5).round(6)
        np.float64(1.154701)
    """

@overload
def arcsinh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arcsinh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arcsinh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `sinh`, for all numbers.

    Example:
        >>> gg.asinh(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.881374])
        >>> gg.grad(gg.asinh)(1e200)
        array(1.e-200)
    """

@overload
def arctan(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arctan(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arctan(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose tangent is `x`, in radians, from -π/2 to π/2.

    Example:
        >>> gg.atan(np.array([0.0, 1.0, np.inf])).round(6)
        array([0.      , 0.785398, 1.570796])
        >>> gg.grad(gg.atan)(1.0)
        array(0.5)
    """

@overload
def arctan2(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arctan2(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arctan2(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arctan2(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle of the point with y-coordinate `x1` and x-coordinate `x2`, in radians, from -π to π.

    The gradient at the origin, where there is no angle, is 0.

    Example:
        >>> gg.atan2(np.array([1.0, 0.0]), np.array([0.0, -1.0])).round(6)
        array([1.570796, 3.141593])
        >>> gg.grad(gg.atan2, argnums=(0, 1))(1.0, 1.0)
        (array(0.5), array(-0.5))
    """

@overload
def arctanh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def arctanh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def arctanh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `tanh`; infinite at ±1 and NaN beyond.

    Example:
        >>> gg.atanh(np.array([0.0, 0.5])).round(6)
        array([0.      , 0.549306])
        >>> gg.grad(gg.atanh)(0.5).round(6)
        np.float64(1.333333)
    """

@overload
def argmax(x: ndarray, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def argmax(x: Tensor, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def argmax(x: Operand, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """Index of the first largest element along `axis`, or of the first NaN if there is one.

    Without an axis, it is counted through all elements in order.

    Example:
        >>> scores = np.array([[0.1, 0.7, 0.2], [0.5, 0.5, 0.0]])
        >>> gg.argmax(scores, axis=1)
        array([1, 0])
        >>> gg.argmax(scores)
        array(1)
    """

@overload
def argmin(x: ndarray, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def argmin(x: Tensor, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def argmin(x: Operand, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """Index of the first smallest element along `axis`, or of the first NaN if there is one.

    Without an axis, it is counted through all elements in order.

    Example:
        >>> distances = np.array([[3.0, 1.0, 2.0], [0.5, 0.5, 4.0]])
        >>> gg.argmin(distances, axis=1)
        array([1, 0])
    """

@overload
def argpartition(x: ndarray, kth: int | Sequence[int], /, axis: int | None = -1, kind: str = 'introselect', *, order: Any = ...) -> ndarray: ...
@overload
def argpartition(x: Tensor, kth: int | Sequence[int], /, axis: int | None = -1, kind: str = 'introselect', *, order: Any = ...) -> Tensor: ...
@overload
def argpartition(x: Operand, kth: int | Sequence[int], /, axis: int | None = -1, kind: str = 'introselect', *, order: Any = ...) -> Array:
    """Indices that put the elements at `kth` along `axis` where sorting would; here they sort all.

    Example:
        >>> gg.argpartition(np.array([3.0, 1.0, 2.0]), 1)
        array([1, 2, 0])
    """

@overload
def argsort(x: ndarray, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> ndarray: ...
@overload
def argsort(x: Tensor, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> Tensor: ...
@overload
def argsort(x: Operand, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> Array:
    """Indices that sort `x` along `axis`; if `stable`, equal elements keep their order.

    With `axis=None`, they are those of all elements, in order, as a vector.

    Example:
        >>> x = np.array([3.0, 1.0, 2.0])
        >>> gg.argsort(x)
        array([1, 2, 0])
        >>> x[gg.argsort(x, descending=True)]
        array([3., 2., 1.])
    """

@overload
def argwhere(x: ndarray, /) -> ndarray: ...
@overload
def argwhere(x: Tensor, /) -> Tensor: ...
@overload
def argwhere(x: Operand, /) -> Array:
    """The indices of the nonzero elements, one per row.

    Example:
        >>> gg.argwhere(np.array([[0.0, 1.0], [2.0, 0.0]]))
        array([[0, 1],
               [1, 0]])
    """

@overload
def around(x: ndarray, *, decimals: Any = ..., out: Any = ...) -> ndarray: ...
@overload
def around(x: Tensor, *, decimals: Any = ..., out: Any = ...) -> Tensor: ...
@overload
def around(x: Operand, *, decimals: Any = ..., out: Any = ...) -> Array:
    """Nearest integer, in the dtype of `x`; halves round to even.

    The gradient is 0. For a gradient that passes through, add `x - gg.stop_gradient(x)`.

    Example:
        >>> gg.round(np.array([0.4, 0.5, 1.5, 2.5]))
        array([0., 0., 2., 2.])
        >>> through = lambda x: gg.round(x) + x - gg.stop_gradient(x)
        >>> gg.grad(gg.round)(2.4), gg.grad(through)(2.4)
        (array(0.), array(1.))
    """

@overload
def array_equal(a: Tensor, b: Operand, /, equal_nan: builtins.bool = False) -> Tensor | builtins.bool: ...
@overload
def array_equal(a: Operand, b: Tensor, /, equal_nan: builtins.bool = False) -> Tensor | builtins.bool: ...
@overload
def array_equal(a: Operand, b: Operand, /, equal_nan: builtins.bool = False) -> Array | builtins.bool:
    """Whether two arrays have the same shape and equal elements, NaN to NaN with `equal_nan`.

    Example:
        >>> gg.array_equal(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
        array(True)
        >>> gg.array_equal(np.array([1.0, 1.0]), np.array([1.0]))
        False
    """

@overload
def array_equiv(a: Tensor, b: Operand, /) -> Tensor | builtins.bool: ...
@overload
def array_equiv(a: Operand, b: Tensor, /) -> Tensor | builtins.bool: ...
@overload
def array_equiv(a: Operand, b: Operand, /) -> Array | builtins.bool:
    """Whether two arrays broadcast to one shape and have equal elements there.

    Example:
        >>> gg.array_equiv(np.array([1.0, 1.0]), np.array([1.0]))
        array(True)
        >>> gg.array_equiv(np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0]))
        False
    """

@overload
def array_split(x: Tensor, places: int | Sequence[int], /, axis: int = 0) -> list[Tensor]: ...
@overload
def array_split(x: Operand, places: int | Sequence[int], /, axis: int = 0) -> list[Array]:
    """Split `x` along `axis` into parts, which may have unequal lengths.

    Each part is a view of `x`; their gradients add up in it.

    Args:
        x: What is cut.
        places: The indices before which it is cut, or the number of parts, of which the first are
            longer by one where the length asks for it.
        axis: The axis along which it is cut.

    Raises:
        InvalidArgument: For a number of parts below 1.

    Example:
        >>> gg.array_split(np.arange(5), 2)
        [array([0, 1, 2]), array([3, 4])]
        >>> gg.array_split(np.arange(5), [1, 4])
        [array([0]), array([1, 2, 3]), array([4])]
    """

def asarray(data: Operand, /, *, dtype: DTypeLike | None = None, device: str | None = None, copy: builtins.bool | None = None) -> Tensor:
    """`data` (numbers, nested lists, an array or a Tensor) as a Tensor.

    A Tensor keeps its history, even in a list: the Tensors, arrays and numbers in a list are
    stacked, with the dtype that `np.array` gives. An array stays on its device unless `device`
    names another.

    Args:
        data: What becomes a Tensor.
        dtype: Its dtype, if another than that of the data.
        device: `"cpu"`, `"cuda"` or `"cuda:N"`.
        copy: True for new memory, False for that of the data, None to copy only if needed.

    Raises:
        InvalidArgument: For `copy=False` where a copy is needed.

    Example:
        >>> gg.asarray([[1, 2], [3, 4]], dtype="float64")
        Tensor([[1., 2.],
                [3., 4.]], dtype=float64)
        >>> gg.grad(lambda x: gg.sum(gg.asarray([x, 2 * x, 1.0]) ** 2))(3.0)
        array(30.)
    """

@overload
def asin(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def asin(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def asin(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose sine is `x`, in radians, from -π/2 to π/2.

    NaN beyond 1, and the slope at ±1 is infinite.

    Example:
        >>> gg.asin(np.array([0.0, 0.5])).round(6)
        array([0.      , 0.523599])
        >>> gg.grad(gg.asin)(0.5).round(6)
        np.float64(1.154701)
    """

@overload
def asinh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def asinh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def asinh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `sinh`, for all numbers.

    Example:
        >>> gg.asinh(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.881374])
        >>> gg.grad(gg.asinh)(1e200)
        array(1.e-200)
    """

@overload
def astype(x: ndarray, dtype: DTypeLike, /, *, copy: builtins.bool = True, device: str | None = None) -> ndarray: ...
@overload
def astype(x: Tensor, dtype: DTypeLike, /, *, copy: builtins.bool = True, device: str | None = None) -> Tensor: ...
@overload
def astype(x: Operand, dtype: DTypeLike, /, *, copy: builtins.bool = True, device: str | None = None) -> Array:
    """The array `x` with that dtype, on `device` if one is named.

    Floating numbers as integers lose what comes after the point. Integers and booleans have no
    gradient; the gradient of a conversion between floating dtypes comes back in that of `x`.

    Args:
        x: What is converted.
        dtype: The dtype, or its name.
        copy: With `False`, what has that dtype already is returned itself.
        device: The device of the result.

    Raises:
        UnsupportedOperand: For complex numbers that should become real.

    Example:
        >>> gg.astype(np.array([1.7, -1.7]), np.int64)
        array([ 1, -1])
        >>> x = np.array([1.0, 2.0], dtype=np.float32)
        >>> gg.grad(lambda x: gg.sum(gg.astype(x, np.float64) ** 2))(x)
        array([2., 4.], dtype=float32)
    """

@overload
def atan(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def atan(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def atan(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle whose tangent is `x`, in radians, from -π/2 to π/2.

    Example:
        >>> gg.atan(np.array([0.0, 1.0, np.inf])).round(6)
        array([0.      , 0.785398, 1.570796])
        >>> gg.grad(gg.atan)(1.0)
        array(0.5)
    """

@overload
def atan2(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def atan2(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def atan2(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def atan2(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Angle of the point with y-coordinate `x1` and x-coordinate `x2`, in radians, from -π to π.

    The gradient at the origin, where there is no angle, is 0.

    Example:
        >>> gg.atan2(np.array([1.0, 0.0]), np.array([0.0, -1.0])).round(6)
        array([1.570796, 3.141593])
        >>> gg.grad(gg.atan2, argnums=(0, 1))(1.0, 1.0)
        (array(0.5), array(-0.5))
    """

@overload
def atanh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def atanh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def atanh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Inverse of `tanh`; infinite at ±1 and NaN beyond.

    Example:
        >>> gg.atanh(np.array([0.0, 0.5])).round(6)
        array([0.      , 0.549306])
        >>> gg.grad(gg.atanh)(0.5).round(6)
        np.float64(1.333333)
    """

@overload
def atleast_1d(*operands: Tensor) -> Tensor | tuple[Tensor, ...]: ...
@overload
def atleast_1d(*operands: Operand) -> Array | tuple[Array, ...]:
    """The arrays with one axis or more: a number becomes a vector of one element.

    One array gives an array, several a tuple of them.

    Example:
        >>> gg.atleast_1d(np.array(2.0))
        array([2.])
        >>> gg.atleast_1d(np.array(2.0), np.ones(2))
        (array([2.]), array([1., 1.]))
    """

@overload
def atleast_2d(*operands: Tensor) -> Tensor | tuple[Tensor, ...]: ...
@overload
def atleast_2d(*operands: Operand) -> Array | tuple[Array, ...]:
    """The arrays with two axes or more: a vector becomes a matrix of one row.

    One array gives an array, several a tuple of them.

    Example:
        >>> gg.atleast_2d(np.array([1.0, 2.0]))
        array([[1., 2.]])
    """

@overload
def atleast_3d(*operands: Tensor) -> Tensor | tuple[Tensor, ...]: ...
@overload
def atleast_3d(*operands: Operand) -> Array | tuple[Array, ...]:
    """The arrays with three axes or more.

    A vector of n elements gets shape (1, n, 1), a matrix (m, n, 1). One array gives an array,
    several a tuple of them.

    Example:
        >>> gg.atleast_3d(np.ones(4)).shape
        (1, 4, 1)
        >>> [x.shape for x in gg.atleast_3d(np.ones((2, 4)), np.array(1.0))]
        [(2, 4, 1), (1, 1, 1)]
    """

@overload
def average(x: Tensor, /, axis: Axis = None, weights: Operand | None = None, returned: builtins.bool = False, *, keepdims: builtins.bool = False) -> Tensor | tuple[Tensor, Tensor]: ...
@overload
def average(x: Operand, /, axis: Axis = None, weights: Tensor | None = ..., returned: builtins.bool = False, *, keepdims: builtins.bool = False) -> Tensor | tuple[Tensor, Tensor]: ...
@overload
def average(x: Operand, /, axis: Axis = None, weights: Operand | None = None, returned: builtins.bool = False, *, keepdims: builtins.bool = False) -> Array | tuple[Array, Array]:
    """Mean along `axis`, weighted by `weights` if they are given.

    Args:
        x: What is averaged.
        axis: An axis, several, or `None` for all.
        weights: How much each element counts: of the shape of `x`, or of its axes `axis`.
        returned: Whether to return the sums of the weights, too.
        keepdims: Whether the axes stay, with length 1.

    Raises:
        InvalidArgument: For weights of another shape.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 6.0]])
        >>> gg.average(x, axis=1, weights=np.array([3.0, 1.0]))
        array([1.25, 3.75])
        >>> gg.average(x, returned=True)
        (array(3.), array(4.))
    """

@overload
def avg_pool1d(x: ndarray, window: int, /, *, stride: int | None = None, padding: int = 0) -> ndarray: ...
@overload
def avg_pool1d(x: Tensor, window: int, /, *, stride: int | None = None, padding: int = 0) -> Tensor: ...
@overload
def avg_pool1d(x: Operand, window: int, /, *, stride: int | None = None, padding: int = 0) -> Array:
    """The mean of each window of the last axis of `x`; see `avg_pool2d`.

    Example:
        >>> gg.avg_pool1d(np.array([1.0, 2.0, 4.0, 3.0, 0.0]), 2)
        array([1.5, 3.5])
    """

@overload
def avg_pool2d(x: ndarray, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> ndarray: ...
@overload
def avg_pool2d(x: Tensor, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Tensor: ...
@overload
def avg_pool2d(x: Operand, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """The mean of each window of the last two axes of `x`.

    The arguments are those of `max_pool2d`; elements of the padding are zeros, which count.

    Example:
        >>> image = np.array([[1.0, 2.0, 0.0, 1.0], [4.0, 3.0, 5.0, 2.0]])
        >>> gg.avg_pool2d(image, 2)
        array([[2.5, 2. ]])
        >>> gg.avg_pool2d(image, (2, 2), stride=(1, 1))
        array([[2.5, 2.5, 2. ]])
    """

@overload
def batch_norm(x: ndarray, weight: ndarray | generic | complex | None = ..., bias: ndarray | generic | complex | None = ..., *, mean: ndarray | generic | complex | None = ..., variance: ndarray | generic | complex | None = ..., eps: float = 1e-05) -> ndarray: ...
@overload
def batch_norm(x: Tensor, weight: Operand | None = None, bias: Operand | None = None, *, mean: Operand | None = None, variance: Operand | None = None, eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Tensor | None = ..., bias: Operand | None = None, *, mean: Operand | None = None, variance: Operand | None = None, eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Operand | None = None, bias: Tensor | None = ..., *, mean: Operand | None = None, variance: Operand | None = None, eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Operand | None = None, bias: Operand | None = None, *, mean: Tensor | None = ..., variance: Operand | None = None, eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Operand | None = None, bias: Operand | None = None, *, mean: Operand | None = None, variance: Tensor | None = ..., eps: float = 1e-05) -> Tensor: ...
@overload
def batch_norm(x: Operand, weight: Operand | None = None, bias: Operand | None = None, *, mean: Operand | None = None, variance: Operand | None = None, eps: float = 1e-05) -> Array:
    """Each channel of `x` with mean 0 and variance 1, times `weight` plus `bias`.

    See S. Ioffe and C. Szegedy, "Batch normalization" (2015). `gg.nn.BatchNorm2d` is the layer that
    also keeps running averages.

    Args:
        x: Real numbers of shape (batch, channels, ...).
        weight: A factor for each channel, of shape (channels,).
        bias: What is added then, of shape (channels,).
        mean: The mean of each channel, of shape (channels,), to use in place of that in `x`.
        variance: The variance of each channel, for the same; both or none are given.
        eps: What is added to the variance.

    Raises:
        InvalidArgument: For other shapes, one of `mean` and `variance` alone, and a negative `eps`.

    Example:
        >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
        >>> gg.batch_norm(x).round(3)
        array([[-1., -1.],
               [ 1.,  1.]])
        >>> gg.batch_norm(x, mean=np.array([0.0, 10.0]), variance=np.array([1.0, 100.0])).round(3)
        array([[1., 0.],
               [3., 2.]])
    """

@overload
def bincount(x: ndarray, /, weights: ndarray | generic | complex | None = ..., minlength: int = 0) -> ndarray: ...
@overload
def bincount(x: Tensor, /, weights: Operand | None = None, minlength: int = 0) -> Tensor: ...
@overload
def bincount(x: Operand, /, weights: Tensor | None = ..., minlength: int = 0) -> Tensor: ...
@overload
def bincount(x: Operand, /, weights: Operand | None = None, minlength: int = 0) -> Array:
    """How often each integer from 0 on occurs in the vector `x`, or the sums of its `weights`.

    The numbers must be known. There are at least `minlength` of them. Sums of weights are in
    float64.

    Raises:
        InvalidArgument: For `x` that is no vector of integers from 0 on, and for another number of
            weights.

    Example:
        >>> gg.bincount(np.array([0, 2, 2]))
        array([1, 0, 2])
        >>> x, w = np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0])
        >>> gg.bincount(x, weights=w, minlength=4)
        array([1., 0., 5., 0.])
        >>> gg.grad(lambda w: gg.sum(gg.bincount(x, weights=w) ** 2))(w)
        array([ 2., 10., 10.])
    """

@overload
def bitwise_and(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_and(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_and(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_and(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bitwise and of `a` and `b`, which are integers or booleans.

    Example:
        >>> gg.bitwise_and(np.array([0b1100, 0b1010]), 0b0110)
        array([4, 2])
    """

@overload
def bitwise_invert(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_invert(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_invert(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bitwise inverse `~x`: `-1 - x` for integers, logical not for booleans.

    Example:
        >>> gg.bitwise_invert(np.array([0, 5]))
        array([-1, -6])
        >>> gg.bitwise_invert(np.array([True, False]))
        array([False,  True])
    """

@overload
def bitwise_left_shift(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_left_shift(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_left_shift(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_left_shift(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The integers `a`, with their bits shifted left by `b` places.

    Each place doubles the number, as long as it fits into the dtype.

    Example:
        >>> gg.bitwise_left_shift(np.array([1, 5]), 3)
        array([ 8, 40])
    """

@overload
def bitwise_not(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_not(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_not(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bitwise inverse `~x`: `-1 - x` for integers, logical not for booleans.

    Example:
        >>> gg.bitwise_invert(np.array([0, 5]))
        array([-1, -6])
        >>> gg.bitwise_invert(np.array([True, False]))
        array([False,  True])
    """

@overload
def bitwise_or(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_or(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_or(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_or(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bitwise or of `a` and `b`, which are integers or booleans.

    Example:
        >>> gg.bitwise_or(np.array([0b1100, 0b1010]), 0b0110)
        array([14, 14])
    """

@overload
def bitwise_right_shift(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_right_shift(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_right_shift(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_right_shift(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The integers `a`, with their bits shifted right by `b` places; the sign is kept.

    Each place halves the number and rounds it down.

    Example:
        >>> gg.bitwise_right_shift(np.array([40, -40]), 3)
        array([ 5, -5])
    """

@overload
def bitwise_xor(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def bitwise_xor(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_xor(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def bitwise_xor(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bitwise exclusive or of `a` and `b`, which are integers or booleans.

    Example:
        >>> gg.bitwise_xor(np.array([0b1100, 0b1010]), 0b0110)
        array([10, 12])
    """

@overload
def block(operands: ndarray, /) -> ndarray: ...
@overload
def block(operands: Tensor, /) -> Tensor: ...
@overload
def block(operands: Operand, /) -> Array:
    """An array made of blocks: inner lists go along the last axis, outer ones along earlier axes.

    Blocks with fewer axes than there are lists in each other get axes of length 1 in front.

    Example:
        >>> a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0], [6.0]])
        >>> gg.block([[a, b], [b.T, np.ones((1, 1))]])
        array([[1., 2., 5.],
               [3., 4., 6.],
               [5., 6., 1.]])
    """

@overload
def broadcast_arrays(*arrays: Tensor) -> tuple[Tensor, ...]: ...
@overload
def broadcast_arrays(*arrays: Operand) -> tuple[Array, ...]:
    """The arrays, all broadcast to their common shape.

    One that has this shape is returned itself.

    Example:
        >>> x, y = gg.broadcast_arrays(np.array([1.0, 2.0]), np.array([[3.0], [4.0]]))
        >>> x
        array([[1., 2.],
               [1., 2.]])
        >>> y
        array([[3., 3.],
               [4., 4.]])
    """

def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape to which arrays of these shapes broadcast.

    Raises:
        InvalidArgument: For lengths that, counted from the last, are neither equal nor 1.

    Example:
        >>> gg.broadcast_shapes((3, 1), (4,), (2, 1, 4))
        (2, 3, 4)
    """

@overload
def broadcast_to(x: ndarray, /, shape: int | Shape, *, subok: Any = ...) -> ndarray: ...
@overload
def broadcast_to(x: Tensor, /, shape: int | Shape, *, subok: Any = ...) -> Tensor: ...
@overload
def broadcast_to(x: Operand, /, shape: int | Shape, *, subok: Any = ...) -> Array:
    """The array `x` broadcast to that shape: repeated along new axes and along axes of length 1.

    The gradient is summed along these axes.

    Example:
        >>> x = np.array([1.0, 2.0])
        >>> gg.broadcast_to(x, (3, 2))
        array([[1., 2.],
               [1., 2.],
               [1., 2.]])
        >>> gg.grad(lambda x: gg.sum(gg.broadcast_to(x, (3, 2))))(x)
        array([3., 3.])
    """

def can_cast(from_: Operand | DTypeLike, to: DTypeLike, /) -> builtins.bool:
    """Whether every value of a dtype, or of an array's dtype, can be represented in the dtype `to`.

    Example:
        >>> gg.can_cast("int16", "float32"), gg.can_cast("int32", "float32")
        (True, False)
    """

@overload
def cbrt(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def cbrt(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def cbrt(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Cube root of real `x`, including negative numbers.

    The derivative at 0 is infinite.

    Example:
        >>> gg.cbrt(np.array([-8.0, 27.0])).round(6)
        array([-2.,  3.])
        >>> gg.grad(gg.cbrt)(8.0).round(6)
        np.float64(0.083333)
    """

@overload
def ceil(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def ceil(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def ceil(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Smallest integer that is at least `x`, in the dtype of `x`; its gradient is 0.

    Example:
        >>> gg.ceil(np.array([1.2, -1.7]))
        array([ 2., -1.])
    """

@overload
def choose(a: ndarray, choices: Sequence[ndarray | generic | complex], /, mode: str = 'raise', *, out: Any = ...) -> ndarray: ...
@overload
def choose(a: Tensor, choices: Sequence[Operand], /, mode: str = 'raise', *, out: Any = ...) -> Tensor: ...
@overload
def choose(a: Operand, choices: Sequence[Tensor], /, mode: str = 'raise', *, out: Any = ...) -> Tensor: ...
@overload
def choose(a: Operand, choices: Sequence[Operand], /, mode: str = 'raise', *, out: Any = ...) -> Array:
    """For each position, the element of the array in `choices` that `a` selects there by number.

    All broadcast. With `mode` "wrap" or "clip", numbers beyond the choices count from the other end
    or as the nearest.

    Raises:
        InvalidArgument: For an unknown mode, for no choices, and with `mode="raise"` for known
            numbers beyond them.

    Example:
        >>> a, b = np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0])
        >>> gg.choose(np.array([0, 1, 0]), (a, b))
        array([ 1., 20.,  3.])
        >>> gg.grad(lambda a: gg.sum(gg.choose(np.array([0, 1, 0]), (a, b))))(a)
        array([1., 0., 1.])
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
    """`x` limited to between `min` and `max`; either may be left out, and `max` wins over `min`.

    The bounds are numbers, or arrays that broadcast with `x`. The gradient goes to `x` inside and
    at the bounds, and to a bound where `x` lies strictly outside.

    Example:
        >>> gg.clip(np.array([-1.0, 0.5, 3.0]), 0.0, 1.0)
        array([0. , 0.5, 1. ])
        >>> gg.vmap(gg.grad(lambda x: gg.clip(x, 0.0, 1.0)))(np.array([-1.0, 0.5, 1.0, 3.0]))
        array([0., 1., 1., 0.])
    """

@overload
def column_stack(operands: Sequence[ndarray], /) -> ndarray: ...
@overload
def column_stack(operands: Sequence[Tensor], /) -> Tensor: ...
@overload
def column_stack(operands: Sequence[Operand], /) -> Array:
    """Stack arrays along the second axis; vectors become columns.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.column_stack([np.ones(3), x, x ** 2])
        array([[1., 1., 1.],
               [1., 2., 4.],
               [1., 3., 9.]])
    """

@overload
def compress(condition: ndarray, x: ndarray | generic | complex, /, axis: int | None = None, *, out: Any = ...) -> ndarray: ...
@overload
def compress(condition: Tensor, x: Operand, /, axis: int | None = None, *, out: Any = ...) -> Tensor: ...
@overload
def compress(condition: Operand, x: Tensor, /, axis: int | None = None, *, out: Any = ...) -> Tensor: ...
@overload
def compress(condition: Operand, x: Operand, /, axis: int | None = None, *, out: Any = ...) -> Array:
    """The slices of `x` along `axis` where the vector `condition` holds; it must not be traced.

    Without an axis, elements in order. What the condition is too short for is left out.

    Raises:
        InvalidArgument: For a condition that is no vector.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        >>> gg.compress(np.array([True, False, True]), x, axis=0)
        array([[1., 2.],
               [5., 6.]])
        >>> gg.grad(lambda x: gg.sum(gg.compress([False, True], x, axis=1)))(x)
        array([[0., 1.],
               [0., 1.],
               [0., 1.]])
    """

@overload
def concat(arrays: Sequence[ndarray], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def concat(arrays: Sequence[Tensor], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def concat(arrays: Sequence[Operand], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Array:
    """The arrays joined along `axis`; `None` flattens them first.

    The other axes must have equal lengths. Dtypes promote to a common one.

    Example:
        >>> x = np.array([[1.0, 2.0]])
        >>> gg.concat([x, 10 * x], axis=0)
        array([[ 1.,  2.],
               [10., 20.]])
        >>> gg.concat([x, 10 * x], axis=None)
        array([ 1.,  2., 10., 20.])
    """

@overload
def concatenate(arrays: Sequence[ndarray], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def concatenate(arrays: Sequence[Tensor], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def concatenate(arrays: Sequence[Operand], /, axis: int | None = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Array:
    """The arrays joined along `axis`; `None` flattens them first.

    The other axes must have equal lengths. Dtypes promote to a common one.

    Example:
        >>> x = np.array([[1.0, 2.0]])
        >>> gg.concat([x, 10 * x], axis=0)
        array([[ 1.,  2.],
               [10., 20.]])
        >>> gg.concat([x, 10 * x], axis=None)
        array([ 1.,  2., 10., 20.])
    """

@overload
def conj(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def conj(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def conj(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Complex conjugate of `x`; real `x` unchanged.

    Example:
        >>> gg.conj(np.array([1 + 2j, 3.0]))
        array([1.-2.j, 3.-0.j])
        >>> gg.grad(lambda z: gg.real(z * gg.conj(z)))(1 + 2j)
        array(2.+4.j)
    """

@overload
def conjugate(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def conjugate(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def conjugate(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Complex conjugate of `x`; real `x` unchanged.

    Example:
        >>> gg.conj(np.array([1 + 2j, 3.0]))
        array([1.-2.j, 3.-0.j])
        >>> gg.grad(lambda z: gg.real(z * gg.conj(z)))(1 + 2j)
        array(2.+4.j)
    """

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
    """The convolution used in neural networks, along one axis; see `conv2d` for the settings.

    The shapes are (batch, channels, length) for `x`, where the batch may be left away, and
    (outputs, channels / groups, size) for `w`.

    Raises:
        InvalidArgument: For shapes and settings that do not fit.

    Example:
        >>> x = np.array([[[1.0, 2.0, 4.0, 8.0]]])
        >>> w = np.array([[[1.0, -1.0]]])
        >>> gg.conv1d(x, w)
        array([[[-1., -2., -4.]]])
        >>> gg.conv1d(x, w, stride=2, padding=1).shape
        (1, 1, 3)
        >>> gg.grad(lambda w: gg.sum(gg.conv1d(x, w)))(w)
        array([[[ 7., 14.]]])
    """

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
    """The convolution used in neural networks, with the layout and meaning of PyTorch's.

    It is a cross-correlation: the windows are not flipped.

    Args:
        x: Of shape (batch, channels, height, width), where the batch may be left away.
        w: Of shape (outputs, channels / groups, height, width).
        bias: A number for each output, or None.
        stride: How far windows lie apart: a number or a pair, as the two that follow.
        padding: How many zeros come before and behind each axis, or "valid" for none, or "same" for
            as many places as before.
        dilation: How far the elements of a window lie apart.
        groups: How many groups of outputs there are, each of which sees one group of the channels.

    Raises:
        InvalidArgument: For shapes and settings that do not fit.

    Example:
        >>> x = np.ones((1, 3, 8, 8))
        >>> w = np.full((4, 3, 3, 3), 0.1)
        >>> gg.conv2d(x, w, np.zeros(4), padding="same").shape
        (1, 4, 8, 8)
        >>> gg.conv2d(x, w, stride=2).shape
        (1, 4, 3, 3)
        >>> gg.grad(lambda w: gg.sum(gg.conv2d(x, w)))(w)[0, 0]
        array([[36., 36., 36.],
               [36., 36., 36.],
               [36., 36., 36.]])
    """

@overload
def conv_transpose1d(x: ndarray, w: ndarray | generic | complex, bias: ndarray | generic | complex | None = ..., *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> ndarray: ...
@overload
def conv_transpose1d(x: Tensor, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose1d(x: Operand, w: Tensor, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose1d(x: Operand, w: Operand, bias: Tensor | None = ..., *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose1d(x: Operand, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Array:
    """The transpose of `conv1d` with respect to its input; see `conv_transpose2d`.

    The shapes are (batch, channels, length) for `x`, where the batch may be left away, and
    (channels, outputs / groups, size) for `w`.

    Raises:
        InvalidArgument: For shapes and settings that do not fit.

    Example:
        >>> x = np.array([[[1.0, 2.0]]])
        >>> gg.conv_transpose1d(x, np.array([[[1.0, 10.0, 100.0]]]))
        array([[[  1.,  12., 120., 200.]]])
        >>> gg.conv_transpose1d(x, np.array([[[1.0, 1.0]]]), stride=2)
        array([[[1., 1., 2., 2.]]])
    """

@overload
def conv_transpose2d(x: ndarray, w: ndarray | generic | complex, bias: ndarray | generic | complex | None = ..., *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> ndarray: ...
@overload
def conv_transpose2d(x: Tensor, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose2d(x: Operand, w: Tensor, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose2d(x: Operand, w: Operand, bias: Tensor | None = ..., *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Tensor: ...
@overload
def conv_transpose2d(x: Operand, w: Operand, bias: Operand | None = None, *, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0, dilation: Sizes = 1, groups: int = 1) -> Array:
    """The transpose of `conv2d` with respect to its input, which makes images larger.

    Each element of `x` adds a window of its multiples of `w` to the result. What `conv2d` with the
    same `w` and settings maps from shape A to shape B, this maps from B to A, with the layout and
    meaning of PyTorch's function.

    Args:
        x: Of shape (batch, channels, height, width), where the batch may be left away.
        w: Of shape (channels, outputs / groups, height, width).
        bias: A number for each output, or None.
        stride: How far windows lie apart: a number or a pair, as the three that follow.
        padding: How many elements are cut off before and behind each axis.
        output_padding: How many elements longer the result is, below the stride: of the lengths
            that `conv2d` shortens to that of `x`, the least is chosen by 0.
        dilation: How far the elements of a window lie apart.
        groups: How many groups of channels there are, each of which makes one group of outputs.

    Raises:
        InvalidArgument: For shapes and settings that do not fit.

    Example:
        >>> x, w = np.ones((1, 4, 8, 8)), np.full((4, 3, 2, 2), 0.1)
        >>> gg.conv_transpose2d(x, w, np.zeros(3), stride=2).shape
        (1, 3, 16, 16)
        >>> image = np.ones((1, 3, 16, 16))
        >>> product = gg.sum(gg.conv2d(image, w, stride=2) * x)
        >>> bool(np.isclose(product, gg.sum(image * gg.conv_transpose2d(x, w, stride=2))))
        True
    """

@overload
def convolve(a: ndarray, v: ndarray | generic | complex, /, mode: str = 'full') -> ndarray: ...
@overload
def convolve(a: Tensor, v: Operand, /, mode: str = 'full') -> Tensor: ...
@overload
def convolve(a: Operand, v: Tensor, /, mode: str = 'full') -> Tensor: ...
@overload
def convolve(a: Operand, v: Operand, /, mode: str = 'full') -> Array:
    """The convolution of two vectors: sums of `a[i] * v[k - i]`, for each `k` that `mode` selects.

    "full" is wherever they overlap, "valid" where the shorter one lies within the longer, "same" as
    many in the middle as the longer one has. On CuPy, long ones are multiplied by way of their
    Fourier transforms.

    Raises:
        InvalidArgument: For operands that are no vectors or that are empty, and for an unknown
            mode.

    Example:
        >>> x, w = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0])
        >>> gg.convolve(x, w)
        array([ 1., 12., 23., 30.])
        >>> gg.convolve(x, w, mode="valid")
        array([12., 23.])
        >>> gg.grad(lambda w: gg.sum(gg.convolve(x, w, mode="valid")))(w)
        array([5., 3.])
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

    Raises:
        InvalidArgument: For operands that are no matrices or that are empty, and for an unknown
            mode.

    Example:
        >>> image, blur = np.eye(3), np.full((2, 2), 0.25)
        >>> gg.convolve2d(image, blur, mode="valid")
        array([[0.5 , 0.25],
               [0.25, 0.5 ]])
        >>> gg.grad(lambda w: gg.convolve2d(image, w, mode="valid")[0, 0])(blur)
        array([[1., 0.],
               [0., 1.]])
    """

@overload
def copy(x: ndarray, *, order: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def copy(x: Tensor, *, order: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def copy(x: Operand, *, order: Any = ..., subok: Any = ...) -> Array:
    """A copy of `x` in new memory: a write to one does not change the other.

    Example:
        >>> x = np.array([1.0, 2.0])
        >>> y = gg.copy(x)
        >>> y[0] = 5.0
        >>> x
        array([1., 2.])
        >>> gg.grad(lambda x: gg.sum(gg.copy(x) ** 2))(x)
        array([2., 4.])
    """

@overload
def copysign(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def copysign(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def copysign(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def copysign(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The magnitude of `x1` with the sign of `x2`: `|x1|` or `-|x1|`.

    The derivative at `x1 = 0` is 0, as that of `abs`; the sign counts as a constant.

    Example:
        >>> gg.copysign(np.array([1.0, -2.0]), np.array([-0.0, 3.0]))
        array([-1.,  2.])
        >>> gg.grad(gg.copysign)(2.0, -1.0)
        array(-1.)
    """

def copyto(dst: Written, src: Operand, /, casting: str = 'same_kind', where: Operand = True) -> None:
    """Write `src`, which broadcasts, into `dst`, where `where` holds.

    Args:
        dst: An array or a Tensor, which is changed.
        src: What is written.
        casting: How far the dtype may change, in NumPy's words.
        where: A mask, which broadcasts.

    Raises:
        UnsupportedOperand: If `casting` forbids the dtype.

    Example:
        >>> x = np.array([1.0, -2.0, 3.0])
        >>> gg.copyto(x, 0.0, where=x < 0)
        >>> x
        array([1., 0., 3.])
    """

@overload
def corrcoef(x: ndarray, y: ndarray | generic | complex | None = ..., /, rowvar: builtins.bool = True, *, dtype: Any = ...) -> ndarray: ...
@overload
def corrcoef(x: Tensor, y: Operand | None = None, /, rowvar: builtins.bool = True, *, dtype: Any = ...) -> Tensor: ...
@overload
def corrcoef(x: Operand, y: Tensor | None = ..., /, rowvar: builtins.bool = True, *, dtype: Any = ...) -> Tensor: ...
@overload
def corrcoef(x: Operand, y: Operand | None = None, /, rowvar: builtins.bool = True, *, dtype: Any = ...) -> Array:
    """The correlation matrix of variables: their covariances divided by both standard deviations.

    The variables are the rows of `x` and of `y`, or with `rowvar=False` the columns. NaN with what
    does not vary.

    Example:
        >>> x = np.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])
        >>> gg.corrcoef(x).round(6)
        array([[ 1., -1.],
               [-1.,  1.]])
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

    Raises:
        InvalidArgument: For operands that are no vectors or that are empty, and for an unknown
            mode.

    Example:
        >>> x, w = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0])
        >>> gg.correlate(x, w)
        array([21., 32.])
        >>> gg.grad(lambda w: gg.sum(gg.correlate(x, w)))(w)
        array([3., 5.])
    """

@overload
def cos(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def cos(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def cos(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Cosine of `x`, in radians.

    Example:
        >>> gg.cos(np.array([0.0, 1.0])).round(6)
        array([1.      , 0.540302])
        >>> gg.grad(gg.cos)(1.0).round(6)
        np.float64(-0.841471)
    """

@overload
def cosh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def cosh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def cosh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Hyperbolic cosine of `x`.

    Example:
        >>> gg.cosh(np.array([0.0, 1.0])).round(6)
        array([1.      , 1.543081])
        >>> gg.grad(gg.cosh)(1.0).round(6)
        np.float64(1.175201)
    """

@overload
def count_nonzero(x: ndarray, *, axis: Axis = None, keepdims: builtins.bool = False) -> ndarray: ...
@overload
def count_nonzero(x: Tensor, *, axis: Axis = None, keepdims: builtins.bool = False) -> Tensor: ...
@overload
def count_nonzero(x: Operand, *, axis: Axis = None, keepdims: builtins.bool = False) -> Array:
    """The number of nonzero elements along `axis`.

    `axis` is an integer, a tuple of them, or `None` for all. Of booleans, it is how many are true.

    Example:
        >>> x = np.array([[1.0, -2.0], [0.0, 3.0]])
        >>> gg.count_nonzero(x, axis=1), gg.count_nonzero(x < 0)
        (array([2, 1]), array(1))
    """

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
    """The covariance matrix of variables; for a single one, its variance.

    Args:
        x: The samples of the variables: one variable in each row, or in a vector.
        y: Further variables, with as many samples.
        rowvar: With `False`, the variables are the columns of matrices.
        bias: Whether sums are divided by the number of samples, instead of one less.
        ddof: What is subtracted from the number of samples, in place of what `bias` says.
        fweights: How often each sample was found.
        aweights: How much each sample counts.

    Raises:
        InvalidArgument: For weights that are not as many as the samples.

    Example:
        >>> x = np.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])
        >>> gg.cov(x)
        array([[ 1., -1.],
               [-1.,  1.]])
    """

@overload
def cross(x1: ndarray, x2: ndarray | generic | complex, /, *, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> ndarray: ...
@overload
def cross(x1: Tensor, x2: Operand, /, *, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor: ...
@overload
def cross(x1: Operand, x2: Tensor, /, *, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor: ...
@overload
def cross(x1: Operand, x2: Operand, /, *, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Array:
    """Cross products of vectors with three components; the other axes broadcast.

    The components lie along `axisa` of `x1` and `axisb` of `x2`, those of the result along `axisc`;
    `axis` stands for all three.

    Raises:
        InvalidArgument: For vectors that do not have three components.

    Example:
        >>> gg.cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
        array([0., 0., 1.])
        >>> z = np.array([0.0, 0.0, 2.0])
        >>> gg.grad(lambda x: gg.cross(x, z)[1])(np.array([1.0, 0.0, 0.0]))
        array([-2.,  0.,  0.])
    """

@overload
def cumprod(x: ndarray, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def cumprod(x: Tensor, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def cumprod(x: Operand, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Array:
    """Cumulative products along `axis`, or of all elements in order if there is none.

    See `cumulative_prod`, which is the function of the Array API standard.

    Args:
        x: What is multiplied.
        axis: The axis; by default, `x` is flattened first.
        dtype: The dtype of the products.
        include_initial: Whether a 1 comes first.

    Example:
        >>> x = np.array([2.0, 3.0, 4.0])
        >>> gg.cumprod(x)
        array([ 2.,  6., 24.])
        >>> gg.grad(lambda x: gg.sum(gg.cumprod(x)))(x)
        array([16., 10.,  6.])
    """

@overload
def cumsum(x: ndarray, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def cumsum(x: Tensor, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def cumsum(x: Operand, /, axis: int | None = None, *, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Array:
    """Cumulative sums along `axis`, or of all elements in order if there is none.

    See `cumulative_sum`, which is the function of the Array API standard.

    Args:
        x: What is summed up.
        axis: The axis; by default, `x` is flattened first.
        dtype: The dtype of the sums.
        include_initial: Whether a 0 comes first.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.cumsum(x)
        array([ 1.,  3.,  6., 10.])
        >>> gg.cumsum(x, axis=0)
        array([[1., 2.],
               [4., 6.]])
    """

@overload
def cumulative_prod(x: ndarray, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def cumulative_prod(x: Tensor, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def cumulative_prod(x: Operand, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Array:
    """Products of the elements up to each along `axis`, which may be left out for a vector.

    With `include_initial`, a 1 comes first. They are in `dtype` if one is given, as in `sum`. The
    gradient is exact also with zeros.

    Raises:
        InvalidArgument: For several axes of which none is named.

    Example:
        >>> x = np.array([2.0, 0.0, 3.0])
        >>> gg.cumulative_prod(x)
        array([2., 0., 0.])
        >>> gg.grad(lambda x: gg.sum(gg.cumulative_prod(x)))(x)
        array([1., 8., 0.])
    """

@overload
def cumulative_sum(x: ndarray, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def cumulative_sum(x: Tensor, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def cumulative_sum(x: Operand, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: builtins.bool = False, out: Any = ...) -> Array:
    """Sums of the elements up to each along `axis`, which may be left out for a vector.

    With `include_initial`, a 0 comes first. They are in `dtype` if one is given, as in `sum`.
    NumPy's `cumsum`, which takes all elements in order where no axis is named, is there too.

    Raises:
        InvalidArgument: For several axes of which none is named.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.cumulative_sum(x)
        array([1., 3., 6.])
        >>> gg.cumulative_sum(x, include_initial=True)
        array([0., 1., 3., 6.])
        >>> gg.grad(lambda x: gg.sum(gg.cumulative_sum(x)))(x)
        array([3., 2., 1.])
    """

@overload
def deg2rad(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def deg2rad(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def deg2rad(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The angle `x`, converted from degrees to radians.

    Example:
        >>> gg.deg2rad(np.array([0.0, 90.0, 180.0])).round(6)
        array([0.      , 1.570796, 3.141593])
        >>> gg.grad(lambda x: gg.sin(gg.deg2rad(x)))(0.0).round(6)
        np.float64(0.017453)
    """

@overload
def degrees(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def degrees(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def degrees(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The angle `x`, converted from radians to degrees.

    Example:
        >>> gg.rad2deg(np.array([0.0, np.pi / 2, np.pi]))
        array([  0.,  90., 180.])
        >>> gg.grad(gg.rad2deg)(1.0).round(6)
        np.float64(57.29578)
    """

@overload
def delete(x: ndarray, places: int | slice | Sequence[int] | ndarray | Tensor, /, axis: int | None = None) -> ndarray: ...
@overload
def delete(x: Tensor, places: int | slice | Sequence[int] | ndarray | Tensor, /, axis: int | None = None) -> Tensor: ...
@overload
def delete(x: Operand, places: int | slice | Sequence[int] | ndarray | Tensor, /, axis: int | None = None) -> Array:
    """The array `x` without the elements at `places` along `axis`.

    Args:
        x: What loses elements.
        places: An index, a slice or several indices. They must be known: not tracked or traced.
        axis: The axis along which they count; without one, all elements are flattened first.

    Example:
        >>> x = np.array([[1, 2, 3], [4, 5, 6]])
        >>> gg.delete(x, 1, axis=1)
        array([[1, 3],
               [4, 6]])
        >>> gg.delete(x, [0, 5])
        array([2, 3, 4, 5])
    """

@overload
def diag(x: ndarray, /, k: int = 0) -> ndarray: ...
@overload
def diag(x: Tensor, /, k: int = 0) -> Tensor: ...
@overload
def diag(x: Operand, /, k: int = 0) -> Array:
    """For a matrix, its diagonal `k`; for a vector, the matrix with this diagonal.

    Diagonal 0 is the main one, and positive ones lie above. What else is in the matrix is 0.

    Raises:
        InvalidArgument: For an array that is neither.

    Example:
        >>> gg.diag(np.array([1.0, 2.0]), k=1)
        array([[0., 1., 0.],
               [0., 0., 2.],
               [0., 0., 0.]])
        >>> gg.diag(np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([1., 4.])
    """

@overload
def diagflat(x: ndarray, /, k: int = 0) -> ndarray: ...
@overload
def diagflat(x: Tensor, /, k: int = 0) -> Tensor: ...
@overload
def diagflat(x: Operand, /, k: int = 0) -> Array:
    """The square matrix with all elements of `x`, in order, on its diagonal `k`.

    Example:
        >>> gg.diagflat(np.array([[1, 2], [3, 4]]))
        array([[1, 0, 0, 0],
               [0, 2, 0, 0],
               [0, 0, 3, 0],
               [0, 0, 0, 4]])
    """

@overload
def diagonal(x: ndarray, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> ndarray: ...
@overload
def diagonal(x: Tensor, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor: ...
@overload
def diagonal(x: Operand, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The diagonals of the matrices along two axes, as the last axis of the result.

    These are the main ones, or those `offset` places above (below, if it is negative). The result
    is a view; that of a Tensor cannot be written to, as NumPy's.

    Example:
        >>> x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        >>> gg.diagonal(x)
        array([1., 5.])
        >>> gg.diagonal(x, offset=1)
        array([2., 6.])
        >>> gg.grad(lambda x: gg.sum(gg.diagonal(x)))(x)
        array([[1., 0., 0.],
               [0., 1., 0.]])
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
    """Differences of neighbours along `axis`, `n` times, after adding `prepend` and `append`.

    A number there stands for one element at each place. Of booleans, whether they differ. With
    `n=0`, `x` itself.

    Raises:
        InvalidArgument: For a negative `n`.

    Example:
        >>> x = np.array([1.0, 4.0, 9.0])
        >>> gg.diff(x)
        array([3., 5.])
        >>> gg.diff(x, prepend=0.0)
        array([1., 3., 5.])
        >>> gg.grad(lambda x: gg.sum(gg.diff(x) ** 2))(x)
        array([-6., -4., 10.])
    """

@overload
def digamma(x: ndarray) -> ndarray: ...
@overload
def digamma(x: Tensor) -> Tensor: ...
@overload
def digamma(x: Operand) -> Array:
    """The derivative of `gammaln`.

    It is -inf at 0 and NaN at negative integers, and its own slope is `polygamma(x, n=1)`.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.digamma(np.array([1.0, 2.0])).round(6)
        array([-0.577216,  0.422784])
        >>> gg.grad(gg.digamma)(1.0).round(6)
        np.float64(1.644934)
    """

@overload
def digitize(x: ndarray, bins: ndarray | generic | complex, /, right: builtins.bool = False) -> ndarray: ...
@overload
def digitize(x: Tensor, bins: Operand, /, right: builtins.bool = False) -> Tensor: ...
@overload
def digitize(x: Operand, bins: Tensor, /, right: builtins.bool = False) -> Tensor: ...
@overload
def digitize(x: Operand, bins: Operand, /, right: builtins.bool = False) -> Array:
    """The number of the bin, between neighbours in the vector `bins`, in which each element lies.

    `bins` rise or fall. A span holds its lower end, or with `right` its upper one; 0 and the number
    of bins are beyond the ends.

    Raises:
        InvalidArgument: For bins that are no vector, or that neither rise nor fall throughout.

    Example:
        >>> gg.digitize(np.array([-1.0, 0.0, 0.5, 7.0]), np.array([0.0, 1.0, 2.0]))
        array([0, 1, 1, 3])
    """

@overload
def divide(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def divide(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def divide(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def divide(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Elementwise quotient of `a` and `b`; integers give the default floating dtype.

    Example:
        >>> gg.divide(np.array([1, 2, 3]), 2)
        array([0.5, 1. , 1.5])
        >>> gg.grad(gg.divide, argnums=(0, 1))(3.0, 2.0)
        (array(0.5), array(-0.75))
    """

@overload
def divmod(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Tensor, Tensor]: ...
@overload
def divmod(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Tensor, Tensor]: ...
@overload
def divmod(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Array, Array]:
    """The results of `floor_divide` and `remainder`.

    Example:
        >>> gg.divmod(np.array([7.0, -7.0]), 2.0)
        (array([ 3., -4.]), array([1., 1.]))
    """

@overload
def dot(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ...) -> ndarray: ...
@overload
def dot(x1: Tensor, x2: Operand, /, *, out: Any = ...) -> Tensor: ...
@overload
def dot(x1: Operand, x2: Tensor, /, *, out: Any = ...) -> Tensor: ...
@overload
def dot(x1: Operand, x2: Operand, /, *, out: Any = ...) -> Array:
    """Sums of products over the last axis of `x1` and the second to last, or only, axis of `x2`.

    Of vectors, the inner product, without conjugating; of matrices, the matrix product; of numbers,
    their product. For batches of matrices see `matmul`.

    Example:
        >>> gg.dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        array(11.)
        >>> gg.grad(gg.dot, argnums=(0, 1))(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        (array([3., 4.]), array([1., 2.]))
    """

@overload
def dsplit(x: Tensor, places: int | Sequence[int], /) -> list[Tensor]: ...
@overload
def dsplit(x: Operand, places: int | Sequence[int], /) -> list[Array]:
    """Split `x` along the third axis, as `split` does.

    Example:
        >>> [part.shape for part in gg.dsplit(np.zeros((4, 4, 6)), [1, 3])]
        [(4, 4, 1), (4, 4, 2), (4, 4, 3)]
    """

@overload
def dstack(operands: Sequence[ndarray], /) -> ndarray: ...
@overload
def dstack(operands: Sequence[Tensor], /) -> Tensor: ...
@overload
def dstack(operands: Sequence[Operand], /) -> Array:
    """Stack arrays along the third axis.

    Vectors and matrices get axes of length 1 first, as in `atleast_3d`: a vector of n elements has
    shape (1, n, 1), a matrix (m, n, 1).

    Example:
        >>> red, green, blue = np.zeros((3, 8, 6))
        >>> gg.dstack([red, green, blue]).shape
        (8, 6, 3)
    """

@overload
def dynamic_slice(x: ndarray, starts: Sequence[ndarray | generic | complex], sizes: Sequence[int], /) -> ndarray: ...
@overload
def dynamic_slice(x: Tensor, starts: Sequence[Operand], sizes: Sequence[int], /) -> Tensor: ...
@overload
def dynamic_slice(x: Operand, starts: Sequence[Tensor], sizes: Sequence[int], /) -> Tensor: ...
@overload
def dynamic_slice(x: Operand, starts: Sequence[Operand], sizes: Sequence[int], /) -> Array:
    """The slice of `x` with lengths `sizes` from `starts`, which are integers that may be traced.

    Negative ones count from the end, and what would reach beyond an end begins earlier instead, as
    in JAX. There is one of each for every axis.

    Raises:
        InvalidArgument: For another number of starts or sizes than axes, for starts that are no
            whole numbers, and for sizes that are longer than their axes.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 4.0])
        >>> gg.dynamic_slice(x, (1,), (2,))
        array([2., 3.])
        >>> gg.dynamic_slice(x, (3,), (2,))
        array([3., 4.])
        >>> after = gg.jit(lambda x, i: gg.dynamic_slice(x, (i,), (2,)))
        >>> after(x, 0), after(x, 1)
        (array([1., 2.]), array([2., 3.]))
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
    """The differences of neighbours in order, with values to put before and after them.

    `x` is flattened first; `to_begin` and `to_end` are put before and behind.

    Example:
        >>> gg.ediff1d(np.array([1.0, 4.0, 9.0]))
        array([3., 5.])
        >>> gg.ediff1d(np.array([1.0, 4.0, 9.0]), to_begin=0.0)
        array([0., 3., 5.])
    """

@overload
def einsum(subscripts: Subscripts, /, *operands: ndarray, optimize: Optimize = True) -> ndarray: ...
@overload
def einsum(subscripts: Subscripts, /, *operands: Tensor, optimize: Optimize = True) -> Tensor: ...
@overload
def einsum(subscripts: Subscripts, /, *operands: Operand, optimize: Optimize = True) -> Array:
    """Sums of products over named axes, such as `"ij,jk->ik"` for a matrix product.

    A letter that is not in the result is summed over; one that occurs twice in an operand takes its
    diagonal; `...` stands for axes that broadcast. Without `->`, the result has the letters that
    occur once, in alphabetical order. As in NumPy, you may instead alternate operands and lists of
    axis numbers. Lengths of one letter must be equal or 1.

    Operands are contracted two at a time, in the cheapest order for up to six operands, and in a
    "greedy" order for more. `optimize` may name one of these ("optimal", "greedy"), also in a pair
    with the maximum number of elements of an intermediate result; it may be False for left to
    right, or a path from `np.einsum_path`.

    Raises:
        InvalidArgument: For subscripts that do not fit the operands, and for an unknown `optimize`.

    Example:
        >>> a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [1.0, 1.0]])
        >>> gg.einsum("ij,jk->ik", a, b)
        array([[3., 2.],
               [7., 4.]])
        >>> gg.einsum("ii", a)
        array(5.)
        >>> gg.grad(lambda b: gg.einsum("ij,jk,ik->", a, b, a))(b)
        array([[10., 14.],
               [14., 20.]])
    """

@overload
def elu(x: ndarray, /, *, alpha: float = 1.0) -> ndarray: ...
@overload
def elu(x: Tensor, /, *, alpha: float = 1.0) -> Tensor: ...
@overload
def elu(x: Operand, /, *, alpha: float = 1.0) -> Array:
    """`x` where it is positive, else `alpha * (exp(x) - 1)`. The slope at 0 is `alpha`.

    Example:
        >>> gg.elu(np.array([-1.0, 0.0, 2.0])).round(6)
        array([-0.632121,  0.      ,  2.      ])
        >>> gg.grad(gg.elu)(-1.0).round(6)
        np.float64(0.367879)
    """

def empty(shape: int | Shape, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor with arbitrary contents; float64 unless `dtype` says otherwise.

    Example:
        >>> gg.empty((2, 3)).shape
        (2, 3)
    """

@overload
def empty_like(x: ndarray, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> ndarray: ...
@overload
def empty_like(x: Tensor, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def empty_like(x: Operand, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Array:
    """An array like `x` with arbitrary contents; `dtype` and `device` may differ.

    Example:
        >>> gg.empty_like(np.array([[1.0, 2.0]])).shape
        (1, 2)
    """

@overload
def entr(x: ndarray) -> ndarray: ...
@overload
def entr(x: Tensor) -> Tensor: ...
@overload
def entr(x: Operand) -> Array:
    """The entropy of a probability, `-x * log(x)`.

    It is 0 at 0, where its slope is infinite, and -inf below.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.entr(np.array([0.0, 0.5])).round(6)
        array([0.      , 0.346574])
        >>> gg.grad(gg.entr)(1.0)
        array(-1.)
    """

@overload
def equal(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def equal(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def equal(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def equal(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a == b`, element by element.

    Shapes broadcast. NaN equals nothing, itself neither.

    Example:
        >>> gg.equal(np.array([1.0, 2.0, np.nan]), np.array([1.0, 3.0, np.nan]))
        array([ True, False, False])
    """

@overload
def erf(x: ndarray) -> ndarray: ...
@overload
def erf(x: Tensor) -> Tensor: ...
@overload
def erf(x: Operand) -> Array:
    """Error function: 2/√π times the integral of `exp(-t²)` from 0 to `x`.

    It rises from -1 to 1. On NumPy, `x` may be complex.

    Example:
        >>> gg.erf(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.842701])
        >>> gg.grad(gg.erf)(0.0).round(6)
        np.float64(1.128379)
    """

@overload
def erfc(x: ndarray) -> ndarray: ...
@overload
def erfc(x: Tensor) -> Tensor: ...
@overload
def erfc(x: Operand) -> Array:
    """Complementary error function, `1 - erf(x)`, accurate for large `x`.

    On NumPy, `x` may be complex.

    Example:
        >>> x = np.array([10.0])
        >>> gg.log(gg.erfc(x)).round(4), 1 - gg.erf(x)
        (array([-102.8799]), array([0.]))
    """

@overload
def erfcx(x: ndarray) -> ndarray: ...
@overload
def erfcx(x: Tensor) -> Tensor: ...
@overload
def erfcx(x: Operand) -> Array:
    """Scaled complementary error function, `exp(x * x) * erfc(x)`, which is never 0.

    Far above 0 it is small, about 1/(√π x); far below it overflows.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.erfcx(np.array([0.0, 100.0])).round(6)
        array([1.      , 0.005642])
        >>> gg.grad(gg.erfcx)(0.0).round(6)
        np.float64(-1.128379)
    """

@overload
def erfinv(x: ndarray) -> ndarray: ...
@overload
def erfinv(x: Tensor) -> Tensor: ...
@overload
def erfinv(x: Operand) -> Array:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.erfinv(np.array([0.0, 0.5, 1.0])).round(6)
        array([0.      , 0.476936,      inf])
        >>> gg.grad(gg.erfinv)(0.0).round(6)
        np.float64(0.886227)
    """

@overload
def exp(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def exp(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def exp(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Exponential of `x`: e to the power `x`, infinite where this overflows the dtype.

    Example:
        >>> gg.exp(np.array([0.0, 1.0, -1000.0])).round(6)
        array([1.      , 2.718282, 0.      ])
        >>> gg.grad(gg.exp)(1.0).round(6)
        np.float64(2.718282)
    """

@overload
def exp2(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def exp2(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def exp2(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """2 to the power `x`.

    Example:
        >>> gg.exp2(np.array([0.0, 3.0, -1.0]))
        array([1. , 8. , 0.5])
        >>> gg.grad(gg.exp2)(0.0).round(6)
        np.float64(0.693147)
    """

@overload
def expand_dims(x: ndarray, /, axis: int | Shape = 0) -> ndarray: ...
@overload
def expand_dims(x: Tensor, /, axis: int | Shape = 0) -> Tensor: ...
@overload
def expand_dims(x: Operand, /, axis: int | Shape = 0) -> Array:
    """The array `x` with an axis of length 1 inserted at `axis`, or at several positions.

    Raises:
        InvalidArgument: For places that name an axis twice.

    Example:
        >>> x = np.zeros((2, 3))
        >>> gg.expand_dims(x, axis=-1).shape, gg.expand_dims(x, axis=(0, 2)).shape
        ((2, 3, 1), (1, 2, 1, 3))
    """

@overload
def expm(x: ndarray) -> ndarray: ...
@overload
def expm(x: Tensor) -> Tensor: ...
@overload
def expm(x: Operand) -> Array:
    """The exponential of square matrices, `1 + x + x @ x / 2 + ...`.

    The last two axes are matrices, and the others a batch. The method is that of N. Higham, "The
    scaling and squaring method for the matrix exponential revisited" (2005).

    Example:
        >>> turn = np.array([[0.0, -1.0], [1.0, 0.0]])
        >>> gg.expm(np.pi / 2 * turn).round(6) + 0.0
        array([[ 0., -1.],
               [ 1.,  0.]])
        >>> angle = lambda t: gg.expm(t * turn)[1, 0]
        >>> gg.grad(angle)(0.0)
        array(1.)
    """

@overload
def expm1(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def expm1(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def expm1(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`exp(x) - 1`, accurate near 0.

    Example:
        >>> gg.expm1(1e-20)
        array(1.e-20)
        >>> gg.exp(1e-20) - 1
        np.float64(0.0)
        >>> gg.grad(gg.expm1)(0.0)
        array(1.)
    """

@overload
def extract(condition: ndarray, x: ndarray | generic | complex, /) -> ndarray: ...
@overload
def extract(condition: Tensor, x: Operand, /) -> Tensor: ...
@overload
def extract(condition: Operand, x: Tensor, /) -> Tensor: ...
@overload
def extract(condition: Operand, x: Operand, /) -> Array:
    """The elements of `x`, in order, where `condition` holds; it must not be traced.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.extract(x > 1.5, x)
        array([2., 3.])
        >>> gg.grad(lambda x: gg.sum(gg.extract(np.array([True, False, True]), x) ** 2))(x)
        array([2., 0., 6.])
    """

def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor with ones on diagonal `k` and zeros elsewhere, square unless `n_cols` is given.

    Diagonal 0 is the main one, positive ones lie above.

    Example:
        >>> gg.eye(2)
        Tensor([[1., 0.],
                [0., 1.]], dtype=float64)
        >>> gg.eye(2, 3, k=1)
        Tensor([[0., 1., 0.],
                [0., 0., 1.]], dtype=float64)
    """

@overload
def fabs(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def fabs(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fabs(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Absolute value of real `x`, in a floating dtype; see `abs`.

    Example:
        >>> gg.fabs(np.array([-1, 2]))
        array([1., 2.])
        >>> gg.grad(gg.fabs)(-3.0)
        array(-1.)
    """

def fill_diagonal(a: Written, val: Operand, /, wrap: builtins.bool = False) -> None:
    """Write `val`, repeated if necessary, to the main diagonal of `a`.

    With `wrap`, the diagonal of a high matrix begins anew below it.

    Raises:
        InvalidArgument: For a vector, and for more than two axes of different lengths.

    Example:
        >>> x = np.zeros((2, 3))
        >>> gg.fill_diagonal(x, 5.0)
        >>> x
        array([[5., 0., 0.],
               [0., 5., 0.]])
    """

def finfo(type: Operand | DTypeLike, /) -> FloatLimits:
    """The limits of a floating dtype, or of that of an array: bits, eps, max, min and others.

    Of a complex dtype they are those of its parts.

    Raises:
        InvalidArgument: For a dtype that is neither floating nor complex.

    Example:
        >>> limits = gg.finfo("float32")
        >>> limits.bits, limits.eps == 2 ** -23
        (32, True)
    """

@overload
def fix(x: ndarray, *, out: Any = ...) -> ndarray: ...
@overload
def fix(x: Tensor, *, out: Any = ...) -> Tensor: ...
@overload
def fix(x: Operand, *, out: Any = ...) -> Array:
    """The number `x` rounded towards 0, in its dtype; its gradient is 0.

    It rounds towards 0.

    Example:
        >>> gg.trunc(np.array([1.7, -1.7]))
        array([ 1., -1.])
    """

@overload
def flatnonzero(x: ndarray, /) -> ndarray: ...
@overload
def flatnonzero(x: Tensor, /) -> Tensor: ...
@overload
def flatnonzero(x: Operand, /) -> Array:
    """The indices of the nonzero elements of the flattened array.

    Example:
        >>> gg.flatnonzero(np.array([[0.0, 1.0], [2.0, 0.0]]))
        array([1, 2])
    """

@overload
def flip(x: ndarray, /, *, axis: int | Shape | None = None) -> ndarray: ...
@overload
def flip(x: Tensor, /, *, axis: int | Shape | None = None) -> Tensor: ...
@overload
def flip(x: Operand, /, *, axis: int | Shape | None = None) -> Array:
    """The array `x` reversed along `axis`, which is one axis, several, or all.

    Example:
        >>> gg.flip(np.array([[1, 2], [3, 4]]), axis=1)
        array([[2, 1],
               [4, 3]])
        >>> gg.flip(np.array([[1, 2], [3, 4]]))
        array([[4, 3],
               [2, 1]])
    """

@overload
def fliplr(x: ndarray, /) -> ndarray: ...
@overload
def fliplr(x: Tensor, /) -> Tensor: ...
@overload
def fliplr(x: Operand, /) -> Array:
    """The array `x` reversed along the second axis.

    Example:
        >>> gg.fliplr(np.array([[1, 2], [3, 4]]))
        array([[2, 1],
               [4, 3]])
    """

@overload
def flipud(x: ndarray, /) -> ndarray: ...
@overload
def flipud(x: Tensor, /) -> Tensor: ...
@overload
def flipud(x: Operand, /) -> Array:
    """The array `x` reversed along the first axis.

    Example:
        >>> gg.flipud(np.array([[1, 2], [3, 4]]))
        array([[3, 4],
               [1, 2]])
    """

@overload
def float_power(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def float_power(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def float_power(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def float_power(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The power `x1 ** x2`, computed in float64, or complex128 for complex operands.

    Operands of other dtypes are converted first, so that integers may have negative exponents.

    Example:
        >>> gg.float_power(np.array([1, 2, 4]), -1)
        array([1.  , 0.5 , 0.25])
        >>> gg.grad(gg.float_power)(2.0, 3.0)
        array(12.)
    """

@overload
def floor(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def floor(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def floor(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Largest integer that is at most `x`, in the dtype of `x`; its gradient is 0.

    Example:
        >>> gg.floor(np.array([1.7, -1.2]))
        array([ 1., -2.])
    """

@overload
def floor_divide(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def floor_divide(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def floor_divide(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def floor_divide(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Largest integer that is at most `x1 / x2`; for infinities too, unlike Python's.

    The gradient is 0. A quotient that is infinite or 0 is the result as it is: of division by 0,
    floating numbers give an infinity or NaN.

    Example:
        >>> gg.floor_divide(np.array([7.0, -7.0, 1.0]), np.array([2.0, 2.0, np.inf]))
        array([ 3., -4.,  0.])
    """

@overload
def fmax(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def fmax(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmax(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmax(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The larger of two elements; if one is NaN, the other.

    Example:
        >>> gg.fmax(np.array([1.0, np.nan]), np.array([3.0, 2.0]))
        array([3., 2.])
        >>> gg.grad(gg.fmax, argnums=(0, 1))(np.nan, 2.0)
        (array(0.), array(1.))
    """

@overload
def fmin(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def fmin(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmin(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmin(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The smaller of two elements; if one is NaN, the other.

    Example:
        >>> gg.fmin(np.array([1.0, np.nan]), np.array([3.0, 2.0]))
        array([1., 2.])
        >>> gg.grad(gg.fmin, argnums=(0, 1))(np.nan, 2.0)
        (array(0.), array(1.))
    """

@overload
def fmod(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def fmod(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmod(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def fmod(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The remainder of `x1 / x2` with the sign of `x1`; `remainder` has the sign of `x2`.

    Example:
        >>> gg.fmod(np.array([7.0, -7.0]), 3.0)
        array([ 1., -1.])
        >>> gg.remainder(np.array([7.0, -7.0]), 3.0)
        array([1., 2.])
    """

@overload
def frexp(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Tensor, Tensor]: ...
@overload
def frexp(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Array, Array]:
    """The mantissa of each number, from 0.5 to 1, and the power of 2 that goes with it.

    `ldexp` puts them together again. The mantissa of a negative number is negative, and that of 0
    is 0. Values must be known: it does not go into a trace.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.frexp(np.array([8.0, 0.75]))
        (array([0.5 , 0.75]), array([4, 0], dtype=int32))
    """

def from_dlpack(x: Exporter, /, *, device: str | None = None, copy: builtins.bool | None = None) -> Tensor:
    """The array that any object with `__dlpack__` exports, as a Tensor, which has no history.

    It shares the memory of that object, unless `device` or `copy` asks for a copy.

    Raises:
        UnsupportedOperand: For an object that has no `__dlpack__`.

    Example:
        >>> x = np.array([1.0, 2.0])
        >>> y = gg.from_dlpack(x)
        >>> x[0] = 5.0
        >>> y
        Tensor([5., 2.], dtype=float64)
    """

def full(shape: int | Shape, fill_value: Operand, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor filled with `fill_value`, in its dtype unless `dtype` says otherwise.

    The value is a number, or a Tensor or array that broadcasts to `shape`, to which gradients go.

    Example:
        >>> gg.full((2, 2), 7.0)
        Tensor([[7., 7.],
                [7., 7.]], dtype=float64)
        >>> gg.grad(lambda value: gg.sum(gg.full((2, 3), value)))(7.0)
        array(6.)
    """

@overload
def full_like(x: ndarray, /, fill_value: ndarray | generic | complex, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> ndarray: ...
@overload
def full_like(x: Tensor, /, fill_value: Operand, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def full_like(x: Operand, /, fill_value: Tensor, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def full_like(x: Operand, /, fill_value: Operand, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Array:
    """An array like `x` filled with `fill_value`; `dtype` and `device` may differ.

    The value is a number, or an array or Tensor that broadcasts to `x`, to which gradients go.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.full_like(x, 7)
        array([7., 7., 7.])
        >>> gg.grad(lambda value: gg.sum(gg.full_like(x, value)))(7.0)
        array(3.)
    """

@overload
def gammaln(x: ndarray) -> ndarray: ...
@overload
def gammaln(x: Tensor) -> Tensor: ...
@overload
def gammaln(x: Operand) -> Array:
    """Logarithm of the absolute value of the gamma function; infinite at 0 and negative integers.

    Its gradient is `digamma`.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.gammaln(np.array([1.0, 5.0, -0.5])).round(6)
        array([0.      , 3.178054, 1.265512])
        >>> gg.exp(gg.gammaln(np.array([5.0]))).round(6)
        array([24.])
    """

@overload
def gelu(x: ndarray) -> ndarray: ...
@overload
def gelu(x: Tensor) -> Tensor: ...
@overload
def gelu(x: Operand) -> Array:
    """`x` times the normal distribution function at `x`, in the tanh approximation.

    D. Hendrycks and K. Gimpel, "Gaussian error linear units" (2016). What they write as
    `(1 + tanh(u)) / 2` is `sigmoid(2 * u)`, which keeps its digits far below 0.

    Example:
        >>> gg.gelu(np.array([-2.0, 0.0, 2.0])).round(6)
        array([-0.045402,  0.      ,  1.954598])
        >>> gg.grad(gg.gelu)(0.0)
        array(0.5)
    """

@overload
def geomspace(start: ndarray, stop: ndarray | generic | complex, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, axis: int = 0) -> ndarray: ...
@overload
def geomspace(start: Tensor, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, axis: int = 0) -> Tensor: ...
@overload
def geomspace(start: Operand, stop: Tensor, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, axis: int = 0) -> Tensor: ...
@overload
def geomspace(start: Operand, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, axis: int = 0) -> Array:
    """`num` numbers from `start` to `stop` in geometric progression.

    Real ends have the same sign; between others, of complex numbers, lies a spiral.

    Args:
        start: The first, a number or an array.
        stop: The last, or with `endpoint=False` what comes after the last; it broadcasts.
        num: How many there are.
        dtype: Their dtype; a floating one by default.
        device: Where they are.
        endpoint: Whether `stop` is among them.
        axis: Where the new axis is put in, along which those between elements of arrays lie.

    Raises:
        InvalidArgument: For a negative `num`, and for an end that is 0. In a trace, where values
            are not looked at, a 0 gives NaN.

    Example:
        >>> gg.geomspace(1.0, 1000.0, 4)
        Tensor([   1.,   10.,  100., 1000.], dtype=float64)
        >>> gg.geomspace(np.array([1.0, -2.0]), np.array([4.0, -8.0]), 3)
        array([[ 1., -2.],
               [ 2., -4.],
               [ 4., -8.]])
    """

@overload
def gradient(f: Tensor, /, *spacing: Operand, axis: Axis = None, edge_order: int = 1) -> Tensor | tuple[Tensor, ...]: ...
@overload
def gradient(f: Operand, /, *spacing: Tensor, axis: Axis = None, edge_order: int = 1) -> Tensor | tuple[Tensor, ...]: ...
@overload
def gradient(f: Operand, /, *spacing: Operand, axis: Axis = None, edge_order: int = 1) -> Array | tuple[Array, ...]:
    """The gradient of samples `f` by finite differences: a tuple by axis, or an array for one axis.

    Inside, slopes are exact for parabolas, at the ends for straight lines or, with `edge_order=2`,
    for parabolas. For the gradient of a function see `gg.grad`.

    Args:
        f: The samples.
        spacing: How far the samples are apart, or a vector with where they are; one for all axes
            or one for each. It is 1 by default.
        axis: The axes, or one of them; all by default.
        edge_order: 1 or 2, how the slopes at the ends are found.

    Raises:
        InvalidArgument: For another `edge_order`, a number of spacings that does not fit, and axes
            of `edge_order` samples or fewer.

    Example:
        >>> x = np.array([0.0, 1.0, 2.0, 4.0])
        >>> gg.gradient(x ** 2, x)
        array([1., 2., 4., 6.])
        >>> gg.gradient(x ** 2, x, edge_order=2)
        array([0., 2., 4., 8.])
    """

@overload
def greater(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def greater(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def greater(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def greater(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a > b`, element by element.

    Shapes broadcast. With a NaN on either side, it does not hold.

    Example:
        >>> x = np.array([-1.0, 0.0, 2.0])
        >>> gg.where(gg.greater(x, 0), x, 0)
        array([0., 0., 2.])
    """

@overload
def greater_equal(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def greater_equal(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def greater_equal(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def greater_equal(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a >= b`, element by element.

    Shapes broadcast. With a NaN on either side, it does not hold.

    Example:
        >>> gg.greater_equal(np.array([1.0, 2.0, np.nan]), 2.0)
        array([False,  True, False])
    """

@overload
def group_norm(x: ndarray, groups: int, weight: ndarray | generic | complex | None = ..., bias: ndarray | generic | complex | None = ..., *, eps: float = 1e-05) -> ndarray: ...
@overload
def group_norm(x: Tensor, groups: int, weight: Operand | None = None, bias: Operand | None = None, *, eps: float = 1e-05) -> Tensor: ...
@overload
def group_norm(x: Operand, groups: int, weight: Tensor | None = ..., bias: Operand | None = None, *, eps: float = 1e-05) -> Tensor: ...
@overload
def group_norm(x: Operand, groups: int, weight: Operand | None = None, bias: Tensor | None = ..., *, eps: float = 1e-05) -> Tensor: ...
@overload
def group_norm(x: Operand, groups: int, weight: Operand | None = None, bias: Operand | None = None, *, eps: float = 1e-05) -> Array:
    """Each sample of `x` with mean 0 and variance 1 in each of its groups of channels.

    See Y. Wu and K. He, "Group normalization" (2018). One group is layer normalization over all but
    the first axis; as many groups as channels is instance normalization.

    Args:
        x: Real numbers of shape (batch, channels, ...).
        groups: How many groups of equally many channels there are.
        weight: A factor for each channel, of shape (channels,).
        bias: What is added then, of shape (channels,).
        eps: What is added to the variance.

    Raises:
        InvalidArgument: For other shapes, groups that do not divide the channels, and a negative
            `eps`.

    Example:
        >>> x = np.array([[[1.0, 3.0], [5.0, 7.0]]])         # a sample of two channels
        >>> gg.group_norm(x, 1).round(3)
        array([[[-1.342, -0.447],
                [ 0.447,  1.342]]])
        >>> gg.group_norm(x, 2).round(3)
        array([[[-1.,  1.],
                [-1.,  1.]]])
    """

@overload
def heaviside(x: ndarray, h: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def heaviside(x: Tensor, h: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def heaviside(x: Operand, h: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def heaviside(x: Operand, h: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """0 where `x` is negative, 1 where it is positive, `h` where it is 0. Its slope in `x` is 0.

    Example:
        >>> gg.heaviside(np.array([-2.0, 0.0, 3.0]), 0.5)
        array([0. , 0.5, 1. ])
        >>> gg.grad(gg.heaviside, argnums=(0, 1))(0.0, 0.5)
        (array(0.), array(1.))
    """

@overload
def histogram(x: Tensor, /, bins: int | str | Operand = 10, range: tuple[float, float] | None = None, density: builtins.bool | None = None, weights: Operand | None = None) -> tuple[Tensor, Tensor]: ...
@overload
def histogram(x: Operand, /, bins: int | str | Tensor = ..., range: tuple[float, float] | None = None, density: builtins.bool | None = None, weights: Operand | None = None) -> tuple[Tensor, Tensor]: ...
@overload
def histogram(x: Operand, /, bins: int | str | Operand = 10, range: tuple[float, float] | None = None, density: builtins.bool | None = None, weights: Tensor | None = ...) -> tuple[Tensor, Tensor]: ...
@overload
def histogram(x: Operand, /, bins: int | str | Operand = 10, range: tuple[float, float] | None = None, density: builtins.bool | None = None, weights: Operand | None = None) -> tuple[Array, Array]:
    """The number of elements in each bin, or the sum of their `weights`, and the edges of the bins.

    The elements must be known. Counts have no gradient; sums of weights have one, and so have the
    ends of the bins.

    Args:
        x: The elements, of any shape.
        bins: How many bins of one width, the name of a rule of NumPy for that, or the ends of the
            bins.
        range: The least and the largest end; without it, the least and the largest element.
        density: Whether to divide by the widths of the bins and by the whole.
        weights: What each element counts; without them, 1.

    Example:
        >>> x, w = np.array([1.0, 2.0, 2.5, 4.0]), np.array([1.0, 10.0, 100.0, 1000.0])
        >>> gg.histogram(x, bins=3)
        (array([1, 2, 1]), array([1., 2., 3., 4.]))
        >>> gg.grad(lambda w: gg.histogram(x, bins=3, weights=w)[0][1])(w)
        array([0., 1., 1., 0.])
    """

@overload
def hsplit(x: Tensor, places: int | Sequence[int], /) -> list[Tensor]: ...
@overload
def hsplit(x: Operand, places: int | Sequence[int], /) -> list[Array]:
    """Split `x` along the second axis, or a vector along its only axis, as `split` does.

    Example:
        >>> left, right = gg.hsplit(np.array([[1, 2], [3, 4]]), 2)
        >>> left
        array([[1],
               [3]])
    """

@overload
def hstack(operands: Sequence[ndarray], /, *, dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def hstack(operands: Sequence[Tensor], /, *, dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def hstack(operands: Sequence[Operand], /, *, dtype: Any = ..., casting: Any = ...) -> Array:
    """Stack arrays along the second axis, vectors along their only axis.

    The other axes must have equal lengths.

    Example:
        >>> gg.hstack([np.array([1.0, 2.0]), np.array([3.0])])
        array([1., 2., 3.])
        >>> gg.hstack([np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])])
        array([[1., 3.],
               [2., 4.]])
    """

@overload
def huber_loss(predicted: ndarray, target: ndarray | generic | complex, /, *, delta: float = 1.0) -> ndarray: ...
@overload
def huber_loss(predicted: Tensor, target: Operand, /, *, delta: float = 1.0) -> Tensor: ...
@overload
def huber_loss(predicted: Operand, target: Tensor, /, *, delta: float = 1.0) -> Tensor: ...
@overload
def huber_loss(predicted: Operand, target: Operand, /, *, delta: float = 1.0) -> Array:
    """Half the square of a small error and the size of a large one: one loss per element.

    `e**2 / 2` where the error `e = predicted - target` is within `delta`, else `delta * (|e| -
    delta / 2)`. See P. Huber, "Robust estimation of a location parameter" (1964). One of the
    operands may broadcast to the shape of the other.

    Raises:
        InvalidArgument: For a `delta` that is no positive number, and where both operands would
            broadcast.

    Example:
        >>> target = np.array([0.0, 0.0, 0.0])
        >>> gg.huber_loss(np.array([0.5, 1.0, -3.0]), target)
        array([0.125, 0.5  , 2.5  ])
        >>> gg.grad(lambda x: gg.sum(gg.huber_loss(x, target)))(np.array([0.5, 1.0, -3.0]))
        array([ 0.5,  1. , -1. ])
    """

@overload
def hypot(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def hypot(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def hypot(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def hypot(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Distance of the point (`x1`, `x2`) from the origin, `sqrt(x1² + x2²)` without overflow.

    The gradient at the origin is 0.

    Example:
        >>> gg.hypot(np.array([3.0, 3e200]), np.array([4.0, 4e200]))
        array([5.e+000, 5.e+200])
        >>> gg.grad(gg.hypot, argnums=(0, 1))(3.0, 4.0)
        (array(0.6), array(0.8))
    """

def iinfo(type: Operand | DTypeLike, /) -> IntegerLimits:
    """The limits of an integer dtype, or of that of an array: bits, max, min.

    Raises:
        InvalidArgument: For a dtype that is not one of integers.

    Example:
        >>> limits = gg.iinfo("int16")
        >>> limits.min, limits.max
        (-32768, 32767)
    """

@overload
def imag(x: ndarray) -> ndarray: ...
@overload
def imag(x: Tensor) -> Tensor: ...
@overload
def imag(x: Operand) -> Array:
    """Imaginary part of `x`; zeros for real `x`.

    Example:
        >>> gg.imag(np.array([1 + 2j, 3 - 1j]))
        array([ 2., -1.])
        >>> gg.grad(lambda z: gg.imag(z))(1 + 2j)
        array(0.+1.j)
    """

@overload
def inner(x1: ndarray, x2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def inner(x1: Tensor, x2: Operand, /) -> Tensor: ...
@overload
def inner(x1: Operand, x2: Tensor, /) -> Tensor: ...
@overload
def inner(x1: Operand, x2: Operand, /) -> Array:
    """Sums of products over the last axes of both; for numbers, their product.

    The shape is that of `x1` without its last axis, then that of `x2` without its last.

    Example:
        >>> gg.inner(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 10.0]))
        array([21., 43.])
        >>> gg.grad(lambda x: gg.inner(x, x))(np.array([1.0, 2.0]))
        array([2., 4.])
    """

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
    """`x` with `values` inserted before the elements at `places` along `axis`.

    Args:
        x: The array.
        places: An index, a slice, several indices or a mask, which must be known. Indices are those
            in `x`; negative ones count from its end.
        values: What is put in, in the dtype of `x`: they broadcast to the slices there.
        axis: The axis; without one, all elements of `x` in order are what is put into.

    Raises:
        InvalidArgument: For places beyond the axis.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.insert(x, 1, 9.0)
        array([1., 9., 2., 3.])
        >>> gg.insert(x, np.array([0, 2]), np.array([8.0, 9.0]))
        array([8., 1., 2., 9., 3.])
        >>> gg.grad(lambda value: gg.sum(gg.insert(x, 1, value) ** 2))(9.0)
        array(18.)
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
    """Linear interpolation at `x` through the points (`xp`, `fp`).

    Gradients go to the places `x` and to the points. At a point, the slope is that of the line
    behind it.

    Args:
        x: Where values are wanted.
        xp: The places of the points, a vector that rises.
        fp: Their heights, a vector of as many.
        left: What comes before the first point; its height by default.
        right: What comes after the last point; its height by default.
        period: What the line repeats itself after. Places are counted in it then, `xp` may come in
            any order, and `left` and `right` do not count.

    Raises:
        InvalidArgument: For points that are not two vectors of equal length, and for a period of 0.

    Example:
        >>> xp, fp = np.array([0.0, 1.0, 3.0]), np.array([0.0, 10.0, 20.0])
        >>> gg.interp(np.array([0.5, 2.0, 9.0]), xp, fp)
        array([ 5., 15., 20.])
        >>> gg.grad(gg.interp)(2.0, xp, fp)
        array(5.)
    """

def intersect1d(x1: Operand, x2: Operand, /, assume_unique: builtins.bool = False, return_indices: builtins.bool = False) -> Any:
    """The sorted elements that are in both, which must not be traced; the gradient goes to `x1`.

    With `return_indices`, also where they come first in `x1` and in `x2`.

    Example:
        >>> gg.intersect1d(np.array([3.0, 1.0, 2.0]), np.array([2.0, 3.0]))
        array([2., 3.])
        >>> gg.intersect1d(np.array([3.0, 1.0]), np.array([2.0, 3.0]), return_indices=True)
        (array([3.]), array([0]), array([1]))
    """

@overload
def invert(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def invert(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def invert(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Bitwise inverse `~x`: `-1 - x` for integers, logical not for booleans.

    Example:
        >>> gg.bitwise_invert(np.array([0, 5]))
        array([-1, -6])
        >>> gg.bitwise_invert(np.array([True, False]))
        array([False,  True])
    """

@overload
def isclose(a: ndarray, b: ndarray | generic | complex, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> ndarray: ...
@overload
def isclose(a: Tensor, b: Operand, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Tensor: ...
@overload
def isclose(a: Operand, b: Tensor, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Tensor: ...
@overload
def isclose(a: Operand, b: Operand, /, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False) -> Array:
    """Whether elements differ by no more than `atol + rtol * |b|`.

    Equal infinities are close, and NaN to NaN with `equal_nan`. `b` is the one that the tolerance
    is relative to, so that the order of the operands matters.

    Example:
        >>> gg.isclose(np.array([1.0, 1e-9, np.inf]), np.array([1.0 + 1e-6, 0.0, np.inf]))
        array([ True,  True,  True])
        >>> gg.isclose(np.nan, np.nan, equal_nan=True)
        array(True)
    """

@overload
def iscomplex(x: ndarray, /) -> ndarray: ...
@overload
def iscomplex(x: Tensor, /) -> Tensor: ...
@overload
def iscomplex(x: Operand, /) -> Array:
    """Whether the imaginary parts of elements are not 0.

    It asks for values: a complex dtype alone does not make an element complex.

    Example:
        >>> gg.iscomplex(np.array([1 + 1j, 2 + 0j]))
        array([ True, False])
    """

def isdtype(dtype: DTypeLike, kind: DTypeLike | tuple[DTypeLike, ...]) -> builtins.bool:
    """Whether a dtype is of a kind: a dtype, a name such as "integral", or a tuple of these.

    The names are "bool", "signed integer", "unsigned integer", "integral", "real floating",
    "complex floating" and "numeric".

    Example:
        >>> gg.isdtype("float32", "real floating"), gg.isdtype("int8", ("bool", "integral"))
        (True, True)
    """

@overload
def isfinite(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def isfinite(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def isfinite(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `x` is neither infinite nor NaN; for complex numbers, whether both parts are neither.

    Example:
        >>> gg.isfinite(np.array([1.0, np.nan, np.inf]))
        array([ True, False, False])
    """

@overload
def isin(x1: ndarray, x2: ndarray | generic | complex, /, *, invert: builtins.bool = False, assume_unique: Any = ..., kind: Any = ...) -> ndarray: ...
@overload
def isin(x1: Tensor, x2: Operand, /, *, invert: builtins.bool = False, assume_unique: Any = ..., kind: Any = ...) -> Tensor: ...
@overload
def isin(x1: Operand, x2: Tensor, /, *, invert: builtins.bool = False, assume_unique: Any = ..., kind: Any = ...) -> Tensor: ...
@overload
def isin(x1: Operand, x2: Operand, /, *, invert: builtins.bool = False, assume_unique: Any = ..., kind: Any = ...) -> Array:
    """Whether each element of `x1` is among those of `x2`; with `invert`, whether it is not.

    Each is compared with each, which takes memory for all pairs.

    Example:
        >>> gg.isin(np.array([[1, 2], [3, 4]]), np.array([2, 4, 6]))
        array([[False,  True],
               [False,  True]])
    """

@overload
def isinf(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def isinf(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def isinf(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `x` is infinite, with either sign; for complex numbers, whether either part is.

    Example:
        >>> gg.isinf(np.array([1.0, np.nan, -np.inf]))
        array([False, False,  True])
    """

@overload
def isnan(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def isnan(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def isnan(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `x` is NaN; for complex numbers, whether either part is.

    Example:
        >>> gg.isnan(np.array([1.0, np.nan, np.inf]))
        array([False,  True, False])
    """

@overload
def isneginf(x: ndarray, /, *, out: Any = ...) -> ndarray: ...
@overload
def isneginf(x: Tensor, /, *, out: Any = ...) -> Tensor: ...
@overload
def isneginf(x: Operand, /, *, out: Any = ...) -> Array:
    """Whether elements are negative infinity.

    Example:
        >>> gg.isneginf(np.array([np.inf, -np.inf, 1.0]))
        array([False,  True, False])
    """

@overload
def isposinf(x: ndarray, /, *, out: Any = ...) -> ndarray: ...
@overload
def isposinf(x: Tensor, /, *, out: Any = ...) -> Tensor: ...
@overload
def isposinf(x: Operand, /, *, out: Any = ...) -> Array:
    """Whether elements are positive infinity.

    Example:
        >>> gg.isposinf(np.array([np.inf, -np.inf, 1.0]))
        array([ True, False, False])
    """

@overload
def isreal(x: ndarray, /) -> ndarray: ...
@overload
def isreal(x: Tensor, /) -> Tensor: ...
@overload
def isreal(x: Operand, /) -> Array:
    """Whether the imaginary parts of elements are 0.

    Example:
        >>> gg.isreal(np.array([1 + 1j, 2 + 0j]))
        array([False,  True])
    """

@overload
def kron(x1: ndarray, x2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def kron(x1: Tensor, x2: Operand, /) -> Tensor: ...
@overload
def kron(x1: Operand, x2: Tensor, /) -> Tensor: ...
@overload
def kron(x1: Operand, x2: Operand, /) -> Array:
    """The Kronecker product: each element of `x1` replaced by its product with `x2`.

    Along each axis, the length of the result is the product of both lengths.

    Example:
        >>> gg.kron(np.array([1.0, 10.0]), np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([[ 1.,  2., 10., 20.],
               [ 3.,  4., 30., 40.]])
        >>> gg.grad(lambda x: gg.sum(gg.kron(x, np.ones((2, 2)))))(np.eye(2))
        array([[4., 4.],
               [4., 4.]])
    """

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
    """The array `x` with mean 0 and variance 1 along `axis`, times `weight` plus `bias`.

    See J. Ba, J. Kiros and G. Hinton, "Layer normalization" (2016).

    Args:
        x: Real numbers.
        weight: What the normalised numbers are multiplied by; it broadcasts to the shape of `x`.
        bias: What is added then; it broadcasts to the shape of `x`.
        axis: An axis or several, along which mean and variance are taken.
        eps: What is added to the variance, so that equal elements give 0.

    Raises:
        InvalidArgument: For a negative `eps`, and where `weight` or `bias` would enlarge `x`.

    Example:
        >>> x = np.array([[1.0, 2.0, 3.0], [10.0, 10.0, 10.0]])
        >>> gg.layer_norm(x).round(3)
        array([[-1.225,  0.   ,  1.225],
               [ 0.   ,  0.   ,  0.   ]])
        >>> gg.layer_norm(x, weight=np.array([1.0, 1.0, 2.0]), bias=np.full(3, 5.0)).round(3)
        array([[3.775, 5.   , 7.449],
               [5.   , 5.   , 5.   ]])
    """

@overload
def ldexp(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def ldexp(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def ldexp(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def ldexp(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The product `x1 * 2**x2` for integers `x2`, exact unless it leaves the range.

    Raises:
        UnsupportedOperand: For exponents that are no integers.

    Example:
        >>> gg.ldexp(np.array([0.75, 3.0]), np.array([2, -1]))
        array([3. , 1.5])
        >>> gg.grad(gg.ldexp)(np.float64(0.75), np.array(2))
        array(4.)
    """

@overload
def leaky_relu(x: ndarray, /, *, slope: float = 0.01) -> ndarray: ...
@overload
def leaky_relu(x: Tensor, /, *, slope: float = 0.01) -> Tensor: ...
@overload
def leaky_relu(x: Operand, /, *, slope: float = 0.01) -> Array:
    """`x` where it is positive, else `slope * x`. The slope at 0 is `slope`.

    Example:
        >>> gg.leaky_relu(np.array([-1.0, 0.0, 2.0]), slope=0.1)
        array([-0.1,  0. ,  2. ])
        >>> gg.grad(gg.leaky_relu)(-1.0)
        array(0.01)
    """

@overload
def left_shift(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def left_shift(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def left_shift(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def left_shift(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The integers `a`, with their bits shifted left by `b` places.

    Each place doubles the number, as long as it fits into the dtype.

    Example:
        >>> gg.bitwise_left_shift(np.array([1, 5]), 3)
        array([ 8, 40])
    """

@overload
def less(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def less(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def less(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def less(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a < b`, element by element.

    Shapes broadcast. With a NaN on either side, it does not hold.

    Example:
        >>> gg.less(np.array([1.0, 2.0, np.nan]), 2.0)
        array([ True, False, False])
    """

@overload
def less_equal(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def less_equal(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def less_equal(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def less_equal(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a <= b`, element by element.

    Shapes broadcast. With a NaN on either side, it does not hold.

    Example:
        >>> gg.less_equal(np.array([1.0, 2.0, np.nan]), 2.0)
        array([ True,  True, False])
    """

@overload
def lexsort(keys: Sequence[ndarray], /, axis: int = -1) -> ndarray: ...
@overload
def lexsort(keys: Sequence[Tensor], /, axis: int = -1) -> Tensor: ...
@overload
def lexsort(keys: Sequence[Operand], /, axis: int = -1) -> Array:
    """Indices that sort by the last of `keys`, then by the one before it, and so on.

    Raises:
        InvalidArgument: If there are no keys.

    Example:
        >>> first, last = np.array([3, 1, 2]), np.array([1, 1, 0])
        >>> gg.lexsort((first, last))
        array([2, 1, 0])
    """

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
    """A layer of a network, `a @ b + c`: shapes (..., n), (n, m) and (m,) give (..., m).

    Raises:
        InvalidArgument: Where the bias `c` would enlarge the product.

    Example:
        >>> x = np.array([[1.0, 2.0]])
        >>> weight, bias = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 1.0]]), np.full(3, 0.5)
        >>> gg.linear(x, weight, bias)
        array([[1.5, 2.5, 1.5]])
    """

@overload
def linspace(start: Tensor, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, retstep: builtins.bool = False, axis: int = 0) -> Tensor | tuple[Tensor, Tensor]: ...
@overload
def linspace(start: Operand, stop: Tensor, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, retstep: builtins.bool = False, axis: int = 0) -> Tensor | tuple[Tensor, Tensor]: ...
@overload
def linspace(start: Operand, stop: Operand, /, num: int = 50, *, dtype: DTypeLike | None = None, device: str | None = None, endpoint: builtins.bool = True, retstep: builtins.bool = False, axis: int = 0) -> Array | tuple[Array, Array]:
    """`num` evenly spaced numbers from `start` to `stop`.

    Between numbers they are a Tensor, between arrays as these are, and gradients go to both ends.

    Args:
        start: The first, a number or an array.
        stop: The last, or with `endpoint=False` what comes after the last; it broadcasts.
        num: How many there are.
        dtype: Their dtype; a floating one by default.
        device: Where they are.
        endpoint: Whether `stop` is among them.
        retstep: Whether to return the distance between neighbours, too; NaN where there are none.
        axis: Where the new axis is put in, along which those between elements of arrays lie.

    Raises:
        InvalidArgument: For a negative `num`.

    Example:
        >>> gg.linspace(0.0, 1.0, 5)
        Tensor([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float64)
        >>> gg.linspace(np.array([0.0, 10.0]), 1.0, 3)
        array([[ 0. , 10. ],
               [ 0.5,  5.5],
               [ 1. ,  1. ]])
    """

@overload
def log(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def log(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def log(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Natural logarithm of `x`; -inf at 0, NaN below.

    Of complex `x`, with the imaginary part from -π to π.

    Example:
        >>> gg.log(np.array([1.0, 10.0])).round(6)
        array([0.      , 2.302585])
        >>> gg.grad(gg.log)(4.0)
        array(0.25)
    """

@overload
def log10(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def log10(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def log10(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Logarithm of `x` to base 10; -inf at 0, NaN below.

    Example:
        >>> gg.log10(np.array([1.0, 1000.0])).round(6)
        array([0., 3.])
        >>> gg.grad(gg.log10)(1.0).round(6)
        np.float64(0.434294)
    """

@overload
def log1p(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def log1p(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def log1p(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`log(1 + x)`, accurate near 0; -inf at -1, NaN below.

    Example:
        >>> gg.log1p(1e-20)
        array(1.e-20)
        >>> gg.grad(gg.log1p)(1.0)
        array(0.5)
    """

@overload
def log2(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def log2(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def log2(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Logarithm of `x` to base 2; -inf at 0, NaN below.

    Example:
        >>> gg.log2(np.array([1.0, 8.0]))
        array([0., 3.])
        >>> gg.grad(gg.log2)(1.0).round(6)
        np.float64(1.442695)
    """

@overload
def log_ndtr(x: ndarray) -> ndarray: ...
@overload
def log_ndtr(x: Tensor) -> Tensor: ...
@overload
def log_ndtr(x: Operand) -> Array:
    """Logarithm of `ndtr(x)`, accurate for very negative `x`, where `ndtr(x)` rounds to 0.

    On NumPy, `x` may be complex.

    Example:
        >>> x = np.array([-100.0])
        >>> gg.log_ndtr(x).round(4), gg.ndtr(x)
        (array([-5005.5242]), array([0.]))
        >>> gg.grad(gg.log_ndtr)(-100.0).round(4)
        np.float64(100.01)
    """

@overload
def log_sigmoid(x: ndarray) -> ndarray: ...
@overload
def log_sigmoid(x: Tensor) -> Tensor: ...
@overload
def log_sigmoid(x: Operand) -> Array:
    """Logarithm of `sigmoid(x)` for real `x`, accurate even where that rounds to 0 or 1.

    Example:
        >>> gg.log_sigmoid(-800.0)
        array(-800.)
        >>> gg.grad(gg.log_sigmoid)(0.0)
        array(0.5)
    """

@overload
def log_softmax(x: ndarray, /, axis: Axis = -1) -> ndarray: ...
@overload
def log_softmax(x: Tensor, /, axis: Axis = -1) -> Tensor: ...
@overload
def log_softmax(x: Operand, /, axis: Axis = -1) -> Array:
    """Logarithm of the softmax along `axis`, accurate even where that rounds to 0.

    Example:
        >>> gg.log_softmax(np.array([0.0, 1000.0]))
        array([-1000.,     0.])
        >>> gg.grad(lambda x: gg.log_softmax(x)[0])(np.array([0.0, 0.0]))
        array([ 0.5, -0.5])
    """

@overload
def logaddexp(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logaddexp(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logaddexp(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logaddexp(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`log(exp(x1) + exp(x2))` without overflow, element by element.

    The gradients are the shares of the two in the sum; equal operands, also infinite ones, share
    evenly. For all elements along an axis see `logsumexp`.

    Example:
        >>> gg.logaddexp(1000.0, 1000.0).round(6)
        np.float64(1000.693147)
        >>> gg.grad(gg.logaddexp, argnums=(0, 1))(1000.0, 1000.0)
        (array(0.5), array(0.5))
    """

@overload
def logaddexp2(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logaddexp2(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logaddexp2(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logaddexp2(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`log2(2**x1 + 2**x2)` without overflow; see `logaddexp`.

    Example:
        >>> gg.logaddexp2(np.array([3.0, 2000.0]), np.array([3.0, 2000.0]))
        array([   4., 2001.])
        >>> gg.grad(gg.logaddexp2)(3.0, 3.0)
        array(0.5)
    """

@overload
def logical_and(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logical_and(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_and(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_and(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether both `a` and `b` are true.

    Shapes broadcast. Of numbers, 0 is false and everything else is true, NaN too.

    Example:
        >>> gg.logical_and(np.array([0.0, 2.0]), np.array([True, True]))
        array([False,  True])
    """

@overload
def logical_not(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logical_not(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_not(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `x` is false; for numbers, whether they are 0.

    Example:
        >>> gg.logical_not(np.array([0.0, 2.0, np.nan]))
        array([ True, False, False])
    """

@overload
def logical_or(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logical_or(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_or(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_or(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether one of `a` and `b` is true, or both.

    Shapes broadcast. Of numbers, 0 is false and everything else is true, NaN too.

    Example:
        >>> gg.logical_or(np.array([0.0, 2.0]), np.array([False, True]))
        array([False,  True])
    """

@overload
def logical_xor(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def logical_xor(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_xor(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def logical_xor(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether one of `a` and `b` is true, but not both.

    Shapes broadcast. Of numbers, 0 is false and everything else is true, NaN too.

    Example:
        >>> gg.logical_xor(np.array([0.0, 2.0]), np.array([True, True]))
        array([ True, False])
    """

@overload
def logit(x: ndarray) -> ndarray: ...
@overload
def logit(x: Tensor) -> Tensor: ...
@overload
def logit(x: Operand) -> Array:
    """The inverse of `sigmoid`, `log(x / (1 - x))`; infinite at 0 and 1, NaN beyond.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.logit(np.array([0.5, 0.9])).round(6)
        array([0.      , 2.197225])
        >>> gg.grad(gg.logit)(0.5)
        array(4.)
    """

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
    """Numbers whose logarithms are evenly spaced: `base` to the power of `linspace(start, stop)`.

    Args:
        start: The first exponent, a number or an array.
        stop: The last exponent, or with `endpoint=False` what comes after the last.
        num: How many there are.
        dtype: Their dtype; a floating one by default.
        device: Where they are.
        endpoint: Whether the power of `stop` is among them.
        base: What is raised, a number or an array; it broadcasts.
        axis: Where the new axis is put in, along which those between elements of arrays lie.

    Raises:
        InvalidArgument: For a negative `num`.

    Example:
        >>> gg.logspace(0, 3, 4)
        Tensor([   1.,   10.,  100., 1000.], dtype=float64)
        >>> gg.logspace(0, 3, 4, base=2.0)
        Tensor([1., 2., 4., 8.], dtype=float64)
    """

@overload
def logsumexp(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> ndarray: ...
@overload
def logsumexp(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> Tensor: ...
@overload
def logsumexp(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False) -> Array:
    """`log(sum(exp(x)))` along `axis`, without overflow; -inf (with gradient 0) if all are -inf.

    `axis` is an integer, a tuple of them, or `None` for all. The gradient is the softmax.

    Example:
        >>> x = np.array([1000.0, 1000.0])
        >>> (gg.logsumexp(x) - 1000).round(6)
        np.float64(0.693147)
        >>> gg.grad(gg.logsumexp)(x)
        array([0.5, 0.5])
    """

@overload
def matmul(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def matmul(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matmul(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matmul(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """Matrix product of the last two axes, batched over the others, which broadcast.

    A vector has one axis, and the result lacks that, as with `@`, which it is for Tensors.

    Example:
        >>> a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0])
        >>> gg.matmul(a, b)
        array([17., 39.])
        >>> gg.grad(lambda a: gg.sum(gg.matmul(a, b)))(a)
        array([[5., 6.],
               [5., 6.]])
    """

@overload
def matrix_transpose(x: ndarray) -> ndarray: ...
@overload
def matrix_transpose(x: Tensor) -> Tensor: ...
@overload
def matrix_transpose(x: Operand) -> Array:
    """The array `x` with its last two axes swapped: a view.

    Example:
        >>> gg.matrix_transpose(np.array([[1, 2, 3], [4, 5, 6]]))
        array([[1, 4],
               [2, 5],
               [3, 6]])
        >>> gg.matrix_transpose(np.zeros((7, 2, 3))).shape
        (7, 3, 2)
    """

@overload
def matvec(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def matvec(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matvec(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def matvec(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """The products of matrices `x1` and vectors `x2`; leading axes broadcast.

    Example:
        >>> a = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.matvec(a, np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
        array([[1., 3.],
               [2., 4.],
               [3., 7.]])
        >>> gg.grad(lambda v: gg.sum(gg.matvec(a, v)))(np.array([1.0, 1.0]))
        array([4., 6.])
    """

@overload
def max(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def max(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def max(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Largest element along `axis`; NaN if there is one.

    `axis` is an integer, a tuple of them, or `None` for all. Equal elements share the gradient
    evenly. There must be one element at least.

    Example:
        >>> x = np.array([3.0, 5.0, 5.0])
        >>> gg.max(x)
        array(5.)
        >>> gg.grad(gg.max)(x)
        array([0. , 0.5, 0.5])
    """

@overload
def max_pool1d(x: ndarray, window: int, /, *, stride: int | None = None, padding: int = 0) -> ndarray: ...
@overload
def max_pool1d(x: Tensor, window: int, /, *, stride: int | None = None, padding: int = 0) -> Tensor: ...
@overload
def max_pool1d(x: Operand, window: int, /, *, stride: int | None = None, padding: int = 0) -> Array:
    """The largest element of each window of the last axis of `x`; see `max_pool2d`.

    Example:
        >>> gg.max_pool1d(np.array([1.0, 2.0, 4.0, 3.0, 0.0]), 2)
        array([2., 4.])
        >>> gg.max_pool1d(np.array([1.0, 2.0, 4.0, 3.0, 0.0]), 3, stride=2, padding=1)
        array([2., 4., 3.])
    """

@overload
def max_pool2d(x: ndarray, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> ndarray: ...
@overload
def max_pool2d(x: Tensor, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Tensor: ...
@overload
def max_pool2d(x: Operand, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """The largest element of each window of the last two axes of `x`.

    Equal elements share the gradient evenly, as in `max`.

    Args:
        x: Floating numbers of shape (..., height, width).
        window: How large a window is: a length, or a pair for height and width.
        stride: How far windows lie apart, as a length or a pair; side by side by default.
        padding: How many elements come before and behind along both axes, as a length or a pair.
            None of these is the largest.

    Raises:
        InvalidArgument: For windows that are longer than the image, and for a padding of more than
            half of them.
        UnsupportedOperand: For integers, and for an array of fewer than two axes.

    Example:
        >>> image = np.array([[1.0, 2.0, 0.0, 1.0], [4.0, 3.0, 5.0, 2.0]])
        >>> gg.max_pool2d(image, 2)
        array([[4., 5.]])
        >>> gg.grad(lambda x: gg.sum(gg.max_pool2d(x, 2)))(image)
        array([[0., 0., 0., 0.],
               [1., 0., 1., 0.]])
    """

@overload
def maximum(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def maximum(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def maximum(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def maximum(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The larger of `a` and `b`, element by element; NaN if one is.

    Equal operands share the gradient evenly. For the largest element of one array see `max`.

    Example:
        >>> gg.maximum(np.array([1.0, 5.0]), np.array([3.0, 2.0]))
        array([3., 5.])
        >>> gg.grad(gg.maximum, argnums=(0, 1))(1.0, 3.0)
        (array(0.), array(1.))
        >>> gg.grad(gg.maximum, argnums=(0, 1))(2.0, 2.0)
        (array(0.5), array(0.5))
    """

@overload
def mean(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def mean(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def mean(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> Array:
    """Mean along `axis`; float16 accumulates in float32. The mean of no elements is NaN.

    `axis` is an integer, a tuple of them, or `None` for all.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 6.0]])
        >>> gg.mean(x, axis=0)
        array([2., 4.])
        >>> gg.grad(gg.mean)(x)
        array([[0.25, 0.25],
               [0.25, 0.25]])
    """

@overload
def mean_squared_error(predicted: ndarray, target: ndarray | generic | complex) -> ndarray: ...
@overload
def mean_squared_error(predicted: Tensor, target: Operand) -> Tensor: ...
@overload
def mean_squared_error(predicted: Operand, target: Tensor) -> Tensor: ...
@overload
def mean_squared_error(predicted: Operand, target: Operand) -> Array:
    """Mean of `(predicted - target) ** 2` over all elements.

    One of the operands may broadcast to the shape of the other.

    Raises:
        InvalidArgument: Where both would broadcast: of shapes (n, 1) and (n,), each would be
            compared with each.

    Example:
        >>> target = np.array([1.0, 2.0, 3.0])
        >>> gg.mean_squared_error(np.array([1.0, 2.0, 5.0]), target).round(4)
        np.float64(1.3333)
        >>> gg.grad(gg.mean_squared_error)(np.array([1.0, 2.0, 5.0]), target).round(4)
        array([0.    , 0.    , 1.3333])
    """

@overload
def median(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def median(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def median(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """The median along `axis`: the middle element, or the mean of the middle two; NaN if any is.

    The gradient goes to the elements in the middle.

    Example:
        >>> x = np.array([9.0, 1.0, 4.0, 2.0])
        >>> gg.median(x)
        array(3.)
        >>> gg.grad(gg.median)(x)
        array([0. , 0. , 0.5, 0.5])
    """

@overload
def meshgrid(*arrays: Tensor, indexing: str = 'xy', sparse: builtins.bool = False, copy: builtins.bool = True) -> tuple[Tensor, ...]: ...
@overload
def meshgrid(*arrays: Operand, indexing: str = 'xy', sparse: builtins.bool = False, copy: builtins.bool = True) -> tuple[Array, ...]:
    """Coordinates of a grid: each vector along a separate axis, repeated along the others.

    Args:
        *arrays: The coordinates along each axis, vectors or numbers.
        indexing: "xy" for a grid whose first two axes are swapped, as in a picture; "ij" for one
            whose axes are in the order of the vectors.
        sparse: Whether to repeat nothing: the coordinates then broadcast to the grid.
        copy: Whether each has memory of its own; else they are views, which cannot be written to.

    Raises:
        InvalidArgument: For arrays that are no vectors, and for an unknown `indexing`.

    Example:
        >>> x, y = gg.meshgrid(np.array([0.0, 1.0, 2.0]), np.array([10.0, 20.0]))
        >>> x
        array([[0., 1., 2.],
               [0., 1., 2.]])
        >>> y
        array([[10., 10., 10.],
               [20., 20., 20.]])
    """

@overload
def min(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def min(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def min(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Smallest element along `axis`; NaN if there is one.

    `axis` is an integer, a tuple of them, or `None` for all. Equal elements share the gradient
    evenly. There must be one element at least.

    Example:
        >>> x = np.array([[3.0, 5.0], [4.0, 1.0]])
        >>> gg.min(x, axis=1)
        array([3., 1.])
        >>> gg.grad(gg.min)(x)
        array([[0., 0.],
               [0., 1.]])
    """

@overload
def minimum(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def minimum(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def minimum(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def minimum(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The smaller of `a` and `b`, element by element; NaN if one is.

    Equal operands share the gradient evenly. For the smallest element of one array see `min`.

    Example:
        >>> gg.minimum(np.array([1.0, 5.0]), np.array([3.0, 2.0]))
        array([1., 2.])
        >>> gg.grad(gg.minimum, argnums=(0, 1))(1.0, 3.0)
        (array(1.), array(0.))
    """

@overload
def mod(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def mod(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def mod(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def mod(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The remainder of `x1 / x2`, `x1 - x2 * floor(x1 / x2)`, which has the sign of `x2`.

    Of floating numbers it is NaN where `x2` is 0.

    Example:
        >>> gg.remainder(np.array([7.0, -7.0]), 3.0)
        array([1., 2.])
        >>> gg.grad(gg.remainder, argnums=(0, 1))(7.0, 3.0)
        (array(1.), array(-2.))
    """

@overload
def modf(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Tensor, Tensor]: ...
@overload
def modf(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> tuple[Array, Array]:
    """The fractional and the integer part, both with the sign of `x`.

    The whole part has gradient 0. The fraction of an infinity is 0.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.modf(np.array([1.25, -2.75]))
        (array([ 0.25, -0.75]), array([ 1., -2.]))
    """

@overload
def moveaxis(x: ndarray, source: Axes, destination: Axes, /) -> ndarray: ...
@overload
def moveaxis(x: Tensor, source: Axes, destination: Axes, /) -> Tensor: ...
@overload
def moveaxis(x: Operand, source: Axes, destination: Axes, /) -> Array:
    """`x` with the axes `source` moved to the positions `destination`; the others keep their order.

    Each is one axis or a tuple of them.

    Raises:
        InvalidArgument: For more axes than places, or fewer.

    Example:
        >>> images = np.zeros((8, 32, 24, 3))
        >>> gg.moveaxis(images, -1, 1).shape
        (8, 3, 32, 24)
        >>> gg.moveaxis(images, (0, 1), (-1, -2)).shape
        (24, 3, 32, 8)
    """

@overload
def multiply(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def multiply(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def multiply(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def multiply(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Elementwise product of `a` and `b`; shapes broadcast.

    A factor that is not finite adds nothing to a gradient where the cotangent is 0.

    Example:
        >>> gg.multiply(np.array([1.0, 2.0]), np.array([[3.0], [4.0]]))
        array([[3., 6.],
               [4., 8.]])
        >>> gg.grad(gg.multiply, argnums=(0, 1))(3.0, 5.0)
        (array(5.), array(3.))
    """

@overload
def nan_to_num(x: ndarray, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None, copy: Any = ...) -> ndarray: ...
@overload
def nan_to_num(x: Tensor, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None, copy: Any = ...) -> Tensor: ...
@overload
def nan_to_num(x: Operand, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None, copy: Any = ...) -> Array:
    """The array `x` with NaN and infinities replaced by numbers; for complex `x`, in each part.

    What was replaced has gradient 0. Integers are returned as they are.

    Args:
        x: The array.
        nan: What stands for NaN.
        posinf: What stands for infinity; the largest number of the dtype by default.
        neginf: What stands for -infinity; the lowest number of the dtype by default.

    Example:
        >>> x = np.array([1.0, np.nan, -np.inf])
        >>> gg.nan_to_num(x, neginf=-100.0)
        array([   1.,    0., -100.])
        >>> gg.grad(lambda x: gg.sum(gg.nan_to_num(x)))(x)
        array([1., 0., 0.])
    """

@overload
def nanargmax(x: ndarray, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def nanargmax(x: Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def nanargmax(x: Operand, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """Index of the largest element along `axis` that is not NaN.

    Without an axis, it is counted through all elements in order.

    Raises:
        InvalidArgument: Where all elements along the axis are NaN, if values are known.

    Example:
        >>> gg.nanargmax(np.array([1.0, np.nan, 3.0]))
        array(2)
    """

@overload
def nanargmin(x: ndarray, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def nanargmin(x: Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def nanargmin(x: Operand, /, *, axis: int | None = None, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """Index of the smallest element along `axis` that is not NaN.

    Without an axis, it is counted through all elements in order.

    Raises:
        InvalidArgument: Where all elements along the axis are NaN, if values are known.

    Example:
        >>> gg.nanargmin(np.array([np.nan, 2.0, 1.0]))
        array(2)
    """

@overload
def nancumprod(x: ndarray, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> ndarray: ...
@overload
def nancumprod(x: Tensor, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> Tensor: ...
@overload
def nancumprod(x: Operand, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> Array:
    """Cumulative products along `axis`, with 1 for NaN; without an axis, of all elements in order.

    Example:
        >>> gg.nancumprod(np.array([2.0, np.nan, 3.0]))
        array([2., 2., 6.])
    """

@overload
def nancumsum(x: ndarray, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> ndarray: ...
@overload
def nancumsum(x: Tensor, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> Tensor: ...
@overload
def nancumsum(x: Operand, /, axis: int | None = None, *, dtype: DTypeLike | None = None, out: Any = ...) -> Array:
    """Cumulative sums along `axis`, with 0 for NaN; without an axis, of all elements in order.

    Example:
        >>> gg.nancumsum(np.array([1.0, np.nan, 3.0]))
        array([1., 1., 4.])
    """

@overload
def nanmax(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nanmax(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nanmax(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Largest element along `axis` that is not NaN; NaN if there is none.

    Example:
        >>> x = np.array([1.0, np.nan, 3.0])
        >>> gg.nanmax(x)
        array(3.)
        >>> gg.grad(gg.nanmax)(x)
        array([0., 0., 1.])
    """

@overload
def nanmean(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nanmean(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nanmean(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., where: Any = ...) -> Array:
    """Mean along `axis` of the elements that are not NaN; NaN if there are none.

    Example:
        >>> x = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 6.0]])
        >>> gg.nanmean(x, axis=1)
        array([2., 5.])
        >>> gg.grad(gg.nanmean)(x)
        array([[0.2, 0. , 0.2],
               [0.2, 0.2, 0.2]])
    """

@overload
def nanmedian(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def nanmedian(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanmedian(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """The median of the elements that are not NaN; see `median`.

    Where nothing is left, it is NaN.

    Example:
        >>> gg.nanmedian(np.array([[1.0, np.nan], [2.0, 4.0]]), axis=1)
        array([1., 3.])
    """

@overload
def nanmin(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nanmin(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nanmin(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Smallest element along `axis` that is not NaN; NaN if there is none.

    Example:
        >>> gg.nanmin(np.array([[1.0, np.nan], [np.nan, np.nan]]), axis=1)
        array([ 1., nan])
    """

@overload
def nanpercentile(x: ndarray, q: ndarray | generic | complex, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def nanpercentile(x: Tensor, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanpercentile(x: Operand, q: Tensor, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanpercentile(x: Operand, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """The `q`-th percentile of the elements that are not NaN; NaN if there are none.

    It is `nanquantile` with shares from 0 to 100.

    Example:
        >>> gg.nanpercentile(np.array([1.0, np.nan, 3.0, 4.0]), 50)
        array(3.)
    """

@overload
def nanprod(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nanprod(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nanprod(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Product along `axis` of the elements that are not NaN; 1 if there are none.

    Example:
        >>> gg.nanprod(np.array([2.0, np.nan, 3.0]))
        array(6.)
    """

@overload
def nanquantile(x: ndarray, q: ndarray | generic | complex, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def nanquantile(x: Tensor, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanquantile(x: Operand, q: Tensor, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def nanquantile(x: Operand, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """The `q`-quantile of the elements that are not NaN; NaN if there are none.

    The arguments, and what it raises, are those of `quantile`.

    Example:
        >>> gg.nanquantile(np.array([1.0, np.nan, 3.0, 4.0]), [0.25, 0.5])
        array([2., 3.])
    """

@overload
def nanstd(x: ndarray, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> ndarray: ...
@overload
def nanstd(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Tensor: ...
@overload
def nanstd(x: Operand, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Array:
    """Standard deviation along `axis` of the elements that are not NaN; see `std` and `nanvar`.

    Example:
        >>> gg.nanstd(np.array([1.0, np.nan, 3.0]))
        array(1.)
    """

@overload
def nansum(x: ndarray, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def nansum(x: Tensor, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def nansum(x: Operand, /, *, axis: Axis = None, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Sum along `axis` of the elements that are not NaN; 0 if there are none.

    What is NaN has gradient 0.

    Example:
        >>> x = np.array([1.0, np.nan, 3.0])
        >>> gg.nansum(x)
        array(4.)
        >>> gg.grad(gg.nansum)(x)
        array([1., 0., 1.])
    """

@overload
def nanvar(x: ndarray, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> ndarray: ...
@overload
def nanvar(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Tensor: ...
@overload
def nanvar(x: Operand, /, *, axis: Axis = None, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Array:
    """Variance along `axis` of the elements that are not NaN; see `var`. NaN if there are too few.

    Example:
        >>> gg.nanvar(np.array([1.0, np.nan, 3.0]))
        array(1.)
    """

@overload
def ndtr(x: ndarray) -> ndarray: ...
@overload
def ndtr(x: Tensor) -> Tensor: ...
@overload
def ndtr(x: Operand) -> Array:
    """Cumulative distribution function of the standard normal distribution.

    On NumPy, `x` may be complex. The gradient is the density.

    Example:
        >>> gg.ndtr(np.array([0.0, 1.96])).round(4)
        array([0.5  , 0.975])
        >>> gg.grad(gg.ndtr)(0.0).round(6)
        np.float64(0.398942)
    """

@overload
def ndtri(x: ndarray) -> ndarray: ...
@overload
def ndtri(x: Tensor) -> Tensor: ...
@overload
def ndtri(x: Operand) -> Array:
    """The inverse of `ndtr`, the quantiles of the standard normal distribution.

    It is infinite at 0 and 1, and NaN beyond.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.ndtri(np.array([0.5, 0.975])).round(4)
        array([0.  , 1.96])
        >>> gg.grad(gg.ndtri)(0.5).round(6)
        np.float64(2.506628)
    """

@overload
def negative(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def negative(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def negative(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`-x`, element by element.

    Example:
        >>> gg.negative(np.array([1.0, -2.0]))
        array([-1.,  2.])
        >>> gg.grad(gg.negative)(3.0)
        array(-1.)
    """

@overload
def nextafter(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def nextafter(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def nextafter(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def nextafter(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The next representable number after `x1` in the direction of `x2`.

    It is a constant for gradients.

    Example:
        >>> (gg.nextafter(np.array([1.0]), 2.0) - 1) / np.finfo(np.float64).eps
        array([1.])
    """

@overload
def nll(log_probs: ndarray, labels: ndarray | generic | complex) -> ndarray: ...
@overload
def nll(log_probs: Tensor, labels: Operand) -> Tensor: ...
@overload
def nll(log_probs: Operand, labels: Tensor) -> Tensor: ...
@overload
def nll(log_probs: Operand, labels: Operand) -> Array:
    """Negative log-likelihood `-log_probs[..., label]` of integer labels.

    Shapes (..., n) and (...) give (...). On a GPU, which is not waited for, the loss of a label
    outside of `range(n)` is NaN.

    Raises:
        InvalidArgument: On the CPU, for a label outside of `range(n)`; and where shapes do not fit.

    Example:
        >>> log_probs = gg.log_softmax(np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
        >>> gg.nll(log_probs, np.array([0, 2])).round(4)
        array([0.2395, 1.0986])
    """

@overload
def nonzero(x: Tensor) -> tuple[Tensor, ...]: ...
@overload
def nonzero(x: Operand) -> tuple[Array, ...]:
    """Indices of the nonzero elements, as one array per axis.

    How many there are depends on values, which are not known under `gg.jit`. There must be one
    axis at least.

    Example:
        >>> x = np.array([[3.0, 0.0], [0.0, 4.0]])
        >>> gg.nonzero(x)
        (array([0, 1]), array([0, 1]))
        >>> x[gg.nonzero(x)]
        array([3., 4.])
    """

@overload
def not_equal(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def not_equal(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def not_equal(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def not_equal(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether `a != b`, element by element.

    Shapes broadcast. NaN differs from everything, from itself too.

    Example:
        >>> gg.not_equal(np.array([1.0, 2.0, np.nan]), np.array([1.0, 3.0, np.nan]))
        array([False,  True,  True])
    """

@overload
def one_hot(labels: ndarray, /, n: int, dtype: DTypeLike) -> ndarray: ...
@overload
def one_hot(labels: Tensor, /, n: int, dtype: DTypeLike) -> Tensor: ...
@overload
def one_hot(labels: Operand, /, n: int, dtype: DTypeLike) -> Array:
    """Rows of length `n` that are 1 at their label and 0 elsewhere; all 0 for one out of range.

    Labels of shape (...) give an array of shape (..., n) and of that `dtype`.

    Raises:
        InvalidArgument: For labels that are no integers, or an `n` that is none or is negative.

    Example:
        >>> gg.one_hot(np.array([0, 2]), 3, np.float64)
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """

def ones(shape: int | Shape, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor of ones; float64 unless `dtype` says otherwise.

    Example:
        >>> gg.ones((2, 2))
        Tensor([[1., 1.],
                [1., 1.]], dtype=float64)
        >>> gg.ones(3, dtype="int64")
        Tensor([1, 1, 1], dtype=int64)
    """

@overload
def ones_like(x: ndarray, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> ndarray: ...
@overload
def ones_like(x: Tensor, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def ones_like(x: Operand, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Array:
    """An array of ones like `x`; `dtype` and `device` may differ.

    Example:
        >>> gg.ones_like(np.array([[1.5, 2.5]]))
        array([[1., 1.]])
    """

@overload
def outer(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ...) -> ndarray: ...
@overload
def outer(x1: Tensor, x2: Operand, /, *, out: Any = ...) -> Tensor: ...
@overload
def outer(x1: Operand, x2: Tensor, /, *, out: Any = ...) -> Tensor: ...
@overload
def outer(x1: Operand, x2: Operand, /, *, out: Any = ...) -> Array:
    """The products of each element of `x1` with each of `x2`, both flattened.

    Example:
        >>> gg.outer(np.array([1.0, 2.0]), np.array([1.0, 10.0, 100.0]))
        array([[  1.,  10., 100.],
               [  2.,  20., 200.]])
        >>> gg.grad(lambda x: gg.sum(gg.outer(x, x)))(np.array([1.0, 2.0]))
        array([6., 6.])
    """

@overload
def pad(x: ndarray, pad_width: Widths, /, mode: str = 'constant', *, constant_values: Values | None = None, end_values: Values | None = None, stat_length: int | Sequence[int] | Sequence[Sequence[int]] | None = None, reflect_type: str | None = None) -> ndarray: ...
@overload
def pad(x: Tensor, pad_width: Widths, /, mode: str = 'constant', *, constant_values: Values | None = None, end_values: Values | None = None, stat_length: int | Sequence[int] | Sequence[Sequence[int]] | None = None, reflect_type: str | None = None) -> Tensor: ...
@overload
def pad(x: Operand, pad_width: Widths, /, mode: str = 'constant', *, constant_values: Values | None = None, end_values: Values | None = None, stat_length: int | Sequence[int] | Sequence[Sequence[int]] | None = None, reflect_type: str | None = None) -> Array:
    """The array `x` with elements added before and after it along each axis.

    Gradients of elements that are repeated add up.

    Args:
        x: What is padded.
        pad_width: How many elements come: a number, a pair (before, behind), a pair for each axis,
            or a mapping from axes to these.
        mode: What they are. With "constant", `constant_values`; with "linear_ramp", on a line from
            the last one to `end_values`; with "maximum", "mean", "median" or "minimum", that of
            all elements or of the `stat_length` last ones; with "edge", the last one; with
            "reflect" and "symmetric", mirror images without and with it; with "wrap", those from
            the other end; with "empty", anything.
        constant_values: A number (0 by default), a pair or a pair for each axis.
        end_values: A number (0 by default), a pair or a pair for each axis.
        stat_length: A number, a pair or a pair for each axis.
        reflect_type: "even", or "odd", where a mirror image is what it takes from twice the last
            one.

    Raises:
        InvalidArgument: For an unknown mode, a parameter that belongs to another mode, and widths
            that are negative or do not fit the axes.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.pad(x, (1, 2))
        array([0., 1., 2., 3., 0., 0.])
        >>> gg.pad(x, 2, mode="reflect")
        array([3., 2., 1., 2., 3., 2., 1.])
        >>> gg.grad(lambda x: gg.sum(gg.pad(x, 2, mode="edge")))(x)
        array([3., 1., 3.])
    """

@overload
def partition(x: ndarray, kth: int | Sequence[int], /, axis: int | None = -1, *, kind: Any = ..., order: Any = ...) -> ndarray: ...
@overload
def partition(x: Tensor, kth: int | Sequence[int], /, axis: int | None = -1, *, kind: Any = ..., order: Any = ...) -> Tensor: ...
@overload
def partition(x: Operand, kth: int | Sequence[int], /, axis: int | None = -1, *, kind: Any = ..., order: Any = ...) -> Array:
    """`x` reordered so that the elements `kth` along `axis` are where sorting would put them.

    Smaller ones stand before and larger ones behind; here all are sorted.

    Example:
        >>> x = np.array([3.0, 1.0, 2.0])
        >>> gg.partition(x, 1)
        array([1., 2., 3.])
        >>> gg.grad(lambda x: gg.partition(x, 1)[1])(x)
        array([0., 0., 1.])
    """

@overload
def percentile(x: ndarray, q: ndarray | generic | complex, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def percentile(x: Tensor, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def percentile(x: Operand, q: Tensor, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def percentile(x: Operand, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """The `q`-th percentile along `axis`; NaN if any element is.

    It is `quantile` with shares from 0 to 100.

    Example:
        >>> gg.percentile(np.array([1.0, 2.0, 4.0, 9.0]), 50)
        array(3.)
    """

@overload
def permute_dims(x: ndarray, /, axes: Sequence[int]) -> ndarray: ...
@overload
def permute_dims(x: Tensor, /, axes: Sequence[int]) -> Tensor: ...
@overload
def permute_dims(x: Operand, /, axes: Sequence[int]) -> Array:
    """The array `x` with its axes in the order `axes`: a view.

    Example:
        >>> images = np.zeros((32, 3, 28, 24))
        >>> gg.permute_dims(images, (0, 2, 3, 1)).shape
        (32, 28, 24, 3)
    """

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
    """For each position, the function or number of the last condition that holds there.

    As in NumPy, a function is given the elements where its condition holds. Where that is not
    known, as under `gg.jit`, it is given all of `x`, and its values at other places have no effect.

    Args:
        x: The array.
        conditions: Masks of the shape of `x`, or a single one.
        functions: A function or a number for each condition. One more is for where none holds;
            without it the result is 0 there.
        *args: Further arguments of the functions.
        **kwargs: Arguments of the functions by name.

    Raises:
        InvalidArgument: For fewer functions than conditions, or more than one more.

    Example:
        >>> def f(x):
        ...     return gg.piecewise(x, [x < 0, x >= 0], [lambda x: x * x, lambda x: 3 * x])
        >>> f(np.array([-2.0, 0.0, 2.0]))
        array([4., 0., 6.])
        >>> gg.grad(lambda x: gg.sum(f(x)))(np.array([-2.0, 0.0, 2.0]))
        array([-4.,  3.,  3.])
    """

def place(arr: Written, mask: Operand, vals: Operand, /) -> None:
    """Write `vals` in order, repeated if necessary, where `mask` holds.

    Where the mask holds must be known.

    Raises:
        InvalidArgument: For no values, where the mask holds anywhere.

    Example:
        >>> x = np.array([1.0, -2.0, -3.0])
        >>> gg.place(x, x < 0, np.array([10.0, 20.0, 30.0]))
        >>> x
        array([ 1., 10., 20.])
    """

@overload
def poly(seq_of_zeros: ndarray, /) -> ndarray: ...
@overload
def poly(seq_of_zeros: Tensor, /) -> Tensor: ...
@overload
def poly(seq_of_zeros: Operand, /) -> Array:
    """The coefficients of the polynomial with these zeros, highest power first; that one is 1.

    Of a square matrix, it is the characteristic polynomial, whose zeros are the eigenvalues.

    Raises:
        InvalidArgument: For what is neither a vector nor a square matrix.

    Example:
        >>> gg.poly(np.array([2.0, -2.0]))
        array([ 1.,  0., -4.])
    """

@overload
def polyadd(a1: ndarray, a2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def polyadd(a1: Tensor, a2: Operand, /) -> Tensor: ...
@overload
def polyadd(a1: Operand, a2: Tensor, /) -> Tensor: ...
@overload
def polyadd(a1: Operand, a2: Operand, /) -> Array:
    """The sum of two polynomials, as vectors of coefficients, highest power first.

    Example:
        >>> gg.polyadd(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0]))
        array([ 1., 12., 23.])
    """

@overload
def polyder(p: ndarray, /, m: int = 1) -> ndarray: ...
@overload
def polyder(p: Tensor, /, m: int = 1) -> Tensor: ...
@overload
def polyder(p: Operand, /, m: int = 1) -> Array:
    """The derivative of order `m` of a polynomial, as coefficients, highest power first.

    It differentiates the polynomial in its variable; `gg.grad` through it differentiates in the
    coefficients. Of a polynomial of lower degree, nothing is left, a vector without elements.

    Raises:
        InvalidArgument: For a negative `m`.

    Example:
        >>> gg.polyder(np.array([1.0, 0.0, -4.0, 5.0]))
        array([ 3.,  0., -4.])
    """

@overload
def polydiv(u: Tensor, v: Operand, /) -> tuple[Tensor, Tensor]: ...
@overload
def polydiv(u: Operand, v: Tensor, /) -> tuple[Tensor, Tensor]: ...
@overload
def polydiv(u: Operand, v: Operand, /) -> tuple[Array, Array]:
    """The quotient and the remainder of two polynomials.

    Both are vectors of coefficients, the highest power first. Leading coefficients of the remainder
    that are 0 are left out, as NumPy leaves them.

    Example:
        >>> gg.polydiv(np.array([1.0, 0.0, 1.0]), np.array([1.0, 1.0]))
        (array([ 1., -1.]), array([2.]))
    """

@overload
def polyfit(x: Tensor, y: Operand, deg: int, /, rcond: float | None = None, full: builtins.bool = False, w: Operand | None = None, cov: builtins.bool | str = False) -> Tensor | tuple[Tensor, ...]: ...
@overload
def polyfit(x: Operand, y: Tensor, deg: int, /, rcond: float | None = None, full: builtins.bool = False, w: Operand | None = None, cov: builtins.bool | str = False) -> Tensor | tuple[Tensor, ...]: ...
@overload
def polyfit(x: Operand, y: Operand, deg: int, /, rcond: float | None = None, full: builtins.bool = False, w: Tensor | None = ..., cov: builtins.bool | str = False) -> Tensor | tuple[Tensor, ...]: ...
@overload
def polyfit(x: Operand, y: Operand, deg: int, /, rcond: float | None = None, full: builtins.bool = False, w: Operand | None = None, cov: builtins.bool | str = False) -> Array | tuple[Array, ...]:
    """The polynomial of degree `deg` that best fits samples `y` at `x`, by least squares.

    Args:
        x: The places of the samples.
        y: The samples, a vector or several columns, of which each has a polynomial.
        deg: The degree.
        rcond: Singular values of the scaled powers that are smaller than this share of the largest
            count as 0; by default the number of samples times the rounding error.
        full: Whether to return, too, the sums of the squared residuals, the rank and the singular
            values of the scaled powers, and `rcond`.
        w: What the residuals of the samples are multiplied by before they are squared.
        cov: Whether to return, too, the covariances of the coefficients: scaled by the residuals,
            or with "unscaled" not.

    Raises:
        InvalidArgument: With `cov=True`, for too few samples to scale by.

    Example:
        >>> x = np.array([0.0, 1.0, 2.0, 3.0])
        >>> y = np.array([1.0, 3.0, 5.0, 7.0])
        >>> gg.polyfit(x, y, 1).round(6)
        array([2., 1.])
        >>> gg.grad(lambda y: gg.polyfit(x, y, 1)[0])(y).round(6)
        array([-0.3, -0.1,  0.1,  0.3])
    """

@overload
def polygamma(x: ndarray, /, *, n: int) -> ndarray: ...
@overload
def polygamma(x: Tensor, /, *, n: int) -> Tensor: ...
@overload
def polygamma(x: Operand, /, *, n: int) -> Array:
    """The `n`-th derivative of `digamma`.

    The function `gg.special.polygamma(n, x)` is the same with SciPy's order of arguments.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.polygamma(np.array([1.0, 2.0]), n=1).round(6)
        array([1.644934, 0.644934])
        >>> gg.grad(lambda x: gg.polygamma(x, n=1))(1.0).round(6)
        np.float64(-2.404114)
    """

@overload
def polyint(p: ndarray, /, m: int = 1, k: ndarray | generic | complex | Sequence[ndarray | generic | complex] | None = ...) -> ndarray: ...
@overload
def polyint(p: Tensor, /, m: int = 1, k: Operand | Sequence[Operand] | None = None) -> Tensor: ...
@overload
def polyint(p: Operand, /, m: int = 1, k: Tensor | Sequence[Tensor] | None = ...) -> Tensor: ...
@overload
def polyint(p: Operand, /, m: int = 1, k: Operand | Sequence[Operand] | None = None) -> Array:
    """The integral of order `m` of a polynomial, as coefficients, highest power first.

    Args:
        p: The coefficients of the polynomial.
        m: How many times it is integrated.
        k: The constants of the integrations in turn, or one for all; 0 by default.

    Raises:
        InvalidArgument: For a negative `m`, and for several constants that are fewer than `m`.

    Example:
        >>> gg.polyint(np.array([3.0, 0.0, -4.0]), k=5.0)
        array([ 1.,  0., -4.,  5.])
    """

@overload
def polymul(a1: ndarray, a2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def polymul(a1: Tensor, a2: Operand, /) -> Tensor: ...
@overload
def polymul(a1: Operand, a2: Tensor, /) -> Tensor: ...
@overload
def polymul(a1: Operand, a2: Operand, /) -> Array:
    """The product of two polynomials, as vectors of coefficients, highest power first.

    Example:
        >>> gg.polymul(np.array([1.0, 2.0]), np.array([1.0, -2.0]))
        array([ 1.,  0., -4.])
    """

@overload
def polysub(a1: ndarray, a2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def polysub(a1: Tensor, a2: Operand, /) -> Tensor: ...
@overload
def polysub(a1: Operand, a2: Tensor, /) -> Tensor: ...
@overload
def polysub(a1: Operand, a2: Operand, /) -> Array:
    """The difference of two polynomials, as vectors of coefficients, highest power first.

    Example:
        >>> gg.polysub(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0]))
        array([  1.,  -8., -17.])
    """

@overload
def polyval(p: ndarray, x: ndarray | generic | complex, /) -> ndarray: ...
@overload
def polyval(p: Tensor, x: Operand, /) -> Tensor: ...
@overload
def polyval(p: Operand, x: Tensor, /) -> Tensor: ...
@overload
def polyval(p: Operand, x: Operand, /) -> Array:
    """The value at `x` of the polynomial with coefficients `p`, highest power first.

    Raises:
        InvalidArgument: For coefficients that are no vector.

    Example:
        >>> p = np.array([1.0, 0.0, -4.0])
        >>> gg.polyval(p, np.array([0.0, 2.0, 3.0]))
        array([-4.,  0.,  5.])
        >>> gg.grad(gg.polyval, argnums=1)(p, 3.0)
        array(6.)
    """

@overload
def positive(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def positive(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def positive(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x` itself, element by element: what `+x` calls.

    Example:
        >>> gg.positive(np.array([1.0, -2.0]))
        array([ 1., -2.])
        >>> gg.grad(gg.positive)(-2.0)
        array(1.)
    """

@overload
def pow(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def pow(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def pow(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def pow(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`a` to the power `b`, element by element; `pow` is another name of it.

    The derivative in `a` is exact for `b` = 0, 1 and 2, also at 0. That in `b` is `a**b * log(a)`:
    0 where `a` is 0 and `b` not negative, NaN where a real `a` is negative.

    Example:
        >>> gg.power(np.array([1.0, 2.0, 3.0]), 2)
        array([1., 4., 9.])
        >>> gg.grad(gg.power)(0.0, 1)
        array(1.)
        >>> gg.grad(gg.power, argnums=1)(2.0, 3.0).round(6)
        np.float64(5.545177)
    """

@overload
def power(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def power(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def power(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def power(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`a` to the power `b`, element by element; `pow` is another name of it.

    The derivative in `a` is exact for `b` = 0, 1 and 2, also at 0. That in `b` is `a**b * log(a)`:
    0 where `a` is 0 and `b` not negative, NaN where a real `a` is negative.

    Example:
        >>> gg.power(np.array([1.0, 2.0, 3.0]), 2)
        array([1., 4., 9.])
        >>> gg.grad(gg.power)(0.0, 1)
        array(1.)
        >>> gg.grad(gg.power, argnums=1)(2.0, 3.0).round(6)
        np.float64(5.545177)
    """

@overload
def prod(x: ndarray, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def prod(x: Tensor, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def prod(x: Operand, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Product along `axis`, in `dtype` if one is given, as in `sum`. An empty product is 1.

    `axis` is an integer, a tuple of them, or `None` for all. The gradient is exact also with zeros.

    Example:
        >>> x = np.array([2.0, 0.0, 4.0])
        >>> gg.prod(x)
        array(0.)
        >>> gg.grad(gg.prod)(x)
        array([0., 8., 0.])
    """

@overload
def ptp(x: ndarray, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ...) -> ndarray: ...
@overload
def ptp(x: Tensor, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ...) -> Tensor: ...
@overload
def ptp(x: Operand, /, axis: Axis = None, *, keepdims: builtins.bool = False, out: Any = ...) -> Array:
    """The largest minus the smallest element along `axis` ("peak to peak").

    Example:
        >>> x = np.array([[1.0, 5.0], [2.0, 9.0]])
        >>> gg.ptp(x, axis=1)
        array([4., 7.])
        >>> gg.grad(gg.ptp)(x)
        array([[-1.,  0.],
               [ 0.,  1.]])
    """

def put(a: Written, ind: Operand, v: Operand, /, mode: str = 'raise') -> None:
    """Write `v`, repeated if necessary, to the positions `ind` of the flattened `a`.

    Args:
        a: An array or a Tensor, which is changed.
        ind: The places, which must be known.
        v: What is written.
        mode: What places beyond the ends are: refused ("raise"), counted from the other end
            ("wrap"), or the last one ("clip").

    Raises:
        InvalidArgument: For places beyond the ends with mode "raise", and for an unknown mode.

    Example:
        >>> x = np.zeros((2, 3))
        >>> gg.put(x, [0, 4], np.array([1.0, 2.0]))
        >>> x
        array([[1., 0., 0.],
               [0., 2., 0.]])
    """

@overload
def put_along_axis(x: Tensor | ndarray, indices: Tensor, values: Operand, axis: int = -1, *, inplace: builtins.bool = True) -> Tensor | None: ...
@overload
def put_along_axis(x: Tensor | ndarray, indices: Operand, values: Tensor, axis: int = -1, *, inplace: builtins.bool = True) -> Tensor | None: ...
@overload
def put_along_axis(x: Tensor | ndarray, indices: Operand, values: Operand, axis: int = -1, *, inplace: builtins.bool = True) -> Array | None:
    """Write `values` into `x` at `indices` along `axis`, each at its own position along the others.

    As NumPy's function it writes into `x`, an array or a Tensor, and returns nothing. With
    `inplace=False`, `x` stays as it is, and the changed array is returned. On the other axes,
    shapes broadcast; of repeated indices the last wins. What was overwritten has gradient 0.

    Args:
        x: An array or a Tensor.
        indices: Integers, with as many axes as `x`.
        values: What is written; it broadcasts to the shape of the indices.
        axis: The axis along which the indices count.
        inplace: Whether to write into `x`.

    Raises:
        InvalidArgument: For indices with more or fewer axes than `x`.

    Example:
        >>> x = np.array([[3.0, 1.0], [2.0, 4.0]])
        >>> highest = gg.argmax(x, axis=1, keepdims=True)
        >>> gg.put_along_axis(x, highest, 0.0, axis=1, inplace=False)
        array([[0., 1.],
               [2., 0.]])
    """

def putmask(a: Written, mask: Operand, values: Operand, /) -> None:
    """Write each of `values` into `a` at its own position, where `mask` holds.

    If there are fewer, they come again and again, counted through all places of `a`, also those
    where the mask does not hold; `place` counts those alone where it does.

    Example:
        >>> x = np.array([1.0, -2.0, -3.0])
        >>> gg.putmask(x, x < 0, np.array([10.0, 20.0, 30.0]))
        >>> x
        array([ 1., 20., 30.])
    """

@overload
def quantile(x: ndarray, q: ndarray | generic | complex, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> ndarray: ...
@overload
def quantile(x: Tensor, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def quantile(x: Operand, q: Tensor, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Tensor: ...
@overload
def quantile(x: Operand, q: Operand, /, *, axis: Axis = None, method: str = 'linear', keepdims: builtins.bool = False, out: Any = ..., overwrite_input: Any = ...) -> Array:
    """The `q`-quantile along `axis`, with `q` from 0 to 1; NaN if any element is.

    The gradient goes to the elements that are taken.

    Args:
        x: The elements.
        q: A number from 0 to 1, or an array of them, whose axes come first in the result. It must
            be known: not tracked or traced.
        axis: An axis, several, or `None` for all.
        method: What is taken between two elements: a point of the line ("linear"), the "lower",
            the "higher", the "nearest" or the "midpoint".
        keepdims: Whether the axes stay, with length 1.

    Raises:
        InvalidArgument: For a `q` out of range, another method, and no elements.
        NotDifferentiable: For a `q` that is tracked or traced.

    Example:
        >>> x = np.array([1.0, 2.0, 4.0, 9.0])
        >>> gg.quantile(x, [0.25, 0.5])
        array([1.75, 3.  ])
        >>> gg.grad(lambda x: gg.quantile(x, 0.25))(x)
        array([0.25, 0.75, 0.  , 0.  ])
    """

@overload
def rad2deg(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def rad2deg(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def rad2deg(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The angle `x`, converted from radians to degrees.

    Example:
        >>> gg.rad2deg(np.array([0.0, np.pi / 2, np.pi]))
        array([  0.,  90., 180.])
        >>> gg.grad(gg.rad2deg)(1.0).round(6)
        np.float64(57.29578)
    """

@overload
def radians(x: ndarray, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def radians(x: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def radians(x: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The angle `x`, converted from degrees to radians.

    Example:
        >>> gg.deg2rad(np.array([0.0, 90.0, 180.0])).round(6)
        array([0.      , 1.570796, 3.141593])
        >>> gg.grad(lambda x: gg.sin(gg.deg2rad(x)))(0.0).round(6)
        np.float64(0.017453)
    """

@overload
def ravel(x: ndarray, /, *, order: Any = ...) -> ndarray: ...
@overload
def ravel(x: Tensor, /, *, order: Any = ...) -> Tensor: ...
@overload
def ravel(x: Operand, /, *, order: Any = ...) -> Array:
    """All elements of `x` in order, as a vector.

    It is a view of `x` where the elements lie in memory in that order, and a copy elsewhere.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.ravel(x)
        array([1., 2., 3., 4.])
        >>> gg.ravel(x.T)
        array([1., 3., 2., 4.])
    """

@overload
def real(x: ndarray) -> ndarray: ...
@overload
def real(x: Tensor) -> Tensor: ...
@overload
def real(x: Operand) -> Array:
    """Real part of `x`, in the real dtype of the same precision; real `x` unchanged.

    The gradient of a real result in complex `x` points in the direction of steepest ascent.

    Example:
        >>> gg.real(np.array([1 + 2j, 3 - 1j]))
        array([1., 3.])
        >>> gg.grad(lambda z: gg.real(z * z))(1 + 2j)
        array(2.-4.j)
    """

@overload
def real_if_close(x: ndarray, /, tol: float = 100) -> ndarray: ...
@overload
def real_if_close(x: Tensor, /, tol: float = 100) -> Tensor: ...
@overload
def real_if_close(x: Operand, /, tol: float = 100) -> Array:
    """The real part of complex numbers whose imaginary parts are all nearly 0, else `x`.

    They are if they are less than `tol`, in units of the rounding error if it is larger than 1.

    Example:
        >>> gg.real_if_close(np.array([1.0 + 1e-15j, 2.0]))
        array([1., 2.])
        >>> gg.real_if_close(np.array([1.0 + 0.5j, 2.0]))
        array([1.+0.5j, 2.+0.j ])
    """

@overload
def reciprocal(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def reciprocal(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def reciprocal(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`1 / x`, in the dtype of `x`: integers stay integers, and are rounded to 0, as in NumPy.

    Example:
        >>> gg.reciprocal(np.array([2.0, -4.0]))
        array([ 0.5 , -0.25])
        >>> gg.grad(gg.reciprocal)(2.0)
        array(-0.25)
    """

@overload
def relu(x: ndarray) -> ndarray: ...
@overload
def relu(x: Tensor) -> Tensor: ...
@overload
def relu(x: Operand) -> Array:
    """`x` where it is positive, else 0; NaN stays NaN. The derivative at 0 and at NaN is 0.

    Example:
        >>> x = np.array([-1.0, 0.0, 2.0])
        >>> gg.relu(x)
        array([0., 0., 2.])
        >>> gg.grad(lambda x: gg.sum(gg.relu(x)))(x)
        array([0., 0., 1.])
    """

@overload
def remainder(x1: ndarray, x2: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def remainder(x1: Tensor, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def remainder(x1: Operand, x2: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def remainder(x1: Operand, x2: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The remainder of `x1 / x2`, `x1 - x2 * floor(x1 / x2)`, which has the sign of `x2`.

    Of floating numbers it is NaN where `x2` is 0.

    Example:
        >>> gg.remainder(np.array([7.0, -7.0]), 3.0)
        array([1., 2.])
        >>> gg.grad(gg.remainder, argnums=(0, 1))(7.0, 3.0)
        (array(1.), array(-2.))
    """

@overload
def repeat(x: ndarray, repeats: ndarray | generic | complex, /, *, axis: int | None = None) -> ndarray: ...
@overload
def repeat(x: Tensor, repeats: Operand, /, *, axis: int | None = None) -> Tensor: ...
@overload
def repeat(x: Operand, repeats: Tensor, /, *, axis: int | None = None) -> Tensor: ...
@overload
def repeat(x: Operand, repeats: Operand, /, *, axis: int | None = None) -> Array:
    """`x` with each element repeated along `axis`, or flattened first without an axis.

    Args:
        x: The array.
        repeats: How often, as a number, or as one for each place along the axis.
        axis: The axis.

    Raises:
        UnsupportedOperand: For `repeats` that are no integers.
        InvalidArgument: For a negative number.

    Example:
        >>> x = np.array([1.0, 2.0])
        >>> gg.repeat(x, 2)
        array([1., 1., 2., 2.])
        >>> gg.repeat(x, np.array([3, 1]))
        array([1., 1., 1., 2.])
        >>> gg.grad(lambda x: gg.sum(gg.repeat(x, np.array([3, 1]))))(x)
        array([3., 1.])
    """

@overload
def reshape(x: ndarray, /, shape: Shape, *, copy: builtins.bool | None = None, order: Any = ...) -> ndarray: ...
@overload
def reshape(x: Tensor, /, shape: Shape, *, copy: builtins.bool | None = None, order: Any = ...) -> Tensor: ...
@overload
def reshape(x: Operand, /, shape: Shape, *, copy: builtins.bool | None = None, order: Any = ...) -> Array:
    """The elements of `x`, in order, in another shape; one length may be -1.

    Without `copy`, it is a view of `x` where that is possible. With `copy=True` the result has
    memory of its own.

    Raises:
        InvalidArgument: With `copy=False`, where the result would need memory of its own.

    Example:
        >>> gg.reshape(np.array([1, 2, 3, 4, 5, 6]), (2, -1))
        array([[1, 2, 3],
               [4, 5, 6]])
    """

@overload
def resize(x: ndarray, shape: int | Shape, /) -> ndarray: ...
@overload
def resize(x: Tensor, shape: int | Shape, /) -> Tensor: ...
@overload
def resize(x: Operand, shape: int | Shape, /) -> Array:
    """The elements of `x` in order, repeated as needed to fill an array of that shape.

    Example:
        >>> gg.resize(np.array([1.0, 2.0, 3.0]), (2, 4))
        array([[1., 2., 3., 1.],
               [2., 3., 1., 2.]])
        >>> gg.grad(lambda x: gg.sum(gg.resize(x, (2, 4))))(np.array([1.0, 2.0, 3.0]))
        array([3., 3., 2.])
    """

def result_type(*operands: Operand | DTypeLike) -> DType:
    """The dtype of a result of arrays, Tensors, dtypes and numbers.

    Numbers of Python are weak: with a float, float32 stays float32.

    Raises:
        InvalidArgument: For no operand at all.

    Example:
        >>> gg.result_type(np.zeros(3, np.float32), 2.5), gg.result_type("int32", "float32")
        (dtype('float32'), dtype('float64'))
    """

@overload
def right_shift(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def right_shift(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def right_shift(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def right_shift(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The integers `a`, with their bits shifted right by `b` places; the sign is kept.

    Each place halves the number and rounds it down.

    Example:
        >>> gg.bitwise_right_shift(np.array([40, -40]), 3)
        array([ 5, -5])
    """

@overload
def rint(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def rint(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def rint(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Nearest integer, as a floating-point number also for integers; halves round to even.

    The gradient is 0.

    Example:
        >>> gg.rint(np.array([0.4, 0.5, 1.5])), gg.rint(np.array([2, 3]))
        (array([0., 0., 2.]), array([2., 3.]))
    """

@overload
def rms_norm(x: ndarray, weight: ndarray | generic | complex | None = ..., *, axis: Axis = -1, eps: float = 1e-06) -> ndarray: ...
@overload
def rms_norm(x: Tensor, weight: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-06) -> Tensor: ...
@overload
def rms_norm(x: Operand, weight: Tensor | None = ..., *, axis: Axis = -1, eps: float = 1e-06) -> Tensor: ...
@overload
def rms_norm(x: Operand, weight: Operand | None = None, *, axis: Axis = -1, eps: float = 1e-06) -> Array:
    """The array `x` over the root of the mean of its squares along `axis`, times `weight`.

    See B. Zhang and R. Sennrich, "Root mean square layer normalization" (2019).

    Args:
        x: Real numbers.
        weight: What the scaled numbers are multiplied by; it broadcasts to the shape of `x`.
        axis: An axis or several, along which the mean is taken.
        eps: What is added to the mean of the squares, so that zeros give 0.

    Raises:
        InvalidArgument: For a negative `eps`, and where `weight` would enlarge `x`.

    Example:
        >>> x = np.array([[3.0, 4.0], [0.0, 0.0]])
        >>> gg.rms_norm(x).round(4)
        array([[0.8485, 1.1314],
               [0.    , 0.    ]])
        >>> gg.grad(lambda x: gg.rms_norm(x)[0, 0])(x).round(4)
        array([[ 0.181 , -0.1358],
               [ 0.    ,  0.    ]])
    """

@overload
def roll(x: ndarray, /, shift: int | Shape, *, axis: int | Shape | None = None) -> ndarray: ...
@overload
def roll(x: Tensor, /, shift: int | Shape, *, axis: int | Shape | None = None) -> Tensor: ...
@overload
def roll(x: Operand, /, shift: int | Shape, *, axis: int | Shape | None = None) -> Array:
    """The array `x` rolled by `shift` positions along `axis`.

    What leaves at one end comes in at the other. Several axes have a shift each, in tuples. Without
    an axis, all elements in order are moved, and the shape stays.

    Example:
        >>> gg.roll(np.array([1, 2, 3, 4]), 1)
        array([4, 1, 2, 3])
        >>> gg.roll(np.array([[1, 2], [3, 4], [5, 6]]), -1, axis=0)
        array([[3, 4],
               [5, 6],
               [1, 2]])
    """

@overload
def rollaxis(x: ndarray, axis: int, /, start: int = 0) -> ndarray: ...
@overload
def rollaxis(x: Tensor, axis: int, /, start: int = 0) -> Tensor: ...
@overload
def rollaxis(x: Operand, axis: int, /, start: int = 0) -> Array:
    """`x` with `axis` moved before the one now at `start`; `moveaxis` is simpler.

    Example:
        >>> gg.rollaxis(np.zeros((2, 3, 4)), 2).shape
        (4, 2, 3)
        >>> gg.rollaxis(np.zeros((2, 3, 4)), 0, 2).shape
        (3, 2, 4)
    """

@overload
def roots(p: ndarray, /) -> ndarray: ...
@overload
def roots(p: Tensor, /) -> Tensor: ...
@overload
def roots(p: Operand, /) -> Array:
    """The zeros of a polynomial, in no order; complex if any of them is.

    The coefficients come with that of the highest power first. The zeros are eigenvalues; where
    two are equal they have no gradient. Which coefficients at both ends are 0 must be known.

    Example:
        >>> np.sort(gg.roots(np.array([1.0, -3.0, 2.0]))).round(6)
        array([1., 2.])
        >>> largest = lambda p: gg.max(gg.roots(p))
        >>> gg.grad(largest)(np.array([1.0, -3.0, 2.0])).round(6)
        array([-4., -2., -1.])
    """

@overload
def rot90(x: ndarray, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> ndarray: ...
@overload
def rot90(x: Tensor, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor: ...
@overload
def rot90(x: Operand, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """The array `x` turned `k` times by 90°, from the first of two axes to the second.

    For a matrix that is counterclockwise; a negative `k` turns it clockwise.

    Example:
        >>> gg.rot90(np.array([[1, 2, 3], [4, 5, 6]]))
        array([[3, 6],
               [2, 5],
               [1, 4]])
        >>> gg.rot90(np.array([[1, 2, 3], [4, 5, 6]]), k=-1)
        array([[4, 1],
               [5, 2],
               [6, 3]])
    """

@overload
def round(x: ndarray, *, decimals: Any = ..., out: Any = ...) -> ndarray: ...
@overload
def round(x: Tensor, *, decimals: Any = ..., out: Any = ...) -> Tensor: ...
@overload
def round(x: Operand, *, decimals: Any = ..., out: Any = ...) -> Array:
    """Nearest integer, in the dtype of `x`; halves round to even.

    The gradient is 0. For a gradient that passes through, add `x - gg.stop_gradient(x)`.

    Example:
        >>> gg.round(np.array([0.4, 0.5, 1.5, 2.5]))
        array([0., 0., 2., 2.])
        >>> through = lambda x: gg.round(x) + x - gg.stop_gradient(x)
        >>> gg.grad(gg.round)(2.4), gg.grad(through)(2.4)
        (array(0.), array(1.))
    """

@overload
def scatter_add(x: ndarray, key: Key, /, shape: tuple[int, ...]) -> ndarray: ...
@overload
def scatter_add(x: Tensor, key: Key, /, shape: tuple[int, ...]) -> Tensor: ...
@overload
def scatter_add(x: Operand, key: Key, /, shape: tuple[int, ...]) -> Array:
    """Zeros of `shape` with `x` added at `key`; repeated indices add up.

    `key` is a tuple or list of what may be in `[]`: integers, slices, and arrays of integers or
    booleans. This is the transpose of reading `[key]`.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.scatter_add(x, (np.array([0, 2, 2]),), shape=(4,))
        array([1., 0., 5., 0.])
        >>> gg.grad(lambda x: gg.scatter_add(x, (np.array([0, 2, 2]),), shape=(4,))[2])(x)
        array([0., 1., 1.])
    """

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
    """Where elements of `x2` fit into the sorted vector `x1`, before or after equal ones.

    The result has the shape of `x2`.

    Args:
        x1: A vector in rising order, or any with a `sorter`.
        x2: What is looked for.
        side: "left", before its equals, or "right", after them.
        sorter: The indices that sort `x1`, as from `argsort`.

    Example:
        >>> edges = np.array([0.0, 1.0, 2.0])
        >>> gg.searchsorted(edges, np.array([0.5, 1.0, 5.0]))
        array([1, 1, 3])
        >>> gg.searchsorted(edges, np.array([0.5, 1.0, 5.0]), side="right")
        array([1, 2, 3])
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
    """Elements of the first of `choices` whose condition holds, and else of `default`.

    Conditions, choices and `default` broadcast. As with `where`, gradients go only to what was
    chosen.

    Raises:
        InvalidArgument: Unless there are as many conditions as choices, and at least one.

    Example:
        >>> x = np.array([-2.0, 0.5, 3.0])
        >>> gg.select([x < 0, x < 1], [-x, x ** 2], default=1.0)
        array([2.  , 0.25, 1.  ])
    """

@overload
def setdiff1d(x1: ndarray, x2: ndarray | generic | complex, /, assume_unique: builtins.bool = False) -> ndarray: ...
@overload
def setdiff1d(x1: Tensor, x2: Operand, /, assume_unique: builtins.bool = False) -> Tensor: ...
@overload
def setdiff1d(x1: Operand, x2: Tensor, /, assume_unique: builtins.bool = False) -> Tensor: ...
@overload
def setdiff1d(x1: Operand, x2: Operand, /, assume_unique: builtins.bool = False) -> Array:
    """The sorted elements of `x1` that are not in `x2`; these must not be traced.

    Example:
        >>> gg.setdiff1d(np.array([3.0, 1.0, 2.0]), np.array([2.0]))
        array([1., 3.])
    """

@overload
def setxor1d(x1: ndarray, x2: ndarray | generic | complex, /, assume_unique: builtins.bool = False) -> ndarray: ...
@overload
def setxor1d(x1: Tensor, x2: Operand, /, assume_unique: builtins.bool = False) -> Tensor: ...
@overload
def setxor1d(x1: Operand, x2: Tensor, /, assume_unique: builtins.bool = False) -> Tensor: ...
@overload
def setxor1d(x1: Operand, x2: Operand, /, assume_unique: builtins.bool = False) -> Array:
    """The sorted elements that are in exactly one of both; these must not be traced.

    Example:
        >>> gg.setxor1d(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
        array([1., 3.])
    """

@overload
def sigmoid(x: ndarray) -> ndarray: ...
@overload
def sigmoid(x: Tensor) -> Tensor: ...
@overload
def sigmoid(x: Operand) -> Array:
    """`1 / (1 + exp(-x))`, the logistic function, from 0 to 1.

    Integers give the default floating dtype. The value keeps its digits far below 0, and the slope
    far above.

    Example:
        >>> gg.sigmoid(np.array([-2.0, 0.0, 2.0])).round(6)
        array([0.119203, 0.5     , 0.880797])
        >>> gg.grad(gg.sigmoid)(0.0)
        array(0.25)
    """

@overload
def sigmoid_binary_cross_entropy(logits: ndarray, labels: ndarray | generic | complex) -> ndarray: ...
@overload
def sigmoid_binary_cross_entropy(logits: Tensor, labels: Operand) -> Tensor: ...
@overload
def sigmoid_binary_cross_entropy(logits: Operand, labels: Tensor) -> Tensor: ...
@overload
def sigmoid_binary_cross_entropy(logits: Operand, labels: Operand) -> Array:
    """Cross entropy of `sigmoid(logits)` with `labels`: one loss per element.

    `-labels * log(p) - (1 - labels) * log(1 - p)` of the probability `p = sigmoid(logits)`, which
    keeps its digits where that rounds to 0 or 1. Labels are 0 or 1, of any dtype, or probabilities.
    One of the operands may broadcast to the shape of the other.

    Raises:
        InvalidArgument: Where both would broadcast: of shapes (n, 1) and (n,), each would be
            compared with each.

    Example:
        >>> logits, labels = np.array([-2.0, 0.0, 40.0]), np.array([0, 1, 1])
        >>> gg.sigmoid_binary_cross_entropy(logits, labels).round(4)
        array([0.1269, 0.6931, 0.    ])
        >>> loss = lambda logits: gg.mean(gg.sigmoid_binary_cross_entropy(logits, labels))
        >>> gg.grad(loss)(logits).round(4)
        array([ 0.0397, -0.1667, -0.    ])
    """

@overload
def sign(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def sign(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def sign(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """-1, 0 or 1; for complex `x`, `x / |x|`.

    Its gradient counts as 0, also that of complex numbers.

    Example:
        >>> gg.sign(np.array([-3.0, 0.0, 5.0]))
        array([-1.,  0.,  1.])
        >>> gg.grad(gg.sign)(2.0)
        array(0.)
    """

@overload
def signbit(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def signbit(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def signbit(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Whether the sign bit of `x` is set, also for -0.0 and NaN.

    Example:
        >>> gg.signbit(np.array([-1.0, -0.0, 0.0, 2.0]))
        array([ True,  True, False, False])
    """

@overload
def silu(x: ndarray) -> ndarray: ...
@overload
def silu(x: Tensor) -> Tensor: ...
@overload
def silu(x: Operand) -> Array:
    """`x * sigmoid(x)`, also called swish: a smooth relu that dips below 0.

    Example:
        >>> gg.silu(np.array([-2.0, 0.0, 2.0])).round(6)
        array([-0.238406,  0.      ,  1.761594])
        >>> gg.grad(gg.silu)(0.0)
        array(0.5)
    """

@overload
def sin(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def sin(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def sin(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Sine of `x`, in radians.

    Example:
        >>> gg.sin(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.841471])
        >>> gg.grad(gg.sin)(0.0)
        array(1.)
        >>> gg.grad(gg.grad(gg.sin))(1.0).round(6)
        np.float64(-0.841471)
    """

@overload
def sinc(x: ndarray) -> ndarray: ...
@overload
def sinc(x: Tensor) -> Tensor: ...
@overload
def sinc(x: Operand) -> Array:
    """`sin(πx) / (πx)`, and 1 at 0, where its slopes are exact, too.

    Example:
        >>> gg.sinc(np.array([0.0, 0.5])).round(6)
        array([1.     , 0.63662])
        >>> gg.grad(gg.grad(gg.sinc))(0.0).round(6), -(np.pi ** 2) / 3
        (np.float64(-3.289868), -3.289868133696453)
    """

@overload
def sinh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def sinh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def sinh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Hyperbolic sine of `x`.

    Example:
        >>> gg.sinh(np.array([0.0, 1.0])).round(6)
        array([0.      , 1.175201])
        >>> gg.grad(gg.sinh)(0.0)
        array(1.)
    """

@overload
def sliding_window_view(x: ndarray, window_shape: int | Shape, /, axis: Axis = None) -> ndarray: ...
@overload
def sliding_window_view(x: Tensor, window_shape: int | Shape, /, axis: Axis = None) -> Tensor: ...
@overload
def sliding_window_view(x: Operand, window_shape: int | Shape, /, axis: Axis = None) -> Array:
    """All windows of that shape along `axis`, or along all axes; those of each go to the end.

    Unlike NumPy's it is no view: the windows are copies.

    Raises:
        InvalidArgument: For a window that is longer than its axis, or that has another number of
            axes than `axis` names.

    Example:
        >>> x = np.array([1.0, 2.0, 4.0, 8.0])
        >>> gg.sliding_window_view(x, 3)
        array([[1., 2., 4.],
               [2., 4., 8.]])
        >>> gg.grad(lambda x: gg.sum(gg.max(gg.sliding_window_view(x, 3), axis=-1)))(x)
        array([0., 0., 1., 1.])
    """

@overload
def softmax(x: ndarray, /, axis: Axis = -1) -> ndarray: ...
@overload
def softmax(x: Tensor, /, axis: Axis = -1) -> Tensor: ...
@overload
def softmax(x: Operand, /, axis: Axis = -1) -> Array:
    """`exp(x)` divided by its sum along `axis`, without overflow; `axis=None` means all axes.

    The results lie between 0 and 1 and add up to 1. Infinite elements count as equally large. For a
    loss, use `log_softmax`, or `softmax_cross_entropy`, which combines both.

    Example:
        >>> gg.softmax(np.array([1.0, 2.0, 3.0])).round(4)
        array([0.09  , 0.2447, 0.6652])
        >>> gg.grad(lambda x: gg.softmax(x)[2])(np.array([1.0, 2.0, 3.0])).round(4)
        array([-0.0599, -0.1628,  0.2227])
    """

@overload
def softmax_cross_entropy(logits: ndarray, labels: ndarray | generic | complex, /, *, label_smoothing: float = 0.0) -> ndarray: ...
@overload
def softmax_cross_entropy(logits: Tensor, labels: Operand, /, *, label_smoothing: float = 0.0) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Tensor, /, *, label_smoothing: float = 0.0) -> Tensor: ...
@overload
def softmax_cross_entropy(logits: Operand, labels: Operand, /, *, label_smoothing: float = 0.0) -> Array:
    """Cross entropy of the softmax of `logits` with `labels`: one loss per row.

    Args:
        logits: Floating-point numbers of shape (..., n), with one per class in each row.
        labels: Integers of shape (...) in `range(n)`, or the probability of each class, such as
            one-hot rows, with the shape of `logits`. On a GPU, where checking would mean waiting,
            the loss for an integer out of range is NaN.
        label_smoothing: The share of each label, from 0 to 1, that all n classes get evenly, as in
            Szegedy et al. 2015, arXiv:1512.00567.

    Raises:
        InvalidArgument: For other shapes or shares, and on the CPU for integer labels out of range.

    Example:
        >>> logits = np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
        >>> labels = np.array([0, 2])
        >>> gg.softmax_cross_entropy(logits, labels).round(4)
        array([0.2395, 1.0986])
        >>> loss = lambda logits: gg.mean(gg.softmax_cross_entropy(logits, labels))
        >>> gg.grad(loss)(logits).round(3)
        array([[-0.107,  0.053,  0.053],
               [ 0.167,  0.167, -0.333]])
    """

@overload
def softplus(x: ndarray) -> ndarray: ...
@overload
def softplus(x: Tensor) -> Tensor: ...
@overload
def softplus(x: Operand) -> Array:
    """`log(1 + exp(x))` of real `x`, a smooth relu, whose slope is `sigmoid(x)`.

    Example:
        >>> gg.softplus(np.array([-1.0, 0.0, 30.0])).round(4)
        array([ 0.3133,  0.6931, 30.    ])
        >>> gg.grad(gg.softplus)(0.0)
        array(0.5)
    """

@overload
def sort(x: ndarray, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> ndarray: ...
@overload
def sort(x: Tensor, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> Tensor: ...
@overload
def sort(x: Operand, /, *, axis: int | None = -1, descending: builtins.bool = False, stable: builtins.bool = True, kind: Any = ..., order: Any = ...) -> Array:
    """The array `x` sorted along `axis`, smallest first unless `descending`; NaN last.

    With `axis=None`, all elements are sorted, as a vector. Gradients go back to where the elements
    came from. With `stable`, equal elements keep their order, which only their gradients show.

    Example:
        >>> x = np.array([3.0, 1.0, 2.0])
        >>> gg.sort(x)
        array([1., 2., 3.])
        >>> gg.sort(x, descending=True)
        array([3., 2., 1.])
        >>> gg.grad(lambda x: gg.sum(gg.sort(x) * np.array([1.0, 10.0, 100.0])))(x)
        array([100.,   1.,  10.])
    """

@overload
def sort_complex(x: ndarray, /) -> ndarray: ...
@overload
def sort_complex(x: Tensor, /) -> Tensor: ...
@overload
def sort_complex(x: Operand, /) -> Array:
    """The elements of `x` sorted along the last axis, as complex numbers.

    They are in order of their real parts, equal ones of their imaginary parts.

    Example:
        >>> gg.sort_complex(np.array([3.0, 1.0, 2.0]))
        array([1.+0.j, 2.+0.j, 3.+0.j])
        >>> gg.sort_complex(np.array([1 + 2j, 1 - 2j, 0 + 5j]))
        array([0.+5.j, 1.-2.j, 1.+2.j])
    """

@overload
def spacing(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def spacing(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def spacing(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The distance from each number to the next representable one away from 0.

    It is a constant for gradients.

    Example:
        >>> gg.spacing(np.array([1.0, 2.0])) / np.finfo(np.float64).eps
        array([1., 2.])
    """

@overload
def split(x: Tensor, places: int | Sequence[int], /, axis: int = 0) -> list[Tensor]: ...
@overload
def split(x: Operand, places: int | Sequence[int], /, axis: int = 0) -> list[Array]:
    """Split `x` along `axis` into parts, which have equal lengths if `places` is their number.

    Elsewhere, `places` are the indices before which it is cut, as in `array_split`.

    Raises:
        InvalidArgument: For a number of parts that does not divide the length of the axis.

    Example:
        >>> first, second = gg.split(np.arange(6), 2)
        >>> second
        array([3, 4, 5])
        >>> gg.split(np.arange(6), [1, 3])
        [array([0]), array([1, 2]), array([3, 4, 5])]
    """

@overload
def sqrt(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def sqrt(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def sqrt(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Square root of `x`; NaN for negative real numbers.

    The derivative at 0 is infinite, but adds nothing where its cotangent is 0.

    Example:
        >>> gg.sqrt(np.array([0.0, 4.0, 9.0]))
        array([0., 2., 3.])
        >>> gg.grad(gg.sqrt)(4.0)
        array(0.25)
        >>> gg.grad(lambda x: gg.where(x > 0, gg.sqrt(x), 0.0))(0.0)
        array(0.)
    """

@overload
def square(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def square(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def square(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """`x * x`, element by element.

    Example:
        >>> gg.square(np.array([1.0, -2.0, 3.0]))
        array([1., 4., 9.])
        >>> gg.grad(gg.square)(-2.0)
        array(-4.)
    """

@overload
def squeeze(x: ndarray, /, axis: int | Shape | None = None) -> ndarray: ...
@overload
def squeeze(x: Tensor, /, axis: int | Shape | None = None) -> Tensor: ...
@overload
def squeeze(x: Operand, /, axis: int | Shape | None = None) -> Array:
    """The array `x` without the axes `axis`, which must have length 1; `None` means all such axes.

    Example:
        >>> x = np.zeros((1, 3, 1))
        >>> gg.squeeze(x).shape, gg.squeeze(x, axis=0).shape
        ((3,), (3, 1))
    """

@overload
def stack(arrays: Sequence[ndarray], /, axis: int = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def stack(arrays: Sequence[Tensor], /, axis: int = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def stack(arrays: Sequence[Operand], /, axis: int = 0, *, out: Any = ..., dtype: Any = ..., casting: Any = ...) -> Array:
    """Arrays of one shape, stacked along a new axis.

    Example:
        >>> x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        >>> gg.stack([x, y])
        array([[1., 2.],
               [3., 4.]])
        >>> gg.stack([x, y], axis=1)
        array([[1., 3.],
               [2., 4.]])
    """

@overload
def std(x: ndarray, /, axis: Axis = None, *, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> ndarray: ...
@overload
def std(x: Tensor, /, axis: Axis = None, *, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Tensor: ...
@overload
def std(x: Operand, /, axis: Axis = None, *, correction: float = 0.0, keepdims: builtins.bool = False, dtype: Any = ..., out: Any = ..., ddof: float = ..., where: Any = ..., mean: Any = ...) -> Array:
    """Standard deviation along `axis`: the root of `var`, even where that overflows.

    Where it is 0, so is its gradient.

    Example:
        >>> gg.std(np.array([1.0, 3.0]))
        array(1.)
        >>> gg.grad(gg.std)(np.array([1.0, 3.0])).round(6)
        array([-0.5,  0.5])
        >>> gg.grad(gg.std)(np.array([2.0, 2.0]))
        array([0., 0.])
    """

@overload
def subtract(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def subtract(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def subtract(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def subtract(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Elementwise difference `a - b`; shapes broadcast.

    Example:
        >>> gg.subtract(np.array([1.0, 2.0]), 0.5)
        array([0.5, 1.5])
        >>> gg.grad(gg.subtract, argnums=(0, 1))(3.0, 1.0)
        (array(1.), array(-1.))
    """

@overload
def sum(x: ndarray, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> ndarray: ...
@overload
def sum(x: Tensor, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Tensor: ...
@overload
def sum(x: Operand, /, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: builtins.bool = False, out: Any = ..., initial: Any = ..., where: Any = ...) -> Array:
    """Sum along `axis`, in `dtype` if one is given. An empty sum is 0.

    `axis` is an integer, a tuple of them, or `None` for all. Without `dtype`, float16 accumulates
    in float32, and integers in 64 bits. A sum of floating-point numbers with an integer `dtype`
    counts as a constant.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.sum(x), gg.sum(x, axis=1)
        (array(10.), array([3., 7.]))
        >>> gg.grad(lambda x: gg.sum(x ** 2))(x)
        array([[2., 4.],
               [6., 8.]])
    """

@overload
def swapaxes(x: ndarray, axis1: int, axis2: int, /) -> ndarray: ...
@overload
def swapaxes(x: Tensor, axis1: int, axis2: int, /) -> Tensor: ...
@overload
def swapaxes(x: Operand, axis1: int, axis2: int, /) -> Array:
    """`x` with these two axes swapped.

    Example:
        >>> x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        >>> gg.swapaxes(x, 0, 1)
        array([[1., 4.],
               [2., 5.],
               [3., 6.]])
        >>> gg.grad(lambda x: gg.swapaxes(x, 0, 1)[2, 0])(x)
        array([[0., 0., 1.],
               [0., 0., 0.]])
    """

@overload
def take(x: ndarray, indices: ndarray | generic | complex, /, *, axis: int | None = None, mode: str = 'raise', out: Any = ...) -> ndarray: ...
@overload
def take(x: Tensor, indices: Operand, /, *, axis: int | None = None, mode: str = 'raise', out: Any = ...) -> Tensor: ...
@overload
def take(x: Operand, indices: Tensor, /, *, axis: int | None = None, mode: str = 'raise', out: Any = ...) -> Tensor: ...
@overload
def take(x: Operand, indices: Operand, /, *, axis: int | None = None, mode: str = 'raise', out: Any = ...) -> Array:
    """Elements of `x` at `indices` along `axis`, or of the flattened array without an axis.

    With `mode` "wrap" or "clip", indices beyond the ends count from the other end or as the nearest
    one. Gradients of elements that are named several times add up.

    Example:
        >>> x = np.array([10.0, 20.0, 30.0])
        >>> gg.take(x, np.array([2, 0, 2]))
        array([30., 10., 30.])
        >>> gg.grad(lambda x: gg.sum(gg.take(x, np.array([2, 0, 2]))))(x)
        array([1., 0., 2.])
        >>> gg.take(x, np.array([3, 4]), mode="wrap")
        array([10., 20.])
    """

@overload
def take_along_axis(x: ndarray, indices: ndarray | generic | complex, /, *, axis: int | None = -1) -> ndarray: ...
@overload
def take_along_axis(x: Tensor, indices: Operand, /, *, axis: int | None = -1) -> Tensor: ...
@overload
def take_along_axis(x: Operand, indices: Tensor, /, *, axis: int | None = -1) -> Tensor: ...
@overload
def take_along_axis(x: Operand, indices: Operand, /, *, axis: int | None = -1) -> Array:
    """Elements of `x` at `indices` along `axis`, each from its own position along the other axes.

    On these, shapes broadcast. Without an axis, of all elements in order, at the indices of a
    vector. Gradients of elements that are named several times add up.

    Example:
        >>> x = np.array([[3.0, 1.0, 2.0], [5.0, 6.0, 4.0]])
        >>> gg.take_along_axis(x, np.argsort(x, axis=1), axis=1)
        array([[1., 2., 3.],
               [4., 5., 6.]])
        >>> gg.grad(lambda x: gg.sum(gg.take_along_axis(x, np.array([[0], [2]]), axis=1)))(x)
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """

@overload
def tan(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def tan(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def tan(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Tangent of `x`, in radians.

    Example:
        >>> gg.tan(np.array([0.0, np.pi / 4])).round(6)
        array([0., 1.])
        >>> gg.grad(gg.tan)(0.0)
        array(1.)
    """

@overload
def tanh(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def tanh(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def tanh(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Hyperbolic tangent of `x`, from -1 to 1.

    Its derivative keeps its digits far from 0, where `1 - tanh(x)**2` would be 0.

    Example:
        >>> gg.tanh(np.array([0.0, 1.0, 30.0])).round(6)
        array([0.      , 0.761594, 1.      ])
        >>> gg.grad(gg.tanh)(0.0)
        array(1.)
        >>> gg.grad(gg.tanh)(30.0) > 0
        np.True_
    """

def tensor(data: Operand, *, requires_grad: builtins.bool = False, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor of `data`: numbers, nested lists, or a NumPy or CuPy array, which is not copied.

    With `requires_grad` it is a leaf, to whose `.grad` `backward()` adds.

    Raises:
        NotDifferentiable: For a leaf of integers, and for Tensors that need a gradient.

    Example:
        >>> x = gg.tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> gg.sum(x * x).backward()
        >>> x.grad
        array([2., 4., 6.])
    """

@overload
def tensordot(x1: ndarray, x2: ndarray | generic | complex, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> ndarray: ...
@overload
def tensordot(x1: Tensor, x2: Operand, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Tensor: ...
@overload
def tensordot(x1: Operand, x2: Tensor, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Tensor: ...
@overload
def tensordot(x1: Operand, x2: Operand, /, *, axes: int | Sequence[int | Sequence[int]] = 2) -> Array:
    """Sums of products over axes of `x1` and `x2`, which need not be neighbours.

    The result has the other axes of `x1`, then those of `x2`.

    Args:
        x1: The first operand.
        x2: The second operand.
        axes: How many of the last axes of `x1` are summed over with as many of the first of `x2`;
            or a pair of the axes of `x1` and those of `x2`, each of which is one axis or several.

    Raises:
        InvalidArgument: For axes of different lengths, and for `axes` that are neither a number nor
            a pair.

    Example:
        >>> x, w = np.ones((2, 3, 4)), np.ones((4, 3, 5))
        >>> gg.tensordot(x, w, axes=([1, 2], [1, 0])).shape
        (2, 5)
        >>> gg.grad(lambda x: gg.tensordot(x, x, axes=2))(np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([[2., 4.],
               [6., 8.]])
    """

@overload
def tile(x: ndarray, repetitions: Sequence[int], /) -> ndarray: ...
@overload
def tile(x: Tensor, repetitions: Sequence[int], /) -> Tensor: ...
@overload
def tile(x: Operand, repetitions: Sequence[int], /) -> Array:
    """`x` repeated a number of times along each axis, counted from the last.

    Example:
        >>> gg.tile(np.array([1.0, 2.0]), (2, 2))
        array([[1., 2., 1., 2.],
               [1., 2., 1., 2.]])
        >>> gg.grad(lambda x: gg.sum(gg.tile(x, 3)))(np.array([1.0, 2.0]))
        array([3., 3.])
    """

@overload
def to_device(x: ndarray, device: str, /, *, stream: None = None) -> ndarray: ...
@overload
def to_device(x: Tensor, device: str, /, *, stream: None = None) -> Tensor: ...
@overload
def to_device(x: Operand, device: str, /, *, stream: None = None) -> Array:
    """`x` on `device`: `"cpu"`, `"cuda"` or `"cuda:N"`. Its gradient is moved back to where `x` is.

    The copy is made on the current stream of the library: another one is not taken.

    Raises:
        InvalidArgument: For a `stream` other than None.

    Example:
        >>> gg.to_device(np.array([1.0, 2.0]), "cpu")
        array([1., 2.])
    """

@overload
def trace(x: ndarray, /, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike | None = None, *, out: Any = ...) -> ndarray: ...
@overload
def trace(x: Tensor, /, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike | None = None, *, out: Any = ...) -> Tensor: ...
@overload
def trace(x: Operand, /, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike | None = None, *, out: Any = ...) -> Array:
    """Sums of the diagonals along two axes, in `dtype` if one is given; see `diagonal`.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.trace(x)
        array(5.)
        >>> gg.grad(gg.trace)(x)
        array([[1., 0.],
               [0., 1.]])
    """

@overload
def transpose(x: ndarray, /, axes: Sequence[int] | None = None) -> ndarray: ...
@overload
def transpose(x: Tensor, /, axes: Sequence[int] | None = None) -> Tensor: ...
@overload
def transpose(x: Operand, /, axes: Sequence[int] | None = None) -> Array:
    """The array `x` with its axes in the order `axes`, or reversed without one.

    It is a view of `x`, as that of `permute_dims`. A vector stays as it is.

    Example:
        >>> x = np.zeros((2, 3, 4))
        >>> gg.transpose(x).shape, gg.transpose(x, (1, 0, 2)).shape
        ((4, 3, 2), (3, 2, 4))
    """

@overload
def trapezoid(y: ndarray, /, x: ndarray | generic | complex | None = ..., *, dx: float = 1.0, axis: int = -1) -> ndarray: ...
@overload
def trapezoid(y: Tensor, /, x: Operand | None = None, *, dx: float = 1.0, axis: int = -1) -> Tensor: ...
@overload
def trapezoid(y: Operand, /, x: Tensor | None = ..., *, dx: float = 1.0, axis: int = -1) -> Tensor: ...
@overload
def trapezoid(y: Operand, /, x: Operand | None = None, *, dx: float = 1.0, axis: int = -1) -> Array:
    """Integral along `axis` of samples `y`, by the trapezoidal rule.

    Args:
        y: The samples.
        x: Where they are: a vector, or an array that broadcasts with them.
        dx: How far they are apart, without an `x`.
        axis: The axis along which they are neighbours.

    Example:
        >>> x = np.array([0.0, 1.0, 3.0])
        >>> gg.trapezoid(x ** 2, x)
        array(10.5)
        >>> gg.grad(lambda y: gg.trapezoid(y, x))(x ** 2)
        array([0.5, 1.5, 1. ])
    """

@overload
def tril(x: ndarray, /, *, k: int = 0) -> ndarray: ...
@overload
def tril(x: Tensor, /, *, k: int = 0) -> Tensor: ...
@overload
def tril(x: Operand, /, *, k: int = 0) -> Array:
    """Matrices `x` with zeros above diagonal `k`; 0 is the main one, positive ones lie above.

    Example:
        >>> gg.tril(np.ones((3, 3)))
        array([[1., 0., 0.],
               [1., 1., 0.],
               [1., 1., 1.]])
        >>> gg.tril(np.ones((3, 3)), k=-1)
        array([[0., 0., 0.],
               [1., 0., 0.],
               [1., 1., 0.]])
    """

@overload
def trim_zeros(x: ndarray, /, trim: str = 'fb', axis: Axis = None) -> ndarray: ...
@overload
def trim_zeros(x: Tensor, /, trim: str = 'fb', axis: Axis = None) -> Tensor: ...
@overload
def trim_zeros(x: Operand, /, trim: str = 'fb', axis: Axis = None) -> Array:
    """`x` without leading ("f") or trailing ("b") zeros, or both, along `axis` or all axes.

    Which elements are 0 must be known.

    Raises:
        InvalidArgument: For an unknown `trim`.

    Example:
        >>> x = np.array([0.0, 1.0, 0.0, 2.0, 0.0])
        >>> gg.trim_zeros(x)
        array([1., 0., 2.])
        >>> gg.trim_zeros(x, "f")
        array([1., 0., 2., 0.])
        >>> gg.grad(lambda x: gg.sum(gg.trim_zeros(x) ** 2))(x)
        array([0., 2., 0., 4., 0.])
    """

@overload
def triu(x: ndarray, /, *, k: int = 0) -> ndarray: ...
@overload
def triu(x: Tensor, /, *, k: int = 0) -> Tensor: ...
@overload
def triu(x: Operand, /, *, k: int = 0) -> Array:
    """Matrices `x` with zeros below diagonal `k`; 0 is the main one, positive ones lie above.

    Example:
        >>> gg.triu(np.ones((3, 3)))
        array([[1., 1., 1.],
               [0., 1., 1.],
               [0., 0., 1.]])
        >>> gg.triu(np.ones((3, 3)), k=1)
        array([[0., 1., 1.],
               [0., 0., 1.],
               [0., 0., 0.]])
    """

@overload
def true_divide(a: ndarray, b: ndarray | generic | complex, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def true_divide(a: Tensor, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def true_divide(a: Operand, b: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def true_divide(a: Operand, b: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """Elementwise quotient of `a` and `b`; integers give the default floating dtype.

    Example:
        >>> gg.divide(np.array([1, 2, 3]), 2)
        array([0.5, 1. , 1.5])
        >>> gg.grad(gg.divide, argnums=(0, 1))(3.0, 2.0)
        (array(0.5), array(-0.75))
    """

@overload
def trunc(x: ndarray, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> ndarray: ...
@overload
def trunc(x: Tensor, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Tensor: ...
@overload
def trunc(x: Operand, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ...) -> Array:
    """The number `x` rounded towards 0, in its dtype; its gradient is 0.

    It rounds towards 0.

    Example:
        >>> gg.trunc(np.array([1.7, -1.7]))
        array([ 1., -1.])
    """

@overload
def union1d(x1: ndarray, x2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def union1d(x1: Tensor, x2: Operand, /) -> Tensor: ...
@overload
def union1d(x1: Operand, x2: Tensor, /) -> Tensor: ...
@overload
def union1d(x1: Operand, x2: Operand, /) -> Array:
    """The sorted distinct elements of both, which must not be traced.

    Example:
        >>> gg.union1d(np.array([3.0, 1.0]), np.array([1.0, 2.0]))
        array([1., 2., 3.])
    """

def unique(x: Operand, /, return_index: builtins.bool = False, return_inverse: builtins.bool = False, return_counts: builtins.bool = False, axis: int | None = None, *, equal_nan: builtins.bool = True, sorted: builtins.bool = True) -> Any:
    """The sorted distinct elements of `x`, or slices along `axis`; `x` must not be traced.

    The gradient of an element goes to the first of its equals.

    Args:
        x: The array.
        return_index: Whether to return also where each comes first.
        return_inverse: Whether to return also which of them each element is.
        return_counts: Whether to return also how many there are of each.
        axis: The axis whose slices are compared; without one, elements.
        equal_nan: Whether NaNs are one, or each its own.
        sorted: Is there for NumPy's sake: they are always sorted.

    Example:
        >>> x = np.array([3.0, 1.0, 3.0, 2.0])
        >>> gg.unique(x)
        array([1., 2., 3.])
        >>> gg.unique(x, return_counts=True)
        (array([1., 2., 3.]), array([1, 1, 2]))
        >>> gg.grad(lambda x: gg.sum(gg.unique(x) ** 2))(x)
        array([6., 2., 0., 4.])
    """

@overload
def unique_all(x: Tensor, /) -> UniqueAllResult[Tensor]: ...
@overload
def unique_all(x: Operand, /) -> UniqueAllResult[Array]:
    """The sorted distinct elements of `x`, and where they are.

    A named tuple has the `values`; the `indices` of their first places, counted in order;
    `inverse_indices`, of the shape of `x`, which say which value each element is; and the `counts`
    of each. NaNs differ from each other.

    Example:
        >>> found = gg.unique_all(np.array([3.0, 1.0, 3.0, 2.0]))
        >>> found.values, found.counts
        (array([1., 2., 3.]), array([1, 1, 2]))
        >>> found.indices, found.inverse_indices
        (array([1, 3, 0]), array([2, 0, 2, 1]))
    """

@overload
def unique_counts(x: Tensor, /) -> UniqueCountsResult[Tensor]: ...
@overload
def unique_counts(x: Operand, /) -> UniqueCountsResult[Array]:
    """The sorted distinct elements of `x`, and how often each occurs.

    They are the `values` and `counts` of a named tuple. NaNs differ from each other.

    Example:
        >>> values, counts = gg.unique_counts(np.array([3, 1, 3, 2]))
        >>> values, counts
        (array([1, 2, 3]), array([1, 1, 2]))
    """

@overload
def unique_inverse(x: Tensor, /) -> UniqueInverseResult[Tensor]: ...
@overload
def unique_inverse(x: Operand, /) -> UniqueInverseResult[Array]:
    """The sorted distinct elements of `x`, and which of them each element is.

    They are the `values` and `inverse_indices` of a named tuple; these have the shape of `x`. NaNs
    differ from each other.

    Example:
        >>> values, which = gg.unique_inverse(np.array([30, 10, 30]))
        >>> values, which
        (array([10, 30]), array([1, 0, 1]))
        >>> values[which]
        array([30, 10, 30])
    """

@overload
def unique_values(x: ndarray, /) -> ndarray: ...
@overload
def unique_values(x: Tensor, /) -> Tensor: ...
@overload
def unique_values(x: Operand, /) -> Array:
    """The sorted distinct elements of `x`, as a vector. NaNs count as distinct.

    Example:
        >>> gg.unique_values(np.array([[3.0, 1.0], [3.0, 2.0]]))
        array([1., 2., 3.])
        >>> gg.grad(lambda x: gg.sum(gg.unique_values(x)))(np.array([3.0, 1.0, 3.0]))
        array([1., 1., 0.])
    """

@overload
def unstack(x: Tensor, /, axis: int = 0) -> tuple[Tensor, ...]: ...
@overload
def unstack(x: Operand, /, axis: int = 0) -> tuple[Array, ...]:
    """A tuple of the slices of `x` along `axis`, which is removed.

    Example:
        >>> gg.unstack(np.array([[1, 2], [3, 4]]))
        (array([1, 2]), array([3, 4]))
    """

@overload
def unwrap(p: ndarray, /, discont: float | None = None, axis: int = -1, *, period: float = 6.283185307179586) -> ndarray: ...
@overload
def unwrap(p: Tensor, /, discont: float | None = None, axis: int = -1, *, period: float = 6.283185307179586) -> Tensor: ...
@overload
def unwrap(p: Operand, /, discont: float | None = None, axis: int = -1, *, period: float = 6.283185307179586) -> Array:
    """Phases without jumps along `axis`: whole periods are added after a jump.

    Neighbours then differ by at most half a period, or by less than `discont` if that is more.

    Args:
        p: The phases.
        discont: Which distance of neighbours counts as a jump; half a period by default, and at
            least.
        axis: The axis along which they are neighbours.
        period: How long a period is.

    Example:
        >>> degrees = np.array([350.0, 355.0, 0.0, 5.0])
        >>> gg.unwrap(degrees, period=360.0)
        array([350., 355., 360., 365.])
    """

@overload
def vander(x: ndarray, /, N: int | None = None, increasing: builtins.bool = False) -> ndarray: ...
@overload
def vander(x: Tensor, /, N: int | None = None, increasing: builtins.bool = False) -> Tensor: ...
@overload
def vander(x: Operand, /, N: int | None = None, increasing: builtins.bool = False) -> Array:
    """A matrix with the powers of each element of a vector in a row, `N` or as many as elements.

    The highest comes first, unless they are `increasing`. Those of integers are of 64 bits.

    Raises:
        InvalidArgument: For what is no vector.

    Example:
        >>> gg.vander(np.array([1.0, 2.0, 3.0]))
        array([[1., 1., 1.],
               [4., 2., 1.],
               [9., 3., 1.]])
        >>> gg.vander(np.array([2.0, 3.0]), 4, increasing=True)
        array([[ 1.,  2.,  4.,  8.],
               [ 1.,  3.,  9., 27.]])
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

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 6.0])
        >>> gg.var(x), gg.var(x, correction=2)
        (array(3.5), array(7.))
        >>> gg.grad(gg.var)(x)
        array([-1. , -0.5,  0. ,  1.5])
    """

@overload
def vdot(x1: ndarray, x2: ndarray | generic | complex, /) -> ndarray: ...
@overload
def vdot(x1: Tensor, x2: Operand, /) -> Tensor: ...
@overload
def vdot(x1: Operand, x2: Tensor, /) -> Tensor: ...
@overload
def vdot(x1: Operand, x2: Operand, /) -> Array:
    """The sum of `conj(x1) * x2` over all elements.

    Example:
        >>> gg.vdot(np.array([1 + 2j, 3.0]), np.array([1 + 2j, 1j]))
        array(5.+3.j)
        >>> gg.grad(gg.vdot)(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        array([3., 4.])
    """

@overload
def vecdot(x1: ndarray, x2: ndarray | generic | complex, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def vecdot(x1: Tensor, x2: Operand, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecdot(x1: Operand, x2: Tensor, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecdot(x1: Operand, x2: Operand, /, *, axis: int = -1, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """Sums of `conj(x1) * x2` along `axis`; the other axes broadcast.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.vecdot(x, np.array([1.0, 10.0]))
        array([21., 43.])
        >>> gg.grad(lambda y: gg.sum(gg.vecdot(x, y)))(np.array([1.0, 10.0]))
        array([4., 6.])
    """

@overload
def vecmat(x1: ndarray, x2: ndarray | generic | complex, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> ndarray: ...
@overload
def vecmat(x1: Tensor, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecmat(x1: Operand, x2: Tensor, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Tensor: ...
@overload
def vecmat(x1: Operand, x2: Operand, /, *, out: Any = ..., where: Any = ..., casting: Any = ..., order: Any = ..., dtype: Any = ..., subok: Any = ..., axes: Any = ..., keepdims: Any = ...) -> Array:
    """The products of conjugated vectors `x1` and matrices `x2`.

    The axes before those of the vectors and matrices broadcast.

    Example:
        >>> a = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.vecmat(np.array([1.0, 10.0]), a)
        array([31., 42.])
        >>> gg.grad(lambda v: gg.sum(gg.vecmat(v, a)))(np.array([1.0, 1.0]))
        array([3., 7.])
    """

@overload
def vsplit(x: Tensor, places: int | Sequence[int], /) -> list[Tensor]: ...
@overload
def vsplit(x: Operand, places: int | Sequence[int], /) -> list[Array]:
    """Split `x` along the first axis, as `split` does.

    Example:
        >>> upper, lower = gg.vsplit(np.array([[1, 2], [3, 4]]), 2)
        >>> upper
        array([[1, 2]])
    """

@overload
def vstack(operands: Sequence[ndarray], /, *, dtype: Any = ..., casting: Any = ...) -> ndarray: ...
@overload
def vstack(operands: Sequence[Tensor], /, *, dtype: Any = ..., casting: Any = ...) -> Tensor: ...
@overload
def vstack(operands: Sequence[Operand], /, *, dtype: Any = ..., casting: Any = ...) -> Array:
    """Stack arrays along the first axis; vectors become rows.

    Numbers become rows of one element. The other axes must have equal lengths.

    Example:
        >>> gg.vstack([np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]])])
        array([[1., 2.],
               [3., 4.],
               [5., 6.]])
    """

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
    """`x1` where `condition` is true (or a number that is not 0), else `x2`.

    All three broadcast. Elements that are not chosen have gradient 0, even if they are not finite.
    For the indices where a condition holds, see `nonzero`.

    Example:
        >>> x = np.array([-1.0, 0.0, 4.0])
        >>> gg.where(x > 0, x, 0.0)
        array([0., 0., 4.])
        >>> gg.grad(lambda x: gg.sum(gg.where(x > 0, gg.sqrt(x), 0.0)))(np.array([0.0, 4.0]))
        array([0.  , 0.25])
    """

@overload
def xlog1py(x: ndarray, z: ndarray | generic | complex) -> ndarray: ...
@overload
def xlog1py(x: Tensor, z: Operand) -> Tensor: ...
@overload
def xlog1py(x: Operand, z: Tensor) -> Tensor: ...
@overload
def xlog1py(x: Operand, z: Operand) -> Array:
    """`x * log(1 + z)`, accurate for small `z`, and 0 where `x` is 0, also for `z = -1`.

    Example:
        >>> gg.xlog1py(np.array([2.0, 0.0]), np.array([1.0, -1.0])).round(6)
        array([1.386294, 0.      ])
        >>> gg.grad(gg.xlog1py, argnums=1)(2.0, 0.0)
        array(2.)
    """

@overload
def xlogy(x: ndarray, z: ndarray | generic | complex) -> ndarray: ...
@overload
def xlogy(x: Tensor, z: Operand) -> Tensor: ...
@overload
def xlogy(x: Operand, z: Tensor) -> Tensor: ...
@overload
def xlogy(x: Operand, z: Operand) -> Array:
    """`x * log(z)`, and 0 where `x` is 0, also for `z = 0`.

    Example:
        >>> gg.xlogy(np.array([2.0, 0.0]), np.array([np.e, 0.0]))
        array([2., 0.])
        >>> gg.grad(gg.xlogy, argnums=(0, 1))(0.0, 1.0)
        (array(0.), array(0.))
    """

def zeros(shape: int | Shape, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """A Tensor of zeros; float64 unless `dtype` says otherwise.

    Values written into it keep their gradients, so you can fill in results one by one.

    Example:
        >>> gg.zeros((2, 3), dtype="float32")
        Tensor([[0., 0., 0.],
                [0., 0., 0.]], dtype=float32)
        >>> def powers(x):
        ...     found = gg.zeros(3)
        ...     for i in range(3):
        ...         found[i] = x**i
        ...     return found.sum()
        >>> gg.grad(powers)(2.0)
        array(5.)
    """

@overload
def zeros_like(x: ndarray, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> ndarray: ...
@overload
def zeros_like(x: Tensor, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Tensor: ...
@overload
def zeros_like(x: Operand, /, *, dtype: DTypeLike | None = None, device: str | None = None, order: Any = ..., subok: Any = ..., shape: Any = ...) -> Array:
    """An array of zeros like `x`; `dtype` and `device` may differ.

    Example:
        >>> gg.zeros_like(np.array([[1, 2], [3, 4]]))
        array([[0, 0],
               [0, 0]])
        >>> gg.zeros_like(np.array([1, 2]), dtype="float32")
        array([0., 0.], dtype=float32)
    """
