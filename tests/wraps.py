"""What an operand may be: an array, or a Tensor of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gpugrad as gg
from gpugrad.backends import is_inexact

Wrap = Callable[[Any], Any]

WRAPS: dict[str, Wrap] = {
    "array": lambda x: x,
    "untracked": gg.tensor,
    "tracked": lambda x: gg.tensor(x, requires_grad=is_inexact(x.dtype)),
}
