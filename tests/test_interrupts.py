"""An error at any line leaves no trace: the next call gives the right result, and all is as before.

GPUGRAD_INTERRUPTS=1 strikes at every line of every program, with either error; else at a sample.
"""

import gc
import os
import subprocess
import sys
from contextvars import ContextVar
from functools import partial
from linecache import getline
from math import inf
from time import sleep

import numpy as np
import pytest
from interrupts import Strike, places, traces

import gpugrad as gg
from gpugrad import tree
from gpugrad.backends import numpy_namespace, within
from gpugrad.context import holding, listed
from gpugrad.engines import ALL, thread_pool
from gpugrad.errors import GpugradError, GraphFreed
from gpugrad.garbage import collector_at_rest
from gpugrad.plan import observers
from gpugrad.sweep import planned

pytestmark = pytest.mark.usefixtures("fresh")

EVERY = "GPUGRAD_INTERRUPTS" in os.environ
MOST = 10**9 if EVERY else 24                       # lines of a program that are struck
ERRORS = (KeyboardInterrupt, MemoryError)

X = np.linspace(0.1, 1.0, 12).reshape(3, 4)
W = np.linspace(-1.0, 1.0, 16).reshape(4, 4)


def layers(x, w):
    return gg.sum(gg.tanh(x @ w)), {"a": x * 2.0}


def gradient(x, w):
    return gg.value_and_grad(lambda w: gg.sum(gg.tanh(x @ w) @ w))(w)


def tape(x, w):
    t = gg.tensor(w, requires_grad=True)
    h = gg.tanh(gg.tensor(x) @ t)
    h[0] = h[1] * 2.0
    y = gg.sum(gg.log(h * h + 1.0) @ t) + gg.sum(h.T[1])
    y.backward()
    return t.grad


def loop(x, w):
    c, sums = gg.scan(lambda c, row: (gg.tanh(c @ w + row), gg.sum(c)), x[0], x)
    return gg.cond(gg.sum(c) > 0, lambda c: c * 2.0, lambda c: c - 1.0, c), sums


def loop_gradient(x, w):
    return gg.grad(lambda w: gg.sum(loop(gg.asarray(x), w)[0]))(w)


def writes(x, w):
    x, w = gg.asarray(x) * 1.0, gg.asarray(w)
    columns = x.T
    columns[0] = columns[1] * 2.0
    x[1] += w[0]
    return gg.sum(x * x), columns * 1.0


def parts(x, w):
    return gg.vmap(gg.grad(lambda row: gg.sum(gg.sin(row @ w))))(x)


def checkpointed(x, w):
    return gg.grad(lambda w: gg.sum(gg.checkpoint(lambda w: gg.tanh(x @ w) @ w)(w)))(w)


def second_order(x, w):
    return gg.hessian(lambda row: gg.sum(gg.sin(row) * row))(x[0]), gg.jacobian(gg.sin)(x[1])


@gg.custom_vjp
def own_rule(x):
    return gg.sin(x)


own_rule.defvjp(lambda x: (gg.sin(x), gg.cos(x)), lambda c, g: (g * c,))


def custom(x, w):
    return gg.grad(lambda x: gg.sum(own_rule(x)))(x)


def adam(x, w):
    optimiser, params = gg.optim.adam(0.1), {"w": w}
    state = optimiser.init(params)
    for _ in range(2):
        updates, state = optimiser.update({"w": w + params["w"]}, state, params)
        params = gg.optim.apply_updates(params, updates)
    return params, state


def donated(x, w):
    return x * 0.5 + gg.sum(w), gg.sum(x)


def debugged(x, w):
    with gg.debug():
        return gradient(x, w)


EAGER = [gradient, tape, loop_gradient, writes, parts, checkpointed, second_order, custom, adam]
EAGER += [debugged]
COMPILED = [layers, gradient, loop, loop_gradient, writes, parts, checkpointed, adam, donated]


def strike_everywhere(make, calls):
    """Strikes while a function that `make` makes is called for the first time, the second, ...

    `make` gives a call and its result. Returns how many lines were struck.
    """
    struck, wrong, observing = 0, [], len(observers.observers)
    for before in range(calls):

        def begun(before=before):
            call, wanted = make()
            for _ in range(before):
                call()
            return call, wanted

        call, wanted = begun()
        watched = Strike()
        watched.run(call)
        found = places(watched.lines)
        step = max(1, len(found) // MOST)
        for n, at in enumerate(found[(7 * before) % step :: step]):
            for error in ERRORS if EVERY else (ERRORS[n % 2],):
                call, wanted = begun()
                strike = Strike(at, error)
                outcome = "nothing"
                try:
                    strike.run(call)
                except (error, GpugradError):
                    outcome = "the error"
                except BaseException as other:
                    outcome = f"{type(other).__name__}: {other}"
                left = traces(observing)
                struck += strike.struck is not None
                try:
                    for _ in range(3):
                        same(call(), wanted)
                except AssertionError as found_wrong:
                    left.append(f"a wrong result: {found_wrong}")
                if left or outcome not in ("the error", "nothing"):
                    wrong.append((strike.struck, error.__name__, outcome, left))
                    assert len(wrong) < 5, wrong
    assert not wrong, wrong
    return struck


def same(found, wanted):
    for a, b in zip(tree.leaves(found), tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("program", EAGER, ids=lambda f: f.__name__)
def test_eager(program, monkeypatch):
    monkeypatch.setattr(planned, "MEETINGS", inf)
    wanted = program(X.copy(), W.copy())
    monkeypatch.setattr(planned, "MEETINGS", 2)

    def make():
        planned.cache.clear()
        return partial(lambda: program(X.copy(), W.copy())), wanted

    calls = 3 if program in (gradient, tape) else 1         # directly, planned, by the plan
    assert strike_everywhere(make, calls) >= min(20 * calls, MOST)


@pytest.mark.parametrize(
    ("program", "engine"),
    [(f, "numpy") for f in COMPILED]
    + [(f, "native") for f in (layers, donated) if ALL["native"].is_there],
)
def test_compiled(program, engine):
    wanted = gg.jit(program, engine="numpy")(X.copy(), W.copy())
    options = {"donate_argnums": 0} if program is donated else {}

    def make():
        step = gg.jit(program, engine=engine, **options)
        return lambda: step(X.copy(), W.copy()), wanted

    assert strike_everywhere(make, 3) >= min(60, MOST)


def test_the_check_notices_what_is_left():
    """A variable that is put back without a `finally`, and a cache with half-made entries."""

    def leaking():
        token = within.set(numpy_namespace)
        result = parts(X, W)
        within.reset(token)
        return result

    def half_made(found):
        if not found:
            found.append(0.0)
            found[0] = gg.sum(X)
        return found[0]

    wanted = parts(X, W)
    try:
        with pytest.raises(AssertionError, match="the namespace"):
            strike_everywhere(lambda: (leaking, wanted), 1)
    finally:
        within.set(None)
    with pytest.raises(AssertionError, match="a wrong result"):
        strike_everywhere(lambda: (partial(half_made, []), np.sum(X)), 1)


# Promises in particular


@pytest.mark.parametrize("error", ERRORS)
def test_every_line_of_what_puts_things_back(error):
    variable, items, mine = ContextVar("variable", default=0), [], object()

    def block():
        with holding(variable, 1), listed(items, mine), collector_at_rest():
            return variable.get(), [*items], gc.isenabled()

    watched = Strike()
    assert watched.run(block) == (1, [mine], False)
    assert len(watched.lines) > 20
    for at in range(len(watched.lines)):
        with pytest.raises(error):
            Strike(at, error).run(block)
        assert (variable.get(), items, gc.isenabled()) == (0, [], True), watched.lines[at]


STORES = ("# all or, where memory ends before, none", "leaf.grad = gradient")
"""Lines of `backward` that store what was added up: they need no memory."""


def test_a_failed_backward_adds_nothing_and_says_why_it_cannot_go_on():
    a, b = (gg.tensor(np.ones(3), requires_grad=True) for _ in range(2))
    gg.sum(a * b).backward()
    before = a.grad.copy(), b.grad.copy()
    y = gg.sum(gg.sin(a) * b)
    watched = Strike()
    watched.run(lambda: gg.sum(gg.sin(a) * b).backward())
    a.grad, b.grad = before[0].copy(), before[1].copy()
    for at in range(len(watched.lines)):
        y = gg.sum(gg.sin(a) * b)
        strike = Strike(at, MemoryError)
        try:
            strike.run(y.backward)
        except MemoryError:
            changed = [not np.array_equal(t.grad, g) for t, g in zip((a, b), before, strict=True)]
            storing = any(text in getline(*strike.struck) for text in STORES)
            assert storing or not any(changed), strike.struck
            a.grad, b.grad = before[0].copy(), before[1].copy()
            try:
                y.backward()
            except GraphFreed:
                continue
        np.testing.assert_allclose(a.grad, before[0] + np.cos(1.0))
        np.testing.assert_allclose(b.grad, before[1] + np.sin(1.0))
        a.grad, b.grad = before[0].copy(), before[1].copy()


def test_helpers_are_waited_for_before_memory_is_used_again(monkeypatch):
    """Ctrl-C in the caller while threads are at parts of a step: they end before it is raised."""
    monkeypatch.setenv(thread_pool.VARIABLE, "3")
    for at in range(8, 40, 1):
        at_work = []

        def part(i, at_work=at_work):
            at_work.append(i)
            sleep(0.002)
            at_work.remove(i)

        try:
            Strike(at).run(lambda part=part: thread_pool.spread(part, 8))
        except KeyboardInterrupt:
            assert not at_work
    thread_pool.spread(lambda i: None, 8)


def test_signals_at_random_moments(tmp_path):
    """Real ones: a program that is sent SIGINT again and again, and computes on."""
    script = tmp_path / "interrupted.py"
    script.write_text(SIGNALS)
    wanted = 3000 if EVERY else 30
    command = [sys.executable, str(script), str(wanted), os.path.dirname(__file__)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    caught, calls = map(int, done.stdout.split())
    assert caught == wanted
    assert calls


SIGNALS = '''
import os, signal, sys, threading, time, traceback
import numpy as np
import gpugrad as gg
sys.path.insert(0, sys.argv[2])
from interrupts import traces

X, W = np.linspace(0.1, 1.0, 12).reshape(3, 4), np.linspace(-1.0, 1.0, 16).reshape(4, 4)
caught = calls = 0
wanted = None
most = int(sys.argv[1])

def program(x, w):
    def f(w):
        return gg.sum(gg.scan(lambda c, row: (gg.tanh(c @ w + row), c), gg.asarray(x)[0], x)[0])
    return gg.grad(f)(w)

def send():
    rng = np.random.default_rng(0)
    while caught < most:
        time.sleep(rng.exponential(0.01))
        with gate:
            if armed:
                armed.clear()                       # one is enough
                os.kill(os.getpid(), signal.SIGINT)

def check(times):
    global calls
    for _ in range(times):
        for f in (step, program):
            np.testing.assert_allclose(f(X, W), wanted, rtol=1e-9)
            calls += 1

signal.signal(signal.SIGINT, signal.default_int_handler)    # which may be ignored from before
armed, gate = [], threading.Lock()
wanted = program(X, W)
threading.Thread(target=send, daemon=True).start()
while caught < most:
    if caught % 5 == 0:
        step = gg.jit(program, engine="numpy")
    try:
        armed.append(1)
        check(10)
        with gate:
            armed.clear()
        time.sleep(0.001)                           # for one that is under way
    except KeyboardInterrupt:
        caught += 1
    assert not traces(), traces()
    check(2)
print(caught, calls)
'''
