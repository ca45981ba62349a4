"""Optimisers follow their formulas, in all dtypes, on all engines, and through files."""

import re
from functools import partial

import numpy as np
import optimisers_by_hand as by_hand
import pytest

import gpugrad as gg
from gpugrad import optim, tree
from gpugrad.errors import InvalidArgument
from gpugrad.testing import check_grads

CASES = {
    "adam": (optim.adam(0.1), partial(by_hand.adam, lr=0.1)),
    "nadam": (optim.adam(0.1, nesterov=True), partial(by_hand.adam, lr=0.1, nesterov=True)),
    "amsgrad": (optim.adam(0.1, 0.5, 0.6, amsgrad=True),
                partial(by_hand.adam, lr=0.1, b1=0.5, b2=0.6, amsgrad=True)),
    "adamw": (optim.adamw(0.1, weight_decay=0.2, nesterov=True, amsgrad=True),
              partial(by_hand.adam, lr=0.1, decay=0.2, nesterov=True, amsgrad=True)),
    "adamw of parts": (optim.adamw(0.1, weight_decay=0.2, mask=True),
                       partial(by_hand.adam, lr=0.1, decay=0.2)),
    "rmsprop": (optim.rmsprop(0.1), partial(by_hand.rmsprop, lr=0.1)),
    "rmsprop, all": (
        optim.rmsprop(0.1, 0.8, 1e-3, 0.5, eps_in_sqrt=False, centered=True, momentum=0.7,
                      nesterov=True),
        partial(by_hand.rmsprop, lr=0.1, decay=0.8, eps=1e-3, start=0.5, in_root=False,
                centered=True, momentum=0.7, nesterov=True)),
    "rmsprop, momentum": (optim.rmsprop(0.1, momentum=0.7),
                          partial(by_hand.rmsprop, lr=0.1, momentum=0.7)),
    "adagrad": (optim.adagrad(0.1), partial(by_hand.adagrad, lr=0.1)),
    "adadelta": (optim.adadelta(), by_hand.adadelta),
    "adamax": (optim.adamax(0.1), partial(by_hand.adamax, lr=0.1)),
    "lion": (optim.lion(0.1), partial(by_hand.lion, lr=0.1)),
    "lamb": (optim.lamb(0.1), partial(by_hand.lamb, lr=0.1)),
    "lamb with decay": (optim.lamb(0.1, weight_decay=0.3),
                        partial(by_hand.lamb, lr=0.1, decay=0.3)),
    "adafactor": (optim.adafactor(0.1), partial(by_hand.adafactor, lr=0.1)),
    "adafactor, all": (
        optim.adafactor(0.1, 3, 0.7, clipping_threshold=0.6, momentum=0.8,
                        weight_decay_rate=0.01),
        partial(by_hand.adafactor, lr=0.1, shortest=3, rate=0.7, limit=0.6, momentum=0.8,
                decay=0.01)),
    "muon": (optim.muon(0.1), partial(by_hand.muon, lr=0.1)),
    "muon, all": (optim.muon(0.1, 3, 0.8, 1e-3, 0.1, nesterov=False),
                  partial(by_hand.muon, lr=0.1, rounds=3, beta=0.8, eps=1e-3, decay=0.1,
                          nesterov=False)),
}  # fmt: skip
TOLERANCE = {"float16": 5e-3, "float32": 2e-5, "float64": 1e-12, "complex64": 2e-5,
             "complex128": 1e-12}  # fmt: skip


def drawn(shape, dtype, rng):
    x = rng.normal(size=shape)
    return (x + 1j * rng.normal(size=shape) if "complex" in dtype else x).astype(dtype)


def problem(dtype, seed=0):
    """Params and ten gradients of them."""
    rng = np.random.default_rng(seed)
    shapes = {"matrix": (3, 5), "vector": (4,), "number": ()}
    params, *grads = (
        {name: drawn(shape, dtype, rng) for name, shape in shapes.items()} for _ in range(11)
    )
    return params, grads


def step_of(opt):
    def step(params, state, grads):
        updates, state = opt.update(grads, state, params)
        return optim.apply_updates(params, updates), state

    return step


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", CASES)
def test_ten_steps_are_those_of_the_formula(name, dtype):
    opt, formula = CASES[name]
    params, grads = problem(dtype)
    exact = {k: p.astype("complex128" if "complex" in dtype else "float64")
             for k, p in params.items()}  # fmt: skip
    wanted = {k: formula(p, [g[k].astype(p.dtype) for g in grads]) for k, p in exact.items()}
    state = opt.init(params)
    for g in grads:
        params, state = step_of(opt)(params, state, g)
        for k, p in params.items():
            assert p.dtype == dtype
            np.testing.assert_allclose(
                p, next(wanted[k]), rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype], err_msg=k
            )


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", CASES)
def test_compiled_steps_are_those_of_eager_ones(name, engine):
    opt, _ = CASES[name]
    params, grads = problem("float64")
    step, compiled = step_of(opt), gg.jit(step_of(opt), engine=engine, donate_argnums=(0, 1))
    eager = planned = (params, opt.init(params))
    for g in grads[:6]:
        eager, planned = step(*eager, g), compiled(*planned, g)
    for mine, plain in zip(tree.leaves(planned), tree.leaves(eager), strict=True):
        assert type(mine) is type(plain)
        np.testing.assert_allclose(mine, plain, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_a_saved_state_goes_on_to_the_bit(name, tmp_path):
    opt, _ = CASES[name]
    params, grads = problem("float32")
    step, state = step_of(opt), opt.init(params)
    for g in grads[:3]:
        params, state = step(params, state, g)
    tree.save(tmp_path / "state.safetensors", state)
    again = tree.load(tmp_path / "state.safetensors", like=opt.init(params))
    for g in grads[3:6]:
        one, other = step(params, state, g), step(params, again, g)
        for a, b in zip(tree.leaves(one), tree.leaves(other), strict=True):
            np.testing.assert_array_equal(a, b)
        (params, state), again = one, other[1]


@pytest.mark.parametrize("name", CASES)
def test_a_run_is_differentiated_by_its_rate_and_its_gradients(name):
    """As in meta-learning; the signs of lion have a slope of 0, but its rate has not."""
    make = {
        "lion": optim.lion, "lamb": optim.lamb, "lamb with decay": optim.lamb,
        "muon": optim.muon, "muon, all": optim.muon, "adagrad": optim.adagrad,
        "adadelta": optim.adadelta, "adamax": optim.adamax, "rmsprop": optim.rmsprop,
    }.get(name, optim.adam)  # fmt: skip
    if name.startswith("adafactor"):
        make = partial(optim.adafactor, min_dim_size_to_factor=2)
    rng = np.random.default_rng(0)
    start, slope = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))

    def loss(lr):
        opt, p = make(lambda step: lr), [start]
        state = opt.init(p)
        for _ in range(3):
            updates, state = opt.update([slope * p[0]], state, p)
            p = optim.apply_updates(p, updates)
        return gg.sum(p[0] ** 2)

    check_grads(loss, (np.array(0.05),), order=1)


ALIKE = {
    "adam": (
        optim.adam(0.1), optim.chain(optim.scale_by_adam(), optim.scale_by_learning_rate(0.1)),
    ),
    "momentum": (
        optim.sgd(0.1, 0.9), optim.chain(optim.trace(0.9), optim.scale_by_learning_rate(0.1)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_a_chain_is_compiled_into_what_is_written_as_one(name):
    """Its scalings cost a multiplication in a loop, and no pass over memory."""
    params, grads = problem("float64")

    def listed(opt):
        text = gg.jit(step_of(opt), engine="native").explain(params, opt.init(params), grads[0])
        engine, steps, moved = text.splitlines()[:3]
        return engine, int(re.search(r"(\d+) after fusion", steps)[1]), moved

    together, apart = map(listed, ALIKE[name])
    assert apart[0] == "engine     native: 1 compiled function in each run"
    assert apart[1] <= together[1]
    assert apart[::2] == together[::2]


@pytest.mark.parametrize("name", [n for n in CASES if n not in ("muon", "muon, all")])
def test_a_step_is_one_compiled_function(name):
    opt, _ = CASES[name]
    params, grads = problem("float32")
    text = gg.jit(step_of(opt), engine="native").explain(params, opt.init(params), grads[0])
    assert text.startswith("engine     native: 1 compiled function in each run\n")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optim.rmsprop(0.1, nesterov=True), "momentum, which is 0"),
        (lambda: optim.rmsprop(0.1, decay=1.0), "decay is 1.0"),
        (lambda: optim.rmsprop(0.1, initial_scale=-1.0), "initial_scale is -1.0"),
        (lambda: optim.adagrad(0.1, -1.0), "initial_accumulator_value is -1.0"),
        (lambda: optim.adadelta(rho=1.0), "rho is 1.0"),
        (lambda: optim.adamax(0.1, eps=-1.0), "eps is -1.0"),
        (lambda: optim.lion(0.1, weight_decay=-1.0), "weight_decay is -1.0"),
        (lambda: optim.lion(-0.1), "lr is -0.1"),
        (lambda: optim.lamb(0.1, b1=1.5), "b1 is 1.5"),
        (lambda: optim.scale_by_trust_ratio(-1.0), "min_norm is -1.0"),
        (lambda: optim.adafactor(0.1, clipping_threshold=-1.0), "limit is -1.0"),
        (lambda: optim.muon(0.1, ns_steps=0), "ns_steps is 0; expected a whole number"),
        (lambda: optim.muon(0.1, consistent_rms=-1.0), "consistent_rms is -1.0"),
        (lambda: optim.trace(1.0), "decay is 1.0"),
        (lambda: optim.scale(float("nan")), "factor is nan; expected a finite number"),
        (lambda: optim.ema(1.0), "decay is 1.0"),
        (lambda: optim.polynomial(1.0, 0.0, 0.0, 10), "power is 0"),
        (lambda: optim.one_cycle(1.0, 3, rise=0.1), "rise is 0.1, which is 0 of 3 steps"),
        (lambda: optim.one_cycle(1.0, 10, div_factor=0.5), "div_factor is 0.5"),
        (lambda: optim.warmup(0.1, 0), "steps is 0; expected a whole number"),
        (lambda: optim.join_schedules([0.1], [3]), r"boundaries are \[3\]; between 1 schedules"),
        (lambda: optim.join_schedules([1, 2, 3], [5, 3]), "expected 2 ascending ones"),
        (lambda: optim.join_schedules([1, 2], 5), "expected a sequence"),
    ],
)
def test_bad_settings_are_refused(make, message):
    with pytest.raises(InvalidArgument, match=message):
        make()


@pytest.mark.parametrize(
    "opt",
    [optim.lamb(0.1), optim.adafactor(0.1), optim.adamw(0.1, mask=True),
     optim.lion(0.1), optim.muon(0.1, weight_decay=0.1)],
)  # fmt: skip
def test_what_needs_the_params_asks_for_them(opt):
    params, grads = problem("float64")
    with pytest.raises(InvalidArgument, match=r"needs the params: call update\(grads, state, par"):
        opt.update(grads[0], opt.init(params))


def test_params_of_another_structure_are_named():
    opt, params = optim.adamw(0.1), {"a": np.ones(2), "b": np.ones(2)}
    with pytest.raises(InvalidArgument, match=r"other structure than the grads: .*'a'"):
        opt.update(params, opt.init(params), {"a": np.ones(2)})


def test_muon_names_what_is_no_matrix():
    opt = optim.muon(0.1, matrices=lambda path, leaf: True)
    with pytest.raises(InvalidArgument, match=r"shape \(2,\); expected matrices.*matrices="):
        opt.update([np.ones(2)], opt.init([np.ones(2)]))


def test_muon_takes_other_leaves_for_adam():
    opt = optim.muon(0.1, matrices={"head": False, "body": True}, nesterov=False)
    params = {"head": np.ones((2, 2)), "body": np.ones((2, 2))}
    updates, state = opt.update(params, opt.init(params), params)
    np.testing.assert_allclose(updates["head"], -0.1, rtol=1e-6)
    assert np.ptp(updates["body"]) < 1e-12
    assert abs(updates["body"][0, 0]) < 0.09
    assert [len(tree.leaves(part)) for part in state.values()] == [2, 3]
