"""Writing a file so that a reader finds the old contents or the new, whole, whatever happens.

Reading one, too: every error names the file, and nothing but a file is waited for.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from typing import BinaryIO


def _flags(*names: str) -> int:
    """Of the flags of `os.open`, those that this system has."""
    return sum(getattr(os, name, 0) for name in names)


NO_LINK = _flags("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")
_AT_ONCE = _flags("O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
_EXCLUSIVE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK
ABANDONED = 3600.0  # seconds without a write, after which no process is taken to be at work on it
_TEMPORARY = re.compile(r"\.gpugrad-[0-9a-f]{32}\.tmp")
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EACCES})


def write_atomically(
    path: Path,
    content: bytes,
    previous: Path | None = None,
    mode: int | None = None,
    lasting: bool = True,
) -> None:
    """Replaces the file at `path`: the bytes are on the disk before the name points to them.

    They are written to a temporary file in the same folder, since a rename is atomic within one
    file system only. It has a random name, is never one that was there, and is removed whenever
    something fails. What a killed process left of its own is removed by a later write in that
    folder, once it is an hour old. The new file has the permissions `mode`, or those of the one
    that it replaces, or else those that the umask leaves. A link at `path` is replaced, never
    followed.

    What was there becomes `previous`, in the same folder, if that is given. Whoever is stopped
    between these two renames leaves `previous` and, even after a loss of power, the temporary file:
    that tells this from a file at `path` that was removed.

    What is not `lasting` is not waited for until it is on the disk: a loss of power may leave a
    file that is cut short. It is for what readers check, and can do without.

    Every error is an `OSError` that names `path`, or `previous` where a folder is in its place. One
    from the last step, which puts the rename on the disk, comes when the new contents are in place
    already.
    """
    if previous is not None:
        with naming(previous):
            _mode(previous)
    folder = path.parent
    temporary = folder / f".gpugrad-{os.urandom(16).hex()}.tmp"
    with naming(path):
        kept = _mode(path)
        try:
            _write(temporary, content, kept if mode is None else mode, lasting)
            if previous is not None:
                sync_folder(folder)
                with suppress(FileNotFoundError):
                    os.replace(path, previous)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        if lasting:
            sync_folder(folder)


def remove_file(path: Path) -> None:
    """Removes the file or the link at `path`, if there is one; an `OSError` that names it."""
    with naming(path):
        if path.is_dir() and not path.is_symlink():
            raise folder_in_place()
        path.unlink(missing_ok=True)


@contextmanager
def ordinary_file(path: Path, flags: int = 0) -> Iterator[BinaryIO]:
    """The file at `path`, to be read; an `OSError` for a pipe or a device, which is not waited for.

    `flags` are more of those of `os.open`.
    """
    descriptor = os.open(path, os.O_RDONLY | _AT_ONCE | flags)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file")
        with open(descriptor, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(descriptor)


def read_file(path: Path) -> bytes:
    """What is in the file at `path`; an `OSError` that names it, also for a pipe or a device."""
    with naming(path), ordinary_file(path) as file:
        return file.read()


def sweep(folder: Path) -> None:
    """Removes what killed processes left in `folder`, of which the caller is the only user."""
    _sweep(folder, before=inf)


def make_folder(path: Path) -> None:
    """Makes the folder `path`, and those above it, so that they outlast a loss of power."""
    with naming(path):
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        for folder in missing:
            sync_folder(folder.parent)


def write_all(descriptor: int, content: bytes) -> None:
    """Writes all of `content`, in as many parts as the system takes it."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Puts on the disk which files there are in `folder`, where the system has a call for that."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:             # of a file system, or without leave to read
            raise


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Inside, every `OSError` comes to name `path`: those of a write, say, name no file."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, reason, os.fspath(path)) from error


def folder_in_place() -> IsADirectoryError:
    """The error where a file is to be, and there is a folder."""
    return IsADirectoryError(
        errno.EISDIR,
        "it is a folder, in the place of a file that is to be written; move it away, or remove it",
    )


def is_temporary(path: Path) -> bool:
    """Whether `path` is what a process killed inside `write_atomically` left behind."""
    return _TEMPORARY.fullmatch(path.name) is not None


def _mode(path: Path) -> int | None:
    """The permissions of the file at `path`, if there is one that can be replaced."""
    try:
        target = os.stat(path)                      # a link to a device or a folder is refused
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(target.st_mode):
        raise folder_in_place()
    if not stat.S_ISREG(target.st_mode):
        raise FileExistsError(errno.EEXIST, "it is no ordinary file, and cannot be replaced by one")
    return None if stat.S_ISLNK(found.st_mode) else stat.S_IMODE(found.st_mode) & 0o777


def _write(path: Path, content: bytes, mode: int | None, lasting: bool) -> None:
    descriptor = os.open(path, _EXCLUSIVE, 0o666 if mode is None else mode)
    try:
        made = os.fstat(descriptor)
        if mode is not None and made.st_mode & 0o777 != mode:
            os.fchmod(descriptor, mode)
        _sweep(path.parent, made.st_mtime - ABANDONED)      # by the clock of the file system
        write_all(descriptor, content)
        if lasting:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(folder: Path, before: float) -> None:
    """Removes temporary files last written to before that time, as far as that can be done."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) is None:
                continue
            with suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and found.st_mtime < before:
                    os.unlink(entry.path)
