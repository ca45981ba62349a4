"""Names for what has none: inputs x, y, z; intermediates a, b, c; the output f."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from string import ascii_lowercase

from gpugrad.graph import Node


def name_nodes(
    nodes: Sequence[Node], root: Node, given: Mapping[Node, str]
) -> dict[Node, str]:
    """A name of its own for each node. Those in `given` keep theirs, and nobody else gets them."""
    names = dict(given)
    taken = set(names.values())
    inputs = [node for node in nodes if node.vjp is None and node not in names]
    if root not in names and root.vjp is not None:
        names[root] = next(name for name in _with_numbers("f") if name not in taken)
        taken.add(names[root])
    of_inputs = iter("xyz") if len(inputs) <= 3 else (f"x{i}" for i in count(1))
    _fill(names, taken, inputs, of_inputs)
    inner = [node for node in nodes if node.vjp is not None and node not in names]
    _fill(names, taken, inner, iter(ascii_lowercase))
    return names


def _fill(
    names: dict[Node, str], taken: set[str], nodes: Iterable[Node], pool: Iterator[str]
) -> None:
    for node in nodes:
        name = next((name for name in pool if name not in taken), None)
        if name is None:
            pool = (f"{letter}{i}" for i in count(1) for letter in ascii_lowercase)
            name = next(name for name in pool if name not in taken)
        names[node] = name
        taken.add(name)


def _with_numbers(name: str) -> Iterator[str]:
    yield name
    for i in count(1):
        yield f"{name}{i}"
