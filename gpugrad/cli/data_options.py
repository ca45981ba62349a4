"""Options about tables and images, from the words of a command line to settings."""

from __future__ import annotations

import csv
import re

from gpugrad.errors import InvalidArgument


def parse_names(option: str, given: list[str]) -> tuple[str, ...]:
    """The names in texts such as `a,b`; one with a comma is in double quotes, as in CSV."""
    found: list[str] = []
    for text in given:
        if not text:                                # the one name that is empty
            found.append("")
            continue
        try:
            (names,) = csv.reader([text], skipinitialspace=True, strict=True)
        except (csv.Error, ValueError) as error:
            raise InvalidArgument(
                f"{option} is '{text}'; expected names separated by commas, and one with a "
                "comma or a line break in double quotes"
            ) from error
        found += names
    return tuple(found)


def parse_size(text: str) -> tuple[int, int]:
    """Height and width in a text such as `32x32`."""
    found = re.fullmatch(r"\(?(\d{1,9})\s*[x,]\s*(\d{1,9})\)?", text.strip(), re.ASCII)
    if found is None:
        raise InvalidArgument(
            f"size is '{text}'; expected the height and the width in pixels, such as 32x32"
        )
    return int(found[1]), int(found[2])
