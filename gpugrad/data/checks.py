"""What is asked of features, targets and what comes with them: each thing that does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.dataset import PARTS
from gpugrad.data.file_rows import as_floats, not_finite, not_finite_values
from gpugrad.errors import DataError
from gpugrad.printable import counted


def as_array(source: str, name: str, given: Any) -> np.ndarray:
    """What a program gave, as an array; `DataError` where NumPy would make something else of it.

    It would drop the mask of a masked array, and make texts of the numbers in a list of both.
    """
    check_unmasked(source, name, given)
    array = np.asarray(given)
    if array.dtype.kind in "US" and not hasattr(given, "dtype"):
        cells = np.array(given, object)
        others = [i for i, cell in enumerate(cells.flat) if not isinstance(cell, str | bytes)]
        if others:
            place = np.unravel_index(others[0], cells.shape)
            raise DataError(
                f"{source}: {name} holds texts and other things: {name}"
                f"[{', '.join(map(str, place))}] is {cells[place]!r}; expected texts alone, or "
                "numbers alone"
            )
    return array


def check_unmasked(source: str, name: str, given: Any) -> None:
    """`DataError` for a masked array, the masked cells of which would count like all others."""
    if isinstance(given, np.ma.MaskedArray):
        masked = int(np.ma.getmaskarray(given).sum())
        if masked:
            raise DataError(
                f"{source}: {name} is a masked array, in which {counted(masked, 'cell')} "
                f"{'is' if masked == 1 else 'are'} masked; fill them in, as by "
                f"{name}.filled(value), or remove these rows. In a dictionary of columns they are "
                "missing cells, which the setting missing fills in"
            )


def check_form(source: str, dtype: np.dtype, shape: tuple[int, ...]) -> None:
    """`DataError` unless an array of that dtype and shape is a non-empty matrix of real numbers."""
    if dtype.kind not in "fiu":
        raise DataError(f"{source}: x has dtype {dtype}; expected floats or integers")
    if len(shape) != 2 or 0 in shape:
        raise DataError(
            f"{source}: x has shape {shape}; expected (rows, features), neither of them 0. "
            "Images become rows with x.reshape(len(x), -1); as images they are learned from in a "
            "folder of files, and by gpugrad.train.fit"
        )


def checked_features(source: str, x: np.ndarray) -> np.ndarray:
    """`x` as floats, or `DataError` if it is not a non-empty matrix of finite numbers."""
    check_form(source, x.dtype, x.shape)
    x = as_floats(x, copy=False)
    if not (finite := np.isfinite(x)).all():
        row, column = np.argwhere(~finite)[0]
        wrong = finite.size - int(finite.sum())
        raise not_finite(source, wrong, f"x[{row}, {column}] = {x[row, column]}")
    return x


def checked_targets(source: str, y: np.ndarray, rows: int) -> np.ndarray:
    """`y` as texts, booleans, int64 or finite float64, or `DataError` if it is not one a row."""
    if y.dtype.kind in "OT" and all(isinstance(each, str) for each in y.flat):
        y = y.astype(str)
    if y.dtype.kind == "S":
        y = np.char.decode(y, "utf-8", "backslashreplace")
    if y.dtype.kind not in "biufU":
        raise DataError(
            f"{source}: y has dtype {y.dtype}; expected labels, that is integers, booleans or "
            "texts, or numbers"
        )
    if y.ndim not in (1, 2) or y.shape[0] != rows or 0 in y.shape:
        raise DataError(
            f"{source}: y has shape {y.shape}; expected ({rows},), one label or number a row, or "
            f"({rows}, targets)"
        )
    if y.dtype.kind == "u" and y.max() > np.iinfo(np.int64).max:
        raise DataError(f"{source}: y holds the label {y.max()}, which is too large for int64")
    if y.dtype.kind != "f":
        kept = y.dtype if y.dtype.kind in "bU" else np.dtype(np.int64)
        return np.ascontiguousarray(y, dtype=kept)
    wrong = np.argwhere(~np.isfinite(y))
    if len(wrong):
        place = ", ".join(map(str, wrong[0]))
        raise DataError(
            f"{source}: y holds {not_finite_values(len(wrong))}, the first is "
            f"y[{place}] = {y[tuple(wrong[0])]}; remove such rows, or fill them in"
        )
    with np.errstate(over="ignore"):
        wide = np.ascontiguousarray(y, dtype=np.float64)
    if not np.isfinite(wide).all():
        raise DataError(f"{source}: y holds numbers that are too large for float64")
    return wide


def checked_weights(source: str, weights: np.ndarray, rows: int) -> NDArray[np.float64]:
    """How much each row counts, or `DataError` if that is not a number of at least 0 for each."""
    if weights.dtype.kind not in "biuf" or weights.shape != (rows,):
        raise DataError(
            f"{source}: sample_weight has dtype {weights.dtype} and shape {weights.shape}; "
            f"expected numbers of shape ({rows},)"
        )
    wide = weights.astype(np.float64)
    wrong = np.flatnonzero(~(np.isfinite(wide) & (wide >= 0)))
    if len(wrong):
        raise DataError(
            f"{source}: sample_weight[{wrong[0]}] is {wide[wrong[0]]}; expected finite numbers "
            "of at least 0"
        )
    return wide


def checked_parts(source: str, parts: np.ndarray, rows: int) -> NDArray[np.str_]:
    """Of each row the part it belongs to, or `DataError` if there is none of that name."""
    if parts.dtype.kind != "U" or parts.shape != (rows,):
        raise DataError(
            f"{source}: part has dtype {parts.dtype} and shape {parts.shape}; expected texts of "
            f"shape ({rows},), each one of {', '.join(PARTS)}"
        )
    wrong = np.flatnonzero(~np.isin(parts, PARTS))
    if len(wrong):
        raise DataError(
            f"{source}: part[{wrong[0]}] is {str(parts[wrong[0]])[:40]!r}; expected one of "
            f"{', '.join(PARTS)}"
        )
    return parts


def checked_names(source: str, names: np.ndarray | Sequence[str]) -> tuple[str, ...]:
    """The names of targets or labels, or `DataError` if they are no texts, or two are equal."""
    array = np.asarray(names)
    if array.dtype.kind != "U" or array.ndim != 1:
        raise DataError(
            f"{source}: target_names has dtype {array.dtype} and shape {array.shape}; expected "
            "texts, one for each column of y or for each label"
        )
    found = tuple(array.tolist())
    if len(set(found)) < len(found) or not all(map(is_text, found)):
        raise DataError(f"{source}: two of target_names are equal, or one is no readable text")
    return found


def is_text(name: str) -> bool:
    """Whether `name` can be written to a file and printed."""
    try:
        name.encode()
    except UnicodeEncodeError:                      # half of a surrogate pair
        return False
    return "\0" not in name
