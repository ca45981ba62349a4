"""Eight threads at once: each gets what it would get alone.

On an ordinary Python they switch as often as it lets them; on a free-threaded one they run at once.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends import references
from gpugrad.core import inplace
from gpugrad.engines import pool
from gpugrad.sweep import planned, sweep

THREADS = 8
ROUNDS = 25


@pytest.fixture(autouse=True)
def _eager_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def together(work: Callable[[int], Any]) -> list[Any]:
    """What `work(i)` gives in each of the threads, which begin at the same time."""
    results: list[Any] = [None] * THREADS
    errors: list[BaseException] = []
    start = Barrier(THREADS)

    def run(i: int) -> None:
        try:
            start.wait(60)
            results[i] = work(i)
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=(i,)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    if errors:
        raise errors[0]
    return results


def data(i: int, *shape: int) -> Any:
    return np.random.default_rng(i).uniform(0.5, 1.5, shape or (40,))


def loss(x: Any, w: Any) -> Any:
    y = gg.tanh(gg.matmul(x, w))
    return gg.mean((y * gg.exp(-y) - gg.sin(x[:, :1])) ** 2)


def test_a_failure_in_one_thread_is_raised() -> None:
    def work(i: int) -> None:
        assert i != 5

    with pytest.raises(AssertionError):
        together(work)


@pytest.mark.usefixtures("sweeps")
def test_gradients_of_functions() -> None:
    shared = data(100, 3, 4)                        # an operand of all the graphs

    def work(i: int) -> list[Any]:
        x = data(i, 5, 3)
        return [gg.grad(loss, argnums=(0, 1))(x + k, shared) for k in range(ROUNDS)]

    for i, got in enumerate(together(work)):
        with planned.use_planned_sweeps(False):
            wanted = work(i)
        for a, b in zip(got, wanted, strict=True):
            np.testing.assert_allclose(a[0], b[0], rtol=1e-12, atol=1e-15)
            np.testing.assert_allclose(a[1], b[1], rtol=1e-12, atol=1e-15)


@pytest.mark.usefixtures("sweeps")
def test_graphs_on_one_leaf() -> None:
    """Each thread has a graph of its own, and all of them end in the same leaves."""
    leaf = gg.tensor(data(0), requires_grad=True)
    common = gg.sin(leaf) * 2.0                     # a part that all graphs have

    def work(i: int) -> Any:
        found = []
        for k in range(ROUNDS):
            out, pullback = gg.vjp(lambda x, n: gg.sum(gg.cos(x * n)), leaf.value, i + k + 0.0)
            found.append(np.asarray(out))
            found.append(np.asarray(pullback(np.ones(()))[0]))
            gg.sum(common * (i + 1)).backward(keep_graph=True)
        return found

    wanted = [work(i) for i in range(THREADS)]
    leaf.grad = None
    for got, alone in zip(together(work), wanted, strict=True):
        for a, b in zip(got, alone, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)
    each = 2.0 * np.cos(data(0))
    total = sum(ROUNDS * (i + 1) for i in range(THREADS))
    np.testing.assert_allclose(leaf.grad, each * total, rtol=1e-12)


def test_gradients_of_all_threads_add_up() -> None:
    leaf = gg.tensor(data(0), requires_grad=True)

    def work(i: int) -> None:
        for _ in range(120 * ROUNDS):
            gg.sum(leaf * 1.0).backward()

    sys.setswitchinterval(1e-6)
    together(work)
    assert leaf.grad.tolist() == [120.0 * ROUNDS * THREADS] * 40


def test_higher_derivatives_and_batches() -> None:
    def f(x: Any) -> Any:
        return gg.sum(gg.exp(gg.sin(x)) / (1.0 + x * x))

    def work(i: int) -> list[Any]:
        x = data(i, 3)
        rows = data(i, 6, 3)
        return [
            gg.grad(lambda x: gg.sum(gg.grad(f)(x) ** 2))(x),
            gg.hessian(f)(x),
            gg.vmap(gg.grad(f))(rows),
            gg.jacobian(gg.vmap(gg.sin))(x),
            gg.jvp(f, (x,), (np.ones(3),))[1],
        ]

    for i, got in enumerate(together(lambda i: [work(i) for _ in range(5)])):
        wanted = work(i)
        for results in got:
            for a, b in zip(results, wanted, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_one_compiled_function_of_many_shapes() -> None:
    """All threads record, confirm and run the same signatures at the same time."""
    step = gg.jit(gg.value_and_grad(loss, argnums=(0, 1)), engine="numpy")

    def work(i: int) -> list[Any]:
        return [
            step(data(i * 100 + k, 2 + k % 7, 3), data(k, 3, 4)) for k in range(ROUNDS)
        ]

    for i, got in enumerate(together(work)):
        for k, (value, (to_x, to_w)) in enumerate(got):
            args = data(i * 100 + k, 2 + k % 7, 3), data(k, 3, 4)
            wanted, (wanted_x, wanted_w) = gg.value_and_grad(loss, argnums=(0, 1))(*args)
            np.testing.assert_allclose(value, wanted, rtol=1e-12)
            np.testing.assert_allclose(to_x, wanted_x, rtol=1e-11, atol=1e-15)
            np.testing.assert_allclose(to_w, wanted_w, rtol=1e-11, atol=1e-15)


def test_donated_state_of_each_thread() -> None:
    def update(state: Any, x: Any) -> Any:
        return state * 0.5 + gg.sin(x)

    step = gg.jit(update, engine="numpy", donate_argnums=(0,))

    def work(i: int) -> list[Any]:
        state, seen = data(i), []
        for k in range(4 * ROUNDS):
            state = step(state, data(k))
            if k % 10 == 0:
                seen.append(state)                  # kept: it may not be written over
                state = state.copy()
        return [*seen, state]

    for i, got in enumerate(together(work)):
        state, seen = data(i), []
        for k in range(4 * ROUNDS):
            state = state * 0.5 + np.sin(data(k))
            if k % 10 == 0:
                seen.append(state)
        for a, b in zip(got, [*seen, state], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)


def test_writes_in_place_to_what_began_as_one_array() -> None:
    start = data(0, 60)
    before = start.copy()
    handle = gg.tensor(start)

    def work(i: int) -> tuple[Any, Any]:
        mine, other = gg.tensor(start), gg.stop_gradient(handle)
        row = mine[10:20]
        for k in range(ROUNDS):
            mine[k] = float(i)
            row += i
            mine *= 1.5
            other[k] = -1.0
        return mine.value, other.value

    for i, (mine, other) in enumerate(together(work)):
        wanted, wanted_other = before.copy(), before.copy()
        for k in range(ROUNDS):
            wanted[k] = i
            wanted[10:20] += i
            wanted *= 1.5
            wanted_other[k] = -1.0
        np.testing.assert_allclose(mine, wanted, rtol=1e-13)
        np.testing.assert_array_equal(other, wanted_other)
    np.testing.assert_array_equal(start, before)
    np.testing.assert_array_equal(handle.value, before)


def test_what_another_thread_holds_is_not_written_over() -> None:
    """Arrays are handed from thread to thread while the Tensors that gave them are written to."""
    from queue import SimpleQueue

    lines: list[SimpleQueue[Any]] = [SimpleQueue() for _ in range(THREADS)]

    def work(i: int) -> int:
        t, wrong = gg.tensor(np.zeros(30)), 0
        for k in range(8 * ROUNDS):
            t += np.ones(30)
            t[k % 30] = float(k + 1)
            t[:] = float(k + 1)
            lines[(i + 1) % THREADS].put((t.value, k + 1))
            array, number = lines[i].get(timeout=60)
            wrong += not (array == number).all()
            lines[(i + 2) % THREADS].put((array, number))
            array, number = lines[i].get(timeout=60)
            wrong += not (array == number).all()
        return wrong

    assert together(work) == [0] * THREADS


def test_plans_that_are_given_up_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """More signatures than are remembered, and more bytes than are kept."""
    monkeypatch.setattr(planned, "MEETINGS", 2)
    monkeypatch.setattr(planned, "REMEMBERED", 3)
    monkeypatch.setattr(planned, "CAPACITY", 100_000)         # room for two or three
    planned.cache.clear()

    def work(i: int) -> list[Any]:
        found = []
        for k in range(3 * ROUNDS):
            x = data(k, 1 + k % 11)
            found.append(gg.grad(lambda x: gg.sum(gg.sin(x) * gg.exp(x)))(x))
        return found

    for got in together(work):
        for k, g in enumerate(got):
            x = data(k, 1 + k % 11)
            np.testing.assert_allclose(g, np.exp(x) * (np.sin(x) + np.cos(x)), rtol=1e-12)
    planned.cache.clear()


def test_profiles_and_finding_faults_beside_others() -> None:
    f = gg.jit(lambda x: gg.sum(gg.sin(x) * x), engine="numpy")

    def work(i: int) -> Any:
        for k in range(ROUNDS):
            if i == 0:
                with gg.profile() as p:
                    f(data(k))
                str(p)
            elif i == 1:
                with gg.debug():
                    f(data(k))
            np.testing.assert_allclose(f(data(k)), np.sum(np.sin(data(k)) * data(k)), rtol=1e-12)
        return True

    assert all(together(work))


FIRST_USE = """
import sys
from threading import Barrier, Thread
import numpy as np
import gpugrad as gg

sys.setswitchinterval(1e-5)
start, wrong = Barrier(8), []

def work(i):
    start.wait(60)
    try:
        x = np.linspace(0.1, 0.9, 12).reshape(3, 4)
        model = gg.nn.MLP([4, 5, 2], rng=0, dtype="float64")
        step = gg.jit(gg.grad(lambda m, x: gg.mean(m(x) ** 2)), engine="numpy")
        for _ in range(4):
            step(model, x)
        np.testing.assert_allclose(gg.grad(lambda x: gg.sum(gg.sin(x)))(x), np.cos(x))
        np.testing.assert_allclose(gg.vmap(gg.grad(lambda r: gg.sum(r * r)))(x), 2 * x)
        np.testing.assert_allclose(gg.linalg.svd(x)[1], np.linalg.svd(x)[1])
        np.testing.assert_allclose(gg.fft.fft(x), np.fft.fft(x))
        gg.random.normal(gg.random.key(i), (3,))
        with gg.profile():
            step(model, x)
    except BaseException as error:
        wrong.append(repr(error))

threads = [Thread(target=work, args=(i,)) for i in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not wrong, wrong
"""


def test_everything_is_used_for_the_first_time_at_once() -> None:
    """What is made at its first use, modules too, is made while seven others ask for it."""
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", FIRST_USE], capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@pytest.fixture
def _uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a Python without a global lock, where no count of references says anything."""
    monkeypatch.setattr(inplace, "HELD", -1)
    monkeypatch.setattr(sweep, "HELD", -1)
    monkeypatch.setattr(pool, "COUNTED", False)


@pytest.mark.usefixtures("_uncounted")
def test_without_counts_everything_is_copied_and_nothing_else_changes() -> None:
    t = gg.tensor(np.arange(6.0).reshape(2, 3))
    row = t[1]
    for write in (
        lambda: t.__iadd__(np.ones((2, 3))),
        lambda: t.__setitem__((0, 1), 7.0),
        lambda: row.__imul__(2.0),
    ):
        before = t.value
        kept = before.copy()
        write()
        assert not np.shares_memory(before, t.value)
        np.testing.assert_array_equal(before, kept)
    np.testing.assert_array_equal(t.value, [[1.0, 7.0, 3.0], [8.0, 10.0, 12.0]])
    np.testing.assert_array_equal(row.value, [8.0, 10.0, 12.0])

    step = gg.jit(lambda state: state + 1.0, engine="numpy", donate_argnums=0)
    results = [step(np.full(4, float(k))) for k in range(6)]
    for k, result in enumerate(results):
        np.testing.assert_array_equal(result, k + 1.0)
    state = np.zeros(4)
    for _ in range(6):                              # in the memory that it returned before
        state = step(state)
    np.testing.assert_array_equal(state, 6.0)
    np.testing.assert_allclose(gg.grad(lambda x: gg.sum(x * x))(np.ones(3)), 2.0)


def test_counts_are_relied_on_where_there_is_a_global_lock() -> None:
    locked = not hasattr(sys, "_is_gil_enabled") or "t" not in sys.abiflags
    assert references.COUNTED is locked
    assert (references.HELD >= 0) is locked
