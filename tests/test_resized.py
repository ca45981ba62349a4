"""Arrays from outside whose size changes, or that select another number of elements: no plan reads
or writes beyond what it was made for.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.engines import ALL
from gpugrad.errors import ImpureFunction, InvalidArgument, TrackedConversion
from gpugrad.sweep import planned

ENGINES = [name for name in ("numpy", "native") if ALL[name].is_there]

X = np.arange(1.0, 9.0)
ROWS = np.arange(24.0).reshape(3, 8) / 10


COMPILED = ("summed", "captured")
"""What runs on every engine: each change of a size takes a second to compile."""


def check(
    name: str, f: Callable[..., Any], changes: list[Callable[[], None]], calls: int
) -> None:
    """Between changes, the compiled function is called so often; it gives what the other gives."""
    for engine in ENGINES if name in COMPILED else ENGINES[:1]:
        changes[0]()
        step = gg.jit(f, engine=engine)
        for change in changes:
            change()
            wanted = np.asarray(f(X))
            for _ in range(calls):
                found = step(X)
                assert found.shape == wanted.shape
                np.testing.assert_allclose(found, wanted, rtol=1e-12)


def written(x: Any, key: Any, value: Any) -> Any:
    y = gg.asarray(x) * 1.0
    y[key] = value
    return y


MASK = np.zeros(8, bool)
HELD = gg.tensor(MASK)


def hits(*count: int) -> list[Callable[[], None]]:
    """Changes after which so many elements of the mask are true."""

    def change(n: int) -> None:
        MASK[:] = False
        MASK[:n] = True
        HELD[:] = MASK

    return [lambda n=n: change(n) for n in count]


MASKED = {
    "elementwise": lambda x: gg.sin(x[MASK]) * 2 + 1,
    "summed": lambda x: gg.sum(gg.sin(x[MASK]) * 2 + gg.exp(x[MASK] * 0.1)),
    "gradient": gg.grad(lambda x: gg.sum(gg.sin(x[MASK]) * x[MASK])),
    "a Tensor": lambda x: gg.sin(x[HELD]) * 2 + 1,
    "written to": lambda x: written(x, MASK, 7.0),
    "from and to": lambda x: written(x, MASK, x[MASK] * 2),
    "in a loop": lambda x: gg.scan(lambda c, i: (c + gg.sum(x[MASK] * i), c), gg.sum(x) * 0, x)[0],
    "in a branch": lambda x: gg.cond(
        gg.sum(x) > 0, lambda x: gg.sum(x[MASK]), lambda x: gg.sum(x), x
    ),
    "nonzero": lambda x: gg.exp(x[gg.nonzero(MASK)]),
    "nonzero of a Tensor": lambda x: gg.exp(x[gg.nonzero(HELD)]),
    "unique": lambda x: gg.sum(gg.unique_values(gg.asarray(MASK))) + x,
    "beside itself": lambda x: x[MASK][:, None] * x[MASK],
}


@pytest.mark.parametrize("calls", [1, 3])
@pytest.mark.parametrize("name", MASKED)
def test_a_mask_that_selects_another_number(name: str, calls: int) -> None:
    check(name, MASKED[name], hits(6, 2, 8, 0, 2), calls)


def test_a_mask_that_selects_others_needs_no_other_plan() -> None:
    step = gg.jit(lambda x: gg.sin(x[MASK]), engine="numpy")
    for first in range(4):
        MASK[:] = False
        MASK[first : first + 3] = True
        np.testing.assert_array_equal(step(X), np.sin(X[first : first + 3]))
        if first == 1:
            (entry,) = step._cache.kept.entries.values()
    assert [*step._cache.kept.entries.values()] == [entry]


def test_masks_of_an_enclosing_recording_are_refused() -> None:
    def f(x: Any, mask: Any) -> Any:
        return gg.scan(lambda c, i: (c + gg.sum(x[mask]), i), gg.sum(x) * 0, x)

    with pytest.raises(TrackedConversion, match="mask"):
        gg.jit(f)(X, X > 2)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_step_whose_result_has_another_shape_is_an_error(engine: str) -> None:
    """Whoever changed the mask, and when: what is compiled never sees the result."""
    (change, later) = hits(6, 2)
    change()
    step = gg.jit(lambda x: gg.sum(gg.sin(x[MASK]) * 2), engine=engine)
    entry = step._cache.compiled((X,), {})
    later()
    with pytest.raises(ImpureFunction, match=r"test_resized.*'getitem'.*\(6,\).*\(2,\)"):
        entry.program.instance().run(X, MASK)


ARRAY = np.ones(8)


def sizes(*size: int) -> list[Callable[[], None]]:
    def change(n: int) -> None:
        ARRAY.resize((n,), refcheck=False)
        ARRAY[:] = np.arange(n) + 1

    return [lambda n=n: change(n) for n in size]


RESIZED = {
    "computed with": lambda x: gg.sum(ARRAY * ARRAY) * gg.sin(x),
    "captured": lambda x: gg.sum(gg.sin(ARRAY)) * x,
    "elementwise": lambda x: gg.sin(ARRAY) * gg.cos(x[0]),
    "a view": lambda x: gg.sin(ARRAY[::-1]) * x[0],
}


@pytest.mark.parametrize("calls", [1, 3])
@pytest.mark.parametrize("name", RESIZED)
def test_an_array_that_is_resized(name: str, calls: int) -> None:
    check(name, RESIZED[name], sizes(8, 2, 100, 8), calls)


@pytest.mark.filterwarnings("ignore:Setting the dtype:DeprecationWarning")
def test_an_array_whose_dtype_is_set() -> None:
    array = np.ones(8)
    step = gg.jit(lambda x: gg.sin(x) * array, engine="numpy")
    for _ in range(3):
        step(X)
    array.dtype = np.int64  # type: ignore[misc]
    np.testing.assert_array_equal(step(X), np.sin(X) * array)


INDEX = np.zeros(3, int)
INDEXED = {
    "taken": lambda x: gg.sum(gg.sin(x[INDEX]) * 2),
    "take": lambda x: gg.take(x, INDEX) * 2,
    "written to": lambda x: written(x, INDEX, 3.0),
    "gradient": gg.grad(lambda x: gg.sum(gg.sin(x[INDEX]) * 2)),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("f", INDEXED.values(), ids=INDEXED)
def test_an_index_that_goes_out_of_range(f: Callable[..., Any], engine: str) -> None:
    INDEX[:] = 0
    step = gg.jit(f, engine=engine)
    for index in ((0, 1, 2), (-8, 7, 0), (0, 1, 900_000), (-9, 0, 0), (2, 2, 2)):
        INDEX[:] = index
        for _ in range(3):
            if -8 <= min(index) <= max(index) < 8:
                np.testing.assert_allclose(step(X), f(X), rtol=1e-12)
            else:
                with pytest.raises(IndexError):
                    step(X)


LABELS = np.zeros(3, int)
LABELLED = {
    "as they are": lambda x: gg.nn.softmax_cross_entropy(x, LABELS),
    "computed": lambda x: gg.nn.softmax_cross_entropy(
        x, gg.asarray(LABELS) + gg.astype(x[:, 0] * 0, int)
    ),
    "gradient": gg.grad(lambda x: gg.sum(gg.nn.softmax_cross_entropy(x, LABELS))),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("f", LABELLED.values(), ids=LABELLED)
def test_labels_that_go_out_of_range(f: Callable[..., Any], engine: str) -> None:
    LABELS[:] = 0
    step = gg.jit(f, engine=engine)
    for labels in ((0, 1, 2), (7, 7, 0), (0, 1, 900_000), (0, -1, 0), (0, 8, 0), (2, 2, 2)):
        LABELS[:] = labels
        for _ in range(3):
            if 0 <= min(labels) <= max(labels) < 8:
                np.testing.assert_allclose(step(ROWS), f(ROWS), rtol=1e-12)
            else:
                with pytest.raises(InvalidArgument, match="labels go from"):
                    step(ROWS)


READS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "read": lambda x, s, key: gg.sum(gg.sin(x[key]) * x[key] * s),
    "a number written": lambda x, s, key: gg.sum(gg.sin(written(x, key, s)) * x),
    "elements written": lambda x, s, key: gg.sum(gg.sin(written(x, key, x[key] * s)) * x),
    "of rows": lambda x, s, key: gg.sum(gg.sin(gg.stack([x, x * s])[:, key])),
}


@pytest.mark.parametrize("kind", ["mask", "index"])
@pytest.mark.parametrize("f", READS.values(), ids=READS)
def test_planned_sweeps_of_keys_that_select_another_number(
    f: Callable[[Any, Any, Any], Any], kind: str
) -> None:
    rng = np.random.default_rng(0)
    planned.cache.clear()
    for n in (3, 3, 3, 3, 5, 0, 8, 2, 2, 2, 2, 1, 3):
        key = rng.integers(-8, 8, n)
        if kind == "mask":
            key = np.zeros(8, bool)
            key[rng.permutation(8)[:n]] = True
        arguments = rng.normal(size=8), np.asarray(1.3)
        gradient = gg.grad(lambda x, s, key=key: f(x, s, key), (0, 1))
        found = gradient(*arguments)
        before, planned.MEETINGS = planned.MEETINGS, inf
        plans = planned.cache
        planned.cache = planned.Cache()
        try:
            wanted = gradient(*arguments)
        finally:
            planned.MEETINGS, planned.cache = before, plans
        for g, want in zip(found, wanted, strict=True):
            np.testing.assert_allclose(g, want, rtol=1e-12)
    planned.cache.clear()
