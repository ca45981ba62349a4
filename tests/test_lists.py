"""Lists and tuples beside Tensors are arrays, as beside NumPy's, on both sides of all operators."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.testing import check_grads

OPERATORS = (
    "add sub mul truediv floordiv mod pow matmul lt le gt ge eq ne and_ or_ xor lshift rshift"
).split()
ARRAYS = (
    np.array(2), np.array([1, 2, 3]), np.array([1.5, 2, 3], np.float32),
    np.array([True, False, True]), np.array([[1.0, 2, 3], [4, 5, 6]]), np.array([1.0, 2, 3]) + 1j,
)  # fmt: skip
LISTS: tuple[Any, ...] = (
    [1, 2, 3], (3, 1, 2), [[1, 2, 3], [3, 2, 1]], [1.5, 2.5, 0.5], [True, False, True], [2],
    [np.float64(1), 2, 3], [np.arange(3), (1, 1, 1)], [[1], [2], [3]], [], [[1, 2], [3]],
)  # fmt: skip


def found(f: Callable[..., Any]) -> Any:
    """What `f` gives, or the kind of what it raises."""
    try:
        y = f()
    except (TypeError, ValueError) as error:        # those of NumPy; ours derive from them
        return type(error).__mro__[-3]
    parts = y if type(y) is tuple else (y,)
    return tuple(np.asarray(getattr(part, "value", part)) for part in parts)


def check_as_numpy(f: Callable[..., Any], x: Any, x_in_mode: Callable[..., Any]) -> None:
    with np.errstate(all="ignore"):
        wanted, mine = found(lambda: f(x)), found(lambda: x_in_mode(f, x))
    assert isinstance(mine, tuple) == isinstance(wanted, tuple)
    for y, want in zip(mine, wanted, strict=True) if isinstance(wanted, tuple) else ():
        assert y.dtype == want.dtype
        np.testing.assert_allclose(y, want, rtol=1e-6)


def jitted(f: Callable[..., Any], x: Any) -> Any:
    step = gg.jit(f, engine="numpy")
    step(x), step(x)
    return step(x)


def part_of_a_batch(f: Callable[..., Any], x: Any) -> Any:
    return gg.vmap(lambda x: gg.asarray(f(x)))(np.stack([x, x]))[1]


MODES: dict[str, Callable[..., Any]] = {
    "Tensor": lambda f, x: f(gg.tensor(x)),
    "jit": jitted,
    "vmap": part_of_a_batch,
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name: str, mode: str) -> None:
    act = getattr(operator, name)
    for x in ARRAYS:
        for other in LISTS:
            check_as_numpy(lambda x, other=other: act(x, other), x, MODES[mode])
            check_as_numpy(lambda x, other=other: act(other, x), x, MODES[mode])


def test_divmod() -> None:
    for x in ARRAYS[:3]:
        for other in (*LISTS[:4], 2, np.array([2, 3, 4])):
            check_as_numpy(lambda x, other=other: divmod(x, other), x, MODES["Tensor"])
            check_as_numpy(lambda x, other=other: divmod(other, x), x, MODES["Tensor"])


@pytest.mark.parametrize("name", "iadd isub imul itruediv ifloordiv imod ipow".split())
def test_in_place(name: str) -> None:
    act = getattr(operator, name)
    for x in (np.array([5.0, 7.0]), np.array([5.0, 7.0], np.float32)):
        t, y = gg.tensor(x.copy()), x.copy()
        assert act(t, [2.0, 3.0]) is t
        act(y, [2.0, 3.0])
        np.testing.assert_array_equal(t.value, y)
        assert t.dtype == x.dtype
        with np.errstate(over="ignore"):            # the list is not extended, as in NumPy
            swapped, wanted = act([20.0, 30.0], t), act(np.array([20.0, 30.0]), y)
        np.testing.assert_array_equal(swapped.value, wanted)


def test_gradients_go_through_and_into_lists() -> None:
    x = np.array([1.0, 2.0, 4.0])
    check_grads(lambda x: gg.sum([1, 2, 3] * x**2 - (x / [2.0, 1.0, 3.0]) ** [1, 2, 3]), (x,))
    check_grads(lambda x: gg.sum([x[0], 2.0, x[1] * x[2]] * x), (x,))
    check_grads(lambda x: [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]] @ x, (x,))


def test_functions_take_them_beside_an_array() -> None:
    x = np.array([1.0, 5.0, 3.0])
    for mine, theirs in (
        (lambda t: gg.maximum(t, [2, 2, 2]), lambda x: np.maximum(x, [2, 2, 2])),
        (lambda t: np.hypot((1, 2, 3), t), lambda x: np.hypot((1, 2, 3), x)),
        (lambda t: gg.where([True, False, True], t, 0.0),
         lambda x: np.where([True, False, True], x, 0.0)),
        (lambda t: gg.clip(t, [2, 2, 2], 4), lambda x: np.clip(x, [2, 2, 2], 4)),
        (lambda t: gg.matmul([[1, 2, 3]], t), lambda x: np.matmul([[1, 2, 3]], x)),
    ):  # fmt: skip
        np.testing.assert_allclose(mine(gg.tensor(x)).value, theirs(x))
    assert type(gg.add(x, [1, 2, 3])) is np.ndarray


def test_other_things_are_no_arrays() -> None:
    t = gg.tensor([1.0, 2.0])
    assert (t == "ab") is False
    assert (t != {1: 2}) is True
    for other in ("ab", {1: 2}, object()):
        with pytest.raises(TypeError):
            _ = t + other
