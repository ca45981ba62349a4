"""`gpugrad export`: the model of a run as a file of ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gpugrad.cli.names import path, shown
from gpugrad.errors import InvalidArgument
from gpugrad.train import TrainedModel


def export(
    run: Annotated[
        Path, typer.Argument(parser=path, metavar="DIR", help="The folder of a training run.")
    ],
    out: Annotated[
        Path, typer.Option(parser=path, metavar="FILE", help="Write the model to this .onnx file.")
    ],
    dtype: Annotated[
        str, typer.Option(help="The dtype of the features that it takes: float64 or float32.")
    ] = "float64",
) -> None:
    """Write the model in DIR as a file of ONNX, which takes rows of features as they come."""
    if out.suffix != ".onnx":
        raise InvalidArgument(f"--out is {out}; wanted is a name that ends in .onnx")
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
