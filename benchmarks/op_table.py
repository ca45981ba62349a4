"""35 small eager operations, forward and with their backward, beside NumPy and PyTorch eager.

    python benchmarks/op_table.py [--rows 2.0,where] [--json]

Operands are tracked and of a hundred float32 numbers, so that a row shows what is around the
arithmetic. A row is the code that is run: `xp` is the library that runs it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import machine
import numpy as np
from alternate import Times, alternate

import gpugrad as gg

ROWS = """
-t | xp.exp(t) | xp.tanh(t) | xp.abs(t) | xp.sqrt(t)
t + u | t * u | t / u | t ** u | m + v
t * 2.0 | 1 - t | t / s | t ** 2 | t > 0.5
xp.maximum(t, u) | xp.maximum(t, 0.0) | xp.where(c, t, u) | xp.where(c, t, 0.0) | xp.clip(t, -1, 1)
xp.sum(t) | xp.mean(m, axis=0) | xp.max(t) | m @ m | m @ v
m.reshape(5, 20) | m.T | xp.expand_dims(t, axis=0) | xp.stack([t, t]) | xp.concat([t, t])
t[3] | t[10:20] | m[:, 0] | t[i] | t[c]
"""

OF_TORCH = {
    "xp.maximum(t, 0.0)": "xp.clamp(t, min=0.0)",
    "xp.mean(m, axis=0)": "xp.mean(m, dim=0)",
    "xp.expand_dims(t, axis=0)": "xp.unsqueeze(t, dim=0)",
}
"""What PyTorch calls otherwise."""

PACKAGES = "numpy gpugrad torch".split()
NUMPY, FORWARD, BOTH = "numpy", "gg", "gg+back"
TORCH, TORCH_BOTH = "torch", "torch+back"

COLUMNS, WIDTH = (NUMPY, FORWARD, TORCH, BOTH, TORCH_BOTH), 14

LIMIT = 2.0
"""Microseconds that an operation may cost over NumPy's own call."""

TOLERANCE = 1e-6
"""Of float32 numbers of at most 1, or of a few of them: their results come from one rounding each,
or from a sum of a hundred."""

Run = Callable[[], Any]


def operands() -> dict[str, Any]:
    """The arrays that rows name: vectors, a matrix, a scalar of NumPy, a mask, and indices."""
    generator = np.random.default_rng(0)
    floats = {"t": 100, "u": 100, "m": (10, 10), "v": 10}
    drawn = {name: generator.uniform(0.1, 0.9, shape) for name, shape in floats.items()}
    arrays: dict[str, Any] = {name: x.astype(np.float32) for name, x in drawn.items()}
    return arrays | {
        "s": np.float32(3),
        "c": generator.integers(0, 2, 100).astype(bool),
        "i": generator.integers(0, 100, 20),
    }


def _run(source: str, xp: Any, arrays: dict[str, Any]) -> Run:
    """The function of nothing that runs the code of a row once."""
    return eval(f"lambda: {source}", {"xp": xp, **arrays})  # type: ignore[no-any-return]


def _with_backward(run: Run, leaves: list[Any], g: Any) -> Run:
    """The same, and then the gradients of its operands, which start anew."""

    def both() -> Any:
        for leaf in leaves:
            leaf.grad = None
        run().backward(g)
        return [leaf.grad for leaf in leaves]

    return both


def contenders(source: str) -> dict[str, Run]:
    """Who runs this row; exits if their results differ."""
    arrays = operands()
    tracked = {
        name: gg.tensor(x, requires_grad=True) if getattr(x, "dtype", 0) == "f4" and x.shape else x
        for name, x in arrays.items()
    }
    made = {NUMPY: _run(source, np, arrays), FORWARD: _run(source, gg, tracked)}
    y = made[FORWARD]()
    if y.requires_grad:
        g = np.ones_like(y.value)
        leaves = [tracked[name] for name in "tumv" if name in _names(source)]
        made[BOTH] = _with_backward(made[FORWARD], leaves, g)
    if find_spec("torch") is not None:
        made |= _of_torch(OF_TORCH.get(source, source), arrays, BOTH in made)
    check(source, made)
    return made


def _of_torch(source: str, arrays: dict[str, Any], differentiated: bool) -> dict[str, Run]:
    """The row of PyTorch, on one thread; its scalars are those of Python."""
    import torch

    torch.set_num_threads(1)
    tensors = {name: torch.from_numpy(x) if x.shape else x.item() for name, x in arrays.items()}
    leaves = [tensors[name].requires_grad_() for name in "tumv"]
    used = [leaf for name, leaf in zip("tumv", leaves, strict=True) if name in _names(source)]
    forward = _run(source, torch, tensors)
    made = {TORCH: forward}
    if differentiated:
        made[TORCH_BOTH] = _with_backward(forward, used, torch.ones_like(forward()))
    return made


def _names(source: str) -> tuple[str, ...]:
    return compile(source, "<row>", "eval").co_names


def check(source: str, made: dict[str, Run]) -> None:
    """Exit if the results or gradients of two libraries differ."""
    pairs = [(NUMPY, FORWARD), (NUMPY, TORCH), (BOTH, TORCH_BOTH)]
    for one, other in pairs:
        if one in made and other in made:
            for x, y in zip(_parts(made[one]()), _parts(made[other]()), strict=True):
                if not np.allclose(x, y, TOLERANCE, TOLERANCE):
                    sys.exit(f"{source}: the results of {one} and {other} differ.")


def _parts(result: Any) -> list[Any]:
    """The arrays of a result, as NumPy has them."""
    if isinstance(result, list):
        return [part for each in result for part in _parts(each)]
    if isinstance(result, gg.Tensor):
        return [result.value]
    return [result.detach().numpy() if hasattr(result, "detach") else result]


def _line(source: str, times: dict[str, Times]) -> str:
    """A line of the table; what misses a limit is marked."""
    cells = []
    for name in COLUMNS:
        each = times.get(name)
        cells.append(f"  {each.smallest:7.2f}{each.median:7.2f}" if each else " " * (WIDTH + 2))
    over = times[FORWARD].smallest - times[NUMPY].smallest
    pairs = ((FORWARD, TORCH), (BOTH, TORCH_BOTH))
    slower = any(
        one in times and other in times and times[one].smallest > times[other].smallest
        for one, other in pairs
    )
    marks = " >limit" * (over > LIMIT) + " >torch" * slower
    return f"{source:25}{''.join(cells)}{over:10.2f}{marks}"


def main() -> None:
    """Parse the arguments, compare, print, and save if asked."""
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--rows", default="", help="words, of which a row must hold one")
    parser.add_argument("--seconds", type=float, default=0.3, help="for each row and contender")
    options = parser.parse_args()
    machine.restrict(options.cores)
    report = machine.facts(options.cores, PACKAGES) | {"microseconds": {}}
    words = options.rows.split(",")
    head = "".join(f"{name:>{WIDTH + 2}}" for name in COLUMNS)
    print(f"{'us, min and median':25}{head}    over numpy")
    for source in (row.strip() for line in ROWS.strip().split("\n") for row in line.split("|")):
        if any(word in source for word in words):
            times = alternate(contenders(source), options.seconds, lambda result: None)
            report["microseconds"][source] = {k: each.summary() for k, each in times.items()}
            print(_line(source, times))
    machine.save(options.json, report)


if __name__ == "__main__":
    main()
