"""NumPy's, and what autograd adds."""

from __future__ import annotations

from functools import partial
from typing import Any

from numpy import einsum
from numpy.linalg import *

_dot = partial(einsum, "...ij,...jk->...ik")


def T(x: Any) -> Any:
    """Matrices transposed."""
    return x.mT
