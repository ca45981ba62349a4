"""What a function under `gg.jit` keeps for each signature: a recording, then a compiled plan."""

from __future__ import annotations

from collections.abc import Hashable
from contextvars import copy_context
from typing import Any
from weakref import WeakMethod, ref

from gpugrad import tree
from gpugrad.backends import within
from gpugrad.backends.devices import on
from gpugrad.context import holding
from gpugrad.errors import ImpureFunction
from gpugrad.executor.capacity import bytes_of
from gpugrad.executor.debug import checks_here
from gpugrad.executor.engines import engine_for, has_numba, program
from gpugrad.executor.passes import improve
from gpugrad.executor.pool import Pool, Program
from gpugrad.executor.profiling import noted
from gpugrad.executor.record import BelongsOutside, recorder_here, recorders
from gpugrad.tensor import Tensor
from gpugrad.transforms.arguments import NUMBERS, Arguments, form
from gpugrad.transforms.callers import Call, write_call
from gpugrad.transforms.jit import MISS, Jit
from gpugrad.transforms.kept import Kept
from gpugrad.transforms.recordings import Recording
from gpugrad.transforms.reverse import copied


class Compiled:
    """A plan that is ready to be called with arguments of one signature, kept in `kept`.

    `plan_bytes` are those of the plan and its code, `memory` those of the memory that waits for
    calls, and `used` is when it was used last. `name` is for reports.
    """

    def __init__(
        self,
        given: Arguments,
        first: Recording,
        run: Recording,
        engine: str,
        name: str,
        kept: Kept,
    ) -> None:
        self.signature = given.signature
        self._place = given.place
        self.form: Hashable = None                  # of the arguments that led here last
        self.used = 0
        self.memory = 0
        self.watch = run.watch
        self.recorded = first.plan(given.donated)
        self.plan = improve(self.recorded)
        xp = first.recorder.base
        engine = engine_for(xp, engine)
        leaves = zip(first.recorder.inputs, given.leaves, strict=True)
        numbers = {slot for slot, leaf in leaves if type(leaf) in NUMBERS}
        weak = [x for x, traced in zip(first.weak, first.traced, strict=True) if traced]
        plain = [i for i, is_weak in enumerate(weak) if is_weak]
        self.program = program(self.plan, engine, numbers, plain)
        self.plan_bytes = self._bytes = bytes_of(self.plan) + self.watch.nbytes
        written = write_call(given, first, run.result, self.plan, self.watch, xp, self.program)
        self.source = written.source
        self._kept = ref(kept)
        # What these refer to is not `self`: that would be a cycle.
        self._pools: list[Pool] = []
        pools, grew = self._pools, WeakMethod(self._grew)

        def write(pool: Pool) -> Call:
            for each in pool.all():
                each.grew = grew
                pools.append(each)
            return written.call(pool)

        self.pool = Pool(self.program, name)
        self.call = write(self.pool)
        if engine == "auto" and has_numba():
            from gpugrad.transforms.auto import Mover

            Mover(self.plan, name, self.call, write, self._use).begin()

    @property
    def running(self) -> Program:
        """The program that calls go through, which the engine `auto` may change."""
        take = getattr(self.call, "__globals__", {}).get("take", self.pool.take)
        return take.__self__.program  # type: ignore[no-any-return]

    def prepare(self) -> None:
        """Have memory for a call, for which a compiler is waited for, too."""
        with on(self._place):
            self.pool.give(self.pool.take())

    def rest(self) -> None:
        """Let go of the memory that waits; the next call makes it anew."""
        for pool in self._pools:
            pool.rest()
        self.memory = 0

    def _grew(self) -> None:
        self.memory = sum(pool.nbytes for pool in self._pools)
        self.plan_bytes = self._bytes + sum(pool.program.code_bytes for pool in self._pools)
        if (kept := self._kept()) is not None:
            kept.make_room(self)

    def _use(self, call: Call) -> None:
        """Let calls go through `call` from now on."""
        self.call = call
        if (kept := self._kept()) is not None:
            kept.changed()


class Cache:
    """What a function under `gg.jit` does where no call function of a plan does it.

    `calls` are those of the latest plans, and are kept up to date.
    """

    def __init__(self, jit: Jit, calls: list[Call]) -> None:
        # Not `jit` itself, which holds this: without cycles, memory is freed at once.
        self._f, self._engine = jit.f, jit.engine
        self._options: dict[str, Any] = {
            "donate_argnums": jit.donate_argnums,
            "static_argnums": jit.static_argnums,
            "static_argnames": jit.static_argnames,
        }
        self._static = jit.static_argnums, jit.static_argnames
        self._name = getattr(self._f, "__name__", type(self._f).__name__)
        self.kept = Kept(self._name, calls)
        self._in_order = False                      # whether the order in memory counts

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call for which none of the latest plans is: of another signature, or a new one."""
        known = None
        if not recorders:
            known = form(args, kwargs, self._static)
            entry = self.kept.by_form(known)
            if entry is not None:
                result = entry.call(args, kwargs)
                if result is not MISS:
                    self.kept.use(entry, known)
                    return result
        return self._by_trees(args, kwargs, known)

    def _by_trees(self, args: tuple[Any, ...], kwargs: dict[str, Any], known: Hashable) -> Any:
        """The first calls of a signature, and what needs conversion."""
        given = self._arguments(args, kwargs)
        with on(given.place):
            return self._on_its_device(given, known)

    def _on_its_device(self, given: Arguments, known: Hashable) -> Any:
        if given.followed or recorder_here() is not None:
            return self._inlined(given)             # it is part of what a transform follows
        if checks_here() is not None:
            return self._op_by_op(given)
        entry = self.kept.entries.get(given.signature)
        if isinstance(entry, Compiled) and entry.watch.holds():
            result = entry.call(given.args, given.kwargs)
            if result is not MISS:
                self.kept.use(entry, known)
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
        with holding(within, given.namespace()):
            out = self._inlined(given)
        values = tree.map(lambda x: copied(x._value if isinstance(x, Tensor) else x), out)
        return given.returned(values)

    def compiled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Compiled:
        """The entry for these arguments, compiled if it is not yet."""
        given = self._arguments(args, kwargs)
        with on(given.place):
            while True:
                entry = self.kept.entries.get(given.signature)
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
        before = self.kept.begun(given.signature)
        first = before if isinstance(before, Recording) and before.holds() else None
        why = self.kept.why_again(given.signature) if before is None else ""
        with noted(f"record {self._name}{why}"):
            # In a context of its own, which ends with it whatever interrupts it.
            run = copy_context().run(Recording, self._f, given)
        recorder = run.recorder
        if recorder.asked_for_order and recorder.wrote and not self._in_order:
            self._in_order = True
            given.in_order()
            run.signature = given.signature
        entry: Compiled | Recording = run
        if first is not None and (both := _merged(first, run)) is not None:
            with noted(f"compile {self._name}"):
                engine, name = self._engine, self._name
                entry = copy_context().run(Compiled, given, both, run, engine, name, self.kept)
        result, run.result = run.result, None       # which is the caller's
        self.kept.put(entry, before)
        return result


def _merged(first: Recording, run: Recording) -> Recording | None:
    """What two runs say together; `None` if they differ after an array outside did."""
    try:
        return first.merged(run)
    except ImpureFunction:
        if first.outside.holds():
            raise
        return None
