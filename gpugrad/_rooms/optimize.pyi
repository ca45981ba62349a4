# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""SciPy's optimisers for functions of trees, with the derivatives of gpugrad.

Each is SciPy's function of the same name, which works on vectors in float64 on the host. What is
given and what is found are trees of NumPy's or CuPy's arrays: models, dictionaries, lists. `gg.jit`
compiles the functions. SciPy is needed: `pip install scipy`.

>>> found = gg.optimize.minimize(lambda p: gg.sum((p["a"] - 1) ** 2), {"a": np.zeros(2)})
>>> found.x["a"].round(6), found.success
(array([1., 1.]), True)
"""

from gpugrad.optimize import curve_fit as curve_fit
from gpugrad.optimize import least_squares as least_squares
from gpugrad.optimize import minimize as minimize
from gpugrad.optimize import root as root

__all__ = [
    "curve_fit",
    "least_squares",
    "minimize",
    "root",
]
