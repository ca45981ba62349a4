"""The kernels compute what their NumPy reference computes, special values included.

On a CPU in the place of a GPU (ci/cupy.sh) that shows formulas, selections and rounding through
float16; it does not show what only a device does: -ftz=true, CUDA's own `sin` and `cos`.
"""

import numpy as np
import pytest
from cases import CASES, DTYPES, IDS

from gpugrad.backends import kernels

pytestmark = pytest.mark.usefixtures("quiet")

def special_values(dtype, *, denormals):
    """Zeros, infinities, NaN, ends of the range and, if asked for, of the denormals; both signs."""
    info = np.finfo(dtype)
    values = [0, 1, 0.5, np.pi / 2, np.pi, np.inf, np.nan, info.eps, info.max]
    if denormals:
        values += [info.tiny, info.tiny / 2, info.smallest_subnormal]
    values = np.array(values).astype(dtype)
    return np.concatenate([values, -values])


def ordinary_values(dtype, seed):
    """Random values of all magnitudes, large arguments included."""
    rng = np.random.default_rng(seed)
    largest = 4.5 if dtype == "float16" else 9.0
    return (rng.choice([-1, 1], 1000) * 10 ** rng.uniform(-3, largest, 1000)).astype(dtype)


def assert_equal(found, wanted, ulps):
    """Same dtype and shape, NaN at the same places, zeros of the same sign, else `ulps` apart."""
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    zero = wanted == 0
    np.testing.assert_array_equal(np.signbit(found)[zero], np.signbit(wanted)[zero])
    usual = np.isfinite(wanted) & ~zero
    np.testing.assert_array_equal(found[~usual], wanted[~usual])
    difference = found[usual].astype("longdouble") - wanted[usual]
    worst = np.max(np.abs(difference) / np.spacing(np.abs(wanted[usual])), initial=0)
    assert worst <= ulps, f"{worst} ulps apart, allowed are {ulps}"


def check_forward(case, device, dtype):
    """`assert_equal` for the forward of a kernel and its reference."""
    forward = case.load().forward
    special = special_values(dtype, denormals=not device.flushes_denormals)
    for x in (special, ordinary_values(dtype, 0)):
        found = device.get(forward(device.put(x)))
        assert_equal(found, case.reference(x), case.ulps[dtype])


def check_vjp(case, device, dtype):
    """`assert_equal` for the VJP of a kernel and the rule of its op."""
    vjp = case.load().vjp
    special = special_values(dtype, denormals=not device.flushes_denormals)
    pairs = np.meshgrid(special, special)
    for g, kept in (pairs, (ordinary_values(dtype, 1), ordinary_values(dtype, 2))):
        found = device.get(vjp(device.put(g), device.put(kept)))
        assert_equal(found, case.reference_vjp(g, kept), case.ulps[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.parametrize("check", [check_forward, check_vjp])
def test_kernels_equal_their_reference(check, case, device, dtype):
    check(case, device, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_relu_at_its_edges(device, dtype):
    """The line of the table of conventions, without a detour through the reference."""
    loaded = kernels.load("relu", ("x",), ("g", "y"))
    x = np.array([-np.inf, -1, -0.0, 0.0, 2, np.inf, np.nan], dtype)
    y = device.get(loaded.forward(device.put(x)))
    assert_equal(y, np.array([0, 0, 0, 0, 2, np.inf, np.nan], dtype), 0)
    for g in (np.inf, np.nan, -3.0):
        gs = np.full(x.shape, g, dtype)
        found = device.get(loaded.vjp(device.put(gs), device.put(y)))
        assert_equal(found, np.array([0, 0, 0, 0, g, g, 0], dtype), 0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sin_at_its_edges(device, dtype):
    """A slope that is not finite contributes 0 under a cotangent of 0, and only there."""
    loaded = kernels.load("sin", ("x",), ("g", "x"))
    x = np.array([-0.0, 0.0, np.inf, -np.inf, np.nan], dtype)
    y = device.get(loaded.forward(device.put(x)))
    assert_equal(y, np.array([-0.0, 0.0, np.nan, np.nan, np.nan], dtype), 0)
    for g, wanted in ((0.0, [0, 0, 0, 0, 0]), (3.0, [3, 3, np.nan, np.nan, np.nan])):
        gs = np.full(x.shape, g, dtype)
        found = device.get(loaded.vjp(device.put(gs), device.put(x)))
        assert_equal(found, np.array(wanted, dtype), 0)


def test_arrays_of_any_strides_and_shapes(device):
    loaded = kernels.load("relu", ("x",), ("g", "y"))
    x = np.arange(-12, 12, dtype="float32").reshape(4, 6)
    for view in (x.T, x[::-1, ::2], x[:, :0], x[1, 3], np.broadcast_to(x[0], (3, 6))):
        view = np.asarray(view)
        found = device.get(loaded.forward(device.put(view)))
        assert_equal(found, np.where(view > 0, view, np.float32(0)), 0)
    g, y = x[:1], x[:, ::-1]
    found = device.get(loaded.vjp(device.put(g), device.put(y)))
    assert_equal(found, np.where(y > 0, g, np.float32(0)), 0)


WRONG = {
    "loses NaN": ("relu", check_forward, "x > T(0) ? x : x == x ? T(0) : x", "x > T(0) ? x : T(0)"),
    "keeps -0.0": ("relu", check_forward, "x > T(0) ? x : x == x ?", "!(x < T(0)) ? x : x == x ?"),
    "is 1 at 0": ("relu", check_vjp, "y > T(0)", "y >= T(0)"),
    "multiplies by a mask": ("relu", check_vjp, "y > T(0) ? g : T(0)", "T(g * T(y > T(0)))"),
    "is the cosine": ("sin", check_forward, "::sin(", "::cos("),
    "has the wrong sign": ("sin", check_vjp, "T(+g *", "T(-g *"),
    "lets 0 * NaN through": ("sin", check_vjp, "+g == 0", "false"),
    "drops all that is not finite": ("sin", check_vjp, "+g == 0", "true"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_kernel_is_found_out(mistake, device, monkeypatch):
    name, check, right, wrong = WRONG[mistake]
    case = next(case for case in CASES if case.op.name == name)
    text = kernels.source(name)
    assert right in text
    monkeypatch.setattr(kernels, "source", lambda name: text.replace(right, wrong))
    with pytest.raises(AssertionError, match=r"ulps apart|not equal"):
        check(case, device, "float32")
