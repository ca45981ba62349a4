"""The functions of an array library that a step may call by name, and what each of them takes.

The file of a plan may name no other. An entry says which arrays a call has, which come first, and
which settings, in order: nothing else, so that no argument writes (`out`) or decides what runs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from reprlib import repr as short
from typing import Any

import numpy as np

from gpugrad.backends.integers import ARITHMETIC

COMPARISONS = frozenset("equal not_equal less less_equal greater greater_equal".split())


@dataclass(frozen=True, slots=True)
class Function:
    """What a function takes: so many arrays, or `names` and any number of them, and settings.

    `names` are what may stand before the arrays. The setting `sized` is a length of the result,
    within a factor of two.
    """

    arrays: int
    settings: tuple[str, ...] = ()
    names: Collection[str] = ()
    sized: str = ""


_BY_SETTINGS = {
    "": "cholesky complete_qr det eig eigvals eigvalsh expm full_svd inv nonzero other_products qr "
        "slogdet svd svdvals unique_all digamma erfcx erfinv log_ndtr ndtri",
    "axis keepdims": "all any argmax argmin count_nonzero euclidean_norm mean prod",
    "axis": "flip unit_vector",
    "axis correction keepdims": "std var",
    "axis descending stable": "argsort sort",
    "axis include_initial": "cumulative_prod cumulative_sum",
    "UPLO": "eigh",
    "rtol": "matrix_rank pinv",
    "n": "polygamma",
    "k": "tril triu",
    "shift axis": "roll",
    "dtype": "to_integer",
    "key": "getitem",
    "shape": "random_bits",
    "shape dtype low high": "random_uniform",
}  # fmt: skip
"""Functions of one array, by their settings."""

FUNCTIONS: dict[str, Function] = {
    **{
        name: Function(1, tuple(settings.split()))
        for settings, names in _BY_SETTINGS.items()
        for name in names.split()
    },
    **dict.fromkeys(
        ("fft_fft", "fft_ifft", "fft_rfft", "fft_irfft"),
        Function(1, ("n", "axis", "norm"), sized="n"),
    ),
    **dict.fromkeys(
        "cumulative_prod_slope full_convolution of_parts solve valid_correlation".split(),
        Function(2),
    ),
    "repeat": Function(2),
    "searchsorted": Function(2, ("side",)),
    "solve_triangular": Function(2, ("lower", "unit_diagonal")),
    "take_along_axis": Function(2, ("axis",)),
    "compared": Function(2, names=COMPARISONS),
    "of_integers": Function(0, names=frozenset(ARITHMETIC)),
}
"""What operations of gpugrad call, besides NumPy's own ufuncs."""


@cache
def function(op: str) -> Function | None:
    """What the function of that name takes; `None` if a file may not name it."""
    found = FUNCTIONS.get(op)
    if found is None:
        ufunc = vars(np).get(op)                    # not by `getattr`, which imports modules
        if isinstance(ufunc, np.ufunc) and ufunc.signature is None:
            return Function(ufunc.nin)
    return found


def arguments(
    op: str, takes: Function, settings: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The arrays and the settings of a call, from the arguments that a step has for it.

    Raises `TypeError` if these are not what the function takes.
    """
    args, kwargs = list(settings["args"]), settings["kwargs"]
    if takes.names:
        name = args.pop(0)
        if type(name) is not str or name not in takes.names:
            raise TypeError(f"{short(name)} is nothing that {op} can do")
    count = len(args) if takes.names else takes.arrays
    named = [*takes.settings[: len(args) - count], *(name for name, _ in kwargs)]
    if len(args) < count or len(args) - count > len(takes.settings):
        raise TypeError(f"{op} has {len(args)} arguments")
    if len({*named}) != len(named) or not {*named} <= {*takes.settings}:
        raise TypeError(f"{op} takes no settings {short(named)}")
    values = dict(zip(named, [*args[count:], *(value for _, value in kwargs)], strict=True))
    return args[:count], values
