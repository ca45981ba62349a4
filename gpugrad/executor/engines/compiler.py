"""The compiler process: compiles modules in the background, one after another.

A process, because a thread that compiles holds up all others for a tenth of a second at a time; of
low priority, so that it takes the time that is left over. It serves: reads the paths of modules,
and answers with each when it is compiled.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from gpugrad.executor.engines.interpreter import interpreter

_NICE = 10

Done = Callable[[Path, str], None]
"""Told the module and, if it could not be compiled, why."""


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
                        process.stdin.write(f"{path}\n")
                        process.stdin.flush()
        if problem:
            done(path, problem)

    def _start(self) -> subprocess.Popen[str]:
        command, environment = interpreter(f"from {__name__} import serve; serve()")
        process = self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._waiting = {}      # a list of its own: what the last one owed, its listener says
        atexit.register(process.terminate)
        Thread(target=self._listen, args=(process, self._waiting), daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen[str], waiting: dict[str, list[Done]]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            path, _, problem = line.rstrip("\n").partition("\t")
            with self._lock:
                told = waiting.pop(path, [])
            for done in told:
                done(Path(path), problem)
        process.wait()          # from here on `compile` starts another, so nothing is added to this
        with self._lock:
            owed = dict(waiting)
            waiting.clear()
        for path, told in owed.items():
            for done in told:
                done(Path(path), "the compiler process ended")


compiler = Compiler()


def serve() -> None:
    """What the process does until its input ends."""
    from gpugrad.executor.engines.modules import load_module

    if hasattr(os, "nice"):
        os.nice(_NICE)
    for line in sys.stdin:
        path = line.rstrip("\n")
        problem = ""
        try:
            load_module(Path(path))
        except Exception as error:
            problem = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"{path}\t{problem}", flush=True)
