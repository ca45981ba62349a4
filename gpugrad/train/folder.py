"""The run folder: which files a run consists of, and the care taken not to lose or mix any."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from gpugrad.atomic import is_temporary, make_folder, sync_folder, write_atomically
from gpugrad.errors import CheckpointError
from gpugrad.train.lock import LOCK
from gpugrad.train.metrics import Record, parse_records

FORMAT = 1  # of config.json and of the two .safetensors files


class RunFolder:
    """The files of one run, below `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.json"
        self.metrics = path / "metrics.jsonl"
        self.timing = path / "timing.jsonl"  # apart, because times differ between equal runs
        self.model = path / "model.safetensors"
        self.checkpoint = path / "checkpoint.safetensors"
        self.summary = path / "summary.json"

    @classmethod
    def make(cls, path: Path) -> RunFolder:
        """The folder for a new run, made if it is not there; it may be in use or not empty."""
        if path.exists() and not path.is_dir():
            raise CheckpointError(f"{path}: it is a file; wanted is a folder for the new run")
        try:
            make_folder(path)
        except OSError as error:
            raise CheckpointError(f"{path}: no folder can be made ({error.strerror})") from error
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

    def check_empty(self) -> None:
        """Raises `CheckpointError` if there is anything in the folder that is of use to anybody."""
        entries = (entry for entry in self.path.iterdir() if not is_temporary(entry))
        found = sorted({entry.name for entry in entries} - {LOCK})
        if "config.json" in found:
            raise CheckpointError(
                f"{self.path}: there is a run in it already. Continue it with --resume "
                f"{self.path}, or choose another --out"
            )
        if found:
            raise CheckpointError(
                f"{self.path}: the folder is not empty, {found[0]} is in it; choose another --out"
            )

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """The folder of an earlier run; `CheckpointError` if there is none."""
        folder = cls(path)
        if not folder.config.is_file():
            what = "there is no config.json in it" if path.is_dir() else "there is no such folder"
            raise CheckpointError(f"{path}: {what}; wanted is the folder of a training run")
        return folder

    def write_json(self, path: Path, value: dict[str, Any]) -> None:
        """Writes `value` to `path`, one of this folder's files, atomically and readably."""
        write_atomically(path, json.dumps(value, indent=2).encode() + b"\n")

    def read_config(self) -> dict[str, Any]:
        """What was written to `config.json`; `CheckpointError` if it is damaged or too new."""
        try:
            found = json.loads(self.config.read_bytes())
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{self.config}: it cannot be read ({error})") from error
        version = found.get("format") if isinstance(found, dict) else None
        if version != FORMAT:
            raise CheckpointError(
                f"{self.config}: its format is {version}; this version of gpugrad reads {FORMAT}"
            )
        return dict(found)

    def append(self, record: Record) -> None:
        """Adds one epoch to the metrics. It is safe on the disk only after `sync_metrics`."""
        with self.metrics.open("ab") as file:
            file.write(record.to_line())

    def sync_metrics(self) -> int:
        """Puts the metrics on the disk, and returns how many bytes they have."""
        with self.metrics.open("ab") as file:
            os.fsync(file.fileno())
            return file.tell()

    def cut_metrics(self, size: int) -> None:
        """Drops what came after the first `size` bytes: epochs newer than the last checkpoint."""
        found = self.metrics.stat().st_size if self.metrics.is_file() else 0
        if found < size:
            raise CheckpointError(
                f"{self.metrics}: it has {found} bytes, but the checkpoint was made after {size}; "
                "the file was changed or lost, so the run cannot be continued"
            )
        with self.metrics.open("ab") as file:
            file.truncate(size)

    def records(self) -> list[Record]:
        """All epochs so far."""
        try:
            return parse_records(self.metrics.read_bytes())
        except (OSError, ValueError, TypeError) as error:
            raise CheckpointError(f"{self.metrics}: it cannot be read ({error})") from error

    def append_timing(self, epoch: int, seconds: float, rows: int) -> None:
        """Notes how long an epoch took, in seconds, and its rate in rows per second."""
        line = {"epoch": epoch, "seconds": seconds, "samples_per_second": rows / seconds}
        with self.timing.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
