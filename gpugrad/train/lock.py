"""The lock of a run folder: whoever writes in it holds it, and nobody else may meanwhile."""

from __future__ import annotations

import errno
import os
import platform
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gpugrad.atomic import NO_LINK, folder_in_place, naming
from gpugrad.errors import CheckpointError

LOCK = ".lock"  # the name of the file; it holds the number of the process, and its machine's name

_HOLDER = re.compile(r"(\d+) ([\w.-]+)")
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL})
_open: set[int] = set()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Inside, `folder` is this thread's alone; `CheckpointError` says which process has it.

    The system gives a lock back when its process ends, however it ends. Where the system or the
    file system has no locks, a `RuntimeWarning` says so, and nothing is locked.
    """
    path = folder / LOCK
    with naming(path):
        descriptor = _acquire(path)
    process = os.getpid()
    try:
        yield
    finally:
        if descriptor is not None and os.getpid() == process:   # and not in a child of it
            with suppress(OSError):                             # a file without its lock is nothing
                if _is_at(descriptor, path):                    # the folder may be another by now
                    os.unlink(path)
            _close(descriptor)


def _acquire(path: Path) -> int | None:
    """A descriptor of the file at `path` that has the lock, or `None` where there are none."""
    if sys.platform == "win32":
        _warn(path, "gpugrad knows no locks of this system")
        return None
    while True:
        flags = os.O_RDWR | os.O_CREAT | NO_LINK
        try:
            descriptor = os.open(path, flags, 0o666)
        except IsADirectoryError as error:
            raise folder_in_place() from error
        _open.add(descriptor)
        locked = False
        try:
            _lock(descriptor)
            # Its holder removes the file at the end: one that was opened before is nobody's.
            if _is_at(descriptor, path):
                _sign(descriptor, path)
                locked = True
                return descriptor
        except BlockingIOError as error:
            holder = _HOLDER.match(os.pread(descriptor, 1024, 0).decode(errors="replace"))
            who = "process {} on {}".format(*holder.groups()) if holder else "another process"
            raise CheckpointError(
                f"{path.parent}: in use by {who}; wait until that has ended, or stop it"
            ) from error
        except OSError as error:
            if error.errno in _NO_LOCKS:
                _warn(path, os.strerror(error.errno))
                return None
            raise
        finally:
            if not locked:
                _close(descriptor)


def _sign(descriptor: int, path: Path) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {platform.node() or '-'}\n".encode(), 0)
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise


def _close(descriptor: int) -> None:
    _open.discard(descriptor)
    with suppress(OSError):                         # it is closed; no other error may be hidden
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _warn(path: Path, reason: str) -> None:
    warnings.warn(
        f"{path.parent}: it cannot be locked ({reason}), so nothing keeps a second process out; "
        "do not continue this run twice at a time",
        RuntimeWarning,
        stacklevel=5,
    )


def _forget() -> None:
    """Closes what a child has got of its parent's: a lock is held for as long as a copy is open."""
    while _open:
        with suppress(OSError):
            os.close(_open.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
