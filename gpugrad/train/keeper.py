"""What is kept of a training while it goes on: nothing, or all that a run folder holds."""

from __future__ import annotations

from time import monotonic
from typing import Any

from gpugrad.backends import Namespace
from gpugrad.train.config import Settled
from gpugrad.train.folder import RunFolder
from gpugrad.train.metrics import Record
from gpugrad.train.model import save_model
from gpugrad.train.pace import Pace
from gpugrad.train.run_data import Fitted
from gpugrad.train.run_state import State, save_state


class Keeper:
    """Keeps nothing: as for training in memory, and on all ranks but the first."""

    remedy = "train again with a smaller lr"
    """What to do after a divergence."""

    def due(self) -> bool:
        """Whether it is time for a checkpoint, between two steps."""
        return False

    def note(self, record: Record) -> None:
        """An epoch is over."""

    def note_time(self, epoch: int, seconds: float, rows: int) -> None:
        """It took so long for so many rows."""

    def save(self, state: State) -> None:
        """A state from which training could go on."""


class FolderKeeper(Keeper):
    """Keeps a run folder up to date."""

    def __init__(
        self, folder: RunFolder, config: Settled, fitted: Fitted, backend: Namespace, pace: Pace
    ) -> None:
        self.folder, self.config, self.fitted = folder, config, fitted
        self.backend, self.pace = backend, pace
        self.saved: Any = None  # the parameters in the model file
        self.remedy = (
            f"the last good checkpoint is kept in {folder.path}; start again with --lr below "
            f"{config.lr:g}"
        )

    def due(self) -> bool:
        """Whether it is time for a checkpoint, by its pace."""
        return self.pace.due()

    def note(self, record: Record) -> None:
        """Adds a line to the metrics."""
        self.folder.append(record)

    def note_time(self, epoch: int, seconds: float, rows: int) -> None:
        """Adds a line to the times."""
        self.folder.append_timing(epoch, seconds, rows)

    def save(self, state: State) -> None:
        """Writes model and checkpoint."""
        began = monotonic()
        network, epoch = state.kept(self.config.keep)
        if epoch > 0 and network.model is not self.saved:
            save_model(self.folder, network, self.fitted, self.backend)
            self.saved = network.model
        save_state(self.folder, state, self.backend)
        self.pace.wrote(began)
