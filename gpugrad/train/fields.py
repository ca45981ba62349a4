"""JSON from a file, of which nothing is believed: each value is of its kind, or refused by name."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from reprlib import repr as shortened
from typing import Any

from gpugrad.errors import CheckpointError
from gpugrad.strict_json import parse

LARGEST = 2**63 - 1  # of a whole number: it is saved as int64


def read_json(path: Path, content: bytes | str) -> object:
    """The value that `content`, which comes from the file at `path`, stands for."""
    try:
        return parse(content)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: it cannot be read ({error})") from error


class Fields:
    """The members of an object, taken out one by one; `end` says that these were all.

    `CheckpointError` names the file at `path` and the member where one is missing, not of the kind
    that is wanted, or too many.
    """

    def __init__(self, path: Path, value: object, name: str = "") -> None:
        self.path = path
        self.name = name
        if type(value) is not dict:
            raise self._error(name or "what is in it", value, "an object with names")
        self.left = dict(value)

    def value(self, name: str) -> Any:
        """The member of that name, whatever it is."""
        if name not in self.left:
            raise CheckpointError(f"{self.path}: {self._full(name)} is missing")
        return self.left.pop(name)

    def part(self, name: str) -> Fields:
        """The members of an object in this one."""
        return Fields(self.path, self.value(name), self._full(name))

    def items(self, name: str) -> list[object]:
        """A list of whatever it holds."""
        value = self.value(name)
        if type(value) is not list:
            raise self._error(self._full(name), value, "a list")
        return value

    def whole(self, name: str, low: int = 0, high: int = LARGEST) -> int:
        """A whole number."""
        value = self.value(name)
        if type(value) is not int or not low <= value <= high:
            wanted = f"a whole number from {low} to {high:,}"
            raise self._error(self._full(name), value, wanted)
        return value

    def number(self, name: str, low: float = 0.0, high: float = float("inf")) -> float:
        """A finite number."""
        value = self.value(name)
        if type(value) is not float or not isfinite(value) or not low <= value <= high:
            wanted = f"a decimal number from {low:g} to {high:g}, and finite"
            raise self._error(self._full(name), value, wanted)
        return value

    def number_if_any(
        self, name: str, low: float = 0.0, high: float = float("inf")
    ) -> float | None:
        """A finite number, or null."""
        if name in self.left and self.left[name] is None:
            return self.left.pop(name)              # type: ignore[no-any-return]
        return self.number(name, low, high)

    def text(self, name: str) -> str:
        """A text that could be printed or name a file."""
        return self._text(self._full(name), self.value(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, of which no two are equal."""
        values = [self._text(f"a member of {self._full(name)}", x) for x in self.items(name)]
        if len(set(values)) < len(values):
            raise self._error(self._full(name), values, "a list without repetition")
        return tuple(values)

    def end(self) -> None:
        """Refuses members that nobody asked for."""
        if self.left:
            name = shortened(self._full(min(self.left)))
            raise CheckpointError(f"{self.path}: {name} does not belong there")

    def _full(self, name: str) -> str:
        return f"{self.name}.{name}" if self.name else name

    def _text(self, name: str, value: object) -> str:
        try:
            if type(value) is str and "\0" not in value:
                value.encode(errors="surrogateescape")          # names of files have such bytes
                return value
        except UnicodeEncodeError:
            pass
        raise self._error(name, value, "a text of ordinary characters")

    def _error(self, name: str, value: object, wanted: str) -> CheckpointError:
        return CheckpointError(f"{self.path}: {name} is {shortened(value)}; expected {wanted}")
