"""Source that is written while the program runs, compiled such that it can be read.

The functions of ops, their rules, plans, sweeps and calls are generated. Tracebacks, debuggers and
`inspect.getsource` of the code of such a function show its lines like those of a file.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from itertools import count
from types import CodeType
from weakref import finalize

_numbers = count()

_alive: dict[str, set[int]] = {}
"""By the name of each text, which of the functions in it are alive, by number."""


def compile_source(text: str, name: str) -> CodeType:
    """The code of `text`, which `name` names in tracebacks, with a number that no other text has.

    Readers find the text as long as there is one of the functions that it defines.
    """
    file = f"<gpugrad {name} {next(_numbers)}>"
    code = compile(text, file, "exec")
    functions = list(_functions(code))
    _alive[file] = set(range(len(functions)))
    # A text without a time of its last change is never looked for on the disk.
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    for number, function in enumerate(functions):
        finalize(function, _ended, file, number).atexit = False
    return code


def _functions(code: CodeType) -> Iterator[CodeType]:
    """The code of each function that `code` defines, and of those inside of them."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _functions(inner)


def _ended(file: str, number: int) -> None:
    alive = _alive.get(file, set())
    alive.discard(number)
    if not alive:
        _alive.pop(file, None)
        linecache.cache.pop(file, None)
