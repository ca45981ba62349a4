"""The page for those who know PyTorch or CuPy: what it tells them to write can be written."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from libraries import Library, library
from pages import README

import gpugrad as gg
from gpugrad.core.tensor import Tensor

PAGE = README.with_name("docs") / "names.md"
ROWS = re.findall(r"^\| (`.*) \| (`.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
ADVICE = {there.replace("`", ""): re.findall(r"`([^`]+)`", here) for there, here in ROWS}

DETACHED = frozenset(("t.data", "t.detach()", "t.detach().cpu().numpy()", "loss.item()"))
"""What PyTorch means by these has no gradient any more."""


def _name(library: Library) -> dict[str, Any]:
    """What the page says that its names are."""
    x = library.asarray([0.5, 1.5, 2.5])
    t = gg.tensor(x, requires_grad=True)
    return {
        "gg": gg, "np": np, "x": x, "y": library.asarray([1.0, 2.0, 3.0]),
        "i": library.asarray([0, 2, 2]), "t": t, "loss": gg.sum(t * t), "f": gg.sin,
        "model": {"weight": x, "bias": x},
    }  # fmt: skip


@pytest.mark.parametrize("name", ["numpy", "cupy"])
@pytest.mark.parametrize("there", ADVICE)
def test_what_the_page_tells_to_write_works(there: str, name: str) -> None:
    """As an expression or a statement; on the host, but for what asks for a GPU."""
    names, ran = _name(library(name)), 0
    for text in ADVICE[there]:
        if text.isidentifier() or (name == "numpy" and "cuda" in text) or text[0] == '"':
            continue                                # a word of the sentence beside it
        ran += 1
        if " = " in text:
            exec(text, names)
            continue
        found = eval(text, names)
        if there in DETACHED:
            assert not (isinstance(found, Tensor) and found.requires_grad)
        elif re.search(r"\bt\b", text) and isinstance(found, Tensor):
            assert found.requires_grad
    assert ran or (name == "numpy" and all("cuda" in text for text in ADVICE[there][:1]))


def test_every_row_is_read() -> None:
    rows = sum(line.startswith("| `") for line in PAGE.read_text("utf-8").splitlines())
    assert rows == len(ADVICE)
    assert set(ADVICE) > DETACHED


def test_sums_go_where_the_page_says() -> None:
    """As by the functions that it puts beside them."""
    names = _name(library("numpy"))
    t, x, y = names["t"].value, names["x"], names["y"]
    for there, start, add in (("t.index_add", t, x), ("cupy.add.at", y, t)):
        (text,) = next(here for row, here in ADVICE.items() if there in row)
        wanted = start.copy()
        np.add.at(wanted, names["i"], add)
        np.testing.assert_allclose(eval(text, names).value, wanted)


def test_errors_are_where_the_page_says() -> None:
    with pytest.raises(gg.errors.TrackedConversion) as caught:
        float(gg.tensor(1.0, requires_grad=True))
    assert isinstance(caught.value, gg.errors.GpugradError)
    assert isinstance(caught.value, TypeError)
