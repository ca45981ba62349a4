"""The workloads of `breadth.py`, a file for each family. Their names are those of its table."""

from workloads import (
    convnets,
    images,
    layers,
    learning,
    optimisers,
    order,
    programs,
    readers,
    reductions,
    science,
    sequences,
    transformers,
    transforms,
)
from workloads.workload import Workload

FAMILIES = {
    "images": images.ROWS,
    "layers": layers.ROWS,
    "sequences": sequences.ROWS,
    "training": (*convnets.ROWS, *readers.ROWS, *transformers.ROWS),
    "learning": learning.ROWS,
    "science": science.ROWS,
    "reductions": reductions.ROWS,
    "order": order.ROWS,
    "transforms": transforms.ROWS,
    "optimisers": optimisers.ROWS,
    "programs": programs.ROWS,
}

WORKLOADS: dict[str, Workload] = {row.name: row for rows in FAMILIES.values() for row in rows}
