# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Products and systems with sparse matrices of SciPy.

A matrix is a constant, or a pattern whose entries are an array of their own, `data`: then the
functions are differentiated in these too. What is computed is SciPy's own, on the host, also in
programs of `gg.jit`; gradients are products and systems with the adjoint matrix, to any order.
"""

from gpugrad.sparse import factorized as factorized
from gpugrad.sparse import matmul as matmul
from gpugrad.sparse import solve as solve

__all__ = [
    "factorized",
    "matmul",
    "solve",
]
