"""Containers need no wrappers here: those of Python are pytrees."""

from __future__ import annotations

import builtins
from typing import Any

import gpugrad as gg

dict, list, tuple, type = builtins.dict, builtins.list, builtins.tuple, builtins.type


def isinstance(x: Any, kinds: Any) -> bool:
    """Whether what `x` holds is of that type."""
    return builtins.isinstance(x.value if builtins.isinstance(x, gg.Tensor) else x, kinds)
