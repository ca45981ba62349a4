# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

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

from gpugrad.autograd import Box as Box
from gpugrad.autograd import Node as Node
from gpugrad.autograd import adam as adam
from gpugrad.autograd import check_grads as check_grads
from gpugrad.autograd import checkpoint as checkpoint
from gpugrad.autograd import convolve as convolve
from gpugrad.autograd import defjvp as defjvp
from gpugrad.autograd import defvjp as defvjp
from gpugrad.autograd import defvjp_argnum as defvjp_argnum
from gpugrad.autograd import defvjp_argnums as defvjp_argnums
from gpugrad.autograd import deriv as deriv
from gpugrad.autograd import dict as dict
from gpugrad.autograd import elementwise_grad as elementwise_grad
from gpugrad.autograd import fixed_point as fixed_point
from gpugrad.autograd import flatten as flatten
from gpugrad.autograd import flatten_func as flatten_func
from gpugrad.autograd import getval as getval
from gpugrad.autograd import grad as grad
from gpugrad.autograd import grad_and_aux as grad_and_aux
from gpugrad.autograd import grad_named as grad_named
from gpugrad.autograd import hessian as hessian
from gpugrad.autograd import hessian_tensor_product as hessian_tensor_product
from gpugrad.autograd import hessian_vector_product as hessian_vector_product
from gpugrad.autograd import holomorphic_grad as holomorphic_grad
from gpugrad.autograd import isbox as isbox
from gpugrad.autograd import isinstance as isinstance
from gpugrad.autograd import jacobian as jacobian
from gpugrad.autograd import list as list
from gpugrad.autograd import make_ggnvp as make_ggnvp
from gpugrad.autograd import make_hvp as make_hvp
from gpugrad.autograd import make_jvp as make_jvp
from gpugrad.autograd import make_vjp as make_vjp
from gpugrad.autograd import multigrad_dict as multigrad_dict
from gpugrad.autograd import odeint as odeint
from gpugrad.autograd import primitive as primitive
from gpugrad.autograd import rmsprop as rmsprop
from gpugrad.autograd import sgd as sgd
from gpugrad.autograd import tensor_jacobian_product as tensor_jacobian_product
from gpugrad.autograd import trace as trace
from gpugrad.autograd import tuple as tuple
from gpugrad.autograd import type as type
from gpugrad.autograd import value_and_grad as value_and_grad
from gpugrad.autograd import vector_jacobian_product as vector_jacobian_product

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
