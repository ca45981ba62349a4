"""Layers one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias, overload

import optree

import gpugrad.comparing as comparing
import gpugrad.random as random
import gpugrad.tree as tree
from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.activations import activation_of
from gpugrad.nn.layer import Form, called, form_of, shown
from gpugrad.tree_classes import FIXED

Layer: TypeAlias = "Callable[..., Any] | str"
"""What stands in `Sequential`: a layer, a function of arrays, or the name of an activation."""


@shown
class Sequential:
    """Layers and functions, called one after the other.

    `model(x)` is `layers[-1](... layers[1](layers[0](x)))`. With `training=True`, and with a key,
    layers are told that take these, such as `Dropout`, each with a key of its own. If a layer has
    state, as `BatchNorm2d`, so has the model: `model.init_state()` is what to start from, and
    `y, state = model(x, state)` returns it beside the result. Classes of your own take part by the
    same names: those of `state`, `key` and `training` that are parameters of their `__call__` are
    given to them, and one with state has a method `init_state` and returns `(y, state)`.

    Args:
        *layers: Layers, which are trees, functions of an array, such as `gg.relu`, and names in
            `gg.nn.ACTIVATIONS`; or one list of these: `Sequential(a, b)` is `Sequential([a, b])`.
            Functions and names are static parts of the model.

    Raises:
        InvalidArgument: For what cannot be called, for an unknown name, and for an object of a
            class that is no tree.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> model = gg.nn.Sequential([
        ...     gg.nn.Linear(4, 8, rng=rng), gg.relu, gg.nn.Dropout(0.5),
        ...     gg.nn.Linear(8, 2, rng=rng),
        ... ])
        >>> x = np.ones((5, 4), dtype="float32")
        >>> model(x).shape
        (5, 2)
        >>> model(x, key=gg.random.key(0), training=True).shape
        (5, 2)
        >>> gg.tree.paths(model)[:2]
        ['.layers[0].weight', '.layers[0].bias']
    """

    _trees: tuple[Any, ...]                         # `None` in the places of functions
    _chain: Chain

    @overload
    def __init__(self, layers: Iterable[Layer], /) -> None: ...
    @overload
    def __init__(self, *layers: Layer) -> None: ...
    def __init__(self, *layers: Any) -> None:
        given = layers
        if len(layers) == 1 and not callable(layers[0]) and isinstance(layers[0], Iterable):
            given = (layers[0],) if isinstance(layers[0], str) else tuple(layers[0])
        if not given:
            raise InvalidArgument(
                "Sequential: there are no layers; expected layers and functions, or a list of them."
            )
        found = [_checked(place, inner) for place, inner in enumerate(given)]
        self._trees = tuple(inner if is_tree else None for inner, is_tree in found)
        functions = tuple(None if is_tree else inner for inner, is_tree in found)
        self._chain = Chain(functions, tuple(form_of(inner) for inner, _ in found))

    @property
    def layers(self) -> tuple[Any, ...]:
        """The layers and functions, in order."""
        pairs = zip(self._trees, self._chain.functions, strict=True)
        return tuple(inner if function is None else function for inner, function in pairs)

    @property
    def form(self) -> Form:
        """Which of the arguments `state`, `key` and `training` any of the layers takes."""
        return self._chain.form

    def init_state(self) -> tuple[Any, ...] | None:
        """The states of the layers to start from, None for those without; None without any."""
        if not self.form.state:
            return None
        pairs = zip(self._trees, self._chain.forms, strict=True)
        return tuple(inner.init_state() if form.state else None for inner, form in pairs)

    def __call__(
        self, x: Array, state: Any = None, *, key: Array | None = None, training: bool = False
    ) -> Any:
        """The result, or the pair of it and the state, if a layer has one."""
        forms = self._chain.forms
        states = checked_state(self, state, len(forms))
        keys = iter(keys_for(key, sum(form.key for form in forms)))
        after = []
        for inner, form, before in zip(self.layers, forms, states, strict=True):
            own = next(keys) if form.key else None
            x, new = called(inner, form, x, before, own, training)
            after.append(new)
        return (x, tuple(after)) if self.form.state else x

    def __reduce__(self) -> Any:
        return _restored, (self._trees, self._chain.functions, self._chain.forms)

    def __repr__(self) -> str:
        lines = (_named(inner).replace("\n", "\n    ") for inner in self.layers)
        return "Sequential([\n" + "".join(f"    {line},\n" for line in lines) + "])"


class Chain:
    """What a model knows of its layers beside their arrays: it is a part of the structure.

    `functions` has `None` where there is a layer. Functions that do the same are equal.
    """

    __slots__ = ("_hash", "_key", "form", "forms", "functions")

    def __init__(self, functions: tuple[Any, ...], forms: tuple[Form, ...]) -> None:
        self.functions, self.forms = functions, forms
        self.form = Form(*(any(said) for said in zip(*forms, strict=True)))
        self._key = (comparing.key(functions), forms)
        self._hash = hash(self._key)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Chain) and self._key == other._key)

    def __hash__(self) -> int:
        return self._hash


def with_layers(model: Sequential, layers: Sequence[Any]) -> Sequential:
    """A model that calls other layers in the same way, also in place of functions."""
    return _unflatten(Chain((None,) * len(layers), model._chain.forms), (tuple(layers),))


def checked_state(model: Any, state: Any, n: int) -> Sequence[Any]:
    """The state of each of `n` layers; raises `InvalidArgument` for what is no state of a model."""
    if not model.form.state:
        if state is not None:
            raise InvalidArgument(
                f"{type(model).__name__}: a state is given, and no layer has one; model(x) is "
                "called without."
            )
        return (None,) * n
    if not isinstance(state, tuple | list) or len(state) != n:
        found = "missing" if state is None else f"of type {type(state).__name__}"
        raise InvalidArgument(
            f"{type(model).__name__}: the state is {found}; expected what the call before "
            "returned, and model.init_state() at first: y, state = model(x, state)."
        )
    return state


def keys_for(key: Array | None, n: int) -> Sequence[Any]:
    """A key of its own for each of `n` layers; `None` where there is none to split."""
    if key is None or n == 0:
        return (None,) * n
    if n == 1:
        return (key,)
    keys: Any = random.split(key, n)
    return [keys[i] for i in range(n)]


def _checked(place: int, inner: Any) -> tuple[Any, bool]:
    """What was given, of a name the function; and whether it is a tree."""
    if isinstance(inner, str):
        return activation_of(inner), False
    if isinstance(inner, type):
        raise InvalidArgument(
            f"Sequential: layers[{place}] is the class {inner.__name__}; expected a layer: "
            f"{inner.__name__}(...)."
        )
    if not callable(inner):
        raise InvalidArgument(
            f"Sequential: layers[{place}] is of type {type(inner).__name__}; expected a layer, a "
            "function of an array, or the name of an activation."
        )
    if not tree.is_leaf(inner):
        return inner, True
    if isinstance(inner, FIXED) or hasattr(inner, "__wrapped__"):
        return inner, False
    raise InvalidArgument(
        f"Sequential: layers[{place}] is of type {type(inner).__name__}, which is no tree: write "
        f"@gg.tree.register above class {type(inner).__name__}."
    )


def _named(inner: Any) -> str:
    """A layer, or the name of a function."""
    return getattr(inner, "__name__", None) or repr(inner)


def _restored(trees: Any, functions: Any, forms: Any) -> Sequential:
    return _unflatten(Chain(functions, tuple(Form(*form) for form in forms)), (trees,))


def _unflatten(chain: Chain, children: tuple[Any]) -> Sequential:
    made = Sequential.__new__(Sequential)
    (made._trees,) = children
    made._chain = chain
    return made


_register: Any = optree.register_pytree_node        # its types want a collection
_register(
    Sequential,
    lambda model: ((model._trees,), model._chain, ("layers",)),
    _unflatten,
    path_entry_type=optree.GetAttrEntry,
    namespace=tree.NAMESPACE,
)
