"""Statistical models, many gradients at once, and derivatives beyond the gradient."""

from __future__ import annotations

from typing import Any

from workloads.workload import Draw, Program, Workload, differentiated, with_gradient


def _classified(size: tuple[int, int]) -> tuple[Any, ...]:
    """Weights, rows of features, and classes of 1 and -1."""
    n, features = size
    draw = Draw()
    return draw.normal(features), draw.normal(n, features), 2 * draw.uniform(0, 1, n).round() - 1


def _logistic(xp: Any) -> Program:
    return lambda w, x, y: xp.mean(xp.softplus(-y * (x @ w)))


def _torch_logistic(torch: Any) -> Program:
    def loss(w: Any, x: Any, y: Any) -> Any:
        return torch.nn.functional.softplus(-y * (x @ w)).mean()

    return loss


def _by_hand_logistic(np: Any) -> Program:
    def run(w: Any, x: Any, y: Any) -> Any:
        margin = y * (x @ w)
        small = np.exp(-np.abs(margin))
        loss = np.mean(np.maximum(-margin, 0) + np.log1p(small))
        share = np.where(margin > 0, small, np.float32(1)) / (1 + small)
        return loss, (share * y) @ x * np.float32(-1 / len(y))

    return run


def _ratings(size: tuple[int, int, int]) -> tuple[Any, ...]:
    """Factors, ratings, and which of these are known."""
    n, m, rank = size
    draw = Draw()
    known = draw.uniform(0, 1, n, m) < 0.3
    return (draw.normal(n, rank), draw.normal(m, rank)), draw.normal(n, m), known


def _factorisation(xp: Any) -> Program:
    def loss(factors: Any, ratings: Any, known: Any) -> Any:
        u, v = factors
        return xp.mean(xp.where(known, u @ v.T - ratings, 0.0) ** 2)

    return loss


def _torch_factorisation(torch: Any) -> Program:
    def loss(factors: Any, ratings: Any, known: Any) -> Any:
        u, v = factors
        return (torch.where(known, u @ v.T - ratings, 0.0) ** 2).mean()

    return loss


def _by_hand_factorisation(np: Any) -> Program:
    def run(factors: Any, ratings: Any, known: Any) -> Any:
        u, v = factors
        off = (u @ v.T - ratings) * known
        share = off * np.float32(2 / off.size)
        return np.mean(off * off), (share @ v, share.T @ u)

    return run


def _samples(n: int) -> tuple[Any, ...]:
    draw = Draw()
    return (draw.layer(64, 128), draw.layer(128, 10)), draw.normal(n, 64), draw.integers(10, n)


def _classifier(xp: Any) -> Program:
    def loss(params: Any, x: Any, label: Any) -> Any:
        (w1, b1), (w2, b2) = params
        return xp.softmax_cross_entropy(xp.relu(x @ w1 + b1) @ w2 + b2, label)

    return loss


def _per_sample(xp: Any) -> Program:
    return xp.vmap(xp.grad(_classifier(xp)), in_axes=(None, 0, 0))  # type: ignore[no-any-return]


def _torch_per_sample(torch: Any) -> Program:
    def loss(params: Any, x: Any, label: Any) -> Any:
        (w1, b1), (w2, b2) = params
        return torch.nn.functional.cross_entropy(torch.relu(x @ w1 + b1) @ w2 + b2, label)

    grads = torch.func.grad(loss)
    return torch.func.vmap(grads, in_dims=(None, 0, 0))  # type: ignore[no-any-return]


def _models(n: int) -> tuple[Any, ...]:
    """Parameters of `n` networks 8 -> 32 -> 1, and one batch for all."""
    draw = Draw()
    first = (draw.normal(n, 8, 32, scale=0.35), draw.normal(n, 32, scale=0.1))
    second = (draw.normal(n, 32, 1, scale=0.2), draw.normal(n, 1, scale=0.1))
    return (first, second), draw.normal(32, 8), draw.normal(32, 1)


def _regression(xp: Any) -> Program:
    def loss(params: Any, x: Any, y: Any) -> Any:
        (w1, b1), (w2, b2) = params
        return xp.mean((xp.tanh(x @ w1 + b1) @ w2 + b2 - y) ** 2)

    return loss


def _ensemble(xp: Any) -> Program:
    found = xp.vmap(xp.grad(_regression(xp)), in_axes=(0, None, None))
    return found  # type: ignore[no-any-return]


def _torch_ensemble(torch: Any) -> Program:
    """Batched products, and the sum of the losses, whose gradients are those of each."""

    def losses(params: Any, x: Any, y: Any) -> Any:
        (w1, b1), (w2, b2) = params
        h = torch.tanh(torch.baddbmm(b1[:, None], x.expand(len(w1), -1, -1), w1))
        return ((torch.baddbmm(b2[:, None], h, w2) - y) ** 2).mean((1, 2)).sum()

    run = with_gradient(lambda torch: losses)(torch)
    return lambda *args: run(*args)[1]


def _small_network(hidden: int) -> tuple[Any, ...]:
    """The parameters of a network 2 -> hidden -> 3 as one vector, 64 points, and targets."""
    draw = Draw("float64")
    return draw.normal(6 * hidden + 3), draw.normal(64, 2), draw.normal(64, 3)


def _of_vector(xp: Any) -> Program:
    def loss(p: Any, x: Any, y: Any) -> Any:
        n = (len(p) - 3) // 6
        h = xp.tanh(x @ xp.reshape(p[: 2 * n], (2, n)) + p[2 * n : 3 * n])
        return xp.mean((h @ xp.reshape(p[3 * n : 6 * n], (n, 3)) + p[6 * n :] - y) ** 2)

    return loss


def _hessian(xp: Any) -> Program:
    return xp.hessian(_of_vector(xp))  # type: ignore[no-any-return]


def _torch_hessian(torch: Any) -> Program:
    return torch.func.hessian(_of_vector(torch))  # type: ignore[no-any-return]


def _hessian_vector(xp: Any) -> Program:
    loss = _of_vector(xp)
    return lambda p, x, y: xp.jvp(xp.grad(lambda q: loss(q, x, y)), (p,), (p,))[1]


def _torch_hessian_vector(torch: Any) -> Program:
    loss, func = _of_vector(torch), torch.func
    return lambda p, x, y: func.jvp(func.grad(lambda q: loss(q, x, y)), (p,), (p,))[1]


def _square(n: int) -> tuple[Any, ...]:
    draw = Draw("float64")
    return draw.normal(n), draw.normal(n, n, scale=n**-0.5)


def _jacobian(xp: Any) -> Program:
    return xp.jacobian(lambda x, w: xp.tanh(w @ x))  # type: ignore[no-any-return]


def _torch_jacobian(torch: Any) -> Program:
    return torch.func.jacrev(lambda x, w: torch.tanh(w @ x))  # type: ignore[no-any-return]


def _by_hand_jacobian(np: Any) -> Program:
    def run(x: Any, w: Any) -> Any:
        y = np.tanh(w @ x)
        return (1 - y * y)[:, None] * w

    return run


ROWS = (
    Workload(
        "logistic regression, gradient",
        {"1,000 x 20": (1000, 20), "10,000 x 100": (10_000, 100)},
        _classified,
        differentiated(_logistic),
        differentiated(_logistic),
        with_gradient(_torch_logistic),
        _by_hand_logistic,
    ),
    Workload(
        "matrix factorisation, gradient",
        {"100 x 80, rank 8": (100, 80, 8), "1,000 x 800, rank 16": (1000, 800, 16)},
        _ratings,
        differentiated(_factorisation),
        differentiated(_factorisation),
        with_gradient(_torch_factorisation),
        _by_hand_factorisation,
    ),
    Workload(
        "per-sample gradients",
        {"32 samples": 32, "256 samples": 256},
        _samples,
        _per_sample,
        _per_sample,
        _torch_per_sample,
    ),
    Workload(
        "ensemble, gradients",
        {"16 models": 16, "256 models": 256},
        _models,
        _ensemble,
        _ensemble,
        _torch_ensemble,
    ),
    Workload(
        "Jacobian",
        {"200 x 200": 200, "1000 x 1000": 1000},
        _square,
        _jacobian,
        _jacobian,
        _torch_jacobian,
        _by_hand_jacobian,
    ),
    Workload(
        "Hessian",
        {"51 parameters": 8, "195 parameters": 32},
        _small_network,
        _hessian,
        _hessian,
        _torch_hessian,
    ),
    Workload(
        "Hessian times vector",
        {"195 parameters": 32, "6,003 parameters": 1000},
        _small_network,
        _hessian_vector,
        _hessian_vector,
        _torch_hessian_vector,
    ),
)
