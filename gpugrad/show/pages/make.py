"""From what a user has, a Tensor, a function or one under `gg.jit`, to a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from gpugrad.core.tensor import Tensor
from gpugrad.engines.profiling import Profile
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.graph import Node
from gpugrad.show.expression import Expression
from gpugrad.show.pages.graph_data import of_runnable, of_tensor
from gpugrad.show.pages.page import Page
from gpugrad.show.pages.plan_data import of_program
from gpugrad.show.pages.runnable import of_expression, of_function
from gpugrad.show.picture import Picture
from gpugrad.show.tables import tables
from gpugrad.show.text import plain_html
from gpugrad.transforms.jit.jit import Jit
from gpugrad.transforms.watched import positional_names


def page_of(
    t: object,
    args: tuple[object, ...],
    named: Mapping[str, object],
    names: Callable[[Mapping[str, object]], dict[Node, str]],
    profile: Profile | None,
    exact: bool,
) -> Page:
    """The page of a Tensor, whose named arguments `names` takes as names, or of a function."""
    if isinstance(t, Jit):
        return _page_of_plan(t, args, named, profile)
    if profile is not None:
        raise InvalidArgument(
            "a profile has the times of functions under gg.jit: leave it out, or show the page of "
            "gg.jit(f)."
        )
    if isinstance(t, Tensor):
        if args:
            raise InvalidArgument(
                "a Tensor takes no further arguments but names for others: page(t, x=x)."
            )
        return _page(*of_tensor(t, names(named), exact))
    if not callable(t):
        raise UnsupportedOperand(
            f"a {type(t).__name__} has no graph; expected a Tensor, or a function and its "
            "arguments."
        )
    return _page(*of_runnable(of_function(t, args, named), exact))


def page_of_expression(expression: Expression, values: Mapping[str, Any], exact: bool) -> Page:
    """The page of an expression at these values."""
    return _page(*of_runnable(of_expression(expression, values), exact))


def _page(picture: Picture, data: dict[str, Any]) -> Page:
    return Page(data, plain_html(tables(picture)))


def _page_of_plan(
    f: Jit[..., Any], args: tuple[object, ...], named: Mapping[str, object], profile: Profile | None
) -> Page:
    program, traced, leaves, why = f._cache.described(args, dict(named))
    given = [*positional_names(f.f, len(args)), *named]
    title = f"{getattr(f.f, '__name__', type(f.f).__name__)}({', '.join(given)})"
    data = of_program(title, program, traced, leaves, why, profile)
    return Page(data, f"<pre>{escape(f.explain(*args, **named))}</pre>")
