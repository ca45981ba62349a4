"""Mathematics as MathML, which browsers show by themselves: no script, no font, no network."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math import latex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def _written(node: nodes.Element, *, as_block: bool) -> str:
    math = latex2mathml.tex2mathml(node.astext(), as_block=as_block)
    math = math.replace("\N{MODIFIER LETTER CIRCUMFLEX ACCENT}", "^")  # a bar in many fonts
    return f'<div class="math">{math}</div>' if as_block else math


def inline(translator: HTML5Translator, node: nodes.math) -> None:
    """A formula in a line of text."""
    translator.body.append(_written(node, as_block=False))
    raise nodes.SkipNode


def display(translator: HTML5Translator, node: nodes.math_block) -> None:
    """A formula on lines of its own."""
    translator.body.append(_written(node, as_block=True))
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Make it the way in which this site shows mathematics."""
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
