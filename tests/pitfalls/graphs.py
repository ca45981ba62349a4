"""What holds a computation: graphs, tapes, threads, memory: rows 21 to 29, 31 and 35."""

from __future__ import annotations

import gc
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from pitfalls.judge import NotApplicable, WrongValue, collector, gradient, holds, same
from pitfalls.library import Failure

CHECKS, check = collector()

LINKS, DOUBLINGS, FORWARDS = 20_000, 60, 1000
LARGE = 50_000
"""Elements of the array of the forwards: 0.4 MB, so that a leak shows."""

LEAK = 2**27
"""Bytes by which memory may grow: a third of one array for each forward."""


def _doubled(library: Any, y: Any) -> Any:
    for _ in range(DOUBLINGS):
        y = y + y
    return y


def _aliased(library: Any, a: Any, b: Any) -> Any:
    c = a + b
    return c + a


CHECKS += [
    gradient(21, "x - x", lambda lib, x: x - x, [[3.0]], [0]),
    gradient(21, "x / x", lambda lib, x: x / x, [[3.0]], [0]),
    gradient(21, "x * x", lambda lib, x: x * x, [[3.0]], [6]),
    gradient(21, "x @ x", lambda lib, x: lib.xp.matmul(x, x), [[1.0, 2.0]], [2, 4]),
    gradient(22, "c = a + b, c + a", _aliased, [[1.0, 2.0], [3.0, 4.0]], [2, 2], [1, 1]),
    gradient(26, "gradient", _doubled, [1.0], 2.0**DOUBLINGS),
]


@check(23, "writing into one leaves the other and the arguments")
def _(library: Any) -> None:
    a, b = library.array([1.0, 2.0]), library.array([3.0, 4.0])
    ga, gb = library.gradients(lambda a, b: library.xp.sum(a + b), a, b)
    ga *= 0.5
    same(library, ga, [0.5, 0.5])
    same(library, gb, [1, 1])
    same(library, a, [1, 2])


@check(24, "found, or without effect")
def _(library: Any) -> None:
    factor = library.array([2.0, 3.0])
    with library.watching():
        _, pull = library.pullback(lambda x: library.xp.sum(x * factor), library.array([1.0, 1.0]))
        try:
            factor[...] = 7.0
            g = pull(library.array(1.0))
        except Exception:
            return                                  # the library found it
    same(library, g, [2, 3])


def _chain(x: Any) -> Any:
    for _ in range(LINKS):
        x = x * 1.00001
    return x


@check(25, "built, swept and freed")
def _(library: Any) -> None:
    out, pull = library.pullback(_chain, library.array(1.0))
    same(library, pull(library.array(1.0)), 1.00001**LINKS)
    del out, pull


@check(25, "freed without a sweep")
def _(library: Any) -> None:
    out, pull = library.pullback(_chain, library.array(1.0))
    same(library, out, 1.00001**LINKS)
    del out, pull


@check(27, "a pullback called twice")
def _(library: Any) -> None:
    _, pull = library.pullback(lambda x: (x * x) * (x * x), library.array(2.0))
    same(library, pull(library.array(1.0)), 32)
    try:
        again = pull(library.array(1.0))
    except Exception:
        return                                      # it says so
    same(library, again, 32)


@check(27, "backward twice")
def _(library: Any) -> None:
    w = library.leaf([2.0])
    h = w * w
    y = library.xp.sum(h * h)
    library.backward(y)
    same(library, library.grad_of(w), [32])
    with suppress(Exception):                       # it may refuse
        library.backward(y)
    g = library.numpy(library.grad_of(w))
    holds(g in (32, 64), f"found {g}, wanted 32, 64 or an error")


@check(27, "a leaf in a second graph")
def _(library: Any) -> None:
    w = library.leaf([2.0])
    for _ in range(2):
        library.backward(library.xp.sum(w * 3.0))
    g = library.numpy(library.grad_of(w))
    holds(g in (3, 6), f"found {g}, wanted 3 or, added up, 6")


def _resident() -> int:
    """Bytes of the resident set."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        raise NotApplicable("this system does not tell how much memory is held") from None
    return pages * 4096


@check(28, "1,000 forwards without a sweep leave nothing")
def _(library: Any) -> None:
    x = library.array([1.0] * LARGE)

    def forward() -> None:
        library.pullback(lambda x: library.xp.sum(library.xp.sin(x) * x), x)

    forward()
    gc.collect()
    before = _resident()
    gc.disable()                                    # what is freed is freed at once
    try:
        for _ in range(FORWARDS):
            forward()
        grown = _resident() - before
    finally:
        gc.enable()
    holds(grown < LEAK, f"memory grew by {grown / 2**20:.0f} MiB")


@check(28, "a failure in a rule leaves no state")
def _(library: Any) -> None:
    x, f = library.array([3.0]), library.failing()
    for _ in range(2):
        try:
            library.gradients(lambda x: library.xp.sum(f(x * 2.0)), x)
        except Exception as error:
            if any(isinstance(cause, Failure) for cause in (error, error.__cause__)):
                continue
            raise
        raise WrongValue("the failure of the rule was not raised")
    same(library, library.gradients(lambda x: library.xp.sum(x * x), x)[0], [6])


@check(29, "perturbations are not confused")
def _(library: Any) -> None:
    one = library.array(1.0)
    found = library.grad(lambda x: x * library.grad(lambda y: x + y)(one))(one)
    same(library, found, 1)


@check(29, "the outer variable at the inner point")
def _(library: Any) -> None:
    found = library.grad(lambda x: x * library.grad(lambda y: x * y * y)(x))(library.array(3.0))
    same(library, found, 54)                        # of 2x³


@check(29, "by what is closed over")
def _(library: Any) -> None:
    three, two = library.array(3.0), library.array(2.0)
    found = library.grad(lambda x: library.grad(lambda y: x * x * y * y)(three))(two)
    same(library, found, 24)                        # of 6x²


@check(29, "a tower that closes over each floor")
def _(library: Any) -> None:
    def tower(x: Any) -> Any:
        return library.grad(lambda y: library.grad(lambda z: x * y * y * z * z * z)(y))(x)

    # By z, at z = y: 3xy⁴; by y, at y = x: 12x⁴; by x: 48x³.
    same(library, library.grad(tower)(library.array(2.0)), 384)


@check(29, "three deep")
def _(library: Any) -> None:
    third = library.grad(library.grad(library.grad(lambda x: x * x * x * x)))
    same(library, third(library.array(2.0)), 48)


def _in_threads(work: Any, count: int = 8) -> None:
    """Run `work(0)`, `work(1)`, ... side by side, and raise what one of them raised."""
    errors: list[BaseException] = []

    def guarded(k: int) -> None:
        try:
            work(k)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@check(31, "gradients in eight threads")
def _(library: Any) -> None:
    def work(k: int) -> None:
        x = library.array([float(k)])
        for _ in range(20):
            (g,) = library.gradients(lambda x: library.xp.sum(x * x * k), x)
            same(library, g, [2.0 * k * k])

    _in_threads(work)


@check(31, "nested gradients in eight threads")
def _(library: Any) -> None:
    def work(k: int) -> None:
        x = library.array(float(k))
        for _ in range(20):
            g = library.grad(lambda x: library.grad(lambda y: x * y * y)(x))(x)
            same(library, g, 4.0 * k)

    _in_threads(work)


@check(31, "no_grad in one thread alone")
def _(library: Any) -> None:
    inside, done = threading.Event(), threading.Event()
    library.no_grad()                               # not applicable where there is none

    def work(k: int) -> None:
        if k == 0:
            with library.no_grad():
                inside.set()
                done.wait(10)
            return
        inside.wait(10)
        try:
            w = library.leaf([1.0])
            holds(library.is_tracked(w * 2.0), "another thread's no_grad holds in this one")
        finally:
            done.set()

    _in_threads(work, 2)


@check(35, "nested")
def _(library: Any) -> None:
    w = library.leaf([1.0])
    with library.no_grad():
        with library.no_grad():
            pass
        holds(not library.is_tracked(w * 2.0), "the inner block switched recording on")
    holds(library.is_tracked(w * 2.0), "recording stays off")


@check(35, "left by an exception")
def _(library: Any) -> None:
    w = library.leaf([1.0])
    with suppress(KeyError), library.no_grad():
        raise KeyError
    holds(library.is_tracked(w * 2.0), "recording stays off")
