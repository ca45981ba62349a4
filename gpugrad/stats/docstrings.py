"""Docstrings of distributions: what is said of each, and the methods that its formulas make."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from inspect import cleandoc

NEEDED = {"logcdf": "cdf", "logsf": "sf", "std": "var", "median": "ppf", "interval": "ppf",
          "rvs": "ppf"}  # fmt: skip
"""The formula that a method needs, where that has another name."""


def docstring(
    doc: str, densities: Sequence[str], arguments: Sequence[str], formulas: Collection[str]
) -> str:
    """`doc` with a list of methods before its example.

    `densities` are the methods that each distribution of its kind has, `arguments` the parameters
    as they are given to methods, `formulas` the names of those that this distribution has.
    """

    def there(*methods: str) -> list[str]:
        return [method for method in methods if NEEDED.get(method, method) in formulas]

    point = "k" if "pmf" in densities else "x"
    given = ", ".join(arguments)
    rows = {
        f"{point}, {given}": [*densities, *there("cdf", "logcdf", "sf", "logsf")],
        f"q, {given}": there("ppf", "isf"),
        given: there("mean", "median", "var", "std", "entropy"),
        f"confidence, {given}": there("interval"),
        f"{given}, size=None, random_state": there("rvs"),
    }
    beginning, _, example = cleandoc(doc).partition("Example:")
    lines = ["The methods, by their arguments:", ""]
    for words, methods in rows.items():
        if methods:
            lines.append(f"- `({words})`: {', '.join(f'`{method}`' for method in methods)}")
    return beginning + "\n".join([*lines, "", f"Example:{example}"])
