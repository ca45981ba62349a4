"""`gpugrad export`: the model of a run as a file of ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gpugrad.cli.completion import one_of, runs
from gpugrad.cli.names import path, shown
from gpugrad.errors import InvalidArgument
from gpugrad.train import TrainedModel
from gpugrad.train.exporting import DTYPES


def export(
    run: Annotated[
        Path,
        typer.Argument(
            parser=path, metavar="DIR", help="The folder of a training run.", autocompletion=runs
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            parser=path, metavar="FILE", show_default=False,
            help="Write the model to this file, a new .onnx.",
        ),
    ],
    dtype: Annotated[
        str,
        typer.Option(
            metavar="NAME", show_default=False, autocompletion=one_of(DTYPES),
            help="The dtype of the features that the model takes: float64 or float32. Default: "
            "float64.",
        ),
    ] = DTYPES[0],
) -> None:
    """Write the model in DIR as a file of ONNX, which onnxruntime and others run.

    It takes rows of features as they come, any number of them, and gives predictions, and the
    probabilities of classes: features are standardised in the file itself.

    Examples:
      gpugrad export runs/digits-1 --out digits.onnx
    """
    if out.suffix != ".onnx":
        raise InvalidArgument(f"--out is {out}; expected a name that ends in .onnx")
    if out.exists():
        raise InvalidArgument(f"{out} already exists; remove it or choose another --out")
    if not out.parent.is_dir():
        raise InvalidArgument(f"there is no folder {out.parent}; make it or choose another --out")
    model = TrainedModel.load(run, "numpy").to_onnx(out, dtype=dtype)
    console = Console(highlight=False)
    for word, values in (("input", model.graph.input), ("output", model.graph.output)):
        for value in values:
            console.print(f"{word:<6}  {value.name}", soft_wrap=True)
    console.print(f"The model is in {shown(out)}", soft_wrap=True)
