"""The whole table, once the modules that have its rows are there."""

from gpugrad.interop.onnx import (  # noqa: F401  # each puts its rows into the table
    control_rows,
    elementwise_rows,
    indexing_rows,
    movement_rows,
    product_rows,
    quotient_rows,
    reduction_rows,
)
from gpugrad.interop.onnx.row_table import ROWS, Use

__all__ = ["ROWS", "Use"]
