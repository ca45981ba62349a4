"""Killed at any moment, with nothing simulated: the same bits in the end, on every engine."""

from __future__ import annotations

import os
import random
import time
from dataclasses import replace

import pytest

from faults.actions import ENGINES
from faults.trials import Bench, contents

KILLS = 100 if os.environ.get("GPUGRAD_FAULTS") else 4


@pytest.mark.parametrize("engine", ["eager", *ENGINES])
def test_a_killed_run_goes_on(bench, engine):
    """Killed twice, at moments between beginning and end."""
    moment = random.Random(time.time_ns())
    bench.laboratory.warm(engine)
    trained: Bench = replace(bench, engine=engine)
    for _ in range(2):                  # the first may wait until all is warm
        trained.clear()
        start = time.monotonic()
        outcome = trained.begin()
        seconds = time.monotonic() - start
        assert outcome.error is None, outcome.error
    trained = replace(trained, wanted=contents(bench.run))
    said = []
    for _ in range(KILLS):
        trained.clear()
        for disturbed in (trained.begin, trained.resume):
            outcome = disturbed(killed_after=moment.uniform(0.0, seconds))
            trained.tally["kills"] += outcome.crashed
        said += trained.carry_on([])
    assert not said, "\n".join(said)
