"""What a model consists of, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gpugrad.tree as tree
from gpugrad.plan.listing import size

_HEAD = ("array", "shape", "dtype", "elements")
_ALIGNMENT = "<<<>"


@dataclass(frozen=True, repr=False)
class Summary:
    """The arrays of a model: `print` it, or let a notebook show it.

    Args:
        title: What the model is.
        rows: Of each array its path, shape, dtype and number of elements.
        parameters: The number of elements of all.
        nbytes: The memory of all, in bytes.
    """

    title: str
    rows: tuple[tuple[str, tuple[int, ...], str, int], ...]
    parameters: int
    nbytes: int

    def __str__(self) -> str:
        from gpugrad.tabular import columns

        lines = columns([_HEAD, *self._cells()], _ALIGNMENT)
        return "\n".join([self.title, *(f"  {line}" for line in lines), self._total()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from gpugrad.tabular import fragment, html_table

        return fragment(
            html_table(_HEAD, self._cells(), _ALIGNMENT, self.title, [self._total()])
        )

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (path or "the whole", str(shape), dtype, f"{count:,}")
            for path, shape, dtype, count in self.rows
        ]

    def _total(self) -> str:
        return f"{self.parameters:,} parameters, {size(self.nbytes)}"


def summary(model: Any) -> Summary:
    """What a model consists of: each array with its path, shape and dtype, and how many in all.

    Args:
        model: Any tree: a network of `gg.nn`, a registered class, a dictionary, an optimiser's
            state. Leaves that are no arrays are listed by their type, and count as one element.

    Example:
        >>> gg.nn.summary(gg.nn.MLP([2, 8, 1], rng=0))
        MLP([2, 8, 1], activation='relu')
          array              shape   dtype    elements
          .layers[0].weight  (2, 8)  float32        16
          .layers[0].bias    (8,)    float32         8
          .layers[1].weight  (8, 1)  float32         8
          .layers[1].bias    (1,)    float32         1
        33 parameters, 132 B
    """
    leaves = tree.leaves(model)
    rows = [_row(path, leaf) for path, leaf in zip(tree.paths(model), leaves, strict=True)]
    nbytes = sum(int(getattr(leaf, "nbytes", 0)) for leaf in leaves)
    return Summary(_title(model), tuple(rows), sum(row[-1] for row in rows), nbytes)


def html_of(model: Any) -> str:
    """The summary of a layer in a notebook: classes of layers have it as `_repr_html_`."""
    return summary(model)._repr_html_()


def _row(path: str, leaf: Any) -> tuple[str, tuple[int, ...], str, int]:
    shape = tuple(getattr(leaf, "shape", ()))
    count = 1
    for n in shape:
        count *= n
    return path, shape, str(getattr(leaf, "dtype", type(leaf).__name__)), count


def _title(model: Any) -> str:
    """What a model says of itself, if that is one line, or the name of its class."""
    name = type(model).__name__
    if type(model).__module__ == "builtins" or hasattr(model, "dtype"):
        return name
    try:
        text = repr(model)
    except Exception:                               # of half a model, which says nothing of itself
        return name
    default = text.startswith("<")                  # with its place in memory, which tells nothing
    return text if text.isprintable() and not default else name
