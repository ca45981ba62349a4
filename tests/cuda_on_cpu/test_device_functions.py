"""The functions of CUDA that a kernel finds on the CPU, against what CUDA says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cuda_on_cpu.loaded import Loaded

pytestmark = pytest.mark.usefixtures("compilers")

mpmath = pytest.importorskip("mpmath")


def values(result: str, expressions: list[str], count: int = 1) -> list[Any]:
    """Expressions of `t`, the number of a thread, each a kernel of so many threads."""
    kernels = [
        f'extern "C" __global__ void f{i}({result} *y) {{ const int t = threadIdx.x; y[t] = {x}; }}'
        for i, x in enumerate(expressions)
    ]
    loaded = Loaded("\n".join(kernels))
    dtype = {"float": "f4", "double": "f8", "long long": "i8", "unsigned": "u4"}[result]
    found = []
    for i in range(len(expressions)):
        y = np.zeros(count, dtype)
        loaded.run(f"f{i}", 1, count, y)
        found.append(y.tolist())
    return found


INTEGERS = {
    "__clz(0)": 32, "__clz(1)": 31, "__clz(-1)": 0, "__clzll(0)": 64, "__clzll(1ll << 40)": 23,
    "__ffs(0)": 0, "__ffs(8)": 4, "__ffsll(1ll << 40)": 41, "__popc(0xf0f0u)": 8,
    "__popcll(~0ull)": 64, "__brev(1u)": 2**31, "__brevll(2ull) >> 32": 2**30,
    "__mulhi(-1, 1)": -1, "__mulhi(1 << 30, 12)": 3, "__umulhi(~0u, ~0u)": 2**32 - 2,
    "__mul64hi(-1ll, 1ll)": -1, "(long long)__umul64hi(~0ull, 2ull)": 1,
    "__mul24(-3, 5)": -15, "__mul24(1 << 24, 5)": 0, "__umul24(0xff000003u, 5u)": 15,
    "__byte_perm(0x33221100u, 0x77665544u, 0x7531u)": 0x77553311,
    "__byte_perm(0x80u, 0u, 0x8888u)": 0xFFFFFFFF,
    "__funnelshift_l(0x80000000u, 1u, 1u)": 3, "__funnelshift_r(2u, 1u, 1u)": 0x80000001,
    "__funnelshift_l(7u, 1u, 32u)": 1, "__funnelshift_lc(7u, 1u, 40u)": 7,
    "__funnelshift_rc(7u, 1u, 40u)": 1,
    "__sad(-5, 3, 10u)": 18, "__usad(5u, 3u, 10u)": 12, "__hadd(-3, -4)": -4, "__rhadd(-3, -4)": -3,
    "__uhadd(~0u, ~0u)": 2**32 - 1, "__urhadd(~0u, 0u)": 2**31,
    "min(-1, 1u)": 1, "max(-1, 1u)": 2**32 - 1, "min(3ll, 2ll)": 2, "umax(1u, 2u)": 2,
    "__float2int_rn(2.5f)": 2, "__float2int_rz(-2.7f)": -2, "__float2int_rd(-2.1f)": -3,
    "__float2int_ru(2.1f)": 3, "__double2int_rn(1e30)": 2**31 - 1,
    "__double2ll_rz(-1e30)": -(2**63),
    "__float2uint_rz(-3.f)": 0, "__float2uint_rn(5e9f)": 2**32 - 1,
    "__float2int_rn(nanf(\"\"))": 0, "__double2ll_rn(nan(\"\"))": -(2**63),
    "__float_as_int(1.0f)": 0x3F800000, "__double2hiint(1.0)": 0x3FF00000, "__double2loint(1.0)": 0,
    "(long long)__hiloint2double(0x40000000, 0)": 2, "signbit(-0.0f)": 1, "isnan(nanf(\"\"))": 1,
    "warpSize": 32, "sizeof(float4)": 16, "alignof(float4)": 16, "alignof(float2)": 8,
    "alignof(double2)": 16, "alignof(float3)": 4, "alignof(uchar4)": 4, "sizeof(int3)": 12,
    "make_int4(1, 2, 3, 4).w": 4, "dim3(7).y": 1,
}  # fmt: skip


def test_integers_and_bits() -> None:
    found = [x for (x,) in values("long long", [f"(long long)({x})" for x in INTEGERS])]
    assert dict(zip(INTEGERS, found, strict=True)) == INTEGERS


LANES = {
    "__shfl_sync(~0u, t, 3)": [3] * 32 + [35] * 32,
    "__shfl_sync(~0u, t, 9, 8)": [t // 8 * 8 + 1 for t in range(64)],
    "__shfl_up_sync(~0u, t, 1u)": [t - (t % 32 > 0) for t in range(64)],
    "__shfl_up_sync(~0u, t, 2u, 4)": [t - 2 * (t % 4 >= 2) for t in range(64)],
    "__shfl_down_sync(~0u, t, 1u)": [t + (t % 32 < 31) for t in range(64)],
    "__shfl_down_sync(~0u, t, 3u, 4)": [t + 3 * (t % 4 == 0) for t in range(64)],
    "__shfl_xor_sync(~0u, t, 5)": [t ^ 5 for t in range(64)],
    "__shfl_xor_sync(~0u, t, 1, 8)": [t ^ 1 for t in range(64)],
    "__shfl_xor_sync(~0u, 1ull << t % 64, 1) >> (t ^ 1) % 64": [1] * 64,
    "__shfl_xor_sync(t % 2 ? 0xaaaaaaaau : 0x55555555u, t, 2)": [t ^ 2 for t in range(64)],
    "__ballot_sync(~0u, t % 4 == 1)": [0x22222222] * 64,
    "__any_sync(~0u, t == 40)": [0] * 32 + [1] * 32,
    "__all_sync(~0u, t < 40)": [1] * 32 + [0] * 32,
    "__match_any_sync(~0u, t % 16)": [0x10001 << t % 16 for t in range(64)],
    "__reduce_add_sync(~0u, t)": [496] * 32 + [496 + 32 * 32] * 32,
    "__reduce_max_sync(~0u, -t)": [0] * 32 + [-32] * 32,
    "__syncthreads_count(t < 40)": [40] * 64,
    "__syncthreads_or(t == 63)": [1] * 64,
    "__syncthreads_and(t < 63)": [0] * 64,
}


def test_what_threads_do_together() -> None:
    found = values("long long", [f"(long long)({x})" for x in LANES], 64)
    assert dict(zip(LANES, found, strict=True)) == LANES


def mp(name: str) -> Any:
    """A function in many digits."""
    own = {
        "rsqrt": lambda x: 1 / mpmath.sqrt(x),
        "rcbrt": lambda x: 1 / mpmath.sign(x) / mpmath.cbrt(abs(x)),
        "erfcinv": lambda x: mpmath.erfinv(1 - x),
        "erfcx": lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
        "normcdf": mpmath.ncdf,
        "normcdfinv": lambda x: mpmath.sqrt(2) * mpmath.erfinv(2 * x - 1),
        "exp10": lambda x: mpmath.mpf(10) ** x,
        "cyl_bessel_i0": lambda x: mpmath.besseli(0, x),
        "cyl_bessel_i1": lambda x: mpmath.besseli(1, x),
        "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))),
        "tgamma": mpmath.gamma,
        "j0": lambda x: mpmath.besselj(0, x),
    }
    return own.get(name) or getattr(mpmath, name)


POINTS = {
    "rsqrt": (1e-30, 0.3, 2, 1e30), "rcbrt": (-8, 0.3, 5), "sinpi": (0.1, 1.25, -2.75, 1e6 + 0.5),
    "cospi": (0.1, 0.3, 1.25, -2.75, 7.9), "erfinv": (-0.999999, -0.3, 1e-9, 0.1, 0.7, 0.99),
    "erfcinv": (1e-300, 1e-5, 0.4, 1.2, 1.9), "erfcx": (-3, 0, 0.5, 9, 30, 60, 1e5),
    "normcdf": (-37, -5, -0.3, 0, 2), "normcdfinv": (1e-300, 1e-3, 0.3, 0.6, 0.999),
    "exp10": (-5, 0.5, 3), "cyl_bessel_i0": (0, 0.5, -3, 20), "cyl_bessel_i1": (0.5, -3, 20),
    "lgamma": (0.5, 7.3, -1.5), "tgamma": (0.5, 7.3, -1.5), "j0": (0.5, 7.3), "exp": (-3, 0.1, 50),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "ulps"), [("double", 8), ("float", 2)])
def test_mathematics_to_the_last_digits(kind: str, ulps: int) -> None:
    dtype = {"float": np.float32, "double": np.float64}[kind]
    cases = [(name, dtype(x)) for name, points in POINTS.items() for x in points]
    cases = [(name, x) for name, x in cases if x != 0 or name in ("erfcx", "normcdf")]
    calls = [f"{name}(({kind}){float(x).hex()})" for name, x in cases]
    found = [y for (y,) in values(kind, calls)]
    with mpmath.workdps(400):
        for (name, x), y in zip(cases, found, strict=True):
            wanted = mp(name)(mpmath.mpf(float(x)))
            error = abs(mpmath.mpf(y) - wanted) / np.spacing(abs(dtype(float(wanted))))
            assert error <= ulps, f"{name}({x}) is {y}, expected {float(wanted)}: {float(error)}"


EDGES = {
    "erfinv(1.0)": np.inf, "erfinv(-1.0)": -np.inf, "erfinv(1.5)": np.nan, "erfcinv(0.0)": np.inf,
    "erfcinv(2.0)": -np.inf, "normcdfinv(0.0)": -np.inf, "normcdf(-1e9)": 0, "erfcx(-50.0)": np.inf,
    "rsqrt(0.0)": np.inf, "sinpi(3.0)": 0, "cospi(0.5)": 0, "cospi(3.0)": -1,
    "sinpi(INFINITY)": np.nan, "fmax(NAN, 1.0)": 1, "max(NAN, 1.0)": 1, "min(1.0f, NAN)": 1,
    "__saturatef(NAN)": 0, "__saturatef(7.0f)": 1, "__fadd_ru(1.0f, 1e-9f) > 1": 1,
    "__fadd_rd(1.0f, 1e-9f)": 1, "__dmul_rz(-0.1, 0.1) > __dmul_rd(-0.1, 0.1)": 1,
    "__fmaf_rn(3.0f, 4.0f, 5.0f)": 17, "__fma_rn(3.0, 4.0, 5.0)": 17, "__frcp_rn(4.0f)": 0.25,
    "__double2float_ru(1.0 + 1e-12) > 1": 1, "__ll2double_rz((1ll << 53) + 1)": 2.0**53,
    "sin(1)": np.sin(1.0), "sqrt(2)": np.sqrt(2.0), "rsqrt(4)": 0.5, "pow(2, 3)": 8,
}  # fmt: skip


def test_edges_of_mathematics() -> None:
    found = [x for (x,) in values("double", list(EDGES))]
    np.testing.assert_array_equal(found, list(EDGES.values()), err_msg=str(list(EDGES)))


ATOMICS = {
    "atomicAdd(&a, 5)": (3, 8), "atomicSub(&a, 5)": (3, -2), "atomicExch(&a, 5)": (3, 5),
    "atomicMin(&a, 1)": (3, 1), "atomicMax(&a, 1)": (3, 3), "atomicAnd(&a, 6)": (3, 2),
    "atomicOr(&a, 6)": (3, 7), "atomicXor(&a, 6)": (3, 5), "atomicCAS(&a, 3, 9)": (3, 9),
    "atomicCAS(&a, 4, 9)": (3, 3), "atomicInc((unsigned *)&a, 3u)": (3, 0),
    "atomicInc((unsigned *)&a, 5u)": (3, 4), "atomicDec((unsigned *)&a, 2u)": (3, 2),
    "atomicDec((unsigned *)&a, 5u)": (3, 2), "atomicAdd_block(&a, 1)": (3, 4),
}  # fmt: skip


def test_atomic_operations_give_what_was() -> None:
    calls = [f"[]{{ int a = 3; long long b = {x}; return b * 100 + a; }}()" for x in ATOMICS]
    found = [x for (x,) in values("long long", calls)]
    wanted = [100 * before + after for before, after in ATOMICS.values()]
    assert dict(zip(ATOMICS, found, strict=True)) == dict(zip(ATOMICS, wanted, strict=True))


def test_a_product_and_a_sum_are_one_operation_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """But not where each is a function that says how it rounds."""
    x = "(1 + t + 0x1p-30)"                     # not known when it is compiled
    calls = [f"{x} * {x} - 1", f"__dadd_rn(__dmul_rn({x}, {x}), -1.0)"]
    apart = (1 + 2.0**-30) ** 2 - 1
    assert values("double", calls) == [[apart], [apart]]
    monkeypatch.setenv("CUDA_ON_CPU_FUSED", "1")
    assert values("double", calls) == [[2.0**-29 + 2.0**-60], [apart]]
