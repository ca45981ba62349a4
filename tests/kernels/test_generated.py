"""Generated kernels: the CUDA source of fused steps, run on the CPU, does what the plan says."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scalar_cases
from cuda_host import HostCompiler, Library
from cupy_source import ARCHITECTURES, compile_cubin
from generated import Case, cases_from, random_cases
from thresholds import THRESHOLDS, lowered

import gpugrad as gg
from gpugrad.backends import kernels
from gpugrad.core.registry import namespace as ops
from gpugrad.engines.cuda import elements, rows
from gpugrad.engines.cuda.expressions import TYPES
from gpugrad.plan.regions import REDUCTIONS

RANDOM = int(os.environ.get("GPUGRAD_KERNELS", "40"))
"""Kernels of random programs that are compiled."""

TOLERANCES = {"float32": 1e-5, "float64": 1e-13}
"""Of an element, and of the largest of its array, which sums and differences inherit."""


def normal(*shape: int, dtype: str = "float32", seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -2.5, 1e-40], "float32")
X, W, LABELS = normal(6, 5), normal(5, seed=1), np.array([0, 4, 2, 2, 1, 3])


def loss_and_slope(x: Any, labels: Any) -> Any:
    return gg.value_and_grad(lambda x: gg.mean(gg.softmax_cross_entropy(x, labels)))(x)


def layer_norm(x: Any, w: Any) -> Any:
    def f(x: Any, w: Any) -> Any:
        centred = x - gg.mean(x, axis=-1, keepdims=True)
        return centred / gg.sqrt(gg.mean(centred**2, axis=-1, keepdims=True) + 1e-5) * w

    return gg.value_and_grad(lambda x, w: gg.sum(f(x, w) ** 2), (0, 1))(x, w)


def sines(x: Any) -> Any:
    return gg.value_and_grad(lambda x: gg.sum(gg.sin(x * x) + x))(x)


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "elementwise": (lambda x, w: gg.tanh(x * w) / (1 + x * x), (X, W)),
    "rows and columns": (lambda x, r, c: gg.exp(x - r) * c, (X, normal(6, 1), W)),
    "special values": (
        lambda a, b: (a + b, a * b, a / b, gg.maximum(a, b), gg.minimum(a, b), ops.scale(a, b)),
        (SPECIAL[:, None] + np.zeros(8, "float32"), SPECIAL + np.zeros((8, 1), "float32")),
    ),
    "special functions": (
        lambda x: (gg.relu(x), gg.abs(x), gg.sign(x), gg.sqrt(x), gg.log(x), gg.isnan(x),
                   gg.isfinite(x), gg.sigmoid(x), ops.tanh_slope(x), gg.exp2(x),
                   gg.logaddexp2(x, x[::-1])), (SPECIAL,)
    ),
    "integers": (lambda x, y: ((x + y) * 3, x > y, gg.where(x == y, x, -y), abs(x)),
                 (np.arange(-4, 4), np.arange(8)[::-1].copy())),
    "integers that wrap": (
        lambda x, y: ((x + y) * 0.5, (x - y) * 0.5, x * y > 0, -x > 0, abs(x) > 0),
        (np.array([2**31 - 1, -(2**31)], "i4"), np.array([3, 5], "i4")),
    ),
    "booleans": (lambda x, y: ((x > 0) & (y > 0), (x > 0) | (y > 0), ~(x > y)), (X, X[::-1])),
    "casts": (
        lambda x: (gg.astype(x, "int64"), gg.astype(x, "float64"), gg.astype(x > 0, "float32")),
        (X * 100,),
    ),
    "sum over rows": (lambda x: gg.sum(x * x, axis=0), (X,)),
    "sum over columns": (lambda x: gg.sum(gg.exp(x), axis=1), (X,)),
    "sum of all": (lambda x: gg.sum(x * x), (X,)),
    "largest and smallest": (lambda x: (gg.max(x, axis=1), gg.min(x * 2.0, axis=1)), (X,)),
    "largest with NaN": (lambda x: (gg.max(x + 0.0, axis=1), gg.min(x * 1.0, axis=1)),
                         (np.stack([SPECIAL, SPECIAL[::-1], np.arange(8, dtype="f4")]),)),
    "softmax": (lambda x: gg.softmax(x * 2.0), (X,)),
    "softmax of a vector": (lambda x: gg.softmax(x * 2.0), (normal(3000),)),
    "cross entropy": (loss_and_slope, (X, LABELS)),
    "layer norm": (layer_norm, (X, W)),
    "double precision": (layer_norm, (normal(6, 5, dtype="float64"), normal(5, dtype="float64"))),
    "wide rows": (layer_norm, (normal(3, 1500), normal(1500))),
    "rows of one": (layer_norm, (normal(4, 1), normal(1))),
    "many rows": (layer_norm, (0.1 * normal(700, 3) + np.arange(3, dtype="f4"), normal(3))),
    "cross entropy of wide rows": (loss_and_slope, (normal(3, 2000), np.array([0, 1999, 1024]))),
    "one long row": (sines, (normal(5000),)),
    "one element": (sines, (normal(1),)),
    "a number": (lambda x: gg.sin(x) * 2.0 + 1.0, (normal()[()],)),
    "columns of many rows": (lambda x: gg.sum(x * x, axis=0), (normal(700, 70),)),
    "sums of what is stored": (
        lambda x, y, r, w: (z := gg.where(x > 0, y * r, w), gg.sum(z, axis=0), gg.sum(x, axis=0)),
        (normal(100, 33), normal(100, 33, seed=1), normal(100, 1), normal(33)),
    ),
    "columns of tall booleans": (lambda x: gg.sum(x > 0, axis=0), (normal(9000, 2),)),
    "columns of a wide matrix": (lambda x: gg.sum(x + 1.0, axis=0), (normal(3, 1500),)),
    "pairs": (
        lambda x, y: gg.exp(-gg.sum((x[:, None, :] - y[None, :, :]) ** 2, axis=-1)),
        (normal(7, 3), normal(5, 3, seed=1)),
    ),
    "operands along some of many axes": (
        lambda x, a, b, c: (gg.tanh(x * a) + b / c, a - c),
        (normal(3, 2, 4, 5), normal(3, 1, 4, 1), normal(2, 1, 5, seed=1), normal(3, 2, 1, 1)),
    ),
    "sum of all pairs": (
        lambda x, y: gg.sum((x[:, None, :] - y[None, :, :]) ** 2), (normal(7, 3), normal(50, 3)),
    ),
    "total of rows of pairs": (
        lambda x, y: gg.sum(gg.max(x[:, None, :] * y[None, :, :], axis=-1)),
        (normal(7, 3), normal(5, 3, seed=1)),
    ),
    "softmax of pairs": (
        lambda x, y: gg.softmax(x[:, None, :] * y[None, :, :], axis=-1),
        (normal(4, 40), normal(5, 40, seed=1)),
    ),
    "columns of pairs": (
        lambda x, y: gg.sum(x[:, None, :] * y[None, :, :], axis=(0, 1)),
        (normal(40, 3), normal(50, 3, seed=1)),
    ),
    "sums over a middle axis": (
        lambda x, y: (z := gg.exp(x * y), gg.sum(z, axis=1), gg.sum(z * x, axis=1, keepdims=True)),
        (normal(3, 70, 7), normal(70, 1)),
    ),
    "sums over many axes": (
        lambda x, y: gg.sum(x * y, axis=(0, 2)), (normal(3, 4, 50, 5), normal(4, 1, 5, seed=1)),
    ),
    "sums over a middle axis of pairs": (
        lambda x, y: gg.sum(gg.sin(x[:, None, :] - y[None, :, :]), axis=1),
        (normal(7, 3), normal(500, 3, seed=1)),
    ),
    "sums over the first axis of many": (
        lambda x: gg.sum(x * 2.0, axis=0), (normal(300, 4, 5),)
    ),
    "counts along a middle axis": (lambda x: gg.sum(x > 0, axis=1), (normal(3, 90, 2),)),
    "sums over the last axis and others": (
        lambda x, y: (z := gg.exp(x * y), gg.sum(z, axis=(0, 2)), gg.sum(x - y, axis=(0, 2))),
        (normal(3, 70, 7), normal(70, 1)),
    ),
    "sums over the last two axes": (lambda x: gg.sum(x * 2, axis=(1, 2)), (normal(9, 40, 50),)),
    "sums of several blocks over the last axis and others": (
        lambda x: gg.sum(gg.sin(x), axis=(0, 2, 3)), (normal(4, 2, 30, 50),)
    ),
    "counts over the last axis and others": (
        lambda x: gg.sum(x > 0, axis=(0, 2)), (normal(3, 9, 20),)
    ),
    "columns of what rows repeat": (
        lambda x: gg.sum(gg.broadcast_to(gg.max(x, axis=1, keepdims=True), x.shape), axis=0), (X,)
    ),
    "columns of sums that rows repeat": (
        lambda x: gg.sum(gg.broadcast_to(gg.sum(x, axis=1, keepdims=True), x.shape), axis=0), (X,)
    ),
    "sum of sums that rows repeat": (
        lambda x: gg.sum(gg.broadcast_to(gg.sum(x, axis=1, keepdims=True), x.shape)), (X,)
    ),
    "sum of a sum that one row repeats": (
        lambda x: gg.sum(gg.broadcast_to(gg.sum(x, axis=1, keepdims=True), x.shape)),
        (normal(1, 16),),
    ),
    "largest of the largest that rows repeat": (
        lambda x: gg.max(gg.broadcast_to(gg.max(x, axis=1, keepdims=True), x.shape) * 2.0), (X,)
    ),
    "sum of integers": (lambda x: gg.sum(x * 2, axis=0), (np.arange(12).reshape(4, 3),)),
}  # fmt: skip

WIDE = normal(3, 256)

IN_PACKS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "packs of one row": (sines, (normal(5000),)),
    "packs and a rest": (sines, (normal(5003),)),
    "packs of a matrix": (lambda x: gg.exp(x) * 2.0, (normal(36, 7),)),
    "packs of many dtypes": (
        lambda x, n: (x > 0, gg.astype(x, "float64") * n, n + 1, gg.astype(n > 3, "float32")),
        (normal(16, 256), np.arange(256)),
    ),
    "packs of rows": (lambda x, w: gg.softmax(x * w), (WIDE, WIDE[0])),
    "packs of wide rows": (lambda x, w: gg.softmax(x * w), (normal(2, 2048), normal(2048))),
    "packs of labelled rows": (loss_and_slope, (WIDE, np.array([0, 255, 129]))),
    "packs of pairs": (
        lambda x, y: gg.tanh(x[:, None, :] - y[None, :, :]) * 2.0,
        (normal(7, 8), normal(5, 8, seed=1)),
    ),
    "packs of a row's number": (
        lambda x, r: (gg.exp(r) * x, gg.exp(r)), (normal(6, 8), normal(6, 1))
    ),
    "packs beside a total": (lambda x: (gg.sum(gg.max(x, axis=1)), x * 2.0), (WIDE,)),
}
"""Programs whose kernels take packs of neighbours as soon as there are enough elements."""


def cases_by_name(
    programs: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]],
) -> dict[str, list[Case]]:
    with np.errstate(all="ignore"):
        return {
            name: cases_from(f, *arguments, name=re.sub(r"\W", "_", name))
            for name, (f, arguments) in programs.items()
        }


@pytest.fixture(scope="session")
def written() -> dict[str, list[Case]]:
    """The kernels of the programs."""
    made = cases_by_name(PROGRAMS)
    with pytest.MonkeyPatch.context() as patch:
        for module in (elements, rows):
            patch.setattr(module, "MANY", 1)
        in_packs = cases_by_name(IN_PACKS)
    assert not any("load(" in case.kernel.source for cases in made.values() for case in cases)
    for cases in in_packs.values():
        assert any("load(" in case.kernel.source for case in cases)
    return made | in_packs


@pytest.fixture(scope="session")
def library(compiler: HostCompiler, written: dict[str, list[Case]]) -> Library:
    return Library(compiler, [case.kernel for cases in written.values() for case in cases])


def check(library: Library, case: Case) -> None:
    """The kernel gives what the reference gives, to rounding."""
    with np.errstate(all="ignore"):
        found = library.run(case.kernel, case.slots, case.given)
    touched = {slot for step in case.step.body for slot in (*step.inputs, *step.outputs)}
    dtypes = {case.slots[slot].dtype.name for slot in touched} & TOLERANCES.keys()
    for slot, wanted in case.wanted.items():
        assert found[slot].dtype == wanted.dtype
        tolerance = max(TOLERANCES[x] for x in dtypes) if wanted.dtype.kind == "f" else 0
        largest = np.max(np.abs(wanted), where=np.isfinite(wanted), initial=0)
        np.testing.assert_allclose(
            found[slot], wanted, rtol=tolerance, atol=tolerance * largest,
            err_msg=f"s{slot} of {case.id}\n{case.kernel.source}",
        )  # fmt: skip


@pytest.mark.parametrize("name", [*PROGRAMS, *IN_PACKS])
def test_a_kernel_computes_what_its_step_says(
    name: str, library: Library, written: dict[str, list[Case]]
) -> None:
    assert written[name]
    for case in written[name]:
        check(library, case)


def unused(source: str) -> list[str]:
    """The names that tell threads apart which a kernel declares and does not use."""
    declared = re.findall(r"^  const [\w ]+ (lane|team|teams|first|stride) = ", source, re.M)
    return [name for name in declared if len(re.findall(rf"\b{name}\b", source)) < 2]


def test_a_kernel_declares_no_more_than_it_uses(written: dict[str, list[Case]]) -> None:
    """What it uses and does not declare, no compiler takes."""
    sources = [case.kernel.source for cases in written.values() for case in cases]
    assert not any(unused(source) for source in sources)
    assert unused("  const int lane = threadIdx.x % 32;\n  const int team = 7 + lane;") == ["team"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_all_compile_for_gpus(architecture: str, written: dict[str, list[Case]]) -> None:
    sources = [case.kernel.source for cases in written.values() for case in cases]
    assert compile_cubin("\n".join([kernels.header("engine"), *sources]), architecture)


def test_special_values_of_each_function(compiler: HostCompiler) -> None:
    """Of all dtypes that kernels compute with, as NumPy and SciPy have them."""
    made = {}
    for name, dtype in scalar_cases.CASES:
        with np.errstate(all="ignore"):
            cases = cases_from(
                lambda *x, name=name: scalar_cases.function(name)(*x),
                *scalar_cases.operands(name, dtype), name=f"{name}_{dtype}",
            )  # fmt: skip
        if len(cases) == 1 and dtype != "float16":
            made[name, dtype] = cases[0]
    whole = {name for name, dtype in made if dtype == "int64"}
    assert whole == {*scalar_cases.UNARY, *scalar_cases.BINARY, *scalar_cases.SHIFTS} - {
        "positive", "reciprocal",                   # which is nothing, and not for integers
    }
    library = Library(compiler, [case.kernel for case in made.values()])
    for (name, dtype), case in made.items():
        (found,) = library.run(case.kernel, case.slots, case.given).values()
        scalar_cases.check(name, dtype, found)
    sources = [kernels.header("engine"), *(case.kernel.source for case in made.values())]
    for architecture in ARCHITECTURES:
        assert compile_cubin("\n".join(sources), architecture)


REDUCED = {
    "rows": ((6, 5), 1),
    "wide rows": ((3, 1500), 1),
    "columns": ((40, 5), 0),
    "all": ((40, 5), None),
    "a vector": ((3000,), None),
}
"""Shapes, and the axis that is reduced: each is another form of a kernel."""


@pytest.mark.parametrize("dtype", TYPES)
def test_each_reduction_of_each_dtype(dtype: str, compiler: HostCompiler) -> None:
    cases = []
    for form, (shape, axis) in REDUCED.items():
        low, high = (normal(*shape, seed=i) * 9 for i in range(2))
        chosen = low > high
        for name in sorted(REDUCTIONS):
            reduced = getattr(gg, name)
            cases += cases_from(
                lambda c, x, y, reduced=reduced, axis=axis: reduced(gg.where(c, x, y), axis=axis),
                chosen, low.astype(dtype), high.astype(dtype),
                name=f"{name}_{dtype}_{form}".replace(" ", "_"),
            )  # fmt: skip
    reduced = [step.op for case in cases for step in case.step.body if step.op in REDUCTIONS]
    assert (reduced.count("sum"), reduced.count("max"), reduced.count("min")) == (5, 3, 3)
    library = Library(compiler, [case.kernel for case in cases])
    for case in cases:
        check(library, case)
    sources = [kernels.header("engine"), *(case.kernel.source for case in cases)]
    for architecture in ARCHITECTURES:
        assert compile_cubin("\n".join(sources), architecture)


OF_KERNELS = [name for name in THRESHOLDS if ".cuda." in name]


@pytest.mark.parametrize(("low", "count"), [([], RANDOM), (OF_KERNELS, RANDOM // 4)])
def test_random_programs(low: list[str], count: int, compiler: HostCompiler) -> None:
    with lowered(low):
        cases = random_cases(count, seed=0)
    library = Library(compiler, [case.kernel for case in cases])
    for case in cases:
        check(library, case)
    sources = [kernels.header("engine"), *(case.kernel.source for case in cases)]
    for architecture in ARCHITECTURES:
        assert compile_cubin("\n".join(sources), architecture)


# A kernel that is wrong is found


def changed(case: Case, old: str, new: str, count: int = 1) -> Case:
    text = "\n".join(case.kernel.body)
    assert old in text, text
    body = tuple(text.replace(old, new, count).split("\n"))
    return replace(case, kernel=replace(case.kernel, name=f"wrong_{case.kernel.name}", body=body))


def test_a_wrong_number_is_found(compiler: HostCompiler, written: dict[str, list[Case]]) -> None:
    case = changed(written["sum of all"][0], "(v0 * v0)", "(v0 + v0)")
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check(Library(compiler, [case.kernel]), case)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{loop} < {end}", "{loop} < {end} - 1", "were not written"),
        ("{loop} < {end}", "{loop} < {end} + 1", "out of bounds"),
        ("[{at}] = ", "[{at} - 1] = ", "out of bounds"),
        ("= s{operand}[{at}];", "= (s{operand}[{at}] = 7);", "was written to"),
    ],
)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rows and columns", {"loop": "e", "end": "elements", "at": "e"}),
        ("softmax", {"loop": "r", "end": "rows", "at": "at + c"}),
    ],
)
def test_unwritten_and_foreign_elements_are_found(
    name: str, words: dict[str, str], old: str, new: str, message: str,
    compiler: HostCompiler, written: dict[str, list[Case]],
) -> None:  # fmt: skip
    (case,) = written[name]
    operand = next(slot for slot, x in case.given.items() if x.shape == X.shape)
    old, new = (text.format(operand=operand, **words) for text in (old, new))
    wrong = changed(case, old, new)
    parameters = tuple(
        replace(x, kind=x.kind.replace("const float *", "float *")) for x in wrong.kernel.parameters
    )
    wrong = replace(wrong, kernel=replace(wrong.kernel, parameters=parameters))
    with pytest.raises(AssertionError, match=message):
        check(Library(compiler, [wrong.kernel]), wrong)


def test_a_missing_barrier_is_found(
    compiler: HostCompiler, written: dict[str, list[Case]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last block must not join the parts of threads that have not given theirs."""
    for name, count in (("sum of all", 2), ("columns of many rows", 2)):
        case = changed(written[name][0], "__syncthreads();", "", count=count)
        with pytest.raises(AssertionError):
            check(Library(compiler, [case.kernel]), case)
    text = kernels.header("engine")
    parts = text.split("__syncthreads();")
    for missing, name in ((1, "wide rows"), (3, "sum over rows")):
        left = "__syncthreads();".join(parts[:missing]), "__syncthreads();".join(parts[missing:])
        monkeypatch.setattr(kernels, "header", lambda name, left=left: "".join(left))
        case = changed(written[name][0], "x", "x", count=0)
        with pytest.raises(AssertionError):
            check(Library(compiler, [case.kernel]), case)


def test_a_barrier_that_some_threads_pass_by_is_found(
    compiler: HostCompiler, written: dict[str, list[Case]]
) -> None:
    case = written["sum of all"][0]
    case = changed(case, "__syncthreads();", "if (threadIdx.x) __syncthreads();")
    with pytest.raises(AssertionError, match="different barriers"):
        check(Library(compiler, [case.kernel]), case)


def test_a_missing_fence_is_found(compiler: HostCompiler, written: dict[str, list[Case]]) -> None:
    """What other blocks have written is not known to be there, whichever of them came last."""
    joined = [case for cases in written.values() for case in cases
              if case.kernel.grid > 1 and "__threadfence" in case.kernel.source]  # fmt: skip
    assert len(joined) > 3
    for case in joined:
        wrong = changed(case, "__threadfence();", "")
        with pytest.raises(AssertionError, match="another block, without a fence"):
            check(Library(compiler, [wrong.kernel]), wrong)


def test_two_threads_must_not_write_one_element(
    compiler: HostCompiler, written: dict[str, list[Case]]
) -> None:
    (case,) = written["sum over columns"]
    slot = next(iter(case.wanted))
    case = changed(case, "if (lane == 0) ", "")
    case = changed(case, f"= v{slot};", f"= v{slot} + lane;")
    with pytest.raises(AssertionError, match="a race: writes what"):
        check(Library(compiler, [case.kernel]), case)


def test_the_place_of_arrays_must_not_matter(
    compiler: HostCompiler, written: dict[str, list[Case]]
) -> None:
    (case,) = written["packs of one row"]
    moved = "if (gpugrad::fits<gpugrad::Pack<float>>(s0)) t4 = 0; if (lane == 0) "
    case = changed(case, "if (lane == 0) ", moved)
    with pytest.raises(AssertionError, match="depends on where its arrays lie"):
        check(Library(compiler, [case.kernel]), case)
