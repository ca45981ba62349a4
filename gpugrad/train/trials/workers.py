"""The processes that train trials, seen from the one that hands these out."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from gpugrad.engines.thread_pool import VARIABLE, threads
from gpugrad.train.interrupt import stop_on_signal
from gpugrad.train.trials.trial import Trial

LOOK = 0.1  # seconds from one look for signals to the next
Answer = Mapping[str, Any]


class Worker:
    """One such process, which is started with the first trial, and anew where it has died."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self.process: subprocess.Popen[str] | None = None
        self.busy = self.asked = False

    def train(self, settings: Mapping[str, Any], folder: str, pictures: bool) -> Answer:
        """How the trial ended; a process that dies is an error of the trial."""
        if self.process is None or self.process.poll() is not None:
            self.process = self._started()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.busy, self.asked = True, False
        answer = ""
        with suppress(BrokenPipeError):
            asked = {"settings": settings, "folder": folder, "pictures": pictures}
            self.process.stdin.write(json.dumps(asked) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        self.busy = False
        if answer.endswith("\n"):
            return json.loads(answer)  # type: ignore[no-any-return]
        code = self.process.wait()
        self._close_pipes()
        return {"error": _death(code)}

    def stop(self) -> None:
        """Asks it to stop the trial that it trains, once."""
        # SIGTERM, because that also ends a process that has not begun yet, without a word.
        if self.busy and not self.asked and self.process is not None:
            self.asked = True
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the process at once: what it wrote is whole at any moment."""
        if self.process is not None:
            self.process.kill()

    def close(self) -> None:
        """Lets the process end."""
        self._close_pipes()                         # for lack of lines
        if self.process is not None:
            self.process.wait()

    def _close_pipes(self) -> None:
        pipes = () if self.process is None else (self.process.stdin, self.process.stdout)
        for pipe in filter(None, pipes):
            with suppress(BrokenPipeError):
                pipe.close()

    def _started(self) -> subprocess.Popen[str]:
        # A session of its own, which Ctrl-C in a terminal does not reach: `stop` does.
        return subprocess.Popen(
            [sys.executable, "-m", "gpugrad.train.trials.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment,
            start_new_session=True,
        )  # fmt: skip


def _death(code: int) -> str:
    if code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"


class Crew:
    """Workers that train trials at the same time, until they are through or a signal comes.

    A first signal stops each of them with everything saved; `signal` is its number. A second
    Ctrl-C ends them at once.
    """

    def __init__(self, jobs: int) -> None:
        share = str(max(threads() // jobs, 1))
        environment = {"OMP_NUM_THREADS": share, VARIABLE: share} if jobs > 1 else {}
        self.workers = [Worker({**environment, **os.environ}) for _ in range(jobs)]
        self.signal: int | None = None

    def train(
        self,
        trials: Iterable[tuple[Trial, str]],
        ended: Callable[[Trial, Answer], None],
        pictures: bool = False,
    ) -> None:
        """Trains each trial in the folder of that path, and calls `ended` as they end.

        One that is complete is not trained again; its `pictures` are drawn if these are asked for.
        """
        waiting: queue.SimpleQueue[tuple[Trial, str]] = queue.SimpleQueue()
        for each in trials:
            waiting.put(each)
        answers: queue.SimpleQueue[tuple[Trial, Answer] | None] = queue.SimpleQueue()

        def work(worker: Worker) -> None:
            try:
                while self.signal is None:
                    trial, folder = waiting.get_nowait()
                    answers.put((trial, worker.train(trial.settings, folder, pictures)))
            except queue.Empty:
                pass
            finally:
                answers.put(None)

        team = [threading.Thread(target=work, args=(worker,)) for worker in self.workers]
        left = len(team)
        try:
            with stop_on_signal() as stop:
                for thread in team:
                    thread.start()
                while left:
                    if stop.made:
                        self.signal = stop.signal
                        for worker in self.workers:
                            worker.stop()
                    try:
                        answer = answers.get(timeout=LOOK)
                    except queue.Empty:
                        continue
                    if answer is None:
                        left -= 1
                    else:
                        ended(*answer)
        finally:
            if left:
                self.signal = self.signal or signal.SIGINT
                for worker in self.workers:
                    worker.kill()
            for thread in team:
                if thread.ident is not None:        # it was started
                    thread.join()
            for worker in self.workers:
                worker.close()
