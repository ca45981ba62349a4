"""`gg.cond` and `gg.scan` against plain branches and loops, without `gg.jit` and under it."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from rounding import largest

import gpugrad as gg
from gpugrad import tree
from gpugrad.backends import numpy_namespace
from gpugrad.engines.numpy.engine import compile_plan
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.plan import interpret, passes
from gpugrad.testing import check_grads

RNG = np.random.default_rng(0)
W = RNG.normal(size=(3, 3))
XS = RNG.normal(size=(5, 3))
C = RNG.normal(size=3)


def same(mine, wanted):
    """Equal trees, to rounding, of equal dtypes."""
    mine, wanted = tree.leaves(mine), tree.leaves(wanted)
    assert len(mine) == len(wanted)
    for a, b in zip(mine, wanted, strict=True):
        a, b = (np.asarray(x.value if isinstance(x, gg.Tensor) else x) for x in (a, b))
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12 * max(largest(b), 1))
        assert a.dtype == b.dtype


def under_jit(f, *args, calls=4):
    """The results of calls under `gg.jit`: those that record, and those that run the plan."""
    compiled = gg.jit(f)
    results = [compiled(*args) for _ in range(calls)]
    assert compiled._calls                          # it did not fall back to running `f`
    return results


def steps_of(f, *args, op):
    return [step for step in gg.jit(f).plan(*args).steps if step.op == op]


def python_scan(f, init, xs, reverse=False):
    """The loop as anybody would write it, for one array `xs`."""
    carry, ys = init, []
    for x in xs[::-1] if reverse else xs:
        carry, y = f(carry, x)
        ys.append(y)
    return carry, np.stack(ys[::-1] if reverse else ys)


# scan: values


@pytest.mark.parametrize("reverse", [False, True])
def test_a_loop_is_what_the_loop_in_python_is(reverse):
    def numpy_body(c, x):
        return np.tanh(c @ W + x), c.sum()

    def body(c, x):
        return gg.tanh(c @ W + x), gg.sum(c)

    wanted = python_scan(numpy_body, C, XS, reverse)
    same(gg.scan(body, C, XS, reverse=reverse), wanted)
    for found in under_jit(lambda c, xs: gg.scan(body, c, xs, reverse=reverse), C, XS):
        same(found, wanted)


def test_raw_arrays_give_raw_arrays_and_tensors_tensors():
    carry, ys = gg.scan(lambda c, x: (c + x, c), C, XS)
    assert type(carry) is type(ys) is np.ndarray
    carry, ys = gg.scan(lambda c, x: (c + x, c), gg.tensor(C), XS)
    assert type(carry) is type(ys) is gg.Tensor


def test_trees_go_through():
    def body(carry, x):
        carry = {"a": carry["a"] + x[0], "b": (carry["b"][0] * x[1], None)}
        return carry, [carry["a"], {"twice": carry["b"][0] * 2}]

    init = {"a": np.zeros(3), "b": (np.ones(()), None)}
    xs = (XS, np.arange(1.0, 6.0))
    carry, ys = gg.scan(body, init, xs)
    same(carry["a"], XS.sum(0))
    same(ys[0], np.cumsum(XS, 0))
    same(ys[1]["twice"], 2 * np.cumprod(np.arange(1.0, 6.0)))
    for found in under_jit(lambda init, xs: gg.scan(body, init, xs), init, xs):
        same(found, (carry, ys))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n", [0, 1])
def test_short_loops(n, reverse):
    def loss(c, xs, w):
        c, ys = gg.scan(lambda c, x: (gg.sin(c @ w) + x, (c * x, gg.sum(c))), c, xs,
                        reverse=reverse)
        return gg.sum(c * c) + sum(gg.sum(y) for y in ys), ys

    c, xs = C, XS[:n]
    value, ys = loss(c, xs, W)
    assert [y.shape for y in ys] == [(n, 3), (n,)]
    wanted = np.sin(c @ W) + xs[0] if n else c
    same(value, np.sum(wanted**2) + (np.sum(c * xs[0]) + np.sum(c) if n else 0))
    f = gg.value_and_grad(loss, argnums=(0, 1, 2), has_aux=True)
    plain = f(c, xs, W)
    if n == 0:
        same(plain[1], (2 * c, np.zeros((0, 3)), np.zeros((3, 3))))
    for found in under_jit(f, c, xs, W):
        same(found, plain)


def test_a_length_without_xs():
    def f(x):
        return gg.scan(lambda c, _: (c * 2, None), x, length=5)

    same(f(C), (32 * C, None))
    for found in under_jit(f, C):
        same(found, (32 * C, None))


def test_numbers_in_the_carry():
    def f(start, xs):
        def body(c, x):
            n, total, frozen = c
            return (n + 1, total + x, frozen), n * x

        return gg.scan(body, (0, start, 2.5), xs)

    xs = np.arange(4, dtype=np.float32)
    (n, total, frozen), ys = f(0.5, xs)
    assert (n, type(n), frozen, type(frozen)) == (4, int, 2.5, float)
    assert total.dtype == ys.dtype == np.float32
    assert total == 6.5
    assert ys.tolist() == [0, 1, 4, 9]
    for found in under_jit(f, 0.5, xs):
        same(found, ((n, total, frozen), ys))
        assert [type(x) for x in found[0]] == [int, np.ndarray, float]


def test_a_number_for_an_array_in_the_carry_takes_its_dtype():
    def f(c, xs):
        return gg.scan(lambda c, x: (1, c), c, xs)

    c, xs = np.float32(3).reshape(()), np.ones(3)
    same(f(c, xs), (np.float32(1), np.array([3, 1, 1], np.float32)))
    for found in under_jit(f, c, xs):
        same(found, f(c, xs))


def test_closed_over_arrays_are_read_at_each_call():
    scale = np.ones(3)
    held = gg.tensor(np.ones(3))
    f = gg.jit(lambda xs: gg.scan(lambda c, x: (c + x * scale * held, None), np.zeros(3), xs)[0])
    for n in range(5):
        scale[:] = n
        held *= 2
        same(f(XS), XS.sum(0) * n * held.value)


def test_other_values_in_other_calls():
    def f(c, xs, flip):
        def body(c, x):
            return gg.cond(flip > 0, lambda: (c * x, c), lambda: (c - x, x))

        return gg.scan(body, c, xs)

    compiled = gg.jit(f)
    for n in range(5):
        flip = np.array(n % 2)
        same(compiled(C + n, XS * n, flip), f(C + n, XS * n, flip))


def test_a_loop_in_a_loop():
    def f(w, xs):
        def inner(c, x):
            return c * x + w, gg.sum(c)

        def outer(c, row):
            c, ys = gg.scan(inner, c, row, reverse=True)
            return c / 2, (ys, c)

        return gg.scan(outer, gg.zeros(3) + 0.5, xs)

    xs = RNG.normal(size=(4, 2, 3))
    for found in under_jit(f, C, xs):
        same(found, f(C, xs))

    def loss(w, xs):
        c, (ys, cs) = f(w, xs)
        return gg.sum(c * c) + gg.sum(gg.sin(ys)) + gg.sum(cs * cs * cs)

    check_grads(loss, (C, xs))
    g = gg.grad(loss, (0, 1))
    for found in under_jit(g, C, xs):
        same(found, g(C, xs))


def test_carries_that_change_places():
    def f(a, b, xs):
        def body(c, x):
            return (c[1], c[0], x, c[1]), (c[0], c[0] + 0, x, c[1], c[3], c[2] * 2, c[2] * 2)

        return gg.scan(body, (a, b, a, a), xs)

    for found in under_jit(f, C, 2 * C, XS):
        same(found, f(C, 2 * C, XS))
        for x in tree.leaves(found):                # each is the caller's own
            x += 1
        same(found, tree.map(lambda x: x + 1, f(C, 2 * C, XS)))


@pytest.mark.parametrize(
    "step",
    [
        lambda a, b, c, x: (a + x, a + x, c),
        lambda a, b, c, x: (a * x, a * x, a * x),
        lambda a, b, c, x: (b, b, b),
        lambda a, b, c, x: (gg.stack([a, b, c])[1] * x,) * 2 + (b,),
        lambda a, b, c, x: (b, a + x, a + x),
    ],
)
def test_one_value_is_the_next_of_several_carries(step):
    def f(a, b, xs):
        return gg.scan(lambda c, x: (step(*c, x), c), (a, b, a - b), xs)

    for found in under_jit(f, C, 2 * C, XS):
        same(found, f(C, 2 * C, XS))


def test_what_a_body_writes_in_place():
    def body(c, x):
        c = c * 1
        c[0] = x[1]
        c += x
        return c, c[1:]

    def f(c, xs):
        return gg.scan(body, gg.asarray(c), xs)

    for found in under_jit(f, C, XS):
        same(found, f(C, XS))


def test_arguments_are_not_written_to():
    def body(c, x):
        c += x
        return c, None

    init = gg.tensor(np.zeros(3))
    gg.scan(body, init, XS)
    assert init.value.tolist() == [0, 0, 0]
    raw = np.zeros(3)
    same(gg.scan(body, raw, XS)[0], XS.sum(0))
    assert raw.tolist() == [0, 0, 0]

    @gg.jit
    def f(c, xs):
        after, _ = gg.scan(body, c, xs)
        return c, after

    for _ in range(3):
        same(f(np.zeros(3), XS), (np.zeros(3), XS.sum(0)))


# scan: gradients


def loop_loss(w, c, xs, extra):
    def body(c, x):
        c = gg.tanh(c @ w["w"] + x * extra) + w["b"]
        return c, (gg.sum(c * x), gg.exp(c))

    c, (a, b) = gg.scan(body, c, xs)
    return gg.sum(c**2) + gg.sum(a * a) + gg.sum(gg.sin(b)) * 0.1


ARGUMENTS = ({"w": W, "b": C / 3}, C, XS, np.array(0.7))


def test_gradients_agree_with_finite_differences():
    check_grads(loop_loss, ARGUMENTS)


def test_gradients_under_jit_are_those_without():
    f = gg.value_and_grad(loop_loss, argnums=(0, 1, 2, 3))
    for found in under_jit(f, *ARGUMENTS):
        same(found, f(*ARGUMENTS))


def test_second_derivatives_under_jit():
    def slopes(*args):
        g = gg.grad(loop_loss, argnums=(0, 1, 2, 3))(*args)
        return sum(gg.sum(gg.cos(x)) for x in tree.leaves(g))

    f = gg.grad(slopes, argnums=(0, 1, 2, 3))
    for found in under_jit(f, *ARGUMENTS):
        same(found, f(*ARGUMENTS))


def test_third_derivatives_under_jit():
    def cube(x):
        return gg.scan(lambda c, _: (c * x, None), x, length=4)[0]      # x⁵

    f = gg.grad(gg.grad(gg.grad(cube)))
    for found in under_jit(f, np.array(1.5)):
        same(found, np.array(60 * 1.5**2))


def test_gradients_inside_of_a_loop_under_jit():
    def descend(x, target):
        def loss(x):
            return gg.sum((x @ W - target) ** 2)

        return gg.scan(lambda x, _: (x - 0.01 * gg.grad(loss)(x), loss(x)), x, length=6)

    def f(x, target):
        x, losses = descend(x, target)
        return gg.sum(losses) + gg.sum(x)

    check_grads(f, (C, C[::-1].copy()), order=1)
    g = gg.grad(f, (0, 1))
    for found in under_jit(g, C, C[::-1].copy()):
        same(found, g(C, C[::-1].copy()))


def test_gradients_inside_that_depend_on_what_is_closed_over():
    def f(w, xs):
        v = gg.exp(w)

        def body(c, x):
            slope = gg.grad(lambda t: gg.sum(gg.sin(t * w) + v))(x)      # w cos(xw)
            slope += gg.grad(lambda t: gg.sum(t * t) + gg.sum(v))(np.ones(3))
            slope += gg.grad(lambda t: gg.sum(t * t * v))(np.ones(3))
            return c + gg.cond(gg.sum(x) > 0, lambda: gg.grad(lambda t: gg.sum(t * w))(x),
                               lambda: slope), slope

        c, ys = gg.scan(body, np.zeros(3), xs)
        return gg.sum(c) + gg.sum(ys * ys)

    check_grads(lambda w: f(w, XS), (C,))
    g = gg.grad(f)
    h = gg.grad(lambda w, xs: gg.sum(gg.sin(g(w, xs))))
    for slopes in (g, h):
        for found in under_jit(slopes, C, XS):
            same(found, slopes(C, XS))


def test_what_is_closed_over_may_be_something_else_afterwards():
    def f(w, xs):
        c, scale, held = w * 1, {"by": w}, gg.asarray(w) + 0
        for i in range(3):
            # That these variables change is what is tested.
            c = gg.cond(c[0] > 0, lambda: gg.sin(c) * i + w, lambda: c * scale["by"])  # noqa: B023
            w, _ = gg.scan(lambda d, x: (d * c + w * x * held + i, None), w, xs)  # noqa: B023
            w = gg.tanh(w)
            scale["by"] = w
            held += c
        return gg.sum(w * c) + gg.sum(held)

    check_grads(f, (C, XS))
    g = gg.value_and_grad(f, (0, 1))
    for found in under_jit(g, C, XS):
        same(found, g(C, XS))
    h = gg.grad(lambda w, xs: gg.sum(gg.cos(gg.grad(f)(w, xs))), (0, 1))
    for found in under_jit(h, C, XS):
        same(found, h(C, XS))


def test_a_loop_that_uses_the_results_of_another():
    def f(w, xs):
        c, ys = gg.scan(lambda c, x: (c * w + x, c * x), w, xs)
        a, b = gg.unstack(gg.stack([c, c * c]))

        def body(d, y):
            return d * gg.sum(y * a) + gg.sum(b * ys), d

        d, ds = gg.scan(body, gg.sum(c), ys)
        return d + gg.sum(ds)

    check_grads(f, (C, XS))
    g = gg.grad(f, (0, 1))
    for found in under_jit(g, C, XS):
        same(found, g(C, XS))
    h = gg.grad(lambda w, xs: gg.sum(g(w, xs)[0]))
    for found in under_jit(h, C, XS):
        same(found, h(C, XS))


def test_complex_carries():
    def f(z, xs):
        c, ys = gg.scan(lambda c, x: (c * z + x, gg.real(c)), z * 0 + 1, xs)
        return gg.real(c * gg.conj(c)) + gg.sum(ys * ys)

    z, xs = np.array(0.3 + 0.8j), RNG.normal(size=4) + 0.5j
    g = gg.grad(f, (0, 1))
    for found in under_jit(g, z, xs):
        same(found, g(z, xs))


def test_integers_in_carry_and_xs_have_no_gradient():
    table = RNG.normal(size=(4, 3))

    def f(table, c, labels):
        def body(carry, label):
            n, c = carry
            return (n + label, c * table[label] + n), n

        (n, c), ns = gg.scan(body, (np.array(0), c), labels)
        return gg.sum(c * c), (n, ns)

    labels = np.array([1, 3, 1, 0])
    g = gg.value_and_grad(f, (0, 1), has_aux=True)
    plain = g(table, C, labels)
    assert plain[0][1][1].tolist() == [0, 1, 4, 5]
    for found in under_jit(g, table, C, labels):
        same(found, plain)


def test_single_precision_stays_single():
    f = gg.value_and_grad(
        lambda w, xs: gg.sum(gg.scan(lambda c, x: (gg.tanh(c * w + x * 0.5), c), 0.0, xs)[1])
    )
    w, xs = np.float32(0.5).reshape(()), XS[:, 0].astype(np.float32)
    for value, slope in [f(w, xs), *under_jit(f, w, xs)]:
        assert value.dtype == slope.dtype == np.float32
        np.testing.assert_allclose(slope, f(w, xs)[1], rtol=1e-6)


def test_a_number_in_the_carry_keeps_its_weakness_in_the_gradient():
    def f(w):
        (c, _), _ = gg.scan(lambda c, _: ((c[0] * w * c[1], c[1] * 0.5), None), (w, 1.0), length=3)
        return c

    w = np.float32(1.5).reshape(())
    for slope in [gg.grad(f)(w), *under_jit(gg.grad(f), w)]:
        assert slope.dtype == np.float32
        np.testing.assert_allclose(slope, 4 * 1.5**3 / 8, rtol=1e-6)


def test_what_others_track_is_differentiated_by_them():
    w = gg.tensor(C, requires_grad=True)
    f = gg.jit(lambda xs: gg.sum(gg.scan(lambda c, x: (c * x + w, None), np.ones(3), xs)[0]))
    for _ in range(3):
        w.grad = None
        f(XS).backward()
        same(w.grad, gg.grad(
            lambda w: gg.sum(gg.scan(lambda c, x: (c * x + w, None), np.ones(3), XS)[0]))(C))


def test_stop_gradient_and_no_grad_inside():
    def f(w, xs):
        def body(c, x):
            with gg.no_grad():
                d = c * w
            return c * gg.stop_gradient(w) + d + x * w, c

        return gg.sum(gg.scan(body, w * 0, xs)[0])

    g = gg.grad(f)
    for found in under_jit(g, C, XS):
        same(found, g(C, XS))


def test_a_training_loop():
    model = gg.nn.MLP((3, 4, 2), rng=0)
    opt = gg.optim.adam(0.01)
    x, labels = RNG.normal(size=(6, 5, 3)).astype(np.float32), RNG.integers(0, 2, size=(6, 5))

    def train(model, state, x, labels):
        def body(carry, batch):
            model, state = carry
            x, labels = batch
            value, g = gg.value_and_grad(
                lambda m: gg.mean(gg.softmax_cross_entropy(m(x), labels))
            )(model)
            updates, state = opt.update(g, state, model)
            return (gg.optim.apply_updates(model, updates), state), value

        return gg.scan(body, (model, state), (x, labels))

    step = gg.jit(train, donate_argnums=(0, 1))
    mine = plain = (model, opt.init(model))
    for _ in range(4):
        plain, wanted = train(*plain, x, labels)
        mine, found = step(*mine, x, labels)
        np.testing.assert_allclose(found, wanted, rtol=1e-4)
        for a, b in zip(tree.leaves(mine), tree.leaves(plain), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
            assert type(a) is type(b)


def test_results_that_the_body_only_hands_on():
    def f(w, xs):
        c, (a, b, x, one) = gg.scan(lambda c, x: (w, (w, c, x, 1.0)), w * 0, xs)
        return gg.sum(c) + gg.sum(a) + 2 * gg.sum(b) + gg.sum(x * w) * gg.mean(one)

    same(gg.grad(f)(C, XS), 1 + 5 + 2 * 4 + XS.sum(0))
    for found in under_jit(gg.grad(f, (0, 1)), C, XS):
        same(found, gg.grad(f, (0, 1))(C, XS))


def test_arrays_made_in_the_body():
    def f(c, xs):
        def body(c, x):
            return c + np.ones(3) * x + gg.asarray([1.0, 2.0, 3.0]) + gg.zeros(3), None

        return gg.scan(body, c, xs)[0]

    for found in under_jit(f, C, XS):
        same(found, C + XS.sum(0) + 5 * np.array([1.0, 2.0, 3.0]))


# scan: its plan


def test_a_long_loop_is_one_step_and_its_body_runs_a_few_times():
    runs = []

    def body(c, x):
        runs.append(1)
        return c * 0.999 + x, c

    xs = np.full(10_000, 0.5)
    step = gg.jit(lambda c, xs: gg.scan(body, c, xs))
    for _ in range(3):
        found = step(np.array(1.0), xs)
    assert len(runs) == 2
    same(found, python_scan(lambda c, x: (c * 0.999 + x, c), np.array(1.0), xs))
    assert [s.op for s in step.plan(np.array(1.0), xs).steps] == ["scan"]
    runs.clear()
    slope = gg.jit(gg.grad(lambda c, xs: gg.sum(gg.scan(body, c, xs)[1] ** 2), (0, 1)))
    for _ in range(3):
        slope(np.array(1.0), xs)
    assert len(runs) == 2
    assert sum(s.op == "scan" for s in slope.plan(np.array(1.0), xs).steps) == 2


def test_only_what_is_read_is_stored():
    def f(c, xs):
        return gg.scan(lambda c, x: (c + x, (c * 2, x * x)), c, xs)

    [step] = steps_of(lambda c, xs: f(c, xs)[0], C, XS, op="scan")
    assert len(step.outputs) == 1
    assert [inner.op for inner in step.setting("body").steps] == ["add"]
    [step] = steps_of(lambda c, xs: f(c, xs)[1][1], C, XS, op="scan")
    assert len(step.outputs) == 2
    # The carry of a sum is not needed to differentiate it, so that no carries are stored.
    loops = steps_of(gg.grad(lambda c, xs: gg.sum(f(c, xs)[0])), C, XS, op="scan")
    assert all(len(step.outputs) <= 1 for step in loops)


def test_equal_loops_run_once():
    def f(c, xs):
        def loop():
            return gg.scan(lambda c, x: (c * x[1:], None), c, xs)[0]

        return loop() + loop()

    assert len(steps_of(f, C[1:], XS, op="scan")) == 1


def test_plans_with_loops_are_data():
    f = gg.jit(gg.grad(lambda c, xs: gg.sum(gg.scan(lambda c, x: (c * x, c[1:]), c, xs)[1])))
    plan = f.plan(C, XS)
    assert pickle.loads(pickle.dumps(plan)) == plan
    text = f.explain(C, XS)
    assert "    body:\n      inputs" in text
    assert "reverse=True" in text


def test_the_reference_engine_agrees():
    def f(c, xs, p):
        def body(c, x):
            return gg.cond(p > 0, lambda: (c * x, c), lambda: (c + x, x))

        return gg.sum(gg.scan(body, c, xs, reverse=True)[1] ** 2)

    step = gg.jit(gg.value_and_grad(f, (0, 1)))
    for n in (0, 1, 4):
        for p in (np.array(-1.0), np.array(1.0)):
            value, slopes = step(C, XS[:n], p)
            plan = step.plan(C, XS[:n], p)
            found = interpret.run(plan, [C, XS[:n], p][: len(plan.inputs)], numpy_namespace)
            same(found, [value, *slopes])


@pytest.mark.parametrize("without", passes.NAMES)
def test_passes_change_no_result(without):
    f = gg.value_and_grad(loop_loss, argnums=(0, 1, 2, 3))
    step = gg.jit(f)
    found = step(*ARGUMENTS)
    recorded = step._cache.compiled(ARGUMENTS, {}).traced
    program = compile_plan(passes.improve(recorded, without={without}))
    same(program.instance().run(*tree.leaves(ARGUMENTS)), tree.leaves(found))


def test_threads_do_not_share_the_memory_of_a_loop():
    step = gg.jit(
        lambda c, xs: gg.scan(lambda c, x: (gg.sin(c) * x, c), c, xs), engine="numpy"
    )
    xs = RNG.normal(size=(300, 4))
    starts = [np.full(4, float(k)) for k in range(5)]
    wanted = [step(c, xs) for c in starts]
    with ThreadPoolExecutor(5) as pool:
        for found, plain in zip(pool.map(step, starts * 40, [xs] * 200), wanted * 40, strict=True):
            same(found, plain)


# cond


def test_a_branch_is_what_the_branch_in_python_is():
    def f(p, x):
        return gg.cond(p, lambda x: (gg.sin(x), x[1:]), lambda x: (x * 2, x[:-1]), x)

    step = gg.jit(f)
    for p in (True, False, False, True):
        wanted = (np.sin(C), C[1:]) if p else (C * 2, C[:-1])
        same(f(p, C), wanted)
        same(f(np.array(p), C), wanted)
        same(f(np.bool_(p), C), wanted)
        same(step(np.array(p), C), wanted)
        same(step(p, C), wanted)


def test_the_condition_may_be_a_number_or_computed():
    step = gg.jit(lambda n, x: gg.cond(n, lambda: x + 1, lambda: x - 1))
    other = gg.jit(lambda x: gg.cond(gg.sum(x) > 0, lambda: gg.log(gg.sum(x)), lambda: gg.sum(x)))
    for n in (2, 0, -1, 0):
        same(step(n, C), C + 1 if n else C - 1)
        same(step(np.array(n * 0.5), C), C + 1 if n else C - 1)
        x = np.full(3, float(n))
        same(other(x), np.log(x.sum()) if n > 0 else x.sum())


def test_a_condition_of_pythons_own_is_decided_while_recording():
    step = gg.jit(lambda x: gg.cond(1 > 0, lambda x: x + 1, lambda x: "nothing", x))
    assert [s.op for s in step.plan(C).steps] == ["add"]


def test_only_the_branch_that_is_taken_runs():
    def f(labels, x):
        return gg.cond(
            gg.max(labels) < 3,
            lambda: gg.softmax_cross_entropy(x, labels),
            lambda: gg.zeros(2),
        )

    step = gg.jit(f)
    x, good = RNG.normal(size=(2, 3)), np.array([0, 2])
    for _ in range(3):
        step(good, x)
    assert step(np.array([0, 7]), x).tolist() == [0, 0]
    with pytest.raises(InvalidArgument, match="classes"):
        gg.jit(lambda labels, x: gg.softmax_cross_entropy(x, labels))(np.array([0, 7]), x)


def test_the_branch_that_is_not_taken_poisons_nothing():
    def f(x):
        return gg.cond(x > 0, lambda: gg.log(x) / x, lambda: gg.sqrt(-x) + x * x)

    for h in (f, gg.grad(f), gg.grad(gg.grad(f))):
        step = gg.jit(h)
        for x in (0.0, 2.0, -3.0, 2.0, 0.0):
            if x == 0 and h is not f:
                continue                            # the square root has no slope at 0
            same(step(np.array(x)), h(np.array(x)))
            assert np.isfinite(step(np.array(x)))


def test_gradients_through_branches():
    def f(p, w, x):
        y = gg.cond(gg.sum(p) > 0, lambda a, b: gg.tanh(a @ b["k"]), lambda a, b: a * 2, x, w)
        return gg.sum(y * y) + gg.sum(x)

    w = {"k": W, "unused": C}
    for p in (np.ones(2), -np.ones(2)):
        check_grads(lambda w, x, p=p: f(p, w, x), (w, C))
        g = gg.value_and_grad(f, (1, 2))
        for found in under_jit(g, p, w, C):
            same(found, g(p, w, C))
        h = gg.grad(lambda p, w, x: sum(map(gg.sum, tree.leaves(gg.grad(f, (1, 2))(p, w, x)))),
                    (1, 2))
        for found in under_jit(h, p, w, C):
            same(found, h(p, w, C))


def test_branches_in_a_loop():
    def f(c, xs):
        def body(c, x):
            c = gg.cond(gg.sum(c * x) > 0, lambda c: gg.sin(c) + x, lambda c: c * c - x, c)
            return c, gg.sum(c)

        c, ys = gg.scan(body, c, xs)
        return gg.sum(c) + gg.sum(ys * ys)

    check_grads(f, (C, XS))
    g = gg.value_and_grad(f, (0, 1))
    for found in under_jit(g, C, XS):
        same(found, g(C, XS))
    plan = gg.jit(g).plan(C, XS)
    assert sum(step.op == "scan" for step in plan.steps) == 2
    assert not any(step.op == "cond" for step in plan.steps)


def test_a_branch_is_one_step():
    def f(p, x, y):
        return gg.cond(p, lambda: (gg.sin(gg.cos(x)), y * 1), lambda: (x + 1, y * 2))[0]

    [step] = gg.jit(f).plan(np.array(True), C, C).steps
    assert step.op == "cond"
    assert len(step.inputs) == 2                    # the condition and x; nobody reads the other
    assert [inner.op for inner in step.setting("true").steps] == ["cos", "sin"]
    assert "    false:\n" in gg.jit(f).explain(np.array(True), C, C)


def test_numbers_from_branches():
    step = gg.jit(lambda p, x: gg.cond(p, lambda: (1, 2.0, 0), lambda: (2, x[0], 1.5)))
    for p in (True, False, True):
        a, b, c = step(np.array(p), C)
        assert (a, type(a)) == (1 if p else 2, int)
        same(b, np.array(2.0 if p else C[0]))
        assert (c, type(c)) == (0.0 if p else 1.5, float)


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("nothing", [None, (), {}, [None, ()]])
def test_results_without_arrays(engine, nothing):
    """There is nothing to run."""
    def f(p, x):
        chosen = gg.cond(p, lambda: nothing, lambda: nothing)
        went = gg.scan(lambda c, v: (nothing, None), nothing, x)
        counted = gg.scan(lambda c, v: (c, nothing), nothing, length=2)
        return chosen, went, counted, x

    step = gg.jit(f, engine=engine)
    for _ in range(4):
        *found, _ = step(np.array(True), np.ones(3))
        assert found == [nothing, (nothing, None), (nothing, nothing)]


def test_branches_that_change_their_operands_do_so_for_themselves():
    def bump(t):
        t += 1
        return t

    step = gg.jit(lambda p, x: (gg.cond(p, bump, lambda t: t * 3, x), x))
    for p in (True, False, True):
        same(step(np.array(p), C), (C + 1 if p else C * 3, C))
    t = gg.tensor(C.copy())
    gg.cond(True, bump, bump, t)
    same(t.value, C)


# Other array libraries, without jit


def test_every_library(xp):
    def body(c, x):
        c = gg.cond(gg.sum(x) > 0, lambda: gg.sin(c) * x, lambda: c - x)
        return c, gg.sum(c)

    def numpy_body(c, x):
        c = np.sin(c) * x if x.sum() > 0 else c - x
        return c, c.sum()

    if xp.name == "blind":                          # which refuses to say whether a number is > 0
        c, ys = gg.scan(lambda c, x: (gg.sin(c) * x, c), xp.asarray(C), xp.asarray(XS))
        assert (c.shape, ys.shape) == ((3,), (5, 3))
        return
    for reverse in (False, True):
        c, ys = gg.scan(body, xp.asarray(C), xp.asarray(XS), reverse=reverse)
        assert type(c) is type(ys) is type(xp.asarray(C))
        same((xp.numpy(c), xp.numpy(ys)), python_scan(numpy_body, C, XS, reverse))
    _, ys = gg.scan(body, xp.asarray(C), xp.asarray(XS[:0]))
    assert ys.shape == (0,)
    total, _ = gg.scan(lambda n, x: (n + x, None), 0, xp.asarray(np.float32([1, 2])))
    same(xp.numpy(total), np.float32(3))
    slope = gg.grad(lambda c, xs: gg.sum(gg.scan(body, c, xs)[1]))
    same(xp.numpy(slope(xp.asarray(C), xp.asarray(XS))), slope(C, XS))


# What is refused


@pytest.mark.parametrize("wrap", [lambda f: f, gg.jit])
def test_a_carry_that_changes_is_refused_by_its_name(wrap):
    def run(body, init):
        return wrap(lambda xs: gg.scan(body, init, xs))(XS)

    single = np.zeros(3, np.float32)
    with pytest.raises(InvalidArgument, match=r"carry\['a'\] became float64\[3\].*float32\[3\]"):
        run(lambda c, x: ({"a": c["a"] + x}, None), {"a": single})
    with pytest.raises(InvalidArgument, match=r"carry became .*float64\[3\].*float64\[2\]"):
        run(lambda c, x: (x, None), np.zeros(2))
    with pytest.raises(InvalidArgument, match=r"a number, int64\[\]"):
        run(lambda c, x: (x, None), 0)
    with pytest.raises(InvalidArgument, match="tree"):
        run(lambda c, x: ((c, c), None), C)
    with pytest.raises(InvalidArgument, match="pair"):
        run(lambda c, x: c, C)
    with pytest.raises(UnsupportedOperand, match="str"):
        run(lambda c, x: (c, None), "start")


@pytest.mark.parametrize("wrap", [lambda f: f, gg.jit])
def test_wrong_lengths_are_refused(wrap):
    def body(c, x):
        return c, None

    with pytest.raises(InvalidArgument, match=r"xs\[1\] has 4 rows; expected 5"):
        wrap(lambda a, b: gg.scan(body, a, (a, b)))(XS, XS[:4])
    with pytest.raises(InvalidArgument, match="length says"):
        wrap(lambda a: gg.scan(body, a, a, length=3))(XS)
    with pytest.raises(InvalidArgument, match="no array with an axis"):
        wrap(lambda a: gg.scan(body, a, (a, 3)))(XS)
    with pytest.raises(InvalidArgument, match="length="):
        wrap(lambda a: gg.scan(body, a))(XS)


def test_branches_that_differ_are_refused_with_both():
    def run(true, false):
        gg.jit(lambda p: gg.cond(p > 0, true, false))(C[0])

    x = np.zeros(3)
    with pytest.raises(InvalidArgument, match=r"structure.* it is a leaf; expected a tuple of 2"):
        run(lambda: (x, x), lambda: x)
    with pytest.raises(InvalidArgument, match=r"\[1\] are float64\[3\] .* float64\[2\] if not"):
        run(lambda: (x, x), lambda: (x, x[1:]))
    with pytest.raises(InvalidArgument, match=r"float32\[3\] .* float64\[3\] if not"):
        run(lambda: gg.astype(x, gg.float32), lambda: x)
    with pytest.raises(UnsupportedOperand, match="str"):
        run(lambda: "a", lambda: "b")


@pytest.mark.parametrize("wrap", [lambda f: f, gg.jit])
def test_a_condition_of_several_elements_is_refused(wrap):
    with pytest.raises(InvalidArgument, match=r"shape \(3,\).*gg\.where"):
        wrap(lambda x: gg.cond(x > 0, lambda: x, lambda: x))(C)


def test_a_value_that_leaves_the_body_is_refused():
    kept = []

    def body(c, x):
        kept.append(c)
        return c + x, None

    def f(c, xs):
        c, _ = gg.scan(body, c, xs)
        return c + kept[0]

    with pytest.raises(gg.errors.LeakedValue):
        gg.jit(f)(C, XS)


def test_a_body_that_does_something_else_each_time_is_refused():
    rng = np.random.default_rng(0)
    f = gg.jit(lambda c, xs: gg.scan(lambda c, x: (c + rng.normal(size=3), None), c, xs)[0])
    f(C, XS)
    with pytest.raises(gg.errors.ImpureFunction, match=r"test_control\.py"):
        f(C, XS)


def test_a_look_at_a_value_in_a_body_is_refused():
    def body(c, x):
        return (c if c[0] > 0 else x), None

    with pytest.raises(gg.errors.TrackedConversion, match=r"gg\.cond.*gg\.scan"):
        gg.jit(lambda c, xs: gg.scan(body, c, xs))(C, XS)
