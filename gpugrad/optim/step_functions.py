"""Functions of the step, which is a Python number, or a Tensor or an array in its place.

All have Python's operators; for what else there is, `functions_of(step)` is the namespace.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

from gpugrad.ops import elementwise

_PYTHON = SimpleNamespace(
    sqrt=math.sqrt,
    cos=math.cos,
    minimum=min,
    maximum=max,
    where=lambda condition, x, y: x if condition else y,
)
"""On numbers, Python's own functions cost a tenth of an op."""


def functions_of(number: object) -> Any:
    """The namespace with `sqrt`, `cos`, `minimum`, `maximum`, `where` for numbers like this one."""
    return elementwise if hasattr(number, "dtype") else _PYTHON
