"""What a shell may complete: the values of options, names of data sets, and folders of runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from gpugrad.data import dataset_names

VARIABLE = "_GPUGRAD_COMPLETE"  # set by the function that a shell calls when Tab is pressed

Complete = Callable[[str], list[str]]


def one_of(choices: Iterable[str]) -> Complete:
    """Completes one of these words."""
    words = list(choices)
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


def data_sets(incomplete: str) -> list[str]:
    """The data sets that come with gpugrad; where none fits, the shell completes files."""
    return one_of(dataset_names())(incomplete)


def runs(incomplete: str) -> list[str]:
    """Folders of runs, here and one folder further down."""
    found = []
    with suppress(OSError):                         # of a folder that nobody may look into
        start, _, name = incomplete.rpartition("/")
        folder = Path(f"{start}/" if incomplete.startswith("/") else start)
        for below in ("config.json", "*/config.json"):
            for config in sorted(folder.glob(f"{_literally(name)}*/{below}")):
                found.append(os.fspath(config.parent))
    return found


def _literally(text: str) -> str:
    """`text` as a pattern that fits nothing else."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)
