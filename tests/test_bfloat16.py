"""bfloat16 of ml_dtypes: every function, its gradient, dtypes, plans and files."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from bfloat16_cases import BFLOAT16, UNIT, Case, cases, distance, gradients, leaves, pulled
from on_engines import narrow_vectors

import gpugrad as gg
from gpugrad.errors import UnsupportedOperand
from gpugrad.plan.plan import Plan

CASES = list(cases())

ARBITRARY = frozenset(("empty_like",))
"""Whose results are any numbers."""

OF_THE_DTYPE = frozenset(("nextafter", "spacing"))
"""What is asked of the dtype itself, of which float32 says nothing."""

NO_DLPACK = frozenset(("from_dlpack",))
"""NumPy exports no bfloat16 by DLPack."""

CANCELS = frozenset(("linalg.lstsq",))
"""Whose residual and small singular values are differences of rounded numbers."""

COMPARED = [
    c for c in CASES
    if c.name.split()[0] not in ARBITRARY | OF_THE_DTYPE | NO_DLPACK | CANCELS
]

VALUES, SLOPES = 2.5, 2.5
"""In units: one for the result of an op, more for functions of several."""


@pytest.fixture(autouse=True)
def on_numpy():
    with np.errstate(all="ignore"):
        yield


def numbers(*values: float) -> np.ndarray:
    return np.array(values, BFLOAT16)


# Every function


@pytest.mark.parametrize("case", COMPARED, ids=lambda c: c.name)
def test_values_and_gradients_are_those_of_float32(case: Case):
    wanted, found = leaves(case.call(*case.wide())), leaves(case.call(*case.arrays))
    for x, y in zip(found, wanted, strict=True):
        assert x.dtype == (BFLOAT16 if y.dtype == np.float32 else y.dtype)
        assert x.shape == y.shape
        assert distance(x, y) <= VALUES
    slopes = _slopes(case, case.wide())
    if slopes is not None:
        for x, y in zip(pulled(case.call, case.arrays), slopes, strict=True):
            assert x.dtype == BFLOAT16
            assert distance(x, y) <= SLOPES


def _slopes(case: Case, arrays: list[np.ndarray]) -> list[np.ndarray] | None:
    """The gradients, or `None` of a function that has none."""
    try:
        return pulled(case.call, arrays)
    except Exception:
        return None


def test_most_functions_have_gradients_to_compare():
    assert len(COMPARED) > 400
    assert sum(_slopes(case, case.wide()) is not None for case in COMPARED) > 300


def test_the_distance_tells_a_rounding_too_many():
    exact = np.array([1.0, 3.0], np.float32)
    assert distance(exact.astype(BFLOAT16), exact) == 0.0
    assert distance(exact * np.float32(1 + 4 * UNIT), exact) > VALUES


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_engines_find_what_is_found_without_a_plan(engine):
    """In one test, because each is short."""
    if engine == "native":
        pytest.importorskip("llvmlite")
    count = 0
    for case in COMPARED:
        try:
            wanted = leaves(case.call(*case.arrays))
            gg.jit(lambda *xs, case=case: case.call(*xs), engine=engine)(*case.wide())
        except Exception:                           # what gg.jit refuses of float32 too
            continue
        step = gg.jit(lambda *xs, case=case: case.call(*xs), engine=engine)
        step.compile(*case.arrays)
        for x, y in zip(leaves(step(*case.arrays)), wanted, strict=True):
            assert x.dtype == y.dtype, case.name
            assert distance(x, y) <= 1.01, case.name
        slopes = _slopes(case, case.arrays)
        if slopes is not None:
            pull = gg.jit(lambda *xs, case=case: gradients(case.call, xs), engine=engine)
            pull.compile(*case.arrays)
            for x, y in zip(leaves(pull(*case.arrays)), slopes, strict=True):
                assert x.dtype == BFLOAT16, case.name
                assert distance(x, y) <= 2.01, case.name
        count += 1
    assert count > 350


def test_what_is_asked_of_the_dtype():
    x = numbers(1.0, 2.0)
    np.testing.assert_array_equal(gg.spacing(x), numbers(2.0**-7, 2.0**-6))
    np.testing.assert_array_equal(gg.nextafter(x, numbers(3.0, 3.0)), x + gg.spacing(x))
    limits = gg.finfo("bfloat16")
    assert (limits.bits, limits.eps, limits.nmant) == (16, 2.0**-7, 7)
    assert gg.isdtype("bfloat16", "real floating")
    assert gg.isdtype(BFLOAT16, ("bool", "numeric"))
    assert gg.isdtype(BFLOAT16, BFLOAT16)
    assert not gg.isdtype(BFLOAT16, ("integral", "bool", np.float16))
    assert gg.bfloat16 is ml_dtypes.bfloat16


def test_sums_are_of_float32():
    x = np.full(20_000, 0.5, BFLOAT16)
    assert gg.sum(x) == gg.astype(np.array(10_000.0), "bfloat16")
    assert gg.mean(x) == 0.5
    assert gg.grad(lambda x: gg.mean(x * x))(x).dtype == BFLOAT16
    table = numbers(0.0)
    found = gg.grad(lambda t: gg.sum(gg.take(t, np.zeros(1000, int))))(table)
    assert found == 1000.0


# Dtypes


@pytest.mark.parametrize(
    ("other", "wanted"),
    [(2, BFLOAT16), (2.5, BFLOAT16), (True, BFLOAT16), (1j, "complex64"), ("bool", BFLOAT16),
     ("int8", BFLOAT16), ("uint8", BFLOAT16), ("int16", "float32"), ("int32", "float64"),
     ("int64", "float64"), ("float16", "float32"), ("bfloat16", BFLOAT16), ("float32", "float32"),
     ("float64", "float64"), ("complex64", "complex64"), ("complex128", "complex128")],
)  # fmt: skip
def test_it_promotes_as_float16_does(other, wanted):
    x = numbers(1.0, 2.0)
    y = np.ones(2, other) if isinstance(other, str) else other
    made = [gg.multiply(x, y), gg.tensor(x) * y, y + gg.tensor(x), gg.maximum(x, y).real,
            gg.jit(lambda x: gg.subtract(x, y), engine="numpy")(x)]  # fmt: skip
    made += [gg.where(x > 1.0, x, y)] if other is not True else []
    made += [gg.concat([x, y]), gg.stack([y, x])] if isinstance(other, str) else []
    found = [z.dtype for z in made]
    assert found[:3] == [wanted] * 3
    assert all(dtype == wanted or str(wanted)[:7] == "complex" for dtype in found)
    assert gg.result_type(x, y) == wanted
    if other not in ("float16", "bfloat16"):        # as float16 does
        half = gg.result_type(np.ones(2, np.float16), y)
        assert half == (np.float16 if wanted == BFLOAT16 else wanted)


def test_scalars_of_numpy_promote():
    assert (gg.tensor(numbers(1.0)) * np.float32(2)).dtype == np.float32
    assert (gg.tensor(numbers(1.0)) * ml_dtypes.bfloat16(2)).dtype == BFLOAT16


@pytest.mark.parametrize(
    "make",
    [
        lambda: gg.astype(np.ones(2), "bfloat16"), lambda: gg.tensor([1.0], dtype="bfloat16"),
        lambda: gg.zeros(2, dtype="bfloat16"), lambda: gg.asarray([1, 2], dtype=gg.bfloat16),
        lambda: gg.tensor(np.ones(2)).astype("bfloat16"), lambda: gg.full_like(numbers(1), 3),
        lambda: gg.linspace(0.0, 1.0, 3, dtype="bfloat16"), lambda: gg.eye(2, dtype=BFLOAT16),
        lambda: gg.random.normal(gg.random.key(0), (3,), "bfloat16"),
        lambda: gg.random.uniform(gg.random.key(0), (3,), dtype="bfloat16"),
        lambda: gg.tree.cast([np.ones(2)], "bfloat16")[0],
        lambda: gg.nn.MLP([2, 1], dtype="bfloat16").layers[0].weight,
        lambda: gg.nn.dropout(numbers(1.0, 2.0), gg.random.key(0), 0.3),
    ],
)  # fmt: skip
def test_arrays_of_it_are_made(make):
    assert make().dtype == BFLOAT16


def test_uniform_numbers_stay_below_their_end():
    x = gg.random.uniform(gg.random.key(0), (100_000,), dtype="bfloat16")
    assert 0.0 <= float(x.min()) <= float(x.max()) < 1.0


def test_transforms():
    x = numbers(0.5, 1.0, 1.5)
    assert gg.hessian(lambda x: gg.sum(x**3))(x).dtype == BFLOAT16
    out, slope = gg.jvp(gg.sin, (x,), (x,))
    assert out.dtype == slope.dtype == BFLOAT16
    np.testing.assert_array_equal(gg.vmap(gg.softmax)(np.stack([x, x])), gg.softmax(
        np.stack([x, x]), axis=-1
    ))  # fmt: skip
    total, before = gg.scan(lambda c, x: (c + x, c), numbers(0)[0], x)
    assert total == 3.0
    np.testing.assert_array_equal(before, numbers(0, 0.5, 1.5))
    gg.testing.check_grads(lambda x: gg.sum(gg.tanh(x)), (x,))


def test_views_are_views():
    x = numbers(1, 2, 3, 4)
    t = gg.tensor(x, requires_grad=True)
    y = t * 1.0
    y[:2].reshape((1, 2))[...] = 0.0
    gg.sum(y).backward()
    np.testing.assert_array_equal(t.grad, numbers(0, 0, 1, 1))


# Plans


def test_a_step_is_compiled_as_one_and_saved(tmp_path):
    pytest.importorskip("llvmlite")
    step = gg.jit(lambda x, w: gg.grad(lambda w: gg.sum(gg.softmax(x @ w) ** 2))(w),
                  engine="native")  # fmt: skip
    x, w = np.ones((4, 3), BFLOAT16), np.eye(3, 2).astype(BFLOAT16)
    step.compile(x, w)
    assert "called, not compiled" not in step.explain(x, w)
    assert "bfloat16[4, 3]" in step.explain(x, w)
    plan = step.plan(x, w)
    plan.save(tmp_path / "step.plan")
    assert str(Plan.load(tmp_path / "step.plan")) == str(plan)


@pytest.mark.parametrize("dtype", [BFLOAT16, np.dtype("float16")], ids=str)
def test_the_native_engine_rounds_as_numpy_does(dtype):
    """All 65,536 numbers, and those of float32 half way between and beside them."""
    pytest.importorskip("llvmlite")
    every = np.arange(2**16, dtype=np.uint16).view(dtype)
    wide = every.astype(np.float32)
    bits = wide.view(np.uint32)
    near = [
        (bits + np.uint32(step)).view(np.float32)
        for step in (0x7FFF, 0x8000, 0x8001, 0x0FFF, 0x1000, 0x1001)
    ]
    for x in (wide, *near):
        run = gg.jit(lambda x: gg.astype(x * 1.0, dtype), engine="native")
        run.compile(x)
        found, wanted = run(x), x.astype(dtype)
        nan = np.isnan(wanted)
        np.testing.assert_array_equal(np.isnan(found), nan)
        np.testing.assert_array_equal(found[~nan].view(np.uint16), wanted[~nan].view(np.uint16))
    back = gg.jit(lambda x: gg.astype(x, np.float32) * 1.0, engine="native")
    back.compile(every)
    np.testing.assert_array_equal(back(every), wide)


@pytest.mark.parametrize("dtype", [BFLOAT16, np.dtype("float16")], ids=str)
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5), (1000,), (33, 70), (2, 3, 200)])
def test_the_native_engine_at_all_sizes(dtype, shape):
    pytest.importorskip("llvmlite")
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape).astype(dtype)
    w = rng.normal(size=shape[-1:]).astype(dtype)

    def f(x: Any, w: Any) -> Any:
        y = gg.where(x > 0.25, x * w + 0.5, gg.exp(x))
        z = gg.concat([y, x], axis=0) if shape else y
        return y, gg.max(y), gg.min(y, axis=-1) if shape else y, gg.sum(y * y), z, y.T, gg.sort(y)

    f = f if shape else lambda x, w: (x * w, gg.exp(x) > w)
    native, plain = gg.jit(f, engine="native"), gg.jit(f, engine="numpy")
    native.compile(x, w)
    plain.compile(x, w)
    for a, b in zip(native(x, w), plain(x, w), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        unit = 2.0**-7 if dtype == BFLOAT16 else 2.0**-10
        np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=unit, atol=unit)


@pytest.mark.parametrize("dtype", [BFLOAT16, np.dtype("float16")], ids=str)
@pytest.mark.parametrize("narrow", [False, True])
def test_the_native_engine_on_large_arrays(dtype, narrow, monkeypatch):
    """In parts for threads, and with vectors of 32 bytes."""
    pytest.importorskip("llvmlite")
    if narrow:
        narrow_vectors(monkeypatch)
    x = np.random.default_rng(0).normal(size=(700, 1001)).astype(dtype)

    def f(x: Any) -> Any:
        y = gg.where(x > 0, x, gg.tanh(x)) * 1.5
        return y, gg.max(y), gg.min(x, axis=0), gg.sum(y), gg.mean(x, axis=1), gg.max(x, axis=(0,))

    native, plain = gg.jit(f, engine="native"), gg.jit(f, engine="numpy")
    native.compile(x)
    plain.compile(x)
    unit = 2.0**-7 if dtype == BFLOAT16 else 2.0**-10
    for a, b in zip(native(x), plain(x), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=unit, atol=unit / 64)


def test_a_processor_without_float16_leaves_it_to_numpy(monkeypatch):
    pytest.importorskip("llvmlite")
    from gpugrad.engines.native import fusion

    monkeypatch.setattr(fusion, "converts_float16", lambda: False)
    x = np.ones((3, 4), np.float16)
    step = gg.jit(lambda x: gg.sum(gg.astype(gg.exp(x) * 2.0, np.float32)), engine="native")
    step.compile(x)
    assert "called, not compiled: float16, for which this processor" in step.explain(x)
    np.testing.assert_allclose(step(x), np.sum(np.exp(x) * np.float16(2)), rtol=1e-3)


# Files, and without ml_dtypes


def test_trees_of_it_are_saved(tmp_path):
    pytest.importorskip("safetensors")
    tree = {"a": numbers(1.5, -2.0, np.inf), "b": [np.array(True), np.arange(3, dtype=np.uint16)]}
    gg.tree.save(tmp_path / "x.safetensors", tree)
    again = gg.tree.load(tmp_path / "x.safetensors", like=tree)
    for x, y in zip(gg.tree.leaves(tree), gg.tree.leaves(again), strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)


def test_host_functions_take_and_return_it():
    def doubled(x: np.ndarray) -> np.ndarray:
        assert x.dtype == BFLOAT16
        return x + x

    x = numbers(1.0, 2.0)
    np.testing.assert_array_equal(gg.jit(gg.host(doubled))(x), x + x)


def test_products_with_sparse_matrices():
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.csr_array(np.array([[1.0, 2.0], [0.0, 3.0]], np.float32))
    x = numbers(1.0, 2.0)
    found = gg.sparse.matmul(matrix, x)
    assert (found.dtype, found.tolist()) == (np.float32, [5.0, 6.0])
    assert gg.grad(lambda x: gg.sum(gg.sparse.matmul(matrix, x)))(x).dtype == BFLOAT16


def test_sums_over_several_processes(monkeypatch):
    wide = gg.parallel.exchanges.wider(numbers(1.0))
    assert wide.dtype == np.float32


def test_an_op_of_a_user_sees_float32():
    @gg.op(lambda g, y: g * (1 - y * y))
    def squashed(xp, x):
        assert x.dtype == np.float32
        return xp.tanh(x)

    assert gg.grad(lambda x: gg.sum(squashed(x)))(numbers(0.5, 1.0)).dtype == BFLOAT16


def test_records_are_refused_as_before():
    with pytest.raises(UnsupportedOperand, match="Take one field of the records"):
        gg.sin(np.zeros(2, "V2"))
    with pytest.raises(UnsupportedOperand, match="expected numbers"):
        gg.tensor(np.zeros(2, ml_dtypes.float8_e4m3fn))


WITHOUT = """
import sys
sys.modules["ml_dtypes"] = None
import numpy as np, gpugrad as gg
assert not hasattr(gg, "bfloat16")
for f in (lambda: gg.astype(np.ones(2), "bfloat16"), lambda: gg.zeros(2, dtype="bfloat16"),
          lambda: gg.tree.cast([np.ones(2)], "bfloat16"),
          lambda: gg.tensor([1.0], dtype="bfloat16"), lambda: gg.nn.MLP([1, 1], dtype="bfloat16")):
    try:
        f()
    except gg.errors.BackendUnavailable as error:
        assert "pip install 'gpugrad[bfloat16]'" in str(error), error
    else:
        raise AssertionError("nothing was refused")
print(gg.result_type("float16", "float32"))
"""


def test_without_ml_dtypes_it_says_what_to_install():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert done.stdout == "float32\n", done.stderr


def test_it_is_not_imported_unless_asked():
    program = (
        "import sys, numpy as np, gpugrad as gg; gg.sin(np.ones(2)); "
        "print('ml_dtypes' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
