"""NumPy's names of functions that have another one in the standard: both are in `gpugrad`."""

from __future__ import annotations

from gpugrad.core.registry import add_alias
from gpugrad.ops.elementwise import abs, conj, divide
from gpugrad.ops.logic import bitwise_invert, bitwise_left_shift, bitwise_right_shift
from gpugrad.ops.reduction import max, min
from gpugrad.ops.rounding import remainder, round, trunc
from gpugrad.ops.shape import concat
from gpugrad.ops.trigonometry import acos, acosh, asin, asinh, atan, atan2, atanh

__all__ = [
    "absolute",
    "amax",
    "amin",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "around",
    "bitwise_not",
    "concatenate",
    "conjugate",
    "fix",
    "invert",
    "left_shift",
    "mod",
    "right_shift",
    "true_divide",
]

absolute = add_alias("absolute", abs)
amax = add_alias("amax", max)
amin = add_alias("amin", min)
arccos = add_alias("arccos", acos)
arccosh = add_alias("arccosh", acosh)
arcsin = add_alias("arcsin", asin)
arcsinh = add_alias("arcsinh", asinh)
arctan = add_alias("arctan", atan)
arctan2 = add_alias("arctan2", atan2)
arctanh = add_alias("arctanh", atanh)
around = add_alias("around", round)
bitwise_not = add_alias("bitwise_not", bitwise_invert)
concatenate = add_alias("concatenate", concat)
conjugate = add_alias("conjugate", conj)
fix = add_alias("fix", trunc)
invert = add_alias("invert", bitwise_invert)
left_shift = add_alias("left_shift", bitwise_left_shift)
mod = add_alias("mod", remainder)
right_shift = add_alias("right_shift", bitwise_right_shift)
true_divide = add_alias("true_divide", divide)
