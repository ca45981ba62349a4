"""Whatever is done to the cache of compiled code, both engines give the right numbers."""

import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
from time import monotonic, sleep

import numpy as np
import pytest
from damage import DAMAGE

import gpugrad as gg
from gpugrad.engines.native import code_cache, modules
from gpugrad.engines.native.code_cache import CodeCache
from gpugrad.engines.native.compiler import Answer, Compiler
from gpugrad.errors import CacheWarning

pytest.importorskip("numba", reason="the engine numba is not installed: pip install 'gpugrad[jit]'")

from gpugrad.transforms.jit import auto

FLIPS = int(os.environ.get("GPUGRAD_CODE_FLIPS", "10"))
"""Random bits that are flipped in files of machine code; ci/full.sh does more."""

PROCESSES = int(os.environ.get("GPUGRAD_PROCESSES", "3"))
"""Which begin with an empty cache at once, and of which one is killed; ci/full.sh has more."""

PATIENCE = 120
FILES = ("*.py", "*.nbi", "*.nbc")
X = np.arange(5.0)


def f(x):
    return x * 2 + 1, gg.sum(x * x)


RIGHT = [np.asarray(y).tobytes() for y in f(X)]


def run(engine, calls=3):
    """What a new `gg.jit` of the function gives, which reads the cache."""
    function = gg.jit(f, engine=engine)
    for _ in range(calls):
        np.testing.assert_equal([np.asarray(y).tobytes() for y in function(X)], RIGHT)
    return function


def run_in_background(until):
    """The same with the engine auto, which compiles in the background, until that is true."""
    function, start = run("auto"), monotonic()
    while not until():
        assert monotonic() - start < PATIENCE
        np.testing.assert_equal([np.asarray(y).tobytes() for y in function(X)], RIGHT)
        sleep(0.002)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A folder with the code of the function."""
    folder = tmp_path_factory.mktemp("compiled") / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPUGRAD_CACHE", str(folder))
        run("numba")
    assert {path.suffix for path in folder.iterdir()} == {".py", ".nbi", ".nbc"}
    return folder


@pytest.fixture
def moved(monkeypatch):
    """A function that says whether the engine auto has tried compiled code."""
    calls, really = [], auto.Mover._tried
    monkeypatch.setattr(auto, "WORTH", 0.0)
    monkeypatch.setattr(auto.Mover, "_tried", lambda *args: calls.append(1) or really(*args))
    return lambda: bool(calls)


@pytest.fixture
def cache(compiled, tmp_path, monkeypatch):
    """A copy of it, in use."""
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path / "cache"))
    shutil.copytree(compiled, tmp_path / "cache")
    return tmp_path / "cache"


def only(folder, pattern):
    (path,) = folder.glob(pattern)
    return path


def is_whole(folder):
    """Whether each file of code can be read, as a process that comes later would."""
    later = CodeCache(folder, lambda: None)
    return all(later.load(only(folder, pattern).name) is not None for pattern in FILES)


class Planted:
    """Runs code when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return open, (str(self.mark), "w")


def plant(path):
    mark = str(path.parent / "was run")
    path.write_bytes(pickle.dumps(Planted(mark)) if path.suffix != ".py" else
                     f"open({mark!r}, 'w')\n".encode())


@pytest.mark.parametrize("pattern", FILES)
@pytest.mark.parametrize("kind", [*DAMAGE, "planted"])
def test_damaged_code_is_compiled_anew(kind, pattern, cache):
    (DAMAGE | {"planted": plant})[kind](only(cache, pattern))
    with pytest.warns(CacheWarning, match="is not used") as told:
        run("numba")
    assert len(told) == 1
    assert told[0].filename == __file__
    assert not (cache / "was run").exists()
    assert is_whole(cache)


@pytest.mark.parametrize("pattern", FILES)
@pytest.mark.parametrize("kind", ["cut by half", "a bit, and the time kept", "a folder", "planted"])
def test_damaged_code_is_compiled_anew_in_the_background(kind, pattern, cache, moved):
    (DAMAGE | {"planted": plant})[kind](only(cache, pattern))
    with pytest.warns(CacheWarning, match="is not used") as told:
        run_in_background(moved)
    assert len(told) == 1
    assert told[0].filename == __file__
    assert not (cache / "was run").exists()
    assert is_whole(cache)


def test_code_that_is_whole_is_used_without_a_word(cache, moved):
    before = {path: path.stat() for path in cache.iterdir()}
    run("numba")
    run_in_background(moved)
    assert before.keys() == set(cache.iterdir())
    for path, found in before.items():              # which are replaced where they are written
        assert path.stat().st_ino == found.st_ino


def test_every_file_at_once_is_one_warning(cache):
    for path in cache.iterdir():
        path.write_bytes(b"")
    with pytest.warns(CacheWarning) as told:
        run("numba")
    assert len(told) == 1
    assert is_whole(cache)


def test_another_version_or_processor_is_compiled_anew_without_a_word(cache, monkeypatch):
    versions = modules._versions()
    monkeypatch.setattr(modules, "_versions", lambda: f"{versions} and another one")
    run("numba")
    assert len(list(cache.iterdir())) == 2 * len(FILES)


def test_random_bits(cache, tmp_path):
    """Each is found, while the file keeps its time: numbers are right, and no signal ends it."""
    numbers, code = random.Random(0), only(cache, "*.nbc")
    whole = code.read_bytes()
    for i in range(FLIPS):
        folder = tmp_path / str(i)
        shutil.copytree(cache, folder)
        place = numbers.randrange(8 * len(whole))
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        (folder / code.name).write_bytes(damaged)
        shutil.copystat(code, folder / code.name)
        os.environ["GPUGRAD_CACHE"] = str(folder)   # which the fixture sets back
        with pytest.warns(CacheWarning):
            run("numba")
        assert is_whole(folder)


@pytest.mark.parametrize("engine", ["numba", "auto"])
def test_a_folder_that_cannot_be_used(engine, tmp_path, monkeypatch, moved):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path / "file" / engine))
    with pytest.warns(CacheWarning, match="cannot be kept") as told:
        run("numba") if engine == "numba" else run_in_background(moved)
    assert len(told) == 1
    assert told[0].filename == __file__


def test_a_disk_that_is_full_for_the_compiler_process(tmp_path, monkeypatch, moved):
    """It says so, and is asked for the code in the folder that has taken the place of the cache."""
    folder, asked, really = tmp_path / "cache", [], auto.compiler.compile
    monkeypatch.setenv("GPUGRAD_CACHE", str(folder))

    def compile(path, done):
        asked.append(path.parent)
        if path.parent == folder:
            done(path, Answer(unkept="No space left on device"))
        else:
            really(path, done)

    monkeypatch.setattr(auto.compiler, "compile", compile)
    with pytest.warns(CacheWarning, match="No space left on device") as told:
        run_in_background(moved)
    assert len(told) == 1
    assert asked == [folder, code_cache._temporary_folder()]


def test_a_disk_that_is_full_everywhere(tmp_path, monkeypatch, moved):
    """The compiler process may write small files only: sources, and no code."""
    resource = pytest.importorskip("resource")
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path))
    monkeypatch.setattr(auto, "compiler", Compiler())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.warns(CacheWarning, match="File too large") as told:
            run_in_background(lambda: told)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        auto.compiler._process.kill()
    run_in_background(lambda: True)
    assert len(told) == 1
    assert not moved()


def test_lines_are_those_of_the_file(cache):
    run("numba")
    path = only(cache, "*.py")
    module = modules.kept_module(path, code_cache.code_cache())
    function = modules.load_module(module).compiled0.py_func
    line = path.read_text().splitlines()[function.__code__.co_firstlineno - 1]
    assert line.startswith("@njit(")


PROGRAM = """
import numpy as np, gpugrad as gg
print("begun", flush=True)
f = gg.jit(lambda x: gg.sum(gg.sin(x) * gg.exp(x)), engine="numba")
print([float(f(np.linspace(0, 1, 9))) for _ in range(3)][-1])
"""


def started(folder):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"GPUGRAD_CACHE": str(folder)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_processes_that_begin_at_once_and_one_that_is_killed(tmp_path):
    numbers = random.Random(os.environ.get("GPUGRAD_SEED", "0"))
    running = [started(tmp_path / "cache") for _ in range(PROCESSES)]
    running[0].stdout.readline()
    sleep(numbers.uniform(0, 2))
    running[0].send_signal(signal.SIGKILL)
    ends = [(process.communicate(), process.returncode) for process in running]
    (found,) = {out.removeprefix("begun\n") for (out, _), _ in ends[1:]}
    x = np.linspace(0, 1, 9)
    np.testing.assert_allclose(float(found), np.sum(np.sin(x) * np.exp(x)), rtol=1e-14)
    assert [(errors, code) for (_, errors), code in ends[1:]] == [("", 0)] * (PROCESSES - 1)
    assert is_whole(tmp_path / "cache")
    damaged = only(tmp_path / "cache", "*.nbc")
    DAMAGE["a bit of its last byte"](damaged)
    with started(tmp_path / "cache") as process:
        out, errors = process.communicate()
    assert out == f"begun\n{found}"
    assert errors.count("CacheWarning") == 1
    assert "Traceback" not in errors
    assert is_whole(tmp_path / "cache")
