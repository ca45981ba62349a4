"""Messages of the library in the words of the command line."""

from __future__ import annotations

import re

from gpugrad.hints import shell_word
from gpugrad.train.config import Config

_BESIDE = ("checkpoint_every", "from_file", "grid", "id", "jobs", "random", "seeds", "trials")
OPTIONS = frozenset(Config.__dataclass_fields__) - {"dataset", "standardise"} | {*_BESIDE}
"""The names in programs of what is an option of the command line."""

_NAMED = re.compile(
    r"^(?P<first>[a-z_]+)(?= (?:is|was) )|`(?P<name>[a-z_]+)(?:=(?P<value>[^`]+))?`"
)


def in_options(message: str) -> str:
    """A message with options for the settings that it names.

    These stand at its beginning, as in "batch_size is 0", or in it as `drop` or `validation=0.1`.
    """
    def said(found: re.Match[str]) -> str:
        name = found["first"] or found["name"]
        if name not in OPTIONS:
            return found[0]
        value = f" {shell_word(found['value'])}" if found["value"] else ""
        return f"--{name.replace('_', '-')}{value}"

    return _NAMED.sub(said, message)
