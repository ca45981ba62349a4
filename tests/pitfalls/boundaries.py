"""Complex numbers, plain NumPy, other libraries, many results: rows 30 and 32 to 34."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from pitfalls.judge import NotApplicable, WrongValue, collector, holds, same

CHECKS, check = collector()

Z = [3 + 4j, 1 - 2j]


def _as_ascent(library: Any, f: Callable[[Any], Any], wanted: Any) -> bool | None:
    """Whether the gradient of `f` at Z is `wanted` and not its conjugate; raises if neither."""
    (g,) = library.gradients(f, library.array(Z, "complex128"))
    g, wanted = library.numpy(g), np.asarray(wanted)
    ascent, conjugate = np.allclose(g, wanted), np.allclose(g, wanted.conj())
    holds(ascent or conjugate, f"found {g}, wanted {wanted} or its conjugate")
    return bool(ascent)


@check(30, "one convention for |z|**2 and norm")
def _(library: Any) -> None:
    z = np.array(Z)
    square = _as_ascent(library, lambda z: library.xp.sum(library.xp.abs(z) ** 2), 2 * z)
    norm = _as_ascent(library, lambda z: library.xp.norm(z), z / np.linalg.norm(z))
    holds(square == norm, "the gradients of |z|**2 and of norm follow two conventions")


@check(30, "a complex result is refused, or differentiated as holomorphic")
def _(library: Any) -> None:
    z = library.array(Z, "complex128")
    try:
        (g,) = library.gradients(lambda z: library.xp.sum(z * z), z)
    except NotApplicable:
        raise
    except Exception:
        return
    g, wanted = library.numpy(g), 2 * np.array(Z)
    holds(
        np.allclose(g, wanted) or np.allclose(g, wanted.conj()),
        f"found {g}, wanted an error, or {wanted} or its conjugate",
    )


C = np.array([5.0, 7.0])

LEAVING: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "np.square": (lambda x: x * np.square(x), [12, 27]),
    "np.asarray": (lambda x: x * np.asarray(x), [4, 6]),
    "float": (lambda x: x * float(x[0]), [7, 2]),
    "np.stack of a list": (lambda x: x * np.stack([x, x]), [8, 12]),
    "np.array of a list": (lambda x: x * np.array([x[0], x[1]]), [4, 6]),
    "dot of an array": (lambda x: x * C.dot(x), [56, 66]),
    "an array times it": (lambda x: x * (C * x), [20, 42]),
}
"""Programs that leave the library for a factor, and their gradients at (2, 3)."""


def _leaving(f: Callable[[Any], Any], wanted: list[float]) -> Callable[[Any], None]:
    def program(library: Any) -> None:
        x = library.array([2.0, 3.0])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                (g,) = library.gradients(lambda x: f(x).sum(), x)
            except NotApplicable:
                raise
            except Exception:
                return                              # refused
        if not caught:
            same(library, g, wanted)

    return program


for _name, (_f, _wanted) in LEAVING.items():
    check(32, _name)(_leaving(_f, _wanted))


@check(33, "refused, with the names of both")
def _(library: Any) -> None:
    x, other = library.array([1.0, 2.0]), library.foreign([3.0, 4.0])
    try:
        found = library.gradients(lambda x: library.xp.sum(library.xp.multiply(x, other)), x)
    except Exception as error:
        text = str(error)
        for name in (type(a).__module__.partition(".")[0] for a in (x, other)):
            holds(name in text, f"the error does not name {name}: {text}")
        return
    raise WrongValue(f"found {found}, wanted an error")


@check(34, "many results are refused, or added up")
def _(library: Any) -> None:
    x = library.array([1.0, 2.0])
    try:
        (g,) = library.gradients(lambda x: x * 3.0, x)
    except Exception:
        return
    same(library, g, [3, 3])


@check(34, "a result that does not depend")
def _(library: Any) -> None:
    x, z = library.array([1.0, 2.0], "float32"), library.array([3.0], "float32")
    _, gz = library.gradients(lambda x, z: library.xp.sum(x * x), x, z)
    if gz is not None:                              # a tape may leave it so
        same(library, gz, [0], dtype="float32")
