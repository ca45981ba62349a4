"""What runs only where a condition holds, and blocks of several sizes for any number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import Value


@contextmanager
def when(b: Body, condition: Value) -> Iterator[None]:
    """Inside, what runs where the condition holds."""
    inside, behind = b.name("inside"), b.name("behind")
    b.act(f"br {condition.typed}, label %{inside}, label %{behind}")
    b.label(inside)
    with b.scope():
        yield
    b.act(f"br label %{behind}")
    b.label(behind)


def in_blocks(
    b: Body, count: Value, sizes: Sequence[int], call: Callable[[int, Value], None]
) -> None:
    """Call `call(size, first)` for blocks that together are `count` things.

    As many of the first size as there are, then at most one of each of the others, which fall.
    """
    most, *others = sizes
    whole = b.emit(f"udiv {count.typed}, {most}", "int64") * most
    with when(b, whole > 0):
        with b.loop(b.constant("int64", 0), whole, most) as (i, _, _):
            call(most, i)
    at = whole
    for size in others:
        fits = count - at >= size
        with when(b, fits):
            call(size, at)
        at = b.select(fits, at + size, at)
