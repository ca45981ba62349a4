# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Checks of gradients, for those who write their own ops; they raise an error on failure.

>>> gg.testing.check_grads(lambda x: gg.sum(gg.sin(x)), (np.array([1.0, 2.0]),))
"""

from gpugrad.testing import check_grads as check_grads

__all__ = [
    "check_grads",
]
