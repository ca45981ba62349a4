"""What people see while a network is trained: a bar, lines of text, or an output of a notebook."""

import inspect
import io
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from gpugrad.errors import Divergence
from gpugrad.train import Config, Observer, Observers, Progress, resume, start
from gpugrad.train.measured import duration, written
from gpugrad.train.progress import can_redraw, display_for
from gpugrad.train.progress_lines import GROUPS, WAIT, Lines
from gpugrad.train.status import Status

TINY = ["train", "moons", "--hidden", "8", "--backend", "numpy", "--engine", "eager"]
SETTINGS = {"hidden": (8,), "epochs": 3, "backend": "numpy", "engine": "eager"}
ESCAPE = "\x1b"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
NAMES = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "TTY_INTERACTIVE", "TTY_COMPATIBLE",
         "GITHUB_ACTIONS", "PY_COLORS")  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, no time spent on pictures, and a terminal of which nothing is known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


WITHOUT_PICTURES = (
    "import sys\nimport gpugrad.train.report as report\nreport.write_report = lambda *args: None\n"
    "from gpugrad.cli import main\nsys.exit(main())"
)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", WITHOUT_PICTURES, *TINY, *arguments]


def in_terminal(arguments: list[str], **variables: str) -> str:
    """What a command writes where its output is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | variables
    )
    os.close(theirs)
    found = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            part = os.read(ours, 65536)
        except OSError:                             # Linux says so when the other end is closed
            break
        if not part:
            break
        found += part
    os.close(ours)
    assert process.wait() == 0
    return found.decode()


# Lines

def test_in_a_pipe_there_are_plain_lines_which_come_in_order() -> None:
    arguments = command("--epochs", "40", "--out", "run")
    found = subprocess.run(arguments, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
    assert ESCAPE not in found.stdout
    assert "\r" not in found.stdout
    assert found.stdout.startswith("Training on moons, into run\n")
    epochs = [int(n) for n in re.findall(r"^epoch (\d+)/40 \|", found.stdout, re.M)]
    assert epochs == sorted(set(epochs))
    assert len(epochs) == GROUPS
    assert epochs[-1] == 40
    line = re.search(r"^epoch 20/40 .*$", found.stdout, re.M)[0]
    assert re.fullmatch(
        r"epoch 20/40 \| train loss [\d.]+, accuracy [\d.]+% \| validation loss [\d.]+, accuracy "
        r"[\d.]+% \| [\d,]+ samples/s \| \d+ s left", line,
    )  # fmt: skip


def test_a_line_is_there_at_once() -> None:
    """Not when a buffer is full: a scheduler's log is read while training goes on."""
    process = subprocess.Popen(
        command("--epochs", "1000000", "--out", "run"), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "Training on moons, into run\n"
    process.terminate()
    process.communicate()


class Clock:
    """Stands for the clock, which goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("gpugrad.train.progress.monotonic", made)
    monkeypatch.setattr("gpugrad.train.progress_lines.monotonic", made)
    return made


def test_long_epochs_have_lines_within(clock: Clock) -> None:
    output = io.StringIO()
    progress = Progress(output)
    progress.begin(Config("moons", epochs=2), None, 0, 2000)
    for _ in range(10):
        clock.now += 2.0
        progress.advance(100)
    assert output.getvalue().splitlines() == [
        "Training on moons",
        "epoch 1/2, 30% done | 50 samples/s | 34 s left",
        "epoch 1/2, 60% done | 50 samples/s | 28 s left",
        "epoch 1/2, 90% done | 50 samples/s | 22 s left",
    ]


def test_a_long_run_has_fewer_lines_as_time_goes_by(clock: Clock) -> None:
    output = io.StringIO()
    lines = Lines(output)
    counts = []
    for _ in range(3):
        before = output.getvalue().count("\n")
        for _ in range(10_000):
            clock.now += 1.0
            lines.show(Status(1, 1, 10**9), epoch_over=False)
        counts.append(output.getvalue().count("\n") - before)
    assert 100 < counts[0] < 10_000 / WAIT
    assert counts[0] > counts[1] > counts[2] > 0


def test_numbers_are_written_for_people() -> None:
    assert [duration(x) for x in (0.1234, 5, 59.9, 61, 3600 + 125)] == [
        "0.123 s", "5 s", "59.9 s", "1:01", "1:02:05"
    ]  # fmt: skip
    assert [written("loss", x) for x in (0.114, 12345.0, 0.0, 3e-9)] == [
        "0.1140", "1.234e+04", "0.000", "3.000e-09"
    ]  # fmt: skip
    assert written("accuracy", 0.9876) == "98.8%"


# Terminals

def test_in_a_terminal_there_is_a_bar() -> None:
    output = in_terminal(command("--epochs", "40", "--out", "run"), TERM="xterm")
    assert f"{ESCAPE}[?25l" in output               # the cursor is hidden ...
    assert output.rindex(f"{ESCAPE}[?25h") > output.rindex(f"{ESCAPE}[?25l")    # ... and back
    assert "epoch 40/40" in COLOUR.sub("", output)
    assert " | validation" not in output


@pytest.mark.parametrize(
    "variables",
    [{"TERM": "dumb"}, {"TERM": "unknown"}, {}, {"TERM": "xterm", "TTY_INTERACTIVE": "0"}],
    ids=["dumb", "unknown", "none", "not interactive"],
)
def test_a_terminal_that_cannot_move_its_cursor_gets_lines(variables: dict[str, str]) -> None:
    output = in_terminal(command("--epochs", "10", "--out", "run"), **variables)
    assert "epoch 10/10 | train loss" in output
    assert ESCAPE not in COLOUR.sub("", output)
    if variables.get("TERM") == "dumb":
        assert ESCAPE not in output


def test_colours_are_left_out_where_nobody_wants_them() -> None:
    arguments = command("--epochs", "5", "--out")
    assert re.search(r"\x1b\[[0-9;]*3\d", in_terminal([*arguments, "a"], TERM="xterm-256color"))
    plain = in_terminal([*arguments, "b"], TERM="xterm-256color", NO_COLOR="1")
    assert not re.search(r"\x1b\[(?:[0-9;]*;)?3\d", plain)


def test_colours_that_are_asked_for_bring_no_moves_of_the_cursor_into_a_log() -> None:
    found = subprocess.run(
        command("--epochs", "5", "--out", "run"), capture_output=True, text=True,
        env=os.environ | {"FORCE_COLOR": "1", "TERM": "xterm"},
    )  # fmt: skip
    assert COLOUR.search(found.stdout)
    assert ESCAPE not in COLOUR.sub("", found.stdout)
    assert "epoch 5/5 | train loss" in found.stdout


def test_what_can_redraw() -> None:
    output = io.StringIO()
    assert isinstance(display_for(output), Lines)
    assert not can_redraw(output)


# Notebooks

class Cell:
    """Stands for what IPython has: the output of a cell, which can be changed."""

    def __init__(self) -> None:
        self.updates: list[str] = []

    def display(self, thing: object, display_id: bool) -> "Cell":
        assert display_id
        self.update(thing)
        return self

    def update(self, thing: object) -> None:
        self.updates.append(thing._repr_html_())  # type: ignore[attr-defined]


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    made = Cell()
    ipython = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1), display=made)
    monkeypatch.setitem(sys.modules, "IPython", ipython)  # type: ignore[arg-type]
    return made


def test_in_a_notebook_the_output_changes_in_place(cell: Cell, capsys: object) -> None:
    start(Config("moons", **SETTINGS), "run", Progress())
    assert len(cell.updates) >= 2
    last = cell.updates[-1]
    assert "Training on moons, into run" in last
    assert '<progress max="1" value="1.0000">' in last
    assert [f"<td class=\"number\">{n}</td>" in last for n in (1, 2, 3)] == [True] * 3
    assert "<th class=\"number\">validation accuracy</th>" in last
    assert capsys.readouterr().out == ""  # type: ignore[attr-defined]


def test_in_a_notebook_fast_epochs_share_an_update(cell: Cell) -> None:
    start(Config("moons", **SETTINGS | {"epochs": 100}), "run", Progress())
    assert len(cell.updates) < 50


def test_ipython_in_a_terminal_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    for shell in (None, SimpleNamespace()):
        ipython = SimpleNamespace(get_ipython=lambda shell=shell: shell)
        monkeypatch.setitem(sys.modules, "IPython", ipython)  # type: ignore[arg-type]
        assert isinstance(display_for(None), Lines)


# Observers

class Noting(Observer):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[object, ...]]] = []


def _noted(name: str) -> object:
    return lambda self, *args: self.told.append((name, args))


HOOKS = [name for name, _ in inspect.getmembers(Observer, inspect.isfunction)]
for hook in HOOKS:
    setattr(Noting, hook, _noted(hook))


@pytest.mark.parametrize("engine", ["eager", "numpy"])
def test_an_observer_is_told_of_everything_in_order(engine: str) -> None:
    noting = Noting()
    outcome = start(Config("moons", **SETTINGS | {"engine": engine}), "run", noting)
    names = [name for name, _ in noting.told]
    compiled = ["compiling", "compiled"] if engine == "numpy" else []
    assert [name for name in names if name != "advance"] == [
        "begin", *compiled, "end_epoch", "end_epoch", "end_epoch", "end"
    ]  # fmt: skip
    assert noting.told[-1] == ("end", (outcome,))
    if compiled:
        (seconds,) = next(args for name, args in noting.told if name == "compiled")
        assert 0 < seconds < 60


def test_an_observer_is_told_of_the_end_by_an_error() -> None:
    noting = Noting()
    with pytest.raises(Divergence):
        start(Config("moons", **SETTINGS | {"optimizer": "momentum", "lr": 1e12}), "run", noting)
    assert noting.told[-1] == ("end", (None,))


def test_several_observers_are_all_told() -> None:
    """Of each hook that there is, with all arguments, in their order."""
    first, second = Noting(), Noting()
    both = Observers(first, second)
    for name in HOOKS:
        n = len(inspect.signature(getattr(Observer, name)).parameters) - 1
        getattr(both, name)(*range(n))
    assert [name for name, _ in first.told] == HOOKS
    assert first.told == second.told


def test_a_run_that_is_complete_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    start(Config("moons", **SETTINGS | {"engine": "numpy"}), "run", Observer())
    resume("run", {}, Progress())
    assert capsys.readouterr().out == ""


def test_compiling_is_told_with_the_time_that_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    start(Config("moons", **SETTINGS | {"engine": "numpy"}), "run", Progress())
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "Compiling the step ..."
    assert re.fullmatch(r"Compiled the step in [\d.]+ s", lines[2])


def test_the_rate_leaves_compiling_out(clock: Clock) -> None:
    progress = Progress(io.StringIO())
    progress.begin(Config("moons", epochs=2), None, 0, 2000)
    progress.compiling()
    clock.now += 60.0
    progress.compiled(60.0)
    clock.now += 1.0
    progress.advance(100)
    assert progress.rate() == 100.0
