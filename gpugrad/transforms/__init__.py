"""What can be done to a function."""

from gpugrad.transforms.checkpoint import checkpoint
from gpugrad.transforms.control.cond import cond
from gpugrad.transforms.control.scan import scan
from gpugrad.transforms.custom import custom_vjp
from gpugrad.transforms.forward import hvp, jvp, linearize
from gpugrad.transforms.host import host
from gpugrad.transforms.implicit import implicit
from gpugrad.transforms.jacobian import hessian, jacobian
from gpugrad.transforms.jit.jit import jit
from gpugrad.transforms.reverse import grad, stop_gradient, value_and_grad, vjp
from gpugrad.transforms.vmap import vmap

__all__ = [
    "checkpoint",
    "cond",
    "custom_vjp",
    "grad",
    "hessian",
    "host",
    "hvp",
    "implicit",
    "jacobian",
    "jit",
    "jvp",
    "linearize",
    "scan",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "vmap",
]
