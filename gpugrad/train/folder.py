"""The run folder: which files a run consists of, and the care taken not to lose or mix any."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from os import PathLike, fspath
from pathlib import Path
from reprlib import repr as shortened

from gpugrad.atomic import (
    is_temporary,
    make_folder,
    naming,
    read_file,
    sync_folder,
    write_atomically,
)
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.hints import shell_word
from gpugrad.train.checksum import BLANK, NAME, seal, verify
from gpugrad.train.fields import Fields, read_json
from gpugrad.train.journal import Journal
from gpugrad.train.lock import LOCK
from gpugrad.train.metrics import Record

FORMAT = 2  # of config.json and of the two .safetensors files
RUN, MODEL = "run", "model"
"""What a folder is: a run, which can be continued, or a model that a program saved."""


class RunFolder:
    """The files of one run, below `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.json"
        self.metrics = Journal(path / "metrics.jsonl", "it is made anew from the checkpoint")
        # Apart, because times differ between equal runs.
        self.timing = Journal(path / "timing.jsonl", "only the times so far are lost")
        self.model = path / "model.safetensors"
        self.checkpoint = path / "checkpoint.safetensors"
        self.previous = path / "previous.safetensors"  # the checkpoint before that
        self.rows = path / "rows.safetensors"
        self.summary = path / "summary.json"
        self.changes = path / "changes.json"
        self.curves = path / "curves.svg"  # of the pictures the last one
        self.run = ""  # the checksum of the config.json that was written or read
        self.kind = RUN  # what that says the folder is
        self.changed = 0  # how many changes are in changes.json

    @classmethod
    def make(cls, name: str | PathLike[str]) -> RunFolder:
        """The folder for a new run, made if it is not there; it may be in use or not empty."""
        path = _as_path(name)
        if path.exists() and not path.is_dir():
            raise CheckpointError(f"{path}: it is a file; expected a folder for the new run")
        try:
            make_folder(path)
        except OSError as error:
            raise CheckpointError(
                f"{path}: no folder can be made ({error.strerror}); choose another --out"
            ) from error
        return cls(path)

    @classmethod
    def make_next(cls, root: Path, name: str) -> RunFolder:
        """The first of `root/name-1`, `root/name-2`, ... that was not there, made."""
        make_folder(root)
        number = 1
        while True:
            path = root / f"{name}-{number}"
            try:
                path.mkdir()
            except FileExistsError:
                number += 1
            else:
                sync_folder(root)
                return cls(path)

    def was_interrupted(self) -> bool:
        """Whether a process was killed while it wrote a file here: what it wrote is still there."""
        return any(map(is_temporary, self.path.iterdir()))

    def completed(self, epochs: int) -> int:
        """How many of `epochs` were completed at some time, as all files but checkpoints say."""
        if self.summary.exists():
            return epochs
        return max(self.metrics.count(), self.timing.count(), int(self.model.exists()))

    def entries(self) -> list[str]:
        """The names of what is in the folder and of use to anybody, in order."""
        entries = (entry for entry in self.path.iterdir() if not is_temporary(entry))
        return sorted({entry.name for entry in entries} - {LOCK})

    def check_empty(self, new: str = RUN) -> None:
        """Raises `CheckpointError` if there is anything in the folder that is of use to anybody.

        `new` is what is to be put there, `RUN` or `MODEL`.
        """
        place = "--out" if new == RUN else "folder"
        found = self.entries()
        if "config.json" in found:
            with suppress(CheckpointError):         # of one that is damaged
                self.read_config()
            there = "a run" if self.kind == RUN else "a saved model"
            way = f"Choose another {place}"
            if new == self.kind == RUN:
                way = f"Continue it with --resume {shell_word(self.path)}, or choose another --out"
            elif new == self.kind:
                way += ", or replace it with overwrite=True"
            raise CheckpointError(f"{self.path}: there is {there} in it already. {way}")
        if found:
            raise CheckpointError(
                f"{self.path}: the folder is not empty, {found[0]} is in it; choose another {place}"
            )

    @classmethod
    def open(cls, name: str | PathLike[str]) -> RunFolder:
        """The folder of an earlier run; `CheckpointError` if there is none."""
        path = _as_path(name)
        folder = cls(path)
        if not folder.config.is_file():
            what = "there is no config.json in it" if path.is_dir() else "there is no such folder"
            raise CheckpointError(f"{path}: {what}; expected the folder of a training run")
        return folder

    def write_config(self, value: Mapping[str, object], kind: str = RUN) -> None:
        """Writes what describes the run, or the model of a program, to `config.json`."""
        self.kind = kind
        self.run = self._write(self.config, {"format": FORMAT, "kind": kind, **value})

    def write_summary(self, value: Mapping[str, object]) -> None:
        """Writes what came out to `summary.json`."""
        self._write(self.summary, {"run": self.run, **value})

    def write_changes(self, value: Mapping[str, object]) -> None:
        """Writes what was changed when the run was continued to `changes.json`."""
        self._write(self.changes, {"format": FORMAT, **value})

    def _write(self, path: Path, value: Mapping[str, object]) -> str:
        text = json.dumps({**BLANK, **value}, indent=2).encode() + b"\n"
        content, checksum = seal(text)
        write_atomically(path, content)
        return checksum

    def read_config(self) -> Fields:
        """What `write_config` wrote; `CheckpointError` if it is damaged or too new."""
        found, self.run = _read(self.config)
        self.kind = found.text("kind")
        if self.kind not in (RUN, MODEL):
            raise CheckpointError(
                f"{self.config}: its kind is {shortened(self.kind)}; expected {RUN} or {MODEL}"
            )
        return found

    def check_run(self, found: Fields) -> None:
        """`CheckpointError` unless a file says that it is of the run that is described here."""
        if found.text("run") != self.run:
            raise CheckpointError(
                f"{found.path}: it is of another run than {self.config} describes"
            )

    def read_summary(self) -> Fields | None:
        """What `write_summary` wrote.

        `None` if it is not there, damaged or another run's: it can be made anew.
        """
        try:
            content = read_file(self.summary)
            if verify(content) is None:
                return None
            found = Fields(self.summary, read_json(self.summary, content))
            if not self.run:
                self.read_config()
            self.check_run(found)
            return found
        except (OSError, CheckpointError):
            return None

    def read_changes(self) -> Fields | None:
        """What `write_changes` wrote, if it did; `CheckpointError` as for `read_config`."""
        with naming(self.changes):
            if not os.path.lexists(self.changes):
                return None
        found, _ = _read(self.changes)
        return found

    def append(self, record: Record) -> None:
        """Adds one epoch to the metrics."""
        self.metrics.append(record.to_json())

    def append_timing(self, epoch: int, seconds: float, rows: int) -> None:
        """Notes how long an epoch took, in seconds, and its rate in rows per second."""
        line = {"epoch": epoch, "seconds": seconds, "samples_per_second": rows / seconds}
        self.timing.append(line)

    def records(self, epoch: int | None = None) -> list[Record]:
        """All epochs so far, or those up to `epoch`."""
        return [Record.read(fields) for fields in self.metrics.lines(epoch)]


def _read(path: Path) -> tuple[Fields, str]:
    """What is in a file of JSON beside its format and its checksum, and that."""
    try:
        content = read_file(path)
    except OSError as error:
        raise CheckpointError(f"{path}: it cannot be read ({error.strerror})") from error
    found = Fields(path, read_json(path, content))
    version = found.value("format")
    if type(version) is not int or version != FORMAT:
        raise CheckpointError(
            f"{path}: its format is {shortened(version)}; this version of gpugrad reads {FORMAT}: "
            "use the version that wrote it"
        )
    checksum = verify(content)
    if checksum is None:
        raise CheckpointError(
            f"{path}: it is damaged, or was changed since it was written, so that its checksum is "
            "another"
        )
    found.value(NAME)
    return found, checksum


def _as_path(name: str | PathLike[str]) -> Path:
    """The path of a run folder; nothing at all would be the working directory, unmeant."""
    text = fspath(name) if isinstance(name, str | PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise InvalidArgument(
            f"the folder of a run is {shortened(name)}; expected its name, as a str or a Path"
        )
    return Path(text)
