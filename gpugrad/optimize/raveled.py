"""Functions of trees as functions of SciPy's vectors: in float64, on the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import default, is_complex, is_inexact, namespace_of
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import (
    BackendUnavailable,
    InvalidArgument,
    TrackedConversion,
    UnsupportedOperand,
)
from gpugrad.ops.raveling import ravel
from gpugrad.optim.leaves import params_of
from gpugrad.transforms.forward import hvp
from gpugrad.transforms.jacobian import hessian, jacobian
from gpugrad.transforms.jit.jit import Jit
from gpugrad.transforms.reverse import value_and_grad
from gpugrad.types import Array

Function = Callable[..., Any]


class Vectors:
    """The trees like one, as vectors.

    A leaf keeps its dtype and library: what a function computes is computed there.
    """

    def __init__(self, name: str, like: object, jit: bool, argument: str = "x0") -> None:
        like = _with_arrays(like)
        leaves = params_of(
            like, f"{name}: {argument}", "SciPy's methods move real floating arrays and numbers"
        )
        if not leaves:
            raise InvalidArgument(f"{name}: the tree to start from has no arrays.")
        for place, x in enumerate(leaves):
            if is_complex(x.dtype):
                path = tree.paths(like)[place]
                raise UnsupportedOperand(
                    f"{name}: {argument}{path} is an array of dtype {x.dtype}, and SciPy's "
                    "methods are for real numbers: give its real and imaginary part."
                )
        self._compiled: Callable[[Function], Function] = (
            (lambda f: _compiled(name, f)) if jit else (lambda f: f)
        )
        self._like, self._near = like, leaves[0]
        start, self._unravel = ravel(like)
        self.start = self.on_host(start)

    def tree(self, vector: np.ndarray) -> Any:
        """The tree of a vector, in arrays of their own."""
        return tree.map(lambda x: namespace_of(x).copy(x), self._unravel(self._beside(vector)))

    def on_host(self, x: Any) -> np.ndarray:
        """An array of the function's as one for SciPy."""
        known = isinstance(x, np.ndarray | np.generic | int | float)
        host = x if known else namespace_of(x).to_numpy(x)
        return np.array(host, dtype=np.float64)

    def function(self, f: Function) -> Function:
        """`f(tree, *args)`, compiled, as a function of a vector that gives arrays of SciPy's."""
        compiled = self._compiled(lambda v, *rest: f(self._unravel(v), *rest))
        return lambda v, *rest: self.on_host(compiled(self._beside(v), *rest))

    def value(self, f: Function) -> Function:
        """The number that `f` gives, as one of Python."""
        found = self.function(f)

        def value(v: np.ndarray, *args: object) -> float:
            y = found(v, *args)
            if y.shape:
                raise InvalidArgument(
                    f"the function to minimise returned an array of shape {y.shape}; expected one "
                    "real number. Reduce it, for example with gg.sum."
                )
            return float(y)

        return value

    def value_and_grad(self, f: Function) -> Function:
        """The same and the gradient, in one run."""
        both = self._compiled(value_and_grad(lambda v, *args: f(self._unravel(v), *args)))

        def found(v: np.ndarray, *args: object) -> tuple[float, np.ndarray]:
            y, slope = both(self._beside(v), *args)
            return float(y), self.on_host(slope)

        return found

    def hessian(self, f: Function) -> Function:
        """The matrix of second derivatives."""
        found = self._compiled(hessian(lambda v, *args: f(self._unravel(v), *args)))
        return lambda v, *args: self.on_host(found(self._beside(v), *args))

    def hvp(self, f: Function) -> Function:
        """The same times a vector."""

        def product(v: Array, p: Array, *args: object) -> Array:
            found: Array = hvp(lambda v: f(self._unravel(v), *args), (v,), (p,))[0]
            return found

        found = self._compiled(product)
        return lambda v, p, *args: self.on_host(found(self._beside(v), self._beside(p), *args))

    def jacobian(self, f: Function) -> Function:
        """The matrix of derivatives of all numbers that `f` gives, by the shorter way."""
        rows: list[int] = []

        def of_vector(v: Array, *args: object) -> Array:
            y = raveled(f(self._unravel(v), *args))
            rows[:] = [y.shape[0]]
            return y

        ways = {mode: self._compiled(jacobian(of_vector, mode=mode)) for mode in _MODES}

        def found(v: np.ndarray, *args: object) -> np.ndarray:
            x = self._beside(v)
            if not rows:
                of_vector(x, *args)
            return self.on_host(ways[_MODES[rows[0] > v.size]](x, *args))

        return found

    def spread(self, what: str, values: Any, otherwise: float) -> np.ndarray:
        """A vector of numbers that are given for the tree, or for parts of it: `None` for none."""
        try:
            pairs = tree.prefix(values, self._like)
        except ValueError as error:
            raise InvalidArgument(
                f"{what} is no tree like an upper part of x0 ({error}). Give a number, or a tree "
                "with a number, an array or None for each part."
            ) from error
        parts = []
        for value, part in pairs:
            given = self.on_host(otherwise if value is None else value)
            for x in tree.leaves(part):
                try:
                    parts.append(np.broadcast_to(given, x.shape).ravel())
                except ValueError as error:
                    raise InvalidArgument(
                        f"{what} holds an array of shape {given.shape} for one of shape {x.shape}."
                    ) from error
        return np.concatenate(parts)

    def _beside(self, vector: np.ndarray) -> Array:
        """A vector of SciPy's in the library of the leaves, which does not change it."""
        return namespace_of(self._near).from_numpy(np.array(vector, np.float64), self._near)


_MODES = ("reverse", "forward")


def _with_arrays(like: Any) -> Any:
    """The tree with an array for each float: of the dtype of the arrays beside it, or float64."""
    leaves = tree.leaves(like)
    if not any(type(x) is float for x in leaves):
        return like
    dtypes = [getattr(x, "dtype", np.dtype(int)) for x in leaves]
    near = next(
        (x for x, dtype in zip(leaves, dtypes, strict=True)
         if is_inexact(dtype) and not is_complex(dtype)), None,
    )  # fmt: skip

    def as_array(x: Any) -> Any:
        if type(x) is not float:
            return x
        if near is None:
            return default().asarray(np.array(x))
        xp = namespace_of(near)
        return xp.astype(xp.from_numpy(np.array(x), near), near.dtype)

    return tree.map(as_array, like)


def _compiled(name: str, f: Function) -> Function:
    """`f` under `gg.jit`, whose errors say that it need not be."""
    compiled = Jit(f, "auto", (), (), ())

    def call(*args: Any) -> Any:
        try:
            return compiled(*args)
        except TrackedConversion as error:
            raise TrackedConversion(
                f"{error} Or let {name} call the function without compiling it: jit=False."
            ) from error

    return call


def raveled(values: Any) -> Array:
    """All numbers of a tree in one vector."""
    leaves = tree.leaves(values)
    if len(leaves) == 1 and hasattr(leaves[0], "shape"):
        return ops.reshape(leaves[0], (-1,))
    return ravel(values)[0]


def scipy_optimize() -> Any:
    """SciPy's module of optimisers."""
    try:
        import scipy.optimize
    except ImportError as error:
        raise BackendUnavailable(
            "gg.optimize needs SciPy, which is not installed: pip install scipy."
        ) from error
    return scipy.optimize
