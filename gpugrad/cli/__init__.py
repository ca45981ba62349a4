"""The command line: `gpugrad train`, `predict`, `trace` and `info`.

This file imports only the standard library, so that it can say what to install where the packages
of the extra `train` are missing.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

NEEDED = ("typer", "rich", "matplotlib", "sklearn", "safetensors")  # the extra `train`


def main() -> int:
    """Runs the command in `sys.argv` and returns its exit code.

    0: done. 1: training diverged, or a file could not be written. 2: the request cannot be met as
    it stands. 130: interrupted, with everything saved.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        print(
            f"gpugrad: the command line needs {', '.join(missing)}; "
            "install what is missing with: pip install 'gpugrad[train]'",
            file=sys.stderr,
        )
        return 2
    try:
        from gpugrad.cli.app import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:                       # during the imports: nothing has begun
        print("gpugrad: interrupted", file=sys.stderr)
        return 130
