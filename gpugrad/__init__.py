"""gpugrad: automatic differentiation for NumPy and CuPy arrays.

`gg.grad(f)(x)` gives the gradient of NumPy-style code. Every op is in this namespace, which is also one
in the sense of the Array API standard.
"""

from numpy import (
    bool_ as bool,
    complex64,
    complex128,
    e,
    float16,
    float32,
    float64,
    inf,
    int8,
    int16,
    int32,
    int64,
    nan,
    newaxis,
    pi,
    uint8,
    uint16,
    uint32,
    uint64,
)

from gpugrad import errors, nn, optim, testing
from gpugrad.backends import use_backend
from gpugrad.graph import enable_grad, no_grad
from gpugrad.op import op
from gpugrad.ops.activation import *
from gpugrad.ops.creation import *
from gpugrad.ops.elementwise import *
from gpugrad.ops.indexing import *
from gpugrad.ops.linalg import *
from gpugrad.ops.logic import *
from gpugrad.ops.loss import *
from gpugrad.ops.reduction import *
from gpugrad.ops.shape import *
from gpugrad.tensor import Tensor
from gpugrad.transforms import grad, stop_gradient, value_and_grad, vjp

__version__ = "0.1.0"
