"""NumPy's numbers count as Python's in every setting of every public function: eager, in rules, in
plans; they do not widen float32 either.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import tree
from gpugrad.backends import is_inexact
from gpugrad.catalogue.examples import example, functions
from gpugrad.errors import GpugradError
from gpugrad.settings import settled

UNSET: dict[str, Any] = {
    "axis": 0, "axes": (0,), "rtol": 0.25, "rcond": 0.25, "ddof": 0, "N": 2, "n": 4, "s": (2, 4),
    "stride": 1, "posinf": 0.5, "neginf": -0.5, "ord": 2, "x": None, "n_cols": 4,
}  # fmt: skip
"""What is given for settings whose default is `None`."""

GIVEN: dict[str, dict[str, Any]] = {
    "nansum": {"axis": (0, 1)}, "sum": {"axis": (0, 1)}, "mean": {"axis": (-1, 0)},
    "expand_dims": {"axis": (0, -1)}, "squeeze": {"axis": ()}, "transpose": {"axes": (1, 0)},
    "fft.fftn": {"axes": (0, 1)}, "fft.ifftn": {"axes": (0, 1)}, "fft.rfftn": {"axes": (0, 1)},
    "fft.irfftn": {"axes": (0, 1)}, "linalg.norm": {"axis": (0, 1), "ord": 1},
    "linalg.vector_norm": {"ord": 3}, "linalg.matrix_norm": {"ord": -1}, "cov": {"ddof": 1},
    "linalg.solve_triangular": {"trans": 1}, "searchsorted": {"sorter": None},
    "uniform": {"low": -1, "high": 3}, "roll": {"shift": (1, 2), "axis": (0, 1)},
    "take": {"axis": 1}, "vmap": {}, "repeat": {"axis": 1}, "nll": {}, "gradient": {"axis": 0},
    "to_device": {"stream": None}, "linalg.pinv": {"rcond": None},
    "linalg.tensorsolve": {"axes": None},
}  # fmt: skip
"""What is given for settings whose default says too little."""

OPERANDS = frozenset(
    "clear_at clear_in_view clip filled_like full_like getitem linspace logspace result_type "
    "select set_at set_in_view setitem".split()
)
"""Functions whose numbers are operands or keys, not settings: they count as in NumPy."""

NOT_IN_PLANS = frozenset(
    """
    bincount compress digitize histogram intersect1d repeated_places setdiff1d setxor1d trim_zeros
    unique
    """.split()
)
"""Functions with results whose shapes depend on values, or that look at them."""

KINDS: dict[str, tuple[Callable[[int], Any], Callable[[float], Any]]] = {
    "64 bits": (np.int64, np.float64),
    "32 bits": (np.int32, np.float32),
    "few bits": (lambda n: np.uint8(n) if n >= 0 else np.int8(n), np.float16),
    "0-d": (np.array, np.array),
}
"""What stands for integers and for other numbers; booleans are NumPy's always."""


def replaced(x: Any, kind: str) -> Any:
    """A setting with NumPy's numbers for Python's."""
    if isinstance(x, tuple | list):
        return type(x)(replaced(part, kind) for part in x)
    if isinstance(x, bool):
        return np.bool_(x)
    if isinstance(x, int):
        return KINDS[kind][0](x)
    return KINDS[kind][1](x) if isinstance(x, float) else x


def rounded(x: Any) -> Any:
    """A setting whose numbers float16 has too."""
    if isinstance(x, tuple | list):
        return type(x)(map(rounded, x))
    return float(np.float16(x)) if isinstance(x, float) else x


def settings_of(name: str, function: Any, operands: Any, given: dict[str, Any]) -> dict[str, Any]:
    """A value for each setting that may be named."""
    found, there = dict(given), signature(function)
    taken = there.bind_partial(*operands).arguments
    for p in there.parameters.values():
        if p.default is Parameter.empty or p.kind is Parameter.POSITIONAL_ONLY or p.name in taken:
            continue
        value = found.get(p.name, p.default)
        value = GIVEN.get(name, {}).get(p.name, UNSET.get(p.name) if value is None else value)
        found[p.name] = rounded(value)
    return found


class Call:
    """The example of a function with all its settings, as a function of its arrays.

    `kind` says what stands for Python's numbers in the settings; for `None` these do.
    """

    def __init__(self, name: str, kind: str | None = None) -> None:
        self.function = functions()[name]
        shown = example(name, self.function)
        self.structure, self.places = shown._structure, shown._places
        operands = tree.unflatten(self.structure, shown._leaves)
        self.settings = settings_of(name, self.function, operands, shown._settings)
        self.leaves = list(shown._leaves)
        if kind is not None:
            self.settings = {
                k: v if name in OPERANDS and isinstance(v, float) else replaced(v, kind)
                for k, v in self.settings.items()
            }
            self.leaves = [
                x if name in OPERANDS or isinstance(x, float) else replaced(x, kind)
                for x in self.leaves
            ]
        self.arrays = [
            x.astype(np.float32) if x.dtype == np.float64 else x for x in shown.arrays
        ]
        self.floating = tuple(i for i, x in enumerate(self.arrays) if is_inexact(x.dtype))

    def __call__(self, *arrays: Any) -> Any:
        leaves = list(self.leaves)
        for i, x in zip(self.places, arrays, strict=True):
            leaves[i] = x
        return self.function(*tree.unflatten(self.structure, leaves), **self.settings)

    def slope(self, *arrays: Any) -> Any:
        """The gradient of the sum of squares of all results."""

        def loss(*arrays: Any) -> Any:
            parts = [y for y in tree.leaves(self(*arrays)) if is_inexact(getattr(y, "dtype", None))]
            return sum(gg.sum(gg.abs(y) ** 2) for y in parts)

        return gg.grad(loss, self.floating)(*arrays)

    def has_numbers(self) -> bool:
        """Whether there is a number among its settings."""
        others = [x for i, x in enumerate(self.leaves) if i not in self.places]
        return any(
            isinstance(x, bool | int | float)
            for x in tree.leaves([*self.settings.values(), *others])
        )


NAMES = sorted(
    name for name in functions() if name not in ("empty", "empty_like") and Call(name).has_numbers()
)


def check_equal(found: Any, wanted: Any) -> None:
    """Values and dtypes are the same."""
    for y, want in zip(tree.leaves(found), tree.leaves(wanted), strict=True):
        y, want = (np.asarray(getattr(part, "value", part)) for part in (y, want))
        assert y.dtype == want.dtype
        np.testing.assert_array_equal(y, want)


def slope_of(call: Call) -> Any:
    """The gradient, or `None` where there is none."""
    try:
        return call.slope(*call.arrays)
    except GpugradError:
        return None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_numpy_are_those_of_python(name: str, kind: str) -> None:
    wanted, call = Call(name), Call(name, kind)
    check_equal(call(*call.arrays), wanted(*call.arrays))
    slope = slope_of(wanted) if call.floating else None
    if slope is not None:
        check_equal(call.slope(*call.arrays), slope)


@pytest.mark.parametrize("name", NAMES)
def test_they_are_those_of_python_in_plans(name: str) -> None:
    """The steps of values and gradients are the same to the letter, and so are the results."""
    wanted, call = Call(name), Call(name, "few bits")
    part = "slope" if wanted.floating and slope_of(wanted) is not None else "__call__"
    steps = [gg.jit(getattr(x, part), engine="numpy") for x in (wanted, call)]
    if name in NOT_IN_PLANS:
        with pytest.raises(GpugradError, match=r"would depend on values|of a value that gg\.jit"):
            steps[1].plan(*call.arrays)
        return
    plans = [step.plan(*call.arrays) for step in steps]
    assert repr([x.settings for x in plans[1].steps]) == repr([x.settings for x in plans[0].steps])
    for _ in range(3):
        found = [step(*call.arrays) for step in steps]
    check_equal(found[1], found[0])


def test_transforms_take_them_too() -> None:
    x, one = np.array([[1.0, 2.0], [3.0, 4.0]]), np.int64(1)
    f = lambda a, b: gg.sum(a * b * b)  # noqa: E731
    for argnums in (one, (np.int64(0), one), np.array(1)):
        plain = settled(argnums)
        check_equal(gg.grad(f, argnums)(x, x), gg.grad(f, plain)(x, x))
        check_equal(gg.jacobian(f, argnums)(x, x), gg.jacobian(f, plain)(x, x))
        check_equal(gg.hessian(f, argnums)(x, x), gg.hessian(f, plain)(x, x))
    check_equal(gg.vmap(gg.sin, one, one)(x), gg.vmap(gg.sin, 1, 1)(x))
    check_equal(gg.vmap(f, (None, one))(x, x), gg.vmap(f, (None, 1))(x, x))
    for jitted in (gg.jit(f, static_argnums=np.int64(5)), gg.jit(f, donate_argnums=np.int64(5))):
        check_equal(jitted(x, x), f(x, x))
    power = gg.jit(lambda a, n: a**n, static_argnums=one)
    check_equal(power(x, 2), x**2)
    add = lambda c, _: (c + 1.0, None)  # noqa: E731
    check_equal(gg.scan(add, x, None, length=np.int64(3))[0], x + 3.0)
    check_equal(gg.jit(lambda x: gg.scan(add, x, None, length=np.int64(3))[0])(x), x + 3.0)


def test_operators_and_methods_take_them_too() -> None:
    t, i = gg.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True), np.uint8(1)
    for found, wanted in (
        (t.sum(i), t.sum(1)), (t.reshape(np.int64(6)), t.reshape(6)),
        (t.take(0, axis=i), t.take(0, axis=1)), (t.std(correction=i), t.std(correction=1)),
        (t.reshape(np.int64(3), np.int64(2)), t.reshape(3, 2)), (t[i, np.int64(2)], t[1, 2]),
        (t.transpose(i, np.int64(0)), t.transpose(1, 0)), (t.repeat(np.int64(2)), t.repeat(2)),
        (t.mean(axis=(i,), keepdims=np.bool_(True)), t.mean(axis=(1,), keepdims=True)),
        (t.reshape(np.array([3, 2])), t.reshape(3, 2)), (t.swapaxes(i, 0), t.swapaxes(1, 0)),
    ):  # fmt: skip
        check_equal(found, wanted)


def test_views_that_are_taken_with_them_are_written_through() -> None:
    i, k = np.uint8(1), np.uint8(20)
    for view in (
        lambda x: gg.reshape(x, (k, k)), lambda x: gg.permute_dims(x, (i, np.uint8(0))),
        lambda x: gg.flip(x, axis=i), lambda x: gg.expand_dims(x, i), lambda x: gg.rot90(x, i),
        lambda x: gg.unstack(x, axis=i)[3], lambda x: gg.split(x, np.int64(2), axis=i)[1],
        lambda x: gg.swapaxes(x, i, np.int64(0)), lambda x: x[i],
        lambda x: x.reshape(k, np.int8(-1)),
    ):  # fmt: skip
        t = gg.tensor(np.ones((4, 100)))
        part = view(t)
        part += 1
        t *= 2
        part += 0.5
        assert (np.asarray(t) == 4.5).sum() == part.size
        assert (np.asarray(t) == 2.0).sum() == t.size - part.size


def _written(x: Any) -> Any:
    y, a, b = gg.copy(x), np.int64(1), np.uint8(3)
    y[a:b] = 2 * x[np.int32(0) : np.int32(2)]
    y[a:b] += 1.0
    y.T[np.int64(0) : np.int64(2), a:b] = x[0, 0]
    return gg.sum(y**2)


@pytest.mark.parametrize("f", [
    lambda x: gg.sum(x[slice(np.int64(1), np.uint8(3))] ** 2),
    lambda x: gg.sum(x[:, np.int64(0) : np.int64(4) : np.int8(2)] ** 2),
    lambda x: gg.sum(x[..., : np.int64(-1)] ** 2),
    lambda x: gg.sum(x[np.array(1) : np.array(3), np.array([0, 2])] ** 2),
    _written,
])  # fmt: skip
def test_slices_of_them_are_compiled(f: Callable[[Any], Any]) -> None:
    """As offsets come from `np.cumsum` and `np.prod`; also in batches, and on each engine."""
    x = np.arange(30.0).reshape(5, 6)
    wanted = gg.grad(f)(x)
    for engine in ("numpy", "native"):
        step = gg.jit(gg.grad(f), engine=engine)
        for _ in range(2):
            np.testing.assert_array_equal(step(x), wanted)
    many = gg.jit(gg.vmap(gg.grad(f)))(np.stack([x, x]))
    np.testing.assert_array_equal(many, np.stack([wanted, wanted]))


@pytest.mark.usefixtures("unverified")
def test_a_rule_that_takes_them_as_they_are_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["gpugrad.core.op"], "settled", lambda x: x)
    with pytest.raises((AssertionError, OverflowError)):
        test_they_are_those_of_python_in_plans("roll")


@pytest.mark.parametrize(
    "part",
    [
        lambda x: x[np.int64(0) : np.int64(2)],
        lambda x: x[..., np.int8(1) :: np.int64(2)],
        lambda x: _with_rows(x, slice(np.int64(1), np.int64(3))),
    ],
)
def test_slices_of_them_are_planned(part: Callable[[Any], Any]) -> None:
    """A sweep that came several times is planned, and a plan has Python's numbers."""
    x = np.arange(12.0).reshape(3, 4)
    gradient = gg.grad(lambda x: gg.sum(part(x) ** 2))
    first = gradient(x)
    for _ in range(5):
        np.testing.assert_array_equal(gradient(x), first)
    np.testing.assert_array_equal(gg.jit(gradient)(x), first)


def _with_rows(x: Any, rows: slice) -> Any:
    y = x * 1.0
    y[rows] *= 3.0
    return y
