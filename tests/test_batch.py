"""The batching pass: independent steps that do the same become one, and the results stay equal."""

from collections import Counter

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import optim, tree
from gpugrad.backends import numpy_namespace
from gpugrad.engines.cost import launches
from gpugrad.engines.numpy.engine import compile_plan
from gpugrad.plan.interpret import run
from gpugrad.plan.passes import improve
from gpugrad.plan.primitives import VIEWS

SHAPES = [(3, 4), (4,), (4, 4), (5,), (1, 6), (6,)]


def arrays(shapes=SHAPES, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def compiled(f, *args, donate=()):
    """What `f` under `gg.jit` compiles to."""
    return gg.jit(f, donate_argnums=donate, engine="numpy")._cache.compiled(args, {})


def computing(plan):
    """How often each primitive is in a plan, less views."""
    return Counter(step.op for step in plan.steps if step.op not in VIEWS)


def inputs_of(args):
    return [x if hasattr(x, "shape") else np.asarray(x) for x in tree.leaves(args)]


def called(plan, given):
    """The outputs of the compiled plan, of which donated inputs are replaced."""
    instance = compile_plan(plan).instance()
    donated = [slot for slot, _ in plan.donated]
    values = dict(zip(plan.inputs, given, strict=True))
    for array, slot in zip(instance.donated, donated, strict=True):
        array[...] = values[slot]
    fresh = instance.run(*(values[slot].copy() for slot in plan.inputs if slot not in donated))
    replaced = {output: instance.donated[i] for i, (_, output) in enumerate(plan.donated)}
    rest = iter(fresh)
    # Of an output that is there twice, the first one lies in the memory of the input.
    return [replaced.pop(slot) if slot in replaced else next(rest) for slot in plan.outputs]


def check_equal(entry, *args):
    """Batched and not, compiled and by the reference engine: the same results."""
    given = inputs_of(args)
    plain = improve(entry.traced, without={"horizontal"})
    wanted = run(plain, given, numpy_namespace)
    for found in (
        run(entry.plan, given, numpy_namespace), called(entry.plan, given), called(plain, given)
    ):
        for mine, other in zip(found, wanted, strict=True):
            assert mine.dtype == other.dtype
            np.testing.assert_allclose(mine, other, rtol=2e-6, atol=1e-6)


def descend(params, x, lr):
    return [p - lr * (p * x) for p in params]


def test_an_update_of_donated_parameters_is_one_call_for_each_operation():
    """All params lie together for good, products and differences are made in place: no copies."""
    args = arrays(), np.asarray(0.5, np.float32), 0.1
    entry = compiled(descend, *args, donate=0)
    # The cast of the rate, two products and a difference, however many parameters there are; p1
    # and p5 ... of one shape are stacked first, and their pack lies inside of the other.
    assert computing(entry.plan) == Counter(astype=1, multiply=2, subtract=1, pack=1)
    assert launches(entry.program) == 4
    check_equal(entry, *args)


def test_an_update_of_parameters_that_are_kept_copies_them_together_once():
    """Both steps that read them share the copy; the results are parts of one array, copied out."""
    args = arrays(), np.asarray(0.5, np.float32), 0.1
    entry = compiled(descend, *args)
    found = computing(entry.plan)
    assert found == Counter(astype=1, multiply=2, subtract=1, pack=found["pack"])
    assert launches(entry.program) == 5
    check_equal(entry, *args)


@pytest.mark.parametrize("k", [3, 6])
def test_adam_takes_as_many_steps_for_any_number_of_parameters(k):
    """Twelve steps for one leaf are twelve for all of them, beside those of its numbers."""
    opt = optim.adam(0.1)

    def step(params, state, x):
        updates, state = opt.update([p * x for p in params], state, params)
        return optim.apply_updates(params, updates), state

    params = arrays(SHAPES[:k])
    args = params, opt.init(params), np.asarray(0.5, np.float32)
    entry = compiled(step, *args, donate=(0, 1))
    found = Counter(
        made.op for made in entry.plan.steps
        if made.op not in VIEWS and entry.plan.slots[made.outputs[0]].shape
    )
    assert found == Counter(multiply=6 + 1, add=4, sqrt=1, divide=1, pack=3)
    numbers = [made for made in entry.plan.steps if not entry.plan.slots[made.outputs[0]].shape]
    # The gradients, which are products too, and three packs of what is donated: no copies.
    assert launches(entry.program) == 12 + 1 + len(numbers)
    check_equal(entry, *args)
    check_equal(compiled(step, *args), *args)


def test_a_sum_of_cotangents_is_one_step():
    """Five additions of six shares; each share is computed inside of the pack that is summed."""
    def f(x, y):
        return gg.grad(lambda x: gg.sum(sum(gg.sin(x * (i + 2)) * y for i in range(6))))(x)

    args = tuple(arrays([(4, 5), (4, 5)]))
    entry = compiled(f, *args)
    assert computing(improve(entry.traced, without={"horizontal"}))["add"] == 5
    assert computing(entry.plan)["add"] == 0
    assert computing(entry.plan)["sum"] == 1
    check_equal(entry, *args)


def test_a_sum_of_few_terms_stays_as_it_is():
    entry = compiled(lambda a, b, c: a + b + c, *arrays([(4,)] * 3))
    assert computing(entry.plan) == Counter(add=2)


def train_ensemble(models, xs, labels, lr):
    def loss(m, x, labels):
        y = gg.tanh(x @ m["w"] + m["b"]) @ m["v"]
        return gg.mean(gg.softmax_cross_entropy(y, labels))

    total, trained = 0.0, []
    for i, m in enumerate(models):
        value, g = gg.value_and_grad(loss)(m, xs[i], labels[i])
        trained.append({name: m[name] - lr * g[name] for name in m})
        total = total + value
    return trained, total


def ensemble(k):
    rng = np.random.default_rng(0)
    models = [
        dict(zip("wbv", arrays([(2, 6), (6,), (6, 3)], seed), strict=True)) for seed in range(k)
    ]
    return models, rng.normal(size=(k, 4, 2)).astype("f4"), rng.integers(0, 3, (k, 4)), 0.1


@pytest.mark.parametrize("donate", [(), 0])
def test_an_ensemble_takes_as_many_steps_for_any_number_of_models(donate):
    """Each model does the same, so that what is one step of one model is one step of all."""
    entries = {k: compiled(train_ensemble, *ensemble(k), donate=donate) for k in (8, 24)}
    few, many = (computing(entry.plan) for entry in entries.values())
    assert few == many
    one = computing(compiled(train_ensemble, *ensemble(1), donate=donate).plan)
    # Beside those of one model: parameters are brought together, and the losses are summed.
    assert few["pack"] <= 3 + 3
    del few["pack"], one["pack"]
    assert few - one == Counter(sum=1)
    if donate == 0:
        assert launches(entries[8].program) == launches(entries[24].program)
    for k, entry in entries.items():
        check_equal(entry, *ensemble(k))


def test_slices_of_a_stack_lie_together():
    """Models that are slices of stacked arrays are read where they are: no pack, no copy."""
    def f(w, x):
        return gg.stack([gg.tanh(x @ w[i]) for i in range(6)])

    args = tuple(arrays([(6, 3, 4), (2, 3)]))
    entry = compiled(f, *args)
    assert computing(entry.plan)["matmul"] == 1
    assert "pack" not in computing(entry.plan)
    check_equal(entry, *args)


def test_steps_that_need_one_another_are_not_joined():
    def f(x, w):
        for _ in range(6):
            x = gg.tanh(x @ w)
        return x

    args = tuple(arrays([(3, 4), (4, 4)]))
    entry = compiled(f, *args)
    assert computing(entry.plan) == Counter(matmul=6, tanh=6)
    check_equal(entry, *args)


def test_other_numbers_are_other_work():
    args = (arrays(),)
    entry = compiled(lambda params: [p * (i + 2) for i, p in enumerate(params)], *args, donate=0)
    assert computing(entry.plan)["multiply"] == len(SHAPES)
    check_equal(entry, *args)


def test_large_arrays_are_left_alone():
    args = arrays([(200, 200)] * 4), np.asarray(0.5, np.float32), 0.1
    entry = compiled(descend, *args, donate=0)
    assert computing(entry.plan) == Counter(astype=1, multiply=8, subtract=4)
    check_equal(entry, *args)


_UNARY = [gg.sin, gg.tanh, lambda x: x * 2, lambda x: gg.maximum(x, 0.5), lambda x: x + x]
_BINARY = [gg.add, gg.multiply, gg.subtract]


def _random_program(seed):
    """A function of arrays of few shapes that does much of the same, in random order."""
    rng = np.random.default_rng(seed)
    plan = [tuple(rng.integers(0, 1 << 30, 4)) for _ in range(60)]
    kept = rng.integers(0, 66, 10)

    def f(given, scale):
        made = list(given)
        for kind, op, i, j in plan:
            x, y = made[i % len(made)], made[j % len(made)]
            if kind % 8 == 0:
                made.append(gg.sum(x, axis=0, keepdims=True) * scale + x)
            elif kind % 8 == 1 and x.ndim == 2:
                made.append(gg.matrix_transpose(gg.matrix_transpose(x) * scale))
            elif kind % 8 == 2:
                made.append(gg.reshape(gg.reshape(x, (-1,)) - scale, x.shape))
            elif kind % 8 < 5 and x.shape == y.shape:
                made.append(_BINARY[op % 3](x, y) * 0.5)
            else:
                made.append(gg.tanh(_UNARY[op % 5](x)))
        return [made[i] for i in kept if i < len(made)], [made[-1 - i] for i in range(6)]

    return f


@pytest.mark.parametrize("donate", [(), 0])
@pytest.mark.parametrize("seed", range(12))
def test_random_programs_give_the_same_batched_and_not(seed, donate):
    """Also where results replace inputs, come back twice, or are those of a step in a pack."""
    args = arrays([(2, 3)] * 3 + [(4,)] * 3, seed), np.asarray(0.7, np.float32)
    entry = compiled(_random_program(seed), *args, donate=donate)
    check_equal(entry, *args)
