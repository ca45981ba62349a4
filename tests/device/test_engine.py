"""The CuPy engine: plans as graphs of kernels give what the reference gives."""

from __future__ import annotations

import os
from random import Random
from threading import Thread
from typing import Any

import cupy as cp
import numpy as np
import programs
import pytest
from freedom import OPEN
from rounding import assert_same
from thresholds import THRESHOLDS, lowered

import gpugrad as gg
from gpugrad import tree
from gpugrad.backends import numpy_namespace
from gpugrad.engines.cuda import cublas, elements, product, rows
from gpugrad.engines.cuda.engine import compile_plan
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.plan import interpret
from gpugrad.plan.passes import improve
from gpugrad.plan.plan import Plan

BATCH = 24
SIZES = [12, 16, 10]


class Run:
    """A plan on the engine. `call` gives the outputs; what is donated stays with the instance."""

    def __init__(self, plan: Plan, arrays: list[Any]) -> None:
        self.plan = plan
        self.instance = compile_plan(plan).instance()
        self.donated = [slot for slot, _ in plan.donated]
        given = dict(zip(plan.inputs, arrays, strict=True))
        for slot, place in zip(self.donated, self.instance.donated, strict=True):
            place[...] = cp.asarray(given[slot])

    def call(self, arrays: list[Any]) -> list[Any]:
        """The outputs for these inputs; those that are donated are not looked at."""
        given = zip(self.plan.inputs, arrays, strict=True)
        inputs = [cp.asarray(x) for slot, x in given if slot not in self.donated]
        fresh = iter(self.instance.run(*inputs))
        replaced = {output: i for i, (_, output) in enumerate(self.plan.donated)}
        results = []
        for slot in self.plan.outputs:
            place = replaced.pop(slot, None)
            results.append(next(fresh) if place is None else self.instance.donated[place])
        return [cp.asnumpy(x) for x in results]


def network(dtype: str = "float32") -> tuple[Any, Any, Any]:
    """A step of Adam, a model with its state, and what makes batches, all on the host."""
    opt = gg.optim.adam(1e-2)

    def step(model: Any, state: Any, x: Any, labels: Any, scale: Any) -> Any:
        def loss(m: Any) -> Any:
            return gg.mean(gg.softmax_cross_entropy(m(x), labels)) * scale

        value, grads = gg.value_and_grad(loss)(model)
        updates, state = opt.update(grads, state, model)
        return gg.optim.apply_updates(model, updates), state, value

    with gg.use_backend("numpy"):
        model = gg.nn.MLP(SIZES, rng=0, dtype=dtype)
        state = opt.init(model)

    def batch(seed: int) -> tuple[Any, Any]:
        rng = np.random.default_rng(seed)
        return rng.normal(size=(BATCH, SIZES[0])).astype(dtype), rng.integers(0, SIZES[-1], BATCH)

    return step, (model, state), batch


def on_device(x: Any) -> Any:
    """A tree with its arrays on the device."""
    return tree.map(lambda a: cp.asarray(a) if isinstance(a, np.ndarray) else a, x)


@pytest.mark.parametrize("donated", [(), (0, 1)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_is_that_of_the_cpu(donated: tuple[int, ...], dtype: str) -> None:
    """With other batches and other numbers in every step, and much memory taken in between."""
    step, (model, state), batch = network(dtype)
    compiled = gg.jit(step, donate_argnums=donated)
    mine, my_state = on_device((model, state))
    for i in range(8):
        x, labels = batch(i)
        scale = 1.0 + i / 10
        model, state, wanted = step(model, state, x, labels, scale)
        given = cp.asarray(x), cp.asarray(labels)
        mine, my_state, value = compiled(mine, my_state, *given, scale)
        assert type(value) is cp.ndarray
        del given
        others = [cp.full(size, float("nan")) for size in (3, 1000, 50_000)]
        assert_same([value], [wanted], rounding=10)
        del others
    assert my_state.steps == state.steps == 8
    assert_same(tree.leaves(mine), tree.leaves(model), rounding=100)


def test_several_functions_live_side_by_side() -> None:
    step, start, batch = network()
    x, labels = on_device(batch(0))
    functions = [gg.jit(step, donate_argnums=(0, 1)) for _ in range(3)]
    runs = [on_device(start) for _ in functions]
    losses: list[list[float]] = [[] for _ in functions]
    for _ in range(5):
        for i, f in enumerate(functions):
            model, state, value = f(*runs[i], x, labels, 1.0)
            runs[i] = (model, state)
            losses[i].append(float(value))
    assert losses[0] == losses[1] == losses[2]
    assert losses[0][-1] < losses[0][0]


def test_threads_take_turns() -> None:
    f = gg.jit(lambda a, b: gg.tanh(a @ b) + 1.0)
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 20, 20))
    wanted = np.tanh(a @ b) + 1.0
    for _ in range(3):
        f(cp.asarray(a), cp.asarray(b))
    problems: list[BaseException] = []

    def work() -> None:
        try:
            with cp.cuda.Stream(non_blocking=True) as stream:
                mine = cp.asarray(a), cp.asarray(b)
                results = [f(*mine) for _ in range(20)]
                stream.synchronize()
            for y in results:
                assert_same([y], [wanted])
        except BaseException as problem:
            problems.append(problem)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


def test_streams_wait_for_each_other() -> None:
    step, start, batch = network()
    x, labels = on_device(batch(0))
    f, g = (gg.jit(step, donate_argnums=(0, 1)) for _ in range(2))
    one, other = on_device(start), on_device(start)
    streams = [cp.cuda.Stream(non_blocking=True) for _ in range(2)]
    cp.cuda.get_current_stream().synchronize()
    for i in range(6):
        with streams[i % 2]:
            *one, value = f(*one, x, labels, 1.0)
        *other, wanted = g(*other, x, labels, 1.0)
        for stream in streams:
            stream.synchronize()
        assert float(value) == float(wanted)


def test_a_product_goes_on_with_its_own_operands() -> None:
    def f(a: Any, b: Any) -> Any:
        return (a.T @ b) * a.T + b, gg.relu(a @ b + 1.0) * a, gg.exp(b.T @ a) * b[0] - 2.0 * b.T

    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 6, 6))
    compiled = gg.jit(f)
    for _ in range(3):
        found = compiled(cp.asarray(a), cp.asarray(b))
    assert_same(found, f(a, b))


def test_what_is_brought_together_is_a_kernel() -> None:
    def f(a: Any, b: Any) -> Any:
        return gg.concat([a * 2.0, b.T, a], axis=0), gg.stack([a, b.T * 3.0]), gg.concat([a, a], -1)

    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    compiled = gg.jit(f)
    for _ in range(3):
        found = compiled(cp.asarray(a), cp.asarray(b))
    assert_same(found, f(a, b))
    text = compiled.explain(cp.asarray(a), cp.asarray(b))
    assert text.count("no kernel is generated for") == 1    # along the last axis
    assert "concat of these arrays: along axis 1 its parts do not lie one behind the other" in text


@pytest.mark.parametrize("layout", ["turned", "reversed", "strided", "part"])
def test_inputs_of_any_layout(layout: str) -> None:
    def f(a: Any, b: Any) -> Any:
        return gg.exp(a) @ b, gg.sum(a.T * 2.0, axis=0), a.T, a[1:, ::2] + 1.0

    rng = np.random.default_rng(0)
    large = rng.normal(size=(12, 14))
    a = {"turned": large[:8, :6].T, "reversed": large[5::-1, 7::-1], "strided": large[::2, :8],
         "part": large[3:9, 2:10]}[layout]  # fmt: skip
    b = rng.normal(size=(a.shape[1], 5))
    compiled = gg.jit(f)
    for _ in range(4):
        mine = cp.asarray(np.array(large))
        given = {"turned": mine[:8, :6].T, "reversed": mine[5::-1, 7::-1],
                 "strided": mine[::2, :8], "part": mine[3:9, 2:10]}[layout]  # fmt: skip
        assert_same(compiled(given, cp.asarray(b)), f(a, b))


def test_a_step_without_a_kernel_is_called_between_graphs() -> None:
    def f(x: Any, w: Any, at: Any) -> Any:
        h = gg.tanh(x @ w) * 2.0
        best = gg.argsort(h, axis=1)
        return gg.sum(h[at] * h[at], axis=1), best, h @ w.T

    rng = np.random.default_rng(0)
    x, w, at = rng.normal(size=(6, 5)), rng.normal(size=(5, 4)), np.array([3, 0, 3])
    compiled = gg.jit(f)
    given = on_device((x, w, at))
    for _ in range(4):
        assert_same(compiled(*given), f(x, w, at))
    text = compiled.explain(*given)
    assert "graph0" in text
    why = "argsort is neither elementwise nor a reduction"
    assert f"no kernel is generated for argsort of these arrays: {why}" in text


def test_a_single_launch_says_why_it_is_not_captured() -> None:
    x = cp.asarray(np.linspace(0.0, 1.0, 5))
    one, two = gg.jit(lambda x: gg.tanh(x) * 2.0), gg.jit(lambda x: gg.tanh(x @ x) @ x)
    said = "graph0, not captured: a graph pays from 2 launches on"
    assert said in one.explain(x)
    text = two.explain(x[:, None] + x)
    assert "graph0" in text
    assert "not captured" not in text


def test_a_product_of_other_numbers_says_so() -> None:
    x = cp.asarray(np.arange(9).reshape(3, 3))
    text = gg.jit(lambda x: x @ x).explain(x)
    kinds = "int64[3, 3] and int64[3, 3]"
    assert f"no kernel is generated for matmul of these arrays: none is written for {kinds}" in text


def test_numbers_are_not_baked_in() -> None:
    f = gg.jit(lambda x, rate, n: (x * rate + n, n + 1, rate * 2.0))
    x = cp.asarray(np.arange(5.0))
    for i in range(5):
        y, n, rate = f(x, 0.5 * i, i)
        assert (n, rate) == (i + 1, 1.0 * i)
        assert type(n) is int
        assert_same([y], [np.arange(5.0) * 0.5 * i + i])


def test_many_arrays_go_in_and_out() -> None:
    """More addresses than one launch can take."""
    arrays = [np.full(3, float(i)) for i in range(300)]
    f = gg.jit(lambda given: [x * 2.0 + 1.0 for x in given])
    for _ in range(3):
        found = f([cp.asarray(x) for x in arrays])
    assert_same(found, [x * 2.0 + 1.0 for x in arrays])


def test_results_are_the_callers_own() -> None:
    def f(x: Any) -> Any:
        y = x * 2.0
        return y, y, x, gg.reshape(y, (-1,)), gg.broadcast_to(y[0], (3, 4))

    compiled = gg.jit(f)
    x = cp.asarray(np.arange(12.0).reshape(3, 4))
    results: list[Any] = []
    for _ in range(4):
        results.append(compiled(x))
        results[-1][0][...] = -1.0                  # changes nothing else
    for found in results:
        wanted = f(np.arange(12.0).reshape(3, 4))
        assert_same(found[1:], wanted[1:])
    assert cp.asnumpy(x).tolist() == np.arange(12.0).reshape(3, 4).tolist()


def test_training_steps_with_donated_parameters() -> None:
    """Three steps in the memory of the instance are three steps of the reference."""
    step, (model, state), batch = network()
    arguments = (model, state, *batch(0), 1.0)
    with gg.use_backend("numpy"):
        plan = gg.jit(step, engine="numpy", donate_argnums=(0, 1)).plan(*arguments)
    arrays = [np.asarray(x) for x in tree.flatten(arguments)[0]]
    running, mine, wanted = Run(plan, arrays), arrays, arrays
    for _ in range(3):
        results = interpret.run(plan, wanted, numpy_namespace)
        wanted = [*map(np.asarray, results[:-1]), *arrays[-3:]]     # but for the loss
        found = running.call(mine)
        mine = [*found[:-1], *arrays[-3:]]
        assert_same(found, list(map(np.asarray, results)), rounding=10)


def test_an_engine_for_the_cpu_is_refused() -> None:
    f = gg.jit(lambda x: x + 1.0, engine="numpy")
    x = cp.asarray(np.zeros(3))
    f(x)
    with pytest.raises(InvalidArgument, match="leave out `engine`"):
        f(x)


THROUGHOUT = frozenset(
    "fft_fft fft_ifft fft_irfft fft_irfft_transposed fft_rfft fft_rfft_transposed "
    "full_convolution valid_correlation".split()
)
"""Ops by Fourier transforms, which spread what is not finite, as infinities or as NaN."""


def _is_reciprocal_of_integers(step: Any) -> bool:
    """Of 0, it is what the library makes of it; that of floating numbers is a quotient."""
    return bool(step.op == "reciprocal")


def check_on_device(number: int) -> bool:
    """Whether program `number` was run: that its plan gives on the device what it does eagerly."""
    program = programs._program(Random(number), 6)
    ops = set(programs.ops_of(program))
    if ops & set(OPEN):                             # a program may make anything of a sign
        return False
    with np.errstate(all="ignore"), gg.use_backend("numpy"):
        entry = programs._entry(program)
        plan = improve(entry.plan)
        arguments = program.arguments(number)
        wanted = programs._wanted(program, arguments)
        if not plan.steps or wanted is None or any(map(_is_reciprocal_of_integers, plan.steps)):
            return False
        if ops & THROUGHOUT and not all(np.isfinite(y).all() for y in wanted):
            return False
    arrays = [np.asarray(x) for x in [*arguments, *(x for _, x in entry.captured)]]
    running = Run(plan, arrays)
    for _ in range(2):
        try:
            found = running.call(arrays)
        except UnsupportedOperand as error:
            if "of which alone CuPy has this function" not in str(error):
                raise
            return False                            # of complex numbers
        with gg.use_backend("numpy"):
            for y, place in zip(found, entry.places, strict=True):
                programs._same(y, wanted[place], program, arguments, place, "the device")
    return True


@pytest.mark.parametrize("low", [(), [*THRESHOLDS]], ids=["as they are", "as if large"])
@pytest.mark.parametrize("dtype", ["bool", "int32", "float16", "float64"])
def test_reductions_of_the_one_row_that_is_reduced_itself(dtype: str, low: list[str]) -> None:
    """What comes behind the reduction of the only row there is is computed once it is known."""

    def ones(x: Any) -> Any:
        total = gg.sum(x, axis=1)
        return total, x * 2, gg.sum(total * 0.5)

    def late(x: Any) -> Any:
        y = gg.sum(x, axis=1) * 0.5
        return y, gg.exp(x * 2), gg.sum(y * 2.0) + gg.max(gg.exp(y)) * gg.min(y)

    def again(x: Any) -> Any:
        y = gg.sum(x, axis=1) - 2.0
        return gg.abs(x), gg.sum(gg.sum(gg.exp(y), axis=0) * 3.0) + gg.max(gg.min(y - 1.0))

    for f in (ones, late, again):
        for n in (1, 3, 70):
            x = (np.arange(n).reshape(1, n) % 3 - 1).astype(dtype)
            with gg.use_backend("numpy"):
                plan = gg.jit(f, engine="numpy").plan(x)
                wanted = f(x)
            with lowered(low):
                found = Run(plan, [x]).call([x])
            assert_same(found, list(map(np.asarray, wanted)))


@pytest.mark.parametrize("low", [(), [*THRESHOLDS]], ids=["as they are", "as if large"])
def test_random_programs(low: list[str]) -> None:
    """`GPUGRAD_PROGRAMS=1000` runs that many; packs of elements, long rows, blocks that share."""
    count = number = 0
    with lowered(low):
        while count < int(os.environ.get("GPUGRAD_PROGRAMS", "25")):
            number += 1
            count += check_on_device(number)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch", [(), (3,)])
def test_large_products_are_those_of_the_library(
    dtype: str, batch: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every way in which the matrices can lie, and results that go on or go out."""
    monkeypatch.setattr(product, "LARGE", 130 * 128**2)

    def f(a: Any, b: Any) -> Any:
        y = gg.tanh(a * 0.01) @ b
        turned = gg.matrix_transpose
        z = turned(turned(b) @ turned(a))
        return y, gg.sum(y * 2.0), turned(y) @ gg.tanh(a), z, b @ turned(b)

    rng = np.random.default_rng(0)
    a = rng.normal(size=(*batch, 130, 128)).astype(dtype)
    b = rng.normal(size=(*batch, 128, 132)).astype(dtype)
    compiled = gg.jit(f)
    for _ in range(4):
        found = compiled(cp.asarray(a), cp.asarray(b))
        assert_same(found, f(a, b), rounding=10)
    assert " products by cuBLAS" in compiled.explain(cp.asarray(a), cp.asarray(b))


@pytest.mark.parametrize("many", [elements.MANY, 1])
def test_views_are_read_where_they_lie(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each element once: by one kernel, without a copy in order."""
    for module in (elements, rows):
        monkeypatch.setattr(module, "MANY", many)

    def f(x: Any, y: Any) -> Any:
        z = gg.exp(x)                               # whose memory is not that of the results
        return (
            (z.T * 2.0 + y[:, ::-2]) * z[0, :, None],
            gg.sum(z[:, ::-1] * y[:4, :4].T, axis=0),
            z[1:3, 1:].T + z[1:3, :-1].T,
        )

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 4)), rng.normal(size=(4, 8))
    compiled = gg.jit(f)
    for _ in range(3):
        assert_same(compiled(cp.asarray(x), cp.asarray(y)), f(x, y))
    assert "cop" not in compiled.explain(cp.asarray(x), cp.asarray(y)).partition("graph")[2]


def test_a_result_does_not_overwrite_a_view_of_others() -> None:
    def f(x: Any) -> Any:
        z = gg.exp(x @ x)                           # dies in the next step
        return gg.sum(z.T * 2.0 + 1.0) + (gg.sin(z.T) @ x)

    x = np.random.default_rng(0).normal(size=(64, 64)) / 16
    compiled = gg.jit(f)
    for _ in range(3):
        assert_same([compiled(cp.asarray(x))], [f(x)], rounding=10)


def test_no_rows() -> None:
    def f(x: Any, y: Any) -> Any:
        rows = x @ y
        return gg.sum(gg.exp(x)), gg.sum(x * 2.0, axis=0), gg.exp(x) + 1.0, rows, gg.sum(rows)

    x, y = np.zeros((0, 3)), np.ones((3, 4))
    compiled = gg.jit(f)
    for _ in range(3):
        found = compiled(cp.asarray(x), cp.asarray(y))
    assert_same(found, f(x, y))


def test_a_profile_waits_for_the_device() -> None:
    step, start, batch = network()
    x, labels = on_device(batch(0))
    compiled = gg.jit(step, donate_argnums=(0, 1))
    model, state = on_device(start)
    for _ in range(3):
        model, state, _ = compiled(model, state, x, labels, 1.0)
    with gg.profile() as profile:
        for _ in range(4):
            model, state, _ = compiled(model, state, x, labels, 1.0)
    text = str(profile)
    assert "graph0" in text
    (totals,) = profile.totals.values()
    assert (totals.calls, totals.failed) == (4, 0)
    inside = sum(time for _, time, _ in totals.spans)
    assert inside == totals.time
    assert totals.spans[0][1] > 0.5 * totals.time   # the graph, and not what comes after it


@pytest.mark.parametrize("missing", [False, True])
def test_without_the_library_large_products_are_kernels(
    missing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing:
        monkeypatch.setattr(cublas, "library", lambda: None)
    rng = np.random.default_rng(0)
    monkeypatch.setattr(product, "LARGE", 40**3)
    a, b = rng.normal(size=(2, 40, 40))
    compiled = gg.jit(lambda a, b: gg.sum((a @ b + 1.0) * gg.tanh(b), axis=1))
    for _ in range(3):
        found = compiled(cp.asarray(a), cp.asarray(b))
    assert_same([found], [((a @ b + 1) * np.tanh(b)).sum(1)])
    assert ("by cuBLAS" in compiled.explain(cp.asarray(a), cp.asarray(b))) is not missing


@pytest.mark.parametrize(("variable", "dtype", "compute"), [
    ("0", "float32", 68), ("1", "float32", 77), ("1", "float64", 70),
])  # fmt: skip
def test_tf32_is_allowed_where_it_is_to_cupy(
    variable: str, dtype: str, compute: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    call = cublas.Blas._call

    def noted(self: Any, name: str, *arguments: Any) -> None:
        if "Gemm" in name:
            asked.append(arguments[-2])
        call(self, name, *arguments)

    monkeypatch.setattr(product, "LARGE", 40**3)
    monkeypatch.setattr(cublas.Blas, "_call", noted)
    monkeypatch.setenv("CUPY_TF32", variable)
    a, b = np.random.default_rng(0).normal(size=(2, 150, 150)).astype(dtype)
    compiled = gg.jit(lambda a, b: gg.sum(gg.tanh(a) @ b, axis=0))
    for _ in range(3):
        found = compiled(cp.asarray(a), cp.asarray(b))
    assert set(asked) == {compute}
    unit = 2**-11 if compute == 77 else np.finfo(dtype).eps
    off = cp.asnumpy(found) - np.sum(np.tanh(a.astype("float64")) @ b, axis=0)
    assert np.abs(off).max() <= 150 * 150 * unit    # so many terms, most of them below 1


def test_the_generated_code_can_be_printed() -> None:
    x = cp.asarray(np.ones((3, 3)))
    text = gg.jit(lambda x: gg.exp(x @ x) + gg.sum(x)).source(x)
    assert "def run(s0)" in text
    assert 'extern "C" __global__ void' in text
    assert "gpugrad::product<double" in text


@pytest.mark.parametrize("columns", [20, 1030])
@pytest.mark.parametrize("dtype", ["int32", "bool", "float32"])
def test_columns_are_summed_in_the_dtype_of_the_result(dtype: str, columns: int) -> None:
    """Whose parts take more memory than the elements do: a sum of booleans is an int64."""

    def f(x: Any) -> Any:
        return gg.sum(x, axis=0), gg.sum(x > 0, axis=0), gg.sum(x)

    compiled = gg.jit(f)
    rng = np.random.default_rng(0)
    for _ in range(4):
        x = rng.integers(-9, 9, (33, columns)).astype(dtype)
        given = cp.asarray(x)
        assert_same(compiled(given), f(x))
        np.testing.assert_array_equal(cp.asnumpy(given), x)


def test_large_products_without_cublas_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cublas, "_loaded", lambda: (None, "was not loaded: no such file"))
    monkeypatch.setattr(product, "LARGE", 8)
    x = cp.asarray(np.linspace(0.0, 1.0, 9).reshape(3, 3))
    text = gg.jit(lambda x: gg.tanh(x @ x) @ x).explain(x)
    assert "2 large products without cuBLAS, which was not loaded: no such file" in text
