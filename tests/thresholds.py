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
    "parallel.buckets.LARGE": 64,
    "parallel.worlds.FEW": 1,
    "parallel.worlds.MOST_KEPT": 2,
    "backends.collectives.LEAST": 1,
    "backends.kernels.RANDOM_MOST": 1,
    "backends.numpy._FILL_LIMIT": 2,
    "backends.numpy._RANGE_LIMIT": 2,
    "backends.numpy._SELECT_LIMIT": 2,
    "backends.numpy.BLAS_LIMIT": 2,
    "backends.numpy.EYE_LIMIT": 2,
    "backends.numpy_order.FEW": 1,
    "backends.scaled_products.BLOCK": 2,
    "backends.short_axes.ENOUGH": 1,
    "backends.short_axes.WINDOW": 6,
    "engines.capacity.CAPACITY": 2**16,
    "engines.capacity.REMEMBERED": 1,
    "engines.capacity.WORTH": 1,
    "tracing.debug.PENDING": 2,
    "tracing.deferred.LARGE": 16,
    "tracing.deferred.MOST": 3,
    "tracing.deferred.PART": 4,
    "tracing.deferred.PARTS": 2,
    "engines.cuda.beside.MOST": 3,
    "engines.cuda.beside.TAKEN": 12,
    "engines.cuda.columns.ROWS": 1,
    "engines.cuda.gather.MOST_READ": 4,
    "engines.cuda.given.MOST": 64,
    "engines.cuda.inner_sums.TERMS": 1,
    "engines.cuda.kernel.LARGEST_GRID": 1,
    "engines.cuda.kernel.LONG": 2,
    "engines.cuda.kernel.MOST": 2,
    "engines.cuda.places.LONGEST": 4,
    "engines.cuda.product.DEEP": 2,
    "engines.cuda.product.ENOUGH": 4,
    "engines.cuda.product.JOINED": 2,
    "engines.cuda.product.LARGE": 8,
    "engines.cuda.product.LEAST": 1,
    "engines.cuda.product.MOST": 8,
    "engines.cuda.kernel_writer.MANY": 1,
    "engines.cuda.rows.MOST_JOINED": 2,
    "engines.cuda.table.MOST": 2,
    "engines.cuda.writer.GRAPH": 1,
    "backends.correlation.CACHED": 2,
    "codegen.batched_correlations.DEEP": 20,
    "codegen.batched_correlations.FEW": 40,
    "codegen.batched_correlations.LAID": 2**13,
    "codegen.batched_correlations.MANY": 20,
    "codegen.batched_correlations.LEAST": 2,
    "engines.native.correlations.MOST": 3,
    "engines.native.correlations.PART": 4,
    "engines.native.blocks.COLUMNS": 1,
    "engines.native.blocks.MOST": 3,
    "engines.native.blocks.PART": 4,
    "engines.native.blocks.ROWS": 1,
    "codegen.sorted_rows.SHORT": 2,
    "codegen.strided.UNIT": 1,
    "codegen.strided.WINDOW": 4,
    "engines.native.writer.LARGEST": 100,
    "plan.nest.LONG": 4,
    "engines.numpy.writer.LARGEST_KEPT": 16,
    "engines.blas_threads.ALONE": 2,
    "engines.blas_threads.SMALL": 16,
    "engines.numpy.tiles.LARGE": 2,
    "engines.numpy.tiles.TILE": 2,
    "ops.pooling.FEW": 2,
    "plan.passes.horizontal.LARGEST": 32,
    "plan.passes.kept_products.DEEP": 1,
    "plan.passes.loop_totals.WORTH": 1,
    "plan.passes.constants.LARGEST": 16,
    "plan.passes.fuse.LARGEST": 3,
    "plan.passes.fuse.WRITES": 2,
    "plan.passes.packing.BYTES": 4,
    "plan.passes.parallel.MOST": 3,
    "plan.passes.parallel.PART": 2,
    "plan.passes.parallel.WORTH": 2,
    "plan.passes.sums.FEWEST": 2,
    "plan.passes.sums.LARGEST": 16,
    "sweep.planned.MEETINGS": 1,
    "sweep.planned.PATIENCE": 1,
    "sweep.planned.RARELY": 1,
    "sweep.planned.RECENT": 1,
    "engines.given_up.MANY": 1,
    "engines.pool.KEPT": 1,
    "engines.profiling.KEPT": 2,
    "transforms.jit.cache.LATEST": 1,
    "engines.writer.LONGEST": 2,
    "engines.program_parts.PART": 2,
    "graph.signature.LARGEST": 12,
    "core.inplace._FEW": 2,
    "core.inplace._SMALL": 1,
    "transforms.jit.call.MANY": 1,
    "transforms.jit.kept.RECENT": 1,
    "core.views.MANY": 1,
}
"""Each threshold by its name in the package, and what it is lowered to."""

SHARES: tuple[tuple[str, ...], ...] = (
    *[()] * 4, tuple(THRESHOLDS), tuple(name for name in THRESHOLDS if ".fuse." not in name)
)  # fmt: skip
"""What random programs lower: nothing in four cases of six, all thresholds, or all but those that
keep fused runs short.
"""

OTHER_ROOMS = ("cli", "data", "interop", "show", "train")
"""Rooms that present, train and need other libraries: what they limit is in their own tests."""


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
