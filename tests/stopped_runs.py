"""Training runs that stop as if their process were gone."""

from gpugrad.train import Observer


class Crash(Exception):
    """Stands for a process that is gone: nothing in gpugrad catches it."""


class CrashAfter(Observer):
    """Crashes when step number `steps` was handed over."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def advance(self, rows: int) -> None:
        self.left -= 1
        if self.left == 0:
            raise Crash
