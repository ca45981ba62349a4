"""Gradients of random programs, and of every op at random operands, against finite differences.

Each is judged by direct and planned sweeps and under `gg.jit`, at a point in double precision; what
holds of every gradient (kind, memory, what is left after an error) also in the dtypes as drawn.
`GPUGRAD_PROGRAMS=5000` runs that many of each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from random import Random
from typing import Any

import numpy as np
import pytest
from differences import Trial
from hypothesis import given
from hypothesis import strategies as st
from op_cases import OF_BATCHES, ONCE, SPECIAL, Case, Shape, cases, is_inexact
from programs import (
    LAYOUTS,
    REFUSED,
    Apply,
    Gradient,
    Operator,
    Program,
    laid_out,
    lifted,
    profile,
    programs,
)
from thresholds import SHARES, lowered

import gpugrad as gg
from gpugrad import tree
from gpugrad.core.op import op
from gpugrad.core.registry import all_ops, get_op
from gpugrad.errors import GraphFreed, NotDifferentiable
from gpugrad.sweep import planned

DOUBLE = {"float16": "float64", "float32": "float64", "complex64": "complex128"}

MEETINGS = {"direct": inf, "planned": 1}

FLAT = ("host_call", "nextafter", "sign")
"""Ops that change with their operand (`sign` if it is complex) and count as constants all the same:
the rule of what is called by `gg.host` stands around the op.
"""


OPEN = ("cofactor", "det", "pow", "power")
"""Ops whose gradients may be NaN where they are finite: of singular matrices, to second order; by
the exponent of a negative base; by a base to an infinite power.
"""


NO_GRADIENT = (GraphFreed, NotDifferentiable, np.linalg.LinAlgError)
"""What a sweep raises where there is none: a program wrote into what is outside of a `Gradient` in
it, or floating numbers into integers, or has no inverse.
"""


@contextmanager
def sweeping(how: str) -> Iterator[None]:
    """Inside, all sweeps are direct ones, or all planned ones."""
    before, planned.MEETINGS = planned.MEETINGS, MEETINGS[how]
    try:
        yield
    finally:
        planned.MEETINGS = before
        planned.cache.clear()


def is_floating(x: Any) -> bool:
    """Whether it is an array or Tensor that can have a gradient."""
    return isinstance(x, np.ndarray | gg.Tensor) and x.dtype.kind in "fc"


@dataclass(frozen=True)
class Judged:
    """A program as a function of its floating arguments, and these as its point."""

    program: Program
    f: Callable[..., list[Any]]
    point: list[Any]
    strict: bool


def judged(program: Program, dtypes: dict[str, str]) -> Judged | None:
    """The program with its floating arguments in these dtypes, in the same layout.

    `None` where it has none, where the ops refuse them, and where a gradient has to be wrong.
    """
    inputs = tuple(replace(x, dtype=dtypes.get(x.dtype, x.dtype)) for x in program.inputs)
    program = replace(program, inputs=inputs)
    arguments = program.arguments(0)
    places = [i for i, x in enumerate(arguments) if is_floating(x)]
    point = [arguments[i] for i in places]

    def f(*chosen: Any) -> list[Any]:
        values = lifted(arguments)
        for i, x in zip(places, lifted(chosen), strict=True):
            values[i] = x
        return [y for y in program(*values) if is_floating(y)]

    names = set(_op_names(program.instructions))
    if not point or any(name in FLAT for name in names):
        return None
    with np.errstate(all="ignore"):
        try:
            gg.vjp(f, *point)
        except REFUSED:
            return None
    return Judged(program, f, point, strict=not any(name in OPEN for name in names))


def _op_names(instructions: Sequence[Any]) -> Iterator[str]:
    for instruction in instructions:
        if isinstance(instruction, Apply):
            yield instruction.op
        if isinstance(instruction, Operator):
            yield instruction.symbol
        if isinstance(instruction, Gradient):
            yield from _op_names(instruction.inner)


def shares_of(
    check: Callable[[Program], bool | None], examples: int = 60
) -> tuple[float, float]:
    """What share of the drawn programs could be checked, and what share of these had a verdict."""
    verdicts: list[bool | None] = []

    @profile(examples)
    @given(programs(), st.sampled_from(SHARES))
    def draw(program: Program, low: tuple[str, ...]) -> None:
        with np.errstate(all="ignore"), lowered(low):
            verdicts.append(check(program))

    draw()
    checked = [verdict for verdict in verdicts if verdict is not None]
    return len(checked) / len(verdicts), sum(checked) / max(len(checked), 1)


# Against finite differences


def check_first(f: Callable[..., list[Any]], point: Sequence[Any], strict: bool = True) -> bool:
    """Raises `AssertionError` for a wrong gradient; says whether there was a verdict."""
    trial = Trial(f, point, strict=strict)
    if not _check_sweeps(trial, "order 1"):
        return False
    step = gg.jit(trial.gradient)
    return all(trial.judge(step(*point), f"gg.jit, call {call}") for call in range(3))


def check_second(
    f: Callable[..., list[Any]], point: Sequence[Any], strict: bool = True
) -> bool:
    """The same of the function that gives the gradient."""
    first = Trial(f, point, strict=strict)
    second = Trial(first.gradient, point, seed=1, strict=first.strict)
    return _check_sweeps(second, "order 2")


def _check_sweeps(trial: Trial, label: str) -> bool:
    verdict = trial.slope is not None
    for how in MEETINGS:
        with sweeping(how):
            verdict = verdict and trial.judge(trial.gradient(*trial.point), f"{label}, {how} sweep")
    return verdict


def verdict_on(check: Callable[..., bool], program: Program) -> bool | None:
    """Whether there is a verdict on the program in double precision; `None` where none can be."""
    case = judged(program, DOUBLE)
    if case is None:
        return None
    try:
        return check(case.f, case.point, case.strict)
    except NO_GRADIENT:
        return None
    except Exception as error:
        error.add_note(f"{case.program!r}")
        raise


@pytest.mark.parametrize("check", [check_first, check_second])
def test_gradients_of_programs_match_differences(check: Callable[..., bool]) -> None:
    checked, certain = shares_of(lambda program: verdict_on(check, program))
    assert checked >= 0.5
    assert certain >= 0.8


# Each op


DIFFERENTIABLE = [op.name for op in all_ops() if op.rules.exist and op.name not in OF_BATCHES]


PHASES = ("eigh", "svd")
"""Ops whose complex vectors are determined but for a phase: the choice of it has no gradient."""


@dataclass(frozen=True)
class Call:
    """An op applied to arrays, as a function of those that have a gradient."""

    case: Case
    operands: tuple[Any, ...]

    def places(self) -> list[int]:
        """Which operands have a gradient."""
        op = get_op(self.case.op)
        return [i for i, x in enumerate(self.operands) if is_inexact(op, i, x)]

    def point(self) -> list[Any]:
        """Those operands, and of tuples their parts."""
        return tree.leaves([self.operands[i] for i in self.places()])

    def __call__(self, *point: Any) -> list[Any]:
        rest, operands = iter(point), list(self.operands)
        for i in self.places():
            x = operands[i]
            operands[i] = tuple(next(rest) for _ in x) if isinstance(x, tuple) else next(rest)
        y = self.case.call(tuple(operands))
        return [part for part in (y if isinstance(y, tuple) else (y,)) if is_floating(part)]


def _call(choose: Random, name: str) -> Call:
    if name in SPECIAL:
        case = _varied(choose, choose.choice(cases(name)))
    else:
        shape = tuple(choose.randint(0, 4) for _ in range(choose.randint(0, 3)))
        arity = len(get_op(name).arrays)
        case = Case(name, tuple(_broadcasting(choose, shape) for _ in range(arity)))
    complex_too = name not in PHASES and choose.random() < 0.3
    arrays = case.arrays("complex128" if complex_too else "float64", choose.randrange(1000))
    # Mostly inside the domain of all functions, in the shape of the case; else anywhere.
    stretch, shift = choose.choice([(1.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (6.0, -3.6)])
    return Call(case, tuple(_placed(choose, x, stretch, shift) for x in arrays))


def _broadcasting(choose: Random, shape: tuple[int, ...]) -> Shape:
    """A shape that broadcasts to `shape`."""
    kept = shape[choose.randint(0, len(shape)) :] if choose.random() < 0.3 else shape
    return Shape(1 if choose.random() < 0.2 else n for n in kept)


def _varied(choose: Random, case: Case) -> Case:
    """The case with other lengths, the same for the same, and along other axes."""
    lengths = {n: choose.randint(0, 4) if choose.random() < 0.6 else n for n in range(2, 7)}

    def resized(x: Any) -> Any:
        if isinstance(x, Shape):
            return Shape(lengths.get(n, n) for n in x)
        return tuple(map(resized, x)) if isinstance(x, tuple) else x

    settings, op = dict(case.settings), get_op(case.op)
    if "shape" in settings:
        settings["shape"] = tuple(lengths.get(n, n) for n in settings["shape"])
    if "axis" in op.settings and choose.random() < 0.5:
        settings["axis"] = choose.choice([None, 0, 1, 2, -1, -2, (0, 1), (-1, 0), ()])
    if "keepdims" in op.settings:
        settings["keepdims"] = choose.random() < 0.5
    return Case(case.op, resized(case.operands), settings)


def _placed(choose: Random, x: Any, stretch: float, shift: float) -> Any:
    if isinstance(x, tuple):
        return tuple(_placed(choose, part, stretch, shift) for part in x)
    if not is_floating(x):
        return x
    return laid_out(x * stretch + shift, choose.choice(LAYOUTS))


def _accepted(choose: Random, name: str) -> Call:
    """A call that the op does not refuse."""
    for _ in range(20):
        call = _call(choose, name)
        try:
            gg.vjp(call, *call.point())
        except REFUSED:
            continue
        return call
    raise AssertionError(f"{name}: no operands were accepted")


def verdict_on_op(choose: Random, name: str) -> bool:
    """Raises `AssertionError` for a wrong gradient of the op; says whether there was a verdict."""
    with np.errstate(all="ignore"):
        call = _accepted(choose, name)
        try:
            verdict = _check_sweeps(Trial(call, call.point()), "order 1")
            once = name in ONCE and 0 in call.places()
            return verdict and (once or check_second(call, call.point()))
        except NO_GRADIENT:
            return False


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_of_an_op_match_differences(name: str) -> None:
    verdicts: list[bool] = []

    @profile(4, len(DIFFERENTIABLE))
    @given(st.integers(0, 2**32))
    def draw(seed: int) -> None:
        # Every op draws its own: otherwise a few examples would be alike for all of them.
        verdicts.append(verdict_on_op(Random(f"{name} {seed}"), name))

    draw()
    assert sum(verdicts) >= 0.5 * len(verdicts)


# What holds of every gradient


def check_memory(program: Program) -> bool | None:
    """Raises `AssertionError` unless gradients are of the kind of their inputs, and the caller's
    own: writable, and apart from each other, the inputs, the results and the cotangents.
    """
    case = judged(program, {})
    if case is None:
        return None
    weights = [np.ones_like(_raw(y)) for y in case.f(*case.point)]

    def both(*point: Any) -> tuple[Any, Any]:
        out, pullback = gg.vjp(case.f, *point)
        return out, [pullback(weights), pullback(weights)]

    step = gg.jit(both)
    runs = [(how, both) for how in MEETINGS] + [("direct", step)] * 3
    for how, run in runs:
        try:
            with sweeping(how):
                out, pulled = run(*case.point)
        except NO_GRADIENT:
            return None
        _check_owned(case.point, list(out), pulled, weights)
    return True


def _check_owned(point: list[Any], out: list[Any], pulled: list[Any], weights: list[Any]) -> None:
    gradients = [g for each in pulled for g in each]
    for g, x in zip(gradients, point * len(pulled), strict=True):
        assert type(g) is np.ndarray
        assert (g.dtype, g.shape) == (x.dtype, x.shape)
        assert g.flags.writeable
    arrays = [*gradients, *out]
    others = [*point, *weights]
    for i, g in enumerate(arrays):
        assert not any(np.may_share_memory(g, other) for other in (*arrays[:i], *others))


def _raw(y: Any) -> Any:
    return y.value if isinstance(y, gg.Tensor) else y


def test_gradients_are_of_the_kind_of_their_inputs_and_owned() -> None:
    checked, certain = shares_of(check_memory)
    assert checked >= 0.5
    assert certain == 1


@dataclass(frozen=True)
class Through:
    """An instruction: a value goes through an op, which gives the same."""

    op: Callable[..., Any]
    target: int

    def run(self, values: list[Any]) -> list[Any]:
        """As an instruction of a program."""
        values[self.target] = self.op(values[self.target])
        return []


def _with(program: Program, op: Callable[..., Any]) -> Program | None:
    """The program with its first floating argument sent through the op before anything else."""
    places = [i for i, x in enumerate(program.arguments(0)) if is_floating(x)]
    if not places:
        return None
    return replace(program, instructions=(Through(op, places[0]), *program.instructions))


def test_a_rule_that_raises_leaves_nothing_behind(own_ops: None) -> None:
    """`backward()` adds to no gradient then, and what is left of the tape is as it was."""

    class Broken(Exception):
        pass

    def broken(g: Any) -> Any:
        raise Broken

    @op(broken)
    def breaks(xp: Any, x: Any) -> Any:
        """The same, whose rule raises."""
        return xp.copy(x)

    def swept(case: Judged, leaves: list[Any], how: str) -> None:
        total = gg.zeros(())
        for y in case.f(*(gg.copy(leaf) for leaf in leaves)):
            total = total + gg.sum(gg.real(y))
        if total.requires_grad:
            with sweeping(how):
                total.backward()

    def check(program: Program) -> bool | None:
        longer = _with(program, breaks)
        good = judged(program, {})
        bad = None if longer is None else judged(longer, {})
        if good is None or bad is None:
            return None
        reached = False
        for how in MEETINGS:
            leaves = [gg.tensor(x, requires_grad=True) for x in good.point]
            fresh = [gg.tensor(x, requires_grad=True) for x in good.point]
            try:
                swept(good, fresh, how)
            except NO_GRADIENT:
                return None
            for before in (None, "an earlier gradient"):
                kept = [leaf.grad for leaf in leaves]
                copies = [None if g is None else g.copy() for g in kept]
                try:
                    swept(bad, leaves, how)
                except Broken:
                    reached = True
                    for leaf, g, copy in zip(leaves, kept, copies, strict=True):
                        assert leaf.grad is g, before
                        np.testing.assert_array_equal(leaf.grad, copy)
                else:
                    return reached
                for leaf in leaves:
                    leaf.grad = None
                swept(good, leaves, how)
                for leaf, same in zip(leaves, fresh, strict=True):
                    np.testing.assert_array_equal(leaf.grad, same.grad)
        return reached

    checked, certain = shares_of(check)
    assert checked >= 0.5
    assert certain >= 0.8


# That the checks can fail


@pytest.mark.parametrize("check", [check_first, check_second])
def test_a_wrong_rule_in_a_program_is_found(check: Callable[..., bool], own_ops: None) -> None:
    """By a thousandth, or at second order only."""

    @op(lambda g, xp: 1.001 * g)
    def too_steep(xp: Any, x: Any) -> Any:
        """The same, with a wrong rule."""
        return xp.copy(x)

    @op(lambda g, x, xp: g * gg.stop_gradient(x))
    def half_square(xp: Any, x: Any) -> Any:
        """Half the square, with a rule that is right to first order."""
        return 0.5 * x * x

    wrong = too_steep if check is check_first else half_square
    found: list[bool] = []

    def hides(program: Program) -> bool | None:
        longer = _with(program, wrong)
        if longer is None or not verdict_on(check, program):
            return None
        try:
            verdict_on(check, longer)
            found.append(False)
        except AssertionError:
            found.append(True)
        return True

    shares_of(hides, 30)
    assert sum(found) >= 0.5 * len(found)


def test_a_wrong_rule_of_an_op_is_found(own_ops: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For complex numbers only, or for some shapes only."""

    @op(lambda g, y, xp: g * xp.conj(y))
    def turned_exp(xp: Any, x: Any) -> Any:
        """Exponential, with a rule that is right for real numbers."""
        return xp.exp(x)

    @op(lambda g, b: g * b, lambda g, a, b_shape: g * (a if b_shape else 1.001 * a))
    def product(xp: Any, a: Any, b: Any) -> Any:
        """Product, with a rule that is wrong by a factor without axes."""
        return a * b

    for f in (turned_exp, product):
        monkeypatch.setattr(gg, f.__name__, f, raising=False)
        found = 0
        for seed in range(60):
            try:
                verdict_on_op(Random(seed), f.__name__)
            except AssertionError:
                found += 1
        assert 5 <= found < 40
