"""What `import gpugrad` costs beside the `import numpy` that it implies, in new processes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest


@pytest.mark.parametrize("modules", ["numpy", "numpy, gpugrad"])
def test_import(measure: Any, modules: str) -> None:
    command = [sys.executable, "-P", "-c", f"import {modules}"]     # not from the working directory
    measure(
        lambda: subprocess.run(command, check=True),
        "import, with the start of Python",
        modules,
        rounds=10,
        over_at_most=0.1 if "gpugrad" in modules else None,
    )
