"""`jit`: trace a function once for each kind of arguments, and run the plan of it afterwards."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar, overload

from gpugrad.engines import check_engine
from gpugrad.errors import InvalidArgument
from gpugrad.forks import kept
from gpugrad.tracing.tracer import tracers
from gpugrad.transforms.jit.call_function import MISS, Call
from gpugrad.transforms.spelling import places_of, spelled
from gpugrad.types import LISTS

if TYPE_CHECKING:
    from gpugrad.plan.plan import Plan
    from gpugrad.transforms.jit.auto import Agree
    from gpugrad.transforms.jit.cache import Cache

P = ParamSpec("P")
R = TypeVar("R")


@overload
def jit(
    f: Callable[P, R],
    *,
    engine: str = "auto",
    donate_argnums: int | tuple[int, ...] = (),
    static_argnums: int | tuple[int, ...] = (),
    static_argnames: str | tuple[str, ...] = (),
    agree: Agree | None = None,
) -> Jit[P, R]: ...
@overload
def jit(
    *,
    engine: str = "auto",
    donate_argnums: int | tuple[int, ...] = (),
    static_argnums: int | tuple[int, ...] = (),
    static_argnames: str | tuple[str, ...] = (),
    agree: Agree | None = None,
) -> Callable[[Callable[P, R]], Jit[P, R]]: ...
@spelled
def jit(
    f: Callable[P, R] | None = None,
    *,
    engine: str = "auto",
    donate_argnums: int | tuple[int, ...] = (),
    static_argnums: int | tuple[int, ...] = (),
    static_argnames: str | tuple[str, ...] = (),
    agree: Agree | None = None,
) -> Jit[P, R] | Callable[[Callable[P, R]], Jit[P, R]]:
    """`f`, traced and compiled: the same results, without Python between its operations.

    Arguments and results are pytrees of arrays and numbers. For each combination of structure,
    shapes and dtypes, `f` itself runs twice, to be traced and confirmed; after that, its plan runs.
    What `f` does may depend on shapes, but not on values: choose with `gg.where`, branch with
    `gg.cond`, loop with `gg.scan`, or name an argument that decides something in `static_argnums`.
    Python numbers are traced as well, so a new learning rate compiles nothing.

    The returned function has methods that show what runs: `explain(*args)` lists each step with the
    line it comes from, and `source(*args)` returns the generated code; `compile(*args)` makes the
    plan before the first call. If an argument or a closed-over value is tracked by another
    transform (a Tensor that needs a gradient, or a sample of a batch), or inside a function that is
    itself traced, `f` runs uncompiled: put `gg.jit` outermost, as in `gg.jit(gg.grad(f))`.

    Plain arrays and Tensors that `f` closes over, and views of them, are read at each call. `f` is
    traced again if anything else that it reads from outside has changed: a global or closed-over
    variable, a default value, an attribute, a method, an item of a collection, or elements that
    NumPy reads, as in `a[0]` or `np.exp(a)`. This covers its own code and that of the functions it
    calls, also in other modules. A call that traces is slow: pass what changes often as an
    argument.

    Not watched are:

    - the code of installed libraries and of Python itself, and what their objects hold, such as a
      pandas column or a fitted model, if their own methods read it (pass the arrays as arguments);
    - files, the environment and clocks;
    - collections of more than 1000 items;
    - attributes whose names are computed, and those of objects implemented in C;
    - arrays on a GPU whose elements something other than gpugrad reads;
    - all but a sample of the elements of arrays with more than `2**20` bytes (`2**12`, if gpugrad
      computes with them too);
    - how a helper iterates over an array that it is given, if gpugrad computes with that array too.

    `np.errstate` has no effect inside: a plan never warns.

    Plans for all signatures are kept, up to 128 MiB including the memory in which they run. Beyond
    that, the least recently used plans give up their memory, which the next call allocates again,
    and finally are dropped, to be traced again when needed. `gg.profile()` says where this happens.
    The latest plan is kept however large it is. An exception in a call leaves the function intact,
    but arrays donated to it may be half overwritten.

    The result of a function of numbers alone, such as `gg.sqrt(lr)`, is a number, which takes the
    dtype of the arrays it is combined with. Integers are Python's; an integer argument of more than
    64 bits is static.

    Args:
        f: A function of pytrees that does the same each time it runs. Without it, `gg.jit(...)` is
            a decorator.
        engine: What runs the plan: `"numpy"`, `"native"` (which needs the extra `jit`, compiles
            kernels and caches them in a folder), or `"auto"`, which starts with NumPy and keeps the
            faster of the two. `"auto"` also runs functions of CuPy arrays, as kernels generated for
            them.
        donate_argnums: Arguments whose arrays are donated: their memory may be reused for results
            of the same shape and dtype. From the third call on, a result may be the donated array
            itself, so anyone who still holds it, for example in a list, sees it change; a
            `RuntimeWarning` says so if the list grows from call to call. Reading a donated array
            goes unnoticed, except under `gg.debug`, which fills it with NaN.
        static_argnums: Positions of arguments that decide what `f` does: for each new value, `f` is
            traced again. They must be hashable. `1`, `1.0` and `True` count as different static
            values and keys of dictionaries, as do `0.0` and `-0.0`, also inside tuples, frozen sets
            and dataclasses.
        static_argnames: The same, by name.
        agree: For programs of several processes started by `mpiexec`. There, `"auto"` does not time
            the engines, because processes could choose differently: it uses the native engine if
            that is installed. To let it time them, pass a function, which `"auto"` calls once per
            signature, after the same call in each process, with the seconds of the best call by
            NumPy and by native code (infinite if that cannot run). All processes decide by what it
            returns, such as the maximum over all of them.

    Returns:
        A function with the parameters and results of `f`, which raises the errors below.

    Raises:
        TrackedConversion: If `f` looks at a value; the message names the line.
        ImpureFunction: If two runs of `f` differ.
        UnsupportedOperand: For arrays that do not hold numbers.
        DonatedArray: If a donated NumPy array that owns its memory is passed again.
        OverflowError: If an integer does not fit into an array's dtype, or integer arithmetic
            exceeds 64 bits.

    Example:
        >>> @gg.jit
        ... def step(w, x, lr):
        ...     slope = gg.grad(lambda w: gg.mean((w * x - 1) ** 2))(w)
        ...     return w - lr * slope
        >>> w, x = np.array(0.0), np.array([1.0, 2.0])
        >>> for _ in range(50):
        ...     w = step(w, x, 0.1)
        >>> round(float(w), 6)
        0.6
        >>> @gg.jit(static_argnames="n")
        ... def power(x, n):
        ...     return x**n if n > 1 else x
        >>> power(np.array([2.0, 3.0]), n=2)
        array([4., 9.])
    """
    static = places_of("static_argnums", static_argnums), _names(static_argnames)
    given = places_of("donate_argnums", donate_argnums)

    def compiled(f: Callable[P, R]) -> Jit[P, R]:
        return Jit(f, engine, given, *static, agree)

    return compiled if f is None else compiled(f)


class Jit(Generic[P, R]):
    """A function under `gg.jit`."""

    def __init__(
        self,
        f: Callable[P, R],
        engine: str,
        donate_argnums: tuple[int, ...],
        static_argnums: tuple[int, ...],
        static_argnames: tuple[str, ...],
        agree: Agree | None = None,
    ) -> None:
        check_engine(engine)
        if agree is not None and engine != "auto":
            raise InvalidArgument(
                f"agree is for the engine auto, which chooses, and engine is {engine!r}: leave out "
                "one of them."
            )
        self.f = f
        self.engine = engine
        self.donate_argnums = donate_argnums
        self.static_argnums = static_argnums
        self.static_argnames = static_argnames
        self.agree = agree
        self._calls: list[Call] = []                # of a few plans, the latest first
        update_wrapper(self, f, updated=())         # `f` may have attributes of the same names

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """What the function gives for these arguments, by its plan where there is one."""
        if not tracers:
            for call in self._calls:
                result = call(args, kwargs)
                if result is not MISS:
                    return result  # type: ignore[return-value]  # what `f` gives
        return self._cache.call(args, kwargs)  # type: ignore[return-value]

    @kept
    def _cache(self) -> Cache:
        # Imported now, because most programs that import gpugrad compile nothing.
        from gpugrad.transforms.jit.cache import Cache

        options = (self.donate_argnums, self.static_argnums, self.static_argnames)
        made = Cache(self.f, self.engine, *options, self._calls, self.agree)
        # Two threads that come first both make one, and both go on with the same.
        cache: Cache = vars(self).setdefault("_cache", made)
        return cache

    def __get__(self, instance: object, owner: type | None = None) -> Callable[..., R]:
        """As a method: the function with its first argument bound."""
        call: Callable[..., R] = self
        return call if instance is None else partial(call, instance)

    def __repr__(self) -> str:
        return f"<gg.jit of {getattr(self.f, '__qualname__', self.f)}>"

    def __reduce__(self) -> str | tuple[object, ...]:
        """For pickle: the function and its options; what was compiled is not kept.

        A function of a module that `gg.jit` decorates is found by its name, as others are.
        """
        name = getattr(self, "__qualname__", "")
        if getattr(sys.modules.get(self.__module__), name, None) is self:
            return name
        options = (self.donate_argnums, self.static_argnums, self.static_argnames)
        return Jit, (self.f, self.engine, *options, self.agree)

    def compile(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Trace and compile for arguments like these, which stay as they are.

        Then every call with such arguments runs the plan, the first one too.
        """
        self._cache.compiled(args, kwargs).prepare()

    def plan(self, *args: P.args, **kwargs: P.kwargs) -> Plan:
        """The plan for these arguments; they are traced, and compiled, if they are new."""
        return self._cache.compiled(args, kwargs).plan

    def explain(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """What runs for these arguments, as text; they are compiled if they are new.

        It lists each step with what it makes, the bytes that it moves, where its results lie and
        the line that it comes from; what was fused, and why the rest was not. The text is a `str`,
        which sessions and notebooks show as lines.
        """
        return self._cache.explained(args, kwargs)

    def source(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """The code that was generated for these arguments; they are compiled if they are new.

        It is the Python function of calls and its kernels: for CuPy arrays their CUDA C++; of the
        engine native, for each step those that do it, as text for LLVM and as instructions of this
        processor.
        """
        from gpugrad.tabular import Text

        program = self._cache.compiled(args, kwargs).running
        return Text("\n".join(filter(None, (program.source, program.kernel_source))))


def _names(given: object) -> tuple[str, ...]:
    """The names of static arguments, one or several."""
    names = tuple(given) if isinstance(given, LISTS) else (given,)
    for name in names:
        if not isinstance(name, str):
            raise InvalidArgument(
                f"static_argnames is {given!r}; expected the name of an argument, or a tuple of "
                "names. Places of arguments go to static_argnums."
            )
    return names
