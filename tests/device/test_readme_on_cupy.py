"""The README's programs where there is a GPU: as they stand, and changed for it as it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cupy as cp
import numpy as np
import pytest
from installed import skip_unless_recent
from pages import README, blocks_of, check_printed

import gpugrad as gg
from gpugrad import tree

CHANGES = (("import numpy as np", "import cupy as np"), ('backend("numpy")', 'backend("cupy")'))
"""What makes the programs ones for a GPU, as the page says."""


@pytest.mark.parametrize("library", [np, cp])
def test_python_blocks_run_one_after_another(
    library: Any,
    own_ops: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """With loops cut short: how well they learn is tried on the host."""
    text = "\0".join(block for block in blocks_of(README) if "os.environ" not in block)
    for old, new in (("range(300)", "range(4)"), ("range(100)", "range(2)"), *CHANGES):
        assert old in text
        if library is cp or (old, new) not in CHANGES:
            text = text.replace(old, new)
    blocks, namespace = text.split("\0"), dict[str, object]()
    monkeypatch.chdir(tmp_path)                     # one writes a file
    with gg.use_backend("auto"):                    # a user has said nothing before
        for block in blocks:
            exec(block, namespace)
    check_printed(blocks, capsys.readouterr().out)
    for name in ("model", "state", "each", "slope"):
        leaves = [x for x in tree.leaves(namespace[name]) if hasattr(x, "shape")]
        assert leaves
        assert {type(x) for x in leaves} == {library.ndarray}


def test_a_script_that_sets_the_environment_runs_alone() -> None:
    """With arrays of NumPy, beside a GPU that nobody asked for."""
    skip_unless_recent("scipy")
    (script,) = [block for block in blocks_of(README) if "os.environ" in block]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True,
        env=os.environ | {"GPUGRAD_BACKEND": "auto"},
    )  # fmt: skip
    assert done.stdout.strip() == script.strip().rpartition("# ")[2]
