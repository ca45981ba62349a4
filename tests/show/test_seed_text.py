"""The worked examples and the exercises of the text that the project started from."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gpugrad.core.registry import get_op
from gpugrad.show.command import run


def shown(expression: str, **values: str) -> dict[str, Any]:
    """The nodes of an expression by name, as its JSON tells them."""
    data = json.loads(run(expression, values, "json", exact=False))
    return {node["name"]: node for node in data["nodes"]}


def table(title: str, expression: str, **values: str) -> list[list[str]]:
    """The rows of one of the tables that are printed."""
    text = run(expression, values, "table", exact=False)
    block = next(b for b in text.split("\n\n") if b.startswith(title))
    lines = [line[2:] for line in block.splitlines()[1:]]
    ends = [(m.start(), m.end()) for m in re.finditer("─+", lines[1])]
    return [
        [line[start:end].strip() for start, end in ends]
        for line in lines[2:]
        if not line.startswith(("0 stands", "Gradients"))
    ]


def total(node: dict[str, Any]) -> float:
    return sum(share["value"] for share in node["contributions"])


def edges(mermaid: str) -> set[tuple[str, str]]:
    """The arrows of a Mermaid source, between the first words of their boxes."""
    labels = dict(re.findall(r'^    (\w+)(?:\(\("|\[")([^ <"]*(?: \d)?)', mermaid, re.MULTILINE))
    arrows = re.findall(r"^    (\w+) -->(?:\|.*?\|)? (\w+)$", mermaid, re.MULTILINE)
    return {(labels[a].removesuffix(" ="), labels[b].removesuffix(" =")) for a, b in arrows}


# Example 1: f(x, y) = (x + y) · x


def test_the_forward_table_of_the_first_example() -> None:
    assert table("Forward", "(x + y) * x", x="3", y="2") == [
        ["1", "x", "input", "3"],
        ["2", "y", "input", "2"],
        ["3", "a", "x + y", "5"],
        ["4", "f", "a × x", "15"],
    ]


def test_the_backward_table_of_the_first_example_sums_the_paths() -> None:
    assert table("Backward", "(x + y) * x", x="3", y="2") == [
        ["1", "f", "∂f/∂f = 1", "", "start", "1"],
        ["2", "a", "∂f/∂a = 3", "f", "∂f/∂f · ∂(a × x)/∂a = 1 · x = 1 · 3", "3"],
        ["3", "x", "∂f/∂x = 8", "a", "∂f/∂a · ∂(x + y)/∂x = 3 · 1", "3"],
        ["", "", "", "f", "∂f/∂f · ∂(a × x)/∂x = 1 · a = 1 · 5", "5"],
        ["", "", "", "total", "3 + 5", "8"],
        ["4", "y", "∂f/∂y = 3", "a", "∂f/∂a · ∂(x + y)/∂y = 3 · 1", "3"],
    ]


def test_the_drawing_of_the_first_example_is_that_of_the_text() -> None:
    source = run("(x + y) * x", {"x": "3", "y": "2"}, "mermaid", exact=False)
    assert source.startswith("flowchart LR\n")
    assert edges(source) == {
        ("x", "+"), ("y", "+"), ("+", "a"), ("a", "×"), ("x", "×"), ("×", "f")
    }
    for kind, fill, stroke in [
        ("input", "#e3f2fd", "#1976d2"),
        ("intermediate", "#fff3e0", "#f57c00"),
        ("output", "#e8f5e9", "#388e3c"),
    ]:
        assert f"classDef {kind} fill:{fill},stroke:{stroke},stroke-width:2px" in source
    assert re.search(r'\(\("x = 3<br/>∂f/∂x = 8"\)\):::input', source)
    assert re.search(r'\(\("a = 5<br/>∂f/∂a = 3"\)\):::intermediate', source)
    assert re.search(r'\(\("f = 15<br/>∂f/∂f = 1"\)\):::output', source)
    assert '-->|"5"|' in source                     # the second path of x


# Example 2: f(x) = sin(x²) + x


def test_the_decomposition_of_the_second_example() -> None:
    rows = table("Forward", "sin(x**2) + x", x="2")
    assert [row[1:3] for row in rows] == [
        ["x", "input"], ["a", "x²"], ["b", "sin(a)"], ["f", "b + x"]
    ]
    source = run("sin(x**2) + x", {"x": "2"}, "mermaid", exact=False)
    assert edges(source) == {
        ("x", "^ 2"), ("^ 2", "a"), ("a", "sin"), ("sin", "b"), ("b", "+"), ("x", "+"), ("+", "f")
    }


# Example 3: a layer, y = σ(Wx + b)


def test_the_layer_is_three_nodes_on_arrays() -> None:
    values = {"W": "[[1, 2], [3, 4]]", "x": "[1, -1]", "b": "[1, 1]"}
    rows = table("Forward", "sigmoid(W @ x + b)", **values)
    assert [row[1:3] for row in rows[3:]] == [["a", "W @ x"], ["c", "a + b"], ["f", "sigmoid(c)"]]
    assert [row[3] for row in rows] == [
        "[[1, 2], [3, 4]]", "[1, -1]", "[1, 1]", "[-1, -1]", "[0, 0]", "[0.5, 0.5]"
    ]
    nodes = shown("σ(W @ x + b)", **values)
    assert nodes["c"]["gradient"] == [0.25, 0.25]   # σ' = σ (1 - σ), from the output
    assert nodes["W"]["gradient"] == [[0.25, -0.25], [0.25, -0.25]]
    assert nodes["x"]["gradient"] == [1.0, 1.5]
    assert nodes["b"]["gradient"] == [0.25, 0.25]


# Example 4: f(x) = sin(x²) at √(π/2)


def test_the_walkthrough_shows_zero_where_rounding_leaves_noise() -> None:
    x = "1.2533141373155001"
    assert table("Forward", "sin(x**2)", x=x) == [
        ["1", "x", "input", "1.25331"], ["2", "a", "x²", "1.5708"], ["3", "f", "sin(a)", "1"]
    ]
    rows = table("Backward", "sin(x**2)", x=x)
    assert rows == [
        ["1", "f", "∂f/∂f = 1", "", "start", "1"],
        ["2", "a", "∂f/∂a = 0", "f", "∂f/∂f · ∂(sin(a))/∂a = 1 · cos(a) = 1 · 0", "0"],
        ["3", "x", "∂f/∂x = 0", "a", "∂f/∂a · ∂(x²)/∂x = 0 · (2 · x) = 0 · 2.50663", "0"],
    ]


def test_exact_shows_the_noise() -> None:
    text = run("sin(x**2)", {"x": "1.2533141373155001"}, "table", exact=True)
    gradient = shown("sin(x**2)", x="1.2533141373155001")["x"]["gradient"]
    assert 0 < abs(gradient) < 1e-15
    assert f"∂f/∂x = {gradient!r}" in text
    assert "1.2533141373155001" in text


# Example 5: why a graph is no tree, f(x) = x² + sin(x²)


def test_a_shared_subexpression_is_one_node() -> None:
    nodes = shown("x**2 + sin(x**2)", x="1.5")
    assert [node["op"] for node in nodes.values()] == [None, "power", "sin", "add"]
    assert [share["via"] for share in nodes["a"]["contributions"]] == ["b", "f"]
    assert total(nodes["a"]) == nodes["a"]["gradient"]


def test_sharing_is_by_structure_and_not_by_value() -> None:
    assert len(shown("x * 2 + x * 3", x="1")) == 4
    assert len(shown("(x + y) * (y + x)", x="1", y="1")) == 5


# Exercises


@pytest.mark.parametrize("x", ["3", "-0.5"])
def test_exercise_1_draw_the_graph(x: str) -> None:
    """f(x) = (x - 1)(x + 1) has ∂f/∂x = 2x, by two paths."""
    nodes = shown("(x - 1) * (x + 1)", x=x)
    assert [share["value"] for share in nodes["x"]["contributions"]] == [float(x) + 1, float(x) - 1]
    assert nodes["x"]["gradient"] == total(nodes["x"]) == 2 * float(x)
    source = run("(x - 1) * (x + 1)", {"x": x}, "mermaid", exact=False)
    assert edges(source) == {
        ("x", "- 1"), ("x", "+ 1"), ("- 1", "a"), ("+ 1", "b"), ("a", "×"), ("b", "×"), ("×", "f")
    }


def test_exercise_2_multiple_uses() -> None:
    """f(x) = x · x has ∂f/∂x = 2x and not x, because x is used twice."""
    rows = table("Backward", "x * x", x="3")
    assert rows[1:] == [
        ["2", "x", "∂f/∂x = 6", "f, operand 1", "∂f/∂f · ∂(x × x)/∂x = 1 · x = 1 · 3", "3"],
        ["", "", "", "f, operand 2", "∂f/∂f · ∂(x × x)/∂x = 1 · x = 1 · 3", "3"],
        ["", "", "", "total", "3 + 3", "6"],
    ]
    source = run("x * x", {"x": "3"}, "mermaid", exact=False)
    assert source.count('-->|"3"|') == 2


def test_exercise_3_three_variables() -> None:
    """f(x, y, z) = (x + y) · z has the gradient (z, z, x + y)."""
    nodes = shown("(x + y) * z", x="2", y="3", z="4")
    assert [nodes[name]["gradient"] for name in "xyz"] == [4.0, 4.0, 5.0]
    assert nodes["f"]["value"] == 20.0


@pytest.mark.parametrize(
    ("b", "value", "gradients"), [("-1", 5.0, [3.0, 2.0, 1.0]), ("-7", 0.0, [0.0, 0.0, 0.0])]
)
@pytest.mark.parametrize("activation", ["relu(w*x + b)", "max(0, w*x + b)"])
def test_exercise_4_graph_for_a_neural_layer(
    activation: str, b: str, value: float, gradients: list[float]
) -> None:
    """y = relu(w · x + b) passes the gradient where its argument is positive."""
    nodes = shown(activation, w="2", x="3", b=b)
    assert nodes["f"]["value"] == value
    assert [nodes[name]["gradient"] for name in "wxb"] == gradients
    assert [nodes[name]["operation"] for name in "ac"] == ["w × x", "a + b"]


LOCAL_GRADIENTS = [
    ("x + y", "nothing", "∂(x + y)/∂x = 1, ∂(x + y)/∂y = 1"),
    ("x - y", "nothing", "∂(x - y)/∂x = 1, ∂(x - y)/∂y = -1"),
    ("x * y", "inputs x, y", "∂(x × y)/∂x = y, ∂(x × y)/∂y = x"),
    ("x / y", "input y, output f", "∂(x / y)/∂x = 1 / y, ∂(x / y)/∂y = -f / y"),
    ("x ** 3", "input x, constant 3", "∂(x³)/∂x = 3 · x²"),
    ("exp(x)", "output f", "∂(exp(x))/∂x = f"),
    ("log(x)", "input x", "∂(log(x))/∂x = 1 / x"),
    ("sin(x)", "input x", "∂(sin(x))/∂x = cos(x)"),
    ("relu(x)", "output f", "∂(relu(x))/∂x = 1 if f > 0 else 0"),
]
"""The table of local gradients of the text, as the rules of the ops themselves write it."""


@pytest.mark.parametrize(("expression", "keeps", "why"), LOCAL_GRADIENTS)
def test_exercise_5_memory_analysis(expression: str, keeps: str, why: str) -> None:
    given = {"x": "2", "y": "3"}
    values = {name: v for name, v in given.items() if re.search(rf"\b{name}\b", expression)}
    assert table("Kept", expression, **values)[-1][2:] == [keeps, why]


def test_what_is_kept_is_what_the_rules_name() -> None:
    """Which ops can compute their local gradients from their output: those whose rules name `y`."""
    for name in ("exp", "sqrt", "tanh", "sigmoid", "relu", "sin", "log", "negative", "softplus"):
        (node,) = (n for n in shown(f"{name}(x)", x="0.5").values() if n["op"])
        kept = {"input": "x", "output": "y"}
        assert tuple(kept[k["kind"]] for k in node["keeps"]) == get_op(name).rules[1].keeps
