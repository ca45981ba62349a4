"""`gpugrad predict`: uses a trained model on new rows, or scores it on rows with labels."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from gpugrad import data
from gpugrad.atomic import write_atomically
from gpugrad.cli.completion import data_sets, one_of, runs
from gpugrad.cli.help_text import argument, option
from gpugrad.cli.names import path, shown
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.train import Classifier
from gpugrad.train.config import CHOICES

SUFFIXES = (".npz", ".csv")


def predict(
    run: Annotated[
        Path,
        argument(
            parser=path, metavar="DIR", help="The folder of a training run.", autocompletion=runs
        ),
    ],
    source: Annotated[
        str,
        argument(
            metavar="DATA",
            help="The rows: the name of a data set that comes with gpugrad "
            f"({', '.join(data.dataset_names())}), an .npz file with x, or a folder with x.npy. "
            "The labels, if there are any, are y.",
            autocompletion=data_sets,
        ),
    ],
    out: Annotated[
        Path | None,
        option(
            parser=path, metavar="FILE",
            help="Write the predicted classes and their probabilities to this file, a new .npz or "
            ".csv.",
        ),
    ] = None,
    backend: Annotated[
        str,
        option(
            metavar="NAME", autocompletion=one_of(CHOICES["backend"]),
            help="Array library, and so CPU or GPU: auto, numpy or cupy. Default: auto.",
        ),
    ] = "auto",
) -> None:
    """Classify the rows of DATA with the model in DIR; score it if DATA has labels.

    DATA needs the features that the model was trained on, in the same order and unscaled: the model
    standardises them itself. On the data of the training run, scores are also given by part.

    Examples:
      gpugrad predict runs/digits-1 digits
      gpugrad predict runs/mine new.npz --out predictions.csv
    """
    if out is not None:
        _check_target(out)
    classifier = Classifier.load(run, backend)
    x, y, parts = _read(source, classifier)
    shares = classifier(x)
    found = shares.argmax(axis=1)
    console = Console(highlight=False)
    if y is None:
        console.print(_counts(classifier.classes, found))
    else:
        console.print(_accuracies(y == found, parts))
    if out is not None:
        content = _npz(found, shares) if out.suffix == ".npz" else _csv(classifier, found, shares)
        write_atomically(out, content)
        console.print(f"The predictions are in {shown(out)}", soft_wrap=True)


def _check_target(out: Path) -> None:
    if out.suffix not in SUFFIXES:
        raise InvalidArgument(f"--out is {out}; wanted is a name that ends in .npz or .csv")
    if out.exists():
        raise InvalidArgument(f"{out} already exists; remove it or choose another --out")
    if not out.parent.is_dir():
        raise InvalidArgument(f"there is no folder {out.parent}; make it or choose another --out")


def _read(
    source: str, classifier: Classifier
) -> tuple[np.ndarray | data.FileRows, NDArray[np.int64] | None, Mapping[str, NDArray[np.int64]]]:
    """Features, labels if there are any, and which rows the model has seen in training."""
    seed, classes = classifier.config.seed, len(classifier.classes)
    if data.is_path(source):
        x, y = data.read_files(source)
    else:
        dataset = data.load(source, seed)
        x, y = dataset.x, dataset.y
    if y is None:
        return x, None, {}
    if y.max() >= classes:
        raise DataError(
            f"{source}: y holds the label {y.max()}, but the model knows the {classes} classes "
            f"0..{classes - 1}"
        )
    if data.Dataset("", x, y, ()).fingerprint() != classifier.fingerprint:
        return x, y, {}
    rows = data.split(y, seed)
    return x, y, {"train": rows.train, "validation": rows.validation, "test": rows.test}


def _accuracies(right: NDArray[np.bool], parts: Mapping[str, NDArray[np.int64]]) -> Table:
    table = Table()
    table.add_column("part")
    table.add_column("rows", justify="right")
    table.add_column("accuracy", justify="right")
    for name, rows in parts.items():
        table.add_row(name, f"{len(rows):,}", f"{right[rows].mean():.2%}")
    table.add_row("all", f"{len(right):,}", f"{right.mean():.2%}")
    return table


def _counts(classes: tuple[str, ...], found: NDArray[np.int64]) -> Table:
    table = Table()
    table.add_column("predicted class")
    table.add_column("rows", justify="right")
    for name, count in zip(classes, np.bincount(found, minlength=len(classes)), strict=True):
        table.add_row(shown(name), f"{count:,}")
    return table


def _npz(found: NDArray[np.int64], shares: NDArray[np.float64]) -> bytes:
    buffer = BytesIO()
    np.savez(buffer, prediction=found, probability=shares)
    return buffer.getvalue()


def _csv(
    classifier: Classifier, found: NDArray[np.int64], shares: NDArray[np.float64]
) -> bytes:
    text = StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["row", "prediction", *(f"probability {name}" for name in classifier.classes)])
    for row, (label, probabilities) in enumerate(zip(found, shares, strict=True)):
        lines.writerow([row, classifier.classes[label], *probabilities.tolist()])
    return text.getvalue().encode(errors="backslashreplace")
