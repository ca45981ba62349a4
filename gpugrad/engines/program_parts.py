"""Long programs in parts, each a function of its own.

What Python takes to compile a function with many names of an outer one grows with their square, and
the memory for the text of a long one is large. So a long run is cut between
spans of steps. What the memory of an instance holds is passed on in a `frame`
while the instance is made, and what is local to a run in a dictionary while it runs:

    def make(arena, frame):
        s9 = frame['s9']
        s10 = arena[p10].view(float32_).reshape(z10)
        frame['s10'] = s10
        def run(held):
            s7 = held.pop('s7')
            add(s9, s7, s10)
            # 256: add
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gpugrad.engines.lines import Line, ProgramSource, bound_by, names_in
from gpugrad.engines.program import Clock, Make, Note, Run
from gpugrad.types import Buffer

PART = 192
"""Lines of a part, after which it ends as soon as a span does."""


class InParts:
    """The code of a long program, as `ProgramText` is that of another one."""

    def __init__(self, source: ProgramSource) -> None:
        self._parameters = source.parameters
        self._donated = source.donated
        self._legend = source.legend
        self._texts = [part.text() for part in in_parts(source)]

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join([part.text for part in self._texts])

    @property
    def shown(self) -> str:
        """What there is to read."""
        return "\n".join([self.text, *self._legend])

    @property
    def timed(self) -> tuple[str, ...]:
        """The text of each part noting the time after each span in `held['times']`."""
        return tuple([part.timed_part() for part in self._texts])

    def make(self, scope: dict[str, Any]) -> Make:
        """The function that makes runs, whose text may name what is in `scope`."""
        made = [part.make(scope) for part in self._texts]

        def make(*memory: object) -> tuple[Run, tuple[Buffer, ...]]:
            frame: dict[str, Any] = {}
            parts = [part(*memory, frame)[0] for part in made]
            donated = tuple([frame[name] for name in self._donated])
            return Chain(parts, self._parameters), donated

        return make


class Chain:
    """A run in parts."""

    def __init__(self, parts: Sequence[Run], parameters: tuple[str, ...]) -> None:
        self.parts = parts
        self.parameters = parameters

    def __call__(self, *arrays: object) -> tuple[object, ...]:
        return self.run(arrays, {})

    def run(self, arrays: tuple[object, ...], held: dict[str, object]) -> tuple[object, ...]:
        """What it returns, with what is local to it in `held`."""
        held.update(zip(self.parameters, arrays, strict=True))
        found: list[object] = []
        for part in self.parts:
            found += part(held)
        return tuple(found)

    def timed(
        self, variant: Callable[[Run, int], Run], clock: Clock, note: Note
    ) -> Run:
        """The same by what `variant` makes of each part, which notes times as a whole run does."""
        parts = [variant(part, i) for i, part in enumerate(self.parts)]
        chain = Chain(parts, self.parameters)

        def run(*arrays: object) -> tuple[object, ...]:
            times = [clock()]
            try:
                return chain.run(arrays, {"times": times})
            finally:
                note(times)

        return run


def in_parts(source: ProgramSource) -> list[ProgramSource]:
    """A program as parts, which return its results one after another."""
    parts: list[tuple[Sequence[Line], Sequence[Line]]]
    parts = [(lines, ()) for lines in _cut(source.body)]
    parts += [((), source.results[i : i + PART]) for i in range(0, len(source.results), PART)]
    names = [names_in([*lines, *results]) for lines, results in parts]
    last = {name: i for i, found in enumerate(names) for name in found}
    local = set(source.parameters)
    made = []
    for i, (part, setup) in enumerate(zip(parts, _setups(source, names), strict=True)):
        lines, results = part
        given = [_taken(name, last[name] == i) for name in names[i] if name in local]
        bound = dict.fromkeys(name for line in given for name in line.binds) | bound_by(lines)
        put = [_put("held", name) for name in bound if last[name] > i]
        local.update(bound)
        functions = source.functions if i == 0 else ()
        memory = f"{source.made_with}, frame"
        body = (*given, *lines, *put)
        made.append(
            ProgramSource(memory, setup, ("held",), body, tuple(results), (), functions)
        )
    return made


def _cut(body: Sequence[Line]) -> list[list[Line]]:
    """The lines in parts, each of which ends where a span does."""
    parts: list[list[Line]] = [[]]
    for i, line in enumerate(body):
        if len(parts[-1]) >= PART and body[i - 1].ends:
            parts.append([])
        parts[-1].append(line)
    return parts


def _taken(name: str, last: bool) -> Line:
    """A line that takes a local name from before; the part that reads it last takes it away."""
    found = f"held.pop({name!r})" if last else f"held[{name!r}]"
    return Line(f"{name} = {found}", (name,), ("held",), launches=0)


def _put(where: str, name: str) -> Line:
    return Line(f"{where}[{name!r}] = {name}", (), (where, name), launches=0)


def _setups(source: ProgramSource, names: Sequence[dict[str, None]]) -> list[tuple[Line, ...]]:
    """For each part, which names these, the lines of `make` that no part before it needs.

    They are among those that pass on what they bind. What nobody needs is left out.
    """
    lines = source.setup
    binding: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        for name in line.binds:
            binding.setdefault(name, []).append(at)
    others = [at for at, line in enumerate(lines) if not line.binds]
    home: dict[str, int] = {}                       # the part that binds a name
    mine: list[set[int]] = [set() for _ in names]
    taken: list[dict[str, None]] = [{} for _ in names]
    passed: list[dict[str, None]] = [{} for _ in names]
    mine[0].update(others)
    passed[0].update(dict.fromkeys(source.donated))
    for i, named in enumerate(names):
        wanted = list(named)
        if i == 0:
            wanted += [*source.donated, *(name for at in others for name in lines[at].reads)]
        while wanted:
            name = wanted.pop()
            if name not in binding or home.setdefault(name, i) != i:
                if name in binding:
                    taken[i][name] = passed[home[name]][name] = None
                continue
            new = [at for at in binding[name] if at not in mine[i]]
            mine[i].update(new)
            wanted += [name for at in new for name in (*lines[at].reads, *lines[at].binds)]
    return [
        (
            *(Line(f"{name} = frame[{name!r}]", (name,), ("frame",)) for name in taken[i]),
            *(lines[at] for at in sorted(mine[i])),
            *(_put("frame", name) for name in passed[i]),
        )
        for i in range(len(names))
    ]
