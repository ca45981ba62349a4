"""The options of `gpugrad train` about the model, its optimisation, the machine and the run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from gpugrad.cli.completion import one_of, runs
from gpugrad.cli.continuing import AUTO, folder_or_auto
from gpugrad.cli.help_text import option
from gpugrad.cli.logs import LOGS
from gpugrad.cli.names import path
from gpugrad.cli.option_kinds import FLAG, MACHINE, MODEL, OPTIMISATION, RUN, choice, number
from gpugrad.train.config import decaying
from gpugrad.train.model import HIDDEN
from gpugrad.train.run import CHECKPOINT_SECONDS

Loss = Annotated[str | None, choice(OPTIMISATION, "loss", "What becomes small")]
LabelSmoothing = Annotated[
    float | None,
    number(
        OPTIMISATION, "label_smoothing", "SHARE",
        "The part of each label that is spread over all labels.",
    ),
]  # fmt: skip

Model = Annotated[
    str | None,
    choice(
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
    str | None, choice(MODEL, "activation", "Activation function of the hidden layers")
]
Dtype = Annotated[str | None, choice(MODEL, "dtype", "Floating-point type of the weights")]
Precision = Annotated[
    str | None,
    choice(
        MODEL, "precision",
        "Floating-point type that the network computes in while it learns; auto is that of the "
        "weights",
    ),
]  # fmt: skip
Keep = Annotated[
    str | None,
    choice(
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
Optimizer = Annotated[str | None, choice(OPTIMISATION, "optimizer", "Optimiser")]
Lr = Annotated[
    float | None,
    option(
        metavar="RATE", rich_help_panel=OPTIMISATION,
        help="Learning rate at its highest. Default: one that suits the optimiser.",
    ),
]  # fmt: skip
Schedule = Annotated[
    str | None, choice(OPTIMISATION, "schedule", "How the learning rate changes")
]
Warmup = Annotated[
    float | None,
    number(
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
    number(
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
    number(
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
    number(
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
    number(
        OPTIMISATION, "seed", "N",
        "Seed for splitting the rows, for the initial weights and for the order of the batches.",
    ),
]  # fmt: skip

Backend = Annotated[
    str | None, choice(MACHINE, "backend", "Array library, and so CPU or GPU")
]
Engine = Annotated[str | None, choice(MACHINE, "engine", "What runs a compiled step")]
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
