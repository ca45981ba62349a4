"""What messages tell their readers to type works where it is typed."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import gpugrad
from gpugrad import data, engines, hints
from gpugrad.backends import choose
from gpugrad.cli.app import run
from gpugrad.errors import BackendUnavailable, DataError, GpugradError

PACKAGE = Path(gpugrad.__file__).parent
SCRIPT = "#!{}\nimport sys\nfrom gpugrad.cli import main\nsys.exit(main())\n"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A console script as installers make them, in a folder of its own."""
    script = tmp_path / "own venv" / "bin" / "gpugrad"
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT.format(sys.executable))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.chdir(tmp_path)
    return script


def typed(line: str, path: str | None = None) -> str:
    """The last line that a shell prints for `line`."""
    variables = dict(os.environ, PYTHONPATH=str(PACKAGE.parent))
    if path is not None:
        variables["PATH"] = f"{path}{os.pathsep}{variables['PATH']}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=variables)
    return (done.stdout + done.stderr).splitlines()[-1]


AGAIN = "gpugrad: give a data set, as in {} train digits, or a run to continue, with --resume"


def test_a_script_is_called_as_it_was(program: Path) -> None:
    relative = "'own venv/bin/gpugrad'"
    assert typed(f"{relative} train") == AGAIN.format(relative)
    assert typed(f"'{program}' train") == AGAIN.format(f"'{program}'")


def test_a_script_on_the_path_is_called_by_its_name(program: Path) -> None:
    assert typed("gpugrad train", str(program.parent)) == AGAIN.format("gpugrad")


@pytest.mark.parametrize("module", ["gpugrad", "gpugrad.cli"])
@pytest.mark.parametrize("name", [os.path.abspath, os.path.relpath])
def test_a_module_is_called_by_the_python_that_runs_it(
    program: Path, module: str, name: Callable[[str], str]
) -> None:
    python = shlex.quote(name(sys.executable))
    assert typed(f"{python} -m {module} train") == AGAIN.format(f"{python} -m gpugrad")


@pytest.mark.parametrize("argument", ["", "-c", "/usr/bin/pytest", "/a/other/__main__.py", "\0"])
def test_another_program_says_the_bare_name(
    monkeypatch: pytest.MonkeyPatch, argument: str
) -> None:
    monkeypatch.setattr(sys, "argv", [argument])
    assert hints.command("train", "--resume", Path("a run")) == "gpugrad train --resume 'a run'"
    monkeypatch.setattr(sys, "argv", [])
    assert hints.command("info") == "gpugrad info"


def test_what_is_printed_can_be_typed(program: Path) -> None:
    """In full: a run is stopped, and its last line continues it."""
    stop = (
        "import signal, sys\n"
        "from gpugrad.cli import main, progress\n"
        "progress.ProgressBar.advance = lambda *args: signal.raise_signal(signal.SIGINT)\n"
        "sys.exit(main())\n"
    )
    stopping = program.with_name("stopping") / "gpugrad"
    stopping.parent.mkdir()
    stopping.write_text(f"#!{sys.executable}\nfrom gpugrad.cli import app\n{stop}")
    stopping.chmod(0o755)
    options = "moons --hidden 4 --epochs 1 --backend numpy --engine eager --out 'a run'"
    line = typed(f"{shlex.quote(str(stopping))} train {options}").strip()
    assert line == f"{shlex.quote(str(stopping))} train --resume 'a run'"
    program.rename(stopping)
    assert typed(line) == "Everything is in a run"


# What is to be installed



def missing_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    data.digits()


def missing_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    engines.check_engine("native")


def missing_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpugrad.backends.select.probe_cupy", lambda: "CuPy is not installed")
    choose("cupy")


@pytest.mark.parametrize(
    ("extra", "error", "ask"),
    [
        ("train", DataError, missing_digits), ("jit", BackendUnavailable, missing_compiler),
        ("cuda13", BackendUnavailable, missing_cupy),
    ],
)  # fmt: skip
def test_what_is_missing_can_be_installed_from_a_checkout_too(
    monkeypatch: pytest.MonkeyPatch, extra: str, error: type[GpugradError], ask: object
) -> None:
    with pytest.raises(error) as caught:
        ask(monkeypatch)  # type: ignore[operator]
    assert hints.install(extra) in str(caught.value)
    assert f"pip install 'gpugrad[{extra}]'" in hints.install(extra)
    assert f"pip install '.[{extra}]'" in hints.install(extra)


def test_no_message_has_words_of_its_own_for_it() -> None:
    """Neither how gpugrad is called nor how an extra is installed."""
    found = [
        f"{path.relative_to(PACKAGE)}: {sign}"
        for path in PACKAGE.rglob("*.py")
        for sign in ("pip install 'gpugrad[", "with: gpugrad", "gpugrad train --")
        if path != PACKAGE / "hints.py" and sign in path.read_text("utf-8")
    ]
    assert found == []


# Other things that one types first


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr() == (f"gpugrad {gpugrad.__version__}\n", "")
