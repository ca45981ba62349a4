"""The page: one HTML file that needs nothing else, and no network.

Its parts lie beside this file: a style sheet, and scripts that each do one thing. What is shown is
JSON in the file. No text of a graph becomes part of the markup but by escaping, and a policy in the
file lets the browser run these scripts alone, and fetch nothing.
"""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from os import PathLike
from pathlib import Path

from gpugrad.atomic import write_atomically

EVALUATOR = (
    "arrays.js", "indexing.js", "functions.js", "primitives.js", "systems.js",
    "correlation.js", "movement.js", "evaluate.js",
)  # fmt: skip
"""The scripts that compute, and need no page."""

SCRIPTS = (
    *EVALUATOR, "dom.js", "format.js", "layers.js", "layout.js", "folding.js", "shapes.js",
    "drawing.js", "steps.js", "shell.js", "model.js", "graph_steps.js", "tables.js", "details.js",
    "paths.js", "inputs.js", "graph_page.js", "memory.js", "plan.js", "plan_page.js", "main.js",
)  # fmt: skip
"""In the order in which they need each other."""


class Page:
    """A page that shows a graph, or what a function under `gg.jit` does: one HTML file.

    `save` writes it. Its `str` is the HTML itself, and a notebook shows the page in its place.
    `gg.show.page` makes one.

    Example:
        >>> page = gg.show.page(lambda x, y: (x + y) * x, 3.0, 2.0)
        >>> page
        <gg.show.Page of f(x, y)>
        >>> page.html()[:15]
        '<!doctype html>'
    """

    def __init__(self, data: dict[str, object], tables: str) -> None:
        self._data = data
        self._tables = tables

    def html(self) -> str:
        """The page as HTML.

        Example:
            >>> "<script" in gg.show.page(gg.sin, 1.0).html()
            True
        """
        return _document(str(self._data["title"]), _json(self._data), self._tables)

    __str__ = html

    def __repr__(self) -> str:
        return f"<gg.show.Page of {self._data['title']}>"

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file, which appears whole or not at all.

        A file that is there is replaced.

        Args:
            path: The file, such as `graph.html`.

        Raises:
            OSError: Where it cannot be written.

        Example:
            >>> import pathlib, tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     file = pathlib.Path(folder, "graph.html")
            ...     gg.show.page(gg.sin, 1.0).save(file)
            ...     file.read_text(encoding="utf-8")[:15]
            '<!doctype html>'
        """
        write_atomically(Path(path), self.html().encode())

    def _repr_html_(self) -> str:
        """The page in a frame of its own, for a notebook."""
        return (
            f'<iframe srcdoc="{escape(self.html())}" title="{escape(str(self._data["title"]))}" '
            'sandbox="allow-scripts" style="width: 100%; height: 720px; border: 0"></iframe>'
        )


def _json(data: dict[str, object]) -> str:
    """JSON that can stand inside of a script element, whatever texts are in it."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def asset(name: str) -> str:
    """The text of a file beside this one."""
    return (files(__package__) / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _document(title: str, data: str, tables: str) -> str:
    style = asset("page.css")
    scripts = [asset(name) for name in SCRIPTS]
    allowed = (
        f"default-src 'none'; style-src {_hash(style)}; "
        f"script-src {' '.join(map(_hash, scripts))}; base-uri 'none'; form-action 'none'"
    )
    return "\n".join([
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        f"<noscript><h1>{escape(title)}</h1>{tables}</noscript>",
        f'<script type="application/json" id="data">{data}</script>',
        *(f"<script>{script}</script>" for script in scripts),
        "</body>",
        "</html>",
        "",
    ])
