"""Whether `gpugrad train` begins a run or continues one, for jobs that are started again."""

from __future__ import annotations

from pathlib import Path

from gpugrad.cli.names import path
from gpugrad.errors import InvalidArgument
from gpugrad.parallel import world
from gpugrad.train.folder import RunFolder

AUTO = Path("auto")
"""What `--resume auto` becomes."""


def folder_or_auto(text: str) -> Path:
    """The argument of `--resume`; a folder of that name, `./auto`, is told apart by its place."""
    found = path(text)
    return found.absolute() if found == AUTO and text != str(AUTO) else found


def settled(resume: Path | None, out: Path | None) -> tuple[Path | None, Path | None]:
    """Which run to continue, and where to begin one: `--resume auto` is decided here."""
    if resume != AUTO:
        return resume, out
    if out is None:
        raise InvalidArgument(
            "--resume auto needs --out DIR: it continues the run there if there is one, else it "
            "begins it. A folder of that name is ./auto"
        )
    there = world()
    # Decided by one rank for all: another one might look when the run has been begun already.
    begun = there.share(RunFolder(out).config.exists() if there.rank == 0 else None)
    return (out, None) if begun else (None, out)
