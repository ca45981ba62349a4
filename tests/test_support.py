"""`gg.support()`: every function is in it, tried and not claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import array_api_strict
import numpy as np
import pytest

import gpugrad as gg
from gpugrad.catalogue import absent, nesting
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
    sections = (table.markdown(), absent.markdown(), nesting.markdown())
    assert page.read_text(encoding="utf-8") == "".join(sections)


NOT_OF_NUMBERS = frozenset(
    """
    base_repr binary_repr busday_count busday_offset datetime_as_string datetime_data
    format_float_positional format_float_scientific fromfile fromregex fromstring genfromtxt
    get_include get_printoptions getbufsize geterr geterrcall info is_busday isnat issubdtype load
    loadtxt mintypecode nested_iters printoptions promote_types save savetxt savez savez_compressed
    set_printoptions setbufsize seterr seterrcall show_config show_runtime test typename
    """.split()
)
"""NumPy's functions for files, text, dates, dtypes and settings."""

OLD = frozenset("in1d row_stack trapz".split())
"""Names that NumPy gives up."""


def test_every_function_of_numpy_that_is_absent_is_listed() -> None:
    theirs = {
        name for name in np.__all__
        if name.islower() and callable(getattr(np, name, None))
        and not isinstance(getattr(np, name), type)
    }  # fmt: skip
    listed = {x for x in (*absent.TAKE_TENSORS, *absent.WITHOUT_TENSORS) if hasattr(np, x)}
    assert theirs - set(dir(gg)) - NOT_OF_NUMBERS - OLD == listed


VECTOR, MATRIX = np.array([0.5, 1.5, 2.5]), np.arange(9.0).reshape(3, 3)
INDICES, BYTES = np.array([0, 1, 3]), np.array([1, 2, 3], dtype="uint8")
OPERANDS = {
    "bitwise_count": (INDICES,), "diag_indices_from": (MATRIX,), "gcd": (INDICES, INDICES),
    "histogram2d": (VECTOR, VECTOR), "histogramdd": (MATRIX,), "ix_": (INDICES, INDICES),
    "lcm": (INDICES, INDICES), "may_share_memory": (VECTOR, MATRIX), "packbits": (BYTES,),
    "shares_memory": (VECTOR, MATRIX), "tril_indices_from": (MATRIX,),
    "triu_indices_from": (MATRIX,), "unpackbits": (BYTES,),
}  # fmt: skip
"""Operands to try a function with; `VECTOR` where there are none."""


@pytest.mark.parametrize("name", absent.TAKE_TENSORS)
def test_numpy_takes_tensors_where_the_page_says_so(name: str) -> None:
    def called(wrap: Any) -> Any:
        if name == "einsum_path":
            return np.einsum_path("i,i", wrap(VECTOR), wrap(VECTOR))
        if name == "ravel_multi_index":
            return np.ravel_multi_index((wrap(INDICES), wrap(INDICES)), (4, 4))
        if name == "unravel_index":
            return np.unravel_index(wrap(INDICES), (2, 2))
        return getattr(np, name)(*map(wrap, OPERANDS.get(name, (VECTOR,))))

    def tensor(x: np.ndarray[Any, Any]) -> gg.Tensor:
        return gg.tensor(x, requires_grad=x.dtype.kind == "f")

    np.testing.assert_equal(gg.tree.map(_plain, called(tensor)), called(lambda x: x))


def _plain(x: object) -> object:
    return x.value if isinstance(x, gg.Tensor) else x


def test_the_table_can_be_printed(table: Support) -> None:
    lines = str(table).splitlines()
    assert len(lines) == len(table.rows) + 1
    (relu,) = (line for line in lines if line.startswith("relu "))
    assert relu.endswith("slope 0 at 0 and at NaN")


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
