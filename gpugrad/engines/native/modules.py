"""Compiled modules: their sources and machine code are kept, for all processes of this machine.

A module has as its name the hash of all that its machine code depends on, so that what is kept
under it never changes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import RLock
from types import ModuleType
from weakref import WeakValueDictionary

from gpugrad.engines.native.code_cache import CodeCache, code_cache
from gpugrad.plan import primitives

_HEADER = '''"""Compiled by gpugrad for one plan."""

from gpugrad.engines.native.compiled_scope import *

'''


@dataclass(frozen=True)
class Module:
    """A module by its name and source, and the cache for both and for its code."""

    cache: CodeCache
    name: str
    source: str

    @property
    def path(self) -> Path:
        """The file of the source, which the compiler process is given."""
        return (self.cache.folder or Path()) / _file(self.name)

    def keep(self) -> None:
        """Store the source, if it is not there: for the compiler process, and to be read."""
        content = self.source.encode()
        if self.cache.load(_file(self.name)) != content:
            self.cache.store(_file(self.name), content)


def make_module(sources: dict[str, tuple[str, str]]) -> Module:
    """The module of functions given as name: (signature, source)."""
    parts = [f"@njit({signature})\n{text}" for signature, text in sources.values()]
    text = _HEADER + "\n\n".join(parts)
    key = sha256((text + _versions()).encode()).hexdigest()[:32]
    module = Module(code_cache(), f"plan_{key}", text)
    module.keep()
    return module


def kept_module(path: Path, cache: CodeCache) -> Module:
    """The module whose source is in that file of the cache; raises `LookupError` if it is not."""
    content = cache.load(path.name)
    if content is None:
        raise LookupError(f"no source is kept in {path}")
    return Module(cache, path.stem, content.decode())


@cache
def _versions() -> str:
    """What machine code depends on beside its source."""
    from numba.core.registry import cpu_target

    here = Path(__file__).parent
    named = ("compiled_scope", "library_math", "product_kernels", "small_products")
    ours = [here / f"{name}.py" for name in named]
    ours += sorted((here / "vector_math").glob("*.py"))
    ours += [Path(primitives.__file__)]
    texts = "".join(path.read_text(encoding="utf-8") for path in ours)
    numba = f"numba {version('numba')}, llvmlite {version('llvmlite')}, Python {sys.version}"
    processor = cpu_target.target_context.codegen().magic_tuple()
    return f"{numba} {processor} {sha256(texts.encode()).hexdigest()}"


_loaded: WeakValueDictionary[Module, ModuleType] = WeakValueDictionary()
_lock = RLock()


def load_module(module: Module) -> ModuleType:
    """The module, run; what has no machine code yet is compiled, which takes seconds.

    It is loaded as long as somebody keeps it: Numba does so with what it compiles itself.
    """
    from gpugrad.engines.native.numba_files import compiler_for

    with _lock:
        made = _loaded.get(module)
        if made is not None:
            return made
        made = ModuleType(f"gpugrad_{module.name}")
        made.__dict__["njit"] = compiler_for(module.cache, module.name)
        # Where Numba looks for the functions that it reads.
        sys.modules[made.__name__] = made
        try:
            # An empty line for that of the hash: then the lines are those of the file.
            exec(compile(f"\n{module.source}", module.path, "exec"), made.__dict__)
        finally:
            del sys.modules[made.__name__]
        _loaded[module] = made
        return made


def _file(name: str) -> str:
    return f"{name}.py"
