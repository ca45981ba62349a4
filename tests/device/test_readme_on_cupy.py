"""The README's program where there is a GPU: as it stands, and changed for it as it says."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest
from pages import README, blocks_of

import gpugrad as gg
from gpugrad import tree

CHANGES = (("import numpy as np", "import cupy as np"), ('backend("numpy")', 'backend("cupy")'))
"""What makes the program one for a GPU, as the page says."""


@pytest.mark.parametrize("library", [np, cp])
def test_the_program_runs(library: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """With its loop cut short: how well it learns is tried on the host."""
    (program,) = blocks_of(README)
    for old, new in (("range(1000)", "range(4)"), *CHANGES):
        assert old in program
        if library is cp or (old, new) not in CHANGES:
            program = program.replace(old, new)
    namespace: dict[str, object] = {}
    with gg.use_backend("auto"):                    # a user has said nothing before
        exec(program, namespace)
    assert "slope at 0" in capsys.readouterr().out
    for name in ("model", "state"):
        leaves = [x for x in tree.leaves(namespace[name]) if hasattr(x, "shape")]
        assert leaves
        assert {type(x) for x in leaves} == {library.ndarray}
