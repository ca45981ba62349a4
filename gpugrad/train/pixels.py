"""What images are like: the order of their axes, and the range of their numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from gpugrad.data import ImageRows
from gpugrad.errors import CheckpointError, DataError
from gpugrad.train.fields import Fields

COLOURS = (1, 3, 4)
"""How many channels the images of a camera or a file have."""


@dataclass(frozen=True)
class Pixels:
    """The numbers in the images that a model was trained on.

    Standardising fits them all, so that images in other units would be predicted without an error.

    Args:
        low: The least one.
        high: The greatest one.
        whole: Whether all are whole numbers, as bytes are.
    """

    low: float
    high: float
    whole: bool

    @classmethod
    def of(cls, x: np.ndarray | ImageRows) -> Pixels:
        """Those of images, (rows, channels, height, width)."""
        if isinstance(x, ImageRows):                # without reading them
            whole = x.dtype == np.uint8
            return cls(0.0, 255.0 if whole else 1.0, whole)
        return cls(*_range(x), _is_whole(x))

    @property
    def fractions(self) -> bool:
        """Whether they are from 0 to 1."""
        return self.low >= 0 and self.high <= 1

    @property
    def bytes(self) -> bool:
        """Whether they are whole numbers from 0 on, and more than 0 and 1."""
        return self.whole and self.low >= 0 and self.high > 1

    def check(self, name: str, x: np.ndarray | ImageRows) -> None:
        """`DataError` for images from 0 to 255 where these are from 0 to 1, or the other way."""
        if isinstance(x, ImageRows):
            found = Pixels.of(x)
        else:
            low, high = _range(x)
            if low < 0 or (high > 1) != self.fractions:
                return
            found = Pixels(low, high, _is_whole(x))
        if self.fractions and found.bytes:
            raise DataError(
                f"{name}: its images hold whole numbers up to {found.high:g}, but the model was "
                f"trained on images from {self.low:g} to {self.high:g}; give x / 255"
            )
        if self.bytes and found.fractions and not found.whole:
            raise DataError(
                f"{name}: its images are from {found.low:g} to {found.high:g}, but the model was "
                f"trained on whole numbers up to {self.high:g}; give such ones, of bytes 255 * x"
            )

    def to_json(self) -> dict[str, object]:
        """What `read` reads."""
        return {**asdict(self), "whole": int(self.whole)}

    @classmethod
    def read(cls, found: Fields) -> Pixels:
        """What `to_json` gave; `CheckpointError` if it is not as that gives it."""
        low = found.number("low", float("-inf"))
        high = found.number("high", float("-inf"))
        whole = bool(found.whole("whole", high=1))
        found.end()
        if low > high:
            raise CheckpointError(
                f"{found.path}: {found.name} says that the least is {low}, and the greatest {high}"
            )
        return cls(low, high, whole)


def check_layout(source: str, shape: tuple[int, ...]) -> None:
    """`DataError` for images of a shape that has its channels last."""
    _, first, height, last = shape
    if last in COLOURS and first not in COLOURS and height not in COLOURS:
        raise DataError(
            f"{source}: x has shape {shape}, which looks like (rows, height, width, channels); "
            "expected (rows, channels, height, width): give np.moveaxis(x, -1, 1). If these are "
            f"{first} channels of {height} by {last} pixels, give x.swapaxes(2, 3)"
        )


def _range(x: np.ndarray) -> tuple[float, float]:
    return float(x.min()), float(x.max())


def _is_whole(x: np.ndarray) -> bool:
    """Whether all are whole numbers; most images show with the first row that they are none."""
    return x.dtype.kind in "iu" or all((row == np.rint(row)).all() for row in x)
