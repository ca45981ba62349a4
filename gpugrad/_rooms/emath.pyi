# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""NumPy's `np.emath`: functions that become complex where real operands leave the domain.

The dtype of a result depends on values, which a function under `gg.jit` or `gg.vmap` does not have:
there, the functions raise `TrackedConversion`; make the operand complex and use the functions of
`gg` itself. Numbers that become complex do so in single precision if they are float32 or integers
of at most 16 bits, and otherwise in double.

>>> gg.emath.sqrt(np.array([4.0, -4.0]))
array([2.+0.j, 0.+2.j])
>>> gg.emath.sqrt(np.array([4.0, 9.0]))
array([2., 3.])
"""

from gpugrad.emath import arccos as arccos
from gpugrad.emath import arcsin as arcsin
from gpugrad.emath import arctanh as arctanh
from gpugrad.emath import log as log
from gpugrad.emath import log10 as log10
from gpugrad.emath import log2 as log2
from gpugrad.emath import logn as logn
from gpugrad.emath import power as power
from gpugrad.emath import sqrt as sqrt

__all__ = [
    "arccos",
    "arcsin",
    "arctanh",
    "log",
    "log2",
    "log10",
    "logn",
    "power",
    "sqrt",
]
