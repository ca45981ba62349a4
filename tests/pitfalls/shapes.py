"""Broadcasting, products, reductions and dtypes: rows 1 to 3 and 16 to 20."""

from __future__ import annotations

from typing import Any

import numpy as np

from pitfalls.judge import WrongValue, collector, gradient, holds, same

CHECKS, check = collector()

SELECT = [True, False, True]
CUBE, TABLE, SQUARE = np.ones((2, 3, 2)), np.ones((4, 2)), np.arange(9.0).reshape(3, 3)
LEVELS = [[[1.0], [2.0], [3.0]]]
BY_LEVEL = np.broadcast_to(LEVELS, (2, 3, 2))


def _select(library: Any, x: Any) -> Any:
    return library.xp.where(library.array(SELECT), x, 0.0)


def _clip(library: Any, x: Any) -> Any:
    return library.xp.clip(x, library.array([0.0, 6.0, 0.0]), library.array([9.0, 9.0, 9.0]))


CHECKS += [
    gradient(1, "where, (1,) beside (3,)", _select, [[5.0]], [2]),
    gradient(1, "where, () beside (3,)", _select, [5.0], 2),
    gradient(1, "clip, (1,) between bounds of (3,)", _clip, [[5.0]], [2]),
    gradient(2, "float32", _select, [[1.0, 2.0, 3.0]], [1, 0, 1], dtype="float32"),
    gradient(
        3, "(3,) to (4, 3)", lambda lib, x: lib.xp.broadcast_to(x, (4, 3)), [[1.0] * 3], [4] * 3
    ),
    gradient(16, "ii->", lambda lib, x: lib.xp.einsum("ii->", x), [SQUARE], np.eye(3)),
    gradient(
        16,
        "ij->j",
        lambda lib, x: lib.xp.einsum("ij->j", x) * lib.array([1.0, 2.0]),
        [TABLE],
        [[1, 2]] * 4,
    ),
    gradient(
        16,
        "nd,nn->d",
        lambda lib, a, b: lib.xp.einsum("nd,nn->d", a, b),
        [np.ones((3, 2)), SQUARE],
        [[0, 0], [4, 4], [8, 8]],
        2 * np.eye(3),
    ),
    gradient(
        16,
        "i,i-> of sizes 2 and 1",
        lambda lib, a, b: lib.xp.einsum("i,i->", a, b),
        [[1.0, 2.0], [5.0]],
        [5, 5],
        [3],
    ),
    gradient(
        16, "an operand twice", lambda lib, x: lib.xp.einsum("i,i->", x, x), [[1.0, 2.0]], [2, 4]
    ),
    gradient(17, "(4, 2)", lambda lib, x: lib.xp.trace(x), [TABLE], np.eye(4, 2)),
]

PRODUCTS = {
    "vector, vector": ((3,), (3,), 1, 1),
    "matrix, vector": ((2, 3), (3,), 1, 2),
    "vector, matrix": ((3,), (3, 2), 2, 1),
    "batches broadcast": ((2, 1, 2, 3), (4, 3, 2), 8, 4),
    "nothing to add up": ((2, 0), (0, 3), 3, 2),
    "no rows": ((0, 2), (2, 3), 3, 0),
}
"""Shapes of two operands, all ones, and the constants that their gradients are."""

CHECKS += [
    gradient(
        18,
        name,
        lambda lib, a, b: lib.xp.matmul(a, b),
        [np.ones(a), np.ones(b)],
        np.full(a, of_a),
        np.full(b, of_b),
    )
    for name, (a, b, of_a, of_b) in PRODUCTS.items()
]


@check(18, "operands without axes are refused")
def _(library: Any) -> None:
    x = library.array(2.0)
    try:
        found = library.gradients(lambda x: library.xp.matmul(x, x), x)
    except Exception:
        return
    raise WrongValue(f"found {found}, wanted an error, as from NumPy")


CHECKS += [
    gradient(
        19,
        "sum, axes (0, -1), kept",
        lambda lib, x: lib.xp.sum(x, axis=(0, -1), keepdims=True) * lib.array(LEVELS, "float32"),
        [CUBE],
        BY_LEVEL,
        dtype="float32",
    ),
    gradient(
        19,
        "mean, axes (0, -1), kept",
        lambda lib, x: lib.xp.mean(x, axis=(0, -1), keepdims=True) * lib.array(LEVELS, "float32"),
        [CUBE],
        BY_LEVEL / 4,
        dtype="float32",
    ),
    gradient(
        19,
        "var, ddof 1",
        lambda lib, x: lib.xp.var(x, axis=0, ddof=1),
        [[[1.0, 2.0], [3.0, 5.0]]],
        [[-2, -3], [2, 3]],
        dtype="float32",
    ),
    gradient(
        19,
        "mean, axis of length 1",
        lambda lib, x: lib.xp.mean(x, axis=0),
        [[[1.0, 2.0]]],
        [[1, 1]],
        dtype="float32",
    ),
    gradient(
        19,
        "var, axis of length 1",
        lambda lib, x: lib.xp.var(x, axis=0, ddof=0),
        [[[1.0, 2.0]]],
        [[0, 0]],
        dtype="float32",
    ),
]

FACTORS = {
    "a float64 array": lambda lib: lib.array([0.5] * 3, "float64"),
    "a Python float": lambda lib: 0.5,
    "a NumPy float64": lambda lib: np.float64(0.5),
}

CHECKS += [
    gradient(
        20,
        f"float32 times {name}",
        lambda lib, x, factor=factor: x * factor(lib),
        [[1.0, 2.0, 3.0]],
        [0.5] * 3,
        dtype="float32",
    )
    for name, factor in FACTORS.items()
]


@check(20, "integers are refused clearly")
def _(library: Any) -> None:
    x = library.array([1, 2, 3], "int64")
    try:
        found = library.gradients(lambda x: library.xp.sum(x * 2), x)
    except Exception as error:
        text = str(error).lower()
        holds("int" in text or "float" in text, f"the error does not name the dtype: {error}")
        return
    shown = [None if g is None else library.numpy(g).tolist() for g in found]
    raise WrongValue(f"found {shown}, wanted an error that names the dtype")


@check(20, "an integer beside a float is a constant")
def _(library: Any) -> None:
    x, n = library.array([1.0, 2.0], "float32"), library.array([3, 4], "int64")
    (g,) = library.gradients(lambda x: library.xp.sum(x * n), x)
    same(library, g, [3, 4], dtype="float32")
