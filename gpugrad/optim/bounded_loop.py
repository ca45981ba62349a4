"""A loop until a condition fails, of a bounded number of rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gpugrad.ops.operands import is_known
from gpugrad.transforms import cond, scan

C = TypeVar("C")


def repeated(running: Callable[[C], Any], body: Callable[[C], C], carry: C, most: int) -> C:
    """`carry = body(carry)` while `running(carry)` holds, at most `most` times.

    Under `gg.jit` it is one step of the plan, which runs no more rounds than needed. `body` must
    keep structure, shapes and dtypes.
    """
    if is_known(running(carry)):
        for _ in range(most):
            if not running(carry):
                break
            carry = body(carry)
        return carry

    def round_of(carry: C, _: None) -> tuple[C, None]:
        return cond(running(carry), body, lambda same: same, carry), None

    return scan(round_of, carry, length=most)[0]
