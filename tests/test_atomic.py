"""A file is replaced whole or not at all, whatever fails, and nothing else is ever touched."""

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.atomic import (
    ABANDONED,
    is_temporary,
    make_folder,
    naming,
    read_file,
    write_atomically,
)

OLD, NEW = b"old", b"new and longer" * 1000
posix = pytest.mark.skipif(os.name != "posix", reason="modes and links as POSIX has them")
no_root = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may do everything"
)


@pytest.fixture
def path(tmp_path):
    """A file with something in it."""
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def leave(folder: Path, age: float, digit: str = "0") -> Path:
    """A temporary file as a killed process leaves it, `age` seconds ago."""
    path = folder / f".gpugrad-{digit * 32}.tmp"
    path.write_bytes(b"half")
    now = path.stat().st_mtime
    os.utime(path, (now - age, now - age))
    return path


# What fails


class Stop(BaseException):
    """Neither an error of the system nor of the program, like KeyboardInterrupt."""


ERRORS = [
    OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EIO, "Input/output error"),
    OSError(errno.EINTR, "Interrupted system call"), OSError("no number"), MemoryError(), Stop(),
]  # fmt: skip


def fail(monkeypatch, name, error):
    def failing(*args, **kwargs):
        raise error

    monkeypatch.setattr(os, name, failing)


@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize("call", ["stat", "open", "fstat", "write", "fsync", "replace"])
def test_a_failure_leaves_the_old_contents_and_nothing_else(path, monkeypatch, call, error):
    with monkeypatch.context() as patch:
        fail(patch, call, error)
        with pytest.raises(type(error)) as caught:
            write_atomically(path, NEW)
    assert path.read_bytes() == OLD
    assert names(path.parent) == ["file"]
    if isinstance(error, OSError):
        assert caught.value.filename == str(path)
        assert caught.value.errno == error.errno
        assert str(error.strerror or error) in str(caught.value)


@pytest.mark.parametrize("times", [1, 2])
def test_a_failure_of_either_rename_leaves_one_of_the_two_names(path, monkeypatch, times):
    real, previous = os.replace, path.with_name("previous")
    calls = []

    def replace(source, target):
        calls.append(target)
        if len(calls) == times:
            raise OSError(errno.EIO, "Input/output error")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="Input/output") as caught:
        write_atomically(path, NEW, previous)
    assert caught.value.filename == str(path)
    assert names(path.parent) == ["file" if times == 1 else "previous"]
    assert next(path.parent.iterdir()).read_bytes() == OLD


@pytest.mark.parametrize("lasting", [False, True])
def test_only_what_is_to_last_waits_for_the_disk(path, monkeypatch, lasting):
    real, synchronised = os.fsync, []

    def fsync(descriptor):
        synchronised.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(path, NEW, lasting=lasting)
    assert path.read_bytes() == NEW
    assert len(synchronised) == (2 if lasting else 0)


def test_an_error_after_the_rename_is_told(path, monkeypatch):
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="Input/output") as caught:
        write_atomically(path, NEW)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_folder_that_cannot_be_synchronised_is_no_error(path, monkeypatch, number):
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW


@posix
@no_root
@pytest.mark.parametrize(("mode", "works"), [(0o300, True), (0o500, False)])
def test_a_folder_that_may_not_be_listed_or_not_be_written(path, mode, works):
    path.parent.chmod(mode)
    try:
        if works:
            write_atomically(path, NEW)
        else:
            with pytest.raises(PermissionError) as caught:
                write_atomically(path, NEW)
            assert caught.value.filename == str(path)
        assert path.read_bytes() == (NEW if works else OLD)
    finally:
        path.parent.chmod(0o700)


@pytest.mark.parametrize("most", [1, 7, 4096])
def test_writes_that_fall_short(path, monkeypatch, most):
    real = os.write
    monkeypatch.setattr(os, "write", lambda to, what: real(to, what[:most]))
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files")
@pytest.mark.parametrize("size", [0, 1, 5_000, 100_000])
def test_a_disk_that_is_full(path, size):
    """The system's own error, in the middle of a file: it names the file, and no space is kept."""
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from gpugrad.atomic import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        f"try: write_atomically(Path(sys.argv[1]), bytes({size + 1}))\n"
        "except OSError as error: print(error.filename)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.stdout == f"{path}\n", done.stderr
    assert path.read_bytes() == OLD
    assert names(path.parent) == ["file"]


def test_errors_that_name_a_file_already_or_none():
    there = Path("/there")
    with pytest.raises(IsADirectoryError, match=r"Is a directory: '/there'$"), naming(there):
        raise IsADirectoryError(errno.EISDIR, "Is a directory", "/a", None, "/b")
    with pytest.raises(ValueError, match="other"), naming(there):
        raise ValueError("other")


# What is there


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o027])
def test_a_new_file_has_the_mode_that_open_gives(tmp_path, umask):
    before = os.umask(umask)
    try:
        (tmp_path / "wanted").write_bytes(b"")
        write_atomically(tmp_path / "file", NEW)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "wanted").stat().st_mode


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666, 0o640, 0o755, 0o444])
def test_a_file_that_is_replaced_keeps_its_mode(path, monkeypatch, mode):
    path.chmod(mode)
    real, born = os.write, []

    def write(descriptor, content):
        born.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return real(descriptor, content)

    monkeypatch.setattr(os, "write", write)
    write_atomically(path, NEW)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert set(born) == {mode}, "before there is anything to be read in it"


@posix
@pytest.mark.parametrize("target", ["elsewhere/victim", "elsewhere/nothing"])
def test_a_link_is_replaced_and_its_target_left_alone(tmp_path, target):
    (tmp_path / "elsewhere").mkdir()
    victim = tmp_path / "elsewhere" / "victim"
    victim.write_bytes(OLD)
    victim.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / target)
    write_atomically(link, NEW)
    assert not link.is_symlink()
    assert link.read_bytes() == NEW
    assert victim.read_bytes() == OLD
    assert names(victim.parent) == ["victim"]


@posix
def test_a_link_to_the_folder_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link" / "file", NEW)
    assert names(tmp_path / "real") == ["file"]


@posix
def test_what_is_no_ordinary_file_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "device").symlink_to(os.devnull)
    for name in ("pipe", "link", "device"):
        with pytest.raises(FileExistsError, match="no ordinary file") as caught:
            write_atomically(tmp_path / name, NEW)
        assert caught.value.filename == str(tmp_path / name)
    with pytest.raises(FileExistsError, match="no ordinary file"):
        write_atomically(Path(os.devnull), NEW)
    assert names(tmp_path) == ["device", "link", "pipe"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("folder", IsADirectoryError),
        ("file/below", NotADirectoryError),
        ("nothing/below", FileNotFoundError),
        ("n" * 256, OSError),
    ],
)
def test_a_place_where_no_file_can_be(path, name, error):
    (path.parent / "folder").mkdir()
    with pytest.raises(error) as caught:
        write_atomically(path.parent / name, NEW)
    assert caught.value.filename == str(path.parent / name)
    assert names(path.parent) == ["file", "folder"]


@pytest.mark.parametrize("name", ["n" * 255, "ä" * 127, " ", "-", "a\nb", ".tmp"])
def test_every_name_that_a_file_can_have(tmp_path, name):
    write_atomically(tmp_path / name, NEW)
    assert (tmp_path / name).read_bytes() == NEW
    assert names(tmp_path) == [name]


def test_what_was_there_before_is_kept(path):
    previous = path.with_name("previous")
    for content in (b"1", b"2"):
        write_atomically(path, content, previous)
    assert (previous.read_bytes(), path.read_bytes()) == (b"1", b"2")
    write_atomically(path.with_name("first"), NEW, path.with_name("none"))
    assert names(path.parent) == ["file", "first", "previous"]


# Temporary files


def taken(monkeypatch) -> list[tuple[str, int]]:
    """The names, flags and modes that files are opened with."""
    real, found = os.open, []

    def opening(name, flags, *args, **kwargs):
        found.append((os.fspath(name), flags))
        return real(name, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", opening)
    return found


def test_temporary_files_are_new_and_have_random_names(path, monkeypatch):
    found = taken(monkeypatch)
    for _ in range(20):
        write_atomically(path, NEW)
    opened = [(Path(name), flags) for name, flags in found if is_temporary(Path(name))]
    assert len({name for name, _ in opened}) == len(opened) == 20
    for name, flags in opened:
        assert name.parent == path.parent
        assert flags & os.O_CREAT
        assert flags & os.O_EXCL
        if os.name == "posix":
            assert flags & os.O_NOFOLLOW
            assert flags & os.O_CLOEXEC


@posix
@pytest.mark.parametrize("planted", ["link", "file"])
def test_a_name_that_is_taken_is_not_written_to(path, monkeypatch, planted):
    """Not even where the random name was known beforehand."""
    monkeypatch.setattr(os, "urandom", bytes)
    temporary, victim = path.with_name(f".gpugrad-{'0' * 32}.tmp"), path.with_name("victim")
    victim.write_bytes(OLD)
    if planted == "link":
        temporary.symlink_to(victim)
    else:
        os.link(victim, temporary)
    with pytest.raises(FileExistsError) as caught:
        write_atomically(path, NEW)
    assert caught.value.filename == str(path)
    assert victim.read_bytes() == path.read_bytes() == OLD


@posix
def test_a_link_planted_at_the_old_temporary_name(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(OLD)
    (tmp_path / ".sine.plan.tmp").symlink_to(victim)
    gg.jit(lambda x: gg.sin(x), engine="numpy").plan(np.ones(3)).save(tmp_path / "sine.plan")
    assert victim.read_bytes() == OLD
    assert not (tmp_path / "sine.plan").is_symlink()


def test_two_writers_of_one_file(path):
    """Each reader finds what one of them wrote, whole, and neither fails."""
    errors, torn = [], []

    def write(letter: bytes) -> None:
        try:
            for _ in range(30):
                write_atomically(path, letter * 100_000)
        except Exception as error:
            errors.append(error)

    write(b"0")
    threads = [threading.Thread(target=write, args=(letter,)) for letter in (b"1", b"2", b"3")]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        content = path.read_bytes()
        if len(content) != 100_000 or len(set(content)) != 1:
            torn.append(content)
    assert not errors
    assert not torn
    assert names(path.parent) == ["file"]


def test_what_a_killed_process_left_is_removed_when_it_is_old(path):
    old, young = leave(path.parent, ABANDONED + 60, "0"), leave(path.parent, ABANDONED - 60, "1")
    write_atomically(path, NEW)
    assert not old.exists()
    assert young.exists()


@posix
def test_only_what_can_be_a_temporary_file_is_removed(path):
    folder = path.parent
    kept = [
        ".gpugrad-0.tmp", f".gpugrad-{'0' * 33}.tmp", f".gpugrad-{'A' * 32}.tmp",
        f"gpugrad-{'0' * 32}.tmp", f".gpugrad-{'0' * 32}.tmp~", ".file.tmp",
    ]  # fmt: skip
    for name in kept:
        (folder / name).write_bytes(b"")
    (folder / f".gpugrad-{'1' * 32}.tmp").mkdir()
    (folder / f".gpugrad-{'2' * 32}.tmp").symlink_to(path)
    os.mkfifo(folder / f".gpugrad-{'3' * 32}.tmp")
    for entry in folder.iterdir():
        os.utime(entry, (0, 0), follow_symlinks=False)
    before = names(folder)
    write_atomically(path, NEW)
    assert names(folder) == before


def test_a_process_that_is_killed_leaves_one_such_file(path):
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from gpugrad.atomic import write_atomically\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_atomically(Path(sys.argv[1]), b'half')\n"
    )
    subprocess.run([sys.executable, "-c", code, path], check=False)
    assert path.read_bytes() == OLD
    (left,) = (entry for entry in path.parent.iterdir() if entry != path)
    assert is_temporary(left)
    os.utime(left, (0, 0))
    write_atomically(path, NEW)
    assert names(path.parent) == ["file"]


# Reading


@posix
def test_pipes_and_devices_are_not_waited_for(path):
    os.mkfifo(path.with_name("pipe"))
    (path.parent / "folder").mkdir()
    for place in (path.with_name("pipe"), Path(os.devnull), path.parent / "folder"):
        with pytest.raises(OSError, match="no ordinary file") as caught:
            read_file(place)
        assert caught.value.filename == str(place)
    with pytest.raises(FileNotFoundError) as caught:
        read_file(path.with_name("nothing"))
    assert caught.value.filename == str(path.with_name("nothing"))
    path.with_name("link").symlink_to(path)
    assert read_file(path) == read_file(path.with_name("link")) == OLD


# Folders


def test_a_folder_is_made_with_those_above_it(tmp_path, monkeypatch):
    found = taken(monkeypatch)
    make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()
    synchronised = {name for name, _ in found}
    assert synchronised == {str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "b")}
    make_folder(tmp_path / "a")
    (tmp_path / "file").write_bytes(b"")
    for name in ("file", "file/below"):
        with pytest.raises(OSError, match="file") as caught:
            make_folder(tmp_path / name)
        assert caught.value.filename == str(tmp_path / name)
