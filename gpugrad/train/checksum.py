"""A checksum within a file, over all of its other bytes: no damage is too small to be seen.

It is a member of the JSON that the file consists of, or, in a .safetensors file, of the notes in
its header: others can read such files without knowing of it. It guards against damage, not against
somebody who writes a fitting one.
"""

from __future__ import annotations

import re
from hashlib import sha256

NAME = "sha256"
BLANK = {NAME: "0" * 64}  # the member, before `seal` fills it in

_PLACE = re.compile(rb'"sha256\\?": \\?"([0-9a-f]{64})\\?"')  # with the backslashes of JSON in JSON
_WITHIN = 1024  # bytes from the beginning: what comes later is not searched
_NOWHERE = (0, 0)


def seal(content: bytes, before: str = "") -> tuple[bytes, str]:
    """`content` with its blank checksum filled in, and that. It goes on from the one `before`."""
    if not has_place(content):
        raise ValueError(f"there is no blank checksum within the first {_WITHIN} bytes")
    start, end = _place(content)
    checksum = _over(content, start, end, before)
    view = memoryview(content)
    return b"".join((view[:start], checksum.encode(), view[end:])), checksum


def verify(content: bytes, before: str = "") -> str | None:
    """The checksum in `content`, if it is there and the right one."""
    start, end = _place(content)
    found = content[start:end].decode()
    return found if found and found == _over(content, start, end, before) else None


def has_place(content: bytes) -> bool:
    """Whether there is a checksum in `content`, right or wrong."""
    return _place(content) != _NOWHERE


def _place(content: bytes) -> tuple[int, int]:
    found = _PLACE.search(content, 0, _WITHIN)
    return found.span(1) if found else _NOWHERE


def _over(content: bytes, start: int, end: int, before: str) -> str:
    view, checksum = memoryview(content), sha256(before.encode())
    for part in (view[:start], BLANK[NAME].encode(), view[end:]):
        checksum.update(part)
    return checksum.hexdigest()
