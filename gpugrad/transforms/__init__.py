"""What can be done to a function."""

from gpugrad.transforms.control import cond, scan
from gpugrad.transforms.jit import jit
from gpugrad.transforms.reverse import grad, stop_gradient, value_and_grad, vjp

__all__ = ["cond", "grad", "jit", "scan", "stop_gradient", "value_and_grad", "vjp"]
