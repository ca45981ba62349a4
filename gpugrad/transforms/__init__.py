"""What can be done to a function."""

from gpugrad.transforms.reverse import grad, stop_gradient, value_and_grad, vjp

__all__ = ["grad", "stop_gradient", "value_and_grad", "vjp"]
