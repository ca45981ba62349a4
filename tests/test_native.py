"""The native engine: its kernels are compiled once for each structure, and right at every size."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from math import fsum, inf, nan
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pytest
from damage import DAMAGE
from on_engines import compiled, said_with_threads

import gpugrad as gg
from gpugrad.errors import CacheWarning, GpugradError

pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")

from gpugrad.codegen import kernel, products
from gpugrad.engines.native import blocks, code_cache, machine_code, writer
from gpugrad.engines.native.printed import LabelKey, ProductKey
from gpugrad.plan.nest import LONG
from gpugrad.plan.passes.parallel import WORTH

DTYPES = ("float32", "float64")
RNG = np.random.default_rng(0)


def bits(x: Any) -> bytes:
    return np.asarray(x).tobytes()


def program_of(f: Callable[..., Any], *args: Any) -> Any:
    return gg.jit(f, engine="native")._cache.compiled(args, {}).program


# Compiled once


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of kernels that are compiled: no cache knows any, nor does this process."""
    names: list[str] = []
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(machine_code, "_addresses", {})
    honest = machine_code.code_cache

    class Watched:
        def load(self, name: str) -> bytes | None:
            return honest().load(name)

        def store(self, name: str, content: bytes) -> None:
            names.append(name)
            honest().store(name, content)

    monkeypatch.setattr(machine_code, "code_cache", Watched)
    return names


def waves(x: Any) -> Any:
    return gg.sum(gg.sin(x) * x, axis=1), gg.exp(x) + 1


def test_a_structure_is_compiled_once(made: list[str]) -> None:
    """Whatever the sizes are and whichever function it is in, and in whichever plan; but for rows
    that are long.
    """
    compiled(waves, np.ones((3, 4)))
    first = len(made)
    assert first >= 2                               # the driver, and at least one kernel
    compiled(waves, np.ones((3, LONG)))
    assert len(made) > first
    first = len(made)
    for shape in ((5, 7), (40, LONG - 1), (2, 4), (3, LONG + 1)):
        x = RNG.normal(size=shape)
        for found, wanted in zip(compiled(waves, x)(x), waves(x), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-13)
    compiled(lambda y: (gg.sum(gg.sin(y) * y, axis=1), gg.exp(y) + 1), np.ones((6, 6)))
    assert len(made) == first


def test_another_structure_is_compiled(made: list[str]) -> None:
    """Or the test above would show nothing."""
    for count, f in enumerate((waves, lambda x: gg.cos(x) * 2, lambda x: gg.cos(x) * 2 + x)):
        before = len(made)
        compiled(f, np.ones((3, 4)))
        assert len(made) > before, count
    before = len(made)
    compiled(waves, np.ones((3, 4), np.float32))
    assert len(made) > before


PROCESS = """
import numpy as np, llvmlite.binding as llvm, gpugrad as gg
count = 0
def counted(self, module, honest=llvm.TargetMachine.emit_object):
    global count
    count += 1
    return honest(self, module)
llvm.TargetMachine.emit_object = counted
step = gg.jit(lambda x: (gg.sum(gg.sin(x) * x, axis=1), x @ x.T), engine="native")
x = np.linspace(0, 1, 12).reshape(3, 4)
step.compile(x)
print(count, *(y.tobytes().hex() for y in step(x)))
"""


def in_a_process(folder: Path) -> tuple[int, list[str], str]:
    """How many kernels a process compiled, what it found, and what it said."""
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", PROCESS], capture_output=True, text=True, check=True,
        env={**os.environ, "GPUGRAD_CACHE": str(folder)},
    )  # fmt: skip
    count, *found = done.stdout.split()
    return int(count), found, done.stderr


def test_another_process_compiles_nothing(tmp_path: Path) -> None:
    first, found, said = in_a_process(tmp_path / "cache")
    assert first >= 3
    assert said == ""
    assert len(list((tmp_path / "cache").glob("*.o"))) == first
    assert in_a_process(tmp_path / "cache") == (0, found, "")


def anothers(path: Path) -> None:
    """What is there is whole, but of another kernel."""
    other = next(p for p in path.parent.glob("*.o") if p != path)
    path.write_bytes(other.read_bytes())


@pytest.mark.parametrize("kind", [*DAMAGE, "another kernel's"])
def test_damaged_code_is_compiled_anew(
    kind: str, made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file in turn, of the driver and of kernels: what it holds is never linked."""
    x = RNG.normal(size=(3, 4))
    wanted = [*map(bits, compiled(waves, x)(x))]
    for name in list(made):
        path = tmp_path / "cache" / name
        before = path.read_bytes()
        (DAMAGE | {"another kernel's": anothers})[kind](path)
        monkeypatch.setattr(machine_code, "_addresses", {})
        monkeypatch.setattr(code_cache, "_caches", {})
        made.clear()
        with pytest.warns(CacheWarning, match="is not used") as told:
            assert [*map(bits, compiled(waves, x)(x))] == wanted
        assert len(told) == 1
        assert made == [name]
        assert path.read_bytes() == before



# Products


SIZES = (*range(1, 21), 31, 32, 33, 64)
FEW = (1, 2, 3, 5, 8, 13, 17, 33)


def exact_bound(a: Any, b: Any, dtype: str) -> Any:
    """How far a sum in any order may be from the exact one."""
    depth = a.shape[-1]
    return (depth + 2) * np.finfo(dtype).eps * (np.abs(a) @ np.abs(b)) + np.finfo(dtype).tiny


def matrices(m: int, n: int, depth: int, dtype: str, batch: tuple[int, ...] = ()) -> Any:
    return (RNG.normal(size=(*batch, m, depth)).astype(dtype),
            RNG.normal(size=(*batch, depth, n)).astype(dtype))  # fmt: skip


def kernels_of(f: Callable[..., Any], *args: Any) -> list[str]:
    return [type(key).__name__ for run in program_of(f, *args).runs.values() for key in run.keys]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("m", SIZES)
def test_products_of_all_small_sizes(m: int, dtype: str) -> None:
    """All the products with so many rows in one plan, of matrices as they are and transposed."""
    sizes = [(n, depth) for n in (SIZES if m in FEW else FEW) for depth in FEW]
    pairs = [matrices(m, n, depth, dtype) for n, depth in sizes]
    lefts, rights = ([np.ascontiguousarray(pair[k]) for pair in pairs] for k in (0, 1))
    turned = [[np.ascontiguousarray(x.T) for x in xs] for xs in (lefts, rights)]
    forms = {
        "": (lambda a, b: [x @ y for x, y in zip(a, b, strict=True)], lefts, rights),
        "left": (lambda a, b: [x.T @ y for x, y in zip(a, b, strict=True)], turned[0], rights),
        "right": (lambda a, b: [x @ y.T for x, y in zip(a, b, strict=True)], lefts, turned[1]),
        "both": (lambda a, b: [x.T @ y.T for x, y in zip(a, b, strict=True)], *turned),
    }
    first: list[bytes] = []
    for name, (f, a, b) in forms.items():
        found = compiled(f, a, b)(a, b)
        for y, (x, w) in zip(found, pairs, strict=True):
            assert y.dtype == dtype
            exact = x.astype("float64") @ w.astype("float64")
            assert np.all(np.abs(y - exact) <= exact_bound(x, w, dtype)), (name, x.shape, w.shape)
        first = first or [*map(bits, found)]
        assert [*map(bits, found)] == first, name   # however the matrices lie


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_products_on_both_sides_of_what_stays_in_caches(dtype: str, turned: bool) -> None:
    """Around each size by which large products are divided; elements are as in smaller ones."""
    heights, depths = (products.OFTEN, products.HIGH), (products.DEEP, 2 * products.DEEP)

    def product(a: Any, b: Any) -> Any:
        return a @ (b.T if turned else b)

    for depth in (side + beyond for side in depths for beyond in (-1, 0, 1)):
        a, b = matrices(products.HIGH + 1, products.FAR + 1, depth, dtype)
        right = np.ascontiguousarray(b.T) if turned else b
        whole = compiled(product, a, right)(a, right)
        exact = a.astype("float64") @ b.astype("float64")
        assert np.all(np.abs(whole - exact) <= exact_bound(a, b, dtype))
        for m in (1, *(side + beyond for side in heights for beyond in (-1, 0, 1))):
            for n in (1, products.FAR - 1, products.FAR, products.FAR + 1):
                left, part = a[:m].copy(), (right[:n] if turned else right[:, :n]).copy()
                found = compiled(product, left, part)(left, part)
                assert bits(found) == bits(whole[:m, :n].copy()), (m, n, depth)


@pytest.mark.parametrize("dtype", DTYPES)
def test_products_in_parts(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in one, however rows or columns are divided."""
    for m, n, depth in ((7, 5, 6), (40, 33, 9), (64, 8, 700)):
        a, b = matrices(m, n, depth, dtype)
        wanted = bits(compiled(lambda a, b: a @ b, a, b)(a, b))
        for most in (2, 3, 64):
            with monkeypatch.context() as patch:
                patch.setattr(blocks, "PART", 4)
                patch.setattr(blocks, "MOST", most)
                patch.setattr(blocks, "ROWS", 1)
                patch.setattr(blocks, "COLUMNS", 1)
                step = compiled(lambda a, b: a @ b, a, b)
                kernels = kernels_of(lambda a, b: a @ b, a, b)
                assert kernels == ["RangeKey", *["ProductKey"] * min(most, max(m, n))]
                assert bits(step(a, b)) == wanted


SHAPES = [
    ((3, 4), (4,)), ((4,), (4, 3)), ((4,), (4,)), ((70, 37), (37,)), ((37,), (37, 270)),
    ((5, 3, 4), (4, 2)), ((5, 3, 4), (4,)), ((4,), (5, 4, 3)), ((5, 3, 1), (1, 4)),
    ((1, 3, 4), (5, 4, 2)), ((5, 3, 4), (1, 4, 2)), ((7, 1, 4), (4, 3)), ((1, 1, 4), (1, 4, 3)),
    ((5, 1, 3, 4), (1, 6, 4, 2)), ((2, 3, 4, 5, 6), (2, 3, 4, 6, 2)),
    ((3, 1, 5, 1, 4, 6), (1, 2, 1, 7, 6, 3)), ((20, 33, 17), (20, 17, 1)),
]  # fmt: skip

def transposed(x: Any) -> Any:
    return x if x.ndim == 1 else x.mT


def spread_out(x: Any) -> Any:
    """An array of which every second element along the last axis is one of `x`."""
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    return wide


LYING: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "in order": (lambda x: x, lambda x: x),
    "transposed": (transposed, lambda x: gg.matrix_transpose(x) if x.ndim > 1 else x),
    "the other way round": (lambda x: x.T, lambda x: gg.permute_dims(x, range(x.ndim)[::-1])),
    "apart": (spread_out, lambda x: x[..., ::2]),
}
"""How an array lies: what is given for it, and the view of that which is multiplied."""


@pytest.mark.parametrize("lying", LYING)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_products_side_by_side_and_of_vectors(shapes: Any, lying: str) -> None:
    """With any axes before the last two, which broadcast; each element the same however they lie.
    """
    give, view = LYING[lying]
    for dtype in DTYPES:
        a, b = (RNG.normal(size=shape).astype(dtype) for shape in shapes)
        given = [np.ascontiguousarray(give(x)) for x in (a, b)]

        def product(x: Any, y: Any) -> Any:
            return view(x) @ view(y)

        of_vectors = a.ndim == b.ndim == 1          # which are a sum
        assert ("Nest" if of_vectors else "ProductKey") in kernels_of(product, *given)
        found = compiled(product, *given)(*given)
        left, right = a.astype("float64"), b.astype("float64")
        assert found.shape == (left @ right).shape
        assert found.dtype == dtype
        bound = (a.shape[-1] + 2) * np.finfo(dtype).eps * (np.abs(left) @ np.abs(right))
        assert np.all(np.abs(found - left @ right) <= bound)
        assert bits(found) == bits(compiled(lambda x, y: x @ y, a, b)(a, b))


def test_those_products_are_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = matrices(5, 6, 7, "float64")
    assert kernels_of(lambda a, b: a @ b, a, b) == ["ProductKey"]
    assert kernels_of(lambda a, b: a @ b.T, a, b.T.copy()) == ["ProductKey"]
    monkeypatch.setattr(writer, "LARGEST", 8**3)
    assert kernels_of(lambda a: a @ a, np.ones((8, 8))) == ["ProductKey"]
    assert kernels_of(lambda a: a @ a, np.ones((9, 9))) == []


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_element_does_not_depend_on_the_others(dtype: str) -> None:
    """Whichever block of registers it is in: each is the same sum in order, in bits."""
    a, b = matrices(33, 64, 33, dtype)
    whole = compiled(lambda a, b: a @ b, a, b)(a, b)
    for m in SIZES:
        for n in (*FEW, 64):
            if m <= 33:
                left, right = a[:m].copy(), b[:, :n].copy()
                part = compiled(lambda a, b: a @ b, left, right)(left, right)
                assert bits(part) == bits(whole[:m, :n].copy()), (m, n)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch", [1, 2, 5])
def test_batches_of_products(batch: int, dtype: str) -> None:
    for m, n, depth in ((1, 1, 1), (3, 17, 2), (9, 4, 33), (16, 33, 5), (1, 40, 7), (40, 1, 7)):
        a, b = matrices(m, n, depth, dtype, (batch,))
        step = compiled(lambda a, b: (a @ b, gg.matrix_transpose(b) @ gg.matrix_transpose(a)), a, b)
        y, turned = step(a, b)
        exact = a.astype("float64") @ b.astype("float64")
        assert np.all(np.abs(y - exact) <= exact_bound(a, b, dtype))
        assert np.all(np.abs(turned.swapaxes(1, 2) - exact) <= exact_bound(a, b, dtype))
        for k in range(batch):                      # as each one alone
            one = compiled(lambda a, b: a @ b, a[k].copy(), b[k].copy())
            assert bits(one(a[k].copy(), b[k].copy())) == bits(y[k].copy())


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_products_of_what_is_not_finite(value: float) -> None:
    """It stays in its row and column: what masks leave out is not read into a sum."""
    a, b = np.ones((7, 9)), np.ones((9, 11))
    a[3, 4] = b[2, 5] = value
    with np.errstate(invalid="ignore"):             # some BLAS says so, of the calls that trace too
        found = compiled(lambda a, b: a @ b, a, b)(a, b)
        np.testing.assert_array_equal(found, a @ b)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_text_and_the_assembly_of_a_kernel(dtype: str, turned: bool) -> None:
    key = ProductKey(dtype, turned)
    text, assembly = machine_code.text_of(key), machine_code.assembly_of(key)
    assert f"@{machine_code.name_of(key)}(" in text
    assert machine_code.name_of(key) in assembly
    (run,) = program_of(waves, np.ones((3, 4))).runs.values()
    for key in run.keys:
        assert f"@{machine_code.name_of(key)}(" in machine_code.text_of(key)
        assert "ret" in machine_code.assembly_of(key)


# Arrays from outside


def mapped(x: np.ndarray) -> np.ndarray:
    """The same numbers in a file: an array of a subclass."""
    with TemporaryFile() as file:
        found = np.memmap(file, x.dtype, shape=x.shape)
    found[...] = x
    return found


def shifted(x: np.ndarray) -> np.ndarray:
    """The same numbers one byte behind where their dtype wants them."""
    raw = np.zeros(x.nbytes + 1, np.uint8)
    raw[1:] = np.frombuffer(x.tobytes(), np.uint8)
    return np.frombuffer(raw, x.dtype, offset=1).reshape(x.shape)


def every_second(x: np.ndarray) -> np.ndarray:
    found = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)[..., ::2]
    found[...] = x
    return found


def read_only(x: np.ndarray) -> np.ndarray:
    found = x.copy()
    found.flags.writeable = False
    return found


LAID_OUT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "columns first": np.asfortranarray,
    "backwards": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "every second": every_second,
    "no strides": lambda x: np.broadcast_to(x[:1, :1], x.shape),
    "misaligned": shifted,
    "a file": mapped,
    "a file, columns first": lambda x: mapped(x.T.copy()).T,
    "read only": read_only,
}


def everything(x: Any, y: Any) -> Any:
    return gg.sin(x) * y, gg.sum(x * y, axis=0), x @ y.T, gg.max(y, axis=1), x.T + 1, gg.sum(x * y)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(3, 5), (16, 16), (2, 200)])
@pytest.mark.parametrize("how", LAID_OUT)
def test_arrays_that_lie_in_any_way(how: str, shape: tuple[int, int], dtype: str) -> None:
    """Given to what was compiled for plain ones, as either argument or as both: equal in bits."""
    x, y = (RNG.normal(size=shape).astype(dtype) for _ in range(2))
    step = compiled(everything, x, y)
    other_x, other_y = LAID_OUT[how](x), LAID_OUT[how](y)
    for a, b in ((other_x, y), (x, other_y), (other_x, other_y)):
        plain = np.array(a, order="C", subok=False), np.array(b, order="C", subok=False)
        kept = [*map(bits, plain)]
        wanted = [*map(bits, step(*plain))]
        assert [*map(bits, step(a, b))] == wanted
        assert [bits(np.array(a)), bits(np.array(b))] == kept
        assert [*map(bits, compiled(everything, a, b)(a, b))] == wanted


@pytest.mark.parametrize("dtype", [*DTYPES, "int64", "int32"])
def test_numbers_of_numpy(dtype: str) -> None:
    """A scalar is given where an array without axes was, and the other way around."""
    one = np.dtype(dtype).type(3)
    x = np.arange(5).astype(dtype)

    def f(x: Any, s: Any) -> Any:
        return x * s + 1, s * 2

    for first, second in ((one, np.array(one)), (np.array(one), one)):
        step = gg.jit(f, engine="native")
        for _ in range(3):
            for s in (first, second):
                for found, wanted in zip(step(x, s), f(x, s), strict=True):
                    np.testing.assert_array_equal(found, wanted)
                    assert found.dtype == wanted.dtype


def test_lists_and_objects_are_no_arrays() -> None:
    step = compiled(lambda x: gg.sin(x) * 2, np.ones(3))
    with pytest.raises((GpugradError, TypeError)):
        step(object())


# The same in bits, wherever arrays lie and however many threads there are


def at(x: np.ndarray, offset: int) -> np.ndarray:
    """The same numbers, so many elements behind a multiple of 64 bytes."""
    raw = np.zeros(x.nbytes + 192, np.uint8)
    begin = -raw.ctypes.data % 64 + offset * x.itemsize
    found = raw[begin : begin + x.nbytes].view(x.dtype).reshape(x.shape)
    found[...] = x
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 7), (3, 33), (7, 129), (2, 1500)])
def test_alignment_changes_nothing(shape: tuple[int, int], dtype: str) -> None:
    x, y = (RNG.normal(size=shape).astype(dtype) for _ in range(2))
    step = compiled(everything, x, y)
    wanted = [*map(bits, step(at(x, 0), at(y, 0)))]
    for a in (0, 1, 3, 7, 8, 15):
        for b in (0, 1, 5):
            assert [*map(bits, step(at(x, a), at(y, b)))] == wanted, (a, b)


THREADS = """
import numpy as np, gpugrad as gg
x = np.random.default_rng(1).normal(size=(1500, 300))
v = np.random.default_rng(2).normal(size=700_001)
def f(x, v):
    return gg.sin(x) * 2, gg.sum(gg.exp(x) * x, axis=1), gg.softmax(x), gg.sum(gg.sin(v) * v), v * 2
step = gg.jit(f, engine="native")
step.compile(x, v)
program = step._cache.compiled((x, v), {}).program
print(any(run.parallel for run in program.runs.values()))
for y in step(x, v):
    print(hash(y.tobytes()))
"""


def test_threads_change_nothing() -> None:
    said = said_with_threads(THREADS, ("1", "2", "4"))
    assert [lines[0] for lines in said.values()] == ["True"] * 3
    assert said["1"][1:] == said["2"][1:] == said["4"][1:]


# Reductions


LENGTHS = (*range(1, 41), 1023, 1024, 1025, 5000)


def sums(x: Any) -> Any:
    y = x * 1
    return gg.sum(y, axis=0), gg.sum(y, axis=1), gg.sum(y)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rows", [1, 3, 17])
def test_sums_of_many_lengths(rows: int, dtype: str) -> None:
    """Against exact sums, of numbers that cancel each other."""
    assert kernel.BLOCK == 1024                     # around which the lengths are
    for length in LENGTHS:
        x = (RNG.normal(size=(rows, length)) * 10.0 ** RNG.integers(-3, 4, length)).astype(dtype)
        down, along, total = compiled(sums, x)(x)
        for found, parts in ((down, x.T), (along, x), ([total], [x.ravel()])):
            for y, numbers in zip(found, parts, strict=True):
                scale = fsum(abs(float(v)) for v in numbers)
                most = min(len(numbers), kernel.BLOCK // 8 + 8) + 2
                exact = fsum(map(float, numbers))
                assert abs(float(y) - exact) <= most * np.finfo(dtype).eps * scale, length


def test_long_sums_are_added_up_in_float64() -> None:
    """A million ones and a half in float32: block by block nothing is lost."""
    x = np.full(2**20 + 1, 1.5, np.float32)
    assert compiled(lambda x: gg.sum(x * 1), x)(x) == np.float32(1.5 * (2**20 + 1))


def extremes(x: Any) -> Any:
    y = x * 1
    return [f(y, axis=axis) for f in (gg.max, gg.min) for axis in (0, 1, None)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("value", [nan, inf, -inf])
@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 16, 17, 40, 1025])
def test_extremes_of_what_is_not_finite(length: int, value: float, dtype: str) -> None:
    """Wherever it is, it is found, and where there is none, the others are."""
    plain = RNG.normal(size=(3, length)).astype(dtype) - 5
    step = compiled(extremes, plain)
    for place in {0, length // 2, length - 1, None}:
        x = plain.copy()
        if place is not None:
            x[1, place] = value
        for found, wanted in zip(step(x), extremes(x), strict=True):
            np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes_and_sums_of_constants(dtype: str) -> None:
    """What lies beyond the end of a row, nothing reads: neither 0 nor what was there before."""
    for length in (*range(1, 41), 1023, 1025):
        for value in (-3.0, 3.0, -inf):
            x = np.full((3, length), value, dtype)
            for found, wanted in zip(compiled(extremes, x)(x), extremes(x), strict=True):
                np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    "shape", [(1, WORTH), (1, WORTH + 1), (2, WORTH // 2), (WORTH, 1), (3, WORTH)]
)
def test_what_parts_reduce_to_does_not_depend_on_what_was_in_memory(shape: tuple[int, int]) -> None:
    """Each part makes its results whole, also where there is nothing to add up."""
    x = RNG.normal(size=shape)

    def f(x: Any) -> Any:
        return gg.sum(x * 2.0, axis=0), gg.max(x * 2.0, axis=0), gg.sum(x * 2.0, axis=1)

    for found, wanted in zip(dirty(f, x), f(x), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def dirty(f: Callable[..., Any], *args: Any) -> Any:
    """What the program gives in memory that is full of large numbers."""
    instance = program_of(f, *args).instance()
    instance.memory[...] = np.resize(np.full(1, 1e30).view(np.uint8), instance.memory.shape)
    return instance.run(*args)


# Memory: nothing is written beside what belongs to a result


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_is_written_beside_a_donated_array(dtype: str) -> None:
    """What a kernel writes ends where the array does, though it computes whole vectors."""
    for length in (*range(1, 41), 63, 64, 65, 1023, 1025):
        raw = np.full(length + 64, 7, dtype)
        x = raw[32 : 32 + length]
        step = gg.jit(lambda x: gg.sin(x) * 2, engine="native", donate_argnums=0)
        for _ in range(4):
            x[...] = 1
            step(x)
        assert np.all(raw[:32] == 7), length
        assert np.all(raw[32 + length :] == 7), length


# Checks, and what has no elements


@pytest.mark.parametrize("dtype", ["int64", "int32"])
@pytest.mark.parametrize("wrong", [-1, 3, 2**31 - 1])
def test_wrong_labels_raise(wrong: int, dtype: str) -> None:
    logits, labels = RNG.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0], dtype)

    def loss(x: Any, labels: Any) -> Any:
        return gg.mean(gg.softmax_cross_entropy(x, labels))

    step = compiled(loss, logits, labels)
    np.testing.assert_allclose(step(logits, labels), loss(logits, labels), rtol=1e-14)
    for place in range(5):
        other = labels.copy()
        other[place] = wrong
        with pytest.raises(GpugradError, match=str(wrong)):
            step(logits, other)
        np.testing.assert_allclose(step(logits, labels), loss(logits, labels), rtol=1e-14)


def check_twice(x: Any, labels: Any) -> Any:
    """Labels whose memory is another's later."""
    loss = gg.sum(gg.softmax_cross_entropy(x, labels + 1))
    y = (x * loss) @ np.ones((4, 1))
    return gg.sum(y @ np.ones((1, 8)), axis=0)


@pytest.mark.parametrize("how", ["columns first", "misaligned"])
def test_labels_are_looked_at_before_their_memory_is_used_again(how: str) -> None:
    """Also in the second run, after arrays were laid out in order."""
    x, labels = RNG.normal(size=(64, 4)), np.arange(64) % 3
    step = compiled(check_twice, x, labels)
    wanted = bits(step(x, labels))
    assert bits(step(LAID_OUT[how](x), labels)) == wanted
    labels[5] = 3
    for other in (x, LAID_OUT[how](x)):
        with pytest.raises(GpugradError, match="labels go from 1 to 4"):
            step(other, labels)


def test_a_run_that_found_wrong_labels_is_not_run_again() -> None:
    """What it computed in place would be computed twice, and might be labels that are right."""

    def f(count: Any, x: Any) -> Any:
        count = count + 1
        return count, gg.sum(gg.softmax_cross_entropy(x, count))

    step = gg.jit(f, engine="native", donate_argnums=0)
    x = RNG.normal(size=(4, 3))
    for _ in range(4):
        step(np.zeros(4, np.int64), x)
    with pytest.raises(GpugradError, match="labels go from -1 to -1"):
        step(np.full(4, -2), x)


NONE = np.ones((0, 3))

EMPTIES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "elementwise": (lambda x: gg.sin(x) * 2, (NONE,)),
    "sums": (lambda x: (gg.sum(x * 2, axis=0), gg.sum(x * 2), gg.sum(x * 2, axis=1)), (NONE,)),
    "packs": (lambda x, y: gg.concat([x * 2, y + 1, x]), (NONE, np.ones((2, 3)))),
    "empty packs": (lambda x: gg.concat([x * 2, x + 1]), (NONE,)),
    "products": (lambda x: (x @ x.T, x.T @ x, x @ np.ones((3, 2))), (NONE,)),
    "no columns": (lambda x: (x * 2 + 1, gg.sum(x * 2, axis=1)), (NONE.T.copy(),)),
    "no axes": (lambda x: gg.sin(x) * 2 + gg.sum(x), (np.array(2.0),)),
}


@pytest.mark.parametrize("name", EMPTIES)
def test_what_has_no_elements(name: str) -> None:
    f, args = EMPTIES[name]
    found, wanted = gg.jit(f, engine="native"), f(*args)
    for _ in range(4):
        for y, want in zip(*(x if isinstance(x, tuple) else (x,) for x in (found(*args), wanted)),
                           strict=True):  # fmt: skip
            np.testing.assert_allclose(y, want, rtol=1e-14)
            assert y.shape == want.shape
            assert y.dtype == want.dtype


def test_nothing_is_looked_at_where_there_are_no_labels() -> None:
    """A kernel has a round at least, which would read beyond the array."""
    def loss(x: Any, labels: Any) -> Any:
        return gg.sum(gg.softmax_cross_entropy(x, labels))

    for rows, checked in ((0, False), (3, True)):
        x, labels = np.zeros((rows, 5)), np.zeros(rows, np.int64)
        step = compiled(loss, x, labels)
        runs = step._cache.compiled((x, labels), {}).program.runs.values()
        assert any(isinstance(key, LabelKey) for run in runs for key in run.keys) == checked
        np.testing.assert_allclose(step(x, labels), rows * np.log(5))


# What has no instructions


@pytest.mark.parametrize("exponent", [(), (3,), (2, 3)], ids=str)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint64"])
@pytest.mark.parametrize("how", ["alone", "joined", "summed", "in a loop", "in a branch", "large"])
def test_a_step_without_instructions_keeps_out_of_kernels(
    how: str, dtype: str, exponent: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def f(a: Any, b: Any, c: Any) -> Any:
        if how == "alone":
            return a**b
        if how == "joined":
            return (a + 1) ** b * a - c, a * c
        if how == "summed":
            return gg.sum(a**b, axis=0)
        if how == "in a loop":
            return gg.scan(lambda s, row: (s + row**b * c, row * c), a[0] * c, a)
        return gg.cond(gg.sum(c) > 0, lambda: a**b * c, lambda: a * c)

    if how == "large":                              # split into parts for threads
        monkeypatch.setattr("gpugrad.plan.passes.parallel.WORTH", 4)
        monkeypatch.setattr("gpugrad.plan.passes.parallel.PART", 2)
    a, b = np.arange(6).reshape(2, 3).astype(dtype), np.full(exponent, 2, dtype)
    c = np.asarray(3, dtype)
    if how == "in a loop" and len(exponent) == 2:
        exponent, b = (3,), b[0]
    found, wanted = compiled(f, a, b, c)(a, b, c), f(*map(gg.asarray, (a, b, c)))
    for x, y in zip(gg.tree.leaves(found), gg.tree.leaves(wanted), strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(np.asarray(x), np.asarray(y))


PARTS = (
    (-1, (3,)), ((slice(None), 1), (2,)), ((slice(None), slice(None, None, -2)), (2, 2)),
    (..., (2, 3)), ((0, slice(2, 3)), (1,)), ((None, slice(1, None)), (1, 1, 3)),
)  # fmt: skip
"""Keys of an array of shape (2, 3), and the shape of what they choose."""


@pytest.mark.parametrize("added", [0, 1, 3])
@pytest.mark.parametrize("stretched", [False, True])
@pytest.mark.parametrize(("key", "shape"), PARTS, ids=str)
def test_parts_are_written_with_values_of_more_axes(
    key: Any, shape: tuple[int, ...], stretched: bool, added: int
) -> None:
    def f(x: Any, value: Any) -> Any:
        y = gg.asarray(x) * 2.0
        y[key] = value
        return y + 1.0, gg.sum(y, axis=0)

    x = RNG.random((2, 3))
    value = RNG.random((*[1] * added, *([1] * len(shape) if stretched else shape)))

    def derivative(x: Any, value: Any) -> Any:
        return gg.vjp(f, x, value)[1]((gg.asarray(x), gg.asarray(x[0])))

    for g in (f, derivative):
        found, wanted = compiled(g, x, value)(x, value), g(x, value)
        for y, want in zip(gg.tree.leaves(found), gg.tree.leaves(wanted), strict=True):
            np.testing.assert_allclose(np.asarray(y), np.asarray(want), rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 2, 7, 16, 33, 1000, 70_000])
def test_a_product_of_two_vectors_is_a_sum_in_the_kernel_around_it(n: int, dtype: str) -> None:
    x, y = np.random.default_rng(n).normal(size=(2, n)).astype(dtype)

    def f(x: Any, y: Any) -> Any:
        return gg.sin(x + 1) @ (y * x) * 2

    step = gg.jit(f, engine="native")
    step.compile(x, y)
    assert "matmul" not in str(step.explain(x, y))
    exact = np.sum(np.sin(x.astype("float64") + 1) * y.astype("float64") * x)
    size = np.sum(np.abs(y.astype("float64") * x))
    found = step(x, y)
    assert (found.dtype, found.shape) == (dtype, ())
    np.testing.assert_allclose(found, 2 * exact, rtol=0, atol=4 * np.finfo(dtype).eps * (1 + size))
