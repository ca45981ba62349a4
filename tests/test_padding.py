"""`np.pad` in all of its modes and parameters: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from agreement import check_function
from numpy.lib import NumpyVersion

import gpugrad as gg
from gpugrad.errors import InvalidArgument

X = np.random.default_rng(0).normal(size=(3, 4))
S = np.float64(0.7)

PADS: dict[str, dict[str, Any]] = {
    "one number": {"pad_width": 2},
    "a pair for all": {"pad_width": (1, 2)},
    "a pair for each": {"pad_width": ((1, 0), (0, 2))},
    "one axis": {"pad_width": {1: 2}},
    "some axes": {"pad_width": {-1: (1, 2), 0: 1}, "mode": "edge"},
    "an array": {"pad_width": np.array([1, 2]), "mode": "wrap"},
    "a value before and one behind": {"pad_width": 2, "constant_values": (1, 2)},
    "values for each axis": {"pad_width": 1, "constant_values": ((1, 2), (3, 4))},
    "a value for each axis": {"pad_width": 1, "constant_values": [[1], [2]]},
    "values of an array": {"pad_width": 1, "constant_values": np.array([[5.0, 6.0]])},
    "ramps": {"pad_width": ((2, 1), (0, 3)), "mode": "linear_ramp"},
    "ramps to values": {"pad_width": 3, "mode": "linear_ramp", "end_values": ((1, 2), (3, 4))},
    "the mean of some": {"pad_width": 2, "mode": "mean", "stat_length": ((1, 2), (2, 3))},
    "the mean of more than there are": {"pad_width": 1, "mode": "mean", "stat_length": 9},
    **{mode: {"pad_width": ((1, 2), (2, 0)), "mode": mode}
       for mode in ("maximum", "mean", "median", "minimum", "reflect", "symmetric", "wrap")},
    **{f"{mode}, turned, by {width}": {"pad_width": width, "mode": mode, "reflect_type": "odd"}
       for mode in ("reflect", "symmetric") for width in (1, 3, (9, 2))},
}  # fmt: skip


@pytest.mark.parametrize("name", PADS)
def test_pads_are_those_of_numpy(name: str) -> None:
    if isinstance(PADS[name]["pad_width"], dict) and NumpyVersion(np.__version__) < "2.4.0":
        pytest.skip("this NumPy takes no widths of some axes")

    def padded(x: Any) -> Any:
        return np.pad(x, **PADS[name])

    check_function(padded, padded, (X,))
    integers = np.arange(12).reshape(3, 4) % 5
    found, wanted = padded(gg.tensor(integers)), padded(integers)
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found.value, wanted)


@pytest.mark.parametrize("mode", ["constant", "linear_ramp"])
def test_values_have_gradients(mode: str) -> None:
    word = "constant_values" if mode == "constant" else "end_values"

    def padded(x: Any, a: Any, b: Any) -> Any:
        return gg.pad(x, 2, mode, **{word: ((a, 1.0), (b, a))})

    def wanted(x: Any, a: Any, b: Any) -> Any:
        values = ((float(a), 1.0), (float(b), float(a)))
        return np.pad(x, 2, mode, **{word: values})  # type: ignore[call-overload]

    check_function(padded, wanted, (X, np.array(S), np.array(2.0)))


def test_one_element_is_its_own_mirror_image() -> None:
    one = np.array([3.0])
    for mode in ("reflect", "symmetric"):
        for kind in ("even", "odd"):
            found = np.pad(gg.tensor(one), 2, mode, reflect_type=kind)
            np.testing.assert_array_equal(found, np.pad(one, 2, mode, reflect_type=kind))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mode": "mirror"}, "expected one of constant"),
        ({"mode": "edge", "constant_values": 1}, "belongs to mode 'constant'"),
        ({"mode": "reflect", "reflect_type": "strange"}, "'even' or 'odd'"),
        ({"constant_values": (1, 2, 3)}, "a pair for each of the 2 axes"),
        ({"mode": "mean", "stat_length": 0}, "must be positive"),
    ],
)
def test_what_is_wrong_is_said(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        gg.pad(X, 1, **given)
    with pytest.raises(InvalidArgument, match="no element along axis 0"):
        gg.pad(X[:0], 1, "edge")
