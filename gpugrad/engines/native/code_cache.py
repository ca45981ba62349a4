"""The cache of compiled code: bytes that are stored under a name, and read back as they were.

Each name is a file in a folder that is its user's alone. The first line of the file is a hash of
its name and of what follows; it is opened once and read once, and what was read is what is used, if
it fits the hash. So neither damage nor what somebody else wrote is ever run: it counts as not
there, and one warning says so. Where the folder cannot be used, a temporary one of this process
takes its place, and one warning says that.
"""

from __future__ import annotations

import atexit
import errno
import os
import shutil
import stat
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import FrameType

from gpugrad.atomic import NO_LINK, ordinary_file, write_atomically
from gpugrad.engines.native.private_folder import is_private, make_private
from gpugrad.errors import CacheWarning

VARIABLE = "GPUGRAD_CACHE"

DAMAGED, UNUSABLE = "damaged", "unusable"
"""What there are warnings about, one of each."""


class CodeCache:
    """What is stored in `folder`, or in none, where that is `None`: then nothing is kept.

    Once the folder cannot be used, for the `reason`, the one that `instead` returns takes its
    place. `said` holds what there were warnings about.
    """

    def __init__(self, folder: Path | None, instead: Callable[[], Path | None]) -> None:
        self.folder = folder
        self.reason = ""
        self._instead = instead
        self.said: dict[str, str] = {}

    def load(self, name: str) -> bytes | None:
        """What was stored under that name last; `None` if nothing was, or it is damaged."""
        while (folder := self.folder) is not None:
            try:
                path = make_private(folder) / name
            except OSError as error:
                self.give_up(folder, _text(error))
                continue
            try:
                return _read(path)
            except FileNotFoundError:
                return None
            except OSError as error:
                self.say(
                    DAMAGED,
                    f"compiled code in {path} is not used: {_text(error)}. It is compiled anew, as "
                    "is whatever else is damaged in this folder.",
                )
                return None
        return None

    def store(self, name: str, content: bytes) -> None:
        """Keep `content` under that name, whole or not at all, whatever happens."""
        while (folder := self.folder) is not None:
            try:
                path = make_private(folder) / name
                _make_way(path)
                # What a loss of power cuts short does not fit its hash, and is compiled anew.
                write_atomically(path, _head(name, content) + content, mode=0o600, lasting=False)
            except OSError as error:
                self.give_up(folder, _text(error))
            else:
                return

    def give_up(self, folder: Path, reason: str) -> None:
        """Use another folder from now on, if it is still this one that is used."""
        if self.folder != folder:
            return
        other = self._instead()
        self.folder = other if other != folder else None
        self.reason = reason
        place = "in a temporary folder" if self.folder else "nowhere"
        self.say(
            UNUSABLE,
            f"compiled code cannot be kept in {folder}: {reason}. Until this process ends, it is "
            f"kept {place}; {VARIABLE} may name a folder of your own.",
        )

    def say(self, kind: str, text: str) -> None:
        """Warn, unless there was a warning of this kind."""
        if kind in self.said:
            return
        self.said[kind] = text
        later = getattr(_thread, "later", None)
        if later is None:
            warn(text)
        else:
            later.append(text)


def code_cache() -> CodeCache:
    """The cache in the folder that GPUGRAD_CACHE names, or else in the user's own.

    Where the variable is empty, nothing is kept.
    """
    if os.environ.get(VARIABLE) == "":
        return _NOTHING
    folder, reason = _wanted()
    found = _caches.setdefault(folder, CodeCache(folder, _temporary_folder))
    if reason:
        found.give_up(folder, reason)
    return found


def warn(text: str) -> None:
    """A warning that points at the line which called gpugrad."""
    frame: FrameType | None = sys._getframe()
    depth = level = 1
    while frame is not None:
        depth += 1
        if frame.f_code.co_filename.startswith(_OURS):
            level = depth
        frame = frame.f_back
    warnings.warn(text, CacheWarning, stacklevel=level)


@contextmanager
def warnings_later(texts: list[str]) -> Iterator[None]:
    """What there is to warn of in this block is put into the list.

    In a thread of our own nobody could catch a warning, and where warnings are errors, it would
    end the thread.
    """
    before = getattr(_thread, "later", None)
    _thread.later = texts
    try:
        yield
    finally:
        _thread.later = before


def _wanted() -> tuple[Path, str]:
    """The folder, and why it cannot be used where that is known before it is looked at."""
    named = os.environ.get(VARIABLE)
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        if named:
            return Path(named).absolute(), ""
        if os.path.isabs(base):                     # any other is to be ignored, its standard says
            return Path(base) / "gpugrad", ""
        home = Path.home()
        reason = "" if home.is_absolute() and home.is_dir() else "there is no home directory"
        return home / ".cache" / "gpugrad", reason
    except (OSError, RuntimeError) as error:
        return Path(named or "~/.cache/gpugrad"), _text(error)


@cache
def _temporary_folder() -> Path | None:
    """A folder of this process, which is removed when it ends."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="gpugrad-"))
        folder.chmod(0o700)
        atexit.register(_remove, folder, os.getpid())
        return make_private(folder)
    except OSError:
        return None


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:                      # and not one that was forked
        shutil.rmtree(folder, ignore_errors=True)


def _head(name: str, content: bytes) -> bytes:
    """The first line, whose length is always the same."""
    digest = sha256(f"{name}\n".encode())
    digest.update(content)
    return f"# {digest.hexdigest()} {len(content):016x}\n".encode()


def _read(path: Path) -> bytes:
    """The content of an entry; raises `OSError` where there is none, or none that can be used."""
    try:
        with ordinary_file(path, NO_LINK) as file:
            found = os.fstat(file.fileno())
            if not is_private(found):
                raise OSError("others could have written it")
            head = file.read(len(_head("", b"")))
            # Before it is read: what grew by damage may be larger than memory.
            if head[-17:-1] != f"{found.st_size - len(head):016x}".encode():
                raise OSError("it has not the length that it had")
            content = file.read()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError("it is a link") from None
        raise
    if head != _head(path.name, content):
        raise OSError("it does not hold what was written to it")
    return content


def _make_way(path: Path) -> None:
    """Removes what a file cannot replace, or would take its rights from."""
    with suppress(FileNotFoundError):
        found = path.lstat()
        if stat.S_ISDIR(found.st_mode):
            shutil.rmtree(path)
        elif not stat.S_ISREG(found.st_mode):
            path.unlink()


def _text(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error)


_OURS = (str(Path(__file__).parents[2]), "<gpugrad")
_thread = threading.local()
_caches: dict[Path, CodeCache] = {}
_NOTHING = CodeCache(None, lambda: None)
