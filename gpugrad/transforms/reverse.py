"""Reverse mode: `vjp`, `grad`, `value_and_grad`.

A transform gives the arguments fresh alias nodes, runs the function, and sweeps down to these. The
sweep is itself recorded if it reaches something that is tracked by someone else: an enclosing
transform, or a tracked Tensor that the function closes over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from math import prod
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, overload

import gpugrad.tree as tree
from gpugrad.backends import (
    Batched,
    Namespace,
    StandIn,
    default,
    home_of,
    is_complex,
    is_inexact,
    is_numpy_scalar,
    namespace_for,
    namespace_of,
    within,
)
from gpugrad.backends.devices import on_their_device
from gpugrad.backends.one_place import together
from gpugrad.context import called_holding
from gpugrad.core import registry
from gpugrad.core.causes import check_refused
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.graph import ALIAS, ENDED, Edge, Lift, Node, Vjp, is_recording, leading_to, recording
from gpugrad.ops.creation import leaf
from gpugrad.sweep import planned
from gpugrad.sweep.sweep import sweep
from gpugrad.tracing.debug import open_checks
from gpugrad.tracing.tracer import stands_for, tracer_here
from gpugrad.transforms.complex import check_complex, conjugated
from gpugrad.transforms.spelling import places_of, spelled
from gpugrad.transforms.watched import begin_watching, check_data
from gpugrad.types import Array

P = ParamSpec("P")
T = TypeVar("T")

Differentiable: TypeAlias = Callable[Concatenate[Any, P], object]
"""A function that is differentiated by its first argument, a tree of arrays."""

Derivative: TypeAlias = Callable[Concatenate[Any, P], Any]
"""Its derivative: it takes that argument with arrays of any kind, and the others as they are."""

ValueAndGradient: TypeAlias = Callable[Concatenate[Any, P], tuple[Any, Any]]
"""As `Derivative`, of which it gives the value too."""


@spelled
@on_their_device
def vjp(
    f: Callable[..., object], *primals: object, has_aux: bool = False, conjugate: bool = False
) -> tuple[Any, ...]:
    """`f(*primals)`, and a function that pulls a cotangent of the result back to the primals.

    This is reverse mode for functions with any results: `pullback(g)` is `g` times the Jacobian, at
    a few times the cost of `f`, without forming the Jacobian. You may call it any number of times;
    do not write to the primals before the last call, because the graph refers to them.

    Args:
        f: A function of pytrees of arrays, which returns one.
        *primals: The arguments at which to differentiate it, pytrees of floating arrays.
        has_aux: Whether `f` returns a pair `(out, aux)`.
        conjugate: Whether complex cotangents are the conjugates of the directions of steepest
            ascent, as in JAX.

    Returns:
        The pair `(out, pullback)`; with `has_aux`, `(out, pullback, aux)`. The pullback takes a
        tree like `out` and returns a tuple with a tree for each primal.

    Raises:
        NotDifferentiable: If a primal holds integers.
        InvalidArgument: If a cotangent is not a tree like the result. The pullback raises it.

    Example:
        >>> out, pullback = gg.vjp(lambda a, b: a * b, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        >>> out
        array([3., 8.])
        >>> pullback(np.array([1.0, 10.0]))
        (array([ 3., 40.]), array([ 1., 20.]))
    """
    run = _Run(f, primals, {}, tuple(range(len(primals))))
    result, aux = split_aux(run.out) if has_aux else (run.out, None)
    leaves, structure = tree.flatten(result)
    tensors = [x if isinstance(x, Tensor) else Tensor(leaf_as_array(x)) for x in leaves]

    @on_their_device
    def pullback(cotangents: object) -> tuple[object, ...]:
        """Cotangents of the primals for `cotangents` of the result."""
        given, found = tree.flatten(cotangents)
        if found != structure:
            raise InvalidArgument(
                "the cotangent is no tree like the result: "
                f"{tree.difference(found, structure)}."
            )
        seeds = [_seed(g, t) for g, t in zip(given, tensors, strict=True)]
        if not conjugate:
            return run.pull(tensors, seeds, False)
        return conjugated(run.pull(tensors, conjugated(seeds), False))

    out = tree.unflatten(structure, [run.released(x) for x in leaves])
    return (out, pullback, tree.map(run.released, aux)) if has_aux else (out, pullback)


@overload
def grad(
    f: Differentiable[P],
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    conjugate: bool = False,
) -> Derivative[P]: ...
@overload
def grad(
    f: Callable[..., object],
    argnums: int | tuple[int, ...],
    has_aux: bool = False,
    holomorphic: bool = False,
    conjugate: bool = False,
) -> Callable[..., Any]: ...
@spelled
def grad(
    f: Callable[..., object],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    conjugate: bool = False,
) -> Callable[..., Any]:
    """A function that returns the gradient of `f`, where `f` returns one real number.

    It takes the arguments of `f` and returns the derivative of the result with respect to each
    element of the chosen arguments. Arguments may be pytrees of floating arrays: models, lists,
    dictionaries and classes registered with `gg.tree.register`. The gradient is zero where `f` does
    not depend on an argument. Transforms nest: `gg.grad(gg.grad(f))` is a second derivative.

    For complex arguments, the gradient is the direction of steepest ascent; that of `abs(z) ** 2`
    is `2 * z`.

    Args:
        f: A function of arrays, written with NumPy, CuPy or `gg`.
        argnums: The positional arguments to differentiate with respect to. A number gives a tree
            like that argument, a tuple of numbers gives a tuple of trees.
        has_aux: Whether `f` returns a pair `(number, aux)`, of which only the number is
            differentiated.
        holomorphic: Whether `f` is a holomorphic function of complex arguments with one complex
            result. The result is then its complex derivative.
        conjugate: Whether to give the conjugates of complex gradients, as JAX does.

    Returns:
        A function with the parameters of `f`, which returns the gradient; with `has_aux`, the pair
        `(gradient, aux)`.

    Raises:
        NotDifferentiable: If the result of `f` is not one such number, or an argument to
            differentiate by is not floating. The function that is returned raises it.

    Example:
        >>> def loss(w, x):
        ...     return np.sum((w * x - 1) ** 2)
        >>> gg.grad(loss)(np.array([2.0, 0.5]), np.array([1.0, 2.0]))
        array([2., 0.])
        >>> gg.grad(gg.grad(lambda x: x**3))(2.0)
        array(12.)
        >>> by_both = gg.grad(loss, argnums=(0, 1))(np.array([2.0]), np.array([1.0]))
        >>> by_both
        (array([2.]), array([4.]))
        >>> gg.grad(lambda p: p["a"] * p["b"])({"a": 3.0, "b": 4.0})
        {'a': array(4.), 'b': array(3.)}
    """
    both = value_and_grad(f, argnums, has_aux, holomorphic, conjugate)

    @wraps(f)
    def gradient(*args: object, **kwargs: object) -> object:
        value, gradients = both(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return gradient


@overload
def value_and_grad(
    f: Differentiable[P],
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    conjugate: bool = False,
) -> ValueAndGradient[P]: ...
@overload
def value_and_grad(
    f: Callable[..., object],
    argnums: int | tuple[int, ...],
    has_aux: bool = False,
    holomorphic: bool = False,
    conjugate: bool = False,
) -> Callable[..., tuple[Any, Any]]: ...
@spelled
def value_and_grad(
    f: Callable[..., object],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    conjugate: bool = False,
) -> Callable[..., tuple[Any, Any]]:
    """A function that returns both the value of `f` and its gradient, in one run.

    Use it in a training loop: the value comes at no extra cost. Everything else is as for
    `gg.grad`.

    Args:
        f: A function of arrays that returns one real number.
        argnums: Which positional arguments to differentiate by: a number, or a tuple of numbers.
        has_aux: Whether `f` returns a pair `(number, aux)`.
        holomorphic: Whether `f` is a holomorphic function of complex arguments.
        conjugate: Whether to give the conjugates of complex gradients, as JAX does.

    Returns:
        A function with the parameters of `f`, which returns `(value, gradient)`; with `has_aux`, it
        returns `((value, aux), gradient)`.

    Raises:
        NotDifferentiable: If the result of `f` is not one such number, or an argument to
            differentiate by is not floating. The function that is returned raises it.

    Example:
        >>> gg.value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 3.0]))
        (array(10.), array([2., 6.]))
        >>> def loss(x):
        ...     error = x - 1
        ...     return np.sum(error**2), error
        >>> (value, error), slope = gg.value_and_grad(loss, has_aux=True)(np.array([3.0]))
        >>> value, error, slope
        (array(4.), array([2.]), array([4.]))
    """
    several = isinstance(argnums, tuple | list)
    chosen = (argnums,) if type(argnums) is int else places_of("argnums", argnums)

    @wraps(f)
    @on_their_device
    def value_and_gradient(*args: object, **kwargs: object) -> tuple[object, object]:
        run = _Run(f, args, kwargs, positions_of(chosen, len(args)))
        out, aux = split_aux(run.out) if has_aux else (run.out, None)
        result = _number(out, holomorphic)
        if holomorphic:
            check_complex([args[i] for i in positions_of(chosen, len(args))])
        seed = namespace_of(result._value).one(result._value)
        gradients = run.pull([result], [seed], True)
        if conjugate or holomorphic:                # the gradient conjugates the derivative
            gradients = conjugated(gradients)
        value = run.released(out)
        if has_aux:
            value = (value, tree.map(run.released, aux))
        return value, gradients if several else gradients[0]

    return value_and_gradient


def stop_gradient(x: T) -> T:
    """The pytree `x` unchanged, except that no gradient flows back through it.

    Tensors in the result are untracked: their values count as constants. Use it to keep a target, a
    baseline or a straight-through estimate out of a gradient. Leaves that are not Tensors stay the
    same objects.

    Example:
        >>> gg.grad(lambda x: x * gg.stop_gradient(x))(3.0)
        array(3.)
        >>> def rounded(x):
        ...     return x + gg.stop_gradient(gg.round(x) - x)
        >>> gg.grad(rounded)(2.7)
        array(1.)
    """
    found: T = tree.map(lambda t: Tensor(t._value) if isinstance(t, Tensor) else t, x)
    return found


class _Run:
    """One run of a function on aliases of its arguments, ready to be swept."""

    def __init__(
        self,
        f: Callable[..., object],
        args: Sequence[object],
        kwargs: Mapping[str, object],
        positions: tuple[int, ...],
    ) -> None:
        self.recorded_outside = is_recording()
        self.foreign: dict[Node, bool] = {}         # whether others track what lies below a node
        self.trees = [tree.flatten(args[i]) for i in positions]
        self.tracer = tracer_here()
        self.given_tensor = self.tracer is not None         # what is traced is in Tensors
        aliases = [[self._alias(x, args) for x in leaves] for leaves, _ in self.trees]
        # The nodes, because the function may write to the handles and thereby give them others.
        self.targets = {
            x._edge[0]: x._value for group in aliases for x in group if x._edge is not None
        }
        inner = list(args)
        for i, group, (_, structure) in zip(positions, aliases, self.trees, strict=True):
            inner[i] = tree.unflatten(structure, group)
        first = next(iter(self.targets.values()), None)
        xp = default() if first is None or type(first) is Batched else namespace_of(first)
        if open_checks:
            begin_watching()
        try:
            self.out = called_holding(
                recording, True, called_holding, within, xp, f, *inner, **kwargs
            )
        except Exception as error:
            check_refused(error, args)
            raise
        finally:
            for node in self.targets:
                if node.vjp is None:
                    node.settings = ENDED
        if open_checks:
            check_data(f, args, kwargs, self.out)

    def _alias(self, x: object, args: Sequence[object]) -> Tensor:
        """A fresh tracked Tensor of the same value, joined to the graph that `x` belongs to."""
        if not isinstance(x, Tensor):
            return leaf(leaf_as_array(x, args), settings=ALIAS)
        self.given_tensor = True
        if x._edge is None or not self.recorded_outside:
            value = stands_for(x._value)
            if self.tracer is not None and type(value) is not Batched:
                value = self.tracer.opened(x)
            return leaf(value, settings=ALIAS)
        value = stands_for(x._value)
        node = Node(_identity(), (), (x._edge,), (), value.shape, value.dtype)
        return Tensor(value, (node, 0))

    def pull(
        self, outputs: list[Tensor], seeds: list[Array], free: bool
    ) -> tuple[object, ...]:
        """Trees of cotangents of the arguments, given those of `outputs`."""
        pairs = [(t._edge, g) for t, g in zip(outputs, seeds, strict=True) if t._edge is not None]
        roots = [edge[0] for edge, _ in pairs]
        only, foreign = leading_to(self.targets, roots)
        if len(roots) == 1:
            self.foreign[roots[0]] = foreign
        if only is not None:
            pairs = [(edge, g) for edge, g in pairs if edge[0] in only]
        tracked_seed = any(isinstance(g, Tensor) and g._edge is not None for _, g in pairs)
        recorded = is_recording() and (foreign or tracked_seed)
        raw = self._namespace(pairs)
        if recorded:
            lifted = [(edge, g if isinstance(g, Tensor) else Tensor(g)) for edge, g in pairs]
            # Where nobody else tracks the graph, only the seed does: what was saved is constant.
            lift: Lift = Tensor if foreign else _constant
            planned.count_direct(raw, "it is recorded, to be differentiated itself")
            found = sweep(
                lifted, raw, xp=registry.namespace, lift=lift, targets=self.targets, only=only
            )
        else:
            plain = [(edge, g._value if isinstance(g, Tensor) else g) for edge, g in pairs]
            found = planned.sweep(
                plain, raw, targets=self.targets, only=only, free=free and not foreign
            )
        as_tensor = recorded or self.given_tensor
        shares = iter([_result(found.get(n), x, as_tensor) for n, x in self.targets.items()])
        return tuple(
            tree.unflatten(structure, [next(shares) for _ in leaves])
            for leaves, structure in self.trees
        )

    def _namespace(self, pairs: Sequence[tuple[Edge, Array]]) -> Namespace:
        values = [g._value if isinstance(g, Tensor) else g for _, g in pairs]
        first = namespace_of(values[0]) if values else default()
        return namespace_for(values, first)

    def released(self, x: object) -> object:
        """A result of the function for the caller: an array of its own, or a Tensor if tracked.

        Tracked by someone else, that is: the aliases of this run do not count.
        """
        if not isinstance(x, Tensor):
            return copied(x)
        if x._edge is not None and self.recorded_outside:
            root = x._edge[0]
            if root not in self.foreign:
                self.foreign[root] = leading_to(self.targets, [root])[1]
            if self.foreign[root]:
                return x
        value = copied(x._value)
        return Tensor(value) if self.given_tensor or isinstance(value, StandIn) else value


def copied(x: Any) -> Any:
    """An array of its own with the values of an array; what is none stays as it is."""
    return namespace_of(x).copy(x) if hasattr(x, "shape") and hasattr(x, "dtype") else x


def _result(g: Array | None, primal: Array, as_tensor: bool) -> Array:
    """The cotangent `g` (`None` for zeros) of `primal`, as the caller gets it."""
    if g is None:
        g = namespace_of(primal).zeros_like(primal)
    if isinstance(g, Tensor):
        return Tensor(g._value, g._edge)            # a handle of its own: writing to it rebinds it
    return Tensor(g) if as_tensor or isinstance(g, StandIn) else g


def _constant(value: Array, edge: Edge) -> Array:
    return value


def _identity() -> Vjp:
    rule: Vjp = registry.get_op("copy").rules[1]
    return rule


def leaf_as_array(x: object, beside: Sequence[object] = ()) -> Array:
    """A leaf of a tree as an array; a number as a 0-d array of the backend of the trees `beside`.

    Without an array in these, it is the default backend.
    """
    tracer = tracer_here()
    number = isinstance(x, bool | int | float | complex)
    if tracer is not None:
        return default().asarray(x) if number else tracer.traced(x)
    if number or is_numpy_scalar(x):
        return home_of(tree.leaves(list(beside))).asarray(x)
    return namespace_of(x).as_array(x)


def _seed(g: object, output: Tensor) -> Array:
    """The cotangent `g` of `output`, checked and with its dtype."""
    xp = namespace_of(output._value)
    given = g._value if isinstance(g, Tensor) else g
    with together("a result and its cotangent", (output._value, given)):
        spread = type(output._value) is Batched and not isinstance(given, StandIn)
        if isinstance(g, Tensor) and (g._edge is not None or not spread):
            seed: Array = g
        elif is_inexact(output.dtype):
            seed = xp.asarray(given, dtype=output.dtype)
        else:
            seed = xp.asarray(given)
    if type(output._value) is Batched and not isinstance(seed, Tensor | Batched):
        seed = xp.batch_spread(seed, level=output._value.level)
    if seed.shape != output.shape:
        raise InvalidArgument(
            f"a cotangent has shape {seed.shape}; expected {output.shape}, that of the result."
        )
    return seed


def positions_of(argnums: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The places, from 0 on, of the arguments `argnums` of a call with `count` of them."""
    for i in argnums:
        if not -count <= i < count:
            raise InvalidArgument(
                f"argnums names argument {i}, but the call has {count} positional arguments."
                f"{'' if count else ' Give it by its place, not by its name.'}"
            )
    positions = tuple(i % count for i in argnums)
    if len(set(positions)) < len(positions):
        raise InvalidArgument(f"argnums {argnums} names an argument twice; name each once.")
    return positions


def without_aux(f: Callable[..., object], found: list[object]) -> Callable[..., object]:
    """`f`, which returns `(result, aux)`, as a function that returns the result alone.

    Each run adds its `aux`, untracked, to `found`.
    """

    def run(*args: object, **kwargs: object) -> object:
        result, aux = split_aux(f(*args, **kwargs))
        found.append(stop_gradient(aux))
        return result

    return run


def split_aux(out: object) -> tuple[object, ...]:
    """What a function returned with `has_aux`; raises `InvalidArgument` for anything but a pair."""
    if not isinstance(out, tuple) or len(out) != 2:
        raise InvalidArgument(
            "with has_aux=True the function must return a pair (result, aux); it returned "
            f"{type(out).__name__}."
        )
    return out


def _number(out: object, holomorphic: bool) -> Tensor:
    """The result of a function whose gradient is asked for, as a Tensor; raises if it has none."""
    kind = "complex" if holomorphic else "real"
    if not isinstance(out, Tensor):
        if not hasattr(out, "shape") and not isinstance(out, int | float | complex):
            raise NotDifferentiable(
                f"the function returned a {type(out).__name__}; for a gradient it must return one "
                f"{kind} number. For more results use gg.vjp, or has_aux=True."
            )
        return _number(Tensor(leaf_as_array(out)), holomorphic)
    shape = out.shape
    if shape and prod(shape) == 1:
        number = registry.namespace.reshape(out, ())
        assert isinstance(number, Tensor)
        out, shape = number, ()
    if shape != () or is_complex(out.dtype) != holomorphic or not is_inexact(out.dtype):
        instead = "." if holomorphic else ", take gg.real of it, or use gg.vjp."
        raise NotDifferentiable(
            f"the function returned an array of shape {out.shape} and dtype {out.dtype}; for a "
            f"gradient it must return one {kind} number. Reduce it, for example with gg.sum"
            f"{instead}"
        )
    return out
