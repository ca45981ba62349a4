"""What is open is taken for equal, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from freedom import OPEN, aligned
from liberties import LIBERTIES
from op_cases import Case, cases
from rounding import assert_same

from gpugrad.backends import numpy_namespace

DTYPES = ("float64", "complex128")
CASES = [(case, dtype) for name in OPEN for case in cases(name) for dtype in DTYPES]


def results(case: Case, dtype: str, xp: Any = numpy_namespace) -> tuple[Any, ...]:
    (x,) = case.arrays(dtype)
    if case.op == "eigh":
        return tuple(xp.eigh(x, UPLO="U" if case.settings.get("upper") else "L"))
    found = getattr(xp, case.op)(x)
    return tuple(found) if isinstance(found, tuple) else (found,)


def same(case: Case, found: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    try:
        assert_same(aligned(case.op, found, wanted), wanted, rounding=10)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize(("case", "dtype"), CASES, ids=str)
def test_a_library_that_decides_otherwise_is_right(case: Case, dtype: str) -> None:
    wanted, found = (results(case, dtype, xp) for xp in (numpy_namespace, LIBERTIES))
    if np.shape(wanted[-1])[-1] > 1:                # what has one vector has hardly a choice
        with pytest.raises(AssertionError):
            assert_same(found, wanted, rounding=10)
    assert same(case, found, wanted)


def one_alone(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """The vectors on one side turn, and those that belong to them do not."""
    return (-parts[0], *parts[1:])


def turned_into_another(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """A vector leans a millionth over to its neighbour."""
    vectors = np.array(parts[-1] if len(parts) == 2 else parts[0])
    vectors[..., 0] += 1e-6 * vectors[..., 1]
    return (parts[0], vectors) if len(parts) == 2 else (vectors, *parts[1:])


def longer(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Vectors of another length."""
    return tuple(x * (1 + 1e-6) for x in parts)


def one_value_twice(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """In the place of another."""
    place = 1 if len(parts) == 3 else 0
    values = np.array(parts[place])
    values[..., 0] = values[..., 1]
    return tuple(values if i == place else x for i, x in enumerate(parts))


MISTAKES: list[tuple[str, Callable[[tuple[Any, ...]], tuple[Any, ...]]]] = [
    *((name, one_alone) for name in ("svd", "full_svd", "qr", "complete_qr", "eigh", "eig")),
    *((name, turned_into_another) for name in ("svd", "full_svd", "eigh", "eig")),
    *((name, longer) for name in OPEN),
    *((name, one_value_twice) for name in ("svd", "full_svd", "eigh", "eig", "eigvals")),
]


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=lambda x: getattr(x, "__name__", x))
def test_what_is_not_open_is_found(
    name: str, mistake: Callable[[tuple[Any, ...]], tuple[Any, ...]]
) -> None:
    for case in cases(name):
        for dtype in DTYPES:
            wanted = results(case, dtype)
            if wanted[-1].shape[-1] > 1:
                assert not same(case, mistake(results(case, dtype)), wanted)


def test_values_in_rising_order_stay_in_it() -> None:
    case = cases("eigh")[0]
    values, vectors = results(case, "float64")
    assert not same(case, (values[::-1], vectors[:, ::-1]), (values, vectors))


def test_a_completed_basis_has_to_be_one() -> None:
    case = cases("full_svd")[0]
    u, s, vh = results(case, "float64")
    other = np.array(u)
    other[:, -1] = u[:, 0]
    assert not same(case, (other, s, vh), (u, s, vh))
