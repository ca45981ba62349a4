"""The command: every format, and one clear line for every kind of bad input."""

from __future__ import annotations

import json
import math
import random
import time
import xml.etree.ElementTree as ElementTree
from contextlib import suppress

import pytest

from gpugrad.errors import GpugradError, InvalidArgument, UnknownOp
from gpugrad.show.command import FORMATS, run

BAD = [
    ("", {}, "the expression is empty"),
    ("   ", {}, "the expression is empty"),
    ("x +", {}, r"'x \+' cannot be read"),
    ("x y", {}, "cannot be read near character"),
    ("x" * 3000, {}, "has 3000 characters; at most 2000"),
    ("(" * 900 + "x" + ")" * 900, {"x": "1"}, "too many nested parentheses"),
    ("2 + 3", {}, "names no inputs, so it has no gradient"),
    ("x < 2", {"x": "1"}, "'x < 2' cannot be used in an expression: a comparison has no gradient"),
    ("x ^ 2", {"x": "1"}, r"a power is written \*\*"),
    ("x // 2", {"x": "1"}, "use numbers, names"),
    ("x and y", {}, "use numbers, names"),
    ("[x, 1]", {}, r"'\[x, 1\]' cannot be used"),
    ("x[0]", {}, r"'x\[0\]' cannot be used"),
    ("(lambda: 1)()", {}, "cannot be used in an expression"),
    ("__import__('os').system('x')", {}, "cannot be used in an expression"),
    ("x.real", {}, "'x.real' cannot be used"),
    ("(x := 3)", {}, "cannot be used in an expression"),
    ("'a' * x", {"x": "1"}, "a constant must be a real number"),
    ("True * x", {"x": "1"}, "a constant must be a real number"),
    ("1j * x", {"x": "1"}, "a constant must be a real number"),
    ("1e999 * x", {"x": "1"}, "a number is too large"),
    ("x ** " + "9" * 400, {"x": "1"}, "a number is too large"),
    ("sin(x, y)", {}, "sin was given 2 operands; it takes 1"),
    ("maximum(x)", {}, "maximum was given 1 operands; it takes 2"),
    ("softmax(x, axis=0)", {}, "operands only, without names"),
    ("sin(*x)", {}, "operands only, without names or stars"),
    ("concat(x)", {}, "concat cannot be used in an expression"),
    ("sign(x)", {}, "sign cannot be used in an expression"),
    ("x + y", {"x": "1"}, r"no value is given for the name y: add it, as in y=1"),
    ("x + y", {}, r"for the names x, y: add it, as in x=1 y=1"),
    ("x", {"x": "1", "z": "2"}, "z is given a value, but the expression does not name it"),
    ("rate * x", {"x": "1", "rat": "2"}, "Did you mean 'rate'"),
    ("x", {"x": "abc"}, "the value of x is 'abc'; expected a number or a list of numbers"),
    ("x", {"x": "__import__('os')"}, "expected a number or a list"),
    ("x", {"x": "2**9999999"}, "expected a number or a list"),
    ("x", {"x": "[1, [2, 3]]"}, "differ in length"),
    ("x", {"x": "[1,"}, "the value of x, .* cannot be read"),
    ("x", {"x": "[" * 50 + "1" + "]" * 50}, "expected a number or a list"),
    ("x", {"x": "-" * 15_000 + "1"}, "the value of x, .* is nested too deeply"),
    ("x", {"x": "1e999"}, "a number is too large"),
    ("x", {"x": "True"}, "expected a number"),
    ("x", {"x": "1" * 30_000}, "has 30000 characters"),
    ("x @ x", {"x": "2"}, r"matmul cannot take operands of shape \(\) and \(\)"),
    ("x\udcff + 1", {"x": "1"}, r"holds '\\udcff': use printable signs only"),
    ("x + 1  # \x1b[31m", {"x": "1"}, r"holds '\\x1b': use printable"),
    ("x\0", {"x": "1"}, r"holds '\\x00': use printable"),
    ("x + \u202ey", {"x": "1"}, r"holds '\\u202e': use printable"),
    ("x", {"x": "\udcff"}, r"the value of x, .* holds '\\udcff'"),
    ("1if x else y", {"x": "1", "y": "1"}, "'1if x else y' cannot be used"),
    ("x.__class__.__mro__", {"x": "1"}, "cannot be used in an expression"),
    ("f'{x!r}'", {"x": "1"}, "cannot be used in an expression"),
    ("[x for x in y]", {"x": "1", "y": "1"}, "cannot be used in an expression"),
    ("sin((x := 3))", {"x": "1"}, "cannot be used in an expression"),
    ("x * " + "9" * 1900, {"x": "1"}, "a number is too large"),
    ("x * 0x" + "f" * 1900, {"x": "1"}, "a number is too large"),
    ("х + 1", {"x": "1"}, "x is given a value, but the expression does not name it: it uses х"),
    ("x + y", {"x": "[1,2,3]", "y": "[1,2]"}, r"add cannot take .* \(3,\) and \(2,\)"),
]


@pytest.mark.parametrize(("expression", "values", "message"), BAD)
def test_bad_input_is_one_clear_line(
    expression: str, values: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message) as caught:
        run(expression, values, "table", exact=False)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_unknown_function_offers_the_near_miss() -> None:
    with pytest.raises(UnknownOp, match="Did you mean 'sin'"):
        run("sine(x)", {"x": "1"}, "table", exact=False)


def test_an_unknown_format_offers_the_known_ones() -> None:
    with pytest.raises(InvalidArgument, match=r"'mermade' is unknown.*Did you mean 'mermaid'"):
        run("x", {"x": "1"}, "mermade", exact=False)


def test_every_error_is_of_the_one_tree() -> None:
    for expression in ("x +", "foo(x)", "x @ x", "1", "x.y", "f'{x}'", "x if x else x", "*x"):
        with pytest.raises(GpugradError):
            run(expression, {"x": "1"}, "table", exact=False)


ATOMS = (
    "x", "x", "x", "y", "2.5", "1e308", "9" * 400, "0x" + "f" * 900, "1j", "True", "'a'", "f'{x}'",
    "...", "1if", "0777", "x.__class__", "x[0]", "{x}", "(x := 1)", "lambda: x", "[x for x in y]",
    "await x", "not x", "x < y", "х", "ﬁ", "__import__", "exec",
)  # fmt: skip
SIGNS = ("+", "-", "*", "/", "**", "@", "+", "*", "//", "|", "<<", "==", " if ", " is ", ",", ":=")
FUNCTIONS = (
    "sin", "exp", "log", "sum", "max", "norm", "softmax", "matmul", "det", "sine", "pow", "clip",
    "cumsum", "eval", "x", "concat", "einsum", "prod", "expm",
)  # fmt: skip
ENDS = ("\n", "\x1b[31m", "\0", "#", "\\", "\u202e", "'", "(", "]", "\udcff", "\t", "'" * 3)
VALUES = ("1", "-2", "0", "[1,2]", "[[1,2],[3,4]]", "1e308", "[]", "nan", "1e400", "-" * 99 + "1")


def grown(chance: random.Random, depth: int) -> str:
    """An expression that Python may know, and gpugrad not."""
    kind = chance.random()
    if depth == 0 or kind < 0.25:
        return chance.choice(ATOMS[:4] if chance.random() < 0.6 else ATOMS)
    parts = [grown(chance, depth - 1) for _ in range(chance.choice((1, 1, 2, 3)))]
    if kind < 0.6:
        return chance.choice(SIGNS).join(parts)
    if kind < 0.7:
        return "-" * chance.choice((1, 2, 50)) + f"({parts[0]})"
    if kind < 0.97:
        return f"{chance.choice(FUNCTIONS)}({', '.join(parts)})"
    return parts[0] + chance.choice(ENDS)


def test_whatever_is_asked_for_is_shown_or_refused_in_one_line() -> None:
    """Thousands of expressions that nobody would write: no other error, nothing run, no warning."""
    chance, shown = random.Random(0), 0
    for _ in range(3000):
        expression = grown(chance, chance.choice((2, 3, 4)))
        values = {"x": chance.choice(VALUES), "y": chance.choice(VALUES)}
        if "y" not in expression:
            del values["y"]
        try:
            run(expression, values, chance.choice(FORMATS), exact=chance.random() < 0.5)
            shown += 1
        except GpugradError as error:
            message = str(error)
            assert message.replace("\n", "").isprintable(), ascii(expression)
    assert shown > 300


LONG = {
    "product": "*".join(["x"] * 1000),
    "powers": "**".join(["x"] * 300),
    "signs": "-" * 1900 + "x",
    "brackets": "(" * 190 + "x" + ")" * 190,
    "calls": "sin(" * 190 + "x" + ")" * 190,
    "powers of numbers": "x**9**9**9**9",
    "attributes": "x" + ".a" * 900,
    "indices": "x" + "[0]" * 600,
    "comparisons": "<".join("x" * 900),
    "a name": "x" * 1999,
    "texts": "'a'" * 600,
    "branches": "x if x else " * 150 + "x",
}


@pytest.mark.parametrize("case", LONG)
def test_the_longest_and_deepest_end_soon(case: str) -> None:
    """No work grows with the numbers in an expression, or with more than its length squared."""
    began = time.process_time()
    for format in ("table", "svg"):
        with suppress(GpugradError):
            assert run(LONG[case], {LONG[case] if case == "a name" else "x": "1.5"}, format, False)
    assert time.process_time() - began < 30


@pytest.mark.parametrize("format", ["table", "mermaid", "dot", "svg", "json"])
def test_every_format_of_odd_values_can_be_written(format: str) -> None:
    """Infinities, NaN, empty and large arrays, and an expression of over two hundred steps."""
    for expression, values in [
        ("x ** 1000", {"x": "1e300"}),
        ("log(x)", {"x": "-1"}),
        ("sum(x)", {"x": "[]"}),
        ("mean(x * x)", {"x": str(list(range(100)))}),
        ("+".join(f"x*{i}" for i in range(150)), {"x": "1"}),
        ("x", {"x": "1"}),
        ("+x - -x", {"x": "1"}),
        ("clip(x, 0) + clip(x, 0, 1)", {"x": "3"}),
        ("ñ * λ", {"ñ": "1", "λ": "2"}),
    ]:
        assert run(expression, values, format, exact=False)


def test_constants_are_computed_beforehand() -> None:
    text = run("(2 * 3 + 1/4) * x", {"x": "2"}, "table", exact=False)
    assert "6.25 × x" in text


def test_names_in_use_are_skipped() -> None:
    data = json.loads(run("(a + f) * b * c", dict.fromkeys("afbc", "1"), "json", exact=False))
    assert [node["name"] for node in data["nodes"]] == ["a", "f", "b", "c", "d", "e", "f1"]
    assert data["output"] == "f1"


def test_six_digits_or_all() -> None:
    x = "0.12345678901234566"
    assert "0.123457\n" in run("x * 1", {"x": x}, "table", exact=False)
    assert x in run("x * 1", {"x": x}, "table", exact=True)


def test_json_keeps_every_digit() -> None:
    x = 0.1 + 0.2
    data = json.loads(run("exp(x)", {"x": repr(x)}, "json", exact=False))
    node = {n["name"]: n for n in data["nodes"]}
    assert node["x"]["value"] == x
    assert node["f"]["value"] == pytest.approx(math.exp(x), rel=1e-15)
    assert node["x"]["gradient"] == node["f"]["value"]
    assert set(data) == {"version", "title", "output", "left_out", "nodes"}
    assert set(node["x"]) == {
        "name", "kind", "op", "operation", "operands", "shape", "dtype", "value", "gradient",
        "contributions", "keeps",
    }


def test_json_has_words_for_what_is_no_json_number() -> None:
    text = run("log(x) + log(y)", {"x": "0", "y": "-1"}, "json", exact=False)
    data = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert [n["value"] for n in data["nodes"]] == [0.0, -1.0, "-inf", "nan", "nan"]


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("(x + y) * x", {"x": "3", "y": "2"}),
        ("x * x", {"x": "3"}),
        ("maximum(x, 0) + x / (1 + exp(-x)) - tanh(x) * x", {"x": "1"}),
    ],
)
def test_svg_is_self_contained_and_keeps_inside_of_its_frame(
    expression: str, values: dict[str, str]
) -> None:
    text = run(expression, values, "svg", exact=False)
    root = ElementTree.fromstring(text)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = [r for r in root.iter(f"{SVG}rect") if "stroke-width" in r.attrib]
    nodes = json.loads(run(expression, values, "json", exact=False))["nodes"]
    assert len(boxes) == len(nodes) + sum(node["op"] is not None for node in nodes)
    frames = [tuple(float(r.attrib[k]) for k in ("x", "y", "width", "height")) for r in boxes]
    for i, (x, y, w, h) in enumerate(frames):
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
        for x2, y2, w2, h2 in frames[:i]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y, "boxes overlap"
    assert "href" not in text
    assert "url(http" not in text
    labels = [t.text for t in root.iter(f"{SVG}text") if t.attrib.get("class") == "label"]
    assert len(labels) == sum(len(node["contributions"]) for node in nodes)


def test_dot_has_every_edge_once() -> None:
    text = run("(x + y) * x", {"x": "3", "y": "2"}, "dot", exact=False)
    assert text.startswith("digraph gpugrad {")
    assert text.endswith("}")
    assert text.count(" -> ") == 6
    assert 'n0 -> o3 [label="5"];' in text
