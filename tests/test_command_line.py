"""The command line around a run: help, completion, and jobs that are started again."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from gpugrad.cli.app import app, run
from gpugrad.cli.completion import VARIABLE, data_sets, runs
from gpugrad.data import dataset_names
from gpugrad.optim import OPTIMIZERS

TINY = ["train", "moons", "--hidden", "8", "--epochs", "3", "--backend", "numpy",
        "--engine", "eager"]  # fmt: skip
PAGE = Path(__file__).parents[1] / "docs" / "guide" / "command-line.md"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, no time spent on pictures, and a wide terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", VARIABLE):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


# Help

COMMANDS = ([], ["train"], ["predict"], ["trace"], ["info"])


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words) or "gpugrad")
def test_help_is_everywhere(
    capsys: pytest.CaptureFixture[str], command: list[str], flag: str
) -> None:
    assert run([*command, flag]) == 0
    output, errors = capsys.readouterr()
    assert "Usage: gpugrad" in output
    assert errors == ""
    if command != ["info"]:
        assert re.search(r"^ +gpugrad [a-z]+ ", output, re.M)       # an example on its own line


def test_help_groups_what_belongs_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "--help"]) == 0
    output = capsys.readouterr().out
    places = [output.index(f" {panel} ─") for panel in ("Model", "Optimisation", "Machine", "Run")]
    assert places == sorted(places)
    assert output.index("--hidden") < places[1] < output.index("--optimizer") < places[2]
    assert places[3] < output.rindex("--resume")
    assert "None" not in output


def test_help_in_a_pipe_has_no_control_sequences() -> None:
    variables = {name: x for name, x in os.environ.items() if name not in ("COLUMNS", "TERM")}
    found = subprocess.run(
        [sys.executable, "-m", "gpugrad", "train", "--help"], capture_output=True, text=True,
        env=variables, check=True,
    )  # fmt: skip
    assert "--epochs" in found.stdout
    assert "\x1b" not in found.stdout


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    output = "".join(capsys.readouterr())
    assert "gpugrad train digits" in output
    assert "Exit codes" in output


def test_a_formula_may_begin_like_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "-h * x", "h=2", "x=3"]) == 0
    assert capsys.readouterr().out.startswith("f(h, x) = -h * x")
    assert run(["trace", "-h", "h=2"]) == 0
    assert capsys.readouterr().out.startswith("f(h) = -h")


# Completion

def completed(*words: str) -> list[str]:
    """What bash offers for the last of these words after `gpugrad`."""
    found = subprocess.run(
        [sys.executable, "-c", "from gpugrad.cli import main; main()"],
        capture_output=True, text=True, check=True,
        env=os.environ | {
            VARIABLE: "complete_bash", "COMP_WORDS": " ".join(["gpugrad", *words]),
            "COMP_CWORD": str(len(words)),
        },
    )  # fmt: skip
    assert found.stderr == ""
    return found.stdout.split()


def test_words_are_completed(here: Path) -> None:
    (here / "runs/moons-1").mkdir(parents=True)
    (here / "runs/moons-1/config.json").touch()
    assert completed("tr") == ["train", "trace"]
    assert completed("train", "--opt") == ["--optimizer"]
    assert completed("train", "--optimizer", "ada") == [x for x in OPTIMIZERS if x[:3] == "ada"]
    assert completed("train", "--log", "") == ["tensorboard"]
    assert completed("train", "m") == [x for x in dataset_names() if x.startswith("m")]
    assert completed("train", "--resume", "ru") == ["runs/moons-1"]
    assert completed("predict", "runs/") == ["runs/moons-1"]
    assert completed("trace", "--format", "m") == ["mermaid"]


def test_folders_of_runs_are_found(here: Path) -> None:
    for name in ("runs/a", "runs/b", "other", "[x]", "none"):
        (here / name).mkdir(parents=True)
        if name != "none":
            (here / name / "config.json").touch()
    assert runs("") == ["[x]", "other", "runs/a", "runs/b"]
    assert runs("runs/b") == ["runs/b"]
    assert runs("[") == ["[x]"]
    assert runs("no/where") == runs("none") == []
    assert runs(f"{here}/o") == [f"{here}/other"]
    assert data_sets("x") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    monkeypatch.setenv(VARIABLE, f"source_{shell}")
    assert run([]) == 0
    output = capsys.readouterr().out
    assert f"{VARIABLE}=complete_{shell}" in output
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=output, text=True, check=True)


def test_completion_is_installed_for_bash(here: Path) -> None:
    """By the command that the page names, in the home of the user, and it works there."""
    (here / ".bashrc").write_text("# mine\n")
    bin = here / "bin"
    bin.mkdir()
    program = "import sys; sys.argv[0] = 'gpugrad'; from gpugrad.cli import main; sys.exit(main())"
    (bin / "gpugrad").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{program}" "$@"\n')
    (bin / "gpugrad").chmod(0o755)
    script = (
        "gpugrad --install-completion\n"
        ". ~/.bashrc\n"
        "COMP_WORDS=(gpugrad train --sched) COMP_CWORD=2 COMPREPLY=()\n"
        "_gpugrad_completion gpugrad\n"
        'echo "found ${COMPREPLY[*]}"\n'
    )
    found = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True,
        env=os.environ | {"HOME": str(here), "PATH": f"{bin}:{os.environ['PATH']}",
                          "SHELL": "/bin/bash"},
    )  # fmt: skip
    assert "found --schedule\n" in found.stdout, found.stderr
    assert (here / ".bashrc").read_text().startswith("# mine\n")


# Jobs that are started again

def test_resume_auto_begins_a_run_and_continues_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*TINY, "--out", "run", "--resume", "auto"]
    assert run(command) == 0
    assert "Training on moons" in capsys.readouterr().out
    assert run(command) == 0
    assert "already complete" in capsys.readouterr().out
    assert run([*command, "--seed", "9"]) == 2
    assert "seed is 0 there, but 9 was asked for" in capsys.readouterr().err
    assert run([*command, "--epochs", "4"]) == 0
    assert "epochs was 3 and is now 4" in capsys.readouterr().out


def test_resume_auto_begins_in_a_folder_where_a_job_was_killed_at_once(here: Path) -> None:
    """Before there was anything in it, or when it held no more than its lock."""
    (here / "run").mkdir()
    (here / "run/.lock").touch()
    assert run([*TINY, "--out", "run", "--resume", "auto"]) == 0


def test_resume_auto_takes_no_folder_of_something_else(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "full").mkdir()
    (here / "full/notes.txt").touch()
    assert run([*TINY, "--out", "full", "--resume", "auto"]) == 2
    assert "the folder is not empty" in capsys.readouterr().err


def test_resume_auto_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*TINY, "--resume", "auto"]) == 2
    assert "--resume auto needs --out DIR" in capsys.readouterr().err


def test_a_run_in_a_folder_of_that_name_can_be_continued(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([*TINY, "--out", "auto"]) == 0
    assert run(["train", "--resume", "./auto"]) == 0
    assert "already complete" in capsys.readouterr().out


def test_resume_auto_is_decided_once_for_all_processes(here: Path) -> None:
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    command = [sys.executable, "-m", "gpugrad", *TINY, "--processes", "2", "--out", "run",
               "--resume", "auto"]  # fmt: skip
    for text in ("Training on moons", "already complete"):
        found = subprocess.run(command, capture_output=True, text=True)
        assert found.returncode == 0, found.stderr
        assert text in found.stdout


def test_the_batch_script_of_the_page_is_put_back_and_comes_to_its_end(here: Path) -> None:
    """With programs in the place of SLURM's: the first job is warned, the second one finishes."""
    (script,) = re.findall(r"^```console\n(#!/bin/bash\n.*?)^```$", PAGE.read_text(), re.M | re.S)
    (here / "job.sh").write_text(script.replace("digits", "moons --epochs 300 --engine numpy"))
    bin = here / "bin"
    bin.mkdir()
    python = f"{sys.executable} -m gpugrad"
    programs = {
        "gpugrad": f'exec {python} "$@"\n',
        "srun": (
            '"$@" & child=$!\n'
            'if [ "$SLURM_RESTART_COUNT" = 0 ]; then\n'
            "    until [ -s runs/7/metrics.jsonl ]; do kill -0 $child || exit; sleep 0.05; done\n"
            "    kill -USR1 $child\n"
            "fi\n"
            "wait $child\n"
        ),
        "scontrol": 'echo "$@" >> requeued\n',
    }
    for name, text in programs.items():
        (bin / name).write_text(f"#!/bin/bash\n{text}")
        (bin / name).chmod(0o755)
    codes = []
    for restart in ("0", "1"):
        found = subprocess.run(
            ["bash", "job.sh"], capture_output=True, text=True,
            env=os.environ | {
                "PATH": f"{bin}:{os.environ['PATH']}", "SLURM_JOB_ID": "42",
                "SLURM_ARRAY_TASK_ID": "7", "SLURM_RESTART_COUNT": restart,
            },
        )  # fmt: skip
        codes.append(found.returncode)
    assert (here / "requeued").read_text() == "requeue 42\n"
    assert codes == [0, 0], found.stderr
    summary = json.loads((here / "runs/7/summary.json").read_text())
    assert summary["epochs"] == 300


def test_the_page_has_every_option() -> None:
    text, commands = PAGE.read_text(), typer.main.get_command(app).commands
    for name, command in commands.items():
        for parameter in command.params:
            # Of a flag or of two names, the first one does.
            if parameter.opts[0].startswith("--"):
                assert f"`{parameter.opts[0]}`" in text, f"{name} {parameter.opts[0]}"
