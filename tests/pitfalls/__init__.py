"""Where automatic differentiation goes wrong: rows of checks that run on any library.

`judge` says what a check is and how its outcome is judged, `library` what a library must offer to
be asked. `CHECKS` are all checks in the order of `ROWS`; `tests/test_pitfalls.py` asks gpugrad, and
`benchmarks/scoreboard.py` asks gpugrad and other libraries.
"""

from pitfalls import boundaries, compiled, edges, graphs, indexing, shapes
from pitfalls.rows import ROWS

CHECKS = tuple(
    sorted(
        (
            check
            for file in (shapes, edges, indexing, graphs, boundaries, compiled)
            for check in file.CHECKS
        ),
        key=lambda check: check.row,
    )
)

assert {check.row for check in CHECKS} == set(ROWS), "every row has a check"
