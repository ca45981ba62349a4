"""A public function of another library that is written to the Array API standard, at a point."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from importlib import import_module
from typing import Any
from zlib import crc32

import numpy as np
from array_api_compat import array_namespace, device

Draw = Callable[[np.random.Generator], Any]


class Case:
    """The function with the dotted public name `name`, called as `call(f, *arrays)`.

    `arrays` are differentiated: each is an array or a function that draws one. Nothing is imported
    before `function` is asked for, because SciPy reads SCIPY_ARRAY_API when it is imported.
    """

    def __init__(
        self, name: str, *arrays: Any, call: Callable[..., Any] | None = None, label: str = ""
    ) -> None:
        self.name = name
        self.arrays = arrays
        self.call = call or (lambda f, *arrays: f(*arrays))
        self.id = f"{name}({label})" if label else name

    @property
    def function(self) -> Any:
        """What the name stands for; the part of it that is a module is found by importing."""
        parts = self.name.split(".")
        for n in range(len(parts), 0, -1):
            try:
                module = import_module(".".join(parts[:n]))
            except ModuleNotFoundError:
                continue
            return reduce(getattr, parts[n:], module)
        raise ModuleNotFoundError(self.name)

    def point(self) -> tuple[Any, ...]:
        """The arrays, the same in every run and whatever cases stand beside this one."""
        generator = np.random.default_rng(crc32(self.id.encode()))
        return tuple(x(generator) if callable(x) else np.asarray(x) for x in self.arrays)

    def run(self, *arrays: Any) -> list[Any]:
        """The floating results for `arrays`, which are of one library."""
        found: list[Any] = []
        _collect(self.call(self.function, *arrays), found)
        return found


def _collect(result: Any, into: list[Any]) -> None:
    if hasattr(result, "dtype"):
        if result.dtype.kind in "fc":
            into.append(result)
    elif isinstance(result, list | tuple):
        for part in result:
            _collect(part, into)
    elif hasattr(result, "__dict__"):               # a result object of SciPy
        for name, part in vars(result).items():
            if not name.startswith("_"):
                _collect(part, into)


def P(*shape: int) -> Draw:
    """Numbers from 0.2 to 0.9, in a random order and nowhere near a tie."""
    size = int(np.prod(shape))
    return lambda rng: (
        0.2 + 0.7 * (rng.permutation(size) + rng.uniform(0.2, 0.8, size)) / max(size, 1)
    ).reshape(shape)


def N(*shape: int) -> Draw:
    """Normal numbers."""
    return lambda rng: rng.normal(size=shape)


def Z(*shape: int) -> Draw:
    """Normal complex numbers."""
    return lambda rng: rng.normal(size=shape) + 1j * rng.normal(size=shape)


def rising(size: int) -> Draw:
    """Numbers about 1 apart, from 0 on."""
    return lambda rng: np.arange(size) + rng.uniform(0.1, 0.4, size)


def xp_of(x: Any) -> Any:
    """The namespace of `x`, as such code asks for it."""
    return array_namespace(x)


def like(x: Any, data: Any) -> Any:
    """`data` as an array beside `x`, which is not differentiated."""
    return xp_of(x).asarray(data, device=device(x))
