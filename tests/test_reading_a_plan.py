"""The page on how to read a plan names each operation that is not a function of NumPy or gg."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.plan.primitives import PRIMITIVES

PAGE = Path(__file__).parents[1] / "docs" / "how-it-works" / "reading-a-plan.md"
OPERATIONS = PAGE.read_text("utf-8").partition("## Steps")[2].partition("\n## ")[0]

NAMED = {name for room in (gg, gg.linalg, gg.special, np) for name in dir(room)}
BY_A_PART = ("slope", "correlation", "convolution", "fft_", "cumulative_sum")
"""Parts of names of which the page explains all at once, or that say it themselves."""


@pytest.mark.parametrize(
    "name",
    sorted(
        name for name in PRIMITIVES
        if name not in NAMED and not any(part in name for part in BY_A_PART)
    ),
)  # fmt: skip
def test_an_operation_that_is_no_function_is_explained(name: str) -> None:
    assert re.search(rf"^\|[^|]*`{name}`", OPERATIONS, re.MULTILINE), name
