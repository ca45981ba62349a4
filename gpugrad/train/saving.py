"""Saving a model into a folder of its own, or in the place of one that was saved before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from tempfile import mkdtemp

from gpugrad.atomic import naming, sync_folder
from gpugrad.errors import CheckpointError
from gpugrad.train.folder import MODEL, RunFolder
from gpugrad.train.lock import locked

FILES = frozenset(("config.json", "metrics.jsonl", "model.safetensors"))
"""Those of a saved model."""


def save_in(
    path: str | PathLike[str], overwrite: bool, write: Callable[[RunFolder], None]
) -> None:
    """Let `write` fill the folder `path`; with `overwrite`, a model that is there is replaced.

    It is replaced as a whole, once the new one is on the disk: killed at any time, the process
    leaves the old or the new one, at worst under a name beside `path`.

    Raises:
        CheckpointError: Where there is a model without `overwrite`, or anything else.
    """
    folder = RunFolder.make(path)
    with locked(folder.path):
        there = folder.entries()
        if not there:
            write(folder)
            return
        if not overwrite:
            folder.check_empty(MODEL)
        _check_replaceable(folder, there)
        place = folder.path.resolve()
        with naming(place):
            new = Path(mkdtemp(prefix=f"{place.name}.new-", dir=place.parent))
            old = new.with_name(f"{place.name}.old-{new.name.rpartition('-')[2]}")
            try:
                new.chmod(place.stat().st_mode & 0o777)
                write(RunFolder(new))
                os.rename(place, old)
                try:
                    os.rename(new, place)
                except BaseException:
                    os.rename(old, place)
                    raise
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise
            sync_folder(place.parent)
            shutil.rmtree(old)


def _check_replaceable(folder: RunFolder, there: list[str]) -> None:
    """`CheckpointError` unless all that is in the folder is a model that was saved."""
    others = [name for name in there if name not in FILES]
    if others or "config.json" not in there:
        raise CheckpointError(
            f"{folder.path}: {(others or there)[0]} is in it, which is no part of a saved model, "
            "and nothing else is overwritten; choose another folder"
        )
    folder.read_config()
    if folder.kind != MODEL:
        raise CheckpointError(
            f"{folder.path}: there is a run in it, and only a saved model is overwritten; choose "
            "another folder"
        )
