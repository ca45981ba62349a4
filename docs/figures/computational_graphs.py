"""The graphs of the chapter on computational graphs, as `gg.show.graph` draws them."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import gpugrad as gg


def shared(x: gg.Tensor) -> gg.Tensor:
    """x² + sin(x²), whose square is computed once."""
    a = x**2
    return a + gg.sin(a)


W, x = np.array([[2.0, 1.0], [1.0, -3.0]]), np.array([1.0, 2.0])

GRAPHS: dict[str, tuple[Callable[..., gg.Tensor], tuple[object, ...]]] = {
    "sum-times-x": (lambda x, y: (x + y) * x, (3.0, 2.0)),
    "sine-plus-x": (lambda x: gg.sin(x**2) + x, (2.0,)),
    "layer": (lambda W, x: gg.relu(W @ x), (W, x)),
    "sine-of-square": (lambda x: gg.sin(x**2), (np.sqrt(np.pi / 2),)),
    "shared": (shared, (1.0,)),
    "exercise-1": (lambda x: (x - 1) * (x + 1), (3.0,)),
    "exercise-2": (lambda x: x * x, (3.0,)),
    "exercise-3": (lambda x, y, z: (x + y) * z, (1.0, 2.0, 4.0)),
    "exercise-4": (lambda w, x, b: gg.relu(w * x + b), (2.0, 1.5, -1.0)),
}

for name, (f, arguments) in GRAPHS.items():
    drawing = gg.show.graph(f, *arguments).svg()
    (Path(sys.argv[1]) / f"computational_graphs-{name}.svg").write_text(drawing)
