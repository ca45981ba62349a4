"""Functions that are made of ops: values against NumPy, gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import check_function

import gpugrad as gg
from gpugrad.catalogue.examples import examples
from gpugrad.core.op_info import call as tried
from gpugrad.core.op_info import of
from gpugrad.core.registry import all_infos, composed, is_op
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, TrackedConversion, UnsupportedOperand

rng = np.random.default_rng(0)


def R(*shape: int) -> Any:
    return rng.uniform(0.3, 0.9, shape)


CASES: list[tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: gg.moveaxis(x, 0, -1), lambda x: np.moveaxis(x, 0, -1), (R(2, 3, 4),)),
    (lambda x: gg.moveaxis(x, (0, 1), (-1, 0)), lambda x: np.moveaxis(x, (0, 1), (-1, 0)),
     (R(2, 3, 4),)),
    (lambda x: gg.swapaxes(x, 0, -1), lambda x: np.swapaxes(x, 0, -1), (R(2, 3, 4),)),
    (gg.broadcast_arrays, np.broadcast_arrays, (R(2, 1), R(3))),
    (gg.meshgrid, np.meshgrid, (R(2), R(3), R(4))),
    (lambda *x: gg.meshgrid(*x, indexing="ij"), lambda *x: np.meshgrid(*x, indexing="ij"),
     (R(2), R(3))),
    (lambda x: gg.take(x, np.array([0, 2, 0])), lambda x: x[[0, 2, 0]], (R(4),)),
    (lambda x: gg.take(x, [[1, -1]], axis=1), lambda x: x[:, [[1, -1]]], (R(2, 3),)),
    (lambda x: gg.repeat(x, 2), lambda x: np.repeat(x, 2), (R(2, 3),)),
    (lambda x: gg.repeat(x, 3, axis=1), lambda x: np.repeat(x, 3, axis=1), (R(2, 3),)),
    (lambda x: gg.repeat(x, [2, 0, 1], axis=1), lambda x: np.repeat(x, [2, 0, 1], 1), (R(2, 3),)),
    (lambda x: gg.tile(x, (2, 3)), lambda x: np.tile(x, (2, 3)), (R(4),)),
    (lambda x: gg.tile(x, (2,)), lambda x: np.tile(x, (2,)), (R(3, 2),)),
    (gg.diff, np.diff, (R(2, 4),)),
    (lambda x, a, b: gg.diff(x, axis=0, n=2, prepend=a, append=b),
     lambda x, a, b: np.diff(x, 2, 0, a, b), (R(3, 2), R(1, 2), R(2, 2))),
    (lambda x: gg.unique_values(x), np.unique, (R(5),)),
    (lambda x: gg.unique_all(x).values, np.unique, (R(2, 2),)),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(CASES)))
@pytest.mark.usefixtures("sweeps")
def test_values_and_gradients(case: int) -> None:
    check_function(*CASES[case])


SAID = [name for name, info in all_infos().items() if info.meaning and not is_op(name)]
"""Functions that say beside their definition what they compute."""


@pytest.mark.parametrize("name", SAID)
@pytest.mark.usefixtures("sweeps")
def test_a_function_is_what_it_says(name: str) -> None:
    meaning = all_infos()[name].meaning
    assert meaning
    for example in examples(name, getattr(ops, name)):
        f, arrays = example.floating()
        reference, _ = example.of(meaning).floating()
        check_function(f, reference, tuple(arrays))


def test_a_function_that_is_not_what_it_says_is_found(own_ops: None) -> None:
    @composed(reference="numpy.square", example=tried(of(3)))
    def wrong_square(x: Any) -> Any:
        return x * x * (1 + 1e-12)

    with pytest.raises(AssertionError, match="Not equal"):
        test_a_function_is_what_it_says("wrong_square")


def test_unique_elements_and_what_belongs_to_them() -> None:
    x = np.array([3.0, 1.0, 3.0, 2.0])
    found = gg.unique_all(x)
    assert found.values.tolist() == [1, 2, 3]
    assert found.indices.tolist() == [1, 3, 0]
    assert found.inverse_indices.tolist() == [2, 0, 2, 1]
    assert gg.unique_counts(x).counts.tolist() == [1, 1, 2]
    assert gg.unique_inverse(x).inverse_indices.tolist() == [2, 0, 2, 1]
    g = gg.grad(lambda x: gg.sum(gg.unique_values(x) ** 2))(x)
    assert g.tolist() == [6, 2, 0, 4]               # of equal ones the first is taken


def test_differences_of_booleans_say_whether_they_differ() -> None:
    assert gg.diff(np.array([True, False, False])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gg.moveaxis(R(2, 3), 2, 0), "axis 2"),
        (lambda: gg.moveaxis(R(2, 3), (0, 1), 0), "as many"),
        (lambda: gg.broadcast_arrays(R(2), R(3)), "cannot be broadcast"),
        (lambda: gg.meshgrid(R(2), R(3), indexing="yx"), "'xy' or 'ij'"),
        (lambda: gg.meshgrid(R(2, 2)), "vectors"),
        (lambda: gg.take(R(2, 2), [0], mode="mirror"), "'raise', 'wrap' or 'clip'"),
        (lambda: gg.repeat(R(2), -1), "negative"),
        (lambda: gg.diff(R(2), n=-1), "negative"),
        (lambda: gg.result_type(), "of nothing"),
        (lambda: gg.asarray([1.0], copy=False), "have to copy"),
        (lambda: gg.__array_namespace_info__().dtypes(kind="letters"), "no kind"),
    ],
)
def test_what_is_wrong_is_said(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        call()


def test_operands_that_are_no_arrays_are_refused() -> None:
    for call in (lambda: gg.moveaxis("x", 0, 0), lambda: gg.repeat(R(2), [0.5, 1.0]),
                 lambda: gg.from_dlpack([1.0])):  # fmt: skip
        with pytest.raises(UnsupportedOperand):
            call()


@pytest.mark.parametrize("f", [gg.nonzero, gg.unique_values, lambda x: gg.repeat(R(3), x)])
def test_a_shape_that_depends_on_values_is_not_recorded(f: Any) -> None:
    with pytest.raises(TrackedConversion, match="would depend on values"):
        gg.jit(lambda x: f(x))(np.array([1, 0, 2]))


def test_repeats_that_are_known_are_recorded() -> None:
    f = gg.jit(lambda x: gg.repeat(x * 2, np.array([1, 0, 2])))
    for _ in range(3):
        assert f(np.arange(3.0)).tolist() == [0, 4, 4]


def test_dtypes_and_their_limits() -> None:
    assert gg.result_type(gg.tensor([1.0]), 1) == np.float64
    assert gg.result_type(gg.float32, 1.0) == np.float32
    assert gg.result_type(np.zeros(1, "int8"), gg.int16) == np.int16
    assert gg.can_cast(gg.tensor([1.0], dtype="float32"), gg.float64)
    assert not gg.can_cast(gg.float64, gg.float32)
    assert gg.isdtype(gg.float32, "real floating")
    assert gg.isdtype(np.dtype("int8"), ("bool", "integral"))
    assert gg.finfo(gg.tensor([1.0])).eps == np.finfo(float).eps
    assert gg.iinfo(gg.int8).max == 127


def test_what_the_namespace_says_of_itself() -> None:
    info = gg.__array_namespace_info__()
    assert gg.__array_api_version__ == "2025.12"
    assert info.default_device() in info.devices()
    assert info.default_dtypes()["real floating"] == gg.zeros(1).dtype
    assert info.default_dtypes()["indexing"] == gg.argmax(np.zeros(2)).dtype
    some = info.dtypes(kind=("bool", "complex floating"))
    assert set(some) == {"bool", "complex64", "complex128"}
    assert len(info.dtypes()) == 13
    assert info.capabilities()["boolean indexing"]


def test_arrays_from_nothing_and_from_others() -> None:
    assert gg.eye(2, 3, k=1).value.tolist() == [[0, 1, 0], [0, 0, 1]]
    assert gg.eye(2).dtype == np.float64
    assert gg.empty((2, 3), dtype="float32").shape == (2, 3)
    assert gg.empty_like(np.zeros(3, "int8")).dtype == np.int8
    assert gg.empty_like(gg.tensor([1.0]), dtype="float32").dtype == np.float32
    assert gg.jit(lambda x: gg.empty_like(x) * 0)(np.ones(2)).tolist() == [0, 0]
    assert gg.linspace(0, 1, 4, endpoint=False).value.tolist() == [0, 0.25, 0.5, 0.75]
    x = np.arange(3.0)
    assert np.shares_memory(gg.from_dlpack(x).value, x)
    assert gg.from_dlpack(gg.tensor(x), copy=True).value.tolist() == [0, 1, 2]
    assert np.shares_memory(gg.asarray(x, copy=False).value, x)
    copied = gg.asarray(x, copy=True)
    assert not np.shares_memory(copied.value, x)
    g = gg.grad(lambda x: gg.sum(gg.asarray(x, copy=True) ** 2))(x)
    assert g.tolist() == [0, 2, 4]


WEAK = {
    "fmod": lambda xp, x, n: xp.fmod(x, n), "of a number": lambda xp, x, n: xp.fmod(n, x),
    "fmax": lambda xp, x, n: xp.fmax(x, n), "fmin": lambda xp, x, n: xp.fmin(n, x),
    "heaviside": lambda xp, x, n: xp.heaviside(x, n), "of one": lambda xp, x, n: xp.heaviside(n, x),
    "logaddexp2": lambda xp, x, n: xp.logaddexp2(x, n), "hypot": lambda xp, x, n: xp.hypot(x, n),
    "gradient": lambda xp, x, n: xp.gradient(x, n),
    "trapezoid": lambda xp, x, n: xp.trapezoid(x, dx=n),
    "select": lambda xp, x, n: xp.select([x > 1, x > 3], [n, x], n),
    "isclose": lambda xp, x, n: xp.isclose(x, n), "copysign": lambda xp, x, n: xp.copysign(n, x),
    "isin": lambda xp, x, n: xp.isin(x, [n, 4]),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("number", [2, 0.5])
@pytest.mark.parametrize("name", WEAK)
def test_numbers_of_python_are_weak(name, number, dtype):
    f, x = WEAK[name], np.array([1.0, 2.0, 4.0, -3.0], dtype)
    wanted = f(np, x, number)
    step = gg.jit(lambda x, n: f(gg, x, n), engine="numpy")
    for found in (f(gg, x, number), f(gg, gg.tensor(x), number), step(x, number), step(x, number)):
        assert found.dtype == wanted.dtype
        rtol = 2e-3 if dtype == "float16" else 1e-6
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=rtol)
