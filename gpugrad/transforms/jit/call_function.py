"""What a call function is: it runs a compiled step where the arguments are of its signature."""

from __future__ import annotations

from collections.abc import Callable

Call = Callable[[tuple[object, ...], dict[str, object]], object]

MISS = object()
"""What a call function returns for arguments that are not of its signature."""
