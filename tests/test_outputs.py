"""Standard streams that are closed, full, or that nobody reads: the work is done, no traceback."""

import errno
import io
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gpugrad.cli.app import run
from gpugrad.cli.output import Output, complain, fill_closed, forget_odd_sizes

GPUGRAD = f"{sys.executable} -m gpugrad.cli"
TRACE = f"{GPUGRAD} trace {'*'.join('x' * 300)} x=1"
TRAIN = f"{GPUGRAD} train moons --hidden 8 --epochs 2 --backend numpy --engine eager --out run"


class Failing(io.StringIO):
    """A stream that takes so many writes, and then raises an error of that number."""

    def __init__(self, number: int, takes: int = 0, terminal: bool = False) -> None:
        super().__init__()
        self.number, self.takes, self.terminal = number, takes, terminal

    def write(self, text: str) -> int:
        self.takes -= 1
        if self.takes < 0:
            raise OSError(self.number, os.strerror(self.number))
        return super().write(text)

    def isatty(self) -> bool:
        return self.terminal


COMMANDS = {
    "info": ["info"],
    "trace": ["trace", "x * x", "x=1"],
    "help": ["train", "--help"],
    "train": [*TRAIN.split()[3:]],
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPUGRAD_TRACEBACK", "1")    # a fault of gpugrad fails the test
    monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)
    return tmp_path


@pytest.mark.parametrize("takes", [0, 1, 3])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("number", "terminal", "code"),
    [
        (errno.EPIPE, False, 0), (errno.EPIPE, True, 0), (errno.EIO, True, 0),
        (errno.EIO, False, 1), (errno.ENOSPC, False, 1), (errno.EBADF, True, 1),
    ],
)  # fmt: skip
def test_work_is_done_whatever_becomes_of_the_output(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str,
    number: int, terminal: bool, code: int, takes: int,
) -> None:  # fmt: skip
    """A reader who left is no failure; a disk that is full is one, told after the work."""
    output = Failing(number, takes, terminal)
    monkeypatch.setattr(sys, "stdout", output)
    assert run(COMMANDS[command]) == (code if output.takes < 0 else 0)
    errors = capsys.readouterr().err
    if code and output.takes < 0:
        assert errors == f"gpugrad: standard output: {os.strerror(number)}\n"
    else:
        assert errors == ""
    assert sys.stdout is output
    if command == "train":
        assert (here / "run/summary.json").is_file()


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
def test_a_complaint_that_nobody_can_read_keeps_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(sys, "stderr", Failing(number))
    assert run(["train", "nothing"]) == 2
    assert complain("nothing", 7) == 7


def test_a_complaint_is_one_printable_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain("a\n\tb \x1b[31m\x9b2J\u202e\udcff" + "x" * 10**6 + "end", 2)
    line = capsys.readouterr().err
    assert line.startswith(r"gpugrad: a b \x1b[31m\x9b2J\u202e\udcff")
    assert line.endswith("xend\n")
    assert len(line) < 1100


def test_streams_that_were_closed_take_everything() -> None:
    output = Output(None)
    assert output.write("text") == 4
    assert (output.finish(), output.encoding, output.isatty()) == ("", "utf-8", False)
    with pytest.raises(OSError, match="descriptor"):
        output.fileno()


@pytest.mark.parametrize("value", ["", "-5", "wide", "²", "٣", "99999", "9" * 5000, "1e3"])
def test_a_size_of_the_terminal_that_is_none_is_forgotten(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("COLUMNS", value)
    monkeypatch.setenv("LINES", "50")
    forget_odd_sizes()
    assert "COLUMNS" not in os.environ
    assert os.environ["LINES"] == "50"


def test_closed_descriptors_are_filled() -> None:
    """In a process of its own, whose next file would otherwise be its standard output."""
    program = (
        "import os; from gpugrad.cli.output import fill_closed; os.close(0); os.close(1)\n"
        "fill_closed(); number = os.open(os.devnull, os.O_RDONLY)\n"
        "os.write(2, str(number).encode())"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert int(found.stderr) > 2
    before = [os.fstat(number) for number in (0, 1, 2)]
    fill_closed()
    assert [os.fstat(number) for number in (0, 1, 2)] == before


SHELL = {
    "a reader who goes": (f"{TRACE} | head -1; exit ${{PIPESTATUS[0]}}", 0, ""),
    "nothing": (f"{TRAIN} >&- 2>&- <&-; code=$?; ls run/summary.json; exit $code", 0, ""),
    "no reader of a run": (
        f"{TRAIN} | true; code=${{PIPESTATUS[0]}}; ls run/summary.json; exit $code", 0, ""
    ),
    "a full disk": (
        f"{TRACE} >/dev/full", 1, "gpugrad: standard output: No space left on device\n"
    ),
    "a full disk for errors": (f"{GPUGRAD} train nothing 2>/dev/full", 2, ""),
    "no errors": (f"{GPUGRAD} train nothing 2>&-", 2, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", SHELL)
def test_in_a_shell(case: str) -> None:
    """With what Python does as it exits."""
    line, code, errors = SHELL[case]
    found = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (code, errors)
    assert "run/summary.json" not in line or "run/summary.json" in found.stdout


@pytest.mark.parametrize("hang_up", [True, False])
def test_a_terminal_that_is_closed_stops_a_run_with_a_checkpoint_or_lets_it_end(
    here: Path, hang_up: bool
) -> None:
    """With SIGHUP, as a closed terminal sends it, or without, as it is under `nohup`."""
    master, slave = pty.openpty()

    def own_terminal() -> None:
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_DFL if hang_up else signal.SIG_IGN)
        os.close(os.open(os.ttyname(1), os.O_RDWR))  # becomes the terminal that controls it

    epochs = "100000" if hang_up else "30"
    process = subprocess.Popen(
        [*TRAIN.split(), "--epochs", epochs], stdin=slave, stdout=slave, stderr=slave,
        preexec_fn=own_terminal,
    )  # fmt: skip
    os.close(slave)
    while not (here / "run/checkpoint.safetensors").exists():
        os.read(master, 1000)
    os.close(master)
    assert process.wait() == (129 if hang_up else 0)
    assert (here / "run/summary.json").is_file() == (not hang_up)
