"""Streams, events, and what happens when nobody waits for them.

On a CPU, work is done when something waits for it and no earlier, so a missing wait gives poison;
on a GPU it may go well all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import cupy as cp
import numpy as np
import pytest
from cuda_on_cpu import observe
from cupy.cuda import runtime
from cupyx import empty_pinned
from resident import resident

only_on_cpu = pytest.mark.only_on_cpu               # on a GPU it may go well

N = 1000


@pytest.fixture
def first() -> Any:
    return cp.cuda.Stream(non_blocking=True)


@pytest.fixture
def second() -> Any:
    return cp.cuda.Stream(non_blocking=True)


@pytest.fixture(autouse=True)
def _own_stream() -> Iterator[None]:
    """Work of one test is no work of the next."""
    with cp.cuda.Stream.null:
        yield
    cp.cuda.Device().synchronize()


def read(x: Any, stream: Any) -> Any:
    with stream:
        return cp.asnumpy(x)


def test_a_stream_keeps_its_order(first: Any) -> None:
    with first:
        x = cp.arange(N)
        y = x * 2 + 1
    assert (read(y, first) == np.arange(N) * 2 + 1).all()


def wait_for_event(first: Any, second: Any) -> None:
    second.wait_event(first.record())


def wait_on_host(first: Any, second: Any) -> None:
    first.synchronize()


def wait_for_event_on_host(first: Any, second: Any) -> None:
    first.record().synchronize()


def wait_for_device(first: Any, second: Any) -> None:
    cp.cuda.Device().synchronize()


def wait_for_query(first: Any, second: Any) -> None:
    event = first.record()
    while not event.done:
        pass


def wait_for_nothing(first: Any, second: Any) -> None:
    pass


def wait_for_too_early_an_event(first: Any, second: Any) -> None:
    second.wait_event(cp.cuda.Event())


def wait_the_wrong_way_round(first: Any, second: Any) -> None:
    first.wait_event(second.record())


def wait_for_the_wrong_stream(first: Any, second: Any) -> None:
    second.synchronize()


def wait_for_a_flag(first: Any, second: Any) -> None:
    event = first.record()
    assert not event.done                           # asked once, and not until it is


WAITS = [wait_for_event, wait_on_host, wait_for_event_on_host, wait_for_device, wait_for_query]

NO_WAITS = [wait_for_nothing, wait_for_too_early_an_event, wait_the_wrong_way_round,
            wait_for_the_wrong_stream, wait_for_a_flag]  # fmt: skip


def made_and_read(wait: Callable[[Any, Any], None], first: Any, second: Any) -> Any:
    """An array that one stream makes and another copies, with some wait in between."""
    with first:
        x = cp.empty(N)
        x.fill(1.0)
        x *= 3.0
    wait(first, second)
    with second:
        return cp.asnumpy(x + 0.0)


@pytest.mark.parametrize("wait", WAITS)
def test_what_was_waited_for_is_there(
    wait: Callable[[Any, Any], None], first: Any, second: Any
) -> None:
    assert (made_and_read(wait, first, second) == 3.0).all()


@only_on_cpu
@pytest.mark.parametrize("wait", NO_WAITS)
def test_what_was_not_waited_for_is_missing(
    wait: Callable[[Any, Any], None], first: Any, second: Any
) -> None:
    assert (made_and_read(wait, first, second) != 3.0).all()


@only_on_cpu
def test_a_write_that_should_have_waited_comes_too_early(first: Any, second: Any) -> None:
    x = cp.ones(N)
    cp.cuda.Device().synchronize()
    with first:
        y = x + 0.0
    with second:
        x.fill(7.0)
    cp.cuda.Device().synchronize()
    assert (cp.asnumpy(y) == 7.0).all()


def test_an_event_is_ready_when_what_is_before_it_is_done(first: Any) -> None:
    with first:
        x = cp.ones(N)
        event = first.record()
        x += 1.0
        later = first.record()
    event.synchronize()
    assert event.done
    assert not observe.ON_CPU or not later.done
    first.synchronize()
    assert later.done


def test_an_event_that_was_not_recorded_is_ready() -> None:
    assert cp.cuda.Event().done


def test_events_have_times(first: Any) -> None:
    a = first.record()
    with first:
        cp.ones(N)
    b = first.record()
    b.synchronize()
    assert cp.cuda.get_elapsed_time(a, b) >= 0.0


def test_the_legacy_stream_waits_for_blocking_streams() -> None:
    blocking = cp.cuda.Stream()
    with blocking:
        x = cp.ones(N)
    y = x + 1.0                                     # on the legacy stream
    with blocking:
        z = y * 2.0
    assert (read(z, blocking) == 4.0).all()


@only_on_cpu
def test_the_legacy_stream_does_not_wait_for_others(first: Any) -> None:
    with first:
        x = cp.empty(N)
        x.fill(1.0)
    assert (cp.asnumpy(x) != 1.0).all()


def test_each_thread_has_a_default_stream_of_its_own() -> None:
    found: list[bool] = []

    def work() -> None:
        with cp.cuda.Stream.ptds:
            x = cp.ones(N)
            found.append(bool((cp.asnumpy(x * 2.0) == 2.0).all()))

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 3


# Copies


def test_pageable_memory_may_change_when_a_copy_has_returned(first: Any) -> None:
    a = np.ones(N)
    with first:
        x = cp.empty(N)
        x.set(a)
    a[:] = 2.0
    assert (read(x, first) == 1.0).all()


@only_on_cpu
def test_pinned_memory_is_read_when_the_copy_is_done(first: Any) -> None:
    a = empty_pinned(N)
    a[:] = 1.0
    with first:
        x = cp.empty(N)
        x.set(a)
    a[:] = 2.0
    assert (read(x, first) == 2.0).all()


@only_on_cpu
def test_a_copy_to_pinned_memory_has_to_be_waited_for(first: Any) -> None:
    a = empty_pinned(N)
    a[:] = 0.0
    with first:
        x = cp.ones(N)
        x.get(out=a, blocking=False)
    assert (a == 0.0).all()
    first.synchronize()
    assert (a == 1.0).all()


@only_on_cpu
def test_a_copy_of_pageable_memory_is_on_its_way_when_it_returns(first: Any) -> None:
    """`cudaMemcpy` too: it was copied for the transfer, and other streams have to wait for that."""
    a = np.ones(N)
    x = cp.empty(N)
    cp.cuda.Device().synchronize()
    runtime.memcpy(x.data.ptr, a.ctypes.data, a.nbytes, runtime.memcpyHostToDevice)
    assert (read(x, first) != 1.0).all()
    cp.cuda.Device().synchronize()
    assert (read(x, first) == 1.0).all()


def test_host_functions_run_in_their_turn(first: Any) -> None:
    said: list[str] = []
    with first:
        cp.ones(N)
        first.launch_host_func(said.append, "a")
        first.launch_host_func(said.append, "b")
    first.synchronize()
    assert said == ["a", "b"]


def test_many_launches_need_no_wait(first: Any) -> None:
    """More than a queue holds."""
    with first:
        x = cp.zeros(1)
        for _ in range(3000):
            x += 1.0
    assert float(read(x, first)[0]) == 3000.0


def test_memory_that_waits_for_its_turn_is_bounded() -> None:
    """Of a program that frees what it makes and never waits."""
    before = resident()
    for _ in range(300):
        cp.ones(1_000_000)
    assert resident() - before < 1000               # of 2,400
