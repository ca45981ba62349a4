"""What a disk may hold after the power was cut: any part of what was not yet put there.

The model is POSIX at its word, weaker than any file system that is in use. What was written to a
file before its last `fsync` is on the disk, and so are the names in a folder from before the last
`fsync` of the folder. All later writes and changes of names may be on the disk or not, each apart
from the others, in any order; a write may be there in part, or as zeros.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import product
from math import prod
from pathlib import Path

from faults.library import MARK, Operation

Tree = Mapping[str, bytes | None]       # contents by path; `None` is a folder
Change = Callable[["Disk"], None]


@dataclass
class Disk:
    """Files by number, and the names that lead to them: path to number."""

    data: dict[int, bytearray] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def tree(self) -> Tree:
        """What a reader finds; what lies in a folder whose own name is not there is not found."""
        found: dict[str, bytes | None] = {}
        for folder in sorted(self.folders):
            if self.is_found(folder):
                found[folder] = None
        for path, number in sorted(self.names.items()):
            if self.is_found(str(Path(path).parent)):
                found[path] = bytes(self.data.get(number, b""))
        return found

    def is_found(self, folder: str) -> bool:
        """Whether the names on the way to `folder` are all there."""
        return folder == "." or (folder in self.folders and self.is_found(str(Path(folder).parent)))


def _write(number: int, offset: int, data: bytes) -> Change:
    def change(disk: Disk) -> None:
        content = disk.data.setdefault(number, bytearray())
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data

    return change


def _resize(number: int, size: int) -> Change:
    def change(disk: Disk) -> None:
        content = disk.data.setdefault(number, bytearray())
        content.extend(bytes(max(0, size - len(content))))
        del content[size:]

    return change


def _rename(number: int, old: str | None, new: str | None) -> Change:
    def change(disk: Disk) -> None:
        if old is not None and disk.names.get(old) == number:
            del disk.names[old]
        if new is not None:
            disk.names[new] = number

    return change


def _make(folder: str) -> Change:
    return lambda disk: disk.folders.add(folder)


@dataclass(frozen=True)
class Pending:
    """Something that was done: to be put on the disk by an fsync of `owner`; until then, one of
    `choices` is what became of it, the first being nothing, the second all."""

    owner: int | str                    # a file's number, or the path of a folder
    choices: tuple[Change | None, ...]


def _parts(number: int, offset: int, data: bytes, cut: random.Random) -> tuple[Change | None, ...]:
    """Nothing, all, a beginning, zeros, and zeros with an end."""
    at = cut.randrange(1, len(data)) if len(data) > 1 else 0
    zeros = bytes(len(data))
    texts = dict.fromkeys([data, data[:at], zeros, zeros[:at] + data[at:]])
    return (None, *(_write(number, offset, text) for text in texts if text))


Snapshot = Mapping[str, tuple[int, bytes | None]]   # inode and contents by path; all on the disk


def snapshot(root: Path) -> Snapshot:
    """What is below `root` now."""
    return {
        str(path.relative_to(root)): (
            path.stat().st_ino,
            None if path.is_dir() else path.read_bytes(),
        )
        for path in sorted(root.rglob("*"))
    }


class History:
    """What a log says was done below `root`, so that the disk can be known at each moment.

    `before` is what was there when the log began.
    """

    def __init__(
        self, root: Path, log: Iterable[Operation], before: Snapshot | None = None, seed: int = 0
    ) -> None:
        self.root = root
        self.steps: list[Pending | int | str] = []  # done; or an fsync of a file or a folder
        self.marks: dict[int, list[str]] = {}       # by number of steps: what was said by then
        self._numbers: dict[int, int] = {}          # of a file, by inode, as long as it lives
        self._names: dict[str, int] = {}
        self._last = 0
        self._first = Disk()
        for path, (inode, content) in (before or {}).items():
            if content is None:
                self._first.folders.add(path)
            else:
                self._last += 1
                self._numbers[inode] = self._names[path] = self._first.names[path] = self._last
                self._first.data[self._last] = bytearray(content)
        cut = random.Random(seed)
        said: list[str] = []
        for entry in log:
            if entry.name == MARK:
                said = [*said, entry.path]
            elif entry.result >= 0:
                self.steps += self._steps(entry, cut)
            self.marks[len(self.steps)] = said

    def _inner(self, path: str) -> str:
        return str(Path(path).relative_to(self.root))

    def _steps(self, entry: Operation, cut: random.Random) -> Iterator[Pending | int | str]:
        name = entry.name
        if name in ("open", "stat", "read", "close", "list", "access", "flock", "lock", "chmod"):
            return
        if name == "fsync":
            yield self._numbers.get(entry.inode, self._inner(entry.path))
        elif name == "mkdir":
            path = self._inner(entry.path)
            yield Pending(str(Path(path).parent), (None, _make(path)))
        elif name == "create":
            self._last += 1
            self._numbers[entry.inode] = self._last
            yield self._named(self._last, None, self._inner(entry.path))
        elif name == "rename":
            old, new = self._inner(entry.path), self._inner(entry.second)
            yield self._named(self._names[old], old, new)
        elif name == "unlink":
            old = self._inner(entry.path)
            yield self._named(self._names[old], old, None)
        elif name == "write":
            number = self._numbers[entry.inode]
            yield Pending(number, _parts(number, entry.offset, entry.data, cut))
        elif name in ("truncate", "ftruncate"):
            number = self._numbers[entry.inode]
            yield Pending(number, (None, _resize(number, entry.offset)))
        else:
            raise AssertionError(f"the disk knows nothing of {name}: teach it")

    def _named(self, number: int, old: str | None, new: str | None) -> Pending:
        if old is not None:
            del self._names[old]
        if new is not None:
            self._names[new] = number
        folder = str(Path(new or old or "").parent)
        return Pending(folder, (None, _rename(number, old, new)))

    def whole(self) -> Tree:
        """The disk if nothing was ever lost."""
        disk = deepcopy(self._first)
        for step in self.steps:
            if isinstance(step, Pending):
                _apply(step.choices[1], disk)
        return disk.tree()

    def states(self, moment: int, most: int, chosen: random.Random) -> Iterator[Tree]:
        """What the disk may hold if the power is cut after `moment` steps: all that is possible, or
        a sample of that many where there is more, with the extremes among them."""
        done = [step for step in self.steps[:moment] if isinstance(step, Pending)]
        open_to = [step.choices for step in self._loose(moment)]
        loose = {id(step) for step in self._loose(moment)}
        for picked in _picks(open_to, most, chosen):
            left, disk = list(picked), deepcopy(self._first)
            for step in done:
                _apply(left.pop(0) if id(step) in loose else step.choices[1], disk)
            yield disk.tree()

    def _loose(self, moment: int) -> list[Pending]:
        """What was done and is not sure to be on the disk."""
        loose: list[Pending] = []
        for step in self.steps[:moment]:
            if isinstance(step, Pending):
                loose.append(step)
            else:
                loose = [each for each in loose if each.owner != step]
        return loose


def _picks(
    open_to: Sequence[tuple[Change | None, ...]], most: int, chosen: random.Random
) -> Iterator[tuple[Change | None, ...]]:
    if prod(map(len, open_to)) <= most:
        yield from product(*open_to)
        return
    nothing = tuple(each[0] for each in open_to)
    everything = tuple(each[1] for each in open_to)
    extremes = [nothing, everything]
    for at, choices in enumerate(open_to):
        for choice in choices:
            extremes += [
                (*rest[:at], choice, *rest[at + 1 :]) for rest in (nothing, everything)
            ]
    yield from extremes
    for _ in range(most - len(extremes)):
        yield tuple(chosen.choice(choices) for choices in open_to)


def _apply(change: Change | None, disk: Disk) -> None:
    if change is not None:
        change(disk)


def materialise(tree: Tree, root: Path) -> None:
    """Makes `root`, which is empty, hold this."""
    for path, content in tree.items():
        if content is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(content)


def read(root: Path) -> Tree:
    """What is below `root`."""
    return {path: content for path, (_, content) in snapshot(root).items()}


State = tuple[tuple[str, bytes | None], ...]    # the items of a tree


def possible(history: History, most: int, seed: int = 0) -> dict[State, list[str]]:
    """Each state that the disk may be found in, at some moment, and the most that was said to be
    durable at a moment when it may."""
    chosen = random.Random(seed)
    found: dict[State, list[str]] = {}
    said: list[str] = []
    for moment in range(len(history.steps) + 1):
        said = history.marks.get(moment, said)
        for tree in history.states(moment, most, chosen):
            found[tuple(tree.items())] = said   # moments come in order: what is said last, is most
    return found
