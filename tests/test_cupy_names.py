"""What the page on CuPy tells to write in place of CuPy's names can be written."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from libraries import Library, library
from pages import README

import gpugrad as gg
from gpugrad.core.tensor import Tensor

PAGE = README.with_name("docs") / "cupy.md"
ROWS = re.findall(r"^\| (`.*) \| (`.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
ADVICE = {there.replace("`", ""): re.findall(r"`([^`]+)`", here) for there, here in ROWS}


def _name(library: Library) -> dict[str, Any]:
    """What the page says that its names are."""
    x = library.asarray([0.5, 1.5, 2.5])
    t = gg.tensor(x, requires_grad=True)
    y, i = library.asarray([1.0, 2.0, 3.0]), library.asarray([0, 2, 2])
    return {"gg": gg, "np": np, "x": x, "y": y, "i": i, "t": t}


@pytest.mark.parametrize("name", ["numpy", "cupy"])
@pytest.mark.parametrize("there", ADVICE)
def test_what_the_page_tells_to_write_works(there: str, name: str) -> None:
    """As an expression or a statement; on the host, but for what asks for a GPU."""
    names, ran = _name(library(name)), 0
    for text in ADVICE[there]:
        if name == "numpy" and "cuda" in text:
            continue
        ran += 1
        if " = " in text:
            exec(text, names)
            continue
        found = eval(text, names)
        if re.search(r"\bt\b", text) and isinstance(found, Tensor):
            assert found.requires_grad
    assert ran or (name == "numpy" and all("cuda" in text for text in ADVICE[there][:1]))


def test_every_row_is_read() -> None:
    rows = sum(line.startswith("| `") for line in PAGE.read_text("utf-8").splitlines())
    assert rows == len(ADVICE) > 0


def test_sums_go_where_the_page_says() -> None:
    """As by the function that it puts beside it."""
    names = _name(library("numpy"))
    (text,) = next(here for row, here in ADVICE.items() if "cupy.add.at" in row)
    wanted = names["y"].copy()
    np.add.at(wanted, names["i"], names["t"].value)
    np.testing.assert_allclose(eval(text, names).value, wanted)
