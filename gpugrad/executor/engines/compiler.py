"""The compiler process: compiles modules in the background, one after another.

A process, because a thread that compiles holds up all others for a tenth of a second at a time; of
low priority, so that it takes the time that is left over. Run as a program, this module reads the
paths of modules and answers with each when it is compiled.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread

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
        """Compile the module in the background, and call `done` in a thread when it is there."""
        with self._lock:
            first = str(path) not in self._waiting
            self._waiting.setdefault(str(path), []).append(done)
            if first:
                process = self._started()
                assert process.stdin is not None
                process.stdin.write(f"{path}\n")
                process.stdin.flush()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            atexit.register(self._process.terminate)
            Thread(target=self._listen, args=(self._process,), daemon=True).start()
        return self._process

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            path, _, problem = line.rstrip("\n").partition("\t")
            for done in self._taken(path):
                done(Path(path), problem)
        for path in list(self._waiting):            # the process has ended
            for done in self._taken(path):
                done(Path(path), "the compiler process ended")

    def _taken(self, path: str) -> list[Done]:
        with self._lock:
            return self._waiting.pop(path, [])


compiler = Compiler()


def _serve() -> None:
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


if __name__ == "__main__":
    _serve()
