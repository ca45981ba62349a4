"""`step.explain(...)` and the text of a plan: what a person can read about what runs."""

import re
from dataclasses import replace

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.engines.cost import allocated, in_arena, moved_in_run
from gpugrad.plan.listing import WIDTH, place, size
from gpugrad.plan.passes import why_unfused
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.passes.why_unfused import Unfused
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import VIEWS

X = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path))


def training(engine):
    with gg.use_backend("numpy"):                   # which `X` and the labels are of
        model = gg.nn.MLP([4, 5, 3], activation="tanh", rng=0, dtype="float32")
    opt = gg.optim.adam(1e-2)
    labels = np.array([0, 2, 1])

    def update(model, state, x):
        loss, grads = gg.value_and_grad(
            lambda m: gg.mean(gg.nn.softmax_cross_entropy(m(x), labels))
        )(model)
        updates, state = opt.update(grads, state, model)
        return gg.optim.apply_updates(model, updates), state, loss

    step = gg.jit(update, engine=engine, donate_argnums=(0, 1))
    return step, (model, opt.init(model), X)


def entry(step, args):
    return step._cache.compiled(args, {})


def rows(text):
    """The numbered steps."""
    return [line for line in text.splitlines() if re.match(r" +\d+   ", line)]


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_the_whole_text_of_a_training_step(engine):
    step, args = training(engine)
    text = step.explain(*args)
    program = entry(step, args).program
    lines = text.splitlines()
    assert max(map(len, lines)) <= WIDTH + 2
    assert lines[0].startswith(f"engine     {engine}: ")
    assert f"{len(entry(step, args).traced.steps)} traced" in text
    assert f"moved      {size(moved_in_run(program))} in each run" in text
    assert f"an arena of {size(program.placement.size)} " in text
    assert f"for results of {size(in_arena(program))};" in text
    assert f"{size(allocated(program))} allocated" in text
    assert in_arena(program) > program.placement.size
    assert len(rows(text)) == len(program.plan.steps)
    assert re.search(r"%0 +float32\[4, 5\] +model.layers\[0\].weight +donated to %\d+", text)
    assert re.search(r"%\d+ +float32\[3, 4\] +x$", text, re.M)
    assert re.search(r"%\d+ +int64\[3\] +(captured|constant)", text)
    for row in rows(text):                          # but for what batching adds
        assert "test_explain.py:" in row or row.split(" = ")[1].split()[0] in {*VIEWS, "pack"}
    assert " in place of %0" in text                # as the memory of a step and as an output
    assert text == step.explain(*args)


def test_memory_is_told_slot_by_slot():
    def f(x):
        y = gg.exp(x)                               # dies with the sum
        z = gg.sin(y)                               # in its place
        return gg.sum(z) + gg.sum(gg.cos(x)), x.T * 2

    text = gg.jit(f, engine="numpy").explain(X)
    notes = {row.split(" = ")[1].split()[0]: row for row in rows(text)}
    assert re.search(r"%1 = exp %0 +float32\[3, 4\] +96 B +at 0 ", notes["exp"])
    assert "in place of %1 " in notes["sin"]
    assert re.search(r"at \d+, after %2 ", notes["cos"])
    assert "view of %0 " in notes["permute_dims"]
    assert " 0 B " in notes["permute_dims"]
    assert "returned" in notes["multiply"]


def test_numbers_do_not_depend_on_how_passes_came_to_the_plan():
    plan = gg.jit(lambda x: gg.exp(x) + gg.arange(4, dtype="float32")).plan(X)
    n = len(plan.slots)
    turned = Plan(
        slots=plan.slots[::-1],
        inputs=tuple(n - 1 - s for s in plan.inputs),
        constants=tuple((n - 1 - s, c) for s, c in plan.constants),
        steps=tuple(
            replace(
                s,
                inputs=tuple(n - 1 - i for i in s.inputs),
                outputs=tuple(n - 1 - i for i in s.outputs),
            )
            for s in plan.steps
        ),
        outputs=tuple(n - 1 - s for s in plan.outputs),
    )
    assert turned != plan
    assert str(turned) == str(plan)
    assert plan.diff(turned) == ""


def test_long_steps_are_broken_into_lines():
    xs = [np.ones(3, np.float32) * i for i in range(40)]
    text = gg.jit(lambda *xs: gg.concat(xs)).explain(*xs)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert all(f"%{i}" in text for i in range(41))
    assert re.search(r"%39 +float32\[3\] +xs\[39\]$", text, re.M)


def test_arguments_are_named_as_the_function_names_them():
    def f(a, *rest, k):
        return a["w"][1] + rest[0] * k

    text = gg.jit(f).explain({"w": (X, X + 1)}, X, k=X)
    for name in ("a['w'][0]", "a['w'][1]", "rest[0]", "k"):
        assert re.search(rf"float32\[3, 4\] +{re.escape(name)}$", text, re.M), text


def test_what_is_compiled_and_what_is_called():
    def f(x):
        return gg.sum(gg.real(gg.tanh(gg.astype(gg.exp(x), np.complex64))) * 2)

    text = gg.jit(f, engine="native").explain(X)
    assert "called, not compiled: dtype complex64" in text
    assert re.search(r"^run0$", text, re.M)
    assert "native: " in text.splitlines()[0]
    assert "of NumPy in each run" in text.splitlines()[0]


def fused(f, *args):
    return fuse(gg.jit(f, engine="numpy").plan(*args))


def reasons(plan):
    unfused = Unfused(plan)
    return {(s.body[0] if s.body else s).op: unfused.reason(s) for s in plan.steps}


def test_why_a_step_was_not_fused(monkeypatch):
    plan = fused(lambda x: gg.tanh(x @ x.T), X)
    found = reasons(plan)
    assert found["matmul"] == "matmul is neither elementwise nor a reduction"
    assert found["tanh"] == "beside it are only matmul"
    assert reasons(fused(lambda x: gg.exp(x) + 1, X))["exp"] == ""
    assert reasons(fused(gg.exp, X))["exp"] == "it reads inputs and makes outputs"
    assert reasons(fused(gg.exp, X.astype(np.float16)))["exp"] == "dtype float16"
    assert reasons(fused(gg.exp, X[:0]))["exp"] == "no elements"
    across = reasons(fused(lambda x: gg.sum(x, axis=1), np.ones((2, 3, 4))))["sum"]
    assert across == "sum over axes (1) of [2, 3, 4] goes across rows"
    odd = reasons(fused(lambda x, y: x + y, np.ones((2, 1, 4)), np.ones((2, 3, 1))))["add"]
    assert odd == "[2, 1, 4] and [2, 3, 1] do not lie in rows and columns of [2, 3, 4]"


def test_why_a_step_was_not_joined_with_a_region(monkeypatch):
    def f(x):
        return gg.exp(gg.sin(x) * 2) + 1

    plan = gg.jit(f, engine="numpy").plan(X)
    region = fuse(replace(plan, steps=plan.steps[:2], outputs=plan.steps[1].outputs))
    last = Step("fused", plan.steps[2].inputs, plan.steps[2].outputs,
                (("shape", (3, 4)),), plan.steps[2:3])  # fmt: skip
    apart = replace(region, steps=(*region.steps, last), outputs=last.outputs)
    assert Unfused(apart).reason(last) == "another step between them must run first"
    monkeypatch.setattr(why_unfused, "LARGEST", 2)
    assert Unfused(apart).reason(last) == "the region beside it has 2 steps; 2 are the most"
    monkeypatch.undo()
    monkeypatch.setattr(why_unfused, "WRITES", 0)
    assert Unfused(apart).reason(last) == "one loop would write more than 0 arrays"


def test_plans_inside_steps_are_listed_below_them():
    def f(x):
        return gg.scan(lambda c, row: (c * row, c), gg.sum(x, axis=0), x)

    text = gg.jit(f, engine="numpy").explain(X)
    assert "    body:\n      inputs" in text
    body = text.split("body:")[1]
    assert "multiply" in body.split("outputs")[0]


def test_names_and_sizes_are_short():
    assert place("/home/somebody/deep/train.py:12") == "train.py:12"
    long = place("/x/" + "very_" * 20 + "long.py:7")
    assert len(long) == 24
    assert long.startswith("…")
    assert long.endswith("long.py:7")
    assert [size(n) for n in (0, 1023, 1024, 5 * 2**20, 2**42)] == [
        "0 B", "1023 B", "1.0 KiB", "5.0 MiB", "4096.0 GiB",
    ]  # fmt: skip


def test_the_generated_code_can_be_read() -> None:
    f = gg.jit(lambda x: gg.sin(x) * 2.0, engine="numpy")
    assert "sin(s0" in f.source(np.ones(3))


def test_what_is_shown_of_a_compiled_function_is_no_call() -> None:
    """Views for the caller are made beside it: they compute nothing."""
    pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")
    arrays = [np.full(3, float(i)) for i in range(10)]
    step = gg.jit(lambda xs: [x + 1 for x in xs], engine="native")
    assert "native: 1 compiled function in each run" in step.explain(arrays)
    step = gg.jit(lambda xs: [gg.argsort(x + 1) for x in xs], engine="native")
    assert "1 compiled function and 10 calls of NumPy in each run" in step.explain(arrays)
