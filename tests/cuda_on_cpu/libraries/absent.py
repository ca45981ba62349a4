"""Refuses what CuPy's wheel has compiled for GPUs alone and nothing stands in for.

Without it, such code finds no device of its own, and what it was to write stays what it was.
"""

from __future__ import annotations

import importlib
from typing import Any, NoReturn

_ABSENT = {
    "cupy.cuda.cub": (
        ("device_reduce", "device_segmented_reduce", "device_scan", "device_histogram",
         "cub_reduction", "cub_scan", "cub_histogram"),
        "leave CUPY_ACCELERATORS empty, so that CuPy takes its own kernels",
    ),
    "cupy.random._generator_api": (
        ("Generator", "init_curand", "random_raw"),
        "take cupy.random.RandomState",
    ),
}  # fmt: skip
"""The modules, what of them is refused, and what to do instead."""


def refuse() -> None:
    """Put an error in the place of each of them."""
    for module, (names, instead) in _ABSENT.items():
        found = importlib.import_module(module)
        for name in names:
            if not hasattr(found, name):
                raise AttributeError(f"{module} has no {name}: CuPy is not the version expected")
            setattr(found, name, _refusal(f"{module}.{name}", instead))


def _refusal(name: str, instead: str) -> type:
    """What raises when it is called, and is a class, as one of them has to be."""

    def refused(*arguments: Any, **settings: Any) -> NoReturn:
        raise NotImplementedError(f"{name} is compiled for GPUs alone: on the CPU, {instead}")

    return type(name.rpartition(".")[2], (), {"__new__": refused})
