"""Random programs give the same eager, recorded, planned, on each engine and without each pass.

`GPUGRAD_PROGRAMS=20000` runs that many, chosen anew each time; `GPUGRAD_PROGRAMS_ENGINE=numba` on
that engine, which takes seconds to compile each.
"""

import os
from dataclasses import replace

from hypothesis import given
from programs import Program, check, check_plans, profile, programs

ENGINE = os.environ.get("GPUGRAD_PROGRAMS_ENGINE", "numpy")


@profile(150)
@given(programs())
def test_a_program_gives_the_same_however_it_is_run(program: Program) -> None:
    try:
        check(program, ENGINE)
        check_plans(program)
    except Exception:
        for n in range(len(program.instructions)):  # the shortest beginning that fails says more
            beginning = replace(program, instructions=program.instructions[:n])
            check(beginning, ENGINE)
            check_plans(beginning)
        raise
