"""Graphs of Tensors: values found again, gradients from a real sweep, notebook pictures."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from typing import Any

import array_api_strict
import numpy as np
import pytest

import gpugrad as gg
from gpugrad import show
from gpugrad.errors import GraphFreed, InvalidArgument, NotDifferentiable, UnsupportedOperand
from gpugrad.printable import printable
from gpugrad.show.formula import Symbol, formulas
from gpugrad.show.layout import spaced
from gpugrad.show.notation import Piece


def nodes(t: Any, **named: Any) -> dict[str, Any]:
    """The nodes of `t` by name."""
    return {node["name"]: node for node in json.loads(show.trace(t, **named).json())["nodes"]}


def leaf(x: Any) -> Any:
    return gg.tensor(np.asarray(x, dtype=np.float64), requires_grad=True)


def test_a_tensor_is_shown_like_an_expression() -> None:
    x, y = leaf(3), leaf(2)
    found = nodes((x + y) * x, x=x, y=y)
    assert [node["value"] for node in found.values()] == [3, 2, 5, 15]
    assert [share["value"] for share in found["x"]["contributions"]] == [3, 5]
    assert found["x"]["gradient"] == 8


def test_showing_changes_neither_graph_nor_gradients() -> None:
    x = leaf([1.0, 2.0])
    y = gg.sum(gg.sin(x) * x)
    before = str(show.trace(y))
    assert x.grad is None
    assert str(show.trace(y)) == before
    y.backward()
    np.testing.assert_allclose(x.grad, np.sin([1, 2]) + [1, 2] * np.cos([1, 2]))


def test_gradients_are_those_of_backward() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 4))
    w, b = leaf(rng.standard_normal((4, 3))), leaf(np.zeros(3))
    hidden = gg.relu(x @ w + b)
    loss = gg.mean(gg.softmax_cross_entropy(hidden, np.array([0, 1, 2, 0, 1])))
    found = nodes(loss, w=w, b=b)
    loss.backward()
    np.testing.assert_array_equal(found["w"]["gradient"], w.grad)
    np.testing.assert_array_equal(found["b"]["gradient"], b.grad)
    relu = next(node for node in found.values() if node["op"] == "relu")
    assert relu["keeps"] == [{"kind": "output", "name": relu["name"]}]
    np.testing.assert_array_equal(relu["value"], hidden.value)


def test_contributions_add_up_to_the_gradient_of_every_node() -> None:
    x = leaf([0.5, 1.5, 2.5])
    out = gg.zeros(3)
    out[0] = x[1] * x[1]
    out[2] = gg.sum(x[0:2])
    parts = gg.concat([out, x * 2.0])
    t = gg.sum(gg.logsumexp(gg.stack([parts, gg.exp(parts)]), axis=0))
    for node in nodes(t, x=x).values():
        if node["contributions"]:
            total = sum(np.asarray(share["value"]) for share in node["contributions"])
            np.testing.assert_allclose(total, node["gradient"], rtol=1e-14)


def test_values_that_no_rule_needs_are_found_again_or_said_to_be_not_kept() -> None:
    x = leaf(2)
    t = ((x * 3 + x) + 1) + 5
    found = nodes(t, x=x)
    assert [found[name]["value"] for name in "abcf"] == [6, 8, None, 14]
    text = str(show.trace(t, x=x))
    assert "not kept" in text
    assert "The graph does not keep the value of c" in text
    assert "b + ?" in text
    assert found["c"]["operands"] == [{"node": "b"}, {"constant": None}]


def test_a_write_in_place_does_not_change_the_value_that_was_written_over() -> None:
    x = leaf([1, 2])
    y = x * 2.0
    y[0] = x[1] * 10.0
    found = nodes(gg.sum(y), x=x)
    assert [found[name]["operation"] for name in "abcd"] == [
        "x × 2", "x[1]", "b × 10", "setitem(a, (0,), c, copy=False)"
    ]
    assert [found[name]["value"] for name in "abcd"] == [[2, 4], 2, 20, [20, 4]]


def test_a_share_of_a_broadcast_operand_is_said_to_be_summed() -> None:
    x, b = leaf([1, 2]), leaf(1)
    text = str(show.trace(gg.sum(x * b + x), x=x, b=b))
    assert "∂f/∂a · x, summed over broadcast axes" in text
    assert text.count("summed") == 1


def test_arrays_of_any_library_are_shown_alike() -> None:
    plain, strict = (
        gg.tensor(xp.asarray([1.0, 2.0]), requires_grad=True) for xp in (np, array_api_strict)
    )
    texts = [str(show.trace(gg.sum(gg.sin(x) * 3 + x[0]))) for x in (plain, strict)]
    assert texts[0] == texts[1]


def test_arrays_are_shown_compactly() -> None:
    text = str(show.trace(gg.sum(leaf(np.arange(12.0).reshape(3, 4)))))
    assert "3 × 4 numbers, 0 … 11" in text
    assert "shape of x" in text


def test_a_function_is_shown_at_values() -> None:
    text = str(show.trace(lambda x, y: (x + y) * x, 3, y=2.0))
    assert text.startswith("f(x, y)\n")
    assert "∂f/∂x = 8" in text


def test_a_leaf_is_its_own_graph() -> None:
    assert "∂x/∂x = 1" in str(show.trace(leaf(2)))
    assert "x = 2" in str(show.graph(leaf(2)))


def test_a_large_graph_is_cut_and_says_so() -> None:
    x = leaf(1.0)
    t = x
    for _ in range(5000):
        t = gg.sin(t) + x
    text = str(show.trace(t, x=x))
    assert text.count("9801 nodes are left out") == 3
    assert len(text.splitlines()) < 800
    forward = text.partition("Backward")[0]
    assert "10001  f " in forward
    svg = show.graph(t, x=x)._repr_svg_()
    assert "… 9801 more" in svg
    ElementTree.fromstring(svg)
    total = sum(share["value"] for share in nodes(t, x=x)["x"]["contributions"])
    assert total == pytest.approx(nodes(t, x=x)["x"]["gradient"])


def test_complex_gradients_are_shown_in_the_convention_of_backward() -> None:
    z = gg.tensor(1 + 2j, requires_grad=True)
    found = nodes(gg.real(z * gg.conj(z)), z=z)
    assert found["z"]["gradient"] == [2, 4]
    assert [share["value"] for share in found["z"]["contributions"]] == [[1, 2], [1, 2]]


def test_notebooks_get_a_picture_and_tables() -> None:
    x = leaf(2)
    ElementTree.fromstring(show.graph(x * x)._repr_svg_())
    html = show.trace(x * x, **{"<x>": x})._repr_html_()
    assert html.count("<table>") == 3
    assert "&lt;x&gt;" in html
    assert "<x>" not in html
    assert repr(show.graph(x)) == show.graph(x).mermaid()


def test_names_are_escaped_in_every_format() -> None:
    name = 'a"<b>&\\#;'
    x = leaf(2)
    drawing = show.graph(gg.sin(x), **{name: x})
    texts = [t.text for t in ElementTree.fromstring(drawing.svg()).iter()]
    assert f"{name} = 2" in texts
    assert '"a#34;#60;b#62;#38;#92;#35;; = 2<br/>' in drawing.mermaid()
    assert 'label="a\\"<b>&\\\\#; = 2\\n' in drawing.dot()
    assert json.loads(drawing.json())["nodes"][0]["name"] == name


@pytest.mark.parametrize(
    "odd",
    ["\n", "\r\n", "\r", "\t", "\v", "\f", "\x00", "\x1b[31m", "\x1c", "\x85", "\u2028", "\u2029",
     "\u202e", "\udc80", '"', '\n"\n', "'", "`", "\\", "\\n", "]", '"]:::op', "-->", "</text>",
     "%%\n"],
    ids=ascii,
)  # fmt: skip
def test_a_name_stays_in_its_label_in_every_format(odd: str) -> None:
    """Sources and tables have as many lines as with a plain name, and hold what can be printed."""

    def shown(name: str) -> dict[str, str]:
        def f(**named: Any) -> Any:
            return gg.sin(named[name]) * gg.exp(named[name])

        graph, trace = (made(f, **{name: 2.0}) for made in (show.graph, show.trace))
        return {
            "mermaid": graph.mermaid(), "dot": graph.dot(), "svg": graph.svg(),
            "text": str(trace), "html": trace._repr_html_(), "json": graph.json(),
        }  # fmt: skip

    name = f"a{odd}b"
    found, plain = shown(name), shown("ab")
    for format, text in found.items():
        assert len(text.splitlines()) == len(plain[format].splitlines()) or format == "json"
        assert text.encode()
        assert format == "json" or text.replace("\n", "").isprintable()
    assert json.loads(found["json"])["nodes"][0]["name"] == name
    written = printable(name)
    assert any(written in (t.text or "") for t in ElementTree.fromstring(found["svg"]).iter())
    assert f"  {written}  " in found["text"]
    assert f"<td>{html.escape(written)}</td>" in found["html"]
    for line in found["dot"].splitlines():
        assert re.sub(r"\\\\.", "", line).count('"') % 2 == 0
    for line in found["mermaid"].splitlines():
        assert line.count('"') in (0, 2, 4)


def test_what_cannot_be_shown_is_refused() -> None:
    x = leaf(2)
    with pytest.raises(NotDifferentiable, match="make an input with"):
        show.trace(gg.tensor(2.0))
    with pytest.raises(UnsupportedOperand, match="a float has no graph"):
        show.trace(2.0)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="takes no further arguments"):
        show.trace(x, x)
    with pytest.raises(InvalidArgument, match="y is to name a Tensor that needs a gradient"):
        show.trace(x, y=2.0)
    with pytest.raises(InvalidArgument, match="x and y name the same node"):
        show.trace(x, x=x, y=x)
    with pytest.raises(InvalidArgument, match="the function cannot be called so"):
        show.trace(lambda x: x, 1.0, 2.0)
    with pytest.raises(NotDifferentiable, match="returned a float"):
        show.graph(lambda x: 2.0, 1.0)
    y = x * x
    y.backward()
    with pytest.raises(GraphFreed, match="keep_graph=True"):
        show.trace(y)


def test_a_rule_that_cannot_be_written_down_has_numbers_all_the_same() -> None:
    x = leaf([1.0, 2.0])
    t = gg.sum(gg.sin(x))
    node = t._edge[0].edges[0][0]

    class Rule:
        op, keeps, needs = node.vjp.op, node.vjp.keeps, node.vjp.needs

        @staticmethod
        def pull(g: Any, xp: Any, saved: Any, settings: Any) -> Any:
            return (np.multiply(g, np.cos(np.asarray(saved[0], dtype=np.float64))),)

    rule: Any = Rule
    symbol = Symbol(np.ones(2), Piece("g"))
    names = {"x": (Piece("x"), False)}
    node.vjp, plain = rule, node.vjp
    try:
        assert formulas(node, gg.backends.numpy_namespace, symbol, names) == (None,)
    finally:
        node.vjp = plain
    (written,) = formulas(node, gg.backends.numpy_namespace, symbol, names)
    assert written is not None
    assert written.text == "g · cos(x)"


def test_spacing_keeps_order_and_gaps_and_moves_least() -> None:
    assert spaced([0, 10, 20], [5, 5]) == [0, 10, 20]
    assert spaced([5, 5], [10]) == [0, 10]
    assert spaced([3, 1, 2], [1, 1]) == pytest.approx([1, 2, 3])


def test_showing_needs_no_more_than_the_base_install() -> None:
    code = (
        "import sys, gpugrad.show, gpugrad.show.command as c;"
        "c.run('x*x', {'x': '1'}, 'svg', False);"
        "print([m for m in ('matplotlib', 'rich', 'typer', 'cupy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_each_of_any_number_of_arguments_has_a_name() -> None:
    text = str(show.trace(lambda *xs, scale: xs[0] * xs[1] * scale, 2.0, 3.0, scale=4.0))
    assert [line.split()[1] for line in text.splitlines()[5:8]] == ["xs[0]", "xs[1]", "scale"]
