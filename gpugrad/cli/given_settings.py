"""From the words of options to settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import Any

from gpugrad.cli.data_options import parse_names, parse_size
from gpugrad.errors import InvalidArgument
from gpugrad.train import Config


def settings_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The settings among the values of options, as far as they were given."""
    found = {field.name: options.get(field.name) for field in fields(Config)}
    return {
        name: PARSERS.get(name, _as_it_is)(value)
        for name, value in found.items()
        if value not in (None, [], ())              # of an option for lists that was not
    }


def parse_widths(text: str) -> tuple[int, ...]:
    """The widths in a text such as `128,64`; nothing at all means no hidden layer."""
    return _whole_numbers("hidden", text, "128,64") if text.strip() else ()


def parse_epochs(text: str) -> tuple[int, ...]:
    """The epochs in a text such as `20,30`."""
    return _whole_numbers("lr_milestones", text, "20,30")


def parse_class_weight(text: str) -> str | tuple[float, ...]:
    """`none`, `balanced`, or the numbers in a text such as `1,5`."""
    if text in ("none", "balanced"):
        return text
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidArgument(
            f"class_weight is '{text}'; expected none, balanced, or numbers separated by commas, "
            "such as 1,5"
        ) from error


def _whole_numbers(name: str, text: str, example: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidArgument(
            f"{name} is '{text}'; expected whole numbers separated by commas, such as {example}"
        ) from error


def _as_it_is(value: Any) -> Any:
    return value


NUMBERS: dict[str, Callable[[str], Any]] = {
    "hidden": parse_widths,
    "lr_milestones": parse_epochs,
    "class_weight": parse_class_weight,
}
"""Options with several numbers, which are separated by commas."""

PARSERS: dict[str, Callable[[Any], Any]] = {
    **NUMBERS,
    "size": parse_size,
    "augment": lambda text: parse_names("augment", [text]),
    **{
        name: partial(parse_names, name) for name in ("target", "drop", "categorical", "ordinal")
    },
}
