"""CuPy's arrays and Tensors as users mix them: operators, ufuncs and conversions, in any order.

What NumPy's arrays give is right.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import cupy as cp
import numpy as np
import pytest
from mixing import PAIRS, agree, host, outcome
from wraps import WRAPS

import gpugrad as gg
from gpugrad.errors import GpugradError, UnsupportedOperand

REAL = np.array([[0.3, 0.7, 0.45], [0.9, 0.2, 0.55]])
OTHER = np.array([[0.8, 0.35, 0.6], [0.25, 0.5, 0.75]])
WHOLE, SHIFTS = np.array([[5, 9, 14], [3, 8, 2]]), np.array([[1, 2, 0], [3, 1, 2]])

# Operators

FLOATING = "add sub mul truediv floordiv mod pow matmul lt le gt ge eq ne".split()
INTEGER = "and_ or_ xor lshift rshift floordiv mod pow eq lt".split()
OPERATORS: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    **{name: (getattr(operator, name), REAL, OTHER) for name in FLOATING},
    "matmul": (operator.matmul, REAL, OTHER.T.copy()),
    "divmod": (divmod, REAL, OTHER),
    **{f"{name} of integers": (getattr(operator, name), WHOLE, SHIFTS) for name in INTEGER},
    "divmod of integers": (divmod, WHOLE, SHIFTS + 1),
    "floordiv of integers": (operator.floordiv, WHOLE, SHIFTS + 1),
    "mod of integers": (operator.mod, WHOLE, SHIFTS + 1),
}


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name: str, pair: tuple[str, str]) -> None:
    """Of two arrays of one shape, of which either is a Tensor, or both; and broadcasting."""
    f, a, b = OPERATORS[name]
    wraps = [WRAPS[kind] for kind in pair]
    agree(f, f, [a, b], wraps)
    if name != "matmul":
        agree(f, f, [a, b[0]], wraps)
        agree(f, f, [a[:, :1], b], wraps)
        agree(f, f, [a, b[0, 1:2].reshape(())], wraps)
        agree(f, f, [a[1, 0:1].reshape(()), b], wraps)


SCALARS: dict[str, Any] = {
    "int": 2, "float": 1.5, "bool": True, "np.float64": np.float64(1.5),
    "np.float32": np.float32(1.5), "np.int64": np.int64(2), "complex": 1.5 + 0.5j,
}  # fmt: skip


@pytest.mark.parametrize("scalar", SCALARS)
@pytest.mark.parametrize("name", [n for n in FLOATING if n != "matmul"])
def test_operators_with_scalars(name: str, scalar: str) -> None:
    """On either side of a Tensor, tracked or not, of float64 and float32."""
    f, number = getattr(operator, name), SCALARS[scalar]
    if isinstance(number, complex) and name in ("floordiv", "mod", "lt", "le", "gt", "ge"):
        return                                      # which complex numbers do not have
    for dtype in ("float64", "float32"):
        for kind in ("untracked", "tracked"):
            x = REAL.astype(dtype)
            for g in (lambda t: f(t, number), lambda t: f(number, t)):
                found, slopes = outcome(g, [WRAPS[kind](cp.asarray(x))])
                wanted, their = outcome(g, [WRAPS[kind](x)])
                assert found[0].dtype == wanted[0].dtype
                for a, b in zip([*found, *slopes], [*wanted, *their], strict=True):
                    if b is None:
                        assert a is None
                    else:
                        np.testing.assert_allclose(host(a), host(b), rtol=2e-6)


def test_unary_operators() -> None:
    for f in (operator.neg, operator.pos, operator.abs):
        for kind in ("untracked", "tracked"):
            agree(f, f, [REAL - 0.5], [WRAPS[kind]])
    agree(operator.invert, operator.invert, [WHOLE], [gg.tensor])


IN_PLACE = "iadd isub imul itruediv ifloordiv imod ipow".split()


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_operators(name: str) -> None:
    """A Tensor takes CuPy's array into itself, an array an untracked Tensor; a tracked one cannot
    go into an array, which is left as it was.
    """
    f = getattr(operator, name)
    for kind in ("array", "untracked", "tracked"):
        agree(
            lambda a, b: f(gg.copy(a), b), lambda a, b: f(gg.copy(a), b),
            [REAL, OTHER], [WRAPS["tracked"], WRAPS[kind]],
        )  # fmt: skip
    x, mine = cp.asarray(REAL), REAL.copy()
    assert f(x, gg.tensor(cp.asarray(OTHER))) is x
    f(mine, OTHER)
    np.testing.assert_allclose(host(x), mine)
    with pytest.raises(UnsupportedOperand, match="write a = a"):
        f(x, gg.tensor(cp.asarray(OTHER), requires_grad=True))
    np.testing.assert_allclose(host(x), mine)


# Ufuncs of CuPy and of NumPy


def _ufuncs() -> Iterator[str]:
    for name in dir(cp):
        f = getattr(cp, name)
        known = isinstance(f, cp.ufunc) and isinstance(getattr(np, name, None), np.ufunc)
        if known and hasattr(gg, name) and f.nin <= 2:
            yield name


UFUNCS = sorted(_ufuncs())
OF_INTEGERS = frozenset(
    "bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift "
    "bitwise_xor gcd invert lcm left_shift right_shift".split()
)


def _operands_of(name: str) -> list[Any]:
    n = getattr(np, name).nin
    if name in OF_INTEGERS:
        return [WHOLE, SHIFTS][:n]
    if name in ("acosh", "arccosh"):
        return [REAL + 1]
    if name == "ldexp":
        return [REAL, SHIFTS]
    return [REAL, OTHER][:n]


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs(name: str) -> None:
    """`cupy.f` and `numpy.f` of Tensors of CuPy's arrays, beside arrays on either side."""
    values = _operands_of(name)
    pairs = PAIRS if len(values) == 2 else [(kind,) for kind in ("untracked", "tracked")]
    for pair in pairs:
        wraps = [WRAPS[kind] for kind in pair]
        for f in (getattr(cp, name), getattr(np, name)):
            agree(f, getattr(np, name), values, wraps)


def test_products_by_numpys_ufunc() -> None:
    """CuPy answers for its array on the left, and takes no untracked Tensor: it says so."""
    x, y = REAL, OTHER.T.copy()
    for pair in (("array", "tracked"), ("untracked", "array"), ("tracked", "array")):
        agree(np.matmul, np.matmul, [x, y], [WRAPS[kind] for kind in pair])
    with pytest.raises(TypeError, match="got Tensor"):
        np.matmul(cp.asarray(x), gg.tensor(cp.asarray(y)))


# Conversions


def test_conversions_of_a_tracked_tensor_are_refused() -> None:
    t = gg.tensor(cp.asarray(REAL), requires_grad=True)
    for f in (cp.asarray, cp.array, np.asarray, np.array, cp.from_dlpack,
              lambda t: float(t[0, 0]), lambda t: int(t[0, 0]), lambda t: bool(t[0, 0]),
              lambda t: operator.index(t[0, 0]), lambda t: t[0, 0].item(), cp.asnumpy):  # fmt: skip
        with pytest.raises(GpugradError):
            f(t)
    assert not hasattr(t, "__cuda_array_interface__")


@pytest.mark.parametrize("shape", [(2, 3), (3,), (), (0, 3)])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "bool", "complex64"])
def test_an_untracked_tensor_is_its_array(shape: tuple[int, ...], dtype: str) -> None:
    """In the same memory, without a way by the host."""
    x = cp.ones(shape, dtype)
    t = gg.tensor(x)
    for f in (cp.asarray, cp.from_dlpack, lambda t: cp.array(t, copy=False)):
        y = f(t)
        assert type(y) is cp.ndarray
        assert (y.shape, y.dtype) == (x.shape, x.dtype)
        if x.size:
            assert y.data.ptr == x.data.ptr
    assert type(cp.array(t)) is cp.ndarray
    np.testing.assert_array_equal(np.asarray(t), cp.asnumpy(x))


def test_numbers_of_one_element() -> None:
    x = gg.tensor(cp.asarray(3))
    assert (int(x), float(x), operator.index(x), bool(x), x.item()) == (3, 3.0, 3, True, 3)
    assert list(range(10))[x] == 3
    assert complex(gg.tensor(cp.asarray(1.5))) == 1.5
    assert f"{gg.tensor(cp.asarray(1.5)):.2f}" == "1.50"
    for wrong in (cp.asarray(3.0), cp.asarray(True), cp.asarray([3])):
        with pytest.raises(TypeError):
            operator.index(gg.tensor(wrong))
        with pytest.raises(TypeError):
            operator.index(gg.tensor(cp.asnumpy(wrong)))
    assert "device='cuda:0'" in repr(gg.tensor(cp.asarray(3.0), requires_grad=True))
