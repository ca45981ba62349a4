"""What the arguments and options of `gpugrad train` are, how help names them, and in which panel.

A value is checked where it is used, so that programs get the same messages.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from gpugrad.cli.completion import data_sets, one_of, runs
from gpugrad.cli.continuing import AUTO, folder_or_auto
from gpugrad.cli.help_text import argument, option
from gpugrad.cli.logs import LOGS
from gpugrad.cli.names import path
from gpugrad.data import dataset_names
from gpugrad.train import Config
from gpugrad.train.augmenting import AUGMENTATIONS
from gpugrad.train.config import CHOICES, decaying
from gpugrad.train.data_settings import OF_DATA
from gpugrad.train.model import HIDDEN
from gpugrad.train.run import CHECKPOINT_SECONDS

DEFAULTS = Config("digits")

FLAG = " "  # what help shows in place of the value that a flag has not

DATA, MODEL, OPTIMISATION, MACHINE, RUN = "Data", "Model", "Optimisation", "Machine", "Run"

def _default(name: str) -> str:
    value = getattr(DEFAULTS, name)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(panel: str, name: str, metavar: str, text: str) -> Any:
    return option(
        metavar=metavar, help=f"{text} Default: {_default(name)}.", rich_help_panel=panel
    )


def _choice(panel: str, name: str, text: str) -> Any:
    """An option with one of the values that there are."""
    words = list((CHOICES | OF_DATA)[name])
    return option(
        metavar="NAME",
        help=f"{text}: {', '.join(words[:-1])} or {words[-1]}. Default: {_default(name)}.",
        autocompletion=one_of(words),
        rich_help_panel=panel,
    )


Dataset = Annotated[
    str | None,
    argument(
        metavar="DATASET",
        help=f"One of the data sets that come with gpugrad ({', '.join(dataset_names())}); a table "
        "(.csv, .tsv, .parquet, .feather, .arrow), with --target; a folder of PNG and JPEG images, "
        "with a folder for each class or a labels.csv; an .npz file with x of shape (rows, "
        "features) and y of shape (rows,) or (rows, targets); or a folder with x.npy and y.npy. "
        "Not needed with --resume DIR.",
        autocompletion=data_sets,
    ),
]

Task = Annotated[
    str | None, _choice(DATA, "task", "What the network learns; auto goes by what y holds")
]
Split = Annotated[
    str | None,
    _choice(
        DATA, "split",
        "How rows are split. ordered tests on the last rows, given goes by the array part of the "
        "data, or by the column part of a table",
    ),
]  # fmt: skip
Validation = Annotated[float | None, _number(DATA, "validation", "SHARE", "Validation rows.")]
Test = Annotated[float | None, _number(DATA, "test", "SHARE", "Test rows.")]
ClassWeight = Annotated[
    str | None,
    option(
        metavar="WEIGHTS", rich_help_panel=DATA,
        help="How much each class counts in the loss: none, balanced, or numbers such as 1,5, in "
        "the order of the classes. Default: none.",
        autocompletion=one_of(("none", "balanced")),
    ),
]  # fmt: skip

def _names(text: str) -> Any:
    """An option with names of columns."""
    return option(
        metavar="NAMES", rich_help_panel=DATA,
        help=f"{text}, separated by commas. A name with a comma stands in double quotes.",
    )  # fmt: skip


Target = Annotated[
    list[str] | None,
    _names(
        "Columns of a table, or of the labels.csv of images, to be predicted; beside an .npy file "
        "with x, the one with y"
    ),
]
Drop = Annotated[list[str] | None, _names("Columns of a table to leave out")]
Categorical = Annotated[
    list[str] | None, _names("Columns of numbers to take as categories, such as postcodes")
]
Ordinal = Annotated[
    list[str] | None,
    _names("Columns of categories that become one feature, the number of the category"),
]
Missing = Annotated[
    str | None,
    _choice(
        DATA, "missing",
        "What becomes of missing cells of a table: an error, what the training rows have there, or "
        "the mean and a feature that says so",
    ),
]  # fmt: skip
Unknown = Annotated[
    str | None,
    _choice(DATA, "unknown", "What becomes of categories that the training rows do not have"),
]
SampleWeight = Annotated[
    str | None,
    option(
        metavar="NAME", rich_help_panel=DATA,
        help="The column of a table that says how much each row counts.",
    ),
]  # fmt: skip
Size = Annotated[
    str | None,
    option(
        metavar="HxW", rich_help_panel=DATA,
        help="Resize images to this height and width, such as 32x32. Default: as they are, all "
        "alike.",
    ),
]  # fmt: skip
Channels = Annotated[
    int | None,
    option(
        metavar="N", rich_help_panel=DATA,
        help="Convert images: 1 for grey, 3 for colours. Default: as they are, all alike.",
    ),
]  # fmt: skip
Augment = Annotated[
    str | None,
    option(
        metavar="NAMES", rich_help_panel=DATA, autocompletion=one_of(AUGMENTATIONS),
        help=f"Random changes to images in training, separated by commas: "
        f"{' or '.join(AUGMENTATIONS)}.",
    ),
]  # fmt: skip

Loss = Annotated[str | None, _choice(OPTIMISATION, "loss", "What becomes small")]
LabelSmoothing = Annotated[
    float | None,
    _number(
        OPTIMISATION, "label_smoothing", "SHARE",
        "The part of each label that is spread over all labels.",
    ),
]  # fmt: skip

Model = Annotated[
    str | None,
    _choice(
        MODEL, "model",
        "The network: mlp for rows of numbers, convnet for images; auto goes by the data",
    ),
]  # fmt: skip
Hidden = Annotated[
    str | None,
    option(
        metavar="WIDTHS", rich_help_panel=MODEL,
        help="Widths of the hidden layers, from the input; of a convnet, the channels of its "
        f"stages. Default: {','.join(map(str, HIDDEN))}; of a convnet, by the size of the images.",
    ),
]  # fmt: skip
Activation = Annotated[
    str | None, _choice(MODEL, "activation", "Activation function of the hidden layers")
]
Dtype = Annotated[str | None, _choice(MODEL, "dtype", "Floating-point type of the weights")]
Precision = Annotated[
    str | None,
    _choice(
        MODEL, "precision",
        "Floating-point type that the network computes in while it learns; auto is that of the "
        "weights",
    ),
]  # fmt: skip
Keep = Annotated[
    str | None,
    _choice(
        MODEL, "keep",
        "Keep the weights of the last epoch, or of the best by validation loss; auto is best with "
        "--early-stopping",
    ),
]  # fmt: skip

Epochs = Annotated[
    int | None,
    option(
        metavar="N", rich_help_panel=OPTIMISATION,
        help="How often to pass over the training rows. Default: by their number.",
    ),
]  # fmt: skip
BatchSize = Annotated[
    int | None,
    option(
        metavar="N", rich_help_panel=OPTIMISATION,
        help="How many rows a batch has. Default: by the number of rows.",
    ),
]  # fmt: skip
Optimizer = Annotated[str | None, _choice(OPTIMISATION, "optimizer", "Optimiser")]
Lr = Annotated[
    float | None,
    option(
        metavar="RATE", rich_help_panel=OPTIMISATION,
        help="Learning rate at its highest. Default: one that suits the optimiser.",
    ),
]  # fmt: skip
Schedule = Annotated[
    str | None, _choice(OPTIMISATION, "schedule", "How the learning rate changes")
]
Warmup = Annotated[
    float | None,
    _number(
        OPTIMISATION, "warmup", "EPOCHS", "Let the learning rate rise first for so many epochs."
    ),
]
LrFactor = Annotated[
    float | None,
    option(
        metavar="FACTOR", rich_help_panel=OPTIMISATION,
        help="By which the schedules exponential, piecewise and plateau multiply the learning "
        "rate: in each epoch, at each milestone, and when the validation loss no longer falls. "
        "Default: 0.1; for exponential, what leaves a hundredth at the end.",
    ),
]  # fmt: skip
LrMilestones = Annotated[
    str | None,
    option(
        metavar="EPOCHS", rich_help_panel=OPTIMISATION,
        help="After which epochs the schedule piecewise does so, such as 20,30. Default: a half "
        "and three quarters of all.",
    ),
]  # fmt: skip
LrPatience = Annotated[
    int | None,
    _number(
        OPTIMISATION, "lr_patience", "EPOCHS",
        "After how many epochs without a better validation loss the schedule plateau does so.",
    ),
]  # fmt: skip
ClipNorm = Annotated[
    float | None,
    option(
        metavar="NORM", rich_help_panel=OPTIMISATION,
        help="Scale gradients with a larger norm down to this one. Default: never.",
    ),
]  # fmt: skip
Accumulate = Annotated[
    int | None,
    _number(
        OPTIMISATION, "accumulate", "N",
        "How many batches make one step, one after the other in memory.",
    ),
]  # fmt: skip
Ema = Annotated[
    float | None,
    option(
        metavar="DECAY", rich_help_panel=OPTIMISATION,
        help="Measure and keep an exponential moving average of the weights with this decay, such "
        "as 0.999. Default: no average.",
    ),
]  # fmt: skip
EarlyStopping = Annotated[
    int | None,
    option(
        metavar="EPOCHS", rich_help_panel=OPTIMISATION,
        help="Stop after so many epochs without a better validation loss, and keep the best "
        "weights. Default: never.",
    ),
]  # fmt: skip
MinDelta = Annotated[
    float | None,
    _number(
        OPTIMISATION, "min_delta", "LOSS",
        "By how much a validation loss has to be less to be better, for --early-stopping and the "
        "schedule plateau.",
    ),
]  # fmt: skip
WeightDecay = Annotated[
    float | None,
    option(
        metavar="RATE", rich_help_panel=OPTIMISATION,
        help=f"Weight decay, with {' or '.join(decaying())}. Default: by the number "
        "of rows.",
    ),
]  # fmt: skip
Seed = Annotated[
    int | None,
    _number(
        OPTIMISATION, "seed", "N",
        "Seed for splitting the rows, for the initial weights and for the order of the batches.",
    ),
]  # fmt: skip

Backend = Annotated[
    str | None, _choice(MACHINE, "backend", "Array library, and so CPU or GPU")
]
Engine = Annotated[str | None, _choice(MACHINE, "engine", "What runs a compiled step")]
Threads = Annotated[
    int | None,
    option(
        metavar="N", rich_help_panel=MACHINE,
        help="Threads for each matrix product on the CPU. Default: as many as suit the widths.",
    ),
]  # fmt: skip
Processes = Annotated[
    int | None,
    option(
        metavar="N", rich_help_panel=MACHINE,
        help="Train in N processes on this machine, which share each batch, as with mpiexec -n N.",
    ),
]  # fmt: skip
FromFile = Annotated[
    bool | None,
    option(
        "--from-file/--in-memory", metavar=FLAG, rich_help_panel=MACHINE,
        help="Leave x, or images, in their files and read the rows of each step when it comes, or "
        "read all rows first. Default: --from-file for 512 MB or more.",
    ),
]  # fmt: skip

Out = Annotated[
    Path | None,
    option(
        parser=path, metavar="DIR", rich_help_panel=RUN,
        help="Folder for the run, new or empty. Default: the next free runs/DATASET-N.",
    ),
]  # fmt: skip
Resume = Annotated[
    Path | None,
    option(
        "--resume", parser=folder_or_auto, metavar="DIR|auto", rich_help_panel=RUN,
        help=f"Continue the run in DIR. With {AUTO}: continue the run in --out if there is one, "
        "else begin it there.",
        autocompletion=lambda incomplete: [*one_of([str(AUTO)])(incomplete), *runs(incomplete)],
    ),
]  # fmt: skip
Previous = Annotated[
    bool,
    option(
        "--previous", metavar=FLAG, rich_help_panel=RUN,
        help="With --resume: continue from the checkpoint before the last one, if the last one "
        "cannot be read.",
    ),
]  # fmt: skip
CheckpointEvery = Annotated[
    float,
    option(
        metavar="SECONDS", rich_help_panel=RUN,
        help=f"Least time from one checkpoint to the next. Default: {CHECKPOINT_SECONDS:g}.",
    ),
]  # fmt: skip
Log = Annotated[
    str | None,
    option(
        metavar="NAME", rich_help_panel=RUN, autocompletion=one_of(LOGS),
        help="Also log the run for another tool: tensorboard writes event files into the folder "
        "tensorboard of the run.",
    ),
]  # fmt: skip
