"""Residual connections: K. He et al., "Deep residual learning" (2015), arXiv:1512.03385."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import gpugrad.tree as tree
from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.layer import NOTHING, Form, called, form_of, layer
from gpugrad.nn.sequential import Layer, Sequential, checked_state, keys_for
from gpugrad.ops.elementwise import add
from gpugrad.ops.operands import shape_of

Part: TypeAlias = "Layer | Sequence[Layer]"
"""A layer, or several as `Sequential` takes them."""


@layer("inner", "projection", static=("forms",))
class Residual:
    """`x + inner(x)`, or `projection(x) + inner(x)`.

    It takes `state`, `key` and `training` as `Sequential` does, and has state if a layer inside
    has.

    Args:
        inner: A layer, or a list of layers and functions as `Sequential` takes them.
        projection: What makes `x` of the shape of `inner(x)`, if that is another: a layer, or a
            list as well.

    Raises:
        InvalidArgument: For what is no layer, and in a call where the shapes differ.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> block = gg.nn.Residual([gg.nn.Linear(4, 4, rng=rng), gg.relu])
        >>> block(np.ones((2, 4), dtype="float32")).shape
        (2, 4)
        >>> wider = gg.nn.Residual([gg.nn.Linear(4, 8, rng=rng), "relu"],
        ...                        projection=gg.nn.Linear(4, 8, bias=False, rng=rng))
        >>> wider(np.ones((2, 4), dtype="float32")).shape
        (2, 8)
    """

    inner: Any
    projection: Any

    def __init__(self, inner: Part, projection: Part | None = None) -> None:
        self.inner = _layer_of(inner)
        self.projection = None if projection is None else _layer_of(projection)
        around = NOTHING if projection is None else form_of(self.projection)
        self.forms = form_of(self.inner), around

    @property
    def form(self) -> Form:
        """Which of the arguments `state`, `key` and `training` a layer inside takes."""
        return Form(*map(any, zip(*self.forms, strict=True)))

    def init_state(self) -> tuple[Any, Any] | None:
        """The states of `inner` and `projection` to start from; None if neither has one."""
        if not self.form.state:
            return None
        within, around = (
            layer.init_state() if form.state else None
            for layer, form in zip((self.inner, self.projection), self.forms, strict=True)
        )
        return within, around

    def __call__(
        self, x: Array, state: Any = None, *, key: Array | None = None, training: bool = False
    ) -> Any:
        """The sum, or the pair of it and the state, if a layer inside has one."""
        within, around = self.forms
        states = checked_state(self, state, 2)
        keys = [*keys_for(key, within.key + around.key), None, None]
        y, state = called(self.inner, within, x, states[0], keys[0], training)
        beside = None
        if self.projection is not None:
            own = keys[within.key]
            x, beside = called(self.projection, around, x, states[1], own, training)
        if shape_of(x) != shape_of(y):
            raise InvalidArgument(
                f"Residual: inner makes the shape {shape_of(y)}, and beside it stands "
                f"{shape_of(x)}; expected equal shapes. Give a projection that makes one of the "
                "other."
            )
        total: Any = add(x, y)
        return (total, (state, beside)) if self.form.state else total

    def __repr__(self) -> str:
        parts = [self.inner, *([] if self.projection is None else [self.projection])]
        lines = (repr(part).replace("\n", "\n    ") for part in parts)
        return "Residual(\n" + "".join(f"    {line},\n" for line in lines) + ")"


def _layer_of(part: Part) -> Any:
    """A layer as it is; what is none, such as a function, is for `Sequential` to take or refuse."""
    if isinstance(part, list) or type(part) is tuple:
        return Sequential(part)
    one: Any = part
    return one if callable(one) and not tree.is_leaf(one) else Sequential([one])
