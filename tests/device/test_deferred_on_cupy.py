"""What is large by broadcasting alone is made part by part on a GPU too, while it is traced."""

from __future__ import annotations

import cupy as cp
import pytest
from test_deferred import OURS, PROGRAMS, close, given
from thresholds import lowered

import gpugrad as gg
from gpugrad.tracing.deferred import Deferred


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_has_the_values_of_the_function_itself(name: str) -> None:
    x, y = map(cp.asarray, given("float64"))
    f = PROGRAMS[name]
    wanted = gg.tree.map(lambda t: t.to_device("cpu"), f(gg.tensor(x), gg.tensor(y)))
    with lowered(OURS[:1] + OURS[2:3]):
        step = gg.jit(f)
        for _ in range(3):
            close(gg.tree.map(cp.asnumpy, step(x, y)), wanted, "float64")


def test_no_whole_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deferred, "array", None)
    x = cp.sin(cp.arange(160.0)).reshape(20, 8)
    with lowered(OURS[:1] + OURS[2:3]):
        found = gg.jit(PROGRAMS["kernel"])(x, x)
    close(cp.asnumpy(found), cp.asnumpy(PROGRAMS["kernel"](x, x)), "float64")
