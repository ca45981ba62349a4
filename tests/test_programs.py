"""Random programs give the same eager, recorded, planned, on each engine and without each pass; one
of three as if its arrays were large.

`GPUGRAD_PROGRAMS=20000` runs that many, chosen anew each time; `GPUGRAD_PROGRAMS_ENGINE=numba` on
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
