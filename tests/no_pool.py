"""A plugin of pytest for compute-sanitizer: each array of CuPy has an allocation of its own.

In a pool, what is written beside an array lands in memory that is allocated all the same.
"""

from __future__ import annotations

import cupy

cupy.cuda.set_allocator(None)
