"""Numbers that kernels are given: which of them, in which words; and kernels told by structure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cuda_host import HostCompiler, Library
from generated import cases_from

import gpugrad as gg
from gpugrad.backends import kernels
from gpugrad.engines.cuda import given
from gpugrad.engines.cuda.given import Given, Numbers, lines_of, words_of

DIVISORS = [1, 2, 3, 5, 7, 10, 31, 32, 33, 641, 1000, 2**16, 2**16 + 1, 2**30, 2**30 + 1, 2**31 - 1]

DIVIDED = """extern "C" __global__ void {name}(
    const {kind} *x, {kind} *quotient, {kind} *rest, int n,
    const __grid_constant__ gpugrad::Given<2> given) {{
  const gpugrad::Divisor<{kind}> by = {{given.word[0], given.word[1]}};
  for (int i = threadIdx.x; i < n; i += blockDim.x) {{
    quotient[i] = x[i] / by;
    rest[i] = x[i] % by;
  }}
}}
"""


@pytest.mark.parametrize(("kind", "dtype", "bits"), [("int", "i4", 31), ("long long", "i8", 62)])
def test_indices_are_divided_exactly(
    kind: str, dtype: str, bits: int, compiler: HostCompiler
) -> None:
    """By each of these numbers, those around its multiples, around powers of two, and any."""
    divided = compiler.load(kernels.header("engine") + DIVIDED.format(name="divided", kind=kind))
    rng = np.random.default_rng(0)
    divisors = [*DIVISORS, *map(int, rng.integers(1, 2**31, 20))]
    for n in divisors + [2**31, 2**40 + 1] * (bits > 31):
        multiples = [n * k + d for k in (0, 1, 2, 3, (2**bits - 2) // n) for d in (-1, 0, 1)]
        powers = [2**p + d for p in range(1, bits + 1) for d in (-1, 0, 1)]
        some = [*multiples, *powers, *map(int, rng.integers(0, 2**bits, 50))]
        x = np.array([i for i in some if 0 <= i < 2**bits], dtype)
        quotient, rest = np.empty_like(x), np.empty_like(x)
        words = words_of([Given(f"gpugrad::Divisor<{kind}>", "by", n)])
        value = words.view("V16")[0]
        divided.run("divided", 1, 32, x, quotient, rest, np.int32(len(x)), value)
        np.testing.assert_array_equal(quotient, x // n, str(n))
        np.testing.assert_array_equal(rest, x % n, str(n))


WRAPPED = """extern "C" __global__ void wrapped(const long long *x, long long *y, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = gpugrad::wrapped(x[i], 7);
}
"""


def test_indices_go_around(compiler: HostCompiler) -> None:
    x = np.array([*range(-30, 30), 2**62, -(2**62)])
    y = np.empty_like(x)
    around = compiler.load(kernels.header("engine") + WRAPPED)
    around.run("wrapped", 1, 32, x, y, np.int32(len(x)))
    np.testing.assert_array_equal(y, x % 7)


NUMBERS = [
    ("int", -5), ("int", 2**31 - 1), ("long long", -(2**63)), ("long long", 2**62 + 1),
    ("float", 0.1), ("float", -1e-40), ("double", 0.1), ("double", -5e-324),
]  # fmt: skip


def test_a_kernel_finds_its_numbers(compiler: HostCompiler) -> None:
    """Each in its words, behind those of a divisor, to the bit."""
    known = [Given("gpugrad::Divisor<int>", "by", 7)]
    known += [Given(kind, f"x{i}", value) for i, (kind, value) in enumerate(NUMBERS)]
    words = words_of(known)
    stores = [f"y[{i}] = x{i};" if kind in ("int", "long long")
              else f"*reinterpret_cast<{kind} *>(y + {i}) = x{i};"
              for i, (kind, _) in enumerate(NUMBERS)]  # fmt: skip
    source = "\n".join([
        kernels.header("engine"),
        'extern "C" __global__ void found(long long *y, '
        f"const __grid_constant__ gpugrad::Given<{len(words)}> given) {{",
        *lines_of(known, 0), *stores, "}",
    ])  # fmt: skip
    y = np.zeros(len(NUMBERS), "i8")
    compiler.load(source).run("found", 1, 1, y, words.view(f"V{words.nbytes}")[0])
    for found, (kind, value) in zip(y, NUMBERS, strict=True):
        if kind in ("int", "long long"):
            assert found == value
        else:
            dtype = {"float": np.float32, "double": np.float64}[kind]
            assert found.tobytes()[: dtype().nbytes] == dtype(value).tobytes()


@pytest.mark.parametrize(
    ("value", "dtype", "literal"),
    [
        (0.0, "float32", True), (-0.0, "float32", True), (2.0, "float64", True),
        (-0.5, "float32", True), (3.0, "float32", False), (0.1, "float64", False),
        (math.inf, "float32", True), (math.nan, "float64", True), (True, "bool", True),
        (-1, "int64", True), (7, "int32", False), (-(2**63), "int64", False),
    ],
)  # fmt: skip
def test_which_numbers_are_part_of_a_kernel(value: Any, dtype: str, literal: bool) -> None:
    """Those with which a compiler leaves work out, and no others."""
    numbers = Numbers()
    text = numbers.of("n3", np.array(value, dtype)[()], np.dtype(dtype))
    assert (text == "n3") is not literal
    assert [x.name for x in numbers.given] == ([] if literal else ["n3"])


def test_one_name_is_one_number() -> None:
    numbers = Numbers()
    assert numbers("int", "rows", 3) == numbers("int", "rows", 3) == "rows"
    with pytest.raises(AssertionError):
        numbers("int", "rows", 4)


X = np.random.default_rng(0).normal(size=(6, 5))


@pytest.mark.parametrize(
    ("f", "g", "same"),
    [
        (lambda x: gg.softmax(x * 3.0), lambda x: gg.softmax(x * 5.0), True),
        (lambda x: gg.softmax(x * 3.0), lambda x: gg.softmax(x * 1.0 * x), False),
        (lambda x: gg.sum(x * x), lambda x: gg.sum(x * x, axis=0), False),
        (lambda x: x * 3.0 + 0.0, lambda x: x * 3.0 + 7.0, False),
    ],
)
def test_kernels_are_told_by_structure(
    f: Callable[..., Any], g: Callable[..., Any], same: bool
) -> None:
    (a,), (b,) = cases_from(f, X, name="a7"), cases_from(g, X[:4, :3], name="b_9")
    mine, other = (replace(x.kernel, name="kernel3").compiled for x in (a, b))
    assert (mine.source == other.source) is same
    assert (mine.name == other.name) is same
    assert mine.name.rstrip("0123456789") == "kernel"


def test_more_numbers_than_a_launch_takes_lie_in_memory(
    compiler: HostCompiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    (near,) = cases_from(lambda x: gg.softmax(x * 3.0), X, name="near")
    assert not near.kernel.takes_too_much
    with monkeypatch.context() as patch:
        patch.setattr(given, "MOST", 40)
        assert near.kernel.takes_too_much
    far = replace(near.kernel, far=True)
    assert "__grid_constant__" in near.kernel.source
    assert "__grid_constant__" not in far.source
    (found,) = Library(compiler, [far]).run(far, near.slots, near.given).values()
    np.testing.assert_allclose(found, *near.wanted.values(), rtol=1e-13)
