"""What can be done to a function."""

from gpugrad.transforms.jit import jit
from gpugrad.transforms.reverse import grad, stop_gradient, value_and_grad, vjp

__all__ = ["grad", "jit", "stop_gradient", "value_and_grad", "vjp"]
