"""JSON as its standard has it, and no more: what comes from a file is not to mean two things."""

from __future__ import annotations

import json
from collections.abc import Iterable
from reprlib import repr as short
from typing import Any, NoReturn


def parse(content: bytes | str) -> Any:
    """The value that `content` stands for.

    Raises `ValueError` where it is no JSON, holds a number that JSON does not have, such as NaN, or
    a name twice in one object; `RecursionError` where it is too deep.
    """
    return json.loads(content, object_pairs_hook=_object, parse_constant=_no_number)


def _object(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{short(name)} occurs twice")
        found[name] = value
    return found


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
