"""`gg.debug`: the op that made the first NaN or infinity, and arrays that were written to."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import tree
from gpugrad.core import registry
from gpugrad.errors import InvalidArgument, NonFinite, SavedArrayChanged
from gpugrad.tracing import debug
from gpugrad.tracing.tracer import tracers

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


on_libraries = pytest.mark.parametrize("xp", ["numpy", "cupy"], indirect=True)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert tracers == []


def here(offset: int = 0) -> str:
    """This file, and the line of the caller."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return f"test_debug.py:{frame.f_back.f_lineno + offset}"


def found(f: Callable[..., Any], *args: Any, **options: Any) -> str:
    """What `gg.debug` says of `f(*args)`."""
    with pytest.raises(NonFinite) as caught, gg.debug(**options):
        f(*args)
    return str(caught.value)


WRONG: dict[str, Callable[[Any], Any]] = {
    "a logarithm": gg.log,
    "a division": lambda x: gg.divide(x, x * 0),
    "an overflow": lambda x: gg.exp(x * 1e5),
    "a product of matrices": lambda x: gg.matmul(x[None] * 1e300, x[:, None] * 1e300),
    "a gradient": gg.grad(lambda x: gg.sum(gg.log(x))),
    "under jit": gg.jit(lambda x: gg.log(x) + 1),
    "of parts of a batch": gg.vmap(gg.log),
    "of a Tensor": lambda x: np.log(gg.tensor(x)),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", WRONG)
def test_what_is_raised_is_not_warned_of_before(name: str) -> None:
    with pytest.raises(NonFinite), gg.debug():
        WRONG[name](np.array([-1.0, 0.0, 3.0]))


@pytest.mark.filterwarnings("default::RuntimeWarning")
def test_what_is_not_raised_is_warned_of() -> None:
    """Of a NaN beside another one, and of what is not looked for; once, and after the check."""
    with gg.debug(), pytest.warns(RuntimeWarning, match=r"test_debug.py.*invalid value in log$"):
        gg.log(np.array([np.nan, -1.0]))
    with gg.debug(nan=False), pytest.warns(RuntimeWarning, match="invalid value in log$"):
        gg.log(np.array([-1.0]))
    with gg.debug(inf=False), pytest.warns(RuntimeWarning, match="overflow in exp$"):
        gg.exp(np.array([1e5]))
    with gg.debug(), np.errstate(all="raise"), pytest.raises(FloatingPointError):
        gg.log(np.array([-1.0]))
    with warnings.catch_warnings(), gg.debug(nan=False), np.errstate(all="ignore"):
        warnings.simplefilter("error")
        gg.log(np.array([-1.0]))


@on_libraries
def test_the_first_op_of_the_forward_is_named(xp: Any) -> None:
    """With its line, and the shapes and dtypes of result and operands."""
    x = xp.asarray(np.array([[1.0, 0.0, 2.0]], np.float32))
    line = ""

    def f(x: Any) -> Any:
        nonlocal line
        line, y = here(), gg.log(x * 2)
        return gg.sum(gg.exp(y) - y)

    for call in (f, gg.grad(f), gg.grad(lambda x: gg.grad(f)(x)[0, 0]), gg.jit(f), gg.vmap(f)):
        said = found(call, x)
        assert f"{line}: log made an infinity in its result float32[" in said
        assert "from operands float32[1, 3]" in said


@on_libraries
def test_the_first_op_of_the_backward_is_named(xp: Any) -> None:
    """Its reverse rule made the infinity; the line is where it was applied."""
    x = xp.asarray(np.array([1.0, 0.0]))
    line = ""

    def f(x: Any) -> Any:
        nonlocal line
        line, y = here(), gg.sqrt(x)
        return gg.sum(3 * y)

    said = found(gg.grad(f), x)
    assert "the reverse rule of sqrt, applied at " in said
    assert f"{line}, made an infinity in a cotangent float64[2]" in said
    assert line in found(gg.jit(gg.grad(f)), x)

    t = gg.tensor(x, requires_grad=True)
    with gg.debug():
        y = f(t)
        with pytest.raises(NonFinite), gg.debug():
            y.backward(keep_graph=True)
    assert t.grad is None
    y.backward()                                    # the failure left nothing behind
    np.testing.assert_array_equal(xp.numpy(t.grad), [1.5, np.inf])


@on_libraries
def test_of_several_shares_the_bad_one_is_found(xp: Any) -> None:
    """An operand that comes second, and the parts of a list."""
    a, b = xp.asarray(np.array([2.0])), xp.asarray(np.array([0.0]))
    said = found(gg.grad(lambda b: gg.sum(gg.power(b, 0.5) + a)), b)
    assert "the reverse rule of power" in said
    said = found(gg.grad(lambda a, b: gg.sum(gg.concat([a, gg.sqrt(b)])), argnums=(0, 1)), a, b)
    assert "the reverse rule of sqrt" in said


@on_libraries
def test_only_what_an_op_makes_itself_counts(xp: Any) -> None:
    """A NaN that came in is not made; a NaN of infinities is."""
    x = xp.asarray(np.array([1.0, np.nan, np.inf]))
    with gg.debug():
        gg.sum(gg.exp(x) * 2)
    assert "subtract made a NaN" in found(lambda: gg.subtract(x[2], x[2]))


@on_libraries
def test_each_kind_can_be_left_out(xp: Any) -> None:
    """`nan=False` and `inf=False`."""
    x = xp.asarray(np.array([-1.0]))
    with gg.debug(inf=False):
        gg.log(x * 0)
    with gg.debug(nan=False):
        gg.log(x)
    assert "log made a NaN" in found(gg.log, x, inf=False)
    assert "log made an infinity" in found(gg.log, x * 0, nan=False)


@on_libraries
def test_integers_and_nothing_are_finite(xp: Any) -> None:
    """Ops without a floating element pass."""
    with gg.debug():
        assert gg.sum(gg.log(xp.asarray(np.zeros((0, 3))))) == 0
        assert gg.add(xp.asarray(np.array([1, 2])), 1).shape == (2,)
        assert gg.argmax(xp.asarray(np.array([1.0, 2.0]))) == 1


@on_libraries
@pytest.mark.parametrize("index", [0, slice(None)], ids=str)
def test_a_saved_array_that_was_written_to_is_found(xp: Any, index: Any) -> None:
    """The op that saved it is named, and no gradient comes out."""
    x = gg.tensor(xp.asarray(np.ones(3)), requires_grad=True)
    raw = xp.asarray(np.array([1.0, np.nan, 3.0]))
    line = ""

    def written_between() -> None:
        nonlocal line
        line, y = here(), gg.sum(x * raw)
        raw[index] = 7.0
        y.backward()

    with pytest.raises(SavedArrayChanged, match="multiply") as caught, gg.debug():
        written_between()
    assert f"applied at {__file__[:-13]}{line}" in str(caught.value)
    assert x.grad is None

    with gg.debug():                                # not written to, written to as a Tensor: good
        kept = gg.tensor(xp.asarray(np.array([1.0, np.nan, 3.0])))
        y = gg.nansum(x * kept)
        kept[index] = 7.0
        x.grad = None
        y.backward()
    np.testing.assert_array_equal(xp.numpy(x.grad), [1.0, 0.0, 3.0])


def test_an_error_in_a_rule_says_where_its_op_was_applied(own_ops: None) -> None:
    """As a note; without `gg.debug` it names the op."""

    @gg.op(lambda g, x: g[99])
    def broken(xp: Any, x: Any) -> Any:
        """Its rule raises."""
        return xp.exp(x)

    x = np.ones(3)
    with pytest.raises(IndexError) as caught:
        gg.grad(lambda x: gg.sum(broken(x)))(x)
    assert caught.value.__notes__ == [
        "In the reverse rule of broken, applied outside of gg.debug(), which would name the line."
    ]
    with pytest.raises(IndexError) as caught, gg.debug():
        gg.grad(lambda x: gg.sum(broken(x)))(x)
    assert here(-1) in caught.value.__notes__[0]


@on_libraries
def test_results_are_the_same(xp: Any) -> None:
    """A step of training computes what it does outside; donated arguments stay."""
    model = tree.map(xp.asarray, gg.nn.MLP([3, 4, 2], rng=0, dtype="float64"))
    x = xp.asarray(np.random.default_rng(0).standard_normal((5, 3)))
    labels = xp.asarray(np.array([0, 1, 1, 0, 1]))

    def loss(m: Any, lr: float) -> Any:
        return lr * gg.mean(gg.nn.softmax_cross_entropy(m(x), labels))

    step = gg.jit(gg.value_and_grad(loss), donate_argnums=0)
    want = gg.value_and_grad(loss)(model, 0.5)
    with gg.debug():
        got = step(model, 0.5)
    for a, b in zip(tree.leaves(want), tree.leaves(got), strict=True):
        assert type(b) is type(a)
        np.testing.assert_array_equal(xp.numpy(a), xp.numpy(b))
    assert gg.sum(model(x)).shape == ()


def test_what_a_function_under_jit_writes_stays_inside() -> None:
    """It gets its arguments as Tensors, as it does when it is recorded."""

    @gg.jit
    def f(x: Any) -> Any:
        x[0] = 5.0
        return x

    x = np.zeros(2)
    with gg.debug():
        y = f(x)
    assert x[0] == 0
    assert y[0] == 5
    assert type(y) is np.ndarray


def test_it_holds_in_its_block_and_thread_only() -> None:
    """Blocks nest, end with errors, and are none of other threads' business."""
    x = np.array([0.0])
    with pytest.raises(ZeroDivisionError), gg.debug():
        raise ZeroDivisionError
    assert tracers == []
    failures: list[BaseException] = []

    def other() -> None:
        try:
            gg.log(x)
        except BaseException as error:
            failures.append(error)

    with gg.debug(), gg.debug(inf=False):
        gg.log(x)
        thread = Thread(target=other)
        thread.start()
        thread.join()
    assert failures == []
    assert np.isneginf(gg.log(x))

    @gg.debug()
    def decorated() -> Any:
        return gg.log(x)

    with pytest.raises(NonFinite):
        decorated()


def test_outside_nothing_of_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No check, no general application, no note of where a node was made."""

    def never(*_: Any) -> Any:
        raise AssertionError("the general application ran")

    gg.sin(1.0)                                     # compiles it
    monkeypatch.setitem(gg.sin.__globals__, "apply", never)
    x = gg.tensor(np.ones(2), requires_grad=True)
    y = gg.sin(x)
    assert not hasattr(y._edge[0], "origin")
    with gg.debug(), pytest.raises(AssertionError, match="general"):
        gg.sin(x)
    assert registry.get_op("sin") is y._edge[0].vjp.op


def test_a_recorded_function_cannot_look() -> None:
    """Inside gg.jit the block is refused, with the way out."""

    @gg.jit
    def f(x: Any) -> Any:
        with gg.debug():
            return x + 1

    with pytest.raises(InvalidArgument, match="around the call"):
        f(np.ones(2))


@pytest.mark.parametrize("xp", ["cupy"], indirect=True)
def test_a_device_is_asked_rarely(xp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its checks are fetched together: after so many, or at the end of the block."""
    monkeypatch.setattr(debug, "PENDING", 10)
    x = xp.asarray(np.array([0.0]))
    reached = 0


    def f() -> None:
        nonlocal reached
        gg.log(x)
        for _ in range(100):
            gg.add(x, 1)
            reached += 1

    assert "log made an infinity" in found(f)
    assert reached == 8


# What came in with the data

HOLED, ONES = np.array([1.0, np.nan, 2.0]), np.ones(3)
ROWS = np.array([[1.0, 2.0], [np.nan, 3.0]])


def weighted(p: Any, x: Any) -> Any:
    return gg.sum(p["w"] * x)


CAME_IN: dict[str, tuple[Callable[[], Any], str]] = {
    "grad": (lambda: gg.grad(weighted)({"w": ONES}, HOLED), r"in x, float64\[3\] at \[1\]\.$"),
    "keyword": (lambda: gg.grad(weighted)({"w": ONES}, x=HOLED), r"in x, float64\[3\] at \[1\]\.$"),
    "leaf": (lambda: gg.grad(weighted)({"w": HOLED}, ONES), r"in p\['w'\], float64\[3\] at \[1\]"),
    "both": (lambda: gg.grad(weighted)({"w": HOLED}, HOLED), r"in p\['w'\], .* and in x, "),
    "jit": (lambda: gg.jit(weighted)({"w": ONES}, HOLED), r"in x, float64\[3\] at \[1\]"),
    "jit of grad": (
        lambda: gg.jit(gg.grad(weighted))({"w": ONES}, HOLED), r"the result of weighted holds a NaN"
    ),
    "vmap": (lambda: gg.vmap(lambda a: a * 2)(ROWS), r"in a, float64\[2, 2\] at \[1, 0\]"),
    "vjp": (lambda: gg.vjp(lambda a: a * 2, HOLED), "in a, "),
    "jvp": (lambda: gg.jvp(lambda a: a * 2, (HOLED,), (ONES,)), "in a, "),
    "jacobian": (lambda: gg.jacobian(lambda a: a * HOLED)(ONES), "an array that is no argument"),
    "closed over": (
        lambda: gg.grad(lambda p: gg.sum(gg.matmul(ROWS, p)))(ONES[:2]),
        r"no argument \(.*test_debug.py:\d+: operand 1 of matmul, float64\[2, 2\] at \[1, 0\]\)",
    ),
    "closed over, jit": (lambda: gg.jit(lambda p: gg.sum(HOLED * p))(ONES), "1 of multiply"),
    "infinite loss": (
        lambda: gg.grad(weighted)({"w": ONES}, np.array([1.0, np.inf, 0.0])),
        r"holds an infinity that no op made.* in x, float64\[3\] at \[1\]",
    ),
    "model": (
        lambda: gg.grad(lambda m: gg.sum(m["first"](np.ones((2, 3)))))(
            {"first": gg.nn.Linear(np.full((3, 2), np.nan), np.zeros(2))}
        ),
        r"in m\['first'\]\.weight, float64\[3, 2\] at \[0, 0\]",
    ),
    "backward": (
        lambda: gg.sum(gg.tensor(ONES, requires_grad=True) * HOLED).backward(),
        "the Tensor of backward.* operand 2 of multiply",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CAME_IN)
def test_a_nan_that_came_in_with_the_data_is_named(name: str) -> None:
    call, wanted = CAME_IN[name]
    with gg.debug(), pytest.raises(NonFinite, match=wanted) as caught:
        call()
    assert "test_debug.py:" in str(caught.value)
    call()                                          # outside of it, nothing is looked at


def test_data_that_does_no_harm_is_no_mistake() -> None:
    """Which a function leaves out, or gives on as it is meant to."""
    mask = np.array([0.0, -np.inf, 0.0])
    with gg.debug():
        gg.grad(lambda p: gg.nanmean(p * HOLED))(ONES)
        gg.grad(lambda p: gg.sum(gg.where(np.isnan(HOLED), 0.0, p)))(ONES)
        gg.jit(lambda a, m: a + m)(ONES, mask)
        gg.grad(lambda a, m: gg.sum(gg.softmax(a + m)))(ONES, mask)
        gg.jit(lambda a: gg.where(a > 0, a, np.nan))(-ONES)
    with gg.debug(nan=False):
        gg.grad(weighted)({"w": ONES}, HOLED)
    with gg.debug(inf=False):
        gg.grad(weighted)({"w": ONES}, np.array([1.0, np.inf, 0.0]))


def test_what_was_met_before_is_not_named() -> None:
    """The function of a transform met its own NaN, not that of lines before it."""
    with gg.debug():
        gg.add(HOLED, 1.0)
        with pytest.raises(NonFinite, match="operand 2 of subtract"):
            gg.grad(lambda p: gg.sum(p - HOLED))(ONES)


# Warnings, of NumPy and of our own, point at lines of the program


def at_zero(x: Any) -> Any:
    return gg.sum(gg.log(x))


LINE = at_zero.__code__.co_firstlineno + 1

RUNS = {
    "jit": lambda: gg.jit(at_zero)(np.zeros(2)),
    "jit of grad": lambda: gg.jit(gg.grad(at_zero))(np.zeros(2)),
    "vmap": lambda: gg.vmap(at_zero)(np.zeros((2, 2))),
    "vmap in jit": lambda: gg.jit(gg.vmap(at_zero))(np.zeros((2, 2))),
}


@pytest.mark.filterwarnings("always::RuntimeWarning")
@pytest.mark.parametrize("run", RUNS)
def test_numpys_warnings_point_at_the_program(run: str) -> None:
    with pytest.warns(RuntimeWarning) as found:
        RUNS[run]()
    assert {(w.filename, w.lineno) for w in found} == {(__file__, LINE)}
    assert {str(w.message) for w in found} == {"divide by zero encountered in log"}


@pytest.mark.parametrize("transform", [gg.jit, gg.vmap])
def test_what_a_program_said_of_such_warnings_holds(transform: Any) -> None:
    x = np.zeros((2, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="encountered in log"):
            transform(at_zero)(x)
    with np.errstate(divide="ignore"):
        assert not np.isfinite(transform(at_zero)(x)).any()
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError, match="in log"):
        transform(at_zero)(x)
    met: list[str] = []
    with np.errstate(divide="call", call=lambda kind, flag: met.append(kind)):
        transform(at_zero)(x)
    assert met
    before = np.geterr()
    with np.errstate(all="ignore"):
        transform(at_zero)(x)
    assert np.geterr() == before


@pytest.mark.filterwarnings("always::RuntimeWarning")
def test_warnings_of_the_checks_point_at_the_program() -> None:
    with gg.debug(inf=False), pytest.warns(RuntimeWarning, match="in log$") as found:
        gg.grad(at_zero)(np.zeros(2))
    assert {(w.filename, w.lineno) for w in found} == {(__file__, LINE)}
