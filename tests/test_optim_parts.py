"""Parts of optimisers: chains, masks, accumulation, averages, and what they ask of a call."""

import copy
import re

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import optim, tree
from gpugrad.errors import InvalidArgument, UnsupportedOperand


def params_and_grads(dtype="float64", count=8):
    rng = np.random.default_rng(0)
    make = lambda: {"w": rng.normal(size=(2, 3)).astype(dtype), "b": rng.normal(size=3).astype(dtype)}  # noqa: E501, E731
    return make(), [make() for _ in range(count)]


def trained(opt, engine=None, count=8, dtype="float64", **extra):
    """All params on the way, and the last state."""
    params, grads = params_and_grads(dtype, count)

    def step(params, state, g):
        updates, state = opt.update(g, state, params, **extra)
        return optim.apply_updates(params, updates), state

    if engine:
        step = gg.jit(step, engine=engine)
    state, way = opt.init(params), []
    for g in grads:
        params, state = step(params, state, g)
        way.append(params)
    return way, state


def check_same(one, other, rtol=1e-12):
    for a, b in zip(tree.leaves(one), tree.leaves(other), strict=True):
        assert type(a) is type(b)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-14)


WRAPPED = {
    "chain": lambda: optim.chain(optim.clip_by_global_norm(0.5), optim.trace(0.9),
                                 optim.scale_by_schedule(lambda step: -0.1 / (1 + step))),
    "masked": lambda: optim.chain(optim.masked(optim.adam(0.1), lambda path, x: x.ndim > 1),
                                  optim.masked(optim.sgd(0.2), {"w": False, "b": True})),
    "partition": lambda: optim.partition({"a": optim.adam(0.1), "b": optim.sgd(0.1)},
                                         {"w": "a", "b": "b"}),
    "multi_steps": lambda: optim.multi_steps(optim.adam(0.1), 3),
    "multi_steps, growing": lambda: optim.multi_steps(optim.sgd(0.1), lambda step: 1 + step),
    "average": lambda: optim.average_params(optim.adam(0.1), 0.7, start=2),
    "swa": lambda: optim.average_params(optim.sgd(0.1), None),
    "lookahead": lambda: optim.lookahead(optim.adam(0.1), 3, 0.4),
    "finite": lambda: optim.apply_if_finite(optim.adam(0.1), 3),
    "ema": lambda: optim.chain(optim.ema(0.9), optim.ema(0.8, debias=False), optim.scale(-0.1)),
    "clip": lambda: optim.chain(optim.clip(0.3), optim.clip_by_block_rms(0.2), optim.sgd(1.0)),
    "freeze": lambda: optim.chain(optim.adamw(0.1), optim.freeze({"w": False, "b": True})),
    "identity": lambda: optim.chain(optim.identity(), optim.chain(), optim.sgd(0.1)),
    "both": lambda: optim.multi_steps(
        optim.average_params(optim.chain(optim.clip_by_global_norm(0.1), optim.lamb(0.1))), 2),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", WRAPPED)
def test_compiled_is_as_eager_and_states_keep_their_types(name, engine):
    opt = WRAPPED[name]()
    check_same(trained(opt, engine), trained(opt))


@pytest.mark.parametrize("name", WRAPPED)
def test_a_saved_state_goes_on_to_the_bit(name, tmp_path):
    opt = WRAPPED[name]()
    params, grads = params_and_grads("float32")
    way, state = trained(opt, count=4, dtype="float32")
    tree.save(tmp_path / "state.safetensors", state)
    again = tree.load(tmp_path / "state.safetensors", like=opt.init(params))
    for one, other in zip(*(
        tree.leaves(opt.update(grads[0], held, way[-1])) for held in (state, again)
    ), strict=True):  # fmt: skip
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", WRAPPED)
def test_nothing_given_is_written_to_and_dtypes_stay(name):
    opt = WRAPPED[name]()
    for dtype in ("float16", "float32"):
        params, grads = params_and_grads(dtype)
        state = opt.init(params)
        for g in grads[:4]:
            for x in tree.leaves((params, state, g)):
                if hasattr(x, "flags"):
                    x.flags.writeable = False
            updates, after = opt.update(g, state, params)
            for u, p in zip(tree.leaves(updates), tree.leaves(params), strict=True):
                assert u.dtype == p.dtype
            assert tree.flatten(after)[1] == tree.flatten(state)[1]
            for a, b in zip(tree.leaves(after), tree.leaves(state), strict=True):
                assert getattr(a, "dtype", int) == getattr(b, "dtype", int)
            params, state = optim.apply_updates(params, updates), after


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("name", ["chain", "multi_steps", "average", "finite", "lbfgs"])
def test_a_batch_of_runs_is_as_each_alone(name, jit):
    """Where conditions differ between samples, both sides are computed."""
    targets = np.random.default_rng(0).normal(size=(4, 3)) + 3.0

    def run(target):
        def loss(w):
            return gg.sum((w - target) ** 2 * np.array([1.0, 2.0, 3.0]))

        opt = optim.lbfgs() if name == "lbfgs" else WRAPPED[name]()
        w = 0.0 * target
        state = opt.init(w)
        for _ in range(3):
            value, grad = gg.value_and_grad(loss)(w)
            extra = {"value": value, "grad": grad, "value_fn": loss} if name == "lbfgs" else {}
            updates, state = opt.update(grad, state, w, **extra)
            w = optim.apply_updates(w, updates)
        return w

    batched = gg.jit(gg.vmap(run)) if jit else gg.vmap(run)
    np.testing.assert_allclose(batched(targets), [run(x) for x in targets], rtol=1e-12)


def test_other_array_libraries_are_served():
    xp = pytest.importorskip("array_api_strict")
    plateau = optim.chain(optim.sgd(0.1), optim.reduce_on_plateau(accumulation_size=2))
    for opt, extra in (*((make(), {}) for make in WRAPPED.values()), (plateau, {"value": 1.0})):
        params = {k: xp.ones(n, dtype=xp.float32) for k, n in (("w", (2, 2)), ("b", 2))}
        state = opt.init(params)
        for _ in range(4):
            updates, state = opt.update(params, state, params, **extra)
            params = optim.apply_updates(params, updates)
        assert all(type(x) is type(xp.ones(1)) for x in tree.leaves(params))


def test_chain_goes_from_the_first_to_the_last():
    way, state = trained(optim.chain(optim.scale(2.0), optim.clip(0.5), optim.scale(-3.0)), count=1)
    params, (g,) = params_and_grads(count=1)
    np.testing.assert_allclose(way[0]["w"], params["w"] - 3 * np.clip(2 * g["w"], -0.5, 0.5))
    assert state == (optim.EmptyState(),) * 3


def test_clips():
    grads = {"a": np.array([3.0, -4.0]), "b": np.array([[12.0]])}
    assert optim.global_norm(grads) == 13.0
    for limit, share in ((6.5, 0.5), (13.0, 1.0), (20.0, 1.0), (0.0, 0.0)):
        clipped, _ = optim.clip_by_global_norm(limit).update(grads, optim.EmptyState())
        for name, g in grads.items():
            np.testing.assert_array_equal(clipped[name], g * share)
    zeros = tree.map(np.zeros_like, grads)
    for opt in (optim.clip_by_global_norm(0.0), optim.clip_by_block_rms(0.0), optim.clip(0.0)):
        for x in tree.leaves(opt.update(zeros, opt.init(zeros))[0]):
            np.testing.assert_array_equal(x, 0)
    nothing, _ = optim.clip_by_global_norm(1.0).update({"a": None}, optim.EmptyState())
    assert nothing == {"a": None}


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64", "float64"])
def test_norms_do_not_overflow_and_keep_what_is_small(dtype):
    large = np.finfo(dtype).max / 4 if dtype != "float64" else 1e150
    grads = [np.full(3, large, dtype), np.full(1, large, dtype)]
    norm = optim.global_norm(grads)
    assert norm.dtype == {"float16": "float32", "complex64": "float32"}.get(dtype, dtype)
    np.testing.assert_allclose(norm, 2 * np.float64(large), rtol=1e-3)
    for x in optim.clip_by_global_norm(1.0).update(grads, optim.EmptyState())[0]:
        assert x.dtype == dtype
        np.testing.assert_allclose(x, 0.5, rtol=1e-3)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
@pytest.mark.parametrize("opt", [optim.clip_by_global_norm(1.0), optim.clip_by_block_rms(1.0)])
def test_a_norm_that_is_not_finite_is_not_hidden(opt, bad):
    grads = [np.array([1.0, bad])]
    assert np.isnan(opt.update(grads, opt.init(grads))[0][0]).all()
    (found,), _ = optim.clip(1.0).update(grads, optim.EmptyState())
    assert np.isnan(found[1]) if np.isnan(bad) else found[1] == 1.0


def test_the_gradient_of_a_clip_is_that_of_what_it_computes():
    opt = optim.clip_by_global_norm(1.0)

    def loss(x):
        (y,), _ = opt.update([x], opt.init([np.zeros(3)]))
        return gg.sum(y * np.array([1.0, 2.0, 3.0]))

    for x in (np.array([0.1, 0.2, 0.3]), np.array([3.0, -1.0, 2.0])):
        gg.testing.check_grads(loss, (x,), order=1)
    np.testing.assert_array_equal(gg.grad(loss)(np.zeros(3)), [1.0, 2.0, 3.0])


@gg.tree.register
class Model:
    def __init__(self):
        self.weight, self.bias, self.name = np.ones((2, 2)), np.ones(2), "model"

    def __call__(self, x):
        return x @ self.weight + self.bias


@pytest.mark.parametrize(
    "mask",
    [
        lambda path, leaf: "weight" in path,
        lambda path, leaf: leaf.ndim > np.int64(1),
        lambda params: tree.map(lambda x: x.ndim > 1, params),
        tree.map(lambda x: x.ndim > 1, Model()),        # which is called, but no function
    ],
)
def test_every_form_of_a_mask(mask):
    opt = optim.masked(optim.sgd(1.0, momentum=0.5), mask)
    model = Model()
    state = opt.init(model)
    assert [x.shape for x in state.velocity] == [(2, 2)]
    updates, _ = opt.update(model, state, model)
    np.testing.assert_array_equal(updates.weight, -1.0)
    np.testing.assert_array_equal(updates.bias, 1.0)
    assert updates.name == "model"
    again, _ = opt.update(model, state)             # by the gradients alone
    np.testing.assert_array_equal(again.weight, -1.0)


def test_one_value_of_a_mask_stands_for_a_branch():
    opt = optim.freeze({"body": True, "head": False})
    params = {"body": [np.ones(2), np.ones(3)], "head": {"w": np.ones(1), "none": None}}
    updates, _ = opt.update(params, opt.init(params))
    assert [float(x.max()) for x in tree.leaves(updates)] == [0.0, 0.0, 1.0]


def test_a_mask_is_asked_again_where_the_tree_is_another():
    opt = optim.masked(optim.scale(2.0), lambda path, leaf: leaf.shape == (2,))
    for shapes in ([(2,), (3,)], [(3,), (2,)], [(2,)]):
        grads = [np.ones(shape) for shape in shapes]
        updates, _ = opt.update(grads, opt.init(grads))
        assert [u[0] for u in updates] == [2.0 if s == (2,) else 1.0 for s in shapes]


def test_faults_of_masks_and_labels_are_named():
    params = {"a": np.ones(2), "b": np.ones(2)}
    for mask, message in (
        ({"a": True}, "do not fit the params"),
        ({"a": True, "b": "yes"}, r"the mask of \['b'\] is 'yes'; expected True or False"),
        (lambda path, leaf: None, r"the mask of \['a'\] is None"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            optim.masked(optim.sgd(0.1), mask).init(params)
    opt = optim.partition({"x": optim.sgd(0.1), "y": optim.adam(0.1)}, {"a": "x", "b": "z"})
    with pytest.raises(InvalidArgument, match=r"label of \['b'\] is 'z'; .* one of 'x', 'y'"):
        opt.init(params)
    opt = optim.partition({"x": optim.sgd(0.1)}, "x")
    with pytest.raises(InvalidArgument, match="state is not that of this partition"):
        opt.update(params, optim.sgd(0.1).init(params))
    opt = optim.masked(optim.sgd(0.1), True)
    with pytest.raises(InvalidArgument, match="2 gradients and 1 arrays in the params"):
        opt.update(params, opt.init(params), {"a": np.ones(2)})


def test_groups_have_their_own_rates_and_states():
    opt = optim.partition(
        {"fast": optim.sgd(1.0), "slow": optim.adam(0.01), "unused": optim.lamb(1.0)},
        lambda path, leaf: "fast" if path == "['b']" else "slow",
    )
    way, state = trained(opt, count=3)
    alone, _ = trained(optim.adam(0.01), count=3)
    params, grads = params_and_grads(count=3)
    np.testing.assert_array_equal(way[-1]["w"], alone[-1]["w"])
    np.testing.assert_allclose(way[-1]["b"], params["b"] - sum(g["b"] for g in grads))
    assert [len(tree.leaves(state[name])) for name in ("fast", "slow", "unused")] == [1, 3, 1]


@pytest.mark.parametrize("engine", [None, "native"])
def test_accumulated_gradients_are_as_their_mean(engine):
    """Between steps nothing moves; schedules and counts are those of steps."""
    rate = optim.linear(0.1, 0.0, 3)
    way, state = trained(optim.multi_steps(optim.adam(rate), 4), engine)
    params, grads = params_and_grads()
    opt = optim.adam(rate)
    held, alone = opt.init(params), params
    for four in (grads[:4], grads[4:]):
        mean = {k: np.mean([g[k] for g in four], axis=0) for k in params}
        updates, held = opt.update(mean, held, alone)
        alone = optim.apply_updates(alone, updates)
    check_same(way[-1], alone)
    check_same(way[2], params)
    check_same(way[6], way[3])
    assert (state.mini_step, state.steps, state.inner.steps) == (0, 2, 2)


def test_an_accumulation_that_grows():
    _, state = trained(optim.multi_steps(optim.sgd(0.1), lambda step: 1 + step), count=8)
    assert (state.mini_step, state.steps) == (2, 3)     # steps of 1, 2 and 3, and 2 of the next 4


def test_averages_of_params():
    way, state = trained(optim.average_params(optim.sgd(0.1), None))
    check_same(state.average, {k: np.mean([p[k] for p in way], axis=0) for k in way[0]})
    way, state = trained(optim.average_params(optim.sgd(0.1), None, start=5))
    check_same(state.average, {k: np.mean([p[k] for p in way[5:]], axis=0) for k in way[0]})
    way, state = trained(optim.average_params(optim.sgd(0.1), 0.8))
    shares = 0.8 ** np.arange(7, -1, -1)
    check_same(state.average, {
        k: np.average([p[k] for p in way], axis=0, weights=shares) for k in way[0]
    })  # fmt: skip
    _, state = trained(optim.average_params(optim.sgd(0.1), 0.8, start=8))
    check_same(state.average, way[-1])
    plain, _ = trained(optim.sgd(0.1))
    check_same(way, plain)


def test_an_average_of_float16_is_kept_in_float32():
    _, state = trained(optim.average_params(optim.sgd(0.1), 0.9), dtype="float16")
    assert state.average["w"].dtype == np.float32


def test_lookahead_keeps_a_part_of_each_period():
    way, state = trained(optim.lookahead(optim.sgd(0.1), 4, 0.25))
    params, grads = params_and_grads()
    slow = params
    for four in (grads[:4], grads[4:]):
        fast = {k: slow[k] - 0.1 * sum(g[k] for g in four) for k in slow}
        slow = {k: slow[k] + 0.25 * (fast[k] - slow[k]) for k in slow}
    check_same((way[-1], state.slow), (slow, slow), rtol=1e-11)


def test_incremental_update():
    new, old = [np.ones(2, "float32")], [np.full(2, 3.0, "float32")]
    (mixed,) = optim.incremental_update(new, old, np.float64(0.25))
    assert mixed.dtype == "float32"
    np.testing.assert_array_equal(mixed, 2.5)
    np.testing.assert_array_equal(optim.incremental_update(new, old, 1.0)[0], new[0])
    with pytest.raises(InvalidArgument, match="structure"):
        optim.incremental_update(new, {"a": old[0]}, 0.5)


@pytest.mark.parametrize("engine", [None, "numpy", "native"])
def test_steps_that_are_not_finite_are_left_out(engine):
    opt = optim.apply_if_finite(optim.sgd(0.5, momentum=0.5), 2)
    update = gg.jit(opt.update, engine=engine) if engine else opt.update
    good, bad = [np.ones(2)], [np.array([1.0, np.inf])]
    state = opt.init(good)
    found = []
    for grads in (good, bad, bad, good, bad, bad, bad):
        updates, state = update(grads, state)
        found.append((float(updates[0][0]), state.in_a_row, state.total))
    assert [float(x) for x, _, _ in found] == [-0.5, 0, 0, -0.75, 0, 0, -0.875]
    assert [counts for _, *counts in found] == [
        [0, 0], [1, 1], [2, 2], [0, 2], [1, 3], [2, 4], [3, 5]
    ]  # fmt: skip
    assert type(state.total) is int


def plateau_by_hand(losses, factor, patience, rtol, atol, cooldown, size, least):
    scale, best, waited, rest, scales = 1.0, np.inf, 0, 0, []
    for n in range(len(losses)):
        if n % size == size - 1:
            mean = np.mean(losses[n + 1 - size : n + 1])
            better = mean < (1 - rtol) * best - atol
            best, waited = (mean, 0) if better else (best, waited + 1)
            if rest:
                rest, waited = rest - 1, 0
            elif waited == patience:
                scale, waited, rest = max(scale * factor, least), 0, cooldown
        scales.append(scale)
    return scales


@pytest.mark.parametrize("engine", [None, "numpy", "native"])
@pytest.mark.parametrize(
    "settings",
    [(0.5, 2, 1e-4, 0.0, 0, 1, 0.0), (0.5, 1, 0.0, 0.1, 2, 1, 0.2), (0.1, 2, 1e-4, 0.0, 1, 3, 0.0)],
)
def test_the_rate_falls_on_a_plateau(settings, engine):
    factor, patience, rtol, atol, cooldown, size, least = settings
    plateau = optim.reduce_on_plateau(factor, patience, rtol, atol, cooldown, size, least)
    opt = optim.chain(optim.sgd(1.0), plateau)

    def step(state, loss):
        return opt.update([np.ones(2, "float32")], state, value=loss)

    step = gg.jit(step, engine=engine) if engine else step
    rng = np.random.default_rng(0)
    losses = np.maximum(3.0 - np.arange(40) / 5, 0.5) + 0.2 * rng.normal(size=40)
    state, found = opt.init([np.ones(2, "float32")]), []
    for loss in losses:
        (update,), state = step(state, loss)
        found.append(-float(update[0]))
    np.testing.assert_allclose(found, plateau_by_hand(losses, *settings), rtol=1e-6)
    assert len(set(found)) > 2


def test_a_loss_that_is_not_finite_is_forgotten_with_its_mean():
    opt, w = optim.reduce_on_plateau(accumulation_size=2, patience=2), [np.ones(1)]
    state = opt.init(w)
    for loss in (np.nan, 1.0, 3.0, 1.0, 1.0):
        _, state = opt.update(w, state, value=loss)
    assert (float(state.best), float(state.mean), int(state.waited)) == (2.0, 1.0, 0)


def test_what_a_plateau_asks_for():
    opt = optim.reduce_on_plateau()
    w = [np.ones(2)]
    cases = ({}, "the loss is missing"), ({"value": np.ones(2)}, r"of shape \(2,\)")
    for extra, message in cases:
        with pytest.raises(InvalidArgument, match=message):
            opt.update(w, opt.init(w), w, **extra)
    for settings in ({"factor": 0.0}, {"rtol": 2.0}, {"rtol": 0.0}):
        with pytest.raises(InvalidArgument, match="factor between 0 and"):
            optim.reduce_on_plateau(**settings)
    for name, value in (("patience", 0), ("cooldown", -1), ("accumulation_size", 1.5)):
        with pytest.raises(InvalidArgument, match=f"{name} is {value}"):
            optim.reduce_on_plateau(**{name: value})


def test_further_arguments_reach_those_that_take_them_and_no_others_pass():
    plateau = optim.reduce_on_plateau()
    opt = optim.masked(optim.chain(optim.adam(0.1), optim.multi_steps(plateau, 1)), True)
    w = [np.ones(2)]
    opt.update(w, opt.init(w), w, value=1.0)
    with pytest.raises(UnsupportedOperand, match=r"given vlaue=, .*state, params and value=$"):
        opt.update(w, opt.init(w), w, vlaue=1.0)
    with pytest.raises(UnsupportedOperand, match=r"given value=.*params and nothing else$"):
        optim.chain(optim.adam(0.1)).update(w, optim.chain(optim.adam(0.1)).init(w), value=1.0)
    with pytest.raises(TypeError, match="value"):
        optim.adam(0.1).update(w, optim.adam(0.1).init(w), w, value=1.0)


def test_an_optimiser_of_a_user_takes_part():
    def update(grads, state, params=None, **extra):
        return tree.map(lambda g: -extra["rate"] * g, grads), state + 1

    own = optim.Optimizer(lambda params: 0, update)
    opt = optim.chain(optim.clip(1.0), own)
    w = [np.full(2, 3.0)]
    updates, state = opt.update(w, opt.init(w), w, rate=0.5)
    np.testing.assert_array_equal(updates[0], -0.5)
    assert state[1] == 1
    bare = optim.Optimizer(lambda params: 0, lambda grads, state, params: (grads, state))
    assert optim.chain(bare).update(w, (0,))[1] == (0,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: optim.chain(optim.adam), r"part 1 is of type function; expected an optimiser"),
        (lambda: optim.chain(optim.sgd(0.1)).update([np.ones(1)], optim.sgd(0.1).init(np.ones(1))),
         "state of this chain is SgdState"),
        (lambda: optim.chain(optim.sgd(0.1)).update([np.ones(1)], (1, 2)), "is a tuple of 2"),
        (lambda: optim.multi_steps(optim.sgd(0.1), 0), "every_k is 0"),
        (lambda: optim.apply_if_finite(optim.sgd(0.1), -1), "max_consecutive_errors is -1"),
        (lambda: optim.lookahead(optim.sgd(0.1), 0), "sync_period is 0"),
        (lambda: optim.lookahead(optim.sgd(0.1), 2, 1.5), "slow_step_size is 1.5"),
        (lambda: optim.average_params(optim.sgd(0.1), 1.0), "decay is 1.0"),
        (lambda: optim.average_params(optim.sgd(0.1), start=-1), "start is -1"),
        (lambda: optim.average_params(optim.sgd(0.1)).update([np.ones(1)], optim.average_params(
            optim.sgd(0.1)).init([np.ones(1)])), "average_params needs the params"),
    ],
)  # fmt: skip
def test_faults_are_named(call, message):
    with pytest.raises(InvalidArgument, match=message):
        call()


def test_a_clip_refuses_complex_numbers():
    grads = [np.ones(2, complex)]
    with pytest.raises(UnsupportedOperand, match="clip_by_global_norm takes complex ones"):
        optim.clip(1.0).update(grads, optim.EmptyState())


def test_what_computes_with_whole_arrays_is_not_sharded():
    from gpugrad.parallel import data_parallel

    for name, opt in {
        "scale_by_trust_ratio": optim.lamb(0.1), "partition": optim.muon(0.1),
        "scale_by_factored_rms": optim.adafactor(0.1), "scale_by_lbfgs": optim.lbfgs(),
        "clip_by_global_norm": optim.multi_steps(
            optim.chain(optim.adam(0.1), optim.clip_by_global_norm(1.0)), 2),
    }.items():  # fmt: skip
        with pytest.raises(InvalidArgument, match=re.escape(f": {name} computes with whole")):
            data_parallel(opt, shard_state=True)
    opt = data_parallel(optim.chain(optim.adam(0.1), optim.reduce_on_plateau()), shard_state=True)
    w = [np.ones(2)]
    opt.update(w, opt.init(w), w, value=1.0)


# How states print

MODEL = gg.nn.MLP([20, 80, 80, 3], rng=0)
STATES = {
    "adam": (optim.adam(0.1), r"AdamState\(steps=0, mean=\(float32\[20, 80\], .* 3 more\)"),
    "chain": (optim.chain(optim.clip(1.0), optim.adam(0.1)), r"\(EmptyState\(\), AdamState\("),
    "lbfgs": (optim.lbfgs(), r"LbfgsState\(.*moved=float32\[10, 8403\]"),
    "average": (optim.average_params(optim.sgd(0.1)), r"average=MLP\(.*inner=SgdState\("),
    "muon": (optim.muon(0.1), r"'muon': \(MuonState\("),
    "adafactor": (optim.adafactor(0.1), r"FactoredState\(.*rows=\(None"),
    "plateau": (optim.reduce_on_plateau(), r"PlateauState\("),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_a_state_prints_as_one_short_line(name: str) -> None:
    opt, said = STATES[name]
    state = opt.init(MODEL)
    text = repr(state)
    assert re.search(said, text)
    assert len(text) < 400
    assert "\n" not in text
    assert repr(copy.deepcopy(state)) == text


def test_every_state_has_such_a_text() -> None:
    kinds = [kind for name in optim.__all__ if name.endswith("State")
             for kind in [getattr(optim, name)]]  # fmt: skip
    assert len(kinds) > 15
    for kind in kinds:
        parts = [np.zeros((40, 40))] * len(kind._fields)
        assert len(repr(kind(*parts))) < 250, kind


def test_small_arrays_of_a_state_are_printed() -> None:
    state = optim.adam(0.1).init({"w": np.array([1.0, 2.0]), "b": np.zeros((2, 9))})
    assert "mean=(float64[2, 9], array([0., 0.]))" in repr(state)
    held = optim.average_params(optim.sgd(0.1)).init({"w": np.zeros((9, 9)), "n": [np.zeros(())]})
    assert "average={'w': float64[9, 9], 'n': [array(0.)]}" in repr(held)
    shown = gg.nn.MultiheadAttention(8, 2).init_cache(1, 16)
    assert repr(shown).startswith("AttentionCache(keys=float32[16, 1, 2, 4], ")
