"""Compiled modules: sources in a cache folder, compiled once for all processes of this machine.

A module is a file whose name is the hash of all that its machine code depends on, so that no file
ever changes. Numba keeps the code beside it, and reads it back where processor and versions fit.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import mkstemp
from types import ModuleType
from typing import Any

VARIABLE = "GPUGRAD_CACHE"

_HEADER = '''"""Compiled by gpugrad for one plan."""

from gpugrad.executor.engines.compiled_scope import *

'''


def folder() -> Path:
    """Where compiled modules are kept: what GPUGRAD_CACHE names, else in the user's cache."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gpugrad"


def write_module(sources: dict[str, tuple[str, str]]) -> Path:
    """The file for functions given as name: (signature, source); it is written if it is new.

    It appears under its name at once and whole, so that another process never reads half of it.
    """
    parts = [f"@njit({signature})\n{text}" for signature, text in sources.values()]
    text = _HEADER + "\n\n".join(parts)
    key = sha256((text + _versions()).encode()).hexdigest()[:32]
    path = folder() / f"plan_{key}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    return path


@cache
def _versions() -> str:
    """What machine code depends on beside its source; Numba itself looks at the processor."""
    here = Path(__file__).parent
    named = ("compiled_scope", "library_math", "product_kernels", "small_products")
    ours = [here / f"{name}.py" for name in named]
    ours += sorted((here / "vector_math").glob("*.py"))
    texts = "".join(path.read_text(encoding="utf-8") for path in ours)
    numba = f"numba {version('numba')}, llvmlite {version('llvmlite')}, Python {sys.version}"
    return f"{numba} {sha256(texts.encode()).hexdigest()}"


@cache
def load_module(path: Path) -> ModuleType:
    """The module in that file; what has no machine code yet is compiled, which takes seconds."""
    spec: Any = spec_from_file_location(f"gpugrad_{path.stem}", path)
    module = module_from_spec(spec)
    sys.modules[spec.name] = module                 # where Numba looks for the functions it reads
    spec.loader.exec_module(module)
    return module
