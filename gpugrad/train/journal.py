"""A file with a line of JSON for each epoch, which is only ever added to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from gpugrad.atomic import (
    NO_LINK,
    naming,
    read_file,
    sync_folder,
    write_all,
    write_atomically,
)
from gpugrad.errors import CheckpointError
from gpugrad.train.checksum import BLANK, NAME, seal, verify
from gpugrad.train.fields import Fields, read_json

_FLAGS = os.O_WRONLY | os.O_APPEND | NO_LINK

Line = tuple[object, int, str]
"""What a line holds, where it ends in the file, and its checksum."""


class Journal:
    """The file at `path`. Each line has a checksum over itself and the one of the line before.

    So a line cannot be changed, lost, added or moved unseen, but for those at the end, which may be
    newer than the last checkpoint. A user may remove the file, as errors about damage say.

    `unless` says what happens if a damaged file is removed, for its `remedy` in errors.
    """

    def __init__(self, path: Path, unless: str) -> None:
        self.path = path
        self.remedy = f"put back a copy of the file, or remove it: {unless}"
        self.last = ""  # the checksum of the last line
        self._unsafe = False  # whether there are lines that are not on the disk for certain
        self._known = False  # whether the name of the file is there

    def write(self, values: Iterable[Mapping[str, object]]) -> None:
        """Writes the file anew, with a line for each of the values."""
        lines, last = [], ""
        for value in values:
            line, last = _line(value, last)
            lines.append(line)
        write_atomically(self.path, b"".join(lines))
        self.last = last

    def append(self, value: Mapping[str, object]) -> None:
        """Adds a line. It is safe on the disk only after `sync`."""
        line, checksum = _line(value, self.last)
        with self._opened(os.O_CREAT) as descriptor:
            size = os.fstat(descriptor).st_size
            try:
                write_all(descriptor, line)
            except BaseException:
                with suppress(OSError):             # half a line, which `cut` would drop as well
                    os.ftruncate(descriptor, size)
                raise
        self.last, self._unsafe = checksum, True

    def sync(self) -> None:
        """Puts on the disk what was added."""
        if not self._unsafe:
            return
        with self._opened() as descriptor:
            os.fsync(descriptor)
            if not self._known:
                sync_folder(self.path.parent)
        self._unsafe, self._known = False, True

    def lines(self, epoch: int | None = None) -> list[Fields]:
        """The lines up to that of `epoch`, or all; none if there is no file, or nothing in it.

        `CheckpointError` if one of them is not as it was written, or not there.
        """
        found = [Fields(self.path, value) for value, _, _ in self._lines(epoch)]
        for fields in found:
            fields.value(NAME)
        return found

    def count(self) -> int:
        """How many epochs have a line in the file, whole or damaged."""
        return self._read().count(b"\n")

    def cut(self, epoch: int) -> None:
        """Drops the lines that come after `epoch`: they will be written again."""
        _, size, self.last = [(None, 0, ""), *self._lines(epoch)][-1]
        if self.path.exists():
            with self._opened() as descriptor:
                os.ftruncate(descriptor, size)

    @contextmanager
    def _opened(self, flags: int = 0) -> Iterator[int]:
        with naming(self.path):
            descriptor = os.open(self.path, _FLAGS | flags, 0o666)
            try:
                yield descriptor
            finally:
                os.close(descriptor)

    def _read(self) -> bytes:
        try:
            return read_file(self.path)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise CheckpointError(
                f"{self.path}: it cannot be read ({error.strerror}); {self.remedy}"
            ) from error

    def _lines(self, epoch: int | None) -> list[Line]:
        content = self._read()
        lines: list[Line] = []
        start, last, done = 0, "", 0
        while end := content.find(b"\n", start) + 1:
            line = content[start:end]
            checksum = verify(line, last)
            if checksum is None:
                break
            value = read_json(self.path, line)
            done = Fields(self.path, value).whole("epoch", low=done + 1)
            if epoch is not None and done > epoch:
                return lines
            lines.append((value, end, checksum))
            start, last = end, checksum
        if epoch is None:
            whole = start == len(content)
        else:
            whole = done == epoch or not content
        if not whole:
            raise CheckpointError(
                f"{self.path}: line {len(lines) + 1} is damaged or lost; {self.remedy}"
            )
        return lines


def _line(value: Mapping[str, object], before: str) -> tuple[bytes, str]:
    return seal(json.dumps({**value, **BLANK}).encode() + b"\n", before)
