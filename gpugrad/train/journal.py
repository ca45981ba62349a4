"""A file with a line of JSON for each epoch, which is only ever added to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gpugrad.atomic import naming, sync_folder, write_all
from gpugrad.errors import CheckpointError
from gpugrad.train.checksum import BLANK, seal, verify
from gpugrad.train.fields import Fields, read_json

_FLAGS = os.O_WRONLY | os.O_APPEND | sum(
    getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")  # where there are such
)

Line = tuple[Fields, int, str]
"""What a line holds, where it ends in the file, and its checksum."""


class Journal:
    """The file at `path`. Each line has a checksum over itself and the one of the line before.

    So a line cannot be changed, lost, added or moved unseen, but for those at the end: they may be
    newer than the last checkpoint, which knows the checksum of the line that it counts on.

    The run can do without a file that is not `vital`, if it is gone and not only damaged.
    """

    def __init__(self, path: Path, vital: bool = True) -> None:
        self.path = path
        self.vital = vital
        self.last = ""  # the checksum of the last line
        self._unsafe = False  # whether there are lines that are not on the disk for certain
        self._known = False  # whether the name of the file is there

    def append(self, value: Mapping[str, Any]) -> None:
        """Adds a line. It is safe on the disk only after `sync`."""
        line, checksum = seal(json.dumps({**value, **BLANK}).encode() + b"\n", self.last)
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

    def lines(self) -> list[Fields]:
        """All lines; `CheckpointError` if one is not as it was written."""
        content = self._read()
        lines = list(self._good(content))
        if (lines[-1][1] if lines else 0) < len(content):
            raise self._damaged(len(lines) + 1)
        return [fields for fields, _, _ in lines]

    def check(self, epoch: int) -> tuple[int, str]:
        """How many bytes the lines up to `epoch` have, and the checksum of the last of them.

        `CheckpointError` if there is not that much that is as it was written.
        """
        size, last, done, number = 0, "", 0, 1
        for fields, end, checksum in self._good(self._read()):
            number += 1
            found = fields.whole("epoch", low=done + 1)
            if found > epoch:
                return size, last
            size, last, done = end, checksum, found
        if done < epoch and (self.vital or self.path.exists()):
            raise self._damaged(number)
        return size, last

    def cut(self, epoch: int) -> None:
        """Drops the lines that come after `epoch`: they will be written again."""
        size, self.last = self.check(epoch)
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
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise CheckpointError(f"{self.path}: it cannot be read ({error.strerror})") from error

    def _good(self, content: bytes) -> Iterator[Line]:
        """The lines as far as they are as they were written."""
        start, last = 0, ""
        while end := content.find(b"\n", start) + 1:
            line = content[start:end]
            checksum = verify(line, last)
            if checksum is None:
                return
            fields = Fields(self.path, read_json(self.path, line))
            fields.any("sha256")
            yield fields, end, checksum
            start, last = end, checksum

    def _damaged(self, number: int) -> CheckpointError:
        remedy = "put back a copy of the file"
        if not self.vital:
            remedy += ", or remove it: the run can go on without"
        return CheckpointError(f"{self.path}: line {number} is damaged or lost; {remedy}")
