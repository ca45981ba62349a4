"""What a function under `gg.jit` keeps: bounded by bytes, and found in the same time however much.

Bytes are counted twice: as `Kept` does, and by looking at what is there.
"""

import gc
import json
import sys
import threading
import tracemalloc
from functools import partial
from time import sleep
from weakref import ref

import numpy as np
import pytest
from resident import resident
from test_memory import in_own_process

import gpugrad as gg
from gpugrad import generated
from gpugrad.engines import capacity, profiling
from gpugrad.garbage import collector_at_rest
from gpugrad.transforms.jit import arguments, cache
from gpugrad.transforms.jit import kept as kept_module
from gpugrad.transforms.jit.traces import Trace
from gpugrad.tree import leaves

ENGINES = ["numpy", "native"]
ROW = 2**10                                         # elements
LIMIT = 2**20


@pytest.fixture
def limit(monkeypatch):
    """A low limit, and a function that sets another one."""

    def put(nbytes):
        monkeypatch.setattr(kept_module, "CAPACITY", nbytes)

    put(LIMIT)
    return put


def wave(x):
    a = gg.sum(gg.tanh(gg.sin(x) @ np.ones((ROW, 8))), axis=0)
    return a + gg.sum(gg.cos(x * 2.0) @ np.ones(ROW))


def wanted(x):
    a = np.tanh(np.sin(x) @ np.ones((ROW, 8))).sum(axis=0)
    return a + (np.cos(x * 2.0) @ np.ones(ROW)).sum()


def rows(n):
    return np.linspace(0.0, 1.0, n * ROW).reshape(n, ROW)


def compile_for(step, *examples):
    for x in examples:
        for _ in range(3):
            step(x)


def arenas(step):
    """Bytes of memory that plans of `step` have now, found without asking what it counts."""
    programs = {
        pool.program
        for entry in step._cache.kept.entries.values()
        if not isinstance(entry, Trace)
        for pool in entry._pools
    }
    return sum(
        instance.memory.nbytes
        for found, timeline in list(profiling._instances.items())
        if timeline.program in programs and (instance := found()) is not None
    )


def everywhere():
    """Bytes of memory in which any plans of this process run."""
    return sum(found().memory.nbytes for found in list(profiling._instances) if found() is not None)


# Bytes


@pytest.mark.parametrize("engine", ENGINES)
def test_memory_stays_under_the_limit_and_what_rests_is_not_recorded_again(engine, limit, runs):
    step = gg.jit(lambda x: gg.sum(gg.sort(x * 2.0)) + x[0, 0], engine=engine)
    shapes = [rows(n) for n in range(20, 32)]       # each needs at least 160 KiB
    for _ in range(2):
        for x in shapes:
            for _ in range(3):
                np.testing.assert_allclose(step(x), 2 * x.sum() + x[0, 0])
                assert arenas(step) <= kept_module.CAPACITY
    kept = step._cache.kept
    assert len(kept.entries) == len(shapes)
    assert len(runs) == 2 * len(shapes)             # to record, and to confirm
    assert sum(not entry.memory for entry in kept.entries.values()) >= len(shapes) // 4
    assert kept.memory == pytest.approx(arenas(step), rel=0.01)      # but for alignment


def test_plans_larger_than_the_limit_take_turns_without_being_recorded_again(limit, runs):
    step = gg.jit(wave, engine="numpy")
    limit(2**19)
    a, b = rows(64), rows(65)                       # half a megabyte of memory each
    compile_for(step, a, b)
    with gg.profile() as profile:
        for _ in range(5):
            np.testing.assert_allclose(step(a), wanted(a))
            np.testing.assert_allclose(step(b), wanted(b))
    assert len(runs) == 4
    assert arenas(step) <= 66 * ROW * 8 * 2         # that of one of them
    assert "10 gave back their memory, 0 were dropped and 0 traced again" in str(profile)


def test_what_loops_and_branches_need_counts_too(limit, runs):
    def f(x):
        def body(c, row):
            return c + gg.sin(gg.cos(row) * gg.sum(row)), gg.sum(gg.sort(c))

        c, _ = gg.scan(body, x[0], x)
        return gg.cond(gg.sum(c) > 0, lambda c: gg.sum(gg.sort(c) * c), lambda c: gg.sum(c), c)

    step = gg.jit(f, engine="numpy")
    limit(2**21)
    shapes = [np.ones((3, n)) for n in range(15_000, 15_010)]
    gc.collect()
    before = everywhere()
    for _ in range(2):
        compile_for(step, *shapes)
        assert 2**20 < everywhere() - before <= 2**21
    assert len(runs) == 2 * len(shapes)
    assert step._cache.kept.memory >= 0.99 * (everywhere() - before)    # but for alignment


def test_callers_at_once_stay_under_the_limit_too(limit):
    step = gg.jit(wave, engine="numpy")
    shapes = [rows(n) for n in range(16, 20)]       # 128 KiB each: eight instances fit in
    compile_for(step, *shapes)
    entries = [step._cache.compiled((x,), {}) for x in shapes]
    for _ in range(2):
        for entry in entries:
            taken = [entry.pool.take() for _ in range(4)]
            for instance in taken:
                entry.pool.give(instance)
            del taken, instance
            assert arenas(step) <= LIMIT
    # What was at work while its plan came to rest is not kept when it is given back.
    instance = entries[0].pool.take()
    entries[0].rest()
    entries[0].pool.give(instance)
    seen = ref(instance)
    del instance
    assert seen() is None


def test_the_least_recently_used_plan_is_dropped_and_the_profile_says_so(limit, tmp_path, runs):
    step = gg.jit(lambda x: gg.sum(gg.sin(x) * x), engine="numpy")
    compile_for(step, np.ones(1))
    room = 2 * kept_module.RECENT
    limit(2 * room * step._cache.compiled((np.ones(1),), {}).plan_bytes)
    shapes = [np.ones(n) for n in range(1, room + 1)]
    compile_for(step, *shapes)
    assert len(runs) == 2 * room
    step(shapes[0])
    with gg.profile() as profile:
        compile_for(step, np.ones(room + 1))        # takes the place of the second
        step(shapes[0])
        assert len(runs) == 2 * room + 2
        compile_for(step, shapes[1])
    assert len(runs) == 2 * room + 4
    assert len(step._cache.kept.entries) == room
    text = str(profile)
    assert f"{room} plans kept in" in text
    assert "2 were dropped and 1 traced again" in text
    profile.save(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    names = {event["name"] for event in events}
    limit_in_bytes = f"{kept_module.CAPACITY:,} bytes"
    assert f"trace <lambda> again: its plan was dropped for the limit of {limit_in_bytes}" in names


def test_of_plans_that_are_too_large_the_latest_stays(limit, runs):
    step = gg.jit(lambda x: gg.sum(x * np.arange(x.shape[0] * 1.0)), engine="numpy")
    limit(2**12)
    a, b = np.ones(500), np.ones(501)
    compile_for(step, a)
    for _ in range(5):
        step(a)
    assert len(runs) == 2
    with gg.profile() as profile:
        for _ in range(3):
            compile_for(step, b, a)
    assert len(runs) == 2 + 6 * 2
    assert "6 were dropped and 5 traced again" in str(profile)


def test_signatures_that_are_met_once_are_bounded_too(limit):
    step = gg.jit(lambda x: gg.sum(gg.sin(x)), engine="numpy")
    for n in range(1, 200):
        step(np.ones(n))
    kept = step._cache.kept
    assert kept.plans <= LIMIT // 2
    assert len(kept.entries) < 40
    for n in range(1, 200):
        step(np.ones(n))
    assert len(kept._dropped) <= 200


def check_counted_bytes(engine):
    """What `Kept` counts for a signature is what it takes, by less than a factor of two."""
    weights = np.ones((4, 4))
    table = np.linspace(0.0, 1.0, 5000)

    def net(x):
        for _ in range(10):
            x = gg.tanh(x @ weights)
        return gg.sum(x)

    def looks(x):                                   # at an array whose contents are compared then
        return gg.sum(x) * float(np.sum(table))

    programs = {
        "small": lambda x: gg.sum(gg.sin(x) * x),
        "net": net,
        "gradient": gg.grad(net),
        "loop": lambda x: gg.scan(lambda c, y: (c * y, c + y), x[0], x)[0],
        "constant": lambda x: gg.sum(x[:, 0] * np.arange(1.0 * x.shape[0])),
        "contents": looks,
    }
    for name, f in programs.items():
        for calls in (1, 3):
            step = gg.jit(f, engine=engine)
            compile_for(step, np.ones((999, 4)))
            wait_for_the_compiler()
            gc.collect()
            generated._forget()                     # texts of what earlier rounds compiled
            before, held = tracemalloc.get_traced_memory()[0], _held(step)
            for n in range(1, 13):
                for _ in range(calls):
                    step(np.ones((30 * n, 4)))
            wait_for_the_compiler()
            gc.collect()
            generated._forget()
            taken = tracemalloc.get_traced_memory()[0] - before
            counted = _held(step) - held
            most = 6 if calls == 1 else 1.6         # a recording takes less than a plan of it
            assert taken / 1.6 < counted < most * taken, (name, calls, counted, taken)


def wait_for_the_compiler():
    """Until the engine auto has compiled all that was called."""
    while "gpugrad compile" in [thread.name for thread in threading.enumerate()]:
        sleep(0.01)


def _held(step):
    return step._cache.kept.plans + step._cache.kept.memory


@pytest.mark.parametrize("engine", ["auto", "numpy"])
def test_bytes_are_counted_as_they_are(engine):
    in_own_process(_traced, check_counted_bytes, engine)


def _traced(check, *args):
    tracemalloc.start()
    check(*args)


def check_twenty_lengths():
    weights = np.ones((100, 100))
    step = gg.jit(lambda x: gg.sum(gg.tanh(x @ weights) @ weights), engine="numpy")
    before = resident()
    for n in range(20):
        x = np.ones((20_000 + n, 100))
        for _ in range(3):
            step(x)
    del x
    assert resident() - before < 200, (before, resident())
    assert len(step._cache.kept.entries) == 20


def test_twenty_lengths_of_31_megabytes_each():
    in_own_process(check_twenty_lengths)


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("calls", [1, 2, 3])
def test_arguments_and_results_are_not_kept(engine, calls):
    step = gg.jit(lambda x, p: (x * 2.0, {"p": p @ p}), engine=engine)
    gone = []
    for _ in range(calls):
        x, p = np.ones(50), np.ones((5, 5))
        y, tree = step(x, p)
        gone += map(ref, (x, p, y, tree["p"]))
        del x, p, y, tree
    assert [array() is None for array in gone] == [True] * 4 * calls


def test_the_function_and_its_plans_go_without_the_collector():
    step = gg.jit(lambda x: gg.scan(lambda c, y: (c * y, c + y), x[0], x)[0], engine="numpy")
    shapes = [np.ones(n) for n in range(2, 9)]
    compile_for(step, *shapes)
    compile_for(step, *shapes)
    gone = [ref(pool) for entry in step._cache.kept.entries.values() for pool in entry._pools]
    assert len(gone) == 14
    gc.collect()
    gc.disable()
    try:
        del step
        assert [pool() is None for pool in gone] == [True] * 14
    finally:
        gc.enable()


# Look-up


def kinds():
    """Calls that differ in one part of the signature each: (function, options, calls)."""
    one = np.ones(3)
    total = {"engine": "numpy"}
    yield lambda x: gg.sum(gg.sin(x)), total, [((np.ones(n),), {}) for n in range(1, 13)]
    dtypes = ("f2", "f4", "f8", "c8", "c16", "i1", "i4", ">f8", "u2")
    yield lambda x: gg.sum(x * 2), total, [((np.ones(3, dtype),), {}) for dtype in dtypes]
    trees = [(one,), [one], {"a": one}, {"b": one}, (one, one), [one, one], (one, None)]
    trees += [{1: one}, {True: one}]
    stacked = lambda x: gg.sum(gg.stack([y * 2 for y in _leaves(x)]))  # noqa: E731
    yield stacked, total, [((x,), {}) for x in trees]
    yield (
        lambda x, k: gg.sum(x * k),
        {**total, "static_argnums": 1},
        [((one, k), {}) for k in (1, 1.0, True, 2, 2.5, -0.0, 0.0, 3, 4, 5)],
    )
    yield (
        lambda x, *, how: gg.sum(x * len(how)),
        {**total, "static_argnames": "how"},
        [((one,), {"how": "a" * n}) for n in range(1, 11)],
    )
    names = [f"k{n}" for n in range(10)]
    yield lambda **given: gg.sum(*given.values()), total, [((), {name: one}) for name in names]
    yield lambda x, k: gg.sum(x * k), total, [((one, k), {}) for k in (1, 1.0, True, 1j, 2**40)]


def _leaves(x):
    return [y for y in (x.values() if isinstance(x, dict) else x) if y is not None]


@pytest.mark.parametrize("case", range(7))
def test_signatures_are_found_by_their_form(case, monkeypatch):
    f, options, calls = [*kinds()][case]
    step = gg.jit(f, **options)
    wanted = [step(*args, **kwargs) for args, kwargs in calls]
    for _ in range(3):
        for args, kwargs in calls:
            step(*args, **kwargs)
    walks = []
    monkeypatch.setattr(
        cache, "Arguments", lambda *a, **k: walks.append(1) or arguments.Arguments(*a, **k)
    )
    found = [step(*args, **kwargs) for args, kwargs in calls[::-1]][::-1]
    for x, y in zip(found, wanted, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-3)
        assert type(x) is type(y)
        assert getattr(x, "dtype", None) == getattr(y, "dtype", None)
    assert len(walks) <= 2 * (case == 6)            # large integers have the form of small ones


@pytest.mark.parametrize("count", [1, 4, 16, 300])
def test_a_call_asks_a_few_plans_however_many_there_are(count, runs):
    step = gg.jit(lambda x: gg.sum(gg.sin(x)), engine="numpy")
    shapes = [np.ones(n) for n in range(1, count + 1)]
    compile_for(step, *shapes)
    kept = step._cache.kept
    assert len(kept.entries) == count
    asked = []
    for entry in kept.entries.values():             # as the engine `auto` does
        entry._use(partial(_asked, asked, entry.call), "")
    for x in shapes:
        step(x)
    assert len(asked) <= (kept_module.RECENT + 1) * count
    assert len(step._calls) == min(count, kept_module.RECENT)
    assert len(runs) == 2 * count


def _asked(asked, call, args, kwargs):
    asked.append(1)
    return call(args, kwargs)


def test_forms_do_not_pile_up():
    """Arguments of one signature come in many forms, such as arrays and Tensors."""

    def f(x):
        x[0] = x[0] + 1.0
        return gg.sum(x.T.reshape(-1) * 2.0)

    step = gg.jit(f, engine="numpy")
    for _ in range(5):
        for x in (np.ones((2, 3)), np.ones((3, 2)).T, np.ones((4, 6))[::2, ::2]):
            np.testing.assert_allclose(step(x), 18.0)
            np.testing.assert_allclose(step(gg.tensor(x)).value, 18.0)
    assert len(step._cache.kept._forms) <= len(step._cache.kept.entries)


# Threads


def test_plans_go_while_others_run_them(limit):
    """Eight threads, eighteen shapes, room for a few: right results, and no more than the limit."""
    step = gg.jit(wave, engine="numpy")
    shapes = [rows(n) for n in range(1, 19)]
    truth = [wanted(x) for x in shapes]
    limit(2**18)
    wrong, start = [], threading.Barrier(8)

    def work(seed):
        rng = np.random.default_rng(seed)
        start.wait()
        for i in rng.integers(len(shapes), size=60):
            try:
                np.testing.assert_allclose(step(shapes[i]), truth[i])
            except BaseException as error:
                wrong.append(error)
                raise

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    assert not wrong
    kept = step._cache.kept
    assert kept.plans <= 2**17
    assert kept.plans + kept.memory <= 2**18 + 2**17


def test_half_of_the_limit_is_for_plans():
    assert capacity.CAPACITY == 2**27
    assert kept_module.CAPACITY is capacity.CAPACITY


# In the same time however much


def calls_of(f):
    """How many functions of Python `f()` calls; those of a collection in between are not its."""
    count = 0

    def note(frame, event, _):
        nonlocal count
        count += event == "call"

    with collector_at_rest():
        sys.setprofile(note)
        try:
            f()
        finally:
            sys.setprofile(None)
    return count


@pytest.mark.parametrize("arguments", ["array", "number beside it", "tree", "static", "by name"])
def test_a_call_goes_as_far_with_200_signatures_as_with_20(arguments):
    def call(step, n):
        x = np.ones(n)
        if arguments == "number beside it":
            return step(x, 2.0)
        if arguments == "static":
            return step(x, mode="fast")
        if arguments == "by name":
            return step(x, y=x)
        return step([x, {"a": x}] if arguments == "tree" else x)

    def settled(n):
        step = gg.jit(lambda x, *_, **named: leaves(x)[0] * 2.0, engine="numpy",
                      static_argnames="mode")  # fmt: skip
        for _ in range(4):
            for size in range(1, n + 1):
                call(step, size)
        return [calls_of(lambda size=size: call(step, size)) for size in range(1, 9)]

    assert settled(200) == settled(20)


def test_room_is_counted_seldom(monkeypatch):
    counted = []
    honest = kept_module.Kept._made_room

    def count(kept, latest):
        counted.append(latest)
        return honest(kept, latest)

    monkeypatch.setattr(kept_module.Kept, "_made_room", count)
    step = gg.jit(lambda x: x * 2.0, engine="numpy")
    for n in range(1, 101):
        step(np.ones(n))
        step(np.ones(n))
    kept = step._cache.kept
    assert len(kept.entries) == 100
    assert not counted
    plans, memory = kept._bounds
    assert kept.plans <= plans
    assert kept.memory <= memory
    monkeypatch.setattr(kept_module, "CAPACITY", plans + memory)
    step(np.ones(101))
    assert len(counted) == 1
    assert kept._bounds == (kept.plans, kept.memory)


def test_a_form_tells_apart_what_signatures_do(runs):
    step = gg.jit(lambda x, y=0.0: x * 2 + y, engine="numpy")
    given = [
        (np.ones(2),), (np.ones(2, np.float32),), (np.ones((2, 1)),), (np.ones(2), 1), (2.0,),
        (np.ones(2), 1.0), (np.ones(2), True), (np.ones(2), np.ones(())), (2,),
        (np.ones(2, ">f8"),), (np.ones(2), 2**62), (np.array(2.0),), (gg.tensor(np.ones(2)),),
    ]  # fmt: skip
    for _ in range(4):
        for args in given:
            got = step(*args)
            plain = [x.value if isinstance(x, gg.Tensor) else x for x in args]
            wanted = plain[0] * 2 + (plain[1] if len(plain) > 1 else 0.0)
            np.testing.assert_array_equal(got.value if isinstance(got, gg.Tensor) else got, wanted)
