"""gpugrad as a library that is asked: eagerly, and with its gradients under `gg.jit`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad.backends import Namespace, numpy_namespace
from pitfalls.judge import NotApplicable
from pitfalls.library import Failure, Functions, Transforming

NAMES: dict[str, Callable[..., Any]] = {
    "cumprod": lambda x, axis: gg.cumulative_prod(x, axis=axis),
    "norm": lambda x: gg.linalg.vector_norm(x),
    "reverse": lambda x: x[::-1],
    "std": lambda x, *, ddof: gg.std(x, correction=ddof),
    "take": lambda x, index: gg.take(x, index, axis=0),
    "var": lambda x, *, axis, ddof: gg.var(x, axis=axis, correction=ddof),
}


class Ours(Transforming):
    """gpugrad on the arrays of one namespace, NumPy's if none is given."""

    name = "gpugrad"
    packages = ("gpugrad", "numpy")
    module = gg
    xp = Functions(gg, **NAMES)

    def __init__(self, namespace: Namespace = numpy_namespace) -> None:
        self.namespace = namespace

    def array(self, x: Any, dtype: str | None = None) -> Any:
        return self.namespace.asarray(np.array(x, dtype))

    def numpy(self, x: Any) -> Any:
        return self.namespace.to_numpy(x.value if isinstance(x, gg.Tensor) else x)

    def pullback(self, f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        out, pull = gg.vjp(f, x)
        return out, lambda g: pull(g)[0]

    def watching(self) -> AbstractContextManager[Any]:
        return gg.debug()

    def deterministic(self) -> AbstractContextManager[Any]:
        return gg.use_deterministic()

    def assigned(self, x: Any, index: Any, value: Any) -> Any:
        out = gg.copy(gg.asarray(x))
        out[index] = value
        return out

    def failing(self) -> Callable[[Any], Any]:
        @gg.custom_vjp
        def identity(x: Any) -> Any:
            return x * 1.0

        def fails(_: Any, g: Any) -> Any:
            raise Failure

        identity.defvjp(lambda x: (x * 1.0, ()), fails)
        return identity

    def compiled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return gg.jit(f)

    def leaf(self, x: Any) -> Any:
        return gg.tensor(self.array(x), requires_grad=True)

    def backward(self, y: Any) -> None:
        y.backward()

    def grad_of(self, leaf: Any) -> Any:
        return leaf.grad

    def no_grad(self) -> AbstractContextManager[Any]:
        return gg.no_grad()

    def is_tracked(self, y: Any) -> bool:
        return bool(y.requires_grad)

    def foreign(self, x: Any) -> Any:
        try:
            import array_api_strict
        except ImportError:
            raise NotApplicable("no second array library is installed") from None
        return array_api_strict.asarray(x) if self.namespace is numpy_namespace else np.array(x)


class Compiled(Ours):
    """gpugrad whose gradients run as plans, on one engine."""

    exempt = dict.fromkeys((24, 25, 27, 28, 35), "tapes and pullbacks are not compiled")

    def __init__(self, engine: str, namespace: Namespace = numpy_namespace) -> None:
        super().__init__(namespace)
        self.name = f"gpugrad jit, {engine}"
        self.engine = engine

    def _settled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """`f` compiled, which gives what a call returns that the engine computes.

        Called with Tensors it is plain `f`, a part of what these belong to.
        """
        step, calls = gg.jit(f, engine=self.engine), count()

        def run(*args: Any) -> Any:
            if any(isinstance(x, gg.Tensor) for x in args):
                return f(*args)
            while next(calls) < 2:
                step(*args)
            return step(*args)

        return run

    def gradients(self, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
        found: tuple[Any, ...] = self._settled(gg.grad(f, tuple(range(len(args)))))(*args)
        return found

    def grad(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return self._settled(gg.grad(f))

    def compiled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return gg.jit(f, engine=self.engine)
