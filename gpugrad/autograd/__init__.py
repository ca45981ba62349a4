"""HIPS autograd's names for its programs: `from gpugrad.autograd import grad`.

They are those of `gg` with the argument `argnum`, and some that gpugrad calls otherwise. Modules
have their places too, so that `gpugrad.autograd` in place of `autograd` is all that a program
changes:

>>> import gpugrad.autograd.numpy as np
>>> from gpugrad.autograd import grad
>>> from gpugrad.autograd.scipy.stats import norm
>>> float(grad(lambda x: np.sum(norm.logpdf(x)))(2.0))
-2.0

Own kinds of boxes and vector spaces have no counterpart: arguments of own classes are trees, which
`gg.tree` says how to make.
"""

import sys as _sys
from typing import Any as _Any

from gpugrad.autograd import modules as _modules
from gpugrad.autograd.boxes import Box, dict, getval, isbox, isinstance, list, tuple, type
from gpugrad.autograd.checking import check_grads
from gpugrad.autograd.derivatives import (
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
from gpugrad.autograd.extending import defjvp, defvjp, defvjp_argnum, defvjp_argnums, primitive
from gpugrad.autograd.fixed_points import fixed_point
from gpugrad.autograd.flattening import flatten, flatten_func
from gpugrad.autograd.integrating import odeint
from gpugrad.autograd.optimizers import adam, rmsprop, sgd
from gpugrad.autograd.signal import convolve
from gpugrad.autograd.tracing import Node, trace
from gpugrad.types import offered as _offered

__all__ = [
    "Box",
    "Node",
    "adam",
    "check_grads",
    "checkpoint",
    "convolve",
    "defjvp",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "deriv",
    "dict",
    "elementwise_grad",
    "fixed_point",
    "flatten",
    "flatten_func",
    "getval",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "isbox",
    "isinstance",
    "jacobian",
    "list",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "multigrad_dict",
    "odeint",
    "primitive",
    "rmsprop",
    "sgd",
    "tensor_jacobian_product",
    "trace",
    "tuple",
    "type",
    "value_and_grad",
    "vector_jacobian_product",
]

_modules.put_in_place()


def __getattr__(name: str) -> _Any:
    inner = _sys.modules.get(f"{__name__}.{name}")
    if inner is not None:
        return inner
    if name.startswith("__"):                       # Python asks for its own names, and copes
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _modules.missing("", name)

__dir__ = _offered(globals())
