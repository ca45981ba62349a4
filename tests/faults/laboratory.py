"""A process in which gpugrad does things to files while operations fail: once for each experiment.

Run as a program, with the library loaded before all others, it serves a `Laboratory`: it imports
gpugrad once, and forks for each experiment, so that one costs milliseconds.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from faults.library import MARK, Fault, Operation, parse

KILLED = 137                            # of the source
ROOM, HEAD = 2**24, 16                  # bytes of a log, and of the two numbers at its beginning


@dataclass(frozen=True)
class Outcome:
    """How an experiment ended: `value` is what the action returned, `error` what it raised."""

    operations: list[Operation]
    marks: list[str]                    # what the action said that it had made durable
    log: list[Operation]                # both, in order
    crashed: bool
    value: Any = None
    error: str | None = None            # as the command line would print it
    kinds: tuple[str, ...] = ()         # the classes of the error

    def named(self, at: int) -> tuple[str, str]:
        """What operation `at` was, and to which file; it is unknown after a crash before it."""
        if at >= len(self.operations):
            return "?", "?"
        return self.operations[at].name, Path(self.operations[at].path).name


class Laboratory:
    """Runs actions of `faults.actions` in forks of a prepared process."""

    def __init__(self, library: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.laboratory", str(library)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment, "LD_PRELOAD": str(library)},
            cwd=Path(__file__).parents[1],
        )

    def run(
        self,
        action: str,
        watched: Path,
        *arguments: Any,
        fault: Fault | None = None,
        at: int = -1,
        without: Sequence[str] = (),
        killed_after: float | None = None,
    ) -> Outcome:
        """What became of `action(*arguments)` when operation number `at` below `watched` failed.

        `without` names care that is left out, to show that somebody notices. With `killed_after`,
        the process is killed after that many seconds, and nothing else is done to it.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        request = (action, str(watched), arguments, fault, at, tuple(without), killed_after)
        pickle.dump(request, process.stdin)
        process.stdin.flush()
        status, answer, log = pickle.load(process.stdout)
        entries = list(parse(log))
        found = {} if not answer else pickle.loads(answer)
        crashed = os.waitstatus_to_exitcode(status) in (KILLED, -signal.SIGKILL)
        assert crashed or found, f"{action} ended with status {status} and no answer"
        return Outcome(
            [entry for entry in entries if entry.name != MARK],
            [entry.path for entry in entries if entry.name == MARK],
            entries,
            crashed,
            **found,
        )

    def warm(self, engine: str) -> None:
        """Prepares the process itself for runs on that engine: its forks compile nothing."""
        assert self._process.stdin is not None
        pickle.dump(engine, self._process.stdin)

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _message(error: BaseException) -> str:
    """What the command line prints; of an OSError, as it does, the file and the reason."""
    if isinstance(error, OSError):
        return f"{error.filename or 'input or output'}: {error.strerror or error}"
    return str(error)


def _experiment(request: Any, library: ctypes.CDLL, log: int) -> bytes:
    """Does the action; returns the pickled fields of an `Outcome`."""
    from faults import actions

    action, watched, arguments, fault, at, without, killed_after = request
    for name in without:
        actions.CARE[name]()
    actions.mark = lambda text: library.mark(text.encode())
    if killed_after is None:
        library.watch(os.fsencode(watched), log, ROOM)
    if fault is not None:
        library.arm(at, fault.kind, fault.error)
    try:
        found: dict[str, Any] = {"value": getattr(actions, action)(*arguments)}
    except Exception as error:
        classes = tuple(each.__name__ for each in type(error).__mro__)
        found = {"error": _message(error), "kinds": classes}
    library.look_away()
    return pickle.dumps(found)


def _memory(name: str) -> IO[bytes]:
    """A file that is nowhere."""
    return os.fdopen(os.memfd_create(name), "w+b")


def serve(path: str) -> None:
    """Answers requests on the standard input until it ends."""
    from faults import actions

    library = ctypes.CDLL(path)
    library.watch.argtypes = (ctypes.c_char_p, ctypes.c_int, ctypes.c_long)
    library.arm.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_int)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)    # what is printed is no answer
    actions.prepare()
    gc.collect()
    gc.freeze()                         # forks share the memory of what a collector does not touch
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if isinstance(request, str):
            actions.warm(request)
            continue
        with _memory("log") as log, _memory("answer") as answer:
            log.truncate(ROOM)
            child = os.fork()
            if child == 0:
                content = _experiment(request, library, log.fileno())
                os.write(answer.fileno(), content)
                os._exit(0)
            if (killed_after := request[-1]) is not None:
                time.sleep(killed_after)
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            used = int.from_bytes(log.read(HEAD)[:8], sys.byteorder)
            answer.seek(0)
            pickle.dump((status, answer.read(), log.read(used)), answers)
            answers.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
