"""Functions written for gpugrad, PyTorch and JAX alike, to go over the bridges between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import gpugrad as gg

RNG = np.random.default_rng(7)


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape)


@dataclass(frozen=True)
class Row:
    """One function, in three libraries: the last two get the modules that they need.

    `smooth` says whether second derivatives can be compared with differences.
    """

    name: str
    args: tuple[Any, ...]
    ours: Callable[..., Any]
    torch: Callable[[Any], Callable[..., Any]]
    jax: Callable[[Any, Any], Callable[..., Any]]
    smooth: bool = True

    def __str__(self) -> str:
        return self.name


def _rnn(xp: Any) -> Callable[..., Any]:
    def unrolled(u: Any, w: Any, xs: Any) -> Any:
        h = xs[0] * 0
        for x in xs:
            h = xp.tanh(u @ h + w @ x)
        return h

    return unrolled


def _scanned(u: Any, w: Any, xs: Any) -> Any:
    def step(h: Any, x: Any) -> tuple[Any, None]:
        return gg.tanh(u @ h + w @ x), None

    return gg.scan(step, gg.zeros_like(xs[0]), xs)[0]


MODEL = gg.nn.MLP([3, 4, 2], activation="tanh", rng=0, dtype="float64")
LEAVES, STRUCTURE = gg.tree.flatten(MODEL)


def _mlp(xp: Any) -> Callable[..., Any]:
    return lambda leaves, x: xp.tanh(x @ leaves[0] + leaves[1]) @ leaves[2] + leaves[3]


LABELS = np.array([0, 2, 1, 1])
ORDER = np.array([[2, 0], [1, 1], [0, 2]])
ZERO_ROW = np.array([[3.0, 4.0], [0.0, 0.0]])


def _norms(jnp: Any) -> Callable[[Any], Any]:
    def norms(x: Any) -> Any:                       # JAX's own has NaN at 0
        squares = jnp.sum(x * x, axis=-1)
        safe = jnp.where(squares == 0, 1.0, squares)
        return jnp.where(squares == 0, 0.0, jnp.sqrt(safe))

    return norms


def _several(xp: Any) -> Callable[[Any], Any]:
    return lambda x: {"sum": x.sum(), "twice": [2 * x, x.argmax()], "name": "several"}


ROWS = [
    Row(
        "elementwise", (normal(3), normal(3)),
        lambda x, y: gg.sin(x) * gg.exp(-(y**2)),
        lambda t: lambda x, y: t.sin(x) * t.exp(-(y**2)),
        lambda jax, jnp: lambda x, y: jnp.sin(x) * jnp.exp(-(y**2)),
    ),
    Row(
        "numpy's own functions", (normal(2, 3),),
        lambda x: np.mean(np.tanh(x) ** 2, axis=0),
        lambda t: lambda x: t.mean(t.tanh(x) ** 2, dim=0),
        lambda jax, jnp: lambda x: jnp.mean(jnp.tanh(x) ** 2, axis=0),
    ),
    Row(
        "matmul", (normal(2, 3), normal(3, 4)),
        lambda a, b: a @ b, lambda t: lambda a, b: a @ b, lambda jax, jnp: lambda a, b: a @ b,
    ),
    Row(
        "conv2d", (normal(1, 2, 4, 4), normal(2, 2, 3, 3)),
        lambda x, w: gg.nn.conv2d(x, w, padding=1),
        lambda t: lambda x, w: t.nn.functional.conv2d(x, w, padding=1),
        lambda jax, jnp: lambda x, w: jax.lax.conv(x, w, (1, 1), "SAME"),
    ),
    Row(
        "softmax loss", (normal(4, 3), LABELS),
        lambda x, labels: gg.mean(gg.nn.softmax_cross_entropy(x, labels)),
        lambda t: lambda x, labels: t.nn.functional.cross_entropy(x, labels),
        lambda jax, jnp: lambda x, labels: -jnp.mean(
            jnp.take_along_axis(jax.nn.log_softmax(x), labels[:, None], 1)
        ),
    ),
    Row(
        "solve", (normal(3, 3) + 3 * np.eye(3), normal(3)),
        gg.linalg.solve, lambda t: t.linalg.solve, lambda jax, jnp: jnp.linalg.solve,
    ),
    Row(
        "scan", (normal(3, 3), normal(3, 3), normal(4, 3)),
        _scanned, _rnn, lambda jax, jnp: _rnn(jnp),
    ),
    Row(
        "fft", (normal(6),),
        lambda x: gg.abs(gg.fft.rfft(x)) ** 2,
        lambda t: lambda x: t.abs(t.fft.rfft(x)) ** 2,
        lambda jax, jnp: lambda x: jnp.abs(jnp.fft.rfft(x)) ** 2,
    ),
    Row(
        "complex", (normal(3) + 1j * normal(3), normal(3)),
        lambda z, x: gg.exp(z * x) * gg.conj(z),
        lambda t: lambda z, x: t.exp(z * x) * t.conj(z),
        lambda jax, jnp: lambda z, x: jnp.exp(z * x) * jnp.conj(z),
    ),
    Row(
        "MLP", (LEAVES, normal(5, 3)),
        lambda leaves, x: gg.tree.unflatten(STRUCTURE, leaves)(x), _mlp,
        lambda jax, jnp: _mlp(jnp),
    ),
    Row(
        "gg.jit", (normal(2, 3), normal(3)),
        gg.jit(lambda a, b: gg.tanh(a @ b)),
        lambda t: lambda a, b: t.tanh(a @ b),
        lambda jax, jnp: jax.jit(lambda a, b: jnp.tanh(a @ b)),
    ),
    Row(
        "sort", (normal(3, 4),),
        lambda x: gg.sort(x, axis=-1) ** 2,
        lambda t: lambda x: t.sort(x, dim=-1).values ** 2,
        lambda jax, jnp: lambda x: jnp.sort(x, axis=-1) ** 2,
    ),
    Row(
        "gather", (normal(3, 2), ORDER),
        lambda x, i: gg.take_along_axis(x, i, axis=0) ** 3,
        lambda t: lambda x, i: t.gather(x, 0, i) ** 3,
        lambda jax, jnp: lambda x, i: jnp.take_along_axis(x, i, axis=0) ** 3,
    ),
    Row(
        "norm at 0", (ZERO_ROW,),
        lambda x: gg.linalg.vector_norm(x, axis=-1),
        lambda t: lambda x: t.linalg.vector_norm(x, dim=-1),
        lambda jax, jnp: _norms(jnp), smooth=False,
    ),
    Row(
        "embedding", (normal(4, 2), LABELS),
        lambda table, i: table[i] ** 2, lambda t: lambda table, i: table[i] ** 2,
        lambda jax, jnp: lambda table, i: table[i] ** 2,
    ),
    Row(
        "several results", (normal(4),), _several(gg), _several, lambda jax, jnp: _several(jnp),
    ),
    Row(
        "trees", ({"a": normal(2), "b": [normal(3), (normal(1), None)]},),
        lambda p: {"c": gg.sin(p["a"]), "d": (p["b"][0] * p["b"][1][0],)},
        lambda t: lambda p: {"c": t.sin(p["a"]), "d": (p["b"][0] * p["b"][1][0],)},
        lambda jax, jnp: lambda p: {"c": jnp.sin(p["a"]), "d": (p["b"][0] * p["b"][1][0],)},
    ),
    Row(
        "layer norm", (normal(2, 4),),
        lambda x: (x - gg.mean(x, axis=-1, keepdims=True)) / gg.std(x, axis=-1, keepdims=True),
        lambda t: lambda x: (x - x.mean(-1, keepdim=True)) / x.std(-1, correction=0, keepdim=True),
        lambda jax, jnp: lambda x: (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True),
    ),
    Row(
        "cholesky", (normal(3, 3),),
        lambda a: gg.linalg.cholesky(a @ a.T + 3 * np.eye(3)),
        lambda t: lambda a: t.linalg.cholesky(a @ a.T + 3 * t.eye(3, dtype=a.dtype)),
        lambda jax, jnp: lambda a: jnp.linalg.cholesky(a @ a.T + 3 * jnp.eye(3)),
    ),
    Row(
        "cumulative", (normal(4),),
        lambda x: gg.cumulative_sum(x) * gg.cumulative_prod(x),
        lambda t: lambda x: t.cumsum(x, 0) * t.cumprod(x, 0),
        lambda jax, jnp: lambda x: jnp.cumsum(x) * jnp.cumprod(x),
    ),
    Row(
        "where", (normal(5), normal(5)),
        lambda x, y: gg.where(x > 0, x * y, gg.maximum(x, y)),
        lambda t: lambda x, y: t.where(x > 0, x * y, t.maximum(x, y)),
        lambda jax, jnp: lambda x, y: jnp.where(x > 0, x * y, jnp.maximum(x, y)), smooth=False,
    ),
    Row(
        "einsum", (normal(2, 3), normal(2, 4), normal(3)),
        lambda a, b, c: gg.einsum("ij,ik,j->k", a, b, c),
        lambda t: lambda a, b, c: t.einsum("ij,ik,j->k", a, b, c),
        lambda jax, jnp: lambda a, b, c: jnp.einsum("ij,ik,j->k", a, b, c),
    ),
    Row(
        "numbers and words", (normal(3), 3, "sum"),
        lambda x, n, how: getattr(gg, how)(x**n),
        lambda t: lambda x, n, how: getattr(t, how)(x**n),
        lambda jax, jnp: lambda x, n, how: getattr(jnp, how)(x**n),
    ),
    Row(
        "without axes, and empty", (np.array(0.5), normal(0, 3), normal(2)),
        lambda x, e, y: (x * y, gg.sum(e) + x, e * x),
        lambda t: lambda x, e, y: (x * y, t.sum(e) + x, e * x),
        lambda jax, jnp: lambda x, e, y: (x * y, jnp.sum(e) + x, e * x),
    ),
]  # fmt: skip


def moving(args: tuple[Any, ...]) -> list[np.ndarray]:
    """The leaves of arguments that are differentiated by."""
    return [x for x in gg.tree.leaves(args) if is_moving(x)]


def is_moving(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def with_moving(args: tuple[Any, ...], others: Any) -> tuple[Any, ...]:
    """The arguments with others in the places of these leaves."""
    leaves, structure = gg.tree.flatten(args)
    given = iter(others)
    made: tuple[Any, ...] = gg.tree.unflatten(
        structure, [next(given) if is_moving(x) else x for x in leaves]
    )
    return made


def loss(results: list[Any], real: Callable[[Any], Any]) -> Any:
    """One real number of all results that move, which weighs each element differently."""
    total: Any = 0.0
    for k, y in enumerate(results):
        total = total + (real(y * (0.7 + 0.4j)) * (1.3 + k)).sum() + (real(y) ** 2).sum()
    return total
