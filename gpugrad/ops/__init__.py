"""What can be computed: importing this room registers every op."""

from gpugrad.ops import (
    activation,
    creation,
    elementwise,
    indexing,
    linalg,
    logic,
    loss,
    random,
    reduction,
    shape,
)

__all__ = [
    "activation",
    "creation",
    "elementwise",
    "indexing",
    "linalg",
    "logic",
    "loss",
    "random",
    "reduction",
    "shape",
]
