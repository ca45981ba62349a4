"""The part of `cupyx.scipy.special` that gpugrad uses, done by SciPy's functions.

All of these are elementwise kernels there, with loops for float32 and float64 alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
from cupy._array import made
from cupy._functions import host

NAMES = (
    "digamma", "entr", "erf", "erfc", "erfcx", "erfinv", "gammaln", "log_ndtr", "logit", "ndtr",
    "ndtri", "polygamma", "xlog1py", "xlogy",
)  # fmt: skip


def _function(name: str) -> Callable[..., Any]:
    function_there = getattr(scipy.special, name)

    def function(*args: Any) -> Any:
        with np.errstate(all="ignore"):
            return made(name, np.asarray(function_there(*map(host, args))))

    function.__name__ = name
    return function


globals().update({name: _function(name) for name in NAMES})

__all__ = [*NAMES]
