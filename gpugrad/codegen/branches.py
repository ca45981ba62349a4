"""What runs only where a condition holds."""

from __future__ import annotations

from collections.abc import Iterator
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
