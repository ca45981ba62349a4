"""What the cache of compiled code gives back is what was stored, or nothing, whatever happened."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from damage import DAMAGE

from gpugrad import atomic
from gpugrad.engines.native import code_cache
from gpugrad.engines.native.code_cache import CodeCache
from gpugrad.engines.native.private_folder import make_private
from gpugrad.errors import CacheWarning

pytestmark = pytest.mark.skipif(os.name != "posix", reason="owners and rights are those of POSIX")

ROOT = os.name == "posix" and os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root can give files away")
STRANGER = 65534
CONTENT = bytes(range(256)) * 5


@pytest.fixture
def unprivileged():
    """A folder of a user for whom rights count, and who is at work here: root is none."""
    with TemporaryDirectory() as folder:
        if ROOT:
            os.chown(folder, STRANGER, STRANGER)
            os.seteuid(STRANGER)
        try:
            yield Path(folder)
        finally:
            if ROOT:
                os.seteuid(0)


@contextmanager
def umask(mask):
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.fixture
def cache(tmp_path):
    """One that falls back to a folder in which we can look."""
    return CodeCache(tmp_path / "cache", lambda: make_private(tmp_path / "other"))


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def test_what_is_stored_is_read_back(cache):
    assert cache.load("a.o") is None
    for content in (CONTENT, b"", b"\n", CONTENT[::-1]):
        cache.store("a.o", content)
        assert cache.load("a.o") == content
        assert CodeCache(cache.folder, lambda: None).load("a.o") == content
    assert cache.load("b.o") is None


@pytest.mark.parametrize("mask", [0, 0o022, 0o077, 0o777])
def test_the_folder_and_the_files_are_the_users_alone(mask, unprivileged):
    cache = CodeCache(unprivileged / "some" / "where" / "cache", lambda: None)
    with umask(mask):
        cache.store("a.o", CONTENT)
        assert cache.load("a.o") == CONTENT
    folders = [cache.folder, cache.folder.parent, cache.folder.parent.parent]
    assert [mode(folder) for folder in folders] == [0o700] * 3
    assert mode(cache.folder / "a.o") == 0o600


# Damage

@pytest.mark.parametrize("kind", DAMAGE)
def test_what_is_damaged_is_not_there_until_it_is_stored_again(kind, cache):
    cache.store("a.o", CONTENT)
    cache.store("whole.o", CONTENT)
    DAMAGE[kind](cache.folder / "a.o")

    def use():
        assert cache.load("a.o") is None
        assert cache.load("a.o") is None
        assert cache.load("whole.o") == CONTENT
        cache.store("a.o", CONTENT)
        assert cache.load("a.o") == CONTENT

    with pytest.warns(CacheWarning, match=r"a\.o is not used: .* compiled anew") as told:
        use()
    assert len(told) == 1
    assert told[0].filename == __file__
    assert mode(cache.folder / "a.o") == 0o600
    assert not cache.reason


def test_every_bit_and_every_length_counts(cache):
    cache.store("a.o", CONTENT[:9])
    path = cache.folder / "a.o"
    whole = path.read_bytes()

    def refused():
        with pytest.raises(OSError, match=r"it has not|it does not"):
            code_cache._read(path)

    with path.open("r+b", buffering=0) as file:
        for place in range(8 * len(whole)):
            os.pwrite(file.fileno(), bytes([whole[place // 8] ^ 1 << place % 8]), place // 8)
            refused()
            os.pwrite(file.fileno(), whole, 0)
        for size in range(len(whole))[::-1]:
            file.truncate(size)
            refused()
        os.pwrite(file.fileno(), whole, 0)
    assert cache.load("a.o") == CONTENT[:9]


def test_what_cannot_be_read_is_not_there(unprivileged):
    cache = CodeCache(unprivileged, lambda: None)
    cache.store("a.o", CONTENT)
    (cache.folder / "a.o").chmod(0)
    with pytest.warns(CacheWarning, match="Permission denied"):
        assert cache.load("a.o") is None
    cache.store("a.o", CONTENT)
    assert cache.load("a.o") == CONTENT


@pytest.mark.parametrize("code", [errno.EIO, errno.EMFILE, errno.ESTALE])
def test_reading_that_fails(code, cache, monkeypatch):
    cache.store("a.o", CONTENT)

    def fail(*args):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(code_cache.os, "open", fail)
        with pytest.warns(CacheWarning, match="is not used"):
            assert cache.load("a.o") is None
    assert cache.load("a.o") == CONTENT


@as_root
def test_what_a_stranger_owns_is_not_used(cache):
    cache.store("a.o", CONTENT)
    os.chown(cache.folder / "a.o", STRANGER, STRANGER)
    with pytest.warns(CacheWarning, match="others could have written it"):
        assert cache.load("a.o") is None
    cache.store("a.o", CONTENT)
    assert cache.load("a.o") == CONTENT
    assert (cache.folder / "a.o").stat().st_uid == 0


def test_what_was_looked_at_is_what_is_used(cache, monkeypatch):
    """Another file takes its place between any two calls of the system: it is opened only once."""
    cache.store("a.o", CONTENT)
    cache.store("b.o", CONTENT[::-1])
    opened = []
    is_private, open_really = code_cache.is_private, os.open

    def exchanged(found):
        os.replace(cache.folder / "b.o", cache.folder / "a.o")
        return is_private(found)

    monkeypatch.setattr(code_cache, "is_private", exchanged)
    monkeypatch.setattr(os, "open", lambda *args: opened.append(args[0]) or open_really(*args))
    assert cache.load("a.o") == CONTENT
    assert opened == [cache.folder / "a.o"]


# The folder

def a_file(folder):
    folder.write_bytes(b"")


def below_a_file(folder):
    folder.parent.rmdir()
    folder.parent.write_bytes(b"")


def below_a_circle(folder):
    folder.parent.rmdir()
    folder.parent.symlink_to(folder.parent)


def with_mode(number, above=False):
    def make(folder):
        folder.mkdir()
        (folder.parent if above else folder).chmod(number)

    return make


def owned_by_a_stranger(folder):
    folder.mkdir(mode=0o700)
    os.chown(folder, STRANGER, STRANGER)


def open_to_all_and_a_strangers(folder):
    folder.mkdir()
    folder.chmod(0o777)
    os.chown(folder, STRANGER, STRANGER)


def below_a_strangers(folder):
    folder.mkdir(mode=0o700)
    os.chown(folder.parent, STRANGER, STRANGER)


def strangers_link(folder):
    target = folder.parent / "target"
    target.mkdir(mode=0o700)
    folder.symlink_to(target)
    os.lchown(folder, STRANGER, STRANGER)


def link_to_a_strangers_link(folder):
    strangers_link(folder.parent / "there")
    folder.symlink_to("there")


UNUSABLE = {
    "a file": a_file,
    "below a file": below_a_file,
    "below a circle of links": below_a_circle,
    "a link to nothing": lambda folder: folder.symlink_to("nothing"),
    "a link to a file": lambda folder: [a_file(folder.parent / "x"), folder.symlink_to("x")],
    "open to all": with_mode(0o777),
    "open to all, but sticky": with_mode(0o1777),
    "open to a group": with_mode(0o770),
    "to be written by others": with_mode(0o702),
    "below one that is open to all": with_mode(0o777, above=True),
}
STRANGERS = {
    "a stranger's": owned_by_a_stranger,
    "open to all and a stranger's": open_to_all_and_a_strangers,
    "below a stranger's": below_a_strangers,
    "a stranger's link": strangers_link,
    "a link to a stranger's link": link_to_a_strangers_link,
}


@pytest.mark.parametrize("planted", [False, True], ids=["empty", "planted"])
@pytest.mark.parametrize(
    "kind", [*UNUSABLE, *(pytest.param(kind, marks=as_root) for kind in STRANGERS)]
)
def test_a_folder_that_cannot_be_trusted_is_replaced(kind, planted, tmp_path):
    """Also one in which somebody left what would be used anywhere else."""
    (tmp_path / "above").mkdir()
    folder = tmp_path / "above" / "cache"
    (UNUSABLE | STRANGERS)[kind](folder)
    if planted and folder.is_dir():
        source = CodeCache(tmp_path / "source", lambda: None)
        source.store("a.o", b"planted")
        (source.folder / "a.o").rename(folder / "a.o")
    before = sorted(tmp_path.rglob("*"))
    cache = CodeCache(folder, lambda: make_private(tmp_path / "other"))

    def use():
        assert cache.load("a.o") is None
        cache.store("a.o", CONTENT)
        assert cache.load("a.o") == CONTENT

    with pytest.warns(CacheWarning, match="cannot be kept in .* GPUGRAD_CACHE may name") as told:
        use()
    assert len(told) == 1
    assert cache.folder == tmp_path / "other"
    assert set(tmp_path.rglob("*")) - set(before) == {cache.folder, cache.folder / "a.o"}


def mine_by_a_link(folder):
    (folder.parent / "target").mkdir(mode=0o755)
    folder.symlink_to("target")


def below_my_link(folder):
    (folder.parents[1] / "target").mkdir()
    folder.parent.rmdir()
    folder.parent.symlink_to("./target/../target/.")


USABLE = {
    "readable by all": with_mode(0o755),
    "a link of mine": mine_by_a_link,
    "below a link of mine": below_my_link,
    "below a sticky one": with_mode(0o1777, above=True),
    "below one that may be read": with_mode(0o755, above=True),
}


@pytest.mark.parametrize("kind", USABLE)
def test_a_folder_that_can_be_trusted_is_used(kind, cache, tmp_path):
    (tmp_path / "above").mkdir()
    folder = tmp_path / "above" / "cache"
    USABLE[kind](folder)
    cache = CodeCache(folder, lambda: None)
    cache.store("a.o", CONTENT)
    assert cache.load("a.o") == CONTENT
    assert (folder / "a.o").is_file()


def test_a_group_of_the_users_own_may_write_above(tmp_path, monkeypatch):
    """Where the umask is 002, each user has one; a group with other members is none."""
    grp, pwd = pytest.importorskip("grp"), pytest.importorskip("pwd")
    (tmp_path / "above").mkdir()
    with_mode(0o775, above=True)(tmp_path / "above" / "cache")
    me, gid = pwd.getpwuid(os.geteuid()), (tmp_path / "above").stat().st_gid
    monkeypatch.setattr(pwd, "getpwuid", lambda number: pwd.struct_passwd((*me[:3], gid, *me[4:])))
    for name, members, allowed in [
        (me.pw_name, [], True), (me.pw_name, ["other"], False), ("users", [], False)
    ]:  # fmt: skip
        group = grp.struct_group((name, "x", gid, members))
        monkeypatch.setattr(grp, "getgrgid", lambda number, group=group: group)
        if allowed:
            make_private(tmp_path / "above" / "cache")
        else:
            with pytest.raises(PermissionError, match="can be written to by others"):
                make_private(tmp_path / "above" / "cache")


@as_root
def test_whoever_owns_the_root_is_trusted(tmp_path, monkeypatch):
    """In a container root may go by another number, and so does all that it owns."""
    (tmp_path / "above").mkdir()
    below_a_strangers(tmp_path / "above" / "cache")
    really = os.stat

    def stat_of(path, **options):
        return really(tmp_path / "above" if path == "/" else path, **options)

    monkeypatch.setattr("gpugrad.engines.native.private_folder.os.stat", stat_of)
    assert make_private(tmp_path / "above" / "cache") == tmp_path / "above" / "cache"


@pytest.mark.parametrize(("rights", "reads"), [(0, False), (0o500, True), (0o600, False)])
def test_a_folder_without_rights(rights, reads, unprivileged):
    """One that may only be read is read, and given up at the first entry that is new."""
    cache = CodeCache(unprivileged / "cache", lambda: make_private(unprivileged / "other"))
    cache.store("a.o", CONTENT)
    cache.folder.chmod(rights)

    def use():
        assert cache.load("a.o") == (CONTENT if reads else None)
        cache.store("b.o", CONTENT)
        assert cache.load("b.o") == CONTENT

    try:
        if reads:
            assert cache.load("a.o") == CONTENT
        with pytest.warns(CacheWarning, match="cannot be kept") as told:
            use()
        assert len(told) == 1
    finally:
        (unprivileged / "cache").chmod(0o700)


def test_nobody_waits_for_the_disk(cache, monkeypatch):
    """What is cut short by a loss of power does not fit its hash."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: pytest.fail("waited"))
    cache.store("a.o", CONTENT)
    assert cache.load("a.o") == CONTENT


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG])
@pytest.mark.parametrize("everywhere", [False, True])
def test_writing_that_fails(code, everywhere, cache, monkeypatch, tmp_path):
    cache.store("old.o", CONTENT)
    write = atomic.write_atomically

    def fail(path, content, **options):
        if everywhere or path.parent == tmp_path / "cache":
            raise OSError(code, os.strerror(code))
        write(path, content, **options)

    monkeypatch.setattr(code_cache, "write_atomically", fail)
    with pytest.warns(CacheWarning, match=os.strerror(code)) as told:
        cache.store("a.o", CONTENT)
    assert len(told) == 1
    assert cache.load("a.o") == (None if everywhere else CONTENT)
    assert cache.folder == (None if everywhere else tmp_path / "other")
    cache.store("b.o", CONTENT)
    assert cache.load("b.o") == (None if everywhere else CONTENT)


def test_a_folder_that_is_cleared_away_is_made_again(cache):
    for _ in range(2):
        cache.store("a.o", CONTENT)
        assert cache.load("a.o") == CONTENT
        (cache.folder / "a.o").unlink()
        cache.folder.rmdir()
        assert cache.load("a.o") is None


def test_warnings_that_are_errors_are_raised_once(cache):
    cache.store("a.o", CONTENT)
    (cache.folder / "a.o").write_bytes(b"")
    with pytest.raises(CacheWarning):
        cache.load("a.o")
    assert cache.load("a.o") is None
    os.chmod(cache.folder, 0o777)
    with pytest.raises(CacheWarning):
        cache.store("a.o", CONTENT)
    cache.store("a.o", CONTENT)
    assert cache.load("a.o") == CONTENT


def test_threads_of_our_own_warn_later(cache):
    cache.store("a.o", CONTENT)
    (cache.folder / "a.o").write_bytes(b"")
    texts = []
    with code_cache.warnings_later(texts):
        assert cache.load("a.o") is None
    assert len(texts) == 1
    assert "a.o is not used" in texts[0]
    (cache.folder / "b.o").write_bytes(b"")
    assert cache.load("b.o") is None                # of which there was a warning


# Which folder it is

def wanted(monkeypatch, **variables):
    for name in ("GPUGRAD_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    return code_cache.code_cache()


def test_the_folder_is_the_one_that_is_named(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    home = {"HOME": tmp_path}
    base = {"XDG_CACHE_HOME": tmp_path / "base"}
    assert wanted(monkeypatch, **home).folder == tmp_path / ".cache" / "gpugrad"
    assert wanted(monkeypatch, **home, **base).folder == tmp_path / "base" / "gpugrad"
    assert wanted(monkeypatch, **base).folder == tmp_path / "base" / "gpugrad"
    relative = wanted(monkeypatch, **home, XDG_CACHE_HOME="base")
    assert relative.folder == tmp_path / ".cache" / "gpugrad"
    assert wanted(monkeypatch, **base, GPUGRAD_CACHE=tmp_path / "a b").folder == tmp_path / "a b"
    assert wanted(monkeypatch, **base, GPUGRAD_CACHE="mine").folder == tmp_path / "mine"


def test_an_empty_name_keeps_nothing(monkeypatch, tmp_path):
    cache = wanted(monkeypatch, HOME=tmp_path, GPUGRAD_CACHE="")
    cache.store("a.o", CONTENT)
    assert cache.load("a.o") is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("home", ["none", "relative", None])
def test_without_a_home_the_folder_is_temporary(home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(code_cache, "_caches", {})
    variables = {"HOME": tmp_path / "none" if home == "none" else "relative"} if home else {}
    if home is None:                                # as for a user who is in no list of users
        def fail():
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(Path, "home", fail)
    with pytest.warns(CacheWarning, match="home directory") as told:
        cache = wanted(monkeypatch, **variables)
    cache.store("a.o", CONTENT)
    assert len(told) == 1
    assert cache.load("a.o") == CONTENT
    assert cache.folder.name.startswith("gpugrad-")
    assert wanted(monkeypatch, **variables) is cache
    assert not list(tmp_path.iterdir())


def test_a_relative_folder_where_there_is_no_working_directory(monkeypatch, tmp_path):
    monkeypatch.setattr(code_cache, "_caches", {})
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.warns(CacheWarning, match="cannot be kept in mine"):
        cache = wanted(monkeypatch, GPUGRAD_CACHE="mine")
    cache.store("a.o", CONTENT)
    assert cache.load("a.o") == CONTENT


PROGRAM = """
import os, sys, time, warnings
from gpugrad.engines.native.code_cache import CodeCache, code_cache
"""


def program(text, **variables):
    return [sys.executable, "-c", PROGRAM + text], {**os.environ, **variables}


def test_the_temporary_folder_is_removed_at_the_end(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "tmp").mkdir()
    command, environment = program(
        """
cache = code_cache()
cache.store("a.o", b"x")
child = os.fork()
if not child:
    sys.exit()                                      # which runs what is to be done at the end
os.waitpid(child, 0)
assert cache.load("a.o") == b"x"
print(cache.folder)
""",
        GPUGRAD_CACHE=str(tmp_path / "file"),
        TMPDIR=str(tmp_path / "tmp"),
    )
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(str(tmp_path / "tmp" / "gpugrad-"))
    assert ran.stderr.count("CacheWarning") == 1
    assert not list((tmp_path / "tmp").iterdir())


# Several at once

def test_many_threads_and_processes_store_and_load_at_once(tmp_path):
    """Each finds nothing, or something that one of them stored, and never a reason to warn."""
    command, environment = program(
        """
warnings.simplefilter("error")
cache = code_cache()
mine = sys.argv[1].encode() * 20_000
for i in range(60):
    cache.store(f"{i % 3}.o", mine)
    found = cache.load(f"{i % 3}.o")
    assert found == found[:1] * 20_000, found[:100]
assert not cache.said
""",
        GPUGRAD_CACHE=str(tmp_path / "cache"),
    )
    running = [subprocess.Popen([*command, str(i)], env=environment) for i in range(4)]
    cache, wrong = CodeCache(tmp_path / "cache", lambda: None), []

    def work(letter):
        for i in range(60):
            cache.store(f"{i % 3}.o", letter * 20_000)
            found = cache.load(f"{i % 3}.o")
            if found != found[:1] * 20_000:
                wrong.append(found[:100])

    threads = [Thread(target=work, args=(letter,)) for letter in (b"a", b"b", b"c", b"d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait() for process in running] == [0] * 4
    assert not wrong
    assert sorted(path.name for path in cache.folder.iterdir()) == ["0.o", "1.o", "2.o"]


def test_a_process_that_is_killed_while_it_stores(tmp_path):
    """What is there stays whole, and what it left is swept once it is old."""
    command, environment = program(
        """
cache = code_cache()
print("begun", flush=True)
while True:
    for i in range(3):
        cache.store(f"{i}.o", os.urandom(1) * 100_000)
""",
        GPUGRAD_CACHE=str(tmp_path / "cache"),
    )
    for moment in range(8):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(0.003 * moment)
            process.send_signal(signal.SIGKILL)
    cache = CodeCache(tmp_path / "cache", lambda: None)
    for name in ("0.o", "1.o", "2.o"):
        found = cache.load(name)
        assert found is None or found == found[:1] * 100_000
    left = cache.folder / f".gpugrad-{'0' * 32}.tmp"
    left.write_bytes(b"")
    for path in cache.folder.glob(".gpugrad-*.tmp"):
        os.utime(path, (0, 0))
    cache.store("0.o", CONTENT)
    assert {path.name for path in cache.folder.iterdir()} <= {"0.o", "1.o", "2.o"}
