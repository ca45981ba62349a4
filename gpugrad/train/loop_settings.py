"""The settings of the training loop beyond optimiser and rate, which all leave it plain unset."""

from __future__ import annotations

from dataclasses import dataclass

from gpugrad.errors import InvalidArgument
from gpugrad.train.setting_checks import check_whole, rate, share, wrong

SCHEDULES = (
    "cosine", "constant", "linear", "exponential", "piecewise", "one_cycle", "plateau",
)  # fmt: skip

BY_SCHEDULE = {
    "lr_factor": ("exponential", "piecewise", "plateau"),
    "lr_milestones": ("piecewise",),
}
"""Settings that are for some schedules alone: in a run with another one they are `None`."""

PRECISIONS = ("auto", "bfloat16", "float16", "float32", "float64")


@dataclass(frozen=True, kw_only=True)
class LoopSettings:
    """The part of `Config` that says how the steps of a run are taken, and how many.

    Args:
        schedule: How the rate changes, a name in `gpugrad.train.learning_rate.SCHEDULES`.
        warmup: Epochs.
        lr_factor: By which a schedule multiplies the rate.
        lr_milestones: Epochs.
        lr_patience: Epochs.
        clip_norm: A norm of gradients.
        accumulate: Batches in one step.
        ema: A decay per step.
        precision: A name of a dtype.
        early_stopping: Epochs.
        min_delta: A loss.
    """

    schedule: str = "cosine"
    warmup: float = 0.0
    lr_factor: float | None = None
    lr_milestones: tuple[int, ...] | None = None
    lr_patience: int = 10
    clip_norm: float = 0.0
    accumulate: int = 1
    ema: float = 0.0
    precision: str = "auto"
    early_stopping: int = 0
    min_delta: float = 0.0

    def check_loop(self, epochs: int | None, dtype: str) -> None:
        """Raises `InvalidArgument` for the first of these settings that cannot be used."""
        for name in ("warmup", "clip_norm", "min_delta"):
            object.__setattr__(self, name, rate(name, getattr(self, name)))
        object.__setattr__(self, "ema", share("ema", self.ema))
        for name, low in (("accumulate", 1), ("lr_patience", 1), ("early_stopping", 0)):
            check_whole(name, getattr(self, name), low=low)
        for name, schedules in BY_SCHEDULE.items():
            if getattr(self, name) is not None and self.schedule not in schedules:
                raise InvalidArgument(
                    f"{name} is {getattr(self, name)}, but the schedule is {self.schedule}; leave "
                    f"it out, or use the schedule {' or '.join(schedules)}"
                )
        self._check_factor()
        self._check_milestones()
        if epochs is not None and self.warmup >= epochs:
            raise InvalidArgument(
                f"warmup is {self.warmup:g} epochs, but there are {epochs} in all; expected fewer"
            )
        if self.min_delta and not (self.early_stopping or self.schedule == "plateau"):
            raise InvalidArgument(
                f"min_delta is {self.min_delta:g}, but neither early_stopping nor the schedule "
                "plateau is asked for, which compare losses; leave it out"
            )
        if self.precision == "float64" and dtype != "float64":
            raise InvalidArgument(
                f"precision is float64, but weights are {dtype}; use dtype float64, which computes "
                "in it"
            )

    def _check_factor(self) -> None:
        if self.lr_factor is None:
            return
        if not 0 < rate("lr_factor", self.lr_factor) <= 1:
            raise wrong("lr_factor", self.lr_factor, "a number above 0 and at most 1")
        object.__setattr__(self, "lr_factor", float(self.lr_factor))

    def _check_milestones(self) -> None:
        found = self.lr_milestones
        if found is None:
            return
        if not isinstance(found, tuple | list):
            raise wrong("lr_milestones", found, "a tuple of epochs, such as (20, 30)")
        for place in found:
            check_whole("lr_milestones", place, low=1)
        if list(found) != sorted(set(found)):
            raise wrong("lr_milestones", found, "epochs in ascending order")
        if found and found[0] <= self.warmup:
            raise InvalidArgument(
                f"lr_milestones begin with epoch {found[0]}, but warmup takes {self.warmup:g}; "
                "expected milestones after it"
            )
        object.__setattr__(self, "lr_milestones", tuple(found))
