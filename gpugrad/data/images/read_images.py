"""The door to folders of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from gpugrad.data.images.image_file import LETTERS, head_of, pillow
from gpugrad.data.images.image_folder import ENDINGS, listed
from gpugrad.data.images.image_rows import ImageRows
from gpugrad.data.tables.targets import Target
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.printable import counted


@dataclass(frozen=True, eq=False)
class Images:
    """What `read_images` gives.

    Args:
        x: The images, which stay in their files.
        target: What is to be predicted, if the folder says so: the class of each image, or columns
            of its `labels.csv`.

    Example:
        >>> from gpugrad import data
        >>> data.Images(data.ImageRows([], (1, 8, 8), np.dtype("uint8")), None).target is None
        True
    """

    x: ImageRows
    target: Target | None


def read_images(
    folder: str | PathLike[str],
    *,
    size: tuple[int, int] | None = None,
    channels: int | None = None,
    dtype: str = "float32",
    target: Sequence[str] = (),
) -> Images:
    """The PNG and JPEG images in a folder, in the order of their names, to be read when needed.

    There is a folder in it for each class, or a file `labels.csv`, whose first column names the
    images and whose other columns say what is to be predicted. With neither, the images have no
    target. Images are turned as cameras ask for. `images.x[:]` reads all of them.

    Args:
        folder: Where they are.
        size: (height, width) to which all are resized, bilinearly; by default all are equally large
            as they are.
        channels: 1 for grey, 3 for red, green and blue, to which all are converted; transparency is
            dropped then. By default all are alike as they are.
        dtype: `"float32"`, from 0 to 1, or `"uint8"`, from 0 to 255, with a fourth of the memory.
        target: Columns of `labels.csv`; all but the first by default.

    Raises:
        DataError: For files that cannot be used; the message names the first one.
        BackendUnavailable: Where Pillow is missing; the message says how to install it.
        InvalidArgument: For settings that do not exist.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> from gpugrad import data
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for kind in ("cat", "dog"):
        ...         Path(folder, kind).mkdir()
        ...         Image.new("L", (8, 6), 255).save(Path(folder, kind, "1.png"))
        ...     images = data.read_images(folder)
        ...     batch = images.x[np.array([1, 0])]
        >>> batch.shape, batch.max(), images.target.values.tolist()
        ((2, 1, 6, 8), np.float32(1.0), ['cat', 'dog'])
    """
    _check_settings(size, channels, dtype)
    pillow("Image")                                 # before all that takes time
    folder = Path(folder)
    files, found = listed(folder, target)
    if size is None or channels is None:
        shape = _shape(files, size, channels)
    else:
        shape = (channels, *size)
    x = ImageRows(files, shape, np.dtype(dtype), resize=size is not None)
    return Images(x, found)


def is_image_folder(path: str | PathLike[str]) -> bool:
    """Whether a folder has images in it, or in a folder in it.

    Example:
        >>> from gpugrad import data
        >>> data.is_image_folder("nowhere")
        False
    """
    try:
        inside = [*Path(path).iterdir()]
        inside += [file for folder in inside if folder.is_dir() for file in folder.iterdir()]
    except OSError:                                 # it is none, or nobody may look into it
        return False
    return any(file.suffix.lower() in ENDINGS for file in inside)


def _shape(
    files: list[Path], size: tuple[int, int] | None, channels: int | None
) -> tuple[int, int, int]:
    """(channels, height, width) of all files, of which only the heads are read."""
    found: dict[tuple[int, int, int], Path] = {}
    for path in files:
        own, height, width = head_of(path, channels)
        found.setdefault((own, *((height, width) if size is None else size)), path)
        if len(found) > 1:
            (one, a), (other, b) = found.items()
            if one[0] != other[0]:
                raise DataError(
                    f"{b}: it has {counted(other[0], 'channel')}, and {a} has {one[0]}; convert "
                    "all with `channels=1` or `channels=3`"
                )
            raise DataError(
                f"{b}: it is {other[1]} pixels high and {other[2]} wide, and {a} is {one[1]} and "
                f"{one[2]}; resize all with size=({one[1]}, {one[2]}), which is (height, width), "
                f"on the command line with --size {one[1]}x{one[2]}"
            )
    return next(iter(found))


def _check_settings(size: Any, channels: Any, dtype: Any) -> None:
    whole = isinstance(size, tuple) and len(size) == 2 and all(type(x) is int for x in size)
    if size is not None and not (whole and min(size) > 0):
        raise InvalidArgument(f"size is {size!r}; expected (height, width), both from 1 on")
    if channels not in (None, *LETTERS):
        raise InvalidArgument(f"channels is {channels!r}; expected 1 or 3")
    if dtype not in ("float32", "uint8"):
        raise InvalidArgument(f"dtype is {dtype!r}; expected float32 or uint8")
