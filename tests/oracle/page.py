"""Prints the page `docs/accuracy.md`: `PYTHONPATH=tests python -m oracle.page > docs/accuracy.md`.

It measures every row on all operands, for a minute or some.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor

from oracle.exceptions import EXCEPTIONS
from oracle.measure import Worst, measured, rows
from oracle.precision import FLOATS

HEAD = """\
# Accuracy of functions and their derivatives

Made by `PYTHONPATH=tests python -m oracle.page`, which compares real elementwise functions and
their first and second derivatives with mpmath, at sufficient precision: at ordinary, tiny, huge
and special numbers, in tails and at infinity. The exact result is that for the rounded operand.

Each number is the largest error that was found, in units in the last place. Allowed are 4 units
for values, 8 for first and 16 for second derivatives. Where a function is ill-conditioned, so that
a small change of its operand changes the result much, these are multiplied by its condition number,
and the number shown is the one that comes closest to what is allowed. Larger errors are bold, and
in the list of exceptions. Functions of one operand are also tried on denormal numbers; those of two
operands on fewer pairs, without denormal numbers. NumPy's and SciPy's functions differ by some
units from one processor to another, and so do these numbers.
"""

LEFT_OUT = tuple(
    """
    beta betainc betaincinv betaln erfcx exp1 expi expn gamma gammainc gammaincc gammainccinv
    gammaincinv i0 i0e i1 i1e iv j0 j1 jv kv lambertw polygamma y0 y1 yv zeta
    """.split()
)
"""Functions of `gg.special` that are in no row."""


def cell(worst: Worst) -> str:
    """The units of a row, in bold where it is an exception."""
    text = "0" if worst.units == 0 else f"{worst.units:.2g}"
    return text if worst.share <= 1 else f"**{text}**"


def page(found: dict[tuple[str, str], dict[int, Worst]]) -> str:
    """The page for what was measured."""
    lines = [HEAD]
    columns = [f"{dtype} {order}" for dtype in FLOATS for order in ("f", "f'", "f''")]
    lines.append(f"| function | {' | '.join(columns)} |")
    lines.append("|---" * (len(columns) + 1) + "|")
    for name in dict.fromkeys(name for name, _ in found):
        cells = [cell(found[name, dtype][order]) for dtype in FLOATS for order in (0, 1, 2)]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    count = sum(len(orders) for orders in found.values())
    lines.append(f"\n## Exceptions: {len(EXCEPTIONS)} of {count} rows\n")
    lines.append("| function | dtype | order | units | at | reason |")
    lines.append("|---|---|---|---|---|---|")
    for (name, dtype, order), reason in EXCEPTIONS.items():
        here = found[name, dtype][order]
        at = ", ".join(f"{x:.6g}" for x in here.at)
        lines.append(f"| `{name}` | {dtype} | {order} | {here.units:.2g} | {at} | {reason} |")
    return "\n".join(lines) + "\n" + left_out()


def left_out() -> str:
    """The section on what was not measured."""
    names = ", ".join(f"`{name}`" for name in LEFT_OUT)
    return f"""
## Functions that are not in the table

No row measures these functions of `gg.special`: {names}.
They call the functions of these names in SciPy, or `i0` in NumPy, except that `beta` is computed
from `betaln`, and `lambertw` by an algorithm of its own; their derivatives are made of such
functions. Errors of SciPy's functions may be larger than what is allowed above: `gamma` is off by
up to 6 units at random numbers between 0.1 and 100.
"""


def main() -> None:
    """Measure, print, and say on standard error which rows are beyond and no exceptions."""
    keys = list(rows())
    with ProcessPoolExecutor() as pool:
        found = dict(zip(keys, pool.map(measured, *zip(*keys, strict=True)), strict=True))
    print(page(found), end="")
    for (name, dtype), orders in found.items():
        for order, here in orders.items():
            if (here.share > 1) != ((name, dtype, order) in EXCEPTIONS):
                print(f"{name} {dtype} {order}: {here}", file=sys.stderr)


if __name__ == "__main__":
    main()
