"""The argument of `gpugrad train`, and its options about data, tables and images."""

from __future__ import annotations

from typing import Annotated

from gpugrad.cli.completion import data_sets, one_of
from gpugrad.cli.help_text import argument, option
from gpugrad.cli.option_kinds import DATA, choice, names, number
from gpugrad.data import dataset_names
from gpugrad.train.augmenting import AUGMENTATIONS

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
    str | None, choice(DATA, "task", "What the network learns; auto goes by what y holds")
]
Split = Annotated[
    str | None,
    choice(
        DATA, "split",
        "How rows are split. ordered tests on the last rows, given goes by the array part of the "
        "data, or by the column part of a table",
    ),
]  # fmt: skip
Validation = Annotated[float | None, number(DATA, "validation", "SHARE", "Validation rows.")]
Test = Annotated[float | None, number(DATA, "test", "SHARE", "Test rows.")]
ClassWeight = Annotated[
    str | None,
    option(
        metavar="WEIGHTS", rich_help_panel=DATA,
        help="How much each class counts in the loss: none, balanced, or numbers such as 1,5, in "
        "the order of the classes. Default: none.",
        autocompletion=one_of(("none", "balanced")),
    ),
]  # fmt: skip
Target = Annotated[
    list[str] | None,
    option(
        metavar="NAMES", rich_help_panel=DATA,
        help="Columns of a table, or of the labels.csv of images, to be predicted, separated by "
        "commas. Here and below, a name with a comma stands in double quotes. Beside an .npy file "
        "with x: the file with y.",
    ),
]  # fmt: skip
Drop = Annotated[list[str] | None, names("Columns of a table to leave out")]
Categorical = Annotated[
    list[str] | None, names("Columns of numbers to take as categories, such as postcodes")
]
Ordinal = Annotated[
    list[str] | None,
    names("Columns of categories that become one feature, the number of the category"),
]
Missing = Annotated[
    str | None,
    choice(
        DATA, "missing",
        "What becomes of missing cells of a table: an error, what the training rows have there, or "
        "the mean and a feature that says so",
    ),
]  # fmt: skip
Unknown = Annotated[
    str | None,
    choice(DATA, "unknown", "What becomes of categories that the training rows do not have"),
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
