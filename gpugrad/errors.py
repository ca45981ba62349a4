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
    """The base class of every error raised by gpugrad.

    Catch it to handle whatever gpugrad refuses; each error is besides the one of Python's own that
    a program would expect there.

    Example:
        >>> try:
        ...     gg.random.key(-1)
        ... except gg.errors.GpugradError as error:
        ...     print(error)
        seed is -1; expected an integer from 0 to 2**64 - 1.
        >>> issubclass(gg.errors.InvalidArgument, ValueError)
        True
    """


class BackendUnavailable(GpugradError, RuntimeError):
    """The requested library cannot be used on this machine.

    It is raised by `gg.use_backend("cupy")` and by `device="cuda:0"` where CuPy or a GPU is
    missing, and by `gg.parallel.world` where mpi4py is. The message says which part is missing and
    what to install; with `gg.use_backend("auto")` gpugrad takes the GPU only where there is one.

    Example:
        >>> try:
        ...     gg.zeros(3, device="cuda:0")
        ... except gg.errors.BackendUnavailable:
        ...     x = gg.zeros(3, device="cpu")
    """


class MixedBackends(GpugradError, TypeError):
    """Operands live in different array libraries or on different devices.

    Nothing is copied between devices unasked: bring the operands together first, as with
    `cupy.asarray` or `gg.to_device`. Numbers of Python and NumPy go with arrays of any library.

    Example:
        >>> import array_api_strict
        >>> gg.add(np.ones(2), array_api_strict.ones(2))
        Traceback (most recent call last):
        ...
        gpugrad.errors.MixedBackends: add: ...
    """


class UnsupportedOperand(GpugradError, TypeError):
    """An operand is neither an array, nor a Tensor, nor a number.

    It is raised as well where the kind of an operand is wrong, such as complex numbers for a
    function of real ones. Text is to be converted first, and trees of arrays are gone through by
    `gg.tree.map`.

    Example:
        >>> gg.sin("0.5")
        Traceback (most recent call last):
        ...
        gpugrad.errors.UnsupportedOperand: an operand is of type builtins.str: ...
    """


class NotDifferentiable(GpugradError, TypeError):
    """A gradient was requested where there is none.

    Inputs must be floating or complex, and `gg.grad` wants one real number for a result: reduce it,
    or use `gg.vjp` or `gg.jacobian`. Functions that have no gradient at all say so with this error,
    too.

    Example:
        >>> gg.grad(lambda x: x**2)(3)
        Traceback (most recent call last):
        ...
        gpugrad.errors.NotDifferentiable: ... input of dtype int64: only floating ...
        >>> gg.grad(lambda x: x**2)(3.0)
        array(6.)
    """


class TrackedConversion(GpugradError, TypeError):
    """A tracked Tensor would have been turned into an array or number and lost its gradient.

    The same holds for values under `gg.jit` and `gg.vmap`, which stand for others of their shape.
    Choose with `gg.where` instead of `if`, branch with `gg.cond`, and where no gradient is wanted,
    take `gg.stop_gradient(t)` or `t.value`.

    Example:
        >>> gg.grad(lambda x: float(x) ** 2)(3.0)
        Traceback (most recent call last):
        ...
        gpugrad.errors.TrackedConversion: float() of a Tensor that needs a gradient would ...
    """


class DonatedArray(GpugradError, RuntimeError):
    """An array donated to a function under `gg.jit` was used again.

    With `donate_argnums` the results may take the memory of these arguments. Pass on what the call
    returned, and give up a copy of what you want to keep.

    Example:
        >>> double = gg.jit(lambda x: x * 2, donate_argnums=0)
        >>> x = np.ones(100_000)
        >>> y = double(x)
        >>> double(x)
        Traceback (most recent call last):
        ...
        gpugrad.errors.DonatedArray: an array float64[100000] was given up to <lambda> by ...
    """


class RanksDisagree(GpugradError, RuntimeError):
    """The processes of a world do not make the same calls.

    All ranks of `gg.parallel.world()` call the same collectives in the same order, with arrays of
    the same shape and dtype. Where a program is traced by `gg.jit` or runs under `gg.debug()`, a
    call that differs raises this error on every rank, with what each calls and where, instead of
    waiting for ever.

    Example:
        Two processes, of which one calls what the other does not::

            total = gg.parallel.psum(x)
            if world.rank == 0:
                largest = gg.parallel.pmax(x)       # RanksDisagree under gg.debug()

        >>> issubclass(gg.errors.RanksDisagree, RuntimeError)
        True
    """


class LeakedValue(GpugradError, RuntimeError):
    """A value of a function under `gg.jit` was used after that call, or in another one.

    Such values live only while the function runs. Return what is needed outside, and store nothing
    of it in a global, an attribute or a list.

    Example:
        >>> kept = []
        >>> def f(x):
        ...     kept.append(x)
        ...     return x * 2
        >>> y = gg.jit(f)(np.ones(2))
        >>> kept[0] + 1
        Traceback (most recent call last):
        ...
        gpugrad.errors.LeakedValue: a value of a function under gg.jit was used after that call, ...
    """


class ImpureFunction(GpugradError, RuntimeError):
    """A function under `gg.jit` did something different for arguments of the same kind.

    What it computes may depend only on its arguments: pass random numbers, or better a key of
    `gg.random`, the time, and whatever else changes from call to call, as arguments.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> noisy = gg.jit(lambda x: x + rng.normal())
        >>> for _ in range(3):
        ...     y = noisy(np.ones(2))
        Traceback (most recent call last):
        ...
        gpugrad.errors.ImpureFunction: ... did something else when it ran again: another number ...
    """


class UnknownOp(GpugradError, AttributeError):
    """No op of that name is registered.

    It is raised where NumPy is asked for a function of a Tensor that gpugrad has not. Compose it
    from those of `gg`, define it with `gg.op`, or call it with `gg.host` and give the rule of its
    gradient.

    Example:
        >>> np.packbits(gg.tensor(np.array([1.0]), requires_grad=True))
        Traceback (most recent call last):
        ...
        gpugrad.errors.UnknownOp: 'packbits' of a Tensor that needs a gradient ...
    """


class InvalidOp(GpugradError, ValueError):
    """The definition of an op breaks a rule of the `@op` decorator.

    The message names the op and what is wrong: a parameter of a rule that is no operand, a forward
    whose first parameter is not `xp`, or a name that another op has already.

    Example:
        >>> @gg.op(lambda g, z: 2 * g)
        ... def doubled(xp, x):
        ...     return x * 2
        Traceback (most recent call last):
        ...
        gpugrad.errors.InvalidOp: doubled: a rule has the parameter 'z', which is none of g, x, ...
    """


class InvalidArgument(GpugradError, ValueError):
    """An argument has a value or a shape that cannot be used.

    The message says what it is and what was expected.

    Example:
        >>> gg.linspace(0.0, 1.0, -1)
        Traceback (most recent call last):
        ...
        gpugrad.errors.InvalidArgument: linspace: num is -1; expected an integer from 0 on.
    """


class PlanError(GpugradError, ValueError):
    """A plan, or the file of one, cannot be used.

    Files of plans are verified before they run. Where one is refused, make it anew from the
    function, with `gg.jit(f).plan(...).save(path)`.

    Example:
        >>> import tempfile
        >>> plan = gg.jit(gg.sin).plan(np.ones(2))
        >>> with tempfile.NamedTemporaryFile() as file:
        ...     plan.load(file.name)
        Traceback (most recent call last):
        ...
        gpugrad.errors.PlanError: ... is no file of a plan: expected one that `plan.save` wrote.
    """


class GraphFreed(GpugradError, RuntimeError):
    """A sweep met a graph whose saved arrays an earlier sweep had freed.

    `backward()` lets go of what the graph keeps. Call the first one with `keep_graph=True`, or
    compute the value again.

    Example:
        >>> x = gg.tensor(np.ones(2), requires_grad=True)
        >>> y = gg.sum(x * x)
        >>> y.backward()
        >>> y.backward()
        Traceback (most recent call last):
        ...
        gpugrad.errors.GraphFreed: the graph below ... was freed by an earlier backward(). ...
    """


class NonFinite(GpugradError, FloatingPointError):
    """Under `gg.debug`, an op made a NaN or an infinity from operands that hold none.

    The message names the op, forward or backward, and the line of the program that applied it.

    Example:
        >>> with gg.debug():
        ...     gg.log(np.array([1.0, 0.0]))
        Traceback (most recent call last):
        ...
        gpugrad.errors.NonFinite: ...: log made an infinity in its result float64[2] ...
    """


class SavedArrayChanged(GpugradError, RuntimeError):
    """Under `gg.debug`, a sweep met an array that was written to since the graph saved it.

    The gradient would be that of other values. Write to a copy, or to a Tensor, whose graph keeps
    what it needs.

    Example:
        >>> a = np.ones(2)
        >>> with gg.debug():
        ...     x = gg.tensor(np.ones(2), requires_grad=True)
        ...     y = gg.sum(x * a)
        ...     a[0] = 5.0
        ...     y.backward()
        Traceback (most recent call last):
        ...
        gpugrad.errors.SavedArrayChanged: an array float64[2] that multiply, applied at ...
    """


class DataError(GpugradError, ValueError):
    """A data set is missing or malformed.

    The message names the file and the array, and what was expected there.

    Example:
        >>> from gpugrad.data import load
        >>> load("missing.npz")
        Traceback (most recent call last):
        ...
        gpugrad.errors.DataError: missing.npz: there is no such file. Expected ...
    """


class CheckpointError(GpugradError, ValueError):
    """A run folder or a checkpoint is missing or malformed.

    The message names the file, and where an earlier checkpoint can be used, how to go on from it.

    Example:
        >>> from gpugrad.train import TrainedModel
        >>> TrainedModel.load("missing")
        Traceback (most recent call last):
        ...
        gpugrad.errors.CheckpointError: missing: ...
    """


class Divergence(GpugradError, ArithmeticError):
    """Training met a loss or weights that are not finite.

    `gpugrad train` and `gpugrad.train.start` raise it and keep the last good checkpoint, which the
    message names: start again with a lower learning rate.

    Example:
        >>> issubclass(gg.errors.Divergence, ArithmeticError)
        True
    """


class CacheWarning(GpugradError, RuntimeWarning):
    """Compiled code in the cache is damaged and compiled again, or cannot be stored there.

    Programs run all the same, and the warning comes once. The variable GPUGRAD_CACHE may name a
    folder that can be written to.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore", gg.errors.CacheWarning)
        ...     gg.jit(lambda x: x * 2)(np.ones(2))
        array([2., 2.])
    """


def __dir__() -> list[str]:
    return __all__
