"""Prints the path of the newest released Python that is found, or nothing.

Looked at are PATH, the versions of pyenv, and those under the folder that is the last argument;
with `--free-threaded` before it, only Pythons without a global lock.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PROBE = """
import ensurepip, sys, venv
print(*sys.version_info[:4], "t" in sys.abiflags, sys.executable)
"""


def probed(python: Path, free_threaded: bool) -> tuple[tuple[int, ...], str] | None:
    """The version and true place of an interpreter that can make environments; `None` if it cannot,
    or is of the other kind.
    """
    told = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, check=False)
    if told.returncode:
        return None
    *numbers, level, free, place = told.stdout.split(maxsplit=5)
    if level != "final" or (free == "True") != free_threaded:
        return None
    return tuple(map(int, numbers)), place.strip()


pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
folders = [*map(Path, os.environ["PATH"].split(os.pathsep)), *pyenv.glob("versions/*/bin")]
folders += Path(sys.argv[-1]).glob("*/bin")
names = {
    python
    for folder in folders
    for python in folder.glob("python3.*")
    if re.fullmatch(r"python3\.\d+t?", python.name)
}
found = [probed(python, "--free-threaded" in sys.argv) for python in sorted(names)]
if ready := [one for one in found if one is not None]:
    print(max(ready)[1])
