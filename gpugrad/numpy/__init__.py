"""NumPy's names for programs that put Tensors into arrays: `import gpugrad.numpy as np`.

Everything is NumPy's, but for two things. Sequences that hold Tensors are taken wherever NumPy
takes a sequence, as in `np.array([s, t])` and `np.sum([s, t])`. And what makes arrays of floating
numbers that programs write to, as `np.zeros(n)`, `np.zeros_like(x)`, `np.diag(v)` and `np.copy(x)`,
makes Tensors, so that `out[i] = t` works; `np.empty(n)` holds zeros. Other functions of plain
arrays give plain arrays.

>>> import gpugrad as gg
>>> import gpugrad.numpy as np
>>> def f(x):
...     out = np.zeros(3)
...     for i in range(3):
...         out[i] = np.sin(x * i)
...     return np.sum(np.array([out[1], out[2]]))
>>> float(gg.grad(f)(0.0))
3.0
"""

from __future__ import annotations

import sys as _sys
from typing import Any as _Any

import numpy as _numpy

from gpugrad.numpy import wrapping as _wrapping

ndarray = _wrapping.ndarray


def __getattr__(name: str) -> _Any:
    return _wrapping.found(_numpy, name)


def __dir__() -> list[str]:
    return [*__all__, *_rooms]


_rooms = (*_wrapping.ROOMS, *_wrapping.PLAIN)

_things = {name: vars(_numpy).get(name, _numpy) for name in _numpy.__all__}
__all__ = [name for name, thing in _things.items() if type(thing) is not type(_numpy)]

globals().update({name: __getattr__(name) for name in __all__ if name != "ndarray"})

# Python looks for `import gpugrad.numpy.linalg` here.
_sys.modules.update({f"{__name__}.{name}": _wrapping.Room(name) for name in _rooms})
