"""Elementwise functions and their derivatives against an oracle of arbitrary precision.

A share of the operands, eager or under `gg.jit`; `GPUGRAD_ORACLE=1` takes all of them, eager and in
every engine, which takes minutes. `docs/accuracy.md` has the numbers.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from oracle.exceptions import EXCEPTIONS
from oracle.measure import FUNCTIONS, function, operands, results, rows, worst
from oracle.page import LEFT_OUT, left_out
from oracle.precision import PARTS, settled, units
from oracle.unary import UNARY

import gpugrad as gg
from gpugrad import engines
from gpugrad.core.registry import all_infos, all_ops
from gpugrad.ops import activation, composed, elementwise, exponential, rounding, trigonometry
from gpugrad.ops import special as special_ops

ALL = bool(os.environ.get("GPUGRAD_ORACLE"))

OTHERS = frozenset(
    """
    allclose angle array_equal array_equiv clip conj copy divmod floor_divide imag isclose iscomplex
    isneginf isposinf isreal log_softmax nextafter pow polygamma real scale signbit softmax spacing
    where radians degrees
    """.split()
)
"""What is of complex numbers, reduces, selects, has no slope, is a pair, or is another name;
`scale` is the product but for a convention, and `polygamma` the derivative of `digamma`."""

SLOPES = frozenset(
    """
    asin_slope atan2_slope hypot_slope log_ndtr_slope ndtri_slope power_slope sinc_derivative
    tanh_slope
    """.split()
)
"""First derivatives as ops: tried as those of their functions."""

ROWS = list(rows())


def chosen(number: int) -> tuple[str, ...]:
    """The engines of one row: all, or one in turn."""
    there = [name for name in ("numpy", "native") if engines.ALL[name].is_there]
    engines_here = ("eager", *there)
    return engines_here if ALL else engines_here[number % len(engines_here) :][:1]


def measured(name: str, dtype: str, engine: str, every: int) -> dict[int, Any]:
    """The worst points of a function, of one of so many operands."""
    given = operands(name, dtype, every)

    def run(*x: Any) -> dict[str, Any]:
        return results(function(name), x)

    with np.errstate(all="ignore"):
        found = run(*given) if engine == "eager" else gg.jit(run, engine=engine)(*given)
        return worst(FUNCTIONS[name], given, found)


@pytest.mark.parametrize("number", range(len(ROWS)), ids=["-".join(row) for row in ROWS])
def test_rows(number: int) -> None:
    """Each is within the bound, or an exception with a reason."""
    name, dtype = ROWS[number]
    every = 1 if ALL else 11 if name in UNARY else 47
    for engine in chosen(number):
        for order, here in measured(name, dtype, engine, every).items():
            if (name, dtype, order) not in EXCEPTIONS:
                assert here.share <= 1, f"{engine}: {here}"


def test_every_elementwise_function_is_there() -> None:
    modules = (activation, composed, elementwise, exponential, rounding, special_ops, trigonometry)
    rooms = {module.__name__ for module in modules}
    names = {name for module in modules for name in module.__all__}
    names |= {op.name for op in all_ops() if op.forward.__module__ in rooms}
    # The page names every function that is tried; others say beside their definition what they are.
    explained = {name for name, info in all_infos().items() if info.meaning}
    assert names - set(FUNCTIONS) - (explained - OTHERS) == OTHERS | SLOPES


def test_the_page_names_the_functions_that_are_in_no_row() -> None:
    rows = {function(name) for name in FUNCTIONS}
    along_axes = {gg.log_softmax, gg.logsumexp, gg.softmax}
    others = {name for name in gg.special.__all__ if getattr(gg.special, name) not in rows}
    assert {getattr(gg.special, name) for name in others} - along_axes == {
        getattr(gg.special, name) for name in LEFT_OUT
    }
    page = Path(__file__).parents[1] / "docs" / "accuracy.md"
    assert page.read_text("utf-8").endswith(left_out())


def test_few_rows_are_exceptions() -> None:
    assert set(EXCEPTIONS) <= {(*row, order) for row in ROWS for order in (0, 1, 2)}
    assert len(EXCEPTIONS) <= 0.05 * 3 * len(ROWS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_references_are_derivatives_of_each_other(name: str) -> None:
    """By central differences with many digits, at ordinary points."""
    reference = FUNCTIONS[name]
    turned = {"d": ("f", 0), "dd": ("d", 0), "x": ("f", 0), "y": ("f", 1), "xx": ("x", 0),
              "xy": ("x", 1), "yx": ("y", 0), "yy": ("y", 1)}  # fmt: skip
    points = [(x,) for x in (0.3, 0.7, -0.4, 1.9)]
    if name not in UNARY:
        points = [(0.4, 1.7), (2.3, 0.6), (-1.2, 0.8)]
    tried = 0
    for at in points:
        if not reference.inside(*at):
            continue
        exact = tuple(mpf(x) for x in at)
        for part in PARTS[len(at)][1:]:
            whole, operand = turned[part]

            with mp.workprec(400):
                step = mpf(2) ** -100
                after, before = (
                    reference.formula(whole)(
                        *(x + t if i == operand else x for i, x in enumerate(exact))
                    )
                    for t in (step, -step)
                )
                wanted = (after - before) / (2 * step)
                found = settled(reference.formula(part), exact)
                assert found is not None
                assert abs(found - wanted) <= abs(wanted) * 1e-40 + mpf(10) ** -45
            tried += 1
    assert tried


def wrong_op(name: str) -> Any:
    """A function of that name with a fault."""

    @gg.op(lambda g, y, xp: xp.scale(g, 1 - y * y))
    def wrong_tanh(xp: Any, x: Any) -> Any:
        """Its slope is 0 where its value is rounded to 1."""
        return xp.tanh(x)

    @gg.op(lambda g, y, xp: xp.scale(g, y * (1 + 3e-15)))
    def wrong_exp(xp: Any, x: Any) -> Any:
        """Its slope is off by some units."""
        return xp.exp(x)

    @gg.op(lambda g, x, xp: xp.scale(g, 1 / (1 + x * x)))
    def wrong_atan(xp: Any, x: Any) -> Any:
        """A square overflows."""
        return xp.atan(x)

    @gg.op(
        lambda g, y, x1, xp: xp.scale(g, x1 / y),
        lambda g, y, x2, xp: xp.scale(g, x2 / y),
    )
    def wrong_hypot(xp: Any, x1: Any, x2: Any) -> Any:
        """Its second slopes cancel."""
        return xp.hypot(x1, x2)

    @gg.op(lambda g, x, xp: xp.scale(g, xp.cos(x)))
    def wrong_sin(xp: Any, x: Any) -> Any:
        """Its value is off by some units."""
        return xp.sin(x) * (1 + 2e-15)

    return locals()[f"wrong_{name}"]


@pytest.mark.parametrize(
    ("name", "order"), [("tanh", 1), ("tanh", 2), ("exp", 1), ("atan", 1), ("hypot", 2), ("sin", 0)]
)
def test_a_wrong_rule_is_found(name: str, order: int, own_ops: None) -> None:
    with np.errstate(all="ignore"):
        given = operands(name, "float64", 1 if name in UNARY else 5)
        found = worst(FUNCTIONS[name], given, results(wrong_op(name), given))
    assert found[order].share > 1


def test_units() -> None:
    """Of the last place of the right number; of denormal ones those are all alike."""
    assert units(1 + 2**-52, mpf(1), "float64") == 1
    assert units(0.0, mpf(2) ** -1074, "float64") == 1
    with mp.workprec(100):
        assert units(np.inf, mpf(2) ** 1024 - mpf(2) ** 970, "float64") == 0.5
    assert units(np.inf, mpf(10) ** 400, "float64") == 0
    assert units(1e308, mpf(10) ** 400, "float64") > 1e14
    assert units(np.nan, mpf(1), "float64") == mpmath.inf


def test_the_page_names_every_row() -> None:
    """Else run `PYTHONPATH=tests python -m oracle.page > docs/accuracy.md`."""
    text = (Path(__file__).parents[1] / "docs" / "accuracy.md").read_text(encoding="utf-8")
    table, _, exceptions = text.partition("## Exceptions")
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(FUNCTIONS)
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| (\d) \|", exceptions, re.MULTILINE)
    assert [(name, dtype, int(order)) for name, dtype, order in listed] == list(EXCEPTIONS)
