"""Who runs a workload of `breadth.py`: gpugrad on each engine, JAX, PyTorch, and NumPy by hand.

Each class imports its library when it is made, and makes of a workload a function of nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

import engines
import numpy as np
from workloads.workload import Program, Workload

import gpugrad as gg
from gpugrad import tree

Run = Callable[[], Any]

CALLS = 3
"""After which a function under `gg.jit` runs its plan, unless its engine is `auto`."""

NOT_COMPILED = "called, not compiled"
"""What `explain` says of steps that are calls of Python."""


class Started(NamedTuple):
    """A program with its arguments, as a function of nothing; and what sets these back."""

    run: Run
    restart: Callable[[], None]


class CannotRun(Exception):
    """The library is not there, or has no such thing; says why."""


class Contender(Protocol):
    """A library, ready to run; what compiles has compiled something."""

    compiles: bool

    def start(self, workload: Workload, arguments: tuple[Any, ...]) -> Started:
        """The program of that workload with arguments of its own, not called yet."""

    def settle(self, run: Run) -> None:
        """Call what `start` gave until its final code runs."""


def started(workload: Workload, program: Program, make: Callable[[], tuple[Any, ...]]) -> Started:
    """The program with the arguments that `make` makes, each in a call of its own if they are such;
    results take the places of what is given up.
    """
    args, count = make(), workload.donated
    given, rest = args[:count], args[count:]

    def run() -> Any:
        nonlocal given
        result = program(*given, *rest)
        given = result[:count]
        return result

    def restart() -> None:
        nonlocal given
        given = make()[:count]

    if workload.each:
        return Started(lambda: [program(x) for x in args], restart)
    return Started(run if count else lambda: program(*args), restart)


class Gpugrad:
    """Under `gg.jit`, with one engine."""

    compiles = True

    def __init__(self, engine: str) -> None:
        if engine not in engines.available((engine,)):
            raise CannotRun("what it needs is not installed")
        self._engine = engine
        self._compiled: Any = None
        self._args: tuple[Any, ...] = ()
        self._waits = False
        plus_one = gg.jit(lambda x: x + 1, engine=engine)
        for _ in range(CALLS):
            plus_one(np.ones(2))

    def start(self, workload: Workload, arguments: tuple[Any, ...]) -> Started:
        donated = tuple(range(workload.donated))
        self._compiled = gg.jit(workload.gpugrad(gg), engine=self._engine, donate_argnums=donated)
        self._args = _copied(arguments[:1] if workload.each else arguments, np.copy)
        self._waits = self._engine == "auto" and not workload.each
        return started(workload, self._compiled, lambda: _copied(arguments, np.copy))

    def settle(self, run: Run) -> None:
        """Two calls trace; the third runs the plan. The engine `auto` is waited for, but where it
        has to choose for many signatures.
        """
        if self._waits:
            engines.settle(self._compiled, run)
        else:
            for _ in range(CALLS):
                run()

    def explain(self) -> list[str]:
        """How the plan runs, and what of it is called and not compiled, for the reasons given."""
        lines = str(self._compiled.explain(*self._args)).splitlines()
        return [line for line in lines if line.startswith("engine") or NOT_COMPILED in line]


class Names:
    """One namespace from several: the first that has a name."""

    def __init__(self, *namespaces: Any) -> None:
        self._namespaces = namespaces

    def __getattr__(self, name: str) -> Any:
        for namespace in self._namespaces:
            if hasattr(namespace, name):
                setattr(self, name, getattr(namespace, name))
                return getattr(self, name)
        raise AttributeError(name)


class Jax:
    """Under `jax.jit`, waited for once in a turn; 64 bits where the arguments have them."""

    compiles = True

    def __init__(self) -> None:
        self._jax = jax = _imported("jax")
        jax.config.update("jax_enable_x64", True)
        special = import_module("jax.scipy.special")
        linalg = import_module("jax.scipy.linalg")
        self._names = Names(_layers(jax), jax.numpy, jax, jax.nn, special, linalg)
        jax.block_until_ready(jax.jit(lambda x: x + 1)(np.ones(2)))

    def start(self, workload: Workload, arguments: tuple[Any, ...]) -> Started:
        donated = tuple(range(workload.donated))
        compiled = self._jax.jit(workload.jax(self._names), donate_argnums=donated)
        plain = workload.for_peers(arguments)
        return started(workload, compiled, lambda: _copied(plain, self._jax.numpy.array))

    def settle(self, run: Run) -> None:
        """The first call compiles."""
        self._jax.block_until_ready(run())


def _layers(jax: Any) -> Any:
    """What JAX itself leaves to libraries of networks, as these write it."""
    lax, jnp = jax.lax, jax.numpy

    def conv2d(x: Any, w: Any, b: Any, *, padding: int) -> Any:
        around = [(padding, padding)] * 2
        return lax.conv_general_dilated(x, w, (1, 1), around) + b[:, None, None]

    def max_pool2d(x: Any, size: int) -> Any:
        window = (1, 1, size, size)
        return lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")

    def layer_norm(x: Any, weight: Any, bias: Any, eps: float = 1e-5) -> Any:
        mean = jnp.mean(x, axis=-1, keepdims=True)
        variance = jnp.var(x, axis=-1, keepdims=True)
        return (x - mean) * lax.rsqrt(variance + eps) * weight + bias

    def softmax_cross_entropy(logits: Any, labels: Any) -> Any:
        picked = jnp.take_along_axis(logits, labels[..., None], axis=-1)[..., 0]
        return jax.nn.logsumexp(logits, axis=-1) - picked

    return SimpleNamespace(
        conv2d=conv2d,
        max_pool2d=max_pool2d,
        layer_norm=layer_norm,
        softmax_cross_entropy=softmax_cross_entropy,
        scan=lax.scan,
    )


class Torch:
    """PyTorch, eager."""

    compiles = False

    def __init__(self) -> None:
        self._torch = _imported("torch")

    def start(self, workload: Workload, arguments: tuple[Any, ...]) -> Started:
        torch, plain = self._torch, workload.for_peers(arguments)

        def make() -> tuple[Any, ...]:
            return _copied(plain, lambda x: torch.from_numpy(x.copy()))

        return started(workload, workload.torch(torch), make)

    def settle(self, run: Run) -> None:
        """There is nothing to compile."""


class NumPy:
    """NumPy by hand, where that is short."""

    compiles = False

    def start(self, workload: Workload, arguments: tuple[Any, ...]) -> Started:
        if workload.numpy is None:
            raise CannotRun("by hand it is long")
        try:
            program = workload.numpy(np)
        except ImportError as error:
            raise CannotRun(str(error)) from None
        return started(workload, program, lambda: _copied(arguments, np.copy))

    def settle(self, run: Run) -> None:
        """There is nothing to compile."""


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except Exception as error:                      # a broken installation raises anything
        raise CannotRun(str(error) or repr(error)) from None


def _copied(arguments: tuple[Any, ...], make: Callable[[Any], Any]) -> tuple[Any, ...]:
    """The arguments with other arrays; numbers stay."""
    copies = tree.map(lambda x: make(x) if isinstance(x, np.ndarray) else x, arguments)
    return copies  # type: ignore[no-any-return]
