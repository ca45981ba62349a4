"""What a function under `gg.jit` reads from outside of itself: later calls see that it changed."""

from __future__ import annotations

import array
import collections
import contextlib
import dataclasses
import functools
import operator
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import ImpureFunction, UnsupportedOperand
from gpugrad.transforms.jit.conditions import Conditions
from gpugrad.transforms.jit.watch import Watch

X = np.arange(4.0)
CALLS = 4
"""Of one state, so that a plan was made in it and runs."""


def follows(f: Callable[[Any], Any], change: Callable[[float], Any], engine: str = "numpy") -> None:
    """Asserts that a call gives what `f` gives, in each state that `change` brings about."""
    step = gg.jit(f, engine=engine)
    for n in (None, 3.0, 5.0):
        if n is not None:
            change(n)
        want = np.asarray(f(gg.tensor(X)))
        for _ in range(CALLS):
            found = np.asarray(step(X))
            assert found.dtype == want.dtype
            np.testing.assert_allclose(found, want, rtol=1e-14)


# Arrays: by what reads them, and by where they are found

def decided(a: Any) -> Any:
    part = a[1:2]
    largest = part[0]
    if largest > 2:
        return a * 3
    return a


READS: dict[str, Callable[[Any], Any]] = {
    "itself": lambda a: a,
    "reversed": lambda a: a[::-1],
    "a slice": lambda a: a[1:3].sum() + gg.sum(a[:2]),
    "slices": lambda a: np.pad(a[1:] + a[:-1], (0, 1)),
    "a slice of a slice": lambda a: a[1:][::2][[0, 0, 1, 1]],
    "transposed": lambda a: a.T,
    "reshaped": lambda a: gg.reshape(a.reshape(2, 2), (4,)),
    "a diagonal": lambda a: gg.sum(np.diagonal(a.reshape(2, 2))),
    "windows": lambda a: gg.sum(np.lib.stride_tricks.sliding_window_view(a, 2)),
    "another dtype of the bytes": lambda a: gg.sum(a.view("int64")),
    "an array of no copy": lambda a: np.asarray(a)[1],
    "from a buffer": lambda a: np.frombuffer(a),
    "an item": lambda a: a[0],
    "the last item": lambda a: a[-1],
    "a number": lambda a: float(a[0]),
    "an item as a number": lambda a: a.item(1),
    "an integer": lambda a: int(a.sum()),
    "a list": lambda a: a.tolist()[2],
    "iterated": lambda a: sum(v for v in a),
    "max": lambda a: a.max(),
    "mean": lambda a: np.mean(a),
    "norm": lambda a: np.linalg.norm(a),
    "exp": lambda a: np.exp(-a),
    "arithmetic": lambda a: a * 2 + a[::-1] / 3,
    "where": lambda a: np.where(a > 2, a, 0.0),
    "a copy": lambda a: a.copy(),
    "as float32": lambda a: a.astype("float32"),
    "joined": lambda a: np.concatenate([a, a])[2:6],
    "chosen": lambda a: a[[0, 2, 1, 0]],
    "masked": lambda a: a[a > 0].sum(),
    "sorted": lambda a: np.argsort(a),
    "a decision": lambda a: 1.0 if a[0] > 2 else 2.0,
    "a loop": lambda a: float(sum(1 for _ in range(int(a[0])))),
    "an index": lambda a: gg.asarray([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])[int(a[0])],
    "flat": lambda a: a.flat[1],
    "both": lambda a: a * a[0],
    "whole and a number": lambda a: a + float(a.sum()),
    "whole and a NumPy number": lambda a: a + a.max(),
    "whole, and decided by": lambda a: a + (1.0 if a[0] > 2 else 2.0),
    "whole, and decided by a part": decided,
    "whole, and looped over": lambda a: a + [k for k, v in enumerate(a) if v == a.max()][-1],
    "whole and a copy": lambda a: a + a.copy(),
}


def fresh() -> Any:
    return np.array([1.0, 0.0, 2.0, 4.0])


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("change", ["an element", "all"])
@pytest.mark.parametrize("name", READS)
def test_arrays_are_read_anew(name: str, change: str, engine: str) -> None:
    read, a = READS[name], fresh()

    def write(n: float) -> None:
        a[0 if change == "an element" else ...] = n

    follows(lambda x: x * read(a), write, engine)


class Holder:
    """Has an array."""

    def __init__(self, a: Any) -> None:
        self.buffer = a
        self.inner = types.SimpleNamespace(deep=[{"x": a}])

    @property
    def first(self) -> Any:
        return self.buffer[0]

    def scaled(self, x: Any) -> Any:
        return x * self.buffer[:4] * self.first

    def __matmul__(self, x: Any) -> Any:
        return x * self.buffer[1:2]


class Pair(NamedTuple):
    a: Any
    name: str = ""

    def used(self, x: Any) -> Any:
        return x * self.a[0]


@dataclasses.dataclass
class Record:
    a: Any


BUFFER = fresh()

HOLDERS: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "a global": lambda a: lambda x: x * BUFFER[0] + BUFFER[::-1],
    "a default": lambda a: lambda x, a=a: x * a[0],
    "a keyword's default": lambda a: lambda x, *, a=a: x * a[0],
    "a list": lambda a: (lambda held: lambda x: x * held[1][0])([0, a]),
    "a tuple": lambda a: (lambda held: lambda x: x * held[0][0])((a, 1)),
    "a dictionary": lambda a: (lambda held: lambda x: x * held["a"][0])({"a": a}),
    "nested": lambda a: (lambda held: lambda x: x * held["b"][0][1][0])({"b": [(0, a)]}),
    "an attribute": lambda a: (lambda held: lambda x: x * held.buffer[0])(Holder(a)),
    "a property": lambda a: (lambda held: lambda x: x * held.first)(Holder(a)),
    "a method": lambda a: Holder(a).scaled,
    "an operator": lambda a: (lambda held: lambda x: held @ x)(Holder(a)),
    "deep": lambda a: (lambda held: lambda x: x * held.inner.deep[0]["x"].sum())(Holder(a)),
    "a named tuple": lambda a: Pair(a).used,
    "a dataclass": lambda a: (lambda held: lambda x: x * held.a.max())(Record(a)),
    "partial": lambda a: functools.partial(lambda a, x: x * a[0], a),
    "partial by name": lambda a: functools.partial(lambda x, a: x * a[0], a=a),
    "a helper's argument": lambda a: lambda x: first_of(a, x),
    "vars": lambda a: (lambda held: lambda x: x * sum(v[0] for v in vars(held).values()))(
        types.SimpleNamespace(whatever=a)
    ),
    "a name": lambda a: (lambda held, name: lambda x: x * getattr(held, name)[0])(
        types.SimpleNamespace(whatever=a), "whatever"
    ),
    "a Tensor of it": lambda a: lambda x: x * gg.asarray(a)[0],
    "a set": lambda a: (lambda held: lambda x: x * next(iter(held)).a[0])({ById(a)}),
}


class ById:
    def __init__(self, a: Any) -> None:
        self.a = a


def first_of(a: Any, x: Any) -> Any:
    return x * a[0]


@pytest.mark.parametrize("name", HOLDERS)
def test_arrays_are_found_where_they_are_held(name: str) -> None:
    a = BUFFER if name == "a global" else fresh()
    follows(HOLDERS[name](a), functools.partial(operator.setitem, a, 0))


def test_a_change_between_the_first_two_calls_is_no_impurity() -> None:
    for read in READS.values():
        a = fresh()
        step = gg.jit(lambda x, a=a, read=read: x * a + read(a))
        for n in range(1, 6):
            a[:] = n
            np.testing.assert_allclose(step(X), (gg.tensor(X) * a + read(a)).value)
    a = fresh()
    step = gg.jit(lambda x: x * (a * np.random.default_rng().normal()))
    step(X)
    with pytest.raises(ImpureFunction):
        step(X)


@pytest.mark.parametrize("size", [2**17 - 1, 2**17, 2**17 + 1, 2**18])
def test_large_arrays(size: int) -> None:
    """Of those above `LARGEST_WHOLE` bytes a change of all elements is seen."""
    a = np.ones(size)
    follows(lambda x: x * a.mean(), lambda n: a.fill(n))
    if a.nbytes <= 2**20:
        follows(lambda x: x * a.mean(), functools.partial(operator.setitem, a, size // 3))


def test_an_array_that_is_only_captured_is_not_compared() -> None:
    runs: list[int] = []
    a, w = fresh(), gg.tensor(fresh())

    def f(x: Any) -> Any:
        runs.append(1)
        return gg.mean(x * a[1:3][:, None] + gg.sqrt(gg.asarray(2.0)) * a.T + 2.0 * w)

    step = gg.jit(f)
    for n in range(9):
        a[:] = n
        np.testing.assert_allclose(step(X), np.mean(X * a[1:3][:, None] + 2**0.5 * a + 2 * w.value))
    assert len(runs) == 2


# Collections

BOXES: dict[str, tuple[Callable[[], Any], Callable[[Any], Any], Callable[[Any, float], Any]]] = {
    "list": (lambda: [2.0], lambda b: b[0], lambda b, n: b.__setitem__(0, n)),
    "list in a tuple": (lambda: ([2.0],), lambda b: b[0][0], lambda b, n: b[0].insert(0, n)),
    "dict": (lambda: {"a": 2.0}, lambda b: b["a"], lambda b, n: b.update(a=n)),
    "key": (lambda: {2.0: 1}, lambda b: max(b), lambda b, n: b.update({n: 1})),
    "ordered": (
        lambda: collections.OrderedDict(a=2.0, b=1.0),
        lambda b: next(iter(b.values())),
        lambda b, n: b.move_to_end(next(iter(b))),
    ),
    "defaultdict": (
        lambda: collections.defaultdict(float),
        lambda b: b["a"],
        lambda b, n: b.update(a=n),
    ),
    "Counter": (lambda: collections.Counter("aab"), lambda b: b["a"], lambda b, n: b.update("aa")),
    "UserDict": (lambda: collections.UserDict(a=2.0), lambda b: b["a"], lambda b, n: b.update(a=n)),
    "UserList": (lambda: collections.UserList([2.0]), lambda b: b[0], lambda b, n: b.insert(0, n)),
    "ChainMap": (
        lambda: collections.ChainMap({}, {"a": 2.0}),
        lambda b: b["a"],
        lambda b, n: b.update(a=n),
    ),
    "deque": (lambda: collections.deque([2.0]), lambda b: b[0], lambda b, n: b.appendleft(n)),
    "set": (lambda: {2.0}, lambda b: max(b), lambda b, n: b.add(n)),
    "set of another type": (
        lambda: {2},
        lambda b: max(b),
        lambda b, n: (b.clear(), b.add(2.0 if n == 3 else True)),
    ),
    "bytearray": (lambda: bytearray([2]), lambda b: b[0], lambda b, n: b.__setitem__(0, int(n))),
    "memoryview": (
        lambda: memoryview(bytearray([2])),
        lambda b: b[0],
        lambda b, n: b.__setitem__(0, int(n)),
    ),
    "array.array": (
        lambda: array.array("d", [2.0]),
        lambda b: b[0],
        lambda b, n: b.__setitem__(0, n),
    ),
    "read-only mapping": (
        lambda: (lambda d: (types.MappingProxyType(d), d))({"a": 2.0}),
        lambda b: b[0]["a"],
        lambda b, n: b[1].update(a=n),
    ),
    "bits": (
        lambda: np.zeros(3, bool),
        lambda b: 1.0 if b.any() else 2.0,
        lambda b, n: b.__setitem__(1, not b[1]),
    ),
}


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", BOXES)
def test_items_of_collections(name: str, engine: str) -> None:
    make, read, change = BOXES[name]
    box = make()
    follows(lambda x: x * read(box), lambda n: change(box, n), engine)


# Functions, methods, attributes, also of other modules


def module(name: str, source: str) -> Any:
    """A module of the user's, of that source."""
    made = types.ModuleType(name)
    exec(source, made.__dict__)
    return made


HELPERS = """
import numpy as np
RATE, CONFIG, TABLE = 2.0, {"rate": 2.0}, np.array([2.0, 1.0])
class Settings:
    rate = 2.0
SETTINGS = Settings()
def scaled(x, k=2.0, *, m=1.0):
    return inner(x) * k * m
def inner(x):
    return x * RATE * CONFIG["rate"] * TABLE[0] * SETTINGS.rate
def reads(o, x):
    return x * o.rate
class Layer:
    bias = 1.0
    def __init__(self, w):
        self.w = w
    def __call__(self, x):
        return self.forward(x) + self.bias
    def forward(self, x):
        return x * self.w * self.factor() * self.doubled(1.0)
    @classmethod
    def factor(cls):
        return 2.0
    @staticmethod
    def doubled(n):
        return n * 2
    def __mul__(self, x):
        return x * self.w
def built(x):
    return Layer(3.0)(x)
"""

CHANGES: dict[str, tuple[str, Callable[[Any, float], Any]]] = {
    "a global there": ("scaled", lambda m, n: setattr(m, "RATE", n)),
    "an item there": ("scaled", lambda m, n: m.CONFIG.update(rate=n)),
    "an array there": ("scaled", lambda m, n: m.TABLE.__setitem__(0, n)),
    "an attribute there": ("scaled", lambda m, n: setattr(m.SETTINGS, "rate", n)),
    "a class attribute there": ("scaled", lambda m, n: setattr(m.Settings, "rate", n)),
    "a function there": ("scaled", lambda m, n: setattr(m, "inner", lambda x: x * n)),
    "the function": ("scaled", lambda m, n: setattr(m, "scaled", lambda x: x * n)),
    "its defaults": ("scaled", lambda m, n: setattr(m.scaled, "__defaults__", (n,))),
    "a keyword's default": ("scaled", lambda m, n: m.scaled.__kwdefaults__.update(m=n)),
    "its code": (
        "inner",
        lambda m, n: setattr(m.inner, "__code__", (lambda x: x * 7).__code__)
        if n == 3
        else setattr(m.inner, "__code__", (lambda x: x * 8).__code__),
    ),
    "a class": ("built", lambda m, n: setattr(m, "Layer", lambda w: lambda x: x * n)),
    "__init__": (
        "built",
        lambda m, n: setattr(m.Layer, "__init__", lambda self, w: setattr(self, "w", n)),
    ),
    "__call__": ("built", lambda m, n: setattr(m.Layer, "__call__", lambda self, x: x * n)),
    "a method": ("built", lambda m, n: setattr(m.Layer, "forward", lambda self, x: x * n)),
    "a class method": (
        "built",
        lambda m, n: setattr(m.Layer, "factor", classmethod(lambda cls: n)),
    ),
    "a static method": (
        "built",
        lambda m, n: setattr(m.Layer, "doubled", staticmethod(lambda x: n)),
    ),
    "a value of the class": ("built", lambda m, n: setattr(m.Layer, "bias", n)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_other_modules(name: str) -> None:
    helpers = module("helpers_of_watch", HELPERS)
    called, change = CHANGES[name]
    follows(lambda x: getattr(helpers, called)(x), functools.partial(change, helpers))


OWN: dict[str, Callable[[Any, Any, float], Any]] = {
    "its attribute": lambda m, o, n: setattr(o, "w", n),
    "its own method": lambda m, o, n: setattr(o, "forward", lambda x: x * n),
    "its own value": lambda m, o, n: setattr(o, "bias", n),
    "its class's method": lambda m, o, n: setattr(m.Layer, "forward", lambda self, x: x * n),
    "its class's __call__": lambda m, o, n: setattr(m.Layer, "__call__", lambda self, x: x * n),
    "a subclass's method": lambda m, o, n: setattr(type(o), "forward", lambda self, x: x * n),
}


@pytest.mark.parametrize("name", OWN)
def test_objects_of_other_modules(name: str) -> None:
    helpers = module("helpers_of_watch", HELPERS)
    layer = type("Sub", (helpers.Layer,), {})(3.0)
    follows(lambda x: layer(x), functools.partial(OWN[name], helpers, layer))


def rate_of(o: Any) -> Any:
    @contextlib.contextmanager
    def opened() -> Any:
        yield o.rate

    return opened


def in_context(opened: Any, x: Any) -> Any:
    with opened() as rate:
        return x * rate


def ruled(f: Any) -> Any:
    found = gg.custom_vjp(f)
    found.defvjp(lambda x: (f(x), ()), lambda saved, g: (f(g),))
    return lambda x: gg.grad(lambda x: gg.sum(found(x)))(x)


HANDED: dict[str, Callable[[Any, Any], Callable[[Any], Any]]] = {
    "to a helper": lambda m, o: lambda x: m.reads(o, x),
    "to a helper of a helper": lambda m, o: lambda x: (lambda p: m.reads(p, x))(o),
    "by partial": lambda m, o: functools.partial(m.reads, o),
    "by partial, by name": lambda m, o: functools.partial(lambda x, o: m.reads(o, x), o=o),
    "back": lambda m, o: (lambda get: lambda x: x * get().rate)(lambda: o),
    "in a list": lambda m, o: (lambda many: lambda x: m.reads(many[0], x))([o]),
    "by attrgetter": lambda m, o: lambda x: x * operator.attrgetter("rate")(o),
    "by a getter made before": lambda m, o: (
        lambda get: lambda x: x * get(o)
    )(operator.attrgetter("rate")),
    "by a dotted name": lambda m, o: (lambda p: lambda x: x * operator.attrgetter("o.rate")(p))(
        types.SimpleNamespace(o=o)
    ),
    "by getattr": lambda m, o: lambda x: x * getattr(o, "ra" + "te"),
    "by __dict__": lambda m, o: lambda x: x * o.__dict__["rate"],
    "to a decorated function": lambda m, o: (
        lambda f: lambda x: f(o, x)
    )(functools.wraps(m.reads)(lambda *args: m.reads(*args))),
    "to a dispatching function": lambda m, o: (
        lambda f: lambda x: f(x)
    )(functools.singledispatch(lambda x: m.reads(o, x))),
    "to a context": lambda m, o: functools.partial(in_context, rate_of(o)),
    "to a rule": lambda m, o: ruled(lambda x: m.reads(o, x)),
    "to a checkpoint": lambda m, o: gg.checkpoint(lambda x: m.reads(o, x)),
    "to a gradient": lambda m, o: lambda x: gg.grad(lambda x: gg.sum(m.reads(o, x) ** 2))(x),
    "to vmap": lambda m, o: lambda x: gg.vmap(functools.partial(m.reads, o))(x),
    "to another jit": lambda m, o: (lambda f: lambda x: f(x))(gg.jit(lambda x: m.reads(o, x))),
}


@pytest.mark.parametrize("name", HANDED)
def test_objects_that_are_handed_on(name: str) -> None:
    helpers, o = module("helpers_of_watch", HELPERS), types.SimpleNamespace(rate=2.0)
    follows(HANDED[name](helpers, o), lambda n: setattr(o, "rate", n))


def test_a_static_object_and_a_model() -> None:
    helpers = module("helpers_of_watch", HELPERS)
    o = helpers.SETTINGS
    step = gg.jit(helpers.reads, static_argnums=0)
    model = gg.nn.MLP([4, 4], dtype="float64")
    other = gg.nn.MLP([4, 4], dtype="float64", rng=1)
    for n in range(9):
        o.rate = n // 3
        assert step(o, X).tolist() == (X * (n // 3)).tolist()
    follows(lambda x: model(x), lambda n: setattr(model, "layers", other.layers))


def test_an_import_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    helpers = module("helpers_of_watch", HELPERS)
    monkeypatch.setitem(sys.modules, "helpers_of_watch", helpers)

    def f(x: Any) -> Any:
        import helpers_of_watch  # type: ignore[import-not-found]

        return helpers_of_watch.scaled(x)

    follows(f, lambda n: setattr(helpers, "RATE", n))


def test_libraries_are_not_searched() -> None:
    """What NumPy and gpugrad consist of is taken to stay as it is."""
    few = Watch(lambda x: gg.sin(np.asarray(x)) * np.linalg.norm(np.ones(3)))
    assert len(list(few.conditions.sources(lambda value: "x"))) <= 2


def test_attributes_of_libraries_are_not_asked_for() -> None:
    """They may warn, as those of a deprecated class do."""

    class Deprecated(type):
        def __getattribute__(cls, name: str) -> Any:
            if name == "size":
                warnings.warn("deprecated", DeprecationWarning, stacklevel=2)
            return super().__getattribute__(name)

    Old = Deprecated("Old", (), {"size": 3, "__module__": "statistics"})
    f = gg.jit(lambda x: x * 2 if x.ndim else Old.size)
    for _ in range(4):
        assert f(X).tolist() == (X * 2).tolist()


def test_conditions_fail_one_by_one() -> None:
    """A condition that never failed would hide a change."""
    scope, items, a = {"x": 1.0}, [1], np.ones(3)
    conditions = Conditions()
    conditions.item(scope, "x", scope["x"])
    conditions.elements(items)
    conditions.contents(a, used=False)
    conditions.without(scope, frozenset(["y"]))
    assert conditions.holds()
    for change, back in (
        (lambda: scope.update(x=2.0), lambda: scope.update(x=1.0)),
        (lambda: items.append(2), items.pop),
        (lambda: a.__setitem__(1, 2), lambda: a.__setitem__(1, 1)),
        (lambda: scope.update(y=1), lambda: scope.pop("y")),
    ):
        change()
        assert not conditions.holds()
        back()
    scope["x"] = conditions._all[id(scope), "x"].values[3]
    assert conditions.holds()


# Dtypes that a plan cannot take

OTHERS: dict[str, Any] = {
    "structured": np.zeros(4, [("a", "f8")]),
    "object": np.array([1, 2.5, 3, 4], object),
    "str": np.array(["a", "b", "c", "d"]),
    "bytes": np.array([b"a"] * 4),
    "datetime": np.array(["2020-01-01"] * 4, "M8[D]"),
    "timedelta": np.array([1, 2, 3, 4], "m8[s]"),
    "void": np.zeros(4, "V8"),
}


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", OTHERS)
def test_dtypes_that_are_refused(name: str, engine: str) -> None:
    other = OTHERS[name]
    for f in (lambda x, a: x * a, lambda x, a: gg.sum(a), lambda x, a: a, lambda x, a: a == a):
        for step, args in (
            (gg.jit(f, engine=engine), (X, other)),
            (gg.jit(lambda x, f=f: gg.asarray(f(x, other)), engine=engine), (X,)),
        ):
            if len(args) == 1 and f(np.ones(1), np.ones(1)).dtype == bool:
                continue                            # NumPy compares them, outside
            with pytest.raises(UnsupportedOperand, match=r"dtype .*expected"):
                step(*args)


def test_text_that_only_decides_may_be_an_array() -> None:
    names = OTHERS["str"]
    follows(lambda x: x * float(np.sum(names == "a")), lambda n: names.__setitem__(1, "a"))
    names[1] = "b"


def test_extended_precision_is_compared_by_value() -> None:
    """Ten bytes hold the number; the six that follow are whatever lay in memory."""
    scale = np.longdouble(1) / 3

    def f(x: Any) -> Any:
        return x * np.full(4, scale) + scale * np.array([1, 2, 3, 4], np.longdouble)

    step = gg.jit(f)
    x = np.ones(4, np.longdouble)
    for junk in range(CALLS):
        del_me = np.frombuffer(np.full(64 * 2**junk, 255, np.uint8).tobytes(), np.uint8).copy()
        del del_me
        np.testing.assert_array_equal(step(x), f(gg.tensor(x)).value)


def test_constants_are_compared_bit_by_bit() -> None:
    signs = iter([0.0, -0.0])
    step = gg.jit(lambda x: x + np.full(4, next(signs)))
    step(X)
    with pytest.raises(ImpureFunction, match="other values"):
        step(X)
    step = gg.jit(lambda x: x + np.full(4, np.nan))
    for _ in range(CALLS):
        assert np.isnan(step(X)).all()
