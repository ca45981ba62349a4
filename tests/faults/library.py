"""The library that counts a process's file-system operations, and the log that it writes."""

from __future__ import annotations

import errno
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("operations.c")
FLAGS = "-std=gnu11 -O1 -shared -fPIC -Wall -Wextra -Werror".split()
ENTRY = struct.Struct("=4i5q")          # `struct entry` of the source
MARK = "mark"                           # an entry that is no operation


@dataclass(frozen=True)
class Fault:
    """What happens to the chosen operation: `kind` is a place in `enum fault` of the source."""

    name: str
    kind: int
    error: int = 0
    stops: bool = False                 # the process is gone
    invisible: bool = False             # the program may not notice


CRASHES = (
    Fault("crash before", 1, stops=True),
    Fault("crash after", 2, stops=True),
    Fault("crash within", 3, stops=True),           # half of a write is done
)
ERRORS = (
    Fault("ENOSPC", 5, errno.ENOSPC),
    Fault("EIO", 5, errno.EIO),
    Fault("EINTR", 5, errno.EINTR),
    Fault("EIO from then on", 6, errno.EIO),
    Fault("ENOSPC from then on", 7, errno.ENOSPC),  # where space is asked for
)
SHORT = Fault("half done", 4, invisible=True)       # half of a write or read: a legal answer
FAULTS = (*CRASHES, *ERRORS, SHORT)

# Where POSIX lets a signal break in, and Python does what was interrupted again.
RETRIED = frozenset(["open", "create", "truncate", "read", "write", "fsync", "ftruncate", "flock"])


@dataclass(frozen=True)
class Operation:
    """One entry of the log: what was done to which path, and how it ended (-1: `error`)."""

    name: str
    path: str
    second: str                         # the new name, of a rename
    flags: int
    inode: int
    offset: int                         # of a write; the size, of an ftruncate
    result: int
    error: int
    data: bytes


def find_compiler() -> str | None:
    """The host C compiler: `$CC`, gcc, clang or cc; `None` if there is none."""
    candidates = (os.environ.get("CC") or "cc", "gcc", "clang")
    return next(filter(None, map(shutil.which, candidates)), None)


def build(compiler: str, folder: Path) -> Path:
    """The library, made in `folder`."""
    library = folder / "operations.so"
    command = [compiler, *FLAGS, str(SOURCE), "-o", str(library), "-ldl"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"the host compiler refused {SOURCE.name}:\n{run.stderr}"
    return library


def parse(log: bytes) -> Iterator[Operation]:
    """The entries of a log, in order."""
    at = 0
    while at < len(log):
        *lengths, flags, inode, offset, result, error, size = ENTRY.unpack_from(log, at)
        at += ENTRY.size
        texts = []
        for length in lengths:
            texts.append(os.fsdecode(log[at : at + length]))
            at += length
        name, path, second = texts
        yield Operation(
            name, path, second, flags, inode, offset, result, error, log[at : at + size]
        )
        at += size
