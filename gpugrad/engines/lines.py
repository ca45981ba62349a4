"""Generated source as lines of which everything is known, and made text last.

A writer says of each line which names it binds and reads and how many calls it makes. So whoever
wants to know, such as what drops an array after its last use, looks there and not into text. Lines
are named tuples, because a program is made of many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import CodeType
from typing import Any, NamedTuple

from gpugrad.generated import shared_source


class Line(NamedTuple):
    """A statement or expression. `inside` are the lines of its block, if it has one.

    `binds` and `reads` are the local names of the line itself, and `launches` how often it calls
    something that computes. A line that `ends` a span of steps is a comment.
    """

    text: str
    binds: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    launches: int = 1
    inside: tuple[Line, ...] = ()
    ends: bool = False


def called(function: str, *names: str) -> Line:
    """A call of `function` with what these names stand for."""
    return Line(f"{function}({', '.join(names)})", reads=names)


def assigned(names: tuple[str, ...], call: Line) -> Line:
    """A call, and what each part of that which it gives is called."""
    target = f"{_listed(names)}= " if names else ""
    return Line(f"{target}{call.text}", names, call.reads)


def names_in(lines: Iterable[Line]) -> dict[str, None]:
    """The names that lines and their blocks bind or read, in order."""
    found: dict[str, None] = {}
    for line in lines:
        found |= dict.fromkeys((*line.binds, *line.reads))
        if line.inside:
            found |= names_in(line.inside)
    return found


def bound_by(lines: Iterable[Line]) -> dict[str, None]:
    """The names that lines and their blocks bind, in order."""
    found: dict[str, None] = {}
    for line in lines:
        found |= dict.fromkeys(line.binds)
        if line.inside:
            found |= bound_by(line.inside)
    return found


def written(lines: Iterable[Line], depth: int = 0) -> list[tuple[str, bool]]:
    """The text of each line, and whether it ends a span."""
    found: list[tuple[str, bool]] = []
    for line in lines:
        found.append((f"{'    ' * depth}{line.text}", line.ends))
        if line.inside:
            found += written(line.inside, depth + 1)
    return found


def dropping(lines: Iterable[Line], kept: Iterable[Line]) -> list[Line]:
    """`lines`, with names that they bind deleted after their last use, but those `kept` needs."""
    lines = list(lines)
    local = bound_by(lines).keys() - names_in(kept).keys()
    found: list[Line] = []
    for line in reversed(lines):
        names = names_in([line]) if line.inside else dict.fromkeys((*line.binds, *line.reads))
        if not local.isdisjoint(names):             # here for the last time
            last = [name for name in names if name in local]
            local.difference_update(last)
            found.append(Line(f"del {', '.join(last)}", reads=tuple(last), launches=0))
        found.append(line)
    return found[::-1]


class ProgramSource(NamedTuple):
    """The source of a program, as the engines describe it: `make` with the function `run` inside.

    `functions` stand beside `make`, whose parameters are `made_with`. Its lines `setup` are run
    once for each instance, the lines `body` at each run, which returns `results`. `donated` are the
    names of the arrays in which donated inputs lie. `legend` are comments.
    """

    made_with: str
    setup: tuple[Line, ...]
    parameters: tuple[str, ...]
    body: tuple[Line, ...]
    results: tuple[Line, ...]
    donated: tuple[str, ...]
    functions: tuple[Line, ...] = ()
    legend: tuple[str, ...] = ()

    def text(self) -> ProgramText:
        """All lines as text."""
        make = Line(f"def make({self.made_with}):", inside=self.setup)
        before = written([*self.functions, make])
        before.append((f"    def run({', '.join(self.parameters)}):", False))
        begin = len(before)
        back = Line(f"return ({_listed([result.text for result in self.results])})")
        body = written([*self.body, back], 2)
        ends = tuple([begin + i for i, (_, ends) in enumerate(body) if ends])
        lines = [text for text, _ in before + body]
        text = "\n".join([*lines, f"    return run, ({_listed(self.donated)})", ""])
        return ProgramText(text, begin, len(lines), ends, self.legend)


def _listed(names: Iterable[str]) -> str:
    """The inside of a tuple of these, however many they are."""
    return "".join([f"{name}, " for name in names])


@dataclass(eq=False)
class ProgramText:
    """The text of a program, whose lines take much more memory.

    By the numbers of its lines, from 0 on: `run` is from `begin` to before `end`, and spans of
    steps end at `ends`.
    """

    text: str
    begin: int
    end: int
    ends: tuple[int, ...]
    legend: tuple[str, ...] = ()
    _code: CodeType | None = None                   # which others share as long as this holds it

    @property
    def shown(self) -> str:
        """What there is to read."""
        return "\n".join([self.text, *self.legend])

    def make(self, scope: dict[str, Any]) -> Callable[..., Any]:
        """The function `make`, which may name what is in `scope`."""
        if self._code is None:
            self._code = shared_source(self.text, "plan")
        exec(self._code, scope)
        made: Callable[..., Any] = scope.pop("make")        # else it would refer to itself
        return made

    @property
    def timed(self) -> tuple[str, ...]:
        """The same with `run` noting the time at its begin and after each span.

        It is such a text::

            def run(s7):
                times = [clock()]
                try:
                    dot(s7, s0, s9)
                    times.append(clock())
                    return (s9, )
                finally:
                    note(times)
        """
        before, run, after = self._noting()
        run = [f"    {line}" for line in run]
        begin, end = ["        times = [clock()]", "        try:"], "        finally:"
        return ("\n".join([*before, *begin, *run, end, "            note(times)", *after]),)

    def timed_part(self) -> str:
        """The same of a part of a program, which is handed the times."""
        before, run, after = self._noting()
        return "\n".join([*before, "        times = held['times']", *run, *after])

    def _noting(self) -> tuple[list[str], list[str], list[str]]:
        """The lines before `run`, those in it with the time noted at the ends, and those after."""
        lines = self.text.split("\n")
        for i in self.ends:
            indent = len(lines[i]) - len(lines[i].lstrip())
            lines[i] = f"{' ' * indent}times.append(clock())"
        return lines[: self.begin], lines[self.begin : self.end], lines[self.end :]
