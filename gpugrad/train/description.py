"""What `config.json` says of a run: settings, data and the machine it was begun on."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from gpugrad.backends import Namespace
from gpugrad.errors import CheckpointError
from gpugrad.train.config import Config
from gpugrad.train.folder import RunFolder
from gpugrad.train.task import Task

PROTOCOL = (
    "The rows are split by seed, class by class. Weights are learned and features standardised on "
    "the training rows; validation rows are for choices, such as of settings and of the best "
    "epoch; the test rows are scored once, at the end, and no choice of the run depends on them."
)


@dataclass(frozen=True)
class Description:
    """What is read of it: enough to go on with the run, and to use its model."""

    config: Config
    features: int
    classes: tuple[str, ...]
    fingerprint: str  # of the data

    @classmethod
    def read(cls, folder: RunFolder) -> Description:
        """What `write` wrote; `CheckpointError` if it is damaged, or not as `write` writes it."""
        try:
            return cls._read(folder)
        except CheckpointError as error:
            raise CheckpointError(
                f"{error}; put back a copy of the file, or start a new run"
            ) from error

    @classmethod
    def _read(cls, folder: RunFolder) -> Description:
        found = folder.read_config()
        config = Config.read(found.part("settings"))
        for name in ("backend", "engine"):
            if getattr(config, name) == "auto":
                raise CheckpointError(f"{folder.config}: settings.{name} is left open")
        data = found.part("data")
        data.text("name")
        features, classes = data.whole("features", low=1), data.texts("classes")
        if not classes:
            raise CheckpointError(f"{folder.config}: data.classes is empty; wanted are their names")
        rows = data.part("rows")
        for part in ("train", "validation", "test"):
            rows.whole(part, low=1)
        fingerprint = data.text("fingerprint")
        data.text("protocol")
        versions = found.part("versions")
        for package in ("gpugrad", "python", "numpy"):
            versions.text(package)
        found.text("device")
        for fields in (rows, data, versions, found):
            fields.end()
        return cls(config, features, classes, fingerprint)


def write(folder: RunFolder, config: Config, task: Task, backend: Namespace) -> None:
    """Writes the description of a new run into its folder."""
    dataset, rows = task.dataset, task.rows
    try:
        own = version("gpugrad")
    except PackageNotFoundError:
        own = "not installed"
    described: dict[str, object] = {
        "settings": config.to_json(),
        "data": {
            "name": dataset.name,
            "features": dataset.features,
            "classes": list(dataset.classes),
            "rows": {
                "train": len(rows.train),
                "validation": len(rows.validation),
                "test": len(rows.test),
            },
            "fingerprint": dataset.fingerprint(),
            "protocol": PROTOCOL,
        },
        "versions": {"gpugrad": own, "python": platform.python_version(), "numpy": np.__version__},
        "device": str(backend.device),
    }
    folder.write_config(described)
