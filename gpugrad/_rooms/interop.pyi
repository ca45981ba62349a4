# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Functions of gpugrad in PyTorch and JAX, and theirs in gpugrad; models as files of ONNX.

Gradients go over the bridges to PyTorch and JAX both ways.

On the CPU, operands share memory with the arrays that they come from; on a GPU, arrays of CuPy and
tensors of PyTorch do, by DLPack. PyTorch and JAX are imported when they are needed.

>>> import torch
>>> sine = gg.interop.torch_function(np.sin)
>>> t = torch.zeros(3, requires_grad=True)
>>> sine(t).sum().backward()
>>> t.grad
tensor([1., 1., 1.])
>>> gg.grad(lambda x: gg.sum(gg.interop.from_torch(torch.sin)(x)))(np.zeros(3))
array([1., 1., 1.])
"""

from gpugrad.interop import from_jax as from_jax
from gpugrad.interop import from_torch as from_torch
from gpugrad.interop import jax_function as jax_function
from gpugrad.interop import to_onnx as to_onnx
from gpugrad.interop import torch_function as torch_function

__all__ = [
    "from_jax",
    "from_torch",
    "jax_function",
    "to_onnx",
    "torch_function",
]
