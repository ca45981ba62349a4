"""`gg.support()`: every function is in it, tried and not claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import array_api_strict
import numpy as np
import pytest

import gpugrad as gg
from gpugrad.catalogue import nesting
from gpugrad.catalogue import support_table as module
from gpugrad.catalogue.examples import Example
from gpugrad.catalogue.support_table import STANDARD, Support, support


@pytest.fixture(scope="module")
def table() -> Support:
    return support()


def test_the_functions_of_the_standard_are_those_of_the_referee() -> None:
    """array_api_strict has them all, but for what version 2025.12 adds to `linalg`."""
    xp: Any = array_api_strict
    names = {name for name in xp.__all__ if name.islower() and "array_api_strict" not in name}
    found = {
        name for name in names
        if callable(getattr(xp, name)) and not isinstance(getattr(xp, name), type)
        and not hasattr(getattr(xp, name), "_np_dtype") and name[0] != "_"
    }  # fmt: skip
    found |= {f"linalg.{name}" for name in xp.linalg.__all__}
    found |= {f"fft.{name}" for name in xp.fft.__all__}
    assert found | {"linalg.eig", "linalg.eigvals"} == STANDARD


def test_no_function_of_the_standard_is_missing(table: Support) -> None:
    assert STANDARD <= {row.name for row in table.rows}


BY_EACH = {
    "special.betainc": "first order, first order, any order",
    "special.betaincinv": "first order, first order, any order",
    "special.gammainc": "first order, any order",
    "special.gammaincc": "first order, any order",
    "special.gammainccinv": "first order, any order",
    "special.gammaincinv": "first order, any order",
}
"""Functions that can be differentiated by one operand more often than by another."""


def test_what_has_no_gradient_says_why(table: Support) -> None:
    """None is without a rule that has a derivative: each reason is one of these."""
    public = [row for row in table.rows if not row.group.startswith("What reverse rules")]
    assert {
        row.name: row.gradient.removeprefix("by each operand: ")
        for row in public if row.gradient.startswith("by each operand: ")
    } == BY_EACH
    reasons = {row.gradient for row in public if row.name not in BY_EACH}
    assert reasons == {
        "any order",
        "0: piecewise constant",
        "0: does not depend on values",
        "none: no floating operand",
        "none: no floating result",
        "refused: it would be lost",
    }
    refused = {row.name for row in table.rows if row.gradient.startswith("refused")}
    assert refused == {"from_dlpack", "tensor"}


def test_the_page_is_up_to_date(table: Support) -> None:
    """Else run `python -m gpugrad.catalogue > SUPPORT.md`."""
    page = Path(__file__).parents[1] / "SUPPORT.md"
    assert page.read_text(encoding="utf-8") == table.markdown() + nesting.markdown()


def test_the_table_can_be_printed(table: Support) -> None:
    lines = str(table).splitlines()
    assert len(lines) == len(table.rows) + 1
    assert next(line for line in lines if line.startswith("relu ")).endswith("0 at 0 and at NaN")


def test_conventions_are_of_functions_that_exist(table: Support) -> None:
    names = {row.name for row in table.rows}
    assert set(module.CONVENTIONS) <= names
    assert {name for name in module.STEPS if "_" not in name} <= names


def test_a_wrong_gradient_gets_into_no_table(own_ops: None) -> None:
    @gg.op(lambda g, x: g)
    def wrong(xp: Any, x: Any) -> Any:
        """Its rule is wrong."""
        return xp.exp(x)

    with pytest.raises(AssertionError, match=r"measured .* claimed"):
        module._gradient("wrong", Example(wrong, (np.ones(2),), {}))
