"""Writing a file so that a reader finds the old contents or the new, whole, whatever happens."""

from __future__ import annotations

import os
from pathlib import Path

TEMPORARY = ".tmp"


def write_atomically(path: Path, content: bytes) -> None:
    """Replaces the file at `path`: the bytes are on the disk before the name points to them.

    The temporary file lies in the same folder, since a rename is atomic within one file system
    only. It has one fixed name, so that a killed process leaves at most one behind.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Puts the rename itself on the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_temporary(path: Path) -> bool:
    """Whether `path` is what a process killed inside `write_atomically` left behind."""
    return path.name.startswith(".") and path.name.endswith(TEMPORARY)
