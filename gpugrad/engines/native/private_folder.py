"""A folder that is its user's alone: made so, and refused where somebody else could write.

Whoever may write to a folder above it could put another one in its place, and whoever owns a link
on the way to it could lead elsewhere; so these are looked at too.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


def make_private(folder: Path) -> Path:
    """The folder, its links followed; what is missing of it is made, for its user alone.

    Raises `OSError` where it cannot be made or entered, or is not its user's alone. On Windows no
    owners and rights are looked at.
    """
    for part in (*reversed(folder.parents), folder):
        found = _look(part)
        if stat.S_ISLNK(found.st_mode):
            if not _is_trusted(found):
                raise PermissionError(f"{part} is a link that {_owner(found)} made")
            part.stat()                             # raises for a circle, or a link to nowhere
            target = part.parent / part.readlink()
            return make_private(target / folder.relative_to(part))
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(f"{part} is no folder")
        if os.name == "posix":
            _check(part, found, above=part != folder)
    if not os.access(folder, os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        raise PermissionError(f"{folder} cannot be entered")
    return folder


def is_private(found: os.stat_result) -> bool:
    """Whether only this user, and root, may write to the file or folder."""
    if os.name != "posix":
        return True
    others = stat.S_IWGRP | stat.S_IWOTH
    return found.st_uid == os.geteuid() and not found.st_mode & others


def _look(part: Path) -> os.stat_result:
    """What is there; a folder is made where nothing is."""
    try:
        return part.lstat()
    except FileNotFoundError:
        pass
    try:
        part.mkdir(0o700)
    except FileExistsError:                         # another process was faster
        return part.lstat()
    part.chmod(0o700)                               # the umask may have taken away the user's own
    return part.lstat()


def _check(part: Path, found: os.stat_result, above: bool) -> None:
    if not above and not is_private(found):
        raise PermissionError(
            f"{part} belongs to {_owner(found)} and has the mode {stat.S_IMODE(found.st_mode):o}; "
            f"expected a folder of {_name(os.geteuid())} that nobody else can write to"
        )
    if above and not _is_trusted(found):
        raise PermissionError(f"{part}, above it, belongs to {_owner(found)}")
    if above and _is_open(found) and not found.st_mode & stat.S_ISVTX:
        raise PermissionError(f"{part}, above it, can be written to by others")


def _is_trusted(found: os.stat_result) -> bool:
    """Whether it is this user's or root's, who in a container may go by another number."""
    return os.name != "posix" or found.st_uid in (0, os.geteuid(), os.stat("/").st_uid)


def _is_open(found: os.stat_result) -> bool:
    """Whether others may write: everybody, or a group that has other members."""
    if found.st_mode & stat.S_IWOTH:
        return True
    return bool(found.st_mode & stat.S_IWGRP) and not _is_own_group(found.st_gid)


def _is_own_group(number: int) -> bool:
    """Whether it is the group of this user alone that many systems make for each."""
    import grp
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(number)
    except KeyError:
        return False
    return user.pw_gid == number and group.gr_name == user.pw_name and not group.gr_mem


def _owner(found: os.stat_result) -> str:
    return _name(found.st_uid)


def _name(number: int) -> str:
    import pwd

    try:
        return f"{pwd.getpwuid(number).pw_name!r}"
    except KeyError:
        return f"user {number}"
