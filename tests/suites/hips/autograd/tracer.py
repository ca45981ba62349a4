"""What asks whether a value is traced."""

from __future__ import annotations

from typing import Any

import gpugrad as gg
from autograd.core import primitive as primitive


def isbox(x: Any) -> bool:
    return isinstance(x, gg.Tensor)


def getval(x: Any) -> Any:
    return gg.stop_gradient(x) if isbox(x) else x


def notrace_primitive(f: Any) -> Any:
    return f
