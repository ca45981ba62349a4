"""A training run for TensorBoard: scalars as they come, settings and pictures at the end."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from time import monotonic, time
from typing import Any

from gpugrad.atomic import read_file
from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.hints import install
from gpugrad.train.config import Settled
from gpugrad.train.folder import RunFolder
from gpugrad.train.loop import Observer
from gpugrad.train.measured import PARTS, by_part, figures
from gpugrad.train.metrics import Record
from gpugrad.train.outcome import Outcome

SUFFIX = ".gpugrad"  # of the event files that are ours, after a sign for the run
FLUSH_SECONDS = 1.0


class TensorBoard(Observer):
    """Writes a run as event files, which TensorBoard shows: `tensorboard --logdir runs`.

    After each epoch it writes what was measured, as `loss` and the like, into folders named after
    the rows, `train` and `validation`, so that both stand in one chart; and `learning_rate` and
    `samples_per_second`. At the end come the scores of all parts with the settings, for the table
    of hyperparameters, and the pictures of the run. The step is that of the optimiser.

    The files are made anew from the metrics of the run when it continues, with the epochs before:
    no step is there twice, and none is missing, even if an earlier part was not logged.

    Args:
        folder: Where to write. `None` means the folder `tensorboard` in that of the run.

    Raises:
        BackendUnavailable: If tensorboardX is not installed.
        InvalidArgument: Where training begins without a folder, and `folder` is `None`.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        if find_spec("tensorboardX") is None:
            raise BackendUnavailable(
                f"TensorBoard's files need tensorboardX: {install('tensorboard')}"
            )
        self.folder = None if folder is None else Path(folder)
        self._config: Settled | None = None
        self._writers: dict[str, _Writer] = {}
        self._rows = 0
        self._step = 0
        self._began = self._flushed = monotonic()

    def begin(
        self, config: Settled, folder: RunFolder | None, rows_done: int, rows_total: int
    ) -> None:
        """Writes the epochs before, if the run continues."""
        self._config = config
        place = self.folder
        if place is None:
            if folder is None:
                raise InvalidArgument(
                    "TensorBoard writes into the folder of a run, and this run has none; name one: "
                    "TensorBoard(folder)"
                )
            place = folder.path / "tensorboard"
        sign = token_hex(6) if folder is None else folder.run[:12]
        self._writers = {part: _Writer(place / part, f".{sign}{SUFFIX}") for part in ("", *PARTS)}
        if folder is not None:
            times = _times(folder)
            for record in folder.records():
                when, rate = times.get(record.epoch, (time(), None))
                self._write(record, rate, when)
        self._rows, self._began = 0, monotonic()

    def advance(self, rows: int) -> None:
        """Counts the rows."""
        self._rows += rows

    def end_epoch(self, record: Record) -> None:
        """Writes what was measured."""
        now = monotonic()
        self._write(record, self._rows / max(now - self._began, 1e-9), time())
        self._rows, self._began = 0, now
        if now - self._flushed >= FLUSH_SECONDS:
            for writer in self._writers.values():
                writer.flush()
            self._flushed = now

    def end(self, outcome: Outcome | None) -> None:
        """Writes the settings, the scores and the pictures of a run that is complete."""
        try:
            if outcome is not None and outcome.finished:
                self._write_end(outcome)
        finally:
            for writer in self._writers.values():
                writer.close()
            self._writers = {}

    def _write(self, record: Record, rate: float | None, when: float) -> None:
        self._step = record.step
        for part, found in by_part(record).items():
            for name, value in found.items():
                self._writers[part].scalar(name, value, record.step, when)
        whole = self._writers[""]
        whole.scalar("learning_rate", record.learning_rate, record.step, when)
        whole.scalar("epoch", record.epoch, record.step, when)
        if rate is not None:
            whole.scalar("samples_per_second", rate, record.step, when)

    def _write_end(self, outcome: Outcome) -> None:
        assert self._config is not None
        whole, now, step = self._writers[""], time(), self._step
        scores = {
            f"{part}/{name}": value
            for part, score in (outcome.scores or {}).items()
            for name, value in figures(score).items()
        }  # fmt: skip
        for tag, value in scores.items():
            whole.scalar(tag, value, step, now)
        whole.settings(self._config.to_json(), scores, step, now)
        pictures = outcome.folder.path.glob("*.png") if outcome.folder else ()
        for path in sorted(pictures):
            whole.picture(path.stem, read_file(path), step, now)


def _times(folder: RunFolder) -> dict[int, tuple[float, float]]:
    """When each epoch ended, as if the run had gone on without a pause, and its rows per second."""
    lines = {line.value("epoch"): line for line in folder.timing.lines()}
    found, end = {}, time()
    for epoch in sorted(lines, reverse=True):
        found[epoch] = end, lines[epoch].number("samples_per_second")
        end -= lines[epoch].number("seconds")
    return found


class _Writer:
    """An event file, which is written at once: no thread falls behind, or fails unseen.

    One with the same `suffix` that is there already is replaced.
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        # Imported now, because it is an extra.
        from tensorboardX import summary
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto import event_pb2, summary_pb2

        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"events.out.tfevents.*{suffix}"):
            old.unlink()
        self._file: Any = EventsWriter(str(folder / "events"), suffix)
        self._event: Any = event_pb2.Event
        self._messages: Any = summary_pb2.Summary
        self._summary: Any = summary

    def scalar(self, tag: str, value: float, step: int, when: float) -> None:
        """A point of a curve."""
        self._add(self._summary.scalar(tag, value), step, when)

    def picture(self, tag: str, png: bytes, step: int, when: float) -> None:
        """The contents of a PNG file, whose size stands in its header."""
        image = self._messages.Image(
            width=int.from_bytes(png[16:20]), height=int.from_bytes(png[20:24]), colorspace=4,
            encoded_image_string=png,
        )  # fmt: skip
        made = self._messages(value=[self._messages.Value(tag=tag, image=image)])
        self._add(made, step, when)

    def settings(
        self, values: Mapping[str, object], scores: Mapping[str, float], step: int, when: float
    ) -> None:
        """A line of the table of hyperparameters; `scores` are tags of scalars."""
        plain = {
            name: value if isinstance(value, bool | int | float | str) else json.dumps(value)
            for name, value in values.items()
        }
        for made in self._summary.hparams(plain, dict(scores)):
            self._add(made, step, when)

    def _add(self, summary: Any, step: int, when: float) -> None:
        self._file.write_event(self._event(wall_time=when, step=step, summary=summary))

    def flush(self) -> None:
        """Hands on what was written."""
        self._file.flush()

    def close(self) -> None:
        """Writes what is left."""
        self._file.close()
