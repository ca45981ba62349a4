"""`gg.vmap`: every op on a batch gives what it gives part by part, and so do its gradients."""

from __future__ import annotations

import os
import warnings
from random import Random
from typing import Any

import numpy as np
import programs
import pytest
from op_cases import Case, all_cases, is_operand
from thresholds import SHARES, lowered

import gpugrad as gg
from gpugrad import tree
from gpugrad.catalogue import support
from gpugrad.core.registry import get_op
from gpugrad.errors import InvalidArgument, TrackedConversion
from gpugrad.plan.primitive import PART_BY_PART
from gpugrad.plan.primitives import PRIMITIVES
from gpugrad.tracing.batching import BatchingNamespace, kinds

N = 3


def has_mask(key: Any) -> bool:
    return isinstance(key, tuple) and any(getattr(x, "dtype", None) == np.bool_ for x in key)


SHAPED_BY_VALUES = ("nonzero", "repeated_places", "unique_places")
CASES = [
    case
    for case in all_cases()
    if case.op not in (*SHAPED_BY_VALUES, "move") and not any(map(has_mask, case.operands))
]
DIFFERENTIABLE = [case for case in CASES if get_op(case.op).rules.exist]

MASK = "a mask"                                     # stands for one in a key

rng = np.random.default_rng(0)


def parts_of(case: Case) -> list[tuple[Any, ...]]:
    """Operands for each part of a batch."""
    return [case.arrays(seed=seed) for seed in range(N)]


def stacked(parts: list[Any]) -> Any:
    """Operands of all parts, those that are arrays with the parts along the first axis."""
    first = parts[0]
    if isinstance(first, tuple):
        return tuple(stacked(list(column)) for column in zip(*parts, strict=True))
    return np.stack(parts) if isinstance(first, np.ndarray | np.generic) else first


def axes_of(x: Any, which: Any) -> Any:
    """Axis 0 for arrays, nothing for what else an operand holds."""
    if isinstance(x, tuple):
        return tuple(axes_of(part, which) for part in x)
    return 0 if isinstance(x, np.ndarray | np.generic) and which else None


def assert_parts(found: Any, wanted: list[Any], tolerance: float = 1e-12) -> None:
    leaves = [tree.leaves(part) for part in wanted]
    for y, *parts in zip(tree.leaves(found), *leaves, strict=True):
        np.testing.assert_allclose(y, np.stack(parts), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case: Case) -> None:
    parts = parts_of(case)
    whole = stacked(parts)
    wanted = [case.call(part) for part in parts]
    axes = axes_of(whole, True)
    assert_parts(gg.vmap(lambda *x: case.call(x), axes)(*whole), wanted)
    # Each operand alone varies, while the others are the same for all parts.
    arrays = [i for i, axis in enumerate(axes) if tree.leaves([axis])]
    for i in arrays if len(arrays) > 1 else ():
        mixed = [(*parts[0][:i], part[i], *parts[0][i + 1 :]) for part in parts]
        given = [whole[k] if k == i else parts[0][k] for k in range(len(axes))]
        one = tuple(axes[k] if k == i else axes_of(whole[k], False) for k in range(len(axes)))
        found = gg.vmap(lambda *x: case.call(x), one)(*given)
        assert_parts(found, [case.call(tuple(x)) for x in mixed])


def loss(case: Case, chosen: list[int], operands: Any) -> Any:
    """A function of the chosen operands with one number as its result."""

    def f(*values: Any) -> Any:
        given = list(operands)
        for i, value in zip(chosen, values, strict=True):
            given[i] = value
        total = 0.0
        for y in tree.leaves(case.call(tuple(given))):
            if y.dtype.kind in "fc":
                total = total + gg.sum(gg.sin(gg.abs(y)) if y.dtype.kind == "c" else gg.sin(y))
        return total

    return f


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_gradients(case: Case) -> None:
    """The gradient of each part, the gradient of the sum of all, and both for what all share."""
    op = get_op(case.op)
    parts = parts_of(case)
    whole = stacked(parts)
    chosen = [i for i, x in enumerate(parts[0]) if is_operand(op, i, x)]
    others = [i for i in range(len(whole)) if i not in chosen]
    picked, rest = [whole[i] for i in chosen], [whole[i] for i in others]
    argnums = tuple(range(len(chosen)))
    axes = tuple(axes_of(x, True) for x in (*picked, *rest))

    def one(*values: Any) -> Any:
        operands: list[Any] = [None] * len(whole)
        for i, value in zip((*chosen, *others), values, strict=True):
            operands[i] = value
        return loss(case, chosen, operands)(*values[: len(chosen)])

    wanted = [gg.grad(loss(case, chosen, part), argnums)(*(part[i] for i in chosen))
              for part in parts]  # fmt: skip
    found = gg.vmap(gg.grad(one, argnums), axes)(*picked, *rest)
    assert_parts(found, wanted, 1e-10)
    found = gg.grad(lambda *x: gg.sum(gg.vmap(one, axes)(*x, *rest)), argnums)(*picked)
    assert_parts(found, wanted, 1e-10)
    # Shared by all parts: the gradients add up.
    shared = tuple(None if k < len(chosen) else axis for k, axis in enumerate(axes))
    if any(axis is not None for axis in tree.leaves(list(shared))):
        first = [parts[0][i] for i in chosen]
        found = gg.grad(lambda *x: gg.sum(gg.vmap(one, shared)(*x, *rest)), argnums)(*first)
        each = [gg.grad(one, argnums)(*first, *(part[i] for i in others)) for part in parts]
        total = tree.map(lambda *x: sum(x), *each)
        for y, want in zip(tree.leaves(found), tree.leaves(total), strict=True):
            np.testing.assert_allclose(y, want, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("case", DIFFERENTIABLE[::4], ids=str)
def test_compiled(case: Case) -> None:
    parts = parts_of(case)
    whole = stacked(parts)
    axes = axes_of(whole, True)
    arrays = [i for i, axis in enumerate(axes) if tree.leaves([axis])]

    def f(*given: Any) -> Any:
        operands = list(whole)
        for i, x in zip(arrays, given, strict=True):
            operands[i] = x
        return gg.vmap(lambda *x: case.call(x), axes)(*operands)

    compiled = gg.jit(f, engine="numpy")
    for _ in range(3):
        assert_parts(compiled(*(whole[i] for i in arrays)), [case.call(x) for x in parts])


def test_batches_of_batches() -> None:
    x, y = rng.normal(size=(2, 3, 4)), rng.normal(size=(3, 4))

    def f(a: Any, b: Any) -> Any:
        return gg.sum(gg.tanh(a * b)) + a[0] * gg.sum(y)

    found = gg.vmap(lambda a: gg.vmap(f)(a, y))(x)
    wanted = [[f(x[i, k], y[k]) for k in range(3)] for i in range(2)]
    np.testing.assert_allclose(found, wanted)
    outer = gg.vmap(lambda a: gg.vmap(lambda b: f(a, b))(y), in_axes=0)(x[:, 0])
    np.testing.assert_allclose(outer, [[f(x[i, 0], y[k]) for k in range(3)] for i in range(2)])
    g = gg.grad(lambda y: gg.sum(gg.vmap(lambda a: gg.vmap(f)(a, y))(x)))(y)
    each = gg.grad(lambda y: sum(f(x[i, k], y[k]) for i in range(2) for k in range(3)))(y)
    np.testing.assert_allclose(g, each)


def test_gradients_of_gradients_of_a_batch() -> None:
    x, w = rng.normal(size=(4, 3)), rng.normal(size=(3, 3))

    def f(w: Any, x: Any) -> Any:
        return gg.sum(gg.tanh(w @ x) ** 3)

    each = gg.vmap(gg.grad(f), in_axes=(None, 0))(w, x)
    np.testing.assert_allclose(each, np.stack([gg.grad(f)(w, row) for row in x]))
    penalty = gg.grad(lambda w: gg.sum(gg.vmap(gg.grad(f), in_axes=(None, 0))(w, x) ** 2))(w)
    wanted = gg.grad(lambda w: sum(gg.sum(gg.grad(f)(w, row) ** 2) for row in x))(w)
    np.testing.assert_allclose(penalty, wanted)


def test_a_pullback_of_several_results_in_a_batch() -> None:
    """Some of its cotangents are of the batch and some are not, also where sweeps are planned."""
    x, u = rng.normal(size=3), rng.normal(size=(4, 3))
    for _ in range(5):
        _, pullback = gg.vjp(lambda x: (gg.sin(x), gg.exp(x)), x)
        (found,) = gg.vmap(lambda u, p=pullback: p((np.zeros(3), u)), in_axes=0)(u)
        np.testing.assert_allclose(found, u * np.exp(x))
        plain = pullback((np.ones(3), np.zeros(3)))
        np.testing.assert_allclose(plain[0], np.cos(x))


def test_axes_trees_and_keywords() -> None:
    p = {"a": rng.normal(size=(2, 3)), "b": rng.normal(size=4)}
    found = gg.vmap(lambda p, s, *, c: {"y": p["a"] * s + c, "z": p["b"]}, ({"a": 1, "b": None}, 0),
                    out_axes={"y": -1, "z": 0})(p, np.arange(3.0), c=np.ones(3))  # fmt: skip
    np.testing.assert_allclose(found["y"], p["a"] * np.arange(3.0) + 1)
    np.testing.assert_allclose(found["z"], np.stack([p["b"]] * 3))
    assert type(found["y"]) is np.ndarray
    found["z"][0] = 0                               # owned and writable
    assert gg.vmap(lambda x: 1.0)(np.ones(3)).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("key", "shape"),
    [
        ((np.array([0, 2]),), (3, 4)),
        ((slice(None), np.array([[0, 2]])), (3, 4)),
        ((np.array([0, 2]), slice(None), np.array([1, 3])), (3, 2, 4)),
        ((0, slice(None), np.array([1, 3])), (3, 2, 4)),
        ((..., np.array([1, 0]), None), (2, 3)),
        ((None, np.array([1, 0]), slice(1, None)), (2, 3)),
        ((slice(None, None, -1), None, 1), (3, 2)),
        ((np.array([True, False, True]),), (3, 2)),
        ((slice(None), np.array([True, False, True]), 0), (2, 3, 2)),
        ((np.array(True),), (3, 2)),
        ((slice(1, None), np.array(True)), (3, 2)),
        ((np.array(False), 0), (3, 2)),
    ],
)
def test_keys(key: Any, shape: tuple[int, ...]) -> None:
    """With the array batched, and with the indices batched too."""
    x = rng.normal(size=(N, *shape))
    wanted = np.stack([part[key] for part in x])
    np.testing.assert_array_equal(gg.vmap(lambda x: x[key])(x), wanted)
    value = rng.normal(size=wanted.shape)

    def written(x: Any, value: Any) -> Any:
        y = gg.copy(x)
        y[key] = value
        return y

    want = [written(gg.tensor(a), b).value for a, b in zip(x, value, strict=True)]
    np.testing.assert_array_equal(gg.vmap(written)(x, value), np.stack(want))
    slope = gg.grad(lambda x: gg.sum(x[key] ** 2))
    np.testing.assert_array_equal(gg.vmap(slope)(x), np.stack([slope(part) for part in x]))
    places = [i for i, part in enumerate(key) if getattr(part, "dtype", None) == np.int64]
    if places:
        moved = [np.stack([np.roll(key[i], k) for k in range(N)]) for i in places]

        def pick(x: Any, *indices: Any) -> Any:
            full = list(key)
            for i, index in zip(places, indices, strict=True):
                full[i] = index
            return x[tuple(full)]

        want = [pick(x[k], *(m[k] for m in moved)) for k in range(N)]
        np.testing.assert_array_equal(gg.vmap(pick)(x, *moved), np.stack(want))
        want = [pick(x[0], *(m[k] for m in moved)) for k in range(N)]
        found = gg.vmap(lambda *m: pick(gg.tensor(x[0]), *m))(*moved)
        np.testing.assert_array_equal(found, np.stack(want))


@pytest.mark.parametrize(
    ("key", "mask_shape", "value_shapes"),
    [
        ((MASK,), (3, 4, 2), [(), (1,)]),
        ((MASK,), (3, 4), [(), (2,), (1, 2), (1, 1)]),
        ((MASK,), (3,), [(), (2,), (4, 2), (4, 1), (1, 4, 2)]),
        ((slice(None), MASK), (4,), [(), (2,), (1, 2), (3, 1, 2), (3, 1, 1)]),
        ((..., MASK), (2,), [(), (1,), (4, 1), (3, 4, 1)]),
        ((None, slice(1, None), MASK), (4, 2), [(), (1,), (2, 1), (1, 2, 1)]),
        ((..., MASK, slice(None, None, -1)), (4,), [(), (2,), (3, 1, 2)]),
        ((1, MASK), (4,), [()]),
        ((MASK, 1), (3, 4), [()]),
    ],
    ids=str,
)
def test_a_mask_that_differs_may_choose_where_to_write(
    key: Any, mask_shape: tuple[int, ...], value_shapes: list[tuple[int, ...]]
) -> None:
    """Whatever the hits are; the value may be another for each part, and for each place behind."""
    x, masks = rng.normal(size=(N, 3, 4, 2)), rng.random((N, *mask_shape)) < 0.5

    def written(x: Any, mask: Any, value: Any) -> Any:
        y = gg.asarray(gg.copy(x))
        y[tuple(mask if part is MASK else part for part in key)] = value
        return gg.sin(y)

    def slopes(x: Any, mask: Any, value: Any) -> Any:
        return gg.grad(lambda x, value: gg.sum(written(x, mask, value) ** 2), (0, 1))(x, value)

    for shape in value_shapes:
        values = rng.normal(size=(N, *shape))
        for f in (lambda *a: [written(*a)], slopes):
            parts = [f(*part) for part in zip(x, masks, values, strict=True)]
            wanted = [np.stack([np.asarray(y) for y in column])
                      for column in zip(*parts, strict=True)]  # fmt: skip
            for y, want in zip(gg.vmap(f)(x, masks, values), wanted, strict=True):
                np.testing.assert_allclose(y, want, rtol=1e-13)
        compiled = gg.jit(slopes, engine="numpy")   # where the hits cannot be counted either
        for part in zip(x, masks, values, strict=True):
            for y, want in zip(compiled(*part), slopes(*part), strict=True):
                np.testing.assert_allclose(y, want, rtol=1e-13)


def test_numbers_dtypes_and_values_with_more_axes() -> None:
    """What NumPy allows of arrays without axes and of writes, and the dtypes that it gives."""
    x = rng.normal(size=3)
    for f in (lambda x: gg.sum(x, axis=-1, keepdims=True), lambda x: gg.max(x, axis=0), gg.mean,
              lambda x: gg.argmax(x, axis=0), gg.std, gg.all):  # fmt: skip
        for values in (x, x > 0):
            if f is gg.std and values.dtype == np.bool_:
                continue
            wanted = np.stack([f(part) for part in values])
            found = gg.vmap(f)(values)
            assert found.dtype == wanted.dtype
            np.testing.assert_array_equal(found, wanted)
    rows, wide = rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 1, 4))

    def written(row: Any, value: Any) -> Any:
        y = gg.copy(row)
        y[0] = value
        y[np.array([1])] = value[None] * 2.0
        y[y > 1] = 1
        return y

    want = [written(gg.tensor(a), b).value for a, b in zip(rows, wide, strict=True)]
    np.testing.assert_array_equal(gg.vmap(written)(rows, wide), np.stack(want))
    mask = rows[:, 0] > 0
    assert gg.vmap(written_mask)(mask).dtype == np.bool_


def written_mask(mask: Any) -> Any:
    y = gg.copy(mask)
    y[mask] = 0
    return y


def test_random_numbers_of_many_keys() -> None:
    keys = gg.random.split(gg.random.key(0), 3)
    found = gg.vmap(lambda k: gg.random.normal(k, (2,)))(keys)
    np.testing.assert_array_equal(found, [gg.random.normal(k, (2,)) for k in keys])


def run_parts(program: Any, parts: list[list[Any]]) -> list[list[Any]] | None:
    """What a random program gives for each part; `None` where eager code refuses one of them."""
    try:
        return [[gg.asarray(y).value for y in program(*programs.lifted(part))] for part in parts]
    except programs.REFUSED:
        return None


def check_program(number: int) -> bool:
    """Whether random program `number` was run: that it gives on a batch what it gives on parts."""
    program = programs._program(Random(number), 6)
    parts = [program.arguments(seed) for seed in range(N)]
    axes = tuple(0 if isinstance(x, np.ndarray) else None for x in parts[0])
    parts = [[x if axis == 0 else parts[0][i] for i, (x, axis) in
              enumerate(zip(part, axes, strict=True))] for part in parts]  # fmt: skip
    wanted = run_parts(program, parts)
    if wanted is None or 0 not in axes:
        return False
    whole = [np.stack(column) if axis == 0 else column[0]
             for column, axis in zip(zip(*parts, strict=True), axes, strict=True)]  # fmt: skip
    try:
        found = gg.vmap(lambda *x: [gg.asarray(y) for y in program(*x)], axes)(*whole)
    except TrackedConversion:
        return False                                # a shape that depends on values
    for y, *each in zip(found, *wanted, strict=True):
        y, want = gg.asarray(y).value, np.stack(each)
        assert y.dtype == want.dtype, program
        tolerance = 100 * programs.TOLERANCES.get(want.dtype.name, 0)
        largest = np.max(np.abs(want), where=np.isfinite(want), initial=0)
        np.testing.assert_allclose(y, want, tolerance, tolerance * largest, err_msg=str(program))
    return True


def test_random_programs() -> None:
    """`GPUGRAD_PROGRAMS=1000` runs that many."""
    count = number = 0
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while count < int(os.environ.get("GPUGRAD_PROGRAMS", "60")):
            number += 1
            with lowered(SHARES[number % len(SHARES)]):
                count += check_program(number)


def test_no_function_runs_part_by_part_but_those_named() -> None:
    """What has a rule of its own is a method of the namespace, under its own name."""
    for case in CASES:
        parts = parts_of(case)
        whole = stacked(parts)
        gg.vmap(lambda *x, case=case: case.call(x), axes_of(whole, True))(*whole)
    support()
    found = {name for name, value in vars(BatchingNamespace).items()
             if getattr(value, "__closure__", None)
             and any(cell.cell_contents is kinds.each for cell in value.__closure__)}  # fmt: skip
    named = {row.name for row in PRIMITIVES.values() if row.batches == PART_BY_PART}
    by_values = {row.name for row in PRIMITIVES.values() if row.shaped_by_values}
    assert found - by_values == named


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gg.vmap(lambda x, y: x)(np.ones(2), np.ones(3)), InvalidArgument, "different"),
        (lambda: gg.vmap(lambda x: x, in_axes=None)(np.ones(2)), InvalidArgument, "none"),
        (lambda: gg.vmap(lambda x: x, in_axes=1)(np.ones(2)), InvalidArgument, "no axis 1"),
        (lambda: gg.vmap(lambda x: x, in_axes=(0, 0))(np.ones(2)), InvalidArgument, "2 entries"),
        (lambda: gg.vmap(lambda x: x, out_axes=None)(np.ones(2)), InvalidArgument, "one part"),
        (lambda: gg.vmap(lambda x: x if x > 0 else -x)(np.ones(2)), TrackedConversion, "gg.where"),
        (lambda: gg.vmap(lambda x: float(x))(np.ones(2)), TrackedConversion, "gg.vmap"),
        (lambda: gg.vmap(lambda x: x.value)(np.ones(2)), TrackedConversion, "gg.vmap"),
        (lambda: gg.vmap(gg.nonzero)(np.ones((2, 3))), TrackedConversion, "depend on values"),
        (lambda: gg.vmap(lambda x: x[x > 0])(np.ones((2, 3))), TrackedConversion, "gg.where"),
    ],
)
def test_what_is_wrong_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("f", [lambda x: gg.matmul(x, np.ones(2)), lambda x: np.ones((3, 2)) @ x])
def test_a_matrix_product_with_a_number_in_each_part_is_refused(f):
    with pytest.raises(ValueError, match=r"in each part; expected vectors or matrices"):
        gg.vmap(f)(np.ones(2))


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
def test_a_tangent_that_all_samples_share(compiled: bool) -> None:
    """Also where it is a Tensor, as in a function under `gg.jit`, and where it is tracked."""
    rows, w = np.arange(6.0).reshape(3, 2), np.array([2.0, 3.0])

    def push(x: Any, w: Any, t: Any) -> Any:
        return gg.jvp(lambda x, w: x * x * w, (x, w), (t, t))[1]

    f = gg.jit(push) if compiled else push
    wanted = 2 * rows * w * w + rows * rows * w
    assert np.array_equal(gg.vmap(lambda x: f(x, w, w))(rows), wanted)
    assert np.array_equal(gg.vmap(lambda x: f(x, w, gg.tensor(w)))(rows), wanted)
    slope = gg.grad(lambda t: gg.sum(gg.vmap(lambda x: f(x, w, t))(rows)))(w)
    assert np.array_equal(slope, np.sum(2 * rows * w + rows * rows, axis=0))
