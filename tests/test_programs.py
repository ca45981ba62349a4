"""Random programs give the same eager, recorded, planned, on each engine and without each pass.

`GPUGRAD_PROGRAMS=20000` runs that many programs, chosen anew each time.
"""

import os

from hypothesis import HealthCheck, given, settings
from programs import Program, check, programs

MOST = int(os.environ.get("GPUGRAD_PROGRAMS", "0"))


@settings(
    max_examples=MOST or 250,
    derandomize=not MOST,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_a_program_gives_the_same_however_it_is_run(program: Program) -> None:
    check(program)
