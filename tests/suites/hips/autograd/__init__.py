"""HIPS autograd's names, made of gpugrad, so that autograd's own tests can be run on gpugrad.

What is not here is autograd's own: `HIPS_AUTOGRAD` names its unpacked source distribution, whose
operators and checkers stand on the functions that are here.
"""

from __future__ import annotations

import os
from pathlib import Path

__path__.append(str(Path(os.environ["HIPS_AUTOGRAD"]) / "autograd"))

from autograd.builtins import dict, isinstance, list, tuple, type
from autograd.core import primitive
from autograd.differential_operators import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_named,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)
