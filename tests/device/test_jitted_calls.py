"""What a call of a compiled plan does around its graph: numbers, streams, threads and captures."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import cupy as cp
import networks
import numpy as np
import pytest
from calls import called

import gpugrad as gg
from gpugrad.engines.cuda import compiled, product
from gpugrad.engines.cuda import instance as instances
from gpugrad.engines.cuda.engine import compile_plan
from gpugrad.errors import InvalidArgument

X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)


def new_stream() -> Any:
    """A stream that waits for no other by itself."""
    return cp.cuda.Stream(non_blocking=True)


def new_memory() -> Callable[[int], Any]:
    """An allocator of memory that nobody had before, where the same numbers could still lie."""
    held = []

    def allocate(nbytes: int) -> Any:
        held.append(cp.cuda.Memory(nbytes))
        return cp.cuda.MemoryPointer(held[-1], 0)

    return allocate


# Numbers

OF_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "sums and products": lambda n, x: (n + 1, n - 3, 2 * n, n * n + n, -n),
    "the number itself": lambda n, x: (n, x * n),
    "a constant": lambda n, x: (3, 2.5, x * n),
    "a quotient": lambda n, x: (n / 4, x / (n + 5)),
    "a power": lambda n, x: (n**2, n**3, x * n**2),
    "a remainder": lambda n, x: (n % 3, n // 2, x),
    "comparisons": lambda n, x: (n < 3, n == 5, gg.where(n < 3, n, 2 * n), x),
    "functions": lambda n, x: (gg.sqrt(n), gg.log(n), gg.exp(gg.sin(n)), x + gg.sqrt(n)),
    "arrays of one": lambda n, x: (gg.asarray(n) + 1, gg.astype(gg.asarray(n), "float32"), n + 1),
    "an array of several": lambda n, x: (gg.asarray([n, 2, n + 1]), x * n),
    "full": lambda n, x: (gg.full((), n), gg.full((2, 3), n) * x, gg.broadcast_to(n, (2, 3)) + x),
    "a place": lambda n, x: (gg.where(gg.arange(3) == n, x, 0.0), n + 1),
    "both": lambda n, x: (n + gg.sum(x), gg.asarray(n + 1), n + 1, x),
    "without an array": lambda n, x: (n + 1, n * 2),
}


@pytest.mark.parametrize("numbers", [(2, 5, 1, 0), (2.0, 0.0, -1.5, 9.25), (True, False) * 2],
                         ids=["int", "float", "bool"])  # fmt: skip
@pytest.mark.parametrize("name", OF_NUMBERS)
def test_numbers_are_those_of_the_cpu(name: str, numbers: tuple[Any, ...]) -> None:
    """In value and kind: what is a number there is one here, what is an array lies on the device.
    A plan never warns, nor does it raise for what is not finite.
    """
    f = OF_NUMBERS[name]
    mine, theirs = gg.jit(f), gg.jit(f, engine="numpy")
    x = cp.asarray(X)
    # As in Python, the first calls may warn and raise, of numbers that are no plan's yet.
    for n in {int: (4, 1), float: (4.0, 1.5), bool: (True, True)}[type(numbers[0])]:
        mine(n, x)
        theirs(n, X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in numbers:
            with gg.use_backend("numpy"):
                wanted = theirs(n, X)
            for y, z in zip(mine(n, x), wanted, strict=True):
                if isinstance(z, np.ndarray):
                    assert type(y) is cp.ndarray
                    assert (y.shape, y.dtype) == (z.shape, z.dtype)
                else:
                    assert type(y) is type(z)
                np.testing.assert_allclose(cp.asnumpy(y), z, rtol=1e-15)


def test_a_result_of_numbers_is_no_view_of_what_the_next_call_writes() -> None:
    f = gg.jit(lambda n, x: (gg.asarray(n), gg.reshape(gg.asarray(n), (1,)), x * n))
    found = [f(float(n), cp.asarray(X)) for n in range(6)]
    for n, (a, b, c) in enumerate(found):
        assert (float(a), b.tolist()) == (n, [n])
        np.testing.assert_array_equal(cp.asnumpy(c), X * n)


def test_many_numbers_and_arrays() -> None:
    """More than one launch takes by value."""

    def f(numbers: list[float], arrays: list[Any]) -> Any:
        return [x * n for n, x in zip(numbers, arrays, strict=True)]

    g = gg.jit(f)
    arrays = [cp.asarray(np.full(3, float(i))) for i in range(300)]
    for step in range(4):
        found = g([float(i + step) for i in range(300)], arrays)
        assert [y[0] for y in map(cp.asnumpy, found)] == [i * (i + step) for i in range(300)]


# What a call costs


def test_a_call_of_a_captured_step_is_few_calls_of_python() -> None:
    """A table packed, a launch that writes it and the launch of the graph; and around it the look
    for the plan, for the memory, for who else holds what is given up, and for the result: 45 calls,
    where an array made is none. Of these, 15 take three layers apart and make them again.
    """
    step, arguments = networks.digits()
    model, state, x, labels = gg.tree.map(
        lambda a: cp.asarray(a) if isinstance(a, np.ndarray) else a, arguments
    )
    f = gg.jit(step, donate_argnums=(0, 1))
    for _ in range(4):
        model, state, _ = f(model, state, x, labels)
    with cp.cuda.using_allocator(cp.get_default_memory_pool().malloc):  # a test's own calls Python
        found = called(lambda: f(model, state, x, labels), of_c=True)
    first = found.index("make.<locals>.run")
    assert found[first + 1 : first + 5] == [
        "get_current_stream", "Struct.pack_into", "Function.linear_launch", "Graph.launch"
    ]  # fmt: skip
    assert len(found) <= 45, found


# What is donated

TRADED: dict[str, Callable[..., Any]] = {
    "in turn": lambda a, b, c, x: (b, c, a),
    "in turn, beside kernels": lambda a, b, c, x: (b * 2, c, a, gg.sum(a)),
    "turned": lambda a, b, c, x: (b.T, c.T, a.T, gg.sum(a)),
    "for what is given": lambda a, b, c, x: (x, a, b, gg.sum(c)),
    "twice": lambda a, b, c, x: (x, x * 2, a, gg.sum(b)),
    "the same": lambda a, b, c, x: (a + 1, a + 1, gg.sin(b)),
    "and a result": lambda a, b, c, x: (b, a, c, a, b * 1.0, gg.sum(x)),
    "products": lambda a, b, c, x: (b @ c, a @ x, c @ a),
}
"""Next values of three arrays, of which some are computed where another one lies."""


@pytest.mark.parametrize("name", TRADED)
def test_donated_arrays_trade_places(name: str) -> None:
    """In the graph, where there is one: the host copies nothing then."""
    f = TRADED[name]
    mine, theirs = gg.jit(f, donate_argnums=(0, 1, 2)), gg.jit(f, engine="numpy")
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(4, 4)) for _ in range(3)]
    on_device = [cp.asarray(a) for a in arrays]
    for _ in range(6):
        x = rng.normal(size=(4, 4))
        wanted = theirs(*arrays, x)
        found = mine(*on_device, cp.asarray(x))
        for y, z in zip(found, wanted, strict=True):
            np.testing.assert_allclose(cp.asnumpy(y), z, rtol=1e-10)
        on_device, arrays = list(found[:3]), list(wanted[:3])
    run = mine.source(*on_device, cp.asarray(x)).partition("def run(")[2].partition("return run")[0]
    assert ("copyto" in run) == (name in ("in turn", "and a result"))


# Streams and threads


def test_constants_are_there_on_every_stream() -> None:
    """They are copied to the device when a plan is compiled, which nobody waits for later."""
    table = [float(i) for i in range(500)]
    f = gg.jit(lambda x: x * gg.asarray(table))
    x = cp.ones(500)
    cp.cuda.Device().synchronize()
    with cp.cuda.using_allocator(new_memory()):
        for _ in range(2):
            f(x)
        with new_stream() as stream:
            found = f(x)
            stream.synchronize()
            np.testing.assert_array_equal(found.get(stream), table)


def test_values_that_were_read_are_there_on_every_stream() -> None:
    """`repeats` decides about a shape: its values are compared before each call."""
    repeats = cp.asarray([1, 3, 2])
    cp.cuda.Device().synchronize()
    f = gg.jit(lambda x: gg.repeat(x, repeats))
    x = cp.asarray([1.0, 2.0, 4.0])
    cp.cuda.Device().synchronize()
    calls = [f(x) for _ in range(2)]
    with new_stream() as stream:
        calls.append(f(x))
        stream.synchronize()
    cp.cuda.Device().synchronize()
    for y in calls:
        assert y.tolist() == [1.0, 2.0, 2.0, 2.0, 4.0, 4.0]


def train(w: Any, n: Any, x: Any) -> Any:
    g = gg.grad(lambda w: gg.sum(gg.tanh(x @ w) ** 2))(w)
    return w - 0.1 * g / (n + 1.0), n + 1, gg.sum(w)


def trained(steps: int) -> list[float]:
    w, n, found = np.ones((3, 3)), 0, []
    with gg.use_backend("numpy"):
        for _ in range(steps):
            w, n, value = train(w, n, X)
            found.append(float(value))
    return found


STREAMS: dict[str, Callable[[], Any]] = {
    "own": new_stream,
    "of the thread": lambda: cp.cuda.Stream.ptds,
    "waiting": cp.cuda.Stream,
    "default": lambda: cp.cuda.Stream.null,
}
FIRST_AND_NEXT = [(first, then) for first in STREAMS for then in STREAMS]


@pytest.mark.parametrize(("first", "then"), FIRST_AND_NEXT)
def test_threads_each_on_a_stream(first: str, then: str) -> None:
    """They share the plan, and take each other's instances in turn."""
    f = gg.jit(train, donate_argnums=0)
    plain = gg.jit(lambda x, n: gg.sum(gg.exp(x) * n))
    make = STREAMS[then]
    with STREAMS[first]():
        for n in range(3):
            f(cp.ones((3, 3)), n, cp.asarray(X))
            plain(cp.asarray(X), float(n))
    cp.cuda.Device().synchronize()
    wanted, start, problems = trained(12), Barrier(4), []

    def work(number: int) -> None:
        try:
            with make() as stream:
                x, w, n, values = cp.asarray(X), cp.ones((3, 3)), 0, []
                start.wait()
                for _ in range(12):
                    w, n, value = f(w, n, x)
                    values.append((value, plain(x, float(n * number))))
                stream.synchronize()
                for i, (value, other) in enumerate(values):
                    np.testing.assert_allclose(value.get(), wanted[i], rtol=1e-12)
                    sums = np.sum(np.exp(X) * (i + 1) * number)
                    np.testing.assert_allclose(other.get(), sums, rtol=1e-12)
        except BaseException as problem:
            problems.append(problem)

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems, problems


def in_thread(work: Callable[[], Any]) -> Any:
    """What `work` returns in a thread that ends then."""
    found = []
    thread = Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found.pop()


@pytest.mark.parametrize(("first", "then"), FIRST_AND_NEXT)
def test_a_thread_that_takes_the_memory_waits_for_the_one_before(first: str, then: str) -> None:
    f = gg.jit(lambda x: gg.sum(gg.sin(x) @ x.T))
    mine, theirs = cp.asarray(X), cp.asarray(2 * X)
    cp.cuda.Device().synchronize()
    streams = {name: make() for name, make in STREAMS.items()}
    with streams[first]:
        for _ in range(3):
            y = f(mine)

    def work() -> tuple[Any, Any]:
        with streams[then] as stream:
            z = f(theirs)
            return z.get(stream), y.get(stream)

    found = in_thread(work)
    np.testing.assert_allclose(found, [np.sum(np.sin(x) @ x.T) for x in (2 * X, X)])


@pytest.mark.parametrize("name", STREAMS)
def test_memory_goes_back_when_the_last_thread_has_done_its_work(name: str) -> None:
    x = cp.asarray(X)
    program = compile_plan(gg.jit(lambda x: gg.sum(gg.sin(x) @ x.T)).plan(x))
    other = new_stream()
    cp.cuda.Device().synchronize()
    with STREAMS[name]():
        held = [program.instance()]
        (y,) = held[0].run(x)

    def let_go() -> Any:
        held.clear()
        return y.get(other)                         # which waits for nobody

    np.testing.assert_allclose(in_thread(let_go), np.sum(np.sin(X) @ X.T))


@pytest.mark.two_devices
@pytest.mark.parametrize("name", STREAMS)
def test_memory_of_a_device_goes_back_when_its_work_is_done(name: str) -> None:
    """While another device is the current one."""
    with cp.cuda.Device(1):
        x = cp.asarray(X)
        program = compile_plan(gg.jit(lambda x: gg.sum(gg.sin(x) @ x.T)).plan(x))
        other = new_stream()
        cp.cuda.Device().synchronize()
        with STREAMS[name]():
            held = [program.instance()]
            (y,) = held[0].run(x)
    held.clear()
    with cp.cuda.Device(1):
        np.testing.assert_allclose(y.get(other), np.sum(np.sin(X) @ X.T))


@pytest.mark.parametrize("name", STREAMS)
def test_what_comes_next_waits_for_a_run_that_failed(name: str) -> None:
    """And for all that it had launched before."""
    x = cp.asarray(X)
    program = compile_plan(gg.jit(lambda x: gg.sort(gg.cumsum(gg.sin(x) @ x.T, axis=0))).plan(x))
    other = new_stream()

    def fail(nbytes: int) -> Any:
        raise MemoryError

    def follow() -> None:
        with other:
            instance.settle()
        other.synchronize()

    with STREAMS[name]() as stream:
        instance = program.instance()
        instance.run(x)
        stream.synchronize()
        with cp.cuda.using_allocator(fail), pytest.raises(MemoryError):
            instance.run(x)
        in_thread(follow)
        assert stream.done


def test_streams_take_turns_in_one_loop() -> None:
    f = gg.jit(train, donate_argnums=0)
    streams = [new_stream(), cp.cuda.Stream.null, cp.cuda.Stream(), cp.cuda.Stream.ptds]
    w, n, x, values = cp.ones((3, 3)), 0, cp.asarray(X), []
    cp.cuda.Device().synchronize()
    for i in range(12):
        with streams[i % 4]:
            w, n, value = f(w, n, x)
            values.append(value)
    for stream in streams:
        stream.synchronize()
    np.testing.assert_allclose([float(value) for value in values], trained(12), rtol=1e-12)


# Captures


def test_a_call_in_a_capture_is_refused() -> None:
    """Its memory would be written whenever the user's graph is launched. The capture goes on."""
    f = gg.jit(lambda x, n: gg.sum(gg.sin(x)) * n)
    x = cp.asarray(X)
    cp.cuda.Device().synchronize()
    with new_stream() as stream:
        for n in range(3):
            f(x, float(n))
        stream.begin_capture()
        try:
            with pytest.raises(InvalidArgument, match="while its stream is being captured"):
                f(x, 3.0)
            y = x * 2.0
        finally:
            graph = stream.end_capture()
        graph.launch()
        np.testing.assert_array_equal(y.get(), X * 2.0)
        np.testing.assert_allclose(f(x, 2.0).get(), np.sum(np.sin(X)) * 2.0)


@pytest.mark.parametrize("captured", ["own", "waiting"])
@pytest.mark.parametrize("then", ["own", "of the thread", "waiting"])
@pytest.mark.parametrize("donated", [(), (0,)], ids=["kept", "donated"])
def test_a_call_after_one_on_a_stream_that_is_captured_is_refused(
    captured: str, then: str, donated: tuple[int, ...]
) -> None:
    """Waiting for it would make the call a part of the capture. The capture goes on."""
    f = gg.jit(train, donate_argnums=donated)
    stream, other = STREAMS[captured](), STREAMS[then]()
    w, x = cp.ones((3, 3)), cp.asarray(X)
    cp.cuda.Device().synchronize()
    with stream:
        for n in range(3):
            f(w.copy(), n, x)
        stream.begin_capture()
        try:
            with other, pytest.raises(InvalidArgument, match="the one before is being captured"):
                f(w, 0, x)
            y = x * 2.0
        finally:
            graph = stream.end_capture()
        graph.launch()
        np.testing.assert_array_equal(y.get(), X * 2.0)
    with other:
        np.testing.assert_allclose(f(w, 0, x)[2].get(), trained(1)[0])


def test_a_call_that_needs_not_wait_for_a_capture_is_made_beside_it() -> None:
    f = gg.jit(lambda x: gg.sum(gg.sin(x) @ x.T))
    stream, other = new_stream(), new_stream()
    x = cp.asarray(X)
    cp.cuda.Device().synchronize()
    for place in (stream, stream, other):
        with place:
            f(x)
    with stream:
        stream.begin_capture()
        try:
            y = x * 2.0
            with other:
                z = f(x)
                np.testing.assert_allclose(z.get(), np.sum(np.sin(X) @ X.T))
        finally:
            graph = stream.end_capture()
        graph.launch()
        np.testing.assert_array_equal(y.get(), X * 2.0)


def test_a_call_after_one_on_the_default_stream_that_a_capture_forbids_is_refused() -> None:
    f = gg.jit(lambda x: gg.sum(gg.sin(x) @ x.T))
    x = cp.asarray(X)
    for _ in range(3):
        f(x)
    cp.cuda.Device().synchronize()
    with cp.cuda.Stream() as stream:
        stream.begin_capture()
        try:
            with new_stream(), pytest.raises(InvalidArgument, match="is being captured"):
                f(x)
            y = x * 2.0
            del f
            gc.collect()
        finally:
            graph = stream.end_capture()
        graph.launch()
        np.testing.assert_array_equal(y.get(), X * 2.0)


def test_what_goes_away_in_a_capture_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans with cuBLAS too, that ran on the stream which is captured."""
    monkeypatch.setattr(product, "LARGE", 1)
    with new_stream() as stream:
        x = cp.asarray(np.eye(40))
        for _ in range(2):
            f = gg.jit(lambda x: gg.sum(gg.tanh(x @ x) @ x))
            for _ in range(4):
                y = f(x)
            assert "by cuBLAS" in f.explain(x)
            stream.begin_capture()
            try:
                z = x * 2.0
                f.cycle = f
                del f
                gc.collect()
            finally:
                graph = stream.end_capture()
            graph.launch()
            np.testing.assert_array_equal(z.get(), np.eye(40) * 2.0)
            np.testing.assert_allclose(y.get(), 40 * np.tanh(1.0))


class Waiting:
    """Whose work in some memory is over when it is asked again, if nothing happens before."""

    def __init__(self, *happens: BaseException | None) -> None:
        self.happens, self.asked = list(happens), 0

    def is_over(self) -> bool:
        self.asked += 1
        problem = self.happens.pop(0) if self.happens else None
        if problem is not None:
            raise problem
        return not self.happens


def test_threads_share_what_waits_to_go_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one may take what was there a moment ago."""

    class Shared(list[Any]):
        def __len__(self) -> int:
            found = super().__len__()
            self.pop()
            return found

    turns = [Waiting() for _ in range(3)]
    monkeypatch.setattr(instances, "_waiting", Shared((turn, None) for turn in turns))
    program = compile_plan(gg.jit(lambda x: gg.sum(gg.sin(x))).plan(cp.asarray(X)))
    program.instance()
    assert [turn.asked for turn in turns] == [1, 1, 0]
    assert instances._waiting == []


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), RuntimeError("of CUDA")])
def test_what_waits_to_go_away_goes_on_after_a_problem(
    problem: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not asked is asked later, and what was interrupted again."""
    first, others = Waiting(problem), [Waiting(None, None), Waiting()]
    waiting = [(turn, None) for turn in (first, *others)]
    monkeypatch.setattr(instances, "_waiting", waiting)
    program = compile_plan(gg.jit(lambda x: gg.sum(gg.sin(x))).plan(cp.asarray(X)))
    with pytest.raises(type(problem)):
        program.instance()
    assert [turn.asked for turn in others] == [0, 0]
    program.instance()
    assert [turn.asked for turn in others] == [1, 1]
    assert [turn for turn, _ in waiting] == [others[0]]
    program.instance()
    assert not waiting
    assert first.asked == 1 + isinstance(problem, KeyboardInterrupt)


def test_nothing_is_collected_while_a_plan_is_captured() -> None:
    """What goes away could do anything, such as wait for the device."""
    found = []
    program = compile_plan(gg.jit(lambda x: gg.sum(gg.sin(x) @ x.T)).plan(cp.asarray(X)))
    begin = cp.cuda.Stream.begin_capture

    class Watched(cp.cuda.Stream):  # type: ignore[misc]
        def begin_capture(self, mode: Any = None) -> None:
            begin(self, mode)
            found.append(gc.isenabled())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cp.cuda, "Stream", Watched)
        program.instance()
    assert found == [False]
    assert gc.isenabled()


# Loading


def test_threads_that_come_first_each_load_a_whole_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    x = cp.asarray(X)
    program = compile_plan(gg.jit(lambda x: gg.sum(gg.sin(x) @ x.T)).plan(x))
    cp.cuda.Device().synchronize()
    together, module = Barrier(4, timeout=30), cp.RawModule
    made, found = [], []

    def loaded(**settings: Any) -> Any:
        together.wait()                             # none is done before all have begun
        return module(**settings)

    def work() -> None:
        with new_stream() as stream:
            made.append(program.instance())
            (y,) = made[-1].run(x)
            found.append(y.get(stream))

    monkeypatch.setattr(cp, "RawModule", loaded)
    monkeypatch.setattr(compiled, "_functions", {})            # as in a new process
    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_allclose(found, [np.sum(np.sin(X) @ X.T)] * 4)
