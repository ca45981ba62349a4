"""That a function is what NumPy has under its name, and that its gradients are right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad import tree
from gpugrad.testing import check_grads


def check_function(
    f: Callable[..., Any],
    reference: Callable[..., Any],
    arrays: tuple[Any, ...],
    rtol: float = 1e-13,
    atol: float = 0,
) -> None:
    """Values of plain arrays and of Tensors against the reference, one result or several; gradients
    to second order against finite differences.
    """
    wanted = _parts(reference(*arrays))
    for found in (f(*arrays), [x.value for x in _parts(f(*map(gg.tensor, arrays)))]):
        for y, want in zip(_parts(found), wanted, strict=True):
            assert type(y) is np.ndarray
            assert y.shape == np.shape(want)
            np.testing.assert_allclose(y, want, rtol=rtol, atol=atol)
    check_grads(f, arrays)


def every_way(f: Callable[..., Any], *arrays: Any) -> Iterator[tuple[str, Any]]:
    """What `f` gives eager, in a plan of each engine of the CPU, and in a batch."""
    yield "eager", f(*arrays)
    for engine in ("numpy", "native"):
        compiled = gg.jit(f, engine=engine)
        compiled(*arrays), compiled(*arrays)
        yield engine, compiled(*arrays)
    many = gg.vmap(f)(*(np.stack([x, x]) for x in arrays))
    yield "vmap", tree.map(lambda y: y[1], many)


def _parts(y: Any) -> Any:
    return y if isinstance(y, tuple | list) else [y]
