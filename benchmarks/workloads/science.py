"""Simulation and scientific computing: differential equations, bodies, kernels, finance."""

from __future__ import annotations

from math import sqrt
from types import SimpleNamespace
from typing import Any

from workloads.workload import Draw, Program, Workload, differentiated, with_gradient

STEPS, TIME = 1000, 0.01
"""Of the method of Runge and Kutta."""

SOFTENING = 0.01


def _pendulums(n: int) -> tuple[Any, ...]:
    """Angles, speeds, stiffness and damping of `n` pendulums."""
    draw = Draw("float64")
    start = (draw.normal(n), draw.normal(n))
    return ((*start, draw.uniform(1, 2, n), draw.uniform(0.1, 0.2, n)),)


def _step(xp: Any, x: Any, v: Any, stiffness: Any, damping: Any) -> Any:
    """One of RK4."""

    def force(x: Any, v: Any) -> Any:
        return -stiffness * xp.sin(x) - damping * v

    half = TIME / 2
    a1 = force(x, v)
    v2 = v + half * a1
    a2 = force(x + half * v, v2)
    v3 = v + half * a2
    a3 = force(x + half * v2, v3)
    v4 = v + TIME * a3
    a4 = force(x + TIME * v3, v4)
    x = x + TIME / 6 * (v + 2 * v2 + 2 * v3 + v4)
    return x, v + TIME / 6 * (a1 + 2 * a2 + 2 * a3 + a4)


def _rk4(xp: Any) -> Program:
    def loss(params: Any) -> Any:
        x, v, stiffness, damping = params

        def step(state: Any, _: Any) -> Any:
            return _step(xp, *state, stiffness, damping), None

        (x, v), _ = xp.scan(step, (x, v), None, length=STEPS)
        return xp.sum(x**2 + v**2)

    return loss


def _torch_rk4(torch: Any) -> Program:
    def loss(params: Any) -> Any:
        x, v, stiffness, damping = params
        for _ in range(STEPS):
            x, v = _step(torch, x, v, stiffness, damping)
        return (x**2 + v**2).sum()

    return loss


def _bodies(n: int) -> tuple[Any, ...]:
    draw = Draw()
    return draw.normal(n, 3), draw.uniform(0.5, 1.5, n)


def _accelerations(xp: Any) -> Program:
    def run(x: Any, mass: Any) -> Any:
        d = x[None] - x[:, None]
        square = (d * d).sum(-1) + SOFTENING
        return (d * (mass / (square * xp.sqrt(square)))[..., None]).sum(1)

    return run


def _potential(xp: Any) -> Program:
    def run(x: Any, mass: Any) -> Any:
        d = x[None] - x[:, None]
        return (mass[:, None] * mass / xp.sqrt((d * d).sum(-1) + SOFTENING)).sum()

    return run


def _two_sets(size: tuple[int, int]) -> tuple[Any, ...]:
    n, width = size
    draw = Draw()
    return draw.normal(n, width), draw.normal(n, width)


def _kernel(xp: Any) -> Program:
    def run(x: Any, y: Any) -> Any:
        d = x[:, None] - y[None]
        return xp.exp(-0.5 * (d * d).sum(-1))

    return run


def _kernel_sum(xp: Any) -> Program:
    kernel = _kernel(xp)
    return lambda x, y: kernel(x, y).sum()


def _observations(n: int) -> tuple[Any, ...]:
    """Logarithms of length, height and noise; squared distances; and observed values."""
    draw = Draw("float64")
    x = draw.uniform(0, 10, n)
    y = Draw("float64").normal(n, scale=0.1)
    return draw.normal(3, scale=0.1) - 1, (x[:, None] - x) ** 2, y


def _gaussian_process(xp: Any, solve_triangular: Program) -> Program:
    """The negative logarithm of the marginal likelihood."""

    def loss(params: Any, squares: Any, y: Any) -> Any:
        length, height, noise = xp.exp(params[0]), xp.exp(params[1]), xp.exp(params[2])
        n = len(y)
        covariance = height * xp.exp(-0.5 * squares / length**2) + noise * xp.eye(n)
        lower = xp.linalg.cholesky(covariance)
        half = solve_triangular(lower, y, lower=True)
        return 0.5 * (half @ half) + xp.sum(xp.log(xp.diagonal(lower)))

    return loss


def _torch_gaussian_process(torch: Any) -> Program:
    def loss(params: Any, squares: Any, y: Any) -> Any:
        length, height, noise = params.exp()
        covariance = height * torch.exp(-0.5 * squares / length**2)
        covariance = covariance + noise * torch.eye(len(y), dtype=y.dtype)
        lower = torch.linalg.cholesky(covariance)
        half = torch.linalg.solve_triangular(lower, y[:, None], upper=False)
        return 0.5 * (half * half).sum() + lower.diagonal().log().sum()

    return loss


def _collocation(size: tuple[int, int]) -> tuple[Any, ...]:
    """A network 1 -> width -> width -> 1, and points between -1 and 1."""
    points, width = size
    draw = Draw()
    params = (draw.layer(1, width), draw.layer(width, width), draw.layer(width, 1))
    return params, draw.uniform(-1, 1, points, 1)


def _network(xp: Any, params: Any, x: Any) -> Any:
    (w1, b1), (w2, b2), (w3, b3) = params
    return xp.tanh(xp.tanh(x @ w1 + b1) @ w2 + b2) @ w3 + b3


def _physics(xp: Any) -> Program:
    """The residual of u'' + u = x, with derivatives of each point for itself."""

    def loss(params: Any, x: Any) -> Any:
        def u(x: Any) -> Any:
            return _network(xp, params, x)[0]

        def slope(x: Any) -> Any:
            return xp.grad(u)(x)[0]

        def residual(x: Any) -> Any:
            return xp.grad(slope)(x)[0] + u(x) - x[0]

        return xp.mean(xp.vmap(residual)(x) ** 2)

    return loss


def _torch_physics(torch: Any) -> Program:
    """With derivatives of all points at once."""

    def loss(params: Any, x: Any) -> Any:
        x = x.detach().requires_grad_()
        u = _network(torch, params, x)
        (slope,) = torch.autograd.grad(u.sum(), x, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), x, create_graph=True)
        return ((bend + u - x) ** 2).mean()

    return loss


def _options(n: int) -> tuple[Any, ...]:
    """Prices and volatilities; strikes, times and rates."""
    draw = Draw("float64")
    spot, volatility = draw.uniform(80, 120, n), draw.uniform(0.1, 0.4, n)
    return (spot, volatility), draw.uniform(80, 120, n), draw.uniform(0.2, 2, n)


def _black_scholes(xp: Any) -> Program:
    """The prices of call options, at a rate of 2 %."""
    rate = 0.02

    def price(of: Any, strike: Any, time: Any) -> Any:
        spot, volatility = of
        spread = volatility * xp.sqrt(time)
        d1 = (xp.log(spot / strike) + (rate + 0.5 * volatility**2) * time) / spread
        d2 = d1 - spread
        share, chance = (0.5 + 0.5 * xp.erf(d * sqrt(0.5)) for d in (d1, d2))
        return spot * share - strike * xp.exp(-rate * time) * chance

    return price


def _all_prices(xp: Any) -> Program:
    price = _black_scholes(xp)
    return lambda *args: price(*args).sum()


def _by_hand_black_scholes(np: Any) -> Program:
    from scipy.special import erf

    return _black_scholes(SimpleNamespace(sqrt=np.sqrt, log=np.log, exp=np.exp, erf=erf))


ROWS = (
    Workload(
        "RK4 of 1,000 steps, gradient",
        {"1 pendulum": 1, "100 pendulums": 100},
        _pendulums,
        differentiated(_rk4),
        differentiated(_rk4),
        with_gradient(_torch_rk4),
    ),
    Workload(
        "N-body, accelerations",
        {"100 bodies": 100, "500 bodies": 500},
        _bodies,
        _accelerations,
        _accelerations,
        _accelerations,
        _accelerations,
    ),
    Workload(
        "N-body, gradient of the potential",
        {"100 bodies": 100, "500 bodies": 500},
        _bodies,
        differentiated(_potential),
        differentiated(_potential),
        with_gradient(_potential),
    ),
    Workload(
        "kernel matrix",
        {"100 x 100, width 8": (100, 8), "500 x 500, width 8": (500, 8)},
        _two_sets,
        _kernel,
        _kernel,
        _kernel,
        _kernel,
    ),
    Workload(
        "kernel matrix, gradient",
        {"100 x 100, width 8": (100, 8), "500 x 500, width 8": (500, 8)},
        _two_sets,
        differentiated(_kernel_sum),
        differentiated(_kernel_sum),
        with_gradient(_kernel_sum),
    ),
    Workload(
        "Gaussian process, gradient",
        {"50 points": 50, "200 points": 200},
        _observations,
        differentiated(lambda gg: _gaussian_process(gg, gg.linalg.solve_triangular)),
        differentiated(lambda jax: _gaussian_process(jax, jax.solve_triangular)),
        with_gradient(_torch_gaussian_process),
    ),
    Workload(
        "physics-informed network, gradient",
        {"64 points, width 16": (64, 16), "1,000 points, width 32": (1000, 32)},
        _collocation,
        differentiated(_physics),
        differentiated(_physics),
        with_gradient(_torch_physics),
    ),
    Workload(
        "Black-Scholes",
        {"10^4 options": 10**4, "10^6 options": 10**6},
        _options,
        _black_scholes,
        _black_scholes,
        _black_scholes,
        _by_hand_black_scholes,
    ),
    Workload(
        "Black-Scholes, gradient",
        {"10^4 options": 10**4, "10^6 options": 10**6},
        _options,
        differentiated(_all_prices),
        differentiated(_all_prices),
        with_gradient(_all_prices),
    ),
)
