"""`gg.asarray` of nested lists that hold Tensors: NumPy's array of the same lists, differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument, NotDifferentiable, UnsupportedOperand

V = np.array([0.5, -1.25, 2.0])

LISTS: dict[str, Callable[[Any], Any]] = {
    "numbers": lambda x: [x[0], x[1], x[2]],
    "a tuple": lambda x: (x[0], x[2]),
    "one": lambda x: [x[0]],
    "beside Python's numbers": lambda x: [x[0], 2, 3.5, True],
    "beside NumPy's scalars": lambda x: [x[0], np.float64(2), np.int8(3)],
    "beside a complex number": lambda x: [x[0], 2 - 1j],
    "a matrix": lambda x: [[x[0], 1], [2, x[1] * x[2]]],
    "rows": lambda x: [x, x * 2, x**2],
    "a row beside numbers": lambda x: [x, [1, 2, 3]],
    "a row beside an array": lambda x: [np.arange(3.0), x, (x[0], 0, x[1])],
    "four deep": lambda x: [[[[x[0]], [1]], [[2], [x[1]]]]],
    "rows in rows": lambda x: [[x, x + 1], [x * x, (0, 1, 2)]],
}


@pytest.mark.parametrize("name", LISTS)
def test_values_dtypes_and_gradients(name: str) -> None:
    make = LISTS[name]
    wanted = np.array(make(V))
    for x in (gg.tensor(V), gg.tensor(V, requires_grad=True)):
        found = gg.asarray(make(x))
        assert found.dtype == wanted.dtype
        assert found.requires_grad == x.requires_grad
        np.testing.assert_array_equal(found.value, wanted)
    gg.testing.check_grads(lambda x: gg.asarray(make(x)), (V,), order=2)


@pytest.mark.parametrize(
    ("name", "engine"),
    [(name, engine) for engine in ("numpy", "native") for name in LISTS],
)
def test_compiled_and_batched(name: str, engine: str) -> None:
    make = LISTS[name]

    def gradient(x: Any) -> Any:
        return gg.grad(lambda x: gg.sum(gg.abs(gg.asarray(make(x))) ** 2))(x)

    compiled = gg.jit(gradient, engine=engine)
    for _ in range(3):
        np.testing.assert_allclose(compiled(V), gradient(V), rtol=1e-14)
    batched = gg.vmap(gradient)(np.stack([V, V + 1]))
    np.testing.assert_allclose(batched[1], gradient(V + 1), rtol=1e-14)


@pytest.mark.parametrize(
    "make",
    [
        lambda a, b: [a, b],
        lambda a, b: [a, 1],
        lambda a, b: [[a], [b]],
        lambda a, b: [a, b, 2.5, 1j],
    ],
)
@pytest.mark.parametrize("pair", [(1, 2), (1, 2.5), (True, False), (np.float32(1), 2),
                                  (np.int8(1), np.float32(2))])  # fmt: skip
def test_dtypes_are_those_of_numpy(make: Any, pair: Any) -> None:
    """Eager and compiled, where a number is an argument and weak in operations."""
    wanted = np.array(make(*pair))
    found = gg.asarray(make(*map(gg.asarray, pair)))
    assert found.dtype == wanted.dtype
    compiled = gg.jit(lambda a, b: gg.asarray(make(a, b)))(*pair)
    assert compiled.dtype == wanted.dtype
    np.testing.assert_array_equal(compiled, wanted)


def test_settings_of_asarray_hold_for_lists() -> None:
    t = gg.tensor(2.0, requires_grad=True)
    assert gg.asarray([t, 1], dtype="float32").dtype == np.float32
    assert gg.asarray([t, 1], copy=True).value.tolist() == [2, 1]
    assert gg.asarray([t, 1], device="cpu").device == "cpu"
    with pytest.raises(InvalidArgument, match="have to copy"):
        gg.asarray([t, 1], copy=False)


def test_a_leaf_of_tensors_that_are_not_tracked() -> None:
    leaf = gg.tensor([gg.tensor(1.0), 2.0], requires_grad=True)
    gg.sum(leaf**2).backward()
    assert leaf.grad.tolist() == [2, 4]
    with pytest.raises(NotDifferentiable, match="asarray"):
        gg.tensor([leaf[0], 1.0])


def test_other_functions_take_such_lists() -> None:
    t = gg.tensor(2.0, requires_grad=True)
    assert gg.interp(t, [0, t * 2], [0, t]).value == 1
    assert gg.linspace([t, 1], 3.0, 3).value.tolist() == [[2, 1], [2.5, 2], [3, 3]]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda x: [x, x[0]], InvalidArgument, r"\(3,\), \(\)"),
        (lambda x: [[x[0], 1], [2]], InvalidArgument, r"\(2,\), \(1,\)"),
        (lambda x: [x[0], "1"], UnsupportedOperand, "builtins.str"),
        (lambda x: [x[0], None], UnsupportedOperand, "NoneType"),
    ],
)
def test_what_is_no_array_is_said(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        gg.asarray(make(gg.tensor(V)))
