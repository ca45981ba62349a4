"""The sizes from which on the code takes another path, and a way to lower them.

`lowered()` lets small arrays take the paths of large ones: tiles and parts of two elements, several
blocks in a row, tables in two launches. Whatever a test says must hold in there as well.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path

import gpugrad

THRESHOLDS: dict[str, float] = {
    "backends.cupy.LONG": 2,
    "backends.kernels.RANDOM_MOST": 1,
    "backends.numpy._FILL_LIMIT": 2,
    "backends.numpy._RANGE_LIMIT": 2,
    "backends.numpy._SELECT_LIMIT": 2,
    "backends.numpy.BLAS_LIMIT": 2,
    "backends.numpy.EYE_LIMIT": 2,
    "backends.products.BLOCK": 2,
    "executor.capacity.CAPACITY": 2**16,
    "executor.capacity.REMEMBERED": 1,
    "executor.capacity.WORTH": 1,
    "executor.debug.PENDING": 2,
    "executor.engines.cuda.beside.MOST": 3,
    "executor.engines.cuda.columns.ROWS": 1,
    "executor.engines.cuda.indexing.MOST_READ": 4,
    "executor.engines.cuda.kernel.LARGEST_GRID": 1,
    "executor.engines.cuda.kernel.LONG": 2,
    "executor.engines.cuda.kernel.MANY": 1,
    "executor.engines.cuda.kernel.MOST": 2,
    "executor.engines.cuda.kernel.MOST_JOINED": 2,
    "executor.engines.cuda.places.LONGEST": 4,
    "executor.engines.cuda.product.DEEP": 2,
    "executor.engines.cuda.product.ENOUGH": 4,
    "executor.engines.cuda.product.JOINED": 2,
    "executor.engines.cuda.product.LARGE": 8,
    "executor.engines.cuda.product.LEAST": 1,
    "executor.engines.cuda.product.MOST": 8,
    "executor.engines.cuda.table.MOST": 2,
    "executor.engines.cupy.GRAPH": 1,
    "executor.engines.loops.BLOCK": 4,
    "executor.engines.loops.FEW": 2,
    "executor.engines.numba.LONGEST": 2,
    "executor.engines.numba.SHORT": 2,
    "executor.engines.numba.SMALL": 8,
    "executor.engines.numpy.LARGEST_KEPT": 16,
    "executor.engines.products.ALONE": 2,
    "executor.engines.products.SMALL": 16,
    "executor.engines.tiles.LARGE": 2,
    "executor.engines.tiles.TILE": 2,
    "executor.passes.batch.LARGEST": 32,
    "executor.passes.constants.LARGEST": 16,
    "executor.passes.fuse.LARGEST": 3,
    "executor.passes.fuse.WRITES": 2,
    "executor.passes.packing.BYTES": 4,
    "executor.passes.split.MOST": 3,
    "executor.passes.split.PART": 2,
    "executor.passes.split.WORTH": 2,
    "executor.passes.sums.FEWEST": 2,
    "executor.passes.sums.LARGEST": 16,
    "executor.planned.MEETINGS": 1,
    "executor.planned.PATIENCE": 1,
    "executor.planned.RARELY": 1,
    "executor.planned.RECENT": 1,
    "executor.pool.KEPT": 1,
    "executor.profiling.KEPT": 2,
    "graph.signature.LARGEST": 12,
    "inplace._FEW": 2,
    "inplace._SMALL": 1,
    "transforms.kept.RECENT": 1,
    "views.MANY": 1,
}
"""Each threshold by its name in the package, and what it is lowered to."""

SHARES: tuple[tuple[str, ...], ...] = (
    *[()] * 4, tuple(THRESHOLDS), tuple(name for name in THRESHOLDS if ".fuse." not in name)
)  # fmt: skip
"""What random programs lower: nothing in four cases of six, all thresholds, or all but those that
keep fused runs short.
"""

OTHER_ROOMS = ("cli", "data", "show", "train")
"""Rooms that present and train: what they limit is in their own tests."""


@contextmanager
def lowered(names: Collection[str] = tuple(THRESHOLDS)) -> Iterator[None]:
    """Within it, these thresholds are low. Plans made within it stay as they are after it."""
    places = [
        (import_module(f"gpugrad.{module}"), name, THRESHOLDS[threshold])
        for threshold in names
        for module, _, name in (place.rpartition(".") for place in _places()[threshold])
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in places]
    try:
        for module, name, value in places:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


@cache
def _places() -> dict[str, list[str]]:
    """Each number with a name in capitals, and all the names that modules know it by."""
    root = Path(gpugrad.__file__).parent
    defined: dict[str, list[str]] = {}
    imported: list[tuple[str, str]] = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for name in (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                    if name.isupper():
                        defined[f"{module}.{name}"] = [f"{module}.{name}"]
            if isinstance(node, ast.ImportFrom):
                source = (node.module or "").removeprefix("gpugrad.")
                imported += [
                    (f"{source}.{a.name}", f"{module}.{a.asname or a.name}") for a in node.names
                ]
    for source, place in imported:
        if source in defined:
            defined[source].append(place)
    return defined


def numbers() -> dict[str, int]:
    """Every whole number that the package has a name in capitals for, but for `OTHER_ROOMS`."""
    found = {}
    for place in _places():
        module, _, name = place.rpartition(".")
        if module.partition(".")[0] in OTHER_ROOMS:
            continue
        value = getattr(import_module(f"gpugrad.{module}" if module else "gpugrad"), name)
        if type(value) is int:
            found[place] = value
    return found
