"""Correlations of a batch and their transposes, product by product, as they are defined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Index = tuple[Any, ...]


def _terms(
    lengths: Any, sizes: Any, places: Any, *, pads: Any, strides: Any, dilations: Any, groups: int
) -> Iterator[tuple[Index, Index, Index]]:
    """Where in an image, in a window and among the windows the terms of a sum are."""
    for place in np.ndindex(*places):
        for tap in np.ndindex(*sizes):
            axes = zip(place, tap, pads, strides, dilations, strict=True)
            at = tuple(p * step + t * apart - before for p, t, (before, _), step, apart in axes)
            if all(0 <= i < n for i, n in zip(at, lengths, strict=True)):
                yield (..., *at), (..., *tap), (..., *place)


def _apart(x: Any, axis: int, groups: int) -> Any:
    """With an axis of groups before that of channels or outputs: a view."""
    return x.reshape(*x.shape[:axis], groups, -1, *x.shape[axis + 1 :])


def correlation(x: Any, w: Any, bias: Any = None, **settings: Any) -> Any:
    axes = zip(x.shape[2:], w.shape[2:], *(
        settings[name] for name in ("pads", "strides", "dilations")), strict=True)  # fmt: skip
    places = [(n + sum(pad) - (k - 1) * apart - 1) // step + 1 for n, k, pad, step, apart in axes]
    found, groups = np.zeros((len(x), len(w), *places), np.result_type(x, w)), settings["groups"]
    each, x, w = _apart(found, 1, groups), _apart(x, 1, groups), _apart(w, 0, groups)
    for a, b, c in _terms(x.shape[3:], w.shape[3:], places, **settings):
        each[c] += np.einsum("ngc,goc->ngo", x[a], w[b])
    return found if bias is None else found + bias.reshape(-1, *(1,) * len(places))


def inputs(g: Any, w: Any, lengths: Any, **settings: Any) -> Any:
    groups = settings["groups"]
    found = np.zeros((len(g), w.shape[1] * groups, *lengths), np.result_type(g, w))
    each, g, w = _apart(found, 1, groups), _apart(g, 1, groups), _apart(w, 0, groups)
    for a, b, c in _terms(lengths, w.shape[3:], g.shape[3:], **settings):
        each[a] += np.einsum("ngo,goc->ngc", g[c], w[b])
    return found


def weights(x: Any, g: Any, sizes: Any, **settings: Any) -> Any:
    groups = settings["groups"]
    found = np.zeros((g.shape[1], x.shape[1] // groups, *sizes), np.result_type(x, g))
    each, x, g = _apart(found, 0, groups), _apart(x, 1, groups), _apart(g, 1, groups)
    for a, b, c in _terms(x.shape[3:], sizes, g.shape[3:], **settings):
        each[b] += np.einsum("ngc,ngo->goc", x[a], g[c])
    return found
