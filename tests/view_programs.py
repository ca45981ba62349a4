"""Random programs of views, writes, reads and in-place operators: the same text for any library.

A program is a list of statements over arrays `v[0]`, `v[1]`, … Each is drawn by running it on plain
NumPy arrays, so that its indices and shapes are right; what NumPy refuses is no statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Statement = Callable[[list[Any], Any], None]
"""It takes the arrays and the namespace, and adds or changes arrays."""


@dataclass
class Program:
    """What to run on arrays of `shapes`. `text` says it, for a person who looks for a fault."""

    shapes: list[tuple[int, ...]]
    statements: list[Statement] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def run(self, arrays: list[Any], xp: Any) -> list[Any]:
        v = [x * 1 for x in arrays]                 # arrays of its own, to write into
        for statement in self.statements:
            statement(v, xp)
        return v

    def total(self, arrays: list[Any], xp: Any) -> Any:
        """A number that depends on every element of every array, each in another way."""
        total = 0
        for k, x in enumerate(self.run(arrays, xp)):
            n = int(np.prod(x.shape))
            weights = np.sin(np.arange(n) + k).reshape(x.shape)
            total = total + xp.sum(weights * x * x)
        return total

    def __str__(self) -> str:
        return "\n".join([f"shapes {self.shapes}", *self.text])


SIDES = (0, 1, 1, 2, 2, 3, 4)


def draw_program(rng: np.random.Generator, length: int = 8) -> Program:
    """A random program of about that many statements."""
    count = rng.integers(1, 3)
    shapes = [
        tuple(int(n) for n in rng.choice(SIDES, size=rng.integers(1, 4))) for _ in range(count)
    ]
    if rng.random() < 0.8:                          # most without arrays that are empty
        shapes = [tuple(max(n, 1) for n in shape) for shape in shapes]
    program = Program(shapes)
    start = [rng.normal(size=shape) for shape in shapes]
    v = program.run(start, np)
    for _ in range(length):
        name = str(rng.choice(list(KINDS), p=WEIGHTS))
        i = int(rng.integers(len(v)))
        drawn = KINDS[name](rng, v, i)
        if drawn is None:
            continue
        text, statement = drawn
        try:
            statement(v, np)
        except (ValueError, IndexError, TypeError):  # a shape that does not fit, or read-only
            v = program.run(start, np)
            continue
        # NumPy's scalars are no arrays, and cannot be written to.
        if any(isinstance(x, np.generic) or x.size > 200 for x in v):
            v = program.run(start, np)
            continue
        program.statements.append(statement)
        program.text.append(text)
    return program


def basic_key(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """A key of integers, slices, `None` and `...`."""
    key: list[Any] = []
    for n in shape:
        kind = rng.random()
        if kind < 0.25 and n:
            key.append(int(rng.integers(-n, n)))
        elif kind < 0.8:
            bounds = [None, None, 0, 1, -1, n]
            start, stop = (bounds[rng.integers(len(bounds))] for _ in range(2))
            key.append(slice(start, stop, (None, 1, 2, -1, -2)[rng.integers(5)]))
        else:
            break
    for extra in (None, ...):
        if rng.random() < 0.3:
            key.insert(int(rng.integers(len(key) + 1)), extra)
    return tuple(key)


def any_key(rng: np.random.Generator, x: np.ndarray) -> Any:
    """A key of any kind, also of masks and of integers in a list, which every library takes."""
    kind = rng.random()
    if kind < 0.6 or not x.ndim or not x.size:
        return basic_key(rng, x.shape)
    if kind < 0.75:
        return (rng.random(x.shape) < 0.4).tolist()
    n = x.shape[0]
    rows = rng.integers(-n, n, size=int(rng.integers(1, 4))).tolist()
    if kind < 0.85 and x.ndim > 1:
        return rows, slice(None, None, -1)
    return rows


def _view(make: Callable[[Any, Any], Any], text: str) -> tuple[str, Statement]:
    def statement(v: list[Any], xp: Any) -> None:
        found = make(v, xp)
        v.extend(found if isinstance(found, list | tuple) else [found])

    return f"v += {text}", statement


def _getitem(rng: Any, v: Any, i: int) -> Any:
    key = basic_key(rng, v[i].shape)
    return _view(lambda v, xp: v[i][key], f"v[{i}][{key}]")


def _permute(rng: Any, v: Any, i: int) -> Any:
    axes = tuple(int(a) for a in rng.permutation(v[i].ndim))
    kind = rng.integers(3)
    if kind == 0 and v[i].ndim == 2:
        return _view(lambda v, xp: v[i].T, f"v[{i}].T")
    if kind == 1 and v[i].ndim > 1:
        a, b = int(rng.integers(v[i].ndim)), int(rng.integers(-v[i].ndim, 0))
        if rng.random() < 0.5:
            return _view(lambda v, xp: xp.moveaxis(v[i], a, b), f"moveaxis(v[{i}], {a}, {b})")
        return _view(lambda v, xp: xp.swapaxes(v[i], a, b), f"swapaxes(v[{i}], {a}, {b})")
    return _view(lambda v, xp: xp.permute_dims(v[i], axes), f"permute_dims(v[{i}], {axes})")


def shape_of_size(rng: Any, n: int) -> tuple[int, ...]:
    shape: list[int] = []
    rest = n
    while rest > 1 and len(shape) < 3:
        side = int(rng.choice([d for d in range(2, rest + 1) if rest % d == 0]))
        shape.append(side)
        rest //= side
    shape = [*shape, rest] if rest > 1 or not n else shape
    if rng.random() < 0.3:
        shape.insert(int(rng.integers(len(shape) + 1)), 1)
    if shape and n and rng.random() < 0.3:
        shape[int(rng.integers(len(shape)))] = -1
    return tuple(shape)


def _reshape(rng: Any, v: Any, i: int) -> Any:
    shape = shape_of_size(rng, v[i].size)
    if rng.random() < 0.25:
        return _view(lambda v, xp: xp.ravel(v[i]), f"ravel(v[{i}])")
    if rng.random() < 0.3:
        return _view(lambda v, xp: v[i].reshape(shape), f"v[{i}].reshape({shape})")
    return _view(lambda v, xp: xp.reshape(v[i], shape), f"reshape(v[{i}], {shape})")


def _lengths(rng: Any, v: Any, i: int) -> Any:
    ndim = v[i].ndim
    kind = rng.integers(4)
    if kind == 0:
        axis = int(rng.integers(-ndim - 1, ndim + 1))
        return _view(lambda v, xp: xp.expand_dims(v[i], axis=axis), f"expand_dims(v[{i}], {axis})")
    if kind == 1:
        return _view(lambda v, xp: xp.atleast_2d(v[i]), f"atleast_2d(v[{i}])")
    ones = [a for a, n in enumerate(v[i].shape) if n == 1]
    if kind == 2 and ones:
        axis = int(rng.choice(ones))
        return _view(lambda v, xp: xp.squeeze(v[i], axis=axis), f"squeeze(v[{i}], {axis})")
    return _view(lambda v, xp: xp.squeeze(v[i]), f"squeeze(v[{i}])")


def _turn(rng: Any, v: Any, i: int) -> Any:
    ndim = v[i].ndim
    if not ndim:
        return None
    axis = int(rng.integers(-ndim, ndim))
    kind = rng.integers(3)
    if kind == 0 and ndim > 1:
        k = int(rng.integers(-1, 5))
        return _view(lambda v, xp: xp.rot90(v[i], k), f"rot90(v[{i}], {k})")
    if kind == 1:
        return _view(lambda v, xp: xp.flip(v[i]), f"flip(v[{i}])")
    return _view(lambda v, xp: xp.flip(v[i], axis=axis), f"flip(v[{i}], {axis})")


def _apart(rng: Any, v: Any, i: int) -> Any:
    if not v[i].ndim:
        return None
    axis = int(rng.integers(v[i].ndim))
    n = v[i].shape[axis]
    if not 0 < n < 4:
        return None
    if rng.random() < 0.5:
        return _view(
            lambda v, xp: xp.split(v[i], n, axis=axis), f"split(v[{i}], {n}, axis={axis})"
        )
    if v[i].ndim == 1:                              # NumPy's unstack of a vector gives scalars
        return None
    return _view(
        lambda v, xp: [x[...] for x in xp.unstack(v[i], axis=axis)], f"unstack(v[{i}], {axis})"
    )


def _parts(rng: Any, v: Any, i: int) -> Any:
    kind = rng.integers(4)
    if kind == 0:
        return _view(lambda v, xp: xp.real(v[i]), f"real(v[{i}])")
    if kind == 1 and v[i].ndim > 1:
        return _view(lambda v, xp: xp.diagonal(v[i]), f"diagonal(v[{i}])")
    if kind == 2:
        shape = (2, *v[i].shape)
        return _view(lambda v, xp: xp.broadcast_to(v[i], shape), f"broadcast_to(v[{i}], {shape})")
    return _view(lambda v, xp: v[i].view(), f"v[{i}].view()")


def _copy(rng: Any, v: Any, i: int) -> Any:
    kind = rng.integers(6)
    j = int(rng.integers(len(v)))
    if kind == 0:
        return _view(lambda v, xp: v[i].copy(), f"v[{i}].copy()")
    if kind == 1:
        return _view(lambda v, xp: v[i].flatten(), f"v[{i}].flatten()")
    if kind == 2 and v[i].ndim:
        return _view(lambda v, xp: xp.repeat(v[i], 2, axis=0), f"repeat(v[{i}], 2)")
    if kind == 3:
        return _view(lambda v, xp: xp.tile(v[i], (1,)), f"tile(v[{i}], 1)")
    if kind == 4:
        return _view(lambda v, xp: v[i] + 1, f"v[{i}] + 1")
    return _view(lambda v, xp: v[i] * v[j], f"v[{i}] * v[{j}]")


def _value(rng: Any, v: Any) -> tuple[str, Callable[[Any], Any]]:
    """What is written: a number, an array, or something read of another one."""
    kind = rng.random()
    if kind < 0.3:
        number = float(rng.normal())
        return f"{number:.3f}", lambda v: number
    j = int(rng.integers(len(v)))
    if kind < 0.5 and v[j].ndim:
        key = basic_key(rng, v[j].shape)
        return f"v[{j}][{key}]", lambda v: v[j][key]
    if kind < 0.7:
        return f"0.5 * v[{j}]", lambda v: 0.5 * v[j]
    return f"v[{j}]", lambda v: v[j]


def _write(rng: Any, v: Any, i: int) -> Any:
    key = any_key(rng, v[i])
    text, value = _value(rng, v)

    mask = isinstance(key, list) and np.asarray(key).dtype == np.bool_
    if mask and np.may_share_memory(v[i], np.asarray(value(v))):
        return None                                 # NumPy reads there what it has just written

    def statement(v: list[Any], xp: Any) -> None:
        v[i][key] = value(v)

    return f"v[{i}][{key}] = {text}", statement


def _write_in_place(rng: Any, v: Any, i: int) -> Any:
    key = any_key(rng, v[i])
    text, value = _value(rng, v)

    def statement(v: list[Any], xp: Any) -> None:
        v[i][key] += value(v)

    return f"v[{i}][{key}] += {text}", statement


def _in_place(rng: Any, v: Any, i: int) -> Any:
    text, value = _value(rng, v)
    kind = int(rng.integers(3))
    symbol = ("+", "-", "*")[kind]

    def statement(v: list[Any], xp: Any) -> None:
        x = v[i]
        if kind == 0:
            x += value(v)
        elif kind == 1:
            x -= value(v)
        else:
            x *= value(v)

    return f"v[{i}] {symbol}= {text}", statement


KINDS: dict[str, Callable[[Any, Any, int], Any]] = {
    "getitem": _getitem,
    "permute": _permute,
    "reshape": _reshape,
    "lengths": _lengths,
    "turn": _turn,
    "apart": _apart,
    "parts": _parts,
    "copy": _copy,
    "write": _write,
    "write_in_place": _write_in_place,
    "in_place": _in_place,
}
_SHARES = (3, 2, 3, 1.5, 1.5, 1, 1, 1.5, 4, 2, 3)
WEIGHTS = [share / sum(_SHARES) for share in _SHARES]
