"""Generated source can be read: in tracebacks, by `inspect`, and as long as its functions live."""

from __future__ import annotations

import contextlib
import gc
import inspect
import linecache
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.core import registry
from gpugrad.generated import _forget, compile_source
from gpugrad.sweep import planned

X = np.ones((3, 3))


def generated() -> list[str]:
    return [name for name in linecache.cache if name.startswith("<gpugrad")]


def frames(f: Callable[[], Any]) -> list[traceback.FrameSummary]:
    """The frames of generated source in the traceback of what `f` raises."""
    with pytest.raises(Exception) as caught:        # noqa: PT011  # each function raises its own
        f()
    found = traceback.extract_tb(caught.value.__traceback__)
    return [frame for frame in found if frame.filename.startswith("<gpugrad")]


@pytest.mark.parametrize("op", list(registry.all_ops()), ids=lambda op: op.name)
def test_the_source_of_an_op_is_its_block(op: Any) -> None:
    function = getattr(registry.namespace, op.name)
    assert function.__wrapped__ is op.forward
    assert f"def {op.forward.__code__.co_name}(" in inspect.getsource(function)


@pytest.mark.parametrize("name", ["sin", "matmul", "sum", "getitem", "concat", "qr", "where"])
def test_the_generated_function_of_an_op_can_be_read_once_it_was_called(name: str) -> None:
    function = getattr(registry.namespace, name)
    with pytest.raises(Exception):                  # noqa: B017, PT011  # it was asked to do nothing
        function(*[object()] * len(function.__signature__.parameters))
    text = inspect.getsource(function.__code__)
    assert text.startswith("def call(")
    assert "return apply(op, " in text


def test_the_source_of_an_op_is_there_before_its_first_call() -> None:
    program = """
import inspect
import gpugrad as gg
print(inspect.getsource(gg.cosh))
print(inspect.signature(gg.cosh))
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "def cosh(xp" in run.stdout
    assert run.stdout.endswith("(x: Array) -> Array\n")


def _rule() -> Any:
    @gg.op(lambda g, x: g * missing)                # noqa: F821
    def of_a_missing_name(xp: Any, x: Any) -> Any:
        return xp.exp(x)

    gradient = gg.grad(lambda x: gg.sum(of_a_missing_name(x)))
    return lambda: gradient(X)


def _plan() -> Any:
    step = gg.jit(lambda x, i: gg.take(gg.exp(x), i, axis=0), engine="numpy")
    for _ in range(2):
        step(X, np.array([0, 1]))
    return lambda: step(X, np.array([0, 9]))


FAILING: dict[str, tuple[Callable[[], Any], str, str]] = {
    "op": (lambda: lambda: gg.matmul(X, np.ones(4)), "matmul", "forward(xp, value0, value1)"),
    "rule": (_rule, "vjp of of_a_missing_name", "rule0(g, x)"),
    "plan": (_plan, "plan", "step"),
}
"""What makes a function that fails; what its file is called; and what is in the line."""


@pytest.mark.parametrize("case", FAILING)
def test_a_traceback_names_file_and_line(case: str, own_ops: None) -> None:
    make, name, text = FAILING[case]
    failing = make()
    found = [frame for frame in frames(failing) if frame.filename.startswith(f"<gpugrad {name} ")]
    assert found
    assert text in (found[-1].line or "")


def test_a_compiled_program_can_be_read() -> None:
    step = gg.jit(lambda x: gg.sin(x) @ x, engine="numpy")
    for _ in range(3):
        step(X)
    entry = next(iter(step._cache.kept.entries.values()))
    run = entry.pool.take().run.args[0]
    assert "sin(s0, s1)" in inspect.getsource(run)
    assert inspect.getsource(entry.call).startswith("def call(args, kwargs):")
    with gg.profile():
        step(X)
    assert any(name.startswith("<gpugrad timed plan") for name in generated())


def test_the_guard_of_a_planned_sweep_can_be_read(fresh: None) -> None:
    for _ in range(4):
        x = gg.tensor(X, requires_grad=True)
        gg.sum(gg.exp(x)).backward()
    (plan,) = planned.cache._plans.values()
    assert inspect.getsource(plan.guard).startswith("def guard(seeds, targets, free):")


def test_texts_go_with_their_functions() -> None:
    def use() -> None:
        step = gg.jit(lambda x: gg.tanh(x) * 2, engine="numpy")
        for _ in range(3):
            step(X)
        with gg.profile():
            step(X)

    use()
    gc.collect()
    _forget()
    before = set(generated())
    for _ in range(5):
        use()
    gc.collect()
    _forget()
    assert not set(generated()) - before            # others' may have gone meanwhile


def test_texts_are_at_most_twice_as_many_as_are_in_use() -> None:
    kept = [compile_source("def f(): pass\n", "kept") for _ in range(300)]
    most = 0
    for _ in range(3000):
        compile_source("def f(): pass\n", "dropped")
        most = max(most, len(generated()))
    assert most <= 2 * (len(kept) + len(use_of_others())) + 1
    assert all(code.co_filename in linecache.cache for code in kept)


def use_of_others() -> list[str]:
    """The texts that are in use in this process but for those of the test."""
    _forget()
    return [name for name in generated() if not name.startswith(("<gpugrad kept", "<gpugrad drop"))]


@pytest.mark.parametrize("line", range(1, 12))
def test_an_interrupt_leaves_no_text_for_ever(line: int) -> None:
    """At each line of letting go of texts, which goes on from there the next time."""
    dropped = [compile_source("def f(): pass\n", "interrupted") for _ in range(3)]
    dropped.clear()
    seen = 0

    def interrupt(frame: Any, event: str, _: Any) -> Any:
        nonlocal seen
        if frame.f_code is _forget.__code__ and event == "line":
            seen += 1
            if seen == line:
                raise KeyboardInterrupt
        return interrupt

    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            _forget()
    finally:
        sys.settrace(before)
    _forget()
    assert not [name for name in generated() if name.startswith("<gpugrad interrupted")]


def functions(code: CodeType) -> Iterator[CodeType]:
    return (x for x in code.co_consts if isinstance(x, CodeType))


def test_a_text_stays_for_an_inner_function_alone() -> None:
    outer = compile_source("def outer():\n    def inner():\n        return 1\n", "test")
    (outer,) = functions(outer)
    (inner,) = functions(outer)
    name = inner.co_filename
    del outer
    gc.collect()
    assert inspect.getsource(inner) == "    def inner():\n        return 1\n"
    del inner
    _forget()
    assert name not in linecache.cache


def test_no_two_texts_have_one_name() -> None:
    codes = [compile_source("def f(): pass\n", "same") for _ in range(2)]
    assert codes[0].co_filename != codes[1].co_filename
