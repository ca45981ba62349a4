"""How autograd takes the functions of a module over."""

from __future__ import annotations

from typing import Any

from autograd.core import primitive


def wrap_namespace(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Primitives for the functions among what `old` holds."""
    new.update({k: primitive(v) for k, v in old.items() if callable(v) and type(v) is not type})
