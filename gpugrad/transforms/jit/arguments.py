"""The arguments of a call under `gg.jit`: their leaves, and the signature that they have."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import (
    Batched,
    Namespace,
    StandIn,
    default,
    is_numpy_scalar,
    namespace_of,
)
from gpugrad.backends.devices import current_device, device_of, of_several, on, several
from gpugrad.backends.one_place import check_library
from gpugrad.backends.strides import order_of
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.tracing.integer_ranges import Range, range_of
from gpugrad.tracing.tracer import tracer_here
from gpugrad.transforms.jit.statics import structure_token, token
from gpugrad.types import NUMBERS, Shape, Value

Kind: TypeAlias = "type | tuple[type, Range | int] | tuple[type, Shape, str]"
"""What of a leaf a plan depends on: of a number its type, of an integer also its range or, where it
has none, itself; of an array its type, shape and dtype."""


class Signature(NamedTuple):
    """What a plan depends on of arguments: equal for those that it serves.

    `structures` are the trees of those by position, `named` those by name; their `tokens` tell what
    equal ones do not. `orders` are there once the order in memory counts.
    """

    structures: tuple[tree.Structure, ...]
    named: tuple[tuple[str, tree.Structure], ...]
    tokens: tuple[Hashable, ...]
    kinds: tuple[Kind, ...]                         # of the leaves
    static: tuple[tuple[int, Hashable], ...]
    static_named: tuple[tuple[str, Hashable], ...]
    place: int | None
    orders: tuple[Shape | None, ...] | None = None


class Arguments:
    """The arguments of a call: their leaves, and the signature that they have.

    `place` is the number of the GPU that they belong to, which is part of the signature: kernels
    are loaded for one of them. It is `None` where there are not several, and on the host.
    `namespace` is the one of all arrays; NumPy scalars go with any other array. Raises
    `MixedBackends` where there are several.
    """

    def __init__(
        self,
        args: tuple[object, ...],
        kwargs: dict[str, object],
        *,
        donate_argnums: tuple[int, ...],
        static_argnums: tuple[int, ...],
        static_argnames: tuple[str, ...],
    ) -> None:
        n = len(args)
        self.static = _positions(static_argnums, n)
        self.static_names = {name for name in static_argnames if name in kwargs}
        donated = _positions(donate_argnums, n)
        trees = [
            tree.flatten(None if i in self.static else x) for i, x in enumerate(args)
        ]
        named = {k: tree.flatten(v) for k, v in kwargs.items() if k not in self.static_names}
        leaves = [leaf for part, _ in (*trees, *named.values()) for leaf in part]
        tensors = [x for x in leaves if isinstance(x, Tensor)]
        # By a transform around the call: they are tracked, or of a batch.
        self.followed = any(x._edge is not None or type(x._value) is Batched for x in tensors)
        self.given_tensor = bool(tensors)
        self._given = leaves
        plain = [_plain(x) for x in leaves]
        arrays = [x for x in plain if type(x) not in NUMBERS]
        leading = [x for x in arrays if not is_numpy_scalar(x)] or arrays
        check_library("gg.jit", plain)
        xp: Namespace = namespace_of(leading[0]) if leading else default()
        self.namespace = xp
        self.place = self._place(leading)
        with on(self.place):
            self.leaves = [xp.as_array(x) if is_numpy_scalar(x) else x for x in plain]
        flags = [i in donated for i, (part, _) in enumerate(trees) for _ in part]
        self.donated = [
            given and type(x) not in NUMBERS
            for x, given in zip(self.leaves, flags, strict=False)
        ]
        self.orders: list[Shape | None] = []
        self.structures = [structure for _, structure in trees]
        self.named = {k: structure for k, (_, structure) in named.items()}
        rest = iter(self.leaves)
        self.args = tuple(
            x if i in self.static else tree.unflatten(structure, [next(rest) for _ in part])
            for i, (x, (part, structure)) in enumerate(zip(args, trees, strict=True))
        )
        self.kwargs = {
            k: tree.unflatten(named[k][1], [next(rest) for _ in named[k][0]])
            if k in named
            else v
            for k, v in kwargs.items()
        }
        try:
            self.signature = Signature(
                tuple(self.structures),
                tuple(self.named.items()),
                tuple(map(structure_token, (*self.structures, *self.named.values()))),
                tuple(_kind(x) for x in self.leaves),
                tuple((i, _static(args[i])) for i in sorted(self.static)),
                tuple((k, _static(kwargs[k])) for k in sorted(self.static_names)),
                self.place,
            )
            hash(self.signature)
        except TypeError as error:
            raise InvalidArgument(
                f"a static argument cannot be hashed ({error}): pass it as a tuple, or not as "
                "static."
            ) from error

    def _place(self, arrays: Sequence[Value | np.generic]) -> int | None:
        """That of the arrays, of which all must be on one; without any, the current device."""
        if not of_several():
            return None
        number = device_of("gg.jit", arrays)
        at_current = number is None and self.namespace.name == "cupy"
        return current_device() if at_current else number

    def in_order(self) -> None:
        """Let the order in memory be part of the signature: the function writes to views.

        Nothing is donated then, because results take memory in an order of their own.
        """
        self.orders = [
            None if isinstance(x, int | float | complex) else order_of(x) for x in self.leaves
        ]
        self.donated = [False] * len(self.donated)
        self.signature = self.signature._replace(orders=tuple(self.orders))

    def statics(self) -> list[object]:
        """The values of the static arguments."""
        return [self.args[i] for i in self.static] + [self.kwargs[k] for k in self.static_names]

    def handles(self) -> Iterator[Value]:
        """The leaves in Tensors of their own, so that nobody else sees a write to them."""
        tracer = tracer_here()
        for x, plain in zip(self._given, self.leaves, strict=True):
            if isinstance(plain, (int, float, complex)):
                yield plain
            elif tracer is None or type(plain) is Batched:
                yield Tensor(plain, x._edge if isinstance(x, Tensor) else None)
            elif isinstance(x, Tensor):
                yield Tensor(tracer.opened(x), x._edge)
            else:
                yield Tensor(tracer.traced(plain))

    def filled(self, leaves: Iterator[Value]) -> tuple[tuple[object, ...], dict[str, object]]:
        """Arguments like these with other leaves."""
        args = tuple(
            x
            if i in self.static
            else tree.unflatten(structure, [next(leaves) for _ in range(structure.num_leaves)])
            for i, (x, structure) in enumerate(zip(self.args, self.structures, strict=True))
        )
        named = {
            k: tree.unflatten(structure, [next(leaves) for _ in range(structure.num_leaves)])
            for k, structure in self.named.items()
        }
        return args, {k: named.get(k, v) for k, v in self.kwargs.items()}

    def returned(self, result: object) -> object:
        """A result as the caller gets it: of Tensors, if some were given."""
        if not self.given_tensor:
            return result
        return tree.map(lambda x: Tensor(x) if hasattr(x, "shape") else x, result)


def form(
    args: tuple[object, ...],
    kwargs: dict[str, object],
    static: tuple[tuple[int, ...], tuple[str, ...]],
) -> Hashable:
    """What tells nearly all signatures apart, for a part of the time that a signature takes.

    `None` where something cannot be hashed.
    """
    numbers, names = static
    if not (kwargs or numbers or names or several):
        plain: list[object] = []
        for x in args:
            if type(x) is np.ndarray:
                plain.append((x.shape, x.dtype))
            elif type(x) in NUMBERS:
                plain.append(type(x))
            else:
                break
        else:                                       # no trees, as in most calls
            return tuple(plain)
    try:
        fixed: list[Hashable] = []
        if numbers or names:
            at = _positions(numbers, len(args))
            fixed += [token(args[i]) for i in sorted(at)]
            fixed += [(name, token(kwargs[name])) for name in names if name in kwargs]
            args = tuple([None if i in at else x for i, x in enumerate(args)])
            kwargs = {name: x for name, x in kwargs.items() if name not in names}
        leaves, structure = tree.flatten((args, kwargs))
        found = (
            structure,
            *fixed,
            *[(type(x), getattr(x, "shape", None), getattr(x, "dtype", None)) for x in leaves],
        )
        if several:
            found = *found, device_of("gg.jit", leaves)
        hash(found)
    except TypeError:
        return None
    return found


def _positions(argnums: tuple[int, ...], n: int) -> set[int]:
    """The positions among `n` arguments that `argnums` names, from either end."""
    return {i % n for i in argnums if -n <= i < n} if n else set()


def _plain(x: Value | np.generic) -> Value | np.generic:
    """A leaf as an array, a NumPy scalar or a number."""
    if isinstance(x, Tensor):
        x = x._value
    if type(x) in NUMBERS or isinstance(x, StandIn) or is_numpy_scalar(x):
        return x
    if not hasattr(x, "shape") or not hasattr(x, "dtype"):
        raise UnsupportedOperand(
            f"an argument of a function under gg.jit holds a {type(x).__name__}; expected arrays "
            "and numbers. A model of an own class becomes a tree of arrays by @gg.tree.register "
            f"above class {type(x).__name__}; an argument that decides what the function does is "
            "named in static_argnums or static_argnames."
        )
    xp = namespace_of(x)
    return xp.as_array(x)


def _static(x: object) -> Hashable:
    hash(x)
    return token(x)


def is_traced(x: Value) -> bool:
    """Whether a number is an input of plans.

    An integer of more than 64 bits decides as a static one does.
    """
    return type(x) is not int or range_of(x) is not None


def _kind(x: Value) -> Kind:
    if type(x) is int:
        return int, range_of(x) or x
    return type(x) if isinstance(x, (int, float, complex)) else (type(x), x.shape, str(x.dtype))
