"""What `gg.Tensor` and Python's rounding functions say to those who call them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import TrackedConversion, UnsupportedOperand

WRONG: dict[str, tuple[Any, ...]] = {
    "a list": ([1.0, 2.0],),
    "a tuple": ((1.0, 2.0),),
    "a number": (1.0,),
    "None": (None,),
    "a Tensor": (gg.tensor([1.0, 2.0]),),
    "a leaf": (gg.tensor([1.0, 2.0], requires_grad=True),),
    "an array that is to need a gradient": (np.ones(2), True),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_class_is_not_the_function(name: str) -> None:
    with pytest.raises(UnsupportedOperand, match=r"gg\.Tensor .*gg\.tensor\(data"):
        gg.Tensor(*WRONG[name])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.bool_])
def test_the_class_of_an_array(dtype: Any) -> None:
    x = np.ones(2, dtype)
    t = gg.Tensor(x)
    assert t.value is x
    assert repr(t) == repr(gg.tensor(x))


ROUNDING: dict[str, Callable[[Any], Any]] = {
    "round": round, "floor": math.floor, "ceil": math.ceil, "trunc": math.trunc,
}  # fmt: skip

NUMBERS = [1.5, 2.5, -0.5, -7.25, 1e300, 3, -4, np.float32(0.1), np.float16(-2.5), np.int8(7)]


@pytest.mark.parametrize("name", ROUNDING)
@pytest.mark.parametrize("x", NUMBERS)
def test_pythons_rounding_gives_integers(name: str, x: Any) -> None:
    """Of an element, as of NumPy's scalars; NumPy's own have no trunc but as numbers of Python."""
    found = ROUNDING[name](gg.tensor(np.array([x]))[0])
    assert type(found) is int
    assert found == ROUNDING[name](np.asarray(x).item())


@pytest.mark.parametrize("name", ROUNDING)
@pytest.mark.parametrize(
    ("x", "error"), [(np.nan, ValueError), (np.inf, OverflowError), (-np.inf, OverflowError)]
)
def test_what_is_no_integer(name: str, x: float, error: type[Exception]) -> None:
    with pytest.raises(error, match="cannot convert float"):
        ROUNDING[name](gg.tensor(x))


@pytest.mark.parametrize("name", ROUNDING)
def test_what_is_tracked_is_refused_with_the_way_out(name: str) -> None:
    f = ROUNDING[name]
    with pytest.raises(TrackedConversion, match=rf"{name}\(\), unlike gg\.{name}, of a Tensor"):
        f(gg.tensor([1.5], requires_grad=True)[0])
    for transform in (gg.jit, gg.grad):
        with pytest.raises(TrackedConversion, match=rf"{name}\(\), unlike gg\.{name},"):
            transform(lambda x: x * f(x))(1.5)
    with pytest.raises(TrackedConversion, match=rf"{name}\(\), unlike gg\.{name},"):
        gg.vmap(f)(np.ones(2))
    assert float(getattr(gg, name)(gg.tensor(1.25, requires_grad=True)).value) in (1, 2)


@pytest.mark.parametrize("name", ROUNDING)
@pytest.mark.parametrize("x", [np.ones(1), np.ones((2, 3)), np.array(1j)])
def test_what_is_not_one_real_number(name: str, x: Any) -> None:
    with pytest.raises(UnsupportedOperand, match=rf"{name}\(\) was asked of .*gg\.{name}"):
        ROUNDING[name](gg.tensor(x))
    if name == "round":
        with pytest.raises(UnsupportedOperand, match=r"gg\.round"):
            round(gg.tensor(x), 1)


def test_round_to_digits() -> None:
    found = round(gg.tensor([1.234])[0], 2)
    assert (float(found), found.shape) == (round(np.float64(1.234), 2), ())
