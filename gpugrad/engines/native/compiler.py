"""The compiler process: compiles modules in the background, one after another.

A process, because a thread that compiles holds up all others for a tenth of a second at a time; of
low priority, so that it takes the time that is left over. It serves: reads the paths of modules in
the cache, keeps their code there, and answers with each what became of it. Lines are JSON, so that
any path is one.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock, Thread

from gpugrad.engines.native.code_cache import DAMAGED, CodeCache, warnings_later
from gpugrad.engines.native.interpreter import interpreter

_NICE = 10


@dataclass(frozen=True)
class Answer:
    """What became of a module: compiled, or not, because of the `problem`.

    `damaged` is what there is to warn of, and `unkept` why the cache could not keep the code.
    """

    problem: str = ""
    damaged: str = ""
    unkept: str = ""


Done = Callable[[Path, Answer], None]


class Compiler:
    """The process, started when it is first asked, and what it was asked for."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._waiting: dict[str, list[Done]] = {}
        self._lock = Lock()

    def compile(self, path: Path, done: Done) -> None:
        """Compile the module in the background, and call `done` in a thread when it is there.

        Where there can be no process, `done` is told so at once.
        """
        problem = ""
        with self._lock:
            process = self._process
            try:
                if process is None or process.poll() is not None:
                    process = self._start()
            except (OSError, RuntimeError) as error:    # no program, process, memory or thread
                problem = f"the compiler process cannot be started: {error}"
            else:
                first = str(path) not in self._waiting
                self._waiting.setdefault(str(path), []).append(done)
                if first:
                    assert process.stdin is not None
                    with suppress(OSError):         # it has just ended: its listener says so
                        process.stdin.write(json.dumps(str(path)) + "\n")
                        process.stdin.flush()
        if problem:
            done(path, Answer(problem))

    def _start(self) -> subprocess.Popen[str]:
        command, environment = interpreter(f"from {__name__} import serve; serve()")
        process = self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="ascii",
        )
        self._waiting = {}      # a list of its own: what the last one owed, its listener says
        atexit.register(_end, process)
        Thread(target=self._listen, args=(process, self._waiting), daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen[str], waiting: dict[str, list[Done]]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.endswith("\n"):             # it was killed while it wrote
                break
            path, answer = json.loads(line)
            with self._lock:
                told = waiting.pop(path, [])
            for done in told:
                done(Path(path), Answer(**answer))
        process.wait()          # from here on `compile` starts another, so nothing is added to this
        with self._lock:
            owed = dict(waiting)
            waiting.clear()
        for path, told in owed.items():
            for done in told:
                done(Path(path), Answer("the compiler process ended"))


compiler = Compiler()


def _end(process: subprocess.Popen[str]) -> None:
    """Waited for, because the temporary folder that it may write in is removed next."""
    process.kill()
    process.wait()


def serve() -> None:
    """What the process does until its input ends."""
    warnings.simplefilter("ignore")                 # an error where its parent was started so
    if hasattr(os, "nice"):
        os.nice(_NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())   # libraries may print
    for line in sys.stdin:
        path = json.loads(line)
        print(json.dumps([path, asdict(_answer(Path(path)))]), file=answers, flush=True)


def _answer(path: Path) -> Answer:
    from gpugrad.engines.native.modules import kept_module, load_module

    cache = CodeCache(path.parent, lambda: None)
    problem = ""
    with warnings_later([]):                        # its parent warns
        try:
            load_module(kept_module(path, cache))
        except Exception as error:
            problem = " ".join(f"{type(error).__name__}: {error}".split())
    return Answer(problem, cache.said.get(DAMAGED, ""), cache.reason)
