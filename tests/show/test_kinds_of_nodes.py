"""Every kind of node that a graph can have, in everything that `gg.show` makes of a graph."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import show
from gpugrad.errors import GraphFreed, TrackedConversion

X = np.array([[0.5, 2.0], [3.0, 4.0]])
W = np.array([1.5, -2.0])


def _ruled() -> Any:
    @gg.custom_vjp
    def tilted(x: Any, w: Any) -> Any:
        return gg.sin(x) * w

    tilted.defvjp(
        lambda x, w: (gg.sin(x) * w, (gg.cos(x) * w, gg.sin(x))),
        lambda kept, g: (g * kept[0], gg.sum(g * kept[1], axis=tuple(range(g.ndim - 1)))),
    )
    return tilted


def _pair() -> Any:
    @gg.custom_vjp
    def add(x: Any, w: Any) -> Any:                 # the name of an op that has a sign
        return {"sine": gg.sin(x), "double": 2 * x, "other": 3 * w}

    def fwd(x: Any, w: Any) -> Any:
        return {"sine": gg.sin(x), "double": 2 * x, "other": 3 * w}, x

    def bwd(x: Any, g: Any) -> Any:
        return g["sine"] * gg.cos(x) + 2 * g["double"], 3 * g["other"]

    add.defvjp(fwd, bwd)
    return add


def _root(a: Any) -> Any:
    @gg.implicit(lambda x, a: x * x - a)
    def solver(a: Any) -> Any:
        return gg.sqrt(a)

    return solver(a)


def _written(x: Any, w: Any) -> Any:
    y = gg.copy(x)
    y[0] = w * w
    y[1] *= 2.0
    return y


def _view(x: Any, w: Any) -> Any:
    y = gg.copy(x)
    row = y[0]
    y[0, 1] = w[0]
    return row.T * y.reshape(2, 2)


def _written_through(x: Any, w: Any) -> Any:
    """What is written into the first column of `y` is the first row of a view of it."""
    y = x * 1.0
    y.T[0] = w * w
    return y * w


def _loop(x: Any, w: Any) -> Any:
    carry, rows = gg.scan(lambda c, v: (c * v + w, c), w, x)
    return carry + gg.sum(rows, axis=0)


def _branch(x: Any, w: Any) -> Any:
    return gg.cond(gg.sum(x) > 4, lambda: gg.sin(x) * w, lambda: x)


def _by_rows(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, w: gg.vmap(lambda row: f(row, w))(x)


SEGMENTS: dict[str, tuple[Callable[..., Any], str]] = {
    "checkpoint": (gg.checkpoint(lambda x, w: gg.sin(x) * w), "checkpoint"),
    "checkpoint with a closure": (
        lambda x, w: gg.checkpoint(lambda x: gg.sin(x) * w)(x), "checkpoint"
    ),
    "checkpoint of a tree": (
        lambda x, w: gg.checkpoint(lambda p: [p["x"] * p["w"], p["w"]])({"x": x, "w": w})[0],
        "checkpoint",
    ),
    "checkpoint of one operand twice": (
        lambda x, w: gg.checkpoint(lambda a, b: a * b)(x, x) * w, "checkpoint"
    ),
    "custom_vjp": (lambda x, w: _ruled()(x, w), "tilted"),
    "custom_vjp of several results": (lambda x, w: _pair()(x, w)["sine"] * w, "add"),
    "implicit": (lambda x, w: _root(x * x) * w, "root"),
    "nested": (gg.checkpoint(lambda x, w: gg.checkpoint(_ruled())(x, w) * w), "checkpoint"),
}

OTHERS: dict[str, Callable[..., Any]] = {
    "op": lambda x, w: gg.sin(x) * w,
    "op of a list": lambda x, w: gg.stack([w, x[0], np.ones(2)]),
    "op of several results": lambda x, w: gg.linalg.eigh(x @ x.T)[1] * w,
    "write": _written,
    "view": _view,
    "write through a view": _written_through,
    "scan": _loop,
    "cond": _branch,
    "fft": lambda x, w: gg.abs(gg.fft.fft(x * w)),
    "jit": lambda x, w: gg.jit(_loop)(x, w),
    "no segment is left of a checkpoint without a gradient": lambda x, w: (
        gg.checkpoint(gg.sin)(W) * x * w
    ),
}

PROGRAMS: dict[str, Callable[..., Any]] = {
    **{name: f for name, (f, _) in SEGMENTS.items()},
    **OTHERS,
    **{f"vmap of {name}": _by_rows(f) for name, (f, _) in SEGMENTS.items()},
    **{f"vmap of {name}": _by_rows(OTHERS[name]) for name in ("op", "cond", "fft")},
    "vmap of scan": lambda x, w: gg.vmap(lambda row: _loop(row, gg.sum(w)))(x),
    "vmap of vmap": _by_rows(lambda row, w: gg.vmap(lambda v: gg.sin(v) * gg.sum(w))(row)),
}

FUNCTIONS: dict[str, Callable[..., str]] = {
    "trace": lambda t, **named: str(show.trace(t, **named)),
    "trace in a notebook": lambda t, **named: show.trace(t, **named)._repr_html_(),
    "trace as JSON": lambda t, **named: show.trace(t, **named).json(),
    "graph": lambda t, **named: str(show.graph(t, **named)),
    "graph for Graphviz": lambda t, **named: show.graph(t, **named).dot(),
    "graph as a picture": lambda t, **named: show.graph(t, **named).svg(),
    "graph as JSON": lambda t, **named: show.graph(t, **named).json(),
}


def applied(name: str) -> tuple[Any, Any, Any]:
    """The sum of what a program makes, and its inputs."""
    x, w = gg.tensor(X, requires_grad=True), gg.tensor(W, requires_grad=True)
    return gg.sum(PROGRAMS[name](x, w)), x, w


def described(name: str) -> dict[str, Any]:
    loss, x, w = applied(name)
    text = show.trace(loss, x=x, w=w, exact=True).json()
    return {node["name"]: node for node in json.loads(text)["nodes"]}


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_function_shows_every_kind_of_node(name: str, function: str, exact: bool) -> None:
    loss, x, w = applied(name)
    text = FUNCTIONS[function](loss, x=x, w=w, exact=exact)
    assert " object at 0x" not in text
    if name in SEGMENTS:
        assert SEGMENTS[name][1] in text
    if function == "graph as a picture":
        ElementTree.fromstring(text)
    if "JSON" in function:
        json.loads(text)


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_are_those_of_backward(name: str) -> None:
    nodes = described(name)
    loss, x, w = applied(name)
    loss.backward()
    for t, called in ((x, "x"), (w, "w")):
        if called in nodes:
            np.testing.assert_allclose(nodes[called]["gradient"], t.grad, rtol=1e-12)
            assert nodes[called]["value"] == t.value.tolist()
        else:
            assert t.grad is None


@pytest.mark.parametrize("name", PROGRAMS)
def test_contributions_make_up_the_gradient(name: str) -> None:
    for node in described(name).values():
        if isinstance(node["dtype"], list) or node["kind"] == "output":
            continue
        shares = [np.asarray(share["value"]) for share in node["contributions"]]
        if node["gradient"] is not None:
            np.testing.assert_allclose(
                sum(shares), np.asarray(node["gradient"]), rtol=1e-12, atol=1e-12
            )


@pytest.mark.parametrize("name", PROGRAMS)
def test_looking_changes_nothing(name: str) -> None:
    loss, x, w = applied(name)
    first = show.graph(loss, x=x, w=w).json()
    assert show.graph(loss, x=x, w=w).json() == first
    loss.backward()
    with pytest.raises(GraphFreed):
        show.graph(loss, x=x, w=w)


def segment(name: str) -> dict[str, Any]:
    (node,) = [node for node in described(name).values() if node["op"] == SEGMENTS[name][1]]
    return node


@pytest.mark.parametrize(
    ("name", "operation", "keeps"),
    [
        ("checkpoint", "checkpoint(x, w)", ["input x", "input w"]),
        ("checkpoint with a closure", "checkpoint(x, w)", ["input x"]),
        ("checkpoint of a tree", "checkpoint(w, x)", ["input w", "input x"]),
        ("checkpoint of one operand twice", "checkpoint(x, x)", ["input x"]),
        (
            "custom_vjp",
            "tilted(x, w)",
            ["input x", "input w", "residual [[1.31637, 0.832294], [-1.48499, 1.30729]]",
             "residual [[0.479426, 0.909297], [0.14112, -0.756802]]"],
        ),
        ("custom_vjp of several results", "add(x, w)", ["input x", "input w"]),
        ("nested", "checkpoint(x, w)", ["input x", "input w"]),
    ],
)  # fmt: skip
def test_a_segment_is_written_with_its_operands_and_what_it_keeps(
    name: str, operation: str, keeps: list[str]
) -> None:
    node = segment(name)
    assert node["operation"] == operation
    assert [f"{kept['kind']} {kept['name']}" for kept in node["keeps"]] == keeps


def test_a_segment_of_one_result_is_shown_as_this() -> None:
    node = segment("checkpoint")
    assert (node["shape"], node["dtype"]) == ([2, 2], "float64")
    assert node["gradient"] == [[1.0, 1.0], [1.0, 1.0]]


def test_a_segment_of_several_results_is_shown_with_each() -> None:
    node = segment("custom_vjp of several results")
    assert node["shape"] == [[2, 2], [2], [2, 2]]      # a tree has its keys in order
    assert [g is None for g in node["gradient"]].count(False) == 1


def test_the_value_of_a_segment_is_known_where_somebody_kept_it() -> None:
    x = gg.tensor([1.0, 2.0], requires_grad=True)
    text = show.trace(gg.sum(gg.square(gg.checkpoint(lambda x: 3 * x)(x)))).json()
    (node,) = [node for node in json.loads(text)["nodes"] if node["op"] == "checkpoint"]
    assert node["value"] == [3.0, 6.0]


def test_what_a_segment_keeps_is_told_after_the_graph_was_freed() -> None:
    loss, x, w = applied("custom_vjp")
    seen = show.trace(loss, x=x, w=w)
    before = str(seen)
    loss.backward()
    assert str(seen) == before


def test_a_segment_runs_only_for_its_rule() -> None:
    runs = []

    def f(x: Any) -> Any:
        runs.append(x)
        return gg.sin(x)

    loss = gg.sum(gg.checkpoint(f)(gg.tensor([1.0, 2.0], requires_grad=True)))
    runs.clear()
    show.graph(loss)
    assert len(runs) == 1


def test_what_is_the_same_for_all_parts_of_a_batch_gets_a_sum() -> None:
    loss, x, w = applied("vmap of op")
    text = str(show.trace(loss, x=x, w=w))
    lines = [line for line in text.splitlines() if "summed over broadcast axes" in line]
    assert len(lines) == 1
    assert "∂f/∂w" in lines[0]
    assert "Of what is in gg.vmap, all parts are shown" in text
    assert "gg.vmap" not in str(show.trace(applied("op")[0]))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("by_rows", [False, True])
def test_nodes_that_are_left_out_may_be_segments(by_rows: bool, function: str) -> None:
    def chain(x: Any, w: Any) -> Any:
        for _ in range(210):
            x = gg.checkpoint(lambda x: gg.sin(x) + w)(x)
        return x

    x, w = gg.tensor(X, requires_grad=True), gg.tensor(W, requires_grad=True)
    loss = gg.sum((_by_rows(chain) if by_rows else chain)(x, w))
    text = FUNCTIONS[function](loss, x=x, w=w, exact=True)
    if "JSON" in function:
        loss.backward()
        nodes = {node["name"]: node for node in json.loads(text)["nodes"]}
        np.testing.assert_allclose(nodes["w"]["gradient"], w.grad, rtol=1e-12)
        shares = sum(np.asarray(share["value"]) for share in nodes["w"]["contributions"])
        np.testing.assert_allclose(shares, w.grad, rtol=1e-12)


@pytest.mark.parametrize("wrapped", [gg.jit, gg.vmap])
@pytest.mark.parametrize("function", [show.trace, show.graph])
@pytest.mark.parametrize("program", [_loop, _branch, gg.checkpoint(_ruled())])
def test_values_inside_of_jit_and_vmap_are_refused(
    wrapped: Any, function: Any, program: Any
) -> None:
    def f(x: Any) -> Any:
        loss = gg.sum(program(gg.stack([x, x]), x))
        function(loss)
        return loss

    with pytest.raises(TrackedConversion, match=r"t\.value of a value (in gg\.vmap|that gg\.jit)"):
        wrapped(gg.grad(f))(X if wrapped is gg.vmap else W)
