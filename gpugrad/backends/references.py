"""How many hold an array: what nobody else holds may be written over, or given away as it is.

Where threads run without a global lock, a count is read in two parts, and a reference that passes
from one thread to another meanwhile is in neither. There, all arrays count as held by somebody.
"""

from __future__ import annotations

import sys

COUNTED = "t" not in sys.abiflags
"""Whether this Python has a global lock, so that `getrefcount` can be relied on."""


def _references() -> int:
    probe = [object()]
    held = probe[0]
    return sys.getrefcount(held)


HELD = _references() if COUNTED else -1
"""What `getrefcount` gives for a local variable whose object one container holds besides."""
