"""What a library must offer to be asked: the base of all adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from pitfalls.judge import NotApplicable

NO_TAPE = "it has no tape: gradients are those of functions"


class Failure(Exception):
    """What a reverse rule raises that fails on purpose."""


class Functions:
    """A namespace, and those functions of NumPy that it lacks or names otherwise."""

    def __init__(self, namespace: Any, **others: Callable[..., Any]) -> None:
        self._namespace = namespace
        self._others = others

    def __getattr__(self, name: str) -> Any:
        if name in self._others:
            return self._others[name]
        try:
            return getattr(self._namespace, name)
        except AttributeError:
            raise NotApplicable(f"it has no function {name}") from None


class Library:
    """A library that differentiates, behind names that all of them share.

    Each method does what the documentation of the library shows. What it has no counterpart of
    raises `NotApplicable`; an error of the library itself comes through.
    """

    name: str
    packages: tuple[str, ...] = ()
    exempt: Mapping[int, str] = {}
    """Rows that do not apply to it, and why."""

    xp: Functions

    def array(self, x: Any, dtype: str | None = None) -> Any:
        """A plain array of the library, not tracked."""
        raise NotImplementedError

    def numpy(self, x: Any) -> Any:
        """An array of the library on the host."""
        return np.asarray(x)

    def gradients(self, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
        """Gradients of `f`, whose result is one number, by all arguments; plain arrays."""
        raise NotImplementedError

    def grad(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The gradient by the first argument, as a function that may be differentiated again."""
        raise NotImplementedError

    def pullback(self, f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        """`f(x)`, and what takes a cotangent of it to one of `x`."""
        raise NotImplementedError

    def watching(self) -> AbstractContextManager[Any]:
        """Where the library looks for arrays that are overwritten, if it must be asked to."""
        return nullcontext()

    def deterministic(self) -> AbstractContextManager[Any]:
        """Where equal computations give equal bits, if the library must be asked to."""
        return nullcontext()

    def assigned(self, x: Any, index: Any, value: Any) -> Any:
        """`x` with `x[index] = value`, differentiated by both."""
        raise NotImplementedError

    def failing(self) -> Callable[[Any], Any]:
        """A function whose reverse rule, defined as users define one, raises `Failure`."""
        raise NotImplementedError

    def compiled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The function in the form that the library compiles, stages or captures once."""
        raise NotApplicable("it does not compile")

    # The tape

    def leaf(self, x: Any) -> Any:
        """A tracked array whose gradient `backward` fills in."""
        raise NotApplicable(NO_TAPE)

    def backward(self, y: Any) -> None:
        raise NotApplicable(NO_TAPE)

    def grad_of(self, leaf: Any) -> Any:
        raise NotApplicable(NO_TAPE)

    def no_grad(self) -> AbstractContextManager[Any]:
        raise NotApplicable("it has no switch for recording")

    def is_tracked(self, y: Any) -> bool:
        raise NotApplicable(NO_TAPE)

    # Operands of two libraries

    def foreign(self, x: Any) -> Any:
        """An array of another library, with which this one must not compute."""
        raise NotApplicable("it computes on arrays of one library")


class Transforming(Library):
    """One whose `module` has a function `grad` like that of HIPS autograd: of functions, and by
    the arguments that a number or a tuple of numbers names.
    """

    module: Any

    def gradients(self, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
        return tuple(self.module.grad(f, tuple(range(len(args))))(*args))

    def grad(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return self.module.grad(f)  # type: ignore[no-any-return]
