# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Every exception of gpugrad, as one tree.

Beside each stands the exception of Python that it is as well, by which programs that know nothing
of gpugrad catch it::

    GpugradError
    ├── BackendUnavailable      (RuntimeError)   the array library that was asked for cannot be used
    ├── MixedBackends           (TypeError)      operands of several array libraries or devices
    ├── UnsupportedOperand      (TypeError)      an operand that is no array, Tensor or number
    ├── NotDifferentiable       (TypeError)      a gradient that does not exist was asked for
    ├── TrackedConversion       (TypeError)      a tracked Tensor would silently lose its gradient
    ├── DonatedArray            (RuntimeError)   an array was used that gg.jit was given for good
    ├── LeakedValue             (RuntimeError)   a value of gg.jit was used outside of its call
    ├── ImpureFunction          (RuntimeError)   a function under gg.jit did not do the same twice
    ├── UnknownOp               (AttributeError) no op of that name
    ├── InvalidOp               (ValueError)     an op was defined against the rules
    ├── InvalidArgument         (ValueError)     a value or shape that cannot be used
    ├── RanksDisagree           (RuntimeError)   processes of a world make other calls
    ├── PlanError               (ValueError)     a plan, or the file of one, that cannot be used
    ├── GraphFreed              (RuntimeError)   a second sweep over a graph that was freed
    ├── NonFinite               (FloatingPointError) an op made a NaN or infinity, under gg.debug
    ├── SavedArrayChanged       (RuntimeError)   an array was written to that a gradient needs
    ├── DataError               (ValueError)     a data set that cannot be used
    ├── CheckpointError         (ValueError)     a run folder or checkpoint that cannot be used
    ├── Divergence              (ArithmeticError) training met a loss that is not finite
    └── CacheWarning            (RuntimeWarning) compiled code is damaged, or cannot be kept

Messages say what was found, what was expected, and the way out:

>>> gg.grad(lambda x: x**2)(np.ones(3))
Traceback (most recent call last):
...
gpugrad.errors.NotDifferentiable: the function returned an array of shape (3,) and dtype float64;
for a gradient it must return one real number. Reduce it, for example with gg.sum, take gg.real of
it, or use gg.vjp.
"""

from gpugrad.errors import BackendUnavailable as BackendUnavailable
from gpugrad.errors import CacheWarning as CacheWarning
from gpugrad.errors import CheckpointError as CheckpointError
from gpugrad.errors import DataError as DataError
from gpugrad.errors import Divergence as Divergence
from gpugrad.errors import DonatedArray as DonatedArray
from gpugrad.errors import GpugradError as GpugradError
from gpugrad.errors import GraphFreed as GraphFreed
from gpugrad.errors import ImpureFunction as ImpureFunction
from gpugrad.errors import InvalidArgument as InvalidArgument
from gpugrad.errors import InvalidOp as InvalidOp
from gpugrad.errors import LeakedValue as LeakedValue
from gpugrad.errors import MixedBackends as MixedBackends
from gpugrad.errors import NonFinite as NonFinite
from gpugrad.errors import NotDifferentiable as NotDifferentiable
from gpugrad.errors import PlanError as PlanError
from gpugrad.errors import RanksDisagree as RanksDisagree
from gpugrad.errors import SavedArrayChanged as SavedArrayChanged
from gpugrad.errors import TrackedConversion as TrackedConversion
from gpugrad.errors import UnknownOp as UnknownOp
from gpugrad.errors import UnsupportedOperand as UnsupportedOperand

__all__ = [
    "BackendUnavailable",
    "CacheWarning",
    "CheckpointError",
    "DataError",
    "Divergence",
    "DonatedArray",
    "GpugradError",
    "GraphFreed",
    "ImpureFunction",
    "InvalidArgument",
    "InvalidOp",
    "LeakedValue",
    "MixedBackends",
    "NonFinite",
    "NotDifferentiable",
    "PlanError",
    "RanksDisagree",
    "SavedArrayChanged",
    "TrackedConversion",
    "UnknownOp",
    "UnsupportedOperand",
]
