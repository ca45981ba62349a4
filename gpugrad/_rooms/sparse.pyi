# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Products and linear systems with SciPy's sparse matrices.

A matrix is a constant, or a pattern whose entries are an array of their own, `data`: then the
functions are differentiated in these too. What is computed is SciPy's own, on the host, also in
programs of `gg.jit`; gradients are products and systems with the adjoint matrix, to any order.

>>> import scipy.sparse
>>> laplace = scipy.sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(3, 3))
>>> gg.sparse.solve(laplace, np.ones(3)).round(6)
array([1.5, 2. , 1.5])
>>> gg.grad(lambda b: gg.sparse.solve(laplace, b)[1])(np.ones(3)).round(6)
array([0.5, 1. , 0.5])
"""

from gpugrad.sparse import factorized as factorized
from gpugrad.sparse import matmul as matmul
from gpugrad.sparse import solve as solve

__all__ = [
    "factorized",
    "matmul",
    "solve",
]
