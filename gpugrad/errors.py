"""Every exception of gpugrad, as one tree.

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
"""

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

class GpugradError(Exception):
    """What every error raised by gpugrad derives from."""


class BackendUnavailable(GpugradError, RuntimeError):
    """The array library that was asked for cannot be used on this machine."""


class MixedBackends(GpugradError, TypeError):
    """Operands live in different array libraries or on different devices."""


class UnsupportedOperand(GpugradError, TypeError):
    """An operand is neither an array, nor a Tensor, nor a number."""


class NotDifferentiable(GpugradError, TypeError):
    """A gradient was asked for where there is none."""


class TrackedConversion(GpugradError, TypeError):
    """A tracked Tensor would have been turned into an array or number and lost its gradient."""


class DonatedArray(GpugradError, RuntimeError):
    """An array that was given up to a function under `gg.jit` was used again."""


class RanksDisagree(GpugradError, RuntimeError):
    """The processes of a world do not make the same calls."""


class LeakedValue(GpugradError, RuntimeError):
    """A value of a function under `gg.jit` was used after that call, or in another one."""


class ImpureFunction(GpugradError, RuntimeError):
    """A function under `gg.jit` computed something else from the same kinds of arguments."""


class UnknownOp(GpugradError, AttributeError):
    """No op of that name is registered."""


class InvalidOp(GpugradError, ValueError):
    """The definition of an op breaks a rule of the `@op` decorator."""


class InvalidArgument(GpugradError, ValueError):
    """An argument has a value or a shape that cannot be used."""


class PlanError(GpugradError, ValueError):
    """A plan, or the file of one, cannot be used."""


class GraphFreed(GpugradError, RuntimeError):
    """A sweep met a graph whose saved arrays an earlier sweep had freed."""


class NonFinite(GpugradError, FloatingPointError):
    """Under `gg.debug`, an op made a NaN or an infinity from operands that hold none."""


class SavedArrayChanged(GpugradError, RuntimeError):
    """Under `gg.debug`, a sweep met an array that was written to since the graph saved it."""


class DataError(GpugradError, ValueError):
    """A data set is missing or malformed."""


class CheckpointError(GpugradError, ValueError):
    """A run folder or a checkpoint is missing or malformed."""


class Divergence(GpugradError, ArithmeticError):
    """Training met a loss that is not finite."""


class CacheWarning(GpugradError, RuntimeWarning):
    """Compiled code in the cache is damaged and compiled anew, or cannot be kept there."""


def __dir__() -> list[str]:
    return __all__
