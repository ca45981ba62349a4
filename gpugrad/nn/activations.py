"""Activations by name."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.ops.activation import (
    elu,
    gelu,
    leaky_relu,
    log_sigmoid,
    relu,
    sigmoid,
    silu,
    softplus,
)
from gpugrad.ops.elementwise import sin, tanh

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    f.__name__: f
    for f in (elu, gelu, leaky_relu, log_sigmoid, relu, sigmoid, silu, sin, softplus, tanh)
}
"""Activations by name."""


def activation_of(name: Any) -> Callable[[Array], Array]:
    """The function of a name; raises `InvalidArgument` for an unknown one."""
    if isinstance(name, str) and name in ACTIVATIONS:
        return ACTIVATIONS[name]
    near = get_close_matches(name, ACTIVATIONS, 1) if isinstance(name, str) else []
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InvalidArgument(
        f"unknown activation {name!r}; there are, by name, {', '.join(ACTIVATIONS)}.{hint}"
    )
