"""The rows of `pitfalls`: gpugrad passes each, in every array library and on every engine.

And each check can fail: a library that is wrong on purpose is found out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import pytest
from pitfalls import CHECKS
from pitfalls.graphs import LARGE
from pitfalls.judge import ABSENT, ERROR, PASS, WRONG, Check, NotApplicable, Outcome, of_row, run
from pitfalls.ours import Compiled, Ours

IDS = [check.label for check in CHECKS]

BEYOND = {
    25: "a chain is one of nodes, whatever the arrays, and this library is slow",
    36: "gg.jit is for NumPy and CuPy",
    37: "gg.jit is for NumPy and CuPy",
    "20: an integer beside a float is a constant": "the standard does not promote it",
}
"""What the strict library is not asked, and why."""

MIXED = 33
"""The row of two array libraries in one call."""

CASES = [
    (library, check)
    for library in ("numpy", "planned", "strict", "cupy")
    for check in CHECKS
    if library != "strict" or not {check.row, check.label} & BEYOND.keys()
]


@pytest.mark.parametrize(
    ("xp", "check"), CASES, ids=[f"{name}-{check.label}" for name, check in CASES], indirect=["xp"]
)
def test_row(xp: Any, check: Check) -> None:
    """Eagerly; with direct and with planned sweeps."""
    _skip_without_a_second_library(check)
    assert run(check, Ours(xp.namespace)) == Outcome(PASS)


def _skip_without_a_second_library(check: Check) -> None:
    if check.row == MIXED:
        pytest.importorskip("array_api_strict", reason="pip install array-api-strict")


COMPILED = [
    (library, engine, check)
    for library, engine in (("numpy", "numpy"), ("numpy", "native"), ("cupy", "auto"))
    for check in CHECKS
    if check.row not in Compiled.exempt
]


@pytest.mark.parametrize(
    ("xp", "engine", "check"),
    COMPILED,
    ids=[f"{library}-{engine}-{check.label}" for library, engine, check in COMPILED],
    indirect=["xp"],
)
def test_row_under_jit(xp: Any, engine: str, check: Check) -> None:
    """Gradients as plans."""
    _skip_without_a_second_library(check)
    assert run(check, Compiled(engine, xp.namespace)) == Outcome(PASS)


# Libraries that are wrong on purpose


class Sevens(Ours):
    """Whatever is asked for: 7.25 everywhere, and never an error."""

    def _sevens(self, x: Any) -> Any:
        return np.full(np.shape(x), 7.25, getattr(x, "dtype", None))

    def gradients(self, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
        return tuple(map(self._sevens, args))

    def grad(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x, *others: self._sevens(x)

    def pullback(self, f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        return self._sevens(x), lambda g: self._sevens(x)

    def assigned(self, x: Any, index: Any, value: Any) -> Any:
        return self._sevens(x)

    def backward(self, y: Any) -> None:
        pass

    def grad_of(self, leaf: Any) -> Any:
        return self._sevens(leaf.value)

    def is_tracked(self, y: Any) -> bool:
        return False


class Noisy(Ours):
    """No two gradients are equal."""

    rng = np.random.default_rng(0)

    def gradients(self, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
        return tuple(g + self.rng.normal() for g in super().gradients(f, *args))


class Leaky(Ours):
    """Every pullback leaves an array behind."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[Any] = []

    def pullback(self, f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        self.left.append(np.ones(LARGE))
        return super().pullback(f, x)


class Endless(Sevens):
    """Second derivatives are infinite."""

    def _sevens(self, x: Any) -> Any:
        return np.full(np.shape(x), np.inf)


class Misshapen(Ours):
    """Gradients have the shape of something else."""

    def gradients(self, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
        return tuple(np.zeros(9) for _ in args)


class Sloppy(Ours):
    """What is compiled is a little wrong."""

    def compiled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            y = f(*args)
            return tuple(1.01 * part for part in y) if isinstance(y, tuple) else 1.01 * y

        return run


class Recording(Ours):
    """no_grad changes nothing."""

    def no_grad(self) -> AbstractContextManager[Any]:
        return nullcontext()


BROKEN = (Sevens, Leaky, Endless, Noisy, Misshapen, Sloppy, Recording)


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_each_check_finds_a_wrong_library(check: Check) -> None:
    _skip_without_a_second_library(check)
    assert any(run(check, library()).kind == WRONG for library in BROKEN)


def _ends(error: Exception | None) -> Check:
    def program(library: Any) -> None:
        if error is not None:
            raise error

    return Check(1, "ends", program)


def test_outcomes() -> None:
    """Errors and what is not applicable are told from a pass, and count for a row."""
    passed, failed = run(_ends(None), Ours()), run(_ends(RecursionError("deep")), Ours())
    absent = run(_ends(NotApplicable("no tape")), Ours())
    assert passed == Outcome(PASS)
    assert failed == Outcome(ERROR, "RecursionError: deep")
    assert absent == Outcome(ABSENT, "no tape")
    assert of_row([passed, absent]) == passed
    assert of_row([absent, passed, failed]) == failed
    assert of_row([absent]) == absent
    assert of_row([passed, Outcome(WRONG, "1")]).kind == WRONG
