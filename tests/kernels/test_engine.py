"""The CuPy engine: a plan as launches, on CuPy arrays over host memory."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import programs
import pytest
from host_compiler import HostCompiler
from host_cupy import HostModule, install
from host_device import from_host, to_host

import gpugrad as gg
from gpugrad import tree
from gpugrad.backends import numpy_namespace
from gpugrad.backends.cupy import namespace as cupy_namespace
from gpugrad.errors import InvalidArgument
from gpugrad.executor.engines import engine_for, interpret
from gpugrad.executor.engines import program as make_program
from gpugrad.executor.engines.cupy import CupyWriter, Program
from gpugrad.executor.passes import improve
from gpugrad.executor.plan import Plan
from gpugrad.executor.pool import Pool
from gpugrad.transforms.arguments import Arguments
from gpugrad.transforms.callers import write_call
from gpugrad.transforms.jit import MISS
from gpugrad.transforms.recordings import Recording


@pytest.fixture
def module(
    cupy: Any, compiler: HostCompiler, monkeypatch: pytest.MonkeyPatch
) -> type[HostModule]:
    return install(monkeypatch, compiler)


class Run:
    """A plan on the engine. `call` gives the outputs; what is donated stays with the instance."""

    def __init__(self, plan: Plan, arrays: list[Any]) -> None:
        self.plan = plan
        self.program = Program(plan)
        self.instance = self.program.instance()
        self.donated = [slot for slot, _ in plan.donated]
        given = dict(zip(plan.inputs, arrays, strict=True))
        for slot, place in zip(self.donated, self.instance.donated, strict=True):
            to_host(place)[...] = given[slot]

    def call(self, arrays: list[Any]) -> list[Any]:
        """The outputs for these inputs; those that are donated are not looked at."""
        plan = self.plan
        given = zip(plan.inputs, arrays, strict=True)
        fresh = iter(
            self.instance.run(
                *(from_host(np.asarray(x)) for slot, x in given if slot not in self.donated)
            )
        )
        replaced = {output: i for i, (_, output) in enumerate(plan.donated)}
        results = []
        for slot in plan.outputs:
            place = replaced.pop(slot, None)
            x = next(fresh) if place is None else self.instance.donated[place]
            results.append(to_host(x).copy())
        return results


def run(plan: Plan, arrays: list[Any]) -> list[Any]:
    """The outputs of one call."""
    return Run(plan, arrays).call(arrays)


def assert_same(found: list[Any], wanted: list[Any]) -> None:
    for a, b in zip(found, wanted, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        tolerance = 1e-5 if b.dtype != np.float64 else 1e-12
        largest = np.max(np.abs(b), where=np.isfinite(b), initial=0)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * largest)


def training(widths: tuple[int, ...], batch: int) -> tuple[Any, tuple[Any, ...]]:
    """A step of Adam for a network, and its arguments."""
    rng = np.random.default_rng(0)
    opt = gg.optim.adam(1e-3)
    model = gg.nn.MLP(list(widths), rng=0, dtype="float32")

    def step(model: Any, state: Any, x: Any, labels: Any) -> Any:
        def loss(m: Any) -> Any:
            return gg.mean(gg.softmax_cross_entropy(m(x), labels))

        value, grads = gg.value_and_grad(loss)(model)
        updates, state = opt.update(grads, state, model)
        return gg.optim.apply_updates(model, updates), state, value

    x = rng.normal(size=(batch, widths[0])).astype("float32")
    return step, (model, opt.init(model), x, rng.integers(0, widths[-1], batch))


def test_training_steps_with_donated_parameters(module: type[HostModule]) -> None:
    """Three steps in the memory of the instance are three steps of the reference."""
    step, arguments = training((6, 9, 4), 5)
    plan = gg.jit(step, engine="numpy", donate_argnums=(0, 1)).plan(*arguments)
    arrays = [np.array(x) for x in tree.flatten(arguments)[0]]
    running, mine, wanted = Run(plan, arrays), arrays, arrays
    for _ in range(3):
        results = interpret.run(plan, wanted, numpy_namespace)
        wanted = [*map(np.asarray, results[:-1]), *arrays[-2:]]     # but for the loss
        found = running.call(mine)
        mine = [*found[:-1], *arrays[-2:]]
        assert_same(found, list(map(np.asarray, results)))


def test_launches_of_the_digits_step(module: type[HostModule]) -> None:
    """Fourteen: eight products, three forward and five back; bias and relu, twice; the loss and
    its slope with the sum for the last bias; a mask and the sum for a bias, twice; Adam.
    """
    step, arguments = training((64, 128, 64, 10), 64)
    plan = gg.jit(step, engine="numpy", donate_argnums=(0, 1)).plan(*arguments)
    run(plan, [np.array(x) for x in tree.flatten(arguments)[0]])
    names = [name.rstrip("0123456789") for name in module.launches]
    assert (names.count("matmul"), names.count("fused")) == (8, 6)


def test_the_call_function_takes_arrays_of_cupy(module: type[HostModule]) -> None:
    """Recorded with NumPy arrays here, because without a GPU CuPy computes nothing eagerly."""
    xp = cupy_namespace()

    def f(model: Any, x: Any) -> Any:
        return {"y": gg.tanh(x @ model["w"] + model["b"]), "n": x.shape[0]}

    rng = np.random.default_rng(0)
    model = {"w": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}
    x = rng.normal(size=(5, 4))
    given = Arguments((model, x), {}, donate_argnums=(), static_argnums=(), static_argnames=())
    first = Recording(f, given)
    plan = improve(first.merged(Recording(f, given)).plan(given.donated))
    pool = Pool(make_program(plan, engine_for(xp, "auto")), "f")
    call = write_call(given, first, plan, pool, first.watch, xp)[1]
    on_device = tree.map(from_host, (model, x))
    for _ in range(2):
        result = call(on_device, {})
        assert result["n"] == 5
        wanted = np.tanh(x @ model["w"] + model["b"])
        np.testing.assert_allclose(to_host(result["y"]), wanted, rtol=1e-12)
    assert call((model, x), {}) is MISS             # of NumPy


def test_an_engine_for_the_cpu_is_refused(module: type[HostModule]) -> None:
    assert engine_for(numpy_namespace, "numba") == "numba"
    with pytest.raises(InvalidArgument, match="leave out `engine`"):
        engine_for(cupy_namespace(), "numba")


def is_launched(plan: Plan) -> bool:
    """Whether the engine has kernels for all of the steps."""
    program = Program(plan)
    writer = CupyWriter(program.plan)
    return not any(writer.allocates(step) for step in program.plan.steps)


def test_random_programs(module: type[HostModule]) -> None:
    count = number = 0
    while count < 15:
        number += 1
        program = programs._program(Random(number), 6)
        arguments = program.arguments(number)
        with np.errstate(all="ignore"):
            entry = programs._entry(program)
            plan = improve(entry.plan)
            arrays = [np.asarray(x) for x in [*arguments, *(x for _, x in entry.captured)]]
            if not plan.steps or not is_launched(plan):
                continue
            count += 1
            wanted = interpret.run(plan, arrays, numpy_namespace)
            assert_same(run(plan, arrays), [np.asarray(x) for x in wanted])
