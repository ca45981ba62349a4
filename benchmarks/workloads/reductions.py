"""What takes rows together: maxima, sums, softmax, logsumexp, variances, and cumulative sums."""

from __future__ import annotations

from typing import Any

from workloads.workload import Build, Draw, Program, Workload, differentiated, with_gradient

SIZES = {"100 x 100": 100, "1000 x 1000": 1000}


def _rows(n: int) -> tuple[Any, ...]:
    return (Draw().normal(n, n),)


def _rows_and_weights(n: int) -> tuple[Any, ...]:
    draw = Draw()
    return draw.normal(n, n), draw.normal(n, n)


def _near_one(n: int) -> tuple[Any, ...]:
    """Whose products stay of about 1."""
    return (Draw().uniform(0.95, 1.05, n, n),)


def _near_one_and_weights(n: int) -> tuple[Any, ...]:
    draw = Draw()
    return draw.uniform(0.95, 1.05, n, n), draw.normal(n, n)


def _by_hand_softmax(np: Any) -> Program:
    def run(x: Any) -> Any:
        y = np.exp(x - np.max(x, axis=1, keepdims=True))
        y /= np.sum(y, axis=1, keepdims=True)
        return y

    return run


def _by_hand_logsumexp(np: Any) -> Program:
    def run(x: Any) -> Any:
        largest = np.max(x, axis=1)
        return largest + np.log(np.sum(np.exp(x - largest[:, None]), axis=1))

    return run


def _row(name: str, shared: Build, torch: Build, numpy: Build | None = None) -> Workload:
    return Workload(name, SIZES, _rows, shared, shared, torch, numpy or shared)


def _scan(name: str, make: Any, shared: Build, torch: Build, numpy: Build) -> tuple[Workload, ...]:
    """Along the rows, and the gradient of a weighted sum of all."""

    def weighted(build: Build) -> Build:
        def loss(xp: Any) -> Program:
            cumulative = build(xp)
            return lambda x, weights: (cumulative(x) * weights).sum()

        return loss

    ours = differentiated(weighted(shared))
    with_weights = {_rows: _rows_and_weights, _near_one: _near_one_and_weights}[make]
    return (
        Workload(name, SIZES, make, shared, shared, torch, numpy),
        Workload(
            f"{name}, gradient", SIZES, with_weights, ours, ours, with_gradient(weighted(torch))
        ),
    )


def _mean_logsumexp(xp: Any) -> Program:
    return lambda x: xp.mean(xp.logsumexp(x, axis=1))


ROWS = (
    _row(
        "maximum of rows",
        lambda xp: lambda x: xp.max(x, axis=1),
        lambda torch: lambda x: torch.amax(x, 1),
    ),
    _row(
        "sum of rows",
        lambda xp: lambda x: xp.sum(x, axis=1),
        lambda torch: lambda x: torch.sum(x, 1),
    ),
    _row(
        "sum of columns",
        lambda xp: lambda x: xp.sum(x, axis=0),
        lambda torch: lambda x: torch.sum(x, 0),
    ),
    _row(
        "variance of rows",
        lambda xp: lambda x: xp.var(x, axis=1),
        lambda torch: lambda x: torch.var(x, 1, correction=0),
    ),
    _row(
        "softmax of rows",
        lambda xp: lambda x: xp.softmax(x, axis=1),
        lambda torch: lambda x: torch.softmax(x, 1),
        _by_hand_softmax,
    ),
    _row(
        "logsumexp of rows",
        lambda xp: lambda x: xp.logsumexp(x, axis=1),
        lambda torch: lambda x: torch.logsumexp(x, 1),
        _by_hand_logsumexp,
    ),
    Workload(
        "logsumexp of rows, gradient",
        SIZES,
        _rows,
        differentiated(_mean_logsumexp),
        differentiated(_mean_logsumexp),
        with_gradient(lambda torch: lambda x: torch.logsumexp(x, 1).mean()),
    ),
    *_scan(
        "cumulative sum",
        _rows,
        lambda xp: lambda x: xp.cumulative_sum(x, axis=1),
        lambda torch: lambda x: torch.cumsum(x, 1),
        lambda np: lambda x: np.cumsum(x, 1),
    ),
    *_scan(
        "cumulative product",
        _near_one,
        lambda xp: lambda x: xp.cumulative_prod(x, axis=1),
        lambda torch: lambda x: torch.cumprod(x, 1),
        lambda np: lambda x: np.cumprod(x, 1),
    ),
)
