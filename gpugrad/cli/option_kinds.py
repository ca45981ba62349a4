"""How help shows the options of `gpugrad train`: in which panel, with which values and default.

A value is checked where it is used, so that programs get the same messages.
"""

from __future__ import annotations

from typing import Any

from gpugrad.cli.completion import one_of
from gpugrad.cli.help_text import option
from gpugrad.train import Config
from gpugrad.train.config import CHOICES
from gpugrad.train.data_settings import OF_DATA

DEFAULTS = Config("digits")

FLAG = " "  # what help shows in place of the value that a flag has not

DATA, MODEL, OPTIMISATION, MACHINE, RUN = "Data", "Model", "Optimisation", "Machine", "Run"


def number(panel: str, name: str, metavar: str, text: str) -> Any:
    """An option with a number."""
    return option(
        metavar=metavar, help=f"{text} Default: {_default(name)}.", rich_help_panel=panel
    )


def choice(panel: str, name: str, text: str) -> Any:
    """An option with one of the values that there are."""
    words = list((CHOICES | OF_DATA)[name])
    return option(
        metavar="NAME",
        help=f"{text}: {', '.join(words[:-1])} or {words[-1]}. Default: {_default(name)}.",
        autocompletion=one_of(words),
        rich_help_panel=panel,
    )


def names(text: str) -> Any:
    """An option with names of columns."""
    return option(
        metavar="NAMES", rich_help_panel=DATA, help=f"{text}, separated by commas."
    )


def _default(name: str) -> str:
    value = getattr(DEFAULTS, name)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
