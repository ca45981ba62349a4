"""What a check is, how it is run, and how its outcome is judged."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

PASS, WRONG, ERROR, ABSENT = "pass", "wrong value", "error", "not applicable"

Program = Callable[[Any], None]


class WrongValue(AssertionError):
    """The library returned something, and it is not what the row demands."""


class NotApplicable(Exception):
    """The library has no such thing; says what."""


@dataclass(frozen=True)
class Check:
    """A program that asks a library and raises `WrongValue` where the answer is wrong."""

    row: int
    name: str
    program: Program

    @property
    def label(self) -> str:
        return f"{self.row}: {self.name}"


@dataclass(frozen=True)
class Outcome:
    """How a check ended, and what was found."""

    kind: str
    detail: str = ""


def run(check: Check, library: Any) -> Outcome:
    """Ask the library, and judge."""
    if check.row in library.exempt:
        return Outcome(ABSENT, library.exempt[check.row])
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check.program(library)
    except NotApplicable as reason:
        return Outcome(ABSENT, str(reason))
    except WrongValue as wrong:
        return Outcome(WRONG, str(wrong))
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        return Outcome(ERROR, f"{type(error).__name__}: {first}"[:200])
    return Outcome(PASS)


def of_row(outcomes: Sequence[Outcome]) -> Outcome:
    """What the checks of one row come to: a pass if one applies and none fails."""
    for kind in (ERROR, WRONG, PASS):
        found = [outcome for outcome in outcomes if outcome.kind == kind]
        if found:
            return found[0]
    return outcomes[0]


def same(library: Any, found: Any, wanted: Any, *, rtol: float = 1e-6, dtype: Any = None) -> None:
    """Raise `WrongValue` unless shape and values are these, and the dtype, if one is given."""
    if found is None:
        raise WrongValue(f"found None, wanted {_text(wanted)}")
    found, wanted = library.numpy(found), np.asarray(wanted)
    if found.shape != wanted.shape:
        raise WrongValue(f"found shape {found.shape}, wanted {wanted.shape}")
    if dtype is not None and found.dtype != dtype:
        raise WrongValue(f"found {found.dtype}, wanted {dtype}")
    if not np.allclose(found, wanted, rtol=rtol, atol=1e-7, equal_nan=True):
        raise WrongValue(f"found {_text(found)}, wanted {_text(wanted)}")


def check_close(found: Any, wanted: Any, rtol: float, atol: float) -> None:
    """Raise `WrongValue` unless these are equal to rounding."""
    close = np.isclose(found, wanted, rtol=rtol, atol=atol, equal_nan=True)
    if not close.all():
        raise WrongValue(f"found {_text(found[~close])}, wanted {_text(wanted[~close])}")


def holds(claim: Any, text: str) -> None:
    """Raise `WrongValue` with this text unless it holds."""
    if not claim:
        raise WrongValue(text)


@contextmanager
def no_warning() -> Iterator[None]:
    """Raise `WrongValue` if the library warns of what its arithmetic does."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        yield
    for warning in caught:
        if issubclass(warning.category, RuntimeWarning):
            raise WrongValue(f"warns: {warning.message}")


def collector() -> tuple[list[Check], Callable[[int, str], Callable[[Program], Program]]]:
    """The checks of a file, and the decorator that adds a program to them."""
    checks: list[Check] = []

    def check(row: int, name: str) -> Callable[[Program], Program]:
        def add(program: Program) -> Program:
            checks.append(Check(row, name, program))
            return program

        return add

    return checks, check


def gradient(
    row: int,
    name: str,
    f: Callable[..., Any],
    args: Sequence[Any],
    *wanted: Any,
    dtype: str = "float64",
) -> Check:
    """The check that the gradients of `sum(f(library, *args))` are these, with the dtype of `args`.

    `f` is written with `library.xp`, the functions of the library under NumPy's names.
    """

    def program(library: Any) -> None:
        operands = [library.array(x, dtype) for x in args]
        found = library.gradients(lambda *xs: library.xp.sum(f(library, *xs)), *operands)
        for g, want in zip(found, wanted, strict=True):
            same(library, g, want, dtype=dtype)

    return Check(row, name, program)


def _text(x: Any) -> str:
    text = np.array2string(np.asarray(x), precision=6, threshold=8, separator=", ")
    return " ".join(text.split())
