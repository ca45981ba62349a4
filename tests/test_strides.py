"""The arithmetic of strides is NumPy's: on random layouts, also of negative steps and length 0."""

from __future__ import annotations

from typing import Any

import numpy as np
from view_programs import basic_key, shape_of_size

from gpugrad.backends.strides import (
    alike,
    broadcast,
    indexed,
    is_contiguous,
    permuted,
    reshaped,
    without_gaps,
)


def random_array(rng: np.random.Generator) -> np.ndarray:
    shape = tuple(int(n) for n in rng.choice((0, 1, 1, 2, 2, 3, 4, 6), size=rng.integers(0, 5)))
    x = np.zeros(shape)
    for _ in range(rng.integers(0, 4)):
        if rng.random() < 0.5:
            x = x.transpose(rng.permutation(x.ndim))
        else:
            x = np.asarray(x[random_key(rng, x)])
    return x


def random_key(rng: np.random.Generator, x: np.ndarray) -> Any:
    """A basic key that fits: an index may come to stand for another axis than it was drawn for."""
    while True:
        key = basic_key(rng, x.shape)
        try:
            x[key]
        except IndexError:
            continue
        return key


def test_layouts_are_those_of_numpys_views() -> None:
    rng = np.random.default_rng(0)
    views = 0
    for _ in range(3000):
        x = random_array(rng)
        layout = (x.shape, x.strides)
        axes = tuple(int(a) for a in rng.permutation(x.ndim))
        key = random_key(rng, x)
        shape = shape_of_size(rng, x.size)
        wide = (2, *x.shape)
        for found, view in (
            (permuted(layout, axes), x.transpose(axes)),
            (indexed(layout, key), x[key]),
            (broadcast(layout, wide), np.broadcast_to(x, wide)),
        ):
            view = np.asarray(view)
            assert found[0] == view.shape
            assert not x.size or alike(view.shape, found[1], view.strides), (x.strides, key)
        if x.size:
            y = x.reshape(shape)
            found = reshaped(layout, y.shape, 8)
            assert (found is not None) == np.shares_memory(x, y), (layout, shape)
            if found is not None:
                views += 1
                assert alike(y.shape, found[1], y.strides)
        assert is_contiguous(layout, 8) == x.flags.c_contiguous
        made = x + 1
        assert np.ndim(made) == 0 or alike(made.shape, without_gaps(*layout, 8), made.strides)
    assert views > 500
