"""What lines of generated source say of themselves, checked by Python's own parser."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from gpugrad.engines.lines import Line, ProgramSource, ProgramText


@contextmanager
def sources() -> Iterator[list[ProgramSource]]:
    """A list that grows by each program that is written inside."""
    found: list[ProgramSource] = []
    text = ProgramSource.text

    def noted(source: ProgramSource) -> ProgramText:
        found.append(source)
        return text(source)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgramSource, "text", noted)
        yield found


def wrong_lines(source: ProgramSource) -> list[str]:
    """The lines of a program that bind or read other names than they say."""
    lines = [*_statements((*source.setup, *source.body))]
    local = {name for line in lines for name in _names(line, ast.Store)}
    local |= {*source.parameters, *(x.strip() for x in source.made_with.split(","))}
    found = [_problem(line, local) for line in (*lines, *source.results)]
    return [problem for problem in found if problem]


def _statements(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        if not line.text.startswith(("#", "try:", "finally:", "del ")):
            yield line
        yield from _statements(line.inside)


def _problem(line: Line, local: set[str]) -> str:
    bound, read = _names(line, ast.Store), _names(line, ast.Load) & local
    if bound - {"_"} == set(line.binds) and read <= set(line.reads) | set(FREE):
        extra = set(line.reads) & local - read
        return f"{line.text}: reads no {extra}" if extra else ""
    return f"{line.text}: binds {bound}, says {line.binds}; reads {read}, says {line.reads}"


FREE = ("arena", "turn", "given", "blas", "i")
"""What nobody asks of lines whether they read it."""


def _names(line: Line, context: type[ast.expr_context]) -> set[str]:
    text = f"{line.text} pass" if line.inside else line.text
    tree = ast.parse(text)
    found = {x.id for x in ast.walk(tree) if isinstance(x, ast.Name) and type(x.ctx) is context}
    inside = [x.target for x in ast.walk(tree) if isinstance(x, ast.comprehension)]
    found -= {x.id for x in inside if isinstance(x, ast.Name)}
    if context is ast.Store:
        found |= {x.name for x in ast.walk(tree) if isinstance(x, ast.FunctionDef)}
    return found
