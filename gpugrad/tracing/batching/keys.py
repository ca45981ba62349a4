"""Indexing a batch with arrays, of which each part may have its own."""

from __future__ import annotations

from gpugrad.backends import Batched, is_mask
from gpugrad.backends.batched import Level
from gpugrad.errors import TrackedConversion
from gpugrad.tracing.batching.batch_operands import aligned, below, full
from gpugrad.types import Array, Index, Key, Shape


def differs(part: object) -> bool:
    """Whether it is a mask of which each part of the batch has its own."""
    return is_mask(part) and isinstance(part, Batched)


def other_hits() -> TrackedConversion:
    """The error for a mask that chooses elements."""
    return TrackedConversion(
        "x[mask] of a batch in gg.vmap: each part may have another number of hits. Choose elements "
        "with gg.where(mask, x, 0)."
    )


def other_values(shape: Shape) -> TrackedConversion:
    """The error for a value that is not the same for all hits of a mask."""
    return TrackedConversion(
        f"x[mask] = value in gg.vmap, with a value of shape {shape} and a mask that may differ "
        "from part to part: each may have another number of hits. Write a value that is the same "
        "for all hits, or choose with gg.where(mask, value, x)."
    )


def turned(
    x: Array, key: Key, level: Level
) -> tuple[Array, Key, Shape, Shape]:
    """An indexed array with the batch and the axes that arrays index in front.

    With it, the key for it, the order in which the axes of what it finds stand in NumPy's result
    with the batch in front, and the order in which those of `x` were put.
    """
    if any(map(differs, key)):
        raise other_hits()
    whole = full(x, level)
    entries = _entries(key, len(x.shape))
    for place, (kind, part) in enumerate(entries):  # axes that the key makes are made first
        if kind in ("new", "indexed"):
            whole = below((whole,)).expand_dims(whole, axis=place + 1)
            entries[place] = ("slice", slice(None)) if kind == "new" else ("index", part)
    advanced = [i for i, (kind, _) in enumerate(entries) if kind == "index"]
    others = [i for i, (kind, _) in enumerate(entries) if kind == "slice"]
    order = (0, *(i + 1 for i in advanced), *(i + 1 for i in others))
    found = below((whole,)).permute_dims(whole, order)
    indices = [entries[i][1] for i in advanced]
    rank = max(len(getattr(part, "shape", ())) for part in indices)
    xp = below((whole,))
    rows = xp.reshape(xp.arange(level.n), (level.n, *(1,) * rank))
    places = tuple(aligned(part, level, rank) for part in indices)  # type: ignore[arg-type]
    slices = tuple(entries[i][1] for i in others)
    # Where NumPy puts the axes of the indices: in the place of the first if all stand together.
    together = advanced == list(range(advanced[0], advanced[0] + len(advanced)))
    before = len([i for i in others if i < advanced[0]]) if together else 0
    count = len(others)
    behind = [1 + rank + k for k in range(count)]
    back = (0, *behind[:before], *range(1, 1 + rank), *behind[before:])
    return found, (rows, *places, *slices), back, order


def _entries(key: Key, ndim: int) -> list[tuple[str, Index]]:
    """What a key says of each axis: an index, a slice, or that it is new or a new one's index."""
    taken = sum(
        len(part.shape) if is_mask(part) else int(part is not None and part is not ...)
        for part in key
    )
    if not any(part is ... for part in key):
        key = (*key, ...)
    entries: list[tuple[str, Index]] = []
    for part in key:
        if part is ...:
            entries += [("slice", slice(None))] * (ndim - taken)
        elif part is None:
            entries.append(("new", None))
        elif isinstance(part, slice):
            entries.append(("slice", part))
        elif is_mask(part):
            xp, kind = below((part,)), "index" if part.shape else "indexed"
            part = part if part.shape else xp.reshape(part, (1,))
            entries += [(kind, hits) for hits in xp.nonzero(part)]
        else:
            entries.append(("index", part))
    return entries


def indexed_shape(turned: Array, places: Key, back: Shape) -> Shape:
    """The shape of one part of what is found there."""
    found = below((turned, *places)).getitem(turned, places)
    return tuple(found.shape[i] for i in back[1:])
