"""What a function under `gg.jit` keeps for each signature: a trace, then a compiled plan."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextvars import copy_context
from itertools import compress
from typing import TYPE_CHECKING
from weakref import WeakMethod, ref

import gpugrad.tree as tree
from gpugrad.backends import StandIn, within
from gpugrad.backends.devices import on
from gpugrad.backends.process_settings import is_deterministic, processes
from gpugrad.context import holding
from gpugrad.core.tensor import Tensor
from gpugrad.engines import ALL, engine_for, make_program
from gpugrad.engines.capacity import bytes_of
from gpugrad.engines.given_up import GivenUp
from gpugrad.engines.pool import Pool
from gpugrad.engines.profiling import noted
from gpugrad.engines.program import Instances, Program
from gpugrad.engines.reasons import note_reason
from gpugrad.errors import ImpureFunction, InvalidArgument
from gpugrad.plan.passes import improve
from gpugrad.tracing.debug import checks_here
from gpugrad.tracing.tracer import BelongsOutside, tracer_here, tracers
from gpugrad.transforms.jit.arguments import Arguments, form
from gpugrad.transforms.jit.call import write_call
from gpugrad.transforms.jit.call_function import MISS, Call
from gpugrad.transforms.jit.kept import CompiledPlan, Kept
from gpugrad.transforms.jit.traces import Trace, trace
from gpugrad.transforms.reverse import copied
from gpugrad.transforms.watched import begin_watching, check_data
from gpugrad.types import NUMBERS

if TYPE_CHECKING:
    from gpugrad.transforms.jit.auto import Agree, Progress

LATEST = 16
"""Signatures with which another one is compared to say what is new about it."""


class Compiled:
    """A plan that is ready to be called with arguments of one signature, kept in `kept`.

    `plan_bytes` are those of its programs, `memory` those of the memory that waits for calls, and
    `used` is when it was used last. `name` is for reports, and `why` says why the function was
    traced again, where it was.
    """

    def __init__(
        self,
        given: Arguments,
        first: Trace,
        run: Trace,
        engine: str,
        name: str,
        kept: Kept,
        given_up: GivenUp,
        agree: Agree | None = None,
    ) -> None:
        self.signature = given.signature
        self._place = given.place
        self.form: Hashable = None                  # of the arguments that led here last
        self.used = 0
        self.memory = 0
        self.watch = run.watch
        self.why = first.why
        self._arrays = first.tracer.change          # of what is read at each call
        self.traced = first.plan(given.donated)
        self.plan = improve(self.traced)
        xp = first.tracer.base
        engine = engine_for(xp, engine)
        chosen = ""
        if engine == "auto" and agree is None and (processes() > 1 or is_deterministic()):
            engine = "native" if ALL["native"].is_there else "numpy"
            where = "on other ranks" if processes() > 1 else "the next time"
            chosen = f"{engine}, without a trial: its outcome might be another {where}"
        leaves = zip(first.tracer.inputs, given.leaves, strict=True)
        numbers = {slot for slot, leaf in leaves if type(leaf) in NUMBERS}
        weak = [x for x, traced in zip(first.weak, first.traced, strict=True) if traced]
        plain = [i for i, is_weak in enumerate(weak) if is_weak]
        self.program = make_program(self.plan, engine, numbers, plain)
        self.program.chosen = chosen or self.program.chosen
        # Held, because call functions of the same text take its code.
        self._written = written = write_call(
            given, first, run.result, self.plan, self.watch, xp, self.program
        )
        self._kept = ref(kept)
        # What these refer to is not `self`: that would be a cycle.
        self._pools: list[Instances] = []
        self._plans = [self.plan]                   # of each program
        self.plan_bytes = bytes_of(*self._plans) + self.watch.nbytes
        pools, plans, grew = self._pools, self._plans, WeakMethod(self._grew)

        def write(pool: Pool) -> Call:
            pool.given_up = given_up
            for each in pool.all():
                each.grew = grew
                pools.append(each)
            return written.call(pool)

        def write_beside(pool: Pool) -> Call:
            plans.append(pool.program.plan)
            return write(pool)

        self.pool = Pool(self.program, name)
        self.call = write(self.pool)
        if engine == "auto":
            if ALL["native"].is_there or agree is not None:
                from gpugrad.transforms.jit.auto import Mover

                Mover(self.plan, name, self.call, write_beside, self._use, agree).begin()
            else:
                self.program.chosen = "numpy, because llvmlite is not installed"

    @property
    def running(self) -> Program:
        """The program that calls go through, which the engine `auto` may change."""
        return self._pool_of(self.call).program

    def _pool_of(self, call: Call) -> Pool:
        take = getattr(call, "__globals__", {}).get("take", self.pool.take)
        pool: Pool = take.__self__
        return pool

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
        if (kept := self._kept()) is not None:
            kept.make_room(self)

    def change(self) -> str:
        """Why it takes the arguments of its signature no longer."""
        return self.watch.change() or self._arrays() or "its plan does not take these arguments"

    def _use(self, call: Call, why: str | Progress, final: bool = False) -> None:
        """Let calls go through `call` from now on, which was chosen because of what `why` says.

        If that is final, what others needed goes.
        """
        self.call = call
        self.running.chosen = why
        if final:
            self.pool = self._pool_of(call)
            self.program = self.pool.program
            stay = [*self.pool.all()]
            for pool in self._pools:
                if pool not in stay:
                    pool.rest()
                    pool.program.chosen = ""        # which may refer to its call
            self._pools[:] = stay
            self._plans[:] = [self.plan] if self.program.plan is self.plan else [
                self.plan, self.program.plan
            ]  # fmt: skip
            self.memory = sum(pool.nbytes for pool in stay)
        self.plan_bytes = bytes_of(*self._plans) + self.watch.nbytes
        if (kept := self._kept()) is not None:
            kept.changed()
            kept.make_room(self)


class Cache:
    """What a function under `gg.jit` does where no call function of a plan does it.

    `calls` are those of the latest plans, and are kept up to date.
    """

    def __init__(
        self,
        f: Callable[..., object],
        engine: str,
        donate_argnums: tuple[int, ...],
        static_argnums: tuple[int, ...],
        static_argnames: tuple[str, ...],
        calls: list[Call],
        agree: Agree | None = None,
    ) -> None:
        # Not the `Jit` itself, which holds this: without cycles, memory is freed at once.
        self._f, self._engine = f, engine
        self._donated = donate_argnums
        self._static = static_argnums, static_argnames
        self._agree = agree
        self._name = getattr(self._f, "__name__", type(self._f).__name__)
        self.kept = Kept(self._name, calls)
        self._given_up = GivenUp(self._name)
        self._in_order = False                      # whether the order in memory counts

    def call(self, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        """A call for which none of the latest plans is: of another signature, or a new one."""
        known = None
        if not tracers:
            known = form(args, kwargs, self._static)
            entry = self.kept.by_form(known)
            if entry is not None:
                result = entry.call(args, kwargs)
                if result is not MISS:
                    self.kept.use(entry, known)
                    return result
        return self._by_trees(args, kwargs, known)

    def _by_trees(
        self, args: tuple[object, ...], kwargs: dict[str, object], known: Hashable
    ) -> object:
        """The first calls of a signature, and what needs conversion."""
        given = self._arguments(args, kwargs)
        with on(given.place):
            return self._on_its_device(given, known)

    def _on_its_device(self, given: Arguments, known: Hashable) -> object:
        if given.followed or tracer_here() is not None:
            if given.followed:                      # it is part of what a transform follows
                note_reason(self._name, _FOLLOWED)
            return self._inlined(given)
        if checks_here() is not None:
            note_reason(self._name, "ran op by op: gg.debug() looks at each")
            result = self._taking(given, self._op_by_op)
            self._given_up.spoil(compress(given.leaves, given.donated))
            return result
        entry = self.kept.entries.get(given.signature)
        if isinstance(entry, Compiled):
            result = entry.call(given.args, given.kwargs)
            if result is not MISS:
                self.kept.use(entry, known)
                return given.returned(result)
        try:
            result = self._taking(given, self._trace)
        except BelongsOutside:
            note_reason(self._name, _CLOSES_OVER)
            return self._inlined(given)
        return given.returned(result)

    def _taking(self, given: Arguments, run: Callable[[Arguments], object]) -> object:
        """What a run gives that takes what is given up to it, unless it fails."""
        arrays = [*compress(given.leaves, given.donated)]
        self._given_up.check(arrays)
        result = run(given)
        self._given_up.note(arrays)
        return result

    def _inlined(self, given: Arguments) -> object:
        """The call without a plan, as the function would run while it is traced."""
        args, kwargs = given.filled(given.handles())
        return self._f(*args, **kwargs)

    def _op_by_op(self, given: Arguments) -> object:
        """The call op by op, outside of all transforms."""
        begin_watching()
        with holding(within, given.namespace):
            out = self._inlined(given)
        check_data(self._f, given.args, given.kwargs, out)
        values = tree.map(lambda x: copied(x._value if isinstance(x, Tensor) else x), out)
        return given.returned(values)

    def compiled(self, args: tuple[object, ...], kwargs: dict[str, object]) -> Compiled:
        """The entry for these arguments, compiled if it is not yet.

        Raises `InvalidArgument` where calls make no plan.
        """
        if any(isinstance(x, Tensor) and isinstance(x._value, StandIn)
               for x in tree.leaves((args, kwargs))):  # fmt: skip
            raise InvalidArgument(
                f"a plan of {self._name} was asked for inside of a transform, where an argument "
                "stands for other arrays: ask for it outside, with arrays like these."
            )
        given = self._arguments(args, kwargs)
        with on(given.place):
            while True:
                entry = self.kept.entries.get(given.signature)
                if isinstance(entry, Compiled) and entry.watch.holds():
                    return entry
                try:
                    self._trace(given)
                except BelongsOutside:
                    raise InvalidArgument(
                        f"there is no plan of {self._name}: it closes over a Tensor that needs a "
                        "gradient, or one part of a batch, so calls of it run op by op. Make it "
                        "an argument."
                    ) from None

    def explained(self, args: tuple[object, ...], kwargs: dict[str, object]) -> str:
        """What runs for these arguments, as text."""
        from gpugrad.engines.explain import explain
        from gpugrad.tabular import Text

        return Text(explain(*self.described(args, kwargs)))

    def described(
        self, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> tuple[Program, int, list[str], str]:
        """What runs for these arguments.

        That is the program, of how many traced steps, the names of the leaves, and why they were
        traced again.
        """
        from gpugrad.transforms.jit.leaf_names import leaf_names

        entry = self.compiled(args, kwargs)
        names = leaf_names(self._f, self._arguments(args, kwargs))
        return entry.running, len(entry.traced.steps), names, entry.why

    def _arguments(self, args: tuple[object, ...], kwargs: dict[str, object]) -> Arguments:
        numbers, names = self._static
        given = Arguments(
            args,
            kwargs,
            donate_argnums=self._donated,
            static_argnums=numbers,
            static_argnames=names,
        )
        if self._in_order:
            given.in_order()
        return given

    def _trace(self, given: Arguments) -> object:
        """The result of a tracing run; the second one of a signature compiles it."""
        before = self.kept.begun(given.signature)
        first = before if isinstance(before, Trace) and before.holds() else None
        why = first.why if first is not None else self._why(given, before)
        again = f" again: {why}" if why and first is None else ""
        if again:
            note_reason(self._name, f"traced{again}")
        with noted(f"trace {self._name}{again}"):
            # In a context of its own, which ends with it whatever interrupts it.
            run = copy_context().run(trace, self._f, given)
        run.why = why
        tracer = run.tracer
        if tracer.asked_for_order and tracer.wrote and not self._in_order:
            self._in_order = True
            given.in_order()
            run.signature = given.signature
        entry: Compiled | Trace = run
        both = None if first is None else _merged(first, run)
        if first is not None and both is None:
            run.why = first.change_since()
            note_reason(self._name, f"traced again: {run.why}")
        if both is not None:
            with noted(f"compile {self._name}"):
                engine, name = self._engine, self._name
                entry = copy_context().run(
                    Compiled, given, both, run, engine, name, self.kept, self._given_up, self._agree
                )
        result, run.result = run.result, None       # which is the caller's
        self.kept.put(entry, before)
        return result

    def _why(self, given: Arguments, before: CompiledPlan | Trace | None) -> str:
        """Why the function is traced for these arguments, if it was traced before."""
        if before is not None:
            return before.change()
        dropped = self.kept.why_again(given.signature)
        known = list(self.kept.entries)[-LATEST:]
        if dropped or not known:
            return dropped
        # Imported now, because most functions are called with one kind of arguments.
        from gpugrad.transforms.jit.new_signature import difference

        return difference(self._f, given, known)


_FOLLOWED = "ran op by op: an argument needs a gradient, or is one part of a batch"
_CLOSES_OVER = "ran op by op: it closes over a Tensor that needs a gradient, or one part of a batch"


def _merged(first: Trace, run: Trace) -> Trace | None:
    """What two runs say together; `None` if they differ after an array outside did."""
    try:
        return first.merged(run)
    except ImpureFunction:
        if first.outside.holds():
            raise
        return None
