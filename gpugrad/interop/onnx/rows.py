"""The whole table, once the modules that have its rows are there."""

from gpugrad.interop.onnx import (  # noqa: F401  # each puts its rows into the table
    control,
    elementwise,
    indexing,
    movement,
    products,
    quotients,
    reductions,
)
from gpugrad.interop.onnx.table import ROWS, Use

__all__ = ["ROWS", "Use"]
