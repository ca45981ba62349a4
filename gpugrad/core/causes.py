"""Why a Tensor was asked for its numbers, and what to write instead: by who asked.

A function of another library is found among the frames that led here, the outermost of those that
stand together; code in C has no frame, and the line of the program that called it says what it was.
"""

from __future__ import annotations

import linecache
import re
import sys
from types import FrameType

LIBRARIES: dict[str, str] = {
    "scipy.special": (
        "SciPy hands Tensors on if SCIPY_ARRAY_API=1 is set before it is imported; gg.special has "
        "functions of these names."
    ),
    "scipy.stats": (
        "gg.stats has logpdf, pdf and cdf of many distributions under SciPy's names, or compose "
        "them from gg.special."
    ),
    "scipy.sparse": (
        "Multiply with gg.sparse.matmul(matrix, t), solve with gg.sparse.solve(matrix, t), or wrap "
        "the call with gg.host and give the rule of its gradient as vjp=."
    ),
    "scipy.linalg": (
        "gg.linalg has solve, solve_triangular, cholesky, expm and more, or wrap the call with "
        "gg.host and give the rule of its gradient as vjp=."
    ),
    "scipy.integrate": (
        "Wrap the call with gg.host and give the rule of its gradient as vjp=, or write the steps "
        "with gg.scan."
    ),
    "scipy.optimize": (
        "Differentiate what it finds with gg.implicit, or wrap the call with gg.host."
    ),
    "scipy": (
        "Set SCIPY_ARRAY_API=1 before SciPy is imported, if the function knows other arrays, or "
        "wrap the call with gg.host and give the rule of its gradient as vjp=."
    ),
    "pandas": "Hand pandas the numbers alone: t.value, or gg.stop_gradient(t).",
    "jax": "Hand JAX the numbers alone: t.value. Its functions know no Tensors.",
    "torch": "Hand PyTorch the numbers alone: t.value. Its functions know no Tensors.",
    "matplotlib": "Hand it the numbers alone: t.value, or gg.stop_gradient(t).",
    "numba": "Wrap the compiled function with gg.host and give the rule of its gradient as vjp=.",
}
"""What to do where a library asked; the longest name that fits counts."""

LINES: tuple[tuple[str, str], ...] = (
    (r"\bmath\.(\w+)\(", "math.{0} takes numbers alone: write gg.{0} or np.{0}."),
    (r"\b(?:np|numpy)\.full(_like)?\(", "Write gg.full{0}, which takes a Tensor as the value."),
    (r"\b(?:np|numpy)\.(?:array|asarray|asanyarray|stack)\(\s*[\[(]",
     "Put Tensors together with np.stack or gg.asarray, or import gpugrad.numpy as np."),
    (r"\b(?:np|numpy)\.(?:array|asarray|asanyarray|ascontiguousarray)\(",
     "A Tensor is an array already: use it as it is, or gg.asarray(t)."),
    (r"\b(?:np|numpy)\.(?:sum|prod|max|min|mean)\(\s*[\[(]",
     "Put Tensors together first, with np.stack or gg.asarray."),
    (r"\.dot\(", "Write a @ t or np.dot(a, t): the method of a plain array knows no Tensors."),
    (r"\w\[.*\]\s*[-+*/]?=[^=]",
     "A plain array cannot hold a Tensor: begin with gg.zeros(shape) or gg.asarray(a)."),
    (r"\bsparse\b|\bspsolve\b", LIBRARIES["scipy.sparse"]),
    (r"\bfloat\(|\bint\(", "Leave the conversion away: a Tensor of one element is a number."),
)  # fmt: skip
"""What to do where a line of the program has such a call."""

_OURS = __name__.partition(".")[0]


def way_out() -> str:
    """What to write instead, if who asked can be told; else nothing."""
    frame: FrameType | None = sys._getframe(1)
    hint = ""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        package = module.partition(".")[0]
        found = _of_library(module)
        if found:                                   # what the program called says most
            hint = f" {found}"
        elif package != _OURS and (hint or package != "numpy"):
            return hint or _of_line(linecache.getline(frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return hint


def _of_library(module: str) -> str:
    while module:
        if module in LIBRARIES:
            return LIBRARIES[module]
        module = module.rpartition(".")[0]
    return ""


def _of_line(line: str) -> str:
    for pattern, hint in LINES:
        found = re.search(pattern, line)
        if found is not None:
            return " " + hint.format(*(part or "" for part in found.groups()))
    return ""
