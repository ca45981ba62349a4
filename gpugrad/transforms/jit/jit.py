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

    Arguments and results are pytrees of arrays and numbers. For each structure, shapes and dtypes
    `f` itself runs twice, to trace and to confirm; then its plan does. What `f` does may depend on
    shapes, but not on values: choose with `gg.where`, branch with `gg.cond`, loop with `gg.scan`,
    or name an argument that decides in `static_argnums`. Python numbers are traced as well, so that
    a changed learning rate compiles nothing.

    Methods of what comes show what runs: `explain(*args)` lists each step with the line that it
    comes from, and `source(*args)` the code that was generated; `compile(*args)` makes the plan
    before the first call. Where another transform follows what it is given or closes over, a Tensor
    that needs a gradient or one part of a batch, and in a function that is traced itself, it runs
    as `f` does: put `gg.jit` outermost, as in `gg.jit(gg.grad(f))`.

    Raw arrays and Tensors that `f` closes over, and views of them, are read at each call. `f` is
    traced again when something else that it reads outside has become another: a global or
    closed-over variable, a default, an attribute, a method, an item of a collection, and elements
    that NumPy reads, as in `a[0]` or `np.exp(a)`; in its own code and in that of the functions that
    it calls, also of other modules. Such calls cost what tracing does: pass as an argument what
    changes often.

    Not watched are:

    - what installed libraries and Python itself consist of, and what their objects hold, such as a
      column of pandas or a fitted model, where their own methods read it (pass the arrays as
      arguments);
    - files, the environment and clocks;
    - collections of more than 1000 items;
    - attributes whose names are put together, and those of objects in C;
    - arrays on a GPU of which something else than gpugrad reads elements;
    - of arrays with more than `2**20` bytes (`2**12`, where gpugrad computes with them too) all but
      a sample of their elements;
    - the way in which a helper goes through an array that it is handed, where gpugrad computes with
      that too.

    `np.errstate` does not hold inside: a plan never warns.

    Plans for all signatures stay, up to 128 MiB of them and of the memory in which they run: then
    those that were used least recently give up their memory, which the next call makes anew, and in
    the end go, to be traced again when they are needed. `gg.profile()` says where that happens. The
    latest plan is kept however large it is. What a call raises leaves the function as it was, but
    arrays that were given up to it may then be half written.

    A function of numbers alone, such as `gg.sqrt(lr)`, is a number, which takes the dtype of the
    arrays beside it. Integers are Python's; an integer argument of more than 64 bits is static.

    Args:
        f: A function of pytrees that does the same each time that it runs. Without it,
            `gg.jit(...)` is a decorator.
        engine: What runs the plan: `"numpy"`, `"native"` (from the extra `jit`; it compiles
            kernels, and keeps them in a cache folder), or `"auto"`, which begins with NumPy and
            keeps the faster of the two, and also runs functions of CuPy arrays: as kernels that are
            generated for them.
        donate_argnums: Arguments whose arrays are given up: their memory may be used for results of
            the same shape and dtype. From the third call on, a result may be the very array that
            was given up for it: whoever holds that one, in a list for example, sees it change; a
            `RuntimeWarning` says so where the list grows from call to call. That one is read is not
            noticed, except under `gg.debug`, where what was given up is filled with NaN.
        static_argnums: Arguments that decide what `f` does, by their places: for each value, `f` is
            traced anew. They must be hashable. Static values, and keys of dictionaries, are told
            apart as `1`, `1.0` and `True` or `0.0` and `-0.0` are, also inside of tuples, frozen
            sets and dataclasses.
        static_argnames: The same by their names.
        agree: For one of several processes that `mpiexec` started. Such a one makes no trial, whose
            outcome might be another in the others: `"auto"` is then the native engine where that is
            installed. Where they are to try, `agree` is a function that `"auto"` calls once for
            each kind of arguments, after the same call in each of them, with the seconds of the
            best call by NumPy and by native code (infinite where that cannot be). By what it
            returns, such as the most of all processes, all decide alike.

    Returns:
        A function with the parameters and results of `f`, which raises what stands below.

    Raises:
        TrackedConversion: If `f` looks at a value; the message has the line.
        ImpureFunction: If two runs of `f` differ.
        UnsupportedOperand: For arrays that are not of numbers.
        DonatedArray: If an array of NumPy with memory of its own that was given up is passed again.
        OverflowError: If an array's dtype does not hold an integer, or arithmetic of integers alone
            leaves 64 bits.

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
        the line that it comes from; what was fused, and why the rest was not.
        """
        return self._cache.explained(args, kwargs)

    def source(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """The code that was generated for these arguments; they are compiled if they are new.

        It is the Python function of calls and its kernels: for CuPy arrays their CUDA C++; of the
        engine native, for each step those that do it, as text for LLVM and as instructions of this
        processor.
        """
        program = self._cache.compiled(args, kwargs).running
        return "\n".join(filter(None, (program.source, program.kernel_source)))


def _names(given: object) -> tuple[str, ...]:
    """The names of static arguments, one or several."""
    names = tuple(given) if isinstance(given, LISTS) else (given,)
    for name in names:
        if not isinstance(name, str):
            raise InvalidArgument(
                f"static_argnames is {given!r}; wanted is the name of an argument, or a tuple of "
                "names. Places of arguments go to static_argnums."
            )
    return names
