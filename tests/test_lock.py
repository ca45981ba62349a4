"""A run folder is written by one process, or thread, at a time, and never stays locked."""

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gpugrad.errors import CheckpointError
from gpugrad.train import Config, Observer, TrainedModel, resume, start
from gpugrad.train.lock import LOCK, locked

fcntl = pytest.importorskip("fcntl", reason="this system has no locks of POSIX")
pytestmark = pytest.mark.usefixtures("no_pictures")

CONFIG = Config("moons", hidden=(4,), epochs=2, batch_size=64, backend="numpy", engine="eager")
HOLD = (
    "import sys; from pathlib import Path; from gpugrad.train.lock import locked\n"
    "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
)


def is_free(folder: Path) -> bool:
    try:
        with locked(folder):
            return True
    except CheckpointError:
        return False


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


class During(Observer):
    """Does something after the first step."""

    def __init__(self, act) -> None:
        self.act = act

    def advance(self, rows: int) -> None:
        act, self.act = self.act, None
        if act is not None:
            act()


def in_use(process: int):
    return pytest.raises(CheckpointError, match=f"in use by process {process} on ")


def test_a_second_process_is_told_of_the_first(tmp_path, holder):
    with in_use(holder.pid), locked(tmp_path):
        pass
    with in_use(holder.pid):
        start(CONFIG, tmp_path, Observer())
    holder.communicate()
    assert is_free(tmp_path)


def test_a_run_in_progress_is_neither_continued_nor_begun_again_but_can_be_read(tmp_path):
    folder = tmp_path / "run"

    def act() -> None:
        with in_use(os.getpid()):
            resume(folder, {}, Observer())
        with in_use(os.getpid()):
            start(CONFIG, folder, Observer())

    assert start(CONFIG, folder, During(act)).finished
    read = During(lambda: TrainedModel.load(folder, "numpy"))
    with pytest.raises(CheckpointError, match="no such folder"):
        resume(tmp_path / "none", {}, read)
    assert resume(folder, {}, read).finished
    with locked(folder):
        TrainedModel.load(folder, "numpy")


def test_two_runs_without_a_folder_get_two(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inner = During(lambda: start(CONFIG, None, Observer()))
    assert start(CONFIG, None, inner).folder.path == Path("runs/moons-1")
    assert sorted(path.name for path in Path("runs").iterdir()) == ["moons-1", "moons-2"]


def test_the_command_line_says_who_it_is(tmp_path, holder):
    command = [sys.executable, "-m", "gpugrad.cli", "train", "moons", "--out", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"in use by process {holder.pid} on " in done.stderr
    assert done.stderr.count("\n") == 1


def test_other_threads_of_the_process_wait_as_well(tmp_path):
    found = []
    with locked(tmp_path):
        thread = threading.Thread(target=lambda: found.append(is_free(tmp_path)))
        thread.start()
        thread.join()
    assert found == [False]
    assert is_free(tmp_path)


class Stop(BaseException):
    """Nothing in gpugrad catches it."""


def test_nothing_is_left_of_a_lock(tmp_path):
    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        start(CONFIG, tmp_path / "run", During(stop))
    assert not (tmp_path / "run" / LOCK).exists()
    assert resume(tmp_path / "run", {}, Observer()).finished
    assert not (tmp_path / "run" / LOCK).exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(CheckpointError, match="not empty, file is in it"):
        start(CONFIG, tmp_path / "full", Observer())
    assert not (tmp_path / "full" / LOCK).exists()


def test_a_process_that_is_killed_holds_nothing(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / LOCK).exists()
    assert start(CONFIG, tmp_path, Observer()).finished, "the file of the lock counts for nothing"


@pytest.mark.parametrize("content", [b"", b"12", b"\xff" * 5000, b"1 a\nb", b"999999999 x"])
def test_what_is_in_the_file_locks_nothing(tmp_path, content):
    (tmp_path / LOCK).write_bytes(content)
    assert is_free(tmp_path)


@pytest.mark.parametrize("content", [b"", b"12", b"\xff" * 5000, b"\0", "\u2028".encode()])
def test_what_is_in_the_file_is_not_believed(tmp_path, content):
    with (tmp_path / LOCK).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(content)
        file.flush()
        with pytest.raises(CheckpointError, match="in use by another process; wait"):
            start(CONFIG, tmp_path, Observer())


def test_a_link_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / LOCK).symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links") as caught:
        start(CONFIG, tmp_path / "run", Observer())
    assert caught.value.filename == str(tmp_path / "run" / LOCK)
    assert victim.read_bytes() == b"precious"


# Processes that come from one that holds the lock


def test_a_child_that_outlives_its_parent_keeps_nothing(tmp_path):
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from gpugrad.train.lock import locked\n"
        "with locked(Path(sys.argv[1])):\n"
        "    child = os.fork()\n"
        "    if child == 0: print(os.getpid(), flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE)
    child = int(process.stdout.readline())          # which has closed its copy by now
    try:
        process.kill()
        process.wait()
        assert is_free(tmp_path)
    finally:
        os.kill(child, signal.SIGKILL)
        process.communicate()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_that_leaves_its_parents_block_gives_nothing_back(tmp_path):
    try:
        with locked(tmp_path):
            child = os.fork()
            if child == 0:
                raise Stop                          # leaves the parent's block in the child
            _, status = os.waitpid(child, 0)
            assert not is_free(tmp_path)
    except Stop:
        os._exit(0)
    assert status == 0


def test_a_program_that_is_started_keeps_nothing(tmp_path):
    with locked(tmp_path):
        program = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        assert is_free(tmp_path)
    finally:
        program.kill()
        program.wait()


def test_many_at_once(tmp_path):
    """Whoever is inside is alone there, though the file comes and goes."""
    folder, errors = tmp_path / "folder", []
    folder.mkdir()

    def work() -> None:
        got = 0
        while got < 100:
            try:
                with locked(folder):
                    (tmp_path / "inside").mkdir()
                    (tmp_path / "inside").rmdir()
                    got += 1
            except CheckpointError:
                pass
            except Exception as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert list(folder.iterdir()) == []


# Systems without


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP])
def test_a_file_system_without_locks_is_warned_of(tmp_path, monkeypatch, number):
    def flock(*args: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.warns(RuntimeWarning, match="run: it cannot be locked"):
        assert start(CONFIG, tmp_path / "run", Observer()).finished


@pytest.mark.parametrize("call", ["open", "ftruncate", "pwrite"])
def test_errors_name_the_file_and_leave_nothing_open(tmp_path, monkeypatch, call):
    def fail(*args: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(OSError, match="Input/output") as caught, locked(tmp_path):
            pass
    assert caught.value.filename == str(tmp_path / LOCK)
    assert not (tmp_path / LOCK).exists()
    assert is_free(tmp_path)
