"""Random programs over the registered ops, and what must hold of each: however it is run, the same.

A program is data: inputs, and instructions on a growing list of values. Hypothesis draws it while
it runs eagerly, so that an instruction which the ops refuse is left out. `check` then runs it under
`gg.jit`, and its plan on every engine, with each pass left out in turn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from random import Random
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from op_cases import SPECIAL, Shape, cases
from rounding import largest

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.core.registry import all_ops, get_op
from gpugrad.engines import ALL, ENGINES
from gpugrad.engines import make_program as compiled
from gpugrad.errors import GpugradError
from gpugrad.plan import interpret
from gpugrad.plan.passes import NAMES, improve
from gpugrad.plan.plan import Plan
from gpugrad.transforms.jit.arguments import Arguments
from gpugrad.transforms.jit.traces import Trace, trace

DTYPES = ("float64", "float32", "float16", "complex64", "int64", "int8", "bool")
SHAPES = ((2, 3), (3,), (), (3, 4), (1, 3), (2, 1), (0, 3), (2, 3, 4), (1,))
LAYOUTS = ("plain", "plain", "transposed", "reversed", "strided", "readonly")
SPECIALS = (np.inf, -np.inf, np.nan, -0.0, 0.0, 1e-300, -1e30)
NUMBERS = (0, 1, 2, -1, True, 0.5, -0.0, 2.0, 1e3, float("inf"), 1j)

REFUSED = (
    GpugradError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError, Warning
)  # fmt: skip
"""What eager code raises for an instruction that makes no sense for its operands."""

NUMBER_TYPES = (bool, int, float, complex)

LARGEST = 600
"""Elements of the largest value that a program may make."""

TOLERANCES = {
    "float16": 4e-3, "float32": 3e-6, "float64": 1e-13, "complex64": 3e-6, "complex128": 1e-13,
}  # fmt: skip

MOST = int(os.environ.get("GPUGRAD_PROGRAMS", "0"))
"""How many programs to try, chosen anew each time, instead of the few that are always the same."""


def profile(examples: int, tests: int = 1) -> settings:
    """The same examples each time, unless more of them are asked for, by so many tests together."""
    return settings(
        max_examples=max(MOST // tests, 1) if MOST else examples,
        derandomize=not MOST,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


# Programs as data


@dataclass(frozen=True)
class Input:
    """An argument: an array of this kind, or a Python number where `number` names its type."""

    shape: tuple[int, ...] = ()
    dtype: str = "float64"
    layout: str = "plain"
    special: bool = False
    number: type | None = None

    def value(self, seed: int) -> Any:
        """A fresh value of this kind."""
        rng = np.random.default_rng(seed)
        if self.number is not None:
            return self.number(rng.integers(0, 3) if self.number in (bool, int) else rng.normal())
        if self.dtype == "bool":
            values = rng.integers(0, 2, self.shape).astype(bool)
        elif self.dtype.startswith("int"):
            values = rng.integers(-4, 5, self.shape).astype(self.dtype)
        else:
            values = self._floating(rng)
        return laid_out(values, self.layout)

    def _floating(self, rng: np.random.Generator) -> Any:
        values = np.asarray(rng.normal(size=self.shape))
        if self.dtype.startswith("complex"):
            values = values + 1j * rng.normal(size=self.shape)
        if self.special:
            chosen = rng.random(self.shape) < 0.3
            values = np.where(chosen, rng.choice(SPECIALS, self.shape), values)
        with np.errstate(all="ignore"):
            return np.asarray(values.astype(self.dtype))


def laid_out(values: Any, layout: str) -> Any:
    """An array of equal values that lies in memory otherwise."""
    if layout == "transposed":
        return np.array(values.T, order="C").T
    if layout == "reversed" and values.ndim:
        return np.array(values[::-1])[::-1]
    if layout == "strided" and values.ndim:
        wide = np.zeros((*values.shape[:-1], 2 * values.shape[-1]), values.dtype)
        wide[..., ::2] = values
        return wide[..., ::2]
    values = np.array(values)
    values.flags.writeable = layout != "readonly"
    return values


Disturb = Callable[[Any], Any]
"""Moves an operand by roundings of its largest element."""


@dataclass(frozen=True)
class Ref:
    """The value of that number, brought to a shape and into a range if these are given."""

    number: int
    shape: tuple[int, ...] | None = None
    bounds: tuple[int, int] | None = None

    def read(self, values: list[Any]) -> Any:
        x = values[self.number]
        if self.shape is not None and np.shape(x) != self.shape:
            size = int(np.prod(self.shape))
            flat = gg.reshape(gg.asarray(x), (-1,))
            x = gg.reshape(flat[np.arange(size) % max(flat.size, 1)], self.shape)
        if self.bounds is not None:
            x = gg.clip(x, *self.bounds)
        return x


@dataclass(frozen=True)
class Apply:
    """An op applied to operands: references, numbers, arrays, or tuples of these."""

    op: str
    operands: tuple[Any, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    outside: bool = False                           # by NumPy's function, not gpugrad's

    def run(self, values: list[Any], disturb: Disturb | None = None) -> list[Any]:
        disturb = disturb if self.op in MEETING else None
        operands = [_read(x, values, disturb) for x in self.operands]
        _refuse_numbers(operands)
        function = getattr(np, self.op) if self.outside else get_op(self.op).function
        y = function(*operands, **self.settings)
        # Of raw arrays alone it is raw; here and under gg.jit, a program goes on with Tensors.
        return [gg.asarray(part) for part in (y if isinstance(y, tuple | list) else [y])]


@dataclass(frozen=True)
class Update:
    """An update in place: `t += v` and the like, or `t[key] = v` where there is a key."""

    how: str
    target: int
    value: Any
    key: Any = None

    def run(self, values: list[Any]) -> list[Any]:
        target, value = values[self.target], _read(self.value, values)
        if self.key is None:
            method = getattr(type(target), self.how)
            values[self.target] = method(target, value)
            return []
        target[_read(self.key, values)] = value
        return []


@dataclass(frozen=True)
class Operator:
    """A Python operator between values and numbers, as in `lr ** 2` or `1 / n`."""

    symbol: str
    a: Any
    b: Any

    def run(self, values: list[Any]) -> list[Any]:
        a, b = _read(self.a, values), _read(self.b, values)
        if self.symbol == "pow":
            _refuse_numbers([a, b])
        return [getattr(import_module("operator"), self.symbol)(a, b)]


@dataclass(frozen=True)
class Gradient:
    """`value_and_grad` of a number that `inner` makes, by some of the values."""

    inner: tuple[Any, ...]
    by: tuple[int, ...]
    squared: bool

    def run(self, values: list[Any], disturb: Disturb | None = None) -> list[Any]:
        def loss(*chosen: Any) -> Any:
            own = list(values)
            for number, x in zip(self.by, chosen, strict=True):
                own[number] = x
            results: list[Any] = []
            for instruction in self.inner:
                made = _run(instruction, own, disturb)
                own += made
                results += made
            total: Any = _sum(chosen[0] * 0.5, disturb)
            for y in results[-2:]:
                if y.dtype.kind in "fc":
                    total = total + _sum(gg.real(y * y if self.squared else y), disturb)
            return gg.real(total)

        value, gradients = gg.value_and_grad(loss, self.by_places())(
            *(values[number] for number in self.by)
        )
        return [value, *gradients]

    def by_places(self) -> tuple[int, ...]:
        return tuple(range(len(self.by)))


def _sum(x: Any, disturb: Disturb | None) -> Any:
    """The sum, rounded as its own dtype is: a wider one may be added to it."""
    total = gg.sum(x)
    return total if disturb is None else disturb(total)


def _refuse_numbers(operands: Sequence[Any]) -> None:
    """Keeps programs from what is one thing for numbers and another for arrays: `gg.sqrt(0.5)` is
    an array, under `gg.jit` a number; `(-1.0) ** 0.5` is complex."""
    if all(type(x) in NUMBER_TYPES for x in operands):
        raise TypeError("only numbers")


def _read(x: Any, values: list[Any], disturb: Disturb | None = None) -> Any:
    if isinstance(x, Ref):
        return x.read(values) if disturb is None else disturb(x.read(values))
    if isinstance(x, tuple) and not isinstance(x, Shape):
        return tuple(_read(part, values, disturb) for part in x)
    return x


def _run(instruction: Any, values: list[Any], disturb: Disturb | None) -> list[Any]:
    """What an instruction makes; ops in which elements meet get their operands from `disturb`."""
    if isinstance(instruction, Apply | Gradient):
        return instruction.run(values, disturb)
    return instruction.run(values)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Program:
    """Inputs and instructions; the result is every value, in order."""

    inputs: tuple[Input, ...]
    instructions: tuple[Any, ...]

    def __call__(self, *arguments: Any) -> list[Any]:
        values = list(arguments)
        for instruction in self.instructions:
            values += instruction.run(values)
        return values

    def arguments(self, seed: int) -> list[Any]:
        """Fresh arguments."""
        return [x.value(100 * seed + i) for i, x in enumerate(self.inputs)]


# Drawing


LEFT_OUT = (
    "batch_enter", "batch_leave", "batch_spread", "batch_sum",
    "cofactor", "eig", "eigh", "eigvals", "full_svd", "complete_qr", "inv", "matrix_rank", "move",
    "nonzero", "pinv",
    "repeated_places", "set_at", "set_in_view", "slogdet", "solve", "svd", "unique_places",
)  # fmt: skip
"""Ops whose results have a shape that no plan can know, those that make something large of the
rounding of their operands, and two that say the same as others.
"""

MEETING = frozenset(
    "cholesky cofactor_slope det eigvalsh expm fft_fft fft_ifft fft_irfft fft_irfft_transposed "
    "fft_rfft fft_rfft_transposed nuclear_norm full_convolution log_softmax polar_factor qr "
    "softmax solve_triangular svdvals valid_correlation".split()
)
"""Ops in which elements meet and leave roundings of the largest in all results. Sums and products
are not among them: there each term that is disturbed disturbs what it meets. Of the two softmaxes,
it is in the gradients that elements meet: one less their sum, which is close to it.
"""

OPS = tuple(
    sorted(
        op.name
        for op in all_ops()
        if op.forward.__module__.startswith("gpugrad.") and op.name not in LEFT_OUT
    )
)
REDUCTIONS = ("sum", "mean", "max", "min", "logsumexp", "softmax", "log_softmax", "all", "any",
              "argmax", "argmin")  # fmt: skip
OPERATORS = ("add", "sub", "mul", "truediv", "pow", "lt", "ge", "eq")


def programs(most: int = 8) -> st.SearchStrategy[Program]:
    """Programs that eager code accepts, all ops equally often."""
    return st.randoms(use_true_random=True).map(lambda choose: _program(choose, most))


def _program(choose: Random, most: int) -> Program:
    program = Program(tuple(_input(choose) for _ in range(choose.randint(1, 4))), ())
    with np.errstate(all="ignore"):
        values = lifted(program.arguments(0))
        length = choose.randint(1, most)
        for _ in range(4 * length):
            instruction = _instruction(choose, values)
            # Tried on values of its own, because it may fail half-way, with an update done.
            trial = Program(program.inputs, (*program.instructions, instruction))
            try:
                made = trial(*lifted(program.arguments(0)))
            except REFUSED:
                continue
            if all(np.size(x) <= LARGEST for x in made):
                program, values = trial, made
            if len(program.instructions) == length:
                break
    return program


def _input(choose: Random) -> Input:
    if choose.random() < 0.2:
        return Input(number=choose.choice([float, int, bool, complex]))
    return Input(
        choose.choice(SHAPES),
        choose.choice(DTYPES),
        choose.choice(LAYOUTS),
        choose.random() < 0.4,
    )


def _instruction(choose: Random, values: list[Any], nested: bool = False) -> Any:
    kind = choose.choice(["apply"] * 6 + ["operator"] * 2 + ["update", "assign", "gradient"])
    if kind == "operator":
        operands = [Ref(_number(choose, values)), _operand(choose, values)]
        choose.shuffle(operands)
        return Operator(choose.choice(OPERATORS), *operands)
    if kind == "update":
        how = choose.choice(["__iadd__", "__isub__", "__imul__", "__itruediv__"])
        return Update(how, _number(choose, values), _operand(choose, values))
    if kind == "assign":
        target, value = _number(choose, values), _operand(choose, values)
        return Update("", target, value, _key(choose, values, target, value))
    floating = [i for i, x in enumerate(values) if getattr(x, "dtype", np.dtype(int)).kind == "f"]
    if kind == "gradient" and floating and not nested:
        return _gradient(choose, values, floating)
    return _application(choose, values)


def _gradient(choose: Random, values: list[Any], floating: list[int]) -> Gradient:
    by = choose.sample(floating, min(len(floating), choose.randint(1, 2)))
    inner, known = [], list(values)
    for _ in range(choose.randint(1, 4)):
        instruction = _instruction(choose, known, nested=True)
        try:
            known += instruction.run(known)
        except REFUSED:
            continue
        inner.append(instruction)
    return Gradient(tuple(inner), tuple(by), choose.random() < 0.5)


def _application(choose: Random, values: list[Any]) -> Apply:
    name = choose.choice(OPS)
    if name in REDUCTIONS:
        i = _number(choose, values)
        settings: dict[str, Any] = {
            "axis": choose.choice([None, *range(-1, max(np.ndim(values[i]), 1))])
        }
        if "softmax" not in name:
            settings["keepdims"] = choose.random() < 0.5
        return Apply(name, (Ref(i),), settings)
    if name not in SPECIAL:
        first = Ref(_number(choose, values))
        rest = [_operand(choose, values) for _ in get_op(name).arrays[1:]]
        return Apply(name, (first, *rest), {}, hasattr(np, name) and choose.random() < 0.25)
    case = choose.choice(cases(name))
    return Apply(name, tuple(_fitting(choose, x, values) for x in case.operands), case.settings)


def _number(choose: Random, values: list[Any]) -> int:
    """The number of a value, more often a late one."""
    first = choose.choice([0, max(len(values) - 3, 0)])
    return choose.randrange(first, len(values))


def _operand(choose: Random, values: list[Any]) -> Any:
    """A value or a number."""
    if choose.random() < 0.3:
        return choose.choice(NUMBERS)
    return Ref(_number(choose, values))


def _fitting(choose: Random, wanted: Any, values: list[Any]) -> Any:
    """What can stand where a case has `wanted`: a value brought to its shape, or that itself."""
    if isinstance(wanted, Shape):
        like = [i for i, x in enumerate(values) if np.shape(x) == tuple(wanted)]
        if like and choose.random() < 0.5:
            return Ref(choose.choice(like), tuple(wanted))
        return Ref(_number(choose, values), tuple(wanted))
    if isinstance(wanted, tuple):
        return tuple(_fitting(choose, part, values) for part in wanted)
    whole = [i for i, x in enumerate(values) if getattr(x, "dtype", None) == np.int64]
    if isinstance(wanted, np.ndarray) and wanted.dtype.kind == "i" and wanted.size and whole:
        if choose.random() < 0.5:                   # no places, no bounds: an empty one stays
            bounds = (int(wanted.min()), int(wanted.max()))
            return Ref(choose.choice(whole), wanted.shape, bounds)
    return wanted


def _key(choose: Random, values: list[Any], target: int, value: Any) -> Any:
    length = np.shape(values[target])[:1]
    keys: list[Any] = [(), (...,), (slice(None, None, -1),), (slice(1, None),), (0,), (-1,)]
    if length and length[0]:
        keys.append((np.array([0, length[0] - 1, 0]),))
        keys += [
            (Ref(i, (2,), (0, length[0] - 1)),)
            for i, x in enumerate(values)
            if getattr(x, "dtype", None) == np.int64
        ]
    keys += [                                       # masks: for a number, whose gradient none asks
        (Ref(i),)
        for i, x in enumerate(values)
        if getattr(x, "dtype", None) == np.bool_ and np.shape(x) == np.shape(values[target])
        and not isinstance(value, Ref)
    ]
    return choose.choice(keys)


# Running


def lifted(arguments: Sequence[Any]) -> list[Any]:
    """Arguments as a recorded function sees them: arrays as Tensors, which protect the user's."""
    return [gg.tensor(x) if isinstance(x, np.ndarray) else x for x in arguments]


def eager(program: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
    """What the function gives without `gg.jit`, as arrays and numbers."""
    with np.errstate(all="ignore"):
        return [_plain(y) for y in program(*lifted(arguments))]


def _plain(y: Any) -> Any:
    return np.array(y.value) if isinstance(y, gg.Tensor) else y


def engines() -> list[str]:
    """The reference, and every engine of `gg.jit` that can run here."""
    return ["reference", *(name for name in ENGINES if name != "auto" and ALL[name].is_there)]


def execute(plan: Plan, arguments: Sequence[Any], engine: str) -> list[Any]:
    """The outputs of `plan` on `engine`; arguments in the order of its inputs."""
    arrays = [np.array(x) for x in arguments]
    if engine == "reference":
        return interpret.run(plan, arrays, numpy_namespace)
    instance = compiled(plan, engine).instance()
    given = dict(zip(plan.inputs, arrays, strict=True))
    for place, (slot, _) in zip(instance.donated, plan.donated, strict=True):
        place[...] = given.pop(slot)
    rest = iter(instance.run(*given.values()))
    outputs = [output for _, output in plan.donated]
    replaced = dict(zip(outputs, instance.donated, strict=True))
    return [replaced.pop(slot) if slot in replaced else next(rest) for slot in plan.outputs]


Improve = Callable[..., Plan]
"""`improve`, or another in its place."""


def check(program: Program, engine: str = "numpy") -> None:
    """Raises `AssertionError` unless the program gives the same however it is called."""
    for donate in ((), tuple(range(len(program.inputs)))):
        _check_jit(program, donate, engine)


def check_plans(
    program: Program, engines: Sequence[str] = ("reference", "numpy"), improved: Improve = improve
) -> None:
    """Raises `AssertionError` unless its plans give that, with all passes and without each."""
    entry = _entry(program)
    captured = [array for _, array in entry.captured]
    for seed in (0, 1):
        arguments = program.arguments(seed)
        wanted = _wanted(program, arguments)
        if wanted is None:
            continue
        for without in ((), *((name,) for name in NAMES), NAMES):
            plan = improved(entry.plan, without=without)
            for engine in engines:
                with np.errstate(all="ignore"):
                    found = execute(plan, [*arguments, *captured], engine)
                for y, place in zip(found, entry.places, strict=True):
                    how = f"{engine} without {without}"
                    _same(y, wanted[place], program, arguments, place, how)


@dataclass
class _Entry:
    plan: Plan
    captured: list[Any]
    places: list[int]                               # of the plan's outputs among the results


def _recorded(f: Callable[..., Any], arguments: Sequence[Any]) -> Trace:
    given = Arguments(
        tuple(arguments), {}, donate_argnums=(), static_argnums=(), static_argnames=()
    )
    with np.errstate(all="ignore"):
        first, again = (trace(f, given) for _ in range(2))
    return first.merged(again)


def plan_of(f: Callable[..., Any], arguments: Sequence[Any]) -> Plan:
    """The plan of a function as it was recorded, before any pass."""
    return _recorded(f, arguments).plan([])


def _entry(program: Program) -> _Entry:
    merged = _recorded(program, program.arguments(0))
    places = [i for i, traced in enumerate(merged.traced) if traced]
    return _Entry(merged.plan([]), merged.tracer.captured, places)


def _wanted(program: Program, arguments: Sequence[Any]) -> list[Any] | None:
    """The eager results; `None` where the ops refuse these values."""
    try:
        return eager(program, arguments)
    except REFUSED:
        return None


def _check_jit(program: Program, donate: tuple[int, ...], engine: str) -> None:
    step = gg.jit(program, donate_argnums=donate, engine=engine)
    for call, seed in enumerate((0, 0, 0, 1, 2)):
        arguments = program.arguments(seed)
        wanted = _wanted(program, arguments)
        if wanted is None:
            continue
        given = program.arguments(seed)
        with np.errstate(all="ignore"):
            found = step(*given)
        assert len(found) == len(wanted)
        for i, (mine, theirs) in enumerate(zip(found, wanted, strict=True)):
            _same(mine, theirs, program, arguments, i, f"call {call}, donated {donate}")
        _check_owned(found, given)
        if not donate:
            for kept, before in zip(given, arguments, strict=True):
                np.testing.assert_array_equal(kept, before, "an argument was written to")


def _check_owned(found: list[Any], given: list[Any]) -> None:
    """Results are the caller's own: writable, and apart from each other and the arguments."""
    arrays = [y for y in found if isinstance(y, np.ndarray)]
    for i, y in enumerate(arrays):
        assert y.flags.writeable
        others = [*arrays[:i], *(x for x in given if isinstance(x, np.ndarray))]
        assert not any(np.may_share_memory(y, x) for x in others), f"result {i} is aliased"


def _same(mine: Any, theirs: Any, program: Program, arguments: Any, place: int, how: str) -> None:
    a, b = np.asarray(mine), np.asarray(theirs)
    kinds = [f"{x.dtype}{list(x.shape)}" for x in (a, b)]
    assert kinds[0] == kinds[1], f"{how}, result {place}: {kinds[0]}; wanted {kinds[1]}"
    if _close(a, b, 0.0):
        return
    # Rounding may be magnified. How much is measured: by runs in which each value is disturbed.
    with np.errstate(all="ignore"):
        spread = _spread(program, arguments, place, b)
        assert _close(a, b, spread), f"{how}, result {place}: {a}; wanted {b}"


def _close(a: Any, b: Any, spread: Any) -> bool:
    tolerance = TOLERANCES.get(b.dtype.name)
    if tolerance is None:
        return bool(np.all((a == b) | (spread != 0)))
    with np.errstate(all="ignore"):
        scale = np.abs(b[np.isfinite(b)]).max(initial=0)
        near = np.abs(a - b) <= tolerance * np.maximum(np.abs(b), 1e-3 * scale) + 30 * spread
        same = (a == b) | (np.isnan(a) & np.isnan(b)) | np.isinf(spread)
        if b.dtype.kind == "c":
            same |= ~np.isfinite(a) & ~np.isfinite(b)
    return bool(np.all(near | same))


def _spread(program: Program, arguments: Any, place: int, wanted: Any) -> Any:
    """How far the result moves when every value on the way is disturbed in its last bits."""
    farthest = np.zeros(wanted.shape)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        values = [_disturbed(x, rng) for x in lifted(arguments)]
        for instruction in program.instructions:
            values += _disturbed_run(instruction, values, rng)
        found = np.asarray(_plain(values[place])).astype(complex)
        moved = np.abs(found - wanted)
        stays = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
        # What is NaN or infinite either way is certain; where only one is, it may be anything.
        moved = np.where(stays, 0, np.where(np.isfinite(moved), moved, np.inf))
        farthest = np.maximum(farthest, moved)
    return farthest


def _disturbed_run(instruction: Any, values: list[Any], rng: np.random.Generator) -> list[Any]:
    """The results, disturbed; where elements meet, as a stable algorithm disturbs them.

    It is right for operands that are off by roundings of their largest element, and what it gives
    is off by such a rounding too: beside a large singular value, a small one is rounding alone.
    Each element of such an operand is off in a way of its own, also where all are one number.
    """

    def disturb(x: Any) -> Any:
        return _disturbed(x, rng, meeting=True)

    meeting = bool(set(ops_of(instruction)) & MEETING)
    return [_disturbed(y, rng, meeting) for y in _run(instruction, values, disturb)]


def ops_of(x: Any) -> Iterator[str]:
    """The names of the ops that instructions apply."""
    if isinstance(x, Apply):
        yield x.op
    elif isinstance(x, Program | Gradient):
        for instruction in x.instructions if isinstance(x, Program) else x.inner:
            yield from ops_of(instruction)


def _disturbed(x: Any, rng: np.random.Generator, meeting: bool = False) -> Any:
    """A floating value off by 1 to 2 roundings of each element, or of the largest if elements meet.

    These are of unlike sizes, or they would cancel where equal elements do.
    """
    if not isinstance(x, gg.Tensor) or x.dtype.kind not in "fc":
        return x
    shape = np.shape(x)
    roundings = np.finfo(x.dtype).eps * rng.choice([-1, 1], shape) * rng.uniform(1, 2, shape)
    if meeting:
        return x + (roundings * largest(x.value)).astype(x.dtype)
    return x * (1 + roundings).astype(x.dtype)
