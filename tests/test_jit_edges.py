"""`gg.jit` in the hands of people who try everything: it is right, or it says what is wrong."""

import collections
import copy
import dataclasses
import functools
import gc
import pickle
import random
import sys
import threading
import time
from typing import NamedTuple

import numpy as np
import optree
import pytest

import gpugrad as gg
from gpugrad import tree
from gpugrad.errors import (
    ImpureFunction,
    InvalidArgument,
    LeakedValue,
    NotDifferentiable,
    TrackedConversion,
    UnknownOp,
    UnsupportedOperand,
)
from gpugrad.tracing import tracer

CALLS = 5
"""Two recordings, the first run of the plan, and more of it."""


@pytest.fixture(autouse=True)
def _nothing_is_left():
    """No test leaves a tracer at work, whatever was raised."""
    yield
    assert not tracer.tracers
    assert tracer.tracer_here() is None


def agree(a, b):
    """Equal trees: structure, types, values, shapes and dtypes."""
    left, structure = optree.tree_flatten(a, namespace="gpugrad")
    right, wanted = optree.tree_flatten(b, namespace="gpugrad")
    assert structure == wanted
    for x, y in zip(left, right, strict=True):
        assert type(x) is type(y)
        if isinstance(x, np.ndarray):
            assert x.dtype == y.dtype
            np.testing.assert_allclose(x, y, rtol=1e-6, atol=1e-12)
        else:
            assert x == y


def check(f, *arguments, **options):
    """`f` under `gg.jit` gives what it gives without, call after call; returns the result."""
    step = gg.jit(f, **options)
    for _ in range(CALLS):
        found = step(*arguments)
        agree(found, plain(f(*map(lifted, arguments))))
    return found


def lifted(x):
    return gg.tensor(x.copy()) if isinstance(x, np.ndarray) else x


def plain(tree):
    return optree.tree_map(
        lambda x: x.value if isinstance(x, gg.Tensor) else x, tree, namespace="gpugrad"
    )


def x3():
    return np.arange(3.0)


def loss(x):
    return gg.sum(gg.sin(x) * x)


# Donation


@pytest.mark.parametrize(
    "f",
    [
        lambda p, q: gg.negative(gg.negative(p - q)),
        lambda p, q: p * 1,
        lambda p, q: (p - q, p - q),
        lambda p, q: (p, gg.copy(p), p * 1),
        lambda p, q: (q, p),
        lambda p, q: (q, p, p + q, q[1:]),
        lambda p, q: (p + q, p[1:], p),
        lambda p, q: gg.zeros_like(p),
        lambda p, q: (p, p[::-1]),
        lambda p, q: (q - p, p[::-1] * q),
    ],
)
@pytest.mark.parametrize("donated", [(), 0, 1, (0, 1)])
def test_donation_changes_no_result(f, donated):
    step = gg.jit(f, donate_argnums=donated)
    for n in range(CALLS):
        p, q = x3() + n, x3() * n - 1
        wanted = optree.tree_leaves(plain(f(lifted(p), lifted(q))))
        found = optree.tree_leaves(step(p, q))
        agree(found, wanted)
        for i, mine in enumerate(found):
            assert mine.flags.writeable
            assert not any(np.may_share_memory(mine, other) for other in found[:i])


@pytest.mark.parametrize(
    "other",
    [
        lambda p: p,
        lambda p: p[::-1],
        lambda p: p[:1],
        lambda p: p.reshape(1, 3)[:, ::-1],
        lambda p: np.broadcast_to(p, (2, 3)),
        lambda p: np.lib.stride_tricks.as_strided(p, (3,), (8,)),
        lambda p: np.asarray(memoryview(p)),
    ],
)
@pytest.mark.parametrize("donated", [0, (0, 1)])
def test_a_donated_array_may_be_seen_through_another_argument(other, donated):
    def f(p, q):
        return p - q[..., :1] * 2, p[::-1] * q

    step = gg.jit(f, donate_argnums=donated)
    p = x3()
    for _ in range(2 * CALLS):
        q = other(p)
        wanted = [y.value for y in f(lifted(p), lifted(q))]
        found = step(p, q)
        agree(list(found), wanted)
        p = found[0]


def test_what_a_failed_call_was_given_can_be_used_again():
    def f(p, x, y):
        return p - gg.grad(lambda p: gg.mean(gg.softmax_cross_entropy(x @ p, y)))(p)

    step = gg.jit(f)
    p, x = np.ones((2, 3)), np.ones((4, 2))
    for labels in ([0, 1, 2, 0], [0, 1, 2, 0], [2, 1, 0, 0], [0, 1, 2, 3], [1, 1, 1, 1]):
        y = np.array(labels)
        if 3 in labels:
            with pytest.raises(InvalidArgument, match="classes"):
                step(p, x, y)
        else:
            agree(step(p, x, y), f(lifted(p), lifted(x), y).value)


# What a function finds outside


class Named:
    rate = 1.0


class Slotted:
    __slots__ = ("rate",)

    def __init__(self):
        self.rate = 1.0


class Model:
    def __init__(self):
        self._scale = np.ones(2)
        self.rate = 1.0

    @property
    def scale(self):
        return self._scale

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        return x * self.scale * self.rate


class Derived(Model):
    pass


CONFIG = {"rate": 1.0, "more": {"rates": [1.0, 2.0]}}
RATES = [1.0, 2.0]
NAMED, SLOTTED, DERIVED = Named(), Slotted(), Derived()
NAMED.part = Named()
RATE = 1.0


def helper(x):
    return x * RATE


helper_jit = gg.jit(helper)


def set_rate(n):
    global RATE
    RATE = n


@pytest.mark.parametrize(
    ("f", "change"),
    [
        (lambda x: x * CONFIG["rate"], lambda n: CONFIG.update(rate=n)),
        (lambda x: x * CONFIG["more"]["rates"][1], lambda n: CONFIG["more"].update(rates=[0, n])),
        (lambda x: x * CONFIG["more"]["rates"][0], lambda n: CONFIG["more"]["rates"].insert(0, n)),
        (lambda x: x * sum(RATES), RATES.append),
        (lambda x, rates=RATES: x * sum(rates), RATES.append),
        (functools.partial(lambda rates, x: x * rates[-1], RATES), RATES.append),
        (lambda x: sum(x * rate for rate in RATES), RATES.append),
        (lambda x: x * NAMED.rate, lambda n: setattr(NAMED, "rate", n)),
        (lambda x: x * NAMED.part.rate, lambda n: setattr(NAMED.part, "rate", n)),
        (lambda x: x * getattr(NAMED, "rate"), lambda n: setattr(NAMED, "rate", n)),  # noqa: B009
        (lambda x: x * Named.rate, lambda n: setattr(Named, "rate", n)),
        (lambda x: x * SLOTTED.rate, lambda n: setattr(SLOTTED, "rate", n)),
        (lambda x: DERIVED(x), lambda n: setattr(DERIVED, "_scale", np.full(2, n))),
        (DERIVED, lambda n: setattr(DERIVED, "_scale", np.full(2, n))),
        (DERIVED.forward, lambda n: setattr(DERIVED, "rate", n)),
        (lambda x: DERIVED(x), lambda n: DERIVED.scale.fill(n)),
        (helper, set_rate),
        (lambda x: helper(x) + helper_jit(x), set_rate),
        (lambda x: gg.grad(lambda x: gg.sum(helper(x)))(x), set_rate),
    ],
)
def test_a_change_outside_is_seen(f, change):
    step = gg.jit(f)
    for n in range(9):
        if n % 4 == 3:
            change(float(n))
        agree(step(np.ones(2)), f(gg.tensor(np.ones(2))).value)


def test_an_object_as_a_static_argument_may_change():
    step = gg.jit(Model.forward, static_argnums=0)
    model = Model()
    for n in range(9):
        model.rate = float(n // 4)
        assert step(model, np.ones(2)).tolist() == [n // 4] * 2


def test_what_does_not_change_records_no_more():
    runs, model = [], Model()

    def f(x):
        runs.append(1)                              # a list that only the function itself changes
        return model(x) * CONFIG["rate"] + helper(x)

    step = gg.jit(f)
    for _ in range(CALLS):
        step(np.ones(2))
    assert len(runs) == 2


def test_functions_made_in_a_loop_share_its_variable():
    steps = []
    for factor in range(3):
        steps.append(gg.jit(lambda x: x * factor))  # noqa: B023
    for _ in range(CALLS):
        assert [step(np.ones(1)).item() for step in steps] == [2.0] * 3
    factor = 5
    for _ in range(CALLS):
        assert [step(np.ones(1)).item() for step in steps] == [5.0] * 3


# Writes to the outside are refused

OUTER = gg.tensor(np.zeros(3))


def add_in_place(x):
    t = OUTER
    t += x
    return x


def assign(x):
    OUTER[0] = x[0]
    return x


def assign_a_number(x):
    OUTER[0] = 1.0
    return x


def write_through_a_view(x):
    with gg.no_grad():
        view = OUTER[1:]
        view *= 2
    return x


@pytest.mark.parametrize("f", [add_in_place, assign, assign_a_number, write_through_a_view])
def test_a_write_to_an_outer_tensor_is_refused(f):
    step = gg.jit(f)
    for _ in range(3):
        with pytest.raises(LeakedValue, match=r"test_jit_edges.py:\d+: .*return the new value"):
            step(x3())
    assert OUTER.value.tolist() == [0] * 3


# Looks at values are refused, with the line and the way out


def dict_key(x):
    return {1: x}[x[0]]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: max(x[0], x[1]),
        lambda x: 1.0 if x[0] > 0 else 2.0,
        lambda x: x[0] and x[1],
        lambda x: not x[0],
        lambda x: 0 < x[0] < 1,
        lambda x: x[0] in [1.0, 2.0],
        sorted,
        lambda x: list(range(x[0].astype("int64"))),
        lambda x: [1, 2, 3][x[0].astype("int64")],
        lambda x: x[: x[0].astype("int64")],
        lambda x: [i for i in range(3) if x[i] > 0],
        lambda x: f"{x[0]:.3f}",
        lambda x: x[0].item(),
        lambda x: float(x[0]),
        lambda x: np.array([x[0], x[1]]),
        lambda x: np.asarray(x),
        lambda x: np.from_dlpack(x),
        lambda x: gg.from_dlpack(x),
        lambda x: np.ones(3).dot(x),
        lambda x: np.unique(x),
        lambda x: np.trim_zeros(x),
        lambda x: np.compress(x > 0, x),
        lambda x: np.histogram(x),
        lambda x: np.ix_(x),
        lambda x: x[x > 0],
        lambda x: gg.grad(lambda x: gg.sum(x[x > 0]))(x),
        copy.deepcopy,
        pickle.dumps,
    ],
)
def test_a_look_at_a_value_is_refused(f):
    step = gg.jit(lambda x: (f(x), x)[1])
    for _ in range(3):
        with pytest.raises((TrackedConversion, UnknownOp), match=r"(test_jit_edges|copy)\.py:\d+"):
            step(x3())


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * len(x) if x.shape[0] > 2 else x,
        lambda x: sum(v * i for i, v in enumerate(x)),
        lambda x: gg.stack([a + b for a, b in zip(x, x[::-1], strict=True)]),
        lambda x: (lambda a, b, c: a - b * c)(*x),
        lambda x: gg.where(x > 1, x, -x),
        lambda x: gg.maximum(x[0], x[1]),
        lambda x: np.where(x > 1, x, 0),
        lambda x: np.max(np.concatenate([x, x])),
        lambda x: np.float32(2) * x + np.ones(3, np.float32) * x @ np.eye(3),
        lambda x: x if x.dtype == np.float64 else x[0],
        lambda x: {x: 1}[x] + x,
        lambda x: (f"{x}", x)[1],
        lambda x: (str([x]), x)[1],
        lambda x: copy.copy(x),
        lambda x: gg.asarray([1, 2, 3]) * gg.asarray(x, dtype="float32"),
    ],
)
def test_what_asks_for_no_value_is_allowed(f):
    check(f, x3())


def test_a_recorded_tensor_prints_without_its_values(capsys):
    gg.jit(lambda x: print(x))(np.ones((2, 3)))
    assert capsys.readouterr().out == (
        "Tensor(traced by gg.jit, shape=(2, 3), dtype=float64)\n"
    )


def test_a_mask_from_outside_may_select():
    mask = np.array([True, False, True])
    check(lambda x: x[mask] * 2, x3())
    check(lambda x: x[gg.asarray([True, False, True])], x3())


def test_a_recorded_mask_may_be_written_at():
    def f(x):
        t = x * 2
        t[x > 0] = 7.0
        return t

    check(f, x3() - 1)
    step = gg.jit(f)
    for n in range(CALLS):
        agree(step(x3() - n), f(gg.tensor(x3() - n)).value)


# Functions that are not pure


def draw_a_branch(x):
    draw_a_branch.count += 1
    return x + 1 if draw_a_branch.count % 2 else x * 2


draw_a_branch.count = 0


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (lambda x: x + random.random(), "another number"),
        (lambda x: x * time.perf_counter_ns(), "another number"),
        (lambda x: x + np.random.default_rng().normal(size=3), "other values"),
        (lambda x: x[np.random.default_rng().permutation(2000)[:99] % 3], "other values"),
        (draw_a_branch, "add in one run and multiply in another"),
    ],
)
def test_two_runs_that_differ_are_refused_with_the_line(f, what):
    step = gg.jit(f)
    step(x3())
    with pytest.raises(ImpureFunction, match=rf"test_jit_edges\.py:\d+: .*{what}"):
        step(x3())


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (lambda x: (v for v in x), "generator"),
        (lambda x: object(), "object"),
        (lambda x: gg.vjp(gg.sin, x)[1], "function"),
    ],
)
def test_a_result_that_is_no_array_and_new_each_time_is_refused(f, what):
    step = gg.jit(f)
    step(x3())
    with pytest.raises(ImpureFunction, match=what):
        step(x3())


# Transforms in one another


def test_transforms_nest_both_ways():
    hessian_product = gg.grad(lambda x: gg.sum(gg.grad(gg.jit(loss))(x) ** 2))
    x = x3()
    wanted = gg.grad(lambda x: gg.sum(gg.grad(loss)(x) ** 2))(x)
    for _ in range(CALLS):
        agree(hessian_product(x), wanted)
        agree(gg.value_and_grad(gg.jit(loss))(x), gg.value_and_grad(loss)(x))
    agree(check(hessian_product, x), wanted)
    agree(check(gg.jit(gg.grad(gg.jit(loss))), x), gg.grad(loss)(x))


def test_a_pullback_inside_and_by_way_of_closed_over_arrays():
    weight, other = x3() + 1, gg.tensor(x3() + 2)

    def f(x):
        out, pullback = gg.vjp(lambda a, b: gg.sin(a) * b * x, weight, other)
        return out, *pullback(x), gg.grad(lambda w: gg.sum(w * w * x))(weight) - weight

    step = gg.jit(f)
    for n in range(CALLS):
        weight[:] = x3() + n
        agree(step(x3()), plain(f(gg.tensor(x3()))))


def test_jit_in_jit_with_other_static_arguments():
    inner = gg.jit(lambda x, mode: x * 2 if mode == "twice" else -x, static_argnums=1)
    check(lambda x: inner(x, "twice") + inner(x, "negated"), x3())


def test_backward_inside():
    def f(x):
        w = gg.tensor(x, requires_grad=True)
        gg.sum(w * w * x).backward()
        return w.grad * x

    check(f, x3())


def test_backward_into_a_leaf_outside_accumulates_as_without():
    w = gg.tensor(np.ones(3), requires_grad=True)

    @gg.jit
    def f(x):
        gg.sum(w * x).backward()
        return x

    for n in range(1, CALLS):
        f(x3())
        assert w.grad.tolist() == (n * x3()).tolist()


def test_no_grad_and_use_backend_inside_and_outside():
    def f(x):
        with gg.no_grad():
            y = x * x
        with gg.use_backend("numpy"):
            return gg.sum(y * x) * gg.ones(3)

    check(lambda x: gg.grad(lambda x: f(x)[0])(x), x3())
    with gg.no_grad(), gg.use_backend("numpy"):
        check(lambda x: gg.grad(lambda x: f(x)[0])(x), x3())


def test_functions_of_raw_arrays_give_tensors_while_recorded():
    constant = x3()
    check(lambda x: gg.sum(gg.sin(constant))[...] + x + gg.zeros_like(constant).sum(), x3())


# Trees and arguments


class Pair(NamedTuple):
    first: object
    second: object


@dataclasses.dataclass
class Layer:
    weight: object
    name: str


optree.register_pytree_node(
    Layer,
    lambda layer: ((layer.weight,), layer.name),
    lambda name, children: Layer(children[0], name),
    namespace="gpugrad",
)


@pytest.mark.parametrize(
    "tree",
    [
        {"b": x3(), 1: 2.0, (2, "c"): [x3(), (1, True)], None: 1j},
        Pair(x3(), Pair(1, None)),
        [None, (), [], {}, x3(), ((),)],
        collections.OrderedDict(b=x3(), a=1),
        collections.defaultdict(list, b=x3(), a=[1]),
        collections.deque([x3(), 1]),
        Layer(x3(), "first"),
        [Layer(Pair(x3(), Layer(1.0, "inner")), "outer")],
        gg.nn.MLP([3, 4, 2], rng=0),
        {},
        None,
    ],
)
def test_trees_come_back_as_they_went_in(tree):
    def double(tree):
        return optree.tree_map(lambda x: x * 2, tree, namespace="gpugrad")

    step = gg.jit(double)
    for _ in range(CALLS):
        found = step(tree)
        assert type(found) is type(tree)
        agree(found, double(tree))


def test_the_order_of_a_dictionary_does_not_matter():
    step = gg.jit(lambda d: d["a"] - d["b"])
    for _ in range(CALLS):
        assert step({"a": x3(), "b": 2 * x3()}).tolist() == (-x3()).tolist()
        assert step({"b": 2 * x3(), "a": x3()}).tolist() == (-x3()).tolist()


def test_metadata_of_a_node_is_part_of_the_signature():
    step = gg.jit(lambda layer: layer.weight if layer.name == "a" else -layer.weight)
    for _ in range(CALLS):
        assert step(Layer(x3(), "a")).tolist() == [0, 1, 2]
        assert step(Layer(x3(), "b")).tolist() == [0, -1, -2]


def test_keywords_defaults_and_places():
    step = gg.jit(lambda x, y=2.0, *rest, z=3.0, **more: x * y + z + sum(rest) + sum(more.values()))
    for _ in range(CALLS):
        assert step(np.ones(1)).item() == 5
        assert step(np.ones(1), 3.0).item() == 6
        assert step(np.ones(1), z=1.0, y=4.0).item() == 5
        assert step(z=1.0, x=np.ones(1)).item() == 3
        assert step(np.ones(1), 1.0, 10.0, 20.0, w=100.0).item() == 134


def test_static_arguments_are_told_apart_by_type_and_may_be_anything_hashable():
    step = gg.jit(lambda x, n: x * n, static_argnums=1)
    for _ in range(CALLS):
        for n, dtype in ((1, "int64"), (1.0, "float64"), (True, "int64"), (1j, "complex128")):
            assert step(np.arange(3), n).dtype == dtype
    named = gg.jit(lambda x, mode="sum": getattr(gg, mode)(x), static_argnames="mode")
    for _ in range(CALLS):
        assert [named(x3()), named(x3(), mode="max")] == [3, 2]
    with pytest.raises(InvalidArgument, match=r"hashed.*tuple"):
        step(x3(), [1])


def test_an_argument_that_is_no_array_is_refused_with_the_way_out():
    class Plain:
        @gg.jit
        def f(self, x):
            return x

    for call in (lambda: Plain().f(x3()), lambda: gg.jit(lambda x: x)("text")):
        with pytest.raises(UnsupportedOperand, match="static_argnums"):
            call()


def test_a_reshape_of_a_view_is_no_view():
    def f(x):
        y = gg.sin(x)
        element = y[-1, 0]
        return element, gg.expand_dims(element, axis=0), y[:, 0].reshape(2, 1) * 2, gg.exp(y)

    step = gg.jit(f)
    for _ in range(CALLS):
        found = step(np.arange(6.0).reshape(2, 3))
        found[0][...] = 7
        assert found[1].item() == np.sin(3.0)


def test_arrays_from_nothing_are_part_of_the_plan():
    """Also with a device and a dtype that are named, as code of others does; to be written to."""

    def f(x):
        spaced = gg.linspace(0, 1, 3, dtype=gg.float64, device="cpu")
        for make in (gg.zeros, gg.ones, gg.empty):
            for device in (None, "cpu"):
                made = make((3,), dtype=gg.float32, device=device)
                made[:] = x
                spaced = spaced * made
        return spaced + gg.arange(3, dtype=gg.int32, device="cpu") + gg.full(3, 2.0, device="cpu")

    check(f, x3() + 1)


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("key", [slice(2, None), np.array([True, False, True, False])])
def test_a_write_into_what_a_step_allocated(engine, key):
    """A step without a call of its own makes its memory: the write copies it."""

    def f(x):
        y = gg.cumulative_sum(x)
        y[key] = 0
        return gg.sin(y) * 2

    check(f, np.arange(4.0), engine=engine)


def test_recursion_and_iteration():
    def power(x, n):
        return x if n == 0 else power(x * 2, n - 1)

    check(lambda x: power(x, 5) + sum(v for v in x), x3())


def test_other_shapes_dtypes_and_orders():
    step = gg.jit(lambda x: gg.sum(x * 2, axis=0))
    rng = np.random.default_rng(0)
    for _ in range(CALLS):
        for shape in ((3,), (2, 3), (0, 3), (3, 0), (1, 1), (2, 3, 4)):
            for dtype in ("float32", "float64", "int64", "bool", "complex64", ">f8", "float16"):
                x = (rng.normal(size=shape) * 3).astype(dtype)
                agree(step(x), (gg.sum(gg.tensor(x) * 2, axis=0)).value)
        x = np.arange(12.0).reshape(3, 4)
        for view in (x.T, x[::-1], x[:, ::2], np.broadcast_to(x[0], (3, 4))):
            agree(step(view), (view * 2).sum(0))


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: gg.broadcast_to(x, (3, 2, 4)),
        lambda x: gg.broadcast_to(gg.sin(x)[:, None], (2, 5, 4)),
        gg.grad(lambda x: gg.sum(gg.sum(x, axis=0) ** 2)),
    ],
)
def test_a_result_that_was_stretched_lies_in_order(f, engine):
    """Its copy, that is; copied as it lies, it would begin with the axes that it really has."""
    step = gg.jit(f, engine=engine)
    x = np.arange(8.0).reshape(2, 4)
    step.compile(x)
    result = step(x)
    assert result.flags.c_contiguous
    assert result.flags.owndata
    assert result.flags.writeable
    agree(result, f(x))


# Numbers


@pytest.mark.parametrize(
    "f",
    [
        lambda lr, n: lr**2,
        lambda lr, n: 1 / n,
        lambda lr, n: n * n - 1,
        lambda lr, n: 2**n,
        lambda lr, n: n**-1,
        lambda lr, n: -lr,
        lambda lr, n: abs(-lr),
        lambda lr, n: n < 2,
        lambda lr, n: lr == 0.5,
        lambda lr, n: (n > 1) + (n > 2) + (n > 0),
        lambda lr, n: -(n > 1),
        lambda lr, n: (n > 1) * lr,
        lambda lr, n: 1j * n,
        lambda lr, n: lr / (1 - 0.9**n),
    ],
)
def test_arithmetic_of_numbers_is_that_of_python(f):
    step = gg.jit(f)
    for lr, n in ((0.5, 3), (0.25, 1), (0.5, 2), (2.5, 7), (0.5, 3)):
        found, wanted = step(lr, n), f(lr, n)
        assert type(found) is type(wanted)
        assert found == wanted


@pytest.mark.parametrize("number", [3, 0.5, True, 2j])
@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64", "int8"])
def test_numbers_are_weak_beside_arrays(number, dtype):
    def f(x, n):
        return x * n, x + n * n, n - x, x / (n + 1), gg.where(x > 1, x, n)

    step = gg.jit(f)
    for _ in range(CALLS):
        x = np.array([0.0, 1, 2]).astype(dtype)
        agree(step(x, number), tuple(y.value for y in f(gg.tensor(x), number)))


def test_a_function_of_a_number_stays_a_number():
    step = gg.jit(lambda x, lr: (x * gg.sqrt(lr), gg.sqrt(lr)))
    for _ in range(CALLS):
        scaled, root = step(np.ones(2, np.float32), 4.0)
        assert scaled.dtype == np.float32
        assert root == 2.0
        assert type(root) is float


def test_an_array_of_a_number_is_not_weak():
    check(lambda x, n: x * gg.asarray(n), np.ones(2, np.float32), 2.0)


def test_a_number_is_rebound_by_an_update_and_not_changed():
    def f(x, n):
        before = n
        n += 1
        total = n
        total += gg.sum(x)
        return before, n, total

    check(f, np.ones(2, np.float32), 1.5)


def test_numbers_of_more_than_64_bits_are_static():
    step = gg.jit(lambda x, n: (x * float(n), n + 1))
    for _ in range(CALLS):
        for n in (2**70, -(2**64), 2**63):
            scaled, following = step(np.ones(1), n)
            assert scaled.item() == n
            assert following == n + 1


def test_special_numbers_pass():
    step = gg.jit(lambda x, n: x * n)
    for n in (float("nan"), float("inf"), -0.0, 1.0, float("nan")):
        with np.errstate(all="ignore"):
            found, wanted = step(np.array([1.0, 0.0]), n), np.array([1.0, 0.0]) * np.float64(n)
        np.testing.assert_array_equal(found, wanted)
        assert np.signbit(found).tolist() == np.signbit(wanted).tolist()


# Errors on the way


def test_after_an_error_while_recording_the_next_call_works():
    fail = [True]

    def f(x):
        y = gg.sin(x)
        if fail.pop() if fail else False:
            raise KeyError("on the way")
        return gg.grad(lambda x: gg.sum(x * y))(x)

    step = gg.jit(f)
    with pytest.raises(KeyError):
        step(x3())
    for n in range(CALLS):
        if n == 1:
            fail.append(True)
            with pytest.raises(KeyError):
                step(x3())
        agree(step(x3()), np.sin(x3()))


def test_an_error_of_the_plan_leaves_no_state():
    step = gg.jit(lambda x, i: x[i] * 2, donate_argnums=0)
    for _ in range(CALLS):
        agree(step(x3(), np.array([0, 2])), np.array([0.0, 4.0]))
    with pytest.raises(IndexError):
        step(x3(), np.array([0, 5]))
    agree(step(x3(), np.array([0, 2])), np.array([0.0, 4.0]))


def test_a_leaf_of_integers_is_refused_inside_too():
    with pytest.raises(NotDifferentiable, match="float"):
        gg.jit(lambda n: gg.grad(lambda n: n * 2.0)(n))(3)


# Threads, pickles, memory


@pytest.mark.parametrize("donated", [(), 0])
def test_threads_may_call_the_same_function(donated):
    step = gg.jit(lambda p, g: (p - gg.sin(g) * 2, gg.sum(p)), donate_argnums=donated)
    wrong = []

    def work(number):
        p, g = np.full(500, float(number)), np.full(500, 0.1 * number)
        expected = p.copy()
        for i in range(100):
            p, _ = step(p, g)
            expected = expected - np.sin(g) * 2
            if not np.allclose(p, expected):
                wrong.append((number, i))
                return

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


@gg.jit
def decorated(x):
    """Twice `x`."""
    return x * 2


def function(x):
    return x * 3


def test_pickles_and_copies():
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    made = gg.jit(function, static_argnums=1, engine="numpy")
    again = pickle.loads(pickle.dumps(made))
    assert again(x3()).tolist() == [0, 3, 6]
    assert again.static_argnums == (1,)
    for copied in (copy.copy(made), copy.deepcopy(made)):
        assert copied(x3()).tolist() == [0, 3, 6]
    for _ in range(CALLS):
        assert pickle.loads(pickle.dumps(decorated(x3()))).tolist() == [0, 2, 4]
    assert (decorated.__name__, decorated.__doc__) == ("decorated", "Twice `x`.")
    assert repr(decorated) == "<gg.jit of decorated>"


def train(p, x):
    value, g = gg.value_and_grad(lambda p: gg.mean((x @ p) ** 2))(p)
    return p - 0.1 * g, value


@pytest.mark.parametrize("donated", [(), (0, 1)])
def test_a_thousand_steps_are_those_of_eager_training(donated):
    model = gg.nn.MLP([2, 8, 3], rng=0, dtype=np.float64)
    optimiser = gg.optim.adam(1e-2)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 2)), rng.integers(0, 3, 16)

    def train(model, state, x, y):
        value, g = gg.value_and_grad(
            lambda model: gg.mean(gg.nn.softmax_cross_entropy(model(x), y))
        )(model)
        updates, state = optimiser.update(g, state, model)
        return gg.optim.apply_updates(model, updates), state, value

    step = gg.jit(train, donate_argnums=donated)
    mine, theirs = (model, optimiser.init(model)), (model, optimiser.init(model))
    for _ in range(1000):
        *mine, value = step(*mine, x, y)
        *theirs, wanted = train(*theirs, x, y)
        np.testing.assert_allclose(value, wanted, rtol=1e-7)
    for a, b in zip(optree.tree_leaves(mine, namespace="gpugrad"),
                    optree.tree_leaves(theirs, namespace="gpugrad"), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_rests_while_a_function_is_recorded(enabled):
    """And goes on as it was, also where the function raises."""
    found = []

    def f(x):
        found.append(gc.isenabled())
        return x + 1 if x.ndim else x.shape[0]

    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        step = gg.jit(f, engine="numpy")
        for _ in range(3):
            step(np.ones(2))
        assert found == [False, False]
        assert gc.isenabled() == enabled
        with pytest.raises(IndexError):
            step(np.float64(1))
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.usefixtures("own_ops")
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_step_without_results_is_no_check_of_labels(engine):
    @gg.op(None, results=None)
    def no_rows(xp, x):
        """The rows of no arrays."""
        return tuple(xp.broadcast_arrays(*[x][:0]))

    def f(x):
        assert no_rows(x) == ()
        return x * 2.0

    step = gg.jit(f, engine=engine)
    for _ in range(CALLS):
        np.testing.assert_array_equal(step(np.arange(3.0)), [0.0, 2.0, 4.0])


class Row:
    """A node whose metadata do not tell how many parts it has."""

    def __init__(self, parts):
        self.parts = list(parts)


optree.register_pytree_node(
    Row, lambda row: (row.parts, None), lambda _, parts: Row(parts), namespace=tree.NAMESPACE
)


@pytest.mark.parametrize("others", [
    [[1.0], [1.0, 2.0, 3.0], (1.0, 2.0), []],
    [{"a": 1.0}, {"a": 1.0, "c": 2.0}, {"a": 1.0, "b": 2.0, "c": 3.0}, {"b": 2.0, "a": 1.0}],
    [Row([1.0]), Row([1.0, 2.0, 3.0]), Row([])],
    [[[1.0], 2.0], [[1.0, 2.0]], [None, 1.0, 2.0]],
], ids=["lists", "dictionaries", "nodes", "nested"])  # fmt: skip
def test_a_tree_of_other_parts_is_another_signature(others):
    step = gg.jit(lambda x: [y * 2.0 for y in tree.leaves(x)], engine="numpy")
    first = type(others[0])
    knowns = {dict: {"a": 1.0, "b": 2.0}, Row: Row([1.0, 2.0])}
    known = knowns.get(first, [1.0, 2.0])
    for _ in range(4):
        for x in [known, *others]:
            arrays = tree.map(lambda leaf: np.full(2, leaf), x)
            wanted = [2.0 * leaf for leaf in tree.leaves(x)]
            got = step(arrays)
            assert [y.tolist() for y in got] == [[y, y] for y in wanted]


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool", "complex64"])
def test_a_scalar_of_numpy_takes_the_short_way(engine, alone, dtype, monkeypatch):
    """As an array without axes, which it has the signature of; beside others or alone."""
    if engine == "native":
        pytest.importorskip("llvmlite")
    rest = () if alone else (np.ones(3, "float32"), np.ones((), "float64"))
    step = gg.jit(lambda x, *rest: (x + x, *(x * y for y in rest)), engine=engine)
    scalar, array = np.dtype(dtype).type(3), np.asarray(3, dtype)
    for _ in range(3):
        wanted = step(array, *rest)
    with monkeypatch.context() as m:
        m.setattr(type(step._cache), "_by_trees", None)
        found = step(scalar, *rest)
    for x, y in zip(found, wanted, strict=True):
        assert type(x) is type(y)
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)
    other = step(np.dtype("int8").type(3), *rest)   # of another dtype: another signature
    assert other[0].dtype == np.int8
