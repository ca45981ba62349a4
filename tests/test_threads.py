"""The pool that runs parts of one step side by side."""

import os
from threading import Thread, get_ident
from time import sleep

import pytest

from gpugrad.engines import thread_pool


@pytest.fixture(params=["1", "2", "5"])
def _count(request, monkeypatch):
    monkeypatch.setenv(thread_pool.VARIABLE, request.param)


@pytest.mark.usefixtures("_count")
@pytest.mark.parametrize("parts", [0, 1, 2, 100])
def test_each_part_runs_once(parts):
    done = []
    thread_pool.spread(done.append, parts)
    assert sorted(done) == list(range(parts))


def test_parts_run_side_by_side(monkeypatch):
    monkeypatch.setenv(thread_pool.VARIABLE, "3")
    found = set()

    def part(i):
        found.add(get_ident())
        sleep(0.02)

    thread_pool.spread(part, 9)
    assert len(found) == 3


@pytest.mark.usefixtures("_count")
def test_an_error_is_raised_and_the_pool_goes_on():
    def part(i):
        if i == 3:
            raise ValueError("part 3")

    with pytest.raises(ValueError, match="part 3"):
        thread_pool.spread(part, 8)
    done = []
    thread_pool.spread(done.append, 4)
    assert sorted(done) == [0, 1, 2, 3]


def test_several_threads_spread_at_once(monkeypatch):
    monkeypatch.setenv(thread_pool.VARIABLE, "2")
    results = {}

    def run(name):
        done = []
        for _ in range(50):
            thread_pool.spread(done.append, 10)
        results[name] = sorted(done)

    running = [Thread(target=run, args=(name,)) for name in range(4)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert list(results.values()) == [sorted(list(range(10)) * 50)] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork(monkeypatch):
    monkeypatch.setenv(thread_pool.VARIABLE, "2")
    thread_pool.spread(lambda i: None, 4)
    child = os.fork()
    if child == 0:
        done = []
        thread_pool.spread(done.append, 4)
        os._exit(len(done))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4
