"""L-BFGS and its line search: to the minima that SciPy finds, eagerly and compiled."""

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import optim, tree
from gpugrad.errors import InvalidArgument


def stepping(loss, engine=None, opt=None):
    opt = opt or optim.lbfgs()
    value_and_grad = optim.value_and_grad_from_state(loss)

    def step(params, state):
        value, grad = value_and_grad(params, state)
        updates, state = opt.update(grad, state, params, value=value, grad=grad, value_fn=loss)
        return optim.apply_updates(params, updates), state

    return opt, gg.jit(step, engine=engine) if engine else step


def minimised(loss, params, steps, engine=None, opt=None):
    opt, step = stepping(loss, engine, opt)
    state = opt.init(params)
    for _ in range(steps):
        params, state = step(params, state)
    return params, state


def rosenbrock(w):
    return gg.sum(100.0 * (w[1:] - w[:-1] ** 2) ** 2 + (1.0 - w[:-1]) ** 2)


def logistic():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 6))
    y = (x @ [2.0, -1.0, 0.5, 0.0, 0.0, 1.0] + rng.logistic(size=200) > 0).astype(float)

    def loss(m):
        z = x @ m["weight"] + m["bias"]
        return gg.mean(gg.softplus(z) - y * z) + 0.005 * gg.sum(m["weight"] ** 2)

    return loss, {"weight": np.zeros(6), "bias": np.zeros(())}


def network(dtype, seed=0):
    x = np.linspace(-1, 1, 60, dtype=dtype)[:, None]
    y = np.sin(3 * x)
    model = gg.nn.MLP([1, 12, 1], activation="tanh", rng=seed, dtype=dtype)
    return lambda m: gg.mean((m(x) - y) ** 2), model


def by_scipy(loss, params, steps):
    minimize = pytest.importorskip("scipy.optimize").minimize
    start, unravel = tree.ravel(params)
    found = minimize(
        gg.value_and_grad(lambda v: loss(unravel(v))), start, jac=True, method="L-BFGS-B",
        options={"maxiter": steps, "ftol": 0.0, "gtol": 1e-10},
    )  # fmt: skip
    return found.fun, unravel(found.x)


@pytest.mark.parametrize("engine", [None, "numpy", "native"])
def test_the_valley_of_rosenbrock(engine):
    w, state = minimised(rosenbrock, np.array([-1.2, 1.0]), 45, engine)
    np.testing.assert_allclose(w, 1.0, atol=1e-7)
    assert state[0].steps == 45
    w, _ = minimised(rosenbrock, np.full(10, -1.0), 100, engine)
    np.testing.assert_allclose(w, 1.0, atol=1e-5)


@pytest.mark.parametrize("engine", [None, "native"])
def test_a_logistic_regression_ends_where_scipy_ends(engine):
    loss, params = logistic()
    value, wanted = by_scipy(loss, params, 200)
    found, state = minimised(loss, params, 40, engine)
    assert abs(float(state[-1].value) - value) < 1e-14
    for name, x in found.items():
        np.testing.assert_allclose(x, wanted[name], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_networks_are_fitted_as_well_as_by_scipy(dtype):
    """On the whole: where each comes to in 200 steps depends on how sums are rounded."""
    ratios = []
    for seed in range(7):
        loss, model = network(dtype, seed)
        found, _ = minimised(loss, model, 200, "native")
        ratios.append(float(loss(found)) / float(by_scipy(loss, model, 200)[0]))
        assert {x.dtype for x in tree.leaves(found)} == {np.dtype(dtype)}
    assert np.median(ratios) < 1.5


def test_compiled_steps_are_as_eager_ones():
    loss, params = logistic()
    for engine in ("numpy", "native"):
        eager = minimised(loss, params, 8)
        compiled = minimised(loss, params, 8, engine)
        for one, other in zip(tree.leaves(compiled), tree.leaves(eager), strict=True):
            assert type(one) is type(other)
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_a_saved_state_goes_on_to_the_bit(tmp_path):
    loss, params = logistic()
    params, state = minimised(loss, params, 5)
    opt, step = stepping(loss)
    tree.save(tmp_path / "state.safetensors", state)
    again = tree.load(tmp_path / "state.safetensors", like=opt.init(params))
    for one, other in zip(
        tree.leaves(step(params, state)), tree.leaves(step(params, again)), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_the_direction_is_that_of_the_two_loops():
    """By the matrices of the BFGS formula, with a memory that is not full, full, and forgets."""
    rng = np.random.default_rng(0)
    hessian = rng.normal(size=(5, 5))
    hessian = hessian @ hessian.T + np.eye(5)
    opt, pairs = optim.scale_by_lbfgs(memory_size=3), []
    x = rng.normal(size=5)
    state, last = opt.init(x), None
    for _ in range(6):
        g = hessian @ x
        if last is not None:
            pairs = [*pairs, (x - last[0], g - last[1])][-3:]
        direction, state = opt.update(g, state, x)
        inverse = np.eye(5) * min(1.0, 1.0 / np.linalg.norm(g))
        if pairs:
            s, y = pairs[-1]
            inverse = np.eye(5) * (s @ y) / (y @ y)
        for s, y in pairs:
            step = np.eye(5) - np.outer(s, y) / (s @ y)
            inverse = step @ inverse @ step.T + np.outer(s, s) / (s @ y)
        np.testing.assert_allclose(direction, inverse @ g, rtol=1e-9)
        last, x = (x, g), x - 0.1 * direction + 0.01 * rng.normal(size=5)


def test_a_step_along_which_the_slope_falls_is_not_remembered():
    opt, x = optim.scale_by_lbfgs(memory_size=2), np.ones(2)
    _, state = opt.update(x, opt.init(x), x)
    _, state = opt.update(2 * x, state, 2 * x)
    kept = state.weights.copy()
    assert kept[-1] > 0
    direction, state = opt.update(x, state, 3 * x)      # further on, and less steep
    np.testing.assert_array_equal(state.weights, kept)
    direction, state = opt.update(x, state, 3 * x)      # no step at all
    np.testing.assert_array_equal(state.weights, 0)
    np.testing.assert_allclose(direction, x / np.sqrt(2))


def test_complex_params_are_fitted():
    target = np.array([1 + 2j, -3j])

    def loss(z):
        d = z - target
        return gg.sum(gg.real(d * gg.conj(d)) ** 2 + gg.real(d * gg.conj(d)))

    found, _ = minimised(loss, np.zeros(2, complex), 20)
    np.testing.assert_allclose(found, target, atol=1e-7)


def phi(name):
    return {
        "quadratic": lambda w: gg.sum((w - 7.0) ** 2),
        "far": lambda w: gg.sum((w - 1e6) ** 2),
        "steep": lambda w: gg.sum(1e8 * (w - 1e-3) ** 2),
        "wavy": lambda w: gg.sum((w - 3.0) ** 2 + gg.sin(8 * w)),
        "quartic": lambda w: gg.sum((w - 2.0) ** 4),
        "walled": lambda w: gg.sum(w - gg.log(3.0 - w) * 0.1 - 5.0 * w),
        "flat": lambda w: gg.sum(-gg.exp(-((w - 1.5) ** 2))),
    }[name]


@pytest.mark.parametrize("engine", [None, "native"])
@pytest.mark.parametrize("name", ["quadratic", "far", "steep", "wavy", "quartic", "walled", "flat"])
def test_the_step_meets_the_strong_conditions(name, engine):
    loss = phi(name)
    search = optim.scale_by_zoom_linesearch(60, 1e-4, 0.1)
    w = np.array([0.0])
    value, grad = gg.value_and_grad(loss)(w)

    def update(grad, state, w, value):
        return search.update(-grad, state, w, value=value, grad=grad, value_fn=loss)

    with np.errstate(invalid="ignore"):
        run = gg.jit(update, engine=engine) if engine else update
        updates, state = run(grad, search.init(w), w, value)
    slope = -float(grad[0] ** 2)
    after, end = gg.value_and_grad(loss)(w + updates)
    assert after <= value + 1e-4 * float(state.step_size) * slope
    assert abs(float(end[0] * -grad[0])) <= 0.1 * abs(slope)
    np.testing.assert_allclose([state.value, state.grad[0]], [after, end[0]], rtol=1e-9, atol=1e-9)
    assert 0 < state.evaluations <= 60


def test_a_search_that_finds_nothing_lower_stays_where_it_was():
    loss, w = phi("quadratic"), np.array([0.0])
    search = optim.scale_by_zoom_linesearch(5)
    value, grad = gg.value_and_grad(loss)(w)
    updates, state = search.update(grad, search.init(w), w, value=value, grad=grad, value_fn=loss)
    assert (float(updates[0]), float(state.step_size), state.evaluations) == (0.0, 0.0, 0)  # uphill
    with np.errstate(invalid="ignore"):
        updates, state = search.update(
            -grad, search.init(w), w, value=value, grad=grad, value_fn=lambda w: gg.sum(w) * np.nan
        )
    assert (float(updates[0]), float(state.value), state.evaluations) == (0.0, 49.0, 5)


def test_a_search_begins_where_the_last_one_ended_or_at_one():
    loss, w = phi("far"), np.array([0.0])
    value, grad = gg.value_and_grad(loss)(w)
    counts = {}
    for guess in ("keep", "one"):
        search = optim.scale_by_zoom_linesearch(60, initial_guess=guess)
        state, counts[guess] = search.init(w), []
        for _ in range(2):
            _, state = search.update(
                -1e-6 * grad, state, w, value=float(value), grad=grad, value_fn=loss
            )
            counts[guess].append(state.evaluations)
    assert counts["keep"][1] == 1 < counts["keep"][0] == counts["one"][0] == counts["one"][1]


def test_only_the_first_call_computes_what_the_search_knows():
    calls = []

    def loss(w):
        calls.append(1)
        return gg.sum((w - 3.0) ** 2)

    value_and_grad, opt, w = optim.value_and_grad_from_state(loss), optim.lbfgs(), np.zeros(2)
    state = opt.init(w)
    for _ in range(3):
        value, grad = value_and_grad(w, {"inner": (state,)})
        before = len(calls)
        updates, state = opt.update(grad, state, w, value=value, grad=grad, value_fn=loss)
        assert len(calls) - before == state[-1].evaluations
        w = optim.apply_updates(w, updates)
    np.testing.assert_allclose(w, 3.0)
    with pytest.raises(InvalidArgument, match="holds no LineSearchState"):
        value_and_grad(w, optim.adam(0.1).init(w))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: optim.lbfgs(memory_size=0), "memory_size is 0"),
        (lambda: optim.lbfgs().init({}), "hold no arrays"),
        (lambda: optim.scale_by_zoom_linesearch(0), "max_linesearch_steps is 0"),
        (lambda: optim.scale_by_zoom_linesearch(5, 0.5, 0.4), "curvature is 0.4"),
        (lambda: optim.scale_by_zoom_linesearch(5, initial_guess="two"), "initial_guess is 'two'"),
        (lambda: optim.lbfgs().update(np.ones(1), optim.lbfgs().init(np.ones(1)), np.ones(1)),
         r"value=loss, grad=grads, value_fn=loss_function"),
    ],
)  # fmt: skip
def test_faults_are_named(call, message):
    with pytest.raises(InvalidArgument, match=message):
        call()
