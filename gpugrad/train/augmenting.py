"""Random changes to images in training, which `--augment` names: made anew in each epoch.

They are done to standardised images within the compiled step, so that the zeros which a crop puts
around an image have the mean of each channel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpugrad import random
from gpugrad.data.augment import random_crop, random_flip
from gpugrad.types import Array

Change = Callable[[Array, Array], Array]
"""Of a key and an image (channels, height, width)."""

SHIFT = 8
"""A crop moves an image by up to an eighth of its shorter side."""


def _flip(key: Array, image: Array) -> Array:
    return random_flip(key, image)


def _crop(key: Array, image: Array) -> Array:
    return random_crop(key, image, padding=max(min(image.shape[-2:]) // SHIFT, 1))


AUGMENTATIONS: dict[str, Change] = {"flip": _flip, "crop": _crop}
"""By name: the mirror image in half of the cases, and a shift by some pixels."""


def augmentation(names: tuple[str, ...]) -> Change:
    """All of these changes, one after the other."""

    def change(key: Array, image: Array) -> Array:
        keys: Any = random.split(key, len(names))
        for own, name in zip(keys, names, strict=True):
            image = AUGMENTATIONS[name](own, image)
        return image

    return change
