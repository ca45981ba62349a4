"""Whatever is done to the cache of compiled code, both engines give the right numbers."""

import os
import random
import shutil
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from damage import DAMAGE

import gpugrad as gg
from gpugrad.engines.native import code_cache
from gpugrad.engines.native.code_cache import CodeCache
from gpugrad.errors import CacheWarning

pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")

from gpugrad.engines.native import machine_code
from gpugrad.transforms.jit import auto

FLIPS = int(os.environ.get("GPUGRAD_CODE_FLIPS", "10"))
"""Random bits that are flipped in files of machine code; ci/full.sh does more."""

PROCESSES = int(os.environ.get("GPUGRAD_PROCESSES", "3"))
"""Which begin with an empty cache at once, and of which one is killed; ci/full.sh has more."""

PATIENCE = 120
X = np.arange(5.0)


def f(x):
    return x * 2 + 1, gg.sum(x * x)


RIGHT = [np.asarray(y).tobytes() for y in f(X)]


def called(function):
    np.testing.assert_equal([np.asarray(y).tobytes() for y in function(X)], RIGHT)


def run(engine="native", calls=3):
    """What a new `gg.jit` of the function gives, which reads the cache."""
    function = gg.jit(f, engine=engine)
    for _ in range(calls):
        called(function)
    return function


def run_in_background():
    """The same with the engine auto, until it has tried native code."""
    function, start = run("auto"), monotonic()
    (entry,) = function._cache.kept.entries.values()
    while getattr(entry.call, "__func__", None) is not auto.Mover._tried:
        assert monotonic() - start < PATIENCE
        called(function)
        sleep(0.002)
    called(function)


RUNS = {"native": run, "auto": run_in_background}


@pytest.fixture
def forget(monkeypatch):
    """A function after which this process knows no compiled code, as when it began."""

    def forget():
        monkeypatch.setattr(machine_code, "_addresses", {})
        monkeypatch.setattr(code_cache, "_caches", {})

    forget()
    return forget


@pytest.fixture
def cache(forget, tmp_path, monkeypatch):
    """A folder with the code of the function, in use."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("GPUGRAD_CACHE", str(folder))
    run()
    assert {path.suffix for path in folder.iterdir()} == {".o"}
    assert len(list(folder.iterdir())) >= 2         # the driver, and a kernel
    forget()
    return folder


def is_whole(folder):
    """Whether each file of code can be read, as a process that comes later would."""
    later = CodeCache(folder, lambda: None)
    return all(later.load(path.name) is not None for path in folder.glob("*.o"))


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_code_is_compiled_anew_in_the_background(kind, cache):
    """Each file in turn would be the same: `test_native.py` has that."""
    path = min(cache.iterdir())
    DAMAGE[kind](path)
    with pytest.warns(CacheWarning, match="is not used") as told:
        run_in_background()
    assert len(told) == 1
    assert told[0].filename == __file__
    assert is_whole(cache)


def test_code_that_is_whole_is_used_without_a_word(cache, forget):
    before = {path: path.stat() for path in cache.iterdir()}
    run()
    forget()
    run_in_background()
    assert before.keys() == set(cache.iterdir())
    for path, found in before.items():              # which are replaced where they are written
        assert path.stat().st_ino == found.st_ino


@pytest.mark.parametrize("engine", RUNS)
def test_every_file_at_once_is_one_warning(engine, cache):
    for path in cache.iterdir():
        path.write_bytes(b"")
    with pytest.warns(CacheWarning) as told:
        RUNS[engine]()
    assert len(told) == 1
    assert told[0].filename == __file__
    assert is_whole(cache)


def test_another_version_or_processor_is_compiled_anew_without_a_word(cache, monkeypatch):
    count, versions = len(list(cache.iterdir())), machine_code._versions()
    monkeypatch.setattr(machine_code, "_versions", lambda: f"{versions}_and_another_one")
    run()
    assert len(list(cache.iterdir())) == 2 * count


WRITERS = (
    "codegen.kernel", "codegen.elementary.notation", "codegen.ir", "engines.native.driver",
    "engines.native.loops", "plan.nest", "plan.phases", "plan.primitives",
)  # fmt: skip


@pytest.mark.parametrize("module", WRITERS)
def test_what_writes_kernels_counts(module, monkeypatch):
    """Where it changes, so may the text of a kernel: what was compiled before is another one's."""
    changed = Path(import_module(f"gpugrad.{module}").__file__)
    read = Path.read_bytes
    before = machine_code._versions.__wrapped__()
    monkeypatch.setattr(
        Path, "read_bytes", lambda path: read(path) + b"#" * (path.resolve() == changed.resolve())
    )
    assert machine_code._versions.__wrapped__() != before


def test_random_bits(cache, forget, tmp_path):
    """Each is found, while the file keeps its time: numbers are right, and no signal ends it."""
    numbers, codes = random.Random(0), sorted(cache.iterdir())
    for i in range(FLIPS):
        folder, code = tmp_path / str(i), codes[i % len(codes)]
        shutil.copytree(cache, folder)
        damaged = bytearray(code.read_bytes())
        place = numbers.randrange(8 * len(damaged))
        damaged[place // 8] ^= 1 << place % 8
        (folder / code.name).write_bytes(damaged)
        shutil.copystat(code, folder / code.name)
        os.environ["GPUGRAD_CACHE"] = str(folder)   # which the fixture sets back
        forget()
        with pytest.warns(CacheWarning):
            run()
        assert is_whole(folder)


@pytest.mark.parametrize("engine", RUNS)
def test_a_folder_that_cannot_be_used(engine, forget, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.warns(CacheWarning, match="cannot be kept") as told:
        RUNS[engine]()
    assert len(told) == 1
    assert told[0].filename == __file__


@pytest.mark.parametrize("engine", RUNS)
def test_a_disk_that_is_full_everywhere(engine, forget, tmp_path, monkeypatch):
    """Where no file may be as long as code is: it runs without being kept."""
    resource = pytest.importorskip("resource")
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path / "cache"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.warns(CacheWarning, match="File too large") as told:
            RUNS[engine]()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(told) == 1
    assert told[0].filename == __file__
    assert not list((tmp_path / "cache").iterdir())


PROGRAM = """
import numpy as np, gpugrad as gg
print("begun", flush=True)
f = gg.jit(lambda x: gg.sum(gg.sin(x) * gg.exp(x)), engine="native")
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
    sleep(numbers.uniform(0, 0.3))
    running[0].send_signal(signal.SIGKILL)
    ends = [(process.communicate(), process.returncode) for process in running]
    (found,) = {out.removeprefix("begun\n") for (out, _), _ in ends[1:]}
    x = np.linspace(0, 1, 9)
    np.testing.assert_allclose(float(found), np.sum(np.sin(x) * np.exp(x)), rtol=1e-14)
    assert [(errors, code) for (_, errors), code in ends[1:]] == [("", 0)] * (PROCESSES - 1)
    assert is_whole(tmp_path / "cache")
    DAMAGE["a bit of its last byte"](min((tmp_path / "cache").glob("*.o")))
    with started(tmp_path / "cache") as process:
        out, errors = process.communicate()
    assert out == f"begun\n{found}"
    assert errors.count("CacheWarning") == 1
    assert "Traceback" not in errors
    assert is_whole(tmp_path / "cache")


# Processes that begin as copies of this one


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")     # of threads, in Python 3.12
def test_a_fork_waits_until_the_compiler_is_done(cache, monkeypatch):
    """So that the child finds no lock that nobody gives back: it can compile by itself."""
    honest, begun = machine_code._object, []

    def slow(name, text):
        begun.append(name)
        sleep(0.2)
        return honest(name, text)

    monkeypatch.setattr(machine_code, "_object", slow)
    function = gg.jit(f)
    start = monotonic()
    while not begun:
        assert monotonic() - start < PATIENCE
        called(function)
    child = os.fork()
    if not child:
        os._exit(ends_well())
    deadline = monotonic() + PATIENCE
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
        if monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        sleep(0.01)
    assert os.waitstatus_to_exitcode(ended[1]) == 0


WHILE_IMPORTED = """
import os, sys, time
import numpy as np, gpugrad as gg
begun = []

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "llvmlite.binding":
            begun.append(name)
            time.sleep(0.3)

sys.meta_path.insert(0, Slow())
x = np.linspace(0, 1, 9)
f = gg.jit(lambda x: gg.sum(gg.sin(x) * gg.exp(x)))
while not begun:
    f(x)
child = os.fork()
if not child:
    step = gg.jit(lambda x: gg.cos(x) * 3 - x, engine="native")
    for _ in range(3):
        y = step(x)
    os._exit(0 if np.allclose(y, np.cos(x) * 3 - x) else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_fork_waits_until_the_compiler_is_imported(tmp_path):
    """A thread of ours does that: nobody would give its module's lock back in the child."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", WHILE_IMPORTED],
        env=os.environ | {"GPUGRAD_CACHE": str(tmp_path / "cache")},
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("0\n", "")


def ends_well():
    try:
        step = gg.jit(lambda x: gg.cos(x) * 3 - x, engine="native")
        for _ in range(3):
            np.testing.assert_allclose(step(X), np.cos(X) * 3 - X, rtol=1e-14)
        run_in_background()
    except BaseException:
        return 1
    return 0
