"""Random programs give the same eager, recorded, planned, on each engine and without each pass; one
of three as if its arrays were large.

`GPUGRAD_PROGRAMS=20000` runs that many, chosen anew each time; `GPUGRAD_PROGRAMS_ENGINE=native` on
that engine, which takes seconds to compile each.
"""

import os
from dataclasses import replace
from typing import Any

import numpy as np
import programs as drawing
import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import (
    Apply,
    Gradient,
    Input,
    Operator,
    Program,
    Ref,
    check,
    check_plans,
    profile,
    programs,
)
from thresholds import SHARES, lowered

ENGINE = os.environ.get("GPUGRAD_PROGRAMS_ENGINE", "numpy")


@profile(150)
@given(programs(), st.sampled_from(SHARES))
def test_a_program_gives_the_same_however_it_is_run(program: Program, low: tuple[str, ...]) -> None:
    with lowered(low):
        try:
            check(program, ENGINE)
            check_plans(program)
        except Exception:
            for n in range(len(program.instructions)):      # the shortest that fails says more
                beginning = replace(program, instructions=program.instructions[:n])
                check(beginning, ENGINE)
                check_plans(beginning)
            raise


RANK_ONE = (Operator("mul", Ref(0), Ref(1)), Apply("svdvals", (Ref(2),)))
LOGARITHM = Apply("log", (Ref(3),))
SQUARE = Gradient((Apply("matmul", (Ref(2), Ref(2))), Apply("svdvals", (Ref(4),))), (2,), True)


@pytest.mark.parametrize(
    ("further", "place", "moved", "fine"),
    [
        ((), 3, 4e-16, True),                       # singular values that are 0 but for rounding
        ((), 3, 1e-12, False),
        ((LOGARITHM,), 4, 3.0, True),               # whose logarithm is what it happens to be
        ((LOGARITHM,), 0, 4e-16, False),            # the operand itself is exact
        ((SQUARE,), 4, 1e-15, True),
        ((SQUARE,), 4, 1e-9, False),
    ],
)
def test_where_elements_meet_roundings_of_the_largest_are_allowed(
    further: tuple[Any, ...], place: int, moved: float, fine: bool
) -> None:
    program = Program((Input((3, 1)), Input((1, 3))), (*RANK_ONE, *further))
    arguments = [np.array([[1.0], [0.5], [1e-6]]), np.array([[2.0, 1.0, 0.5]])]
    wanted = drawing.eager(program, arguments)[place]
    found = np.array(wanted)
    found.flat[-1] += moved * (np.abs(wanted).max() if moved < 1 else 1)

    def compare() -> None:
        drawing._same(found, wanted, program, arguments, place, "here")

    if fine:
        compare()
    else:
        with pytest.raises(AssertionError, match=f"here, result {place}"):
            compare()


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("many", [(), (5,)])
@pytest.mark.parametrize("of_gradient", [False, True])
def test_a_determinant_of_equal_elements_is_known_but_for_their_roundings(
    dtype: str, many: tuple[int, ...], of_gradient: bool
) -> None:
    """By n eps times the product of the lengths of the rows, Hadamard's bound; not to more."""
    product = Operator("mul", Ref(0), Ref(1))
    det = Apply("det", (Ref(2 if of_gradient else 0, (*many, 2, 2)),))
    inside = Gradient((product, det), (0,), False)
    program = Program((Input((), dtype), Input((), dtype)), (inside if of_gradient else det,))
    arguments = [np.array(0.7, dtype), np.array(2.0, dtype)]
    wanted = drawing.eager(program, arguments)[2]
    size = 1.4 if of_gradient else 0.7
    bound = 2 * np.finfo(dtype).eps * 2 * size**2

    def compare(moved: float) -> None:
        found = np.asarray(wanted + moved, wanted.dtype)
        drawing._same(found, wanted, program, arguments, 2, "here")

    compare(bound)
    with pytest.raises(AssertionError, match="here, result 2"):
        compare(1000 * bound)
