"""Why a function was traced again: what changed, from what to what, in profiles and `explain`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.transforms.jit import kept
from gpugrad.transforms.jit.wording import MISSING, became, shown

X = np.linspace(0.5, 1.5, 4)

RATE = 0.1
PARTS = {"w": 2.0}
STEPS = [1.0, 2.0]
TABLE = np.arange(3.0)
BUFFER = bytearray(b"ab")
MASK = gg.tensor(np.array([True, False, True, False]))
OFFSET = gg.tensor(np.ones(4))


class Settings:
    """What a program reads attributes of."""

    power = 2.0

    def scale(self) -> float:
        return 3.0


class Slotted:
    __slots__ = ("rate",)

    def __init__(self) -> None:
        self.rate = 1.0


SETTINGS = Settings()
SLOTTED = Slotted()


def double(x: Any, factor: float = 2.0) -> Any:
    return x * factor


def triple(x: Any, factor: float = 2.0) -> Any:
    return x * 3.0


def only_keyword(x: Any, *, factor: float = 2.0) -> Any:
    return x * factor


def closing() -> tuple[Callable[[Any], Any], Callable[[], None]]:
    rate = 1.0

    def f(x: Any) -> Any:
        return x * rate

    def change() -> None:
        nonlocal rate
        rate = 5.0

    return f, change


def with_module() -> tuple[Callable[[Any], Any], Callable[[], None]]:
    module = ModuleType("settings_of_a_test")
    module.rate = 1.0  # type: ignore[attr-defined]
    sys.modules["settings_of_a_test"] = module
    f: Any = eval("lambda x: x * m.rate", {"m": module, "__name__": __name__})
    return f, lambda: setattr(module, "rate", 4.0)


def sets(name: str, value: Any) -> Callable[[], None]:
    return lambda: globals().__setitem__(name, value)


Case = tuple[Callable[[Any], Any], Callable[[], Any], str]


def cases() -> dict[str, Case]:
    """A function, what changes something that it reads outside, and what is said then."""
    settings = Settings()
    bare = Settings()
    names = SimpleNamespace(rate=1.0)
    return {
        "a global": (
            lambda x: x * RATE, sets("RATE", 0.2),
            "the global RATE of test_reasons was 0.1 and is 0.2",
        ),
        "a global of another type": (
            lambda x: x * RATE, sets("RATE", TABLE[:1]),
            "the global RATE of test_reasons was 0.1 and is float64[1]",
        ),
        "a variable": (*closing(), "the variable rate outside was 1.0 and is 5.0"),
        "of a module": (*with_module(), "m.rate was 1.0 and is 4.0"),
        "an item": (
            lambda x: x * PARTS["w"], lambda: PARTS.update(w=3.0), "PARTS['w'] was 2.0 and is 3.0"
        ),
        "a new key": (
            lambda x: x * PARTS["w"], lambda: PARTS.update(b=3.0),
            "PARTS['b'] is 3.0 and was not there before",
        ),
        "a key that goes": (
            lambda x: x * PARTS.get("v", 1.0), lambda: PARTS.pop("w"),
            "PARTS['w'] was 2.0 and is no longer there",
        ),
        "an element": (
            lambda x: x * STEPS[1], lambda: STEPS.__setitem__(1, 7.0),
            "STEPS[1] was 2.0 and is 7.0",
        ),
        "more elements": (
            lambda x: x * len(STEPS), lambda: STEPS.append(3.0), "STEPS had 2 elements and has 3"
        ),
        "an attribute": (
            lambda x: x * settings.power, lambda: setattr(settings, "power", 4.0),
            "settings.power is 4.0 and was not there before",
        ),
        "an attribute of a namespace": (
            lambda x: x * names.rate, lambda: setattr(names, "rate", 4.0),
            "names.rate was 1.0 and is 4.0",
        ),
        "of a class": (
            lambda x: x * SETTINGS.power, lambda: setattr(Settings, "power", 5.0),
            "Settings.power was 2.0 and is 5.0",
        ),
        "a method": (
            lambda x: x * SETTINGS.scale(),
            lambda: setattr(Settings, "scale", lambda self: 4.0),
            "Settings.scale was Settings.scale and is cases.<locals>.",
        ),
        "a method of one object": (
            lambda x: x * bare.scale(), lambda: setattr(bare, "scale", lambda: 4.0),
            "bare.scale is cases.<locals>.",
        ),
        "of a slot": (
            lambda x: x * SLOTTED.rate, lambda: setattr(SLOTTED, "rate", 2.0),
            "SLOTTED.rate was 1.0 and is 2.0",
        ),
        "the code": (
            lambda x: double(x), lambda: setattr(double, "__code__", triple.__code__),
            "the code of double is another one",
        ),
        "a default": (
            lambda x: double(x), lambda: setattr(double, "__defaults__", (5.0,)),
            "what double has for defaults was (2.0,) and is (5.0,)",
        ),
        "a default of a keyword": (
            lambda x: only_keyword(x),
            lambda: only_keyword.__kwdefaults__.update(factor=6.0),
            "['factor'] was 2.0 and is 6.0",
        ),
        "elements that NumPy reads": (
            lambda x: x * float(np.sum(TABLE)), lambda: TABLE.__setitem__(0, 9.0),
            "elements of TABLE have changed",
        ),
        "the shape of an array": (
            lambda x: x * TABLE.shape[0], lambda: sets("TABLE", np.ones(5))(),
            "the global TABLE of test_reasons was float64[3] and is float64[5]",
        ),
        "bytes": (
            lambda x: x * BUFFER[0], lambda: BUFFER.__setitem__(0, 1),
            "elements of BUFFER have changed",
        ),
        "a mask": (
            lambda x: x[MASK], lambda: MASK.__setitem__(1, True),
            "2 elements of a mask outside were true, and 3 are",
        ),
        "a Tensor of another shape": (
            lambda x: x + OFFSET, lambda: setattr(OFFSET, "_value", np.ones((2, 1))),
            "the array OFFSET was float64[4] and is float64[2, 1]",
        ),
    }  # fmt: skip


@pytest.fixture
def restored() -> Any:
    """What the cases change is as it was afterwards."""
    scope = globals()
    before = {name: scope[name] for name in ("RATE", "TABLE", "MASK", "OFFSET")}
    parts, steps, power, scale = {**PARTS}, [*STEPS], Settings.power, Settings.scale
    code, defaults, keywords = double.__code__, double.__defaults__, {**only_keyword.__kwdefaults__}
    copies = TABLE.copy(), MASK._value.copy(), OFFSET._value.copy(), bytes(BUFFER)
    yield
    scope.update(before)
    PARTS.clear()
    PARTS.update(parts)
    STEPS[:] = steps
    Settings.power, Settings.scale = power, scale  # type: ignore[method-assign]
    double.__code__, double.__defaults__ = code, defaults
    only_keyword.__kwdefaults__.update(keywords)
    TABLE[:], MASK._value, OFFSET._value, BUFFER[:] = copies
    SLOTTED.rate = 1.0
    sys.modules.pop("settings_of_a_test", None)


def reasons(run: Callable[[], Any], name: str = "<lambda>") -> list[str]:
    """What a profile says why functions of that name were traced again."""
    with gg.profile() as p:
        run()
    found = [reason for (who, reason) in p.reasons if who == name]
    for reason in found:
        assert f"{name}: {reason}" in str(p)
    return found


@pytest.mark.parametrize("traces", [1, 3])
@pytest.mark.parametrize("name", cases())
def test_what_changed_outside_is_named(name: str, traces: int, restored: None) -> None:
    """Of a compiled plan, and of a trace that is not confirmed yet."""
    f, change, wanted = cases()[name]
    step = gg.jit(f)

    def call() -> None:
        for _ in range(traces):
            step(X)

    assert reasons(call, f.__name__) == []
    change()
    (found,) = reasons(lambda: step(X), f.__name__)
    assert found.startswith("traced again: ")
    assert wanted in found
    assert wanted in step.explain(X)
    assert reasons(lambda: step(X), f.__name__) == []


def g(x: Any, n: Any = 1, **more: Any) -> Any:
    return gg.sum(x) if isinstance(x, np.ndarray) else x


Given = tuple[tuple[Any, ...], dict[str, Any]]


def called(*args: Any, **kwargs: Any) -> Given:
    return args, kwargs


ARGUMENTS: dict[str, tuple[Given, Given, str]] = {
    "shape": (called(X), called(X[:2]), "x was float64[4] and is float64[2]"),
    "axes": (called(X), called(X[None]), "x was float64[4] and is float64[1, 4]"),
    "dtype": (called(X), called(X.astype("f4")), "x was float64[4] and is float32[4]"),
    "a number": (called(X), called(2.0), "x was float64[4] and is a float"),
    "another number": (called(2.0), called(2j), "x was a float and is a complex"),
    "a large integer": (
        called(2), called(2**40),
        "x was an int from 0 to 2,147,483,647 and is an int from 2,147,483,648 to",
    ),
    "a huge integer": (called(2), called(2**80), "and is an int of more than 64 bits"),
    "one of two": (
        called(X, more=X), called(X, more=X[:1]), "more was float64[4] and is float64[1]"
    ),
    "in a tree": (
        called({"a": [X, X]}), called({"a": [X, X[:3]]}),
        "x['a'][1] was float64[4] and is float64[3]",
    ),
    "structure": (
        called({"a": X}), called({"b": X}),
        "the arguments had the structure ({'a': *}) and have ({'b': *})",
    ),
    "number of arguments": (called(X), called(X, k=X), "had the structure (*) and have (*), (*)"),
    "static": (called(X, 1), called(X, 2), "the static argument n was 1 and is 2"),
    "static of another type": (
        called(X, 1), called(X, 1.0), "the static argument n was 1 and is '1.0'"
    ),
    "static by name": (
        called(X, 1, mode="a"), called(X, 1, mode="b"),
        "the static argument mode was 'a' and is 'b'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_of_a_new_kind_are_named(name: str) -> None:
    (args, kwargs), (others, other_kwargs), wanted = ARGUMENTS[name]
    step = gg.jit(lambda x, n=0, **more: g(x), static_argnums=1, static_argnames="mode")
    assert reasons(lambda: [step(*args, **kwargs) for _ in range(3)]) == []
    (found,) = reasons(lambda: [step(*others, **other_kwargs) for _ in range(3)])
    assert wanted in found
    assert wanted in step.explain(*others, **other_kwargs)
    assert "traced     again" not in step.explain(*args, **kwargs)
    assert reasons(lambda: step(*args, **kwargs)) == []


def test_the_signature_that_is_most_alike_is_the_one_compared() -> None:
    step = gg.jit(lambda x, y, z: x + y + z)
    a, b = np.ones(3), np.ones(1)
    step(a, a, a)
    step(b, b, b)
    (found,) = reasons(lambda: step(a, a, b))
    assert found == "traced again: z was float64[3] and is float64[1]"
    (found,) = reasons(lambda: step(b, a, b))
    assert found == "traced again: x was float64[3] and is float64[1]"


def test_order_in_memory_where_views_are_written() -> None:
    def f(x: Any) -> Any:
        flat = x.reshape(-1)
        flat[0] = 5.0
        return x * 1.0

    step = gg.jit(f)
    x = np.ones((2, 3))
    for _ in range(3):
        step(x)
    (found,) = reasons(lambda: step(np.asfortranarray(x)), "f")
    assert "arrays lie in another order in memory" in found


def test_a_dropped_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    step = gg.jit(lambda x: x * 2.0)
    for _ in range(2):
        step(X)
    monkeypatch.setattr(kept, "CAPACITY", 100)
    for _ in range(2):
        step(X[:2])
    (found,) = reasons(lambda: step(X))
    assert found == "traced again: its plan was dropped for the limit of 100 bytes"


def test_an_array_that_changes_between_the_first_two_runs() -> None:
    table = np.arange(3.0)
    step = gg.jit(lambda x: x * float(np.sum(table)))
    step(X)
    table[0] = 5.0
    (found,) = reasons(lambda: step(X))
    assert "elements of table have changed" in found


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda step: gg.grad(lambda x: gg.sum(step(x)))(X), "an argument needs a gradient"),
        (lambda step: gg.vmap(step)(X), "is one part of a batch"),
        (lambda step: step(X, outside=gg.tensor(X, requires_grad=True)), "an argument needs"),
    ],
)
def test_calls_that_ran_op_by_op(call: Callable[[Any], Any], wanted: str) -> None:
    step = gg.jit(lambda x, outside=1.0: x * outside)
    (found,) = reasons(lambda: call(step))
    assert found.startswith("ran op by op: ")
    assert wanted in found


def test_a_function_that_closes_over_what_needs_a_gradient() -> None:
    w = gg.tensor(X, requires_grad=True)
    step = gg.jit(lambda x: x * w)
    (found,) = reasons(lambda: step(X))
    assert found == (
        "ran op by op: it closes over a Tensor that needs a gradient, or one part of a batch"
    )


def under_debug(step: Any) -> None:
    with gg.debug():
        step(X)


def test_under_debug() -> None:
    step = gg.jit(lambda x: x * 2.0)
    assert reasons(lambda: under_debug(step)) == ["ran op by op: gg.debug() looks at each"]


class Strange:
    def __repr__(self) -> str:
        raise AssertionError("the user's code is run to say what changed")


@pytest.mark.parametrize(
    ("x", "wanted"),
    [
        (1, "1"), ("a", "'a'"), (None, "None"), ((1, "b"), "(1, 'b')"), (X, "float64[4]"),
        (MISSING, "missing"), (Strange(), "a Strange"), (Strange, "Strange"),
        ([Strange()], "a list"), ((Strange(),), "a tuple"), (np, "the module numpy"),
        (double, "double"), ("x" * 100, f"'{'x' * 12}...{'x' * 13}'"), (gg.tensor(X), "float64[4]"),
    ],
)  # fmt: skip
def test_what_is_shown(x: Any, wanted: str) -> None:
    assert shown(x) == wanted


def test_another_thing_that_looks_alike() -> None:
    assert became("w", X, X.copy()) == "w was float64[4] and is another one"
