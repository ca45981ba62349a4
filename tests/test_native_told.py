"""What is told of native code: which kernels do which step, their text, and the time of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from on_engines import compiled

import gpugrad as gg

pytest.importorskip("llvmlite")

from gpugrad.engines.native import reports
from gpugrad.engines.native.machine_code import name_of
from gpugrad.engines.native.printed import RangeKey
from gpugrad.engines.profile_report import functions

X = np.random.default_rng(0).normal(size=(20, 30))
LARGE = np.random.default_rng(0).normal(size=(300, 400))
CHOSEN = np.array([1, 5, 5])

PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], list[str]]] = {
    "one region": (lambda x: gg.exp(x) * 2, (X,), ["fused"]),
    "a product and rows": (lambda x: gg.softmax(x @ x.T, axis=1), (X,), ["matmul", "fused"]),
    "in parts": (lambda x: gg.exp(x) * gg.sum(x * x), (LARGE,), ["fused", "fused", "fused"]),
    "rows that are checked": (lambda x, i: x[i] * 2, (X, CHOSEN), ["getitem", "fused"]),
    "a loop": (
        lambda x: gg.scan(lambda c, r: (gg.tanh(c + r), gg.sum(c)), x[0], x), (X,), ["scan"]
    ),
    "around a call": (
        lambda x: gg.cbrt(gg.exp(x) * 2) * 3 + 1, (X,), ["fused", "fused"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_source_has_each_kernel_and_says_what_for(name: str) -> None:
    f, args, ops = PROGRAMS[name]
    step = compiled(f, *args)
    source = step.source(*args)
    program = step._cache.compiled(args, {}).program
    said = re.findall(r"^;     (\w+), (\S+): (kernel_\w+(?:, kernel_\w+)*)$", source, re.M)
    found = [op for op, line, _ in said]
    assert found[: len(ops)] == ops if name != "in parts" else set(ops) <= set(found)
    assert all(line.startswith("test_native_told.py:") for _, line, _ in said)
    keys = {key for run in program.runs.values() for key in run.keys}
    assert keys
    named = {kernel for _, _, kernels in said for kernel in kernels.split(", ")}
    for key in keys:
        kernel = name_of(key)
        assert kernel in named
        assert source.count(f"define i64 @{kernel}(") == 1
        assert len(re.findall(rf"^{kernel}:", source, re.M)) == 1       # as instructions
        assert f"; {kernel}, as instructions of this processor" in source


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_profile_has_a_row_for_each_step_of_a_run(name: str) -> None:
    f, args, ops = PROGRAMS[name]
    step = compiled(f, *args)
    wanted = step(*args)
    with gg.profile() as p:
        for _ in range(5):
            found = step(*args)
    for y, right in zip(_leaves(found), _leaves(wanted), strict=True):
        assert y.tobytes() == right.tobytes()
    (report,) = functions(p)
    program = step._cache.compiled(args, {}).program
    rows = [part for parts in program.within().values() for part in parts]
    assert len(report.kernels) == len(rows) >= len(ops)
    for row in report.kernels:
        assert row.calls == 5
        assert 0 < row.best * 5 <= row.seconds < report.seconds
        matched = re.fullmatch(r"(run\d+): (\w+) (kernel_\w{8})(?: \+\d+)?", row.name)
        assert matched is not None
        run, op, kernel = matched.groups()
        first = next(names[0] for step, names in program.within()[run]
                     if step.op == op and names[0].startswith(kernel))  # fmt: skip
        assert first != name_of(RangeKey())         # what only hands out parts is last
        assert row.line.startswith("test_native_told.py:")
    assert sum(row.seconds for row in report.kernels) <= report.seconds
    assert "by kernel of native code" in str(p)


def _leaves(y: Any) -> list[np.ndarray]:
    return [np.asarray(x) for x in (y if isinstance(y, tuple) else (y,))]


def test_outside_of_a_profile_nothing_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "timed", lambda *given: pytest.fail("timed"))
    step = compiled(lambda x: gg.exp(x) * 2, X)
    step(X)
    with gg.profile() as p, pytest.raises(pytest.fail.Exception):
        step(X)
    assert not functions(p)


def test_arrays_in_any_order_are_timed_too() -> None:
    step = compiled(lambda x: gg.exp(x) * 2, X)
    turned = np.asfortranarray(X)
    with gg.profile() as p:
        np.testing.assert_array_equal(step(turned), step(X))
    (report,) = functions(p)
    assert [row.calls for row in report.kernels] == [2]


def test_what_is_wrong_raises_while_it_is_timed() -> None:
    step = compiled(lambda x, i: x[i] * 2, X, CHOSEN)
    with gg.profile() as p, pytest.raises(IndexError):
        step(X, np.array([1, 50, 2]))
    (report,) = functions(p)
    assert report.failed == 1
    assert report.kernels == ()
