"""What a call costs apart from its arithmetic: many arrays, many signatures, many operations."""

from __future__ import annotations

from typing import Any

from workloads.workload import Draw, Program, Workload

VECTORS = {"10^3 elements": 10**3, "10^5 elements": 10**5}


def _tree(n: int) -> tuple[Any, ...]:
    draw = Draw()
    return ([draw.normal(10) for _ in range(n)],)


def _plus_one(xp: Any) -> Program:
    return lambda arrays: [x + 1 for x in arrays]


def _signatures(n: int) -> tuple[Any, ...]:
    """Vectors of as many lengths."""
    draw = Draw()
    return tuple(draw.normal(i) for i in range(1, n + 1))


def _affine(xp: Any) -> Program:
    return lambda x: x * 2 + 1


def _vector(n: int) -> tuple[Any, ...]:
    return (Draw().normal(n),)


def _chain(n: int) -> Any:
    """`n` operations one after another, no two of which are the same: numbers differ."""

    def build(xp: Any) -> Program:
        functions = (xp.sin, xp.tanh, xp.cos, xp.exp)

        def run(x: Any) -> Any:
            y = x
            for i in range(n // 5):                      # of five operations
                y = functions[i % 4](y * (0.5 + 0.1 / (i + 1)) - 0.3 / (i + 1)) + x
                y = y * 0.5 if functions[i % 4] is xp.exp else y * 0.9
            return y

        return run

    return build


ROWS = (
    Workload(
        "x + 1 of a tree",
        {"10 arrays": 10, "100 arrays": 100, "1,000 arrays": 1000},
        _tree,
        _plus_one,
        _plus_one,
        lambda torch: lambda arrays: torch._foreach_add(arrays, 1),
        _plus_one,
    ),
    Workload(
        "one call for each signature",
        {"20 signatures": 20, "200 signatures": 200},
        _signatures,
        _affine,
        _affine,
        _affine,
        _affine,
        each=True,
    ),
    *(
        Workload(f"chain of {n:,} operations", VECTORS, _vector, *4 * [_chain(n)])
        for n in (100, 300, 1000)
    ),
)
