"""The tracer: notes each primitive that a function reaches while it runs with real values.

A traced array stands for a slot of the plan that grows. Because it carries its value too, shapes
and dtypes need no rules, and the tracing run already gives the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    NoReturn,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeVar,
)

import numpy as np

from gpugrad.backends import (
    Batched,
    Namespace,
    StandIn,
    kind_of,
    namespace_of,
    no_numbers,
    one_library,
)
from gpugrad.context import called_holding, holding, listed
from gpugrad.errors import LeakedValue, MixedBackends, TrackedConversion, UnsupportedOperand
from gpugrad.garbage import collector_at_rest
from gpugrad.graph import Edge, is_recording, now
from gpugrad.settings import settled
from gpugrad.tracing.deferred import Deferred
from gpugrad.tracing.frames import OURS, program_line
from gpugrad.types import Array, DType, DTypeLike, Shape, Value

if TYPE_CHECKING:
    from gpugrad.plan.plan import Constant, Settings, Slot, Step

P = ParamSpec("P")
R = TypeVar("R")

_active: ContextVar[Tracer | None] = ContextVar("gpugrad_tracer", default=None)

Standing: TypeAlias = Callable[[Array], Array]
"""Says what stands now for the value of a Tensor."""

_standing_in: ContextVar[Standing | None] = ContextVar("gpugrad_standing", default=None)

tracers: list[object] = []
"""What looks on while ops run, in any thread: tracers, and the checks of `gg.debug`. It is empty
almost always, which is cheap to see."""

_KINDS = {"b": bool, "i": int, "u": int, "f": float, "c": complex}


class Traced(StandIn):
    """An array that is being traced: its value in this run, and its slot in the plan.

    `held` is the value as it is there: it may be a `Deferred` one, which `value` makes. `weak` is
    the type of a Python number that it stands for: such a one takes the dtype of the
    arrays beside it. Its operators are those of the tracing namespace.
    """

    __slots__ = ("held", "slot", "tracer", "weak")

    home: ClassVar[Namespace]                        # the namespace, which puts itself here

    __array_priority__ = 500                        # above arrays, below Tensors

    def __init__(
        self, tracer: Tracer, slot: int, value: Array | Deferred, weak: type | None
    ) -> None:
        self.tracer = tracer
        self.slot = slot
        self.held = value
        self.weak = weak

    @property
    def value(self) -> Array:  # type: ignore[override]  # of others it is an attribute
        if type(self.held) is Deferred:
            self.held = self.held.array()
        return self.held  # type: ignore[return-value]  # which is no `Deferred` one

    @property
    def shape(self) -> Shape:
        return self.held.shape

    @property
    def dtype(self) -> DType:
        return self.held.dtype

    @property
    def ndim(self) -> int:
        return self.held.ndim

    @property
    def size(self) -> int:
        return self.held.size

    def __array_namespace__(self, *, api_version: str | None = None) -> Namespace:
        return self.home

    # What looks at a value would be fixed in the plan.

    def refusal(self, what: str) -> Exception:
        return TrackedConversion(
            f"{program_line()}: {what} of a value that gg.jit traces. A traced function runs again "
            "for other values of the same shapes, so what it does may not depend on them. Choose "
            "between values with gg.where, between computations with gg.cond, loop with gg.scan; "
            "or name an argument that decides something in static_argnums."
        )

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TrackedConversion(
            f"{user_line()}: a forward or rule looks at a value while it is traced: it may use "
            "shapes, dtypes and settings, and the functions of `xp`."
        )

    __array__ = __bool__ = __complex__ = __float__ = __index__ = __int__ = _refuse

    def __repr__(self) -> str:
        return f"<Traced %{self.slot} {self.dtype}{list(self.shape)}>"


class Handle(Protocol):
    """What a trace needs of a Tensor."""

    _value: Array
    _edge: Edge | None


class BelongsOutside(Exception):
    """The function closes over what a transform around it follows, and a plan would lose.

    That is a Tensor that needs a gradient, or a part of a batch.
    """


class Tracer:
    """What was traced so far: slots, steps, and the arrays that came from outside.

    `base` is the namespace that computes. `captured` are raw arrays that the function met and that
    are no arguments; `handles` the objects, such as Tensors, from which to read some of them. A
    tracer inside another one, its `parent`, captures traced arrays of that one too. `began` is
    when the outermost of them did, by the numbers of nodes.
    """

    def __init__(self, base: Namespace, parent: Tracer | None = None) -> None:
        self.base = base
        self.device = base.device                   # for which plans are made
        self.parent = parent
        self.began: int = now() if parent is None else parent.began
        # Imported now, because most programs trace nothing.
        from gpugrad.plan import plan

        self._plan = plan
        self.slots: list[Slot] = []
        self.steps: list[Step] = []
        self.inputs: list[int] = []
        self.constants: dict[int, Constant] = {}
        self.captured: list[tuple[int, Array]] = []
        self.scalars: list[np.generic] = []         # of NumPy, that were met as numbers
        self.ranges: dict[int, tuple[int, int]] = {}        # of slots that are integers of Python
        # By the identity of the array.
        self.handles: dict[int, Handle] = {} if parent is None else parent.handles
        # What shapes depend on of arrays from outside, by their identity: how many elements of a
        # mask are true, or what all elements are.
        self.counts: dict[int, int] = {} if parent is None else parent.counts
        self.read: dict[int, Array] = {} if parent is None else parent.read
        # Captured arrays by their identity, or those of the parent by their slots there.
        self._known: dict[int, Traced] = {}
        self.buffers: set[int] = set()              # slots whose values were made to be updated
        self._literals: dict[Constant, Traced] = {}
        # Where it asked for one and wrote as well, the plan depends on the order in memory.
        self.asked_for_order = self.wrote = False

    def slot(self, value: Array | Deferred, weak: type | None = None) -> Traced:
        """A new slot for an array of the base namespace."""
        if value.dtype.kind not in _KINDS and kind_of(value.dtype) not in _KINDS:
            error = no_numbers(value, f"{program_line()}: under gg.jit, ")
            raise UnsupportedOperand(
                f"{error} What decides something may be named in static_argnums, as a tuple."
            )
        self.slots.append(self._plan.Slot(tuple(value.shape), np.dtype(value.dtype)))
        return Traced(self, len(self.slots) - 1, value, weak)

    def input(self, value: Array, weak: type | None = None) -> Traced:
        """A slot that each call fills."""
        traced = self.slot(value, weak)
        self.inputs.append(traced.slot)
        return traced

    def literal(self, value: Value | np.generic, dtype: DTypeLike | None = None) -> Traced:
        """A constant slot with the number or small array `value`."""
        if isinstance(value, np.generic):
            self.scalars.append(value)
        array = np.asarray(value, dtype)
        constant = self._plan.Constant.of(array)
        found = self._literals.get(constant)
        if found is None:
            found = self._literals[constant] = self.slot(self.base.asarray(array))
            self.constants[found.slot] = constant
        return found

    def meet(self, array: Array, handle: Handle) -> None:
        """Note that `array` is the value of a Tensor, from outside where later calls find it.

        What is being traced, or one part of a batch that is, is of no interest.
        """
        if isinstance(array, StandIn):
            if type(array) is Batched and not self.holds_part(array):
                raise BelongsOutside
            return
        if handle._edge is not None and is_recording():
            raise BelongsOutside
        self.handles[id(array)] = handle

    def holds_part(self, x: Batched) -> bool:
        """Whether `x` is one part of a batch that begins inside: it stands for what is traced."""
        return x.level.order >= self.began

    def opened(self, handle: Handle) -> Traced:
        """The value of a Tensor as a traced array, also of one from outside."""
        self.meet(handle._value, handle)
        return self.traced(handle._value)

    def capture(self, array: Array) -> Traced:
        """The slot of a raw array that is no argument: it is read anew at each call."""
        if self.parent is not None:
            return self._from_outside(self.parent.traced(array))
        known = self._known.get(id(array))
        if known is None:
            self._check_place(array)
            known = self._known[id(array)] = self.slot(array)
            self.captured.append((known.slot, array))
        return known

    def _check_place(self, array: Array) -> None:
        """Refuse an array on another device than that of the plan, which would read it here."""
        place = self.base.device_of(array)
        if place != self.device:
            raise MixedBackends(
                f"{user_line()}: an array of shape {array.shape} on {place}, which is no argument, "
                f"was met while tracing for {self.device}. A function under gg.jit runs on the "
                "device of its array arguments or, without any, on the current one: make the array "
                "an argument, move it first, for example with "
                f"`t.to_device({self.device!r})`, or call the function inside of "
                f"`with cupy.cuda.Device({place.partition(':')[2]}):`."
            )

    def captured_as(self, x: Traced) -> Array | None:
        """The raw array from outside of all traces that `x` stands for, if it is one."""
        found = next((array for slot, array in self.captured if slot == x.slot), None)
        return found.tracer.captured_as(found) if type(found) is Traced else found

    def holds(self) -> bool:
        """Whether shapes would be the same if it ran again now."""
        return not self.change()

    def change(self) -> str:
        """What is another one of an array outside on which shapes depend; empty if nothing is."""
        for slot, array in self.captured:
            handle, slot_before = self.handles.get(id(array)), self.slots[slot]
            now = array if handle is None else handle._value
            if now.shape != slot_before.shape:
                shape = ", ".join(map(str, now.shape))
                return f"an array outside was {slot_before} and is {now.dtype}[{shape}]"
            count, values = self.counts.get(id(array)), self.read.get(id(array))
            if count is not None and (n := self.base.count_nonzero(now)) != count:
                return f"{count} elements of a mask outside were true, and {n} are"
            if values is not None and not self.base.all(now == values):
                return "elements of an array outside, on which shapes depend, have changed"
        return ""

    def end(self) -> None:
        """Let go of the traced arrays, which refer to this."""
        self._known.clear()
        self._literals.clear()

    def traced(self, x: Any) -> Traced:
        """`x` as a traced array of this trace."""
        if type(x) is not Traced:
            if isinstance(x, np.generic):
                return self.literal(x)
            if type(x) is Batched:
                raise BelongsOutside
            if namespace_of(x) is not self.base:
                library = type(x).__module__.partition(".")[0]
                raise MixedBackends(
                    f"{program_line()}: an array of {library} (shape {x.shape}) was met while "
                    f"tracing with {self.base.name}. {one_library(library)}"
                )
            return self.capture(x)
        return x if x.tracer is self else self._from_outside(x)

    def _from_outside(self, x: Traced) -> Traced:
        """`x` of an enclosing trace: a constant there is one here, the rest is captured."""
        if not self._is_inside(x.tracer):
            now = stands_for(x)
            if now is x:
                raise leaked()
            return self.traced(now)
        assert self.parent is not None
        x = self.parent.traced(x)                   # in one way only, so that it has one slot
        constant = self.parent.constants.get(x.slot)
        if constant is not None:
            known = self.literal(constant.array())
        else:
            found = self._known.get(x.slot)
            if found is None:
                found = self._known[x.slot] = self.slot(x.value)
                self.captured.append((found.slot, x))
            known = found
        return Traced(self, known.slot, known.value, x.weak)

    def _is_inside(self, other: Tracer) -> bool:
        found = self.parent
        while found is not None and found is not other:
            found = found.parent
        return found is not None

    def emit(
        self,
        op: str,
        inputs: tuple[Traced, ...],
        value: Array | Deferred,
        settings: Settings = (),
    ) -> Traced:
        """Note a step with one result, of that value."""
        result = self.slot(value)
        slots = tuple([x.slot for x in inputs])
        settings = _with_keys(settings)
        self.steps.append(self._plan.Step(op, slots, (result.slot,), settings, (), user_line()))
        return result

    def emit_several(
        self,
        op: str,
        inputs: tuple[Traced, ...],
        values: tuple[Array, ...],
        settings: Settings = (),
    ) -> tuple[Traced, ...]:
        """Note a step with several results."""
        results = tuple(self.slot(value) for value in values)
        slots, outputs = tuple(x.slot for x in inputs), tuple(x.slot for x in results)
        settings = _with_keys(settings)
        self.steps.append(self._plan.Step(op, slots, outputs, settings, (), user_line()))
        return results


_KEYS = frozenset(("key", "views"))
"""Settings that hold index keys."""


def _with_keys(settings: Settings) -> Settings:
    """Settings whose index keys hold Python's numbers, also in slices."""
    return tuple([(name, settled(x) if name in _KEYS else x) for name, x in settings])


def active() -> Tracer:
    """The tracer at work here; raises `LeakedValue` if there is none."""
    found = _active.get()
    if found is None:
        raise leaked()
    return found


def leaked() -> LeakedValue:
    """The error for a traced array that outlived its trace."""
    return LeakedValue(
        "a value of a function under gg.jit was used after that call, or in another one: such "
        "values live only while the function runs. Return what is needed outside, and do not "
        "store it in a global, an attribute or a list."
    )


@contextmanager
def tracing(tracer: Tracer) -> Iterator[None]:
    """Inside, in this thread or task, ops are noted by `tracer`."""
    try:
        with collector_at_rest(), holding(_active, tracer), listed(tracers, tracer):
            yield
    finally:
        tracer.end()


@contextmanager
def standing_in(value: Standing) -> Iterator[None]:
    """Inside, a function may use values of a part of the program that is being made again.

    `value` says what stands now for such a one.
    """
    before = _standing_in.get()
    with holding(_standing_in, value if before is None else lambda x: before(value(x))):
        yield


standing = _standing_in.get
"""What `standing_in` says at the moment, if anything."""


def stands_for(x: Array) -> Array:
    """What stands now for the value of a Tensor; most often itself."""
    value = _standing_in.get()
    return x if value is None else value(x)


def tracer_here() -> Tracer | None:
    """The tracer at work in this thread or task, if any."""
    return _active.get() if tracers else None


def untraced(f: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """`f(*args, **kwargs)` as where no tracer is at work: what it calls computes with values."""
    return called_holding(_active, None, f, *args, **kwargs)


def weak_type(dtype: DType) -> type:
    """The Python number type of a dtype."""
    return _KINDS[kind_of(dtype)]


def user_line() -> str:
    """Where the code outside of gpugrad is at the moment, as `file:line`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(OURS):
            return f"{name}:{frame.f_lineno}"
        frame = frame.f_back
    return ""
