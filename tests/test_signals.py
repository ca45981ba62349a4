"""Signals that ask to end: everything is saved, one line says so, and the exit code says which."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gpugrad.cli.app import run
from gpugrad.signals import ASKING, SIGNALS, Ended, Ending, taken_by
from gpugrad.train import Config, Observer, Progress, resume, start

COMMAND = [sys.executable, "-m", "gpugrad.cli"]
SETTINGS = {"hidden": (8,), "epochs": 3, "backend": "numpy", "engine": "eager"}
TINY = ["train", "moons", "--hidden", "8", "--epochs", "3", "--backend", "numpy",
        "--engine", "eager"]  # fmt: skip
CODES = {
    signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGUSR1: 138,
    signal.SIGUSR2: 140, signal.SIGXCPU: 152,
}  # fmt: skip
WORDS = {number: f"ended by {number.name}" for number in CODES} | {signal.SIGINT: "interrupted"}
MOMENTS = int(os.environ.get("GPUGRAD_SIGNALS", "3"))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, no time spent on pictures, and the signals as a shell leaves them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPUGRAD_TRACEBACK", "1")    # a fault of gpugrad fails the test
    monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, usual)
    yield tmp_path
    for number, handler in before.items():
        signal.signal(number, handler)


class At(Observer):
    """Sends signals to its own process after so many steps."""

    def __init__(self, step: int, *signals: int) -> None:
        self.step, self.signals, self.steps = step, signals, 0

    def advance(self, rows: int) -> None:
        self.steps += 1
        if self.steps == self.step:
            for number in self.signals:
                signal.raise_signal(number)


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in SIGNALS]


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a run that equal runs write equally."""
    names = ("model.safetensors", "metrics.jsonl", "summary.json", "checkpoint.safetensors")
    return {name: (folder / name).read_bytes() for name in names}


@pytest.mark.parametrize("number", ASKING)
@pytest.mark.parametrize("step", [1, 11, 12])
def test_a_run_in_a_library_is_stopped_and_goes_on_to_the_same_bits(
    here: Path, number: int, step: int
) -> None:
    config, before = Config("moons", **SETTINGS), handlers()
    whole = start(config, here / "whole", Observer())
    stopped = start(config, here / "run", At(step, number))
    assert (whole.finished, whole.signal) == (True, None)
    assert (stopped.finished, stopped.signal) == (False, number)
    assert handlers() == before
    assert resume(here / "run", {}, Observer()).finished
    assert contents(here / "run") == contents(here / "whole")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_comes_twice_changes_nothing_more(here: Path, number: int) -> None:
    twice = At(5, number, number, number)
    assert start(Config("moons", **SETTINGS), here / "run", twice).signal == number


@pytest.mark.parametrize("first", ASKING)
def test_a_second_ctrl_c_ends_at_once_and_loses_nothing(here: Path, first: int) -> None:
    config, before = Config("moons", **SETTINGS), handlers()
    start(config, here / "whole", Observer())
    with pytest.raises(KeyboardInterrupt):
        start(config, here / "run", At(15, first, signal.SIGINT))
    assert handlers() == before
    assert resume(here / "run", {}, Observer()).finished
    assert contents(here / "run") == contents(here / "whole")


def test_what_is_ignored_stays_ignored_and_what_others_handle_stays_theirs(here: Path) -> None:
    seen = []
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    before = handlers()
    outcome = start(Config("moons", **SETTINGS), here / "run", At(5, *ASKING))
    assert outcome.finished
    assert seen == [signal.SIGTERM]
    assert handlers() == before


def test_a_program_keeps_its_signals(here: Path) -> None:
    """What `faulthandler` does at a signal is none of the handlers that Python knows of."""
    script = (
        "import faulthandler, os, signal\n"
        "from gpugrad.train import Config, Observer, start\n"
        "faulthandler.register(signal.SIGUSR1)\n"
        "class At(Observer):\n"
        "    def end_epoch(self, record): signal.raise_signal(signal.SIGUSR1)\n"
        f"print(start(Config('moons', **{SETTINGS}), 'run', At()).finished)\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "True\n")
    assert found.stderr.count("most recent call first") == 3


def test_a_run_in_another_thread_sets_no_handlers(here: Path) -> None:
    before, outcomes = handlers(), []

    def train() -> None:
        outcomes.append(start(Config("moons", **SETTINGS), here / "run", Observer()))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert outcomes[0].finished
    assert handlers() == before


@pytest.mark.parametrize("number", SIGNALS)
def test_a_command_says_how_to_go_on(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """One message on standard output, and nothing else."""
    monkeypatch.setattr(Progress, "advance", lambda self, rows: signal.raise_signal(number))
    before = handlers()
    assert run([*TINY, "--out", "a run"]) == CODES[number]
    output, errors = capsys.readouterr()
    assert output.count("Stopped") == 1
    assert "  gpugrad train --resume 'a run'\n" in output
    assert (signal.Signals(number).name in output) == (number != signal.SIGINT)
    assert errors == ""
    assert handlers() == before
    monkeypatch.undo()
    monkeypatch.chdir(here)
    assert run(["train", "--resume", "a run"]) == 0


PLACES = {
    "while data are read": ("gpugrad.data.load", TINY, False),
    "before the first step": ("gpugrad.train.loop.Trainer.compile_step", TINY, True),
    "while a checkpoint is written": ("gpugrad.train.keeper.save_state", TINY, True),
    "during the report": ("gpugrad.train.report.write_report", TINY, True),
    "while the summary is printed": ("gpugrad.cli.train._print_summary", TINY, True),
    "in predict": ("gpugrad.cli.predict._summary", ["predict", "whole", "new.npz"], False),
    "in trace": ("gpugrad.show.command.run", ["trace", "x * x", "x=1"], False),
    "in info": ("gpugrad.cli.info.probe_cupy", ["info"], False),
}


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("place", PLACES)
def test_a_signal_anywhere_is_one_line_and_its_exit_code(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: str,
    number: int,
) -> None:  # fmt: skip
    name, arguments, begun = PLACES[place]
    assert run([*TINY, "--out", "whole"]) == 0
    np.savez("new.npz", x=np.zeros((4, 2)))
    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.setattr(name, lambda *args, **named: signal.raise_signal(number))
        assert run([*arguments, *(["--out", "run"] if arguments is TINY else [])]) == CODES[number]
    output, errors = capsys.readouterr()
    if begun:
        assert output.count("gpugrad train --resume run\n") == 1
        assert errors == ""
        assert run(["train", "--resume", "run"]) == 0
        assert contents(here / "run") == contents(here / "whole")
    else:
        assert (output, errors) == ("", f"gpugrad: {WORDS[number]}\n")


def test_a_signal_that_a_library_makes_another_error_of_is_still_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def converts() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise ImportError("the extension failed") from None

    monkeypatch.setattr("gpugrad.cli.info.probe_cupy", converts)
    assert run(["info"]) == 143
    assert capsys.readouterr().err == "gpugrad: ended by SIGTERM\n"


def test_a_signal_that_comes_in_a_finaliser_is_not_lost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Finalised:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    def finalises() -> None:
        Finalised()
        time.sleep(5)

    hook = sys.unraisablehook
    monkeypatch.setattr("gpugrad.cli.info.probe_cupy", finalises)
    assert run(["info"]) == 143
    assert capsys.readouterr().err == "gpugrad: ended by SIGTERM\n"
    assert sys.unraisablehook is hook


def test_the_handler_raises_once() -> None:
    ending = Ending()
    with taken_by(ending):
        with pytest.raises(Ended) as caught:
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGHUP)
    assert caught.value.number == ending.number == signal.SIGTERM


def began(*arguments: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )  # type: ignore[call-overload]


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists() and process.poll() is None:
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_a_process_is_stopped(here: Path, number: int) -> None:
    """From outside, with all that is imported and the real report."""
    process = began(*TINY[:4], *TINY[6:], "--epochs", "100000", "--out", "run")
    wait_for(here / "run/checkpoint.safetensors", process)
    process.send_signal(number)
    output, errors = process.communicate()
    assert (process.returncode, errors) == (CODES[number], "")
    assert "gpugrad train --resume run\n" in output


def test_under_nohup_a_closed_terminal_and_ctrl_c_do_not_end_a_run(here: Path) -> None:
    """As a shell without job control starts what ends in `&`."""

    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = began(*TINY, "--out", "run", preexec_fn=ignore)
    wait_for(here / "run/checkpoint.safetensors", process)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert "Everything is in run" in output


@pytest.mark.parametrize("attempt", range(MOMENTS))
def test_a_signal_at_a_random_moment_is_no_traceback(here: Path, attempt: int) -> None:
    """From the first import of the command line to the end of the process."""
    number = SIGNALS[attempt % len(SIGNALS)]
    program = "import runpy, sys; sys.argv[0] = 'gpugrad'; print('begun', flush=True)\n"
    program += "runpy.run_module('gpugrad.cli', run_name='__main__')"
    moment = random.Random(time.time_ns()).uniform(0.05, 2.5)
    process = subprocess.Popen(
        [sys.executable, "-c", program, *TINY, "--out", "run"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(moment)
    process.send_signal(number)
    output, errors = process.communicate()
    if process.returncode == 0:
        assert "Everything is in" in output
    elif process.returncode != -number:             # after all was done, as Python shut down
        assert process.returncode == CODES[number], errors
        assert ("Continue with" in output) or errors == f"gpugrad: {WORDS[number]}\n"
    assert "Traceback" not in errors
    assert "ignored" not in errors


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("program", [True, False])
def test_a_signal_while_the_package_is_imported(number: int, program: bool) -> None:
    """One line for the command line; in a program of somebody else's, whatever it says itself."""
    script = (
        "import os, signal, sys\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == 'gpugrad.core.registry': os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Slow())\n"
        f"sys.argv[0] = {'gpugrad' if program else 'other.py'!r}\n"
        "import gpugrad\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    if program:
        assert found.returncode == CODES[number]
        assert found.stderr == f"gpugrad: {WORDS[number]}\n"
    else:
        assert found.returncode == -number


def test_a_signal_during_the_imports_is_one_line(here: Path) -> None:
    program = (
        "import gpugrad.cli, os, signal, sys\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'rich.table': os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "sys.argv = ['gpugrad', 'info']\n"
        "sys.exit(gpugrad.cli.main())\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (143, "")
    assert found.stderr == "gpugrad: ended by SIGTERM\n"
