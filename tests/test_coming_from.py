"""The pages for those who come from another library: each row of their tables is so.

The columns of a table are their code, the same here, and what differs. Code of the first column is
run with the names that the first program below "Names" for their library defines, and that of the
second with those of the first one for gpugrad; both must give the same numbers. Their library is
asked where it is installed: `ci/coming_from.sh` installs all, and sets GPUGRAD_REQUIRE_PEERS.
"""

from __future__ import annotations

import ast
import os
import re
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from run_page import blocks

import gpugrad as gg

PAGES = Path(__file__).parents[1] / "docs" / "coming-from"
PEERS = ("autograd", "jax", "pytorch", "mygrad")
MODULES = {"pytorch": "torch", "jax": "optax"}
"""What is imported for a page, where that is not its name; optax brings JAX."""


@pytest.fixture(autouse=True)
def _backend() -> Iterator[None]:
    """What a program says of the backend ends with it."""
    with gg.use_backend("numpy"):
        yield


class Row(NamedTuple):
    peer: str
    theirs: list[str]
    ours: list[str]
    differs: str

    def __str__(self) -> str:
        return f"{self.peer}: {self.theirs[0]}"


def rows_of(peer: str, text: str) -> list[Row]:
    """The rows of the tables whose first column holds code."""
    found = []
    for line in text.splitlines():
        if line.startswith("| `"):
            theirs, ours, differs = line[1:-1].split("|")
            found.append(Row(peer, _code(theirs), _code(ours), differs.strip()))
    return found


def _code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def page_of(peer: str) -> Path:
    return PAGES / f"{peer}.md"


ROWS = [row for peer in PEERS for row in rows_of(peer, page_of(peer).read_text("utf-8"))]


def setup(peer: str, needs: str) -> str:
    """The first program below "Names" for that library."""
    page = page_of(peer)
    start = page.read_text("utf-8").splitlines().index("## Names")
    return next(
        block.text for block in blocks(page) if block.line > start and block.needs == needs
    )


def run(code: str, before: str) -> Any:
    """The value of the last expression."""
    names: dict[str, Any] = {}
    exec(before, names)
    *statements, last = ast.parse(code).body
    assert isinstance(last, ast.Expr), f"`{code}` gives no value"
    exec(compile(ast.Module(statements, []), "row", "exec"), names)
    return eval(compile(ast.Expression(last.value), "row", "eval"), names)


def numbers(x: Any) -> list[np.ndarray]:
    """All arrays of a result, from whatever library, in order."""
    if x is None:
        return []
    if isinstance(x, (tuple, list)):
        return [array for part in x for array in numbers(part)]
    if isinstance(x, dict):
        return [array for key in sorted(x) for array in numbers(x[key])]
    if isinstance(x, gg.Tensor):
        return [np.asarray(x.value)]
    if type(x).__module__ == "torch":
        return [x.detach().resolve_conj().numpy()]
    return [np.asarray(x)]


def same(found: Any, wanted: Any) -> None:
    found, wanted = numbers(found), numbers(wanted)
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        assert a.shape == b.shape
        if a.dtype.kind in "fc":
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
        else:
            assert np.array_equal(a, b)


def is_tracked(x: Any) -> bool:
    """Whether a Tensor of PyTorch or gpugrad has a gradient to come."""
    return bool(getattr(x, "requires_grad", False))


def is_here(peer: str) -> bool:
    """Whether the library is installed; where it is required, it must be."""
    here = find_spec(MODULES.get(peer, peer)) is not None
    assert here or not os.environ.get("GPUGRAD_REQUIRE_PEERS"), f"{peer} is required"
    return here


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_both_columns_give_the_same(row: Row) -> None:
    """All pieces of code in the row; ours alone where the other library is not installed."""
    ours = [run(code, setup(row.peer, "")) for code in row.ours]
    theirs = []
    if is_here(row.peer):
        module = MODULES.get(row.peer, row.peer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")         # theirs, of what they use themselves
            theirs = [run(code, setup(row.peer, module)) for code in row.theirs]
    for other in (ours + theirs)[1:] if ours else ():
        same((ours + theirs)[0], other)
    if row.peer == "pytorch" and ours:
        assert {*map(is_tracked, ours)} == {*map(is_tracked, theirs or ours[:1])}


@pytest.mark.parametrize("row", [row for row in ROWS if row.peer == "autograd"], ids=str)
def test_what_is_written_for_autograd_runs_with_other_imports(row: Row) -> None:
    """The first column of its page, with `gpugrad.autograd` for `autograd` in the imports."""
    theirs = setup("autograd", "autograd")
    imports = re.sub(r"^(from|import) autograd", r"\1 gpugrad.autograd", theirs, flags=re.MULTILINE)
    for code in row.ours:
        for written in row.theirs:
            same(run(written, imports), run(code, setup("autograd", "")))


@pytest.mark.parametrize("row", [row for row in ROWS if not row.ours], ids=str)
def test_a_row_without_our_code_says_why(row: Row) -> None:
    assert len(row.differs.split()) > 3


@pytest.mark.parametrize("peer", PEERS)
def test_every_row_is_read(peer: str) -> None:
    """The others are those of the table of habits, which lead to a program each, and headers."""
    text = page_of(peer).read_text("utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\| *[^-]", line)]
    habits = re.findall(r"^\| \[[^]]+\]\(#([\w-]+)\)", text, re.MULTILINE)
    tables = re.findall(r"^\|---", text, re.MULTILINE)
    assert len(lines) == len(rows_of(peer, text)) + len(habits) + len(tables)
    assert len(habits) >= 4
    sections = re.split(r"^#+ ", text, flags=re.MULTILINE)
    with_program = {
        re.sub(r"[^\w]+", "-", section.partition("\n")[0].lower()).strip("-")
        for section in sections
        if "```python" in section
    }
    assert with_program.issuperset(habits)


def test_a_row_that_is_wrong_is_noticed() -> None:
    (row,) = rows_of("x", "| `f(1)`, `2` | `3` | it differs |\n| habit | there | here |\n")
    assert row == Row("x", ["f(1)", "2"], ["3"], "it differs")
    assert run("a = x + 1; a", "x = 2") == 3
    for wrong in (2.0, np.ones(2), [1.0, 1.0]):
        with pytest.raises(AssertionError):
            same(1.0, wrong)
