"""Numba's cache of machine code, with its files in ours.

Numba keeps two files for a function, an index and the code, and unpickles both, which runs whatever
they say. It gets to see only what it wrote: our cache looks at the bytes first.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numba
from numba.core import caching as untyped
from numba.core.compiler import CompileResult

from gpugrad.engines.native.code_cache import CodeCache
from gpugrad.engines.native.compiled_scope import OPTIONS

caching: Any = untyped

Decorator = Callable[[object], Callable[[object], object]]


def compiler_for(cache: CodeCache, module: str) -> Decorator:
    """`njit(signature)` for functions of that module: compiled at once, unless their code is kept.

    The name of the module stands for all that the code depends on.
    """

    def njit(signature: object) -> Callable[[object], object]:
        def compiled(function: Any) -> object:
            made = numba.njit(**OPTIONS)(function)
            made._cache = _Cache(function, _Files(cache, f"{module}.{function.__name__}"))
            made.compile(signature)
            made.disable_compile()
            return made

        return compiled

    return njit


class _Files(caching.IndexDataCacheFile):  # type: ignore[misc]
    """The files of one function, as what is stored under their names."""

    def __init__(self, cache: CodeCache, name: str) -> None:
        super().__init__(cache_path="", filename_base=name, source_stamp="")
        self._cache = cache

    def _load_index(self) -> object:
        return self._load_data(self._index_name) or {}

    def _save_index(self, overloads: object) -> None:
        self._save_data(self._index_name, overloads)

    def _load_data(self, name: str) -> object:
        content = self._cache.load(name)
        return None if content is None else pickle.loads(content)

    def _save_data(self, name: str, data: object) -> None:
        self._cache.store(name, self._dump(data))


class _Cache(caching.FunctionCache):  # type: ignore[misc]
    """Numba's cache of one function, without its search for a place that can be written to."""

    def __init__(self, function: object, files: _Files) -> None:
        self._py_func = function                    # of which it makes the key
        self._files = files

    def load_overload(self, signature: object, context: Any) -> object:
        context.refresh()
        data = self._files.load(self._index_key(signature, context.codegen()))
        rebuild: Any = CompileResult._rebuild
        return None if data is None else rebuild(context, *data)

    def save_overload(self, signature: object, result: Any) -> None:
        if not result.library.has_dynamic_globals:  # addresses that hold in this process alone
            self._files.save(self._index_key(signature, result.codegen), result._reduce())
