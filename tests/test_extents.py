"""Extents of bytes: as if each were compared with all others."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from gpugrad.extents import Extents, Latest, extent_of


def some(random: Random, count: int) -> list[tuple[int, int]]:
    begins = [random.randrange(40) for _ in range(count)]
    return [(begin, begin + random.choice([0, 1, 3, 8, 20])) for begin in begins]


@pytest.mark.parametrize("seed", range(50))
def test_extents_meet_what_one_of_them_does(seed: int) -> None:
    random = Random(seed)
    given = some(random, random.randrange(8))
    extents = Extents(given)
    for begin, end in some(random, 50):
        wanted = any(max(a, begin) < min(b, end) for a, b in given)
        assert extents.meet(begin, end) == wanted


@pytest.mark.parametrize("seed", range(50))
def test_what_lay_somewhere_last(seed: int) -> None:
    random = Random(seed)
    latest = Latest()
    put: list[tuple[int, int]] = []
    for i, (begin, end) in enumerate(some(random, 60)):
        wanted = None
        for j in range(i):
            if max(begin, put[j][0]) < min(end, put[j][1]):
                wanted = j
        assert latest.put(begin, end, i) == wanted
        put.append((begin, end))


X = np.arange(60.0, dtype="f4").reshape(3, 4, 5)

ARRAYS = [
    X, X.T, X[1], X[:, 1], X[::-1], X[:, ::-2, 1:3], X[:0], X[2, 3, 4:], X[..., 4],
    np.broadcast_to(X[0, 0], (7, 5)), X.copy(), X.view("u1")[1, 1, 3:4], np.zeros(()), np.zeros(0),
]  # fmt: skip


@pytest.mark.parametrize("i", range(len(ARRAYS)))
def test_arrays_meet_as_numpy_says(i: int) -> None:
    for y in ARRAYS:
        found = Extents([extent_of(ARRAYS[i])]).meet(*extent_of(y))
        assert found == np.may_share_memory(ARRAYS[i], y)
