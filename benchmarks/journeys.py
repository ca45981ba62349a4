"""What a call goes through: how many Python calls, and through which files, in order.

    python benchmarks/journeys.py [--files]

A row is one of `docs/architecture.md`, and arrays are those of the default backend. Counted are
calls of functions written in Python, gpugrad's own and generated ones; files are those that they
stand in. What is counted does not depend on the machine: a row that grows tells of a longer way,
whatever the clock says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import gpugrad as gg

PACKAGE = Path(gg.__file__).parent
KINDS = ("vjp", "guard", "plan", "call", "trees")
"""Of generated functions, beside those of ops: each counts as one file."""


def journey(f: Callable[[], Any]) -> list[str]:
    """The files of the functions that `f()` calls, one for each call."""
    called: list[str] = []

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            name = frame.f_code.co_filename
            if name.startswith("<gpugrad"):
                kind = name.split()[1]              # else it is the name of an op
                called.append(f"<generated: {kind if kind in KINDS else 'op'}>")
            elif name.startswith(str(PACKAGE)):
                called.append(str(Path(name).relative_to(PACKAGE)))

    sys.setprofile(note)
    try:
        f()
    finally:
        sys.setprofile(None)
    return called


def journeys() -> dict[str, list[str]]:
    """The files of each row, one for each call."""
    found: dict[str, list[str]] = {}
    array = gg.asarray(np.linspace(0.5, 1.5, 12).reshape(3, 4)).value
    t = gg.tensor(array, requires_grad=True)
    written = gg.tensor(array)

    def write() -> None:
        written[1] = 2.0

    for name, f in {
        "gg.sin(t)": lambda: gg.sin(t),
        "t * 2.0": lambda: t * 2.0,
        "t[1]": lambda: t[1],
        "t[1] = 2.0": write,
    }.items():
        for _ in range(3):
            f()
        found[name] = journey(f)

    def backward() -> None:
        loss.backward()
        t.grad = None

    for name in ("first", "second", "third", "fourth"):
        loss = gg.sum(gg.sin(t @ t.T))
        found[f"loss.backward(), {name}"] = journey(backward)

    gradient = gg.grad(lambda x: gg.sum(gg.sin(x)))
    for name in ("first", "later"):
        found[f"gg.grad(f)(x), {name}"] = journey(lambda: gradient(array))

    batched = gg.vmap(lambda x: gg.sum(gg.sin(x)))
    for name in ("first", "later"):
        found[f"gg.vmap(f)(x), {name}"] = journey(lambda: batched(array))

    step = gg.jit(gg.value_and_grad(lambda x: gg.sum(gg.sin(x))), engine="numpy")
    for name in ("first", "second", "third", "fourth"):
        found[f"gg.jit(f)(x), {name}"] = journey(lambda: step(array))
    return found


def main() -> None:
    print(f"{'':24s} {'calls':>6s} {'files':>6s}")
    for name, called in journeys().items():
        files = list(dict.fromkeys(called))
        print(f"{name:24s} {len(called):6,d} {len(files):6d}")
        if "--files" in sys.argv:
            print("    " + " ".join(files))


if __name__ == "__main__":
    main()
