"""What a call function is: it runs a compiled step where the arguments are of its signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Call = Callable[[tuple[Any, ...], dict[str, Any]], Any]

MISS: Any = object()
"""What a call function returns for arguments that are not of its signature."""
