"""Every argument of every command with values that nobody means, and places that nobody has."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gpugrad import data
from gpugrad.cli.app import run
from gpugrad.hints import shell_word
from gpugrad.train.report import write_report

CALLS = int(os.environ.get("GPUGRAD_ARGUMENTS", "150"))
TINY = ["train", "moons", "--hidden", "4", "--epochs", "1", "--backend", "numpy",
        "--engine", "eager"]  # fmt: skip
VALUES = (
    "", " ", "-", "--", "-1", "0", "1", "nan", "inf", "-inf", "1e400", "1e308", "9" * 18, "9" * 30,
    "9" * 5000, "0x10", "1_0", "١", "1,", ",", "1,1,1", "1;2", "None", "True", "\udcff", "a\nb",
    "\x1b[31mred", "[bold]", "[/]", "[/nope]", "$x$", "%s{}", "'\"", "a" * 300, "a" * 100_000, "~",
    "é", "\u202e", "/dev/null", "/dev/zero", "/dev/full", ".", "..", "/", "pipe", "pipe.npz",
    "loop", "loop.npz", "zero.npz", "null.npz", "folder", "folder.npz", "empty", "empty.npz",
    "a" * 300 + ".npz", "\udcff.npz", "[b].npz", "missing/file.npz",
)  # fmt: skip
SETTINGS = (
    "hidden", "activation", "optimizer", "lr", "schedule", "weight-decay", "batch-size", "seed",
    "backend", "engine", "threads", "dtype", "keep", "task", "checkpoint-every",
)  # fmt: skip
SLOTS: tuple[list[str], ...] = (
    *([*TINY, f"--{name}", "?"] for name in SETTINGS),
    [*TINY, "--out", "?"], ["train", "?", "--epochs", "1"], ["train", "--resume", "?"],
    ["train", "--resume", "run", "--activation", "?"], ["train", "--resume", "run", "?"],
    ["train", "--previous", "--resume", "?"], ["predict", "?", "moons"], ["predict", "run", "?"],
    ["predict", "run", "moons", "--out", "?"], ["predict", "run", "moons", "--out", "?.csv"],
    ["predict", "run", "moons", "--backend", "?"], ["trace", "?"], ["trace", "?", "x=1"],
    ["trace", "x", "x=?"], ["trace", "x", "?"], ["trace", "x", "?=1"],
    ["trace", "x", "x=1", "--format", "?"], ["trace", "x", "x=1", "?"], ["info", "?"], ["?"],
    ["--?"], ["train", "--?"],
)  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a trained model and with files that are not what their names say."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPUGRAD_TRACEBACK", "1")    # a fault of gpugrad fails the test
    monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)
    for name in ("pipe", "pipe.npz"):
        os.mkfifo(name)
    for name in ("loop", "loop.npz"):
        Path(name).symlink_to(name)
    Path("zero.npz").symlink_to("/dev/zero")
    Path("null.npz").symlink_to("/dev/null")
    for name in ("folder", "folder.npz"):
        Path(name).mkdir()
    for name in ("empty", "empty.npz"):
        Path(name).touch()
    assert run([*TINY, "--out", "run"]) == 0
    return tmp_path


def test_every_argument_is_taken_or_refused_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, codes = random.Random(0), []
    pairs = [(slot, value) for slot in SLOTS for value in VALUES]
    signal.alarm(300)                               # a pipe would be waited for without end
    try:
        for slot, value in chance.sample(pairs, min(CALLS, len(pairs))):
            capsys.readouterr()
            codes.append(run([part.replace("?", value) for part in slot]))
            output, errors = capsys.readouterr()
            case = f"{slot} with {ascii(value)[:40]}"
            assert codes[-1] in (0, 1, 2), case
            assert output.replace("\n", "").isprintable(), case
            assert errors.removesuffix("\n").isprintable(), case
            assert errors.count("\n") == (codes[-1] != 0), case
    finally:
        signal.alarm(0)
    assert codes.count(0) > len(codes) / 50
    assert codes.count(2) > len(codes) / 2


NAMES = (
    "plain", "two words", "a\nb", "\x1b[31mred", "[bold]b[/]", "[/]", "it's", "$(x)`y`\\",
    "\udcff\udcfe", "é", "\u202eab", "\t", "*", "-x", "$'a'", "x" * 255,
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_the_way_to_continue_is_what_a_shell_reads(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A run in a folder of any name is stopped; the line that it prints names this folder."""
    name = name.replace("/", "")
    with monkeypatch.context() as patch:
        patch.setattr("gpugrad.train.Progress.advance",
                      lambda self, rows: signal.raise_signal(signal.SIGTERM))  # fmt: skip
        assert run([*TINY, "--out", name]) == 143
    output = capsys.readouterr().out
    assert output.replace("\n", "").isprintable()
    word = output.splitlines()[-1].removeprefix("  gpugrad train --resume ")
    assert word == shell_word(Path(name))
    read = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True).stdout
    assert read == os.fsencode(name)
    assert run(["train", "--resume", name]) == 0


PICTURED = [
    ("$\\frac{$", 2), ("$\\frac{$", 3), ("\x1b[31m", 2), ("\udcff", 2), ("日本\n", 3),
    ("x" * 240, 2),
]  # fmt: skip


@pytest.mark.parametrize(("name", "features"), PICTURED)
def test_pictures_can_be_drawn_of_a_file_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str,
    features: int,
) -> None:  # fmt: skip
    """What is a formula to Matplotlib, has no sign in its font, or is no text at all."""
    monkeypatch.setattr("gpugrad.train.report.write_report", write_report)
    monkeypatch.setattr("gpugrad.train.report.FORMATS", (("png", {"dpi": 20}),))
    moons = data.moons(rows=60)
    x = np.hstack([moons.x, moons.x])[:, :features]
    with Path(f"{name}.npz").open("wb") as file:
        np.savez(file, x=x, y=moons.y)
    assert run([*TINY[:1], f"{name}.npz", *TINY[2:], "--out", "pictured"]) == 0
    assert capsys.readouterr().err == ""


def test_pictures_do_not_depend_on_what_else_matplotlib_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A `matplotlibrc` may ask for LaTeX, which is not there."""
    from matplotlib import rcParams

    monkeypatch.setattr("gpugrad.train.report.write_report", write_report)
    for name, setting in (("usual", False), ("other", True)):
        monkeypatch.setitem(rcParams, "text.usetex", setting)
        monkeypatch.setitem(rcParams, "font.size", 90 if setting else 11)
        assert run([*TINY, "--out", name]) == 0
    assert (here / "usual/curves.png").read_bytes() == (here / "other/curves.png").read_bytes()
    assert rcParams["text.usetex"]


def gpugrad(*arguments: str | bytes, **variables: str | None) -> tuple[int, str, str]:
    """Exit code and outputs of a process; a variable that is `None` is not there."""
    wanted = {**os.environ, **variables}
    found = subprocess.run(
        [sys.executable, "-m", "gpugrad.cli", *arguments], capture_output=True,
        env={name: value for name, value in wanted.items() if value is not None},
    )  # fmt: skip
    return found.returncode, found.stdout.decode("latin-1"), found.stderr.decode("latin-1")


def test_a_home_that_is_none_is_no_matter(here: Path) -> None:
    """Nor is a folder for Matplotlib that cannot be made, or a locale that does not exist."""
    places = {"HOME": None, "MPLCONFIGDIR": "/proc/none", "XDG_CACHE_HOME": "/dev/null"}
    code, output, errors = gpugrad(*TINY, "--out", "new", **places, LC_ALL="xx_YY.UTF-8")
    assert (code, errors) == (0, "")
    assert "Everything is in new" in output
    assert (here / "new/curves.png").is_file()


def test_signs_that_an_encoding_does_not_have_are_escaped() -> None:
    ascii_only = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii:strict"}
    code, output, errors = gpugrad("trace", "x * x", "x=2", **ascii_only)
    assert (code, errors) == (0, "")
    assert r"\u2202" in output


def test_bytes_that_are_no_text_are_one_line(here: Path) -> None:
    code, output, errors = gpugrad("train", b"\xff.npz", TERM="dumb", NO_COLOR="1")
    assert (code, output) == (2, "")
    assert errors.startswith(r"gpugrad: \udcff.npz: there is no such file")
    assert errors.count("\n") == 1


def test_sizes_of_a_terminal_that_are_none_are_no_matter() -> None:
    code, output, errors = gpugrad("--help", COLUMNS="²", TERMINAL_WIDTH="wide")
    assert (code, errors) == (0, "")
    assert "train" in output


def test_what_keeps_a_package_from_starting_is_one_line(here: Path) -> None:
    (here / "typer.py").write_text("raise ValueError('it is broken')")
    paths = [str(here), *filter(None, [os.environ.get("PYTHONPATH")])]
    code, output, errors = gpugrad("info", PYTHONPATH=os.pathsep.join(paths))
    assert (code, output, errors.count("\n")) == (2, "", 1)
    assert errors.startswith("gpugrad: the command line cannot be started: ValueError: it is br")


def test_plots_that_cannot_be_drawn_are_one_line_after_all_is_saved(here: Path) -> None:
    code, _, errors = gpugrad(*TINY, MPLBACKEND="nonsense")
    assert (code, errors.count("\n")) == (2, 1)
    assert "the run is complete, but its plots cannot be drawn" in errors
    assert list(here.glob("**/summary.json"))
    assert not list(here.glob("**/curves.svg"))


def test_a_working_directory_that_is_gone_is_one_line(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "gone").mkdir()
    monkeypatch.chdir(here / "gone")
    (here / "gone").rmdir()
    assert gpugrad("trace", "x * x", "x=2")[::2] == (0, "")
    code, _, errors = gpugrad(*TINY)
    assert (code, errors.count("\n")) == (1, 1)
