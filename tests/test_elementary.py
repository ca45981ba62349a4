"""The elementary functions, as LLVM compiles their descriptions: right to the last bits."""

from __future__ import annotations

import ctypes
import math
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="LLVM is not installed: pip install 'gpugrad[jit]'")

import llvmlite.binding as llvm

from gpugrad.codegen.body import Body
from gpugrad.codegen.elementary import (
    FUNCTIONS,
    error_function,
    exp_functions,
    hyperbolic,
    logarithm,
    trigonometric,
)
from gpugrad.codegen.elementary.building_blocks import LONG, nearest, polynomial, power_of_two
from gpugrad.codegen.ir import Value, type_of

CASES = [pytest.param(*key, id="-".join(key)) for key in sorted(FUNCTIONS)]
DTYPES = ["float32", "float64"]
WIDER = {"float32": np.float64, "float64": np.longdouble}
BOUND = {"expm1": 2.5, "sigmoid": 2.5, "tan": 4.0, "tanh_slope": 5.0}
"""In units in the last place, where it is not 2: there, several roundings follow one another."""

LANES = 16
"""As many as a vector of the widest processors has of the narrower format."""

VECTOR_LOOP = """
define void @loop(ptr %from, ptr %to, i64 %n) {{
entry:
  br label %block
block:
  %i = phi i64 [0, %entry], [%next, %block]
  %source = getelementptr {element}, ptr %from, i64 %i
  %x = load {vector}, ptr %source, align {align}
{body}
  %target = getelementptr {element}, ptr %to, i64 %i
  store {vector} {result}, ptr %target, align {align}
  %next = add i64 %i, {lanes}
  %more = icmp ult i64 %next, %n
  br i1 %more, label %block, label %done
done:
  ret void
}}
{declarations}
"""


@dataclass(frozen=True)
class Processor:
    """What to compile for, as LLVM calls it."""

    name: str
    features: str

    @property
    def wide(self):
        """Whether it has vectors of 64 bytes."""
        return "+avx512f" in self.features.split(",")


llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
HERE = Processor(llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
PLAIN = Processor("x86-64-v2", "-fma,-avx512f")
PROCESSORS = [
    pytest.param(HERE, id="here"),
    pytest.param(
        PLAIN,
        id="without-fma",
        marks=pytest.mark.skipif(
            platform.machine().lower() not in ("x86_64", "amd64"),
            reason="the processor without FMA is one of another kind",
        ),
    ),
]


def source(describe, dtype, processor):
    """A loop over blocks of numbers, in LLVM's language."""
    body = Body(wide=processor.wide)
    result = describe(body, Value(body, "%x", dtype, LANES))
    return VECTOR_LOOP.format(
        element=type_of(dtype),
        vector=type_of(dtype, LANES),
        align=np.dtype(dtype).itemsize,
        lanes=LANES,
        body="\n".join(body.lines),
        result=result.text,
        declarations="\n".join(body.declared.values()),
    )


class Loop:
    """`loop(x)` gives `describe` of each element of `x`."""

    def __init__(self, describe, dtype, processor):
        self.machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=processor.name, features=processor.features, opt=2
        )
        self.module = llvm.parse_assembly(source(describe, dtype, processor))
        self.module.verify()
        self.code = self.machine.emit_assembly(self.module)
        self.engine = llvm.create_mcjit_compiler(self.module, self.machine)
        self.engine.finalize_object()
        call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
        self.run = call(self.engine.get_function_address("loop"))

    def __call__(self, x):
        padded = np.ones(-(-x.size // LANES) * LANES, x.dtype)
        padded[: x.size] = x
        y = np.empty_like(padded)
        self.run(padded.ctypes.data, y.ctypes.data, padded.size)
        return y[: x.size]


@cache
def loop_over(name, dtype, processor):
    return Loop(FUNCTIONS[name, dtype].describe, dtype, processor)


def wide_erf(x):
    """The C library's in float64; beyond, the series whose terms have all one sign (A&S 7.1.6)."""
    if x.dtype == np.float64:
        return np.array([math.erf(value) for value in x.tolist()])
    found = np.sign(x)
    inside = np.abs(x) < 6.5                    # where it is not yet 1 in float64
    x = x[inside]
    term = total = 2 / np.sqrt(np.arccos(x.dtype.type(-1))) * x * np.exp(-x * x)
    for n in range(1, 130):
        term = term * (2 * x * x / (2 * n + 1))
        total = total + term
    found[inside] = total
    return found


def wide(name, x):
    """The function at more digits than are asked about."""
    if name == "sigmoid":
        return 1 / (1 + np.exp(-x))
    if name == "erf":
        return wide_erf(x)
    if name == "tanh_slope":
        return 1 / np.cosh(x) / np.cosh(x)
    return getattr(np, name)(x)


def require_a_wider_format(dtype):
    if np.finfo(WIDER[dtype]).nmant <= np.finfo(dtype).nmant:
        pytest.skip(f"no format of this platform is wider than {dtype}")


def ulps(y, truth):
    """How far `y` is from `truth`, given in a wider format; infinite where one is special alone."""
    with np.errstate(all="ignore"):
        nearest = truth.astype(y.dtype)
        largest = np.finfo(y.dtype).max
        unit = np.spacing(np.minimum(np.abs(nearest), largest)).astype(truth.dtype)
        # Infinity stands for the number after the largest.
        above = largest.astype(truth.dtype) + np.spacing(largest).astype(truth.dtype)
        finite = np.clip(y.astype(truth.dtype), -above, above)
        away = np.abs(finite - np.clip(truth, -above, above)) / unit
        same = (y == nearest) | (np.isnan(y) & np.isnan(nearest))
        return np.where(same & ~np.isfinite(y), 0, np.where(np.isnan(away), np.inf, away))


@cache
def arguments(dtype):
    """All sizes and both signs, most of them where no function is constant; and special values."""
    rng = np.random.default_rng(0)
    info, whole = np.finfo(dtype), f"int{np.dtype(dtype).itemsize * 8}"
    limits = np.iinfo(whole)
    quarters = np.concatenate([np.arange(1, 100_000), rng.integers(1, 1 << 39, 100_000)])
    near_pi_2 = (quarters * np.arccos(np.longdouble(0))).astype(dtype)
    zero, endless = np.array([0, np.inf], dtype)
    sizes = [
        rng.integers(limits.min, limits.max, 200_000, whole).view(dtype),
        rng.normal(size=100_000),
        rng.uniform(-30, 30, 200_000),
        rng.uniform(-800, 800, 100_000),
        1 + rng.normal(size=100_000) * 0.3,
        1 + rng.normal(size=20_000) * 1e-4,
        rng.uniform(-100_000, 100_000, 100_000),
        near_pi_2,
        np.nextafter(near_pi_2, zero),
        np.nextafter(near_pi_2, endless),
        info.smallest_subnormal * rng.integers(1, 1000, 1000).astype(dtype),
        np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, info.max, info.min, info.tiny]),
        edges(dtype),
    ]
    return np.concatenate([part.astype(dtype) for part in sizes])


def edges(dtype):
    """Where a function takes another choice, and the 200 numbers on each side of that."""
    info = np.finfo(dtype)
    sizes = [
        info.tiny, 2.0 ** -(info.nmant + 2), 0.5**0.5, 0.625, 0.875, 0.9375, 1.0, 2.0**0.5,
        4.0, 6.0, 10.0, 20.0, 40.0, 87.0, 88.0, 88.72284, 89.0, 103.97, 105.0, 708.0, 709.782712,
        710.0, 745.13, 746.0, 2.0**19, 2.0**40,
    ]  # fmt: skip
    whole = np.array(sizes, dtype).view(f"int{info.bits}")
    beside = (whole[:, None] + np.arange(-200, 201)).astype(whole.dtype).view(dtype).ravel()
    return np.concatenate([beside, -beside])


@lru_cache(maxsize=2)
def truth(name, dtype):
    """Arguments for which the function holds, and what it is there in a wider format."""
    x = arguments(dtype)
    limit = FUNCTIONS[name, dtype].limit
    if limit is not None:
        x = x[~((np.abs(x) > limit) & np.isfinite(x))]
    with np.errstate(all="ignore"):
        return x, wide(name, x.astype(WIDER[dtype]))


def worst(name, dtype, loop):
    """The largest error, where it is, and what comes out there."""
    x, expected = truth(name, dtype)
    y = loop(x)
    errors = ulps(y, expected)
    at = np.argmax(errors)
    return errors[at], x[at], y[at]


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_errors_stay_within_the_bound(name, dtype, processor):
    """At most 2 ulp from the exact value, and special values as the array library gives them."""
    require_a_wider_format(dtype)
    error, x, y = worst(name, dtype, loop_over(name, dtype, processor))
    assert error <= BOUND.get(name, 2.0), f"{name}({x!r}) gives {y!r}"


@pytest.mark.parametrize("name", sorted({name for name, _ in FUNCTIONS}))
def test_the_wider_format_agrees_with_many_digits(name):
    """The long double that float64 is measured by, against mpmath."""
    require_a_wider_format("float64")
    mpmath = pytest.importorskip("mpmath")
    others = {
        "log2": lambda v: mpmath.log(v, 2),
        "sigmoid": lambda v: 1 / (1 + mpmath.exp(-v)),
        "tanh_slope": lambda v: mpmath.sech(v) ** 2,
    }
    exact = others.get(name) or getattr(mpmath, name)
    x, expected = truth(name, "float64")
    size = np.abs(expected)
    chosen = np.flatnonzero((size > 1e-290) & (size < 1e290))[::500]
    with mpmath.workdps(60):
        for value, found in zip(x[chosen], expected[chosen], strict=True):
            head = float(found)
            given = mpmath.mpf(head) + mpmath.mpf(float(found - np.longdouble(head)))
            right = exact(mpmath.mpf(float(value)))
            assert abs(given - right) <= abs(right) * 2.0**-58, value


def test_an_error_is_seen():
    """The number after the nearest is 1 ulp off, and infinity is not a large number."""
    third = np.array([1, 1]) / np.longdouble(3)
    wrong = np.array([np.nextafter(1 / 3, 1), np.inf])
    assert ulps(wrong, third)[0] == pytest.approx(1, abs=0.5)
    assert ulps(wrong, third)[1] > 1e9
    assert ulps(np.array([np.nan, 1.0]), third)[0] == np.inf


POLYNOMIALS = [
    pytest.param("exp", exp_functions._TAIL, id="exp"),
    pytest.param("expm1", exp_functions._TAIL_M1, id="expm1"),
    pytest.param("log", logarithm._R, id="log"),
    pytest.param("sin", trigonometric._SIN, id="sin"),
    pytest.param("cos", trigonometric._COS, id="cos"),
    pytest.param("tanh", hyperbolic._TANH, id="tanh"),
    pytest.param("erf", error_function.NEAR_ZERO, id="erf-near"),
    pytest.param("erf", error_function.BEYOND, id="erf-beyond"),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "table"), POLYNOMIALS)
def test_a_wrong_coefficient_is_seen(monkeypatch, name, table, dtype):
    """By a hundredth, in the middle of each polynomial or at its end."""
    require_a_wider_format(dtype)
    right = table[dtype]
    for i in (len(right) // 2, len(right) - 1):
        wrong = (*right[:i], right[i] * 1.01, *right[i + 1 :])
        with monkeypatch.context() as patch:
            patch.setitem(table, dtype, wrong)
            loop = Loop(FUNCTIONS[name, dtype].describe, dtype, HERE)
        assert worst(name, dtype, loop)[0] > BOUND.get(name, 2.0)


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_a_description_neither_jumps_nor_calls(name, dtype, wide):
    """But for what is an instruction of most processors, or of those with wide vectors."""
    body = Body(wide=wide)
    FUNCTIONS[name, dtype].describe(body, Value(body, "%x", dtype, LANES))
    suffix = f"v{LANES}f{np.finfo(dtype).bits}"
    allowed = {f"llvm.{f}.{suffix}" for f in ("fabs", "copysign", "fma")}
    if wide:
        allowed |= {f"llvm.x86.avx512.mask.scalef.p{x}.512" for x in "sd"}
    assert set(body.declared) <= allowed
    assert all(re.match(r"  %r\d+ = (?!load|phi)", line) for line in body.lines)


@pytest.mark.parametrize("dtype", DTYPES)
def test_rounding_by_a_large_number_is_not_folded_away(dtype):
    most = 2.0 ** (np.finfo(dtype).nmant - 1)
    x = np.append(np.linspace(-10, 10, 81), [most - 0.5, 1.5 - most]).astype(dtype)
    y = Loop(lambda b, x: nearest(x), dtype, HERE)(x)
    np.testing.assert_array_equal(y, np.rint(x))


@pytest.mark.parametrize("dtype", DTYPES)
def test_powers_of_two_of_all_normal_numbers(dtype):
    info = np.finfo(dtype)
    k = np.arange(info.minexp - 1, info.maxexp).astype(dtype)
    y = Loop(power_of_two, dtype, HERE)(k)
    np.testing.assert_array_equal(y, np.ldexp(np.array(k > k[0], dtype), k.astype(int)))


@pytest.mark.parametrize("count", [2, 3, LONG - 1, LONG, LONG + 1, 16, 17, 33])
def test_polynomials_of_each_length(count):
    """Over whole numbers, so that the order of the sums does not matter."""
    coefficients = np.arange(1.0, count + 1)
    x = np.arange(-2.0, 3.0)
    y = Loop(lambda b, x: polynomial(x, coefficients.tolist()), "float64", HERE)(x)
    np.testing.assert_array_equal(y, np.polyval(coefficients, x))


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_special_values_are_those_of_the_array_library(name, dtype, processor):
    """Zeros with their sign, infinities and NaN; what is x near 0 keeps the smallest number."""
    info = np.finfo(dtype)
    smallest = info.smallest_subnormal
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, smallest, -smallest], dtype)
    y = loop_over(name, dtype, processor)(x)
    with np.errstate(all="ignore"):
        expected = wide(name, x.astype(np.float64)).astype(dtype)
    np.testing.assert_array_equal(y[:5], expected[:5])
    np.testing.assert_array_equal(np.signbit(y[:2]), np.signbit(expected[:2]))
    if expected[0] == 0:
        np.testing.assert_array_equal(y[5:], x[5:])


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_sine_and_cosine_are_never_above_1(dtype, processor):
    for name in ("sin", "cos"):
        x, _ = truth(name, dtype)
        assert np.nanmax(np.abs(loop_over(name, dtype, processor)(x))) == 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_logarithm_of_a_power_of_two_is_whole(dtype):
    info = np.finfo(dtype)
    k = np.arange(info.minexp - info.nmant, info.maxexp)
    y = loop_over("log2", dtype, HERE)(np.ldexp(np.ones(k.size, dtype), k))
    np.testing.assert_array_equal(y, k)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_functions_of_angles_have_a_limit(name, dtype):
    """Beyond, the descriptions are wrong, so that the C library's function has to be taken."""
    limit = FUNCTIONS[name, dtype].limit
    x = np.linspace(2**20, 2**22, 1001).astype(dtype) * np.array(limit, dtype)
    with np.errstate(invalid="ignore"):
        errors = ulps(loop_over(name, dtype, HERE)(x), wide(name, x.astype(np.longdouble)))
    assert errors.max() > 1000


def test_each_function_is_there_in_both_formats():
    names = {name for name, _ in FUNCTIONS}
    assert set(FUNCTIONS) == {(name, dtype) for name in names for dtype in DTYPES}
    assert names == {
        "cos", "erf", "exp", "expm1", "log", "log10", "log1p", "log2", "sigmoid", "sin", "tan",
        "tanh", "tanh_slope",
    }  # fmt: skip


def test_the_descriptions_need_no_compiler():
    """LLVM is not imported with them."""
    check = """
import sys
from gpugrad.codegen import elementary
assert not {"llvmlite", "scipy", "cupy"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", check], check=True)
