"""Random programs give the same eager, recorded, planned, on each engine and without each pass.

`GPUGRAD_PROGRAMS=20000` runs that many, chosen anew each time.
"""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from programs import Program, check, check_plans, programs

MOST = int(os.environ.get("GPUGRAD_PROGRAMS", "0"))


def profile(examples: int) -> settings:
    """The same programs each time, unless more of them are asked for."""
    return settings(
        max_examples=MOST or examples,
        derandomize=not MOST,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@profile(150)
@given(programs())
def test_a_program_gives_the_same_however_it_is_run(program: Program) -> None:
    try:
        check(program)
        check_plans(program)
    except Exception:
        for n in range(len(program.instructions)):  # the shortest beginning that fails says more
            beginning = replace(program, instructions=program.instructions[:n])
            check(beginning)
            check_plans(beginning)
        raise


@pytest.fixture(scope="module")
def _empty_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compiled anew: what an earlier version left in the user's cache is not what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPUGRAD_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.usefixtures("_empty_cache")
@profile(4)
@given(program=programs())
def test_a_program_gives_the_same_compiled(program: Program) -> None:
    pytest.importorskip("numba", reason="the engine numba is not installed")
    check(program, "numba")
