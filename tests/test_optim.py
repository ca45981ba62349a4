"""Optimisers follow their formulas, keep dtypes, and never write into what they were given."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gpugrad as gg
from gpugrad import optim, tree
from gpugrad.errors import InvalidArgument, TrackedConversion, UnsupportedOperand
from gpugrad.plan.passes import improve
from gpugrad.testing import check_grads

OPTIMISERS = {
    "sgd": lambda lr: optim.sgd(lr),
    "momentum": lambda lr: optim.sgd(lr, momentum=0.9),
    "nesterov": lambda lr: optim.sgd(lr, momentum=0.9, nesterov=True),
    "adam": lambda lr: optim.adam(lr),
    "adamw": lambda lr: optim.adamw(lr, weight_decay=0.1),
}
FORMULAS = tuple(OPTIMISERS)                        # those that `reference` has
OPTIMISERS |= {
    name: named.make for name, named in optim.OPTIMIZERS.items() if name not in OPTIMISERS
}
LR = 0.05
OF_ONE_SIZE = {"adafactor": 0.3, "adagrad": 0.2, "lamb": 0.1, "lion": 0.02, "rmsprop": 0.05}
"""What steps by a size that hardly depends on that of the gradient, and rates that suit it."""


@pytest.fixture(params=OPTIMISERS)
def optimiser(request):
    return OPTIMISERS[request.param](LR)


def reference(name, p, grads):
    """The textbook formulas on one number, of Python or of more digits."""
    number = type(p)
    mu, b1, b2, rate, eps, decay = map(number, (0.9, 0.9, 0.999, LR, 1e-8, 0.1))
    v = m = s = number(0)
    for t, g in enumerate(grads, start=1):
        if name in ("sgd", "momentum", "nesterov"):
            v = (0 if name == "sgd" else mu) * v + g
            p -= rate * (g + mu * v if name == "nesterov" else v)
        else:
            m = b1 * m + (1 - b1) * g
            s = b2 * s + (1 - b2) * g * g
            step = m / (1 - b1**t) / ((s / (1 - b2**t)) ** number(0.5) + eps)
            p -= rate * (step + (decay * p if name == "adamw" else 0))
    return p


@pytest.mark.parametrize("name", FORMULAS)
@given(
    start=st.floats(-10, 10),
    grads=st.lists(st.floats(-10, 10).filter(lambda g: g == 0 or abs(g) > 1e-3), max_size=6),
)
def test_steps_equal_the_textbook(name, start, grads):
    opt = OPTIMISERS[name](LR)
    params = {"w": np.full((2, 3), start)}
    state = opt.init(params)
    for g in grads:
        updates, state = opt.update({"w": np.full((2, 3), g)}, state, params)
        params = optim.apply_updates(params, updates)
    np.testing.assert_allclose(params["w"], reference(name, start, grads), rtol=1e-9, atol=1e-12)
    assert state.steps == len(grads)


def arrays_of(state):
    return [x for x in tree.leaves(state) if not isinstance(x, int)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_shape_and_structure_stay(optimiser, dtype):
    params = (np.ones((2, 3), dtype), [np.ones((), dtype), None], {"b": np.ones((0, 2), dtype)})
    state = optimiser.init(params)
    for _ in range(2):
        updates, state = optimiser.update(params, state, params)
        params = optim.apply_updates(params, updates)
    whole, (scalar, nothing), rest = params
    assert nothing is None
    for found, shape in ((whole, (2, 3)), (scalar, ()), (rest["b"], (0, 2))):
        assert isinstance(found, np.ndarray)
        assert found.dtype == dtype
        assert found.shape == shape
        assert found.flags.writeable
    held = arrays_of(state)
    assert all(isinstance(array, np.ndarray) and array.dtype == dtype for array in held)


def test_nothing_given_is_written_to_and_nothing_is_shared(optimiser):
    """Read-only inputs serve, an old state can be used again, results own their memory."""
    rng = np.random.default_rng(0)
    params, grads = ([rng.normal(size=(3, 2)), rng.normal(size=4)] for _ in range(2))
    _, state = optimiser.update(grads, optimiser.init(params), params)
    inputs = [*params, *grads, *arrays_of(state)]
    for array in inputs:
        array.flags.writeable = False
    first, after = optimiser.update(grads, state, params)
    again, _ = optimiser.update(grads, state, params)
    results = [*first, *again, *arrays_of(after)]
    results += optim.apply_updates(params, first)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    for i, array in enumerate(results):
        assert array.flags.writeable
        assert not any(np.shares_memory(array, other) for other in inputs + results[:i])


def test_other_array_libraries_are_served(optimiser):
    xp = pytest.importorskip("array_api_strict")
    params = {"w": xp.ones((2, 2), dtype=xp.float32), "b": xp.ones((), dtype=xp.float32)}
    updates, _ = optimiser.update(params, optimiser.init(params), params)
    moved = optim.apply_updates(params, updates)
    for name, array in moved.items():
        assert type(array) is type(params[name])
        assert array.dtype == xp.float32
        assert float(xp.max(array)) < 1


def test_float64_updates_do_not_widen_float32_params():
    moved = optim.apply_updates([np.ones(2, np.float32)], [np.ones(2, np.float64)])
    assert moved[0].dtype == np.float32


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_finds_the_bottom_of_a_valley(name):
    """f(p) = ½ Σ c·p² with curvatures of 1 and 10; a decay pulls to 0 as well.

    Steps of about equal size have to become small to end there.
    """
    optimiser = OPTIMISERS[name](LR)
    if name in OF_ONE_SIZE:
        optimiser = OPTIMISERS[name](optim.linear(OF_ONE_SIZE[name], 0.0, 400))
    curvature = np.array([1.0, 10.0])
    params = np.array([1.0, -1.0])
    state = optimiser.init(params)
    for _ in range(400):
        updates, state = optimiser.update(curvature * params, state, params)
        params = optim.apply_updates(params, updates)
    assert np.abs(params).max() < 1e-3


def test_a_schedule_gives_the_rate_of_each_step():
    opt = optim.sgd(lambda step: [1.0, 0.5, 0.0][step])
    state = opt.init(np.zeros(1))
    taken = []
    for _ in range(3):
        updates, state = opt.update(np.ones(1), state)
        taken.append(float(updates[0]))
    assert taken == [-1.0, -0.5, 0.0]


SCHEDULES = {
    "constant": (optim.constant(0.3), {0: 0.3, 99: 0.3}),
    "linear": (optim.linear(1.0, 0.0, steps=4), {0: 1.0, 1: 0.75, 4: 0.0, 9: 0.0}),
    "cosine": (optim.cosine(1.0, steps=4), {0: 1.0, 2: 0.5, 4: 0.0, 9: 0.0}),
    "cosine with warmup": (
        optim.cosine(1.0, steps=7, warmup=3, end=0.2),
        {0: 0.25, 1: 0.5, 2: 0.75, 3: 1.0, 5: 0.6, 7: 0.2, 99: 0.2},
    ),
    "exponential": (optim.exponential(1.0, 0.25, steps=2), {0: 1.0, 1: 0.5, 2: 0.25, 4: 0.0625}),
    "piecewise": (optim.piecewise(1.0, 0.5, at=(2, 5)), {0: 1.0, 1: 1.0, 2: 0.5, 4: 0.5, 5: 0.25}),
    "polynomial": (
        optim.polynomial(1.0, 0.2, power=2, steps=4, begin=2),
        {0: 1.0, 2: 1.0, 3: 0.65, 4: 0.4, 6: 0.2, 99: 0.2},
    ),
    "one cycle": (
        optim.one_cycle(1.0, 10, rise=0.4, div_factor=5.0, final_div_factor=4.0),
        {0: 0.2, 2: 0.6, 4: 1.0, 7: 0.525, 10: 0.05, 99: 0.05},
    ),
    "warmup": (
        optim.warmup(optim.linear(1.0, 0.0, 4), steps=3), {0: 0.25, 2: 0.75, 3: 1.0, 5: 0.5, 7: 0},
    ),
    "warmup to a rate": (optim.warmup(0.5, 1), {0: 0.25, 1: 0.5, 99: 0.5}),
    "joined": (
        optim.join_schedules([0.3, optim.linear(1.0, 0.0, 4), optim.cosine(0.5, 4)], [2, 5]),
        {0: 0.3, 1: 0.3, 2: 1.0, 4: 0.5, 5: 0.5, 7: 0.25, 9: 0.0},
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(name):
    schedule, rates = SCHEDULES[name]
    assert {step: schedule(step) for step in rates} == pytest.approx(rates)


@pytest.mark.parametrize("name", SCHEDULES)
def test_steps_of_every_kind_have_the_rate_of_numbers(name):
    schedule, _ = SCHEDULES[name]
    steps = list(range(12))
    wanted = [schedule(step) for step in steps]
    for kind in (np.int64, np.uint8, np.array, float):
        assert [schedule(kind(step)) for step in steps] == wanted
    assert all(type(schedule(np.uint8(step))) is float for step in steps)
    for dtype in ("uint8", "int8", "int64", "float32"):
        np.testing.assert_allclose(schedule(np.array(steps, dtype)), wanted, rtol=1e-6, atol=1e-7)
        many = gg.tensor(np.array(steps, dtype))
        np.testing.assert_allclose(schedule(many).value, wanted, rtol=1e-6, atol=1e-7)
        one = gg.jit(lambda step: schedule(step) * gg.ones(()))
        for step in (0, 5, 11):
            given = np.array(step, dtype)
            np.testing.assert_allclose(one(given), wanted[step], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(gg.vmap(schedule)(np.arange(12)), wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("rate", "found"),
    [(-0.1, "-0.1"), (np.nan, "nan"), (np.inf, "inf"), (None, "None"), ("0.1", "0.1"),
     (np.float32(-1), "-1.0"), (np.array([0.1, 0.2]), "0.1"), (1j, "1j")],
)  # fmt: skip
def test_what_a_schedule_gives_is_checked_when_it_is_called(optimiser_of, rate, found):
    opt = optimiser_of(lambda step: 0.1 if step < 1 else rate)
    params = [np.ones(2)]
    _, state = opt.update(params, opt.init(params), params)
    with pytest.raises(InvalidArgument, match=f"the rate at step 1 is .*{found}.*; expected"):
        opt.update(params, state, params)


WIDE = {
    "number": np.float64(0.1), "0-d": np.array(0.1), "of NumPy": lambda step: np.float64(0.1),
    "schedule of 0-d": lambda step: np.array(0.1), "of an op": lambda step: gg.sqrt(0.01),
    "of a Tensor": lambda step: gg.asarray(0.1), "whole": lambda step: np.int64(1),
    "of a wide step": lambda step: gg.astype(gg.asarray(step), "float64") * 0.1 + 0.1,
}  # fmt: skip
MAKERS = {
    "sgd": optim.sgd,
    "momentum": lambda lr: optim.sgd(lr, np.float64(0.9)),
    "nesterov": lambda lr: optim.sgd(lr, np.float64(0.9), np.bool_(True)),
    "adam": lambda lr: optim.adam(lr, np.float64(0.9), np.array(0.99), np.float64(1e-8)),
    "adamw": lambda lr: optim.adamw(lr, np.float64(0.9), weight_decay=np.float64(0.1)),
}


@pytest.fixture(params=MAKERS)
def optimiser_of(request):
    return MAKERS[request.param]


@pytest.mark.parametrize("engine", [None, "numpy"])
@pytest.mark.parametrize("lr", WIDE)
def test_numbers_of_numpy_as_settings_widen_nothing(optimiser_of, lr, engine):
    opt = optimiser_of(WIDE[lr])
    params = {d + str(n): np.ones((2,) * n, d) for d in ("float16", "float32") for n in (0, 1)}
    state, update = opt.init(params), opt.update
    if engine is not None:
        update = gg.jit(update, engine=engine)
    held = [x.dtype for x in tree.leaves(state) if hasattr(x, "dtype")]
    for _ in range(3):
        updates, state = update(params, state, params)
        for name, x in updates.items():
            assert type(x) is np.ndarray
            assert x.dtype == params[name].dtype
        assert [x.dtype for x in tree.leaves(state) if hasattr(x, "dtype")] == held
    assert type(state.steps) is int


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov"])
def test_a_step_is_differentiated_with_respect_to_the_rate(name):
    def loss(lr):
        opt, p = MAKERS[name](lambda step: lr * (1 + step)), np.array([1.0, -2.0])
        state = opt.init([p])
        for _ in range(2):
            updates, state = opt.update([2 * p], state, [p])
            (p,) = optim.apply_updates([p], updates)
        return gg.sum(p**2)

    check_grads(loss, (np.array(0.05),), order=1)


RATES = {
    "number": LR,
    **{name: schedule for name, (schedule, _) in SCHEDULES.items()},
    "a user's": lambda step: 0.1 * gg.exp(-0.01 * step),
}


def leaves(shape, rng):
    """One array of each dtype that parameters have."""
    real = {d: rng.normal(size=shape).astype(d) for d in ("float16", "float32", "float64")}
    return {**real, "complex64": (real["float64"] * (1 - 2j)).astype("complex64")}


@pytest.mark.parametrize(
    ("name", "rate"),
    [(name, "cosine with warmup") for name in OPTIMISERS] + [("adam", rate) for rate in RATES],
)
def test_under_jit_steps_are_the_same_to_rounding(name, rate):
    """Over 1,000 steps, so that every piece of a schedule has its turn. By NumPy, whose operations
    are those of eager steps.
    """
    schedule = RATES[rate]
    if name in ("adafactor", "lamb"):               # which go by shares of the params
        schedule = optim.cosine(0.01, 7, warmup=3, end=0.001)
    opt = OPTIMISERS[name](schedule)

    def step(params, state, grads):
        updates, state = opt.update(grads, state, params)
        return optim.apply_updates(params, updates), state

    compiled = gg.jit(step, donate_argnums=(0, 1), engine="numpy")
    rng = np.random.default_rng(0)
    params = [leaves((2, 3), rng), leaves((), rng)]
    given = [[leaves((2, 3), rng), leaves((), rng)] for _ in range(7)]
    eager = planned = (params, opt.init(params))
    for n in range(1000):
        eager, planned = step(*eager, given[n % 7]), compiled(*planned, given[n % 7])
    counts = [x for x in tree.leaves(planned[1]) if isinstance(x, int)]
    assert counts.count(1000) == len(counts)
    for mine, plain in zip(*(tree.leaves(x) for x in (planned, eager)), strict=True):
        assert getattr(mine, "dtype", int) == getattr(plain, "dtype", int)
        # Each step may round to another neighbour, and so may every sum of steps.
        eps = np.finfo(getattr(plain, "dtype", float)).eps
        np.testing.assert_allclose(mine, plain, rtol=16 * eps, atol=16 * eps)


@pytest.mark.parametrize("name", FORMULAS)
def test_compiled_steps_are_as_exact_as_eager_ones(name):
    """Machine code may round a product and the sum that it goes into once: that is another way,
    but no worse. After 1,000 steps, against the formulas in more digits.
    """
    opt = OPTIMISERS[name](LR)

    def step(params, state, grads):
        updates, state = opt.update(grads, state, params)
        return optim.apply_updates(params, updates), state

    compiled = gg.jit(step, donate_argnums=(0, 1), engine="native")
    rng = np.random.default_rng(0)
    start, given = rng.normal(size=5), rng.normal(size=(7, 5))
    eager = native = ([start], opt.init([start]))
    for n in range(1000):
        eager, native = step(*eager, [given[n % 7]]), compiled(*native, [given[n % 7]])
    exact = [
        reference(name, np.longdouble(p), [np.longdouble(given[n % 7, i]) for n in range(1000)])
        for i, p in enumerate(start)
    ]
    mine, plain = (np.abs(params[0] - exact) for params, _ in (native, eager))
    np.testing.assert_array_less(mine, 2 * plain + 16 * np.finfo(float).eps * np.abs(exact))


def test_the_plan_of_adam_is_twelve_steps_for_each_leaf():
    """The same ones in the same order; what is not of a leaf is computed once for all."""
    opt = optim.adam(optim.cosine(0.1, 100))

    @gg.jit
    def step(params, state, grads):
        updates, state = opt.update(grads, state, params)
        return optim.apply_updates(params, updates), state

    shapes = [(2, 3), (3,), (5, 1)]
    params = [np.ones(shape, np.float32) for shape in shapes]
    entry = step._cache.compiled((params, opt.init(params), params), {})
    plan = improve(entry.traced, without={"horizontal"})
    of = {shape: [] for shape in [*shapes, ()]}
    for made in plan.steps:
        of[plan.slots[made.outputs[0]].shape].append(made.op)
    assert of[2, 3] == of[3,] == of[5, 1]
    assert len(of[3,]) == 12
    assert len(of[()]) < 30


@pytest.mark.parametrize(
    "schedule",
    [
        lambda step: 0.1 if step < 10 else 0.01,
        lambda step: [0.1, 0.01][step],
        lambda step: 0.1 / sqrt(step + 1),
    ],
)
def test_a_schedule_of_plain_python_is_refused_under_jit_with_the_way_out(schedule):
    opt = optim.adam(schedule)
    params = [np.ones(2)]
    state = opt.init(params)
    opt.update(params, state, params)
    with pytest.raises(TrackedConversion, match=r"test_optim\.py.*gg\.where.*static_argnums"):
        gg.jit(opt.update)(params, state, params)


def test_a_schedule_of_arithmetic_alone_runs_under_jit():
    opt = optim.sgd(lambda step: 0.1 * 0.5 ** (step // 2))
    params, state = [np.ones(2)], opt.init([np.ones(2)])
    update = gg.jit(opt.update)
    for n in range(6):
        updates, state = update(params, state, params)
        np.testing.assert_allclose(updates[0], -0.1 * 0.5 ** (n // 2))


BAD = {
    "negative rate": (lambda: optim.sgd(-0.1), "lr is -0.1"),
    "nan rate": (lambda: optim.adam(float("nan")), "lr is nan"),
    "momentum 1": (lambda: optim.sgd(0.1, momentum=1.0), "momentum is 1.0"),
    "nesterov alone": (lambda: optim.sgd(0.1, nesterov=True), "momentum, which is 0"),
    "b1": (lambda: optim.adam(0.1, b1=1.0), "b1 is 1.0"),
    "b2": (lambda: optim.adam(0.1, b2=-0.5), "b2 is -0.5"),
    "eps": (lambda: optim.adam(0.1, eps=-1e-8), "eps is -1e-08"),
    "decay": (lambda: optim.adamw(0.1, weight_decay=-1.0), "weight_decay is -1.0"),
    "no steps": (lambda: optim.cosine(0.1, steps=0), "steps is 0"),
    "warmup": (lambda: optim.cosine(0.1, steps=5, warmup=5), "warmup is 5"),
    "a word": (lambda: optim.sgd("0.1"), "lr is 0.1"),
    "several rates": (lambda: optim.adam(np.array([0.1, 0.2])), "lr is "),
    "nothing": (lambda: optim.adam(0.1, eps=None), "eps is None"),
    "complex": (lambda: optim.sgd(0.1, momentum=0.5j), "momentum is 0.5j"),
    "constant": (lambda: optim.constant(np.float64(-1)), "rate is -1"),
    "start": (lambda: optim.linear("a", 0.1, 5), "start is a"),
    "nan steps": (lambda: optim.linear(0.1, 0.0, float("nan")), "steps is nan"),
    "steps that do not end": (lambda: optim.exponential(0.1, 0.5, float("inf")), "steps is inf"),
    "steps in words": (lambda: optim.cosine(0.1, "10"), "steps is 10"),
    "warmup in words": (lambda: optim.cosine(0.1, 10, warmup="2"), "warmup is 2"),
    "one change": (lambda: optim.piecewise(0.1, 0.5, at=5), "at are 5; expected a sequence"),
    "no number": (lambda: optim.piecewise(0.1, 0.5, at=(1, None)), "expected a sequence"),
    "descending": (lambda: optim.piecewise(0.1, 0.5, at=(5, 2)), "must ascend"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_settings_are_refused(case):
    make, message = BAD[case]
    with pytest.raises(InvalidArgument, match=message):
        make()


def test_trees_that_do_not_fit_are_refused(optimiser):
    three = [np.ones(2)] * 3
    two = [np.ones(2)] * 2
    with pytest.raises(InvalidArgument, match="3 arrays and updates 2"):
        optim.apply_updates(three, two)
    state = optimiser.init(two)
    if arrays_of(state):
        with pytest.raises(InvalidArgument, match="3 gradients and 2 arrays in the state"):
            optimiser.update(three, state, three)


@pytest.mark.parametrize("shape", [(2, 3), (1,), ()])
def test_updates_of_another_shape_are_refused(shape):
    """They would broadcast, and the parameter would grow."""
    for dtype in ("float32", "float64"):
        with pytest.raises(InvalidArgument, match=r"shape \(3,\) and its update \("):
            optim.apply_updates([np.ones(3)], [np.ones(shape, dtype)])
    with pytest.raises(InvalidArgument, match=r"shape \(\) and its update \(3,\)"):
        optim.apply_updates([np.ones(())], [np.ones(3)])


def test_trees_of_another_structure_are_refused():
    """Even if they have as many arrays."""
    a, b = np.ones(3), np.ones(3)
    for other in ([a, b], {"v": a, "w": b}, {"a": {"b": a}, "w": b}):
        with pytest.raises(InvalidArgument, match="structure"):
            optim.apply_updates({"b": a, "w": b}, other)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("shape", [(), (4,)])
def test_adam_divides_complex_gradients_by_their_modulus(dtype, shape):
    """The first step has length lr whatever the phase: s is the mean of |g|², not of g²."""
    opt = optim.adam(0.5)
    params = [np.zeros(shape, dtype)]
    grads = [np.full(shape, 3.0 - 4.0j, dtype)]
    updates, state = opt.update(grads, opt.init(params), params)
    np.testing.assert_allclose(updates[0], np.full(shape, -0.3 + 0.4j), rtol=1e-5)
    np.testing.assert_allclose(state.square[0], np.full(shape, 0.025), rtol=1e-5)
    assert updates[0].dtype == dtype
    assert state.square[0].dtype == opt.init(params).square[0].dtype == params[0].real.dtype
    updates, state = opt.update([g * 1j for g in grads], state, params)
    assert np.isfinite(updates[0]).all()
    np.testing.assert_allclose(state.square[0], np.full(shape, 0.025 * 1.999), rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (3,)])
@pytest.mark.parametrize("eps", [1e-8, 0.0])
def test_adam_on_gradients_of_zero_and_tiny_ones(dtype, shape, eps):
    """Nothing is divided by 0: no step for no gradient, and lr for one whose square underflows."""
    opt = optim.adam(0.5, eps=eps)
    params = [np.ones(shape, dtype), np.ones(shape, dtype)]
    grads = [np.zeros(shape, dtype), np.full(shape, 1e-4, dtype)]
    state = opt.init(params)
    for step in (1, 2, 3):
        updates, state = opt.update(grads, state, params)
        params = optim.apply_updates(params, updates)
        assert all(p.dtype == u.dtype == dtype for p, u in zip(params, updates, strict=True))
        assert all(isinstance(x, np.ndarray) for x in (*updates, *state.mean, *state.square))
        np.testing.assert_array_equal(params[0], 1)
        np.testing.assert_allclose(params[1], np.full(shape, 1 - 0.5 * step), atol=3e-3)


def test_adam_steps_float16_from_a_state_of_float16():
    """As an older checkpoint may hold it."""
    opt = optim.adam(0.5)
    zero = (np.zeros(2, np.float16),)
    updates, state = opt.update(list(zero), optim.AdamState(0, zero, zero), None)
    np.testing.assert_array_equal(updates[0], 0)
    assert state.square[0].dtype == np.float32


def test_adamw_asks_for_the_params():
    opt = optim.adamw(0.1)
    with pytest.raises(InvalidArgument, match=r"update\(grads, state, params\)"):
        opt.update([np.ones(2)], opt.init([np.ones(2)]))


@pytest.mark.parametrize("make", [gg.optim.adam, lambda lr: gg.optim.sgd(lr, momentum=0.9)])
def test_what_is_no_array_and_what_is_no_state_are_named(make):
    opt, good = make(0.1), {"w": np.ones(2)}
    with pytest.raises(UnsupportedOperand, match=r"^params\['b'\] is 0.0, a number of Python"):
        opt.init({"w": np.ones(2), "b": 0.0})
    with pytest.raises(UnsupportedOperand, match=r"^params\['b'\] is 0.0, a number of Python"):
        gg.optim.apply_updates({"b": 0.0}, {"b": np.ones(())})
    with pytest.raises(InvalidArgument, match=r"update\(grads, state, params\)"):
        opt.update(opt.init(good), good, good)


@gg.tree.register
class Dropped:
    """A model with a number beside its weights, which is a leaf like them."""

    def __init__(self, p):
        self.w, self.p = np.ones(2), p


LEAVES = {
    "a number": (0.1, ["is 0.1, a number of Python", "np.asarray(0.1)"]),
    "an integer": ([1, 0.5], ["params.p[0] is 1, a number of Python", "np.asarray(1.0)"]),
    "a complex number": (1j, ["is 1j", "np.asarray(1j)"]),
    "integers": (np.arange(2), ["is an array of dtype int64", "x.astype('float64')"]),
    "booleans": (np.ones(2, bool), ["is an array of dtype bool"]),
    "words": (np.array(["a"]), ["is an array of dtype <U1"]),
    "a word": (["a", 1.0], ["params.p[0] is 'a'"]),
    "an object": (object(), ["is of type builtins.object", "np.asarray(...)"]),
}


@pytest.mark.parametrize("case", LEAVES)
def test_a_leaf_that_cannot_be_trained_is_named_at_init(optimiser, case):
    leaf, words = LEAVES[case]
    with pytest.raises(UnsupportedOperand) as found:
        optimiser.init(Dropped(leaf))
    for word in (*words, "params.p", "gg.tree.partition"):
        assert word in str(found.value)
    assert ('static=["p"]' in str(found.value)) == (not isinstance(leaf, list))


def test_the_ways_out_for_a_leaf_serve(optimiser):
    train, rest = gg.tree.partition(Dropped(0.1), lambda path, x: path != ".p")
    for model in (Dropped(np.asarray(0.1)), train):
        updates, _ = optimiser.update(model, optimiser.init(model), model)
        assert optim.apply_updates(model, updates).w[0] < 1
    assert gg.tree.combine(train, rest).p == 0.1


@pytest.mark.parametrize("where", ["grads", "params"])
def test_a_leaf_that_is_no_array_is_named_at_an_update(optimiser, where):
    good = Dropped(np.asarray(0.1))
    given = {"grads": good, "params": good, where: Dropped(0.1)}
    with pytest.raises(UnsupportedOperand, match=rf"^{where}\.p is 0.1"):
        optimiser.update(given["grads"], optimiser.init(good), given["params"])
    with pytest.raises(UnsupportedOperand, match=r"^updates\.p is 'a'"):
        optim.apply_updates(good, gg.tree.map(lambda x: x if x.shape else "a", good))


@pytest.mark.parametrize("make", [optim.sgd, optim.adam, optim.adamw])
def test_a_model_in_the_place_of_the_rate_is_refused_at_once(make):
    model = gg.nn.MLP([1, 2])
    for params in (model, model.layers, list(model.layers[0]), {"w": np.ones(2)}):
        with pytest.raises(InvalidArgument, match=r"^lr is of type .*opt\.init\(params\)"):
            make(params)


def test_a_setting_that_has_no_number_is_named():
    with pytest.raises(TrackedConversion, match=r"^lr is a Tensor; expected a number\."):
        gg.jit(lambda lr: optim.adam(lr).init(np.ones(2)))(0.1)
    assert optim.constant(gg.tensor(0.5))(0) == 0.5
