"""Evenly spaced numbers between Tensors, and full arrays of them: NumPy's, and differentiated."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument, TrackedConversion, UnsupportedOperand

NAMES = ("linspace", "logspace", "geomspace")
A, B = np.array([0.5, 1.25]), np.array([[2.0], [0.75], [3.5]])
SETTINGS: dict[str, dict[str, Any]] = {
    "five": {"num": 5},
    "as many as NumPy": {},
    "without the end": {"num": 4, "endpoint": False},
    "along the last axis": {"num": 3, "axis": -1},
    "along an axis inside": {"num": 3, "axis": 1},
    "one": {"num": 1},
    "one without the end": {"num": 1, "endpoint": False},
    "none": {"num": 0},
}


def spaced(name: str, *ends: Any, **settings: Any) -> Any:
    """The numbers, or their logarithms, which are as even."""
    y = getattr(gg, name)(*ends, **settings)
    return y if name == "linspace" else gg.log(y)


def ends(axis: int) -> list[tuple[Any, Any]]:
    """Numbers, arrays and mixtures of them; only the last pair has two axes."""
    pairs = [(A, 2.0), (0.5, B[:, 0]), (np.array(0.5), np.array(4.0)), (A, A), (B, A)]
    return [(a, b) for a, b in pairs if -1 <= axis <= max(np.ndim(a), np.ndim(b))]


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("name", NAMES)
def test_values_and_gradients_are_those_of_numpy(name: str, settings: str) -> None:
    """Of raw arrays raw, of Tensors a Tensor, in one dtype; by differences to second order."""
    chosen = SETTINGS[settings]
    for start, stop in ends(chosen.get("axis", 0)):
        wanted = getattr(np, name)(start, stop, **chosen)
        found = getattr(gg, name)(start, stop, **chosen)
        assert type(found) is np.ndarray
        assert found.dtype == wanted.dtype
        np.testing.assert_allclose(found, wanted, rtol=1e-14)
        wrapped = getattr(gg, name)(gg.tensor(start), gg.tensor(stop), **chosen)
        np.testing.assert_array_equal(wrapped.value, found)
        outside = getattr(np, name)(gg.tensor(start, requires_grad=True), stop, **chosen)
        np.testing.assert_array_equal(outside.value, found)

        if chosen.get("num") != 0:
            order = 2 if settings == "five" else 1
            gg.testing.check_grads(partial(spaced, name, **chosen), (start, stop), order=order)


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", NAMES)
def test_compiled_and_batched_is_eager(name: str, engine: str) -> None:
    def gradients(a: Any, b: Any) -> Any:
        f = lambda a, b: gg.sum(gg.sin(spaced(name, a, b, 7, axis=-1)))  # noqa: E731
        return gg.grad(f, (0, 1))(a, b)

    pairs = ((A, 2.0), (0.5, A), (2.0, 3.0), (np.float32(2), np.float32(3)))
    for pair in pairs if engine == "numpy" else pairs[:1]:
        compiled = gg.jit(gradients, engine=engine)
        wanted = gradients(*pair)
        for _ in range(3):
            found = compiled(*pair)
        for x, y in zip(found, wanted, strict=True):
            assert x.dtype == y.dtype
            np.testing.assert_allclose(x, y, rtol=1e-5 if x.dtype == np.float32 else 1e-12)
    batched = gg.vmap(gradients)(np.stack([A, A + 1]), np.array([2.0, 3.0]))
    np.testing.assert_allclose(batched[0][1], gradients(A + 1, 3.0)[0], rtol=1e-12)


def test_dtypes_of_spaced_numbers() -> None:
    """Python's numbers are weak; integers become floating; what is asked for is cast."""
    f32, f16 = np.float32([0, 1]), np.float16([0, 1])
    assert gg.linspace(f32, 2, 3).dtype == np.float32
    assert gg.linspace(f16, 2.5, 3).dtype == np.float16
    assert gg.linspace(np.int8([1]), 3, 3).dtype == np.float64
    for x in (np.array([0.5, -0.5]), gg.tensor([0.5, -0.5])):
        wanted = np.linspace([0.5, -0.5], 3.0, 4, dtype=int)
        np.testing.assert_array_equal(gg.linspace(x, 3.0, 4, dtype=int), wanted)
    for name, ends in (("geomspace", (np.array([-7.5]), -2.0)), ("logspace", (np.array([0.3]), 1))):
        wanted = getattr(np, name)(*ends, 6, dtype=int)
        np.testing.assert_array_equal(getattr(gg, name)(*ends, 6, dtype=int), wanted)
    assert gg.jit(lambda a: gg.linspace(a, 2, 3))(f32).dtype == np.float32
    assert gg.jit(lambda a, b: gg.linspace(a, b, 3))(f32, 2).dtype == np.float32
    many = gg.linspace(np.float16(0) * f16, f16 + 1, 4099)   # float16 ends at 2048 with its count
    np.testing.assert_allclose(many[-2:, 0], [1, 1], rtol=1e-3)
    assert (np.diff(many[:, 0].astype(float)) >= 0).all()


def test_ends_are_met_exactly_and_tiny_steps_do_not_vanish() -> None:
    start, stop = np.array([0.1, 1.0]), np.array([0.7, 0.3])
    assert (gg.linspace(start, stop, 7)[-1] == stop).all()
    assert (gg.geomspace(start, stop, 7)[[0, -1]] == np.stack([start, stop])).all()
    tiny = np.array([5e-324])
    np.testing.assert_array_equal(gg.linspace(0 * tiny, tiny, 4), np.linspace(0 * tiny, tiny, 4))


@pytest.mark.parametrize("settings", ["five", "without the end", "one"])
def test_distances_come_with_the_numbers(settings: str) -> None:
    chosen = SETTINGS[settings]
    for start, stop in ((A, 2.0), (B, A), (0.5, 2.0)):
        wanted, step = np.linspace(start, stop, **chosen, retstep=True)
        t = gg.tensor(start, requires_grad=True)
        for found in (gg.linspace(start, stop, **chosen, retstep=True),
                      np.linspace(t, stop, **chosen, retstep=True)):  # fmt: skip
            y, s = (getattr(x, "value", x) for x in found)
            np.testing.assert_allclose(y, wanted, rtol=1e-14)
            np.testing.assert_allclose(s, np.broadcast_to(step, np.shape(s)), rtol=1e-14)
    f = partial(gg.linspace, num=4, retstep=True)
    gg.testing.check_grads(lambda a, b: f(a, b)[1], (A, B))


def test_bases_may_be_arrays() -> None:
    base = np.array([2.0, 3.0, 10.0])
    for a, b in ((0.0, 2.0), (np.array([0.0, 1.0, 2.0]), 3.0)):
        wanted = np.logspace(a, b, 4, base=base)
        np.testing.assert_allclose(gg.logspace(a, b, 4, base=base), wanted, rtol=1e-14)
        np.testing.assert_allclose(gg.logspace(a, b, 4, base=gg.tensor(base)), wanted, rtol=1e-14)
    gg.testing.check_grads(lambda a, base: gg.logspace(a, 2.0, 3, base=base), (A[0], base), order=2)


def test_geometric_paths_turn_with_signs_and_phases() -> None:
    for a, b in ((-1000.0, -1.0), (1j, 1000j), (-1 + 0j, 1 + 0j), (3 + 1j, 2 - 4j)):
        wanted = np.geomspace(a, b, 5)
        np.testing.assert_allclose(gg.geomspace(a, b, 5), wanted, rtol=1e-13)
        np.testing.assert_allclose(gg.geomspace(np.array([a]), b, 5)[:, 0], wanted, rtol=1e-13)
    gg.testing.check_grads(lambda a, b: gg.geomspace(a, b, 4), (np.array(-3.0), np.array(-0.5)))
    gg.testing.check_grads(lambda a, b: gg.geomspace(a, b, 4), (np.array(3 + 1j), np.array(2 - 4j)))


def test_a_range_between_tensors_is_computed_or_refused() -> None:
    n = gg.asarray(5)
    assert gg.arange(n).value.tolist() == [0, 1, 2, 3, 4]
    assert gg.arange(gg.asarray(1), n, gg.asarray(2)).value.tolist() == [1, 3]
    for call in (lambda t: gg.arange(t), lambda t: gg.arange(0.0, 4.0, t)):
        with pytest.raises(TrackedConversion, match=r"start \+ step \* gg.arange"):
            gg.grad(lambda t, call=call: gg.sum(call(t)))(2.0)
        with pytest.raises(TrackedConversion, match=r"start \+ step \* gg.arange"):
            gg.jit(call)(2.0)


@pytest.mark.parametrize("value", [np.array(2.5), np.array([0.5, 1.5])], ids=["number", "row"])
@pytest.mark.parametrize("engine", [None, "numpy", "native"])
def test_full_arrays_of_tensors(value: Any, engine: str | None) -> None:
    """`full` and `full_like` of what broadcasts, differentiated."""
    x = np.zeros((3, 2))
    for f in (lambda t: gg.full((3, 2), t), lambda t: gg.full_like(x, t)):
        def gradient(t: Any, f: Any = f) -> Any:
            return gg.grad(lambda t: gg.sum(f(t) ** 2))(t)

        run = gradient if engine is None else gg.jit(gradient, engine=engine)
        np.testing.assert_allclose([run(value) for _ in range(3)][-1], 12 / value.size * value)
        np.testing.assert_array_equal(f(gg.tensor(value)).value, np.full((3, 2), value))
    assert gg.full(np.int64(2), gg.tensor(1.0)).shape == (2,)
    assert gg.full_like(np.ones(2, int), gg.tensor(2.5)).value.tolist() == [2, 2]
    assert gg.full_like(x, gg.tensor(1.0), dtype="float32").dtype == np.float32
    assert type(gg.full_like(gg.tensor(x), value)) is gg.Tensor
    assert type(gg.full_like(x, value)) is np.ndarray


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: gg.logspace(t, 1j, 3, dtype=int), UnsupportedOperand, "imaginary parts"),
        (lambda t: gg.linspace(t, 1, -1), InvalidArgument, "num is -1"),
        (lambda t: gg.linspace(t, 1, 3, axis=1), InvalidArgument, "axis"),
        (lambda t: gg.linspace(0, 1, 3, axis=1), InvalidArgument, "axis 1"),
        (lambda t: gg.geomspace(t, 0.0, 3), InvalidArgument, "an end is 0"),
        (lambda t: gg.linspace("a", t, 3), UnsupportedOperand, "builtins.str"),
    ],
)
def test_what_is_wrong_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(gg.tensor(2.0, requires_grad=True))
