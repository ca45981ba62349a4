"""Prints a pip constraint for each dependency of the extras named: exactly its lowest version.

They are read out of pyproject.toml, where `numpy>=2.2` says that 2.2 is enough; without an extra,
those of the base install alone.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
extras = project["optional-dependencies"]
for requirement in [*project["dependencies"], *(r for name in sys.argv[1:] for r in extras[name])]:
    found = re.fullmatch(r"([\w.-]+)>=([\w.]+)", requirement)
    if found is None:
        sys.exit(f"ci/lowest.py: {requirement!r} does not have the form 'name>=version'")
    print(f"{found[1]}=={found[2]}")
