"""Adam with memory that is given up: over many small arrays, and over a long one."""

from __future__ import annotations

from typing import Any

from workloads.workload import Array, Draw, Program, Workload

RATE, B1, B2, EPSILON = 1e-3, 0.9, 0.999, 1e-8

SHAPES = ((16, 16), (16,), (8, 32), (32,))
"""Of small arrays, in turn."""


def _arguments(params: tuple[Array, ...], draw: Draw) -> tuple[Any, ...]:
    """Parameters; steps and both means, after one step; and gradients."""
    grads = tuple(draw.normal(*p.shape) for p in params)
    means = tuple(0.1 * g for g in grads)
    squares = tuple(draw.uniform(0.5, 1, *p.shape) for p in params)
    return params, (1, means, squares), grads


def _small(n: int) -> tuple[Any, ...]:
    draw = Draw()
    return _arguments(tuple(draw.normal(*SHAPES[i % len(SHAPES)]) for i in range(n)), draw)


def _long(n: int) -> tuple[Any, ...]:
    draw = Draw()
    return _arguments((draw.normal(n),), draw)


def _gpugrad(gg: Any) -> Program:
    optimiser = gg.optim.adam(RATE, B1, B2, EPSILON)

    def step(params: Any, state: Any, grads: Any) -> Any:
        updates, state = optimiser.update(grads, gg.optim.AdamState(*state), params)
        return gg.optim.apply_updates(params, updates), tuple(state)

    return step


def _jax(jax: Any) -> Program:
    def step(params: Any, state: Any, grads: Any) -> Any:
        count, means, squares = state
        count = count + 1
        size, root = RATE / (1 - B1**count), (1 - B2**count) ** -0.5
        means = jax.tree.map(lambda m, g: B1 * m + (1 - B1) * g, means, grads)
        squares = jax.tree.map(lambda s, g: B2 * s + (1 - B2) * g * g, squares, grads)
        params = jax.tree.map(
            lambda p, m, s: (p - size * m / (jax.numpy.sqrt(s) * root + EPSILON)).astype(p.dtype),
            params,
            means,
            squares,
        )
        return params, (count, means, squares)

    return step


def _torch(torch: Any) -> Program:
    """In place, by the kernel that does all at once."""
    made: list[Any] = []

    def step(params: Any, state: Any, grads: Any) -> Any:
        if not made:
            made.append(torch.optim.Adam(params, RATE, (B1, B2), EPSILON, fused=True))
            for p, m, s, g in zip(params, *state[1:], grads, strict=True):
                p.grad = g
                count = torch.tensor(float(state[0]))
                made[0].state[p] = {"step": count, "exp_avg": m, "exp_avg_sq": s}
        made[0].step()
        return params, (state[0] + 1, *state[1:])

    return step


def _by_hand(np: Any) -> Program:
    """In place, with a buffer for each shape."""
    buffers: dict[Any, Any] = {}

    def step(params: Any, state: Any, grads: Any) -> Any:
        count = state[0] + 1
        size, root = RATE / (1 - B1**count), (1 - B2**count) ** -0.5
        for p, m, s, g in zip(params, *state[1:], grads, strict=True):
            if p.shape not in buffers:
                buffers[p.shape] = np.empty_like(p), np.empty_like(p)
            u, v = buffers[p.shape]
            np.multiply(m, B1, out=m)
            np.multiply(g, 1 - B1, out=u)
            np.add(m, u, out=m)
            np.multiply(s, B2, out=s)
            np.multiply(g, g, out=u)
            np.multiply(u, 1 - B2, out=u)
            np.add(s, u, out=s)
            np.sqrt(s, out=v)
            np.multiply(v, root, out=v)
            np.add(v, EPSILON, out=v)
            np.multiply(m, size, out=u)
            np.divide(u, v, out=u)
            np.subtract(p, u, out=p)
        return params, (count, *state[1:])

    return step


def _row(name: str, sizes: dict[str, int], make: Any) -> Workload:
    return Workload(name, sizes, make, _gpugrad, _jax, _torch, _by_hand, donated=2)


ROWS = (
    _row("Adam over small arrays", {"20 arrays": 20, "400 arrays": 400}, _small),
    _row("Adam over one array", {"10^4": 10**4, "10^6": 10**6}, _long),
)
