"""Classes of users as trees: under every transform, as vectors, in files, and in halves."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.comparing import key
from gpugrad.errors import (
    CheckpointError,
    InvalidArgument,
    NotDifferentiable,
    TrackedConversion,
    UnsupportedOperand,
)
from gpugrad.testing import check_grads


@gg.tree.register
class Plain:
    def __init__(self, slope: Any = 2.0, kind: str = "line") -> None:
        self.slope, self.offset, self.kind = np.array(slope), np.array(1.0), kind

    def __call__(self, x: Any) -> Any:
        return self.slope * x + self.offset


class Base:
    def __init__(self) -> None:
        self.slope = np.array(2.0)


@gg.tree.register
class Derived(Base):
    def __init__(self) -> None:
        super().__init__()
        self.offset = np.array(1.0)

    def __call__(self, x: Any) -> Any:
        return self.slope * x + self.offset


@gg.tree.register
class Slots:
    __slots__ = ("__slope", "offset")

    def __init__(self) -> None:
        self.__slope, self.offset = np.array(2.0), np.array(1.0)

    def __call__(self, x: Any) -> Any:
        return self.__slope * x + self.offset


@gg.tree.register
@dataclass(frozen=True)
class Frozen:
    slope: Any = 2.0
    offset: Any = 1.0
    scale: float = field(default=1.0, metadata={"static": True})

    def __call__(self, x: Any) -> Any:
        return (self.slope * x + self.offset) * self.scale


@gg.tree.register
@dataclass(frozen=True, slots=True)
class FrozenSlots:
    slope: Any = 2.0
    offset: Any = 1.0
    times: int = 1

    def __call__(self, x: Any) -> Any:
        return (self.slope * x + self.offset) * self.times


@gg.tree.register
class Methods:
    """Taken apart by methods as JAX has them; what is no part is a dictionary."""

    def __init__(self, slope: Any = 2.0, offset: Any = 1.0, scale: float = 1.0) -> None:
        self.slope, self.offset, self.scale = slope, offset, scale

    def tree_flatten(self) -> tuple[tuple[Any, ...], dict[str, float]]:
        return (self.slope, self.offset), {"scale": self.scale}

    @classmethod
    def tree_unflatten(cls, aux: dict[str, float], parts: Any) -> Methods:
        return cls(*parts, **aux)

    def __call__(self, x: Any) -> Any:
        return (self.slope * x + self.offset) * self.scale


LINES = [Plain, Derived, Slots, Frozen, FrozenSlots, Methods]
EVERY = pytest.mark.parametrize("line", [cls() for cls in LINES], ids=[c.__name__ for c in LINES])


def numbers(tree: Any) -> list[float]:
    return [float(x) for x in gg.tree.leaves(tree)]


@EVERY
def test_transforms_take_objects_and_give_them(line: Any) -> None:
    """Of its class, with a gradient in the place of each part."""
    found = gg.grad(lambda line: line(3.0))(line)
    assert type(found) is type(line)
    assert numbers(found) == [3, 1]
    assert numbers(gg.jit(gg.grad(lambda line: line(3.0)))(line)) == [3, 1]
    points = np.arange(3.0)
    np.testing.assert_array_equal(
        gg.vmap(lambda line, x: line(x), in_axes=(None, 0))(line, points), 2 * points + 1
    )
    rows = gg.tree.leaves(gg.jacobian(lambda line: line(points))(line))
    np.testing.assert_array_equal(rows, [points, np.ones(3)])
    halves = gg.hessian(lambda line: line(3.0) ** 2)(line)
    np.testing.assert_array_equal(numbers(halves), [18, 6, 6, 2])
    check_grads(lambda line: line(3.0) ** 2, (line,), order=2)


@EVERY
def test_loops_and_branches_carry_objects(line: Any) -> None:
    def step(line: Any, x: Any) -> tuple[Any, Any]:
        return gg.tree.map(lambda part: part + x, line), line(x)

    for scan in (gg.scan, gg.jit(gg.scan, static_argnums=0)):
        last, seen = scan(step, line, np.arange(3.0))
        assert type(last) is type(line)
        assert numbers(last) == [5, 4]
        np.testing.assert_array_equal(seen, [1, 3, 8])

    @gg.jit
    def chosen(flag: Any, line: Any) -> Any:
        return gg.cond(flag > 0, lambda line: line(1.0), lambda line: line(2.0), line)

    assert [float(chosen(np.array(flag), line)) for flag in (1.0, -1.0, 1.0)] == [3, 5, 3]


@EVERY
def test_an_optimiser_trains_an_object(line: Any) -> None:
    optimiser, points = gg.optim.adam(0.1), np.linspace(-1, 1, 9)
    line = gg.tree.map(np.asarray, line)
    state = optimiser.init(line)

    @gg.jit
    def step(line: Any, state: Any) -> tuple[Any, Any]:
        slopes = gg.grad(lambda line: gg.mean((line(points) - 3 * points) ** 2))(line)
        updates, state = optimiser.update(slopes, state, line)
        return gg.optim.apply_updates(line, updates), state

    for _ in range(300):
        line, state = step(line, state)
    np.testing.assert_allclose(numbers(line), [3, 0], atol=1e-3)


def test_models_of_models() -> None:
    """In lists and dictionaries; what holds integers, words and functions is structure."""

    @gg.tree.register
    class Net:
        def __init__(self) -> None:
            self.layers, self.heads = [Plain(), Plain()], {"a": Plain()}
            self.sizes, self.activation, self.nothing = (2, 3), np.tanh, None
            self.clipped, self.options = partial(np.clip, a_min=-5.0, a_max=5.0), {"depth": 2}

        def __call__(self, x: Any) -> Any:
            for layer in self.layers:
                x = self.activation(layer(x))
            return self.clipped(self.heads["a"](x))

    net = Net()
    assert gg.tree.paths(net) == [
        ".layers[0].slope", ".layers[0].offset", ".layers[1].slope", ".layers[1].offset",
        ".heads['a'].slope", ".heads['a'].offset",
    ]  # fmt: skip
    found = gg.grad(lambda net: net(0.3))(net)
    assert (found.sizes, found.activation, found.nothing) == ((2, 3), np.tanh, None)
    check_grads(lambda net: net(0.3), (net,))
    np.testing.assert_allclose(gg.jit(lambda net, x: net(x))(net, 0.3), net(0.3))


def test_an_object_may_be_changed_in_a_function() -> None:
    """The one inside is another: attributes set and added there are not seen outside."""

    def loss(line: Any) -> Any:
        line.slope, line.cache = line.slope * 2, line.offset
        return line(3.0) + line.cache

    for way in (gg.grad(loss), gg.jit(gg.grad(loss))):
        line = Plain()
        assert numbers(way(line)) == [6, 2]
        assert list(vars(line)) == ["slope", "offset", "kind"]
        assert numbers(line) == [2, 1]


# What is static


def traces_of(models: list[Any]) -> int:
    """How often `gg.jit` runs a function that is called with these, one after another."""
    seen = []

    @gg.jit
    def f(model: Any) -> Any:
        seen.append(1)
        return gg.sum(model.weight)

    for model in models:
        f(model)
    return len(seen)


def adder(amount: float) -> Any:
    return lambda x: x + amount


@gg.tree.register(static="given")
class Model:
    def __init__(self, given: Any) -> None:
        self.weight, self.given = np.ones(2), given


ALIKE: list[Any] = [
    lambda: 1, lambda: [1, 2.5], lambda: {"a": [1.0]}, lambda: {3, 4}, lambda: "word",
    lambda: np.arange(3.0), lambda: float("nan"), lambda: adder(1.0), lambda: partial(pow, 2),
    lambda: {"table": np.array([np.nan])}, lambda: Frozen(np.ones(2)), lambda: np.float32(2),
]  # fmt: skip
OTHERS: list[tuple[Any, Any]] = [
    (1, 2), (1, 1.0), (1, True), ((1,), (True,)), ([1], (1,)), (0.0, -0.0), ([0.0], [-0.0]),
    ("a", b"a"), (np.ones(2), np.ones(3)), (np.ones(2), np.ones(2, "float32")),
    (np.array([0.0]), np.array([-0.0])), ({"a": 1}, {"b": 1}), ({1}, {2}), (None, 0),
    (adder(1.0), adder(2.0)), (np.sin, np.cos), (partial(pow, 2), partial(pow, 3)),
    (np.float32(2), np.float64(2)), ([np.ones(2)], [np.zeros(2)]), (int, float),
]  # fmt: skip


@pytest.mark.parametrize("made", ALIKE)
def test_equal_structures_are_not_traced_again(made: Any) -> None:
    assert key(made()) == key(made())
    assert traces_of([Model(made()) for _ in range(5)]) == traces_of([Model(0)] * 5)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_values_are_other_structures(one: Any, other: Any) -> None:
    assert key(one) != key(other)
    once = traces_of([Model(one)] * 3)
    assert traces_of([Model(one)] * 3 + [Model(other)] * 3) > once


def test_what_is_changed_in_place_is_another_structure() -> None:
    @gg.jit
    def scaled(model: Any) -> Any:
        return gg.sum(model.weight) * model.given["factor"] + model.given["table"][0]

    model = Model({"factor": 2.0, "table": np.zeros(1)})
    assert [float(scaled(model)) for _ in range(3)] == [4, 4, 4]
    model.given["factor"] = 3.0
    assert [float(scaled(model)) for _ in range(3)] == [6, 6, 6]
    model.given["table"][0] = 1.0
    assert [float(scaled(model)) for _ in range(3)] == [7, 7, 7]


def test_objects_that_cannot_be_hashed_are_compared_by_their_attributes() -> None:
    @dataclass
    class Settings:
        rate: float

    assert key(Settings(1.0)) == key(Settings(1.0))
    assert key(Settings(1.0)) != key(Settings(2.0))

    class Stubborn:
        __slots__ = ()
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            return True

    one = Stubborn()
    assert key(one) == key(one)
    assert key(one) != key(Stubborn())


def test_a_function_that_names_itself_has_a_key() -> None:
    def counted(n: int) -> int:
        return n and counted(n - 1)

    def empty() -> Any:
        return later                                # noqa: F821  # which has no value yet

        later = 0                                   # noqa: F841

    assert key(counted) == key(counted)
    assert key(empty) == key(empty)


def test_parts_that_become_integers_stay_parts() -> None:
    """As axes, masks and shapes in the form of a model are."""
    line = Plain(np.arange(3.0))
    line.offset = np.ones(3)
    axes = gg.tree.map(lambda part: 0, line)
    assert gg.tree.leaves(axes) == [0, 0]
    np.testing.assert_array_equal(
        gg.vmap(lambda line: line(2.0), in_axes=(axes,))(line), 2 * np.arange(3.0) + 1
    )
    mask = gg.tree.map(lambda part: part.ndim == 1, line)
    assert gg.tree.leaves(gg.tree.map(lambda part, kept: kept, line, mask)) == [True, True]
    assert list(vars(gg.tree.map(np.zeros_like, line))) == ["slope", "offset", "kind"]


# What is refused


def test_what_is_no_class_of_attributes_is_refused() -> None:
    for thing in (Plain(), lambda x: x):
        with pytest.raises(InvalidArgument, match="expected a class"):
            gg.tree.register(thing)  # type: ignore[type-var]
    with pytest.raises(InvalidArgument, match="Plain is a tree already"):
        gg.tree.register(Plain)
    with pytest.raises(InvalidArgument, match="its objects are arrays"):
        gg.tree.register(np.ndarray)
    for cls in (list, dict, type("Own", (dict,), {}), type("Number", (float,), {})):
        with pytest.raises(InvalidArgument, match="holds more than its attributes"):
            gg.tree.register(cls)
    assert float(gg.grad(lambda x: x * x)(np.array(2.0))) == 4      # arrays are what they were


def test_what_cannot_be_differentiated_is_named_with_the_way_out() -> None:
    class Unknown(Base):
        pass

    for way in (gg.grad(lambda model: model.slope), gg.jit(lambda model: model.slope)):
        with pytest.raises(UnsupportedOperand, match=r"@gg.tree.register above class Unknown"):
            way(Unknown())
    model = Model(0)
    model.order = np.arange(2)
    with pytest.raises(NotDifferentiable, match=r"gg\.tree\.partition"):
        gg.grad(lambda model: gg.sum(model.weight[model.order]))(model)
    model.order = {"rate": 0.1, "kind": "adam"}
    with pytest.raises(UnsupportedOperand, match=r"static= of gg\.tree\.register"):
        gg.grad(lambda model: gg.sum(model.weight))(model)


# Halves


@EVERY
def test_halves_of_a_tree_freeze_a_part(line: Any) -> None:
    first = gg.tree.leaves(line)[0]
    trained, rest = gg.tree.partition(line, lambda path, x: x is first)
    assert numbers(trained) == [2]
    assert numbers(rest) == [1]
    assert numbers(gg.tree.combine(trained, rest)) == [2, 1]
    assert numbers(gg.tree.combine(rest, trained)) == [2, 1]

    def loss(trained: Any, rest: Any) -> Any:
        return gg.tree.combine(trained, rest)(3.0)

    for way in (gg.grad(loss), gg.jit(gg.grad(loss))):
        assert numbers(way(trained, rest)) == [3]


def test_paths_choose_and_none_stays_none() -> None:
    tree = {"a": [np.ones(1), None, np.zeros(2)], "b": (1.0,)}
    first, rest = gg.tree.partition(tree, lambda path, x: path.startswith("['a']"))
    assert rest == {"a": [None, None, None], "b": (1.0,)}
    whole = gg.tree.combine(first, rest)
    assert whole["a"][1] is None
    assert gg.tree.paths(whole) == gg.tree.paths(tree)


def test_trees_that_are_no_halves_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"both trees have a leaf at \['a'\]"):
        gg.tree.combine({"a": 1.0}, {"a": 2.0})
    with pytest.raises(InvalidArgument, match="no halves of one tree"):
        gg.tree.combine({"a": 1.0}, {"b": 1.0})


# Vectors


def test_a_tree_is_a_vector_and_back() -> None:
    tree = {"a": np.ones((2, 2), "float32"), "b": np.arange(3), "c": [2.5]}
    vector, unravel = gg.tree.ravel(tree)
    np.testing.assert_array_equal(vector, [1, 1, 1, 1, 0, 1, 2, 2.5])
    back = unravel(vector)
    assert back["a"].dtype == np.float32
    assert back["b"].dtype == np.int64
    np.testing.assert_array_equal(back["a"], tree["a"])
    for wrong in (vector[:2], vector[None]):
        with pytest.raises(InvalidArgument, match=r"expected \(8,\)"):
            unravel(wrong)
    with pytest.raises(InvalidArgument, match=r"leaf \['a'\] is a str"):
        gg.tree.ravel({"a": "word"})
    empty, unravel = gg.tree.ravel([])
    assert empty.shape == (0,)
    assert unravel(empty) == []
    mixed, unravel = gg.tree.ravel([np.array(1j), np.array(2.0)])
    assert unravel(mixed * 2)[1] == 4


@EVERY
def test_vectors_are_differentiated(line: Any) -> None:
    vector, unravel = gg.tree.ravel(line)
    assert type(unravel(vector)) is type(line)

    def loss(vector: Any) -> Any:
        return unravel(vector)(3.0) ** 2

    for way in (gg.grad(loss), gg.jit(gg.grad(loss))):
        np.testing.assert_array_equal(way(vector), [42, 14])
    np.testing.assert_array_equal(gg.hessian(loss)(vector), [[18, 6], [6, 2]])
    slopes = gg.grad(lambda line: gg.sum(gg.tree.ravel(line)[0] ** 2))(line)
    assert numbers(slopes) == [4, 2]
    rows = gg.vmap(lambda line: gg.tree.ravel(line)[0])(gg.tree.map(lambda x: x * np.ones(3), line))
    np.testing.assert_array_equal(rows, [[2, 1]] * 3)


# Files



@EVERY
def test_a_file_gives_the_object_back(line: Any, tmp_path: Path) -> None:
    path = tmp_path / "line.safetensors"
    gg.tree.save(path, gg.tree.map(lambda x: x * 1.5, line))
    found = gg.tree.load(path, line)
    assert type(found) is type(line)
    assert numbers(found) == [3, 1.5]
    assert float(found(1.0)) == 4.5


def test_every_kind_of_leaf_comes_back(tmp_path: Path) -> None:
    tree = {
        "half": np.ones(2, "float16"), "long": gg.tensor(np.arange(3)), "flag": True, "n": 3,
        "x": 2.5, "z": np.array([1 - 0j, complex(np.inf, -0.0)]), "w": 1j, "s": np.float32(2),
        "leaf": gg.tensor(np.ones(2), requires_grad=True), "none": None,
        "c": np.ones(2, "complex64"),
        "empty": np.zeros((0, 2)), "turned": np.arange(6.0).reshape(2, 3).T,
    }  # fmt: skip
    path = tmp_path / "tree.safetensors"
    gg.tree.save(path, tree)
    found = gg.tree.load(str(path), tree)
    assert [type(found[name]) for name in ("flag", "n", "x", "w")] == [bool, int, float, complex]
    assert found["leaf"].requires_grad
    assert not found["long"].requires_grad
    for one, other in zip(gg.tree.leaves(found), gg.tree.leaves(tree), strict=True):
        one, other = (np.asarray(gg.stop_gradient(x)) for x in (one, other))
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


def test_other_files_are_refused(tmp_path: Path) -> None:
    tree, path = {"a": np.ones(2), "b": 2.5}, tmp_path / "tree.safetensors"
    gg.tree.save(path, tree)
    with pytest.raises(InvalidArgument, match=r"lacks \['c'\] and has \['b'\] beyond"):
        gg.tree.load(path, {"a": np.ones(2), "c": 1.0})
    for like, word in (
        ({**tree, "a": np.ones(3)}, r"\['a'\] has shape \(2,\)"),
        ({**tree, "a": np.ones(2, "float32")}, "expected .* float32"),
        ({**tree, "a": 1.0}, r"expected \(\)"),
        ({**tree, "b": 3}, "expected .* int64"),
        ({**tree, "b": "word"}, r"\['b'\] stands for a str"),
    ):
        with pytest.raises(InvalidArgument, match=word):
            gg.tree.load(path, like)
    content = path.read_bytes()
    for damaged in (b"", content[:4], content[:20], content[:-3], content[:-1] + b"\x01"):
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError):
            gg.tree.load(path, tree)
    with pytest.raises(CheckpointError, match="cannot be read"):
        gg.tree.load(tmp_path / "none", tree)


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tree.safetensors"
    with pytest.raises(InvalidArgument, match=r"leaf \['a'\] is a str"):
        gg.tree.save(path, {"a": "word"})
    with pytest.raises(TrackedConversion):
        gg.jit(lambda x: gg.tree.save(path, {"a": x}))(np.ones(2))
    assert not path.exists()


# Classes as people write them

Item = TypeVar("Item")


@gg.tree.register
class Holder(Generic[Item]):
    def __init__(self, slope: Any) -> None:
        self.slope = np.array(slope)


def test_a_generic_class_may_be_made_with_its_parameter() -> None:
    found = gg.grad(lambda holder: holder.slope * 3.0)(Holder[float](2.0))
    assert found.slope == 3
    assert gg.tree.paths(Holder[float](2.0)) == [".slope"]


@gg.tree.register
class Cached:
    def __init__(self, slope: Any) -> None:
        self.slope = slope

    @cached_property
    def square(self) -> Any:
        return self.slope * self.slope


class LaterCached(Cached):
    pass


gg.tree.register(LaterCached)


@pytest.mark.parametrize("cls", [Cached, LaterCached])
def test_what_a_cached_property_keeps_is_computed_anew(cls: type) -> None:
    """It would be a part of its own otherwise, and no gradient would reach what it is made of."""
    model = cls(np.array(3.0))
    assert model.square == 9
    assert gg.tree.paths(model) == [".slope"]
    assert gg.grad(lambda model: model.square)(model).slope == 6
    step = gg.jit(lambda model: model.square)
    for at in (3.0, 4.0):
        assert step(cls(np.array(at))) == at * at
    assert gg.tree.map(lambda x: 2 * x, model).square == 36


@gg.tree.register
@dataclass(frozen=True)
class Counted:
    weight: Any
    steps: int = field(default=0, metadata={"static": False})
    size: int = field(default=3, metadata={"pytree_node": True})
    kind: int = 1


def test_an_integer_that_changes_may_be_a_part() -> None:
    traced = []

    @gg.jit
    def step(state: Counted) -> Counted:
        traced.append(state.kind)
        return replace(state, weight=state.weight * 2.0, steps=state.steps + 1)

    state = Counted(np.ones(2))
    assert gg.tree.paths(state) == [".weight", ".steps", ".size"]
    for _ in range(5):
        state = step(state)
    assert (int(state.steps), float(state.weight[0])) == (5, 32.0)
    assert len(traced) < 5
    step(replace(state, kind=2))
    assert traced[-1] == 2


def test_a_named_tuple_is_a_tree_already() -> None:
    with pytest.raises(InvalidArgument, match="Pair: a named tuple is a tree already"):
        gg.tree.register(namedtuple("Pair", "a b"))


def test_numbers_of_another_byte_order_come_back(tmp_path: Path) -> None:
    values = {"a": np.arange(3, dtype=">f8"), "b": np.arange(2, dtype=">c8")}
    gg.tree.save(tmp_path / "x.safetensors", values)
    found = gg.tree.load(tmp_path / "x.safetensors", values)
    for name, x in values.items():
        np.testing.assert_array_equal(found[name], x)
        assert found[name].dtype == x.dtype


def test_a_file_needs_an_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'safetensors'", name="safetensors")

    monkeypatch.setattr(gg.tree, "import_module", missing)
    with pytest.raises(gg.errors.BackendUnavailable, match=r"safetensors.*\[train\]"):
        gg.tree.save(tmp_path / "x.safetensors", np.ones(2))


@pytest.mark.parametrize(
    ("first", "second"),
    [([1.0], [1.0, 2.0]), ({"a": 1.0}, {"b": 1.0}), ([1.0], (1.0,)), ([1.0], 1.0)],
)
def test_trees_that_differ_are_refused(first: object, second: object) -> None:
    with pytest.raises(InvalidArgument, match="tree number 3 has another structure"):
        gg.tree.map(lambda *x: x, first, first, second)


def test_an_error_of_the_function_passes() -> None:
    with pytest.raises(ValueError, match="could not convert") as caught:
        gg.tree.map(lambda x, y: float(y), [1.0], ["z"])
    assert not isinstance(caught.value, gg.errors.GpugradError)
