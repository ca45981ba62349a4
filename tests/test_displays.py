"""What notebooks show: HTML without scripts, in the colours of the notebook, with text escaped."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import nn
from gpugrad.tabular import Text, columns, html_table
from gpugrad.train import Config, Observer, Outcome, start
from gpugrad.train.folder import RunFolder
from gpugrad.train.measured import figures
from gpugrad.train.progress_notebook import Notebook
from gpugrad.train.status import Status

NASTY = "<script>alert('&')</script>"
VOID = {"br", "hr", "img", "input", "meta", "link"}


class Reader(HTMLParser):
    """Reads HTML: its tables as cells, all its text, and what is wrong with it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.rows: list[list[str]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        self.wrong += [f"{tag} is left open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "link", "img"):
            self.wrong.append(f"there is a {tag}")
        for name, value in attrs:
            if name[:2] == "on" or name in ("href", "src", "style") or "javascript" in str(value):
                self.wrong.append(f"{tag} has {name}")
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"{tag} is closed where it is not open")

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.wrong += re.findall(r"(?<![-\w])(?:color|background)\S*: *(?!inherit)\w", data)
            self.wrong += re.findall(r"(?<![-\w])(?:color|background)\S*: *#", data)
            self.wrong += re.findall(r"@import|url\(", data)
            return
        self.words.append(data)
        if self.open[-1:] in (["td"], ["th"]):
            self.rows[-1][-1] += data

    @property
    def text(self) -> str:
        return " ".join(self.words)


def read(thing: object) -> Reader:
    found = Reader(thing._repr_html_())  # type: ignore[attr-defined]
    assert found.wrong == []
    return found


def double(x: object) -> object:
    return gg.sin(x) * 2


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)
    return start(Config("moons", hidden=(4,), epochs=2, backend="numpy"), "run", Observer())


LAYERS = {
    "Linear": lambda: nn.Linear(2, 3),
    "MLP": lambda: nn.MLP([2, 3, 1]),
    "Conv2d": lambda: nn.Conv2d(1, 2, 3),
    "BatchNorm1d": lambda: nn.BatchNorm1d(3),
    "Dropout": lambda: nn.Dropout(0.0),
    "Residual": lambda: nn.Residual(nn.Linear(2, 2)),
    "LSTM": lambda: nn.LSTM(2, 3, layers=2, bidirectional=True),
    "TransformerBlock": lambda: nn.TransformerBlock(8, 2, rotary=True),
    "Sequential": lambda: nn.Sequential(nn.Linear(2, 3), gg.relu, nn.BatchNorm1d(3)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_tables_of_what_is_in_them(name: str) -> None:
    model = LAYERS[name]()
    found, table = read(model), nn.summary(model)
    assert found.rows[0] == ["path", "layer", "output", "parameters", "bytes"]
    assert [row[0] for row in found.rows[1:]] == [row.path or "(model)" for row in table.rows]
    assert f"{table.parameters:,} parameters" in found.text
    read(gg.tree.map(lambda x: x.shape, model))     # something else in place of arrays
    read(gg.tree.map(lambda x: None, model))


def test_names_of_functions_in_a_model_are_escaped() -> None:
    def named(x: object) -> object:
        return x

    named.__name__ = NASTY
    assert NASTY in read(nn.Sequential(named)).text


def test_every_layer_is_shown() -> None:
    kinds = [x for x in map(vars(nn).get, nn.__all__) if isinstance(x, type)]
    callables = [kind for kind in kinds if "__call__" in dir(kind)]
    assert len(callables) >= 30
    assert all(hasattr(kind, "_repr_html_") for kind in callables)


def test_the_reader_notices_what_is_wrong() -> None:
    """A test that could not fail would be none."""
    for html in (
        "<p>", "<script></script>", "<p onclick='x'></p>", "<b><i></b></i>", "<a href='x'></a>",
        "<style>p {color: red}</style>", "<style>p {background: #fff}</style>",
        "<style>@import 'x'</style>", "</p>",
    ):  # fmt: skip
        assert Reader(html).wrong, html
    assert Reader("<style>p {color: inherit}</style><p>a</p>").wrong == []


def test_a_profile() -> None:
    f, x = gg.jit(double, engine="numpy"), np.ones(3)
    f.compile(x)
    with gg.profile() as profile:
        for _ in range(7):
            f(x)
    found = read(profile)
    head, first, *rest = found.rows
    assert head[:3] == ["function", "engine", "calls"]
    assert first[:3] == ["double", "numpy", "7"]
    assert any(row[6].startswith("sin float64[3]") for row in rest)
    for cell in first:
        assert cell in str(profile)
    assert repr(profile) == str(profile)


def test_a_profile_of_nothing() -> None:
    with gg.profile() as profile:
        pass
    assert "no compiled function ran" in read(profile).text


def test_an_explanation() -> None:
    f, x = gg.jit(double, engine="numpy"), np.ones(3)
    text = f.explain(x)
    assert isinstance(text, str)
    assert repr(text) == str(text) == text
    assert "float64[3]" in read(text).text
    assert text in read(text).words
    assert read(f.source(x)).text == f.source(x)
    assert text.splitlines()[0] == str(text).split("\n")[0]


def test_the_support(monkeypatch: pytest.MonkeyPatch) -> None:
    from gpugrad.catalogue.support_table import Row, Support

    table = Support((Row("sin", "elementwise", "any order", "generated", "one call", NASTY),), {})
    found = read(table)
    assert found.rows[1] == ["sin", "elementwise", "any order", "generated", "one call", NASTY]
    assert repr(table) == str(table)
    assert NASTY in str(table)


def test_an_outcome(ran: Outcome) -> None:
    found = read(ran)
    assert found.rows[:2] == [["", "train", "validation", "test"], ["rows", "700", "100", "200"]]
    assert [row[0] for row in found.rows[2:4]] == ["loss", "accuracy"]
    assert ran.scores is not None
    assert f"{figures(ran.scores['test'])['accuracy']:.1%}" == found.rows[3][3]
    assert "finished; the weights of epoch 2 are kept" in found.text
    for row in found.rows:
        assert re.search(" +".join(map(re.escape, row)), repr(ran))
    stopped = Outcome(RunFolder(Path(NASTY)), finished=False, epochs=3, signal=15)
    assert NASTY in read(stopped).text
    assert repr(stopped) == f"Run in {NASTY}: stopped by SIGTERM after 3 whole epochs"


def test_progress_in_a_notebook(ran: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook()
    monkeypatch.setattr(notebook, "_display", lambda: None)
    notebook.say(NASTY)
    for record in ran.folder.records():
        notebook.show(Status(2, record.epoch, 2, record=record, rate=10.0), epoch_over=True)
    found = read(notebook)
    assert NASTY in found.words
    assert found.rows[0][:3] == ["epoch", "train loss", "train accuracy"]
    assert [row[0] for row in found.rows[1:]] == ["1", "2"]
    assert repr(notebook).splitlines()[0] == NASTY


def test_a_trace() -> None:
    x = gg.tensor(3.0, requires_grad=True)
    found = read(gg.show.trace(x * x, **{NASTY: x}))
    assert any("9" in row for row in found.rows)
    assert NASTY in found.text


def test_tables_are_aligned() -> None:
    rows = [("name", "n"), ("a", "1"), ("b", "1,000")]
    assert columns(rows, "<>") == ["name      n", "a         1", "b     1,000"]
    assert html_table(("a", "b"), [("1", "2")], "<>").count('class="number"') == 2
    assert Text("a\nb")._repr_html_().endswith("<pre>a\nb</pre></div>")
