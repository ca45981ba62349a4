"""Pages as files: what is in them, what is refused, and that no text in them becomes markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsers import evaluated
from page_programs import PROGRAMS, digits_step, loss, network
from test_kinds_of_nodes import PROGRAMS as KINDS
from test_kinds_of_nodes import W, X

import gpugrad as gg
from gpugrad.errors import InvalidArgument, NotDifferentiable, UnsupportedOperand
from gpugrad.show.command import run
from gpugrad.show.pages.graph_data import of_runnable
from gpugrad.show.pages.page import SCRIPTS, asset
from gpugrad.show.pages.runnable import of_function


def data_of(page: gg.show.Page) -> dict[str, Any]:
    """The JSON in a page."""
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.html())
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_page_of_the_first_example_holds_its_numbers() -> None:
    data = data_of(gg.show.page(lambda x, y: (x + y) * x, 3.0, 2.0))
    numbers = [x["data"][0] for x in data["numbers"]]
    by_name = {v["name"]: v for v in data["vertices"]}
    found = {n: (numbers[v["value"]], numbers[v["gradient"]]) for n, v in by_name.items()}
    assert found == {"x": (3, 8), "y": (2, 3), "a": (5, 3), "f": (15, 1)}
    paths = {data["vertices"][p["input"]]["name"]: p for p in data["paths"]}
    assert [numbers[one["number"]] for one in paths["x"]["listed"]] == [3, 5]
    assert paths["x"]["count"] == "2"


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_a_page_computes_is_what_python_computed(name: str) -> None:
    f, args = PROGRAMS[name]
    data = data_of(gg.show.page(f, *args))
    assert "fixed" not in data, data.get("fixed")
    found = computed(data)
    assert "outputs" in found, found
    check_numbers(found, data)


def computed(data: dict[str, Any]) -> dict[str, Any]:
    """What the evaluator makes of the program in a page."""
    program = data["program"]
    (found,) = evaluated([{"program": program, "arrays": program["arrays"]}])
    return found


def check_numbers(found: dict[str, Any], data: dict[str, Any]) -> None:
    """What was computed anew is what Python computed."""
    assert len(found["outputs"]) == len(data["numbers"])
    sizes = [abs(float(n)) for x in data["numbers"] for n in x["data"]]
    largest = max((n for n in sizes if np.isfinite(n)), default=1.0)    # of what may cancel
    for (shape, dtype, made), wanted in zip(found["outputs"], data["numbers"], strict=True):
        assert (shape, dtype) == (wanted["shape"], wanted["dtype"])
        y = np.array([float(x) for x in made])
        x = np.array([float(x) for x in wanted["data"]])
        rounding = 100 * np.finfo(dtype).eps if dtype.startswith("float") else 0.0
        np.testing.assert_allclose(y, x, rtol=rounding, atol=rounding * largest)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_paths_of_each_input_add_up_to_its_gradient(name: str) -> None:
    f, args = PROGRAMS[name]
    data = data_of(gg.show.page(f, *args))
    numbers = [np.array(x["data"], dtype=x["dtype"]) for x in data["numbers"]]
    for path in data["paths"]:
        assert len(path["listed"]) == int(path["count"])
        if path["listed"]:
            total = sum(numbers[one["number"]] for one in path["listed"])
            wanted = numbers[data["vertices"][path["input"]]["gradient"]]
            np.testing.assert_allclose(total, wanted, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_node_has_a_page(name: str) -> None:
    f = KINDS[name]
    x, w = gg.tensor(X, requires_grad=True), gg.tensor(W, requires_grad=True)
    assert "fixed" in data_of(gg.show.page(gg.sum(f(x, w)), x=x, w=w))
    data = data_of(gg.show.page(lambda x, w: gg.sum(f(x, w)), X, W))
    if "program" in data:
        found = computed(data)
        if "outputs" not in found:
            assert "does not know how to compute" in found["missing"]
        else:
            check_numbers(found, data)


def test_of_many_paths_all_are_counted_and_some_are_listed() -> None:
    def f(x: Any) -> Any:
        for _ in range(120):
            x = x + x
        return x

    (path,) = data_of(gg.show.page(f, 1e-30))["paths"]
    assert path["count"] == str(2**120)
    assert 0 < len(path["listed"]) <= 24


def test_paths_through_large_arrays_are_counted_and_not_listed() -> None:
    data = data_of(gg.show.page(lambda x: gg.sum(gg.sin(x) * x), np.zeros((2000, 1000))))
    (path,) = data["paths"]
    assert path == {"input": 0, "count": "2", "listed": []}


def test_layers_are_groups_with_their_parameters() -> None:
    data = data_of(gg.show.page(loss, network()))
    assert len(data["vertices"]) >= 60
    groups = [(g["name"], g["parent"]) for g in data["groups"]]
    assert groups[:3] == [("MLP", None), ("m.layers[0] · Linear", 0), ("m.layers[1] · Linear", 0)]
    home = {v["name"]: g for v, g in zip(data["vertices"], data["groupOf"], strict=True)}
    assert home["m.layers[0].weight"] == home["m.layers[0].bias"] == 1
    assert home["f"] is None


def test_a_group_has_no_gap() -> None:
    """What is outside came before or after all of a group, or folding it would make a cycle."""

    def part(x: Any) -> Any:
        y = gg.sin(x)
        z = yield y
        yield gg.cos(z) * y

    def f(x: Any) -> Any:
        halves = part(x)                            # a call that is left and entered again
        return halves.send(gg.exp(next(halves)))

    assert data_of(gg.show.page(f, 0.5))["groups"] == []


def test_what_has_hundreds_of_nodes_is_grouped_by_steps() -> None:
    def f(x: Any) -> Any:
        for _ in range(300):
            x = gg.sin(x)
        return x

    data = data_of(gg.show.page(f, 1.0))
    inside = [data["groupOf"].count(i) for i in range(len(data["groups"]))]
    assert max(inside) <= 20
    assert data["groupOf"].count(None) == 0


def test_constants_and_values_that_no_rule_needs_are_shown() -> None:
    data = data_of(gg.show.page(lambda x: gg.sum(x + 5), np.array([1.0, 2.0])))
    assert [v["operation"] for v in data["vertices"]] == ["input", "x + 5", "sum(a)"]
    assert all(v["value"] is not None for v in data["vertices"])


REASONS = {
    "a Tensor": (
        lambda: gg.show.page(gg.sin(gg.tensor(1.0, requires_grad=True))), "computed already",
    ),
    "a branch": (
        lambda: gg.show.page(lambda x: x * 2 if x > 0 else x, 1.0), "gg.where",
    ),
    "too many numbers": (
        lambda: gg.show.page(lambda x: gg.sum(x * x), np.zeros(200_000)), "a page computes with",
    ),
    "too many products": (
        lambda: gg.show.page(lambda x: gg.sum(x @ x), np.zeros((200, 200))), "and products",
    ),
    "a batch": (
        lambda: gg.show.page(lambda x: gg.sum(gg.vmap(gg.sin)(x)), np.arange(3.0)), "gg.vmap",
    ),
    "another graph": (lambda: gg.show.page(_growing([]), 1.0), "made another graph"),
    "random numbers": (
        lambda: gg.show.page(lambda x: gg.sum(x * _RNG.normal(size=3)), np.ones(3)),
        "other numbers when it ran again",
    ),
    "an error of its own": (lambda: gg.show.page(_once([]), 1.0), "only once"),
    "a loop that is one step": (
        lambda: gg.show.page(
            lambda x: gg.scan(lambda c, _: (gg.sin(c), None), x, length=3)[0], 1.0
        ),
        "gg.scan",
    ),
    "complex numbers": (lambda: gg.show.page(lambda x: gg.real(gg.exp(1j * x)), 1.0), "complex"),
}  # fmt: skip


_RNG = np.random.default_rng(0)


def _once(calls: list[int]) -> Any:
    def f(x: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise KeyError("only once")
        return gg.sin(x)

    return f


def _growing(calls: list[int]) -> Any:
    def f(x: Any) -> Any:
        calls.append(1)
        for _ in calls:
            x = gg.sin(x)
        return x

    return f


@pytest.mark.parametrize("case", REASONS)
def test_a_page_says_why_it_cannot_compute(case: str) -> None:
    make, words = REASONS[case]
    data = data_of(make())
    assert words in data["fixed"]
    assert "program" not in data


def test_a_function_that_gives_no_tensor_is_refused() -> None:
    with pytest.raises(NotDifferentiable, match="returned a float"):
        gg.show.page(lambda x: 1.0, 2.0)
    with pytest.raises(UnsupportedOperand, match="a float has no graph"):
        gg.show.page(1.0)
    with pytest.raises(InvalidArgument, match="cannot be called so"):
        gg.show.page(gg.sin)


def test_a_profile_of_something_else_is_refused() -> None:
    with gg.profile() as profile:
        pass
    with pytest.raises(InvalidArgument, match="leave it out"):
        gg.show.page(gg.sin, 1.0, profile=profile)
    with pytest.raises(InvalidArgument, match="has no call of"):
        gg.show.page(gg.jit(gg.sin, engine="numpy"), 1.0, profile=profile)


def test_a_page_is_saved_whole_and_replaces_a_page(tmp_path: Path) -> None:
    file = tmp_path / "graph.html"
    page = gg.show.page(gg.sin, 1.0, path=file)
    assert file.read_text(encoding="utf-8") == page.html() == str(page)
    gg.show.page(gg.cos, 1.0).save(file)
    assert file.read_text(encoding="utf-8") != page.html()
    assert [x.name for x in tmp_path.iterdir()] == ["graph.html"]
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        page.save(tmp_path)


def test_the_command_prints_a_page() -> None:
    text = run("(x + y) * x", {"x": "3", "y": "2"}, "html", exact=False)
    assert text.startswith("<!doctype html>")
    assert "f(x, y) = (x + y) * x" in text


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


EVIL = "</script><img src=x onerror=alert(1)><!--<script>&quot;'\u2028\ud800"


def test_no_text_becomes_markup() -> None:
    page = gg.show.page(lambda d: d[EVIL] * 2, {EVIL: 3.0})
    harmless = gg.show.page(lambda d: d["x"] * 2, {"x": 3.0})
    elements = [_Elements(), _Elements()]
    for parser, one in zip(elements, (page, harmless), strict=True):
        parser.feed(one.html().encode().decode())
    tags = [[tag for tag, _ in parser.found] for parser in elements]
    assert tags[0] == tags[1]
    assert "img" not in tags[0]


def test_a_page_asks_for_nothing_from_elsewhere() -> None:
    text = gg.show.page(gg.sin, 1.0).html()
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)=["']""", text)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)


def test_all_scripts_are_in_the_package() -> None:
    for name in (*SCRIPTS, "page.css"):
        assert asset(name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_strict_and_short(name: str) -> None:
    first, comment, *lines = asset(name).splitlines()
    assert first == '"use strict";'
    assert comment.startswith("// ")
    assert len(lines) < 300
    assert max(map(len, lines)) <= 100


def test_every_script_is_in_the_page() -> None:
    folder = Path(gg.show.pages.__path__[0])
    assert {file.name for file in folder.glob("*.js")} == {*SCRIPTS}


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_plan_is_shown_as_explain_tells_it(engine: str) -> None:
    pytest.importorskip("sklearn")
    if engine == "native":
        pytest.importorskip("llvmlite")
    step, args, profile = digits_step(engine)
    data = data_of(gg.show.page(step, *args, profile=profile))
    told = step.explain(*args)
    for name, text in data["summary"]:
        assert f"{name:<11}{text}" in told.splitlines()
    flat = " ".join(told.split())
    for i, one in enumerate(data["steps"], start=1):
        assert f"{i} {one['text'].split(' ')[0]}" in flat
        for text, _ in one["inside"]:               # of which a long one is wrapped
            assert " ".join(text.split()[:3]) in flat
    assert data["profile"]["calls"] == 5
    assert sum(span.get("mean", 0) for span in data["spans"]) <= data["profile"]["mean"]
    assert next(s["line"] for s in data["steps"] if s["line"]).startswith("page_programs.py:")
    check_buffers(data)


def check_buffers(data: dict[str, Any]) -> None:
    """What is in use at one time lies apart, but for what took the place of another."""
    buffers = data["buffers"]
    assert buffers
    for i, a in enumerate(buffers):
        assert a["offset"] + a["bytes"] <= data["arena"]
        assert a["from"] <= a["to"]
        for b in buffers[i + 1 :]:
            ends = [(x["offset"], x["offset"] + x["bytes"]) for x in (a, b)]
            times = a["from"] < b["to"] and b["from"] < a["to"]
            places = ends[0][0] < ends[1][1] and ends[1][0] < ends[0][1]
            assert not (times and places), (a, b)


def test_buffers_that_lie_in_one_place_at_one_time_are_found() -> None:
    one = {"name": "%1", "offset": 0, "bytes": 8, "from": 1, "to": 4}
    other = {**one, "name": "%2", "offset": 4, "from": 2}
    with pytest.raises(AssertionError):
        check_buffers({"arena": 16, "buffers": [one, other]})


def test_tables_come_without_scripts_too() -> None:
    text = gg.show.page(lambda x, y: (x + y) * x, 3.0, 2.0).html()
    inside = text[text.index("<noscript>") : text.index("</noscript>")]
    assert "<td>∂f/∂x = 8</td>" in inside


def test_a_picture_of_a_function_names_its_calls() -> None:
    picture, data = of_runnable(of_function(loss, (network(),), {}), exact=False)
    assert [v["name"] for v in data["vertices"]] == [v.name for v in picture.vertices]
    assert data["vertices"][-1]["line"].startswith("page_programs.py:")
