"""Random programs give the same eager, recorded, planned, on each engine and without each pass; one
of three as if its arrays were large.

`GPUGRAD_PROGRAMS=20000` runs that many, chosen anew each time; `GPUGRAD_PROGRAMS_ENGINE=numba` on
that engine, which takes seconds to compile each.
"""

import os
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from programs import Program, check, check_plans, profile, programs
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
