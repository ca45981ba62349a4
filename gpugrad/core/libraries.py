"""What to write where a function of another library asks a Tensor for its numbers."""

from __future__ import annotations

import os
import sys

LIBRARIES: dict[str, str] = {
    "scipy.special": (
        "SciPy hands Tensors on if SCIPY_ARRAY_API=1 is set before it is imported; gg.special has "
        "functions of these names."
    ),
    "scipy.stats": (
        "gg.stats has logpdf, pdf and cdf of many distributions under SciPy's names; compose "
        "others from gg.special, or wrap the call with gg.host and give the rule of its gradient "
        "as vjp=."
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
        "Differentiate its result with gg.implicit, or wrap the call with gg.host."
    ),
    "scipy": (
        "Set SCIPY_ARRAY_API=1 before SciPy is imported, if the function knows other arrays, or "
        "wrap the call with gg.host and give the rule of its gradient as vjp=."
    ),
    "pandas": (
        "Take the array out of pandas first, x.to_numpy(), and compute with that; or pass pandas "
        "only the numbers: t.value, or gg.stop_gradient(t)."
    ),
    "jax": "Pass JAX only the numbers: t.value. Its functions take no Tensors.",
    "torch": "Pass PyTorch only the numbers: t.value. Its functions take no Tensors.",
    "matplotlib": "Pass it only the numbers: t.value, or gg.stop_gradient(t).",
    "numba": "Wrap the compiled function with gg.host and give the rule of its gradient as vjp=.",
    "numpy.ma": (
        "Masked arrays take no Tensors: take the numbers, a.filled(0), and choose with "
        "gg.where(np.ma.getmaskarray(a), 0, ...)."
    ),
    "numpy.polynomial": (
        "Evaluate with np.polyval(c[::-1], x), whose coefficients begin with the highest power; "
        "series of other polynomials, by their recursion."
    ),
    "statistics": "Write gg.mean, gg.median, gg.std and the like, which follow Tensors.",
}
"""By the library; the longest name that fits counts."""

IN_GENERAL = (
    "{} computes with plain arrays: wrap the call with gg.host and give the rule of its gradient "
    "as vjp=, or pass it only the numbers: t.value."
)
"""What to do where another installed library asked."""

READ = (
    "To index a plain array with it, write gg.asarray(table)[i]; to take a slice of fixed length, "
    "gg.dynamic_slice(x, (start,), (n,)), or reshape x before."
)
"""What to do where integers that are not known are an index."""

MASK = (
    "How many elements a mask chooses is not known: keep the shape, with gg.where(mask, x, 0), or "
    "compute the mask of plain arrays."
)
"""The same of booleans."""


def of_library(name: str, function: str) -> str:
    """What to do where a function of the library `name` asked, which is in `LIBRARIES`."""
    switched = os.environ.get("SCIPY_ARRAY_API", "0") not in ("", "0")
    words = _SWITCHED.get(name, LIBRARIES[name]) if switched else LIBRARIES[name]
    if name == "scipy.special" and function in sys.modules["gpugrad"].special.__all__:
        return f"Write gg.special.{function}(t).{'' if switched else f' {words}'}"
    return words


_SWITCHED = {
    "scipy": "Wrap the call with gg.host and give the rule of its gradient as vjp=.",
    "scipy.special": "gg.special has functions of these names.",
}
"""What is left to do where SciPy has been told to hand Tensors on."""


def names_above(module: str) -> list[str]:
    """The name of a module and of those that it is in, the longest first."""
    parts = module.split(".")
    return [".".join(parts[: n + 1]) for n in reversed(range(len(parts)))]
