"""The door for those who define primitives."""

from autograd.core import VSpace as VSpace
from autograd.core import defjvp as defjvp
from autograd.core import defjvp_argnum as defjvp_argnum
from autograd.core import defjvp_argnums as defjvp_argnums
from autograd.core import defvjp as defvjp
from autograd.core import defvjp_argnum as defvjp_argnum
from autograd.core import defvjp_argnums as defvjp_argnums
from autograd.core import primitive as primitive
from autograd.core import vspace as vspace
from autograd.tracer import notrace_primitive as notrace_primitive
