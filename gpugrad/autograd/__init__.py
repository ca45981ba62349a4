"""The names of HIPS autograd for its programs: `from gpugrad.autograd import grad`.

They are those of `gg` with the argument `argnum`, and some that gpugrad calls otherwise. With
`import gpugrad.numpy as np` for `autograd.numpy` most programs run unchanged. Where HIPS autograd
has them in modules of its own, they are here all the same:

    autograd.extend                 primitive, defvjp
    autograd.misc                   flatten, flatten_func, fixed_point, adam, rmsprop, sgd
    autograd.scipy.integrate        odeint
    autograd.scipy.signal           convolve
    autograd.test_util              check_grads
    autograd.tracer                 Node, trace

`autograd.scipy.special` is `gpugrad.special`, and `autograd.scipy.stats` is `gpugrad.stats`. Own
kinds of boxes and vector spaces have no counterpart: arguments of own classes are trees, which
`gg.tree` says how to make.
"""

from gpugrad.autograd.checking import check_grads
from gpugrad.autograd.derivatives import (
    checkpoint,
    elementwise_grad,
    grad,
    grad_and_aux,
    hessian,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_hvp,
    make_jvp,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)
from gpugrad.autograd.extending import defvjp, primitive
from gpugrad.autograd.fixed_points import fixed_point
from gpugrad.autograd.flattening import flatten, flatten_func
from gpugrad.autograd.integrating import odeint
from gpugrad.autograd.optimizers import adam, rmsprop, sgd
from gpugrad.autograd.signal import convolve
from gpugrad.autograd.tracing import Node, trace

__all__ = [
    "Node",
    "adam",
    "check_grads",
    "checkpoint",
    "convolve",
    "defvjp",
    "elementwise_grad",
    "fixed_point",
    "flatten",
    "flatten_func",
    "grad",
    "grad_and_aux",
    "hessian",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
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
    "value_and_grad",
    "vector_jacobian_product",
]
