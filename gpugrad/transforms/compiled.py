"""What a function under `gg.jit` keeps for each signature: a recording, then a compiled plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

from gpugrad import tree
from gpugrad.backends import within
from gpugrad.errors import ImpureFunction
from gpugrad.executor.debug import checks_here
from gpugrad.executor.engines import engine_for, has_numba, program
from gpugrad.executor.passes import improve
from gpugrad.executor.pool import Pool, Program
from gpugrad.executor.profiling import noted
from gpugrad.executor.record import BelongsOutside, recorder_here
from gpugrad.tensor import Tensor
from gpugrad.transforms.arguments import NUMBERS, Arguments
from gpugrad.transforms.callers import Call, write_call
from gpugrad.transforms.jit import MISS, Jit
from gpugrad.transforms.recordings import Recording
from gpugrad.transforms.reverse import copied

LARGEST = 256
"""Signatures that a function keeps plans for; of more, the oldest goes."""


class Compiled:
    """A plan that is ready to be called with arguments of one signature. `name` is for reports."""

    def __init__(
        self,
        given: Arguments,
        first: Recording,
        run: Recording,
        engine: str,
        name: str,
        changed: WeakMethod[Callable[[], None]],
    ) -> None:
        self.watch = run.watch
        self.recorded = first.plan(given.donated)
        self.plan = improve(self.recorded)
        xp = first.recorder.base
        engine = engine_for(xp, engine)
        leaves = zip(first.recorder.inputs, given.leaves, strict=True)
        numbers = {slot for slot, leaf in leaves if type(leaf) in NUMBERS}
        self.program = program(self.plan, engine, numbers)
        self.pool = Pool(self.program, name)
        self.source, self.call = write_call(given, first, self.plan, self.pool, self.watch, xp)
        self._changed = changed
        if engine == "auto" and has_numba():
            from gpugrad.transforms.auto import Mover

            plan, watch = self.plan, self.watch     # not `self`: that would be a cycle

            def write(pool: Pool) -> Call:
                return write_call(given, first, plan, pool, watch, xp)[1]

            Mover(self.plan, name, self.call, write, self._use).begin()

    @property
    def running(self) -> Program:
        """The program that calls go through, which the engine `auto` may change."""
        take = getattr(self.call, "__globals__", {}).get("take", self.pool.take)
        return take.__self__.program  # type: ignore[no-any-return]

    def _use(self, call: Call) -> None:
        """Let calls go through `call` from now on."""
        self.call = call
        changed = self._changed()
        if changed is not None:
            changed()


class Cache:
    """The entries of one function. `calls` is kept up to date with the compiled ones."""

    def __init__(self, jit: Jit, calls: list[Callable[..., Any]]) -> None:
        # Not `jit` itself, which holds this: without cycles, memory is freed at once.
        self._f, self._engine = jit.f, jit.engine
        self._options: dict[str, Any] = {
            "donate_argnums": jit.donate_argnums,
            "static_argnums": jit.static_argnums,
            "static_argnames": jit.static_argnames,
        }
        self._calls = calls
        self._entries: dict[Any, Compiled | Recording] = {}
        self._in_order = False                      # whether the order in memory counts

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call by way of trees: the first ones of a signature, and what needs conversion."""
        given = self._arguments(args, kwargs)
        if given.followed or recorder_here() is not None:
            return self._inlined(given)             # it is part of what a transform follows
        if checks_here() is not None:
            return self._op_by_op(given)
        entry = self._entries.get(given.signature)
        if isinstance(entry, Compiled) and entry.watch.holds():
            result = entry.call(given.args, given.kwargs)
            if result is not MISS:
                return given.returned(result)
        try:
            result = self._record(given)
        except BelongsOutside:
            return self._inlined(given)
        return given.returned(result)

    def _inlined(self, given: Arguments) -> Any:
        """The call without a plan, as the function would run while it is recorded."""
        args, kwargs = given.filled(given.handles())
        return self._f(*args, **kwargs)

    def _op_by_op(self, given: Arguments) -> Any:
        """The call op by op, outside of all transforms."""
        token = within.set(given.namespace())
        try:
            out = self._inlined(given)
        finally:
            within.reset(token)
        values = tree.map(lambda x: copied(x._value if isinstance(x, Tensor) else x), out)
        return given.returned(values)

    def compiled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Compiled:
        """The entry for these arguments, compiled if it is not yet."""
        given = self._arguments(args, kwargs)
        while True:
            entry = self._entries.get(given.signature)
            if isinstance(entry, Compiled) and entry.watch.holds():
                return entry
            self._record(given)

    def explained(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """What runs for these arguments, as text."""
        from gpugrad.executor.explain import explain
        from gpugrad.transforms.names import leaf_names

        entry = self.compiled(args, kwargs)
        names = leaf_names(self._f, self._arguments(args, kwargs))
        return explain(entry.running, len(entry.recorded.steps), names)

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        given = Arguments(args, kwargs, **self._options)
        if self._in_order:
            given.in_order()
        return given

    def _record(self, given: Arguments) -> Any:
        """The result of a recording run; the second one of a signature compiles it."""
        before = self._entries.get(given.signature)
        first = before if isinstance(before, Recording) and before.holds() else None
        name = getattr(self._f, "__name__", type(self._f).__name__)
        with noted(f"record {name}"):
            run = Recording(self._f, given)
        recorder = run.recorder
        if recorder.asked_for_order and recorder.wrote and not self._in_order:
            self._in_order = True
            given.in_order()
        self._entries.pop(given.signature, None)
        entry: Compiled | Recording = run
        if first is not None and (both := _merged(first, run)) is not None:
            changed = WeakMethod(self._refresh)
            with noted(f"compile {name}"):
                entry = Compiled(given, both, run, self._engine, name, changed)
        if len(self._entries) >= LARGEST:
            del self._entries[next(iter(self._entries))]
        self._entries[given.signature] = entry
        self._refresh()
        return run.result

    def _refresh(self) -> None:
        """Tell the function which call functions there are."""
        ready = [e.call for e in list(self._entries.values()) if isinstance(e, Compiled)]
        self._calls[:] = ready[::-1]


def _merged(first: Recording, run: Recording) -> Recording | None:
    """What two runs say together; `None` if they differ after an array outside did."""
    try:
        return first.merged(run)
    except ImpureFunction:
        if first.outside.holds():
            raise
        return None
