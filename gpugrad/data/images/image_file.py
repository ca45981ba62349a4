"""One image in a file: opened by Pillow, and looked at before anything is decoded.

Nothing that a file says of itself is believed: how large it is, of what format, and how deep its
pixels are. No formats but PNG and JPEG are tried.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from pathlib import Path
from stat import S_ISREG
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.header import short
from gpugrad.errors import BackendUnavailable, DataError
from gpugrad.hints import install

CHANNELS = {"1": 1, "L": 1, "RGB": 3, "P": 3, "CMYK": 3, "YCbCr": 3}
"""Of images with 8 bits a channel and no transparency, in Pillow's letters."""

CLEAR = ("LA", "PA", "RGBA")
"""Those with transparency."""

LETTERS = {1: "L", 3: "RGB"}
_ORIENTATION = 0x0112  # in what cameras write
_TURNED = (5, 6, 7, 8)


def pillow(module: str) -> Any:
    """A module of Pillow; `BackendUnavailable` says how to install it."""
    try:
        return import_module(f"PIL.{module}")
    except ModuleNotFoundError as error:
        raise BackendUnavailable(
            f"images need Pillow ({error}); install it: {install('images')}"
        ) from error


def head_of(path: Path, channels: int | None) -> tuple[int, int, int]:
    """Channels, height and width that the head of a file says."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")          # of too many pixels
            with _opened(path) as image:
                width, height = image.size
                if image.getexif().get(_ORIENTATION) in _TURNED:
                    width, height = height, width
                clear = "transparency" in image.info or image.mode in CLEAR
                if channels is None and clear:
                    raise DataError(
                        f"{path}: it has transparency ({image.mode}); drop it with `channels=3`"
                    )
                return channels or CHANNELS[image.mode], height, width
    except (DataError, BackendUnavailable):
        raise
    except Exception as error:
        raise _damaged(path, error) from error


def pixels_of(path: Path, shape: tuple[int, ...], resize: bool) -> NDArray[np.uint8]:
    """One image, (channels, height, width); `DataError` if it is damaged or has another size."""
    channels, height, width = shape
    try:
        with _opened(path) as image:
            turned = pillow("ImageOps").exif_transpose(image)
            if "transparency" in turned.info:       # of a palette: Pillow warns of other ways
                turned = turned.convert("RGBA")
            turned = turned.convert(LETTERS[channels])
            if resize:
                turned = turned.resize((width, height), pillow("Image").Resampling.BILINEAR)
            if turned.size != (width, height):
                raise DataError(
                    f"{path}: it is {turned.size[1]} pixels high and {turned.size[0]} wide, and "
                    f"was {height} and {width}; do not change files while they are in use"
                )
            pixels = np.asarray(turned, np.uint8)
    except (DataError, BackendUnavailable):
        raise
    except Exception as error:                      # a damaged file fails in any way at all
        raise _damaged(path, error) from error
    return pixels.reshape(height, width, channels).transpose(2, 0, 1)


def _opened(path: Path) -> Any:
    """An image of which nothing is decoded yet, and which is as it is meant to be."""
    if not S_ISREG(path.stat().st_mode):            # a pipe is not waited for
        raise DataError(f"{path}: it is no ordinary file; move it away")
    library = pillow("Image")
    image = library.open(path, formats=("PNG", "JPEG"))
    most, (width, height) = library.MAX_IMAGE_PIXELS, image.size
    if most is not None and width * height > most:
        image.close()
        raise _too_large(path)
    if image.mode not in (*CHANNELS, *CLEAR):
        image.close()
        raise DataError(
            f"{path}: its pixels are of the kind {image.mode}; expected 8 bits a channel, to "
            "which for example numpy and PIL.Image.fromarray convert it"
        )
    return image


def _too_large(path: Path) -> DataError:
    most = pillow("Image").MAX_IMAGE_PIXELS
    return DataError(
        f"{path}: it has more than {most:,} pixels, which a small file can ask for to fill the "
        "memory; make it smaller, or raise PIL.Image.MAX_IMAGE_PIXELS if it is what it should be"
    )


def _damaged(path: Path, error: Exception) -> DataError:
    """The error of a file that Pillow does not read."""
    library = pillow("Image")
    if isinstance(error, library.DecompressionBombWarning | library.DecompressionBombError):
        return _too_large(path)
    if isinstance(error, FileNotFoundError):
        return DataError(f"{path}: there is no such file any more; bring it back")
    reason = short(" ".join(str(error).split())) or type(error).__name__
    return DataError(
        f"{path}: it is no whole PNG or JPEG image ({reason}); replace it, or move it away"
    )
