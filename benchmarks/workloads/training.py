"""Whole training steps of models made of layers: what their families of rows share.

gpugrad and PyTorch have layers and optimisers of their own. The program of JAX is written with
arrays, as its libraries of networks do inside; its Adam is the formula, which XLA compiles all the
same. `EPSILON` is larger than the roundings of a gradient that is 0, whose sign would decide a step
otherwise. Of a few million windows and activations, one may be decided by a rounding, which shows
in a gradient: the rate is one at which none is, on the way that is compared.

Where something is random, each library draws in its own way, and keys are split in each step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import gpugrad
from gpugrad import tree
from workloads.workload import Build, Draw, Program, Workload

RATE, B1, B2, EPSILON = 1e-4, 0.9, 0.999, 1e-4

CARRIED = 4
"""The arguments that a step gives back: parameters, those of Adam, the state of layers, a key."""

DROPPED = 0.1
"""The rate of the rows with dropout."""

Loss = Callable[..., Any]
"""`loss(model, state, key, *data)` is the value, and the next state of the layers."""


def arguments(model: Any, state: Any, *data: Any) -> tuple[Any, ...]:
    """Those of a step, with gpugrad's objects. No parameter is 0, as after some training: results
    are compared relatively to the largest element.
    """
    draw = Draw()
    model = tree.map(lambda leaf: leaf + draw.normal(*leaf.shape, scale=0.03), model)
    moments = gpugrad.optim.adam(RATE, B1, B2, EPSILON).init(model)
    return model, moments, state, gpugrad.random.key(0), *data


def plain(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same without these: the leaves of the model, of Adam's state and of the layers'."""
    model, moments, state, *rest = args
    return tuple(tree.leaves(model)), tuple(moments[:3]), tuple(tree.leaves(state)), *rest


def row(
    name: str,
    sizes: dict[str, Any],
    make: Callable[[Any, float], tuple[Any, ...]],
    loss: Loss,
    jax_loss: Callable[[Any, float], Loss],
    torch_module: Callable[[Any, Any, float], Any],
    rates: tuple[float, ...] = (0.0, DROPPED),
) -> Iterator[Workload]:
    """The row without dropout, whose results are compared, and the one with."""
    for rate in rates:
        yield Workload(
            f"{name}, training step{' with dropout' * bool(rate)}",
            sizes,
            partial(make, rate=rate),
            _of_gpugrad(loss, rate),
            _of_jax(jax_loss, rate),
            _of_torch(torch_module, rate),
            donated=CARRIED,
            plain=plain,
            random=bool(rate),
        )


def _of_gpugrad(loss: Loss, rate: float) -> Build:
    def build(gg: Any) -> Program:
        optimiser = gg.optim.adam(RATE, B1, B2, EPSILON)
        differentiated = gg.value_and_grad(loss, has_aux=True)

        def step(model: Any, moments: Any, state: Any, key: Any, *data: Any) -> Any:
            key, own = gg.random.split(key) if rate else (key, None)
            (value, state), grads = differentiated(model, state, own, *data)
            updates, moments = optimiser.update(grads, moments, model)
            return gg.optim.apply_updates(model, updates), moments, state, key, value

        return step

    return build


def _of_jax(loss: Callable[[Any, float], Loss], rate: float) -> Build:
    """With parameters as a tuple of arrays, of a loss that is made from JAX's names."""

    def build(jax: Any) -> Program:
        differentiated = jax.value_and_grad(loss(jax, rate), has_aux=True)

        def step(params: Any, moments: Any, state: Any, key: Any, *data: Any) -> Any:
            key, own = jax.random.split(key) if rate else (key, None)
            (value, state), grads = differentiated(params, state, own, *data)
            params, moments = _adam(jax, params, moments, grads)
            return params, moments, state, key, value

        return step

    return build


def _adam(jax: Any, params: Any, moments: Any, grads: Any) -> Any:
    count, means, squares = moments
    count = count + 1
    size, root = RATE / (1 - B1**count), (1 - B2**count) ** -0.5
    means = jax.tree.map(lambda m, g: B1 * m + (1 - B1) * g, means, grads)
    squares = jax.tree.map(lambda s, g: B2 * s + (1 - B2) * g * g, squares, grads)
    params = jax.tree.map(
        lambda p, m, s: (p - size * m / (jax.numpy.sqrt(s) * root + EPSILON)).astype(p.dtype),
        params,
        means,
        squares,
    )
    return params, (count, means, squares)


def dropped(jax: Any, x: Any, key: Any, rate: float) -> Any:
    """Dropout with JAX, as its libraries write it."""
    if not rate:
        return x
    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jax.numpy.where(kept, x / (1 - rate), 0)


def _of_torch(module: Callable[[Any, Any, float], Any], rate: float) -> Build:
    """A step in place, with the optimiser that does all leaves in one kernel.

    `module` makes one whose parameters come in the order of gpugrad's, and which returns the loss.
    """

    def build(torch: Any) -> Program:
        made: list[Any] = []

        def step(params: Any, moments: Any, state: Any, key: Any, *data: Any) -> Any:
            if not made:
                network = module(torch, params, rate)
                for (_, view), value in zip(_views(torch, network), params, strict=True):
                    view.copy_(value)
                optimiser = torch.optim.Adam(
                    network.parameters(), RATE, (B1, B2), EPSILON, fused=True
                )
                made.extend((network, optimiser))
            network, optimiser = made[:2]
            optimiser.zero_grad()
            value = network(*data)
            value.backward()
            optimiser.step()
            if len(made) == 2:
                made.append(_carried(torch, network, optimiser))
            params, means, squares, state = made[2]
            return params, (moments[0] + 1, means, squares), state, key, value.detach()

        return step

    return build


def _views(torch: Any, network: Any) -> Iterator[tuple[Any, Any]]:
    """Each parameter, and a view of it in the form of gpugrad's."""
    turned = (torch.nn.Linear, torch.nn.RNNBase)
    for inner in network.modules():
        for parameter in inner.parameters(recurse=False):
            view = parameter.detach()
            yield parameter, view.T if isinstance(inner, turned) and view.ndim > 1 else view


def _carried(torch: Any, network: Any, optimiser: Any) -> tuple[Any, ...]:
    """Views of what the steps change: parameters, both means of Adam, and averages."""
    params, means, squares = [], [], []
    for parameter, view in _views(torch, network):
        params.append(view)
        for found, name in ((means, "exp_avg"), (squares, "exp_avg_sq")):
            mean = optimiser.state[parameter][name]
            found.append(mean if mean.stride() == view.stride() else mean.T)
    state = [x for name, x in network.named_buffers() if "running" in name]
    return tuple(map(tuple, (params, means, squares, state)))
