# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Random numbers from explicit keys: `split`, `uniform`, `normal`, `bernoulli`, `categorical`.

A key is an array of two words and the only state: equal keys give equal numbers, on every backend,
in eager code and under `gg.jit`. Whoever needs more numbers splits the key:

>>> x, key = np.zeros(3, np.float32), gg.random.key(0)
>>> key, own = gg.random.split(key)
>>> noise = gg.random.normal(own, x.shape, dtype=x.dtype)
>>> noise.shape, noise.dtype
((3,), dtype('float32'))

Numbers are float64 unless another dtype is named, and widen what is float32 beside them, as the
networks of `gg.nn` are: name its dtype. The generator is Philox4x32-10 (Salmon et al., SC 2011).
"""

from gpugrad.random import bernoulli as bernoulli
from gpugrad.random import categorical as categorical
from gpugrad.random import key as key
from gpugrad.random import normal as normal
from gpugrad.random import split as split
from gpugrad.random import uniform as uniform

__all__ = [
    "bernoulli",
    "categorical",
    "key",
    "normal",
    "split",
    "uniform",
]
