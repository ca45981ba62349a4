"""What a model consists of: its layers, what they make of an input, and how large they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import optree

import gpugrad.tree as tree
from gpugrad.errors import InvalidArgument
from gpugrad.graph import no_grad
from gpugrad.nn.dropout import Dropout
from gpugrad.nn.layer import form_of
from gpugrad.nn.sequential import Sequential, with_layers
from gpugrad.tabular import columns, fragment, html_table

WIDEST = 60
"""Of a layer's own text, in signs; of one with a longer one, the table says the class."""

_HEAD = ("path", "layer", "output", "parameters", "bytes")
_ALIGNMENT = "<<<>>"


@dataclass(frozen=True)
class Row:
    """One layer: a line of a table.

    `parameters` and `bytes` are those of its own arrays, and not of those of layers inside it;
    `output` is the shape of its result, or those of several; empty, if it was not called.
    """

    path: str
    layer: str
    output: str
    parameters: int
    bytes: int


@dataclass(frozen=True, repr=False)
class Summary:
    """A table of the layers of a model, made by `gg.nn.summary`; a notebook shows it as one.

    `rows` are the layers, outermost first; `parameters` and `bytes` count all arrays of the model,
    and `state` the numbers of its state.

    Example:
        >>> table = gg.nn.summary(gg.nn.MLP([2, 8, 1]), np.ones((1, 2)))
        >>> table.parameters, [row.output for row in table.rows]
        (33, ['(1, 1)', '(1, 8)', '(1, 1)'])
    """

    rows: tuple[Row, ...]
    parameters: int
    bytes: int
    state: int

    def __str__(self) -> str:
        cells = [_HEAD, *map(_cells, self.rows)]
        ruled = tuple("─" * max(map(len, column)) for column in zip(*cells, strict=True))
        cells.insert(1, ruled)
        return "\n".join([*columns(cells, _ALIGNMENT), self._total()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = [_cells(row) for row in self.rows]
        return fragment(html_table(_HEAD, rows, _ALIGNMENT, notes=[self._total()]))

    def _total(self) -> str:
        state = f", and {self.state:,} numbers of state" if self.state else ""
        return f"{self.parameters:,} parameters, {_size(self.bytes)}{state}"


def _cells(row: Row) -> tuple[str, ...]:
    sizes = (f"{row.parameters:,}", f"{row.bytes:,}") if row.parameters else ("", "")
    return row.path or "(model)", row.layer, row.output, *sizes


def _size(n: int) -> str:
    """A number of bytes in words."""
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if n >= 1024**power:
            return f"{n / 1024**power:.1f} {unit}"
    return f"{n} bytes"


def summary(model: Any, *args: Any, **kwargs: Any) -> Summary:
    """A table of the layers of a model: paths, kinds, shapes of results, parameters and bytes.

    The model is called once, with the arguments given, and no gradient is recorded; without any it
    is not called, and the shapes of results are left out. A state that it needs is made, if none is
    given. Layers are found in `Sequential` and `Residual` and in the
    attributes of classes that are trees, as far as they can be called; attributes that are
    `Dropout(0.0)` are left out.

    Args:
        model: A layer, or a model of layers.
        *args: What the model is called with: an array `x`, and a state.
        **kwargs: The same by name: `key=`, `training=True`.

    Returns:
        The table, which is text by `str` and shown as a table in notebooks.

    Raises:
        InvalidArgument: For a model that cannot be called, or is no tree.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> model = gg.nn.Sequential([
        ...     gg.nn.Conv2d(1, 8, 3, padding=1, bias=False, rng=rng), gg.nn.BatchNorm2d(8),
        ...     gg.relu, gg.nn.MaxPool2d(2), gg.nn.Flatten(), gg.nn.Linear(8 * 16, 10, rng=rng),
        ... ])
        >>> gg.nn.summary(model, np.ones((1, 1, 8, 8), dtype="float32"))
        path        layer                                   output        parameters  bytes
        ──────────  ──────────────────────────────────────  ────────────  ──────────  ─────
        (model)     Sequential                              (1, 10)
        .layers[0]  Conv2d(1, 8, 3, padding=1, bias=False)  (1, 8, 8, 8)          72    288
        .layers[1]  BatchNorm2d(8)                          (1, 8, 8, 8)          16     64
        .layers[2]  relu                                    (1, 8, 8, 8)
        .layers[3]  MaxPool2d(2)                            (1, 8, 4, 4)
        .layers[4]  Flatten()                               (1, 128)
        .layers[5]  Linear(128, 10)                         (1, 10)            1,290  5,160
        1,378 parameters, 5.4 KiB, and 16 numbers of state
    """
    if not callable(model) or tree.is_leaf(model):
        raise InvalidArgument(
            f"summary: the model is of type {type(model).__name__}; expected a layer, or an "
            "object of a class above which @gg.tree.register stands."
        )
    watched: list[_Watched] = []
    state: Any = None
    if form_of(model).state:
        state = kwargs.get("state", args[1] if len(args) > 1 else None)
        if state is None:
            state = model.init_state()
            kwargs = {**kwargs, "state": state}
            args = args[:1]
    outermost = _Watched(model, "", watched)
    if args or kwargs.keys() - {"state"}:
        with no_grad():
            outermost(*args, **kwargs)
    rows = tuple(each.row() for each in watched)
    parts = tree.leaves(model)
    return Summary(
        rows, sum(map(_count, parts)), sum(map(_bytes, parts)), sum(map(_count, tree.leaves(state)))
    )


class _Watched:
    """A layer, or a function, that remembers the shape of its result when it is called."""

    def __init__(self, layer: Any, path: str, watched: list[_Watched]) -> None:
        self._layer, self._path, self._output = layer, path, ""
        self._own: list[Any] = []
        watched.append(self)
        place = len(watched)
        self._inside = layer if tree.is_leaf(layer) else _inside(layer, path, watched, self._own)
        self._holds = len(watched) > place

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found = self._inside(*args, **kwargs)
        result = found[0] if form_of(self._layer).state else found
        self._output = ", ".join(str(tuple(getattr(x, "shape", ()))) for x in tree.leaves(result))
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inside, name)

    def __iter__(self) -> Iterator[Any]:            # a linear layer is a tuple of its arrays
        return iter(self._inside)

    def __getitem__(self, key: Any) -> Any:
        return self._inside[key]

    def row(self) -> Row:
        """What the table says of it."""
        layer, kind = self._layer, type(self._layer)
        name = getattr(layer, "__name__", None)
        if name is None:
            said = repr(layer) if not self._holds and "__repr__" in _own_names(kind) else ""
            name = said if 0 < len(said) <= WIDEST and said.isprintable() else kind.__name__
        return Row(
            self._path, name, self._output, sum(map(_count, self._own)), sum(map(_bytes, self._own))
        )


def _inside(node: Any, path: str, watched: list[_Watched], own: list[Any]) -> Any:
    """A tree like `node`, in which layers are watched; arrays that are in none go to `own`."""
    if isinstance(node, Sequential):                # whose functions are layers, too
        return with_layers(
            node, [_Watched(x, f"{path}.layers[{i}]", watched) for i, x in enumerate(node.layers)]
        )

    def is_part(x: object) -> bool:
        return x is not node

    parts, structure = optree.tree_flatten(node, is_part, namespace=tree.NAMESPACE)
    accessors = optree.tree_accessors(node, is_part, namespace=tree.NAMESPACE)
    made = []
    for part, accessor in zip(parts, accessors, strict=True):
        place = path + accessor.codify("")
        if tree.is_leaf(part):
            own.append(part)
            made.append(part)
        elif isinstance(part, Dropout) and not part.rate:
            made.append(part)                       # the setting of a layer that has none
        elif callable(part):
            made.append(_Watched(part, place, watched))
        else:
            made.append(_inside(part, place, watched, own))
    return structure.unflatten(made)


def _own_names(kind: type) -> set[str]:
    """What a class and its bases define, but for `object`."""
    return {name for each in kind.__mro__[:-1] for name in vars(each)}


def _count(x: Any) -> int:
    return prod(getattr(x, "shape", ()))


def _bytes(x: Any) -> int:
    return _count(x) * int(getattr(getattr(x, "dtype", None), "itemsize", 8))
