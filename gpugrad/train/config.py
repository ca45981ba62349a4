"""What a training run is asked to do: every setting that its result depends on, checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from reprlib import repr as shortened

from gpugrad import engines
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.optim import OPTIMIZERS
from gpugrad.settings import settled
from gpugrad.train.data_settings import NAMES, OPTIONAL, DataSettings
from gpugrad.train.fields import Fields
from gpugrad.train.loop_settings import BY_SCHEDULE, PRECISIONS, SCHEDULES, LoopSettings
from gpugrad.train.setting_checks import (
    check_choice,
    check_whole,
    did_you_mean,
    rate,
    share,
    wrong,
)
from gpugrad.train.tasks import TASKS, Task

OWN = "own"
"""The setting `model` of a model that a program gave to `fit`: it is no choice of a user."""

CHOICES = {
    "task": ("auto", *TASKS),
    "loss": ("auto", *dict.fromkeys(name for task in TASKS.values() for name in task.losses)),
    "split": ("auto", "random", "ordered", "given"),
    "model": ("auto", "mlp", "convnet"),
    "activation": ("relu", "sin", "tanh"),
    "optimizer": tuple(OPTIMIZERS),
    "schedule": SCHEDULES,
    "backend": ("auto", "numpy", "cupy"),
    "engine": ("auto", "eager", *engines.ALL),
    "dtype": ("float32", "float64"),
    "precision": PRECISIONS,
    "keep": ("auto", "last", "best"),
}
OPEN = tuple(name for name, choices in CHOICES.items() if "auto" in choices)
"""Settings that may be left open, as "auto", until the data and the machine are there."""

WIDEST = 1_000_000  # of a hidden layer: a bound on typing errors
MOST_THREADS = 1024


@dataclass(frozen=True)
class Config(LoopSettings, DataSettings):
    """The settings of one run.

    Equal settings and data give equal bits on CPUs of one kind, with the same versions of NumPy and
    its BLAS, and the same settings of that.

    Args:
        dataset: A name, or the path of a table (`.csv`, `.tsv`, `.parquet`, `.feather`, `.arrow`),
            of a folder of images, of an `.npz` file, of a folder with `x.npy` and `y.npy`, or of an
            `.npy` file with features, as a str or a `Path`.
        target: The columns of a table that are to be predicted; of images, those of `labels.csv`;
            beside an `.npy` file, that with the targets. One name or several.
        drop: Columns that are left out.
        categorical: Columns of numbers to take as categories.
        ordinal: Columns of categories that become one feature, the number of the category.
        missing: What becomes of missing cells, as in `gpugrad.data.Encoder.fit`.
        unknown: What becomes of unknown categories, as there.
        sample_weight: The column of a table that says how much each row counts.
        size: (height, width) to which images are resized.
        channels: 1 or 3, to which images are converted.
        augment: Random changes to images in training: `"flip"`, `"crop"` or both.
        standardise: Whether features are moved to mean 0 and scaled to standard deviation 1; each
            channel of images.
        model: `"mlp"`, layers of the widths `hidden`, or `"convnet"`, convolutions with as many
            channels; `"auto"` is `"convnet"` for images.
        hidden: The widths of the hidden layers; `None` becomes 128 and 64, or for a convnet what
            suits the size of the images.
        activation: Between the layers.
        optimizer: A name in `gg.optim.OPTIMIZERS`.
        lr: The learning rate; `None` becomes what suits the optimiser.
        schedule: How the rate changes: `"cosine"` and `"linear"` fall to 0 at the last step,
            `"one_cycle"` rises first and falls to almost 0, `"exponential"` is multiplied by
            `lr_factor` in each epoch, `"piecewise"` at each of the `lr_milestones`, `"plateau"`
            after `lr_patience` epochs without a better validation loss, and `"constant"` stays.
        warmup: Epochs of a linear rise to `lr` before that, such as 2 or 0.5; with `"one_cycle"`,
            those of its rise, 0 for three tenths of all.
        lr_factor: Above 0 and at most 1; `None` becomes 0.1, and with `"exponential"` what leaves
            a hundredth of `lr` at the end.
        lr_milestones: Ascending epochs after which `"piecewise"` multiplies; `None` becomes a half
            and three quarters of all.
        lr_patience: Epochs.
        clip_norm: The largest norm of the whole gradient, to which it is scaled down; 0 for any.
        accumulate: How many batches make one step, whose gradient is the mean over all their rows.
        ema: The decay of an exponential moving average of the weights, such as 0.999: this average
            is what is measured on validation rows and kept. 0 for none.
        precision: What the network computes in while weights stay as they are: `"bfloat16"`, or
            `"float16"` with a loss scale that adapts; `"auto"` is the dtype of the weights.
        early_stopping: After how many epochs in a row without a better validation loss training
            stops; 0 for never.
        min_delta: By how much a loss has to be less to be better, for `early_stopping` and
            `"plateau"`.
        weight_decay: `None` becomes what suits the optimiser and the number of training rows.
        epochs: Passes over the training rows; `None` becomes what suits their number.
        batch_size: Rows in one batch; `None` becomes what suits their number.
        seed: Of the split, the first weights and the batches.
        backend: `"auto"`, `"numpy"` or `"cupy"`.
        engine: What runs a step.
        threads: How many a matrix product gets; `None` becomes what suits the widths.
        dtype: That of the weights.
        keep: Whose weights are the result: those of the `"last"` epoch, or of the `"best"` one, by
            validation loss; `"auto"` is the best with `early_stopping`, else the last.
        task: A name in `gpugrad.train.tasks.TASKS`; `"auto"` becomes what the targets look like.
        loss: What is to become small: `"cross_entropy"`, or for regression `"squared"`,
            `"absolute"` or `"huber"`; `"auto"` becomes what suits the task.
        label_smoothing: The part of each label that is spread over all classes.
        class_weight: How much the loss of a row counts by its class: `"none"`, `"balanced"` for as
            much in each class together, or a number for each class, in the order of the classes.
        split: `"random"`, with the same share of each class in each part, `"ordered"`, where the
            last rows are for testing, or `"given"` by the data, of a table by its column `part`;
            `"auto"` is as given, else random, and random for tables.
        validation: The share of rows for validation.
        test: The share of rows for testing.

    Raises:
        InvalidArgument: For a setting that cannot be used; the message names the first.
    """

    model: str = "auto"
    hidden: tuple[int, ...] | None = None
    activation: str = "relu"
    optimizer: str = "adamw"
    lr: float | None = None
    weight_decay: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    seed: int = 0
    backend: str = "auto"
    engine: str = "auto"
    threads: int | None = None
    dtype: str = "float32"
    # On splits within the training rows of the digits, over twenty seeds, the last and the best
    # epoch did equally well on average; but the lowest loss on few validation rows can be that of
    # a lucky early epoch, so that the last one is kept if nothing else is asked for.
    keep: str = "auto"
    task: str = "auto"
    loss: str = "auto"
    label_smoothing: float = 0.0
    class_weight: str | tuple[float, ...] = "none"
    split: str = "auto"
    validation: float = 0.1
    test: float = 0.2

    def __post_init__(self) -> None:
        for field in fields(self):                  # numbers of NumPy count as those of Python
            object.__setattr__(self, field.name, settled(getattr(self, field.name)))
        super().__post_init__()
        if self.hidden is not None:
            if not isinstance(self.hidden, tuple | list):
                raise wrong("hidden", self.hidden, "a tuple of widths, such as (128, 64)")
            object.__setattr__(self, "hidden", tuple(self.hidden))
        for name, choices in CHOICES.items():
            if (name, getattr(self, name)) != ("model", OWN):
                check_choice(name, getattr(self, name), choices)
        named = OPTIMIZERS[self.optimizer]
        if self.lr is None:
            object.__setattr__(self, "lr", named.lr)
        for width in self.hidden or ():
            check_whole("hidden", width, low=1, high=WIDEST)
        object.__setattr__(self, "lr", rate("lr", self.lr))
        if self.weight_decay is not None:
            object.__setattr__(self, "weight_decay", rate("weight_decay", self.weight_decay))
        for name in ("label_smoothing", "validation", "test"):
            object.__setattr__(self, name, share(name, getattr(self, name)))
        if self.validation + self.test >= 1:
            raise InvalidArgument(
                f"validation is {self.validation:g} and test is {self.test:g}, which leaves no "
                "rows to train on; expected shares that add up to less than 1"
            )
        object.__setattr__(self, "class_weight", _class_weight(self.class_weight))
        for name in ("epochs", "batch_size"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name), low=1)
        self.check_loop(self.epochs, self.dtype)
        check_whole("seed", self.seed, low=0)
        if self.threads is not None:
            check_whole("threads", self.threads, low=1, high=MOST_THREADS)
        if self.weight_decay and named.weight_decay is None:
            raise InvalidArgument(
                f"weight_decay is {self.weight_decay:g}, but {self.optimizer} has none; "
                f"use the optimizer {' or '.join(decaying())}, or weight_decay 0"
            )

    @property
    def compares(self) -> str:
        """The setting that compares epochs on validation rows; empty where none does."""
        if self.early_stopping:
            return f"early_stopping is {self.early_stopping}"
        if self.schedule == "plateau":
            return "schedule is 'plateau'"
        return "keep is 'best'" if self.keep == "best" else ""

    @property
    def kind(self) -> Task:
        """The task of that name, once it is settled."""
        return TASKS[self.task]

    def to_json(self) -> dict[str, object]:
        """The settings as plain JSON values."""
        found = asdict(self)
        return {name: list(x) if isinstance(x, tuple) else x for name, x in found.items()}


@dataclass(frozen=True)
class Settled(Config):
    """The settings of a run that has begun: none is left open."""

    model: str = "mlp"
    hidden: tuple[int, ...] = ()
    lr: float = 0.0
    weight_decay: float = 0.0
    epochs: int = 0
    batch_size: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in OPEN:
            if getattr(self, name) == "auto":
                raise InvalidArgument(f"{name} is left open")
        for name, schedules in BY_SCHEDULE.items():
            if getattr(self, name) is None and self.schedule in schedules:
                raise InvalidArgument(f"{name} is left open")

    @property
    def rows_per_step(self) -> int:
        """How many rows a step learns from, but for the last one of an epoch."""
        return self.batch_size * self.accumulate

    @property
    def computes_in(self) -> str | None:
        """The dtype that the network computes in, if it is another one than that of weights."""
        return None if self.precision == self.dtype else self.precision

    @classmethod
    def read(cls, found: Fields) -> Settled:
        """The settings that `to_json` wrote; `CheckpointError` if names or values are not ours."""
        values = {field.name: found.value(field.name) for field in fields(cls)}
        found.end()
        for name, value in values.items():
            if name in NAMES and type(value) is not list:
                raise CheckpointError(f"{found.path}: {found.name}.{name} is no list")
            if value is None and name not in (*OPTIONAL, *BY_SCHEDULE):
                raise CheckpointError(f"{found.path}: {found.name}.{name} is left open")
        try:
            return cls(**values)
        except InvalidArgument as error:
            raise CheckpointError(f"{found.path}: its settings cannot be used: {error}") from error


def check_names(given: Iterable[str]) -> None:
    """Raises `InvalidArgument` for the name of a setting that there is not."""
    known = [field.name for field in fields(Config)]
    for name in given:
        if name not in known:
            raise InvalidArgument(
                f"there is no setting {shortened(name)}; expected one of "
                f"{', '.join(known)}{did_you_mean(name, known)}"
            )


def decaying() -> list[str]:
    """The optimisers that shrink weights."""
    return [name for name, named in OPTIMIZERS.items() if named.weight_decay is not None]


def in_force(backend: str) -> str | None:
    """What to ask `choose` for: `auto` leaves it to GPUGRAD_BACKEND and the machine."""
    return None if backend == "auto" else backend


def _class_weight(value: object) -> str | tuple[float, ...]:
    if isinstance(value, str) and value in ("none", "balanced"):
        return value
    if isinstance(value, tuple | list) and value:
        weights = tuple(rate("class_weight", each) for each in value)
        if any(weights):
            return weights
    raise wrong("class_weight", value, "none, balanced, or a number for each class, not all 0")
