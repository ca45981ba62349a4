"""Source that is written while the program runs, compiled such that it can be read.

The functions of ops, their rules, plans, sweeps and calls are generated. Tracebacks, debuggers and
`inspect.getsource` of the code of such a function show its lines like those of a file.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Sequence
from itertools import count
from types import CodeType
from typing import overload
from weakref import WeakValueDictionary, ref


class _Lines(Sequence[str]):
    """The lines of a text, which is split when somebody reads it: most are never read."""

    def __init__(self, text: str) -> None:
        self._text = text

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._text.splitlines(keepends=True)[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._text.splitlines(keepends=True))

    def __len__(self) -> int:
        return len(self._text.splitlines())


_numbers = count()

_texts: dict[str, list[ref[CodeType]]] = {}
"""By the name of each text, the functions in it."""

_limit = [256]
"""How many texts there may be before those are looked for whose functions are all gone."""


def compile_source(text: str, name: str) -> CodeType:
    """The code of `text`, which `name` names in tracebacks, with a number that no other text has.

    Readers find the text as long as there is one of the functions that it defines, and no longer
    than until twice as many texts are compiled as are in use: nothing runs when a function goes,
    which a signal or another thread could meet half way.
    """
    if len(_texts) >= _limit[0]:
        _forget()
    file = f"<gpugrad {name} {next(_numbers)}>"
    code = compile(text, file, "exec")
    _texts[file] = list(map(ref, _functions(code)))
    # A text without a time of its last change is never looked for on the disk.
    linecache.cache[file] = len(text), None, _Lines(text), file  # type: ignore[assignment]
    return code


_shared: WeakValueDictionary[tuple[str, str], CodeType] = WeakValueDictionary()


def shared_source(text: str, name: str) -> CodeType:
    """The same, but code that somebody still holds is not compiled again for an equal text.

    Plans that differ in sizes alone have one.
    """
    code = _shared.get((name, text))
    if code is None:
        code = _shared[name, text] = compile_source(text, name)
    return code


def _functions(code: CodeType) -> list[CodeType]:
    """The code of each function that `code` defines, and of those inside of them."""
    found = [code]
    for outer in found:                             # which grows by those that are inside
        found += [inner for inner in outer.co_consts if isinstance(inner, CodeType)]
    return found[1:]


def _forget() -> None:
    """Let go of the texts that no function is of any more."""
    for file, functions in list(_texts.items()):
        if all(function() is None for function in functions):
            linecache.cache.pop(file, None)
            _texts.pop(file, None)                  # last: what an interrupt leaves is found again
    _limit[0] = max(256, 2 * len(_texts))
