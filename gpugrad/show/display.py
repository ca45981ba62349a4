"""`trace` and `graph`: what users call, and the objects that they get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from os import PathLike
from typing import TYPE_CHECKING, Any

import gpugrad.tree as tree
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, NotDifferentiable, UnsupportedOperand
from gpugrad.graph import Node, enable_grad
from gpugrad.ops.creation import tensor
from gpugrad.show.collect import collect
from gpugrad.show.data import as_json
from gpugrad.show.flow import flow
from gpugrad.show.pages.page import Page
from gpugrad.show.picture import Picture
from gpugrad.show.sources import dot, mermaid
from gpugrad.show.svg import svg
from gpugrad.show.tables import tables
from gpugrad.show.text import as_html, as_text
from gpugrad.transforms.watched import positional_names

if TYPE_CHECKING:
    from gpugrad.engines.profiling import Profile


class Trace:
    """A graph as tables: its `str` is their text; a notebook shows them.

    `gg.show.trace` makes one.

    Example:
        >>> tables = gg.show.trace(lambda x: x * x, 3.0)
        >>> print(str(tables).splitlines()[0])
        f(x)
        >>> '"name": "x"' in tables.json()
        True
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def __str__(self) -> str:
        return as_text(self._picture.heading, tables(self._picture))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(self._picture.heading, tables(self._picture))

    def json(self) -> str:
        """All of it, with all digits, as JSON."""
        return as_json(self._picture)


class Graph:
    """A graph as a drawing: its `str` is Mermaid source; a notebook shows a picture.

    `gg.show.graph` makes one.

    Example:
        >>> drawing = gg.show.graph(lambda x: x * x, 3.0)
        >>> drawing.dot().splitlines()[0]
        'digraph gpugrad {'
        >>> drawing.svg()[:4]
        '<svg'
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def __str__(self) -> str:
        return self.mermaid()

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        return self.svg()

    def mermaid(self) -> str:
        """Source for Mermaid, which many Markdown pages draw."""
        return mermaid(flow(self._picture))

    def dot(self) -> str:
        """Source for Graphviz."""
        return dot(flow(self._picture))

    def svg(self) -> str:
        """A self-contained SVG document."""
        return svg(flow(self._picture), self._picture.heading)

    def json(self) -> str:
        """All of it, with all digits, as JSON."""
        return as_json(self._picture)


def trace(
    t: Tensor | Callable[..., object], *args: object, exact: bool = False, **named: object
) -> Trace:
    """Tables of how `t` and its gradients were computed, and of what its graph keeps.

    The cotangent of `t` is 1 for each element. Tables show six digits, and 0 for what is below
    1e-12 of their largest number.

    Args:
        t: A Tensor, or a function, which is run on its arguments.
        args: The arguments of a function: numbers, arrays, or trees of these.
        exact: Whether tables show all digits.
        named: Of a Tensor, names for those that it was computed from: `trace(loss, x=x, W=W)`. Of
            a function, its named arguments.

    Raises:
        NotDifferentiable: If `t` is not tracked.
        GraphFreed: After a `backward()` without `keep_graph=True`.

    Example:
        >>> print(gg.show.trace(lambda x, y: (x + y) * x, 3.0, 2.0))
        f(x, y)
        <BLANKLINE>
        Forward
          Step  Node  Operation  Value
          ────  ────  ─────────  ─────
          1     x     input      3
          2     y     input      2
          3     a     x + y      5
          4     f     a × x      15
        <BLANKLINE>
        Backward
        ...
    """
    return Trace(_picture(t, args, named, exact))


def graph(
    t: Tensor | Callable[..., object], *args: object, exact: bool = False, **named: object
) -> Graph:
    """A drawing of what `t` was computed from, with values, and gradients on the edges.

    Arguments and errors are those of `trace`.

    Example:
        >>> x = gg.tensor(3.0, requires_grad=True)
        >>> print(gg.show.graph(x * x, x=x))
        flowchart LR
            n0(("x = 3<br/>∂f/∂x = 6")):::input
            o1["×"]:::op
        ...
    """
    return Graph(_picture(t, args, named, exact))


def page(
    t: Tensor | Callable[..., object],
    *args: object,
    path: str | PathLike[str] | None = None,
    profile: Profile | None = None,
    exact: bool = False,
    **named: object,
) -> Page:
    """A page that shows how `t` and its gradients were computed: one HTML file, without a network.

    It has the drawing, with layers that fold; steps forward and backward; the paths whose
    contributions a gradient is the sum of; what each op keeps and why. Where `t` is a function,
    its inputs can be changed, and the page computes everything anew; where it cannot, it says why.
    Of a function under `gg.jit` it shows what runs instead: the steps of its plan, what is fused,
    memory, and times where a profile is given.

    A function runs twice, the second time traced, for what the page computes with; one under
    `gg.jit` only where there is no plan for its arguments yet.

    Args:
        t: A Tensor; a function, with its arguments; or a function under `gg.jit`, with these.
        args: The arguments of a function: numbers, arrays, or trees of them.
        path: Where to write the page, as `Page.save` does.
        profile: What `with gg.profile() as profile:` gave around calls of `t`, for its times.
        exact: Whether tables show all digits, and not six.
        named: The named arguments of a function; for a Tensor names for others, `x=x`.

    Raises:
        NotDifferentiable: For a Tensor that is not tracked.
        GraphFreed: After a `backward()` without `keep_graph=True`.
        InvalidArgument: For arguments that the function does not take, and for a profile in which
            no call of its plan is.

    Example:
        >>> gg.show.page(lambda x, y: (x + y) * x, 3.0, 2.0)
        <gg.show.Page of f(x, y)>
    """
    # Imported now, because most programs show no page.
    from gpugrad.show.pages.make import page_of

    made = page_of(t, args, named, _names, profile, exact)
    if path is not None:
        made.save(path)
    return made


def _picture(
    t: object, args: tuple[object, ...], named: Mapping[str, object], exact: bool
) -> Picture:
    title = ""
    if not isinstance(t, Tensor):
        if not callable(t):
            raise UnsupportedOperand(
                f"a {type(t).__name__} has no graph; expected a Tensor, or a function and its "
                "arguments."
            )
        t, named, title = _run(t, args, named)
    elif args:
        raise InvalidArgument(
            "a Tensor takes no further arguments but names for others: trace(t, x=x)."
        )
    return collect(t, _names(named), title=title, exact=exact)


def _run(
    f: Callable[..., object], args: tuple[object, ...], named: Mapping[str, object]
) -> tuple[Tensor, dict[str, object], str]:
    """The result of `f` on leaves made of its arguments, these leaves by name, and a title."""
    try:
        signature(f).bind(*args, **named)
    except TypeError as error:
        raise InvalidArgument(f"the function cannot be called so: {error}.") from None
    leaves = [tree.map(_leaf, x) for x in args]
    by_name = {name: tree.map(_leaf, x) for name, x in named.items()}
    with enable_grad():
        result = f(*leaves, **by_name)
    if not isinstance(result, Tensor):
        raise NotDifferentiable(
            f"the function returned a {type(result).__name__}; expected a Tensor that depends on "
            "its arguments."
        )
    given = dict(zip(positional_names(f, len(args)), leaves, strict=True)) | by_name
    parts: dict[str, object] = {                    # of a model or a dictionary, each of its arrays
        f"{name}{path}": x for name, value in given.items()
        for path, x in zip(tree.paths(value), tree.leaves(value), strict=True)
    }  # fmt: skip
    return result, parts, f"f({', '.join(given)})"


def _leaf(x: Any) -> object:
    if isinstance(x, Tensor) and x.requires_grad:
        return x
    return tensor(float(x) if isinstance(x, int) else x, requires_grad=True)


def _names(named: Mapping[str, object]) -> dict[Node, str]:
    names: dict[Node, str] = {}
    for name, t in named.items():
        if not isinstance(t, Tensor) or t._edge is None:
            raise InvalidArgument(
                f"{name} is to name a Tensor that needs a gradient; this {type(t).__name__} has "
                "no node."
            )
        if t._edge[0] in names:
            raise InvalidArgument(
                f"{names[t._edge[0]]} and {name} name the same node: give it one name."
            )
        names[t._edge[0]] = name
    return names
