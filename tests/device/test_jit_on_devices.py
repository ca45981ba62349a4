"""One function under `gg.jit` for several devices: what it keeps and tells is that of all."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import cupy as cp
import numpy as np
import pytest
from mixing import host, there

import gpugrad as gg
from gpugrad.errors import MixedBackends
from gpugrad.transforms.jit import kept

pytestmark = [pytest.mark.two_devices, pytest.mark.usefixtures("current")]

X = np.array([[0.3, 0.7, 0.45], [0.9, 0.2, 0.55]])


def loss(x: Any) -> Any:
    return gg.sum(gg.tanh(x @ x.T) ** 2) + 1


def plans(step: Any) -> int:
    return len(step._cache.kept.entries)


AGAIN = "traced     again: the device was 1 and is 0"


def explained(step: Any, x: Any) -> str:
    """All but why it was traced for the second device, of which it tells as well."""
    lines = step.explain(x).splitlines()
    assert (AGAIN in lines) == (x.device.id == 0)
    return "\n".join(line for line in lines if line != AGAIN)


TELLS: dict[str, Callable[..., Any]] = {
    "compile": lambda step, x: step.compile(x),
    "plan": lambda step, x: str(step.plan(x)),
    "explain": explained,
    "source": lambda step, x: step.source(x),
}


@pytest.mark.parametrize("name", TELLS)
def test_what_it_tells_is_what_runs(name: str, runs: list[int]) -> None:
    """On each device; calls after it record nothing, and it records nothing after calls."""
    step, wanted = gg.jit(loss), None
    for turn in range(2):
        for device in (1, 0):
            x = there(X, device)
            told = TELLS[name](step, x)
            assert len(runs) == (2 * (2 - device) if turn == 0 else 4)
            y = step(x)
            assert y.device.id == device
            np.testing.assert_allclose(host(y), np.sum(np.tanh(X @ X.T) ** 2) + 1, rtol=1e-12)
            assert wanted is None or told == wanted
            wanted = told
    assert len(runs) == 4
    assert plans(step) == 2


def test_calls_that_take_turns_record_nothing() -> None:
    step = gg.jit(loss)
    for device in (0, 1):
        step.compile(there(X, device))
    with gg.profile() as p:
        for _ in range(3):
            for device in (0, 1):
                assert step(there(X, device)).device.id == device
    assert sorted(total.calls for total in p.totals.values()) == [3, 3]
    assert not [event for event in p.events if event.timeline is None]


def test_the_limit_is_of_what_it_keeps_for_all_devices(
    monkeypatch: pytest.MonkeyPatch, runs: list[int]
) -> None:
    step = gg.jit(loss)
    step.compile(there(X, 0))
    monkeypatch.setattr(kept, "CAPACITY", 3 * step._cache.compiled((there(X, 0),), {}).plan_bytes)
    with gg.profile() as p:
        for _ in range(3):
            step(there(X, 1))
        assert plans(step) == 1
        assert step(there(X, 0)).device.id == 0
    (report,) = p.kept.values()                     # of one function, which has one name
    assert (report.name, report.dropped, report.again) == ("loss", 2, 1)
    assert "loss: 1 plans kept" in str(p)


ON_THE_HOST: dict[str, tuple[Callable[..., Any], Any]] = {
    "an array": (loss, X),
    "a tree": (lambda t: {"y": loss(t["x"]) * t["k"]}, {"x": X, "k": 0.5}),
}


@pytest.mark.parametrize("name", ON_THE_HOST)
def test_arrays_on_the_host_have_one_plan(name: str, runs: list[int]) -> None:
    f, arg = ON_THE_HOST[name]
    step = gg.jit(f)
    for device in (0, 1, 0, 1, 1):
        with cp.cuda.Device(device):
            step(arg)
    assert len(runs) == 2
    assert plans(step) == 1


def test_donated_arrays_stay_where_they_are() -> None:
    step = gg.jit(lambda w, x: (w * 0.5 + x, gg.sum(x)), donate_argnums=0)
    for _ in range(2):
        for device in (0, 1):
            w = there(X, device)
            for _ in range(4):
                w, total = step(w, there(X, device))
                assert w.device.id == total.device.id == device
            np.testing.assert_allclose(host(w), X * 0.5**4 + X * (2 - 0.5**3), rtol=1e-12)
            again, _ = step(w, there(X, device))
            assert again is w
    for order in ((0, 1), (1, 0)):
        with pytest.raises(MixedBackends, match=r"gg\.jit: operands are on different devices"):
            step(*(there(X, device) for device in order))


def test_while_another_thread_records() -> None:
    """The device is that of the arguments, and not the current one."""
    began, go_on = Event(), Event()

    def slow(x: Any) -> Any:
        began.set()
        assert go_on.wait(60)
        return x * 2

    thread = Thread(target=gg.jit(slow), args=(X,))
    thread.start()
    try:
        assert began.wait(60)
        step = gg.jit(lambda x: gg.sum(x + gg.ones((2, 3))))
        for _ in range(4):
            y = step(there(X, 1))
            assert y.device.id == 1
            np.testing.assert_allclose(host(y), X.sum() + 6, rtol=1e-12)
    finally:
        go_on.set()
        thread.join()
