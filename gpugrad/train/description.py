"""What `config.json` says of a run: settings, data and the machine it was begun on."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path

import numpy as np

from gpugrad.data import PARTS
from gpugrad.errors import CheckpointError
from gpugrad.train.changes import Change, changed, read_changes
from gpugrad.train.config import OWN, Settled
from gpugrad.train.fields import LARGEST, Fields
from gpugrad.train.folder import RUN, RunFolder
from gpugrad.train.inputs import Inputs
from gpugrad.train.run_data import RunData
from gpugrad.train.target import Target

PROTOCOL = (
    "The rows are split as the settings say, at random by seed, and class by class where they have "
    "classes. Weights are learned, columns of tables encoded, and features and numeric targets "
    "standardised by the training rows; validation rows are for choices, such as of settings and "
    "of the best epoch; the test rows are scored once, at the end, and no choice of the run depends"
    " on them."
)


@dataclass(frozen=True)
class Description:
    """Enough to go on with the run, and to use its model; settings are those after all changes."""

    config: Settled
    name: str  # of the data
    inputs: Inputs
    target: Target
    rows: tuple[int, ...]  # of the parts, as many as in PARTS
    fingerprint: str  # of the data
    changes: tuple[Change, ...] = ()

    @classmethod
    def of(cls, config: Settled, run_data: RunData) -> Description:
        """That of a run on those data."""
        counts = tuple(len(getattr(run_data.rows, name)) for name in PARTS)
        dataset = run_data.dataset
        found = dataset.fingerprint()
        return cls(config, dataset.name, run_data.inputs, run_data.target, counts, found)

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
        config = Settled.read(found.part("settings"))
        data = found.part("data")
        name = data.text("name")
        inputs, target = Inputs.read(data.part("inputs")), _target(data.part("target"), config)
        _check_model(found.path, config, inputs)
        rows = data.part("rows")
        counts = tuple(rows.whole(part, low=int(part == "train")) for part in PARTS)
        fingerprint = data.text("fingerprint")
        data.text("protocol")
        versions = found.part("versions")
        for package in ("gpugrad", "python", "numpy"):
            versions.text(package)
        found.text("device")
        for fields in (rows, data, versions, found):
            fields.end()
        changes = read_changes(folder)
        config = changed(config, changes, folder)
        return cls(config, name, inputs, target, counts, fingerprint, changes)

    def write(self, folder: RunFolder, device: str, kind: str = RUN) -> None:
        """Writes it into the folder of a new run, or of a model that a program saves."""
        try:
            own = version("gpugrad")
        except PackageNotFoundError:
            own = "not installed"
        described: dict[str, object] = {
            "settings": self.config.to_json(),
            "data": {
                "name": self.name,
                "inputs": self.inputs.to_json(),
                "target": asdict(self.target),
                "rows": dict(zip(PARTS, self.rows, strict=True)),
                "fingerprint": self.fingerprint,
                "protocol": PROTOCOL,
            },
            "versions": {
                "gpugrad": own, "python": platform.python_version(), "numpy": np.__version__,
            },
            "device": device,
        }  # fmt: skip
        folder.write_config(described, kind)


def _check_model(path: Path, config: Settled, inputs: Inputs) -> None:
    """`CheckpointError` where there is no such model for such rows."""
    fits = inputs.kind == "images" or (config.model != "convnet" and not config.augment)
    fits = fits and (config.model == OWN or inputs.kind != "array")
    if not fits:
        raise CheckpointError(
            f"{path}: the model {config.model} does not suit rows of the kind {inputs.kind}"
        )


def _target(found: Fields, config: Settled) -> Target:
    """What `asdict` made of a target, if the task can have one like that."""
    names, labels, flat = found.texts("names"), found.items("labels"), found.value("flat")
    found.end()
    if type(flat) is not bool or not names:
        raise CheckpointError(f"{found.path}: {found.name} lacks names, or says nothing of flat")
    classes = config.task in ("binary", "multiclass")
    if classes:
        kinds = {type(label) for label in labels}
        ordered = len(kinds) == 1 and kinds <= {int, str, bool}
        ordered = ordered and all(a < b for a, b in pairwise(labels))  # type: ignore[operator]
        fits = len(labels) == len(names) and ordered and flat
        if kinds == {str}:
            fits = fits and list(names) == labels
        if kinds == {int}:
            fits = fits and all(abs(label) <= LARGEST for label in labels)  # type: ignore[arg-type]
        fits = fits and (config.task == "multiclass" or len(names) == 2) and len(names) > 1
    else:
        fits = not labels and (not flat or (config.task == "regression" and len(names) == 1))
    if not fits:
        raise CheckpointError(
            f"{found.path}: {found.name} does not suit the task {config.task}: it has "
            f"{len(names)} names and {len(labels)} labels, which are to be the classes in order"
        )
    return Target(names, tuple(labels), flat)  # type: ignore[arg-type]
