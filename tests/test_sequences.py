"""Sequences in the place of arrays: assigned to Tensors, and beside them in calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy_examples
import pytest

import gpugrad as gg
from gpugrad import tree
from gpugrad.errors import NotDifferentiable, UnsupportedOperand
from gpugrad.testing import check_grads

VALUES: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "numbers": (0, lambda x: (1.0, 2, 3.0)),
    "range": (2, lambda x: range(3)),
    "Tensors": (0, lambda x: [x, 2.0, x * x]),
    "columns": ((slice(None), 1), lambda x: [x, np.sin(x), 1]),
    "nested": ((slice(0, 2), slice(0, 2)), lambda x: [[x, 1], (2.0, x)]),
    "places": (([0, 1], [1, 2]), lambda x: (x, 2.0)),
    "mask": (np.eye(3, dtype=bool), lambda x: [x, 1.0, -x]),
    "all": (..., lambda x: [x, 1.0, 2]),
    "row of a view": ((1, slice(1, 3)), lambda x: [x, x]),
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("seen", [lambda t: t, lambda t: t.T, lambda t: t[:, ::-1]])
def test_sequences_are_assigned(name: str, seen: Callable[[Any], Any]) -> None:
    """As NumPy does it, with gradients; through views too, and compiled."""
    key, value = VALUES[name]

    def f(x: Any, like: Any = gg) -> Any:
        t = like.zeros((3, 3)) + 1.5
        seen(t)[key] = value(x)
        return (t * np.arange(9.0).reshape(3, 3) ** 2).sum()

    np.testing.assert_allclose(f(gg.tensor(0.7)), f(0.7, np))
    np.testing.assert_allclose(gg.jit(f)(0.7), f(0.7, np))
    check_grads(f, (0.7,))


def test_sequences_are_checked_as_arrays_are() -> None:
    t = gg.zeros(3, dtype=np.int64)
    with pytest.raises(NotDifferentiable):
        t[:2] = [gg.tensor(1.0, requires_grad=True), 2]
    with pytest.raises(ValueError, match="shape"):
        t[:2] = [1, 2, 3]
    t[0:0] = []
    single = gg.zeros(2, dtype=np.float32)
    single[:] = [0.1, 0.2]
    assert single.dtype == np.float32


def _calls() -> dict[str, tuple[Callable[..., Any], list[Any], int]]:
    """Calls of NumPy's functions of several arrays: one of them an array, the others lists."""
    found = {}
    for example in (*numpy_examples.ELEMENTWISE, *numpy_examples.FUNCTIONS):
        function: Any = np
        for part in example.name.split("."):
            function = getattr(function, part)
        arrays = [
            x.array(i) if isinstance(x, numpy_examples.Operand) else x
            for i, x in enumerate(example.args)
        ]
        for k, x in enumerate(arrays):
            others = [y.tolist() if isinstance(y, np.ndarray) and i != k else y
                      for i, y in enumerate(arrays)]  # fmt: skip
            any_list = any(y is not z for y, z in zip(others, arrays, strict=True))
            if any_list and isinstance(x, np.ndarray) and x.dtype.kind in "fc":
                found[f"{example.name} by {k}"] = function, others, k
    return found


CALLS = _calls()

OTHERWISE = {
    "copyto by 0", "place by 0", "putmask by 0",    # they write into it
    "full_like by 1",                               # NumPy reads the value without asking
    "einsum_path by 1", "einsum_path by 2",         # NumPy's own way of giving no subscripts
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CALLS if name not in OTHERWISE])
def test_lists_beside_a_tensor_are_arrays(name: str) -> None:
    """Wherever NumPy takes them beside an array."""
    function, operands, k = CALLS[name]
    try:
        wanted = function(*operands)
    except (TypeError, ValueError, AttributeError):
        pytest.skip("NumPy takes no list here")
    operands[k] = gg.tensor(operands[k], requires_grad=True)
    found = function(*operands)
    for x, y in zip(tree.leaves(found), tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(gg.stop_gradient(gg.asarray(x)), y, rtol=1e-12, atol=1e-12)


def test_functions_made_of_ops_take_lists_and_nested_ones() -> None:
    """With gradients for what the lists hold, and compiled."""
    def f(x: Any) -> Any:
        crossed = gg.cross(x, [1.0, x[0], 2])
        return gg.sum(gg.vecdot(crossed, (x[1], 2, 3)) * gg.fmax([0.0, 1, x[2]], x))

    x = np.array([0.5, 1.2, -0.7])
    check_grads(f, (x,))
    np.testing.assert_allclose(gg.jit(gg.grad(f))(x), gg.grad(f)(x), rtol=1e-12)
    assert type(gg.cross(x, [1.0, 2, 3])) is np.ndarray
    with pytest.raises(UnsupportedOperand):
        gg.cross(x, {1.0, 2, 3})
    with pytest.raises(UnsupportedOperand):
        gg.cross([1.0, 2, 3], [1.0, 2, 3])
