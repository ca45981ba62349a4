"""The libraries that `scoreboard.py` asks besides gpugrad, each as its own documentation shows.

Each class imports its library when it is made, in a process that asks this one alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from pitfalls.judge import NotApplicable
from pitfalls.library import Failure, Functions, Library, Transforming

ONE_ORDER = "it has no second derivatives"


def _reverse(x: Any) -> Any:
    return x[::-1]


def _fails(*args: Any) -> Any:
    raise Failure


class Autograd(Transforming):
    """HIPS autograd."""

    name = "HIPS"
    packages = ("autograd", "numpy", "scipy")

    def __init__(self) -> None:
        import autograd
        import autograd.numpy as anp
        from autograd.scipy import special

        self.module = autograd
        self.xp = Functions(
            anp,
            logsumexp=special.logsumexp,
            norm=anp.linalg.norm,
            reverse=_reverse,
            sigmoid=special.expit,
            softplus=lambda x: anp.logaddexp(x, 0.0),
            take=lambda x, index: anp.take(x, index, axis=0),
        )

    def array(self, x: Any, dtype: str | None = None) -> Any:
        return np.array(x, dtype)

    def pullback(self, f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        pull, out = self.module.make_vjp(f)(x)
        return out, pull

    def assigned(self, x: Any, index: Any, value: Any) -> Any:
        raise NotApplicable("it documents that its arrays cannot be assigned to")

    def failing(self) -> Callable[[Any], Any]:
        from autograd.extend import defvjp, primitive

        identity = primitive(lambda x: x * 1.0)
        defvjp(identity, lambda y, x: _fails)
        return identity  # type: ignore[no-any-return]


class MyGrad(Library):
    """MyGrad: a tape, of first order."""

    name = "MyGrad"
    packages = ("mygrad", "numpy")

    def __init__(self) -> None:
        import mygrad as mg
        from mygrad.nnet import activations

        self.module = mg
        self.xp = Functions(
            mg,
            norm=mg.linalg.norm,
            relu=activations.relu,
            reverse=_reverse,
            sigmoid=activations.sigmoid,
            softplus=lambda x: mg.logaddexp(x, 0.0),
        )

    def array(self, x: Any, dtype: str | None = None) -> Any:
        made = np.array(x, dtype)
        if made.dtype.kind == "c":
            raise NotApplicable("it has no complex numbers")
        return made

    def gradients(self, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
        leaves = [self.module.tensor(x) for x in args]
        f(*leaves).backward()
        return tuple(leaf.grad for leaf in leaves)

    def grad(self, f: Callable[..., Any]) -> Callable[..., Any]:
        raise NotApplicable(ONE_ORDER)

    def pullback(self, f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        leaf = self.module.tensor(x)
        out = f(leaf)

        def pull(g: Any) -> Any:
            out.backward(g)
            return leaf.grad

        return out, pull

    def assigned(self, x: Any, index: Any, value: Any) -> Any:
        out = self.module.positive(x)
        out[index] = value
        return out

    def failing(self) -> Callable[[Any], Any]:
        class Identity(self.module.operation_base.Operation):  # type: ignore[misc, name-defined]
            def __call__(self, x: Any) -> Any:
                self.variables = (x,)
                return x.data * 1.0

            def backward_var(self, grad: Any, index: int, **kwargs: Any) -> Any:
                raise Failure

        return lambda x: self.module.execute_op(Identity, x)

    def leaf(self, x: Any) -> Any:
        return self.module.tensor(x)

    def backward(self, y: Any) -> None:
        y.backward()

    def grad_of(self, leaf: Any) -> Any:
        return leaf.grad

    def no_grad(self) -> AbstractContextManager[Any]:
        return self.module.no_autodiff  # type: ignore[no-any-return]

    def is_tracked(self, y: Any) -> bool:
        return y.creator is not None


class Advect(Transforming):
    """Advect: NumPy's own functions are differentiated."""

    name = "Advect"
    packages = ("advect", "numpy", "scipy")

    def __init__(self) -> None:
        import advect
        from advect.scipy import special

        self.module = advect
        self.xp = Functions(
            np,
            logsumexp=special.logsumexp,
            norm=np.linalg.norm,
            reverse=_reverse,
            sigmoid=special.expit,
            softplus=lambda x: np.logaddexp(x, 0.0),
            take=lambda x, index: np.take(x, index, axis=0),
        )

    def array(self, x: Any, dtype: str | None = None) -> Any:
        return np.array(x, dtype)

    def pullback(self, f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        out, pull = self.module.vjp(f)(x)
        return out, pull

    def assigned(self, x: Any, index: Any, value: Any) -> Any:
        raise NotApplicable("it documents that it assigns by slices alone")

    def failing(self) -> Callable[[Any], Any]:
        @self.module.primitive(name="scoreboard.identity")
        def identity(x: Any) -> Any:
            return x * 1.0

        identity.def_jvp(lambda output, primals, tangents: tangents[0])
        identity.def_transpose(lambda cotangent, primals, output: _fails())
        return identity  # type: ignore[no-any-return]

    def compiled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        programs: dict[Any, Any] = {}

        def run(*args: Any) -> Any:
            key = tuple((x.shape, x.dtype) for x in args)
            if key not in programs:
                programs[key] = self.module.stage(f, *args)
            return programs[key](*args)

        return run


class Jax(Transforming):
    """JAX, with 64 bits where the arguments have them."""

    name = "JAX"
    packages = ("jax", "jaxlib", "numpy")

    def __init__(self) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        self.module = jax
        jnp, nn = jax.numpy, jax.nn
        self.xp = Functions(
            jnp,
            logsumexp=nn.logsumexp,
            norm=jnp.linalg.norm,
            relu=nn.relu,
            reverse=_reverse,
            sigmoid=nn.sigmoid,
            softplus=nn.softplus,
            take=lambda x, index: jnp.take(x, index, axis=0),
        )

    def array(self, x: Any, dtype: str | None = None) -> Any:
        return self.module.numpy.asarray(np.array(x, dtype))

    def pullback(self, f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        out, pull = self.module.vjp(f, x)
        return out, lambda g: pull(g)[0]

    def assigned(self, x: Any, index: Any, value: Any) -> Any:
        return x.at[index].set(value)

    def failing(self) -> Callable[[Any], Any]:
        @self.module.custom_vjp
        def identity(x: Any) -> Any:
            return x * 1.0

        identity.defvjp(lambda x: (x * 1.0, ()), _fails)
        return identity  # type: ignore[no-any-return]

    def compiled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return self.module.jit(f)  # type: ignore[no-any-return]


class Torch(Library):
    """PyTorch: the tape, and `torch.func` where gradients nest."""

    name = "PyTorch"
    packages = ("torch", "numpy")

    def __init__(self) -> None:
        import torch

        self.module = torch
        self.xp = Functions(
            torch,
            logsumexp=lambda x: torch.logsumexp(x, 0),
            maximum=lambda a, b: torch.maximum(a, torch.as_tensor(b, dtype=a.dtype)),
            norm=torch.linalg.norm,
            power=torch.pow,
            reverse=lambda x: torch.flip(x, (0,)),
            softplus=torch.nn.functional.softplus,
            sort=lambda x: torch.sort(x).values,
            std=lambda x, *, ddof: torch.std(x, correction=ddof),
            var=lambda x, *, axis, ddof: torch.var(x, dim=axis, correction=ddof),
        )

    def array(self, x: Any, dtype: str | None = None) -> Any:
        return self.module.tensor(np.array(x, dtype))

    def numpy(self, x: Any) -> Any:
        return x.detach().numpy() if isinstance(x, self.module.Tensor) else np.asarray(x)

    def gradients(self, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
        leaves = [x.clone().requires_grad_() for x in args]
        f(*leaves).backward()
        return tuple(leaf.grad for leaf in leaves)

    def grad(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return self.module.func.grad(f)  # type: ignore[no-any-return]

    def pullback(self, f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
        leaf = x.clone().requires_grad_()
        out = f(leaf)
        return out, lambda g: self.module.autograd.grad(out, leaf, g, retain_graph=True)[0]

    def assigned(self, x: Any, index: Any, value: Any) -> Any:
        out = x.clone()
        out[index] = value
        return out

    def failing(self) -> Callable[[Any], Any]:
        class Identity(self.module.autograd.Function):  # type: ignore[misc, name-defined]
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                return x * 1.0

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                raise Failure

        return Identity.apply  # type: ignore[no-any-return]

    def compiled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        if not any(map(shutil.which, ("c++", "g++", "clang++"))):
            raise NotApplicable("torch.compile needs a C++ compiler")
        return self.module.compile(f)  # type: ignore[no-any-return]

    def leaf(self, x: Any) -> Any:
        return self.array(x).requires_grad_()

    def backward(self, y: Any) -> None:
        y.backward()

    def grad_of(self, leaf: Any) -> Any:
        return leaf.grad

    def no_grad(self) -> AbstractContextManager[Any]:
        return self.module.no_grad()  # type: ignore[no-any-return]

    def is_tracked(self, y: Any) -> bool:
        return bool(y.requires_grad)


PEERS = {kind.name: kind for kind in (Autograd, MyGrad, Advect, Jax, Torch)}
