"""Calls that mix arrays of two places: two libraries, or two devices. Some define ops: tests that
make them need the fixture `own_ops`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from wraps import WRAPS

import gpugrad as gg
from gpugrad.catalogue.examples import example, functions

Place = Callable[[Any], Any]
Call = Callable[[Any, Any], Any]

X = np.array([[0.3, 0.7, 0.45], [0.9, 0.2, 0.55]])

OF_SEVERAL = {
    name: f for name, f in functions().items() if len(example(name, f).arrays) > 1
}
"""Public functions of several arrays."""


def mixed_calls(name: str, here: Place, there: Place) -> Iterator[Callable[[], Any]]:
    """Calls of the function of that name, each with another one of its operands in another place,
    and all of them plain arrays, untracked or tracked Tensors.
    """
    call = example(name, OF_SEVERAL[name])
    for odd in range(len(call.arrays)):
        for wrap in WRAPS.values():
            places = [there if i == odd else here for i in range(len(call.arrays))]
            operands = [wrap(place(x)) for place, x in zip(places, call.arrays, strict=True)]
            yield lambda operands=operands: call(*operands)


def times(x: Any, y: Any) -> Any:
    return x * y


def total(x: Any, y: Any) -> Any:
    return gg.sum(x * y)


def plain(x: Any) -> Any:
    return x.value if isinstance(x, gg.Tensor) else x


def leaf(x: Any) -> Any:
    return gg.tensor(plain(x), requires_grad=True)


def with_rule(x: Any, share: Any) -> Any:
    """The gradient of an op whose rule returns `share`."""

    @gg.op(lambda g: plain(share))
    def of_a_mixture(xp, x):  # type: ignore[no-untyped-def]
        """Sine of `x`."""
        return xp.sin(x)

    return gg.grad(lambda x: gg.sum(of_a_mixture(x)))(x)


def with_forward(x: Any, result: Any) -> Any:
    """An op whose forward returns `result`."""

    @gg.op(lambda g: g)
    def of_a_mixture(xp, x):  # type: ignore[no-untyped-def]
        """What is given."""
        return plain(result)

    return of_a_mixture(x)


def ruled(share: Any) -> Callable[[Any], Any]:
    """A function whose rule returns `share`."""
    f = gg.custom_vjp(lambda x: x * 2)
    f.defvjp(lambda x: (x * 2, None), lambda needed, g: (share,))
    return f


def root(solver: Callable[..., Any], residual: Any = lambda x, *p: x * x - p[0]) -> Any:
    return gg.implicit(residual)(solver)


def updated(opt: Any, grads: Any, held: Any, params: Any) -> Any:
    return opt.update({"w": grads}, opt.init({"w": held}), {"w": params})


OPTIMISERS = {
    "sgd": gg.optim.sgd(0.1), "momentum": gg.optim.sgd(0.1, momentum=0.9),
    "adam": gg.optim.adam(0.1), "adamw": gg.optim.adamw(0.1),
}  # fmt: skip

TRANSFORMS: dict[str, Call] = {
    "grad": lambda a, b: gg.grad(total, argnums=(0, 1))(a, b),
    "grad of one": lambda a, b: gg.grad(total)(a, b),
    "grad, closed over": lambda a, b: gg.grad(lambda x: gg.sum(x * b))(a),
    "value_and_grad": lambda a, b: gg.value_and_grad(total)(a, b),
    "vjp": lambda a, b: gg.vjp(times, a, b),
    "jvp": lambda a, b: gg.jvp(times, (a, b), (a, b)),
    "linearize": lambda a, b: gg.linearize(times, a, b),
    "hvp": lambda a, b: gg.hvp(total, (a, b), (a, b)),
    "jacobian": lambda a, b: gg.jacobian(times)(a, b),
    "jacobian, forward": lambda a, b: gg.jacobian(times, mode="forward")(a, b),
    "hessian": lambda a, b: gg.hessian(total)(a, b),
    "vmap": lambda a, b: gg.vmap(times)(a, b),
    "vmap, apart": lambda a, b: gg.vmap(lambda x, y: (x * 2, y * 2))(a, b),
    "vmap, whole": lambda a, b: gg.vmap(times, in_axes=(0, None))(a, b[0, ...]),
    "vmap, closed over": lambda a, b: gg.vmap(lambda x: x * b[0, ...])(a),
    "vmap, closed over on the left": lambda a, b: gg.vmap(lambda x: gg.subtract(b[0, ...], x))(a),
    "vmap, product": lambda a, b: gg.vmap(lambda x: x @ b[0, ...])(a),
    "vmap, where": lambda a, b: gg.vmap(lambda x: gg.where(x > 0, b[0, ...], x))(a),
    "vmap, concat": lambda a, b: gg.vmap(lambda x: gg.concat([x, b[0, ...]]))(a),
    "vmap, stack of lists": lambda a, b: gg.vmap(lambda x: gg.asarray([x, b[0, ...]]))(a),
    "vmap, written to": lambda a, b: gg.vmap(lambda x: gg.copy(x).__setitem__(0, b[0, 0, ...]))(a),
    "vmap, in place": lambda a, b: gg.vmap(lambda x: gg.copy(x).__iadd__(b[0, ...]))(a),
    "vmap of vmap": lambda a, b: gg.vmap(gg.vmap(lambda x: x * b[0, 0, ...]))(a),
    "vmap of grad": lambda a, b: gg.vmap(gg.grad(lambda x: gg.sum(x * b[0, ...])))(a),
    "grad of vmap": lambda a, b: gg.grad(
        lambda x: gg.sum(gg.vmap(lambda x: x * b[0, ...])(x))
    )(a),
    "jit": lambda a, b: gg.jit(times)(a, b),
    "jit, apart": lambda a, b: gg.jit(lambda x, y: (x * 2, y * 2))(a, b),
    "jit, closed over": lambda a, b: gg.jit(lambda x: x * b)(a),
    "jit of vmap": lambda a, b: gg.jit(gg.vmap(lambda x: x * b[0, ...]))(a),
    "jit of grad": lambda a, b: gg.jit(gg.grad(total))(a, b),
    "scan": lambda a, b: gg.scan(lambda c, x: (c + x, c * x), a[0, ...], b),
    "scan, apart": lambda a, b: gg.scan(lambda c, x: (c * 2, x * 2), a[0, ...], b),
    "scan, xs": lambda a, b: gg.scan(lambda c, x: (c + x[0] * x[1], c), a[0, ...], (a, b)),
    "scan, init": lambda a, b: gg.scan(
        lambda c, x: ((c[0] * c[1], c[1]), x), (a[0, ...], b[0, ...]), a
    ),
    "scan, closed over": lambda a, b: gg.scan(
        lambda c, x: (gg.multiply(c, b[0, ...]), x), a[0, ...], a
    ),
    "scan, another carry": lambda a, b: gg.scan(lambda c, x: (b[0, ...], x), a[0, ...], a),
    "jit of scan": lambda a, b: gg.jit(
        lambda a: gg.scan(lambda c, x: (c + x * b[0, ...], c * x), a[0, ...], a)
    )(a),
    "grad of scan": lambda a, b: gg.grad(
        lambda a, b: gg.sum(gg.scan(lambda c, x: (c + x, c * x), a[0, ...], b)[0])
    )(a, b),
    "checkpoint": lambda a, b: gg.checkpoint(times)(a, b),
    "checkpoint, by name": lambda a, b: gg.checkpoint(times)(a, y=b),
    "checkpoint, closed over": lambda a, b: gg.checkpoint(lambda x: gg.multiply(x, b))(a),
    "checkpoint in grad": lambda a, b: gg.grad(
        lambda x: gg.sum(gg.checkpoint(times)(x, b))
    )(a),
    "cond": lambda a, b: gg.cond(True, times, lambda x, y: x + y, a, b),
    "cond, condition": lambda a, b: gg.cond(gg.tensor(plain(b))[0, 0] > 0, times, times, a, a),
    "cond, closed over": lambda a, b: gg.cond(
        True, lambda x: gg.multiply(x, b), lambda x: x, a
    ),
    "cond in vmap": lambda a, b: gg.vmap(
        lambda a: gg.cond(gg.tensor(plain(b))[0, 0] > 0, times, times, a, a)
    )(a),
    "cond in jit": lambda a, b: gg.jit(
        lambda a: gg.cond(gg.tensor(plain(b))[0, 0] > 0, times, times, a, a)
    )(a),
    "implicit, result": lambda a, b: root(lambda p: b)(a),
    "implicit, a part of the result": lambda a, b: root(lambda p: (p, b), None)(a),
    "implicit, in grad": lambda a, b: gg.grad(lambda a: gg.sum(root(lambda p: b)(a)))(a),
    "implicit, arguments": lambda a, b: root(lambda p, q: p)(a, b),
    "implicit, residual": lambda a, b: gg.grad(
        lambda a: gg.sum(root(gg.sqrt, lambda x, p: gg.subtract(gg.multiply(b, 2), p))(a))
    )(a),
    "rule of custom_vjp": lambda a, b: gg.grad(lambda x: gg.sum(ruled(b)(x)))(a),
    "rule of op": with_rule,
    "forward of op": with_forward,
    "check_grads": lambda a, b: gg.testing.check_grads(
        lambda x: gg.multiply(x, b), (a,)
    ),
    **{
        f"{name}: {what}": lambda a, b, opt=opt, i=i: updated(
            opt, *(b if k == i else a for k in range(3))
        )
        for name, opt in OPTIMISERS.items()
        for i, what in enumerate(("gradients", "state", "params"))
        if (name, what) != ("sgd", "state")         # which it has none of
    },
    "init": lambda a, b: gg.optim.adam(0.1).init((a, b)),
    "apply_updates": lambda a, b: gg.optim.apply_updates({"w": a}, {"w": b}),
    "apply_updates, apart": lambda a, b: gg.optim.apply_updates((a, b), (a, b)),
}
"""What takes arrays and functions."""

COTANGENTS: dict[str, Call] = {
    "backward": lambda x, v: (leaf(x) * 2).backward(v),
    "backward, in lists": lambda x, v: (leaf(x) * 2).backward([v[0, ...], v[1, ...]]),
    "grad of a leaf": lambda x, v: setattr(leaf(x), "grad", plain(v)),
    "vjp": lambda x, v: gg.vjp(gg.sin, x)[1](v),
    "vjp of what is closed over": lambda x, v: gg.vjp(lambda y: gg.add(x, y), x)[1](v),
    "vjp of a constant": lambda x, v: gg.vjp(lambda y: x, x)[1](v),
    "vjp, conjugate": lambda x, v: gg.vjp(gg.sin, x, conjugate=True)[1](v),
    "vjp of several": lambda x, v: gg.vjp(lambda y: (y, y * 2), x)[1]((x, v)),
    "jvp": lambda x, v: gg.jvp(gg.sin, (x,), (v,)),
    "linearize": lambda x, v: gg.linearize(gg.sin, x)[1](v),
    "hvp": lambda x, v: gg.hvp(lambda x: gg.sum(gg.sin(x)), (x,), (v,)),
    "vjp in vmap": lambda x, v: gg.vmap(lambda x, v: gg.vjp(gg.sin, x)[1](v))(x, v),
    "vjp in vmap, closed over": lambda x, v: gg.vmap(
        lambda x: gg.vjp(gg.sin, x)[1](v[0, ...])
    )(x),
    "vjp in jit": lambda x, v: gg.jit(lambda x: gg.vjp(gg.sin, x)[1](v))(x),
    "vjp in grad": lambda x, v: gg.grad(lambda x: gg.sum(gg.vjp(gg.sin, x)[1](v)[0]))(x),
}
"""What goes along with a result or an argument."""

OTHERS: dict[str, Call] = {
    "operator": lambda a, b: gg.tensor(plain(a)) + b,
    "NumPy's function": lambda a, b: np.multiply(gg.tensor(plain(a)), gg.tensor(plain(b))),
    "lists": lambda a, b: gg.asarray([a, b]),
    "lists as a tensor": lambda a, b: gg.tensor([plain(a), plain(b)]),
    "full_like": lambda a, b: gg.full_like(a, b[0, ...]),
    "clip": lambda a, b: gg.clip(a, b, None),
    "pad": lambda a, b: gg.pad(a, 1, constant_values=gg.asarray(b)[0, 0, ...]),
    "index": lambda a, b: leaf(a)[..., gg.argsort(gg.tensor(plain(b))[0, ...])],
    "mask": lambda a, b: leaf(a)[gg.tensor(plain(b)) > 0],
    "write": lambda a, b: gg.tensor(plain(a)).__setitem__(0, b[0, ...]),
    "write into a view": lambda a, b: gg.tensor(plain(a)).T.__setitem__(0, b[:, 0]),
    "in place": lambda a, b: gg.tensor(plain(a)).__imul__(b),
}
